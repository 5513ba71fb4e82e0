# SPDX-License-Identifier: GPL-3.0-or-later
"""The definitions that editors read (`ipclab generate lua-definitions`): they are Lua, they have what
the records have, and they are what a lab finds."""

import json
import os
import re
import shutil
import subprocess

import pytest
from ipclab import ROOT, program

FILE = os.path.join(os.path.dirname(program()), "share", "lua", "ipclab.lua")
ORCHESTRATED = """local lab = require "ipclab"
return lab.orchestrated { id = "t", title = "t", actors = { "a" }, run = function(s, a)
%s
end }
"""


def types(*wanted):
    """Their numbers in the records."""
    with open(os.path.join(ROOT, "plugins", "plugin.h"), encoding="utf-8") as f:
        body = re.search(r"enum ipclab_type \{(.*?)\};", f.read(), re.S)[1]
    names = re.findall(r"^ *(IPCLAB_\w+)", re.sub(r"/\*.*?\*/", "", body, flags=re.S), re.M)
    return {names.index(f"IPCLAB_{name}") for name in wanted}


FILLED = types("BUFFER", "INTS")
ADDRESSES = types("POINTER", "BYTES", "STRING", "PATH")


def written(call):
    """The arguments that stand in Lua: not what the call fills, unless an address follows that would be taken for it."""
    for i, arg in enumerate(call["args"]):
        if arg["type"] not in FILLED or any(later["type"] in ADDRESSES for later in call["args"][i + 1:]):
            yield "..." if arg.get("rest") else arg["name"]


class Definitions:
    """Classes with their fields, and functions with their parameters and returns."""

    def __init__(self, text):
        self.classes, self.functions, self.aliases = {}, {}, {}
        self.tables = {}
        current, params, returns, summary = None, [], [], []
        for line in text.split("\n"):
            if found := re.fullmatch(r"---@class (\S+)", line):
                current = self.classes.setdefault(found[1], {})
                name = found[1]
            elif found := re.fullmatch(r"---@field (\[?\w+\]?)(\??) (\S.*)", line):
                current[found[1]] = (found[2] == "?", found[3])
            elif found := re.fullmatch(r"---@param (\w+|\.\.\.)(\??) (\S.*)", line):
                params.append((found[1], found[2] == "?", found[3]))
            elif found := re.fullmatch(r"---@return (\S.*)", line):
                returns.append(found[1])
            elif found := re.fullmatch(r"local (\w+) = \{\}", line):
                self.tables[found[1]] = name
            elif found := re.fullmatch(r"function (\w+)([.:])(\w+)\((.*)\) end", line):
                assert [p[0] for p in params] == [p for p in found[4].split(", ") if p], line
                key = (self.tables[found[1]], found[3])
                assert key not in self.functions, key
                self.functions[key] = (params, returns)
                params, returns = [], []
            elif found := re.fullmatch(r"---@alias (\S+) (\S+)", line):
                alias = self.aliases.setdefault(found[1], [])
            elif found := re.fullmatch(r'---\| "(\w+)"(?: # .*)?', line):
                alias.append(found[1])
            else:
                assert re.fullmatch(r"---@(meta|generic|operator) .*|--.*||return ipclab", line), line
        assert not params and not returns

    def methods(self, name):
        return {m for c, m in self.functions if c == name}


@pytest.fixture(scope="module")
def definitions():
    with open(FILE, encoding="utf-8") as f:
        return Definitions(f.read())


def records(lab):
    return json.loads(lab.call("generate", "json").ok().stdout)


def calls(lab):
    return [call for plugin in records(lab)["plugins"] for call in plugin["calls"]]


def test_it_is_made_of_the_program_and_is_lua(lab):
    with open(FILE, encoding="utf-8") as f:
        assert f.read() == lab.call("generate", "lua-definitions").ok().stdout
    if shutil.which("luac5.4"):
        subprocess.run(["luac5.4", "-p", FILE], check=True)


def test_every_call_with_its_arguments(lab, definitions):
    """By name and order as in the records, without what the call fills."""
    names = set()
    for call in calls(lab):
        params, returns = definitions.functions["ipclab.Actor", call["name"]]
        wanted = list(written(call))
        if "program" in [p[0] for p in params]:  # of a process that the call makes
            assert returns[0] == "ipclab.Actor child"
            params = params[:-1]
        assert [p[0].rstrip("_") if p[0].endswith("_") else p[0] for p in params] == wanted, call["name"]
        names.add(call["name"])
    assert names <= set(definitions.aliases["ipclab.Call"])
    ours = {"print", "await", "try", "start"}
    assert definitions.methods("ipclab.Actor") == names | ours


VALUES = {
    "integer": "1",
    "integer|string": "1",
    "string": '"x"',
    "string|ipclab.Address": '"x"',
    "ipclab.Address|integer": "address",
    "ipclab.Address": "nil",
    "ipclab.Stream": "stream",
    "ipclab.Actor|integer|string": "a",
    "string|integer|ipclab.Address|ipclab.Actor": '"x"',
    "fun(child: ipclab.Actor, s: ipclab.Session): integer?": None,
}


def test_the_host_takes_as_many(lab, definitions):
    """Each call takes what its definition says by types and number, and not one more."""
    lines = ['local address = a:mmap(nil, 4096, "PROT_READ", "MAP_PRIVATE|MAP_ANONYMOUS", -1, 0)',
             'local r = a:pipe()', 'local stream = a:fdopen(r, "r")']
    tried = 0
    for call in calls(lab):
        params, _ = definitions.functions["ipclab.Actor", call["name"]]
        values = [VALUES[kind.replace("|nil", "")] for _, _, kind in params]
        if "..." in [p[0] for p in params] or any(a.get("rest") for a in call["args"]):
            continue
        values = [v for v in values if v is not None]
        tried += 1
        lines.append(f'do local ok, e = pcall(a.{call["name"]}, a, {"".join(v + ", " for v in values)}true)')
        lines.append(f's:expect("{call["name"]}: " .. tostring(e), not ok and '
                     f'tostring(e):find("argument {len(values) + 1} is one too many", 1, true)) end')
    assert tried > 100
    trace = lab.new_trace()
    r = lab.call("run", "--trace", trace, lab.write("t.lua", ORCHESTRATED % "\n".join(lines)), trace=trace, timeout=60)
    assert [e["text"] for e in r.find("check", passed=False)] == []
    assert r.status == 0 and len(r.find("check")) == tried


@pytest.mark.parametrize("call, args", [
    ("pipe", ""), ("getpid", ""), ("write", 'w, "hello"'), ("read", "r, 5"), ("shmget", '5678, 10, "IPC_CREAT|0600"'),
    ("shmat", "id"), ("strcpy", 'address, "hi"'), ("fdopen", 'r, "r"'), ("fork", '"kid"'), ("kill", "a, 0"),
    ("socketpair", '"AF_UNIX", "SOCK_STREAM", 0'), ("time", "nil"), ("close", "r")])
def test_the_host_gives_back_as_many(lab, definitions, call, args):
    if ("ipclab.Actor", call) not in definitions.functions:
        pytest.skip("no plugin has it")
    _, returns = definitions.functions["ipclab.Actor", call]
    kinds = {"integer": "math.type(v) == 'integer'", "string": "type(v) == 'string'", "ipclab.Address": "type(v) == 'userdata'",
             "ipclab.Stream": "type(v) == 'userdata'", "ipclab.Actor": "v.name == 'kid'"}
    lines = f"""
local r, w = a:pipe()
a:write(w, "hello")
local id = a:shmget(1, 10, "IPC_CREAT|0600")
local address = a:shmat(id)
local got = table.pack(a:{call}({args}))
s:expect("as many", got.n == {len(returns)})
""" + "".join(f's:expect("{kind}", (function(v) return {kinds[kind.split()[0]]} end)(got[{i + 1}]))\n'
              for i, kind in enumerate(returns))
    trace = lab.new_trace()
    r = lab.call("run", "--trace", trace, lab.write("t.lua", ORCHESTRATED % lines), trace=trace)
    assert not r.find("check", passed=False) and len(r.find("check")) == 1 + len(returns), r


def test_every_method_is_there_and_no_other(lab, definitions):
    objects = {"ipclab.Session": "s", "ipclab.Trace": "s.trace", "ipclab.Actor": "a", "ipclab.Pending": "p",
               "ipclab": 'require "ipclab"'}
    lines = ['local p = a:start("getpid")']
    for name, value in objects.items():
        for method in sorted(definitions.methods(name)):
            lines.append(f's:expect("{name} {method}", type(({value}).{method}) == "function")')
        for field, (optional, kind) in definitions.classes[name].items():
            lines.append(f's:expect("{name} {field}", ({value}).{field} ~= nil)')
            wanted = {"string": "string", "integer": "number"}.get(kind.split()[0])
            if wanted:
                lines.append(f's:expect("{name} {field}", type(({value}).{field}) == "{wanted}")')
    lines.append('local m = require "ipclab"\nfor name in pairs(m) do s:expect("has " .. name, true) end')
    trace = lab.new_trace()
    r = lab.call("run", "--trace", trace, lab.write("t.lua", ORCHESTRATED % "\n".join(lines)), trace=trace).ok()
    assert not r.find("check", passed=False)
    has = {e["text"][4:] for e in r.find("check") if e["text"].startswith("has ")}
    assert has == definitions.methods("ipclab") | {f for f in definitions.classes["ipclab"]}
    for value in ("s", "s.trace", "a"):
        r = lab.call("run", lab.write("t.lua", ORCHESTRATED % f"local x = {value}.zzz"))
        assert r.status == 3 and "has no" in r.stderr


LOOK = """local lab = require "ipclab"
return lab.guided { id = "t", title = "t", actors = { "a" }, tasks = { { id = "one", points = 1, say = "s",
  check = function(h)
    local missing = {}
    %s
    h:need(#missing == 0, table.concat(missing, " "))
  end, solution = "a getpid()" } } }
"""


def test_every_method_of_a_check(lab, definitions):
    lines = [f'if type(h.{m}) ~= "function" then missing[#missing + 1] = "{m}" end' for m in definitions.methods("ipclab.Look")]
    lines += [f'if h.{f} == nil then missing[#missing + 1] = "{f}" end' for f in definitions.classes["ipclab.Look"]]
    assert len(lines) == 8
    trace = lab.new_trace()
    r = lab.call("run", "--trace", trace, lab.write("t.lua", LOOK % "\n    ".join(lines)), stdin="a getpid()\n", trace=trace).ok()
    assert r.last("check")["passed"] is True, r
    r = lab.call("lab", "check", lab.write("t.lua", LOOK % "local x = h.fnid"))
    assert r.status == 3 and "h has no method 'fnid'; did you mean find?" in r.stdout


def refused(lab, text):
    r = lab.call("lab", "check", lab.write("t.lua", text))
    assert r.status == 3, r
    return set(re.findall(r"has no field '(\w+)'", r.stdout))


def table_of(fields, extra=""):
    return "{ " + "".join(f"{name} = io, " for name in fields if name.isidentifier()) + extra + " }"


def test_tables_take_these_fields_and_no_other(lab, definitions):
    """What is refused where all are given is what is not among them."""
    for name, kind in (("Orchestrated", "orchestrated"), ("Programs", "programs"), ("Guided", "guided")):
        fields = list(definitions.classes[f"ipclab.{name}"])
        given = "".join(f"{f} = 1, " for f in fields)
        assert refused(lab, f'return require("ipclab").{kind} {{ {given} zzz = 1 }}') == {"zzz"}
        required = {f for f, (optional, _) in definitions.classes[f"ipclab.{name}"].items() if not optional}
        r = lab.call("lab", "check", lab.write("t.lua", f'return require("ipclab").{kind} {{ x = 1 }}'))
        assert set(re.findall(r": (\w+) is missing", r.stdout)) == required
    inner = {"Task": "tasks = { { %s } }", "Also": "also = { { %s } }", "Predict": 'tasks = { { id = "x", predict = { %s } } }',
             "Hint": 'tasks = { { id = "x", hints = { { "t", %s } } } }'}
    for name, frame in inner.items():
        given = "".join(f"{f} = true, " for f in definitions.classes[f"ipclab.{name}"] if f.isidentifier())
        assert refused(lab, 'return require("ipclab").guided { id = "t", title = "t", actors = { "a" }, '
                       f'{frame % (given + "zzz = 1")} }}') == {"zzz"}, name


def test_fields_of_events_are_those_of_the_trace(lab, definitions):
    everything = records(lab)
    fields = {f["name"] for f in everything["common"]} | {f["name"] for k in everything["events"] for f in k["fields"]}
    for name in ("ipclab.Event", "ipclab.Query"):
        assert fields <= set(definitions.classes[name])
    assert definitions.aliases["ipclab.Kind"] == [k["name"] for k in everything["events"]]


def test_the_guide_has_every_field(definitions):
    """The tables of docs/authoring.md name each field of the tables that an author writes."""
    with open(os.path.join(ROOT, "docs", "authoring.md"), encoding="utf-8") as f:
        text = f.read()
    said = set()
    for row in re.findall(r"^\| (`.*?) \|", text, re.M):
        said |= set(re.findall(r"`(?:h:|s:|s\.trace:|p:|lab\.|h\.|s\.|actor[:.])?(\w+)", row))
    for name in ("Guided", "Task", "Orchestrated", "Programs", "Look", "Session", "Trace", "Pending"):
        wanted = set(definitions.classes[f"ipclab.{name}"]) | definitions.methods(f"ipclab.{name}")
        assert wanted <= said, (name, wanted - said)
