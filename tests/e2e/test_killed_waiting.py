# SPDX-License-Identifier: GPL-3.0-or-later
"""Killed while it waits, in every call that may wait: the end is an event that says during which
call, the others go on, what they share is as the kernel left it, and the next verdict is right.

A call whose record says that it may wait and that has no scene here fails the test."""

import os
import platform
import re
import signal

import pytest
from live import Live, is_gone, state
from test_examples import RECORDS

PIPE = ["spawn a", "a pipe(p)", "a fork(b)"]
FULL = ["spawn a", "a char page[4096]", "a pipe(p)", "a fcntl(p[1], F_SETPIPE_SZ, 4096)",
        "a write(p[1], page, 4096)", "a fork(b)"]  # fmt: skip
ROOM = ["b read(p[0], page, 4096)"]
HELD = [*FULL, 'a out = fdopen(p[1], "w")', 'a fprintf(out, "x")']
PRINTS = [*FULL, "a dup2(p[1], 1)"]
FILE = ["spawn a", 'a f = open("f", O_RDWR|O_CREAT)', "a fork(b)"]
QUEUE = ["spawn a b", "a q = msgget(5678, IPC_CREAT|0666)", "b q = msgget(5678, 0)"]
BOX = ["spawn a b", 'a q = mq_open("/box", O_CREAT|O_RDWR, 0600, 1, 16)', 'b q = mq_open("/box", O_RDWR)']
SET = ["spawn a b", "a id = semget(5678, 1, IPC_CREAT|0666)", "b id = semget(5678, 1, 0)"]
SEM = ["spawn a b", 'a sem = sem_open("/lock", O_CREAT, 0600, 0)', 'b sem = sem_open("/lock")']
MUTEX = ["spawn a", "a m = shmat(shmget(5678, 128, IPC_CREAT|0666))", "a c = m + 64",
         "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED)",
         "a pthread_cond_init(c, PTHREAD_PROCESS_SHARED)", "a fork(b)"]  # fmt: skip
# glibc until 2.40 waits for a dead one to take its signal, as the second signal does here.
AWAITED = [*MUTEX, "a fork(c1)", "a fork(d)", "c1 pthread_mutex_lock(m)", "c1 pthread_cond_wait(c, m)",
           "b kill(c1, SIGKILL)", "a pthread_cond_signal(c)", "d pthread_mutex_lock(m)",
           "d pthread_cond_wait(c, m)"]  # fmt: skip
LOCKED = [*MUTEX, "b pthread_mutex_lock(m)"]
UNLOCK = ["b pthread_mutex_unlock(m)", "b pthread_mutex_trylock(m)"]
WORD = ["spawn a", "a int *w = shmat(shmget(5678, 128, IPC_CREAT|0666))", "a fork(b)"]
PAIR = ["spawn a", "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", "a fork(b)"]
STUFFED = ["spawn a", "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", "a char data[65536]",
           "a setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, 4608)",
           "a send(sv[0], data, 65536, MSG_DONTWAIT)", "a fork(b)"]  # fmt: skip
DOOR = ["spawn b a", "b s = socket(AF_UNIX, SOCK_STREAM)", 'b bind(s, "@door")', "b listen(s, 0)"]
UDP = ["spawn a b", "a s = socket(AF_UNIX, SOCK_DGRAM)", 'a bind(s, "@a")',
       "b s = socket(AF_UNIX, SOCK_DGRAM)", 'b bind(s, "@b")']  # fmt: skip
COUNTER = ["spawn a", "a e = eventfd(0)", "a fork(b)"]
SIGNAL = ["spawn a b", "a sigprocmask(SIG_BLOCK, SIGUSR1)"]


class Scene:
    """a waits in `line` after `before`. When it was killed b's `then` return these, or anything that
    is no error."""

    def __init__(self, before, line, *then):
        self.before, self.line = before, line
        self.then = [t if isinstance(t, tuple) else (t, None) for t in then]


SCENES = {
    # file, and the objects of pipe and fifo
    "open": Scene(['spawn a', 'a mkfifo("f", 0666)', "a fork(b)"], 'a open("f", O_RDONLY)',
                  ('b open("f", O_WRONLY|O_NONBLOCK)', "ENXIO")),
    "read": Scene(PIPE, "a read(p[0], buf, 8)", ('b write(p[1], "x")', 1), ("b read(p[0], buf, 8)", 1)),
    "write": Scene(FULL, 'a write(p[1], "x")', *ROOM, ('b write(p[1], "y")', 1)),
    "fcntl": Scene([*FILE, "b fcntl(f, F_SETLK, F_WRLCK)"], "a fcntl(f, F_SETLKW, F_WRLCK)",
                   "b fcntl(f, F_SETLK, F_UNLCK)", "b fcntl(f, F_SETLK, F_WRLCK)"),
    "poll": Scene(PIPE, "a poll(p[0], POLLIN, -1)", ('b write(p[1], "x")', 1)),
    "select": Scene(PIPE, "a select(p[0], READFDS, -1)", ('b write(p[1], "x")', 1)),
    # stdio
    "fprintf": Scene([*FULL, 'a out = fdopen(p[1], "w")', "a setvbuf(out, NULL, _IONBF)"],
                     'a fprintf(out, "x")', *ROOM, ('b write(p[1], "y")', 1), ("b read(p[0], page, 9)", 1)),
    "fscanf": Scene([*PIPE, 'a f = fdopen(p[0], "r")'], 'a fscanf(f, "%d", n)', ('b write(p[1], "1")', 1)),
    "fgets": Scene([*PIPE, 'a f = fdopen(p[0], "r")'], "a fgets(buf, 8, f)", ('b write(p[1], "1")', 1)),
    "fflush": Scene(HELD, "a fflush(out)", *ROOM),
    "setvbuf": Scene(HELD, "a setvbuf(out, NULL, _IONBF)", *ROOM),
    "fclose": Scene(HELD, "a fclose(out)", *ROOM),
    "exit": Scene(HELD, "a exit(0)", *ROOM),
    "puts": Scene(PRINTS, 'a puts("x")', *ROOM),
    "putchar": Scene([*PRINTS, "a setvbuf(stdout, NULL, _IONBF)"], "a putchar('x')", *ROOM),
    "printf": Scene(PRINTS, 'a printf("x\\n")', *ROOM),
    "perror": Scene([*FULL, "a dup2(p[1], 2)"], 'a perror("x")', *ROOM),
    # process
    "wait": Scene(["spawn a", "a fork(b)"], "a wait(status)"),
    "waitpid": Scene(["spawn a", "a fork(b)"], "a waitpid(b, status)"),
    "waitid": Scene(["spawn a", "a fork(b)"], "a waitid(P_PID, b, info, WEXITED)"),
    "sleep": Scene(["spawn a b"], "a sleep(1000)"),
    "nanosleep": Scene(["spawn a b"], "a nanosleep(1000, 0)"),
    "hello_nap": Scene(["spawn a b"], "a hello_nap(60000)"),
    # signal
    "pause": Scene(["spawn a b"], "a pause()"),
    "sigsuspend": Scene(["spawn a b"], "a sigsuspend()"),
    "sigwaitinfo": Scene(SIGNAL, "a sigwaitinfo(SIGUSR1)"),
    "sigtimedwait": Scene(SIGNAL, "a sigtimedwait(60000, SIGUSR1)"),
    # socket
    "accept": Scene([*DOOR[:1], *[line.replace("b ", "a ", 1) for line in DOOR[1:]],
                     "b c = socket(AF_UNIX, SOCK_STREAM)"],
                    "a accept(s)", ('b connect(c, "@door")', "ECONNREFUSED")),
    "connect": Scene([*DOOR, 'b connect(socket(AF_UNIX, SOCK_STREAM), "@door")',
                      "a c = socket(AF_UNIX, SOCK_STREAM)"],
                     'a connect(c, "@door")', "b accept(s)"),
    "send": Scene(STUFFED, 'a send(sv[0], "x")', "b recv(sv[1], data, 65536)"),
    "recv": Scene(PAIR, "a recv(sv[0], buf, 8)", ('b send(sv[1], "x")', 1), ("b recv(sv[0], buf, 8)", 1)),
    "sendmsg": Scene(STUFFED, 'a sendmsg(sv[0], "x")', "b recv(sv[1], data, 65536)"),
    "recvmsg": Scene(PAIR, "a recvmsg(sv[0], buf)", ('b send(sv[1], "x")', 1)),
    "sendto": Scene([*UDP, "a setsockopt(s, SOL_SOCKET, SO_SNDBUF, 4608)", "a fcntl(s, F_SETFL, O_NONBLOCK)",
                     *['- a sendto(s, "x", "@b")'] * 40, "a fcntl(s, F_SETFL, 0)"],
                    'a sendto(s, "x", "@b")', ("b recvfrom(s, buf, 8)", 1)),
    "recvfrom": Scene(UDP, "a recvfrom(s, buf, 8)", ('b sendto(s, "x", "@a")', "ECONNREFUSED")),
    # event
    "eventfd_read": Scene(COUNTER, "a eventfd_read(e, &n)", "b eventfd_write(e, 2)",
                          "b eventfd_read(e, &n)"),
    "eventfd_write": Scene([*COUNTER, "a eventfd_write(e, -2)"], "a eventfd_write(e, 1)",
                           "b eventfd_read(e, &n)", "b eventfd_write(e, 1)"),
    "epoll_wait": Scene(["spawn a", "a e = eventfd(0)", "a ep = epoll_create1()",
                         "a epoll_ctl(ep, EPOLL_CTL_ADD, e, EPOLLIN)", "a fork(b)"],
                        "a epoll_wait(ep, events, 8, -1)", "b eventfd_write(e, 1)",
                        ("b epoll_wait(ep, events, 8, 0)", 1)),
    "splice": Scene([*PIPE[:2], "a pipe(q)", "a fork(b)"], "a splice(p[0], NULL, q[1], NULL, 64)",
                    ('b write(p[1], "x")', 1), ("b splice(p[0], NULL, q[1], NULL, 64)", 1)),
    "tee": Scene([*PIPE[:2], "a pipe(q)", "a fork(b)"], "a tee(p[0], q[1], 64)",
                 ('b write(p[1], "x")', 1), ("b tee(p[0], q[1], 64)", 1)),
    "flock": Scene(["spawn a b", 'a f = open("f", O_CREAT|O_RDWR, 0644)', 'b f = open("f", O_RDWR)',
                    "b flock(f, LOCK_EX)"], "a flock(f, LOCK_EX)", "b flock(f, LOCK_UN)",
                   "b flock(f, LOCK_EX|LOCK_NB)"),
    # message queues
    "msgsnd": Scene([*QUEUE, "a msgctl(q, IPC_SET, 0666, 8)", 'a msgsnd(q, 1, "12345678")'],
                    'a msgsnd(q, 1, "x")', ("b msgrcv(q, buf, 64)", 8),
                    ("b msgrcv(q, buf, 64, 0, IPC_NOWAIT)", "ENOMSG")),
    "msgrcv": Scene(QUEUE, "a msgrcv(q, buf, 64, 3)", 'b msgsnd(q, 3, "hi")', ("b msgrcv(q, buf, 64, 3)", 2)),
    "mq_send": Scene([*BOX, 'a mq_send(q, "1", 0)'], 'a mq_send(q, "2", 0)', ("b mq_receive(q, buf)", 1),
                     ("b mq_timedreceive(q, buf, 10)", "ETIMEDOUT")),
    "mq_timedsend": Scene([*BOX, 'a mq_send(q, "1", 0)'], 'a mq_timedsend(q, "2", 0, 60000)',
                          ("b mq_receive(q, buf)", 1)),
    "mq_receive": Scene(BOX, "a mq_receive(q, buf)", 'b mq_send(q, "hi", 0)', ("b mq_receive(q, buf)", 2)),
    "mq_timedreceive": Scene(BOX, "a mq_timedreceive(q, buf, 60000)", 'b mq_send(q, "hi", 0)',
                             ("b mq_receive(q, buf)", 2)),
    # semaphores
    "semop": Scene(SET, "a semop(id, 0, -1)", ("b semctl(id, 0, GETNCNT)", 0), "b semop(id, 0, 1)",
                   "b semop(id, 0, -1)"),
    "semtimedop": Scene(SET, "a semtimedop(id, 0, -1, 0, 60000)", ("b semctl(id, 0, GETNCNT)", 0)),
    "sem_wait": Scene(SEM, "a sem_wait(sem)", "b sem_post(sem)", "b sem_wait(sem)"),
    "sem_timedwait": Scene(SEM, "a sem_timedwait(sem, 60000)", "b sem_post(sem)", "b sem_wait(sem)"),
    # futex
    "pthread_mutex_lock": Scene(LOCKED, "a pthread_mutex_lock(m)", *UNLOCK),
    "pthread_mutex_timedlock": Scene(LOCKED, "a pthread_mutex_timedlock(m, 60000)", *UNLOCK),
    "pthread_cond_wait": Scene([*MUTEX, "a pthread_mutex_lock(m)"], "a pthread_cond_wait(c, m)",
                               "b pthread_mutex_lock(m)", "b pthread_cond_signal(c)",
                               "b pthread_mutex_unlock(m)"),
    "pthread_cond_timedwait": Scene([*MUTEX, "a pthread_mutex_lock(m)"],
                                    "a pthread_cond_timedwait(c, m, 60000)", "b pthread_mutex_lock(m)"),
    "pthread_cond_signal": Scene(AWAITED, "a pthread_cond_signal(c)", "b kill(d, SIGKILL)"),
    "pthread_cond_broadcast": Scene(AWAITED, "a pthread_cond_broadcast(c)", "b kill(d, SIGKILL)"),
    "futex": Scene(WORD, "a futex(w, FUTEX_WAIT, 0)", ("b futex_wake(w, 1)", 0)),
    "futex_wait": Scene(WORD, "a futex_wait(w, 0)", ("b futex_wake(w, 1)", 0)),
}  # fmt: skip


# No object that a lab can make is slow to these: a pipe or socket has no offset (ESPIPE), a file
# answers at once.
NEVER_SEEN = {"pread", "pwrite"}


def calls_that_wait():
    return [c["name"] for p in (RECORDS or {"plugins": []})["plugins"] for c in p["calls"]
            if c["waits"] and c["name"] not in NEVER_SEEN]


def rests_in(pid):
    """The system call in which it sleeps and with what, "" while it does not."""

    def call():
        try:
            with open(f"/proc/{pid}/syscall") as f:
                return f.read().strip()
        except OSError:
            return ""

    first = call()
    return first if first != "running" and state(pid) == "S" and call() == first else ""


def bring_to_wait(s, scene):
    """a's process, asleep in the call. What ends by itself is told when it has ended, so the kernel is
    asked: no system call of an idle process has these arguments."""
    for line in scene.before:
        s.line(line)
    pid = s.host("a")
    idle = s.until(lambda: rests_in(pid), "a at rest")
    s.send(scene.line)
    s.until(lambda: rests_in(pid) not in ("", idle), "sleep in the call")
    return pid


@pytest.mark.skipif(os.getuid() != 0, reason="only root sees in which system call others are")
@pytest.mark.parametrize("call", calls_that_wait())
def test_killed_while_it_waits(lab, world, call):
    assert SCENES.get(call), f"{call} may wait: say here how to bring it to that"
    scene = SCENES[call]
    if scene.before is AWAITED and [int(n) for n in platform.libc_ver()[1].split(".")] > [2, 40]:
        pytest.skip("this glibc waits for nobody there")
    with Live(lab, "-k") as s:
        pid = bring_to_wait(s, scene)
        os.kill(pid, signal.SIGKILL)
        s.until(lambda: is_gone(pid), "the end of a")
        s.settle()
        r = s.end(*[line for line, _ in scene.then], "b getpid()", "ps", "b pipe(own)",
                  "b read(own[0], last, 1)", "interrupt b", "a getpid()")
    assert r.events[-1]["ev"] == "end", r
    gone = r.one("process", what="killed", actor="a")
    assert (gone["sig"], gone["during"]) == ("SIGKILL", call), r
    entered = r.last("enter", actor="a")
    assert entered["call"] == call
    assert not r.find("exit", step=entered["step"]), "a call that never ended has an end"
    # What the others did since: no error but those that this end brings.
    after = r.events[r.events.index(gone) :]
    done = [e for e in after if e["ev"] == "exit" and e["actor"] == "b"]
    for (line, wanted), event in zip(scene.then, done):
        got = event.get("errno", event["ret"])
        assert got == wanted if wanted is not None else "errno" not in event, (line, got, r)
    assert len(r.returns("getpid", "b")) == 1, r
    assert not re.search(r"^a +\d+ +\d+ +(?!dead)", r.stdout[r.stdout.rindex("ACTOR") :], re.M), r
    # Who is dead neither waits nor holds anything, and is in no verdict.
    verdicts = [(e["kind"], e["actors"]) for e in after if e["ev"] == "verdict"]
    assert verdicts == [("never", ["b"])], r
    for event in after:
        held = [h.get("actor") for h in event.get("holders", [])]
        ends = event.get("state", {})
        assert "a" not in [*held, *ends.get("w", []), *ends.get("r", [])], event
    assert r.status == 2 and "a is dead" in r.stderr, r


# ---- The owner dies --------------------------------------------------------------------------------

ROBUST = ["spawn a", "a m = shmat(shmget(5678, 128, IPC_CREAT|0666))",
          "a pthread_mutex_init(m, PTHREAD_PROCESS_SHARED, PTHREAD_MUTEX_ROBUST)", "a fork(b)",
          "a pthread_mutex_lock(m)"]  # fmt: skip
TAKEN = [*SET, "a semctl(id, 0, SETVAL, 1)"]


FOREVER = "not even a signal ends it"


class Owner:
    """a owns something after `before`, and b waits for it in `line`. When a was killed b's call comes
    to `ends`, or to nothing (None); `afterwards` are lines of b and what they come to."""

    def __init__(self, before, line, ends, *afterwards):
        self.before, self.line, self.ends, self.afterwards = before, line, ends, afterwards


OWNERS = {
    "lock of a file": Owner([*FILE, "a fcntl(f, F_SETLK, F_WRLCK)"], "b fcntl(f, F_SETLKW, F_WRLCK)", 0),
    "flock": Owner(["spawn a b", 'a f = open("f", O_CREAT|O_RDWR, 0644)', 'b f = open("f", O_RDWR)',
                    "a flock(f, LOCK_EX)"], "b flock(f, LOCK_EX)", 0),
    "mutex": Owner([*MUTEX, "a fork(d)", "a pthread_mutex_lock(m)"], "b pthread_mutex_lock(m)", FOREVER,
                   ("d pthread_mutex_trylock(m)", "EBUSY"),
                   ("d pthread_mutex_timedlock(m, 10)", "ETIMEDOUT")),
    "robust mutex": Owner(ROBUST, "b pthread_mutex_lock(m)", "EOWNERDEAD",
                          ("b pthread_mutex_consistent(m)", 0), ("b pthread_mutex_unlock(m)", 0),
                          ("b pthread_mutex_lock(m)", 0)),
    "semaphore": Owner([*TAKEN, "a semop(id, 0, -1)"], "b semop(id, 0, -1)", None,
                       ("b semop(id, 0, -1, IPC_NOWAIT)", "EAGAIN"), ("b semctl(id, 0, GETVAL)", 0)),
    "semaphore with SEM_UNDO": Owner([*TAKEN, "a semop(id, 0, -1, SEM_UNDO)"], "b semop(id, 0, -1)", 0,
                                     ("b semctl(id, 0, GETVAL)", 0)),
    "POSIX semaphore": Owner(["spawn a b", 'a sem = sem_open("/lock", O_CREAT, 0600, 1)',
                              'b sem = sem_open("/lock")', "a sem_wait(sem)"],
                             "b sem_wait(sem)", None, ("b sem_trywait(sem)", "EAGAIN")),
    "writer of a pipe": Owner([*PIPE, "b close(p[1])"], "b read(p[0], buf, 8)", 0),
    "reader of a pipe": Owner([*FULL, "b close(p[0])"], 'b write(p[1], "x")', "SIGPIPE"),
    "writer of a FIFO": Owner(["spawn a", 'a mkfifo("f", 0666)', 'a f = open("f", O_RDWR)',
                               "a fork(c)", "c close(f)", 'c f = open("f", O_RDONLY)'],
                              "c read(f, buf, 8)", 0),
    "peer of a socket": Owner([*PAIR, "b close(sv[0])", "a close(sv[1])"], "b recv(sv[1], buf, 8)", 0,
                              ('b send(sv[1], "x", 1, MSG_NOSIGNAL)', "EPIPE")),
    "listener": Owner(["spawn a b", "a s = socket(AF_UNIX, SOCK_STREAM)", 'a bind(s, "@door")',
                       "a listen(s)", "b c = socket(AF_UNIX, SOCK_STREAM)", 'b connect(c, "@door")'],
                      "b recv(c, buf, 8)", "ECONNRESET", ("b d = socket(AF_UNIX, SOCK_STREAM)", None),
                      ('b connect(d, "@door")', "ECONNREFUSED")),
    "registration at a queue": Owner([*BOX, "a mq_notify(q, SIGEV_SIGNAL, SIGUSR1)",
                                      "- b mq_notify(q, SIGEV_NONE)"], "b mq_receive(q, buf)", None,
                                     ("b mq_notify(q, SIGEV_NONE)", 0)),
    "parent": Owner(["spawn a", "a fork(b)", "b fork(c)"], "b wait(status)", None),
    "child": Owner(["spawn b", "b fork(a)"], "b wait(status)", "pid of a"),
    "attached segment": Owner(["spawn a b", "a id = shmget(5678, 9, IPC_CREAT|0666)", "a m = shmat(id)",
                               'a strcpy(m, "left")', "b m = shmat(shmget(5678, 0, 0))"],
                              "b await *m == 'x'", None, ("b print m", None)),
}  # fmt: skip


@pytest.mark.parametrize("owner", OWNERS)
def test_owner_is_killed(lab, world, owner):
    """What the kernel takes back from the dead goes to who waits; of the rest it is said that nobody
    will give it back."""
    o = OWNERS[owner]
    who = o.line[0]
    with Live(lab, "-k") as s:
        for line in [*o.before, o.line]:
            s.line(line)
        waits = s.has(ev="block", actor=who)
        assert len(waits) == 1
        pid = s.kill("a")
        s.until(lambda: is_gone(pid), "the end of a")
        s.settle()
        if o.ends is None:
            s.line(f"why {who}")
            s.line(f"interrupt {who}")
        r = s.end(*[line for line, _ in o.afterwards], "mark exit(0)")
    gone = r.one("process", what="killed", actor="a")
    after = r.events[r.events.index(gone) :]
    step = waits[0]["step"]
    if o.ends == "SIGPIPE":
        assert r.one("process", what="killed", actor=who)["sig"] == "SIGPIPE"
    elif o.ends == FOREVER:
        assert not [e for e in after if e["ev"] == "exit" and e.get("step") == step], r
    else:
        (came,) = [e for e in after if e["ev"] == "exit" and e.get("step") == step]
        wanted = "EINTR" if o.ends is None else gone_pid(r) if o.ends == "pid of a" else o.ends
        assert came.get("errno", came["ret"]) == wanted, r
    done = [e for e in after if e["ev"] == "exit" and e["actor"] in "bcd" and e["step"] > step]
    for (line, wanted), event in zip(o.afterwards, done):
        assert wanted in (None, event.get("errno", event.get("ret"))), (line, r)
    for event in after:
        assert "a" not in event.get("actors", []), "a verdict about who is dead"


def gone_pid(r):
    made = [e for e in r.find("process", actor="a") if e["what"] in ("spawn", "fork")][-1]
    return made.get("pid") or made["vol"]["pid"]


@pytest.mark.parametrize("owner", ["mutex", "semaphore", "POSIX semaphore"])
def test_nobody_will_give_it_back(lab, owner):
    """The owner is dead, nobody else has anything to do with it: the verdict names who died."""
    o = OWNERS[owner]
    with Live(lab, "-k") as s:
        for line in [*o.before, o.line]:
            s.line(line)
        pid = s.kill("a")
        s.until(lambda: is_gone(pid), "the end of a")
        s.settle()
        r = s.end("why b", "mark exit(0)", *(["d exit(0)"] if "a fork(d)" in o.before else []))
    assert r.status == 4, r
    assert [v["kind"] for v in r.find("verdict")][-1] == "stuck"
    assert r.find("verdict")[-1]["actors"] == ["b"]
    text = r.stdout[r.stdout.index("b waits in") :]
    assert re.search(r"\ba\b.*(dead|died|killed|gone)", text), text
