# SPDX-License-Identifier: GPL-3.0-or-later
"""What is made of the reports of a class: each format as its consumer reads it, an exported file
filled, tables. The reports are written by hand here, as shell/grade/report.h documents them, so that
every case can be had; test_real_reports has them from real gradings."""

import base64
import csv
import hashlib
import io
import json
import os
import re
import shutil
import signal
import subprocess
import xml.etree.ElementTree as ElementTree

import leftovers
import pytest
from ipclab import ROOT
from sessions import RIGHT, TWO

XSD = os.path.join(ROOT, "tests", "fixtures", "grade", "junit.xsd")

LAB = {"id": "shm-guided", "version": None, "sha256": "5" * 64}

# Quotes, separators, the end of CDATA, control bytes, a formula, what reorders text, what XML lacks.
NASTY = "=1+1 \"q\" 'a', b; ]]> <x> & \x1b[31m\r\x07\x7f\u202e\ufffe\\ # skip é漢\nline 2\n  # todo\n..."


def task(name, points, most, passed, rationale="", **more):
    done = {
        "id": name,
        "title": f"Task {name}",
        "points": points,
        "max": most,
        "passed": passed,
        "rationale": rationale,
        "help": "",
        "expected": f"Do {name}.",
        "actual": None,
        "events": [3, 7],
        "hidden": False,
        "hints_used": 0,
        "skipped": False,
    }
    done.update(more)
    return done


def report(student, tasks, **more):
    points = [t["points"] or 0 for t in tasks]
    sha256 = hashlib.sha256(student.encode()).hexdigest()  # nobody's is another's
    done = {
        "v": 1,
        "tool": "ipclab 1",
        "lab": LAB,
        "student": student,
        "trace": {"file": f"{student}.trace", "sha256": sha256, "events": 9},
        "score": sum(points),
        "max_score": sum(t["max"] for t in tasks),
        "status": "graded",
        "reason": None,
        "judged": "run",
        "tasks": tasks,
        "replay": {"same": True, "first_difference": None},
        "flags": [],
        "duration": 0.25,
    }
    done.update(more)
    return done


def full(student):
    return report(student, [task("create", 2, 2, True), task("read", 3, 3, True), task("end", 3, 3, True)])


def partly(student):
    return report(
        student,
        [
            task("create", 2, 2, True, hints_used=1),
            task("read", 1, 3, False, "The client has not read.", help="shmat(2) attaches."),
            task("end", None, 3, None),
        ],
    )


def trouble(student, reason="its process was killed"):
    return report(student, [], score=None, max_score=8, status="grader_error", reason=reason)


def unreadable(student):
    return report(student, [], score=0, max_score=8, status="student_error", reason="line 3 is damaged")


@pytest.fixture
def kept(lab):
    """A folder of reports; returns what grades it again."""
    out = lab.path("work", "out")

    def keep(*reports, folder=out):
        for i, r in enumerate(reports):
            name = r["student"] if re.fullmatch(r"[\w.@-]+", r["student"], re.A) else f"%{i:02d}"
            os.makedirs(os.path.join(folder, name), exist_ok=True)
            with open(os.path.join(folder, name, "report.json"), "w", encoding="utf-8") as f:
                json.dump(r, f)

    def run(*args, **more):
        return lab.call("grade", "--out", out, *args, **more)

    def read(*names):
        with open(os.path.join(out, *names), "rb") as f:
            return f.read()

    run.keep, run.read, run.out = keep, read, out
    return run


def only(kept, made, name):
    """The text of one format of one submission, from stdout; the file has the same bytes."""
    kept.keep(made)
    r = kept("--format", name)
    assert r.status == (5 if made["status"] == "grader_error" else 0), r
    [student] = [n for n in os.listdir(kept.out) if os.path.isdir(os.path.join(kept.out, n))]
    [file] = [n for n in os.listdir(os.path.join(kept.out, student)) if n != "report.json"]
    assert kept.read(student, file) == r.raw_stdout
    return r.raw_stdout.decode()


def nasty(student="n1"):
    return report(
        student,
        [
            task(
                "create",
                0,
                2,
                False,
                NASTY,
                title=NASTY,
                help=NASTY,
                expected=NASTY,
                actual="x" * 10_000,
            ),
            task("read", 3, 3, True, title="# SKIP \\# skip \\"),
        ],
    )


# ---- Gradescope


def test_gradescope_keys(kept):
    made = partly("s1")
    made["tasks"].append(task("secret", 0, 1, False, "No.", hidden=True))
    made["max_score"] += 1
    got = json.loads(only(kept, made, "gradescope"))
    assert set(got) == {"score", "output", "output_format", "execution_time", "tests"}
    assert got["score"] == 3 and got["output_format"] == "text"
    assert got["execution_time"] == 0.25
    for i, test in enumerate(got["tests"]):
        assert set(test) == {
            "score",
            "max_score",
            "status",
            "name",
            "number",
            "output",
            "output_format",
            "name_format",
            "visibility",
        }
        assert test["number"] == str(i + 1) and test["output_format"] == "text"
    assert [(t["score"], t["max_score"], t["status"]) for t in got["tests"]] == [
        (2, 2, "passed"),
        (1, 3, "failed"),
        (0, 3, "failed"),
        (0, 1, "failed"),
    ]
    assert [t["visibility"] for t in got["tests"]] == ["visible"] * 3 + ["hidden"]
    assert sum(t["score"] for t in got["tests"]) == got["score"]
    assert "The client has not read." in got["tests"][1]["output"]
    assert "shmat(2) attaches." in got["tests"][1]["output"]
    assert "earlier task" in got["tests"][2]["output"]


def test_gradescope_trouble_has_no_score_at_all(kept):
    got = json.loads(only(kept, trouble("s1"), "gradescope"))
    assert "score" not in got and "tests" not in got
    assert "its process was killed" in got["output"]


def test_gradescope_unreadable_is_a_zero_with_its_reason(kept):
    got = json.loads(only(kept, unreadable("s1"), "gradescope"))
    assert got["score"] == 0 and "line 3 is damaged" in got["output"]


# ---- Autolab


def autolab(text):
    """As Autolab's parseAutoresult and its semantic layout read standard output."""
    lines = text.rstrip().split("\n")
    result = json.loads(re.sub(r"([a-zA-Z0-9]+):", r'"\1":', lines[-1]))
    return json.loads(lines[-2]), result["scores"]


def test_autolab(kept):
    made = partly("s1")
    made["tasks"].append(task("secret", 1, 1, True, hidden=True))
    made["score"] += 1
    shown, scores = autolab(only(kept, made, "autolab"))
    assert scores == {"create": 2, "read": 1, "end": 0, "secret": 1}
    assert shown["_presentation"] == "semantic" and shown["stages"] == ["Tasks"]
    assert set(shown["Tasks"]) == {"create", "read", "end"}
    assert shown["Tasks"]["create"] == {"passed": True}
    assert shown["Tasks"]["read"]["passed"] is False
    assert "The client has not read." in shown["Tasks"]["read"]["hint"]


def test_autolab_trouble_leaves_every_problem_open(kept):
    # Empty scores, or a line that is no JSON, would become zeros there.
    kept.keep(full("s0"), trouble("s1"))
    assert kept("--format", "autolab").status == 5
    shown, scores = autolab(kept.read("s1", "autolab.txt").decode())
    assert scores == {"create": None, "read": None, "end": None}
    [stage] = shown["stages"]
    assert not any(v["passed"] for v in shown[stage].values())


# ---- Submitty


def test_submitty(kept):
    made = partly("s1")
    made["tasks"].append(task("secret", 0, 8, False, "No.", hidden=True))
    made["max_score"] += 8
    got = json.loads(only(kept, made, "submitty"))
    assert set(got) == {"status", "data"} and got["status"] == "success"
    assert set(got["data"]) == {"score", "message"}
    assert got["data"]["score"] == 3 / 16
    for message in got["data"]["message"]:
        assert set(message) == {"message", "status"}
        assert message["status"] in ("information", "failure", "warning", "success")
    assert [m["status"] for m in got["data"]["message"]] == [
        "information",
        "success",
        "failure",
        "warning",
    ]
    assert "secret" not in json.dumps(got)


def test_submitty_trouble(kept):
    got = json.loads(only(kept, trouble("s1"), "submitty"))
    assert set(got) == {"status", "message"} and got["status"] == "failure"
    assert "its process was killed" in got["message"]


# ---- GitHub Classroom


def classroom(text):
    """The points that the reporter would tell, and whether the workflow fails."""
    assert re.fullmatch(r"[A-Za-z0-9+/]+={0,2}\n", text)
    got = json.loads(base64.b64decode(text.rstrip(), validate=True))
    assert set(got) == {"version", "status", "max_score", "tests"} and got["version"] == 1
    for test in got["tests"]:
        assert set(test) == {"name", "status", "score", "message"}
        assert test["status"] in ("pass", "fail", "error")
    told = (sum(t["score"] for t in got["tests"]), got["max_score"]) if got["max_score"] else None
    return got, told, got["status"] in ("fail", "error")


def test_classroom(kept):
    made = partly("s1")
    made["tasks"].append(task("secret", 1, 1, True, title="The trap", hidden=True))
    made.update(score=4, max_score=9)
    text = only(kept, made, "classroom")
    got, told, fails = classroom(text)
    assert told == (4, 9) and fails
    assert [t["status"] for t in got["tests"]] == ["pass", "fail", "fail", "pass"]
    assert got["tests"][0]["message"] is None
    assert "The client has not read." in got["tests"][1]["message"]
    assert "trap" not in json.dumps(got)


def test_classroom_passes(kept):
    assert classroom(only(kept, full("s1"), "classroom"))[1:] == ((8, 8), False)


def test_classroom_trouble_tells_no_points(kept):
    got, told, fails = classroom(only(kept, trouble("s1"), "classroom"))
    assert told is None and fails and got["status"] == "error"
    assert "its process was killed" in got["tests"][0]["message"]


# ---- TAP

# What TAP::Parser makes of it, as JSON.
PARSE = """
use TAP::Parser; use JSON::PP;
local $/; my $tap = <STDIN>; my $p = TAP::Parser->new({tap => $tap}); my (@tests, $bail);
while (my $r = $p->next) {
    push @tests, {ok => $r->is_ok ? 1 : 0, name => $r->description, directive => $r->directive}
        if $r->is_test;
    $tests[-1]{yaml} = $r->data if $r->is_yaml;
    $bail = $r->explanation if $r->is_bailout;
    push @tests, {unknown => $r->raw} if $r->is_unknown;
}
print encode_json({tests => \\@tests, bail => $bail, errors => [$p->parse_errors],
    version => $p->version, plan => $p->tests_planned});
"""


def tap(text):
    r = subprocess.run(
        ["perl", "-e", PARSE], input=text.encode(), capture_output=True, timeout=30, check=True
    )
    got = json.loads(r.stdout)
    assert got["errors"] == [] and got["version"] == 13, got
    return got


def prove(kept, *students):
    files = [os.path.join(kept.out, s, "report.tap") for s in students]
    return subprocess.run(
        ["prove", "-e", "cat", *files], capture_output=True, text=True, timeout=30, check=False
    )


needs_prove = pytest.mark.skipif(shutil.which("prove") is None, reason="prove is not here")


@needs_prove
def test_tap(kept):
    got = tap(only(kept, partly("s1"), "tap"))
    assert got["plan"] == 3 and [t["ok"] for t in got["tests"]] == [1, 0, 0]
    read = got["tests"][1]["yaml"]
    assert read["points"] == "1" and read["max"] == "3" and read["judged"] == "true"
    assert read["message"] == "The client has not read." and read["events"] == ["3", "7"]
    assert got["tests"][2]["yaml"]["judged"] == "false"
    assert got["tests"][0]["yaml"]["hints_used"] == "1"


@needs_prove
def test_prove(kept):
    kept.keep(full("good"), partly("bad"), trouble("odd"), unreadable("broken"))
    assert kept("--format", "tap").status == 5
    assert prove(kept, "good").returncode == 0
    assert prove(kept, "bad").returncode == 1
    assert "Failed 2/3 subtests" in prove(kept, "bad").stdout
    odd = prove(kept, "odd")
    assert odd.returncode != 0 and "Bailout" in odd.stdout + odd.stderr, odd


@needs_prove
def test_tap_of_nasty_text(kept):
    got = tap(only(kept, nasty(), "tap"))
    assert [t["ok"] for t in got["tests"]] == [0, 1]
    assert not any(t["directive"] for t in got["tests"]), got
    assert got["tests"][1]["name"].endswith("\\") and "SKIP" in got["tests"][1]["name"]
    assert got["tests"][0]["yaml"]["actual"] == "x" * 10_000
    yaml = pytest.importorskip("yaml")
    text = kept.read("n1", "report.tap").decode()
    block = re.search(r"^  ---\n(.*?)^  \.\.\.$", text, re.S | re.M).group(1)
    assert yaml.safe_load(block)["message"].startswith('=1+1 "q" ')


# ---- JUnit


def junit(kept):
    path = os.path.join(kept.out, "junit.xml")
    if shutil.which("xmllint"):
        r = subprocess.run(
            ["xmllint", "--noout", "--schema", XSD, path],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert r.returncode == 0, r.stderr
    return ElementTree.parse(path).getroot()


def test_junit(kept):
    kept.keep(full("s1"), partly("s2"), trouble("s3"), unreadable("s4"))
    r = kept("--format", "junit")
    root = junit(kept)
    assert kept.read("junit.xml") == r.raw_stdout
    suites = {s.get("name"): s for s in root}
    assert list(suites) == ["s1", "s2", "s3", "s4"]
    for key, found in (("failures", "failure"), ("errors", "error")):
        assert int(root.get(key)) == len(root.findall(f".//{found}"))
        for suite in root:
            assert int(suite.get(key)) == len(suite.findall(f".//{found}"))
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("skipped")) == len(suite.findall(".//skipped"))
    assert int(root.get("tests")) == len(root.findall(".//testcase"))
    cases = suites["s2"].findall("testcase")
    assert [[c.tag for c in case] for case in cases] == [
        ["properties"],
        ["properties", "failure"],
        ["properties", "skipped"],
    ]
    properties = {p.get("name"): p.get("value") for p in cases[1].iter("property")}
    assert properties == {"points": "1", "max": "3", "hints_used": "0"}
    assert cases[1].find("failure").get("message") == "The client has not read."
    assert len(suites["s3"].findall(".//error")) == 1 and not suites["s3"].findall(".//failure")
    # Nobody who lost everything looks green, though every task of his is only skipped.
    assert "line 3 is damaged" in suites["s4"].find(".//failure").get("message")


def test_junit_of_nasty_text(kept):
    kept.keep(nasty(NASTY))
    kept("--format", "junit").ok()
    [suite] = junit(kept)
    failure = suite.find(".//failure")
    assert suite.get("name").startswith('=1+1 "q"') and "]]>" in failure.text
    assert "\nline 2\n" in failure.get("message") and "\\x1b[31m" in failure.get("message")
    assert "\\u202e" in failure.text


# ---- CSV


def table(raw):
    text = raw.decode("utf-8")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_csv(kept):
    kept.keep(full("s1"), partly("s2"), trouble("s3"), unreadable("s4"))
    raw = kept("--format", "csv").raw_stdout
    assert raw == kept.read("grades.csv")
    assert raw.count(b"\r\n") == 5 == raw.count(b"\n")
    assert table(raw) == [
        ["student", "status", "score", "max_score", "create", "read", "end", "flags", "reason"],
        ["s1", "graded", "8", "8", "2", "3", "3", "", ""],
        ["s2", "graded", "3", "8", "2", "1", "", "", ""],
        ["s3", "grader_error", "", "8", "", "", "", "", "its process was killed"],
        ["s4", "student_error", "0", "8", "", "", "", "", "line 3 is damaged"],
    ]


@pytest.mark.parametrize(
    "name", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1", "=a\tb", "=\r1", '=HYPERLINK("x","y")']
)
def test_csv_formulas_are_harmless(kept, name):
    kept.keep(report(name, [task("create", 1, 1, True)]))
    raw = kept("--format", "csv").ok().raw_stdout
    [_, row] = table(raw)
    assert not re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r]", row[0]), row
    assert row[0].startswith("'" + name[:1]) and len(row) == 7


@pytest.mark.parametrize("name", ["a,b", 'a"b', "a;=1", "a\tb", "a\rb", "a\nb", "é漢", "\x1b[31m", "\ta", "\ra"])
def test_csv_cells_stay_whole(kept, name):
    kept.keep(report(name, [task("create", 1, 1, True)]), partly("z"))
    raw = kept("--format", "csv").ok().raw_stdout
    rows = table(raw)
    shown = name.replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\x0d").replace("\x1b", "\\x1b")
    assert [r[0] for r in rows] == ["student", shown, "z"]
    # Where semicolons part cells, as in a German spreadsheet, none of them begins with a formula.
    for row in csv.reader(io.StringIO(raw.decode(), newline=""), delimiter=";", strict=False):
        assert not any(cell.startswith(tuple("=+-@")) for cell in row), row


def test_csv_of_several_versions_of_a_lab(kept):
    other = report("s2", [task("create", 2, 2, True), task("more", 4, 5, False)])
    kept.keep(full("s1"), other)
    rows = table(kept("--format", "csv").ok().raw_stdout)
    assert rows[0][4:8] == ["create", "read", "end", "more"]
    assert rows[1][4:8] == ["2", "3", "3", ""] and rows[2][4:8] == ["2", "", "", "4"]


# ---- Filling

CANVAS = (
    b"\xef\xbb\xbfStudent,ID,SIS User ID,SIS Login ID,Section,Lab 2 (71),Lab 1 (70),Final Score\r\n"
    b",,,,,Manual Posting,,\r\n"
    b"    Points Possible,,,,,10,8,(read only)\r\n"
    b'"Lovelace, Ada",1001,u17,ada,"Sec ""A""",9,,88.5\r\n'
    b'"Hopper, Grace",1002,u18,Grace@Navy.mil,Sec B,,"4",\r\n'
    b"Turing; Alan,1003,u19,turing,Sec B,7,0,\r\n"
    b"Excused,1004,u20,ex,Sec B,,EX,\r\n"
    b'"=""x""",1005,u21,lazy,Sec B,,,\r\n'
    b'"Student, Test",1006,,4f5e,Sec B,,,'
)


def fill(lab, kept, raw, *args, name="grades export.csv"):
    path = lab.write(name, raw)
    r = kept("--fill", path, *args)
    return r, kept.read(name) if os.path.exists(os.path.join(kept.out, name)) else None


def test_canvas(lab, kept):
    kept.keep(
        full("ada"),
        partly("grace@navy.mil"),
        trouble("u19"),
        full("1004"),
        partly("nobody"),
    )
    r, raw = fill(lab, kept, CANVAS, "--column", "Lab 1")
    assert r.status == 5, r
    wanted = CANVAS.replace(b'"Sec ""A""",9,,88.5', b'"Sec ""A""",9,8,88.5')
    wanted = wanted.replace(b'Sec B,,"4",', b'Sec B,,"3",').replace(b"Sec B,7,0,", b"Sec B,7,,")
    assert raw == wanted
    assert "nobody" in r.stderr and "3 of 8" in r.stderr
    assert "1004" in r.stderr and "EX" in r.stderr
    assert "2 filled, 1 left empty, 1 as they were" in r.stderr
    assert "1 submissions without a row, 2 rows without a submission" in r.stderr


def test_filled_twice_is_the_same(lab, kept):
    kept.keep(full("ada"), partly("u18"))
    first = fill(lab, kept, CANVAS, "--column", "Lab 1 (70)")[1]
    again = fill(lab, kept, first, "--column", "Lab 1 (70)")[1]
    assert first == again and first != CANVAS


def test_canvas_tells_other_points(lab, kept):
    kept.keep(full("ada"))
    r, raw = fill(lab, kept, CANVAS, "--column", "Lab 2")
    assert b"Lovelace" in raw and "out of 10 points and the lab out of 8" in r.stderr
    assert "out of" not in fill(lab, kept, CANVAS, "--column", "Lab 1")[0].stderr


def test_canvas_refuses(lab, kept):
    kept.keep(full("ada"))
    for column, said in (
        ("Final Score", "read only"),
        ("Lab 3", "no column 'Lab 3'"),
        ("Lap 1 (70)", "did you mean 'Lab 1 (70)'?"),
    ):
        r, raw = fill(lab, kept, CANVAS, "--column", column)
        assert r.status == 2 and raw is None, r
        assert said in r.stderr
    r, raw = fill(lab, kept, CANVAS)
    assert r.status == 2 and raw is None and "--column" in r.stderr
    r, raw = fill(lab, kept, CANVAS, "--column", "Lab 1", "--key", "Name")
    assert r.status == 2 and "Name" in r.stderr


def test_canvas_with_semicolons(lab, kept):
    kept.keep(full("ada"))
    text = b"Student;ID;SIS Login ID;Section;Lab 1 (70)\nLovelace, Ada;1;ada;A;3,5\nB;2;b;A;\n"
    assert fill(lab, kept, text, "--column", "Lab 1")[1] == text.replace(b"3,5", b"8")


MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (grade),Feedback comments\n"
    'Participant 501,"O\'Neil, ""Sam""",sam@uni.example,"Submitted for grading - ",,8.00,Yes,-,"a\nb"\n'
    'Participant 502,Käthe,kaethe@uni.example,No submission,"0.00",8.00,Yes,-,=1\n'
    "Participant 503,X,x@uni.example,No submission,,8.00,Yes,-,\n"
).encode()


def test_moodle(lab, kept):
    kept.keep(full("sam"), partly("Käthe_502_assignsubmission_file"), trouble("x@uni.example"))
    r, raw = fill(lab, kept, MOODLE)
    assert r.status == 5, r
    assert raw == MOODLE.replace(b'grading - ",,8.00', b'grading - ",8,8.00').replace(b'"0.00"', b'"3"')
    assert "2 filled, 1 left empty" in r.stderr and "out of" not in r.stderr


def test_one_row_is_nobody_elses(lab, kept):
    text = b"Name,ID,Email,P\nA,1,x@a,\nB,2,x@b,\nC,3,c@a,\n"
    kept.keep(full("x"), full("c"), partly("c@a"), full("9"))
    r, raw = fill(lab, kept, text, "--column", "P")
    assert raw.count(b"8") + raw.count(b",3\n") == 1 and raw.startswith(b"Name,ID,Email,P\nA,1,x@a,\nB,2,x@b,\n")
    assert "x: several rows" in r.stderr and "another submission" in r.stderr and "9: has no row" in r.stderr
    assert "1 filled" in r.stderr and "3 submissions without a row" in r.stderr


@pytest.mark.parametrize(
    "raw, said",
    [
        (b"", "empty"),
        (b'A,ID,P\n"x,1,\n', "line 2: a quote begins there that does not end"),
        (b'A,ID,P\n"x"y,1,\n', "line 2: there is something between"),
        ("A,ID,P\nx,1,\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04 xlsx", "workbook"),
        (b"A,ID,P\nx,1,\0\n", "NUL"),
        (b"A,B,P\nx,1,\n", "--key"),
    ],
)
def test_what_is_no_table(lab, kept, raw, said):
    kept.keep(full("1"))
    r, made = fill(lab, kept, raw, "--column", "P")
    assert r.status == 2 and made is None and said in r.stderr, r


def test_odd_tables_keep_every_byte(lab, kept):
    kept.keep(full("7"))
    for raw, wanted in (
        (b"ID,P\r7,\r8,x", b"ID,P\r7,8\r8,x"),
        (b"ID,P\n7,a\n\n\nshort\n", b"ID,P\n7,8\n\n\nshort\n"),
        (b"ID\tP\n7\t\xff\xfe\n\xe9\t\n", b"ID\tP\n7\t8\n\xe9\t\n"),
        (b' "ID",P\n', b' "ID",P\n'),
        (b'"ID","P"\r\n"7",""\r\n', b'"ID","P"\r\n"7","8"\r\n'),
        (b"ID,P\n 7 , 1 \n", b"ID,P\n 7 ,8\n"),
        (b'P,ID\n"a\n""b""\nc",7\n', b'P,ID\n"8",7\n'),
    ):
        r, made = fill(lab, kept, raw, "--column", "P", name="odd.csv")
        if made is None:
            assert b'"ID"' in raw and r.status == 2, r
            continue
        assert made == wanted, r
        os.unlink(os.path.join(kept.out, "odd.csv"))


# ---- Tables


def test_tasks(kept):
    kept.keep(full("s1"), partly("s2"), partly("s3"), trouble("s4"), unreadable("s5"))
    text = kept("--format", "tasks").stdout
    rows = {line.split()[0]: line.split()[1:6] for line in text.split("\n")[1:4]}
    #                 points mean passed failed not reached
    assert rows["create"] == ["2", "1.5", "3", "0", "1"]
    assert rows["read"] == ["3", "1.2", "1", "2", "1"]
    assert rows["end"] == ["3", "0.8", "1", "0", "3"]
    assert "5 submissions, 4 judged" in text and "the grader had trouble" in text


def test_failed(kept):
    kept.keep(full("s1"), partly("s2"), trouble("s3"), unreadable("s4"), partly("s5"))
    lines = kept("--format", "failed").stdout.strip().split("\n")
    assert [line.split()[:2] for line in lines[1:]] == [
        ["read", "s2"],
        ["read", "s5"],
        ["end", "s2"],
        ["end", "s5"],
        ["-", "s3"],
        ["-", "s4"],
    ]
    assert "The client has not read." in lines[1] and "1 of 3" in lines[1]
    assert "- of 8" in lines[5] and "its process was killed" in lines[5]
    assert "0 of 8" in lines[6] and "line 3 is damaged" in lines[6]


def test_flags(kept):
    odd = full("s2")
    odd["flags"] = [{"kind": "odd", "text": "it is one"}, {"kind": "edited", "text": "x"}] * 2
    odd["flags"].sort(key=lambda f: f["kind"], reverse=True)
    kept.keep(full("s1"), odd)
    lines = kept("--format", "flags").stdout.strip().split("\n")[1:]
    assert [line.split()[:2] for line in lines] == [["s2", "odd"]] * 2 + [["s2", "edited"]] * 2
    assert '"odd edited"' in kept("--format", "csv").stdout


def test_diff(lab, kept):
    old = lab.path("work", "old")
    kept.keep(full("s1"), partly("s2"), full("s3"), trouble("s4"), full("gone"), folder=old)
    less = full("s3")
    less["tasks"][1].update(points=0, passed=False)
    less["score"] = 5
    kept.keep(full("s1"), full("s2"), less, full("s4"), full("new"))
    r = kept("--diff", old).ok()
    lines = {line.split()[0]: line for line in r.stdout.split("\n") if line.strip()}
    assert "s1" not in lines, r
    assert re.search(r"3 of 8 +8 of 8 +\+5 +read 1 -> 3, end - -> 3", lines["s2"])
    assert re.search(r"8 of 8 +5 of 8 +-3 +read 3 -> 0", lines["s3"])
    assert re.search(r"- of 8 +8 of 8 .*grader_error -> graded", lines["s4"])
    assert "only here" in lines["new"] and "only there" in lines["gone"]
    assert "4 in both: 1 got more, 1 got less; 3 differ otherwise" in r.stdout
    assert kept.read("diff.txt") == r.raw_stdout


def test_tables_of_nasty_text(kept):
    kept.keep(nasty(NASTY), trouble("t", NASTY))
    assert kept("--format", "tasks,failed,flags,csv,junit").status == 5
    for name in ("tasks.txt", "failed.txt", "grades.csv", "junit.xml"):
        raw = kept.read(name)
        assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xe2\x80\xae", raw), name
    for line in kept.read("failed.txt").decode().split("\n"):
        assert line == line.rstrip()


# ---- What is asked for


def test_a_damaged_report_is_trouble_and_not_lost(kept):
    kept.keep(full("s1"), full("s2"), full("s3"))
    for name, raw in (("s2", b'{"v": 1, "stud'), ("s3", b"[]")):
        with open(os.path.join(kept.out, name, "report.json"), "wb") as f:
            f.write(raw)
    r = kept("--format", "csv")
    rows = table(r.raw_stdout)
    assert [row[:3] for row in rows[1:]] == [
        ["s1", "graded", "8"],
        ["s2", "grader_error", ""],
        ["s3", "grader_error", ""],
    ]
    assert r.status == 5, r


def test_several_formats_are_files_and_the_table_is_shown(kept):
    kept.keep(full("s1"), partly("s2"))
    r = kept("--format", "gradescope,junit", "--format", "csv").ok()
    assert r.stdout.split()[0] == "student" and "s2" in r.stdout
    for student in ("s1", "s2"):
        assert sorted(os.listdir(os.path.join(kept.out, student))) == ["report.json", "results.json"]
    assert {"junit.xml", "grades.csv"} <= set(os.listdir(kept.out))
    assert not [n for n in os.listdir(kept.out) if n.endswith(".new")]


def test_one_format_of_many_submissions_is_files_and_the_table_is_shown(kept):
    kept.keep(full("s1"), partly("s2"))
    r = kept("--format", "autolab").ok()
    assert r.stdout.split()[0] == "student"
    assert autolab(kept.read("s2", "autolab.txt").decode())[1]["read"] == 1


@pytest.mark.parametrize(
    "args, said",
    [
        (["--format", "junti"], "did you mean junit?"),
        (["--format", "csv,,junit"], "no format ''"),
        (["--format", "diff"], "--diff FOLDER"),
        (["--diff", "nowhere"], "nowhere"),
        (["--column", "P"], "--fill"),
        (["--fill", "nowhere.csv", "--column", "P"], "nowhere.csv"),
    ],
)
def test_wrong_use(kept, args, said):
    kept.keep(full("s1"))
    r = kept(*args)
    assert r.status == 2 and said in r.stderr and r.stdout == "", r


def test_nothing_to_tell_of(lab, kept):
    os.makedirs(kept.out)
    assert kept("--format", "csv").status == 2
    assert lab.call("grade", "--format", "csv").status == 2


def test_formats_are_told_where_options_are(lab):
    usage = lab.call("grade", "--help").ok().stdout
    man = lab.call("generate", "man", "ipclab.1").ok().stdout
    completion = lab.call("generate", "completion").ok().stdout
    records = json.loads(lab.call("generate", "json").ok().stdout)
    for name in "gradescope autolab submitty classroom tap junit csv tasks failed flags diff".split():
        assert name in usage and name in man and name in completion
        assert name in json.dumps(records["options"])


@pytest.mark.plain
def test_memory_is_flat(kept):
    """A class of 1,500 takes hardly more memory than one of 100."""
    peak = []
    for n in (100, 1500):
        kept.keep(*[partly(f"s{i:04d}") for i in range(n)])
        measured = "import resource, subprocess, sys; r = subprocess.run(sys.argv[1:], check=False, " \
            "stdout=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); " \
            "sys.exit(r.returncode)"
        formats = "gradescope,junit,csv,tasks,failed,flags"
        r = subprocess.run(
            ["/usr/bin/python3", "-c", measured, os.environ.get("IPCLAB") or "build/ipclab"]
            + ["grade", "--out", kept.out, "--format", formats],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert r.returncode == 0, r.stderr
        peak.append(int(r.stdout.split()[-1]))
    assert len(table(kept.read("grades.csv"))) == 1501
    assert peak[1] - peak[0] < 2048, peak  # kB


# ---- Of real gradings

MARKED = TWO.replace('"A pipe"', r'"A \"pipe\", <first>"').replace("no pipe yet.", "no pipe & =1+1; yet.")


@pytest.fixture
def two(lab):
    """The lab two, and what hands in a session of it."""
    path = lab.write("two.lua", MARKED)
    os.mkdir(lab.path("work", "in"))

    def hand_in(name, *lines):
        trace = lab.path("work", "in", name + ".trace")
        text = "".join(line + "\n" for line in lines)
        lab.call("run", "-k", "--world", "sealed", "--trace", trace, path, stdin=text, trace=trace)
        return trace

    hand_in.lab = path
    return hand_in


def test_real_reports(lab, two, kept):
    two("right", *RIGHT)
    two("half", "a pipe(p)")
    two("none", "a getpid()")
    two("hint", "hint", *RIGHT)
    with open(lab.path("work", "in", "broken.trace"), "w", encoding="utf-8") as f:
        f.write("no trace\n")
    names = "gradescope,autolab,submitty,classroom,tap,junit,csv,summary,tasks,failed,flags"
    r = kept("in", "--lab", two.lab, "--format", names, timeout=60).ok()
    points = {"right": [3, 2], "half": [3, 0], "none": [0, 0], "hint": [2, 2], "broken": [0, 0]}
    rows = {row[0]: row for row in table(kept.read("grades.csv"))}
    for student, (make, use) in points.items():
        made = json.loads(kept.read(student, "report.json"))
        assert made["score"] == make + use
        got = json.loads(kept.read(student, "results.json"))
        assert got["score"] == make + use
        assert [t["score"] for t in got["tests"]] == [make, use]
        assert [t["max_score"] for t in got["tests"]] == [3, 2]
        assert autolab(kept.read(student, "autolab.txt").decode())[1] == {"make": make, "use": use}
        part = json.loads(kept.read(student, "validation_results.json"))["data"]["score"]
        assert part == pytest.approx((make + use) / 5)
        assert classroom(kept.read(student, "classroom.txt").decode())[1] == (make + use, 5)
        assert rows[student][2:4] == [str(make + use), "5"]
    assert rows["right"][4:6] == ["3", "2"] and rows["none"][4:6] == ["0", ""]
    assert rows["broken"][1] == "student_error"
    if shutil.which("prove"):
        assert prove(kept, "right").returncode == 0 and prove(kept, "half").returncode == 1
        shown = tap(kept.read("none", "report.tap").decode())["tests"]
        assert shown[0]["yaml"]["message"] == "a has made no pipe & =1+1; yet."
    assert [s.get("name") for s in junit(kept)] == sorted(points)
    assert kept.read("summary.txt") == r.raw_stdout
    # Made again of what is there, all of it is the same.
    files = ["junit.xml", "grades.csv", "summary.txt", "tasks.txt", "failed.txt", "flags.txt"]
    files += [os.path.join("half", f) for f in os.listdir(os.path.join(kept.out, "half"))]
    before = {name: kept.read(name) for name in files}
    kept("--format", names).ok()
    assert {name: kept.read(name) for name in before} == before


def test_one_submission_is_on_stdout_alone(lab, two):
    trace = two("s1", "a pipe(p)")
    for name, read in (("autolab", lambda t: autolab(t)[1]["make"]), ("classroom", lambda t: classroom(t)[1][0])):
        r = lab.call("grade", trace, "--lab", two.lab, "--format", name, timeout=60).ok()
        assert read(r.stdout) == 3, r
        assert len(r.stdout.strip().split("\n")) == (2 if name == "autolab" else 1)


def test_where_no_sealed_world_is_nothing_is_a_zero(two, kept):
    two("s1", *RIGHT)
    two("s2", *RIGHT)
    names = "gradescope,autolab,submitty,classroom,tap,csv,junit"
    r = kept("in", "--lab", two.lab, "--world", "shared", "--format", names, timeout=60)
    assert r.status == 5, r
    for student in ("s1", "s2"):
        assert "score" not in json.loads(kept.read(student, "results.json"))
        scores = autolab(kept.read(student, "autolab.txt").decode())[1]
        assert scores == {"make": None, "use": None}
        assert json.loads(kept.read(student, "validation_results.json"))["status"] == "failure"
        assert classroom(kept.read(student, "classroom.txt").decode())[1] is None
        assert b"Bail out!" in kept.read(student, "report.tap")
    assert [row[2] for row in table(kept.read("grades.csv"))] == ["score", "", ""]
    assert not junit(kept).findall(".//failure") and len(junit(kept).findall(".//error")) == 2


def test_a_lab_was_mended(lab, two, kept):
    two("s1", *RIGHT)
    two("s2", "a pipe(p)", 'a write(p[1], "ho")')
    old = lab.path("work", "old")
    lab.call("grade", "in", "--lab", two.lab, "--out", old, timeout=60).ok()
    with open(two.lab, "w", encoding="utf-8") as f:
        f.write(MARKED.replace('buf = "hi" }, "Nobody', '}, "Nobody'))
    r = kept("in", "--lab", two.lab, "--diff", old, timeout=60).ok()
    assert re.search(r"^s2 +3 of 5 +5 of 5 +\+2 +use 0 -> 2$", r.stdout, re.M), r
    assert "s1" not in r.stdout and "2 in both: 1 got more, 0 got less" in r.stdout


def test_shards_become_one_table(two, kept):
    for i in range(5):
        two(f"s{i}", *RIGHT[: i % 3])
    names = "gradescope,submitty"
    for shard in ("2/2", "1/2", "2/2"):  # so that two with the same bytes are graded apart
        kept("in", "--lab", two.lab, "--shard", shard, "--format", names, timeout=60).ok()
    merged = kept("--format", "csv,junit,failed").ok()
    files = {name: kept.read(name) for name in ("grades.csv", "junit.xml", "failed.txt")}
    assert [row[6] for row in table(files["grades.csv"])[1:]] == ["similar", "similar", "", "similar", "similar"]
    shutil.rmtree(kept.out)
    whole = kept("in", "--lab", two.lab, "--format", "csv,junit,failed", timeout=60).ok()
    assert {name: kept.read(name) for name in files} == files
    assert whole.stdout == merged.stdout


def test_resumed_it_is_the_same(lab, two, kept):
    for i in range(4):
        two(f"s{i}", *RIGHT[: i % 3])
    names = "csv,junit,tasks,failed,summary,gradescope,autolab"
    kept("in", "--lab", two.lab, "--format", names, timeout=60).ok()
    every = [os.path.join(base, f) for base, _, names_ in os.walk(kept.out) for f in names_]
    before = {name: kept.read(os.path.relpath(name, kept.out)) for name in every}
    for name in every:  # as if it had been killed: some reports are there, and nothing else
        if not name.endswith("report.json") or "/s2/" in name:
            os.unlink(name)
    kept("in", "--lab", two.lab, "--format", names, "--resume", timeout=60).ok()
    for name, raw in before.items():
        if "/s2/" not in name:  # how long that took is another time
            assert kept.read(os.path.relpath(name, kept.out)) == raw, name


def test_a_killed_grader_leaves_a_file_for_gradescope(lab, two, kept):
    trace = two("s1", "a pipe(p)", "a nanosleep(0, 1000)")
    with open(trace, "rb") as f:
        raw = f.read()
    assert b'"a nanosleep(0, 1000)"' in raw
    with open(trace, "wb") as f:  # so that grading it does not end soon
        f.write(raw.replace(b"nanosleep(0, 1000)", b"nanosleep(900, 1000)"))
    p = lab.popen("grade", "in", "--lab", two.lab, "--out", kept.out, "--format", "gradescope")
    results = os.path.join(kept.out, "s1", "results.json")
    assert leftovers.until(lambda: os.path.exists(results), 20), "it is there before the grading ends"
    assert p.poll() is None
    os.killpg(p.pid, signal.SIGKILL)
    p.communicate()
    lab.forget(p)
    got = json.loads(kept.read("s1", "results.json"))
    assert "score" not in got and "tests" not in got and "did not come to its end" in got["output"]
    assert not os.path.exists(os.path.join(kept.out, "s1", "report.json"))


def test_wrong_use_is_told_before_anything_is_graded(lab, two, kept):
    two("s1", *RIGHT)
    for args, said in (
        (["--format", "csw"], "did you mean csv?"),
        (["--fill", lab.write("x.csv", '"'), "--column", "P"], "line 1: a quote begins"),
        (["--diff", "nowhere"], "nowhere"),
    ):
        r = kept("in", "--lab", two.lab, *args)
        assert r.status == 2 and said in r.stderr and r.stdout == "", r
        assert not os.path.exists(os.path.join(kept.out, "s1"))
    for args in (["--format", "gradescope,csv"], ["--fill", two.lab]):
        r = kept("in", "--lab", two.lab, "--shard", "1/2", *args)
        assert r.status == 2 and "shards are done" in r.stderr, r
    r = lab.call("grade", "in", "--lab", two.lab, "--format", "csv,junit")
    assert r.status == 2 and "--out" in r.stderr, r
