/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See mermaid_text.h. */
#include "view/mermaid_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/columns.h"
#include "base/text.h"

enum { NOTE_WIDTH = 48 }; /* columns */

/* Letters, digits and what means nothing to the diagram stand for themselves, all else is #NN;. Two
 * words may not stand before `:` and `#`, because mermaid cuts what follows them. */
static void
put_text(struct buf *out, const char *s, size_t n)
{
    static const char plain[] = " _-.,()=+*/'\"[]|!?:";
    static const char *const words[] = {"style", "classDef", "wrap", "nowrap"};

    for (size_t i = 0, k; i < n; i += k) {
        unsigned char u = (unsigned char)s[i];
        uint32_t c;
        bool coded;

        k = text_utf8(s + i, n - i);
        k = k > 0 ? k : 1;
        c = k > 1 ? text_code_point(s + i, k) : u;
        coded = u < 0x80 && !(u >= 'a' && u <= 'z') && !(u >= 'A' && u <= 'Z') &&
                !(u >= '0' && u <= '9') && (u == '\0' || strchr(plain, u) == NULL);
        coded |= c == 0xfb02 || c == 0xb0 || c == 0xb6 || c == 0xdf; /* what it codes #NN; with */
        for (size_t w = 0; w < sizeof words / sizeof *words; w++)
            coded |= strncmp(s + i, words[w], strlen(words[w])) == 0;
        if (coded)
            buf_printf(out, "#%u;", c);
        else
            buf_put(out, s + i, k);
    }
}

void
mermaid_label(struct buf *out, const char *s)
{
    while (*s != '\0') {
        size_t n = strcspn(s, "\n");

        put_text(out, s, n);
        s += n;
        if (*s == '\n' && *++s != '\0')
            buf_puts(out, "<br/>");
    }
}

void
mermaid_folded(struct buf *out, const char *s)
{
    struct buf folded = {0};

    columns_wrap(&folded, s, 0, 0, NOTE_WIDTH);
    mermaid_label(out, buf_text(&folded));
    buf_release(&folded);
}
