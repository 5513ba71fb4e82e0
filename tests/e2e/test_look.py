# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking around (interface 2): what is told of processes, descriptors, memory and objects is what
the kernel says, in text and as JSON, and nobody is disturbed by a look."""

import json

import pytest

EXAMPLE = """
spawn parent
parent pipe(p)
parent fork(reader)
parent close(3)
parent write(4, "hello")
parent exit(0)
reader read(3, buf, 64)
reader read(3, buf, 64)
"""
RING = """
spawn other a
a pipe(p)
a pipe(q)
a fork(b)
a close(p[1])
b close(q[1])
a read(p[0], x, 1)
b read(q[0], y, 1)
other exit(0)
"""


# ---- Verdicts ------------------------------------------------------------------------------


def test_verdict_of_one_who_waits_for_itself(lab, world):
    r = lab.run(None, file=EXAMPLE)
    assert r.status == 4, r
    v = r.one("verdict")
    assert v["waits"] == [
        {
            "actor": "reader", "call": "read", "step": 7, "obj": "pipe#1", "why": "empty-self",
            "text": r.one("block")["waits"],
        }
    ]  # fmt: skip
    assert v["holders"] == [
        {"actor": "reader", "fd": 4, "mode": "w", "obj": "pipe#1", "since": 2, "how": "fork"}
    ]
    assert v["cycle"] == ["reader"]
    assert v["next"] == ["undo 1", "reader close(4)"]
    assert v["undo"] == 1
    first, *_, last = v["says"]
    assert "the pipe is empty, and read(2) reports end of file only when no write end is open" in first
    assert "parent has exited" in last
    assert "reader waits for itself" in last


def test_next_of_a_verdict_helps(lab, world):
    """What it proposes can be typed as it stands, and then the call ends."""
    lines = r_next = lab.run(None, file=EXAMPLE).one("verdict")["next"]
    r = lab.run(None, file=EXAMPLE + "\n".join(r_next) + "\nreader read(3, buf, 64)\n").ok()
    assert r.last("exit", actor="reader", call="read")["ret"] == 0, lines


def test_verdict_names_the_ring(lab, world):
    r = lab.run(None, file=RING)
    assert r.status == 4, r
    v = r.one("verdict")
    assert sorted(v["cycle"]) == ["a", "b"]
    assert {(h["actor"], h["fd"], h["obj"]) for h in v["holders"]} == {
        ("b", 4, "pipe#1"), ("a", 6, "pipe#2"),
    }  # fmt: skip
    assert [w["actor"] for w in v["waits"]] == ["a", "b"]
    assert any("a waits for b" in s or "b waits for a" in s for s in v["says"]), v
    fixed = lab.run(None, file=RING + "\n".join(v["next"]) + "\nb read(q[0], y, 1)\n")
    assert fixed.last("exit", actor="b", call="read")["ret"] == 0, fixed


def test_ring_through_wait(lab):
    """The parent waits for a child that waits for what the parent does not write."""
    r = lab.run("spawn a; a pipe(p); a fork(b); b read(p[0], buf, 8); a wait(st)")
    v = r.one("verdict")
    assert sorted(v["cycle"]) == ["a", "b"]
    assert v["undo"] == 2
    assert v["next"][0] == "undo 2"


def test_never_has_the_same_fields(lab, world):
    r = lab.run("spawn a other; a pipe(p); a read(p[0], buf, 8)").ok()
    v = r.one("verdict")
    assert v["kind"] == "never"
    assert v["next"] == ["undo 1", "a close(4)"]
    assert v["holders"][0]["since"] == 1
    assert v["holders"][0]["how"] == "call"
    assert v["says"][-1].startswith("Nothing that others hold")


@pytest.mark.parametrize("script", [EXAMPLE, RING])
def test_verdicts_repeat(lab, world, script):
    """Twice the same bytes, and replay compares every field of a verdict."""
    r = lab.twice(None, file=script)
    again = lab.call("replay", "--trust", "--world", lab.world, r.trace)
    assert again.status == 0, again
    for old, new in (('"undo":', '"undo":1'), ('"how":"fork"', '"how":"call"')):
        with open(r.trace, encoding="utf-8") as f:
            lines = f.read().split("\n")
        lines = [x.replace(old, new) if '"ev":"verdict"' in x else x for x in lines]
        changed = lab.write("changed.trace", "\n".join(lines))
        again = lab.call("replay", "--trust", "--world", lab.world, changed)
        assert again.status == 1, again


def why(lab, script):
    r = lab.run(None, file=script + "\nwhy --json\n")
    (answer,) = [json.loads(x) for x in r.stdout.splitlines() if x.startswith("[{")]
    return answer


def test_why_says_what_should_have_come_before(lab):
    (facts,) = why(lab, EXAMPLE)
    assert facts["before"] == ["reader close(4)"]
    assert facts["never"] is True
    assert facts["next"] == ["interrupt reader"]
    text = " ".join(lab.run(None, file=EXAMPLE + "why reader\n").stdout.split())
    assert "Instead: `undo 1`, then `reader close(4)`, then go on." in text


def test_why_names_fflush(lab):
    """What a child printed waits in its memory: writing more is not what is missing."""
    script = """
spawn a
a pipe(p)
a fork(b)
a close(p[1])
b out = fdopen(p[1], "w")
b fprintf(out, "hello\\n")
a read(p[0], buf, 32)
"""
    (facts,) = why(lab, script)
    assert facts["next"] == ["b fflush(out)"]
    assert any("6 B" in s for s in facts["says"])
    r = lab.run(None, file=script + facts["next"][0] + "\n").ok()
    assert r.one("exit", actor="a", call="read")["out"]["buf"] == "hello\n"
