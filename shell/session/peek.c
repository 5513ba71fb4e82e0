/* SPDX-License-Identifier: GPL-3.0-or-later
 * See peek.h. */
#include "session/peek.h"

#include <sys/wait.h>

#include "base/text.h"
#include "proc/memory.h"

size_t
peek_bytes(const struct actor *a, uint64_t addr, void *to, size_t n)
{
    return memory_bytes(a->host, addr, to, n); /* fewer where unmapped memory begins */
}

bool
peek_number(const struct actor *a, struct type t, uint64_t addr, int64_t *value)
{
    union {
        signed char c;
        int i;
        int64_t l;
    } v = {0};
    size_t size = t.count > 0 ? 0 : type_size(t);

    if (size == 0 || size > sizeof v || peek_bytes(a, addr, &v, size) < size)
        return false;
    *value = size == sizeof v.c ? v.c : size == sizeof v.i ? v.i : v.l;
    return true;
}

static void
put_text(const struct actor *a, uint64_t addr, size_t max, struct buf *out)
{
    char text[PEEK_TEXT];
    size_t got = peek_bytes(a, addr, text, max < sizeof text ? max : sizeof text);
    size_t n = strnlen(text, got);

    if (got == 0) {
        buf_puts(out, "(no memory there)");
        return;
    }
    text_quote(out, text, n, true);
    if (n == got && got < max)
        buf_puts(out, "...");
}

void
peek_scalar(const struct actor *a, struct type t, uint64_t addr, struct buf *out)
{
    int64_t value;

    if (!peek_number(a, t, addr, &value)) {
        buf_puts(out, "?");
    } else if (t.stars > 0) {
        if (value == 0)
            buf_puts(out, "NULL");
        else
            buf_printf(out, "0x%llx", (unsigned long long)value);
        if (value != 0 && type_is_text(t)) {
            buf_putc(out, ' ');
            put_text(a, (uint64_t)value, SIZE_MAX, out);
        }
    } else {
        buf_int(out, value);
        if (type_size(t) == 1 && value > ' ' && value < 0x7f)
            buf_printf(out, " '%c'", (char)value);
    }
}

void
peek_var(const struct actor *a, const struct var *v, struct buf *out)
{
    struct type element = type_element(v->type);

    if (v->type.count == 0) {
        peek_scalar(a, v->type, v->addr, out);
        return;
    }
    if (type_is_text(v->type)) {
        put_text(a, v->addr, v->type.count, out);
        return;
    }
    buf_putc(out, '{');
    for (uint32_t i = 0; i < v->type.count && i < PEEK_ELEMENTS; i++) {
        buf_puts(out, i > 0 ? ", " : "");
        peek_scalar(a, element, v->addr + i * type_size(element), out);
    }
    buf_puts(out, v->type.count > PEEK_ELEMENTS ? ", ...}" : "}");
}

/* Dead, and its parent has not asked for it. What process 1 adopts is asked for at once. */
static bool
is_zombie(const struct session *s, const struct actor *a)
{
    return a->parent >= 0 && actor_alive(s->world.actors[a->parent]) && !a->reaped &&
           a->host != 0 && probe_state_letter(a->host) == 'Z';
}

void
peek_doing(const struct session *s, const struct actor *a, struct buf *out)
{
    const char *sig;

    switch (a->state) {
    case ACTOR_IDLE:
        buf_puts(out, a->stopped ? "stopped" : "idle");
        break;
    case ACTOR_BUSY:
        buf_printf(out, "%s in %s since step %lld",
                   a->stopped    ? "stopped"
                   : a->restless ? "runs"
                   : a->timed    ? "sleeps"
                                 : "waits",
                   a->call_name != NULL ? a->call_name : "?", (long long)a->step);
        if (a->waits_text.len > 0)
            buf_printf(out, ": %s", buf_text(&a->waits_text));
        break;
    case ACTOR_FOREIGN:
        buf_puts(out, "runs ");
        text_escape(out, a->exe, strlen(a->exe), false);
        break;
    case ACTOR_STARTING:
        buf_puts(out, "starts");
        break;
    case ACTOR_DEAD:
        buf_puts(out, is_zombie(s, a) ? "zombie, nobody has waited for it yet: " : "");
        sig = a->status_known && WIFSIGNALED(a->wait_status)
                  ? sigabbrev_np(WTERMSIG(a->wait_status))
                  : NULL;
        if (sig != NULL)
            buf_printf(out, "killed by SIG%s", sig);
        else if (a->status_known)
            buf_printf(out, "exited %d", WEXITSTATUS(a->wait_status));
        else
            buf_puts(out, "dead");
        break;
    }
}
