/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * lua: a chunk of Lua that may lead actors, for what takes a loop. */
#include "lua/lab.h"

#include "builtin/builtins.h"

static int
on_lua(struct session *s, const char *rest, struct err *err)
{
    if (rest[0] == '\0')
        return err_set(err, STATUS_USAGE,
                       "lua takes a chunk of Lua: lua for i = 1, 3 do print(i) "
                       "end");
    return chunk_run(s, rest, err);
}

static const char *const examples[] = {
    "lua for i = 1, 3 do print(i) end\nlua 6 * 7",
    "spawn a\nlua for i = 1, 3 do s:run(\"a print \" .. i * i) end",
    "spawn a\na pipe(fd)\nlua for c in (\"abc\"):gmatch(\".\") do a:write(4, c) end\n"
    "a read(fd[0], buf, 8)",
    NULL,
};

const struct builtin builtin_lua = {
    .name = "lua",
    .usage = "CHUNK",
    .summary = "run a chunk of Lua, which may lead actors",
    .help = "`s:run \"LINE\"` runs a line as if it were typed, and an actor's name is that actor, "
            "with the calls as methods, as in a lab: `a:write(4, \"x\")`. The values of an "
            "expression are shown. Variables last as long as the session. Memory and instructions "
            "of a chunk are limited, and files are out of reach. The lines that it runs are in "
            "the trace, the chunk itself is not.",
    .examples = examples,
    .run = on_lua,
};
