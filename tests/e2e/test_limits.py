# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits: each that a call of a plugin can meet gives the kernel's own error, and words that name
the limit and say what it allows now. Nothing is left of a call that failed because of one."""

import json
import os
import re
import shutil
import subprocess

import leftovers
import pytest
from test_corpus_faults import as_root, wrapped
from test_examples import RECORDS


def said(r, call, error, words, **wanted):
    """The last event of the call, and what was said with it: by the record and by notes."""
    event = r.last("exit", call=call, **wanted)
    assert (event.get("errno"), event["ret"]) in ((error, -1), (error, 0)), r
    text = " ".join(event.get("note", []))
    for word in words:
        assert re.search(word, text), f"no {word!r} in what was said: {text!r}\n{r}"
    return event


# ---- Limits of a process -------------------------------------------------------------------------

SPAWN = ["spawn a"]
OWN = {
    "RLIMIT_AS mmap": (
        ["a setrlimit(RLIMIT_AS, 100000000)",
         "a mmap(NULL, 200000000, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)"],
        "mmap", "ENOMEM", ["RLIMIT_AS allows .* 100000000 bytes"]),
    "RLIMIT_AS malloc": (
        ["a setrlimit(RLIMIT_AS, 100000000)", "a malloc(200000000)"],
        "malloc", "ENOMEM", ["RLIMIT_AS allows .* 100000000 bytes"]),
    "RLIMIT_AS shmat": (
        ["a id = shmget(IPC_PRIVATE, 30000000, IPC_CREAT|0600)", "a setrlimit(RLIMIT_AS, 40000000)",
         "a shmat(id)"],
        "shmat", "ENOMEM", ["RLIMIT_AS allows .* 40000000 bytes"]),
    "RLIMIT_DATA sbrk": (
        ["a setrlimit(RLIMIT_DATA, 1000000)", "a sbrk(200000000)"],
        "sbrk", "ENOMEM", ["RLIMIT_DATA allows .* 1000000 bytes"]),
    "RLIMIT_MEMLOCK mlock": (
        ["a m = mmap(NULL, 65536, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)",
         "a setrlimit(RLIMIT_MEMLOCK, 4096)", "a mlock(m, 65536)"],
        "mlock", "ENOMEM", ["RLIMIT_MEMLOCK allows .* 4096 bytes"]),
    "RLIMIT_MEMLOCK mmap": (
        ["a setrlimit(RLIMIT_MEMLOCK, 4096)",
         "a mmap(NULL, 65536, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_LOCKED, -1, 0)"],
        "mmap", "EAGAIN", ["RLIMIT_MEMLOCK allows .* 4096 bytes"]),
    "RLIMIT_FSIZE write": (
        ["a setrlimit(RLIMIT_FSIZE, 100)", "a signal(SIGXFSZ, SIG_IGN)",
         'a f = open("f", O_CREAT|O_RDWR)', "a char b[200]", "a write(f, b, 100)",
         "a write(f, b, 1)"],
        "write", "EFBIG", ["RLIMIT_FSIZE allows .* 100 bytes"]),
    "RLIMIT_FSIZE ftruncate": (
        ["a setrlimit(RLIMIT_FSIZE, 100)", "a signal(SIGXFSZ, SIG_IGN)",
         'a f = open("f", O_CREAT|O_RDWR)', "a ftruncate(f, 101)"],
        "ftruncate", "EFBIG", ["RLIMIT_FSIZE allows .* 100 bytes"]),
    "RLIMIT_SIGPENDING sigqueue": (
        ["a setrlimit(RLIMIT_SIGPENDING, 0)", "a sigprocmask(SIG_BLOCK, SIGRTMIN)",
         "a sigqueue(a, SIGRTMIN, 1)"],
        "sigqueue", "EAGAIN", ["RLIMIT_SIGPENDING allows .* 0 signals"]),
    "RLIMIT_MSGQUEUE mq_open": (
        ["a setrlimit(RLIMIT_MSGQUEUE, 100)", 'a mq_open("/q", O_CREAT|O_RDWR)'],
        "mq_open", "EMFILE", ["RLIMIT_MSGQUEUE allows 100 bytes", "need about 1408"]),
    "msg_max mq_open": (
        ['a mq_open("/q", O_CREAT|O_RDWR, 0600, 11, 16)'],
        "mq_open", "EINVAL", ["fs.mqueue.msg_max allows 10 messages", "11 were asked"]),
    "msgsize_max mq_open": (
        ['a mq_open("/q", O_CREAT|O_RDWR, 0600, 1, 10000)'],
        "mq_open", "EINVAL", ["fs.mqueue.msgsize_max allows 8192 bytes", "10000 were asked"]),
    "msgmax msgsnd": (
        ["a q = msgget(IPC_PRIVATE, IPC_CREAT|0600)", "a b = malloc(9000)",
         "a msgsnd(q, 1, b, 0, 9000)"],
        "msgsnd", "EINVAL", ["kernel.msgmax allows 8192 bytes"]),
    "msgmnb msgctl": (
        ["a q = msgget(IPC_PRIVATE, IPC_CREAT|0600)", "a msgctl(q, IPC_SET, 0600, 10000000)"],
        "msgctl", "EPERM", ["kernel.msgmnb, which is 16384"]),
    "semmsl semget": (
        ["a semget(IPC_PRIVATE, 40000, 0600)"], "semget", "EINVAL", ["kernel.sem allows 32000"]),
    "semopm semop": (
        ["a id = semget(IPC_PRIVATE, 1, 0600)", "a semop(id, 32000, 1)"], "semop", "EFBIG", []),
    "SEMVMX semop": (
        ["a id = semget(IPC_PRIVATE, 1, 0600)", "a semop(id, 0, 32767)", "a semop(id, 0, 1)"],
        "semop", "ERANGE", []),
    "pipe-max-size fcntl": (
        ["a pipe(p)", "a fcntl(p[0], F_SETPIPE_SZ, 2000000000)"],
        "fcntl", "EPERM", [r"fs.pipe-max-size allows a pipe \d+ bytes"]),
    "RLIMIT_NOFILE sendmsg": (
        ["a setrlimit(RLIMIT_NOFILE, 6)", "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)",
         *['a sendmsg(sv[0], "x", 0, 0, 0, 0)'] * 3],
        "sendmsg", "ETOOMANYREFS", ["RLIMIT_NOFILE allows 6 descriptors"]),
    "SO_SNDBUF send": (
        ["a socketpair(AF_UNIX, SOCK_DGRAM, 0, sv)", "a setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, 4608)",
         "a char b[65536]", "a send(sv[0], b, 65536)"],
        "send", "EMSGSIZE", [r"SO_SNDBUF .* 9216 bytes", r"net.core.wmem_max allows \d+"]),
    "UDP send": (
        ["a s = socket(AF_INET, SOCK_DGRAM)", 'a connect(s, "127.0.0.1:5099")', "a char b[65508]",
         "a send(s, b, 65508)"],
        "send", "EMSGSIZE", ["65507 bytes"]),
}  # fmt: skip


@pytest.mark.plain("malloc", "mlock")
@pytest.mark.parametrize("case", OWN)
def test_limit_of_a_process(lab, world, case):
    lines, call, error, words = OWN[case]
    if case.startswith("pipe") and world == "shared" and may_exceed_limits():
        pytest.skip("this user may have pipes of any size")
    r = lab.run([*SPAWN, *lines, "a getpid()"]).ok()
    said(r, call, error, words)
    assert r.returns("getpid"), "the actor lives on"


def may_exceed_limits():
    """CAP_SYS_RESOURCE, which not even every root has."""
    with open("/proc/self/status") as f:
        effective = re.search(r"^CapEff:\s*(\w+)", f.read(), re.M)[1]
    return bool(int(effective, 16) >> 24 & 1)


def test_queue_length_is_cut_aloud(lab):
    most = int(open("/proc/sys/net/core/somaxconn").read())
    r = lab.run([*SPAWN, "a s = socket(AF_UNIX, SOCK_STREAM)", 'a bind(s, "@x")',
                 f"a listen(s, {most + 1})"]).ok()
    assert f"net.core.somaxconn allows {most}" in " ".join(r.one("exit", call="listen")["note"])


def test_killed_by_a_limit(lab, world):
    """Whoever does not expect SIGXFSZ dies of it; the others go on."""
    r = lab.run(["spawn a b", "a setrlimit(RLIMIT_FSIZE, 100)", 'a f = open("f", O_CREAT|O_RDWR)',
                 "a ftruncate(f, 101)", "b getpid()"]).ok()
    assert r.one("process", what="killed")["sig"] == "SIGXFSZ"
    assert r.returns("getpid", "b")


# ---- Limits of the namespace or machine ------------------------------------------------------------

SYSCTL = {
    "shmmni": ("-i", {"kernel/shmmni": 2},
               ["a shmget(1, 9, IPC_CREAT|0600)", "a shmget(2, 9, IPC_CREAT|0600)",
                "a shmget(3, 9, IPC_CREAT|0600)"],
               "shmget", "ENOSPC", ["kernel.shmmni allows 2 segments, and 2 exist"]),
    "shmall": ("-i", {"kernel/shmall": 2},
               ["a shmget(1, 9, IPC_CREAT|0600)", "a shmget(2, 9000, IPC_CREAT|0600)"],
               "shmget", "ENOSPC", ["kernel.shmall allows 2 pages in all segments, and 1 are in use"]),
    "shmmax": ("-i", {"kernel/shmmax": 100},
               ["a shmget(2, 101, IPC_CREAT|0600)"],
               "shmget", "EINVAL", ["kernel.shmmax is 100 bytes"]),
    "msgmni": ("-i", {"kernel/msgmni": 1},
               ["a msgget(1, IPC_CREAT|0600)", "a msgget(2, IPC_CREAT|0600)"],
               "msgget", "ENOSPC", ["kernel.msgmni allows 1 queues, and 1 exist"]),
    "msgmax": ("-i", {"kernel/msgmax": 4},
               ["a q = msgget(1, IPC_CREAT|0600)", 'a msgsnd(q, 1, "hello")'],
               "msgsnd", "EINVAL", ["kernel.msgmax allows 4 bytes in a message, and this one has 5"]),
    "semmni": ("-i", {"kernel/sem": "32000 1024 500 1"},
               ["a semget(1, 1, IPC_CREAT|0600)", "a semget(2, 1, IPC_CREAT|0600)"],
               "semget", "ENOSPC", [r"kernel.sem allows 1 sets \(its fourth number\), and 1 exist"]),
    "semmns": ("-i", {"kernel/sem": "32000 4 500 10"},
               ["a semget(1, 3, IPC_CREAT|0600)", "a semget(2, 2, IPC_CREAT|0600)"],
               "semget", "ENOSPC", ["kernel.sem allows 4 semaphores in all sets", "3 exist"]),
    "semmsl": ("-i", {"kernel/sem": "2 1024 500 10"},
               ["a semget(1, 3, IPC_CREAT|0600)"],
               "semget", "EINVAL", ["kernel.sem allows 2 semaphores in a set"]),
    "semopm": ("-i", {"kernel/sem": "32000 1024 1 10"},
               ["a id = semget(1, 2, IPC_CREAT|0600)", "a semop(id, 0, 1, 0, 1, 1, 0)"],
               "semop", "E2BIG", ["kernel.sem allows 1 operations in one call"]),
    "queues_max": ("-i", {"fs/mqueue/queues_max": 1},
                   ['a mq_open("/one", O_CREAT|O_RDWR)', 'a mq_open("/two", O_CREAT|O_RDWR)'],
                   "mq_open", "ENOSPC", ["fs.mqueue.queues_max allows 1 queues"]),
    "msg_max": ("-i", {"fs/mqueue/msg_max": 3},
                ['a mq_open("/one", O_CREAT|O_RDWR, 0600, 4, 16)'],
                "mq_open", "EINVAL", ["fs.mqueue.msg_max allows 3 messages"]),
    "ports": ("-n", {"net/ipv4/ip_local_port_range": "40000 40001"},
              [*[f"a s{i} = socket(AF_INET, SOCK_STREAM)" for i in range(3)],
               *[f'a bind(s{i}, "127.0.0.1:0")' for i in range(3)]],
              "bind", "EADDRINUSE", ["net.ipv4.ip_local_port_range allows the ports 40000 to 40001"]),
}  # fmt: skip

UP = """
import fcntl, os, socket, struct, sys
s = socket.socket()
fcntl.ioctl(s, 0x8914, struct.pack("16sh22x", b"lo", 0x41))
s.close()
os.execv(sys.argv[1], sys.argv[1:])
"""


def in_namespaces(options, prepare):
    """What runs a program in namespaces of its own, after these lines of sh; skips where it cannot."""
    enter = ["unshare", "-Ur", *options, "sh", "-c", prepare + ' && exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run(
            [*enter, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("this cannot be prepared here")
    return enter


def run_in(lab, enter, lines, world="shared", options=()):
    trace = lab.new_trace()
    r = wrapped(lab, enter, "--world", world, "--trace", trace, *options, "-c", "\n".join(lines))
    r.trace = trace
    return r


@pytest.mark.serial
@pytest.mark.parametrize("case", SYSCTL)
def test_limit_of_a_namespace(lab, case):
    """In a shared world: a sealed one comes with the usual limits."""
    option, settings, lines, call, error, words = SYSCTL[case]
    prepare = " && ".join(f'echo "{v}" >/proc/sys/{k}' for k, v in settings.items())
    enter = in_namespaces([option], prepare)
    if option == "-n":
        enter += ["/usr/bin/python3", "-c", UP]
    r = run_in(lab, enter, [*SPAWN, *lines, "a getpid()"])
    assert r.status == 0, r
    said(r, call, error, words)
    assert [e for e in r.find("exit", call=call) if "errno" not in e] or len(lines) == 1 or \
        call in ("msgsnd", "semop"), "it succeeded before the limit was reached"
    assert r.returns("getpid"), "the actor lives on"


# ---- Full, missing and read-only file systems -------------------------------------------------------

SMALL = "mount -t tmpfs -o size=64k,nr_inodes={} none /dev/shm"
NAMED = {
    "shm_open": 'a shm_open("/{}", O_CREAT|O_RDWR)',
    "sem_open": 'a sem_open("/{}", O_CREAT, 0600, 1)',
}


@pytest.mark.serial
@pytest.mark.parametrize("call", NAMED)
def test_no_more_files_in_dev_shm(lab, call):
    enter = in_namespaces(["-m"], SMALL.format(3))
    r = run_in(lab, enter, [*SPAWN, *[NAMED[call].format(f"n{i}") for i in range(4)], "a getpid()"])
    assert r.status == 0, r
    said(r, call, "ENOSPC", ["/dev/shm has 65536 bytes", "places for 3 files"])
    assert r.returns("getpid")


@pytest.mark.serial
def test_no_more_bytes_in_dev_shm(lab):
    enter = in_namespaces(["-m"], SMALL.format(100))
    r = run_in(lab, enter, [*SPAWN, 'a f = shm_open("/x", O_CREAT|O_RDWR)', "a b = malloc(100000)",
                            "a write(f, b, 100000)", "a write(f, b, 100000)",
                            *[NAMED["sem_open"].format("s")], "a getpid()"])
    assert r.status == 0, r
    assert r.returns("write")[0] == 65536
    said(r, "write", "ENOSPC", ["its file system has 65536 bytes, and 0 of them are free"])
    said(r, "sem_open", "ENOSPC", ["/dev/shm has 65536 bytes, of which 0 are free"])
    assert r.returns("getpid")


@pytest.mark.serial
@pytest.mark.parametrize("call", NAMED)
@pytest.mark.parametrize("kind,prepare,errors", [
    ("read-only", "mount -t tmpfs -o ro none /dev/shm", ["EROFS"]),
    ("missing", "d=$(mktemp -d) && mount -t tmpfs none $d && touch $d/null $d/urandom && "
                "mount --bind /dev/null $d/null && mount --bind /dev/urandom $d/urandom && "
                "mount --rbind $d /dev", ["ENOENT", "ENOSYS"]),
])  # fmt: skip
def test_F19_no_dev_shm(lab, call, kind, prepare, errors):
    """It is said that it is not available, and what does not need it works."""
    enter = in_namespaces(["-m"], f"TMPDIR={lab.folder}; export TMPDIR; {prepare}; unset TMPDIR")
    r = run_in(lab, enter, [*SPAWN, NAMED[call].format("x"), "a id = shmget(IPC_PRIVATE, 9, 0600)",
                            "a m = shmat(id)", 'a strcpy(m, "x")', "a print m",
                            "a shmctl(id, IPC_RMID)"])
    assert r.status == 0, r
    event = r.one("exit", call=call)
    assert event["errno"] in errors, r
    assert "/dev/shm" in r.stdout, r
    assert r.one("exit", call="print")["value"] == "x"


@pytest.mark.parametrize("folder", ["/dev/shm/", "/tmp/", ""])
def test_full_file_system_of_a_sealed_world(lab, folder):
    """The world's own places have a size, so that nobody fills the machine's."""
    r = lab.run([*SPAWN, f'a f = open("{folder}f", O_CREAT|O_RDWR)', "a b = malloc(16000000)",
                 *["a write(f, b, 16000000)"] * 6, f'a unlink("{folder}f")'], world="sealed").ok()
    if "errno" not in r.last("exit", call="write"):
        assert folder == "", r  # a folder of the session on the disk of its user
        pytest.skip("the working folder is on a disk")
    said(r, "write", "ENOSPC", [r"its file system has \d+ bytes, and \d+ of them are free"])


# ---- Descriptors ---------------------------------------------------------------------------------

QUEUED = ["a s = socket(AF_UNIX, SOCK_STREAM)", 'a bind(s, "@d")', "a listen(s)",
          "a c = socket(AF_UNIX, SOCK_STREAM)", 'a connect(c, "@d")']  # fmt: skip
# What may fail with EMFILE: lines before, the call, lines that show that nothing was made.
MAKES = {
    "pipe": ([], "a pipe(p)", []),
    "pipe2": ([], "a pipe2(p)", []),
    "open": ([], 'a open("f", O_CREAT|O_RDWR)', ['a unlink("f")']),
    "dup": ([], "a dup(0)", []),
    "fcntl": ([], "a fcntl(0, F_DUPFD, 0)", []),
    "socket": ([], "a socket(AF_UNIX, SOCK_STREAM)", []),
    "socketpair": ([], "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", []),
    "accept": (QUEUED, "a accept(s)", []),
    "eventfd": ([], "a eventfd(0)", []),
    "timerfd_create": ([], "a timerfd_create(CLOCK_MONOTONIC)", []),
    "epoll_create1": ([], "a epoll_create1()", []),
    "memfd_create": ([], 'a memfd_create("box")', []),
    "pidfd_open": ([], "a pidfd_open(a)", []),
    "signalfd": ([], "a signalfd(-1, 0, SIGUSR1)", []),
    "mq_open": ([], 'a mq_open("/q", O_CREAT|O_RDWR)', ['a mq_unlink("/q")']),
    "sem_open": ([], 'a sem_open("/s", O_CREAT, 0600, 1)', ['a sem_unlink("/s")']),
    "shm_open": ([], 'a shm_open("/m", O_CREAT|O_RDWR, 0600)', ['a shm_unlink("/m")']),
}
# Those that fail with EBADF or EINVAL for a number that the limit does not allow.
BEYOND = {"dup2": "a dup2(0, {})", "dup3": "a dup3(0, {}, 0)"}


def test_every_call_that_makes_a_descriptor_is_here():
    may = {c["name"] for p in RECORDS["plugins"] for c in p["calls"]
           if any(e["name"] == "EMFILE" for e in c["errors"])}  # fmt: skip
    assert may <= set(MAKES) | set(BEYOND), may - set(MAKES) - set(BEYOND)


def open_numbers(r, k):
    """The descriptors that the k-th `fds --json` of a run shows."""
    found = [json.loads(line) for line in r.stdout.split("\n") if line.startswith("{") and "fds" in line]
    return found[k]["processes"]


@pytest.mark.parametrize("call", MAKES)
def test_EMFILE(lab, world, call):
    before, line, undone = MAKES[call]
    lines = [*SPAWN, *before, "fds --json a", "a n = dup(0)", "a close(n)",
             "a setrlimit(RLIMIT_NOFILE, n)", line, "fds --json a",
             *[f"- {u}" for u in undone], "a setrlimit(RLIMIT_NOFILE, 256)", line]  # fmt: skip
    r = lab.run(lines).ok()
    first, last = r.find("exit", call=call)[-2:]
    limit = r.find("exit", call="dup")[0]["ret"]
    assert first["errno"] == "EMFILE", r
    note = " ".join(first["note"])
    assert f"RLIMIT_NOFILE allows this process the descriptors below {limit}" in note, r
    assert open_numbers(r, 0) == open_numbers(r, 1), "the failed call changed what is open"
    assert not [e for e in r.find("exit") if e["call"].endswith("unlink") and "errno" not in e], \
        "the failed call made what it could not open"
    assert "errno" not in last, "with room again it works"


@pytest.mark.parametrize("call", BEYOND)
def test_beyond_the_limit(lab, call):
    r = lab.run([*SPAWN, "a setrlimit(RLIMIT_NOFILE, 10)", BEYOND[call].format(10)]).ok()
    event = r.one("exit", call=call)
    assert event["errno"] == "EBADF"
    assert "RLIMIT_NOFILE" in r.stdout


def test_descriptors_that_come_in_a_message(lab, world):
    """They are lost, and that is said; the bytes come."""
    r = lab.run([*SPAWN, "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", 'a sendmsg(sv[0], "x", 0)',
                 "a setrlimit(RLIMIT_NOFILE, 5)", "a recvmsg(sv[1], buf)"]).ok()
    event = r.one("exit", call="recvmsg")
    assert event["ret"] == 1
    assert "RLIMIT_NOFILE allows this process the descriptors below 5" in " ".join(event["note"])


# ---- Processes -----------------------------------------------------------------------------------


@pytest.fixture
def crowded(lab, user):
    if user != "nobody" and os.getuid() == 0:
        pytest.skip("root has no limit of processes")
    return lab


def picture(r, k):
    """What the k-th group of looks shows: processes, descriptors, objects, and variables but errno."""
    return re.sub(r"errno = \d+", "errno", r.stdout.split("====\n")[2 * k + 1])


LOOKS = ["! echo ====", "ps", "fds", "vars a", "objects", "! echo ===="]


def test_fork_fails(crowded, world):
    """EAGAIN, the limit by name and value, and everything is as it was."""
    lab = crowded
    r = lab.run([*SPAWN, "a pipe(p)", 'a write(p[1], "x")', *LOOKS, "a setrlimit(RLIMIT_NPROC, 1)",
                 "a fork(c)", *LOOKS, "a setrlimit(RLIMIT_NPROC, 4096)", "a fork(c)",
                 "c read(p[0], buf, 8)", "c print buf"]).ok()
    first, last = r.find("exit", call="fork")
    assert (first["ret"], first["errno"]) == (-1, "EAGAIN")
    note = " ".join(first["note"])
    assert "RLIMIT_NPROC allows this user 1 processes" in note
    assert re.search(r"kernel.threads-max the machine \d+", note)
    assert picture(r, 0) == picture(r, 1)
    assert last["ret"] > 0, "the name is free, and there is room again"
    assert len(r.find("process", what="fork")) == 1
    assert r.one("exit", call="print")["value"] == "x"


def test_verdict_after_a_fork_that_failed(crowded):
    """There is no child who could write: the reader waits for itself."""
    r = crowded.run([*SPAWN, "a pipe(p)", "a setrlimit(RLIMIT_NPROC, 1)", "a fork(c)",
                     "a read(p[0], buf, 8)"])
    assert r.status == 4, r
    verdict = r.one("verdict")
    assert (verdict["kind"], verdict["actors"]) == ("stuck", ["a"])
    assert r.one("block")["holders"] == [{"actor": "a", "fd": 4, "mode": "w"}]


@as_root
@pytest.mark.serial
def test_fork_fails_by_a_control_group(lab, world):
    """pids.max is no limit of the process: the same error, and the words say where to look."""
    group = "/sys/fs/cgroup/pids/ipclab-" + lab.marker
    if not os.path.exists("/sys/fs/cgroup/pids/cgroup.procs"):
        pytest.skip("no control group of processes here")
    try:
        os.mkdir(group)
    except OSError:
        pytest.skip("a control group cannot be made here")
    try:
        with open(f"{group}/pids.max", "w") as f:
            f.write("12")

        def enter():
            with open(f"{group}/cgroup.procs", "w") as f:
                f.write("0")

        forks = [f"a fork(c{i})" for i in range(12)]
        r = lab.run([*SPAWN, "a pipe(p)", *forks, "ps", "a fork(d)", "ps", "objects", "a getpid()"],
                    preexec_fn=enter)
        assert r.status == 0, r
        made = len(r.find("process", what="fork"))
        assert 0 < made < 12, r
        event = said(r, "fork", "EAGAIN", ["pids.max"])
        assert event["ret"] == -1
        first, last = re.findall(r"^ACTOR.*\n(?:\w+ +\d+ .*\n)+", r.stdout, re.M)
        assert first == last and len(first.split("\n")) == made + 3
        # Nobody could be made to look at the objects either, and that is said, not guessed at.
        assert "cannot be looked at" in r.last("note")["text"] or "pipe#1" in r.stdout
    finally:
        assert leftovers.until(lambda: removed(group), 10), "processes are left in the group"


def removed(folder):
    """A control group goes when the last of its processes is gone."""
    try:
        os.rmdir(folder)
    except OSError:
        return False
    return True
