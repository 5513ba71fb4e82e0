# SPDX-License-Identifier: GPL-3.0-or-later
"""Is any verdict "waits" or "goes on" wrong?   verdicts.py PROGRAM [--steps N] [--seconds N]

Random scripts (generate.py) are run while every CPU is loaded; what the program tells after each
step is compared with what a model of the kernel foretold (model.py), and for some of the scripts
with what the processes are seen to do from outside (outside.py). The last line counts both.

    --episode N   only the script of this number, e.g. one that was found wrong
    --script N    print that script and what it must tell"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import time

import compare
import generate
import outside

EPISODE = 250  # steps of one script
BATCH = 4  # scripts that are given out at a time
WATCHED = 80  # lines of a script that are watched from outside
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


def run(job):
    """(number, steps, verdicts, what is wrong) of one episode at full speed."""
    program, number = job
    episode = made(number)
    wrong, done = None, None
    try:
        done = subprocess.run(
            [program, "--timeout", "60", "--json", "-"],
            input=script(episode).encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        compare.check(episode, [json.loads(line) for line in done.stdout.splitlines()])
        stuck = "stuck" in [fact[0] for fact in episode.lines[-1][1]]
        if done.returncode != (4 if stuck else 0):
            raise compare.Wrong("another status than foretold")
    except (compare.Wrong, ValueError, subprocess.TimeoutExpired) as error:
        wrong = str(error)
        if done:
            wrong += f"\n  status {done.returncode}: {done.stderr.decode()[-300:].strip()}"
    return number, episode.world.steps, compare.verdicts(episode), wrong


def observe(job):
    """(number, steps, looks, what is wrong) of one episode, watched from outside."""
    program, number = job
    episode = made(number)
    watched = outside.Outside(program)
    wrong = None
    try:
        for text in episode.setup:
            watched.line(text)
        for text, _ in episode.lines[:WATCHED]:
            watched.line(text)
            watched.look(text)
    except (outside.Wrong, OSError, ValueError, KeyError) as error:
        wrong = repr(error) if isinstance(error, KeyError) else str(error)
    watched.end()
    return number, len(episode.lines[:WATCHED]), watched.confirmed, wrong


def rounds(pool, what, first, program, steps, deadline):
    """Runs episodes until there are enough steps or the time is over."""
    total = looks = wrong = 0
    while total < steps and time.monotonic() < deadline and wrong < 5:
        jobs = [(program, number) for number in range(first, first + BATCH)]
        for number, n, seen, problem in pool.imap_unordered(what, jobs):
            total, looks = total + n, looks + seen
            if problem:
                wrong += 1
                print(f"episode {number}: {problem}", flush=True)
        first += BATCH
    return total, looks, wrong


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--steps", type=int, default=100000)
    parser.add_argument("--observe", type=int, default=5000, help="steps watched from outside")
    parser.add_argument("--seconds", type=float, default=3600, help="stop after so long")
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
        results = [run((a.program, a.episode)), observe((a.program, a.episode))]
        print("\n".join(result[3] or "as foretold" for result in results))
        return int(any(result[3] for result in results))

    cpus = sorted(os.sched_getaffinity(0))
    load = [multiprocessing.Process(target=spin, args=(cpu,), daemon=True) for cpu in cpus]
    for p in load:
        p.start()
    start = time.monotonic()
    watched = looks = bad = 0
    with multiprocessing.Pool(max(2, len(cpus))) as pool:
        end = start + a.seconds * 2 / 3
        steps, verdicts, wrong = rounds(pool, run, a.seed, a.program, a.steps, end)
        if outside.CAN and os.access("/proc/self/syscall", os.R_OK):
            end = start + a.seconds
            watched, looks, bad = rounds(pool, observe, a.seed, a.program, a.observe, end)
        pool.close()
        pool.join()
    for p in load:
        p.terminate()
    print(
        f"verdicts: {wrong + bad} wrong of {verdicts} in {steps} steps against the model and of "
        f"{looks} looks from outside in {watched} steps; {time.monotonic() - start:.0f} s, "
        f"{len(cpus)} CPUs loaded"
    )
    return int(wrong + bad > 0 or steps == 0)


if __name__ == "__main__":
    sys.exit(main())
