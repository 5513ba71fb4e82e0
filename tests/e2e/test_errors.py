# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors of calls on files, programs and keys that no other test provokes: each is the kernel's, and each
has its words (issue 4)."""

import pytest

FILE = ["spawn a", 'a f = open("f", O_CREAT|O_RDWR, 0644)', 'a write(f, "0123456789")']
PIPE = ["spawn a", "a pipe(p)"]
CASES = {
    "pread of a folder": (["spawn a", 'a d = open(".", O_RDONLY)'], "a pread(d, buf, 4, 0)", "EISDIR"),
    "pread of a pipe": (PIPE, "a pread(p[0], buf, 4, 0)", "ESPIPE"),
    "pread before the beginning": (FILE, "a pread(f, buf, 4, -1)", "EINVAL"),
    "pwrite to nothing open": (["spawn a"], 'a pwrite(77, "x", 1, 0)', "EBADF"),
    "pwrite to what is open for reading": ([*FILE, 'a r = open("f", O_RDONLY)'], 'a pwrite(r, "x", 1, 0)', "EBADF"),
    "pwrite before the beginning": (FILE, 'a pwrite(f, "x", 1, -1)', "EINVAL"),
    "pwrite to a pipe": (PIPE, 'a pwrite(p[1], "x", 1, 0)', "ESPIPE"),
    "pwrite from nowhere": ([*FILE, "a char *bad = 4096"], "a pwrite(f, bad, 8, 0)", "EFAULT"),
    "pwrite to a full device": (["spawn a", 'a d = open("/dev/full", O_WRONLY)'], 'a pwrite(d, "x", 1, 0)', "ENOSPC"),
    "unlink below a file": (FILE, 'a unlink("f/g")', "ENOTDIR"),
    "execve below a file": (FILE, 'a execve("f/g")', "ENOTDIR"),
    "execve of what is no program": (["spawn a", 'a f = open("f", O_CREAT|O_RDWR, 0755)', 'a write(f, "no program")', "a close(f)"],
                                     'a execve("./f")', "ENOEXEC"),
    "ftok of nothing": (["spawn a"], 'a ftok("nothing", 1)', "ENOENT"),
    "ftok below a file": (FILE, 'a ftok("f/g", 1)', "ENOTDIR"),
    "munlock of nothing mapped": (["spawn a"], "a munlock(4096, 4096)", "ENOMEM"),
    "a lock that would close a ring": (
        ["spawn a b", 'a f = open("f", O_CREAT|O_RDWR, 0666)', "a fork(c)", "a fcntl(f, F_SETLK, F_WRLCK, 0, 1)",
         "c fcntl(f, F_SETLK, F_WRLCK, 1, 1)", "c fcntl(f, F_SETLKW, F_WRLCK, 0, 1)"], "a fcntl(f, F_SETLKW, F_WRLCK, 1, 1)", "EDEADLK"),
    "fdopen of nothing open": (["spawn a"], 'a fdopen(77, "r")', "EBADF"),
    "fdopen in a mode that is none": (FILE, 'a fdopen(f, "q")', "EINVAL"),
    "fdopen in another mode": ([*FILE, 'a r = open("f", O_RDONLY)'], 'a fdopen(r, "w")', "EINVAL"),
}  # fmt: skip


@pytest.mark.plain("munlock of nothing")
@pytest.mark.parametrize("case", CASES)
def test_error(lab, world, case):
    before, line, errno = CASES[case]
    r = lab.run([*before, line])
    call = line.split("(")[0].split()[1]
    failed = r.last("exit", call=call)
    assert failed.get("errno") == errno, r
    shown = [text for text in r.stdout.splitlines() if errno in text]
    assert shown and f"{errno} (" in shown[-1], "it has its words"
    assert r.status == 0
