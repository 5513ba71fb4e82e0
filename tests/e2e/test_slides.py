# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the slides, typed statement by statement: the pipe program with its streams, and
the loops of server and client. What stdio holds is looked at on its way."""

LETTERS = "abcdefghijklmnopqrstuvwxyz"
GREETING = "Hello World\n"

BEGIN = """\
spawn parent
parent int pipefd[2];
parent char recv[32];
parent pipe(pipefd);
parent pid = fork(child);
child close(pipefd[0]);
child FILE *out = fdopen(pipefd[1], "w");
child fprintf(out, "Hello World\\n");
parent close(pipefd[1]);
parent FILE *in = fdopen(pipefd[0], "r");
parent fscanf(in, "%s", recv);
"""

# A writer whose printed text is still in its memory when it forks.
TWICE = """\
spawn reader
reader pipe(p)
reader fork(writer)
reader close(p[1])
writer FILE *out = fdopen(p[1], "w")
writer fprintf(out, "once ")
writer fork(copy)
"""

SEGMENT = """\
spawn server client
server int key = 5678
server shmid = shmget(key, 27, IPC_CREAT | 0666)
server shm = shmat(shmid, NULL, 0)
client int key = 5678
client shmid = shmget(key, 27, 0666)
client shm = shmat(shmid, NULL, 0)
"""


def printed(r, actor):
    return "".join(e["text"] for e in r.find("output", actor=actor, fd=1))


def test_pipe_program(lab, world, user):
    r = lab.run(BEGIN + 'child exit(0)\nparent printf("%s", recv)\nparent exit(0)').ok()

    opened = r.one("exit", actor="child", call="fdopen")
    assert opened["created"] is True
    assert opened["obj"] == "stream#1"
    # Printed is not written: the text is in the child, the pipe is empty, and the parent waits.
    put = r.one("exit", actor="child", call="fprintf")
    assert put["ret"] == len(GREETING)
    assert put["facts"]["written"] == 0
    assert put["obj"] == "stream#1"
    assert put["state"]["buffering"] == "full"
    assert put["state"]["buffered"] == len(GREETING)
    assert put["state"]["pending"] == GREETING
    waits = r.one("block", actor="parent", call="fscanf")
    assert waits["obj"] == "pipe#1"
    assert waits["state"]["bytes"] == 0
    assert waits["holders"] == [{"actor": "child", "fd": 4, "mode": "w"}]

    # exit writes it; the stream of the parent takes all of it, the program only a word.
    got = r.one("exit", actor="parent", call="fscanf")
    assert got["by"] == r.one("enter", actor="child", call="exit")["step"]
    assert got["ret"] == 1
    assert got["out"]["recv"] == "Hello"
    assert got["obj"] == "pipe#1"
    assert got["flow"] == -len(GREETING)
    assert got["state"]["bytes"] == 0

    # stdout is line-buffered and there is no newline: nothing comes before the end.
    shown = r.one("exit", actor="parent", call="printf")
    assert shown["ret"] == len("Hello")
    assert shown["state"]["fd"] == 1
    assert shown["state"]["buffering"] == "line"
    assert shown["state"]["pending"] == "Hello"
    assert printed(r, "parent") == "Hello"
    output = r.one("output", actor="parent")
    assert output["seq"] > r.one("enter", actor="parent", call="exit")["seq"] > shown["seq"]
    assert not r.find("verdict")


def test_pipe_program_repeats(lab, world):
    lab.twice(BEGIN + 'child exit(0)\nparent printf("%s", recv)\nparent exit(0)')


def test_newline_writes(lab, world):
    r = lab.run('spawn a\na printf("one")\na printf(" two\\nthree")\na exit(0)').ok()
    first, second = r.find("exit", call="printf")
    assert first["facts"]["written"] == 0
    assert first["state"]["pending"] == "one"
    assert second["facts"]["written"] == len("one two\n")
    assert second["state"]["pending"] == "three"
    one, two = r.find("output", actor="a")
    assert (one["text"], two["text"]) == ("one two\n", "three")
    assert first["seq"] < second["seq"] < one["seq"] < r.one("enter", call="exit")["seq"]


def test__exit_loses(lab, world):
    """What exit would have written is gone: the parent's scanf meets the end of file."""
    r = lab.run(BEGIN + "child _exit(0)").ok()
    assert r.one("exit", actor="child", call="fprintf")["state"]["pending"] == GREETING
    got = r.one("exit", actor="parent", call="fscanf")
    assert got["by"] == r.one("enter", actor="child", call="_exit")["step"]
    assert got["ret"] == -1
    assert "flow" not in got
    assert "out" not in got


def test_fork_copies_the_buffer(lab, world):
    r = lab.run(
        TWICE + 'copy fprintf(out, "copy ")\nwriter fprintf(out, "writer ")\n'
        "writer exit(0)\ncopy exit(0)\nreader read(p[0], buf, 64)"
    ).ok()
    assert r.one("exit", actor="writer", call="fork")["facts"]["unwritten"] == len("once ")
    copy = r.one("exit", actor="copy", call="fprintf")
    writer = r.last("exit", actor="writer", call="fprintf")
    assert copy["obj"] != writer["obj"]
    assert copy["state"]["pending"] == "once copy "
    assert writer["state"]["pending"] == "once writer "
    got = r.one("exit", actor="reader", call="read")
    assert got["out"]["buf"] == "once writer once copy "


def test_fork_and__exit(lab, world):
    """The child leaves the copy alone, and the text comes once."""
    r = lab.run(TWICE + "copy _exit(0)\nwriter exit(0)\nreader read(p[0], buf, 64)").ok()
    assert r.one("exit", actor="reader", call="read")["out"]["buf"] == "once "


def test_exec_loses(lab, world):
    r = lab.run(
        'spawn parent\nparent fork(child)\nchild printf("lost")\n'
        'child execve("/bin/echo", "echo", "found")\nparent waitpid(child, status)'
    ).ok()
    assert printed(r, "child") == "found\n"


def test_fflush_before_fork(lab, world):
    r = lab.run(
        'spawn a\na printf("once")\na fflush(stdout)\na fork(b)\na exit(0)\nb exit(0)'
    ).ok()
    assert "facts" not in r.one("exit", call="fork")
    assert r.one("exit", call="fflush")["facts"]["written"] == len("once")
    assert printed(r, "a") == "once"
    assert printed(r, "b") == ""


def test_standard_streams(lab, world):
    """By their names wherever a stream is wanted, and only streams there."""
    r = lab.run(
        'spawn a\na fprintf(stderr, "e")\na fprintf(stdout, "o\\n")\na FILE *f = stdout\n'
        'a fprintf(f, "f\\n")\na fgets(line, 80, stdin)\na fflush(NULL)'
    ).ok()
    assert [e["text"] for e in r.find("output", fd=2)] == ["e"]
    assert printed(r, "a") == "o\nf\n"
    assert r.one("exit", call="fgets")["facts"]["eof"] == 1
    for wrong in ("a", "3", "O_RDONLY"):
        assert lab.run(f'spawn a\na fprintf({wrong}, "x")').status == 2


def test_server_and_client(lab, world, user):
    """*s++ = c, one letter a line, and the client's for loop."""
    lines = SEGMENT + "server s = shm\n"
    for letter in LETTERS:
        lines += f"server *s = '{letter}'\nserver s = s + 1\n"
    lines += "server *s = 0\nserver await *shm == '*'\nclient s = shm\n"
    for _ in LETTERS:
        lines += "client putchar(*s)\nclient s = s + 1\n"
    lines += "client print *s\nclient putchar('\\n')\nclient *shm = '*'\n"
    lines += "server shmctl(shmid, IPC_RMID, NULL)\nclient exit(0)\nserver exit(0)"
    r = lab.run(lines).ok()
    assert r.one("exit", actor="server", call="shmget")["created"] is True
    assert r.returns("putchar")[:-1] == [ord(letter) for letter in LETTERS]
    assert r.one("exit", actor="client", call="print")["value"] == 0
    assert printed(r, "client") == LETTERS + "\n"
    seen = r.one("exit", actor="server", call="await")
    assert seen["by"] == r.last("enter", actor="client", call="=")["step"]
    removed = r.one("enter", call="shmctl")
    assert removed["args"][1:] == ["IPC_RMID", "NULL"]
    assert r.returns("shmctl") == [0]


def test_perror_of_the_client(lab, world):
    """The client first: shmget fails as the program's first if expects, and perror says why."""
    r = lab.run('spawn client\nclient shmget(5678, 27, 0666)\nclient perror("shmget")').ok()
    assert r.returns("shmget") == ["ENOENT"]
    assert r.one("output", fd=2)["text"] == "shmget: No such file or directory\n"
