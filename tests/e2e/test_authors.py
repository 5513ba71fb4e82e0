# SPDX-License-Identifier: GPL-3.0-or-later
"""ipclab lab: what is there, a lab that is new, and how what `lab check` found is said."""

import glob
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest
from ipclab import ROOT
from test_lab_check import GOOD

KINDS = ["guided", "orchestrated", "programs"]
SHIPPED = sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(ROOT + "/labs/*/lab.lua"))


def source(name):
    with open(os.path.join(ROOT, "labs", name, "lab.lua"), encoding="utf-8") as f:
        return f.read()


# ---- list ---------------------------------------------------------------------------------------


def test_list_has_every_lab(lab):
    labs = json.loads(lab.call("lab", "list", "--json").ok().stdout)
    assert [e["id"] for e in labs] == [re.sub(r"^\d+-", "", name) for name in SHIPPED]
    for e, name in zip(labs, SHIPPED):
        text = source(name)
        assert f"lab.{e['kind']} {{" in text and f'title = "{e["title"]}"' in text
        said = re.search(r"\bminutes = (\d+)", text)
        assert e["minutes"] == (int(said.group(1)) if said else 0)
        assert e["languages"] == sorted(f[:-4] for f in os.listdir(os.path.join(ROOT, "labs", name, "texts"))) \
            if os.path.isdir(os.path.join(ROOT, "labs", name, "texts")) else e["languages"] == []
        assert (e["tasks"] > 0 and e["points"] > 0) == (e["kind"] == "guided")
    table = lab.call("lab", "list").ok().stdout.split("\n")
    assert table[0].split() == ["LAB", "KIND", "MINUTES", "TASKS", "POINTS", "LANGUAGES", "TITLE"]
    for e, row in zip(labs, table[1:]):
        assert row.split()[:2] == [e["id"], e["kind"]] and row.endswith(e["title"])


def test_list_of_some(lab):
    path = lab.write("t.lua", GOOD)
    (one,) = json.loads(lab.call("lab", "list", "--json", path).ok().stdout)
    assert one == {"id": "t", "kind": "guided", "title": "t", "minutes": 0, "tasks": 2, "points": 3, "languages": []}
    r = lab.call("lab", "list", lab.write("u.lua", "return 5\n"), path)
    assert r.status == 3 and "u.lua:1: a lab file returns" in r.stderr and re.search(r"^t +guided", r.stdout, re.M)
    assert lab.call("lab", "list", "nothing-like-it").status == 2


def test_list_in_a_language(lab):
    r = lab.call("lab", "list", "shm-guided", "--lang", "de", "--json").ok()
    (text,) = re.findall(r'^  title = "([^"]+)"', open(os.path.join(ROOT, "labs/02-shm-guided/texts/de.lua")).read(), re.M)
    assert json.loads(r.stdout)[0]["title"] == text


# ---- new ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_new_holds_at_once(lab, world, kind):
    lab.call("lab", "new", "07-my-lab", "--kind", kind).ok()
    folder = lab.path("work", "07-my-lab")
    found = sorted(os.path.relpath(os.path.join(d, f), folder) for d, _, files in os.walk(folder) for f in files)
    assert found == [".github/workflows/lab.yml", ".gitlab-ci.yml", ".luacheckrc", ".luarc.json", "README.md", "lab.lua"]
    for name in found:
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            assert not re.search(r"@[A-Z]+@", f.read()), name
    r = lab.call("lab", "check", "--world", lab.world, folder, timeout=60).ok()
    assert re.fullmatch(r"my-lab: (\d+) of \1 hold\n", r.stdout)
    (said,) = json.loads(lab.call("lab", "list", "--json", folder).ok().stdout)
    assert (said["id"], said["kind"]) == ("my-lab", kind)
    assert sorted(os.listdir(lab.path("work"))) == ["07-my-lab"]


def test_new_elsewhere(lab):
    os.mkdir(lab.path("work", "labs"))
    r = lab.call("lab", "new", "labs/x/", "--kind", "programs").ok()
    assert "labs/x: a lab of the kind programs" in r.stdout and os.listdir(lab.path("work", "labs")) == ["x"]
    r = lab.call("lab", "new", "nowhere/x")
    assert r.status == 2 and "ENOENT" in r.stderr


def test_new_files_are_what_they_are(lab):
    lab.call("lab", "new", "x").ok()
    with open(lab.path("work", "x", ".luarc.json"), encoding="utf-8") as f:
        settings = json.load(f)
    assert settings["runtime.version"] == "Lua 5.4" and len(settings["workspace.library"]) == 1
    for ci in (".gitlab-ci.yml", ".github/workflows/lab.yml"):
        with open(lab.path("work", "x", ci), encoding="utf-8") as f:
            assert re.search(r"ipclab lab check .*\.( |$|\n)", f.read())
    if shutil.which("luac5.4"):
        subprocess.run(["luac5.4", "-p", lab.path("work", "x", ".luacheckrc")], check=True)


def test_new_luacheckrc_is_what_a_lab_has(lab):
    """The names that it takes away are those that are not there, and nothing else that Lua has."""
    with open(os.path.join(ROOT, "templates/common/.luacheckrc"), encoding="utf-8") as f:
        away = set(re.findall(r'"(\w+)"', f.read().split("not_globals")[1].split("}")[0]))
    lua54 = {"assert", "collectgarbage", "coroutine", "debug", "dofile", "error", "getmetatable", "io", "ipairs", "load",
             "loadfile", "math", "next", "os", "package", "pairs", "pcall", "print", "rawequal", "rawget", "rawlen",
             "rawset", "require", "select", "setmetatable", "string", "table", "tonumber", "tostring", "type", "utf8",
             "warn", "xpcall", "_G", "_VERSION"}
    lines = "".join(f'if _G["{n}"] == nil then print("{n}") end\n' for n in sorted(lua54))
    r = lab.call("run", lab.write("t.lua", lines + GOOD), stdin="").ok()
    missing = {line for line in r.stdout.split("\n") if line in lua54}
    assert missing == away


def test_new_never_overwrites(lab):
    for there in ("file", "folder", "link"):
        path = lab.path("work", there)
        if there == "file":
            lab.write(there, "mine\n")
        elif there == "folder":
            os.mkdir(path)
        else:
            os.symlink("nowhere", path)
        r = lab.call("lab", "new", there)
        assert r.status == 2 and "is there already" in r.stderr, r
    assert sorted(os.listdir(lab.path("work"))) == ["file", "folder", "link"] and os.listdir(lab.path("work", "folder")) == []


@pytest.mark.parametrize("name", ["", "Lab", "a b", "7-", "../X", "ä", "a" * 41, "x\nb", "."])
def test_new_names(lab, name):
    r = lab.call("lab", "new", name)
    assert r.status == 2 and os.listdir(lab.path("work")) == [], r


def test_words(lab):
    assert "did you mean check?" in lab.call("lab", "chek", "x").stderr
    for args in (["new"], ["new", "a", "b"], ["check"]):
        r = lab.call("lab", *args)
        assert r.status == 2 and f"lab {args[0]}" in r.stderr


# ---- check --------------------------------------------------------------------------------------

BROKEN = GOOD.replace("points = 2, play", "points = 0, play").replace("only a pipe", "a <pipe> & \\\"#1\\\" \\27 ü")


def test_formats_say_the_same(lab):
    one, two = lab.write("one.lua", GOOD), lab.write("two.lua", BROKEN)
    text = lab.call("lab", "check", "-v", one, two)
    tap, junit, lines = (lab.call("lab", "check", *how, one, two) for how in (["--format", "tap"], ["--format", "junit"], ["--json"]))
    assert {r.status for r in (text, tap, junit, lines)} == {3}
    cases = [json.loads(line) for line in lines.stdout.split("\n")[:-1]]
    assert [(c["lab"], c["passed"]) for c in cases].count(("two", False)) == 1
    assert [c["lab"] for c in cases] == sorted(c["lab"] for c in cases)
    wanted = [(c["lab"], c["case"], c["passed"]) for c in cases]
    said = [(lab_, case, ok == "ok    ") for ok, lab_, case in re.findall(r"^(ok    |FAILED) (\w+): (.*)$", text.stdout, re.M)]
    assert said == wanted
    rows = re.findall(r"^(not ok|ok) (\d+) - (\w+): (.*)$", tap.stdout, re.M)
    assert [(name, re.sub(r"\\(.)", r"\1", case), ok == "ok") for ok, _, name, case in rows] == wanted
    assert [int(n) for _, n, _, _ in rows] == list(range(1, len(cases) + 1))
    assert tap.stdout.startswith("TAP version 13\n") and tap.stdout.endswith(f"\n1..{len(cases)}\n")
    root = ElementTree.fromstring(junit.raw_stdout)
    assert [(s.get("name"), c.get("name"), c.find("failure") is None) for s in root for c in s] == wanted
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == (str(len(cases)), "1", "0")
    message = [c.find("failure").get("message") for s in root for c in s if c.find("failure") is not None]
    assert message == [c["text"] for c in cases if not c["passed"]] and "should get 0 points and gets 2" in message[0]


def test_formats_in_ascii(lab):
    path = lab.write("two.lua", BROKEN)
    for how in ("text", "tap", "junit"):
        r = lab.call("lab", "check", "-v", "--format", how, path, env={"LC_ALL": "C"})
        assert r.status == 3 and r.raw_stdout.isascii()


@pytest.mark.skipif(not shutil.which("prove"), reason="prove is not here")
def test_prove_takes_it(lab):
    good, bad = lab.write("one.lua", GOOD), lab.write("two.lua", BROKEN)
    command = f"{lab.program} lab check --format tap"
    for path, status in ((good, 0), (bad, 1)):
        r = subprocess.run(["prove", "-e", command, path], env=lab.environment(), capture_output=True, text=True, timeout=60)
        assert (r.returncode != 0) == bool(status), r
        assert ("All tests successful" in r.stdout) == (not status) and "Parse errors" not in r.stdout, r


def test_jobs_side_by_side(lab, world):
    """What is said does not depend on how many there are at a time."""
    paths = [lab.write(f"l{i}.lua", GOOD if i % 2 else BROKEN) for i in range(5)]
    one, four = (lab.call("lab", "check", "-v", "--world", lab.world, "-j", n, *paths, timeout=120) for n in ("1", "4"))
    assert one.status == four.status == 3 and one.stdout == four.stdout
    assert "3 of 5 labs do not hold" in four.stderr


def test_one_that_cannot_be_judged_does_not_hide_the_others(lab):
    forever = lab.write("a.lua", GOOD.replace('h:need(h:find { call = "pipe", ret = 0 }, "no pipe")', '("").rep("", 1 << 60)'))
    good = lab.write("b.lua", GOOD)
    for how in ("text", "tap", "junit"):
        r = lab.call("lab", "check", "--format", how, "-j", "2", forever, good, env={"IPCLAB_LAB_SECONDS": "2"})
        assert r.status == 4 and "out of time" in r.stderr
        if how == "text":
            assert "a: could not be judged\n" in r.stdout and "b: 9 of 9 hold" in r.stdout
        elif how == "tap":
            assert re.search(r"^not ok \d+ - a: it could be judged$", r.stdout, re.M) and "out of time" in r.stdout
        else:
            root = ElementTree.fromstring(r.raw_stdout)
            assert root.get("errors") == "1" and root[0].find("testcase/error") is not None


def test_a_reader_that_goes_away(lab):
    paths = [lab.write(f"l{i}.lua", GOOD) for i in range(3)]
    p = lab.popen("lab", "check", "-v", *paths)
    p.stdout.readline()
    p.stdout.close()
    p.wait(30)


LEADS = """local lab = require "ipclab"
return lab.orchestrated { id = "x", title = "x", actors = { "a" }, run = function(s, a)
  local r, w = a:pipe()
  a:write(w, "x")
  s:expect("it is there", a:read(r, 8) == "x")
end }
"""


def test_labs_that_lead_themselves(lab, world):
    def tried(text, *options):
        return lab.call("lab", "check", "-v", "--world", lab.world, *options, lab.write("x.lua", text), timeout=60)

    r = tried(LEADS).ok()
    assert re.findall(r"^ok     x: (.*)$", r.stdout, re.M) == [
        "it looks at something", "all that it expects is so", "it comes to its end", "the same bytes come twice",
        "its replay is the same"]
    r = tried(LEADS.replace('== "x")', '== "y")'))
    assert r.status == 3 and "not so: it is there" in r.stdout and r.stdout.count("FAILED") == 1
    r = tried(re.sub(r"  s:expect.*\n", "", LEADS))
    assert r.status == 3 and "FAILED x: it looks at something" in r.stdout
    r = tried(LEADS.replace("a:pipe()", "a:pipe(1, 2)"))
    assert r.status == 3 and "x.lua:3: pipe: argument" in r.stdout
    waits = LEADS.replace('  a:write(w, "x")\n', '  s:expect("it waits", a:start("read", r, 8):blocked())\n').replace(
        '  s:expect("it is there", a:read(r, 8) == "x")\n', "")
    r = tried(waits)
    assert r.status == 3 and "FAILED x: it comes to its end" in r.stdout and "stuck = true" in r.stdout
    tried(waits.replace('id = "x"', 'id = "x", stuck = true')).ok()
    r = tried(LEADS.replace('id = "x"', 'id = "x", stuck = true'))
    assert r.status == 3 and "FAILED x: it ends stuck" in r.stdout


def test_what_differs_from_run_to_run_is_found(lab):
    """The address of a table is another one each time."""
    r = lab.call("lab", "check", lab.write("x.lua", LEADS.replace('"it is there"', '"it is there " .. tostring({})')))
    assert r.status == 3 and "FAILED x: the same bytes come twice" in r.stdout and "it is there table: 0x" in r.stdout


def test_golden_trace(lab):
    """One is held to it, byte for byte but for what it says of the machine."""
    lab.world = "sealed"
    os.mkdir(lab.path("work", "x"))
    path, golden = lab.path("work", "x", "lab.lua"), lab.path("work", "x", "golden.trace")
    for text in (LEADS, GOOD):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        if os.path.exists(golden):
            r = lab.call("lab", "check", "--world", "sealed", lab.path("work", "x"))
            assert r.status == 3 and "made from another lab.lua" in r.stdout
            os.unlink(golden)
        lab.call("lab", "check", "--world", "sealed", "--stable", "--trace", golden, lab.path("work", "x")).ok()
        r = lab.call("lab", "check", "--world", "sealed", "-v", lab.path("work", "x")).ok()
        assert "ok     x: it is as golden.trace has it" in r.stdout
        with open(golden, "rb") as f:
            data = f.read()
        with open(golden, "wb") as f:
            f.write(data.replace(b'"hi', b'"ho').replace(b'["a"', b'["b"').replace(b'\\"x\\"', b'\\"y\\"'))
        r = lab.call("lab", "check", "--world", "sealed", lab.path("work", "x"))
        assert r.status == 3 and re.search(r"event \d+ differs in '", r.stdout), r
