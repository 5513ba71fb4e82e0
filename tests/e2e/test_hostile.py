# SPDX-License-Identifier: GPL-3.0-or-later
"""Judged worlds: lines of somebody who wants points, the machine, or nobody else to have them."""

import os
import socket
import threading

import pytest

from ipclab import ROOT

LAB = """local lab = require "ipclab"
return lab.guided {
  id = "held", title = "A test", actors = { "a" }, programs = { %s },
  tasks = { { id = "pipe", points = 2, say = "Make a pipe.",
    check = function(h) h:need(h:find { call = "pipe", ret = 0 }, "No pipe yet.") end,
    solution = "a pipe(p)" } },
}
"""
PYTHON = "/usr/bin/python3"  # what hostile programs are written in; a lab would never allow it


@pytest.fixture
def judged(lab, user):
    """Lines as those of others are judged, whoever judges: root, or an ordinary user."""

    def run(lines, *options, programs=(PYTHON,), **more):
        path = lab.write("lab.lua", LAB % ", ".join(f'"{p}"' for p in programs))
        trace = lab.new_trace()
        text = lines if isinstance(lines, str) else "\n".join(lines)
        arguments = ["run", path, "--judged", "-k", "--trace", trace, *options]
        if len(text) < 60000:
            return lab.call(*arguments, "-c", text, trace=trace, **more)
        return lab.call(*arguments, stdin=text, trace=trace, **more)

    return run


@pytest.fixture
def program(judged):
    """What a program prints that an actor becomes: the worst that a lab could allow."""

    def run(code, *lines, **more):
        text = code.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        r = judged([*lines, f'a execve("{PYTHON}", "python3", "-S", "-E", "-c", "{text}")'], **more)
        r.said = "".join(e["text"] for e in r.find("output", actor="a") if e["fd"] == 1)
        return r

    return run


# ---- Nothing that lessons need is missing --------------------------------------------------------


def golden():
    labs = os.path.join(ROOT, "labs")
    return sorted(n for n in os.listdir(labs) if os.path.exists(os.path.join(labs, n, "golden.trace")))


@pytest.mark.parametrize("name", golden())
def test_labs_are_the_same(lab, user, name):
    r = lab.call("replay", "--judged", os.path.join(ROOT, "labs", name, "golden.trace")).ok()
    assert r.stdout.startswith("same:"), r


# ---- Files ---------------------------------------------------------------------------------------


def test_no_file_of_the_machine(judged, lab):
    secret = lab.write("secret", "42")
    own = lab.path("work", "lab.lua")
    paths = ["/etc/shadow", "/root", "/home", "/etc/ssh", secret, own, lab.program, os.path.join(ROOT, "labs"), "/var"]
    r = judged([f'a open("{p}", O_RDONLY)' for p in paths]).ok()
    assert r.returns("open") == ["ENOENT"] * len(paths)


def test_only_its_own_folders_can_be_written(program):
    r = program(
        """
import os
can = []
for base, folders, files in os.walk("/"):
    if base.startswith("/proc"):
        folders.clear()
        continue
    for name in [base] + [os.path.join(base, n) for n in files]:
        try:
            if os.path.islink(name) or not (os.path.isfile(name) or os.path.isdir(name)): continue
            if os.path.isdir(name):
                os.close(os.open(name + "/try", os.O_CREAT | os.O_WRONLY))
            else:
                os.close(os.open(name, os.O_WRONLY))
            can.append(name)
        except OSError:
            pass
print(sorted(set(can)))
"""
    ).ok()
    written = {os.path.dirname(n) if n.endswith("/try") else n for n in eval(r.said)}
    assert written - {"/dev/mqueue/try"} <= {"/tmp", "/dev/shm", "/dev/mqueue"}, r.said
    assert "/tmp" in written


def test_what_it_writes_cannot_be_run(program):
    r = program(
        """
import os, shutil, mmap
shutil.copy("/usr/bin/python3", "/tmp/own")
os.chmod("/tmp/own", 0o755)
for run in (lambda: os.execv("/tmp/own", ["own"]), lambda: mmap.mmap(os.open("/tmp/own", os.O_RDWR), 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)):
    try:
        run()
        print("ran")
    except OSError as e:
        print(e.strerror)
"""
    ).ok()
    assert r.said.split("\n")[:2] == ["Permission denied", "Operation not permitted"], r


# ---- Programs ------------------------------------------------------------------------------------


def test_only_programs_of_the_lab(judged):
    r = judged(['a execve("/bin/sh", "sh", "-c", "true")', 'a execve("/usr/bin/../bin/ls")', 'a execve("/bin/true")'],
               programs=["/usr/bin/true"]).ok()  # fmt: skip
    assert r.returns("execve") == ["EPERM", "EPERM"]
    assert "refused" in r.find("exit", call="execve")[0]["note"][0] and "/usr/bin/true" in r.stdout
    assert r.one("process", what="exec")


def test_no_program_unless_the_lab_names_one(judged):
    r = judged(['a execve("/bin/true")'], programs=[]).ok()
    assert r.returns("execve") == ["EPERM"]


def test_a_program_starts_no_other(program):
    r = program(
        """
import os
for name in ("/bin/sh", "/usr/bin/env", "/bin/ls"):
    try:
        os.execv(name, [name])
    except OSError as e:
        print(e.strerror)
"""
    ).ok()
    assert r.said.split("\n")[:3] == ["No such file or directory"] * 3, r


def test_a_program_that_is_not_here_is_no_zero(judged):
    r = judged("a pipe(p)", programs=["/usr/bin/there-is-no-such-program"])
    assert r.status == 5 and "there-is-no-such-program" in r.stderr, r


def test_programs_of_a_lab_are_whole_paths(judged):
    r = judged("a pipe(p)", programs=["ls"])
    assert r.status == 3 and "programs[1]" in r.stderr, r


# ---- Who and where it is -------------------------------------------------------------------------


def test_it_is_not_root(program):
    r = program('print(open("/proc/self/uid_map").read().split(), open("/proc/self/status").read())').ok()
    assert "CapEff:\\t0000000000000000" in repr(r.said) and "CapBnd" in r.said
    assert "Seccomp:\\t2" in repr(r.said), "built without libseccomp?"


def test_clean_environment(program):
    r = program("import os; print(sorted(os.environ))", env={"SECRET": "42", "PYTHONPATH": "/tmp", "LD_LIBRARY_PATH": "/tmp"}).ok()
    assert eval(r.said) == ["HOME", "IPCLAB_SESSION", "LC_ALL", "PATH"]


def test_system_calls_that_no_lab_needs(program):
    r = program(
        """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
calls = dict(mount=165, umount2=166, pivot_root=155, chroot=161, ptrace=101, unshare=272, setns=308, bpf=321,
             keyctl=250, add_key=248, perf_event_open=298, userfaultfd=323, io_uring_setup=425, kexec_load=246,
             init_module=175, open_by_handle_at=304, name_to_handle_at=303, clone3=435, personality=135, reboot=169,
             pidfd_getfd=438, fsopen=430, move_mount=429, memfd_secret=447, process_madvise=440)
for name, number in calls.items():
    libc.syscall(number, 0, 0, 0, 0, 0, 0)
    print(name, os.strerror(ctypes.get_errno()))
for flag in (0x20000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000, 0x02000000):
    pid = libc.syscall(56, flag | 17, 0, 0, 0, 0)
    print("clone", os.strerror(ctypes.get_errno()) if pid < 0 else os._exit(9))
libc.ioctl(0, 0x5412, b"x")
print("TIOCSTI", os.strerror(ctypes.get_errno()))
"""
    ).ok()
    said = [line.split(" ", 1) for line in r.said.strip().split("\n")]
    assert len(said) == 33
    for name, error in said:
        assert error == ("Function not implemented" if name == "clone3" else "Operation not permitted"), (name, error)


def test_its_own_network(program):
    """Neither sockets of the machine, by name or by number, nor anything beyond."""
    name = f"\0ipclab-test-{os.getpid()}"
    unix, tcp = socket.socket(socket.AF_UNIX), socket.socket()
    unix.bind(name)
    tcp.bind(("127.0.0.1", 0))
    unix.listen()
    tcp.listen()
    r = program(
        f"""
import socket
def try_to(family, address, kind=socket.SOCK_STREAM):
    s = socket.socket(family, kind)
    s.settimeout(2)
    try:
        s.connect(address)
        print("connected", address)
    except OSError as e:
        print(e.strerror or e)
try_to(socket.AF_UNIX, {name!r})
try_to(socket.AF_INET, ("127.0.0.1", {tcp.getsockname()[1]}))
try_to(socket.AF_INET, ("1.1.1.1", 53), socket.SOCK_DGRAM)
""".replace("\0", "")
    ).ok()
    unix.close()
    tcp.close()
    assert "connected" not in r.said and r.said.count("\n") == 3, r
