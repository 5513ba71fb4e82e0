# SPDX-License-Identifier: GPL-3.0-or-later
"""The trace of an episode against the facts that the model foretold, line by line."""

import base64
from collections import Counter


# Calls that fill the buffer `in`, those whose holders are descriptors, those told with who took what.
FILLS = ("read", "msgrcv", "mq_receive", "mq_timedreceive", "recv", "recvmsg", "recvfrom")
HELD = (
    "read", "write", "eventfd_read", "eventfd_write", "recv", "recvmsg", "recvfrom", "send", "sendmsg",
    "accept", "connect",
)  # fmt: skip
TAKES = (
    "semop", "sem_wait", "pthread_mutex_lock", "futex_wait", "pthread_cond_wait",
    "pthread_cond_timedwait", "pthread_cond_signal", "pthread_cond_broadcast",
)  # fmt: skip

SHOWN = 6  # messages of a queue that a state has at most


class Wrong(Exception):
    pass


def content(value):
    """Bytes of a value of the trace, and how many there were before it was cut."""
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass")
        return data, len(data)
    if "b64" in value:
        data = base64.b64decode(value["b64"])
    else:
        data = value["text"].encode("utf-8", "surrogatepass")
    return data, value.get("n", len(data))


class Names:
    """Which pid and which object of the trace is which of the model."""

    def __init__(self):
        self.pids, self.pipes = {}, {}


def observed(events, names):
    """The facts in the events of one line."""
    facts = []
    for e in events:
        kind = e["ev"]
        if kind == "process":
            what, actor = e["what"], e["actor"]
            if what in ("spawn", "fork"):
                names.pids[actor] = e.get("pid", (e.get("vol") or {}).get("pid"))
            if what == "fork":
                facts.append(("fork", actor, e["parent"]))
            elif what == "exit":
                facts.append(("exited", actor, e["status"]))
            elif what == "killed":
                facts.append(("killed", actor, e["sig"]))
            elif what in ("stopped", "continued"):
                facts.append((what, actor))
            elif what == "reaped":
                facts.append(("reaped", actor, e["parent"]))
        elif kind == "exit":
            facts.append(exit_fact(e))
        elif kind == "signal":
            facts.append(("signal", e["actor"], e["sig"], e["action"], e.get("from")))
        elif kind == "block":
            holders = None
            if e["call"] in HELD:
                held = e.get("holders", ())
                holders = tuple(sorted((h["actor"], h["fd"], h["mode"]) for h in held))
            elif e["call"] in TAKES:
                holders = tuple((h["actor"], h.get("since")) for h in e.get("holders", ()))
            elif e["call"] == "flock":
                holders = tuple(sorted(h["actor"] for h in e.get("holders", ()) if "fd" not in h))
            why = None if e["call"] in ("poll", "select") else e["why"]
            facts.append(("block", e["step"], e["actor"], e["call"], why, holders))
        elif kind == "verdict":
            actors = tuple(sorted(e["actors"]))
            facts.append(("stuck", actors) if e["kind"] == "stuck" else ("never", *actors))
        elif kind == "note" and "still waits" not in e["text"] and "wait" not in e["text"]:
            facts.append(("note", e["text"]))
    return facts


def exit_fact(e):
    data = None
    out = e.get("out") or {}
    if e["call"] in FILLS and e["ret"] >= 0:
        data = content(out["in"]) if "in" in out else (b"", 0)
    elif e["call"] == "eventfd_read" and e["ret"] == 0:
        data = int((e.get("facts") or {}).get("value", 0)) or out["in"]
    elif e["call"] == "epoll_wait" and e["ret"] >= 0:
        data = tuple(sorted(int(name.removeprefix("ready_")) for name in e.get("facts", ())))
    elif e["call"] in ("wait", "waitpid") and e["ret"] > 0 and "st" in out:
        data = out["st"]
    ret = e.get("ret")
    return ("exit", e["step"], e["actor"], e["call"], ret, e.get("errno"), e.get("by"), data)


def same(want, have, names):
    if want[0] != have[0] or want[0] != "exit":
        return want == have
    if want[1:4] != have[1:4] or want[5:7] != have[5:7]:
        return False
    ret, data = want[4], want[7]
    if isinstance(ret, str):  # a process
        ret = names.pids.get(ret)
    if want[3] == "await" and ret is None:
        ret = have[4]
    if ret != have[4]:
        return False
    if isinstance(data, bytes):
        seen, n = have[7]
        return n == len(data) and data.startswith(seen) and len(seen) >= min(n, 64)
    return data == have[7]


def check_line(text, want, events, names):
    have = observed(events, names)
    left = list(have)
    missing = []
    for fact in want:
        if fact[0] == "maybe":
            left = [h for h in left if h != fact[1]]
            continue
        found = next((h for h in left if same(fact, h, names)), None)
        if found is None:
            missing.append(fact)
        else:
            left.remove(found)
    if missing or left:
        raise Wrong(
            f"{text}\n  foretold, but not told: {missing}\n  told, but not foretold: {left}"
        )
    steps = Counter(e["step"] for e in events if e["ev"] == "enter")
    if any(n > 1 for n in steps.values()):
        raise Wrong(f"{text}\n  a step entered twice")


def check_queues(text, held, events):
    """What the last word about a queue shows of it is what is in it."""
    for name, messages in held.items():
        states = [e["state"] for e in events if e.get("obj") == name and "state" in e]
        if not states:
            continue
        shown = [
            (m.get("type", m.get("prio")), content(m["text"])) for m in states[-1].get("queue", ())
        ]
        wanted = [(number, (data, len(data))) for number, data in messages]
        if states[-1]["messages"] != len(messages) or shown != wanted[:len(shown)]:
            raise Wrong(f"{text}\n  {name} holds {wanted}, but shown is {states[-1]}")
        if len(shown) != min(len(messages), SHOWN):
            raise Wrong(f"{text}\n  {name} holds {len(messages)} messages, shown are {len(shown)}")


def check_locks(text, values, events):
    """The same of semaphores and mutexes; a death may change them without a word."""
    if any(e["ev"] == "process" for e in events):
        return
    for name, fields in values.items():
        states = [e["state"] for e in events if e.get("obj") == name and "state" in e]
        shown = {field: states[-1].get(field) for field in fields} if states else fields
        if shown != fields:
            raise Wrong(f"{text}\n  {name} has {fields}, but shown is {states[-1]}")


def by_line(events):
    """[(text, events)]: an input line and what was told until the next."""
    found = []
    for e in events:
        if e["ev"] == "input":
            found.append((e["text"], []))
        elif found and e["ev"] != "end":
            found[-1][1].append(e)
    return found


class Check:
    """Of an episode: line by line what was told. Raises Wrong with the place."""

    def __init__(self, episode):
        self.episode, self.names, self.done = episode, Names(), 0

    def line(self, have_text, events):
        """The next line, as it was told."""
        setup, at = len(self.episode.setup), self.done
        self.done += 1
        if at < setup:
            observed(events, self.names)
            return
        if at - setup >= len(self.episode.lines):
            raise Wrong("more lines were told than given")
        text, want = self.episode.lines[at - setup]
        if have_text != text:
            raise Wrong(f"line {at + 1}: {text!r} was told as {have_text!r}")
        text = f"line {at + 1}: {text}"
        check_line(text, want, events, self.names)
        check_queues(text, self.episode.held[at - setup], events)
        check_locks(text, self.episode.values[at - setup], events)

    def end(self):
        rest = self.done - len(self.episode.setup)
        if rest < len(self.episode.lines):
            raise Wrong(f"line {self.done + 1} was not run: {self.episode.lines[max(rest, 0)][0]}")


def check(episode, events):
    """Every line of the episode against its events."""
    of_lines, lines = by_line(events), Check(episode)
    if of_lines and of_lines[-1][1] and of_lines[-1][1][-1]["ev"] == "note":
        of_lines[-1][1].pop()  # who still waits at the end
    for text, of_line in of_lines:
        lines.line(text, of_line)
    lines.end()


def verdicts(episode):
    """How many statements of waiting or not waiting the episode has."""
    return sum(1 for _, facts in episode.lines for f in facts if f[0] in ("exit", "block"))
