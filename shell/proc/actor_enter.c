/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Entering a call: its arguments as they are now, and the objects behind them, go on the board
 * before the call is made, for a call that waits, dies or becomes another program never answers. */
#include "base/limits.h"
#include "lang/symtab.h"
#include "proc/actor.h"
#include "proc/look.h"
#include "proc/memory.h"

/* Bytes at an address of this process that may not be mapped: the call itself shall find out. */
static size_t
peek(const void *address, void *to, size_t n)
{
    uintptr_t at = (uintptr_t)address;

    if (at >= ARENA_BASE && at < LITERAL_BASE + LITERAL_SIZE) { /* always mapped */
        if (n > LITERAL_BASE + LITERAL_SIZE - at)
            n = LITERAL_BASE + LITERAL_SIZE - at;
        memcpy(to, address, n);
        return n;
    }
    return memory_bytes(0, at, to, n);
}

/* A string may end just before an unmapped page: read to the page's end, then on. */
static size_t
peek_text(const char *address, char *to, size_t room)
{
    size_t n = 0;

    while (n < room) {
        size_t page = 4096 - ((uintptr_t)(address + n) & 4095);
        size_t want = page < room - n ? page : room - n, got = peek(address + n, to + n, want);
        char *end = memchr(to + n, '\0', got);

        if (end != NULL)
            return (size_t)(end - to);
        n += got;
        if (got < want)
            break;
    }
    return n;
}

static void
put_arg_bytes(struct buf *b, int i, const struct ipclab_arg *spec, const struct ipclab_args *args)
{
    char text[DATA_SHOWN_MAX + 1];
    const void *address = args->v[i].p;
    size_t n, total;

    if (address == NULL)
        return;
    if (spec->type == IPCLAB_BYTES && spec->size_arg >= 0 && spec->size_arg < args->n) {
        if (args->v[spec->size_arg].i < 0)
            return;
        total = (size_t)args->v[spec->size_arg].i;
        n = peek(address, text, total < DATA_SHOWN_MAX ? total : DATA_SHOWN_MAX);
        if (n < total && n < DATA_SHOWN_MAX)
            total = n;
    } else {
        n = peek_text(address, text, sizeof text);
        total = n;
        n = n < DATA_SHOWN_MAX ? n : DATA_SHOWN_MAX;
    }
    if (total == 0 && n == 0 && peek(address, text, 1) == 0)
        return; /* not mapped: there is nothing to show */
    wire_u8(b, FACT_ARG_BYTES);
    wire_u8(b, (uint8_t)i);
    wire_u32(b, (uint32_t)total);
    wire_bytes(b, text, n);
}

const struct ipclab_arg *
frame_arg_spec(const struct ipclab_call *call, int i)
{
    const struct ipclab_arg *a = call->args;
    const struct ipclab_arg *rest = NULL;
    int n = 0, first_rest = 0;

    for (; a->type != IPCLAB_END; a++, n++) {
        if (n == i && (a->flags & IPCLAB_REST) == 0)
            return a;
        if ((a->flags & IPCLAB_REST) != 0 && rest == NULL) {
            rest = a;
            first_rest = n;
        }
    }
    /* Repeated arguments at the end repeat as a group. */
    return rest != NULL && n > first_rest ? rest + (i - first_rest) % (n - first_rest) : NULL;
}

/* Will a timer of the object end what the call waits for? */
bool
frame_runs_out(const struct ipclab_frame *f, const struct named_object *o)
{
    struct ipclab_look look = {.pidfd = -1, .plugins = f->rt->plugins};

    return (f->call->flags & IPCLAB_WAITS) != 0 && o->fd >= 0 && o->kind->timed != NULL &&
           (f->call->reads == NULL || f->call->reads(&f->args, o->fd)) &&
           o->kind->timed(&look_host, &look, -1, o->fd) != 0;
}

void
frame_enter(struct ipclab_frame *f)
{
    static struct buf b;

    buf_clear(&b);
    for (int i = 0; i < f->args.n; i++) {
        const struct ipclab_arg *spec = frame_arg_spec(f->call, i);

        wire_u8(&b, FACT_ARG);
        wire_u8(&b, (uint8_t)i);
        wire_i64(&b, f->args.v[i].i);
        if (spec == NULL)
            continue;
        if (spec->type == IPCLAB_BYTES || spec->type == IPCLAB_STRING ||
            spec->type == IPCLAB_PATH ||
            (spec->type == IPCLAB_ANY && (uint64_t)f->args.v[i].i >= LITERAL_BASE))
            put_arg_bytes(&b, i, spec, &f->args);
        if ((spec->flags & IPCLAB_ALONG) != 0) {
            struct named_object o = {.fd = (int)f->args.v[i].i};

            o.kind = frame_object_behind(f, o.fd, &o.key, &o.key2);
            wire_u8(&b, FACT_ALONG);
            wire_u8(&b, o.kind != NULL && o.kind->linked);
        } else if (spec->type == IPCLAB_FD) {
            struct named_object o = {.fd = (int)f->args.v[i].i};

            o.kind = frame_object_behind(f, o.fd, &o.key, &o.key2);
            if (o.kind != NULL) {
                frame_add_object(f, &o);
                frame_put_object(&b, &o);
            }
        }
    }
    for (int i = 0; i < f->nobjects; i++)
        if (frame_runs_out(f, &f->objects[i]))
            wire_u8(&b, FACT_RUNS_OUT);
    if ((f->call->flags & IPCLAB_WAITS) != 0 &&
        (signals_timer_ends(&b) || (f->call->timed != NULL && f->call->timed(&f->args))))
        wire_u8(&b, FACT_TIMED);
    board_put_entered(self_process.board, &b);
}

/* An argument outside its record's bounds is refused before anything is done. */
bool
frame_in_bounds(const struct ipclab_frame *f, char *why, size_t room)
{
    for (int i = 0; i < f->args.n; i++) {
        const struct ipclab_arg *s = frame_arg_spec(f->call, i);
        int64_t v = f->args.v[i].i;

        if (s == NULL || (s->min == 0 && s->max == 0) || (v >= s->min && v <= s->max))
            continue;
        snprintf(why, room, "argument %s of %s is %lld; expected %lld to %lld", s->name,
                 f->call->name, (long long)v, (long long)s->min, (long long)s->max);
        return false;
    }
    return true;
}
