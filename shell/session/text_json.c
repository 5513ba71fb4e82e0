/* SPDX-License-Identifier: GPL-3.0-or-later
 * See text_json.h. */
#include "session/text_json.h"

#include "base/text.h"

json_t *
text_json_n(const char *text, size_t n)
{
    struct buf clean = {0};
    json_t *made;

    if (text_is_utf8(text, n))
        return json_stringn(text, n);
    text_escape(&clean, text, n, false);
    made = json_string(buf_text(&clean));
    buf_release(&clean);
    return made;
}

json_t *
text_json(const char *text)
{
    return text_json_n(text, strlen(text));
}
