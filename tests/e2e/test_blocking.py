# SPDX-License-Identifier: GPL-3.0-or-later
"""To wait or not to wait: for each reason to wait that a plugin's record names, the blocking call,
its non-blocking form and its timed form come to what the record says, on the real kernel."""

import time

import pytest
from test_examples import RECORDS
from test_help import help_of, plain

MS = 0.1  # the time of the timed forms, in seconds


def rows():
    return [
        pytest.param(row, id=f"{plugin['name']}-{row['when']}".replace(" ", "_"))
        for plugin in (RECORDS or {"plugins": []})["plugins"]
        for row in plugin["blocking"]
    ]


ROWS = rows()
rows_of_all = pytest.mark.parametrize("row", ROWS)


def script(*parts):
    return [line for part in parts for line in part.split("\n")]


def came_to(r, step):
    """What the call of this step returned, in the words of the records."""
    event = r.one("exit", step=step)
    children = {str(e["pid"]): e["actor"] for e in r.find("process", what="fork")}
    if event["call"] in ("wait", "waitpid") and event["ret"] > 0:
        return f"pid of {children[str(event['ret'])]}"
    return f"{event['ret']} {event.get('errno', '')}".strip()


def last_step(r, actor="a"):
    """The step of a call, not of the calls inside its line."""
    return r.last("enter", actor=actor)["step"]


@rows_of_all
def test_waits(lab, world, row):
    """It waits until somebody does what ends it, and returns then."""
    before = script(row["before"], row["waits"]["lines"])
    r = lab.run([*before, *script(row["ends"])]).ok()
    waits = r.one("block", actor="a")
    assert not r.find("verdict"), r
    assert came_to(r, waits["step"]) == row["waits"]["returns"], r
    end = r.one("exit", step=waits["step"])
    assert end.get("by", last_step(r, "b")) == last_step(r, "b"), "another step ended it"
    ended = r.events.index(r.one("enter", step=last_step(r, "b")))
    assert ended < r.events.index(end), "it did not wait for that"
    # And without it, it waits for as long as the others can go on.
    r = lab.run(before).ok()
    assert r.one("block", actor="a")["step"] == last_step(r)
    assert not r.find("exit", step=last_step(r))


@rows_of_all
def test_at_once(lab, world, row):
    """Where the blocking form would wait, this one has said what it has to say."""
    form = row["at_once"]
    if form["lines"] is None:
        assert form["note"]
        return
    r = lab.run(script(row["before"], form["lines"])).ok()
    assert not r.find("block"), r
    assert came_to(r, last_step(r)) == form["returns"], r


@rows_of_all
def test_timed(lab, world, row):
    form = row["timed"]
    if form["lines"] is None:
        assert form["note"]
        return
    start = time.monotonic()
    r = lab.run(script(row["before"], form["lines"])).ok()
    assert time.monotonic() - start >= MS, "it did not wait"
    assert not r.find("verdict"), r
    assert came_to(r, last_step(r)) == form["returns"], r
    assert not r.find("note"), "it still waits at the end"


def test_mechanisms():
    """Each of pipe, FIFO, socket, both queues, both semaphores and locks."""
    plugins = {p["name"]: p for p in RECORDS["plugins"]}
    for name in ("pipe", "fifo", "socket", "msg", "mq", "sem", "psem", "futex", "file"):
        assert plugins[name]["blocking"], name
    whens = " ".join(row["when"] for p in plugins.values() for row in p["blocking"])
    for word in ("pipe is full", "FIFO is full", "open for reading", "open for writing", "recv,",
                 "send,", "accept,", "connect,", "msgrcv,", "msgsnd,", "mq_receive,", "mq_send,",
                 "semop takes", "sem_wait,", "pthread_mutex_lock,", "file locked", "flock"):
        assert word in whens, word


def test_every_plugin_that_waits_has_a_row():
    for plugin in RECORDS["plugins"]:
        waits = [c["name"] for c in plugin["calls"] if c["waits"]]
        assert plugin["blocking"] or not waits or plugin["name"] in ("hello", "stdio"), plugin["name"]


def test_help_shows_them_side_by_side(lab):
    names = [p["name"] for p in RECORDS["plugins"] if p["blocking"]]
    topic, *pages = help_of(lab, "blocking", *names)
    for name, page in zip(names, pages):
        plugin = next(p for p in RECORDS["plugins"] if p["name"] == name)
        for row in plugin["blocking"]:
            for text, head in ((topic, f"{name}: "), (page, "Waiting or not: ")):
                part = text[text.index(head + row["when"]) :].split("\n\n")[0]
                for line in script(row["before"], row["waits"]["lines"], row["ends"]):
                    assert f" {line}" in part
                for form in ("waits", "at_once", "timed"):
                    if row[form]["lines"] is not None:
                        call = row[form]["lines"].split("\n")[-1]
                        shown = [line for line in part.split("\n") if f" {call} " in line]
                        assert any(f"= {row[form]['returns']}" in line for line in shown), (call, part)
                    if row[form]["note"] is not None:
                        assert plain(row[form]["note"]) in plain(part)
    assert max(map(len, topic.split("\n"))) <= 80


@pytest.mark.parametrize("words", ["blocking", "non-blocking", "timed form", "O_NONBLOCK EAGAIN"])
def test_apropos_finds_it(lab, words):
    out = lab.run(f"apropos {words}").ok().stdout
    assert "blocking" in [line.split()[0] for line in out.split("\n") if line.startswith("  ")]
