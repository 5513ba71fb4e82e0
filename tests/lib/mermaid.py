# SPDX-License-Identifier: GPL-3.0-or-later
"""mermaid's own parser, installed once beside the build from the lock file in tests/mermaid."""

import fcntl
import filecmp
import json
import os
import shutil
import subprocess

from ipclab import ROOT, program

SOURCE = os.path.join(ROOT, "tests", "mermaid")


class Missing(Exception):
    """Why there is no parser here."""


def install():
    """The folder in which it is; raises Missing."""
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            raise Missing(f"{tool} is not here")
    folder = os.path.join(os.path.dirname(program()), "mermaid")
    os.makedirs(folder, exist_ok=True)
    lock, installed = (os.path.join(folder, n) for n in ("package-lock.json", "installed.json"))
    with open(os.path.join(folder, "busy"), "w", encoding="utf-8") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        if os.path.exists(installed) and filecmp.cmp(
            os.path.join(SOURCE, "package-lock.json"), installed, shallow=False
        ):
            return folder
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(SOURCE, name), folder)
        r = subprocess.run(
            ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"],
            cwd=folder, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        if r.returncode != 0:
            raise Missing(f"npm ci: {r.stderr.strip()[-300:]}")
        shutil.copy(lock, installed)
    return folder


def parse(folder, files):
    """What mermaid made of each file: {"error"} or {"actors", "messages"}."""
    r = subprocess.run(
        ["node", os.path.join(SOURCE, "parse.mjs"), folder, *files],
        capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return json.loads(r.stdout)
