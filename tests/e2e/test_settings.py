# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings: set, show, near misses, and the rc file that keeps them."""

import json
import os
import re
import stat

import pytest
from terminal import Terminal


def rc(lab):
    return lab.path("config", "ipclab", "rc")


def write_rc(lab, data):
    os.makedirs(os.path.dirname(rc(lab)), exist_ok=True)
    with open(rc(lab), "wb") as f:
        f.write(data)


def read_rc(lab):
    with open(rc(lab), "rb") as f:
        return f.read()


def values(lab, *lines):
    """All settings after these lines."""
    r = lab.run([*lines, "show --json"]).ok()
    return json.loads(r.stdout.strip().split("\n")[-1])


def test_defaults(lab):
    assert values(lab) == {
        "view": "auto",
        "width": 0,
        "hints": True,
        "predict": False,
        "paging": True,
        "confirm": False,
        "linear": False,
        "colour": "auto",
    }


def test_set_changes_one(lab):
    before, after = values(lab), values(lab, "set view lanes", "set width 72", "set hints off")
    assert after == {**before, "view": "lanes", "width": 72, "hints": False}


def test_each_value_of_each_setting(lab):
    """What `help NAME` says a setting takes, it takes."""
    records = json.loads(lab.call("generate", "json").stdout)["settings"]
    assert {r["name"] for r in records} == set(values(lab))
    for record in records:
        for choice in record.get("choices") or [str(record["min"]), str(record["max"]), "0"]:
            r = lab.run(f"set {record['name']} {choice}\nshow {record['name']}").ok()
            assert f"  {choice} " in r.stdout
        assert record["summary"] and record["help"]


def test_lists_values_defaults_and_help(lab):
    for line in ("set", "show"):
        out = lab.run(["set width 77", line]).ok().stdout
        for name in values(lab):
            assert name in out
        assert "77" in out and "at first 0" in out and "auto, lines, lanes or gutter" in out


@pytest.mark.parametrize(
    "line, words",
    [
        ("set veiw lanes", "did you mean view?"),
        ("set view lans", "did you mean lanes?"),
        ("set width 12", "0, or a number from 40 to 400"),
        ("set width 12x", "0, or a number from 40 to 400"),
        ("set width -80", "0, or a number from 40 to 400"),
        ("set width 99999999999999999999", "0, or a number from 40 to 400"),
        ("set hints maybe", "off or on"),
        ("set view", "auto, lines, lanes or gutter"),
        ("set view lanes now", "set view lanes"),
        ("show hintz", "did you mean hints?"),
        ("set --sav view lanes", "one option, --save"),
    ],
)
def test_near_misses(lab, line, words):
    r = lab.run(line)
    assert r.status == 2
    assert words in r.stderr


def test_not_recorded(lab):
    r = lab.run("set width 60\nspawn a").ok()
    assert [e["text"] for e in r.find("input")] == ["spawn a"]


def test_save_makes_the_file(lab):
    lab.run("set --save view lanes").ok()
    assert read_rc(lab) == b"set view lanes\n"
    assert stat.S_IMODE(os.stat(os.path.dirname(rc(lab))).st_mode) == 0o700
    assert os.listdir(os.path.dirname(rc(lab))) == ["rc"]


def test_save_alone_writes_what_was_changed(lab):
    lab.run(["set hints off", "set width 90", "set --save"]).ok()
    assert read_rc(lab) == b"set width 90\nset hints off\n"
    assert "nothing to save" in lab.run("set --save").ok().stdout


def test_save_keeps_every_other_byte(lab):
    before = (
        b"# mine\r\n\r\n  set view lines   # wide screens\nset width 60\nspawn a\n\xff\xfe odd\n"
        b"setview lines\n# set hints on\nset width 70"
    )
    write_rc(lab, before)
    os.chmod(rc(lab), 0o640)
    lab.run("set --save view gutter").ok()
    assert read_rc(lab) == before.replace(b"set view lines ", b"set view gutter ")
    lab.run("set --save width 100").ok()
    after = before.replace(b"set view lines ", b"set view gutter ").replace(b"width 70", b"width 100")
    assert read_rc(lab) == after
    lab.run("set --save hints off").ok()
    assert read_rc(lab) == after + b"\nset hints off\n"
    assert stat.S_IMODE(os.stat(rc(lab)).st_mode) == 0o640


def test_save_follows_a_link(lab):
    target = lab.write("dotfile", "set predict on\n")
    os.makedirs(os.path.dirname(rc(lab)))
    os.symlink(target, rc(lab))
    lab.run("set --save predict off").ok()
    assert os.path.islink(rc(lab))
    with open(target) as f:
        assert f.read() == "set predict off\n"


def test_save_says_why_it_cannot(lab):
    os.makedirs(rc(lab))
    r = lab.run("set --save view lanes")
    assert r.status == 5
    assert rc(lab) in r.stderr


def test_save_without_a_home(lab):
    r = lab.run("set --save view lanes", env={"HOME": None, "XDG_CONFIG_HOME": None})
    assert r.status == 5
    assert "XDG_CONFIG_HOME" in r.stderr


def test_home_config_is_the_place_without_xdg(lab):
    lab.run("set --save view lanes", env={"XDG_CONFIG_HOME": None}).ok()
    assert os.path.exists(lab.path("home", ".config", "ipclab", "rc"))


def test_command_line_sets_width(lab):
    r = lab.run("show width", "--width", "66").ok()
    assert "66" in r.stdout
    lines = lab.run("help line", "--width", "55").ok().stdout.split("\n")
    assert 50 < max(map(len, lines)) <= 55


def test_not_in_a_handed_in_trace(lab):
    trace = lab.write("x.trace", '{"seq":0,"ev":"session","ipclab":1,"version":"1","world":"sealed"}\n'
                      '{"seq":1,"ev":"input","text":"set view lanes"}\n')
    r = lab.call("replay", trace)
    assert r.status == 6


# ---- At the prompt -----------------------------------------------------------------------------


def at_prompt(lab, *args, **more):
    t = Terminal(lab, "--trace", lab.new_trace(), *args, **more)
    t.wait("ipclab> ")
    return t


def leave(t):
    t.line("quit")
    assert t.end() == 0


def test_rc_is_read_at_a_terminal_only(lab):
    write_rc(lab, b"set width 61\nspawn a\n")
    with at_prompt(lab) as t:
        t.line("show width", "61")
        t.line("ps", "a .*idle")
        leave(t)
    assert values(lab)["width"] == 0


def test_the_command_line_is_stronger_than_the_rc_file(lab):
    write_rc(lab, b"set width 61\nset colour never\n")
    with at_prompt(lab, "--width", "77", "--color", "always") as t:
        t.line("show width", "77")
        t.line("show colour", "always")
        leave(t)


def test_saved_for_the_next_session(lab):
    with at_prompt(lab) as t:
        t.line("set --save width 66", "saved in .*/ipclab/rc")
        leave(t)
    with at_prompt(lab) as t:
        t.line("show width", "66")
        leave(t)


def test_colour(lab):
    """Off and on in the middle of a session; never the only carrier of what is said."""
    with at_prompt(lab, env={"NO_COLOR": ""}) as t:
        t.line("set colour never", "ipclab> ")
        t.line("spawn a", "new process")
        t.line("a pipe(fd)", "= 0")
        assert not re.search(rb"\x1b\[[0-9;]*[1-9][0-9;]*m", t.raw)
        t.line("set colour always", "ipclab> ")
        t.line("a pipe(gd)", r"pipe\(gd\) = 0")
        t.wait("ipclab> ")
        assert re.search(rb"\x1b\[[0-9;]*[1-9][0-9;]*m", t.raw)
        leave(t)


@pytest.mark.parametrize("way", ["quit\n", "\x04"])
def test_confirm(lab, way):
    with at_prompt(lab) as t:
        t.line("set confirm on", "ipclab> ")
        t.line("spawn a", "new process")
        t.line("a pipe(fd)", "= 0")
        t.line("a read(fd[0], buf, 8)", "waits")
        t.wait("ipclab> ")
        t.type(way)
        t.wait("a still waits; leaving ends it")
        t.line("ps", r"a .*waits in read")  # a line in between: it asks again
        t.wait("ipclab> ")
        t.type(way)
        t.wait("a still waits; leaving ends it")
        t.type(way)
        assert t.end() == 4  # who waited was stuck


def test_confirm_says_nothing_when_nobody_waits(lab):
    with at_prompt(lab) as t:
        t.line("set confirm on", "ipclab> ")
        t.line("spawn a", "new process")
        leave(t)
        assert "still" not in t.text
