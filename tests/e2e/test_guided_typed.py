# SPDX-License-Identifier: GPL-3.0-or-later
"""Every guided lab that ships, from its first task to its last, typed at a terminal as its student
would: a line, a look at what came of it, the next line."""

import glob
import os

import pytest

from ipclab import ROOT, read_trace
from terminal import Terminal

GUIDED = sorted(
    os.path.basename(os.path.dirname(p)) for p in glob.glob(ROOT + "/labs/*/lab.lua") if "lab.guided" in open(p).read()
)
PROMPT = r"(?m)^(ipclab|\w+)> "


def typed(name):
    """What the student of the model solution types: all lines but those that the lab brings."""
    events = read_trace(f"{ROOT}/labs/{name}/golden.trace")
    return [e["text"] for e in events if e["ev"] == "input" and "from" not in e]


def marks(events):
    return [(e["task"], e["points"], e["max"]) for e in events if e["ev"] == "check" and e["passed"]]


@pytest.mark.parametrize("how", ["plain", "linear"])
@pytest.mark.parametrize("name", GUIDED)
def test_the_whole_lab(lab, name, how):
    trace = lab.new_trace()
    options = ["--linear"] if how == "linear" else []
    with Terminal(lab, "run", "--trace", trace, *options, name, rows=50, columns=100) as t:
        t.wait("(?i)task 1(/| of )")
        for line in typed(name):
            t.wait(PROMPT)
            t.line(line)
        t.wait("all tasks are over|The end of all tasks")
        t.wait(PROMPT)
        t.line("quit")
        assert t.end() == 0, t.text
    events = read_trace(trace)
    ends = [e for e in events if e["ev"] == "task" and e["what"] == "ends"]
    assert [e["points"] for e in ends] == [e["max"] for e in ends] != [], t.text
    assert marks(events) == marks(read_trace(f"{ROOT}/labs/{name}/golden.trace"))
    assert events[-1]["ev"] == "end"
