/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See host_words.h. */
#include "view/host_words.h"

#include <string.h>

static const char *
text_of(const struct event *e, const char *name)
{
    const char *text = event_get_text(e, NULL, name);

    return text != NULL ? text : "";
}

void
host_words(const struct event *e, struct buf *out)
{
    const struct item *list = event_get(e, NULL, "addresses");
    const char *what = text_of(e, "what");

    buf_printf(out, "%s: ", text_of(e, "host"));
    if (strcmp(what, "made") != 0) {
        buf_printf(out, "its cable is %s", what);
        return;
    }
    buf_puts(out, "a new host");
    for (const struct item *i = list != NULL ? item_first(e, list) : NULL; i != NULL;
         i = item_next(e, i))
        if (i->kind == ITEM_TEXT)
            buf_printf(out, ", %s", item_text(e, i));
}
