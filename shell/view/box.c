/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The box of a verdict: what the call needs, who keeps it from that and since when, who is left,
 * and what to type next. `stuck` has a rule of two lines, `never` one of one. */
#include <stdlib.h>
#include <string.h>

#include "base/columns.h"
#include "view/draw.h"

enum { HOLDERS_MAX = 12 };

static void
put_rule(struct canvas *c, const struct signs *g, bool stuck, const int *crosses, int n)
{
    const char *title = stuck ? " STUCK " : " NEVER ENDS ";
    int at = n > 0 ? crosses[0] + 2 : 5;

    for (int i = 0; i < c->width; i++)
        canvas_puts(c, 0, i, stuck ? g->box_rule : g->rule, TINT_BAD);
    for (int i = 0; i < n; i++)
        canvas_puts(c, 0, crosses[i], stuck ? g->box_cross : g->thin_cross, TINT_BAD);
    canvas_puts(c, 0, at, title, TINT_BAD);
}

static const char *
end_of(const char *mode)
{
    return strcmp(mode, "w") == 0 ? "write end" : strcmp(mode, "r") == 0 ? "read end" : "";
}

/* "One write end (W1) is still open:", where that can be said of all holders; the count in brackets
 * is that of the column, if it says so. */
static void
put_count(struct buf *text, const struct moment *m)
{
    const struct moment_verdict *v = m->verdict;
    const char *mode = v->nholders > 0 ? v->holders[0].mode : "";
    char count[24];

    if (v->nholders == 0)
        return;
    for (int i = 1; i < v->nholders; i++)
        if (strcmp(v->holders[i].mode, mode) != 0)
            mode = "";
    if (end_of(mode)[0] == '\0') {
        buf_puts(text, " Still held:");
        return;
    }
    snprintf(count, sizeof count, "%c%d", mode[0] == 'w' ? 'W' : 'R', v->nholders);
    if (v->nholders == 1)
        buf_printf(text, " One %s", end_of(mode));
    else
        buf_printf(text, " %d %ss", v->nholders, end_of(mode));
    for (int i = 0; i < m->nobjects; i++)
        if (strstr(m->objects[i].state, count) != NULL)
            buf_printf(text, " (%s)", count);
    buf_printf(text, " %s still open:", v->nholders == 1 ? "is" : "are");
}

static int
put_paragraph(struct canvas *c, int row, const char *text)
{
    return canvas_wrap(c, row, 1, c->width - 1, 0, text, TINT_NONE, NULL);
}

static int
widest_holder(const struct moment_verdict *v)
{
    int most = 0;

    for (int i = 0; i < v->nholders && i < HOLDERS_MAX; i++) {
        int n = (int)columns_of(v->holders[i].actor, strlen(v->holders[i].actor));

        most = n > most ? n : most;
    }
    return most;
}

/* reader  fd 4   inherited in step 1, never closed    < reader itself */
static int
put_holder(struct canvas *c, const struct signs *g, int row, const struct moment_holder *h,
           int wide)
{
    struct buf text = {0};
    const char *how = story_birth(h->how);
    int at = 5, behind, rows;

    canvas_puts(c, row, at, h->actor, h->waits ? TINT_BAD : TINT_NONE);
    at += wide + 2;
    if (h->fd >= 0)
        buf_printf(&text, "fd %-3lld", (long long)h->fd);
    if (h->since > 0)
        buf_printf(&text, "%s%s in step %lld, %s", h->fd >= 0 ? " " : "", how, (long long)h->since,
                   h->fd >= 0 ? "never closed" : "not given back");
    rows = canvas_wrap(c, row, at, c->width - at, 2, buf_text(&text), TINT_NONE, &behind);
    if (h->waits) {
        buf_clear(&text);
        buf_printf(&text, "%s %s itself", g->here, h->actor);
        if (behind + 4 + (int)columns_of(text.data, text.len) > c->width) {
            rows++;
            behind = at - 2;
        }
        canvas_puts(c, row + rows - 1, behind + 4, text.data, TINT_BAD);
    }
    buf_release(&text);
    return rows > 0 ? rows : 1;
}

static int
put_holders(struct canvas *c, const struct signs *g, int row, const struct moment_verdict *v)
{
    int wide = widest_holder(v), rows = 0;
    char more[48];

    for (int i = 0; i < v->nholders && i < HOLDERS_MAX; i++)
        rows += put_holder(c, g, row + rows, &v->holders[i], wide);
    if (v->nholders > HOLDERS_MAX) {
        snprintf(more, sizeof more, "and %d more", v->nholders - HOLDERS_MAX);
        canvas_puts(c, row + rows++, 5, more, TINT_NONE);
    }
    return rows;
}

/* The lines to type, one after the other, as one sentence. */
static int
put_next(struct canvas *c, int row, const struct moment_verdict *v)
{
    struct buf text = {0};
    char undo[32];
    int rows;

    snprintf(undo, sizeof undo, "undo %lld", (long long)v->undo);
    if (v->next[0] == NULL && v->undo > 0)
        buf_printf(&text, "`%s`", undo);
    for (int i = 0; v->next[i] != NULL; i++)
        buf_printf(&text, "%s`%s`", i == 0 ? "" : ", then ", v->next[i]);
    if (text.len == 0)
        return 0;
    if (v->next[0] != NULL && strncmp(v->next[0], "undo ", 5) == 0 && v->next[1] != NULL)
        buf_printf(&text, " before %s%s", v->call[0] != '\0' ? "the " : "going on", v->call);
    buf_putc(&text, '.');
    canvas_puts(c, row, 1, "Next:", TINT_WAIT);
    rows = canvas_wrap(c, row, 8, c->width - 8, 0, text.data, TINT_NONE, NULL);
    buf_release(&text);
    return rows;
}

void
draw_verdict(struct canvas *c, const struct signs *signs, const struct moment *m,
             const int *crosses, int ncrosses)
{
    const struct moment_verdict *v = m->verdict;
    struct buf text = {0};
    int row = 1;

    put_rule(c, signs, strcmp(v->kind, "stuck") == 0, crosses, ncrosses);
    for (int i = 0; v->says[i] != NULL; i++) {
        buf_clear(&text);
        buf_puts(&text, v->says[i]);
        if (i == 0)
            put_count(&text, m);
        row += put_paragraph(c, row, text.data);
        if (i == 0)
            row += put_holders(c, signs, row, v);
    }
    buf_release(&text);
    put_next(c, row, v);
}
