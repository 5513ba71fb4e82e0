#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of the tree that a compiler does not hold:  lint.py [--counts FILE] [BUILD]

Each function whose name begins with check_ is one rule; its text is what is printed when it is
broken. It yields "PLACE: what is wrong". Without BUILD what needs a build is left out."""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What a layer may include, itself apart. lang knows the words of the calls, and the launcher's
# actors run what lang wrote.
ORDER = "base call lang proc trace view session lua lesson assist builtin grade front".split()
MAY = {layer: set(ORDER[:i]) for i, layer in enumerate(ORDER)}
MAY["view"] -= {"proc"}  # what is shown is in the events
MAY["assist"] -= {"lua", "lesson"}

# A header that opens a large or dangerous world -> where it may be included.
CONFINED = {
    r"(?:lua5\.4/)?(?:lua|lauxlib|lualib)\.h": r"shell/lua/",
    r"readline/.*\.h": r"shell/front/",
    r"dlfcn\.h": r"shell/proc/loader[a-z_]*\.c$",
    r"jansson\.h": r"shell/(trace|view|session|lua|lesson|builtin|grade|front)/",
    r"sha2\.h": r"shell/trace/",
    r"archive(_entry)?\.h": r"shell/grade/unpack_main\.c$",
}

# Makers of processes -> the files that may call them.
FORKERS = (
    r"shell/proc/(launcher|launcher_main|init|actor_call|actor_host|bench_case|loader_probe)\.c$",
    r"shell/front/child\.c$",
    r"shell/lua/guardian\.c$",
)
FORKS = r"\b(fork|vfork|clone|clone3|posix_spawnp?|SYS_clone3?|SYS_v?fork)\b\s*[(,]"
NEVER = r"\b(system|popen|strcpy|strcat|sprintf|vsprintf|gets|strtok|mktemp|tmpnam|alloca)\s*\("

# What a handler must not do behind the host's back, unless the call's own record has that name.
FORBIDDEN = set(
    """printf vprintf fprintf vfprintf dprintf vdprintf puts fputs putchar putc fputc perror psignal
    psiginfo fork vfork _Fork clone clone3 posix_spawn posix_spawnp system popen daemon forkpty
    execl execle execlp execv execve execvp execvpe fexecve execveat exit _exit _Exit quick_exit
    abort pthread_exit pthread_create atexit on_exit longjmp dlopen dlsym setsid setpgid ptrace
    unshare setns mount umount umount2 chroot pivot_root setuid setgid kill killpg tgkill""".split()
)

# What the headers of the C library make of a call.
INLINED = {"putc": "putchar"}

FORMATTER = 14  # each version of clang-format has a taste of its own

LONGEST = 450  # lines of a file in shell/


def path(*names):
    return os.path.join(ROOT, *names)


def files(*patterns):
    for pattern in patterns:
        for name in sorted(glob.glob(path(pattern), recursive=True)):
            if os.path.isfile(name):
                yield os.path.relpath(name, ROOT)


def read(name):
    with open(path(name), encoding="utf-8", errors="surrogateescape") as f:
        return f.read()


def code(name):
    """The lines of a C file with comments and the inside of strings taken out."""
    text = re.sub(
        r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"',
        lambda m: re.sub(r"[^\n]", " ", m.group()) if m.group()[0] == "/" else '""',
        read(name),
        flags=re.S,
    )
    return enumerate(text.split("\n"), 1)


def includes(name):
    for number, line in enumerate(read(name).split("\n"), 1):
        found = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if found:
            yield number, found.group(1) == '"', found.group(2)


SHELL = ("shell/*/*.c", "shell/*/*.h")


def check_layers(_):
    "includes go downward by layer"
    for name in files(*SHELL):
        layer = name.split("/")[1]
        if layer not in MAY:
            yield f"{name}:1: the folder {layer} is no layer"
            continue
        for number, own, target in includes(name):
            if not own or target == "../plugins/plugin.h":
                continue
            other = target.split("/")[0]
            if not os.path.exists(path("shell", target)):
                yield f'{name}:{number}: "{target}" is not a path below shell/'
            elif other != layer and other not in MAY[layer]:
                yield f"{name}:{number}: {layer} includes {target}, a layer above it"


def check_confined(_):
    "readline, Lua, dlopen and the JSON reader are each in one place"
    for name in files(*SHELL):
        for number, _own, target in includes(name):
            for header, place in CONFINED.items():
                if re.fullmatch(header, target) and not re.match(place, name):
                    yield f"{name}:{number}: includes {target}, which belongs to {place}"


def check_forks(_):
    "only the files that are meant to make processes"
    for name in files(*SHELL):
        if any(re.match(place, name) for place in FORKERS):
            continue
        for number, line in code(name):
            found = re.search(FORKS, line)
            # Neither a field of that name nor its declaration is a call.
            if found and not re.search(r"(->|\.|\(\*)" + found.group(1), line):
                yield f"{name}:{number}: {found.group(1)}"


def check_never(_):
    "functions that nothing here may use"
    for name in files(*SHELL, "plugins/*.c"):
        if name.endswith("base/banned.h"):
            continue
        for number, line in code(name):
            found = re.search(NEVER, line)
            if found and not (name.startswith("plugins/") and found.group(1) == "strcpy"):
                yield f"{name}:{number}: {found.group(1)}"


def check_plugin_includes(_):
    "a plugin includes plugin.h and headers of the system"
    for name in files("plugins/*.c"):
        for number, own, target in includes(name):
            if target == "plugin.h":
                continue
            if own or os.path.exists(path("shell", target)):
                yield f"{name}:{number}: includes {target}"


def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def check_plugin_symbols(build):
    "a plugin prints, forks and exits only through the host, or as the call of that name"
    if not build:
        return
    for name in files("plugins/*.c"):
        stem = os.path.basename(name)[:-2]
        so = os.path.join(build, "plugins", stem + ".so")
        listed = run("nm", "-D", "--undefined-only", so)
        if listed.returncode != 0:
            yield f"{so}: {listed.stderr.strip()}"
            continue
        calls = set(re.findall(r'\.name\s*=\s*"(\w+)"', read(name)))
        for line in listed.stdout.split("\n"):
            symbol = line.split()[-1].split("@")[0] if line.split() else ""
            plain = re.sub(r"^__(.*)_chk$", r"\1", symbol)
            plain = INLINED.get(plain, plain)
            if plain in FORBIDDEN and plain not in calls:
                yield f"{name}: uses {plain}, which is no call of this plugin"
        exported = run("nm", "-D", "--defined-only", so).stdout.split()[2::3]
        for symbol in exported:
            if symbol != "ipclab_plugin" and not symbol.startswith("__"):
                yield f"{name}: exports {symbol}; ipclab_plugin is all that a plugin exports"


def check_launcher_is_lean(build):
    "the launcher is linked with neither readline nor Lua nor jansson"
    if not build:
        return
    program = os.path.join(build, "ipclab-launcher")
    listed = run("readelf", "-d", program)
    for library in re.findall(r"NEEDED.*\[(.*)\]", listed.stdout):
        if not re.match(r"(libc|libdl|libasan|libubsan|libm|libgcc_s|ld-linux.*)\.so", library):
            yield f"{program}: needs {library}"
    if listed.returncode != 0:
        yield f"{program}: {listed.stderr.strip()}"


def check_unfinished(_):
    "nothing is left for later"
    word = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b(?!X)")
    places = ("shell/**/*", "plugins/*", "labs/**/*", "scripts/**/*", "tests/**/*", "*.md", "Makefile")
    for name in files(*places):
        if name == os.path.relpath(__file__, ROOT) or "/corpus/" in name or name.endswith(".pyc"):
            continue
        for number, line in enumerate(read(name).split("\n"), 1):
            found = word.search(line)
            if found:
                yield f"{name}:{number}: {found.group()}"


def check_length(_):
    "a file is about one thing"
    for name in files(*SHELL):
        lines = read(name).count("\n")
        if lines > LONGEST:
            yield f"{name}: {lines} lines, at most {LONGEST}"


def check_licence(_):
    "every source names its licence"
    for name in files("shell/*/*.c", "plugins/*.[ch]", "tests/**/*.c", "tests/**/*.py", "scripts/*"):
        if "SPDX-License-Identifier:" not in "".join(read(name).split("\n")[:3]):
            yield f"{name}:1: no SPDX-License-Identifier in its first lines"


def check_scripts(_):
    "shellcheck has nothing to say"
    if not shutil.which("shellcheck"):
        print("lint: shellcheck is not here", file=sys.stderr)
        return
    scripts = [n for n in files("scripts/**/*", ".ci/*", "tests/**/*.sh") if is_shell(n)]
    if scripts:
        found = run("shellcheck", "-f", "gcc", "-S", "warning", *scripts)
        yield from found.stdout.strip().split("\n") if found.stdout.strip() else ()


def is_shell(name):
    return re.match(r"#!.*\b(sh|bash)\b", read(name).split("\n", 1)[0]) is not None


def check_format(_):
    "clang-format would change nothing"
    found = run("clang-format", "--version") if shutil.which("clang-format") else None
    if not found or f"version {FORMATTER}." not in found.stdout:
        print(f"lint: clang-format {FORMATTER} is not here", file=sys.stderr)
        return
    names = list(files(*SHELL, "plugins/*.[ch]", "tests/*/*.[ch]", "tests/fixtures/*/*.[ch]"))
    found = run("clang-format", "--dry-run", *names)
    seen = set()
    for line in found.stderr.split("\n"):
        place = re.match(r"([^:\s]+):(\d+):\d+: ", line)
        if place and place.group(1) not in seen:
            seen.add(place.group(1))
            yield f"{place.group(1)}:{place.group(2)}: would be formatted differently"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--counts", help="write 'PASSED FAILED' into this file")
    parser.add_argument("build", nargs="?")
    options = parser.parse_args()
    build = os.path.abspath(options.build) if options.build else None
    passed = failed = 0
    for name, check in list(globals().items()):
        if not name.startswith("check_"):
            continue
        wrong = list(check(build))
        if wrong:
            failed += 1
            print(f"FAILED lint/{name[6:]}: {check.__doc__}")
            for line in wrong:
                print(f"    {line}")
        else:
            passed += 1
    if options.counts:
        with open(options.counts, "w", encoding="utf-8") as f:
            f.write(f"{passed} {failed}\n")
    else:
        print(f"lint: {passed} rules hold, {failed} do not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
