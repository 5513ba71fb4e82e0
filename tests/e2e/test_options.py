# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line comes from one table: what it reads, --help, near misses, completion."""

import json
import os
import re
import subprocess

import pytest
from ipclab import ROOT, program

BUILD = os.path.dirname(program())


def generated(lab, what):
    return lab.call("generate", what).ok().stdout


@pytest.fixture
def records(lab):
    return json.loads(generated(lab, "json"))


def test_help_names_every_option_and_command(lab, records):
    out = lab.call("--help").ok().stdout
    for option in records["options"]:
        for name in (f"--{option['name']}" if option["name"] else None, option["letter"]):
            if name:
                assert re.search(rf"(?:^|[\s,])-*{re.escape(name.lstrip('-'))}\b", out), name
    for command in records["commands"]:
        assert re.search(rf"^  {command['name']}\b", out, re.M), command
    assert max(map(len, out.split("\n"))) <= 80


def test_every_command_has_help_of_its_own(lab, records):
    for command in records["commands"]:
        if not command["name"]:
            continue
        r = lab.call(command["name"], "--help").ok()
        assert r.stdout.startswith(f"usage: ipclab {command['name']}")
        assert command["summary"] in r.stdout.replace("\n", " ")
        for name in command["options"]:
            assert f"-{name}" in r.stdout


def test_every_option_is_read(lab, records):
    """No option of the table is refused; one that takes a value says so without one."""
    good = {"NUMBER": "1", "TEXT": "x", "FILE": lab.path("work", "t"), "FOLDER": ".", "LAB": "x"}
    for option in records["options"]:
        if option["name"] in ("help", "version"):
            continue
        spelling = f"--{option['name']}" if option["name"] else f"-{option['letter']}"
        argument = option.get("argument")
        value = [] if argument is None else [(option.get("choices") or [good[option["kind"]]])[0]]
        command = [spelling, *value] + ([] if option["letter"] == "c" else ["-c", "spawn a"])
        if option["letter"] == "c":
            command = ["-c", "spawn a"]
        assert lab.call(*command).status == 0, command
        if argument is not None:
            r = lab.call(spelling)
            assert r.status == 2 and "takes a value" in r.stderr


@pytest.mark.parametrize(
    "args, words",
    [
        (["--widht", "3"], "did you mean --width?"),
        (["--jsno"], "did you mean --json?"),
        (["--world", "open"], "auto, sealed or shared"),
        (["--color", "sometimes"], "auto, always or never"),
        (["--timeout", "soon"], "whole number from 0 to 1000000"),
        (["--width", "9999"], "whole number from 0 to 400"),
        (["show", "x", "--as", "lnes"], "did you mean lines?"),
        (["doctr"], "did you mean doctor?"),
        (["replya", "x.trace"], "did you mean replay?"),
        (["replay"], "`ipclab replay --help`"),
        (["run", "a", "b"], "one argument"),
        (["-c", "spawn a", "x"], "x is left over"),
        (["-z"], "no such option"),
    ],
)
def test_near_misses(lab, args, words):
    r = lab.call(*args)
    assert r.status == 2
    assert words in r.stderr
    assert r.stderr.rstrip().endswith("(status 2)")


def test_version(lab):
    assert re.fullmatch(r"ipclab \S+\n", lab.call("--version").ok().stdout)


# ---- Completion in bash -----------------------------------------------------------------------

COMPLETION = os.path.join(BUILD, "share", "bash-completion", "completions", "ipclab")


def complete(lab, *words):
    """What bash would offer for the last of these words."""
    script = f"""
        source {COMPLETION}
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        COMP_LINE="$*" COMP_POINT=${{#COMP_LINE}}
        _ipclab
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", program(), *words],
        env=lab.environment(), cwd=lab.path("work"), capture_output=True, text=True, check=False,
        timeout=30,
    )
    assert done.returncode == 0 and not done.stderr, done.stderr
    return done.stdout.split("\n")[:-1]


def test_completion_is_what_the_program_says(lab):
    with open(COMPLETION) as f:
        assert f.read() == generated(lab, "completion")


def test_completes_commands_and_files(lab):
    lab.write("replies.trace", "")
    assert set(complete(lab, "rep")) == {"replay", "replies.trace"}
    assert "doctor" in complete(lab, "d")


def test_completes_every_option(lab, records):
    offered = set(complete(lab, "--"))
    assert {f"--{o['name']}" for o in records["options"] if o["name"]} <= offered


def test_completes_options_of_a_command(lab):
    assert set(complete(lab, "show", "x", "--")) >= {"--as", "--width", "--help"}
    assert "--student" not in complete(lab, "show", "x", "--")


def test_completes_values(lab):
    assert complete(lab, "--world", "s") == ["sealed", "shared"]
    assert "lines" in complete(lab, "show", "x", "--as", "l")
    assert complete(lab, "--color", "") == ["auto", "always", "never"]


def test_completes_topics_and_labs(lab):
    assert {"shmget", "shmat", "shm"} <= set(complete(lab, "help", "shm"))
    assert "IPC_CREAT" in complete(lab, "help", "IPC_C")
    assert "shm-server-client" in complete(lab, "run", "sh")


def test_completes_files_with_blanks(lab):
    lab.write("my trace.json", "")
    assert complete(lab, "replay", "my") == ["my trace.json"]


def test_every_lab_is_listed(lab):
    labs = generated(lab, "labs").split()
    assert len(labs) == len([n for n in os.listdir(os.path.join(ROOT, "labs")) if n[0] != "."])
