#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same as two_sh.exp with pexpect, without its delay before it sends:  two_sh.py FIFO BATCHES"""

import os
import sys
import time

import pexpect

READY = "READY>"
PAIRS = 32


def command(shell, text):
    shell.send(text + "\n")
    shell.expect_exact(READY)


def main():
    fifo, batches = sys.argv[1], int(sys.argv[2])
    shells = [pexpect.spawn("sh", echo=False, encoding="ascii", env={**os.environ, "PS1": READY})
              for _ in range(2)]
    for shell in shells:
        shell.delaybeforesend = None
        shell.expect_exact(READY)
        command(shell, f"exec 3<>{fifo}")
    for _ in range(batches):
        start = time.perf_counter()
        for _ in range(PAIRS):
            command(shells[0], "echo x >&3")
            command(shells[1], "read line <&3")
        print(f"{2 * PAIRS / (time.perf_counter() - start):.1f}")
    for shell in shells:
        shell.send("exit\n")
        shell.expect(pexpect.EOF)
        shell.wait()


main()
