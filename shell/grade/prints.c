/* SPDX-License-Identifier: GPL-3.0-or-later
 * See prints.h. */
#include "grade/prints.h"

#include <ctype.h>
#include <inttypes.h>

#include "base/text.h"
#include "builtin/builtins.h"

enum {
    LINES_MAX = 64,
    ADDRESSES_MAX = 32,
    LINE_SHOWN = 160,
    DIGITS = 3, /* of a number that may be another for each student */
};

/* Below it are no addresses of a process that has its own places for everything. */
#define LEAST_ADDRESS (1LL << 32)

void
prints_init(struct prints *p)
{
    *p = (struct prints){json_array(), json_array()};
}

void
prints_release(struct prints *p)
{
    json_decref(p->lines);
    json_decref(p->addresses);
    *p = (struct prints){0};
}

/* ---- Lines ---------------------------------------------------------------------------------- */

void
prints_line(const char *text, struct buf *out)
{
    bool quoted = false;
    size_t from = out->len;

    text += strspn(text, " \t-");
    while (*text != '\0') {
        size_t digits = strspn(text, "0123456789"), blanks = strspn(text, " \t");

        if (!quoted && blanks > 0 && (text[blanks] == '#' || text[blanks] == '\0'))
            break;
        if (*text == '"' && (out->len == from || out->data[out->len - 1] != '\\'))
            quoted = !quoted;
        if (digits >= DIGITS) {
            buf_putc(out, '#');
            text += digits;
        } else if (blanks > 0) {
            buf_putc(out, ' ');
            text += blanks;
        } else {
            buf_putc(out, *text++);
        }
    }
}

static bool
has(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0)
            return true;
    return false;
}

static void
put_once(json_t *list, const char *text, size_t most)
{
    if (json_array_size(list) < most && !has(list, text))
        json_array_append_new(list, json_string(text));
}

/* What somebody does, and no verb of a lab. */
static void
take_line(struct prints *p, const char *text)
{
    struct buf line = {0}, shown = {0};
    char word[64];

    prints_line(text, &line);
    snprintf(word, sizeof word, "%.*s", (int)strcspn(buf_text(&line), " "), buf_text(&line));
    if (word[0] != '\0' && builtin_find(word) == NULL) {
        text_escape(&shown, line.data, line.len < LINE_SHOWN ? line.len : LINE_SHOWN, true);
        put_once(p->lines, buf_text(&shown), LINES_MAX);
    }
    buf_release(&line);
    buf_release(&shown);
}

/* ---- Events --------------------------------------------------------------------------------- */

/* Numbers under "vol", which differ from session to session. */
static void
take_volatile(struct prints *p, const struct event *e, const struct item *parent)
{
    char text[32];

    for (const struct item *i = item_first(e, parent); i != NULL; i = item_next(e, i)) {
        if (i->kind == ITEM_OBJECT || i->kind == ITEM_ARRAY)
            take_volatile(p, e, i);
        if (i->kind != ITEM_INT || i->value < LEAST_ADDRESS)
            continue;
        snprintf(text, sizeof text, "0x%" PRIx64, (uint64_t)i->value);
        put_once(p->addresses, text, ADDRESSES_MAX);
    }
}

void
prints_take(struct prints *p, const struct event *e)
{
    const char *ev = event_get_text(e, NULL, "ev"), *text = event_get_text(e, NULL, "text");
    const struct item *vol = event_get(e, NULL, "vol");

    if (ev != NULL && strcmp(ev, "input") == 0 && text != NULL &&
        event_get_text(e, NULL, "from") == NULL)
        take_line(p, text);
    if (vol != NULL && vol->kind == ITEM_OBJECT)
        take_volatile(p, e, vol);
}

static void
leave_out(struct prints *p, const char *text)
{
    struct buf line = {0};

    prints_line(text, &line);
    for (size_t i = json_array_size(p->lines); i-- > 0;)
        if (strcmp(json_string_value(json_array_get(p->lines, i)), buf_text(&line)) == 0)
            json_array_remove(p->lines, i);
    buf_release(&line);
}

void
prints_leave_out(struct prints *p, const struct guided *g)
{
    for (int i = 0; i < g->ntasks; i++) {
        const struct guided_task *t = &g->tasks[i];

        for (int k = 0; k < t->solution.n; k++)
            leave_out(p, t->solution.list[k].text);
        for (int k = 0; k < t->nhints; k++)
            leave_out(p, t->hints[k].text);
    }
}
