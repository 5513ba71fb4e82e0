# SPDX-License-Identifier: GPL-3.0-or-later
"""The tree as others meet it: the demo, an installed copy, a plugin of somebody else."""

import json
import os
import shutil
import subprocess

import pytest
from ipclab import ROOT, program

BUILD = os.path.dirname(program())
COLOUR = os.path.join(ROOT, "tests", "fixtures", "outside", "colour.c")


def run(*argv, env=None, timeout=120, **more):
    done = subprocess.run(
        argv, env=env, capture_output=True, text=True, timeout=timeout, check=False, **more
    )
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_demo(lab):
    """Both programs with their traces, the lab, a replay that is the same and one that differs."""
    out = run(os.path.join(ROOT, "scripts", "demo.sh"), BUILD, env=lab.environment())
    assert "abcdefghijklmnopqrstuvwxyz" in out
    assert "<waits: " in out
    assert "status 0\n" in out
    assert out.endswith("status 1\n")


def compiled_outside(lab, pkgconfig, extra=None):
    """colour.c built in a folder of its own with what pkg-config says; that folder."""
    env = lab.environment({"PKG_CONFIG_PATH": pkgconfig, **(extra or {})})
    flags = run("pkg-config", "--cflags", "ipclab", env=env).split()
    folder = lab.path("work", "plugins")
    os.makedirs(folder, exist_ok=True)
    so = os.path.join(folder, "colour.so")
    run("cc", "-shared", "-fPIC", *flags, "-o", so, COLOUR, env=env)
    return folder


def mixes(lab, *options, **more):
    r = lab.run("spawn a; a colour_mix(COLOUR_RED|COLOUR_BLUE)", *options, **more).ok()
    call = r.one("exit", call="colour_mix")
    assert call["ret"] == 5
    assert call["obj"] == "colour#1"
    return r


def test_plugin_from_outside(lab, world):
    folder = compiled_outside(lab, os.path.join(BUILD, "pkgconfig"))
    mixes(lab, f"--plugin-path={folder}")
    mixes(lab, env={"IPCLAB_PLUGIN_PATH": folder})
    r = lab.run("spawn a; a colour_mix(0)", f"--plugin-path={folder}").ok()
    assert r.returns("colour_mix") == ["EINVAL"]
    assert "there is nothing to mix" in r.stdout


def test_plugin_from_data_folder(lab):
    folder = compiled_outside(lab, os.path.join(BUILD, "pkgconfig"))
    own = lab.path("data", "ipclab", "plugins")
    shutil.copytree(folder, own)
    mixes(lab)


@pytest.mark.timeout(600)
def test_install(lab):
    """What `make install` puts somewhere works from there, and `make uninstall` takes it away."""
    prefix = lab.path("prefix")
    # Its own build folder, so that the one under test keeps the places it was built for.
    build = ["BUILD=" + lab.path("build"), f"PREFIX={prefix}", "-C", ROOT, "-j2"]
    env = {**os.environ, "MAKEFLAGS": "", "DESTDIR": ""}
    run("make", *build, "install", env=env, timeout=400)
    shutil.rmtree(lab.path("build"))
    lab.program = os.path.join(prefix, "bin", "ipclab")
    r = lab.run("spawn a; a pipe(p); a write(p[1], \"x\")").ok()
    assert r.returns("write") == [1]
    assert lab.call("run", "--trace", lab.new_trace(), "shm-server-client").status == 0
    for page in ("man1/ipclab.1", "man5/ipclab-trace.5", "man7/ipclab-plugin.7", "man7/ipclab-pipe.7"):
        assert os.path.getsize(os.path.join(prefix, "share", "man", page)) > 1000
    completions = os.path.join(prefix, "share", "bash-completion", "completions", "ipclab")
    run("bash", "-n", completions)
    lab.call("lab", "new", "mine").ok()  # of the templates that are installed
    with open(lab.path("work", "mine", ".luarc.json"), encoding="utf-8") as f:
        (library,) = json.load(f)["workspace.library"]
    assert os.path.getsize(os.path.join(library, "ipclab.lua")) > 10000 and library.startswith(prefix)
    pkgconfig = os.path.join(prefix, "lib", "pkgconfig")
    mixes(lab, f"--plugin-path={compiled_outside(lab, pkgconfig)}")
    run("make", *build, "uninstall", env=env)
    left = [os.path.join(base, n) for base, _, names in os.walk(prefix) for n in names]
    assert not left


def test_at_the_prompt(lab):
    """A table of a lab that was typed is looked at like that of a file."""
    r = lab.run("""lua return require("ipclab").guided { id = "x", title = "x", actors = { "a" }, tasks = {} }""")
    assert r.status == 2 and "lab.guided: tasks is empty" in r.stderr
    lab.run("""lua return require("ipclab").orchestrated { id = "x", title = "x", actors = { "a" }, run = print }""").ok()
