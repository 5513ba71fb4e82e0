# SPDX-License-Identifier: GPL-3.0-or-later
"""Judged worlds: lines of somebody who wants points, the machine, or nobody else to have them."""

import json
import os
import socket
import subprocess
import threading

import pytest

from ipclab import ROOT

LAB = """local lab = require "ipclab"
return lab.guided {
  id = "held", title = "A test", actors = { "a" }, programs = { %s },
  tasks = { { id = "pipe", points = 2, say = "Make a pipe.",
    check = function(h) h:need(h:find { call = "pipe", ret = 0 }, "No pipe yet.") end,
    solution = "a pipe(p)" } },
}
"""
PYTHON = "/usr/bin/python3"  # what hostile programs are written in; a lab would never allow it


@pytest.fixture
def judged(lab, user):
    """Lines as those of others are judged, whoever judges: root, or an ordinary user."""

    def run(lines, *options, programs=(PYTHON,), **more):
        path = lab.write("lab.lua", LAB % ", ".join(f'"{p}"' for p in programs))
        trace = lab.new_trace()
        text = lines if isinstance(lines, str) else "\n".join(lines)
        arguments = ["run", path, "--judged", "-k", "--trace", trace, *options]
        if len(text) < 60000:
            return lab.call(*arguments, "-c", text, trace=trace, **more)
        return lab.call(*arguments, stdin=text, trace=trace, **more)

    return run


@pytest.fixture
def program(judged):
    """What a program prints that an actor becomes: the worst that a lab could allow."""

    def run(code, *lines, then=(), options=(), **more):
        text = code.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        become = f'a execve("{PYTHON}", "python3", "-S", "-E", "-c", "{text}")'
        r = judged([*lines, become, *then], *options, **more)
        r.said = "".join(e["text"] for e in r.find("output", actor="a") if e["fd"] == 1)
        return r

    return run


# ---- Nothing that lessons need is missing --------------------------------------------------------


def golden():
    labs = os.path.join(ROOT, "labs")
    return sorted(n for n in os.listdir(labs) if os.path.exists(os.path.join(labs, n, "golden.trace")))


@pytest.mark.parametrize("name", golden())
def test_labs_are_the_same(lab, user, name):
    r = lab.call("replay", "--judged", os.path.join(ROOT, "labs", name, "golden.trace")).ok()
    assert r.stdout.startswith("same:"), r


# ---- Files ---------------------------------------------------------------------------------------


def test_no_file_of_the_machine(judged, lab):
    secret = lab.write("secret", "42")
    own = lab.path("work", "lab.lua")
    paths = ["/etc/shadow", "/root", "/home", "/etc/ssh", secret, own, lab.program, os.path.join(ROOT, "labs"), "/var"]
    r = judged([f'a open("{p}", O_RDONLY)' for p in paths]).ok()
    assert r.returns("open") == ["ENOENT"] * len(paths)


def test_only_its_own_folders_can_be_written(program):
    r = program(
        """
import json
import os
can = []
for base, folders, files in os.walk("/"):
    if base.startswith("/proc"):
        folders.clear()
        continue
    for name in [base] + [os.path.join(base, n) for n in files]:
        try:
            if os.path.islink(name) or not (os.path.isfile(name) or os.path.isdir(name)): continue
            if os.path.isdir(name):
                os.close(os.open(name + "/try", os.O_CREAT | os.O_WRONLY))
            else:
                os.close(os.open(name, os.O_WRONLY))
            can.append(name)
        except OSError:
            pass
print(sorted(set(can)))
"""
    ).ok()
    written = {os.path.dirname(n) if n.endswith("/try") else n for n in eval(r.said)}
    assert written - {"/dev/mqueue/try"} <= {"/tmp", "/dev/shm", "/dev/mqueue"}, r.said
    assert "/tmp" in written


def test_what_it_writes_cannot_be_run(program):
    r = program(
        """
import os, shutil, mmap
shutil.copy("/usr/bin/python3", "/tmp/own")
os.chmod("/tmp/own", 0o755)
for run in (lambda: os.execv("/tmp/own", ["own"]), lambda: mmap.mmap(os.open("/tmp/own", os.O_RDWR), 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)):
    try:
        run()
        print("ran")
    except OSError as e:
        print(e.strerror)
"""
    ).ok()
    assert r.said.split("\n")[:2] == ["Permission denied", "Operation not permitted"], r


# ---- Programs ------------------------------------------------------------------------------------


def test_only_programs_of_the_lab(judged):
    r = judged(['a execve("/bin/sh", "sh", "-c", "true")', 'a execve("/usr/bin/../bin/ls")', 'a execve("/bin/true")'],
               programs=["/usr/bin/true"]).ok()  # fmt: skip
    assert r.returns("execve") == ["EPERM", "EPERM"]
    assert "refused" in r.find("exit", call="execve")[0]["note"][0] and "/usr/bin/true" in r.stdout
    assert r.one("process", what="exec")


def test_no_program_unless_the_lab_names_one(judged):
    r = judged(['a execve("/bin/true")'], programs=[]).ok()
    assert r.returns("execve") == ["EPERM"]


def test_a_program_starts_no_other(program):
    r = program(
        """
import json
import os
for name in ("/bin/sh", "/usr/bin/env", "/bin/ls"):
    try:
        os.execv(name, [name])
    except OSError as e:
        print(e.strerror)
"""
    ).ok()
    assert r.said.split("\n")[:3] == ["No such file or directory"] * 3, r


def test_a_program_that_is_not_here_is_no_zero(judged):
    r = judged("a pipe(p)", programs=["/usr/bin/there-is-no-such-program"])
    assert r.status == 5 and "there-is-no-such-program" in r.stderr, r


def test_programs_of_a_lab_are_whole_paths(judged):
    r = judged("a pipe(p)", programs=["ls"])
    assert r.status == 3 and "programs[1]" in r.stderr, r


# ---- Who and where it is -------------------------------------------------------------------------


def test_it_is_not_root(program):
    r = program('print(open("/proc/self/uid_map").read().split(), open("/proc/self/status").read())').ok()
    assert "CapEff:\\t0000000000000000" in repr(r.said) and "CapBnd" in r.said
    assert "Seccomp:\\t2" in repr(r.said), "built without libseccomp?"


def test_clean_environment(program):
    r = program("import os; print(sorted(os.environ))", env={"SECRET": "42", "PYTHONPATH": "/tmp", "LD_LIBRARY_PATH": "/tmp"}).ok()
    assert eval(r.said) == ["HOME", "IPCLAB_SESSION", "LC_ALL", "PATH"]


def test_system_calls_that_no_lab_needs(program):
    r = program(
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(mount=165, umount2=166, pivot_root=155, chroot=161, ptrace=101, unshare=272, setns=308, bpf=321,
             keyctl=250, add_key=248, perf_event_open=298, userfaultfd=323, io_uring_setup=425, kexec_load=246,
             init_module=175, open_by_handle_at=304, name_to_handle_at=303, clone3=435, personality=135, reboot=169,
             pidfd_getfd=438, fsopen=430, move_mount=429, memfd_secret=447, process_madvise=440)
for name, number in calls.items():
    libc.syscall(number, 0, 0, 0, 0, 0, 0)
    print(name, os.strerror(ctypes.get_errno()))
for flag in (0x20000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x02000000):
    pid = libc.syscall(56, flag | 17, 0, 0, 0, 0)
    print("clone", os.strerror(ctypes.get_errno()) if pid < 0 else os._exit(9))
libc.ioctl(0, 0x5412, b"x")
print("TIOCSTI", os.strerror(ctypes.get_errno()))
"""
    ).ok()
    said = [line.split(" ", 1) for line in r.said.strip().split("\n")]
    assert len(said) == 33
    for name, error in said:
        assert error == ("Function not implemented" if name == "clone3" else "Operation not permitted"), (name, error)


def test_its_own_network(program):
    """Neither sockets of the machine, by name or by number, nor anything beyond."""
    name = f"\0ipclab-test-{os.getpid()}"
    unix, tcp = socket.socket(socket.AF_UNIX), socket.socket()
    unix.bind(name)
    tcp.bind(("127.0.0.1", 0))
    unix.listen()
    tcp.listen()
    r = program(
        f"""
import socket
def try_to(family, address, kind=socket.SOCK_STREAM):
    s = socket.socket(family, kind)
    s.settimeout(2)
    try:
        s.connect(address)
        print("connected", address)
    except OSError as e:
        print(e.strerror or e)
try_to(socket.AF_UNIX, {name!r})
try_to(socket.AF_INET, ("127.0.0.1", {tcp.getsockname()[1]}))
try_to(socket.AF_INET, ("1.1.1.1", 53), socket.SOCK_DGRAM)
""".replace("\0", "")
    ).ok()
    unix.close()
    tcp.close()
    assert "connected" not in r.said and r.said.count("\n") == 3, r


# ---- What can be used up -------------------------------------------------------------------------

FAST = ["--timeout", "3"]  # for a step: how long a program that never rests is waited for


@pytest.mark.plain
def test_memory_of_a_process(program):
    r = program('x = []\ntry:\n    while True: x.append(b"x" * 1000000)\nexcept MemoryError: print(len(x))', options=FAST).ok()
    assert 100 < int(r.said) < 540, r


@pytest.mark.plain
def test_memory_of_lines(judged):
    lines = ["a m = mmap(NULL, 1073741824, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)", "a malloc(1073741824)"]
    r = judged([*lines, "a pipe(p)"]).ok()
    assert r.returns("mmap") == r.returns("malloc") == ["ENOMEM"] and r.returns("pipe") == [0]
    assert "RLIMIT_AS" in r.find("exit", call="mmap")[0]["note"][0]


# Together they would have 12 GiB; each of them alone stays below what a process may have.
TOGETHER = """
import json
import os
for i in range(6):
    os.fork()
%s
while True:
    try: take()
    except (MemoryError, OSError): pass
"""
TAKE = {
    "anonymous": 'x = []\ndef take(): x.append(b"x" * 1000000)',
    "shared": 'import mmap\nx = []\ndef take():\n    m = mmap.mmap(-1, 1000000); m[:] = b"x" * 1000000; x.append(m)',
    "without a name": 'b = b"x" * 20000000\ndef take(): os.write(os.memfd_create("x"), b)',
}


@pytest.mark.parametrize("how", TAKE)
def test_memory_of_a_world(program, how):
    """One after the other is killed, or all at once; the session goes on."""
    r = program(TOGETHER % TAKE[how], "spawn b", then=["b pipe(p)", "spawn c", "c pipe(p)"], options=FAST)
    assert r.returns("pipe", "c") == [0], r
    note = next((e["text"] for e in r.find("note") if e["text"].startswith("memory:")), None)
    assert note and int(note.split(" had ")[1].split()[0]) < 4096, r
    assert r.returns("pipe", "b") == [0] or r.one("process", actor="b", what="killed"), r


def test_segments(judged):
    """Not in the memory of any process while nobody has them attached."""
    lines = [f"a x{i} = shmget({i}, 33554432, IPC_CREAT|0600)" for i in range(1, 4)]
    assert judged(lines).ok().returns("shmget")[-1] == "ENOSPC"


def test_objects(judged):
    lines = [f"a semget({i}, 200, IPC_CREAT|0600)" for i in range(1, 60)]
    lines += [f"a msgget({i}, IPC_CREAT|0600)" for i in range(1, 80)]
    lines += ["a semget(1000, 30000, IPC_CREAT|0600)"]
    r = judged(lines, programs=[]).ok()
    assert r.returns("semget").count("ENOSPC") >= 18 and r.returns("semget")[-1] in ("EINVAL", "ENOSPC")
    assert r.returns("msgget").count("ENOSPC") == 15, r


def test_queues(judged):
    r = judged([f'a mq_open("/q{i}", O_RDWR|O_CREAT, 0600, 10, 8192)' for i in range(5)]).ok()
    assert r.returns("mq_open")[-1] == "EMFILE", r


def test_disk(program):
    r = program(
        """
import json
import os
for folder in ("/tmp", "/dev/shm"):
    n = 0
    try:
        while True:
            with open(folder + "/f%d" % n, "wb") as f: f.write(b"x" * 1000000)
            n += 1
    except OSError as e:
        print(n, e.strerror)
try:
    while True:
        os.mkdir("/tmp/d%d" % n)
        n += 1
except OSError as e:
    print(n, e.strerror)
"""
    ).ok()
    said = [line.split(" ", 1) for line in r.said.strip().split("\n")]
    assert all(int(n) < 70 and e == "No space left on device" for n, e in said[:2]), r
    assert int(said[2][0]) < 5000


def test_one_file_without_end(judged, program):
    r = judged(['a f = open("f", O_RDWR|O_CREAT, 0600)', "a ftruncate(f, 100000000)", "a pipe(p)"])
    assert any(e["text"].startswith("disk:") for e in r.find("note")), r
    r = program('try:\n    with open("/tmp/f", "wb") as f:\n        while True: f.write(b"x" * 1000000)\nexcept OSError as e: print(e.errno)').ok()  # fmt: skip
    assert int(r.said) in (27, 28)


def test_forks_for_ever(program):
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    r = program(bomb, "spawn b", then=["b pipe(p)"], options=FAST)
    assert r.status == 4 and r.returns("pipe", "b") == [0], r


def test_forks_by_lines(judged):
    lines = [f"* fork(c{i})" for i in range(8)] + [f"spawn s{i}" for i in range(80)] + ["a pipe(p)"]
    r = judged(lines)
    assert r.status == 2 and "actors: a judged world may have 64" in r.stderr, r
    assert len(r.find("process", what="fork")) + len(r.find("process", what="spawn")) == 64
    assert r.returns("pipe") == [0]


def test_processes_between_programs_and_actors(program):
    """What programs have taken, spawn and fork do not get, and a world that is full says so."""
    hold = "import os, signal\nn = 0\ntry:\n    while True:\n        if os.fork() == 0: signal.pause()\n        n += 1\nexcept OSError: print(n, flush=True)\nsignal.pause()"  # fmt: skip
    r = program(hold, "spawn b", then=["b fork(c)", "spawn d", "b pipe(p)"], options=FAST)
    assert 80 <= int(r.said) <= 96, r
    assert r.returns("fork", "b") == ["EAGAIN"] and r.returns("pipe", "b") == [0]
    assert any(e["text"].startswith("processes:") for e in r.find("note"))


def test_a_hundred_thousand_spawns(judged):
    r = judged("spawn b\nb exit(0)\n" * 50000 + "a pipe(p)", timeout=100)
    assert r.status == 2 and "too many" in r.stderr, r.stderr[-300:]


@pytest.mark.plain
def test_limits_of_each_process(program):
    r = program("print(open('/proc/self/limits').read())").ok()
    limits = {line[:25].strip(): line[25:].split()[:2] for line in r.said.split("\n")[1:] if line}
    assert limits["Max cpu time"] == ["10", "11"]
    assert limits["Max processes"] == ["96", "96"]
    assert limits["Max address space"] == ["536870912"] * 2
    assert limits["Max file size"] == ["67108864"] * 2
    assert int(limits["Max open files"][0]) <= 256 and int(limits["Max open files"][1]) <= 1024
    assert int(limits["Max msgqueue size"][0]) <= 819200 // 8


def test_time_of_the_processor(program):
    r = program("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "spawn b",
                then=["b pipe(p)", "b sleep(5)"], options=["--timeout", "8"])  # fmt: skip
    assert any(e["text"].startswith("time: a was ended by SIGXCPU") for e in r.find("note")), r
    assert r.returns("pipe", "b") == [0]


def test_pipes_of_the_worlds_beside(judged):
    """What one user's pipes may hold is limited in all, and new ones are small beyond that."""
    r = judged(["a pipe(p)", "a fcntl(p[1], F_SETPIPE_SZ, 1048576)", "a fcntl(p[1], F_SETPIPE_SZ, 4096)"]).ok()
    assert r.returns("fcntl") == ["EPERM", 4096]


# ---- Signals and other processes -----------------------------------------------------------------


def test_kills_everything(judged, program):
    victim = subprocess.Popen(["sleep", "60"])
    r = judged(["spawn b", "a kill(-1, SIGKILL)", "spawn c", "c pipe(p)", "c kill(1, SIGKILL)", f"c kill({victim.pid}, SIGKILL)",
                "c killpg(1, SIGKILL)"])  # fmt: skip
    assert r.returns("pipe") == [0] and r.returns("kill", "c") == [0, "ESRCH"], r
    r = program(f"import os\nfor p in (1, -1, {victim.pid}, {os.getpid()}):\n    try: os.kill(p, 9)\n    except OSError: pass",
                "spawn b", then=["spawn c", "c pipe(p)"])  # fmt: skip
    assert r.returns("pipe", "c") == [0], r
    assert victim.poll() is None
    victim.kill()
    victim.wait()


def test_stops_everything(judged):
    r = judged(["spawn b", "a kill(-1, SIGSTOP)", "b pipe(p)", "a pipe(p)", "spawn c", "c pipe(p)"])
    assert r.returns("pipe", "c") == [0], r


def test_ptrace_of_an_actor(program):
    r = program(
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
for pid in (1, 3):
    print(libc.ptrace(16, pid, 0, 0), os.strerror(ctypes.get_errno()))
    try: open("/proc/%d/mem" % pid, "wb").read(1)
    except OSError as e: print(e.strerror)
""",
        "spawn b",
    ).ok()
    assert "-1 Operation not permitted" in r.said.split("\n")[0], r


def test_terminal(program):
    r = program("import os\ntry: os.open('/dev/tty', os.O_RDWR)\nexcept OSError as e: print(e.strerror)").ok()
    assert r.said.strip() in ("No such file or directory", "No such device or address")


def test_leaves_nothing_running(program, no_leftovers):
    """Processes that ignore all signals, have a session of their own and no parent."""
    code = """
import os, signal, time
for s in range(1, 65):
    try: signal.signal(s, signal.SIG_IGN)
    except (OSError, ValueError): pass
for i in range(5):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.close(0), os.close(1), os.close(2)
            os.environ.clear()
            time.sleep(1000)
        os._exit(0)
time.sleep(1000)
"""
    assert program(code, options=FAST).status in (0, 4)


# ---- Handed in -----------------------------------------------------------------------------------


@pytest.fixture
def hand_in(lab, user):
    """Writes a trace of lines that nobody has run, as somebody would who wants to do harm."""
    os.makedirs(lab.path("work", "in"), exist_ok=True)
    for name in ("", "work", "work/in"):
        os.chmod(lab.path(*name.split("/")), 0o755)
    lab.write("lab.lua", LAB % f'"{PYTHON}"')

    def write(name, lines, first=None):
        head = {"ev": "session", "ipclab": 1, "version": "0.1.0", "lab": "work", "seed": 0, "world": "sealed", "plugins": {}}
        events = [dict(head, **first or {}), *({"ev": "input", "text": line} for line in lines)]
        text = "".join(json.dumps({"seq": i, **e}, separators=(",", ":")) + "\n" for i, e in enumerate(events))
        return lab.write(f"in/{name}.trace", text)

    return write


@pytest.fixture
def grade(lab):
    def run(*options, status=0, timeout=100, **more):
        lab_file = lab.path("work", "lab.lua")
        r = lab.call("grade", "--json", "--lab", lab_file, *options, lab.path("work", "in"), timeout=timeout, **more)
        assert r.status == status, r
        return {report["student"]: report for report in map(json.loads, r.stdout.splitlines())}

    return run


def becomes(code):
    return 'a execve("%s", "python3", "-S", "-E", "-c", "%s")' % (
        PYTHON, code.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n"))  # fmt: skip


ATTACKS = {
    "bomb": [becomes("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass")],
    "spawns": [f"spawn s{i}" for i in range(100000)],
    "forks": [f"* fork(c{i})" for i in range(12)],
    "memory": [becomes(TOGETHER % TAKE["anonymous"])],
    "mmap": ["a m = mmap(NULL, 400000000, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS)"] * 50,
    "disk": [becomes("import os\nn = 0\nwhile True:\n    n += 1\n    try: open('/tmp/%d' % n, 'wb').write(b'x' * 1000000)\n    except OSError: pass")],  # fmt: skip
    "kill": ["spawn b", "a kill(-1, SIGKILL)", "a kill(1, SIGKILL)", "a killpg(0, SIGKILL)"],
    "stop": ["spawn b", "a kill(-1, SIGSTOP)", "a getpid()", "b getpid()"],
    "wait": ["a pause()", "spawn b", "b sem = semget(1, 1, IPC_CREAT|0600)", "b semop(sem, 0, -1)", "spawn c", "c sleep(100000)"],
    "long": ['a x = "' + "y" * 65000 + '"', "a y = " + "(" * 60 + "1" + ")" * 60, "a z = 999999999999999999999", "a print z"],
    "deep": ["a y = " + "(" * 20000 + "1" + ")" * 20000, "a pipe(" * 300],
    "escape": ['a print "\x1b]0;owned\x07\x1b[2J\u202e"', "a \x1b[31m", 'a open("\x9b\x1b[1;1H", O_RDONLY)'],
    "read": ['a f = open("/etc/shadow", O_RDONLY)', 'a g = open("../../../work/lab.lua", O_RDONLY)', "a read(f, b, 100)"],
    "crash": ["a peek(0)", "spawn b", "b poke(8, 1)"],
    "resets": ["reset", "spawn a"] * 50,
}  # fmt: skip


@pytest.mark.plain("memory")
@pytest.mark.parametrize("name", ATTACKS)
def test_costs_only_its_own_points(hand_in, grade, lab, name):
    """Whatever one does, those before and after it get what they should, and nothing is left."""
    hand_in("a-first", ["a pipe(p)"])
    hand_in("hostile", ATTACKS[name])
    hand_in("late", [*ATTACKS[name], "spawn zz", "zz pipe(p)"])
    hand_in("next", ["a pipe(p)"])
    r = grade("--timeout", "8", "--jobs", "2")
    assert r["a-first"]["score"] == r["next"]["score"] == 2, r
    assert r["a-first"]["status"] == r["next"]["status"] == "graded"
    assert r["hostile"]["score"] == 0, r
    for report in (r["hostile"], r["late"]):
        assert report["status"] in ("graded", "student_error", "timeout"), report


@pytest.mark.plain("memory:")
@pytest.mark.parametrize("name, word", [("memory", "memory:"), ("spawns", "actors:"), ("forks", "actors:")])
def test_limits_are_named(hand_in, grade, name, word):
    hand_in("hostile", ATTACKS[name])
    r = grade("--timeout", "8")["hostile"]
    assert any(f["kind"] == "limit" and word in f["text"] for f in r["flags"]), r


def test_programs_of_others_are_refused(hand_in, grade, lab):
    lab.write("lab.lua", LAB % "")
    hand_in("s", ['a execve("/bin/sh", "sh", "-c", "echo x > /tmp/x")', "a pipe(p)"])
    assert grade()["s"]["score"] == 2


@pytest.mark.skipif(os.getuid() != 0, reason="only root becomes another user")
@pytest.mark.parametrize("owner, option", [(None, None), (4242, None), (None, "4343:4344")])
def test_root_becomes_another_user_first(hand_in, grade, lab, user, owner, option):
    """The process that grades, and all of the world; what it found is written by root."""
    if user == "nobody":
        pytest.skip("not root")
    program = f"import time; time.sleep(3) # {lab.path('work')}"  # nobody else's, whatever runs beside this
    hand_in("s", ["a pipe(p)", becomes(program), "spawn c", "c sleep(2)"])
    os.mkdir(lab.path("work", "out"))
    if owner:
        os.chown(lab.path("work", "out"), owner, owner)
    p = lab.popen("grade", "--lab", lab.path("work", "lab.lua"), "--out", lab.path("work", "out"),
                  *(["--user", option] if option else []), lab.path("work", "in"))  # fmt: skip
    seen = {}
    while p.poll() is None:
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                argv = open(f"/proc/{pid}/cmdline").read().split("\0")
                env = open(f"/proc/{pid}/environ").read()
                uid = int(open(f"/proc/{pid}/status").read().split("Uid:")[1].split()[0])
            except (OSError, IndexError):
                continue
            if "--student" in argv and lab.path("work", "out") in " ".join(argv):
                seen.setdefault("grades", set()).add(uid)
            elif argv[0] == "python3" and "IPCLAB_SESSION" in env and argv[-2] == program:
                seen.setdefault("actor", set()).add(uid)
    wanted = int(option.split(":")[0]) if option else owner or 65534
    assert p.returncode == 0, p.stderr.read()
    assert seen["actor"] == {wanted} and wanted in seen["grades"], seen
    report = lab.path("work", "out", "s", "report.json")
    assert json.load(open(report))["score"] == 2 and os.stat(report).st_uid == 0


def test_root_is_not_asked_for(hand_in, grade, lab, user):
    hand_in("s", ["a pipe(p)"])
    r = lab.call("grade", "--lab", lab.path("work", "lab.lua"), "--user", "root", lab.path("work", "in"))
    if user == "me" and os.getuid() == 0:
        assert r.status != 0 and "not run as root" in r.stderr, r
