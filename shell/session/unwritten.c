/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What an actor has printed and not written: text that waits in a stream of stdio, in its memory,
 * while another process waits for it at the other end of a pipe. Kinds that are such buffers say
 * so by fields of their state (plugin.h, ipclab_kind.state). */
#include "proc/facts.h"
#include "session/explain.h"
#include "session/peek.h"

static bool
is_variable_of(const struct actor *a, const struct var *v, uint64_t value)
{
    int64_t held;

    return v->type.stars > 0 && peek_number(a, v->type, v->addr, &held) && (uint64_t)held == value;
}

/* The variable that holds this address, else a name that always works. */
static void
name_stream(const struct actor *a, int fd, uint64_t address, char name[SYMTAB_NAME_MAX + 1])
{
    for (int i = 0; i < a->symtab.n; i++)
        if (is_variable_of(a, &a->symtab.vars[i], address)) {
            snprintf(name, SYMTAB_NAME_MAX + 1, "%s", a->symtab.vars[i].name);
            return;
        }
    snprintf(name, SYMTAB_NAME_MAX + 1, "%s", fd == 1 ? "stdout" : fd == 2 ? "stderr" : "NULL");
}

int64_t
object_unwritten(const struct session *s, const struct actor *a, int fd,
                 char name[SYMTAB_NAME_MAX + 1])
{
    for (int i = 0; i < s->world.nobjects; i++) {
        const struct object *o = &s->world.objects[i];
        int64_t of_fd = -1, buffered = 0;
        struct wire_in in;
        struct fact_item f;

        if (o->key2 != (uint64_t)a->pid)
            continue;
        facts_open(&in, &o->state);
        while (facts_next(&in, &f))
            if (f.kind == FACT_STATE_INT && strcmp(f.name, "fd") == 0)
                of_fd = f.value;
            else if (f.kind == FACT_STATE_INT && strcmp(f.name, "buffered") == 0)
                buffered = f.value;
        if (of_fd == fd && buffered > 0) {
            name_stream(a, fd, o->key, name);
            return buffered;
        }
    }
    return 0;
}
