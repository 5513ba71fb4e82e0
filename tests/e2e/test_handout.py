# SPDX-License-Identifier: GPL-3.0-or-later
"""ipclab lab doc: a handout of a lab, as Markdown and as a page, and the teacher's edition."""

import glob
import html.parser
import os
import re

import pytest
from ipclab import ROOT

SHIPPED = sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(ROOT + "/labs/*/lab.lua"))
VOID = {"meta", "br"}

LAB = r"""local lab = require "ipclab"
return lab.guided {
  id = "t", title = "T <b>&amp;</b>", actors = { "a" }, minutes = 7, man = { "pipe(7)" },
  intro = "First paragraph, with `code <i>`.\n\n  indented = 1\n\n* no list, <script>alert(1)</script> \27[31m",
  tasks = {
    { id = "make", title = "A #1 `pipe`", points = 2, say = "Let a make a pipe.\n2. no list",
      hints = { "Look at pipe(2) & <its page>.", { "a pipe(p)", cost = 2 } },
      check = function(h)
        h:need(h:find { call = "pipe", ret = 0 }, "No pipe <yet>.")
      end,
      solution = "a getpid()  # optional\na pipe(p)" },
    { id = "use", points = 1, say = "Write ```into``` it.",
      predict = { ask = "What does write return?", choices = { "1", "<2>" }, points = 1, truth = function(h)
        return h:find { call = "write" } and 2
      end },
      check = function(h) h:need(h:find { call = "write", obj = "pipe#1" }, "nothing written") end,
      solution = { "answer b", "a write(p[1], \"<h>&\")" } },
  },
  outro = "Remember.",
  also = { { name = "only a <pipe>", points = 2, play = "a pipe(q)" } },
}
"""


class Page(html.parser.HTMLParser):
    """Whether elements nest, and what stands in them."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.text, self.attributes = [], [], {}, []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        self.attributes.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        for tag in set(self.open):
            self.text.setdefault(tag, []).append(data)

    def all(self, tag):
        return "".join(self.text.get(tag, []))


def doc(lab, what, *options, **more):
    return lab.call("lab", "doc", *options, what, timeout=60, **more).ok().stdout


def page(lab, what, *options, **more):
    path = lab.path("work", "t.html")
    lab.call("lab", "doc", "-o", path, *options, what, timeout=60, **more).ok()
    with open(path, encoding="utf-8") as f:
        return f.read()


def test_markdown(lab, world):
    text = doc(lab, lab.write("t.lua", LAB), "--world", lab.world)
    assert text.startswith("# T \\<b\\>\\&amp;\\</b\\>\n")
    assert "`code <i>`" in text and "\n```\nindented = 1\n```\n" in text
    assert "\\* no list, \\<script\\>" in text and "\\\\x1b\\[31m" in text and "2\\. no list" in text
    assert "## Task 1: A \\#1 `pipe` (2 points)" in text and "**Question (1 point):** What does write return?" in text
    assert "- b) \\<2\\>" in text and "**Time:** about 7 minutes" in text and "**Points:** 4" in text
    assert re.search(r'^ +\d+ │ pipe\(p\) = 0', text, re.M) and '"<h>&"' in text
    for secret in ("getpid()  #", "Look at pipe(2)", "No pipe", "only a", "h:need", "answer b"):
        assert secret not in text, secret


def test_teachers_edition(lab, world):
    text = doc(lab, lab.write("t.lua", LAB), "--teacher", "--world", lab.world)
    assert "```\na getpid()  # optional\na pipe(p)\n```" in text
    assert "1. Look at pipe(2) \\& \\<its page\\>. (1 point)\n1. a pipe(p) (2 points)" in text
    assert '```lua\ncheck = function(h)\n  h:need(h:find { call = "pipe", ret = 0 }, "No pipe <yet>.")\nend,\n```' in text
    assert "**Before anything was done it says:** No pipe \\<yet\\>." in text
    also = text[text.index("### only a \\<pipe\\> (2 points)"):]
    assert "```\na pipe(q)\n```" in also and "- A \\#1 `pipe`: 2 of 2\n- use: 0 of 2. nothing written" in also


@pytest.mark.parametrize("options", [[], ["--teacher"]])
def test_page(lab, options):
    text = page(lab, lab.write("t.lua", LAB), *options)
    p = Page(text)
    assert p.attributes[0] == ("html", {"lang": "en"}) and p.all("h1") == "T <b>&amp;</b>" == p.all("title")
    assert "script" not in p.seen and "i" not in p.seen and "<script>alert(1)</script> \\x1b[31m" in p.all("p")
    assert "code <i>" in p.all("code") and 'write(4, "<h>&", 4)' in p.all("pre") or 'write(p[1], "<h>&"' in p.all("pre")
    assert ("No pipe <yet>." in p.all("pre")) == bool(options)
    assert {"main", "figure", "figcaption", "details"} <= set(p.seen)


@pytest.mark.parametrize("name", SHIPPED)
def test_of_every_lab(lab, name):
    """Whole, accessible, and nothing in it is asked of anybody else."""
    text = page(lab, name, "--teacher")
    p = Page(text)
    assert not re.search(r'\b(src|href|action)=|url\(|@import|http-equiv|<script|<svg|\bon\w+="', text)
    levels = [int(tag[1]) for tag in p.seen if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1 and all(b - a <= 1 for a, b in zip(levels, levels[1:]))
    figures = [a for tag, a in p.attributes if tag == "pre" and a.get("role") == "img"]
    assert figures and all(a["aria-label"] for a in figures)
    assert p.seen.count("figcaption") == p.seen.count("figure") == p.seen.count("details") == len(figures)
    assert "│" in p.all("pre") and re.search(r"Step 1, \w+: ", p.all("li"))
    assert "\x1b" not in text
    short = doc(lab, name)
    assert short.startswith("# ") and short.count("```") % 2 == 0


def test_in_another_language(lab):
    text = page(lab, "shm-guided", "--lang", "de_DE.UTF-8")
    assert Page(text).attributes[0] == ("html", {"lang": "de-DE"}) and "Segment" in text and "ü" in text


def test_in_ascii(lab):
    env = {"LC_ALL": "C"}
    r = lab.call("lab", "doc", "--lang", "de", "shm-guided", env=env).ok()
    assert r.raw_stdout.isascii() and "&#252;" in r.stdout
    text = page(lab, "shm-guided", "--lang", "de", env=env)
    assert text.isascii() and "ü" in "".join(Page(text).text["p"])


def test_the_same_twice(lab, world):
    path = lab.write("t.lua", LAB)
    assert doc(lab, path, "--teacher", "--world", lab.world) == doc(lab, path, "--teacher", "--world", lab.world)


def test_what_cannot_be(lab):
    path = lab.write("t.lua", LAB)
    for words, status, says in (
        (["-o", lab.path("work", "t.pdf"), path], 2, "a .md or a .html file"),
        (["-o", "/nowhere/t.md", path], 2, "ENOENT"),
        ([lab.write("u.lua", "return 5\n")], 3, "a lab file returns"),
        ([lab.write("v.lua", LAB.replace('"a write', '"a wriet'))], 3, "gets 2 of 4 points"),
        (["nothing-like-it"], 2, "there is no lab"),
    ):
        r = lab.call("lab", "doc", *words)
        assert r.status == status and says in r.stderr, r
    assert not os.path.exists(lab.path("work", "t.pdf"))
