# SPDX-License-Identifier: GPL-3.0-or-later
"""POSIX message queues: priorities, what is in the queue after each step, blocking, timed and
non-blocking forms, notification, names and descriptors, each error, limits of the user."""

import json
import os
import random
import resource
import shutil
import subprocess

import pytest
from ipclab import ROOT, read_trace

MAKE = ["spawn a b", 'a q = mq_open("/box", O_CREAT|O_RDWR, 0600, 2, 16)', 'b q = mq_open("/box", O_RDWR)']
FULL = MAKE + ['b mq_send(q, "one", 1)', 'b mq_send(q, "nine", 9)']


def queue(event):
    """[(priority, size, text)] of the messages that an event shows."""
    return [(m["prio"], m["size"], m["text"]) for m in event["state"].get("queue", [])]


def came_back(r):
    (event,) = [e for e in r.find("exit") if e["step"] == r.find("block")[0]["step"]]
    return event


# ---- What is in it -------------------------------------------------------------------------


def test_state_after_each_step(lab, world):
    r = lab.twice(MAKE + ['a mq_send(q, "low", 1)', 'a mq_send(q, "high", 9)', "b mq_receive(q, buf, 16, prio)",
                          "b mq_receive(q, buf)", 'a mq_unlink("/box")']).ok()  # fmt: skip
    made = r.one("exit", call="mq_open", actor="a")
    assert (made["ret"], made["obj"], made["created"]) == (3, "mq#1", True)
    assert made["state"] == {"messages": 0, "maxmsg": 2, "msgsize": 16}
    assert "created" not in r.one("exit", call="mq_open", actor="b")
    first, second = r.find("exit", call="mq_send")
    assert queue(first) == [(1, 3, "low")] and first["flow"] == 1
    assert queue(second) == [(9, 4, "high"), (1, 3, "low")]
    high, low = r.find("exit", call="mq_receive")
    assert (high["ret"], high["facts"]["prio"], high["out"]) == (4, 9, {"buf": "high", "prio": 9})
    assert queue(high) == [(1, 3, "low")] and high["flow"] == -1
    assert (low["facts"]["prio"], queue(low)) == (1, [])
    assert r.one("exit", call="mq_unlink")["state"]["unlinked"] == "unlinked"
    assert '9:"high" 1:"low"' in r.stdout


@pytest.mark.parametrize("seed", range(4))
def test_order_is_the_kernels(lab, seed):
    """Random priorities: what the picture shows first is what the kernel gives."""
    draw = random.Random(seed)
    lines, here, count = ["spawn a", 'a q = mq_open("/box", O_CREAT|O_RDWR, 0600, 8, 16)'], [], 0
    for _ in range(60):
        if len(here) < 8 and (not here or draw.random() < 0.55):
            count += 1
            here.append((draw.choice((0, 1, 1, 5, 5, 5, 31, 32767)), count))
            lines.append(f'a mq_send(q, "m{count}", {here[-1][0]})')
        else:
            here.remove(min(here, key=lambda m: (-m[0], m[1])))
            lines.append("a mq_receive(q, buf)")
    r = lab.run(lines).ok()
    before = []
    for e in r.find("exit")[1:]:
        if e["call"] == "mq_receive":
            assert (e["facts"]["prio"], e["ret"], e["out"]["buf"]) == before[0]
        before = queue(e)
    assert [(p, f"m{n}") for p, n in sorted(here, key=lambda m: (-m[0], m[1]))][:6] == [(p, t) for p, _, t in before]


def test_small_by_default(lab, world):
    r = lab.run(['spawn a', 'a q = mq_open("/box", O_CREAT|O_RDWR)', "a mq_getattr(q)"]).ok()
    assert r.one("exit", call="mq_getattr")["facts"] == {"flags": "0", "maxmsg": 4, "msgsize": 256, "curmsgs": 0}


def test_keeps_its_size(lab):
    r = lab.run(MAKE + ['b mq_open("/box", O_CREAT|O_RDWR, 0600, 9, 9)']).ok()
    assert "2 messages of up to 16 bytes" in r.last("exit")["note"][0]


# ---- Waiting -------------------------------------------------------------------------------

WAITS = {
    "empty": (MAKE, "a mq_receive(q, buf)", "mq_receive", "empty", 'b mq_send(q, "hello", 3)', 5),
    "full": (FULL, 'a mq_send(q, "five", 5)', "mq_send", "full", "b mq_receive(q, buf)", 0),
}
waits = pytest.mark.parametrize("before,line,call,why,end,ret", WAITS.values(), ids=WAITS.keys())


@waits
def test_waits_and_is_woken(lab, world, before, line, call, why, end, ret):
    r = lab.twice([*before, line, end]).ok()
    block = r.one("block")
    assert (block["actor"], block["call"], block["why"], block["obj"]) == ("a", call, why, "mq#1")
    assert {"actor": "b", "fd": 3, "mode": "u"} in block["holders"]
    assert "b (fd 3)" in block["waits"]
    assert came_back(r)["ret"] == ret and came_back(r)["by"] == r.last("enter", actor="b")["step"]
    assert not r.find("verdict")


@waits
def test_next_of_why_ends_it(lab, world, before, line, call, why, end, ret):
    r = lab.run([*before, line, "why a"]).ok()
    text = r.stdout[r.stdout.rindex("Next: ") + 6 :].splitlines()[0]
    r = lab.run([*before, line, text]).ok()
    assert came_back(r)["ret"] >= 0


@waits
def test_interrupted(lab, world, before, line, call, why, end, ret):
    r = lab.run([*before, line, "interrupt a"]).ok()
    assert came_back(r)["errno"] == "EINTR" and "by" not in came_back(r)


@waits
def test_stuck_is_told_and_goes_on(lab, before, line, call, why, end, ret):
    b_waits = ['b own = mq_open("/own", O_CREAT|O_RDWR)', "b mq_receive(own, buf)"]
    r = lab.run([*before, line, *b_waits])
    assert r.status == 4 and r.one("verdict")["actors"] == ["a", "b"], r
    r = lab.run([*before, line, *b_waits, "interrupt b", end])
    assert r.status == 0 and came_back(r)["ret"] == ret, r


@waits
def test_killed_while_it_waits(lab, world, before, line, call, why, end, ret):
    """The queue stays usable, and nothing of the dead is in it."""
    r = lab.run([*before, line, "b kill(a, SIGKILL)", "b mq_getattr(q)", end]).ok()
    assert r.one("process", what="killed", actor="a")["during"] == call
    assert r.one("exit", call="mq_getattr")["facts"]["curmsgs"] == r.one("block")["state"]["messages"]
    assert r.last("exit", actor="b")["ret"] >= 0


def test_full_queue_takes_the_waiting_message_at_once(lab, world):
    """The kernel puts the message of who waits into the place of the one that is received."""
    r = lab.twice(FULL + ['a mq_send(q, "five", 5)', "b mq_receive(q, buf)"]).ok()
    assert queue(r.one("exit", call="mq_receive")) == [(1, 3, "one")]
    assert queue(came_back(r)) == [(5, 4, "five"), (1, 3, "one")]


def test_only_readers_are_named_to_a_sender(lab):
    r = lab.run(["spawn a b c", 'a q = mq_open("/box", O_CREAT|O_WRONLY, 0600, 1, 16)', 'b q = mq_open("/box", O_WRONLY)',
                 'c q = mq_open("/box", O_RDONLY)', 'a mq_send(q, "x", 0)', 'a mq_send(q, "y", 0)']).ok()  # fmt: skip
    block = r.one("block")
    assert block["holders"] == [{"actor": "c", "fd": 3, "mode": "r"}]
    assert "c (fd 3)" in block["waits"] and "b (" not in block["waits"]


def test_both_wait_for_the_other(lab):
    r = lab.run(["spawn server client", 'server req = mq_open("/req", O_CREAT|O_RDONLY)',
                 'server ans = mq_open("/ans", O_CREAT|O_WRONLY)', 'client req = mq_open("/req", O_WRONLY)',
                 'client ans = mq_open("/ans", O_RDONLY)', "server mq_receive(req, buf)",
                 "client mq_receive(ans, buf)"])  # fmt: skip
    verdict = r.one("verdict")
    assert r.status == 4 and sorted(verdict["cycle"]) == ["client", "server"]
    undo, *lines = verdict["next"]
    assert undo.startswith("undo ") and lines, verdict
    again = verdict["waits"][0]
    name = "req" if again["actor"] == "server" else "ans"
    r = lab.run([e["text"] for e in r.find("input")] + [undo, *lines, f"{again['actor']} mq_receive({name}, buf)"])
    assert r.status == 0, r


# ---- Never ---------------------------------------------------------------------------------

ALONE = ["spawn a other", 'a q = mq_open("/box", O_CREAT|O_RDWR, 0600, 1, 16)', 'a mq_unlink("/box")']
NEVER = {
    "receive": (ALONE, "a mq_receive(q, buf)"),
    "send": (ALONE + ['a mq_send(q, "x", 0)'], 'a mq_send(q, "y", 0)'),
    "only readers": (["spawn a other", 'a q = mq_open("/box", O_CREAT|O_RDONLY)', 'other q = mq_open("/box", O_RDONLY)',
                      'a mq_unlink("/box")'], "a mq_receive(q, buf)"),
}  # fmt: skip
nevers = pytest.mark.parametrize("before,line", NEVER.values(), ids=NEVER.keys())


@nevers
def test_never(lab, world, before, line):
    r = lab.run([*before, line, "other getppid()"]).ok()
    verdict = r.one("verdict")
    assert (verdict["kind"], verdict["actors"], verdict["obj"]) == ("never", ["a"], "mq#1")


@nevers
def test_not_never_with_a_name(lab, before, line):
    """Anybody could open it: no verdict."""
    r = lab.run([*(b for b in before if "unlink" not in b), line, "other getppid()"]).ok()
    assert not r.find("verdict")


@nevers
def test_not_never_with_another_holder(lab, before, line):
    lines = [before[0], before[1], 'other w = mq_open("/box", O_RDWR)', *before[2:], line, "other getppid()"]
    if "other" in before[2]:
        lines.remove(before[2])
    r = lab.run(lines).ok()
    assert not r.find("verdict")


def test_never_once_the_last_sender_is_gone(lab, world):
    r = lab.run(["spawn a b", 'a q = mq_open("/box", O_CREAT|O_RDONLY)', 'b q = mq_open("/box", O_WRONLY)',
                 'a mq_unlink("/box")', "a mq_receive(q, buf)", "spawn c", "b exit(0)"]).ok()  # fmt: skip
    assert r.one("verdict")["kind"] == "never"
    assert r.one("verdict")["seq"] > r.one("process", what="exit", actor="b")["seq"]


GIVEN = ["spawn a", 'a q = mq_open("/box", O_CREAT|O_RDWR, 0600, 2, 16)', 'a mq_unlink("/box")', "a fork(b)"]
TRAVELS = {
    "through a pair": ["b socketpair(AF_UNIX, SOCK_STREAM, 0, sv)", 'b sendmsg(sv[0], "q", q)', "b mq_close(q)",
                       "b s = sv[1]", "b close(sv[0])"],
    "before it is accepted": ["b l = socket(AF_UNIX, SOCK_STREAM)", 'b bind(l, "s")', "b listen(l, 4)",
                              "b c = socket(AF_UNIX, SOCK_STREAM)", 'b connect(c, "s")', 'b sendmsg(c, "q", q)',
                              "b mq_close(q)", "b close(c)", "b s = l"],
}  # fmt: skip
travels = pytest.mark.parametrize("send", TRAVELS.values(), ids=TRAVELS.keys())


@travels
def test_not_never_while_the_descriptor_travels(lab, world, send):
    """Nobody holds the other one, but it lies in a socket and comes out again."""
    accept, fd = (["b s = accept(s)"], 5) if "b s = l" in send else ([], 3)
    r = lab.twice([*GIVEN, *send, "a mq_receive(q, buf)", *accept, "b recvmsg(s, buf, 16)", f'b mq_send({fd}, "got", 1)'])
    r.ok()
    assert r.one("block")["call"] == "mq_receive" and not r.find("verdict")
    assert r.one("exit", call="mq_receive")["out"]["buf"] == "got"


@travels
def test_never_once_it_is_lost_on_its_way(lab, world, send):
    """With the socket goes what nobody has received."""
    r = lab.twice([*GIVEN, *send, "a mq_receive(q, buf)", "b close(s)"]).ok()
    assert (r.one("verdict")["kind"], r.one("verdict")["actors"]) == ("never", ["a"])
    assert r.one("verdict")["seq"] > r.last("exit", call="close")["seq"]


# ---- Blocking, timed and not ---------------------------------------------------------------


def test_three_forms_side_by_side(lab, world):
    lines = FULL + ['a mq_send(q, "x", 0)', "interrupt a", 'a mq_timedsend(q, "x", 0, 30)', "a mq_setattr(q, O_NONBLOCK)",
                    'a mq_send(q, "x", 0)', "a mq_receive(q, buf)", "a mq_receive(q, buf)", "a mq_receive(q, buf)",
                    "b mq_timedreceive(q, buf, 30)", "b mq_receive(q, buf)", "interrupt b"]  # fmt: skip
    r = lab.run(lines).ok()
    assert r.returns("mq_send", "a") == ["EINTR", "EAGAIN"]
    assert r.returns("mq_timedsend") == ["ETIMEDOUT"]
    assert r.returns("mq_receive", "a") == [4, 3, "EAGAIN"]
    assert r.returns("mq_timedreceive") == ["ETIMEDOUT"]
    assert r.returns("mq_receive", "b") == ["EINTR"]


def test_timed_forms_do_not_wait_when_they_need_not(lab, world):
    r = lab.run(MAKE + ['a mq_timedsend(q, "x", 3, 0)', "b mq_timedreceive(q, buf, 0, 16, p)", "b print p",
                        "b mq_timedreceive(q, buf, -5)"]).ok()  # fmt: skip
    assert (r.returns("mq_timedsend"), r.returns("mq_timedreceive")) == ([0], [1, "ETIMEDOUT"])
    assert r.one("exit", call="print")["value"] == 3


def test_nobody_is_stuck_in_a_timed_form(lab):
    r = lab.run(["spawn a", 'a q = mq_open("/box", O_CREAT|O_RDWR)', "a mq_timedreceive(q, buf, 50)"]).ok()
    assert not r.find("verdict")


def test_flag_belongs_to_the_open_queue(lab):
    """Who opened it by name has a flag of its own, a copy by fork has not."""
    r = lab.run(MAKE + ["a fork(c)", "a mq_setattr(q, O_NONBLOCK)", "c mq_receive(q, buf)", "b mq_getattr(q)"]).ok()
    assert r.returns("mq_receive") == ["EAGAIN"]
    assert r.one("exit", call="mq_getattr")["facts"]["flags"] == "0"


def test_help_shows_them_side_by_side(lab):
    text = lab.call("help", "mq").stdout
    for word in ("mq_timedsend", "mq_timedreceive", "O_NONBLOCK", "EAGAIN", "ETIMEDOUT", "mq_notify"):
        assert word in text


# ---- It is a descriptor --------------------------------------------------------------------


def test_descriptor(lab, world):
    """fork copies it, dup too, close closes it, poll waits for it."""
    r = lab.twice(MAKE + ["a fork(c)", "c dup(q)", "c poll(q, POLLIN, -1)", 'b mq_send(q, "x", 0)',
                          "c mq_receive(4, buf)", "c close(4)", "c mq_close(q)", "c mq_receive(q, buf)"]).ok()  # fmt: skip
    block = r.one("block")
    assert (block["call"], block["obj"]) == ("poll", "mq#1")
    assert r.one("exit", call="poll")["by"] == r.one("exit", call="mq_send")["step"]
    assert r.returns("mq_receive") == [1, "EBADF"]


def test_a_queue_is_no_file(lab):
    r = lab.run(['spawn a', 'a q = mq_open("/box", O_CREAT|O_RDWR)', 'a f = open("f", O_CREAT|O_RDWR)']).ok()
    assert [e["obj"] for e in r.find("exit")] == ["mq#1", "file#1"]


def test_exec_closes_it(lab, world):
    """The kernel opens queues close-on-exec."""
    r = lab.run(["spawn a", 'a q = mq_open("/box", O_CREAT|O_RDWR)', "a fcntl(q, F_GETFD)"]).ok()
    assert r.one("exit", call="fcntl")["ret"] == 1


# ---- Names ---------------------------------------------------------------------------------


def test_unlinked_queue_lives_on(lab, world):
    r = lab.run(MAKE + ['a mq_unlink("/box")', 'a mq_send(q, "still", 0)', "b mq_receive(q, buf)",
                        'a mq_open("/box", O_RDWR)', 'a n = mq_open("/box", O_CREAT|O_RDWR)', 'a mq_send(n, "other", 0)',
                        "b mq_getattr(q)"]).ok()  # fmt: skip
    assert r.returns("mq_receive") == [5]
    assert r.returns("mq_open") == [3, 3, "ENOENT", 4]
    assert r.last("exit", call="mq_send")["obj"] == "mq#2"
    assert r.one("exit", call="mq_getattr")["facts"]["curmsgs"] == 0


@pytest.mark.serial
def test_nothing_is_left(lab, world, user):
    """The leftovers are counted by the fixture and asked for by name."""
    lab.run(['spawn a', 'a q = mq_open("/left", O_CREAT|O_RDWR)', 'a mq_send(q, "x", 0)']).ok()
    r = lab.run(['spawn a', 'a mq_open("/left", O_RDWR)']).ok()
    assert r.returns("mq_open") == ["ENOENT"]


def test_replays(lab):
    r = lab.run(FULL + ['a mq_send(q, "five", 5)', "b mq_receive(q, buf)", "b mq_receive(q, buf)", 'a mq_unlink("/box")'])
    assert lab.call("replay", r.ok().trace).stdout.startswith("same"), r


DEV = ("d=$(mktemp -d) && mount -t tmpfs none $d && mkdir $d/mqueue $d/shm && touch $d/null $d/zero $d/urandom && "
       "for n in null zero urandom; do mount --bind /dev/$n $d/$n; done && mount --rbind $d /dev && exec \"$@\"")


def objects(lab, enter, lines):
    argv = [*enter, *lab.command("--world", "sealed", "-c", "\n".join(lines + ["objects --json"]))]
    done = subprocess.run(argv, env=lab.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done
    return [o for o in json.loads(done.stdout.splitlines()[-1]) if o["kind"] == "mq"]


@pytest.mark.parametrize("folder", [True, False])
def test_objects(lab, folder):
    """With /dev/mqueue those that nobody has open are listed, too; without it nothing fails."""
    enter = ["unshare", "-Urm", "sh", "-c", DEV if folder else 'exec "$@"', "sh"]
    if shutil.which("unshare") is None or subprocess.run([*enter, "true"], capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    found = objects(lab, enter, MAKE + ['a other = mq_open("/other", O_CREAT|O_RDWR)', 'a mq_send(other, "x", 1)',
                                        "a mq_close(other)"])  # fmt: skip
    by_size = {o["state"]["msgsize"]: o for o in found if "state" in o}
    assert by_size[16]["state"]["maxmsg"] == 2
    if folder or os.path.isdir("/dev/mqueue"):
        assert by_size[256]["state"]["messages"] == 1


# ---- Notification --------------------------------------------------------------------------


def test_notified_once_when_it_was_empty(lab, world):
    """SIGCHLD is ignored, so that the process lives on without a handler."""
    r = lab.twice(MAKE + ["a mq_notify(q, SIGEV_SIGNAL, SIGCHLD)", 'b mq_send(q, "x", 0)', 'b mq_send(q, "y", 0)',
                          "a mq_notify(q, SIGEV_NONE)", "a mq_receive(q, buf)", "a mq_receive(q, buf)",
                          'b mq_send(q, "z", 0)']).ok()  # fmt: skip
    told = [e.get("facts", {}).get("notified") for e in r.find("exit", call="mq_send")]
    assert told == ["a", None, "a"]
    assert "SIGCHLD" in r.find("exit", call="mq_send")[0]["note"][0]
    assert "2 in the queue" in r.find("exit", call="mq_notify")[1]["note"][0]


def test_one_at_a_time(lab, world):
    r = lab.run(MAKE + ["a mq_notify(q, SIGEV_NONE)", "b mq_notify(q, SIGEV_SIGNAL, SIGUSR1)", "b mq_notify(q, NULL)",
                        "a mq_notify(q, NULL)", "b mq_notify(q, SIGEV_NONE)", "b mq_close(q)",
                        "a mq_notify(q, SIGEV_NONE)"]).ok()  # fmt: skip
    assert r.returns("mq_notify") == [0, "EBUSY", 0, 0, 0, 0]
    assert r.last("exit", errno="EBUSY")["facts"]["registered"] == "a"


def test_who_waits_comes_before_who_is_registered(lab):
    r = lab.run(MAKE + ["a mq_notify(q, SIGEV_NONE)", "a fork(c)", "c mq_receive(q, buf)", 'b mq_send(q, "x", 0)',
                        'b mq_send(q, "y", 0)']).ok()  # fmt: skip
    assert [e.get("facts", {}).get("notified") for e in r.find("exit", call="mq_send")] == [None, "a"]


def test_signal_of_a_notification_ends_the_process(lab, world):
    """Its default action, in the same step."""
    r = lab.run(MAKE + ["a mq_notify(q, SIGEV_SIGNAL, SIGUSR1)", 'b mq_send(q, "x", 0)', "b getpid()"]).ok()
    killed = r.one("process", what="killed", actor="a")
    assert killed["sig"] == "SIGUSR1"
    assert killed["seq"] < r.last("enter", call="getpid")["seq"]


def test_handler_of_a_notification(lab, world):
    """It runs in the step of the send; one that waits meanwhile is interrupted by it."""
    r = lab.twice(MAKE + ["a signal(SIGUSR1, handler)", "a mq_notify(q, SIGEV_SIGNAL, SIGUSR1)", 'b mq_send(q, "x", 0)',
                          "a mq_receive(q, buf)", "a mq_notify(q, SIGEV_SIGNAL, SIGUSR1)", "a pause()",
                          'b mq_send(q, "y", 0)']).ok()  # fmt: skip
    idle, waiting = r.find("signal", actor="a")
    sends = [e["step"] for e in r.find("exit", call="mq_send")]
    assert [e["sig"] for e in (idle, waiting)] == ["SIGUSR1"] * 2 and idle["action"] == "handler"
    assert idle["from"] == "b" and idle["seq"] < r.one("enter", call="mq_receive")["seq"]
    paused = r.one("exit", call="pause")
    assert (paused["errno"], paused["by"]) == ("EINTR", sends[1])


def test_notifies_itself(lab):
    r = lab.run(MAKE + ["a mq_notify(q, SIGEV_SIGNAL, SIGUSR1)", 'a mq_send(q, "x", 0)', "b mq_getattr(q)"]).ok()
    assert r.one("process", what="killed")["sig"] == "SIGUSR1"
    assert r.one("exit", call="mq_getattr")["facts"]["curmsgs"] == 1


def test_sender_without_the_right_to_read_it(lab):
    r = lab.run(["spawn a b", 'a q = mq_open("/box", O_CREAT|O_RDWR)', 'b q = mq_open("/box", O_WRONLY)',
                 "a mq_notify(q, SIGEV_NONE)", 'b mq_send(q, "x", 0)']).ok()  # fmt: skip
    assert r.one("exit", call="mq_send")["facts"]["notified"] == "a"


# ---- Errors --------------------------------------------------------------------------------

ERRORS = [
    ('mq_open("/none", O_RDONLY)', "ENOENT"),
    ('mq_open("/box", O_CREAT|O_EXCL|O_RDWR)', "EEXIST"),
    ('mq_open("box", O_RDONLY)', "EINVAL"),
    ('mq_open("/", O_CREAT|O_RDWR)', "ENOENT"),
    ('mq_open("/a/b", O_CREAT|O_RDWR)', "EACCES"),
    (f'mq_open("/{"x" * 256}", O_CREAT|O_RDWR)', "ENAMETOOLONG"),
    ('mq_open("/new", O_CREAT|O_RDWR, 0600, 0, 16)', "EINVAL"),
    ('mq_unlink("/none")', "ENOENT"),
    ("mq_close(77)", "EBADF"),
    ('mq_send(77, "x", 0)', "EBADF"),
    ('mq_send(0, "x", 0)', "EBADF"),
    ('mq_send(rd, "x", 0)', "EBADF"),
    ('mq_send(q, "seventeen bytes..", 0)', "EMSGSIZE"),
    ('mq_send(q, "x", 32768)', "EINVAL"),
    ('mq_send(q, "x", -1)', "EINVAL"),
    ("mq_send(q, gone, 0, 4)", "EFAULT"),
    ("mq_receive(wr, buf)", "EBADF"),
    ("mq_receive(q, buf, 15)", "EMSGSIZE"),
    ("mq_receive(q, gone, 16)", "EFAULT"),
    ("mq_notify(0, SIGEV_NONE)", "EBADF"),
    ("mq_notify(q, SIGEV_SIGNAL, 99)", "EINVAL"),
    ("mq_notify(q, 9, 1)", "EINVAL"),
    ("mq_getattr(0)", "EBADF"),
    ("mq_setattr(q, O_NONBLOCK|0x400)", "EINVAL"),
    ('mq_timedsend(77, "x", 0, 10)', "EBADF"),
    ("mq_timedreceive(q, buf, 10, 15)", "EMSGSIZE"),
]


@pytest.mark.parametrize("call,errno", ERRORS, ids=[c[:40] for c, _ in ERRORS])
def test_error(lab, world, call, errno):
    before = ['a rd = mq_open("/box", O_RDONLY)', 'a wr = mq_open("/box", O_WRONLY)', 'b mq_send(q, "x", 0)',
              "a gone = shmat(shmget(1, 9, IPC_CREAT|0600))", "a shmdt(gone)"]  # fmt: skip
    r = lab.run(MAKE + before + [f"a {call}"]).ok()
    got = r.last("exit", actor="a")
    assert (got["ret"], got.get("errno")) == (-1, errno), r


def test_a_lost_message_is_not_shown(lab):
    """A buffer that is no memory: the kernel has taken the message out already."""
    r = lab.run(MAKE + ['b mq_send(q, "x", 0)', 'b mq_send(q, "y", 0)', "a gone = shmat(shmget(1, 9, IPC_CREAT|0600))",
                        "a shmdt(gone)", "a mq_receive(q, gone, 16)", "b mq_receive(q, buf)", 'b mq_send(q, "z", 0)'])
    lost = r.one("exit", errno="EFAULT")
    assert lost["state"]["messages"] == 1 and "queue" not in lost["state"]
    assert queue(r.last("exit")) == [(0, 1, "z")]


def test_permissions(lab, user):
    r = lab.run(["spawn a", 'a mq_open("/box", O_CREAT|O_RDWR, 0200)', 'a mq_open("/box", O_RDONLY)',
                 'a w = mq_open("/box", O_WRONLY)', 'a mq_unlink("/box")'], world="sealed").ok()  # fmt: skip
    assert r.returns("mq_open") == [3, "EACCES", 4] and r.returns("mq_unlink") == [0]
    assert r.one("exit", call="mq_unlink")["obj"] == "mq#1"


# ---- Limits --------------------------------------------------------------------------------


def test_F18_size_beyond_the_limits(lab):
    r = lab.run(['spawn a', 'a mq_open("/box", O_CREAT|O_RDWR, 0600, 11, 16)', 'a mq_open("/box", O_CREAT|O_RDWR, 0600, 1, 8193)'],
                world="sealed").ok()  # fmt: skip
    assert r.returns("mq_open") == ["EINVAL", "EINVAL"]
    first, second = r.find("exit")
    assert "fs.mqueue.msg_max allows 10" in first["note"][0]
    assert "fs.mqueue.msgsize_max allows 8192" in second["note"][0]


@pytest.mark.serial
def test_F18_bytes_of_the_user(lab, world):
    """RLIMIT_MSGQUEUE is named with its value, and what was asked for."""
    lines = ["spawn a", 'a mq_open("/one", O_CREAT|O_RDWR)', 'a mq_open("/two", O_CREAT|O_RDWR, 0600, 10, 8192)']
    trace = lab.new_trace()
    argv = ["prlimit", "--msgqueue=60000", *lab.command("--world", world, "--trace", trace, "-c", "\n".join(lines))]
    if shutil.which("prlimit") is None:
        pytest.skip("needs prlimit(1)")
    done = subprocess.run(argv, env=lab.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done
    one, two = [e for e in read_trace(trace) if e["ev"] == "exit"]
    assert one["ret"] == 3 and two["errno"] == "EMFILE"
    assert "RLIMIT_MSGQUEUE allows 60000 bytes" in two["note"][0] and "82" in two["note"][0]


@pytest.mark.serial
def test_F18_forty_sessions(lab):
    """Of one user, each with a queue of default size: there is room for all of them at once."""
    script = lab.write("hold.ipc", 'spawn a\na q = mq_open("/box", O_CREAT|O_RDWR)\na mq_send(q, "x", 0)\n! cat\n')
    running = [lab.popen("-q", script, stdin=subprocess.PIPE) for _ in range(40)]
    ends = []
    for p in running:
        p.stdin.close()
        p.stdin = None
    for p in running:
        out, err = p.communicate(timeout=60)
        ends.append((p.returncode, err))
    assert all(code == 0 for code, _ in ends), ends


@pytest.mark.serial
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare(1)")
def test_F18_number_of_queues(lab):
    """fs.mqueue.queues_max is named with its value."""
    lines = "spawn a; a mq_open(\"/one\", O_CREAT|O_RDWR); a mq_open(\"/two\", O_CREAT|O_RDWR)"
    enter = ["unshare", "-Uri", "sh", "-c", 'echo 1 >/proc/sys/fs/mqueue/queues_max && exec "$@"', "sh"]
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
    if subprocess.run([*enter, *drop, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("the limits of a namespace cannot be set here")
    trace = lab.new_trace()
    argv = [*enter, *drop, *lab.command("--world", "shared", "--trace", trace, "-c", lines)]
    done = subprocess.run(argv, env=lab.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done
    last = [e for e in read_trace(trace) if e["ev"] == "exit"][-1]
    assert last["errno"] == "ENOSPC" and "fs.mqueue.queues_max allows 1 " in last["note"][0]


def test_many_queues_of_default_size(lab):
    r = lab.run(["spawn a"] + [f'a mq_open("/q{i}", O_CREAT|O_RDWR)' for i in range(100)], world="sealed").ok()
    assert r.returns("mq_open") == list(range(3, 103))


def test_no_descriptors_left(lab, world):
    """EMFILE of the other kind is not mistaken for the limit of queues."""

    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    r = lab.run(["spawn a", 'a q = mq_open("/box", O_CREAT|O_RDWR)'] + ["a dup(q)"] * 70
                + ['a mq_open("/box", O_RDWR)'], preexec_fn=lower)  # fmt: skip
    if r.status == 5:
        pytest.skip("64 descriptors are too few for a world here")
    assert r.last("exit")["errno"] == "EMFILE"
    (note,) = r.last("exit")["note"]
    assert "RLIMIT_NOFILE" in note and "RLIMIT_MSGQUEUE" not in note


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the filter knows numbers of x86-64")
def test_a_kernel_without_queues(lab, world):
    """It is said in words, nothing crashes, and everything else works."""
    refuse = lab.path("work", "refuse")
    subprocess.run(["cc", "-w", "-o", refuse, os.path.join(ROOT, "tests/fixtures/faults/refuse.c")], check=True)
    lines = ["spawn a", 'a mq_open("/box", O_CREAT|O_RDWR)', 'a mq_unlink("/box")', "a q = msgget(1, IPC_CREAT|0600)"]
    trace = lab.new_trace()
    argv = [refuse, "queues", "38", *lab.command("--world", world, "--trace", trace, "-c", "\n".join(lines))]
    done = subprocess.run(argv, env=lab.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done
    opened, unlinked, other = [e for e in read_trace(trace) if e["ev"] == "exit"]
    assert opened["errno"] == "ENOSYS" and "cannot do it" in opened["note"][0]
    assert unlinked["errno"] == "ENOSYS" and "errno" not in other
    argv = [refuse, "queues", "38", *lab.command("doctor")]
    done = subprocess.run(argv, env=lab.environment(), capture_output=True, text=True, timeout=30, check=False)
    assert "POSIX queues           not in this kernel" in done.stdout, done
