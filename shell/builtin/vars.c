/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * vars: the variables of an actor. Their values are read from outside, as a debugger does, so that
 * an actor that waits can be looked at too and looking is no step. */
#include <sys/uio.h>

#include "base/text.h"
#include "builtin/builtins.h"

enum {
    TEXT_SHOWN = 64,    /* bytes of a text */
    ELEMENTS_SHOWN = 8, /* of an array of numbers */
};

/* Bytes that could be read: fewer where unmapped memory begins. */
static size_t
peek(const struct actor *a, uint64_t addr, void *to, size_t n)
{
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)addr, n};
    ssize_t got = process_vm_readv(a->host, &local, 1, &remote, 1, 0);

    return got > 0 ? (size_t)got : 0;
}

static void
put_text(const struct actor *a, uint64_t addr, size_t max, struct buf *out)
{
    char text[TEXT_SHOWN];
    size_t got = peek(a, addr, text, max < sizeof text ? max : sizeof text);
    size_t n = strnlen(text, got);

    if (got == 0) {
        buf_puts(out, "(no memory there)");
        return;
    }
    text_quote(out, text, n, true);
    if (n == got && got < max)
        buf_puts(out, "...");
}

static void
put_scalar(const struct actor *a, struct type t, uint64_t addr, struct buf *out)
{
    union {
        char c;
        int i;
        int64_t l;
    } v = {0};
    size_t size = type_size(t);

    if (size > sizeof v || peek(a, addr, &v, size) < size) {
        buf_puts(out, "?");
    } else if (t.stars > 0) {
        if (v.l == 0)
            buf_puts(out, "NULL");
        else
            buf_printf(out, "0x%llx", (unsigned long long)v.l);
        if (v.l != 0 && type_is_text(t)) {
            buf_putc(out, ' ');
            put_text(a, (uint64_t)v.l, SIZE_MAX, out);
        }
    } else if (size == sizeof v.c) {
        buf_int(out, v.c);
        if (v.c > ' ' && v.c < 0x7f)
            buf_printf(out, " '%c'", v.c);
    } else {
        buf_int(out, size == sizeof v.i ? v.i : v.l);
    }
}

static void
put_value(const struct actor *a, const struct var *v, struct buf *out)
{
    struct type element = type_element(v->type);

    if (v->type.count == 0) {
        put_scalar(a, v->type, v->addr, out);
        return;
    }
    if (type_is_text(v->type)) {
        put_text(a, v->addr, v->type.count, out);
        return;
    }
    buf_putc(out, '{');
    for (uint32_t i = 0; i < v->type.count && i < ELEMENTS_SHOWN; i++) {
        buf_puts(out, i > 0 ? ", " : "");
        put_scalar(a, element, v->addr + i * type_size(element), out);
    }
    buf_puts(out, v->type.count > ELEMENTS_SHOWN ? ", ...}" : "}");
}

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
        put_value(a, &a->symtab.vars[i], out);
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

const struct builtin builtin_vars = {
    .name = "vars",
    .usage = "[ACTOR]",
    .summary = "the variables of an actor, where they are and what they hold",
    .flags = BUILTIN_LOOKS,
    .word = WORD_ACTOR,
    .run = on_vars,
};
