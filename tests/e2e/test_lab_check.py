# SPDX-License-Identifier: GPL-3.0-or-later
"""ipclab lab check: a lab that is sound passes, and each thing that it must hold has a lab that
does not hold it."""

import glob
import os

import pytest
from ipclab import ROOT, read_trace

GOOD = r"""local lab = require "ipclab"
return lab.guided {
  id = "t", title = "t", actors = { "a" },
  tasks = {
    { id = "make", points = 2, say = "Let a make a pipe.",
      hints = { "a has to call pipe(2).", "a pipe(p)" },
      check = function(h) h:need(h:find { call = "pipe", ret = 0 }, "no pipe") end,
      solution = "a getpid()  # optional\na pipe(p)" },
    { id = "use", points = 1, say = "Write into it.",
      predict = { ask = "What does write return?", truth = function(h)
        local w = h:find { call = "write" }
        return w and w.ret
      end },
      check = function(h) h:need(h:find { call = "write", obj = "pipe#1" }, "nothing written") end,
      solution = { "answer 2", "a write(p[1], \"hi\")" } },
  },
  also = { { name = "only a pipe", points = 2, play = "a pipe(q)" } },
}
"""


def check(lab, text, *options):
    path = lab.write("t.lua", text) if "\n" in text else text
    return lab.call("lab", "check", "--world", lab.world, *options, path, timeout=60)


def fails(lab, text, *words):
    r = check(lab, text)
    assert r.status == 3, r
    for word in words:
        assert word in r.stdout, (word, r)
    assert sum(line.startswith("FAILED") for line in r.stdout.split("\n")) == 1, r


def changed(old, new):
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


def test_a_sound_lab(lab, world):
    r = check(lab, GOOD, "-v").ok()
    assert "FAILED" not in r.stdout and "t: 9 of 9 hold" in r.stdout
    assert "also: only a pipe" in r.stdout and "without line 2, `a pipe(p)`" in r.stdout
    assert check(lab, GOOD).ok().stdout == "t: 9 of 9 hold\n"


@pytest.mark.parametrize("name", sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(ROOT + "/labs/*/lab.lua")
                                        if "lab.guided" in open(p).read()))
def test_labs_that_ship(lab, name):
    check(lab, name).ok()


def test_the_solution_must_get_all_points(lab):
    fails(lab, changed('"answer 2", "a write(p[1], \\"hi\\")"', '"a getpid()"'), "the model solution gets all points",
          "it gets 2 of 3", "use 0 of 1 (nothing written)")
    fails(lab, changed('obj = "pipe#1" }, "noth', 'obj = "pipe#2" }, "noth'), "it gets 2 of 3")
    fails(lab, changed("a getpid()  # optional", "a nothing()  # optional"), "its line `a nothing()` is an error")


def test_the_empty_session_must_get_none(lab):
    r = check(lab, changed('h:need(h:find { call = "pipe", ret = 0 }, "no pipe")', ""))
    assert r.status == 3 and "the empty session gets no point" in r.stdout and "it gets 2 of 3" in r.stdout


def test_also_exactly_its_points(lab):
    fails(lab, changed("points = 2, play", "points = 1, play"), "also: only a pipe", "should get 1 points and gets 2")


def test_each_line_is_needed_or_optional(lab):
    fails(lab, changed("  # optional", ""), "without line 1, `a getpid()`", "marked `# optional`")
    fails(lab, changed("a pipe(p)\" },\n    { id", "a pipe(p)  # optional\" },\n    { id"),
          "without line 2, `a pipe(p)`", "it is marked optional")


def test_hints_that_look_like_lines_are_lines(lab):
    fails(lab, changed('"a pipe(p)" },', '"a piep(p)" },'), "hint 2 of make", "did you mean pipe")
    fails(lab, changed('"a has to call pipe(2)."', '"Try `a pipe(p`."'), "hint 1 of make", "`a pipe(p`")


def test_nothing_sleeps(lab):
    fails(lab, changed("a getpid()  # optional", "a sleep(0)  # optional"), "no line sleeps", "`a sleep(0)`")
    fails(lab, changed('play = "a pipe(q)"', 'play = "a pipe(q)\\na usleep(1)"'), "no line sleeps")
    check(lab, changed("a getpid()  # optional", "a print \\\"sleep(1)\\\"  # optional")).ok()


def test_a_broken_file_is_said_as_a_whole(lab):
    r = check(lab, changed("hints = {", "hint = {").replace("points = 1", "points = -1"))
    assert r.status == 3 and "no field 'hint'; did you mean hints?" in r.stdout and "points is a whole number" in r.stdout
    r = check(lab, "return 5\n")
    assert r.status == 3 and "returns lab." in r.stdout


def test_a_broken_check(lab):
    r = check(lab, changed('h:need(h:find { call = "write"', 'h:need(h:find { cal = "write"'))
    assert r.status == 3 and "t.lua:14: no event has a field 'cal'; did you mean call?" in r.stdout


def test_a_check_that_never_ends_is_stopped(lab):
    r = check(lab, changed('h:need(h:find { call = "pipe", ret = 0 }, "no pipe")', "while true do end"))
    assert r.status == 3 and "instruction limit" in r.stdout
    forever = changed('h:need(h:find { call = "pipe", ret = 0 }, "no pipe")', '("").rep("", 1 << 60)')
    r = lab.call("lab", "check", lab.write("t.lua", forever), env={"IPCLAB_LAB_SECONDS": "2"})
    assert r.status == 4 and "out of time" in r.stderr


DE = """return { title = "T", make = { title = "Mach", say = "Mach eine Pipe.", hints = { "Ruf pipe(2)." } },
  use = { title = "Schreib", say = "Schreib hinein.", ask = "Was gibt write zurück?" } }
"""


def test_languages_are_whole(lab):
    os.mkdir(lab.path("work", "texts"))
    text = changed('"nothing written"', 'lab.text("use.none", "nothing written")')
    assert text.count('id = "make", points') == 1
    text = text.replace('id = "make", points', 'id = "make", title = "m", points').replace('id = "use", points', 'id = "use", title = "u", points')
    lab.write("texts/de.lua", DE)
    fails(lab, text, "texts/de.lua has every text", "it has no use.none\n")
    lab.write("texts/de.lua", DE.replace("ask =", 'none = "nichts", ask ='))
    check(lab, text).ok()
    r = check(lab, text.replace('"use.none"', '"use.nome"'))
    assert r.status == 3 and "it has no use.nome\n" in r.stdout and "nothing asks for use.none; did you mean use.nome?" in r.stdout
    lab.write("texts/de.lua", "return 5\n")
    fails(lab, text, "texts/de.lua can be used", "returns a table")


def test_trace_of_the_model_solution(lab, world):
    """It is what a student who types those lines gets, byte for byte."""
    path, (mine, theirs) = lab.write("t.lua", GOOD), (lab.new_trace(), lab.new_trace())
    check(lab, path, "--stable", "--trace", mine).ok()
    events = read_trace(mine)
    typed = [e["text"] for e in events if e["ev"] == "input" and "from" not in e]
    assert typed == ["a getpid()", "a pipe(p)", "answer 2", 'a write(p[1], "hi")']
    assert events[-2]["points"] == events[-2]["max"] == 3
    lab.call("run", "--world", lab.world, "--stable", "--trace", theirs, "-c", "\n".join(typed), path).ok()
    with open(mine, "rb") as a, open(theirs, "rb") as b:
        assert a.read() == b.read()
    r = lab.call("lab", "check", "--trace", mine, path, path)
    assert r.status == 2 and "--trace takes the trace of one lab" in r.stderr


def test_several_and_none(lab):
    one, two = lab.write("one.lua", GOOD), lab.write("two.lua", GOOD.replace("points = 2, play", "points = 0, play"))
    r = lab.call("lab", "check", one, two)
    assert r.status == 3 and "one: 9 of 9 hold" in r.stdout and "two: 6 of 7 hold" in r.stdout
    assert lab.call("lab", "check").status == 2
    assert lab.call("lab", "check", "nothing-like-it").status == 2
    assert lab.call("lab", "cheque", one).status == 2
