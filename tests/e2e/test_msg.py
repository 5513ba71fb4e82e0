# SPDX-License-Identifier: GPL-3.0-or-later
"""System V message queues: what is in the mailbox after each step, choosing by type, every way to
wait and every way out of it, each error, limits of the kernel."""

import shutil
import subprocess

import pytest
from ipclab import read_trace

MAKE = ["spawn a b", "a q = msgget(5678, IPC_CREAT|0666)", "b q = msgget(5678, 0)"]
SMALL = MAKE + ["a msgctl(q, IPC_SET, 0666, 10)"]


def queue(event):
    """[(type, size, text)] of the messages that an event shows."""
    return [(m["type"], m["size"], m["text"]) for m in event["state"].get("queue", [])]


def by_step(r, step):
    return [e for e in r.find("exit") if e["step"] == step]


def came_back(r):
    """The exit of the call that was told to wait."""
    (event,) = by_step(r, r.one("block")["step"])
    return event


# ---- The mailbox ---------------------------------------------------------------------------


def test_state_after_each_step(lab, world):
    r = lab.twice(MAKE + [
        'a msgsnd(q, 1, "one")', 'a msgsnd(q, 7, "seven\\n")', "b msgrcv(q, buf, 64, 7)",
        "b msgrcv(q, buf, 64, 0)", "a msgctl(q, IPC_RMID)",
    ]).ok()  # fmt: skip
    made = r.one("exit", call="msgget", actor="a")
    assert made["created"] is True and made["obj"] == "msg#1"
    assert "created" not in r.one("exit", call="msgget", actor="b")
    assert made["state"] == {"key": 5678, "messages": 0, "bytes": 0, "limit": 16384}
    first, second = r.find("exit", call="msgsnd")
    assert queue(first) == [(1, 3, "one")] and first["flow"] == 1
    assert queue(second) == [(1, 3, "one"), (7, 6, "seven\n")]
    assert (second["state"]["messages"], second["state"]["bytes"]) == (2, 9)
    picked, last = r.find("exit", call="msgrcv")
    assert (picked["ret"], picked["out"]["buf"], picked["facts"]["type"]) == (6, "seven\n", 7)
    assert queue(picked) == [(1, 3, "one")] and picked["flow"] == -1
    assert (last["ret"], queue(last), last["state"]["bytes"]) == (3, [], 0)
    assert r.one("exit", call="msgctl")["state"]["removed"] == "removed"
    assert "1:\"one\" 7:\"seven\\n\"" in r.stdout


TYPES = [(wanted, flag) for wanted in (0, 1, 2, 3, 4, 9, -1, -2, -3, -9) for flag in ("0", "MSG_EXCEPT")]


@pytest.mark.parametrize("wanted,flag", TYPES)
def test_which_message_is_taken(lab, wanted, flag):
    """By the rules of msgrcv(2), and all others stay in their order."""
    sent = [(3, "c"), (1, "a"), (2, "b"), (1, "A"), (4, "d"), (3, "C")]
    r = lab.run(
        ["spawn a", "a q = msgget(1, IPC_CREAT|0600)"]
        + [f'a msgsnd(q, {t}, "{text}")' for t, text in sent]
        + [f"a msgrcv(q, buf, 8, {wanted}, IPC_NOWAIT|{flag})"]
    ).ok()
    if wanted == 0:
        fit = sent
    elif wanted < 0:
        lowest = min((t for t, _ in sent if t <= -wanted), default=None)
        fit = [m for m in sent if m[0] == lowest]
    else:
        fit = [m for m in sent if (m[0] == wanted) != (flag == "MSG_EXCEPT")]
    got = r.one("exit", call="msgrcv")
    if not fit:
        assert got["errno"] == "ENOMSG"
        assert "1 of type 2" in got["note"][0]
        return
    assert (got["facts"]["type"], got["out"]["buf"]) == fit[0]
    sent.remove(fit[0])
    assert [(t, text) for t, _, text in queue(got)] == sent


def test_what_is_shown_is_what_is_there(lab, world):
    """MSG_COPY, which asks the kernel, sees the same messages in the same places."""
    lines = MAKE + [f'a msgsnd(q, {t}, "m{t}")' for t in (5, 2, 5)] + ["b msgrcv(q, buf, 64, 2)"]
    r = lab.run(lines + [f"b msgrcv(q, buf, 64, {i}, MSG_COPY|IPC_NOWAIT)" for i in range(3)]).ok()
    shown = queue(r.find("exit", call="msgrcv")[0])
    copies = r.find("exit", call="msgrcv")[1:]
    if copies[0].get("errno") == "ENOSYS":
        pytest.skip("this kernel has no MSG_COPY")
    assert [(c["facts"]["type"], c["ret"], c["out"]["buf"]) for c in copies[:2]] == shown
    assert copies[2]["errno"] == "ENOMSG"
    assert all(queue(c) == shown and "flow" not in c for c in copies), "a copy takes nothing"


def test_many_and_long_messages_are_cut_in_the_picture(lab):
    r = lab.run(["spawn a", "a q = msgget(1, IPC_CREAT|0600)", "a char big[4000]",
                 'a memcpy(big, "0123456789012345678901234567890123456789", 41)', "a msgsnd(q, 1, big, 0, 4000)"]
                + ['a msgsnd(q, 2, "x")'] * 9).ok()  # fmt: skip
    state = r.last("exit")["state"]
    assert (state["messages"], state["bytes"], len(state["queue"]), state["more"]) == (10, 4009, 6, "and 4 more")
    assert state["queue"][0]["size"] == 4000 and len(state["queue"][0]["text"]["text"]) == 32


def test_messages_of_a_program_are_not_guessed(lab):
    """Somebody whose calls are not seen takes one: the number is the kernel's, the list is gone
    until the queue is empty."""
    take = "import ctypes; ctypes.CDLL(None).msgrcv(0, ctypes.create_string_buffer(99), 64, 0, 0)"
    r = lab.run(["spawn a b", "a q = msgget(1, IPC_CREAT|0600)", 'a msgsnd(q, 1, "one")', 'a msgsnd(q, 2, "two")',
                 f'b execve("/usr/bin/python3", "python3", "-c", "{take}")', "wait b", 'a msgsnd(q, 3, "three")',
                 "a msgrcv(q, buf, 9, 0)", "a msgrcv(q, buf, 9, 0)", 'a msgsnd(q, 4, "four")']).ok()  # fmt: skip
    third, fourth = r.find("exit", call="msgsnd")[2:]
    assert third["state"]["messages"] == 2 and "queue" not in third["state"]
    assert queue(fourth) == [(4, 4, "four")]


def test_stat(lab, world):
    r = lab.twice(MAKE + ['b msgsnd(q, 1, "hi")', "a msgctl(q, IPC_STAT)"]).ok()
    facts = r.one("exit", call="msgctl")["facts"]
    assert facts == {"messages": 1, "bytes": 2, "limit": 16384, "mode": "0666", "sender": "b"}


# ---- Waiting -------------------------------------------------------------------------------


class Way:
    """a waits in `line` after `before`; b's `end` lets it return `ret`."""

    def __init__(self, before, line, call, why, end, ret=0, errno=None):
        self.before, self.line, self.call, self.why = before, line, call, why
        self.end, self.ret, self.errno = end, ret, errno


FULL = SMALL + ['b msgsnd(q, 5, "12345678")']
WAYS = {
    "empty": Way(MAKE, "a msgrcv(q, buf, 64, 0)", "msgrcv", "empty", 'b msgsnd(q, 3, "hello")', 5),
    "type": Way(MAKE + ['b msgsnd(q, 1, "no")'], "a msgrcv(q, buf, 64, 3)", "msgrcv", "no such type",
                'b msgsnd(q, 3, "yes")', 3),
    "low types": Way(MAKE + ['b msgsnd(q, 9, "no")'], "a msgrcv(q, buf, 64, -4)", "msgrcv", "no such type",
                     'b msgsnd(q, 4, "yes")', 3),
    "any but": Way(MAKE + ['b msgsnd(q, 2, "no")'], "a msgrcv(q, buf, 64, 2, MSG_EXCEPT)", "msgrcv",
                   "no such type", 'b msgsnd(q, 1, "yes")', 3),
    "full": Way(FULL, 'a msgsnd(q, 1, "abc")', "msgsnd", "full", "b msgrcv(q, buf, 64, 0)"),
    "room by IPC_SET": Way(FULL, 'a msgsnd(q, 1, "abc")', "msgsnd", "full", "b msgctl(q, IPC_SET, NULL, 11)"),
    "too long": Way(SMALL, 'a msgsnd(q, 1, "longer than ten")', "msgsnd", "too long",
                    "b msgctl(q, IPC_SET, 0666, 100)"),
    "removed": Way(MAKE, "a msgrcv(q, buf, 64, 0)", "msgrcv", "empty", "b msgctl(q, IPC_RMID)", -1, "EIDRM"),
    "removed when full": Way(FULL, 'a msgsnd(q, 1, "abc")', "msgsnd", "full", "b msgctl(q, IPC_RMID)", -1,
                             "EIDRM"),
}  # fmt: skip
ways = pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())


@ways
def test_waits_and_is_woken(lab, world, way):
    r = lab.twice([*way.before, way.line, way.end]).ok()
    block = r.one("block")
    assert (block["actor"], block["call"], block["why"], block["obj"]) == ("a", way.call, way.why, "msg#1")
    got = came_back(r)
    assert (got["ret"], got.get("errno")) == (way.ret, way.errno)
    assert got["by"] == r.last("enter", actor="b")["step"]
    assert not r.find("verdict"), r


@ways
def test_next_of_why_can_be_typed(lab, world, way):
    r = lab.run([*way.before, way.line, "why a"]).ok()
    line = r.stdout[r.stdout.rindex("Next: ") + 6 :].splitlines()[0]
    r = lab.run([*way.before, way.line, line]).ok()
    assert came_back(r)["ret"] >= 0, f"{line!r} did not help\n{r}"


@ways
def test_interrupted(lab, world, way):
    r = lab.run([*way.before, way.line, "interrupt a"]).ok()
    assert came_back(r)["errno"] == "EINTR" and "by" not in came_back(r)


@ways
def test_stuck_is_told_and_goes_on(lab, way):
    b_waits = ["b own = msgget(2, IPC_CREAT|0600)", "b msgrcv(own, buf, 64, 0)"]
    r = lab.run([*way.before, way.line, *b_waits])
    assert r.status == 4, r
    verdict = r.one("verdict")
    assert (verdict["kind"], verdict["actors"]) == ("stuck", ["a", "b"])
    r = lab.run([*way.before, way.line, *b_waits, "interrupt b", way.end])
    assert r.status == 0 and [e["ret"] for e in by_step(r, r.find("block")[0]["step"])] == [way.ret], r


@ways
def test_killed_while_it_waits(lab, world, way):
    """The queue stays usable, and nothing of the dead is in it."""
    r = lab.run([*way.before, way.line, "b kill(a, SIGKILL)", "b msgctl(q, IPC_STAT)", 'b msgsnd(q, 1, "", IPC_NOWAIT)'])
    assert r.status == 0, r
    assert r.one("process", what="killed", actor="a")["during"] == way.call
    assert r.last("exit", call="msgctl")["facts"]["messages"] == r.one("block")["state"]["messages"]
    assert r.last("exit", call="msgsnd")["ret"] == 0


def test_a_type_that_nobody_sends(lab):
    """Messages come and fill the queue; the call waits on, and why says which are there."""
    r = lab.run(MAKE + ["b msgrcv(q, buf, 64, 3)"] + ['a msgsnd(q, 1, "x")', 'a msgsnd(q, 2, "y")'] * 2 + ["why b"])
    assert r.status == 0 and not r.find("verdict"), r
    assert len(r.find("block")) == 1 and not r.find("exit", call="msgrcv")
    said = " ".join(r.stdout[r.stdout.index("b waits in msgrcv") :].split())
    assert "2 of type 1, 2 of type 2" in said and "type 3" in said
    assert "a was the last to send to it" in said


def test_one_message_wakes_who_wants_it(lab, world):
    """Three wait for different types: only the one that the message is for goes on."""
    r = lab.twice(["spawn a b c d", "a q = msgget(7, IPC_CREAT|0600)"]
                  + [f"{who} q = msgget(7)" for who in "bcd"]
                  + ["b msgrcv(q, buf, 9, 1)", "c msgrcv(q, buf, 9, 2)", "d msgrcv(q, buf, 9, 3)",
                     'a msgsnd(q, 2, "two")']).ok()  # fmt: skip
    (got,) = r.find("exit", call="msgrcv")
    assert (got["actor"], got["by"]) == ("c", r.one("exit", call="msgsnd")["step"])


def test_handed_over_is_shown_on_its_way(lab, world):
    """The send that wakes a receiver shows its message; the receive shows it gone."""
    r = lab.twice(MAKE + ["b msgrcv(q, buf, 64, 0)", 'a msgsnd(q, 4, "hi")']).ok()
    assert queue(r.one("exit", call="msgsnd")) == [(4, 2, "hi")]
    assert queue(r.one("exit", call="msgrcv")) == []
    assert r.one("exit", call="msgsnd")["state"]["bytes"] == 2


def test_sent_is_told_before_it_is_received(lab, world):
    """Room wakes a sender, whose message goes to one who has waited longer than he."""
    r = lab.twice(["spawn a b c", "a q = msgget(7, IPC_CREAT|0600)", "a msgctl(q, IPC_SET, NULL, 8)",
                   'a msgsnd(q, 1, "12345678")', "b msgrcv(msgget(7), buf, 9, 4)", 'c msgsnd(msgget(7), 4, "four")',
                   "a msgrcv(q, buf, 9, 1)"]).ok()  # fmt: skip
    last = r.find("exit")[-3:]
    assert [(e["actor"], e["call"], queue(e)) for e in last] == [
        ("a", "msgrcv", []), ("c", "msgsnd", [(4, 4, "four")]), ("b", "msgrcv", [])]
    assert [e.get("by") for e in last] == [None, last[0]["step"], last[0]["step"]]


def test_removal_wakes_everybody(lab, world):
    r = lab.twice(["spawn a b c d", "a q = msgget(7, IPC_CREAT|0600)", "b msgrcv(msgget(7), buf, 9, 1)",
                   "c msgrcv(msgget(7), buf, 9, 2)", "a msgctl(q, IPC_SET, NULL, 1)",
                   'd msgsnd(msgget(7), 9, "long")', "a msgctl(q, IPC_RMID)"]).ok()  # fmt: skip
    step = r.last("enter")["step"]
    ended = [(e["actor"], e["errno"], e["by"]) for e in r.find("exit") if e.get("errno")]
    assert ended == [("b", "EIDRM", step), ("c", "EIDRM", step), ("d", "EIDRM", step)]


def test_set_wakes_nobody_who_has_no_reason(lab, world):
    """IPC_SET lets receivers look again; they go on waiting, and no other end of it is told."""
    r = lab.run(MAKE + ["b msgrcv(q, buf, 64, 0)", "a msgctl(q, IPC_SET, 0600)", 'a msgsnd(q, 1, "now")']).ok()
    assert r.one("exit", call="msgrcv")["by"] == r.one("exit", call="msgsnd")["step"]


def test_both_wait_for_the_other(lab):
    """Requests and answers in two queues, each side waits for the other: the ring is named."""
    r = lab.run(["spawn server client", "server req = msgget(1, IPC_CREAT|0600)",
                 "server ans = msgget(2, IPC_CREAT|0600)", "client msgrcv(msgget(2), buf, 9, 1)",
                 "server msgrcv(req, buf, 9, 1)"])  # fmt: skip
    verdict = r.one("verdict")
    assert r.status == 4 and sorted(verdict["cycle"]) == ["client", "server"]
    # What it proposes in place of that is a way out.
    undo, *lines = verdict["next"]
    assert undo.startswith("undo "), verdict
    r = lab.run([e["text"] for e in r.find("input")] + [undo, *lines, "server msgrcv(req, buf, 9, 1)"])
    assert r.status == 0, r


def test_nobody_else_is_there(lab):
    r = lab.run(["spawn a", "a q = msgget(1, IPC_CREAT|0600)", "a msgrcv(q, buf, 9, 1)"])
    assert r.status == 4 and r.one("verdict")["kind"] == "stuck"


# ---- Blocking and not ----------------------------------------------------------------------


def test_blocking_and_nonblocking_side_by_side(lab, world):
    r = lab.run(FULL + ['b msgsnd(q, 1, "abc", IPC_NOWAIT)', "b msgrcv(q, buf, 64, 3, IPC_NOWAIT)",
                        'a msgsnd(q, 1, "abc")', "interrupt a", "a msgrcv(q, buf, 64, 3)", "interrupt a"]).ok()
    assert [e.get("errno") for e in r.find("exit") if e["call"] in ("msgsnd", "msgrcv")][1:] == [
        "EAGAIN", "ENOMSG", "EINTR", "EINTR"]
    assert "8 of 10 bytes" in r.last("exit", errno="EAGAIN")["note"][0]


def test_help_shows_them_side_by_side(lab):
    text = lab.call("help", "msg").stdout
    for word in ("IPC_NOWAIT", "EAGAIN", "ENOMSG", "mq_timedreceive", "setitimer"):
        assert word in text


def test_name_of_the_slides(lab):
    """The slide's msgsend() is msgsnd."""
    r = lab.run(MAKE + ['a msgsend(q, 1, "x")'])
    assert r.status == 2 and "did you mean msgsnd?" in r.stderr


# ---- Errors --------------------------------------------------------------------------------

ERRORS = [
    ("msgget(9)", "ENOENT"),
    ("msgget(5678, IPC_CREAT|IPC_EXCL|0600)", "EEXIST"),
    ('msgsnd(q, 0, "x")', "EINVAL"),
    ('msgsnd(q, -1, "x")', "EINVAL"),
    ('msgsnd(12345, 1, "x")', "EINVAL"),
    ("msgsnd(q, 1, big, 0, 9000)", "EINVAL"),
    ("msgsnd(q, 1, gone, 0, 4)", "EFAULT"),
    ("msgrcv(12345, buf, 9, 0)", "EINVAL"),
    ("msgrcv(q, buf, 9, 0, MSG_COPY)", "EINVAL"),
    ("msgrcv(q, buf, 3, 0)", "E2BIG"),
    ("msgrcv(q, gone, 64, 0)", "EFAULT"),
    ("msgctl(12345, IPC_STAT)", "EINVAL"),
    ("msgctl(q, 99)", "EINVAL"),
    ("msgctl(q, IPC_SET)", "EFAULT"),
]


@pytest.mark.parametrize("call,errno", ERRORS)
def test_error(lab, world, call, errno):
    gone = ["a gone = shmat(shmget(1, 9, IPC_CREAT|0600))", "a shmdt(gone)"]
    r = lab.run(MAKE + gone + ["a char big[9000]", 'b msgsnd(q, 1, "four")', f"a {call}"]).ok()
    got = r.last("exit", actor="a")
    assert (got["ret"], got.get("errno")) == (-1, errno), r


def test_errors_say_which_reason_it_is(lab):
    r = lab.run(MAKE + ["a char big[9000]", 'a msgsnd(q, 0, "x")', "a msgsnd(q, 1, big, 0, 9000)",
                        "a msgctl(q, IPC_RMID)", 'a msgsnd(q, 1, "x")']).ok()  # fmt: skip
    notes = [e["note"][0] for e in r.find("exit", errno="EINVAL")]
    for note, word in zip(notes, ("types begin at 1", "kernel.msgmax allows 8192", "removed"), strict=True):
        assert word in note


def test_cut_by_MSG_NOERROR(lab, world):
    r = lab.run(MAKE + ['a msgsnd(q, 1, "too long")', "b msgrcv(q, buf, 3, 0)", "b msgrcv(q, buf, 3, 0, MSG_NOERROR)"])
    kept, cut = r.find("exit", call="msgrcv")
    assert kept["errno"] == "E2BIG" and "8 bytes" in kept["note"][0] and queue(kept) == [(1, 8, "too long")]
    assert (cut["ret"], cut["out"]["buf"], queue(cut)) == (3, "too", [])
    assert "(5 B) is lost" in cut["note"][0]


def test_permissions(lab, user):
    """Made with 0200 nobody may read it; root of the machine may do anything."""
    r = lab.run(["spawn a", "a q = msgget(5, IPC_CREAT|0200)", 'a msgsnd(q, 1, "x")',
                 "a msgrcv(q, buf, 9, 0)", "a msgctl(q, IPC_STAT)", "a msgget(5, 0600)", "a msgctl(q, IPC_SET, 0400)",
                 'a msgsnd(q, 1, "x")', "a msgctl(q, IPC_SET, 0400, 99999)"], world="sealed").ok()  # fmt: skip
    assert r.returns("msgrcv") == ["EACCES"]
    assert r.returns("msgget") == [0, "EACCES"]
    assert r.returns("msgctl") == ["EACCES", 0, "EPERM"]
    assert r.returns("msgsnd") == [0, "EACCES"]
    # What may not be read is still counted, and known from what was sent.
    assert queue(r.one("exit", call="msgrcv")) == [(1, 1, "x")]
    assert "kernel.msgmnb" in r.last("exit", call="msgctl")["note"][0]


def test_without_permission_bits(lab):
    r = lab.run("spawn a; a msgget(5, IPC_CREAT)").ok()
    assert "permission bits" in r.one("exit", call="msgget")["note"][0]


# ---- Worlds --------------------------------------------------------------------------------


@pytest.mark.serial
@pytest.mark.parametrize("key", ["IPC_PRIVATE", "77"])
def test_nothing_is_left(lab, world, user, key):
    """The leftovers are counted by the fixture: the queue, with a message that nobody took."""
    lab.run(["spawn a", f"a q = msgget({key}, IPC_CREAT|0600)", 'a msgsnd(q, 1, "left")']).ok()


def test_private_queue_of_relatives(lab, world):
    r = lab.twice(["spawn a", "a q = msgget(IPC_PRIVATE, 0600)", "a fork(b)", "b msgrcv(q, buf, 9, 0)",
                   'a msgsnd(q, 1, "hi")']).ok()  # fmt: skip
    assert r.one("exit", call="msgrcv")["out"]["buf"] == "hi"


def test_replays(lab):
    lines = FULL + ['a msgsnd(q, 1, "abc")', "b msgrcv(q, buf, 64, 0)", "b msgrcv(q, buf, 64, 9)", "a msgctl(q, IPC_RMID)"]
    r = lab.run(lines).ok()
    assert lab.call("replay", r.trace).stdout.startswith("same"), r


def test_undo_takes_messages_back(lab, world):
    r = lab.run(MAKE + ['a msgsnd(q, 1, "one")', 'a msgsnd(q, 2, "two")', "undo", 'a msgsnd(q, 3, "three")']).ok()
    assert queue(r.last("exit")) == [(1, 3, "one"), (3, 5, "three")]


@pytest.mark.serial
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare(1)")
@pytest.mark.parametrize("limit,value,script,error", [
    ("msgmni", 2, "a msgget(1, IPC_CREAT|0600); a msgget(2, IPC_CREAT|0600); a msgget(3, IPC_CREAT|0600)", "ENOSPC"),
    ("msgmax", 4, 'a q = msgget(1, IPC_CREAT|0600); a msgsnd(q, 1, "12345")', "EINVAL"),
    ("msgmnb", 8, 'a q = msgget(1, IPC_CREAT|0600); a msgsnd(q, 1, "123456789", IPC_NOWAIT)', "EAGAIN"),
])
def test_F17_limits_of_the_kernel(lab, limit, value, script, error):
    """The name of the limit and its value are said; the failure is an event like any other."""
    enter = ["unshare", "-Uri", "sh", "-c", f'echo {value} >/proc/sys/kernel/{limit} && exec "$@"', "sh"]
    if subprocess.run([*enter, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("the limits of a namespace cannot be set here")
    trace = lab.new_trace()
    argv = [*enter, *lab.command("--world", "shared", "--trace", trace, "-c", f"spawn a; {script}")]
    done = subprocess.run(argv, env=lab.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done
    last = [e for e in read_trace(trace) if e["ev"] == "exit"][-1]
    assert last["errno"] == error
    assert str(value) in " ".join(last["note"])
    if limit != "msgmnb":
        assert f"kernel.{limit}" in done.stdout


def test_marshalled_message(lab, world):
    r = lab.twice(MAKE + ['a n = pack(rec, "i32 u16 s8", 7, 300, "hi")', "a msgsnd(q, 1, rec, 0, n)",
                          "b n = msgrcv(q, rec, 64, 0)", 'b unpack(rec, n, "i32 u16 s8", id, size, name)',
                          "b print name"]).ok()  # fmt: skip
    assert r.one("exit", call="unpack")["out"] == {"id": 7, "size": 300, "name": "hi"}
    assert r.one("exit", call="print")["value"] == "hi"
    assert r.one("exit", call="msgrcv")["ret"] == 14
