# SPDX-License-Identifier: GPL-3.0-or-later
"""ipclab grade: what students handed in is run again and judged. A right submission gets all its
points, a wrong one none, whatever the file claims; trouble of the grader is never a zero."""

import glob
import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
import time
import zipfile

import ipclab
import leftovers
import pytest
from ipclab import ROOT, read_trace
from sessions import RIGHT, TWO

GUIDED = sorted(
    os.path.basename(os.path.dirname(p)) for p in glob.glob(ROOT + "/labs/*/lab.lua") if "lab.guided" in open(p).read()
)


@pytest.fixture
def two(lab):
    return lab.write("two.lua", TWO)


def hand_in(lab, path, lines, name, *options):
    """A session of the lab with these lines, as its trace in the folder in/."""
    os.makedirs(lab.path("work", "in"), exist_ok=True)
    trace = lab.path("work", "in", name + ".trace")
    if isinstance(lines, list):
        lines = "\n".join(lines)
    r = lab.call("run", "-k", "--world", "sealed", "--trace", trace, *options, path, stdin=lines + "\n", trace=trace)
    assert os.path.exists(trace), r
    return trace


def grade(lab, path, *args, **more):
    more.setdefault("timeout", 60)
    return lab.call("grade", "--lab", path, *(args or ["in"]), **more)


def reports(lab, path, *args, status=0, **more):
    """The reports by student, from --json."""
    r = grade(lab, path, *(args or ["in"]), "--json", **more)
    assert r.status == status, r
    return {report["student"]: report for report in map(json.loads, r.stdout.splitlines())}


def points(report):
    return {t["id"]: t["points"] for t in report["tasks"]}


def kinds(report):
    return {f["kind"] for f in report["flags"]}


def test_points_are_those_of_the_run(lab, two):
    hand_in(lab, two, RIGHT, "right")
    hand_in(lab, two, ["a pipe(p)"], "half")
    hand_in(lab, two, [], "none")
    hand_in(lab, two, ["hint", *RIGHT], "hint")
    found = reports(lab, two)
    assert list(found) == ["half", "hint", "none", "right"]
    assert {s: r["score"] for s, r in found.items()} == {"right": 5, "half": 3, "none": 0, "hint": 4}
    assert all(r["status"] == "graded" and r["reason"] is None and r["max_score"] == 5 for r in found.values())
    assert all(r["replay"] == {"same": True, "first_difference": None} for r in found.values()), found
    assert points(found["none"]) == {"make": 0, "use": None}
    none = found["none"]["tasks"]
    assert none[0]["passed"] is False and none[0]["rationale"] == "a has made no pipe yet."
    assert none[0]["help"] == "pipe(2) takes an array." and none[0]["expected"] == "Let a make a pipe."
    assert none[1]["passed"] is None
    assert found["hint"]["tasks"][0]["hints_used"] == 1


def test_what_a_verdict_rests_on(lab, two):
    trace = hand_in(lab, two, RIGHT, "right")
    events = {e["seq"]: e for e in read_trace(trace)}
    for task, call in zip(reports(lab, two)["right"]["tasks"], ("pipe", "write")):
        assert task["passed"] is True and task["events"]
        assert any(events[seq].get("call") == call for seq in task["events"]), task


def test_report_has_the_keys_of_the_contract(lab, two):
    trace = hand_in(lab, two, RIGHT, "s1")
    grade(lab, two, "in", "--out", "out").ok()
    with open(lab.path("work", "out", "s1", "report.json")) as f:
        report = json.load(f)
    assert list(report) == ["v", "tool", "lab", "student", "trace", "score", "max_score", "status", "reason", "judged",
                            "tasks", "replay", "flags", "duration"]  # fmt: skip
    assert list(report["lab"]) == ["id", "version", "sha256"] and report["lab"]["id"] == "two"
    assert report["trace"]["file"] == "in/s1.trace" and report["trace"]["events"] == len(read_trace(trace))
    digest = subprocess.run(["sha256sum", trace], capture_output=True, text=True, check=True).stdout.split()[0]
    assert report["trace"]["sha256"] == digest
    assert list(report["tasks"][0]) == ["id", "title", "points", "max", "passed", "rationale", "help", "expected",
                                        "actual", "events", "hidden", "hints_used", "skipped"]  # fmt: skip
    assert os.listdir(lab.path("work", "out", "s1")) == ["report.json"]


def test_one_table_and_a_line_each_in_input_order(lab, two):
    for name in ("c", "a", "b"):
        hand_in(lab, two, RIGHT[: 1 + (name == "b")], name)
    r = grade(lab, two, "in/c.trace", "in/a.trace", "in/b.trace", "--jobs", "3").ok()
    rows = [line.split() for line in r.stdout.splitlines()]
    assert rows[0] == ["student", "make", "use", "score", "max", "status"]
    assert [row[0] for row in rows[1:]] == ["c", "a", "b"] and rows[3][1:] == ["3", "2", "5", "5", "graded"]
    told = r.stderr.splitlines()
    assert [line.split(":")[0] for line in told[:3]] == ["c", "a", "b"]
    assert len(told) == 4 and "c and a" in told[3]  # of the class, once all are there: the same bytes
    assert len({len(line.rsplit(None, 1)[0]) for line in r.stdout.splitlines()}) == 1


@pytest.mark.parametrize("name", GUIDED)
def test_model_solutions_get_everything(lab, name):
    """The golden trace of a lab is that of its model solution."""
    shutil.copy(f"{ROOT}/labs/{name}/golden.trace", lab.write("student.trace", ""))
    report = reports(lab, name, "student.trace")["student"]
    assert report["status"] == "graded" and report["score"] == report["max_score"] > 0, report
    assert report["replay"]["same"] is True and not report["flags"], report


def test_whose_it_is(lab, two):
    """The name of the file or the folder says it, never the trace."""
    hand_in(lab, two, RIGHT, "two-s1", "--student", "s1")
    hand_in(lab, two, RIGHT, "s2", "--student", "s1")
    os.makedirs(lab.path("work", "in", "s3"))
    shutil.move(hand_in(lab, two, RIGHT, "x", "--student", "s3"), lab.path("work", "in", "s3", "two.trace"))
    found = reports(lab, two)
    assert list(found) == ["s2", "s3", "s1"]
    assert kinds(found["s2"]) == {"student"} and not kinds(found["s1"]) and not kinds(found["s3"])


def test_a_copied_trace_fails_where_numbers_differ(lab):
    """Parameters of a lab are those of the student who hands it in."""
    path = lab.write("key.lua", TWO.replace('"hi" }, "N', 'lab.param("word", { "one", "two", "three", "four" }) }, "N'))
    word = {}
    for student in ("s1", "s2", "s3", "s4", "s5", "s6"):
        for w in ("one", "two", "three", "four"):
            trace = hand_in(lab, path, ["a pipe(p)", f'a write(p[1], "{w}")'], student, "--student", student)
            if any(e["ev"] == "check" and e["task"] == "use" and e["passed"] for e in read_trace(trace)):
                word[student] = w
                break
    assert len(set(word.values())) > 1, word
    a, b = next((a, b) for a in word for b in word if word[a] != word[b])
    shutil.copy(lab.path("work", "in", a + ".trace"), lab.path("work", "in", b + ".trace"))
    found = reports(lab, path)
    assert found[a]["score"] == 5 and points(found[b])["use"] == 0 and "student" in kinds(found[b])
    assert found[b]["replay"]["same"] is True


def test_no_submission_is_skipped_in_silence(lab, two):
    hand_in(lab, two, RIGHT, "s1")
    lab.write("in/notes.txt", "mine")
    os.makedirs(lab.path("work", "in", "empty"))
    os.makedirs(lab.path("work", "in", "many"))
    for name in ("a.trace", "b.jsonl"):
        shutil.copy(lab.path("work", "in", "s1.trace"), lab.path("work", "in", "many", name))
    r = grade(lab, two, "in", "--json").ok()
    found = {report["student"]: report for report in map(json.loads, r.stdout.splitlines())}
    assert list(found) == ["empty", "many", "s1"]
    for name in ("empty", "many"):
        assert found[name]["status"] == "student_error" and found[name]["score"] == 0 and found[name]["reason"]
    assert "notes.txt" in r.stderr


@pytest.mark.parametrize("args, word", [
    (["nothing-there"], "ENOENT"),
    (["in", "in"], "two submissions"),
    ([], "what was handed in"),
])  # fmt: skip
def test_usage(lab, two, args, word):
    hand_in(lab, two, RIGHT, "s1")
    r = lab.call("grade", "--lab", two, *args)
    assert r.status == 2 and word in r.stderr and not r.stdout, r


def test_labs_that_cannot_be_graded(lab, two):
    hand_in(lab, two, RIGHT, "s1")
    r = grade(lab, "shm-server-client")
    assert r.status == 2 and "guided" in r.stderr and not r.stdout
    r = grade(lab, lab.write("broken.lua", "return {"))
    assert r.status == 3 and not r.stdout
    r = lab.call("grade", "in")
    assert r.status == 2 and "--lab" in r.stderr
    r = grade(lab, "no-such-lab")
    assert r.status == 2


def test_a_broken_check_is_no_zero(lab, two):
    hand_in(lab, two, RIGHT, "s1")
    hand_in(lab, two, [], "s2")
    broken = lab.write("two.lua", TWO.replace('"Nobody has written', 'nil .. "Nobody has written'))
    r = grade(lab, broken, "in", "--json")
    assert r.status == 3, r
    found = {report["student"]: report for report in map(json.loads, r.stdout.splitlines())}
    assert found["s1"]["status"] == "grader_error" and found["s1"]["score"] is None


def test_no_sealed_world_is_status_5(lab, two):
    hand_in(lab, two, RIGHT, "s1")
    r = grade(lab, two, "in", "--world", "shared")
    assert r.status == 5 and "0" not in r.stdout.splitlines()[1].split()[1:], r
    report = reports(lab, two, "in", "--world", "shared", status=5)["s1"]
    assert report["score"] is None and report["status"] == "grader_error" and "sealed" in report["reason"]


# ---- Hostile files -------------------------------------------------------------------------------


def lines_of(trace):
    with open(trace, "rb") as f:
        return f.read().split(b"\n")


def judged(lab, two, data, name="e"):
    path = lab.path("work", "in", name + ".trace")
    with open(path, "wb") as f:
        f.write(data)
    return reports(lab, two, path)[name]


def swap(lines):
    lines[2], lines[3] = lines[3], lines[2]


def twice(lines):
    lines.insert(3, lines[2])


def missing(lines):
    del lines[2]


@pytest.mark.parametrize("change", [swap, twice, missing])
def test_reordered_duplicated_missing(lab, two, change):
    lines = lines_of(hand_in(lab, two, RIGHT, "s1"))
    change(lines)
    report = judged(lab, two, b"\n".join(lines))
    assert report["status"] == "student_error" and report["score"] == 0 and "was expected" in report["reason"]


def test_truncated(lab, two):
    whole = b"\n".join(lines_of(hand_in(lab, two, RIGHT, "s1")))
    at = whole.index(b'"text":"a write')
    report = judged(lab, two, whole[:at])
    assert report["status"] == "graded" and report["score"] == 3 and kinds(report) == {"incomplete"}
    report = judged(lab, two, whole[:40])
    assert report["status"] == "student_error" and report["score"] == 0


def test_edited_observations_gain_nothing(lab, two):
    """A failing write made a successful one, the points put in, the digest stale."""
    trace = hand_in(lab, two, ["a pipe(p)", 'a write(9, "hi")'], "s1")
    text = b"\n".join(lines_of(trace)).replace(b'"ret":-1,"errno":"EBADF"', b'"ret":2')
    report = judged(lab, two, text)
    honest = reports(lab, two, trace)["s1"]
    assert report["score"] == honest["score"] and report["replay"]["same"] is False
    assert {"edited", "differs"} <= kinds(report), report
    difference = report["replay"]["first_difference"]
    assert difference["recorded"]["ret"] == 2 and difference["here"]["errno"] == "EBADF", difference


def test_edited_observations_lose_nothing(lab, two):
    text = b"\n".join(lines_of(hand_in(lab, two, RIGHT, "s1"))).replace(b'"ret":2', b'"ret":3')
    report = judged(lab, two, text)
    assert report["score"] == 5 and report["status"] == "graded" and report["replay"]["same"] is False


def test_events_put_in_gain_nothing(lab, two):
    """A check event that says that all was done, and a digest that fits."""
    lines = lines_of(hand_in(lab, two, [], "s1"))
    events = [json.loads(line) for line in lines if line][:-1]
    events.append({"ev": "check", "task": "make", "passed": True, "points": 3, "max": 3, "events": []})
    report = judged(lab, two, forged_of(events))
    assert report["score"] == 0, report


def forged_of(events):
    return "".join(json.dumps({**e, "seq": i}, separators=(",", ":")) + "\n" for i, e in enumerate(events)).encode()


def forged(inputs, **more):
    first = {"ev": "session", "ipclab": 1, "version": "1", "lab": "two", "seed": 0, "world": "sealed", "plugins": {}}
    return forged_of([first] + [{"ev": "input", "text": t, **more} for t in inputs])


def test_lines_alone_are_enough(lab, two):
    os.makedirs(lab.path("work", "in"))
    report = judged(lab, two, forged(RIGHT))
    assert report["score"] == 5 and report["replay"]["same"] is False


def test_lines_that_claim_to_be_the_labs_are_not_run(lab, two):
    os.makedirs(lab.path("work", "in"))
    report = judged(lab, two, forged(RIGHT, **{"from": "lab"}))
    assert report["score"] == 0 and report["status"] == "graded", report


@pytest.mark.parametrize("word", ["! id", "lua os.exit(1)", "source /etc/passwd", "load x.so", "log x", "export x",
                                  "set view lanes", "bench pipe", "ipclab> lua x", "- ! id"])  # fmt: skip
def test_lines_that_are_never_run(lab, two, word):
    os.makedirs(lab.path("work", "in"))
    report = judged(lab, two, forged([*RIGHT, word]))
    assert report["status"] == "student_error" and report["score"] == 0, report


@pytest.mark.parametrize("value", [
    b"[" * 100000 + b"]" * 100000,
    b'"' + b"a" * 1000000 + b'"',
    b'"\x00"', b'"\x07"', b'"\xff\xfe"', rb'"\ud800"', b"1e999", b"99999999999999999999999",
    b'1,"ev":"input"',
], ids=["nested", "long", "nul", "control", "not-utf8", "surrogate", "exponent", "huge", "key-twice"])  # fmt: skip
def test_damage(lab, two, value):
    lines = lines_of(hand_in(lab, two, RIGHT, "s1"))
    lines[1] = lines[1][:-1] + b',"x":' + value + b"}"
    report = judged(lab, two, b"\n".join(lines))
    assert report["status"] == "student_error" and report["score"] == 0 and "line 2" in report["reason"]


@pytest.mark.parametrize("version", ["0", "2", "999", "-1", "1.5", "true", '"1"', "null"])
def test_versions(lab, two, version):
    text = b"\n".join(lines_of(hand_in(lab, two, RIGHT, "s1")))
    report = judged(lab, two, text.replace(b'"ipclab":1', b'"ipclab":' + version.encode()))
    assert report["status"] == "student_error" and report["score"] == 0


@pytest.mark.parametrize("data", [b"", b"\n", b"  \n \n", b"\x7fELF\x02\x01\x01\0", b"\x1f\x8b\x08\0", "{}".encode("utf-16")])
def test_something_else(lab, two, data):
    os.makedirs(lab.path("work", "in"))
    report = judged(lab, two, data)
    assert report["status"] == "student_error" and report["score"] == 0


def test_no_regular_file(lab, two):
    os.makedirs(lab.path("work", "in"))
    os.mkfifo(lab.path("work", "in", "fifo.trace"))
    os.symlink("/etc/shadow", lab.path("work", "in", "link.trace"))
    with open(lab.path("work", "in", "sparse.trace"), "wb") as f:
        f.truncate(8 << 30)
    found = reports(lab, two)
    assert list(found) == ["fifo", "link", "sparse"]
    assert all(r["status"] == "student_error" and r["score"] == 0 for r in found.values()), found


def test_a_trace_of_another_lab(lab, two):
    other = lab.write("other.lua", TWO.replace('"two"', '"other"').replace("Two tasks", "Others"))
    hand_in(lab, other, RIGHT, "s1")
    report = reports(lab, two)["s1"]
    assert "lab" in kinds(report) and report["status"] == "graded"
    changed = lab.write("two.lua", TWO + "\n")
    hand_in(lab, changed, RIGHT, "s1")
    lab.write("two.lua", TWO)
    report = reports(lab, two)["s1"]
    assert kinds(report) == {"lab_changed"} and report["score"] == 5


def test_names_that_lead_elsewhere(lab, two):
    """A student is a folder below OUT and nothing else, whatever his file is called."""
    trace = hand_in(lab, two, RIGHT, "s1")
    os.makedirs(lab.path("work", "in", "a b%2f"))
    shutil.move(trace, lab.path("work", "in", "a b%2f", "x.trace"))
    os.makedirs(lab.path("work", "odd"))
    shutil.copy(lab.path("work", "in", "a b%2f", "x.trace"), lab.path("work", "odd", "two-..trace"))
    grade(lab, two, "in", "odd", "--out", "out").ok()
    names = sorted(os.listdir(lab.path("work", "out")))
    assert len(names) == 2 and all(re.fullmatch(r"[%A-Za-z0-9][%A-Za-z0-9.-]*", n) for n in names), names
    for name in names:
        assert os.listdir(lab.path("work", "out", name)) == ["report.json"]


def test_escape_bytes_come_out_escaped(lab, two):
    os.makedirs(lab.path("work", "in"))
    shutil.copy(hand_in(lab, two, RIGHT, "s1"), lab.path("work", "in", "\x1b[31mred.trace"))
    r = grade(lab, two).ok()
    assert "\\x1b[31mred" in r.stdout and "\x1b" not in r.stdout + r.stderr


# ---- What hangs, and Ctrl-C ----------------------------------------------------------------------


def test_begun_in_the_middle(lab, two):
    """What comes before gives nothing, and what comes after is judged as it is."""
    hand_in(lab, two, [RIGHT[1]], "s1", "--from", "use")
    for how in ([], ["--from-trace"]):
        report = reports(lab, two, "in", *how)["s1"]
        assert report["status"] == "graded" and points(report) == {"make": None, "use": 2}, report
    assert reports(lab, two)["s1"]["replay"]["same"] is True


def test_out_of_time_is_judged_so_far(lab, two):
    os.makedirs(lab.path("work", "in"))
    report = judged(lab, two, forged([RIGHT[0], "spawn z", *["z sleep(1)"] * 4, RIGHT[1]]), "slow")
    assert report["score"] == 5, report
    path = lab.path("work", "in", "slow.trace")
    report = reports(lab, two, path, "--timeout", "2")["slow"]
    assert report["status"] == "timeout" and report["score"] == 3 and report["reason"], report


def test_an_endless_check_is_no_zero(lab, two):
    hand_in(lab, two, RIGHT, "s1")
    endless = lab.write("two.lua", TWO.replace("h:need(h:find { actor = \"a\", call = \"write\"", "string.rep('', 1e18) h:need(h:find { actor = \"a\", call = \"write\""))
    r = lab.call("grade", "--lab", endless, "in", "--json", "--timeout", "1", timeout=60)
    report = json.loads(r.stdout.splitlines()[0])
    assert report["status"] == "grader_error" and report["score"] is None and r.status in (3, 5), r


def test_ctrl_c(lab, two):
    os.makedirs(lab.path("work", "in"))
    for i in range(4):
        with open(lab.path("work", "in", f"s{i}.trace"), "wb") as f:
            f.write(forged(["spawn z", *["z sleep(1)"] * 10]))
    p = lab.popen("grade", "--lab", two, "in", "--out", "out")
    while not os.path.isdir(lab.path("work", "out")):
        pass
    p.send_signal(signal.SIGINT)
    out, err = p.communicate(timeout=30)
    assert p.returncode == 130, (out, err)


# ---- Again, in parts, and without running --------------------------------------------------------


def a_class(lab, two, n=6):
    right = lines_of(hand_in(lab, two, RIGHT, "s0"))
    half = lines_of(hand_in(lab, two, ["a pipe(p)"], "s1"))
    for i in range(2, n):
        with open(lab.path("work", "in", f"s{i}.trace"), "wb") as f:
            f.write(b"\n".join(right if i % 2 == 0 else half))
    with open(lab.path("work", "in", "bad.trace"), "wb") as f:
        f.write(b"\n".join(right[:3] + right[4:]))


def tree(lab, out):
    """All files below a folder, but for how long it took."""
    found = {}
    for base, _, names in os.walk(lab.path("work", out)):
        for name in names:
            path = os.path.join(base, name)
            with open(path) as f:
                report = json.load(f)
            del report["duration"]
            found[os.path.relpath(path, lab.path("work", out))] = report
    return found


def how_long(path):
    with open(path) as f:
        return json.load(f)["duration"]


@pytest.mark.parametrize("name", ["grades.csv", "junit.xml", "Summary.TXT", "gradebook.json"])
def test_a_student_called_like_a_table(lab, two, name):
    hand_in(lab, two, RIGHT, name)
    formats = "csv,junit,summary,tasks,failed,flags"
    lab.call("grade", "--lab", two, "in", "--out", "out", "--format", formats).ok()
    with open(lab.path("work", "out", "grades.csv"), encoding="utf-8") as f:
        assert f.read().splitlines()[1].startswith(name + ",")
    lab.call("grade", "--out", "out", "--format", formats).ok()
    (report,) = glob.glob(lab.path("work", "out", "*", "report.json"))
    with open(report, encoding="utf-8") as f:
        found = json.load(f)
    assert (found["student"], found["score"]) == (name, 5)


def test_killed_and_resumed_gives_the_same(lab, two):
    a_class(lab, two, 12)
    whole = grade(lab, two, "in", "--out", "whole").ok()
    p = lab.popen("grade", "--lab", two, "in", "--out", "out", "--jobs", "1")
    while len(glob.glob(lab.path("work", "out", "*", "report.json"))) < 4:
        assert p.poll() is None
    p.kill()
    p.communicate()
    before = {path: how_long(path) for path in glob.glob(lab.path("work", "out", "*", "report.json"))}
    assert 4 <= len(before) < 13
    again = grade(lab, two, "in", "--out", "out", "--resume").ok()
    assert (again.raw_stdout, again.raw_stderr) == (whole.raw_stdout, whole.raw_stderr)
    assert tree(lab, "out") == tree(lab, "whole")
    assert {path: how_long(path) for path in before} == before  # nobody was graded twice


def test_killed_it_leaves_no_process(lab, two):
    """Those that grade one submission each, and their worlds, end with it."""
    trace = hand_in(lab, two, ["a pipe(p)"], "s0")
    with open(trace, "rb") as f:
        text = f.read()
    for i in range(3):
        with open(lab.path("work", "in", f"s{i}.trace"), "wb") as f:
            f.write(text.replace(b'"a pipe(p)"', b'"a sleep(1000)"'))
    p = lab.popen("grade", "--lab", two, "in", "--out", "out", "--jobs", "2")
    while len(below := leftovers.descendants(p.pid)) < 12:  # two that grade, each with a guardian and a world of four
        assert p.poll() is None
    p.kill()
    p.communicate()
    end = time.monotonic() + 10
    while left := below & leftovers.everybody():
        assert time.monotonic() < end, left


def test_resume_looks_at_what_is_graded(lab, two):
    """Another file, another lab, or trouble of ours: it is graded anew."""
    a_class(lab, two, 4)
    grade(lab, two, "in", "--out", "out").ok()
    shutil.copy(lab.path("work", "in", "s0.trace"), lab.path("work", "in", "s1.trace"))
    with open(lab.path("work", "out", "s2", "report.json")) as f:
        report = json.load(f)
    report.update(score=None, status="grader_error", reason="x")
    with open(lab.path("work", "out", "s2", "report.json"), "w") as f:
        json.dump(report, f)
    with open(lab.path("work", "out", "s3", "report.json"), "w") as f:
        f.write("{}")
    grade(lab, two, "in", "--out", "out", "--resume").ok()
    found = tree(lab, "out")
    assert [found[f"s{i}/report.json"]["score"] for i in range(4)] == [5, 5, 5, 3]
    mended = lab.write("two.lua", TWO.replace("points = 3", "points = 4"))
    grade(lab, mended, "in", "--out", "out", "--resume").ok()
    assert tree(lab, "out")["s0/report.json"]["score"] == 6
    assert lab.call("grade", "--lab", mended, "in", "--resume").status == 2


def test_shards_merge_by_file(lab, two):
    a_class(lab, two, 6)
    whole = grade(lab, two, "in", "--out", "whole").ok()
    rows = []
    for i in (1, 2, 3, 2):
        rows += grade(lab, two, "in", "--out", "out", "--shard", f"{i}/3").ok().stdout.splitlines()[1:]
    lab.call("grade", "--out", "out").ok()  # flags those who are nearly the same: that needs all of them
    assert tree(lab, "out") == tree(lab, "whole")
    assert sorted(set(rows)) == sorted(whole.stdout.splitlines()[1:])
    assert grade(lab, two, "in", "--out", "out", "--resume").ok().raw_stdout == whole.raw_stdout
    for wrong in ("0/3", "4/3", "2", "a/b", "1/2x"):
        assert grade(lab, two, "in", "--shard", wrong).status == 2


def test_fail_under(lab, two):
    a_class(lab, two, 2)
    assert grade(lab, two, "in/s0.trace", "--fail-under", "100").status == 0
    assert grade(lab, two, "in/s1.trace", "--fail-under", "60").status == 0
    r = grade(lab, two, "in/s0.trace", "in/s1.trace", "--fail-under", "61")
    assert r.status == 1 and "1 of 2" in r.stderr
    assert grade(lab, two, "in/bad.trace", "--fail-under", "1").status == 1


@pytest.mark.parametrize("name", GUIDED)
def test_from_trace_agrees_with_running(lab, name):
    """Of the model solution; a check that asks the world itself says that it cannot be judged so."""
    with open(f"{ROOT}/labs/{name}/golden.trace") as f:
        events = [json.loads(line) for line in f]
    lines = [e["text"] for e in events if e["ev"] == "input" and "from" not in e]
    trace = lab.path("work", "student.trace")
    lab.call("run", "--world", "sealed", "--trace", trace, name, stdin="\n".join(lines) + "\n", timeout=60)
    with open(f"{ROOT}/labs/{name}/lab.lua") as f:
        asks = "h:object" in f.read()
    report = reports(lab, name, trace, "--from-trace", status=5 if asks else 0)["student"]
    if asks:
        assert report["status"] == "grader_error" and report["score"] is None and "h:object" in report["reason"]
    else:
        assert report["score"] == report["max_score"] and report["judged"] == "trace" and not report["flags"], report


def test_from_trace_runs_nothing_and_believes_no_points(lab, two):
    trace = hand_in(lab, two, ["a pipe(p)", 'a write(9, "hi")', "check"], "s1")
    text = b"\n".join(lines_of(trace))
    report = reports(lab, two, trace, "--from-trace")["s1"]
    assert points(report) == points(reports(lab, two, trace)["s1"]) and report["replay"]["same"] is None
    os.makedirs(lab.path("work", "more"))
    edited = lab.path("work", "more", "s2.trace")
    with open(edited, "wb") as f:
        f.write(text.replace(b'"passed":false', b'"passed":true,"points":2,"max":2'))
    assert b'"passed":false' in text
    report = reports(lab, two, edited, "--from-trace")["s2"]
    assert report["score"] == 3 and kinds(report) == {"edited"}
    with open(edited, "wb") as f:
        f.write(forged(RIGHT))
    assert reports(lab, two, edited, "--from-trace")["s2"]["score"] == 0


def test_from_trace_hints_cost_what_they_cost(lab, two):
    trace = hand_in(lab, two, ["hint", *RIGHT], "s1")
    with open(trace, "rb") as f:
        text = f.read().replace(b'"cost":1', b'"cost":0')
    with open(trace, "wb") as f:
        f.write(text)
    assert reports(lab, two, trace, "--from-trace")["s1"]["score"] == 4


# ---- Nearly the same -----------------------------------------------------------------------------

OWN = ["a pipe(pp)", "a getpid()", 'a write(pp[1], "hi")', "b getppid()", "a print pp[0]", "a int zz = 4711"]


def similar(lab, two, *args):
    """Who is said to be nearly whom, with the reasons."""
    r = grade(lab, two, *(args or ["in"]), "--out", "out").ok()
    pairs = {}
    for path, report in tree(lab, "out").items():
        for flag in report["flags"]:
            if flag["kind"] == "similar":
                student, reason = re.fullmatch(r"nearly that of (\w+): (.*)", flag["text"]).groups()
                pairs[os.path.dirname(path), student] = reason
    for a, b in pairs:
        assert (b, a) in pairs and (f"{min(a, b)} and {max(a, b)} are nearly the same" in r.stderr), r
    return pairs


def test_two_that_are_nearly_the_same(lab, two):
    """Spaces, comments and numbers do not hide it; what the model solution has says nothing."""
    for i in range(4):
        hand_in(lab, two, RIGHT, f"m{i}", "--student", f"m{i}")
    hand_in(lab, two, OWN, "x1", "--student", "x1")
    hand_in(lab, two, [line + "   # mine" for line in OWN[:5]] + ["a int  zz = 2342"], "x2", "--student", "x2")
    hand_in(lab, two, ["a pipe(q)", "a getpid()", 'a write(q[1], "hi")', "b getpid()"], "y", "--student", "y")
    found = similar(lab, two)
    assert set(found) == {("x1", "x2"), ("x2", "x1")}, found
    assert "6 of 6 lines" in found["x1", "x2"] and "`" in found["x1", "x2"]


def test_long_lines_are_cut(lab, two):
    """What is a student's own is compared by the beginnings of its lines, and by no byte behind them."""
    hand_in(lab, two, ["a pipe(p)", 'a x = "' + "y" * 3000 + '"'], "s1")
    own = reports(lab, two)["s1"]["trace"]["own"]
    assert ["y" * 100 in line for line in own].count(True) == 1 and max(map(len, own)) == 160, own


@pytest.mark.plain
def test_one_session_recorded_once(lab, two):
    """Handed in by two, with another name in it: addresses are those of one session."""
    trace = hand_in(lab, two, ["a pipe(p)", "a char *m = malloc(10)", RIGHT[1]], "s1", "--student", "s1")
    with open(trace, "rb") as f:
        text = f.read()
    assert b'"vol"' in text
    with open(lab.path("work", "in", "s2.trace"), "wb") as f:
        f.write(text.replace(b'"student":"s1"', b'"student":"s2"'))
    hand_in(lab, two, ["a pipe(p)", "a char *m = malloc(10)", RIGHT[1]], "s3", "--student", "s3")
    found = similar(lab, two)
    assert set(found) == {("s1", "s2"), ("s2", "s1")} and "addresses" in found["s1", "s2"], found


def test_the_same_bytes(lab, two):
    trace = hand_in(lab, two, RIGHT, "s1")
    for i in range(2, 30):
        shutil.copy(trace, lab.path("work", "in", f"s{i}.trace"))
    found = similar(lab, two)
    assert {a for a, _ in found} == {f"s{i}" for i in range(1, 30)} and set(found.values()) == {"the same bytes"}
    before = tree(lab, "out")
    again = grade(lab, two, "in", "--out", "out", "--resume").ok()
    assert tree(lab, "out") == before
    os.remove(lab.path("work", "in", "s1.trace"))
    for i in range(3, 30):
        os.remove(lab.path("work", "in", f"s{i}.trace"))
    shutil.rmtree(lab.path("work", "out", "s1"))
    grade(lab, two, "in", "--out", "out", "--resume").ok()
    assert not tree(lab, "out")["s2/report.json"]["flags"], again


# ---- Archives ------------------------------------------------------------------------------------


def pack(path, files, links=()):
    """An archive of these names with these bytes, as its ending says."""
    if path.endswith(".zip"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
            for name, data in files.items():
                z.writestr(name, data)
        return path
    with tarfile.open(path, "w:gz" if path.endswith("gz") else "w") as t:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
        for name, kind, target in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            t.addfile(info)
    return path


needs_archives = pytest.mark.skipif(
    not os.path.exists(os.path.join(os.path.dirname(ipclab.program()), "ipclab-unpack")),
    reason="built without libarchive",
)


@needs_archives
@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz", "tgz"])
@pytest.mark.parametrize("top", ["", "hand-ins/"])
def test_an_archive_is_what_a_folder_would_be(lab, two, ending, top):
    right, half = (b"\n".join(lines_of(hand_in(lab, two, lines, "x"))) for lines in (RIGHT, RIGHT[:1]))
    inner = pack(lab.path("work", "inner.zip"), {"some/where/x.trace": right})
    with open(inner, "rb") as f:
        inner = f.read()
    path = pack(lab.path("work", "all." + ending), {
        top + "two-s1.trace": right, top + "Eva M\u00fcller_12/two.trace": half, top + "s3.zip": inner,
        top + "s4/deep/er/x.trace": right, top + "s5/notes.txt": b"mine", top + "notes.txt": b"mine"})  # fmt: skip
    r = grade(lab, two, path, "--json").ok()
    found = {report["student"]: report for report in map(json.loads, r.stdout.splitlines())}
    scores = {student: (report["status"], report["score"]) for student, report in found.items()}
    assert scores == {"s1": ("graded", 5), "Eva M\u00fcller_12": ("graded", 3), "s3": ("graded", 5),
                      "s4": ("graded", 5), "s5": ("student_error", 0)}  # fmt: skip
    assert found["s1"]["trace"]["file"].endswith("two-s1.trace") and "all." + ending in found["s1"]["trace"]["file"]
    assert "notes.txt" in r.stderr
    assert not glob.glob(lab.path("tmp", "*")) and not glob.glob("/tmp/ipclab-grade-*/*/two-s1.trace")


@needs_archives
def test_killed_it_leaves_its_archives_to_the_next(lab, two):
    """And nobody takes away what another one is grading."""
    with open(hand_in(lab, two, ["a pipe(p)"], "x"), "rb") as f:
        text = f.read()
    slow = pack(lab.path("work", "slow.zip"), {"s1.trace": text.replace(b'"a pipe(p)"', b'"a sleep(1000)"')})
    quick = pack(lab.path("work", "quick.zip"), {"s1.trace": text})
    os.makedirs(lab.path("tmp"), exist_ok=True)
    rooms = lab.path("tmp", "ipclab-grade-*")
    env = {"TMPDIR": lab.path("tmp")}
    p = lab.popen("grade", "--lab", two, slow, env=env)
    while not glob.glob(rooms + "/*/s1.trace"):
        assert p.poll() is None
    assert grade(lab, two, quick, env=env).ok().stdout.splitlines()[1].split()[-1] == "graded"
    assert len(glob.glob(rooms)) == 1
    p.kill()
    p.communicate()
    grade(lab, two, quick, env=env).ok()
    assert not glob.glob(rooms)


@needs_archives
def test_hostile_archives(lab, two):
    """Nothing leaves the folder, no link is followed, no bomb goes off; who handed it in has a zero."""
    right = b"\n".join(lines_of(hand_in(lab, two, RIGHT, "s1")))
    out = lab.path("work", "outside.trace")
    work = lab.path("work", "in")
    pack(f"{work}/up.tar", {"../../outside.trace": right, "/" + out: right, "x/../../../outside.trace": right})
    pack(f"{work}/link.tar", {}, [("l.trace", tarfile.SYMTYPE, "/etc/passwd"), ("h.trace", tarfile.LNKTYPE, "/etc/passwd"),
                                  ("d", tarfile.SYMTYPE, "/tmp"), ("f.trace", tarfile.FIFOTYPE, "")])  # fmt: skip
    pack(f"{work}/through.tar", {}, [("d.trace", tarfile.SYMTYPE, lab.path("work"))])
    pack(f"{work}/bomb.zip", {"x.trace": b"\0" * (200 << 20)})
    pack(f"{work}/many.zip", {f"{i}.trace": b"\0" * (60 << 20) for i in range(3)})
    pack(f"{work}/two.zip", {"a.trace": right, "b.trace": right})
    for name, data in (("cut.zip", b"PK\3\4" + b"\0" * 20), ("nothing.zip", b""), ("text.tgz", b"hello")):
        with open(f"{work}/{name}", "wb") as f:
            f.write(data)
    found = reports(lab, two, timeout=100)
    assert found.pop("s1")["score"] == 5
    assert len(found) == 9, found
    assert all(r["status"] == "student_error" and r["score"] == 0 and r["reason"] for r in found.values()), found
    assert not os.path.exists(out)
    assert "64 MiB" in found["bomb"]["reason"] and "too much" in found["many"]["reason"], found


@needs_archives
def test_a_broken_archive_of_a_class_is_no_zero(lab, two):
    path = lab.write("all.zip", b"PK\3\4" + b"\0" * 20)
    r = grade(lab, two, path)
    assert r.status == 6 and not r.stdout, r
