# SPDX-License-Identifier: GPL-3.0-or-later
"""luacheck has nothing to say about the labs that ship, their texts, what `lab new` makes and the
examples of the guide, with the settings that `lab new` puts beside each lab."""

import glob
import os
import shutil
import subprocess

import pytest
from ipclab import ROOT
from test_authoring import blocks

pytestmark = pytest.mark.skipif(shutil.which("luacheck") is None, reason="there is no luacheck (lua-check)")


@pytest.fixture
def check(lab):
    """Runs luacheck with the settings of a new lab."""
    lab.call("lab", "new", "mine").ok()
    settings = lab.path("work", "mine", ".luacheckrc")

    def run(*paths):
        return subprocess.run(
            ["luacheck", "--config", settings, "--no-color", "--no-cache", "--codes", *paths],
            capture_output=True, text=True, check=False, timeout=60)

    return run


def is_clean(done):
    assert done.returncode == 0 and " 0 warnings / 0 errors" in done.stdout, done.stdout + done.stderr


def test_labs_that_ship(check):
    paths = [p for depth in ("*", "*/*") for p in glob.glob(os.path.join(ROOT, "labs", depth, "*.lua"))]
    assert len(paths) >= 26 and any("texts" in p for p in paths)
    is_clean(check(*paths))


@pytest.mark.parametrize("kind", ["guided", "orchestrated", "programs"])
def test_new_labs(lab, check, kind):
    lab.call("lab", "new", kind, "--kind", kind).ok()
    is_clean(check(lab.path("work", kind, "lab.lua")))


def test_examples_of_the_guide(lab, check):
    texts = [text for kind, text in blocks() if kind == "lua"]
    whole = [t if t.startswith(("local lab", "return")) else "return {\n" + t.rstrip() + "\n}\n" for t in texts]
    is_clean(check(*(lab.write(f"{i}.lua", text) for i, text in enumerate(whole))))


@pytest.mark.parametrize("text, code", [
    ("return { check = function(h) return h.find { call = nmae } end }", "W113"),  # no such global
    ("return { check = function() return io.read() end }", "W113"),  # which a lab has not
    ("local never = 1\nreturn {}", "W211"),
    ("return { check = function(h) retrun h end }", "E011"),
])
def test_it_would_say_so(lab, check, text, code):
    done = check(lab.write("bad.lua", text + "\n"))
    assert done.returncode != 0 and code in done.stdout
