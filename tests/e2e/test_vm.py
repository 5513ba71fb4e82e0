# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual memory: one address in two processes, copies on write, and accesses that are not allowed."""

import pytest

MAP = "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_{}|MAP_ANONYMOUS)"


def facts(r, call, actor=None):
    return [e.get("facts") for e in r.find("exit", call=call) if actor in (None, e["actor"])]


def test_copy_on_write(lab, world):
    r = lab.twice(["spawn parent", "parent int n = 5", "parent fork(child)", "parent translate(&n)", "child translate(&n)",
                   "child n = 6", "child translate(&n)", "parent translate(&n)", "parent print n", "child print n"]).ok()
    used = [f["used"] for f in facts(r, "translate")]
    assert used == ["by several processes"] * 2 + ["by this process alone"] * 2
    assert [e["value"] for e in r.find("exit", call="print")] == [5, 6]
    offsets = {f["offset"] for f in facts(r, "translate")}
    assert len(offsets) == 1, "the same address in both"


def test_no_frame_before_the_first_access(lab, world):
    r = lab.run(["spawn a", "a char *m = " + MAP.format("PRIVATE"), "a translate(m)", "a poke(m, 1)", "a translate(m)",
                 "a munmap(m, 4096)", "a translate(m)"]).ok()
    assert r.returns("translate") == [0, 1, "EFAULT"]
    assert facts(r, "translate")[0]["frame"] == "none yet"


@pytest.mark.parametrize("how, seen", [("SHARED", "new"), ("PRIVATE", "old")])
def test_shared_and_private_after_fork(lab, world, how, seen):
    r = lab.run(["spawn p", "p char *m = " + MAP.format(how), 'p strcpy(m, "old")', "p fork(c)", 'c strcpy(m, "new")',
                 "p print m"]).ok()
    assert r.one("exit", call="print")["value"] == seen
    assert ("obj" in r.one("exit", call="mmap")) == (how == "SHARED")


def test_await_on_a_shared_mapping(lab, world):
    r = lab.run(["spawn p", "p char *m = " + MAP.format("SHARED"), "p fork(c)", "p await *m == 'x'", "c poke(m, 'x')"]).ok()
    assert r.one("exit", call="await")["by"] == r.one("exit", call="poke")["step"]


def test_mapped_file(lab, world):
    r = lab.run(["spawn a b", 'a fd = open("f", O_CREAT|O_RDWR, 0644)', "a ftruncate(fd, 4096)",
                 "a char *m = mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, fd)", 'a strcpy(m, "in the file")',
                 "a msync(m, 4096)", 'b fd = open("f", O_RDONLY)', "b read(fd, buf, 11)"]).ok()
    assert r.one("exit", call="read")["out"]["buf"] == "in the file"


@pytest.mark.parametrize(
    "lines, sig, why",
    [
        (["a poke(16, 1)"], "SIGSEGV", "nothing is mapped"),
        (["a peek(16)"], "SIGSEGV", "nothing is mapped"),
        (["a char *p = 16", "a *p = 1"], "SIGSEGV", "nothing is mapped"),
        (["a m = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS)", "a poke(m, 1)"], "SIGSEGV", "not for that"),
        (["a m = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS)", "a peek(m)"], "SIGSEGV", "not for that"),
        (['a fd = open("f", O_CREAT|O_RDWR, 0644)', "a m = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd)", "a peek(m)"],
         "SIGBUS", "behind the end"),
    ],
)
def test_death_says_why(lab, world, lines, sig, why):
    r = lab.twice(["spawn a b", *lines, "b getpid()"]).ok()
    died = r.one("process", what="killed")
    assert died["actor"] == "a" and died["sig"] == sig
    assert len(died["note"]) == 1 and why in died["note"][0]
    assert ("wrote" in died["note"][0]) == ("peek" not in lines[-1])


@pytest.mark.parametrize(
    "lines, call, error",
    [
        (["a mmap(NULL, 0, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS)"], "mmap", "EINVAL"),
        (["a mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 99)"], "mmap", "EBADF"),
        (["a pipe(p)", "a mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, p[0])"], "mmap", "ENODEV"),
        (['a fd = open("f", O_CREAT|O_WRONLY, 0644)', "a mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd)"], "mmap", "EACCES"),
        (["a mmap(NULL, 1000000000000000, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)"], "mmap", "ENOMEM"),
        (["a m = " + MAP.format("PRIVATE"), "a mmap(m, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE)"],
         "mmap", "EEXIST"),
        (["a munmap(1, 4096)"], "munmap", "EINVAL"),
        (["a mprotect(4096, 4096, PROT_READ)"], "mprotect", "ENOMEM"),
        (["a mprotect(1, 4096, PROT_READ)"], "mprotect", "EINVAL"),
        (["a msync(4096, 4096)"], "msync", "ENOMEM"),
        (["a mlock(4096, 4096)"], "mlock", "ENOMEM"),
        (["a brk(140000000000000)"], "brk", "ENOMEM"),
        (["a malloc(9000000000000000000)"], "malloc", "ENOMEM"),
        (["a translate(16)"], "translate", "EFAULT"),
    ],
)
@pytest.mark.plain("mlock", "malloc")
def test_errors(lab, world, lines, call, error):
    r = lab.run(["spawn a", *lines]).ok()
    assert r.returns(call)[-1] == error


@pytest.mark.plain
def test_heap(lab, world):
    r = lab.run(["spawn a", "a char *old = sbrk(4096)", 'a strcpy(old, "heap")', "a print old", "a p = malloc(100)",
                 "a q = malloc(1000000)", "a free(p)", "a free(q)"]).ok()
    assert [f["from"] for f in facts(r, "malloc")] == ["heap", "a mapping of its own"]
    assert r.one("exit", call="print")["value"] == "heap"


@pytest.mark.plain
def test_free_twice_costs_the_actor_only(lab, world):
    r = lab.run(["spawn a b", "a p = malloc(2000)", "a q = malloc(10)", "a free(p)", "a free(p)", "b getpid()"]).ok()
    assert r.one("process", what="killed")["sig"] == "SIGABRT"
    assert r.returns("getpid")


def test_replays_the_same(lab, world):
    r = lab.run(["spawn p", "p char *m = " + MAP.format("SHARED"), "p fork(c)", 'c strcpy(m, "hi")', "p print m",
                 "p translate(m)", "c poke(16, 1)"]).ok()
    assert lab.call("replay", "--trust", r.trace).status == 0


def test_a_shared_page_that_only_others_have_used(lab, world):
    r = lab.run(["spawn p", "p char *m = " + MAP.format("SHARED"), 'p strcpy(m, "x")', "p fork(c)", "c translate(m)",
                 "c print m", "c translate(m)"]).ok()
    before, after = r.find("exit", call="translate")
    assert (before["ret"], after["ret"]) == (0, 1)
    assert "this process's table" in before["note"][0] and "others use already" in before["note"][0]
    assert after["facts"]["used"] == "by several processes" and "note" not in after


def test_a_page_that_was_only_read_is_not_said_to_be_shared_by_fork(lab, world):
    r = lab.run(["spawn a", "a char *m = " + MAP.format("PRIVATE"), "a peek(m)", "a translate(m)", "a int n = 5",
                 "a fork(b)", "a translate(&n)"]).ok()
    zeros, forked = r.find("exit", call="translate")
    assert "frame of zeros" in zeros["note"][0]
    assert "copy-on-write" in forked["note"][0] and "zeros" not in forked["note"][0]


def test_two_mappings_of_one_process_are_no_two_processes(lab, world):
    mapped = "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_SHARED, fd)"
    r = lab.run(["spawn a", 'a fd = open("f", O_CREAT|O_RDWR, 0644)', "a ftruncate(fd, 4096)", f"a char *m = {mapped}",
                 f"a char *again = {mapped}", "a poke(m, 1)", "a translate(m)", "a peek(again)", "a translate(m)"]).ok()
    alone, twice = facts(r, "translate")
    assert (alone["used"], twice["used"]) == ("by this process alone", "by several mappings")


def test_soft_dirty_where_the_kernel_keeps_it(lab, world):
    """Every page is dirty until somebody clears the marks, and then those that were written since."""
    r = lab.run(["spawn a", "a int n = 5", "a translate(&n)", 'a fd = open("/proc/self/clear_refs", O_WRONLY)',
                 'a write(fd, "4")', "a translate(&n)", "a n = 6", "a translate(&n)"]).ok()
    marks = [e["vol"].get("soft_dirty") for e in r.find("exit", call="translate")]
    assert marks in ([1, 0, 1], [None] * 3)


def test_the_page_and_the_port_are_on_the_line(lab, world):
    lines = ["spawn a", "a int n = 5", "a translate(&n)", "a s = socket(AF_INET, SOCK_DGRAM)", 'a bind(s, "127.0.0.1:0")',
             "a getsockname(s)"]
    r = lab.run(lines).ok()
    assert f"page {r.one('exit', call='translate')['vol']['page']})" in r.stdout
    assert f"port {r.one('exit', call='getsockname')['vol']['port']})" in r.stdout
    shown = lab.call("show", "--stable", r.trace)
    assert shown.status == 0 and "port" not in shown.stdout and "page" not in shown.stdout


def test_looking_at_memory_copies_no_page(lab, world):
    """Neither `vars` nor what is shown of a call's arguments unshares what fork has left shared."""
    r = lab.run(["spawn a", "a int n = 5", "a char *m = " + MAP.format("PRIVATE"), 'a strcpy(m, "x")', "a pipe(p)", "a fork(b)",
                 "vars a", "vars b", "b write(p[1], m, 1)", "b print m", "a translate(&n)", "b translate(m)"]).ok()
    assert [f["used"] for f in facts(r, "translate")] == ["by several processes"] * 2
