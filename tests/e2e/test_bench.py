# SPDX-License-Identifier: GPL-3.0-or-later
"""`bench` and `ipclab bench`: what a message costs. Facts, not times: everything that the records
name is measured everywhere, what cannot be is said, what arrives damaged is noticed, and nothing
is left of it, however it ends."""

import json
import os
import re
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ET

import leftovers
import live
import pytest
from ipclab import program
from terminal import Terminal

BAD = os.path.join(os.path.dirname(program()), "badplugins", "bench")
NS = "{http://www.w3.org/2000/svg}"
LECTURE = [1, 64, 4096, 65536]
CORES = [1, 2] if len(os.sched_getaffinity(0)) > 1 else [1]
NEEDED = {  # of the issue
    "pipe", "fifo", "unix_stream", "unix_dgram", "unix_seqpacket", "tcp", "udp", "msg", "mq", "shm",
    "pshm", "futex", "spin", "signal", "eventfd",
}  # fmt: skip


def bench(lab, *words, world=None, **more):
    """All as JSON."""
    r = lab.call("bench", *words, "--json", "--world", world or lab.world, **more).ok()
    return json.loads(r.stdout)


def quick(lab, *words, **more):
    return bench(lab, *words, "--rounds", "1", "--seconds", "1", **more)


def bad(lab, name, *words):
    return lab.call("bench", name, "--plugin-path", BAD, "--rounds", "2", "--seconds", "1",
                    "--sizes", "64", *words, timeout=60)


def known(lab):
    plugins = json.loads(lab.call("plugins", "--json").ok().stdout)
    return {m["name"]: m for p in plugins for m in p["benches"]}


def test_everything_the_records_name_is_measured_or_said(lab, world):
    records = known(lab)
    assert NEEDED <= set(records)
    b = quick(lab, timeout=100)
    assert b["world"] == world and [s["size"] for s in b["sizes"]] == LECTURE
    assert {m["name"] for m in b["mechanisms"]} == set(records)
    cases = {(r["mechanism"], r["size"], r["cores"]): r for r in b["results"]}
    assert set(cases) == {(m, s, c) for m in records for s in LECTURE for c in CORES}
    for (name, size, cores), r in cases.items():
        where = f"{name} {size} B on {cores}"
        if not r["measured"]:
            assert r["why"] == records[name]["limit"] and not r["failed"], where
            assert name in ("signal", "eventfd") and size > 1, where
            continue
        assert 0 < r["p50_us"]["median"] <= r["p99_us"]["median"], where
        assert r["trips"] >= 5 and r["pieces"] >= 1, where
        assert (r["pieces"] > 1) <= (records[name].get("limit") is not None), where
        if records[name].get("answered"):
            assert "bytes_per_s" not in r, where
        else:
            rate = r["messages_per_s"]
            assert r["messages"] >= 5 and rate["least"] <= rate["median"] <= rate["most"], where
            assert r["bytes_per_s"]["median"] == pytest.approx(rate["median"] * size), where


def test_rounds_sizes_and_figures(lab):
    b = bench(lab, "pipe", "--rounds", "4", "--seconds", "1", "--sizes", "3,2K,4KiB,3")
    assert b["rounds"] == 4 and [s["size"] for s in b["sizes"]] == [3, 2048, 4096]
    assert b["sizes"][0]["compare_us"] < b["sizes"][2]["compare_us"]
    for r in b["results"]:
        for figure in (r["p50_us"], r["p99_us"], r["bytes_per_s"]):
            assert (figure["least"] <= figure["low"] <= figure["median"] <= figure["high"]
                    <= figure["most"])


def test_a_plugin_stands_for_all_its_mechanisms(lab):
    b = quick(lab, "socket", "tcp", "--sizes", "1")
    assert [m["name"] for m in b["mechanisms"]] == [
        "unix_stream", "unix_dgram", "unix_seqpacket", "tcp", "udp",
    ]  # fmt: skip
    assert [m["name"] for m in quick(lab, "signal", "--sizes", "1")["mechanisms"]] == ["signal"]


def test_pieces_are_what_the_kernel_allows(lab):
    with open("/proc/sys/kernel/msgmax") as f:
        most = int(f.read())
    size = 2 * most + 1
    b = quick(lab, "msg", "--sizes", f"{most},{size}")
    assert {r["size"]: r["pieces"] for r in b["results"]} == {most: 1, size: 3}
    r = lab.call("bench", "msg", "--rounds", "1", "--seconds", "1", "--sizes", str(size)).ok()
    assert re.search(rf"^msg .* 3 pieces of up to {most} B: kernel.msgmax", r.stdout, re.M), r


def test_odd_sizes_arrive_whole(lab):
    """Short last pieces, and messages that fill no cache line."""
    b = quick(lab, "--sizes", "7,1021,8193,65537,100000", timeout=100)
    assert all(r["measured"] or r["mechanism"] in ("signal", "eventfd") for r in b["results"])


def test_one_cpu(lab):
    cpu = min(os.sched_getaffinity(0))
    alone = {"preexec_fn": lambda: os.sched_setaffinity(0, {cpu})}
    b = quick(lab, "pipe", "--sizes", "1", **alone)
    assert b["cpus"] == [cpu] and {r["cores"] for r in b["results"]} == {1}
    r = lab.call("bench", "pipe", "--sizes", "1", "--rounds", "1", "--seconds", "1", **alone).ok()
    assert "only one CPU" in r.stdout and "two cores" not in r.stdout.split("\n", 3)[3], r
    r = lab.run("bench pipe --sizes 1 --rounds 1 --seconds 1", **alone).ok()
    assert {x["cores"] for x in r.one("bench")["results"]} == {1}


@pytest.mark.skipif(len(CORES) < 2, reason="only one CPU may be used here")
def test_both_sides_are_where_it_says(lab):
    """While it is measured: one process on each of the CPUs it names, or both on the first."""
    p = lab.popen("bench", "pipe", "--sizes", "1", "--rounds", "40", "--seconds", "4", "--json")
    seen = set()

    def pairs():
        for pid in live.descendants(p.pid):
            cpus = []
            for child in live.children(pid):
                try:
                    cpus.append(frozenset(os.sched_getaffinity(child)))
                except ProcessLookupError:
                    pass
            if len(cpus) == 2 and all(len(c) == 1 for c in cpus):
                seen.add(tuple(sorted(min(c) for c in cpus)))
        return len(seen) >= 2 or p.poll() is not None

    assert leftovers.until(pairs, 20)
    out, _ = p.communicate(timeout=60)
    first, second = json.loads(out)["cpus"]
    assert {(first, first), tuple(sorted((first, second)))} <= seen


# ---- What goes wrong -----------------------------------------------------------------------------


def test_a_good_one_of_a_plugin_of_ones_own(lab):
    assert bad(lab, "bad_none").ok()


@pytest.mark.parametrize("name, why", [
    ("bad_flip", r"message \d+ came damaged: byte 63 of 64"),
    ("bad_stale", r"message \d+ came damaged: byte 0 of 64"),
    ("bad_lose", "it hangs: one side waits for a message"),
    ("bad_crash", "side 1 was killed by SIGSEGV"),
    ("bad_fail", r"sending: ENOBUFS \(No buffer space available\)"),
    ("bad_leave", "both sides ended before anything was measured"),
    ("bad_leave_loudly", "side 0 ended with status 3"),
    ("bad_vanish", "its process was killed by SIGKILL"),
])  # fmt: skip
def test_what_fails_is_noticed(lab, name, why):
    r = bad(lab, name)
    assert r.status == 5, r
    assert re.search(rf"^{name} 64 B FAILED: {why}", r.stdout, re.M), r
    assert re.search(rf"{name} cannot be measured: {why}", r.stderr), r


def test_what_fails_has_no_figures(lab):
    case = json.loads(bad(lab, "bad_flip", "--json").stdout)["results"][0]
    assert case["failed"] and not case["measured"] and "p50_us" not in case


@pytest.mark.parametrize("name, why", [
    ("bad_cannot", r"there is no such thing\\x1b in here"),
    ("bad_errno", r"setting it up: EMFILE \(Too many open files\)"),
])  # fmt: skip
def test_what_cannot_be_set_up_is_said(lab, name, why):
    r = bad(lab, name)
    assert r.status == 5 and re.search(rf"^{name} 64 B cannot be: {why}", r.stdout, re.M), r
    # ... and is no reason to fail where something else was measured
    r = lab.call("bench", name, "pipe", "--plugin-path", BAD, "--rounds", "1", "--seconds", "1",
                 "--sizes", "1").ok()
    assert re.search(rf"^{name} 1 B cannot be: {why}", r.stdout, re.M), r


def test_pieces_of_a_plugin_of_ones_own(lab):
    r = bad(lab, "bad_short", "--sizes", "2500", "--json").ok()
    assert all(c["measured"] and c["pieces"] == 3 for c in json.loads(r.stdout)["results"])


def test_a_plugin_that_was_loaded_is_measured(lab):
    r = lab.run(f"load {BAD}/bad_bench.so\nbench bad_none --sizes 1 --rounds 1 --seconds 1").ok()
    assert r.one("bench")["mechanisms"] == ["bad_none"]


@pytest.mark.parametrize("words, says", [
    (["pip"], "knows no mechanism 'pip'; did you mean pipe?"),
    (["carrier_pigeon"], "there are eventfd, fifo, futex"),
    (["pipe", "--sizes", "0"], "--sizes takes"),
    (["pipe", "--sizes", "1,2,3,4,5,6,7,8,9"], "--sizes takes up to 8"),
    (["pipe", "--sizes", "2000000"], "1 to 1048576"),
    (["pipe", "--sizes", "1M"], "--sizes takes"),
    (["pipe", "--rounds", "0"], "--rounds takes a whole number from 1 to 99"),
    (["pipe", "--seconds", "x"], "--seconds takes a whole number from 1 to 3600"),
])  # fmt: skip
def test_wrong_words(lab, words, says):
    r = lab.call("bench", *words)
    assert r.status == 2 and says in r.stderr, r
    r = lab.run("bench " + " ".join(words))
    assert r.status == 2 and says in r.stderr and not r.find("bench"), r


def test_wrong_words_of_the_builtin(lab):
    for line, says in [
        ("bench --size 1", "no option '--size'; did you mean --sizes?"),
        ("bench pipe --svg", "--svg takes the name of a file"),
        ("bench pipe --rounds", "--rounds takes a whole number"),
        ("bench " + "pipe " * 67, "at most"),
    ]:
        r = lab.run(line)
        assert r.status == 2 and says in r.stderr, r


# ---- The session ---------------------------------------------------------------------------------


def test_the_session_is_not_touched(lab, world):
    r = lab.run("spawn a\na pipe(p)\nbench fifo shm --sizes 1 --rounds 1 --seconds 1\nspawn b\n"
                "b getpid()\nobjects\nps").ok()
    e = r.one("bench")
    assert e["mechanisms"] == ["fifo", "shm"] and e["sizes"] == [1]
    assert e["vol"] == {"results": e["results"]} and len(e["results"]) == 2 * len(CORES)
    assert not [x for x in r.find("input") if "bench" in x["text"]]
    if world == "sealed":
        assert r.find("process", what="spawn", actor="b")[0]["pid"] == 3
    assert [x["ev"] for x in r.events].count("bench") == 1
    again = lab.call("replay", "--trust", "--world", world, r.trace).ok()
    assert again.stdout.startswith("same:"), again


def test_stable_traces_are_the_same(lab):
    r = lab.twice("spawn a\nbench pipe signal --sizes 1 --rounds 1 --seconds 1\na getpid()")
    e = r.one("bench")
    assert e["mechanisms"] == ["pipe", "signal"] and "results" not in e and "vol" not in e


def test_never_run_again(lab):
    r = lab.run("spawn a").ok()
    with open(r.trace) as f:
        lines = f.read().split("\n")
    lines[1] = '{"seq":1,"ev":"input","text":"bench pipe"}'
    again = lab.call("replay", lab.write("x.trace", "\n".join(lines)))
    assert again.status == 6 and "never recorded" in again.stderr, again


def test_json_in_a_session(lab):
    r = lab.run("bench pipe --sizes 1 --rounds 1 --seconds 1 --json").ok()
    assert json.loads(r.stdout)["bench"] == 1, r


# ---- What is shown -------------------------------------------------------------------------------


def test_table(lab):
    r = lab.call("bench", "mq", "futex", "signal", "--sizes", "1,65536", "--rounds", "2",
                 "--seconds", "1").ok()  # fmt: skip
    lines = r.stdout.split("\n")
    assert re.match(r"measuring 3 mechanisms, 2 sizes, .*: about [0-9.]+ s$", lines[0]), r
    assert max(map(len, lines)) <= 80
    row = re.compile(r"(\S*) +(1 B|64 KiB)" + r" +[0-9.]+ +\d+% +[0-9.]+ +[0-9.]+ +\d+%" * len(CORES))
    assert len([x for x in lines if row.fullmatch(x)]) == 4, r
    assert len(re.findall("times$", r.stdout, re.M)) == 2 * len(CORES)
    assert "signal 64 KiB cannot be: a signal carries a number and no bytes" in lines
    assert [x for x in lines if x.startswith("signal one way is not measured: ")]
    ascii_only = lab.call("bench", "pipe", "--sizes", "1", "--rounds", "1", "--seconds", "1",
                          env={"LC_ALL": "C"}).ok()  # fmt: skip
    assert ascii_only.raw_stdout.isascii()


def test_picture(lab):
    path = lab.path("work", "b.svg")
    r = lab.call("bench", "msg", "spin", "signal", "--sizes", "1,4K", "--rounds", "1", "--seconds",
                 "1", "--svg", path).ok()  # fmt: skip
    assert f"wrote {path}" in r.stdout
    if shutil.which("xmllint"):
        subprocess.run(["xmllint", "--noout", "--nonet", path], check=True, timeout=60)
    svg = ET.parse(path).getroot()
    assert svg.get("role") == "graphics-document" and svg.get("aria-label")
    assert svg.find(NS + "desc").text and not list(svg.iter(NS + "script"))
    items = [g for g in svg.iter(NS + "g") if g.get("role") == "listitem"]
    titles = [g.find(NS + "title").text for g in items]
    for name in ("msg", "spin", "signal"):
        for size in ("1 B", "4 KiB"):
            for place in ("one core", "two cores")[: len(CORES)]:
                about = [t for t in titles if t.startswith(f"{name}, {size}, {place}: ")]
                assert len(about) == 2, (name, size, place, titles)
                if name != "signal":
                    assert "us there and back" in about[0] and "messages a second" in about[1]
    # shared memory and messages differ in shape, not in colour alone
    marks = {t.split(",")[0]: {x.tag[len(NS):] for x in g if x.get("class", "")[:1] == "f"}
             for g, t in zip(items, titles) if " us there" in t}
    assert marks == {"msg": {"circle"}, "spin": {"rect"}, "signal": {"circle"}}
    width, height = int(svg.get("width")), int(svg.get("height"))
    for e in svg.iter():
        for at, end in (("x", width), ("cx", width), ("y", height), ("cy", height)):
            assert 0 <= float(e.get(at, 0)) <= end, ET.tostring(e)


def test_picture_of_the_builtin(lab):
    r = lab.run('bench pipe --sizes 1 --rounds 1 --seconds 1 --svg "a picture.svg"').ok()
    assert "wrote a picture.svg" in r.stdout
    assert ET.parse(lab.path("work", "a picture.svg")).getroot().tag == NS + "svg"
    r = lab.run("bench pipe --sizes 1 --rounds 1 --seconds 1 --svg /nowhere/x.svg")
    assert r.status != 0 and "/nowhere/x.svg" in r.stderr, r


def test_help(lab):
    page = lab.call("help", "measuring").ok().stdout
    for name in known(lab):
        assert re.search(rf"^ *{name}\b", page, re.M), name
    assert "ipclab help measuring" in " ".join(lab.call("bench", "--help").ok().stdout.split()) or \
        "measuring" in lab.call("help", "bench").ok().stdout
    assert "unix_seqpacket" in lab.call("help", "socket").ok().stdout
    assert set(lab.call("generate", "benches").ok().stdout.split()) == set(known(lab))


# ---- Stopping it ---------------------------------------------------------------------------------


def measures(pid):
    """Is it in the middle of a measurement: are both sides there?"""
    return any(len(live.children(p)) == 2 for p in live.descendants(pid))


def test_ctrl_c(lab, world):
    """Nothing of it is left, and not later than at once: it would have taken a minute."""
    p = lab.popen("bench", "shm", "msg", "mq", "fifo", "--seconds", "60", "--world", world)
    assert leftovers.until(lambda: measures(p.pid), 20)
    before = live.descendants(p.pid)
    p.send_signal(signal.SIGINT)
    begin = time.monotonic()
    _, err = p.communicate(timeout=20)
    assert p.returncode == 130 and b"interrupted" in err, err
    assert time.monotonic() - begin < 5 * float(os.environ.get("IPCLAB_SLOW", "1"))
    assert before and leftovers.until(lambda: all(live.is_gone(x) for x in before))


@pytest.mark.serial
@pytest.mark.parametrize("world", ["sealed", "shared"])
def test_killed(lab, world):
    """However it ends, its objects go with it. Those of a shared world go when the next starts, if
    need be."""
    p = lab.popen("bench", "shm", "msg", "mq", "--seconds", "60", "--world", world)
    assert leftovers.until(lambda: measures(p.pid), 20)
    before = live.descendants(p.pid)
    p.kill()
    p.communicate(timeout=20)
    assert leftovers.until(lambda: all(live.is_gone(x) for x in before))


def test_at_the_prompt(lab):
    """Progress is written over; Ctrl-C ends it and not the session."""
    with Terminal(lab, columns=70) as t:
        t.wait("ipclab> ")
        t.line("spawn a", wait="pid 2")
        t.line("bench pipe --seconds 60", wait=r"measuring 1 mechanism")
        t.wait(r"bench: \d+ %, \d+ s left: round 1 of 5, pipe ")
        assert b"\x1b[K" in t.raw
        t.type("\x03")
        t.wait("stopped; nothing is left of it")
        t.wait("ipclab> ")
        t.line("a getpid()", wait=r"getpid\(\) = 2")
        t.line("bench signal --sizes 1 --rounds 1 --seconds 1", wait=r"signal +1 B +\d")
        t.line("quit")
        assert t.end() == 0
    # what is written over fits into the line
    for piece in re.findall(rb"\rbench:[^\r\x1b]*", t.raw):
        assert len(piece) - 1 < 70


def test_no_progress_where_nobody_watches(lab):
    r = lab.call("bench", "pipe", "--sizes", "1", "--rounds", "1", "--seconds", "1").ok()
    assert r.stderr == ""
