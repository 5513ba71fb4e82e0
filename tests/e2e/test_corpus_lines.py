# SPDX-License-Identifier: GPL-3.0-or-later
"""Hostile lines: every message names its line, the lines after it run, and nothing else happens."""

import base64
import json
import os
import re
import resource
import subprocess
import time

import pytest

LINE_LIMIT = 65536
ACTOR_LIMIT = 4096


def script(lab, text, *options, **more):
    """Lines through standard input, the way they come out of a pipe."""
    return lab.run(None, *options, stdin=text, **more)


def errors(r):
    """[(line, message)] of what was refused; every one has the same shape."""
    found = []
    for text in r.stderr.splitlines():
        if text.startswith("ipclab: "):
            continue
        m = re.fullmatch(r".+?:(\d+)(?::(\d+)-(\d+))?: error: (.+)", text)
        assert m, f"not in the shape of an error: {text!r}\n{r}"
        found.append((int(m[1]), m[4]))
    return found


def refused(r, *lines):
    """The run was refused exactly these lines, with status 2 and its last words."""
    assert r.status == 2, r
    assert [line for line, _ in errors(r)] == list(lines), r
    assert r.stderr.splitlines()[-1] == "ipclab: not understood (status 2)", r
    whole(r)
    return [message for _, message in errors(r)]


def whole(r):
    """The trace is JSON in UTF-8 from `session` to `end`, whatever the lines held."""
    with open(r.trace, "rb") as f:
        lines = f.read().decode("utf-8", "strict").splitlines()
    events = [json.loads(line) for line in lines]
    assert events[0]["ev"] == "session", r
    assert events[-1]["ev"] == "end", r
    return events


def said(r, text):
    """An actor wrote this."""
    return [e for e in r.find("output") if e["text"] == text]


def test_A01_empty(lab):
    r = script(lab, "").ok()
    assert (r.stdout, r.stderr) == ("", "")
    assert [e["ev"] for e in whole(r)] == ["session", "end"]


def test_A02_blanks_and_comments(lab):
    r = script(lab, "   \n\t \t\n# a comment\n   # another\n\n").ok()
    assert (r.stdout, r.stderr) == ("", "")
    assert [e["ev"] for e in whole(r)] == ["session", "end"]


def test_A03_unbalanced_quote(lab):
    text = 'spawn a\na puts("never\na puts("after")\n'
    (message,) = refused(script(lab, text, "-k"), 2)
    assert "quote" in message
    assert said(script(lab, text, "-k"), "after\n")
    r = script(lab, text)
    refused(r, 2)
    assert not r.find("output"), "a script goes on after its first error without -k"


def test_A05_backslash_at_the_end(lab):
    for tail in ('a puts("x")\\', 'a puts("x\\', "a puts('\\", "\\"):
        r = script(lab, "spawn a\n" + tail, "-k")
        refused(r, 2)
        assert not r.find("output"), r


def peak(lab, text):
    """The most memory (KiB) that any process of a run has had, and its seconds."""
    start = time.monotonic()
    with open(lab.write("peak.ipc", text), "rb") as lines:
        p = lab.popen("-k", "-", stdin=lines, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_maxrss, time.monotonic() - start


def test_A06_line_of_a_megabyte(lab):
    rest = '\nspawn b\nb puts("after")\n'
    huge = "a " + "x" * 1_000_000 + rest
    r = script(lab, huge, "-k")
    (message,) = refused(r, 1)
    assert str(LINE_LIMIT) in message
    assert said(r, "after\n")
    assert len(r.stderr) < 500, "the line itself is shown"
    plain, _ = peak(lab, rest)
    grown, seconds = peak(lab, huge)
    assert grown < plain + 4096, f"{grown} KiB, a plain run has {plain}"
    assert seconds < 10


def test_A07_megabyte_without_newline(lab):
    r = script(lab, "x" * 1_000_000, "-k")
    (message,) = refused(r, 1)
    assert str(LINE_LIMIT) in message


def test_A07_at_the_limit(lab):
    """The longest line there may be, and one byte more."""
    fits = "spawn a #" + "x" * (LINE_LIMIT - len("spawn a #"))
    script(lab, fits + "\n").ok().one("process", what="spawn", actor="a")
    refused(script(lab, fits + "x\n"), 1)
    lab.run(fits[: 2**16 - 1]).ok()
    refused(lab.run(fits + "x"), 1)  # with -c, where no file was read


def test_A09_invalid_utf8(lab):
    bad = [b"\xff\xfe", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88\x80\x80\x80", b"\xc2"]
    lines = b"spawn a\n" + b"".join(b'a puts("%s")\n' % b for b in bad)
    r = script(lab, lines).ok()
    for event, data in zip(r.find("output"), bad):
        assert bytes_of(event["text"]) == data + b"\n"
    assert len(r.find("output")) == len(bad)
    for data in bad:
        assert "".join(f"\\x{b:02x}" for b in data) in r.stdout
    whole(r)
    refused(script(lab, b"spawn a\n" + b"\n".join(bad) + b"\n", "-k"), *range(2, 2 + len(bad)))


def bytes_of(value):
    """The bytes that a field of the trace stands for."""
    if isinstance(value, dict):
        data = base64.b64decode(value["b64"])
        assert len(data) == value["n"]
        return data
    return value.encode()


ESCAPES = [
    b"\x1b]0;title\x07",
    b"\x1b[2J\x1b[H",
    b"\x1b]52;c;aGVsbG8=\x07",
    b"\x1bP$q q\x1b\\\\",
    b"\x1b[1A\x1b[2Kover",
    b"\x08\x08\x08\r\x7f",
]


def test_A10_terminal_escapes(lab):
    """As data, as a name, as a line of its own, in a file's name: never raw. Lab.call looks."""
    lines = b"spawn a\n" + b"".join(b'a puts("%s")\n' % e for e in ESCAPES)
    r = script(lab, lines).ok()
    got = [bytes_of(e["text"]) for e in r.find("output")]
    assert got == [e.replace(b"\\\\", b"\\") + b"\n" for e in ESCAPES]
    assert "\\x1b]0;title\\x07" in r.stdout
    assert "\x1b" not in r.stdout
    typed = b"spawn a\n" + b"".join(b"%s\na %s\nspawn x%s\n" % (e, e, e) for e in ESCAPES)
    r = script(lab, typed, "-k")
    assert r.status == 2, r
    assert not r.find("enter"), r
    odd = lab.write("odd\x1b]0;x\x07.ipc", "nobody pipe(p)\n")
    r = lab.call("--trace", lab.new_trace(), odd)
    assert r.status == 2, r
    assert "odd\\x1b]0;x\\x07.ipc:1:" in r.stderr
    r = lab.call("--trace", lab.new_trace(), odd + "missing\x1b[2J")
    assert r.status == 2, r
    r = lab.call("show", "--\x1b]0;x\x07")
    assert r.status == 2, r


def test_A10_escapes_are_shown_from_a_trace(lab):
    """What reads a trace later shows them escaped too."""
    r = script(lab, b"spawn a\n" + b"".join(b'a puts("%s")\n' % e for e in ESCAPES)).ok()
    for how in ("lines", "json"):
        shown = lab.call("show", r.trace, "--as", how)
        assert shown.status == 0, shown
        assert "1b" in shown.stdout


def test_A11_C1_controls(lab):
    r = script(lab, b'spawn a\na puts("\xc2\x9b2J \x9b2J \xe2\x80\xae")\n').ok()
    assert "\\u009b2J \\x9b2J \\u202e" in r.stdout
    assert bytes_of(r.one("output")["text"]) == b"\xc2\x9b2J \x9b2J \xe2\x80\xae\n"
    refused(script(lab, b"\xc2\x9b2J\n\x9b\n\xe2\x80\xae\n", "-k"), 1, 2, 3)


def test_A13_unknown_command_and_near_miss(lab):
    r = script(lab, "spwn a\nspawn a\na shmgte(1, 2, 3)\na pipe(p)\na shmget(1, 2, IPC_CRAET)\n", "-k")
    messages = refused(r, 1, 3, 5)
    assert "did you mean spawn?" in messages[0]
    assert "did you mean shmget?" in messages[1]
    assert "did you mean IPC_CREAT?" in messages[2]
    assert r.returns("pipe") == [0]
    assert not r.find("enter", call="shmget"), "a near miss was run"


def test_A14_unknown_actor(lab):
    r = script(lab, "zz pipe(p)\nspawn server\nservr pipe(p)\nserver,zz pipe(p)\nps\n", "-k")
    messages = refused(r, 1, 3, 4)
    assert "spawn" in messages[0]
    assert "server" in messages[1]
    assert not r.find("enter"), "half of a line for several was run"


def test_A15_hostile_actor_names(lab):
    names = ["a" * 4096, "../../etc/x", "-rf", '""', '"a b"', "a\\n", "self/", "\u202e", "A", "1",
             "a-b", "a.b", "*", "a" * 32, "_", "\u00e9"]
    for builtin_or_call in ("spawn", "quit", "pipe", "shmget"):
        names.append(builtin_or_call)
    r = script(lab, "".join(f"spawn {n}\n" for n in names) + "spawn ok\n", "-k")
    refused(r, *range(1, len(names) + 1))
    assert [e["actor"] for e in r.find("process", what="spawn")] == ["ok"]
    longest = "a" * 31
    r = script(lab, f"spawn {longest}\n{longest} fork(../x)\n{longest} fork(quit)\n", "-k")
    refused(r, 2, 3)
    r.one("process", what="spawn", actor=longest)


def test_A17_numbers(lab):
    bad = ["99999999999999999999", "-1", "0x", "1e9", "08", "9223372036854775808", '""', '" 5"', "5x",
           "0xfffffffffffffffff", "'ab'", "''", "1..2", "0b1", "1_000"]
    r = script(lab, "spawn a\n" + "".join(f"a shmget(1, {n}, 0600)\n" for n in bad), "-k")
    refused(r, *range(2, 2 + len(bad)))
    assert not r.find("enter"), r
    # What is too wide for an int is not cut to one that fits.
    r = script(lab, "spawn a\na close(4294967296)\na close(4294967299)\na dup2(1, -4294967293)\n", "-k")
    refused(r, 2, 3, 4)
    assert not r.find("enter"), r


def test_A17_options(lab):
    for value in ("", " 5", "5x", "-1", "1e9", "+5", "99999999999999999999"):
        for option in ("--seed", "--timeout"):
            r = lab.call(f"{option}={value}", "-c", "")
            assert r.status == 2, r
            assert option in r.stderr, r


def test_A18_sizes(lab):
    r = script(lab, "spawn a\n" + "".join(
        f"a shmget({key}, {size}, IPC_CREAT|0600)\n"
        for key, size in enumerate(("0", "9223372036854775807", "1099511627776"), 1)
    )).ok()
    assert r.returns("shmget") == ["EINVAL", "ENOMEM", "ENOMEM"]
    assert "SHMMIN" in r.stdout


def test_A19_format_strings(lab):
    r = script(lab, 'spawn a\na puts("%s%n%x%p")\na %s%n\n%s%n\na shmgte%s(1)\na print "%n%s"\n', "-k")
    refused(r, 3, 4, 5)
    assert said(r, "%s%n%x%p\n")
    assert r.one("exit", call="print")["value"] == "%n%s"
    # The student's own format is read by us before C sees it.
    r = script(lab, 'spawn a\na printf("%n")\na printf("%s%s%s")\na pipe(p)\n')
    assert r.returns("pipe") == [0], r
    assert not r.find("process", what="killed"), r


@pytest.mark.parametrize("code", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_A21_utf16(lab, code):
    r = lab.run(file="spawn a\n".encode(code))
    refused(r, 1)
    assert not r.find("process"), r


def test_A21_byte_order_mark(lab):
    r = lab.run(file=b'\xef\xbb\xbfspawn a\r\na puts("x")\r\n').ok()
    assert said(r, "x\n")


def test_A22_file_sources_itself(lab):
    own = lab.path("work", "own.ipc")
    r = lab.run(f"source {lab.write('own.ipc', f'source {own}')}")
    (message,) = refused(r, 1)
    assert "nested deeper than 16" in message
    other = lab.path("work", "b.ipc")
    lab.write("b.ipc", f"source {lab.write('a.ipc', f'source {other}')}")
    r = lab.run(f"source {other}; spawn a", "-k")
    assert len(refused(r, 1)) == 1
    r.one("process", what="spawn", actor="a")
    for what in (lab.folder, "/dev/zero", "/nonexistent", ""):
        r = lab.run(f"source {what}")
        refused(r, 1)


def test_A23_same_actor_twice(lab):
    r = script(lab, "spawn a\nspawn a\nspawn b b\na fork(a)\nspawn c\n", "-k")
    messages = refused(r, 2, 3, 4)
    assert "already exists" in messages[0]
    assert [e["actor"] for e in r.find("process", what="spawn")] == ["a", "c"]


def test_A23_too_many_actors(lab):
    names = " ".join(f"a{i}" for i in range(ACTOR_LIMIT + 1))
    r = lab.run(f"spawn {names}; spawn ok", "-k", "-q")
    (message,) = refused(r, 1)
    assert "too many actors" in message
    assert [e["actor"] for e in r.find("process")] == ["ok"]


def test_A23_two_thousand_actors(lab):
    """All in one line, so that more answers are under way than a socket holds; all go at the end."""
    names = " ".join(f"a{i}" for i in range(2000))
    try:
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    except OSError:
        soft = 0
    if soft < 20000:
        pytest.skip("this user may not have enough descriptors")
    r = lab.run(f"spawn {names}; a1999 getpid()", "-q", timeout=60)
    assert len(r.find("process", what="spawn")) == 2000, r.stderr
    assert r.returns("getpid") == [2001]


def test_A25_quit(lab):
    for text in ('spawn a\nquit\na puts("never")\n', 'spawn a b\na pipe(p)\na read(p[0], x)\nquit\n'):
        r = script(lab, text).ok()
        assert not r.find("output"), r
        whole(r)
    r = lab.run('spawn a; quit; a puts("never")').ok()
    assert not r.find("output"), r
    r = script(lab, "spawn a b\na,b pipe(p)").ok()  # no quit, and no newline either
    assert r.returns("pipe") == [0, 0]


def test_first_error_says_what_was_not_run(lab):
    """A NUL byte, a carriage return, very deep nesting: refused or run, never more than a line."""
    r = script(lab, b"spawn a\na pi\0pe(p)\na pipe(p)\n", "-k")
    refused(r, 2)
    assert r.returns("pipe") == [0]
    for deep in ("(" * 20000, "-" * 20000 + "1", "!" * 20000 + "1", "*" * 20000 + "p", "f(" * 9000,
                 "(" * 200 + "1" + ")" * 200, "1" + "+1" * 9000, "p" + "[0]" * 9000):
        start = time.monotonic()
        r = script(lab, f"spawn a\na print {deep}\na pipe(p)\n", "-k")
        assert r.status in (0, 2), r
        assert r.returns("pipe") == [0], r
        assert time.monotonic() - start < 10


def test_lines_do_not_wait_for_a_reader(lab):
    """Output that nobody takes (a full pipe, then no pipe) does not stop a session for ever."""
    p = lab.popen("--trace", lab.new_trace(), "-k", "-", stdin=subprocess.PIPE)
    p.stdout.close()
    _, err = p.communicate(b"spawn a\n" + b'a puts("x")\n' * 200, timeout=30)
    assert p.returncode == 0, err
