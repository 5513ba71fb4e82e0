/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as the body of a frame: never more than refused. And any bytes as an expression: what
 * the compiler makes of it, the actor's verifier must take. */
#include "../unit/lang_fixture.h"
#include "lang/eval.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_compiled(const char *text, size_t n)
{
    struct parse_env penv = fixture_parse_env("server", false);
    struct symtab symtab;
    struct plan_env env = fixture_plan_env(&symtab, "server");
    int64_t results[PLAN_MAX_STEPS] = {0};
    struct line line;
    struct plan plan;
    struct err err;

    if (parse_line(&line, text, n, &penv, &err) < 0)
        return;
    symtab_init(&symtab);
    symtab_add(&symtab, "a", (struct type){.base = TYPE_INT, .count = 3});
    symtab_add(&symtab, "p", (struct type){.base = TYPE_CHAR, .stars = 1});
    symtab_add(&symtab, "x", (struct type){.base = TYPE_LONG});
    if (line.kind == LINE_STATEMENT && plan_compile(&plan, &line, &env, &err) == 0) {
        for (int i = 0; i < plan.n; i++) {
            struct buf body = {0};
            struct eval_step step;

            plan_encode(&body, &plan, i, results);
            if (!eval_decode(&step, body.data, body.len))
                abort();
            buf_release(&body);
        }
        plan_release(&plan);
    }
    symtab_release(&symtab);
    line_release(&line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool started;
    struct eval_step step;
    struct buf text = {0};

    if (!started && (fixture_start() < 0 || eval_start() < 0))
        abort();
    started = true;
    eval_decode(&step, data, n);
    buf_puts(&text, "server print ");
    buf_put(&text, data, n);
    check_compiled(text.data, text.len);
    buf_release(&text);
    return 0;
}
