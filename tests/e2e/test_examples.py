# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of every call record runs alone and ends with status 0, in both kinds of world."""

import json
import subprocess

import pytest
from ipclab import program


def records():
    """[(id, script)] as the program itself tells them."""
    try:
        out = subprocess.run(
            [program(), "plugins", "--json"], capture_output=True, timeout=30, check=True
        ).stdout
        plugins = json.loads(out)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return [pytest.param(None, id=f"plugins --json: {type(error).__name__}")]
    found = []
    for plugin in plugins:
        for call in plugin["calls"]:
            examples = call.get("examples") or []
            for i, example in enumerate(examples, 1):
                found.append(pytest.param(example, id=f"{plugin['name']}-{call['name']}-{i}"))
            if not examples:
                found.append(pytest.param("", id=f"{plugin['name']}-{call['name']}-none"))
    return found


@pytest.mark.parametrize("example", records())
def test_example(lab, world, user, example):
    assert example is not None, "`ipclab plugins --json` did not give an array of plugins"
    assert example, "a call record without an example"
    r = lab.run(example).ok()
    assert r.events[-1]["ev"] == "end", r
