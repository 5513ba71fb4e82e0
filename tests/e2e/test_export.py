# SPDX-License-Identifier: GPL-3.0-or-later
"""The builtins export and log: what is shown, in files of the person's own."""

import os
import signal

import pytest
from terminal import Terminal

BEGIN = "spawn a; a pipe(p); a fork(b); "


def of(lab, name):
    with open(lab.path("work", name), encoding="utf-8") as f:
        return f.read()


# ---- export -------------------------------------------------------------------------------------

ENDINGS = {
    "x.txt": ["ipclab> a pipe(p)", "  1  a  pipe(p) = 0"],
    "x.ipc": ["ipclab> a pipe(p)\n|   1  a  pipe(p) = 0"],
    "x.strace": ["[pid     2] pipe2([3, 4], 0)"],
    "x.svg": ["<svg "],
    "x.mmd": ["sequenceDiagram\n"],
    "x.jsonl": ['{"seq":0,"ev":"session"'],
    "x.trace": ['{"seq":0,"ev":"session"', '"ev":"end"'],
}


@pytest.mark.parametrize("name", ENDINGS)
def test_view_by_ending(lab, name):
    r = lab.run(BEGIN + f"export {name}; a getpid()").ok()
    text = of(lab, name)
    for wanted in ENDINGS[name]:
        assert wanted in text
    assert "getpid" not in text
    assert f"wrote {name}: " in r.stdout
    # It is no line of the session.
    assert not [e for e in r.find("input") if "export" in e["text"]]


def test_as_another_view(lab):
    lab.run(BEGIN + "export x.svg as strace; export plain as json; export --force x.svg as lines").ok()
    assert of(lab, "x.svg").startswith("ipclab> spawn a\n")
    assert of(lab, "plain").startswith('{"seq":0')


def test_an_exported_trace_is_whole(lab):
    lab.run(BEGIN + "b exit(3); a wait(s); export x.trace").ok()
    r = lab.call("replay", "x.trace").ok()
    assert r.stdout.startswith("same: ") and r.stderr == ""


def test_names(lab):
    os.mkdir(lab.path("work", "folder"))
    lab.run(BEGIN + """export "with blank.txt"; export folder/x.txt; export ~/home.txt""").ok()
    assert of(lab, "with blank.txt") == of(lab, "folder/x.txt")
    assert os.path.exists(lab.path("home", "home.txt"))


def test_what_is_there_is_left_alone(lab):
    lab.write("x.txt", "mine")
    r = lab.run(BEGIN + "export x.txt")
    assert r.status == 2 and "--force" in r.stderr and of(lab, "x.txt") == "mine"
    lab.run(BEGIN + "export --force x.txt").ok()
    assert "pipe(p)" in of(lab, "x.txt")
    assert not [n for n in os.listdir(lab.path("work")) if n.endswith(".new")]


def test_a_link_is_never_written_through(lab):
    lab.write("mine", "mine")
    os.symlink("mine", lab.path("work", "x.txt"))
    assert lab.run(BEGIN + "export x.txt").status == 2
    lab.run(BEGIN + "export --force x.txt").ok()
    assert of(lab, "mine") == "mine" and not os.path.islink(lab.path("work", "x.txt"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "export takes the name of a file"),
        ("noending", "name the view"),
        ("x.docx", ".svg"),
        ("x.txt as lins", "did you mean lines?"),
        ("x.txt lines", "`as`"),
        ("missing/x.txt", "ENOENT"),
        (". as lines", "EISDIR"),
        ("/dev/null as lines", "no file"),
        ('"x.txt', "never closed"),
    ],
)
def test_export_refuses(lab, words, said):
    r = lab.run(f"spawn a\nexport {words}".rstrip())
    assert r.status == 2 and said in r.stderr, r
    assert sorted(os.listdir(lab.path("work"))) == ["1.trace"]


def test_disk_full(lab):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    r = lab.run("spawn a; log /dev/full")
    assert r.status == 2


def test_a_trace_that_has_it_is_refused(lab):
    r = lab.run("spawn a").ok()
    data = of(lab, os.path.basename(r.trace)).replace('"spawn a"', '"export x.txt"')
    assert lab.call("replay", lab.write("t.trace", data)).status == 6
    assert not os.path.exists(lab.path("work", "x.txt"))


# ---- log ----------------------------------------------------------------------------------------


def test_log(lab):
    r = lab.run(
        "spawn a\nlog out\na pipe(p)\nps\n- a close(99)\na read(p[0], b, 1)\nlog off\na getpid()\n"
        "interrupt a"
    )
    lines = of(lab, "out").splitlines()
    assert lines[0] == "ipclab> a pipe(p)"
    assert lines[1].startswith("  1  a  pipe(p) = 0")
    assert "ipclab> ps" in lines and any(line.startswith("ACTOR") for line in lines)
    assert any("<waits: the pipe is empty" in line for line in lines)
    assert lines[-2] == "ipclab> log off"
    assert "getpid" not in of(lab, "out")
    assert not [e for e in r.find("input") if "log" in e["text"]]


def test_log_has_errors_once(lab):
    lab.run("spawn a\nlog out\nspawn a\na gepid()\n", "-k")
    text = of(lab, "out")
    assert text.count("error: actor a already exists") == 1
    assert text.count("error: ") == 2


def test_log_goes_on_in_the_file(lab):
    lab.write("out", "before\n")
    r = lab.run("spawn a; log out; a getpid(); log; log two; a getppid(); log off; log")
    text = of(lab, "out")
    assert text.startswith("before\nipclab> a getpid()\n") and "getppid" not in text
    assert "getppid" in of(lab, "two")
    assert "to the end of out" in r.stdout and "nothing is logged" in r.stdout


def test_log_knows_what_was_before(lab):
    lab.run(BEGIN + 'a read(p[0], buf, 3); log out; b write(p[1], "x")').ok()
    assert '  3  a  <... read> = 1  "x"   [by step 4]' in of(lab, "out")


def test_log_is_free_of_control(lab):
    lab.run('spawn a\nlog out\na puts("\\x1b[31m\\x07")\na write(1, "\u202e")\n')
    text = of(lab, "out")
    assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text


def test_log_loses_nothing_to_a_kill(lab):
    with Terminal(lab, "--trace", lab.new_trace()) as t:
        t.wait("ipclab> ")
        t.line("log out", "goes into")
        t.line("spawn a", "new process")
        t.line("a getppid()", r"getppid\(\) = ")
        os.kill(t.process.pid, signal.SIGKILL)
    text = of(lab, "out")
    assert "ipclab> a getppid()\n" in text and "  1  a  getppid() = 1\n" in text


def test_log_refuses(lab):
    os.mkdir(lab.path("work", "folder"))
    for words in ("folder", "missing/x", "a b", "/dev/null"):
        assert lab.run(f"spawn a; log {words}").status == 2
