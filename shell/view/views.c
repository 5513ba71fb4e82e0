/* SPDX-License-Identifier: GPL-3.0-or-later
 * See view.h. The order is that of help. */
#include <string.h>

#include "base/text.h"
#include "view/view.h"

const struct view_kind *const view_kinds[] = {
    &view_lines,      &view_lanes,   &view_gutter, &view_linear, &view_strace,
    &view_transcript, &view_mermaid, &view_svg,    &view_json,   NULL,
};

const struct view_kind *
view_find(const char *name)
{
    for (int i = 0; view_kinds[i] != NULL; i++)
        if (strcmp(view_kinds[i]->name, name) == 0)
            return view_kinds[i];
    return NULL;
}

void
view_names(struct buf *out, bool live)
{
    const char *before = "";

    for (int i = 0; view_kinds[i] != NULL; i++) {
        if (live && !view_kinds[i]->is_live)
            continue;
        buf_printf(out, "%s%s", before, view_kinds[i]->name);
        before = ", ";
    }
}

/* Endings that people give to what a view of another ending makes. */
static const struct {
    const char *ending, *view;
} aliases[] = {
    {"trace", "json"}, {"json", "json"}, {"mermaid", "mermaid"}, {"log", "lines"}, {0},
};

/* What stands behind the last dot of the file's own name; "" when nothing does. */
static const char *
ending_of(const char *path)
{
    const char *name = strrchr(path, '/'), *dot;

    name = name != NULL ? name + 1 : path;
    dot = strrchr(name, '.');
    return dot != NULL && dot != name ? dot + 1 : "";
}

static void
no_ending(const char *ending, struct err *err)
{
    struct buf known = {0}, shown = {0};
    const char *before = "";

    for (int i = 0; view_kinds[i] != NULL; i++) {
        int first = 0; /* of those with this ending, which is the one that it gives */

        while (strcmp(view_kinds[first]->extension, view_kinds[i]->extension) != 0)
            first++;
        if (first != i || view_kinds[i]->extension[0] == '\0')
            continue;
        buf_printf(&known, "%s.%s", before, view_kinds[i]->extension);
        before = ", ";
    }
    text_escape(&shown, ending, strlen(ending), true);
    if (ending[0] == '\0')
        err_set(err, STATUS_USAGE,
                "a name without an ending does not say which view: give it one of %s, or name the "
                "view",
                buf_text(&known));
    else
        err_set(err, STATUS_USAGE,
                "no view has the ending .%.40s: give it one of %s, or name the view",
                buf_text(&shown), buf_text(&known));
    buf_release(&known);
    buf_release(&shown);
}

const struct view_kind *
view_by_ending(const char *path, struct err *err)
{
    const char *ending = ending_of(path);

    for (int i = 0; ending[0] != '\0' && view_kinds[i] != NULL; i++)
        if (strcmp(view_kinds[i]->extension, ending) == 0)
            return view_kinds[i];
    for (int i = 0; aliases[i].ending != NULL; i++)
        if (strcmp(aliases[i].ending, ending) == 0)
            return view_find(aliases[i].view);
    no_ending(ending, err);
    return NULL;
}
