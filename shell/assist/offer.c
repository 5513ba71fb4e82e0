/* SPDX-License-Identifier: GPL-3.0-or-later
 * See offer.h. */
#include "assist/offer.h"

#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

bool
offer_fits(const struct offers *o, const char *text)
{
    switch (o->match) {
    case OFFER_PREFIX:
        return strncmp(text, o->word, o->n) == 0;
    case OFFER_CASELESS:
        return strncasecmp(text, o->word, o->n) == 0;
    case OFFER_INSIDE:
        for (; *text != '\0'; text++)
            if (strncasecmp(text, o->word, o->n) == 0)
                return true;
        break;
    }
    return false;
}

bool
offer_has(const struct offers *o, int from, const char *text)
{
    while (from < o->c->n && strcmp(o->c->list[from].text, text) != 0)
        from++;
    return from < o->c->n;
}

void
offer_end(struct offers *o)
{
    struct buf shown = {0};

    if (!o->open)
        return;
    o->open = false;
    text_escape(&shown, buf_text(&o->about), o->about.len, false);
    o->c->list[o->c->n - 1].about = mem_copy(buf_text(&shown));
    buf_release(&shown);
}

struct buf *
offer(struct offers *o, const char *text, char append)
{
    struct completion *c = o->c;

    if (!offer_fits(o, text))
        return NULL;
    offer_end(o);
    if (c->n == COMPLETE_MAX) {
        c->more++;
        return NULL;
    }
    if (c->n == c->cap) {
        c->cap = c->cap > 0 ? 2 * c->cap : 32;
        c->list = mem_grow(c->list, sizeof *c->list * (size_t)c->cap);
    }
    c->list[c->n++] = (struct candidate){.text = mem_copy(text), .append = append};
    buf_clear(&o->about);
    o->open = true;
    return &o->about;
}

void
offer_text(struct offers *o, const char *text, char append, const char *about)
{
    struct buf *out = offer(o, text, append);

    if (out != NULL && about != NULL)
        buf_puts(out, about);
}
