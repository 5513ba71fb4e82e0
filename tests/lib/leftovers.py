# SPDX-License-Identifier: GPL-3.0-or-later
"""What is still there when a test has ended: processes, kernel objects, files, mounts.

Processes are found by a marker in their environment, one a test, so that tests can run side by
side. Kernel objects and files outside the test's own folder belong to nobody in particular: they
are compared with what was there before, and only by tests that are marked `serial`."""

import os
import signal
import time

MARKER = "IPCLAB_TEST"


def processes(marker):
    """[(pid, name)] of living processes that carry the marker."""
    found = []
    wanted = f"{MARKER}={marker}".encode()
    for pid in filter(str.isdigit, os.listdir("/proc")):
        if int(pid) == os.getpid():
            continue
        try:
            with open(f"/proc/{pid}/environ", "rb") as f:
                if wanted not in f.read().split(b"\0"):
                    continue
            with open(f"/proc/{pid}/comm") as f:
                found.append((int(pid), f.read().strip()))
        except OSError:
            pass
    return found


def _parents():
    """{(pid, when it started): pid of the parent} of all living processes."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as f:
                fields = f.read().rpartition(")")[2].split()
            found[int(pid), fields[19]] = int(fields[1])
        except OSError:
            pass
    return found


def everybody():
    return set(_parents())


def descendants(pid):
    """All below a process, whatever their environment: a judged world has none of ours."""
    parents, found = _parents(), set()
    while more := {p for p, up in parents.items() if (up == pid or up in {q for q, _ in found}) and p not in found}:
        found |= more
    return found


def kill(found):
    for pid, _ in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


def _sysv(uids):
    column = {"shm": 7, "msg": 7, "sem": 4}
    for kind, uid in column.items():
        try:
            with open(f"/proc/sysvipc/{kind}") as f:
                for line in f.readlines()[1:]:
                    fields = line.split()
                    if int(fields[uid]) in uids:
                        yield f"System V {kind} key {fields[0]} id {fields[1]}"
        except OSError:
            pass


def _files(uids):
    for folder, prefix in (("/dev/shm", ""), ("/dev/mqueue", ""), ("/tmp", "ipclab")):
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if not entry.name.startswith(prefix):
                        continue
                    if entry.stat(follow_symlinks=False).st_uid in uids:
                        yield f"{folder}/{entry.name}"
        except OSError:
            pass


def _mounts():
    with open("/proc/self/mounts") as f:
        return {"mount " + " ".join(line.split()[:3]) for line in f}


def objects(uids):
    """Everything that outlives processes and is ours by its user."""
    return set(_sysv(uids)) | set(_files(uids)) | _mounts()


def until(condition, seconds=2.0):
    """The condition's value as soon as it is true, at the latest after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() >= end:
            return value
        time.sleep(0.005)


class Watch:
    """Remembers what there was, and later says what was added."""

    def __init__(self, marker, uids, with_objects):
        self.marker = marker
        self.uids = uids
        self.before = objects(uids) if with_objects else None

    def leftovers(self):
        left = [f"process {pid} ({name})" for pid, name in processes(self.marker)]
        if self.before is not None:
            left += sorted(objects(self.uids) - self.before)
        return left

    def check(self, seconds=2.0 * float(os.environ.get("IPCLAB_SLOW", "1"))):
        """Waits until nothing is left; what is left after that is returned, and ended. Two seconds,
        but for the sanitizers' build, whose processes take longer to go."""
        left = []

        def is_clean():
            left[:] = self.leftovers()
            return not left

        until(is_clean, seconds)
        kill(processes(self.marker))
        return left
