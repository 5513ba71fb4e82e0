# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures and options of the tests that drive the real program. See lib/ipclab.py.

    lab      a Lab of this test: auto world, the user who runs the tests
    world    "sealed", then "shared"; with it `lab` is of that kind
    user     "me", then "nobody" (when the tests run as root); with it `lab` runs as that user

Marks: `serial` for tests that use what all sessions share (they run one after another, and kernel
objects and files count as leftovers for them), `keeps` for those that leave something on purpose,
`plain` for those that a build with sanitizers cannot pass: its processes have an allocator, an
mlock() and terabytes of addresses of their own (with words: only cases that have one in their name)."""

import os
import sys
import uuid

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "lib"))

import leftovers  # noqa: E402
from ipclab import NOBODY, Lab, is_sanitized  # noqa: E402

LIMIT = 120  # seconds for one test, unless it says otherwise


def pytest_addoption(parser):
    parser.addoption("--counts", help="write 'PASSED FAILED' into this file at the end")


def pytest_configure(config):
    config.addinivalue_line("markers", "serial: one after another, never two at a time")
    config.addinivalue_line("markers", "keeps: what is left behind is looked at by the test itself")
    config.addinivalue_line("markers", "plain(words): not with sanitizers")
    if config.pluginmanager.hasplugin("timeout") and not config.getoption("timeout", None):
        config.option.timeout = LIMIT


def is_plain(item):
    marks = list(item.iter_markers("plain"))
    return any(not m.args or any(word in item.name for word in m.args) for m in marks)


def is_shared(item):
    parameters = getattr(getattr(item, "callspec", None), "params", {})
    return "shared" in parameters.values()


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items):
    for item in items:
        if is_shared(item):
            item.add_marker(pytest.mark.serial)
        if item.get_closest_marker("serial"):
            item.add_marker(pytest.mark.xdist_group("serial"))
        if is_plain(item) and is_sanitized():
            item.add_marker(pytest.mark.skip("a sanitizer has memory of its own"))


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter, config):
    path = config.getoption("counts")
    if path:
        stats = terminalreporter.stats
        # A test that leaves something behind passes and fails: it failed, and counts once.
        failed = {r.nodeid for kind in ("failed", "error") for r in stats.get(kind, [])}
        passed = {r.nodeid for r in stats.get("passed", [])} - failed
        with open(path, "w") as f:
            f.write(f"{len(passed)} {len(failed)}\n")


@pytest.fixture(params=["sealed", "shared"])
def world(request):
    return request.param


@pytest.fixture(params=["me", "nobody"])
def user(request):
    if request.param == "nobody" and os.getuid() != 0:
        pytest.skip("the tests run as an ordinary user already")
    return request.param


@pytest.fixture
def marker():
    return uuid.uuid4().hex


@pytest.fixture
def lab(request, marker, no_leftovers):
    made = Lab(
        marker,
        request.getfixturevalue("world") if "world" in request.fixturenames else "auto",
        "user" in request.fixturenames and request.getfixturevalue("user") == "nobody",
    )
    yield made
    made.release()


@pytest.fixture(autouse=True)
def no_leftovers(request, marker):
    watch = leftovers.Watch(
        marker, {os.getuid(), NOBODY}, request.node.get_closest_marker("serial") is not None
    )
    yield watch
    left = watch.check()
    if request.node.get_closest_marker("keeps") is None:
        assert not left, "left behind: " + ", ".join(left)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """The shell lets nobody look into it (PR_SET_DUMPABLE): only root reads it there."""
    outcome = yield
    error = outcome.excinfo[1] if outcome.excinfo else None
    if os.geteuid() != 0 and isinstance(error, PermissionError) and str(error.filename).startswith("/proc/"):
        pytest.skip(f"only root may read {error.filename}")
