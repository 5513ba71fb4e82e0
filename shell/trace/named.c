/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which fields of a recorded event have numbers that the kernel chose. A session that runs knows
 * them by their values; of a trace the records of the calls say where they may stand. */
#include <stdio.h>
#include <string.h>

#include "trace/again.h"

static bool
field_is(const struct event *e, const char *name, const char *value)
{
    const char *text = event_get_text(e, NULL, name);

    return text != NULL && strcmp(text, value) == 0;
}

/* Does it differ from run to run, as an address does, and in a shared world pids and ids? */
static bool
is_volatile(const struct event *e, const char *name)
{
    const struct item *vol = event_get(e, NULL, "vol");

    return vol != NULL && event_get(e, vol, name) != NULL;
}

static void
name_field(struct event *e, const char *name, const char *kind)
{
    event_object(e, "names");
    event_text(e, name, kind);
    event_close(e);
}

static void
name_args(struct event *e, const struct ipclab_call *call)
{
    const struct item *args = event_get(e, NULL, "args");
    int n = 0;

    for (const struct item *i = args != NULL ? item_first(e, args) : NULL; i != NULL;
         i = item_next(e, i))
        n++;
    event_object(e, "names");
    event_array(e, "args");
    for (int i = 0; i < n; i++) {
        const struct ipclab_arg *spec = catalog_arg(call, i);

        if (spec == NULL ||
            (spec->type != IPCLAB_OBJECT && spec->type != IPCLAB_ANY && spec->type != IPCLAB_INT))
            continue;
        event_object(e, NULL);
        event_int(e, "at", i);
        event_close(e);
    }
    event_close(e);
    event_close(e);
}

/* Of a result: the kind of its object, or "pid"; "" where it is only possible. */
static void
name_result(struct event *e, const struct ipclab_call *call)
{
    char kind[16] = "";
    const char *object = event_get_text(e, NULL, "obj");
    int64_t ret = event_get_int(e, NULL, "ret", 1); /* where --stable left it out it was good */

    if (event_get(e, NULL, "errno") != NULL)
        return;
    if (call != NULL && (call->flags & IPCLAB_PIDS) != 0 && call->result == IPCLAB_OBJECT &&
        object != NULL)
        snprintf(kind, sizeof kind, "%.*s", (int)strcspn(object, "#"), object);
    else if (call != NULL && (call->flags & IPCLAB_PIDS) != 0 && ret > 0)
        snprintf(kind, sizeof kind, "pid");
    else if (event_get(e, NULL, "ret") == NULL || is_volatile(e, "ret"))
        return;
    name_field(e, "ret", kind);
}

void
named_by_record(struct event *e, const struct catalog *c)
{
    const char *name = event_get_text(e, NULL, "call");
    const struct ipclab_call *call = name != NULL ? catalog_call(c, name, NULL) : NULL;
    const struct item *value = event_get(e, NULL, "value");

    if (field_is(e, "ev", "enter") && call != NULL)
        name_args(e, call);
    else if (field_is(e, "ev", "exit") && value == NULL)
        name_result(e, call);
    else if (field_is(e, "ev", "exit") && value->kind == ITEM_INT && !is_volatile(e, "value"))
        name_field(e, "value", "");
    else if (field_is(e, "what", "spawn") || field_is(e, "what", "fork"))
        name_field(e, "pid", "pid");
}
