/* SPDX-License-Identifier: GPL-3.0-or-later
 * See view.h. The order is that of help. */
#include <string.h>

#include "view/view.h"

const struct view_kind *const view_kinds[] = {
    &view_lines,   &view_lanes, &view_gutter, &view_strace, &view_transcript,
    &view_mermaid, &view_svg,   &view_json,   NULL,
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
