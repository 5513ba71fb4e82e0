/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What was used in a lab, for its end: the calls with what each is for and where to read on, and
 * the constants. */
#include "base/columns.h"
#include "base/mem.h"
#include "lesson/lesson.h"

enum { CONSTANTS_MAX = 64, TERM = 12 };

struct used {
    const struct ipclab_call **calls;
    int n;
    char constants[CONSTANTS_MAX][32];
    int nconstants;
};

static void
add_constant(struct used *u, const struct catalog *c, const char *word, size_t n)
{
    char name[32];
    int64_t value;

    if (n == 0 || n >= sizeof name || u->nconstants == CONSTANTS_MAX)
        return;
    snprintf(name, sizeof name, "%.*s", (int)n, word);
    for (int i = 0; i < u->nconstants; i++)
        if (strcmp(u->constants[i], name) == 0)
            return;
    if (catalog_constant(c, name, &value))
        memcpy(u->constants[u->nconstants++], name, sizeof name);
}

/* Flags in the words of C: IPC_CREAT|0666. */
static void
add_constants(struct used *u, const struct catalog *c, const struct record *r)
{
    const struct item *args = event_get(&r->enter, NULL, "args");
    const struct ipclab_arg *spec = r->call->args;
    const struct item *i = args != NULL ? item_first(&r->enter, args) : NULL;

    for (; i != NULL && spec != NULL && spec->type != IPCLAB_END;
         i = item_next(&r->enter, i), spec++) {
        const char *word;

        if (i->kind != ITEM_TEXT || spec->type == IPCLAB_BYTES || spec->type == IPCLAB_STRING)
            continue;
        for (word = item_text(&r->enter, i); *word != '\0';) {
            size_t n = strcspn(word, "|");

            add_constant(u, c, word, n);
            word += n + (word[n] == '|');
        }
    }
}

static void
collect(struct used *u, const struct history *h)
{
    for (int i = 0; i < h->n; i++) {
        const struct record *r = h->list[i];
        bool known = r->call == NULL;

        for (int k = 0; k < u->n && !known; k++)
            known = u->calls[k] == r->call;
        if (!known) {
            u->calls = mem_grow(u->calls, sizeof(*u->calls) * (size_t)(u->n + 1));
            u->calls[u->n++] = r->call;
        }
        if (r->call != NULL)
            add_constants(u, h->catalog, r);
    }
}

void
lesson_recap(struct lesson *l, struct buf *out)
{
    struct used u = {0};
    struct buf line = {0};
    int width = lesson_width(l->s);
    const char *man;

    collect(&u, &l->history);
    if (u.n > 0)
        buf_puts(out, "what you used\n");
    for (int i = 0; i < u.n; i++) {
        buf_printf(out, "  %-*s", TERM - 2, u.calls[i]->name);
        if (strlen(u.calls[i]->name) > TERM - 3)
            buf_putc(out, ' ');
        man = u.calls[i]->man;
        buf_clear(&line);
        buf_printf(&line, "%s%s%s", u.calls[i]->summary, man[0] != '\0' ? "; man " : "", man);
        columns_wrap(out, buf_text(&line), TERM, TERM, width);
    }
    buf_clear(&line);
    for (int i = 0; i < u.nconstants; i++)
        buf_printf(&line, "%s%s", i > 0 ? ", " : "", u.constants[i]);
    if (u.nconstants > 0) {
        buf_printf(out, "  %-*s", TERM - 2, "constants");
        columns_wrap(out, buf_text(&line), TERM, TERM, width);
    }
    buf_clear(&line);
    for (int i = 0; i < l->g->nman; i++)
        buf_printf(&line, "%s%s", i > 0 ? ", " : "", l->g->man[i]);
    if (l->g->nman > 0) {
        buf_printf(out, "  %-*s", TERM - 2, "read on");
        columns_wrap(out, buf_text(&line), TERM, TERM, width);
    }
    buf_release(&line);
    free(u.calls);
}
