# SPDX-License-Identifier: GPL-3.0-or-later
"""A slip of the fingers (interface 3): which bytes of the line are wrong, and what was meant."""

import pytest

STORY = ["spawn server client", "server shmid = shmget(5678, 27, IPC_CREAT|0666)", "server pipe(fds)"]


def error_of(lab, line):
    """What is said of a line: (first column, last column, text)."""
    r = lab.run([*STORY, line])
    assert r.status == 2, r
    said = [l for l in r.stderr.splitlines() if ": error: " in l][-1]
    place, text = said.split(": error: ", 1)
    first, last = place.rsplit(":", 1)[1].split("-")
    return int(first), int(last), text


@pytest.mark.parametrize(
    "line, wrong, words",
    [
        # actors and builtins
        ("srever print 1", "srever", "no actor or builtin 'srever'; did you mean server?"),
        ("Server print 1", "Server", "did you mean server?"),
        ("server,clinet print 1", "clinet", "no actor 'clinet'; did you mean client?"),
        ("nobody print 1", "nobody", "actors: server, client"),
        ("spwan x", "spwan", "did you mean spawn?"),
        ("why servre", "servre", "did you mean server?"),
        ("use clinet", "clinet", "did you mean client?"),
        # calls and the words beside them
        ("server shmgte(1, 2)", "shmgte", "server has no call 'shmgte'; did you mean shmget?"),
        ("server SHMGET(1, 2)", "SHMGET", "did you mean shmget?"),
        ("server shmgte 1 2", "shmgte", "did you mean shmget?"),
        ("client shmat(shmgte(1, 2))", "shmgte", "client has no call 'shmgte'; did you mean shmget?"),
        ("server prnt shmid", "prnt", "did you mean print?"),
        ("server awiat shmid", "awiat", "did you mean await?"),
        ("server itn n = 5", "itn", "did you mean int?"),
        ("server shmid", "shmid", "'shmid' is a variable of server and no call"),
        ("server write(fds(1), \"x\")", "fds", "elements are fds[0] to fds[1]"),
        # a constant of the same call, in another place
        (
            "server pthread_mutex_init(&shmid, PTHREAD_MUTEX_ROBUST)",
            "PTHREAD_MUTEX_ROBUST",
            "is for argument 3, robust; this is argument 2, pshared",
        ),
        ("server sigtimedwait(SIGUSR1, 100)", "SIGUSR1", "is for argument 2, sig; this is argument 1, ms"),
        ("server sigpending(set)", "set", "takes no arguments here: sigpending()"),
        ("server maps", "maps", "that is said to the shell, without an actor before it"),
        ("server mmap(0, 9, MAP_SHARED, PROT_READ)", "MAP_SHARED", "is for argument 4, flags"),
        ("shmget(1, 2)", "shmget", "an actor's name comes first"),
        ("print 1", "print", "an actor's name comes first"),
        ("shmid = 5", "shmid", "an actor's name comes first"),
        # constants, variables, processes
        ("server shmget(1, 2, IPC_CRAET|0666)", "IPC_CRAET", "did you mean IPC_CREAT?"),
        ("server shmget(1, 2, 0666|ipc_creat)", "ipc_creat", "did you mean IPC_CREAT?"),
        ("server shmget 1 2 IPC_EXLC", "IPC_EXLC", "did you mean IPC_EXCL?"),
        ("server print shmdi", "shmdi", "server has no variable 'shmdi'; did you mean shmid?"),
        ("client print shmid", "shmid", "server has one, but processes share no memory"),
        ("server waitpid(clietn, status)", "clietn", "did you mean client?"),
        ("server close(fds)", "fds", "did you mean fds[0]?"),
        ("server print getpid", "getpid", "getpid(...)"),
        # settings
        ("set veiw lanes", "veiw", "did you mean view?"),
        ("set view lnaes", "lnaes", "did you mean lanes?"),
        ("set --sav view lanes", "--sav", "--save"),
        ("show hnits", "hnits", "did you mean hints?"),
        # what holds a line together
        ("server close(3 4)", "4", "a ',' or an operator is missing before it"),
        ("server close(3,)", ")", "something is missing before it"),
        ("server close(3))", "))", "no bracket open"),
        ("server shmget(1, 2", "(", "never closed"),
        ("server puts(\u201chi\u201d)", "\u201c", "plain quotes"),
    ],
)
def test_slips(lab, line, wrong, words):
    first, last, text = error_of(lab, line)
    assert words in text
    at = line.encode().index(wrong.encode())
    end = at + len(wrong.encode())
    if wrong == "))":  # the second of them
        at += 1
    assert (first, last) == (at + 1, end)


@pytest.mark.parametrize(
    "line",
    [
        "server print xyzzy",
        "client print shmidd",  # no variable that is client's own, and no constant is near
        "server plugh(1)",
        "quux 5",
    ],
)
def test_nothing_is_near(lab, line):
    assert "did you mean" not in error_of(lab, line)[2]


def test_a_near_miss_is_never_run(lab):
    r = lab.run([*STORY, "server shmgte(1, 2, IPC_CREAT|0666)", "quti"], "-k")
    assert r.status == 2
    assert len(r.find("enter")) == 2
    assert r.one("end")
