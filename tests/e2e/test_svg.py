# SPDX-License-Identifier: GPL-3.0-or-later
"""`show --as svg`: whole XML, nothing of it missing, over each other, or from outside."""

import glob
import json
import os
import re
import shutil
import struct
import subprocess
import time
import unicodedata
import xml.etree.ElementTree as ET

import pytest
from ipclab import ROOT
from test_mermaid import HOSTILE
from test_transcript import CASES, lines_of

NS = "{http://www.w3.org/2000/svg}"
COLUMN = 7.5  # pixels of a column, of 12 pixel text: wider than any monospaced font has it
ROW = 20


def picture(lab, trace, *options, env=None):
    out = lab.call("show", trace, "--as", "svg", *options, env=env).raw_stdout
    path = lab.write("t.svg", out)
    if shutil.which("xmllint"):
        subprocess.run(["xmllint", "--noout", "--nonet", path], check=True, timeout=60)
    return ET.fromstring(out)


def draw(lab, script, *options, **more):
    r = lab.run(None, "-k", file=script)
    return r, picture(lab, r.trace, *options, **more)


def moments(svg, **wanted):
    return [
        g for g in svg.iter(NS + "g")
        if g.get("class", "").split(" ")[0] == "m"
        and all(g.get("data-" + k) == str(v) for k, v in wanted.items())
    ]  # fmt: skip


def title(g):
    return g.find(NS + "title").text


def texts(g):
    return [t.text or "" for t in g.iter(NS + "text")]


def columns(text):
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def box(t):
    """Where a text stands: left, right, baseline."""
    x, wide = float(t.get("x")), columns(t.text or "") * COLUMN
    words = t.get("class", "").split()
    if "r" in words:
        return x - wide, x, float(t.get("y"))
    return x, x + wide, float(t.get("y"))


def check_room(svg):
    """No text leaves the picture, no two of one row meet, no arrow runs through one."""
    width, height = float(svg.get("width")), float(svg.get("height"))
    rows = {}
    shown = list(svg.iter(NS + "text"))
    for t in shown:
        if "t" in t.get("class", "").split() or "s" in t.get("class", "").split():
            continue  # of the title, in a font of its own
        if t.get("y") == "0":
            continue  # of the legend
        left, right, y = box(t)
        assert left >= 0 and right <= width and 0 < y < height, (t.text, left, right, width)
        rows.setdefault(y, []).append((left, right, t.text))
    last = None
    for y in sorted(rows):
        assert last is None or y - last >= ROW, (y, last, rows[y])
        last = y
        row = sorted(rows[y])
        for (_, right, a), (left, _, b) in zip(row, row[1:]):
            assert right <= left, (a, b)
    for g in moments(svg):
        for line in g.iter(NS + "line"):
            x1, x2 = sorted((float(line.get("x1")), float(line.get("x2"))))
            for left, right, text in rows.get(float(line.get("y1")) + 4, []):
                assert right <= x1 or left >= x2, (text, line.attrib)


def check_alone(svg, raw):
    """One file: no script, no font, no picture and no style from elsewhere."""
    assert not re.search(r"<script|<image|<use|<foreignObject|href|@import|@font-face|on\w+=", raw)
    assert set(re.findall(r"url\(([^)]*)\)", raw)) <= {"#ipclab-wait"}
    assert re.findall(r"https?://[^\"']*", raw) == ["http://www.w3.org/2000/svg"]
    assert svg.get("role") == "graphics-document" and svg.get("aria-label")
    assert svg.find(NS + "desc").text


def scripts():
    found = {
        os.path.basename(p): open(p, "rb").read()
        for p in glob.glob(os.path.join(ROOT, "scripts", "demo", "*.ipc"))
    }
    found.update({name: lines_of(script) for name, script in CASES.items()})
    return found


@pytest.mark.parametrize("name", scripts())
def test_script(lab, name):
    r, svg = draw(lab, scripts()[name])
    with open(lab.path("work", "t.svg"), encoding="utf-8") as f:
        check_alone(svg, f.read())
    check_room(svg)
    # Each step that was not taken back has its element, and says in full what was called.
    undone = set()
    for undo in r.find("undo"):
        at = [e for e in r.events if e["seq"] < undo["seq"]]
        undone |= {e["seq"] for e in at if e["seq"] > undo["to"]}
    for e in r.find("enter"):
        if e["seq"] in undone:
            continue
        found = moments(svg, step=e["step"])
        assert found, e
        word = e.get("text", e["call"])
        if isinstance(word, str) and word.isascii():
            assert any(word.split("\\")[0][:20] in title(g) for g in found), e
    for g in moments(svg):
        assert title(g)
        assert g.get("role") == "listitem"


def test_pipe(lab):
    with open(os.path.join(ROOT, "scripts", "demo", "pipe.ipc"), "rb") as f:
        _, svg = draw(lab, f.read())
    (write,) = moments(svg, step=6)
    (read,) = moments(svg, kind="back")
    # Data goes to the objects at the right, and from there to whom it wakes.
    out, back = write.find(NS + "line"), read.find(NS + "line")
    assert float(out.get("x1")) < float(out.get("x2"))
    assert float(back.get("x1")) > float(back.get("x2"))
    assert "pipe#1  12 B  W1 R1" in texts(write)
    assert "by step 6" in texts(read)[2] and "ended by step 6" in title(read)
    # The bar of the wait reaches from the call to its return.
    (bar,) = [b for b in svg.iter(NS + "rect") if b.get("class") == "wait" and b.get("y") != "-11"]
    (wait,) = moments(svg, kind="wait")
    top = float(wait.find(NS + "rect").get("y")) + ROW / 2
    assert float(bar.get("y")) == top
    assert top + float(bar.get("height")) == float(read.find(NS + "rect").get("y")) + ROW / 2
    assert "write end open in child (fd 4)" in title(wait)
    # The fork has a line to where the child's lane begins; the child ends with a cross.
    (fork,) = moments(svg, kind="fork")
    (end,) = moments(svg, kind="exit")
    assert fork.find(NS + "path") is not None and "x" in end.find(NS + "path").get("class").split()


def test_stuck(lab):
    r, svg = draw(lab, "spawn a\na pipe(p)\na read(p[0], buf, 1)\n")
    assert r.status == 4
    (verdict,) = moments(svg, kind="verdict")
    shown = "\n".join(texts(verdict))
    assert shown.startswith("STUCK") and "next: " in shown
    assert ", stuck" in svg.find(NS + "desc").text
    for line in texts(verdict):
        assert line.rstrip("\u2026").strip() in title(verdict) or line.startswith("STUCK")


def test_signals_and_forks_to_the_left(lab):
    events = [
        {"ev": "session", "ipclab": 1, "version": "1", "lab": "a & b", "world": "sealed",
         "plugins": {}},
        {"ev": "process", "actor": "b", "what": "spawn", "pid": 2},
        {"ev": "process", "actor": "a", "what": "spawn", "pid": 3},
        {"ev": "signal", "actor": "b", "sig": "SIGUSR1", "action": "handler", "from": "a"},
        {"ev": "signal", "actor": "a", "sig": "SIGUSR2", "action": "handler", "from": "b"},
        {"ev": "process", "actor": "b", "what": "killed", "sig": "SIGKILL"},
        {"ev": "enter", "step": 1, "actor": "a", "call": "fork", "args": ["b"]},
        {"ev": "process", "actor": "b", "what": "fork", "parent": "a", "pid": 5},
        {"ev": "exit", "step": 1, "actor": "a", "call": "fork", "ret": 5},
    ]  # fmt: skip
    data = "".join(json.dumps({"seq": n, **e}) + "\n" for n, e in enumerate(events))
    svg = picture(lab, lab.write("s.trace", data))
    check_room(svg)
    left, right = moments(svg, kind="signal")
    assert float(left.find(NS + "line").get("x1")) > float(left.find(NS + "line").get("x2"))
    assert float(right.find(NS + "line").get("x1")) < float(right.find(NS + "line").get("x2"))
    assert svg.get("aria-label") == "a & b"


def test_hostile_text(lab):
    events = [{"ev": "session", "ipclab": 1, "version": "1", "lab": "<b>&\"'\x1b\ufffe",
               "world": "sealed", "plugins": {}}]  # fmt: skip
    for i, text in enumerate(HOSTILE + ["]]>", "\ufffe\uffff", "\u0000", "漢字" * 60, "x" * 300]):
        actor = f"{text}{i}"
        events += [
            {"ev": "process", "actor": actor, "what": "spawn", "pid": i + 2},
            {"ev": "enter", "step": 2 * i + 1, "actor": actor, "call": text, "args": [text, 3]},
            {"ev": "exit", "step": 2 * i + 1, "actor": actor, "call": text, "ret": 0,
             "obj": text, "flow": 1, "out": {text: text}, "state": {text: text}},
            {"ev": "enter", "step": 2 * i + 2, "actor": actor, "call": "read", "args": [3]},
            {"ev": "block", "step": 2 * i + 2, "actor": actor, "call": "read", "waits": text},
            {"ev": "note", "text": text},
            {"ev": "output", "actor": actor, "fd": 1, "text": text + "\n" + text},
            {"ev": "verdict", "kind": "never", "actors": [actor], "text": text},
        ]  # fmt: skip
    data = "".join(json.dumps({"seq": n, **e}) + "\n" for n, e in enumerate(events))
    svg = picture(lab, lab.write("hostile.trace", data.replace("\\u0000", "")))
    check_room(svg)
    with open(lab.path("work", "t.svg"), encoding="utf-8") as f:
        raw = f.read()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\ufffe\uffff]", raw)
    assert not re.search(r"<(script|b|br)\b", raw)
    assert "<script>alert(1)</script>" in "".join(svg.itertext())


def test_ascii(lab):
    _, svg = draw(lab, CASES["bytes"], env={"LC_ALL": "C"})
    assert "".join(svg.itertext()).isascii()
    check_room(svg)


def test_stable_is_the_same(lab, world):
    script = lines_of(CASES["addresses"])
    raw = set()
    for _ in range(2):
        draw(lab, script, "--stable")
        with open(lab.path("work", "t.svg"), encoding="utf-8") as f:
            raw.add(f.read())
    assert len(raw) == 1


def test_light_and_dark(lab):
    """What has a colour by day has one by night too."""
    _, svg = draw(lab, "spawn a\n")
    style = svg.find(NS + "style").text
    light, dark = style.split("@media(prefers-color-scheme:dark)")
    assert "@media" not in dark
    coloured = r"([^{}]+)\{[^{}]*(?:fill|stroke):(?:#|url)"
    for name in {c for s in re.findall(coloured, light) for c in re.findall(r"\.(\w+)", s)}:
        if name not in ("m", "hit"):
            assert re.search(rf"\.{name}\b[^{{}}]*\{{", dark), name


def many(n):
    lines = ["spawn a b", "a pipe(p)", "a fork(c)"]
    for i in range(n):
        lines += [f'a write(p[1], "message {i}")', "c read(p[0], buf, 64)", "b int x = 1"]
    return "\n".join(lines) + "\n"


def test_many_events(lab):
    r, svg = draw(lab, many(120))
    assert len(r.events) > 1000
    check_room(svg)
    heads = [g for g in svg.iter(NS + "g") if g.get("class") == "heads"]
    # Wherever one looks, the names of the lanes are not far.
    ys = [float(h.find(NS + "rect").get("y")) for h in heads] + [float(svg.get("height"))]
    assert max(b - a for a, b in zip(ys, ys[1:])) < 1200
    assert {"".join(h.itertext()) for h in heads[1:]} == {"abc"}


def test_size_and_time_are_linear(lab):
    sizes = []
    for n in (300, 1200):
        r = lab.run(None, "-q", file=many(n))
        began = time.monotonic()
        out = lab.call("show", r.trace, "--as", "svg").raw_stdout
        took = time.monotonic() - began
        sizes.append(len(out))
    assert len(r.events) > 10000
    assert sizes[1] < 4.2 * sizes[0]
    assert took < 1.0 or os.environ.get("IPCLAB_SLOW"), took


def test_many_lanes_stay_linear(lab):
    """Names that stand again and again must not make it a square."""
    def lanes(n):
        names = " ".join(f"p{i}" for i in range(n))
        return f"spawn {names}\n" + "".join(f"p{i % n} getpid()\n" for i in range(4 * n))

    sizes = []
    for n in (40, 160):
        r = lab.run(None, "-q", file=lanes(n))
        sizes.append(len(lab.call("show", r.trace, "--as", "svg").raw_stdout))
    assert sizes[1] < 4.5 * sizes[0]


@pytest.mark.skipif(not shutil.which("rsvg-convert"), reason="rsvg-convert is not here")
def test_another_renderer_draws_it(lab):
    _, svg = draw(lab, "spawn a\na pipe(p)\na read(p[0], buf, 1)\n")
    path, png = lab.path("work", "t.svg"), lab.path("work", "t.png")
    subprocess.run(["rsvg-convert", path, "-o", png], check=True, timeout=60)
    with open(png, "rb") as f:
        head = f.read(24)
    assert struct.unpack(">II", head[16:24]) == (int(svg.get("width")), int(svg.get("height")))


def test_export(lab):
    lab.run("spawn a; a pipe(p); export x.svg").ok()
    with open(lab.path("work", "x.svg"), encoding="utf-8") as f:
        assert moments(ET.fromstring(f.read().encode()), step=1)
