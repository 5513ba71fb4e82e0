# SPDX-License-Identifier: GPL-3.0-or-later
"""help and apropos: everything that has a record can be found, and says what its record says."""

import json
import re

import pytest
from ipclab import RAW
from terminal import Terminal


@pytest.fixture
def records(lab):
    return json.loads(lab.call("generate", "json").ok().stdout)


def calls(records):
    return [c for p in records["plugins"] for c in p["calls"]]


def plain(text):
    return " ".join(text.split())


def help_of(lab, *names):
    """What help says about each of these, in one session."""
    out = lab.run("\n".join(f"help {n}\n! echo ====" for n in names)).ok().stdout
    pages = out.split("====\n")[:-1]
    assert len(pages) == len(names)
    return pages


def test_first_minute_is_one_screen(lab):
    lines = lab.run("help").ok().stdout.split("\n")[:-1]
    assert len(lines) <= 23, "24 lines with the prompt"
    assert max(map(len, lines)) <= 80
    text = "\n".join(lines)
    for verb in ("spawn", "why", "undo", "quit", "NAME STATEMENT"):
        assert re.search(rf"^  {verb}\b", text, re.M), verb
    for way in ("tour", "help CALL", "help line", "apropos", "help builtins"):
        assert way in text
    assert "shmget(5678, 27, IPC_CREAT|0666)" in text and "pipe(fd)" in text


@pytest.mark.parametrize("columns", [40, 60, 79, 80, 120, 200])
def test_keeps_within_the_width(lab, columns):
    out = lab.run("help\nhelp read\nhelp line\nhelp views\nhelp settings", "--width", str(columns)).stdout
    typed = re.compile(r"^ *(spawn|[a-z,]+ [a-z].*[)\]]|\*|-|use) ?")  # examples are not folded
    for line in out.split("\n"):
        assert len(line) <= min(columns, 80) or typed.match(line), line


def test_every_name_has_help(lab, records):
    names = lab.call("generate", "topics").ok().stdout.split()
    assert len(names) > 150
    for sort in ("builtins", "settings", "topics"):
        assert {r["name"] for r in records[sort]} <= set(names)
    assert {c["name"] for c in calls(records)} <= set(names)
    r = lab.run("\n".join(f"help {n}" for n in dict.fromkeys(names))).ok()
    assert not RAW.search(r.raw_stdout)


def test_help_on_every_call(lab, records):
    """Both spellings, arguments, what it returns, when it waits, errors, examples, the man page."""
    every = calls(records)
    for call, page in zip(every, help_of(lab, *(c["name"] for c in every))):
        page = page[page.index(f"{call['name']} - {call['summary']}"[:60]) :]
        text = plain(page)
        assert plain(call["prototype"]) in text
        assert plain(call["help"]) in text
        assert re.search(r"^  in C +\S", page, re.M) and re.search(r"^  by words +\S", page, re.M)
        for argument in call["args"]:
            assert re.search(rf"^  {argument['name']}\b", page, re.M), (call["name"], argument["name"])
            assert argument["summary"].split()[0] in text
            for constant in argument["constants"]:
                assert re.search(rf"^ +{constant['name']}\b", page, re.M), constant
                assert constant["summary"], f"{constant['name']} of {call['name']} has no sentence"
        assert call["returns"] and plain(call["returns"]) in text, call["name"]
        assert ("When it waits" in page) == call["waits"]
        if call["waits"]:
            assert call["waits_while"] and plain(call["waits_while"]) in text
        for error in call["errors"]:
            assert re.search(rf"^  {error['name']}\b", page, re.M)
            assert "$" not in page[page.index("Errors") :].split("Example")[0]
        for example in call["examples"]:
            for line in example.split("\n"):
                assert line in page
        if call["man"]:
            assert f"`man {call['name']}` opens {call['man']}" in text


def spellings(page):
    """In C, and by words: long ones go on in the next line."""
    found = re.search(r"^  in C (.*?)^  by words (.*?)^  prototype ", page, re.M | re.S)
    return [plain(part) for part in found.groups()]


def test_both_spellings_mean_the_same(lab, records):
    """In the example that the spelling was taken from, by words does what it does in C."""
    differ = {}
    every = [c for c in calls(records) if c["examples"]]
    for call, page in zip(every, help_of(lab, *(c["name"] for c in every))):
        in_c, by_words = spellings(page[page.index(f"{call['name']} - ") :])
        for example in call["examples"]:
            lines = example.split("\n")
            at = next((i for i, l in enumerate(lines) if l.partition(" ")[2] == in_c), None)
            if at is not None:
                break
        assert at is not None, f"{call['name']}: its spelling is in none of its examples"
        who, target = lines[at].split(" ")[0], in_c.partition(" = ")[0] if " = " in in_c else None
        if target and not in_c.startswith(f"{call['name']}("):
            before = lines[:at] + [f"{who} {in_c.partition(' = ')[2]}"]
        else:
            before = lines[: at + 1]
        one = lab.run(before, "--stable")
        two = lab.run(lines[:at] + [f"{who} {by_words}"], "--stable")
        drop = ("text",)
        left, right = (
            [{k: v for k, v in e.items() if k not in drop} for e in r.events if e["ev"] not in ("end", "input")]
            for r in (one, two)
        )
        if left != right:
            differ[call["name"]] = (by_words, two.stderr)
    assert not differ


def test_the_spelling_of_the_lecture(lab):
    page = help_of(lab, "shmget")[0]
    assert spellings(page) == [
        "shmid = shmget(5678, 27, IPC_CREAT|0666)",
        "shmget 5678 27 IPC_CREAT|0666",
    ]


def test_help_on_every_plugin(lab, records):
    plugins = records["plugins"]
    for plugin, page in zip(plugins, help_of(lab, *(p["name"] for p in plugins))):
        assert f"{plugin['name']} - " in page
        for call in plugin["calls"]:
            assert re.search(rf"^  {call['name']}\b", page, re.M)
        for kind in plugin["kinds"]:
            assert re.search(rf"^  {kind['name']}\b", page, re.M)
        assert f"ipclab-{plugin['name']}(7)" in page or not plugin["man"]


def test_help_on_every_builtin_and_setting(lab, records):
    for sort in ("builtins", "settings"):
        every = records[sort]
        for record, page in zip(every, help_of(lab, *(r["name"] for r in every))):
            assert f"{record['name']} - {record['summary']}" in plain(page)
            assert plain(record["help"] or "") in plain(page)


def test_every_builtin_has_an_example(records):
    """But for those that want a file of the person's own, or a guided lab."""
    without = {b["name"] for b in records["builtins"] if not b["examples"]}
    guided = {"task", "check", "hint", "answer", "solution", "skip", "submit"}
    assert without <= {"load", "source", "log", "export"} | guided


def test_help_on_a_constant_says_it_for_each_call(lab):
    page = help_of(lab, "O_NONBLOCK")[0]
    assert "2048" in page and "04000" in page
    assert {"open", "pipe2", "fcntl"} <= set(re.findall(r"^  (\w+):", page, re.M))


def test_lists(lab, records):
    pages = help_of(lab, "builtins", "calls", "settings", "topics", "statuses", "trace")
    for page, names in zip(
        pages,
        (
            [b["name"] for b in records["builtins"]],
            [c["name"] for c in calls(records)],
            [s["name"] for s in records["settings"]],
            [t["name"] for t in records["topics"]],
            [str(s["status"]) for s in records["statuses"]],
            [e["name"] for e in records["events"]],
        ),
    ):
        for name in names:
            assert name == "help" or re.search(rf"^  {re.escape(name)}(\s|$)", page, re.M), name


@pytest.mark.parametrize(
    "asked, words",
    [
        ("shmgte", "did you mean shmget?"),
        ("IPC_CRAET", "did you mean IPC_CREAT?"),
        ("undoo", "did you mean undo?"),
        ("pip", "did you mean pipe?"),
        ("viws", "did you mean views?"),
        ("zzzzzzzzzz", "`apropos WORD`"),
        ("\x1b[31m", "\\x1b"),
    ],
)
def test_near_misses(lab, asked, words):
    for r in (lab.run(f"help {asked}"), lab.call("help", asked)):
        assert r.status == 2
        assert words in r.stderr


def test_from_the_command_line(lab):
    assert lab.call("help").ok().stdout == lab.run("help").ok().stdout
    assert lab.call("help", "shmget").ok().stdout == lab.run("help shmget").ok().stdout


def test_ascii_only(lab):
    r = lab.run("help\nhelp shmget\nhelp keys\napropos pipe", env={"LC_ALL": "C"}).ok()
    assert r.raw_stdout.isascii()


def found(lab, words):
    out = lab.run(f"apropos {words}").ok().stdout
    return [line.split()[0] for line in out.split("\n") if line.startswith("  ") and line.strip()]


@pytest.mark.parametrize(
    "words, first",
    [("shmget", "shmget"), ("SHMGET", "shmget"), ("lanes", "lanes"), ("IPC_CREAT", "IPC_CREAT")],
)
def test_apropos_puts_the_name_first(lab, words, first):
    names = found(lab, words)
    assert not names or names[0] == first or first == "lanes"


def test_apropos_finds_by_summary_help_and_errors(lab):
    assert "shm" in found(lab, "shared memory")[:8]
    assert "pipe" in found(lab, "half-duplex")
    assert {"read", "write"} <= set(found(lab, "EAGAIN"))  # only in their errors
    assert "wait" in found(lab, "child ended")
    assert "statuses" in found(lab, "exit status")
    assert "waiting" in found(lab, "deadlock")


def test_apropos_wants_every_word(lab):
    both = set(found(lab, "pipe child"))
    assert both and both <= set(found(lab, "pipe")) & set(found(lab, "child"))


def test_apropos_is_one_line_each(lab):
    out = lab.run("apropos e").ok().stdout
    assert all(len(line) <= 80 for line in out.split("\n"))
    names = [line.split()[0:2] for line in out.split("\n") if line.strip()]
    assert len(names) == len({tuple(n) for n in names})


def test_apropos_of_nothing(lab):
    assert "nothing has 'qqqq'" in lab.run("apropos qqqq").ok().stdout
    assert lab.run("apropos").status == 2


def test_long_help_is_paged_at_the_prompt(lab):
    with Terminal(lab, env={"PAGER": "sed s/^/PAGED:/"}) as t:
        t.wait("ipclab> ")
        t.line("help read", "PAGED:read - ")
        t.line("help IPC_CREAT", r"\n?IPC_CREAT = 512")
        t.line("set paging off")
        t.line("help read", r"[^:]read - read up to")
        t.line("quit")
        assert t.end() == 0
