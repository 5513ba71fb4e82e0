# SPDX-License-Identifier: GPL-3.0-or-later
"""Man pages are made from the records, are clean mdoc, and say what the records say; the builtin
man opens the system's page where there is one. What ipclab-trace(5) says of events is true."""

import glob
import json
import os
import re
import shutil
import subprocess

import pytest
from ipclab import ROOT, program
from terminal import Terminal

BUILD = os.path.dirname(program())
MAN = os.path.join(BUILD, "share", "man")


def pages():
    return sorted(glob.glob(os.path.join(MAN, "man*", "*")))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def rendered(path):
    """What a reader sees, without the marks of bold and underline, in one line."""
    done = subprocess.run(
        ["mandoc", "-T", "utf8", "-O", "width=200", path], capture_output=True, text=True, check=True
    )
    return " ".join(re.sub(r".\x08", "", done.stdout).split())


needs_mandoc = pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not here")


@pytest.fixture
def records(lab):
    return json.loads(lab.call("generate", "json").ok().stdout)


def test_there_is_a_page_for_everything(records):
    wanted = {"ipclab.1", "ipclab-trace.5", "ipclab-plugin.7"}
    wanted |= {f"ipclab-{p['name']}.7" for p in records["plugins"]}
    assert {os.path.basename(p) for p in pages()} == wanted


@needs_mandoc
def test_mandoc_has_nothing_to_say():
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", *pages()], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and not done.stdout, done.stdout


def test_pages_are_those_of_the_program(lab):
    """What `make` wrote is what the program says now, but for the date."""
    for path in pages():
        name = os.path.basename(path)
        source = os.path.join(ROOT, "plugins", "plugin.h") if name == "ipclab-plugin.7" else name
        out = lab.call("generate", "man", source).ok().stdout
        assert out.split("\n")[1:] == read(path).split("\n")[1:], name


def test_date_is_that_of_the_sources(lab):
    env = {"SOURCE_DATE_EPOCH": "86400"}
    one, two = (lab.call("generate", "man", "ipclab.1", env=env).ok().stdout for _ in range(2))
    assert one == two and one.startswith(".Dd January 2, 1970\n.Dt IPCLAB 1\n")


@needs_mandoc
def test_main_page_has_every_record(lab, records):
    text = rendered(os.path.join(MAN, "man1", "ipclab.1"))
    for option in records["options"]:
        assert (f"--{option['name']}" if option["name"] else f"-{option['letter']}") in text
        assert " ".join(option["summary"].replace("`", "").split()) in text
    for sort in ("builtins", "commands", "settings"):
        for record in records[sort]:
            assert record["summary"].replace("`", "").replace("'", "’")[:40] in text.replace("'", "’")
    for status in records["statuses"]:
        assert str(status["status"]) in text
    for word in ("NO_COLOR", "IPCLAB_HISTFILE", "IPCLAB_PLUGIN_PATH", "/ipclab/rc", "Ctrl-C"):
        assert word in text


@needs_mandoc
def test_a_plugin_has_all_of_its_calls(records):
    for plugin in records["plugins"]:
        text = rendered(os.path.join(MAN, "man7", f"ipclab-{plugin['name']}.7"))
        for call in plugin["calls"]:
            assert " ".join(call["prototype"].split()) in text
            for error in call["errors"]:
                assert error["name"] in text
            for example in call["examples"]:
                assert " ".join(example.split()) in text, call["name"]


@needs_mandoc
def test_the_contract_is_in_its_page():
    """Every structure, field and constant of plugin.h."""
    header = read(os.path.join(ROOT, "plugins", "plugin.h"))
    text = rendered(os.path.join(MAN, "man7", "ipclab-plugin.7"))
    for name in re.findall(r"^struct (ipclab_\w+) \{", header, re.M):
        assert f"struct {name} {{" in text
    for name in re.findall(r"\bIPCLAB_[A-Z_]+\b", header):
        assert name in text or name == "IPCLAB_PLUGIN_H"
    for title in re.findall(r"---- (\w+) ", header):
        assert title.upper() in text
    assert "HOW TO ADD A PLUGIN" in text


# ---- The builtin ------------------------------------------------------------------------------


def test_in_a_script_it_is_ours(lab):
    r = lab.run("man shmget").ok()
    assert r.stdout == lab.run("help shmget").ok().stdout
    assert "man page of 'qqqq'" in lab.run("man qqqq").stderr
    assert lab.run("man shmgte").status == 2


def fake_man(lab, has):
    """A man that says what it was asked for; `has` are the pages it knows."""
    folder = lab.path("work", "bin")
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, "man")
    with open(path, "w") as f:
        f.write('#!/bin/sh\ncase "$*" in\n')
        f.write(f'-w*) case "$*" in {has}) exit 0 ;; *) exit 16 ;; esac ;;\n')
        f.write('*) echo "SYSTEM PAGE <$*>" ;;\nesac\n')
    os.chmod(path, 0o755)
    return {"PATH": folder + ":" + os.environ["PATH"]}


def test_at_the_prompt_the_systems_page_is_opened(lab):
    with Terminal(lab, env={**fake_man(lab, "*shmget|*pipe"), "PAGER": "cat"}) as t:
        t.wait("ipclab> ")
        t.line("man shmget", "SYSTEM PAGE <2 shmget>")
        t.line("man 7 pipe", "SYSTEM PAGE <7 pipe>")
        t.line("man pipe(2)", "SYSTEM PAGE <2 pipe>")
        t.line("man pipe", "SYSTEM PAGE <2 pipe>")
        t.line("man hello", "an example to copy|greet somebody")  # the system has none
        t.line("man ;touch x", "takes the name of a page")
        t.line("man -w", "takes the name of a page")
        t.line("quit")
        assert t.end() == 0
    assert not os.path.exists(lab.path("work", "x"))


def test_our_pages_are_found_in_the_tree(lab):
    with Terminal(lab, env={**fake_man(lab, "*ipclab*"), "PAGER": "cat"}) as t:
        t.wait("ipclab> ")
        t.line("man ipclab-pipe", rf"SYSTEM PAGE <-M {re.escape(MAN)} ipclab-pipe>")
        t.line("quit")
        assert t.end() == 0


def test_without_a_man_it_is_ours(lab):
    with Terminal(lab, env={"PATH": lab.path("work"), "PAGER": ""}) as t:
        t.wait("ipclab> ")
        t.line("man shmget", "find or make a segment")
        t.line("quit")
        assert t.end() == 0


# ---- ipclab-trace(5) and the truth ------------------------------------------------------------


def check(event, kinds, common):
    kind = kinds[event["ev"]]
    known = {f["name"]: f for f in kind["fields"] + common}
    types = {"number": int, "text": (str, dict), "list": list, "object": dict, "true or false": bool}
    for name, field in known.items():
        assert not field["always"] or name in event, f"{event} has no {name}"
    for name, value in event.items():
        field = known.get(name)
        assert field or kind["open"], f"{event['ev']} has a field {name} that no page describes"
        if field and field["type"] != "any":
            assert isinstance(value, types[field["type"]]), (name, value, field)


def test_every_event_is_described(lab, records):
    """Kinds and fields of what all examples and the demo record."""
    kinds = {k["name"]: k for k in records["events"]}
    common, seen = records["common"], set()
    scripts = [e for p in records["plugins"] for c in p["calls"] for e in c["examples"][:1]]
    scripts += [read(p) for p in glob.glob(os.path.join(ROOT, "scripts", "demo", "*.ipc"))]
    scripts += [e for b in records["builtins"] for e in b["examples"]]
    events = [e for s in scripts for e in lab.run(s).events]
    lab.call("run", "--trace", lab.path("work", "l.trace"), "shm-server-client").ok()
    with open(lab.path("work", "l.trace")) as f:
        events += [json.loads(line) for line in f]
    for event in events:
        check(event, kinds, common)
        seen.add(event["ev"])
    assert {"session", "input", "enter", "exit", "block", "process", "note", "undo", "reset",
            "verdict", "check", "end"} <= seen


def names_of(events, kinds):
    """Of facts, beside the fields of each kind of event, and of the state of objects."""
    for event in events:
        kind = kinds[event["ev"]]
        described = {f["name"] for f in kind["fields"]}
        if kind["open"]:
            yield from (n for n in event if n not in described | {"seq", "ev", "vol"})
        yield from event.get("facts", {})
        if isinstance(event.get("state"), dict):
            yield from (n for n in event["state"] if n not in ("w", "r", "holders", "queue", "more"))


def test_plugins_declare_their_fields(lab, records):
    """Whatever a call reports and a kind has in its state is among the fields of some plugin."""
    kinds = {k["name"]: k for k in records["events"]}
    declared = {name for p in records["plugins"] for name in p["fields"]}
    traces = [lab.run(e).events for p in records["plugins"] for c in p["calls"] for e in c["examples"]]
    for path in glob.glob(os.path.join(ROOT, "labs", "*", "golden.trace")):
        with open(path, encoding="utf-8") as f:
            traces.append([json.loads(line) for line in f])
    seen = {re.sub(r"_?\d+$", "", n) for events in traces for n in names_of(events, kinds)}
    assert seen <= declared, seen - declared
    assert len(seen) > len(declared) / 2, declared - seen


def test_no_kind_of_event_is_missing(records):
    """Each that the sources begin is in the table."""
    names = {k["name"] for k in records["events"]}
    for path in glob.glob(os.path.join(ROOT, "shell", "*", "*.c")):
        for name in re.findall(r'(?:event_start\([^,]+|start\([^,]+,[^,]+), "(\w+)"\)', read(path)):
            assert name in names, f"{path} begins a {name} event"
