#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request to another process and its reply over multiprocessing.Pipe:  mp_pipe.py BATCHES

Prints how many of them there are in a second, one line a batch."""

import multiprocessing
import sys
import time

BATCH = 64


def answer(end):
    while (request := end.recv()) is not None:
        end.send(request)


def main():
    ours, theirs = multiprocessing.Pipe()
    other = multiprocessing.Process(target=answer, args=(theirs,))
    other.start()
    for batch in range(-5, int(sys.argv[1])):
        start = time.perf_counter()
        for _ in range(BATCH):
            ours.send(("write", 4, "x", 1))
            ours.recv()
        took = time.perf_counter() - start
        if batch >= 0:  # those before only warm up
            print(f"{BATCH / took:.1f}")
    ours.send(None)
    other.join()


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    main()
