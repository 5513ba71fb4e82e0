#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Holds `ipclab bench` against other programs that measure the same:  agree.py [options]

    IPCLAB=build/ipclab tests/bench/agree.py --peers FOLDER

What is looked for on PATH and anywhere below FOLDER, and left out when it is not there:
  perf bench sched pipe (Debian: linux-perf), sockperf, qperf: packages of Debian
  lat_pipe, lat_unix, bw_pipe, bw_unix: lmbench 3. Its lat_fifo never ends, and lat_sem does both
  halves of a turn in one semop, which is another question
  pipe_lat, unix_lat, tcp_lat: github.com/rigtorp/ipc-bench
  build/source/mq/mq, shm/shm: github.com/goldsborough/ipc-bench

Each pair is measured in turns, ours, theirs, ours, so that what else the machine does meets both,
on the same CPUs and with messages of the same size; the ratio is that of the medians of all rounds,
and beside it that of the best of each. Most peers print a mean, in which all other load of the
machine is: where this may be done (as root), both run at real-time priority, which keeps it out.
How a peer's figure becomes ours stands in its last column: most count a trip there and back, some
half of one, some nothing of the comparing that ours does."""

import argparse
import dataclasses
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

HALF, WHOLE = "half a trip, doubled", "as it is"
COMPARED = "ours without comparing"
LIMIT = 20  # seconds for one run


@dataclasses.dataclass
class Peer:
    mechanism: str
    size: int
    cores: int
    rate: bool  # one way, in MB/s; else there and back, in microseconds
    program: str
    words: tuple
    find: str  # its figure in what it prints
    scale: float
    note: str
    server: tuple = ()  # words of a server that has to run meanwhile
    name: str = ""
    port: int = 0  # of the server

    @property
    def label(self):
        return self.name or self.program


def peers():
    lmbench = r"(?:latency|bandwidth): ([\d.]+) "
    yield Peer("pipe", 1, 1, False, "perf", ("bench", "sched", "pipe", "-l", "4000"),
               r"([\d.]+) usecs/op", 1, WHOLE, name="perf bench sched pipe")
    yield Peer("pipe", 1, 1, False, "lat_pipe", ("-N", "3"), lmbench, 1, WHOLE)
    for size in (1, 4096):
        yield Peer("unix_stream", size, 1, False, "lat_unix", ("-m", str(size), "-N", "3"), lmbench,
                   1, WHOLE)
    for mechanism, program in (("pipe", "bw_pipe"), ("unix_stream", "bw_unix")):
        yield Peer(mechanism, 65536, 1, True, program, ("-m", "65536", "-N", "3"),
                   lmbench, 1, COMPARED)
    for mechanism in ("pipe", "unix", "tcp"):
        for size in (64, 4096):
            yield Peer("unix_stream" if mechanism == "unix" else mechanism, size, 1, False,
                       f"{mechanism}_lat", (str(size), "3000"), r"latency: (\d+) ns", 0.002, HALF)
    for mechanism, option in (("tcp", ("--tcp",)), ("udp", ())):
        for size in (64, 4096):
            for cores in (1, 2):
                yield Peer(mechanism, size, cores, False, "sockperf",
                           ("ping-pong", "-i", "127.0.0.1", "-p", "@", *option, "-m", str(size),
                            "-t", "1"),
                           r"percentile 50\.000 = +([\d.]+)", 2, HALF + "; its median",
                           ("server", "-i", "127.0.0.1", "-p", "@", *option), port=1)
    for mechanism in ("tcp", "udp"):
        yield Peer(mechanism, 64, 1, False, "qperf",
                   ("-lp", "@", "127.0.0.1", "-t", "1", "-m", "64", f"{mechanism}_lat"),
                   r"latency += +([\d.]+) us", 2, HALF, ("-lp", "@"), port=1)
    for mechanism, program, size, cores in (("msg", "mq", 64, 1), ("msg", "mq", 4096, 1),
                                            ("spin", "shm", 64, 2), ("spin", "shm", 4096, 2)):
        yield Peer(mechanism, size, cores, False, f"build/source/{program}/{program}",
                   ("-c", "3000" if cores == 1 else "30000", "-s", str(size)),
                   r"Average duration: +([\d.]+)", 1, WHOLE, name=f"ipc-bench {program}")


def real_time():
    """Not for who spins where the other should run."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    except PermissionError:
        pass


def end(process):
    """It and what it has forked."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    return process.communicate()[0]


class Bench:
    def __init__(self, options):
        self.options = options
        self.ipclab = os.environ.get("IPCLAB") or shutil.which("ipclab") or "build/ipclab"
        self.below = {}
        for folder, _, names in os.walk(options.peers or os.devnull):
            for name in names:
                path = os.path.join(folder, name)
                if os.access(path, os.X_OK):
                    self.below.setdefault(name, []).append(path)

    def where(self, program):
        for path in self.below.get(os.path.basename(program), []):
            if path.endswith("/" + program):
                return path
        return shutil.which(program) if "/" not in program else None

    def ours(self, peer):
        """There and back, or bytes a second without what comparing costs."""
        out = subprocess.run(
            [self.ipclab, "bench", peer.mechanism, "--sizes", str(peer.size), "--rounds", "1",
             "--seconds", "1", "--json"],
            check=True, stdout=subprocess.PIPE, timeout=LIMIT,
            preexec_fn=None if peer.mechanism == "spin" else real_time).stdout  # fmt: skip
        b = json.loads(out)
        case = [r for r in b["results"] if r["cores"] == peer.cores]
        if not case or not case[0]["measured"]:
            return None, b["cpus"]
        if not peer.rate:
            return case[0]["p50_us"]["median"], b["cpus"]
        took = 1e6 / case[0]["messages_per_s"]["median"] - b["sizes"][0]["compare_us"]
        return peer.size / took, b["cpus"]

    def start(self, peer, path, words, cpus):
        words = [peer.port if w == "@" else w for w in words]
        env = {**os.environ, "ENOUGH": "10000", "TIMING_O": "0", "LOOP_O": "0",
               "LMBENCH_SCHED": "DEFAULT"}

        def before():
            os.sched_setaffinity(0, cpus)
            real_time()

        return subprocess.Popen(
            [path, *map(str, words)], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=os.path.dirname(path) if "/build/" in path else None, text=True,
            preexec_fn=before, start_new_session=True)  # fmt: skip

    def theirs(self, peer, path, cpus):
        both = set(cpus[: peer.cores])
        server = None
        if peer.server:
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                peer.port = s.getsockname()[1]
            server = self.start(peer, path, peer.server, {cpus[peer.cores - 1]})
            both = {cpus[0]}
        try:
            patience = time.monotonic() + 5
            while True:  # the server may not be there yet
                p = self.start(peer, path, peer.words, both)
                try:
                    out, _ = p.communicate(timeout=LIMIT)
                except subprocess.TimeoutExpired:
                    out = end(p)
                found = re.search(peer.find, out)
                if found and float(found.group(1)) > 0:
                    return float(found.group(1)) * peer.scale
                if not server or time.monotonic() > patience:
                    return None
        finally:
            if server:
                end(server)

    def pair(self, peer, path):
        ours, theirs = [], []
        for _ in range(self.options.rounds):
            here, cpus = self.ours(peer)
            if here is None or len(cpus) < peer.cores:
                return None
            there = self.theirs(peer, path, cpus)
            if there is not None:
                ours.append(here)
                theirs.append(there)
        return (ours, theirs) if ours else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--peers", help="a folder below which peers were built")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", default="", help="pattern of names of mechanisms or peers")
    parser.add_argument("--within", type=float, help="status 1 if a ratio is further from 1, in %%")
    options = parser.parse_args()
    bench, outside, any_peer = Bench(options), [], False
    print(f"{'':45}{'peer':>9}{'ipclab':>9}{'ratio':>7}{'best':>7}")
    for peer in peers():
        path = bench.where(peer.program)
        if not path or not re.search(options.only, f"{peer.mechanism} {peer.label}"):
            continue
        result = bench.pair(peer, path)
        what = f"{peer.mechanism} {peer.size} B, {peer.cores} CPU{'s' if peer.cores > 1 else ''}"
        what = f"{what}, {peer.label}"
        if result is None:
            print(f"{what:45}{'does not say':>32}")
            continue
        any_peer = True
        ours, theirs = result
        here, there = statistics.median(ours), statistics.median(theirs)
        best = max(ours) / max(theirs) if peer.rate else min(ours) / min(theirs)
        unit = "MB/s" if peer.rate else "us"
        print(f"{what:45}{there:9.2f}{here:9.2f}{here / there:7.2f}{best:7.2f}  {unit}, {peer.note}",
              flush=True)
        if options.within and abs(here / there - 1) * 100 > options.within:
            outside.append(what)
    if not any_peer:
        print("no peer is here; see the beginning of this file", file=sys.stderr)
    return 1 if outside else 0


if __name__ == "__main__":
    sys.exit(main())
