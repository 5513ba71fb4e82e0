# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything around the program fails: descriptors, disks, memory, system calls, terminals,
folders, locales, clocks. It says so in a line, ends with a status of the table, and leaves nothing."""

import errno
import fcntl
import json
import os
import re
import resource
import select
import shutil
import signal
import stat
import struct
import subprocess
import sys
import termios
import time

import leftovers
import pytest
from ipclab import NOBODY, ROOT, Lab, Result, is_sanitized, program, read_trace
from terminal import Terminal

STATUSES = {0, 1, 2, 3, 4, 5, 6}
FAULTS = os.path.join(ROOT, "tests", "fixtures", "faults")
WORK = 'spawn a b\na pipe(p)\na write(p[1], "hello")\nb getpid()\na read(p[0], x)\na print x\n'

as_root = pytest.mark.skipif(os.getuid() != 0, reason="only root can prepare this")


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of faults.so and refuse."""
    folder = tmp_path_factory.mktemp("faults")
    cc = ["cc", "-O1", "-Wall", "-Wextra"]
    so, refuse = folder / "faults.so", folder / "refuse"
    subprocess.run([*cc, "-shared", "-fPIC", "-o", so, f"{FAULTS}/faults.c", "-ldl"], check=True)
    subprocess.run([*cc, "-o", refuse, f"{FAULTS}/refuse.c"], check=True)
    for part in (folder, so, refuse):
        part.chmod(0o755)
    return folder


@pytest.fixture
def preload(built):
    if is_sanitized():
        pytest.skip("a sanitizer wants to be the first library")
    return str(built / "faults.so")


def wrapped(lab, wrapper, *args, stdin=None, env=None, timeout=30, **more):
    """Runs the program below another one (a list), and checks what every run is checked for."""
    argv = [*wrapper, *lab.command(*args)]
    given = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin.encode()}
    try:
        p = subprocess.run(argv, env=lab.environment(env), capture_output=True, timeout=timeout,
                           cwd=more.pop("cwd", lab.path("work")), check=False, **given, **more)
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"not at its end after {timeout} s: {argv}\n{late.stderr}") from None
    r = Result(argv, p.returncode, p.stdout, p.stderr, None)
    lab.check(r)
    return r


def reasoned(r, allowed=STATUSES):
    """A status of the table, and a word with it."""
    assert r.status in allowed, r
    assert r.status == 0 or r.stderr.strip(), r
    return r


def whole_lines(path):
    """Every line of a trace is JSON; its last one may not be torn either."""
    with open(path, "rb") as f:
        data = f.read()
    assert not data or data.endswith(b"\n"), f"{path} ends in the middle of a line"
    return [json.loads(line) for line in data.splitlines()]


# ---- Limits and disks ----------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 32, 48, 64])
def test_F01_few_descriptors(lab, world, limit):
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    r = reasoned(lab.run(WORK, preexec_fn=lower), {0, 5})
    assert r.status == 0 or re.search("descriptors|EMFILE", r.stderr), r
    assert r.status == 0 or limit < 32, r
    if r.status == 0:
        assert r.one("exit", call="print")["value"] == "hello"


def test_F01_later_actors_do_not_fit(lab):
    """At the limit the line fails and the session goes on."""
    limit = 64

    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    many = "".join(f"spawn x{i}\n" for i in range(limit))
    r = lab.run(None, "-k", stdin="spawn a\n" + many + "a pipe(p)\nps\n", preexec_fn=lower)
    assert r.status == 5, r
    assert re.search("descriptors|EMFILE", r.stderr), r
    assert r.returns("pipe") == [0], "a lives on"
    made = {e["actor"] for e in r.find("process", what="spawn")}
    assert 5 < len(made) < limit
    shown = set(re.findall(r"^(x\d+) ", r.stdout[r.stdout.rindex("ACTOR") :], re.M))
    assert shown == made - {"a"}, "an actor that was not made is shown, or the other way round"


@pytest.mark.parametrize("limit", [0, 1, 4096])
def test_no_core_file_is_allowed(lab, world, limit):
    """As on many servers, where nobody may raise it from 0 either."""

    def lower():
        resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))

    r = lab.run(["spawn a", "a getpid()", "a raise(SIGSEGV)"], "-k", preexec_fn=lower)
    assert r.status == 0 and r.returns("getpid", "a"), r
    assert r.one("process", actor="a", what="killed")["sig"] == "SIGSEGV", r


def test_F01_no_more_processes(lab, world, user):
    """fork fails in the launcher, in the world and in an actor."""
    if user != "nobody" and os.getuid() == 0:
        pytest.skip("root has no limit of processes")
    for limit in range(1, 12):
        argv = lab.command("--world", lab.world, "--trace", lab.new_trace(), "-k", "-c",
                           "spawn a b; a fork(c); b fork(d)")
        at = argv.index(lab.program)  # nobody's processes are counted, so the limit comes last
        argv[at:at] = ["prlimit", f"--nproc={limit}", "--"]
        p = subprocess.run(argv, env=lab.environment(), capture_output=True, timeout=30,
                           cwd=lab.path("work"), check=False)
        r = Result(argv, p.returncode, p.stdout, p.stderr, None)
        lab.check(r)
        reasoned(r, {0, 2, 5})


FULL = r"""mount -t tmpfs -o size=64k none "$1" || exit 99
shift; "$@"; status=$?
cp "$DISK"/t* "$KEEP"; exit $status"""


def fills(n=600):
    return "spawn a\n" + ('a print "' + "x" * 200 + '"\n') * n + 'a puts("last")\n'


def recording_stopped(r, path):
    """Said once, the rest of the session ran, and what is on disk are whole events."""
    assert r.status == 6, r
    said = [line for line in r.stderr.splitlines() if "recording stopped after event" in line]
    assert len(said) == 1, r
    assert "disk full" in said[0]
    last = int(re.search(r"after event (\d+)", said[0])[1])
    assert "| last" in r.stdout, r
    events = whole_lines(path)
    assert events[-1]["seq"] == last
    shown = subprocess.run([program(), "show", path], capture_output=True, check=False)
    assert shown.returncode == 0, shown
    assert b"note: " in shown.stderr


def test_F02_full_disk(lab):
    disk, keep = lab.path("disk"), lab.path("keep")
    os.mkdir(disk)
    os.mkdir(keep)
    enter = ["unshare", "-Urm", "sh", "-c", FULL, "sh", disk]
    if subprocess.run(["unshare", "-Urm", "true"], check=False).returncode != 0:
        pytest.skip("no place for a small disk: user namespaces are off")
    r = wrapped(lab, enter, "--trace", f"{disk}/t", "-", stdin=fills(),
                env={"DISK": disk, "KEEP": keep})
    recording_stopped(r, f"{keep}/t.partial")


def test_F03_file_size_limit(lab):
    size = 512 * 1024

    def lower():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    r = lab.run(None, stdin=fills(1600), preexec_fn=lower, timeout=60)
    recording_stopped(r, r.trace + ".partial")
    assert os.path.getsize(r.trace + ".partial") <= size


@pytest.mark.parametrize("size", [0, 4096, 65536])
def test_F03_tiny_file_size_limit(lab, size):
    """Too little even to start with: a reason, no SIGXFSZ."""

    def lower():
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    reasoned(lab.run(WORK, preexec_fn=lower), {0, 5, 6})


# ---- Standard descriptors ------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["lines", "json"])
def test_F05_stdout_closed_by_the_reader(lab, how):
    trace = lab.new_trace()
    p = lab.popen("--trace", trace, *(["--json"] if how == "json" else []), "-",
                  stdin=subprocess.PIPE)
    p.stdout.close()
    _, err = p.communicate(WORK.encode(), timeout=30)
    assert p.returncode in (0, 141), err
    events = read_trace(trace)
    assert events[-1]["ev"] == "end"
    assert [e["value"] for e in events if e["ev"] == "exit" and e["call"] == "print"] == ["hello"]


def cpu_seconds(p):
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize("what", ["closed", "/dev/null", "/", "writeonly"])
def test_F06_stdin(lab, what):
    def close():
        os.close(0)

    more = {}
    if what == "closed":
        more["preexec_fn"] = close
    elif what == "writeonly":
        more["stdin"] = os.open("/dev/null", os.O_WRONLY)
    else:
        more["stdin"] = os.open(what, os.O_RDONLY)
    p = lab.popen("--trace", lab.new_trace(), **more)
    used = cpu_seconds(p)
    err = p.stderr.read()
    if isinstance(more.get("stdin"), int):
        os.close(more["stdin"])
    assert p.returncode == (2 if what == "/" else 0 if what != "writeonly" else p.returncode), err
    assert p.returncode in (0, 2)
    if what == "/":
        assert b"directory" in err
    assert used < 1, f"{used} s of CPU for nothing"


@pytest.mark.parametrize("closed", range(1, 8))
def test_F07_standard_descriptors_closed(lab, world, closed):
    """Nothing that is written to 1 or 2 may end in a file that took their number."""

    def close():
        for fd in range(3):
            if closed & 1 << fd:
                os.close(fd)

    trace = lab.new_trace()
    p = lab.popen("--trace", trace, "--world", world, "-c", WORK + "a nonsense(1)",
                  preexec_fn=close)
    p.communicate(timeout=30)
    assert p.returncode == 2
    events = whole_lines(trace)
    assert [e["seq"] for e in events] == list(range(len(events)))
    assert [e["value"] for e in events if e["ev"] == "exit" and e["call"] == "print"] == ["hello"]
    assert events[-1]["ev"] == "end"


# ---- Terminal ------------------------------------------------------------------------------------

# A job control shell that knows one job: starts it in the foreground of the terminal on 0, tells
# what becomes of it on 9, and brings it back on "fg".
JOBS = r"""
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
mine = termios.tcgetattr(0)
pid = os.fork()
if pid == 0:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    signal.signal(signal.SIGTTOU, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
try:
    os.setpgid(pid, pid)
except OSError:
    pass
while True:
    _, status = os.waitpid(pid, os.WUNTRACED)
    stopped = os.WIFSTOPPED(status)
    os.tcsetpgrp(0, os.getpgrp())
    calm = termios.tcgetattr(0) == mine
    os.write(9, b"%s %d %d\n" % (b"stopped" if stopped else b"ended", calm, status))
    if not stopped:
        break
    os.read(8, 1)
    os.tcsetpgrp(0, pid)
    os.kill(-pid, signal.SIGCONT)
"""


class Job(Terminal):
    """A session as the job of a shell, so that ^Z stops it."""

    def __init__(self, lab, *args):
        self.told, tell = os.pipe()
        order, self.order = os.pipe()
        python = Lab.command(lab, *args)
        lab_command, lab.command = lab.command, lambda *_: [sys.executable, "-c", JOBS, *python]
        fds = []
        for fd in (order, tell):  # far from 8 and 9, which may be what they are
            fds.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 20))
            os.close(fd)
        real = subprocess.Popen

        def with_pipes(argv, preexec_fn=None, **more):
            def prepare():
                os.dup2(fds[0], 8)
                os.dup2(fds[1], 9)

            return real(argv, preexec_fn=prepare, pass_fds=(8, 9), **more)

        subprocess.Popen = with_pipes
        try:
            super().__init__(lab, *args)
        finally:
            subprocess.Popen = real
            lab.command = lab_command
            for fd in fds:
                os.close(fd)

    def tells(self, seconds=10):
        """What became of the job: a word, and whether the terminal was put right."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            ready, _, _ = select.select([self.told, self.master], [], [], 0.1)
            if self.told in ready:
                word, calm, _ = os.read(self.told, 200).decode().split()[:3]
                return word, calm == "1"
            if self.master in ready:
                self._read(0)
        raise AssertionError(f"nothing became of the job in {seconds} s\n{self.text}")

    def foreground(self):
        os.write(self.order, b"f")

    def __exit__(self, *how):
        super().__exit__(*how)
        os.close(self.told)
        os.close(self.order)


def test_F09_stop_and_continue(lab):
    with Job(lab, "--trace", lab.new_trace()) as t:
        t.wait("ipclab> ")
        t.line("spawn a", r"a  \(new process")
        t.wait("ipclab> ")
        for i in range(20):
            t.type("\x1a")
            assert t.tells() == ("stopped", True), t.text
            t.foreground()
            t.line(f"a puts({i})" if i < 0 else f'a puts("back {i}")', rf"\| back {i}")
            t.wait("ipclab> ")
        t.type("\x04")
        assert t.tells() == ("ended", True), t.text


def test_F10_terminal_hangs_up(lab):
    trace = lab.new_trace()
    t = Terminal(lab, "--trace", trace)
    with t:
        t.wait("ipclab> ")
        t.line("spawn a b", r"b  \(new process")
        t.line("a pipe(p)", r"pipe\(p\) = 0")
        os.close(t.slave)
        os.close(t.master)
        t.slave = t.master = os.open("/dev/null", os.O_RDONLY)
        t.slave = os.dup(t.master)
        assert leftovers.until(lambda: t.process.poll() is not None, 5), "lives on without terminal"
        assert t.process.returncode in (0, 129, -1)
        assert leftovers.until(lambda: not leftovers.processes(lab.marker), 2)
    events = read_trace(trace)
    assert [e["ret"] for e in events if e["ev"] == "exit"] == [0]


def test_F11_window_sizes(lab):
    with Terminal(lab, "--trace", lab.new_trace()) as t:
        t.wait("ipclab> ")
        t.line("spawn a", r"a  \(new process")
        t.type('a puts("ke')
        for i in range(1000):
            rows, columns = ((0, 0), (1, 1), (5000, 5000), (24, 80))[i % 4]
            size = struct.pack("HHHH", rows, columns, 0, 0)
            fcntl.ioctl(t.slave, termios.TIOCSWINSZ, size)
            os.kill(t.process.pid, signal.SIGWINCH)
            while t._read(0):
                pass
        t.line('pt")', r"\| kept")
        t.wait("> ")
        t.type("\x04")
        assert t.end() == 0


def test_F11_tiny_window(lab):
    for rows, columns in ((0, 0), (1, 1), (2, 3)):
        with Terminal(lab, "--trace", lab.new_trace(), rows=rows, columns=columns) as t:
            t.wait("leaves")
            t.line("spawn a", "new process")
            t.line("quit")
            assert t.end() == 0, t.text


# ---- What is inherited ---------------------------------------------------------------------------


def test_F15_hostile_inheritance(lab, world):
    fds = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]

    def hostile():
        os.umask(0o777)
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, set(range(1, 64)))
        os.nice(19)
        for fd in fds:
            os.set_inheritable(fd, True)

    script = ('spawn a; a pipe(p); a write(p[1], "x"); a fork(c); c exit(3); a waitpid(c, st); '
              'a f = open("made", O_CREAT|O_RDWR, 0666); a fstat(f); a pipe(q); '
              "a close(p[0]); a write(q[1], \"y\")")
    plain = lab.run(script, "--stable").ok()
    r = lab.run(script, "--stable", preexec_fn=hostile, close_fds=False).ok()
    for fd in fds:
        os.close(fd)
    with open(plain.trace) as a, open(r.trace) as b:
        assert a.read() == b.read(), "what was inherited shows in the trace"
    assert r.one("process", what="exit", actor="c")["status"] == 3
    r.one("process", what="reaped", actor="c")
    mode = os.stat(r.trace).st_mode
    assert mode & stat.S_IRUSR, "the trace cannot be read by who made it"


@pytest.mark.serial
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare(1)")
@pytest.mark.parametrize("limit,value,script,error", [
    ("shmmni", 2, "a shmget(1, 9, IPC_CREAT|0600); a shmget(2, 9, IPC_CREAT|0600); "
                  "a shmget(3, 9, IPC_CREAT|0600)", "ENOSPC"),
    ("shmall", 2, "a shmget(1, 9, IPC_CREAT|0600); a shmget(2, 9000, IPC_CREAT|0600)", "ENOSPC"),
    ("shmmax", 100, "a shmget(1, 9, IPC_CREAT|0600); a shmget(2, 101, IPC_CREAT|0600)", "EINVAL"),
])
def test_F17_limits_of_the_kernel(lab, limit, value, script, error):
    """The name of the limit and its value are said; the failure is an event like any other."""
    # Shared in a namespace of its own: a sealed world would come with the usual limits.
    enter = ["unshare", "-Uri", "sh", "-c", f'echo {value} >/proc/sys/kernel/{limit} && exec "$@"',
             "sh"]
    if subprocess.run([*enter, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("the limits of a namespace cannot be set here")
    trace = lab.new_trace()
    r = wrapped(lab, enter, "--world", "shared", "--trace", trace, "-c", f"spawn a; {script}")
    assert r.status == 0, r
    last = [e for e in read_trace(trace) if e["ev"] == "exit"][-1]
    assert last["errno"] == error
    assert f"kernel.{limit}" in r.stdout, r


def have_user_namespaces(*options):
    return subprocess.run(["unshare", "-Ur", *options, "true"], capture_output=True,
                          check=False).returncode == 0


SHM = {
    "full": "mount -t tmpfs -o size=4k none /dev/shm && head -c 4096 /dev/zero >/dev/shm/full",
    "read-only": "mount -t tmpfs -o ro none /dev/shm",
    "missing": "d=$(mktemp -d) && mount -t tmpfs none $d && touch $d/null $d/zero $d/urandom && "
               "mount --bind /dev/null $d/null && mount --bind /dev/zero $d/zero && "
               "mount --bind /dev/urandom $d/urandom && mount --rbind $d /dev",
}


@pytest.mark.parametrize("kind", SHM)
def test_F19_dev_shm(lab, world, kind):
    """Who uses System V and pipes does not need /dev/shm."""
    if not have_user_namespaces("-m"):
        pytest.skip("user namespaces are off")
    enter = ["unshare", "-Urm", "sh", "-c", f'TMPDIR={lab.folder}; export TMPDIR; {SHM[kind]} && '
             'unset TMPDIR && exec "$@"', "sh"]
    trace = lab.new_trace()
    r = wrapped(lab, enter, "--trace", trace, "--world", world, "-c",
                "spawn a; a id = shmget(IPC_PRIVATE, 9, IPC_CREAT|0600); a m = shmat(id); "
                'a strcpy(m, "x"); a print m; a shmctl(id, IPC_RMID)')
    assert r.status == 0, r
    assert [e["value"] for e in read_trace(trace) if e.get("call") == "print" and e["ev"] == "exit"
            ] == ["x"]


# ---- No namespaces -------------------------------------------------------------------------------

NO_NAMESPACES = {
    "limit 0": None,
    "user EPERM": ["user", errno.EPERM],
    "user ENOSYS": ["user", errno.ENOSYS],
    "mount EPERM": ["mount", errno.EPERM],
}


@pytest.mark.serial
@pytest.mark.parametrize("how", NO_NAMESPACES)
def test_F21_no_user_namespaces(lab, built, how):
    if NO_NAMESPACES[how] is None:
        if not have_user_namespaces():
            pytest.skip("user namespaces are off: every other test runs so")
        wrapper = ["unshare", "-Ur", "sh", "-c",
                   'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"', "sh"]
    else:
        what, number = NO_NAMESPACES[how]
        wrapper = [str(built / "refuse"), what, str(number)]
    trace = lab.new_trace()
    r = wrapped(lab, wrapper, "--trace", trace, "-c", WORK)
    assert r.status == 0, r
    lines = r.stderr.splitlines()
    assert len(lines) == 1, r
    assert re.fullmatch(r"ipclab: isolation: reduced \(.+\).*", lines[0])
    events = read_trace(trace)
    assert events[0]["world"] == "shared"
    assert events[0]["why_shared"] in lines[0]
    assert [e["value"] for e in events if e.get("call") == "print" and e["ev"] == "exit"
            ] == ["hello"]
    # Who insists is refused, and who asked for it is not told.
    r = wrapped(lab, wrapper, "--world", "sealed", "--trace", lab.new_trace(), "-c", WORK)
    assert r.status == 5, r
    r = wrapped(lab, wrapper, "--world", "shared", "--trace", lab.new_trace(), "-c", WORK)
    assert (r.status, r.stderr) == (0, ""), r
    r = wrapped(lab, wrapper, "doctor")
    assert r.status == 0, r
    assert re.search(r"^note +sealed worlds", r.stdout, re.M), r


@as_root
def test_F21_masked_proc(lab):
    """Containers that cover parts of /proc forbid to mount a new one: sealed all the same."""
    ids = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    with_user = Lab(lab.marker, as_user=True)
    try:
        trace = with_user.new_trace()
        argv = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc/fs && exec "$@"', "sh"]
        assert with_user.command()[:1] == ids[:1]
        r = wrapped(with_user, argv, "--trace", trace, "-c", WORK)
        assert r.status == 0, r
        events = read_trace(trace)
        assert [e["value"] for e in events if e.get("call") == "print" and e["ev"] == "exit"
                ] == ["hello"]
        reduced = "isolation: reduced" in r.stderr
        assert reduced == (events[0]["world"] == "shared"), r
    finally:
        with_user.release()


# ---- Folders -------------------------------------------------------------------------------------


def odd_folder(lab, kind):
    base = lab.path("work", "odd")
    os.mkdir(base)
    if kind == "long":
        fd = os.open(base, os.O_RDONLY)
        for _ in range(20):  # beyond PATH_MAX
            os.mkdir("d" * 250, dir_fd=fd)
            next_fd = os.open("d" * 250, os.O_RDONLY, dir_fd=fd)
            os.close(fd)
            fd = next_fd
        return fd
    if kind == "named":
        here = os.path.join(base, "a\nb\x1b]0;x\x07c")
        os.mkdir(here)
    else:
        here = base
    fd = os.open(here, os.O_RDONLY)
    if kind == "read-only":
        os.chmod(here, 0o555)
    elif kind == "no listing":
        os.chmod(here, 0o311)
    elif kind == "deleted":
        os.rmdir(here)
    return fd


@pytest.mark.parametrize("kind", ["read-only", "no listing", "deleted", "long", "named"])
def test_F22_working_directory(lab, world, user, kind):
    fd = odd_folder(lab, kind)
    if lab.uid is not None and kind not in ("deleted",):
        os.fchown(fd, lab.uid, lab.uid)
    enter = [sys.executable, "-c", "import os, sys; os.fchdir(int(sys.argv[1])); "
             "os.execvp(sys.argv[2], sys.argv[2:])", str(fd)]
    try:
        script = WORK + 'a f = open("mine", O_CREAT|O_RDWR, 0600)\na write(f, "x")\n'
        r = wrapped(lab, enter, "--world", world, "-", stdin=script, pass_fds=[fd])
        assert r.status == 0, r
        (name,) = os.listdir(lab.path("state", "ipclab", "sessions"))
        events = read_trace(lab.path("state", "ipclab", "sessions", name))
        assert events[-1]["ev"] == "end"
        r = wrapped(lab, enter, "--world", world, "--trace", "rel.trace", "-c", "", pass_fds=[fd])
        reasoned(r, {0, 2})
        r = wrapped(lab, enter, "--world", world, "nowhere.ipc", pass_fds=[fd])
        assert r.status == 2, r
        r = wrapped(lab, enter, "--world", world, "--plugin-path", ".", "-c", "spawn a",
                    pass_fds=[fd])
        reasoned(r, {0, 2, 5})
    finally:
        if kind != "deleted":
            os.fchmod(fd, 0o700)
        os.close(fd)
        if kind == "long":
            subprocess.run(["rm", "-rf", lab.path("work", "odd")], check=False)


HOMES = {
    "none": {"HOME": None},
    "missing": {"HOME": "/nonexistent/home"},
    "relative": {"HOME": "here/it/is"},
    "empty": {"HOME": ""},
    "a file": {"HOME": "/etc/passwd"},
    "a device": {"HOME": "/dev/null"},
    "very long": {"HOME": "/" + "h" * 5000},
    "escapes": {"HOME": "/nonexistent\x1b]0;x\x07/home"},
}


@pytest.mark.serial  # some of the folders are everybody's
@pytest.mark.parametrize("kind", HOMES)
def test_F23_home(lab, world, user, kind):
    env = {"XDG_STATE_HOME": None, "XDG_RUNTIME_DIR": None, "XDG_DATA_HOME": None,
           "XDG_CONFIG_HOME": None, **HOMES[kind]}
    try:
        r = lab.call("--world", world, "-c", WORK, env=env)
        assert r.status == 0, r
        assert "= \"hello\"" in r.stdout
        others = [x for x in r.stderr.splitlines() if "isolation" not in x]
        assert len(others) <= 1, r
        assert not os.path.exists(lab.path("work", "here")), "a relative HOME was used"
    finally:
        if os.path.isdir("/nonexistent/home"):  # root may make even that
            shutil.rmtree("/nonexistent")
        if os.path.isdir("/nonexistent\x1b]0;x\x07"):
            shutil.rmtree("/nonexistent\x1b]0;x\x07")


@pytest.mark.parametrize("kind", ["fifo", "folder", "symlink", "device", "directory missing"])
def test_F23_trace_file_is_odd(lab, kind):
    """Nothing is waited for, followed or overwritten."""
    trace = lab.path("work", "t")
    victim = lab.write("victim", "precious")
    for path in (trace, trace + ".partial"):
        for old in (trace, trace + ".partial"):
            if os.path.isdir(old):
                os.rmdir(old)
            elif os.path.lexists(old):
                os.unlink(old)
        if kind == "fifo":
            os.mkfifo(path)
        elif kind == "folder":
            os.mkdir(path)
        elif kind == "symlink":
            os.symlink(victim, path)
        elif kind == "device":
            os.symlink("/dev/null", path)
        name = lab.path("work", "no", "t") if kind == "directory missing" else trace
        r = lab.call("--trace", name, "-c", "spawn a")
        if kind == "symlink" and path == trace:
            reasoned(r, {0, 2})
        else:
            assert r.status == 2, r
            assert "trace" in r.stderr
            assert "new process" not in r.stdout
        with open(victim) as f:
            assert f.read() == "precious" or (kind == "symlink" and path == trace)


# ---- Locale, clock, environment ------------------------------------------------------------------


@pytest.fixture(scope="session")
def locales(tmp_path_factory):
    """A folder with locales that few machines have, or None."""
    folder = tmp_path_factory.mktemp("locales")
    folder.chmod(0o755)
    for name, where, code in (("tr_TR.UTF-8", "tr_TR", "UTF-8"),
                              ("de_DE.ISO-8859-1", "de_DE", "ISO-8859-1")):
        if shutil.which("localedef") is None:
            return None
        subprocess.run(["localedef", "-i", where, "-f", code, str(folder / name)],
                       capture_output=True, check=False)
    return folder


def test_F25_locales(lab, locales):
    script = b"".join(
        b'a puts("%s")\n' % x
        for x in (b"\xff\xfe", b"\xc0\xaf", "\u0130I\u0131i \u00e9".encode(), b"\xe9", b"\xc2\x9b")
    )
    script = b"spawn a\n" + script + b'a print 1000000\na printf("%d %s", 1234567, "x")\n'
    script += b"a IPC_CREAT\nINTERRUPT\na print 0xI\na x = 1,5\n"
    first = None
    for name in ("C", "C.UTF-8", "xx_YY.NOPE", "tr_TR.UTF-8", "de_DE.ISO-8859-1"):
        env = {"LC_ALL": name}
        if locales is not None:
            env["LOCPATH"] = str(locales)
        r = lab.run(None, "-k", "--stable", stdin=script, env=env)
        assert r.status == 2, r
        with open(r.trace, "rb") as f:
            data = f.read()
        first = first or data
        assert data == first, f"LC_ALL={name} changes the trace"
        if name in ("C", "xx_YY.NOPE", "de_DE.ISO-8859-1"):
            assert all(byte < 128 for byte in r.raw_stdout + r.raw_stderr), r


@pytest.mark.parametrize("env", [
    {"FAULT_CLOCK": "86400"}, {"FAULT_CLOCK_AT": "0"}, {"FAULT_CLOCK_AT": "4294967296"},
], ids=["jumps", "1970", "2106"])
def test_F26_clock(lab, world, preload, env):
    """Limits and sleeps go by a clock that nobody sets."""
    start = time.monotonic()
    r = lab.run("spawn a; a nanosleep(0, 20000000); a getpid()", "--timeout", "5",
                env={**env, "LD_PRELOAD": preload}).ok()
    assert r.returns("nanosleep") == [0]
    assert time.monotonic() - start < 5
    # A name for the session's trace is found too.
    assert lab.call("--world", world, "-c", WORK, env={**env, "LD_PRELOAD": preload}).status == 0


HOSTILE = {
    "LUA_INIT": "error('LUA_INIT was run')", "LUA_INIT_5_4": "os.exit(77)", "LUA_PATH": "./?.lua",
    "BASH_ENV": "/dev/zero", "ENV": "/dev/zero", "IFS": "/ab", "PATH": ".:", "POSIXLY_CORRECT": "1",
    "IPCLAB_PLUGIN_PATH": ".:/tmp:relative::/nonexistent", "IPCLAB_DEBUG": "1" * 1000,
    "IPCLAB_TEST_OTHER": "x" * 100_000, "IPCLAB": "x" * 100_000, "COLUMNS": "-5", "LINES": "x",
    "TMPDIR": "/nonexistent", "TERM": "\x1b[2J", "TZ": ":/dev/zero", "MALLOC_ARENA_MAX": "0",
    "IPCLAB_SESSION": "../../x\n1-1", "NO_COLOR": "", "PAGER": "touch pwned", "EDITOR": "touch pwned",
    "LD_LIBRARY_PATH": ".", "GCONV_PATH": ".", "LANGUAGE": "../../x",
}


def test_F27_hostile_environment(lab, world):
    plain = lab.run(WORK, "--stable").ok()
    r = lab.run(WORK, "--stable", env=HOSTILE).ok()
    with open(plain.trace) as a, open(r.trace) as b:
        assert a.read() == b.read(), "the environment shows in the trace"
    assert "LUA_INIT" not in r.stderr
    assert sorted(os.listdir(lab.path("work"))) == ["1.trace", "2.trace"]


def test_F27_many_variables(lab, world):
    def raise_stack():
        hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
        resource.setrlimit(resource.RLIMIT_STACK, (hard, hard))

    env = {f"V{i}": "" for i in range(60_000)}
    r = lab.run(WORK, env=env, preexec_fn=raise_stack).ok()
    assert r.one("exit", call="print")["value"] == "hello"


def test_F27_preload_of_nothing(lab, world):
    r = lab.run(WORK, env={"LD_PRELOAD": "/nonexistent.so", "LD_AUDIT": "/nonexistent.so"}).ok()
    assert r.one("exit", call="print")["value"] == "hello"


@pytest.mark.parametrize("text", ["$include /dev/zero\n", "\0" * 5000,
                                  '"\\C-x": "spawn evil\\n"\n' * 2000],
                         ids=["endless", "zeros", "macros"])
def test_F27_inputrc(lab, text):
    rc = lab.write("inputrc", text)
    with Terminal(lab, "--trace", lab.new_trace(), env={"INPUTRC": rc}) as t:
        t.wait("ipclab> ")
        t.line("spawn a", r"a  \(new process")
        t.wait("ipclab> ")
        t.type("\x04")
        assert t.end() == 0, t.text


def test_F28_no_argv(lab, built):
    r = wrapped(lab, [str(built / "refuse"), "argc", "0"])
    reasoned(r, {0, 2})


# ---- Memory and system calls ---------------------------------------------------------------------


def spread(most, n):
    """Up to n numbers from 1 to most, dense at the start."""
    found = {1, 2, 3, most}
    for i in range(n):
        found.add(1 + int((most - 1) * (i / n) ** 1.5))
    return sorted(k for k in found if 1 <= k <= most)


@pytest.mark.parametrize("goes_on", [False, True], ids=["once", "from-then-on"])
def test_F29_allocations_fail(lab, world, preload, goes_on):
    """The k-th of every process, for k up to beyond the last that any of them asks for."""
    count = lab.path("work", "count")
    lab.run(WORK, env={"LD_PRELOAD": preload, "FAULT_MALLOC_COUNT": count}).ok()
    with open(count) as f:
        most = max(int(line) for line in f) + 40
    seen = set()
    for k in spread(most, 45):
        env = {"LD_PRELOAD": preload, "FAULT_MALLOC": str(k)}
        if goes_on:
            env["FAULT_MALLOC_ON"] = "1"
        start = time.monotonic()
        r = lab.run(WORK, env=env)
        # An actor that has no memory dies, as any program would; a line for it is then refused.
        said = (r.stdout + r.stderr).lower()
        why = "memory" in said or "plugin refused" in said
        assert r.status in (0, 5) or (r.status == 2 and why), f"allocation {k}\n{r}"
        assert time.monotonic() - start < 10, f"allocation {k}\n{r}"
        seen.add(r.status)
        if r.status == 0 and "memory" not in said:
            assert r.one("exit", call="print")["value"] == "hello", f"allocation {k}\n{r}"
    assert 5 in seen, "no allocation was made to fail"


@pytest.mark.serial
def test_F29_cleaning_up_without_memory(lab, preload):
    """Whoever has no memory left still ends what it has stopped: at each allocation in turn, none
    is given any more to launcher, first process and actors, and none of them stays behind."""
    for k in range(60, 300):
        env = {"LD_PRELOAD": preload, "FAULT_MALLOC": str(k), "FAULT_MALLOC_ON": "1"}
        r = lab.run(WORK, env=env, world="shared")
        gone = leftovers.until(lambda: not leftovers.processes(lab.marker))
        assert gone, f"allocation {k}\n{r}"


INJECT = {
    "clone": ["EAGAIN"], "clone3": ["EAGAIN", "EPERM"], "vfork": ["EAGAIN"],
    "openat": ["EMFILE", "ENOENT"], "write": ["ENOSPC", "EINTR"], "read": ["EINTR", "EIO"],
    "mount": ["EPERM", "ENOMEM"], "mount_setattr": ["ENOSYS"], "socketpair": ["EMFILE"],
    "socket": ["EAFNOSUPPORT"], "ioctl": ["EPERM"], "prctl": ["EINVAL"], "rt_sigprocmask": ["EINVAL"],
    "rt_sigaction": ["EINVAL"], "signalfd4": ["EMFILE"], "poll": ["EINTR", "ENOMEM"],
    "ppoll": ["EINTR"], "epoll_create1": ["EMFILE"], "epoll_ctl": ["ENOMEM"],
    "epoll_pwait": ["EINTR"], "epoll_wait": ["EINTR"], "wait4": ["EINTR"], "waitid": ["EINTR"],
    "execve": ["ENOENT", "ENOMEM"], "pipe2": ["EMFILE"], "memfd_create": ["EMFILE"],
    "mmap": ["ENOMEM"],
    "sendmsg": ["EINTR", "ENOBUFS"], "recvmsg": ["EINTR", "ENOMEM"],
    "pwrite64": ["ENOSPC", "EINTR"], "pread64": ["EIO"], "flock": ["ENOLCK"], "ftruncate": ["EFBIG"],
    "fdatasync": ["EIO"], "rename": ["EXDEV"], "mkdirat": ["ENOSPC"], "mkdir": ["ENOSPC"],
    "chdir": ["EACCES"], "setsid": ["EPERM"], "capset": ["EPERM"], "prlimit64": ["EPERM"],
    "pidfd_open": ["EMFILE"], "pidfd_send_signal": ["EPERM"], "dup2": ["EBUSY"], "fcntl": ["EMFILE"],
    "newfstatat": ["EACCES"], "getrandom": ["EINTR"], "close_range": ["ENOSYS"],
    "sched_setaffinity": ["EPERM"], "kcmp": ["ENOSYS"], "process_vm_readv": ["EPERM"],
    "userfaultfd": ["EPERM"], "setrlimit": ["EPERM"], "umask": ["EPERM"], "uname": ["EPERM"],
}


def strace_works():
    return shutil.which("strace") is not None and subprocess.run(
        ["strace", "-f", "-qq", "-o", "/dev/null", "true"], capture_output=True, check=False
    ).returncode == 0


def calls_made(lab, options, script):
    """{system call: (how often the dynamic loader made it, the most that one process made)} in a
    run that nothing disturbs."""
    log = lab.path("work", "calls")
    r = wrapped(lab, ["strace", "-f", "-qq", "-o", log], *options, "-c", script)
    assert r.status == 0, r
    counts, loader, shell, loading = {}, {}, None, True
    with open(log, errors="replace") as f:
        for line in f:
            m = re.match(r"(\d+) +(\w+)\(", line)
            if not m:
                continue
            shell = shell or m[1]
            # The first that main() does. Where the loader itself fails nothing of ours runs yet.
            loading = loading and '"/dev/null", O_RDWR' not in line
            if loading and m[1] == shell:
                loader[m[2]] = loader.get(m[2], 0) + 1
            counts.setdefault(m[2], {}).setdefault(m[1], 0)
            counts[m[2]][m[1]] += 1
    return {name: (loader.get(name, 0), max(by.values())) for name, by in counts.items()}


def inject(lab, what, number, k, options, script):
    """One run in which the k-th such call of every process fails."""
    trace = lab.new_trace()
    where = f"{what} number {k} fails with {number}"
    argv = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={what}", "-e",
            f"inject={what}:error={number}:when={k}",
            *lab.command("--trace", trace, *options, "-c", script)]
    start = time.monotonic()
    p = subprocess.Popen(argv, env=lab.environment(), stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=lab.path("work"))
    try:
        out, err = p.communicate(timeout=8)
        wrong = None
    except subprocess.TimeoutExpired:
        leftovers.kill(leftovers.processes(lab.marker))
        out, err = p.communicate()
        wrong = "hangs"
    r = Result(argv, p.returncode, out, err, None)
    seconds = time.monotonic() - start
    if wrong is None and r.status not in STATUSES:
        wrong = f"ends with {r.status}"
    if wrong is None and r.status != 0 and not err.strip() and what != "write":
        wrong = f"ends with {r.status} and no word"
    if wrong is None and seconds >= 3:
        wrong = f"takes {seconds:.1f} s"
    for path in (trace, trace + ".partial"):
        if os.path.exists(path):
            with open(path, "rb") as f:
                for line in f.read().split(b"\n")[:-1]:
                    json.loads(line)
    if wrong is None and not leftovers.until(lambda: not leftovers.processes(lab.marker), 2):
        wrong = f"leaves {leftovers.processes(lab.marker)}"
        leftovers.kill(leftovers.processes(lab.marker))
    return f"{where}: {wrong}\n{r.stderr}" if wrong else None


def injected(lab, options, part, parts):
    script = 'spawn a; a pipe(p); a fork(c); c write(p[1], "x"); a read(p[0], b)'
    made = calls_made(lab, ["--trace", lab.new_trace(), *options], script)
    cases = []
    for what, numbers in INJECT.items():
        loader, most = made.get(what, (0, 0))
        for k in spread(most - loader, 2):
            cases += [(what, number, loader + k) for number in numbers]
    assert len(cases) > 100
    wrong = [inject(lab, *case, options, script) for case in cases[part::parts]]
    assert not any(wrong), "\n".join(w for w in wrong if w)


traced = pytest.mark.skipif(
    not strace_works() or is_sanitized(),
    reason="needs strace(1), the right to trace, and a build without sanitizers",
)


@traced
@pytest.mark.parametrize("part", range(8))
def test_F30_system_calls_fail(lab, part):
    injected(lab, ["--world", "sealed"], part, 8)


@traced
@pytest.mark.serial
def test_F30_system_calls_fail_in_a_shared_world(lab):
    injected(lab, ["--world", "shared"], 3, 12)
    assert lab.run("", world="shared").status == 0  # the next start takes away what was left


# ---- Other sessions ------------------------------------------------------------------------------


@pytest.mark.plain
def test_F31_limit_of_memory(lab):
    """RLIMIT_AS over a whole session: whoever has no memory any more says so and goes."""
    seen = set()
    for mib in (12, 14, 16, 20, 24, 32, 64, 256):  # with less the dynamic loader itself gives up

        def lower():
            resource.setrlimit(resource.RLIMIT_AS, (mib << 20, mib << 20))

        r = lab.call("-c", WORK, preexec_fn=lower, raw=True)
        assert r.status in (0, 5, 127) or "memory" in r.stdout + r.stderr, r
        seen.add(r.status)
    assert 0 in seen


def test_F33_two_sessions_one_trace(lab, world):
    trace = lab.new_trace()
    first = lab.popen("--world", world, "--trace", trace, "-", stdin=subprocess.PIPE)
    first.stdin.write(b"spawn a\n")
    first.stdin.flush()
    assert leftovers.until(lambda: read_trace(trace)[1:], 10)
    second = lab.call("--world", world, "--trace", trace, "-c", "spawn intruder")
    assert second.status == 2, second
    assert str(first.pid) in second.stderr, second
    _, err = first.communicate(b"a getpid()\n", timeout=30)
    assert first.returncode == 0, err
    events = whole_lines(trace)
    assert events[-1]["ev"] == "end"
    assert [e["seq"] for e in events] == list(range(len(events)))
    assert not [e for e in events if e.get("actor") == "intruder"]
    # Free again, and what a crash left is overwritten only when nobody holds it.
    assert lab.call("--world", world, "--trace", trace, "-c", "").status == 0


def in_the_middle(lab, *env):
    """A session in a shared world that has made a segment, a file and a child, and waits."""
    trace = lab.new_trace()
    p = lab.popen("--world", "shared", "--trace", trace, "-", stdin=subprocess.PIPE)
    p.stdin.write(b"spawn a b\na id = shmget(IPC_PRIVATE, 9, IPC_CREAT|0600)\na m = shmat(id)\n"
                  b'a f = open("mine", O_CREAT|O_RDWR, 0600)\na fork(c)\nb pipe(p)\nb read(p[0], x)\n')
    p.stdin.flush()
    assert leftovers.until(
        lambda: [e for e in read_trace(trace) if e["ev"] == "block"], 10
    ), read_trace(trace)
    return p, trace


def kill_all(lab):
    """SIGKILL for all, until nobody is left."""

    def gone():
        leftovers.kill(leftovers.processes(lab.marker))
        return not leftovers.processes(lab.marker)

    assert leftovers.until(gone, 5)


def ours(before):
    return leftovers.objects({os.getuid(), NOBODY}) - before


@pytest.mark.serial
def test_F34_stale_session(lab):
    before = leftovers.objects({os.getuid(), NOBODY})
    p, trace = in_the_middle(lab)
    kill_all(lab)
    p.wait()
    stale = ours(before)
    assert stale, "there was nothing to leave behind: this test looks at nothing"
    events = read_trace(trace)
    assert events[-1]["ev"] != "end"
    shown = lab.call("show", trace + ".partial")
    assert shown.status == 0, shown
    # The next start removes it, and so does the one after that: there is nothing any more.
    for _ in range(2):
        assert lab.run("", world="shared").status == 0
        assert not ours(before)
    assert not os.listdir(lab.path("run", "ipclab"))


@pytest.mark.serial
def test_F34_other_sessions_are_left_alone(lab):
    """What a living session holds is not swept by another's start."""
    p, trace = in_the_middle(lab)
    assert lab.run("spawn a", world="shared").status == 0
    _, err = p.communicate(b"- a shmget(IPC_PRIVATE, 8, IPC_CREAT|0600)\na strcpy(m, \"x\")\n"
                           b"a print m\n", timeout=30)
    events = read_trace(trace)
    assert [e["value"] for e in events if e.get("call") == "print" and e["ev"] == "exit"] == ["x"]
    assert p.returncode == 0, err


@pytest.mark.serial
@pytest.mark.parametrize("text", [
    b"\0" * 4096, b"x" * 100_000, b"session 1-1\nshm 0 0 1\n", b"\xff\xfe\n" * 100,
    b"dir 0 /etc\ndir 0 /tmp\ndir 0 ../../..\n", b"kill 1\nshm 1\n" * 1000, b"",
])
def test_F34_forged_ledger(lab, text):
    """A ledger is only read: nothing that it names is touched unless it is ours and looks so."""
    victim = lab.path("work", "victim")
    os.mkdir(victim)
    folder = lab.path("run", "ipclab")
    os.mkdir(folder, 0o700)
    for name in ("1-1", "1-1.ledger", "999999-1", ".x", "1-1.jsonl"):
        with open(os.path.join(folder, name), "wb") as f:
            f.write(text + b"\ndir 0 " + victim.encode() + b"\n")
    os.symlink(victim, os.path.join(folder, "2-2"))
    os.mkfifo(os.path.join(folder, "3-3"))
    r = lab.run("spawn a", world="shared")
    assert r.status == 0, r
    assert os.path.isdir(victim)
    assert os.path.isdir("/etc") and os.path.isdir("/tmp")


def attack(path, how, uid):
    if how == "other owner":
        os.mkdir(path, 0o700)
    elif how == "symlink":
        os.symlink("/etc", path)
    elif how == "mode 0777":
        os.mkdir(path)
        os.chmod(path, 0o777)
    else:
        with open(path, "w") as f:
            f.write("x")
    if how in ("other owner", "mode 0777"):  # who ends takes an empty folder away
        open(os.path.join(path, "theirs"), "w").close()
    if how == "other owner":
        os.chown(path, 1, 1)
    if how in ("mode 0777", "a file") and uid is not None:
        os.chown(path, uid, uid)


@pytest.mark.serial
@pytest.mark.parametrize("how", ["other owner", "symlink", "mode 0777", "a file"])
def test_F35_folders_made_by_others(lab, user, how):
    """A folder that is not ours alone is not used, whichever way it came there."""
    if how == "other owner" and os.getuid() != 0:
        pytest.skip("only root can make a folder of somebody else")
    uid = os.getuid() if lab.uid is None else lab.uid
    tmp = f"/tmp/ipclab-{uid}"
    if os.path.lexists(tmp):
        pytest.skip("another session uses the folder in /tmp at the moment")
    paths = [lab.path("state", "ipclab"), lab.path("run", "ipclab"), tmp]
    try:
        for path in paths:
            attack(path, how, lab.uid)
        before = [sorted(os.listdir(p)) if os.path.isdir(p) else None for p in paths]
        # The trace goes nowhere, which is said; where sessions are kept is nobody's but ours.
        r = lab.call("--world", "sealed", "-c", WORK)
        assert r.status in (0, 5), r
        assert re.search("unsafe permissions|EACCES", r.stderr), r
        r = lab.run(WORK, world="shared")
        assert r.status == 5, r
        assert re.search("unsafe permissions|EACCES", r.stderr), r
        after = [sorted(os.listdir(p)) if os.path.isdir(p) else None for p in paths]
        assert after == before, "something was written there"
    finally:
        if os.path.islink(tmp) or os.path.isfile(tmp):
            os.unlink(tmp)
        else:
            shutil.rmtree(tmp, ignore_errors=True)


@pytest.mark.serial
def test_F35_next_folder_is_used(lab, user):
    """One bad folder of three does not stop a session that needs one."""
    attack(lab.path("run", "ipclab"), "mode 0777", lab.uid)
    r = lab.run(WORK, world="shared").ok()
    assert r.one("exit", call="print")["value"] == "hello"
    assert os.listdir(lab.path("run", "ipclab")) == ["theirs"]


@pytest.mark.serial
@as_root
def test_F37_setuid(lab):
    """A copy that somebody made setuid gives nobody the rights of its owner."""
    folder = lab.path("copy")
    shutil.copytree(os.path.dirname(program()), folder, symlinks=False,
                    ignore=shutil.ignore_patterns("obj", "tests", "lib", "badplugins"))
    os.chmod(lab.folder, 0o755)
    copy = os.path.join(folder, "ipclab")
    os.chmod(copy, 0o4755)
    os.chmod(folder, 0o755)
    work = lab.path("open")
    os.mkdir(work)
    os.chmod(work, 0o777)
    mine = lab.path("work", "of-root")
    p = subprocess.run(
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--", copy,
         "--world", "shared", "--trace", mine, "-c",
         f'spawn a; a f = open("{mine}x", O_CREAT|O_RDWR, 0600)'],
        env={**lab.environment(), "HOME": work, "XDG_STATE_HOME": work, "XDG_RUNTIME_DIR": work},
        capture_output=True, timeout=30, cwd=work, check=False)
    assert p.returncode in (2, 5), p
    assert p.stderr.strip()
    assert not os.path.exists(mine)
    assert not os.path.exists(mine + "x")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_F38_no_locks(lab, preload, number):
    """A file system without flock holds a trace like any other."""
    env = {"LD_PRELOAD": preload, "FAULT_FLOCK": str(number)}
    r = lab.run(WORK, world="sealed", env=env).ok()
    assert r.events[-1]["ev"] == "end"


@pytest.mark.serial
def test_F38_no_locks_for_a_ledger(lab, preload):
    """Without locks nobody could tell a living session's ledger from a dead one's."""
    env = {"LD_PRELOAD": preload, "FAULT_FLOCK": str(errno.ENOLCK)}
    r = lab.run(WORK, world="shared", env=env)
    assert r.status == 5, r
    assert "ledger" in r.stderr


@pytest.mark.serial
def test_F39_two_kills(lab):
    """The shell and its launcher at once: what outlives that is gone after the next start."""
    before = leftovers.objects({os.getuid(), NOBODY})
    for _ in range(5):
        p, _ = in_the_middle(lab)
        found = leftovers.processes(lab.marker)
        launcher = min(pid for pid, name in found if pid != p.pid)
        os.kill(p.pid, signal.SIGKILL)
        try:
            os.kill(launcher, signal.SIGKILL)
        except ProcessLookupError:
            pass
        p.wait()
        assert lab.run("", world="shared").status == 0
        assert leftovers.until(lambda: not leftovers.processes(lab.marker), 2), \
            leftovers.processes(lab.marker)
        assert leftovers.until(lambda: not ours(before), 2), ours(before)
