# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/authoring.md: every lab in it, of whatever kind, passes `lab check`; every check in it holds with
the lines that stand below it, and not without them."""

import os
import re

import pytest
from ipclab import ROOT

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)

FRAME = """local lab = require "ipclab"
return lab.guided { id = "t", title = "t", actors = { "a", "b" }, tasks = { { id = "one", points = 1, say = "s",
solution = "a getpid()",
%s } } }
"""


def blocks():
    with open(os.path.join(ROOT, "docs", "authoring.md"), encoding="utf-8") as f:
        return BLOCK.findall(f.read())


LABS = [text for kind, text in blocks() if kind == "lua" and text.startswith("local lab")]
CHECKS = [(text, lines) for (kind, text), (_, lines) in zip(blocks(), blocks()[1:])
          if kind == "lua" and text.startswith("check =")]


def test_there_are_examples():
    assert len(LABS) >= 5 and len(CHECKS) >= 6
    assert len(LABS) + len(CHECKS) == sum(kind == "lua" for kind, _ in blocks())


@pytest.mark.parametrize("text", LABS)
def test_whole_labs(lab, text):
    lab.call("lab", "check", lab.write("t.lua", text), timeout=60).ok()


@pytest.mark.parametrize("text, lines", CHECKS)
def test_checks(lab, text, lines):
    path = lab.write("t.lua", FRAME % text)
    for played, passed in ((lines, True), ("check\n", False)):
        trace = lab.new_trace()
        r = lab.call("run", "--trace", trace, path, stdin=played, trace=trace).ok()
        assert r.find("check") and r.last("check")["passed"] is passed, r
