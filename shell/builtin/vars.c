/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vars: the variables of an actor. Their values are read from outside, as a debugger does, so that
 * an actor that waits can be looked at too and looking is no step. */
#include "builtin/builtins.h"
#include "session/peek.h"

static void
put_vars(const struct actor *a, struct buf *out)
{
    if (a->state == ACTOR_FOREIGN) {
        buf_printf(out, "%s runs another program since its execve: its variables are gone\n",
                   a->name);
        return;
    }
    buf_printf(out, "%s, in its own memory:\n", a->name);
    for (int i = 0; i < a->symtab.n; i++) {
        struct buf type = {0};

        type_text(&type, a->symtab.vars[i].type, a->symtab.vars[i].name);
        buf_printf(out, "  0x%llx  %s = ", (unsigned long long)a->symtab.vars[i].addr,
                   buf_text(&type));
        peek_var(a, &a->symtab.vars[i], out);
        buf_putc(out, '\n');
        buf_release(&type);
    }
}

static int
on_vars(struct session *s, const char *rest, struct err *err)
{
    struct actor *only = NULL;
    struct buf out = {0};

    if (rest[0] != '\0' && (only = session_actor(s, rest, err)) == NULL)
        return -1;
    for (int i = 0; i < s->world.nactors; i++) {
        const struct actor *a = s->world.actors[i];

        if (actor_alive(a) && (only == NULL || a == only))
            put_vars(a, &out);
    }
    session_say(s, "%s", out.len > 0 ? buf_text(&out) : "nobody is alive\n");
    buf_release(&out);
    return 0;
}

static const char *const examples[] = {
    "spawn a\na n = 40 + 2\na char s[8]\na strcpy(s, \"abc\")\nvars a", NULL};

const struct builtin builtin_vars = {
    .name = "vars",
    .usage = "[ACTOR]",
    .summary = "the variables of an actor, where they are and what they hold",
    .flags = BUILTIN_LOOKS,
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_vars,
};
