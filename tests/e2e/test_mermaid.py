# SPDX-License-Identifier: GPL-3.0-or-later
"""`show --as mermaid` is accepted by mermaid's own parser, and says what the trace says."""

import glob
import json
import os
import re
import subprocess

import mermaid
import pytest
from ipclab import ROOT, program
from test_transcript import CASES, lines_of


@pytest.fixture(scope="module")
def parser():
    try:
        folder = mermaid.install()
    except (mermaid.Missing, subprocess.TimeoutExpired) as error:
        pytest.skip(f"no mermaid: {error}")
    return lambda *files: mermaid.parse(folder, files)


def draw(lab, trace, name, *options):
    out = lab.call("show", trace, "--as", "mermaid", *options).raw_stdout
    return lab.write(name, out)


def draw_lines(lab, script, name="t.mmd"):
    return draw(lab, lab.run(None, "-k", file=script).trace, name)


def scripts():
    found = {
        os.path.relpath(p, ROOT): open(p, "rb").read()
        for p in sorted(glob.glob(os.path.join(ROOT, "scripts", "**", "*.ipc"), recursive=True))
    }
    found.update({name: lines_of(script) for name, script in CASES.items()})
    out = subprocess.run(
        [program(), "plugins", "--json"], capture_output=True, timeout=30, check=False
    ).stdout
    for plugin in json.loads(out or b"[]"):
        for call in plugin["calls"]:
            for n, example in enumerate(call.get("examples") or [], 1):
                found[f"{call['name']}-{n}"] = example + "\n"
    return found


def test_every_script_of_the_tree(lab, parser):
    """One node for all of them, since starting it takes longer than parsing."""
    found = scripts()
    files = [draw_lines(lab, script, f"{i}.mmd") for i, script in enumerate(found.values())]
    for name, result in zip(found, parser(*files)):
        assert "error" not in result, f"{name}: {result['error']}"
        assert result["actors"] and result["messages"], name


def test_labs(lab, parser):
    for path in glob.glob(os.path.join(ROOT, "labs", "*", "lab.lua")):
        trace = lab.new_trace()
        lab.call("run", "--trace", trace, os.path.dirname(path), timeout=60)
        (result,) = parser(draw(lab, trace, "lab.mmd"))
        assert "error" not in result, f"{path}: {result['error']}"


def test_pipe(lab, parser):
    with open(os.path.join(ROOT, "scripts", "demo", "pipe.ipc"), "rb") as f:
        path = draw_lines(lab, f.read())
    (result,) = parser(path)
    assert result["actors"] == ["parent", "pipe#1", "child"]
    text = {m["text"].split("<br/>")[0]: (m["from"], m.get("to")) for m in result["messages"]}
    # Data goes from the child into the pipe, and out of it to the parent.
    assert text['6  write(4, "Hello World\\n", 12) = 12'] == ("P2", "O1")
    assert text["4  <... read> = 12"] == ("O1", "P1")
    assert text["2  fork(child) = 3"] == ("P1", "P2")
    with open(path, encoding="utf-8") as f:
        lines = [line.strip() for line in f]
    # The wait is a bar from where it begins to what ends it.
    begins, ends = lines.index("activate P1"), lines.index("deactivate P1")
    between = " ".join(lines[begins:ends])
    assert "write(4" in between and "close(4)" not in between
    assert "destroy P2" in lines


def test_stuck(lab, parser):
    (result,) = parser(draw_lines(lab, "spawn a\na pipe(p)\na read(p[0], buf, 1)\n"))
    last = [m["text"] for m in result["messages"] if m["text"]][-1]
    assert last.startswith("STUCK<br/>") and "next: " in last


def test_undone_lines_are_left_out(lab, parser):
    (result,) = parser(
        draw_lines(lab, "spawn a\na int n = 41\nundo\na int n = 42\na fork(b)\nundo\na fork(b)\n")
    )
    texts = "\n".join(m["text"] for m in result["messages"])
    assert "42" in texts and "41" not in texts.replace("int n = 41", "")
    assert len([m for m in result["messages"] if "fork(b) = " in m["text"]]) == 1


def test_reset_and_names_that_come_again(lab, parser):
    (result,) = parser(
        draw_lines(
            lab,
            "spawn a\na pipe(p)\na write(p[1], \"x\")\na fork(b)\nb exit(0)\na wait(s)\na fork(b)\n"
            "reset\nspawn a\na pipe(p)\na write(p[1], \"y\")\na fork(b)\n",
        )
    )
    assert "error" not in result, result
    assert result["actors"].count("b") == 3 and result["actors"].count("a") == 2
    assert result["actors"].count("pipe#1") == 2


HOSTILE = [
    "end",
    "end; participant X",
    "a\nparticipant X",
    "style: #x;",
    "style fill:#f9f,stroke:#333;",
    "classDef x:#y;",
    "%%{init: {'theme': 'forest'}}%%",
    "%% comment",
    "---\ntitle: x\n---",
    "<script>alert(1)</script>",
    "<br/>&lt;&#35;",
    "#35;#quot;#",
    "wrap: x",
    "nowrap:x",
    "$$x^2$$",
    "ﬂ°°35¶ß",
    "`**bold**`",
    ":::",
    "->>P1: x",
    "{ } [ ] ( ) | ~ ^ @{ shape: x }",
    "\\n\\",
    "'\"",
    "é 漢字 🙂 \u202e \u200b",
    "\x1b[31m\x07",
    "#",
    ";",
    " ",
]


def test_hostile_text(lab, parser):
    """Whatever a trace says is a label: no participant, no message and no setting comes of it."""
    events = [{"ev": "session", "ipclab": 1, "version": "1", "world": "sealed", "plugins": {}}]
    for i, text in enumerate(HOSTILE):
        actor = f"{text}{i}"
        events += [
            {"ev": "process", "actor": actor, "what": "spawn", "pid": i + 2},
            {"ev": "enter", "step": 2 * i + 1, "actor": actor, "call": text, "args": [text, 3]},
            {"ev": "exit", "step": 2 * i + 1, "actor": actor, "call": text, "ret": 0,
             "obj": text, "flow": 1, "out": {text: text}, "state": {text: text}},
            {"ev": "enter", "step": 2 * i + 2, "actor": actor, "call": "read", "args": [3]},
            {"ev": "block", "step": 2 * i + 2, "actor": actor, "call": "read", "waits": text},
            {"ev": "note", "text": text},
            {"ev": "output", "actor": actor, "fd": 1, "text": text},
            {"ev": "verdict", "kind": "never", "actors": [actor], "text": text},
        ]  # fmt: skip
    data = "".join(json.dumps({"seq": n, **e}) + "\n" for n, e in enumerate(events))
    path = draw(lab, lab.write("hostile.trace", data), "hostile.mmd")
    (result,) = parser(path)
    assert "error" not in result, result["error"]
    assert len(result["actors"]) == 2 * len(HOSTILE)  # the processes and the objects
    texts = "\n".join(m["text"] for m in result["messages"])
    for text in ("<script>alert(1)</script>", "%%{init: {'theme': 'forest'}}%%", "$$x^2$$"):
        assert text in texts
    assert not [a for a in result["actors"] if a == "X"]
    # In the file nothing stands that is markup, an entity of others, or a control.
    with open(path, encoding="utf-8") as f:
        for line in f.read().splitlines()[1:]:
            label = re.sub(r"^ *(\w+(--?>>|-x|-\))\w+:)?|<br/>|#\d+;", "", line)
            assert not re.search(r"[<>&%{}\\`$;#]", label), line


def test_many_events(lab, parser):
    lines = ["spawn a", "a pipe(p)"] + ['a write(p[1], "x")', "a read(p[0], b, 1)"] * 500
    (result,) = parser(draw_lines(lab, "\n".join(lines) + "\n"))
    assert len(result["messages"]) >= 1001
