# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the real program, and lets a test look at what came of it.

    def test_pipe(lab):
        r = lab.run("spawn a; a pipe(p)")
        assert r.status == 0, r
        assert r.one("exit", call="pipe")["ret"] == 0

`lab` is a fixture (conftest.py) with folders, a marker and a kind of world of its own. Every run is
recorded with --trace, its events are read, and its output must be free of raw control bytes."""

import functools
import json
import os
import re
import shutil
import stat
import subprocess
import tempfile

import leftovers

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TIMEOUT = 30.0  # of one run, unless said otherwise
NOBODY = 65534

# C0 but tab, newline and carriage return before it; DEL; C1 and bidi controls in UTF-8
RAW = re.compile(
    rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]"
    rb"|\r(?!\n)"
)


def program():
    return os.path.abspath(os.environ.get("IPCLAB") or os.path.join(ROOT, "build", "ipclab"))


@functools.cache
def is_sanitized():
    with open(program(), "rb") as f:
        return b"__asan_init" in f.read()


def matches(event, wanted):
    return all(key in event and event[key] == value for key, value in wanted.items())


def read_trace(path):
    """The events of a trace, also of one in the making; a torn last line is left out."""
    for name in (path, path + ".partial"):
        if os.path.exists(name):
            with open(name, "rb") as f:
                lines = f.read().split(b"\n")
            whole, rest = lines[:-1], lines[-1]
            events = [json.loads(line) for line in whole]
            if rest:
                try:
                    events.append(json.loads(rest))
                except ValueError:
                    pass
            return events
    return []


class Result:
    """What one run did: status (negative: the signal), stdout, stderr, events, its trace's path."""

    def __init__(self, argv, status, stdout, stderr, trace):
        self.argv, self.status, self.trace = argv, status, trace
        self.raw_stdout, self.raw_stderr = stdout, stderr
        self.stdout = stdout.decode("utf-8", "backslashreplace")
        self.stderr = stderr.decode("utf-8", "backslashreplace")
        self._events = None

    @property
    def events(self):
        if self._events is None:
            self._events = read_trace(self.trace) if self.trace else []
        return self._events

    def find(self, kind=None, **wanted):
        """All events of a kind whose fields have these values."""
        if kind is not None:
            wanted["ev"] = kind
        return [e for e in self.events if matches(e, wanted)]

    def one(self, kind=None, **wanted):
        """The only event of its sort."""
        found = self.find(kind, **wanted)
        assert len(found) == 1, f"expected one event {kind} {wanted}, got {len(found)}\n{self}"
        return found[0]

    def last(self, kind=None, **wanted):
        found = self.find(kind, **wanted)
        assert found, f"expected an event {kind} {wanted}, got none\n{self}"
        return found[-1]

    def returns(self, call, actor=None):
        """What the calls of this name returned, in order: a number, or the name of the error."""
        wanted = {"call": call} if actor is None else {"call": call, "actor": actor}
        return [e.get("errno", e.get("ret")) for e in self.find("exit", **wanted)]

    def ok(self):
        assert self.status == 0, str(self)
        return self

    def __str__(self):
        text = f"{' '.join(self.argv)}\nstatus {self.status}\n"
        for name, value in (("stdout", self.stdout), ("stderr", self.stderr)):
            text += f"---- {name}\n{value[-4000:]}"
        if self.events:
            text += "---- trace\n" + "\n".join(json.dumps(e) for e in self.events[-60:]) + "\n"
        return text

    __repr__ = __str__


class Lab:
    """Folders, environment and user in which a test runs the program."""

    def __init__(self, marker, world="auto", as_user=False):
        # Not below pytest's own folder: an ordinary user could not reach that.
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="t-"))
        self.marker, self.world = marker, world
        self.program = program()
        self.uid = NOBODY if as_user and os.getuid() == 0 else None
        self._runs = 0
        self._open = []
        for name in ("home", "state", "config", "data", "run", "work"):
            os.mkdir(self.path(name), 0o700)
        if self.uid is not None:
            self.program = _reachable(self.program, self.path("build"))
            for base, names, files in os.walk(self.folder):
                for name in [base] + [os.path.join(base, n) for n in names + files]:
                    os.chown(name, self.uid, self.uid, follow_symlinks=False)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        """A file of the test, by its name in the test's folder; returns its path."""
        path = self.path("work", name)
        with open(path, "wb") as f:
            f.write(text if isinstance(text, bytes) else text.encode())
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)
        return path

    def environment(self, extra=None):
        env = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "HOME": self.path("home"),
            "XDG_STATE_HOME": self.path("state"),
            "XDG_CONFIG_HOME": self.path("config"),
            "XDG_DATA_HOME": self.path("data"),
            "XDG_RUNTIME_DIR": self.path("run"),
            "LC_ALL": "C.UTF-8",
            "TERM": "dumb",
            leftovers.MARKER: self.marker,
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        for name, value in (extra or {}).items():
            if value is None:
                env.pop(name, None)
            else:
                env[name] = value
        return env

    def command(self, *args):
        """The whole argument vector that runs the program as this lab's user."""
        argv = [self.program, *args]
        if self.uid is not None:
            ids = ["--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups"]
            argv = ["setpriv", *ids, "--", *argv]
        return argv

    def new_trace(self):
        self._runs += 1
        return self.path("work", f"{self._runs}.trace")

    def popen(self, *args, env=None, **more):
        """Starts the program with these arguments and nothing else added."""
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        more.setdefault("cwd", self.path("work"))
        p = subprocess.Popen(
            self.command(*args), env=self.environment(env), start_new_session=True, **more
        )
        self._open.append(p)
        return p

    def forget(self, process):
        """A process that the test has waited for itself."""
        self._open.remove(process)

    def call(self, *args, stdin=None, env=None, timeout=TIMEOUT, trace=None, raw=False, **more):
        """Runs the program with exactly these arguments to its end."""
        p = self.popen(
            *args, env=env, stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE, **more
        )
        if isinstance(stdin, str):
            stdin = stdin.encode()
        try:
            out, err = p.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            leftovers.kill(leftovers.processes(self.marker))
            out, err = p.communicate()
            result = Result(p.args, p.returncode, out or b"", err or b"", trace)
            raise AssertionError(f"not at its end after {timeout} s\n{result}") from None
        result = Result(p.args, p.returncode, out or b"", err or b"", trace)
        self.check(result, raw)
        return result

    def run(self, lines=None, *options, file=None, stdin=None, world=None, **more):
        """Runs lines (a string or a list) with -c, or file=TEXT as a script, or stdin=TEXT, in the
        lab's kind of world and with a trace."""
        trace = self.new_trace()
        args = ["--trace", trace, "--world", world or self.world, *options]
        if lines is not None:
            args += ["-c", lines if isinstance(lines, str) else "\n".join(lines)]
        elif file is not None:
            args.append(self.write(f"{self._runs}.ipc", file))
        else:
            args.append("-")
        return self.call(*args, stdin=stdin, trace=trace, **more)

    def twice(self, lines=None, **more):
        """Runs a script twice with --stable: both traces must be the same bytes. The first."""
        first = self.run(lines, "--stable", **more)
        second = self.run(lines, "--stable", **more)
        with open(first.trace, "rb") as a, open(second.trace, "rb") as b:
            left, right = a.read(), b.read()
        for i, (x, y) in enumerate(zip(left.split(b"\n"), right.split(b"\n"))):
            assert x == y, f"line {i + 1} of two runs of one script differs:\n{x}\n{y}"
        assert left == right, "two runs of one script have traces of different lengths"
        return first

    def check(self, result, raw=False):
        """What holds for every run: no crash, no raw control byte, no status without a reason."""
        if result.status < 0 and -result.status in (4, 6, 7, 8, 11, 31):
            raise AssertionError(f"the program crashed\n{result}")
        if result.status == 99 or b"Sanitizer" in result.raw_stderr:
            raise AssertionError(f"a sanitizer spoke\n{result}")
        if not raw:
            bad = RAW.search(result.raw_stdout) or RAW.search(result.raw_stderr)
            assert not bad, f"raw control byte {bad.group()!r} in the output\n{result}"
        if result.status > 0:
            assert result.stderr.strip(), f"a status other than 0 without a word\n{result}"

    def release(self):
        for p in self._open:
            if p.poll() is None:
                p.kill()
            p.wait()
            for stream in (p.stdin, p.stdout, p.stderr):
                if stream:
                    stream.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _reachable(path, copy):
    """The program itself where everybody can read it, else a copy of the build beside it."""
    folder = os.path.dirname(path)
    above = folder
    while above != "/":
        if not os.stat(above).st_mode & stat.S_IXOTH:
            break
        above = os.path.dirname(above)
    else:
        return path
    os.makedirs(copy)
    for name in ("ipclab", "ipclab-launcher", "plugins", "labs", "scripts"):
        source = os.path.join(folder, name)
        if os.path.isdir(source):
            shutil.copytree(source, os.path.join(copy, name))
        elif os.path.exists(source):
            shutil.copy2(source, copy)
    return os.path.join(copy, os.path.basename(path))
