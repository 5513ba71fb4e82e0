/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a line, read and compiled for an actor whose table goes on from line to line; what
 * is recorded of a line must read as the same again. */
#include "../unit/lang_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
compile(const struct line *line, struct symtab *symtab)
{
    struct plan_env env = fixture_plan_env(symtab, "server");
    int64_t results[PLAN_MAX_STEPS] = {0};
    struct plan plan;
    struct err err;

    if (line->kind != LINE_STATEMENT || plan_compile(&plan, line, &env, &err) < 0)
        return;
    for (int i = 0; i < plan.n; i++) {
        struct buf body = {0};

        plan_encode(&body, &plan, i, results);
        buf_release(&body);
    }
    plan_release(&plan);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool started;
    const char *text = (const char *)data;
    struct parse_env env, plain = fixture_parse_env(NULL, false);
    struct symtab symtab;
    struct line line, again;
    struct err err;

    if (!started && fixture_start() < 0)
        abort();
    started = true;
    env = fixture_parse_env(n > 0 && (data[0] & 1) ? "server" : NULL, n > 0 && (data[0] & 2));
    symtab_init(&symtab);
    for (size_t skip, len; n > 0; text += skip, n -= skip) {
        len = parse_split(text, n, &skip);
        if (parse_line(&line, text, len, &env, &err) < 0)
            continue;
        compile(&line, &symtab);
        /* A record may be longer than what was typed, but not by much. */
        if (strlen(line.source) <= LINE_MAX_BYTES) {
            if (parse_line(&again, line.source, strlen(line.source), &plain, &err) < 0 ||
                strcmp(again.source, line.source) != 0 || again.kind != line.kind)
                abort();
            line_release(&again);
        }
        line_release(&line);
    }
    symtab_release(&symtab);
    return 0;
}
