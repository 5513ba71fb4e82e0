/* SPDX-License-Identifier: GPL-3.0-or-later
 * See look.h. */
#include "builtin/look.h"

bool
look_wants_json(const char **rest)
{
    size_t n = strcspn(*rest, " \t");

    if (n != strlen("--json") || strncmp(*rest, "--json", n) != 0)
        return false;
    *rest += n + strspn(*rest + n, " \t");
    return true;
}

void
look_tell_json(struct session *s, json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENSURE_ASCII);
    struct buf line = {0};

    if (text != NULL)
        buf_printf(&line, "%s\n", text);
    session_page(s, buf_text(&line), line.len);
    buf_release(&line);
    free(text);
    json_decref(value);
}
