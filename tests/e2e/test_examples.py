# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example of every record runs alone and ends with status 0: those of calls in both kinds of
world, those of builtins and topics in one."""

import json
import subprocess

import pytest
from ipclab import program


def generated():
    try:
        out = subprocess.run(
            [program(), "generate", "json"], capture_output=True, timeout=30, check=True
        ).stdout
        return json.loads(out)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


RECORDS = generated()


def of_calls():
    """[(id, script)] as the program itself tells them."""
    if RECORDS is None:
        return [pytest.param(None, id="generate-json")]
    found = []
    for plugin in RECORDS["plugins"]:
        for call in plugin["calls"]:
            examples = call.get("examples") or []
            for i, example in enumerate(examples, 1):
                found.append(pytest.param(example, id=f"{plugin['name']}-{call['name']}-{i}"))
            if not examples:
                found.append(pytest.param("", id=f"{plugin['name']}-{call['name']}-none"))
    return found


def of_others():
    if RECORDS is None:
        return [pytest.param(None, id="generate-json")]
    return [
        pytest.param(example, id=f"{sort[:-1]}-{record['name']}-{i}")
        for sort in ("builtins", "topics")
        for record in RECORDS[sort]
        for i, example in enumerate(record["examples"], 1)
    ]


@pytest.mark.parametrize("example", of_calls())
def test_example(lab, world, user, example):
    assert example is not None, "`ipclab generate json` gave no object with plugins"
    assert example, "a call record without an example"
    r = lab.run(example).ok()
    assert r.events[-1]["ev"] == "end", r


@pytest.mark.parametrize("example", of_others())
def test_example_of_a_builtin(lab, example):
    assert example is not None, "`ipclab generate json` gave no object with builtins"
    r = lab.run(example).ok()
    assert r.events[-1]["ev"] == "end", r
