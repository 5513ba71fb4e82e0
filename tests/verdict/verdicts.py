# SPDX-License-Identifier: GPL-3.0-or-later
"""Is any verdict "waits" or "goes on" wrong?   verdicts.py PROGRAM [--steps N] [--observe N]

Random scripts (generate.py) are run at full speed while every CPU is loaded, and others line by
line; what the program tells of each step is compared with what a model of the kernel foretold
(model.py), and of each line of the second kind with what is seen from outside (outside.py). Tables
tell how often each call of each mechanism waited and was woken, and how often each kind of
statement was confirmed from outside. Where ENOUGH steps were made, something that never came about
is a failure, too. The last line has the sums.

    --episode N   only the script of this number, e.g. one that was found wrong
    --script N    print that script and what it must tell"""

import argparse
import collections
import json
import multiprocessing
import os
import subprocess
import sys
import time

import compare
import generate
import outside
import tally

EPISODE = 250  # steps of one script
BATCH = 4  # scripts that are given out at a time
ENOUGH = 50000  # steps in which everything must have come about
PATIENCE = 120  # seconds for one script


def spin(cpu):
    os.sched_setaffinity(0, {cpu})
    while os.getppid() != 1:
        for _ in range(100000):
            pass


def made(number):
    return generate.Episode(number).make(EPISODE)


def script(episode):
    return "\n".join(episode.setup + [text for text, _ in episode.lines]) + "\n"


class Result:
    """Of one episode, or of many: what was counted, and what is wrong, in words."""

    def __init__(self):
        self.steps = self.verdicts = 0
        self.rows, self.confirmed = collections.Counter(), collections.Counter()
        self.wrong = []

    def add(self, other):
        self.steps, self.verdicts = self.steps + other.steps, self.verdicts + other.verdicts
        self.rows.update(other.rows)
        self.confirmed.update(other.confirmed)
        self.wrong += other.wrong


def run(job):
    """One episode at full speed."""
    program, number = job
    episode, result, rows = made(number), Result(), tally.Tally()
    done = None
    try:
        done = subprocess.run(
            [program, "--timeout", "60", "--json", "-"],
            input=script(episode).encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        events = [json.loads(line) for line in done.stdout.splitlines()]
        rows.add(events)
        compare.check(episode, events)
        stuck = "stuck" in [fact[0] for fact in episode.lines[-1][1]]
        if done.returncode != (4 if stuck else 0):
            raise compare.Wrong("another status than foretold")
    except (compare.Wrong, ValueError, subprocess.TimeoutExpired) as error:
        wrong = f"episode {number}: {error}"
        if done:
            wrong += f"\n  status {done.returncode}: {done.stderr.decode()[-300:].strip()}"
        result.wrong = [wrong]
    result.steps, result.verdicts, result.rows = episode.world.steps, compare.verdicts(episode), rows.rows
    return result


def observe(job):
    """One episode line by line, watched from outside."""
    program, number = job
    episode, result, rows = made(number), Result(), tally.Tally()
    watched, check = outside.Outside(program), compare.Check(episode)
    try:
        for text in [*episode.setup, *(text for text, _ in episode.lines)]:
            events = watched.line(text)
            rows.add(events)
            for told, of_line in compare.by_line(events):
                check.line(told, of_line)
            if check.done > len(episode.setup):
                watched.look(text)
        check.end()
    except (outside.Wrong, compare.Wrong, OSError, ValueError, KeyError) as error:
        result.wrong = [f"episode {number}, watched: {error!r}" if isinstance(error, KeyError) else f"episode {number}, watched: {error}"]
    watched.end()
    result.steps, result.verdicts = episode.world.steps, compare.verdicts(episode)
    result.rows, result.confirmed = rows.rows, watched.confirmed
    return result


def rounds(pool, what, first, program, steps, deadline):
    """Runs episodes until there are enough steps or the time is over."""
    total = Result()
    while total.steps < steps and time.monotonic() < deadline and len(total.wrong) < 5:
        jobs = [(program, number) for number in range(first, first + BATCH)]
        for result in pool.imap_unordered(what, jobs):
            total.add(result)
            print(*result.wrong, sep="\n", end="\n" * bool(result.wrong), flush=True)
        first += BATCH
    return total


def tell(fast, watched):
    """The tables; what of them must not be."""
    lines, never = tally.table(fast.rows + watched.rows)
    print("\n".join(lines))
    if watched.steps:
        print("\nconfirmed from outside")
        print("\n".join(f"{n:9}  {kind}" for kind, n in sorted(watched.confirmed.items())))
    missing = [f"confirmed: {kind}" for kind in outside.KINDS if not watched.confirmed[kind]]
    return (never if fast.steps + watched.steps >= ENOUGH else []) + (missing if watched.steps >= ENOUGH else [])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--steps", type=int, default=ENOUGH)
    parser.add_argument("--observe", type=int, default=ENOUGH, help="steps watched from outside")
    parser.add_argument("--seconds", type=float, default=7200, help="stop after so long")
    parser.add_argument("--seed", type=int, default=0, help="number of the first script")
    parser.add_argument("--episode", type=int)
    parser.add_argument("--script", type=int)
    a = parser.parse_args()
    if a.script is not None:
        episode = made(a.script)
        print("\n".join(episode.setup))
        for text, facts in episode.lines:
            print(text, *(f"    # {fact}" for fact in facts), sep="\n")
        return 0
    if a.episode is not None:
        wrong = run((a.program, a.episode)).wrong + observe((a.program, a.episode)).wrong
        print("\n".join(wrong) or "as foretold")
        return int(bool(wrong))

    cpus = sorted(os.sched_getaffinity(0))
    load = [multiprocessing.Process(target=spin, args=(cpu,), daemon=True) for cpu in cpus]
    for p in load:
        p.start()
    start = time.monotonic()
    watched = Result()
    with multiprocessing.Pool(max(2, len(cpus))) as pool:
        fast = rounds(pool, run, a.seed, a.program, a.steps, start + a.seconds * 2 / 3)
        for p in load:
            p.terminate()
        if outside.CAN and os.access("/proc/self/syscall", os.R_OK):
            watched = rounds(pool, observe, a.seed, a.program, a.observe, start + a.seconds)
        pool.close()
        pool.join()
    missing = tell(fast, watched)
    print(*(f"never came about: {what}" for what in missing), sep="\n")
    wrong = len(fast.wrong) + len(watched.wrong)
    print(
        f"verdicts: {wrong} wrong of {fast.verdicts + watched.verdicts} in {fast.steps} steps on "
        f"{len(cpus)} loaded CPUs and {watched.steps} line by line, "
        f"{sum(watched.confirmed.values())} confirmed from outside; {time.monotonic() - start:.0f} s"
    )
    return int(wrong > 0 or bool(missing) or fast.steps == 0)


if __name__ == "__main__":
    sys.exit(main())
