/* SPDX-License-Identifier: GPL-3.0-or-later
 * See draw.h. */
#include "view/draw.h"

#include <stdlib.h>
#include <string.h>

#include "base/columns.h"
#include "base/mem.h"
#include "base/text.h"

static const struct signs utf8_signs = {
    .wall = "│",
    .rule = "─",
    .cross = "┼",
    .box_rule = "═",
    .box_cross = "╧",
    .thin_cross = "┴",
    .wait = "▒",
    .out = "─▶",
    .in = "◀──",
    .end = "×",
    .here = "◀",
    .step = "●",
    .fork_right = "├",
    .fork_left = "┤",
    .child_right = "╮",
    .child_left = "╭",
    .many = "┊",
};

static const struct signs ascii_signs = {
    .wall = "|",
    .rule = "-",
    .cross = "+",
    .box_rule = "=",
    .box_cross = "=",
    .thin_cross = "+",
    .wait = "#",
    .out = "->",
    .in = "<--",
    .end = "x",
    .here = "<",
    .step = "*",
    .fork_right = "|",
    .fork_left = "|",
    .child_right = ".",
    .child_left = ".",
    .many = ":",
};

const struct signs *
signs_of(bool ascii)
{
    return ascii ? &ascii_signs : &utf8_signs;
}

/* ---- Canvas -------------------------------------------------------------------------------- */

void
canvas_release(struct canvas *c)
{
    free(c->spots);
    buf_release(&c->text);
    *c = (struct canvas){.colour = c->colour};
}

void
canvas_clear(struct canvas *c, int width)
{
    c->width = width;
    c->rows = 0;
    buf_clear(&c->text);
}

static void
need_row(struct canvas *c, int row)
{
    size_t need = (size_t)(row + 1) * (size_t)c->width, have = (size_t)c->rows * (size_t)c->width;

    if (row < c->rows)
        return;
    if (need > c->cap) {
        c->cap = need * 2;
        c->spots = mem_grow(c->spots, c->cap * sizeof *c->spots);
    }
    memset(c->spots + have, 0, (need - have) * sizeof *c->spots);
    c->rows = row + 1;
}

int
canvas_put(struct canvas *c, int row, int column, const char *s, size_t n, enum tint tint)
{
    struct spot *last = NULL, *spots;

    need_row(c, row);
    spots = c->spots + (size_t)row * (size_t)c->width;
    for (size_t at = 0, k; at < n; at += k) {
        size_t wide;

        k = text_utf8(s + at, n - at);
        k = k > 0 ? k : 1;
        wide = columns_of(s + at, k);
        if (wide == 0 && last != NULL && last->n + k <= UINT8_MAX) { /* stands on the one before */
            buf_put(&c->text, s + at, k);
            last->n = (uint8_t)(last->n + k);
        }
        if (wide == 0)
            continue;
        if (s[at] == DRAW_BLANK) {
            column++;
            continue;
        }
        if (column < 0 || column + (int)wide > c->width)
            break;
        last = &spots[column];
        *last = (struct spot){(uint32_t)c->text.len, (uint8_t)k, (uint8_t)tint};
        buf_put(&c->text, s + at, k);
        for (size_t i = 1; i < wide; i++)
            last[i] = (struct spot){0, 0, UINT8_MAX};
        column += (int)wide;
    }
    return column;
}

int
canvas_puts(struct canvas *c, int row, int column, const char *s, enum tint tint)
{
    return canvas_put(c, row, column, s, strlen(s), tint);
}

int
canvas_wrap(struct canvas *c, int row, int column, int width, int hang, const char *s,
            enum tint tint, int *end)
{
    int rows = 0, in = 0, behind = column;

    hang = hang < width / 2 ? hang : 0;
    while (*s != '\0') {
        size_t n = strcspn(s, "\n");
        size_t k = columns_break(s, n, (size_t)(width - in), 0);

        behind = canvas_put(c, row + rows++, column + in, s, k, tint);
        while (k < n && s[k] == ' ')
            k++;
        s += k;
        if (*s == '\n')
            s++;
        in = hang;
    }
    if (end != NULL)
        *end = behind;
    return rows;
}

static void
put_tint(const struct canvas *c, struct buf *out, enum tint tint)
{
    if (c->colour)
        buf_puts(out, row_sgr(tint));
}

void
canvas_flush(struct canvas *c, struct buf *out)
{
    for (int row = 0; row < c->rows; row++) {
        const struct spot *spots = c->spots + (size_t)row * (size_t)c->width;
        uint8_t tint = TINT_NONE;
        int n = c->width;

        while (n > 0 && spots[n - 1].n == 0)
            n--;
        for (int i = 0; i < n; i++) {
            if (spots[i].n == 0 && spots[i].tint == UINT8_MAX)
                continue;
            if (spots[i].tint != tint) {
                tint = spots[i].tint;
                put_tint(c, out, TINT_NONE);
                if (tint != TINT_NONE)
                    put_tint(c, out, tint);
            }
            if (spots[i].n == 0)
                buf_putc(out, ' ');
            else
                buf_put(out, c->text.data + spots[i].at, spots[i].n);
        }
        if (tint != TINT_NONE)
            put_tint(c, out, TINT_NONE);
        buf_putc(out, '\n');
    }
    canvas_clear(c, c->width);
}

/* ---- Who lives and waits ------------------------------------------------------------------- */

void
standings_release(struct standings *s)
{
    free(s->of);
    *s = (struct standings){0};
}

void
standings_copy(struct standings *to, const struct standings *from)
{
    if (to->n != from->n)
        to->of = mem_grow(to->of, (size_t)from->n * sizeof *to->of);
    to->n = from->n;
    if (from->n > 0)
        memcpy(to->of, from->of, (size_t)from->n * sizeof *to->of);
}

struct standing
standing_of(const struct standings *s, int actor)
{
    return actor >= 0 && actor < s->n ? s->of[actor] : (struct standing){0};
}

static void
stand(struct standings *s, int actor, bool alive, bool waits)
{
    if (actor >= 0)
        s->of[actor] = (struct standing){alive, waits};
}

void
standings_after(struct standings *s, const struct story *story, const struct moment *m, bool live)
{
    if (s->n < story->nactors) {
        int n = story->nactors * 2;

        s->of = mem_grow(s->of, (size_t)n * sizeof *s->of);
        memset(s->of + s->n, 0, (size_t)(n - s->n) * sizeof *s->of);
        s->n = n;
    }
    switch (m->kind) {
    case MOMENT_FORK:
        stand(s, m->other, true, false);
        stand(s, m->actor, true, false);
        break;
    case MOMENT_CALL:
    case MOMENT_BACK:
    case MOMENT_SPAWN:
    case MOMENT_EXEC:
        stand(s, m->actor, true, false);
        break;
    case MOMENT_WAIT:
        stand(s, m->actor, true, true);
        break;
    case MOMENT_EXIT:
    case MOMENT_KILLED:
        stand(s, m->actor, false, false);
        break;
    case MOMENT_RESET:
        memset(s->of, 0, (size_t)s->n * sizeof *s->of);
        break;
    case MOMENT_UNDO: /* a whole rendering has left out what was undone, so that all is as it was */
        for (int i = 0; i < story->nactors && live; i++)
            stand(s, i, story->actors[i].alive, story->actors[i].waits);
        break;
    default:
        break;
    }
}

/* ---- Objects ------------------------------------------------------------------------------- */

enum { OBJECTS_MAX = 4 }; /* in one row of the picture; the others are counted */

static void
object_text(struct buf *out, const struct moment_object *o, bool alone)
{
    buf_clear(out);
    if (!alone)
        buf_printf(out, "%s%s", o->name, o->state[0] != '\0' ? " " : "");
    if (!alone && o->state[0] != '\0' && o->state[0] != ' ')
        buf_putc(out, ' ');
    buf_puts(out, o->state);
}

int
draw_objects(struct canvas *c, int row, int column, int width, const struct moment *m, bool alone)
{
    struct buf text = {0};
    int rows = 0;

    for (int i = 0; i < m->nobjects; i++) {
        if (i == OBJECTS_MAX - 1 && m->nobjects > OBJECTS_MAX) {
            buf_clear(&text);
            buf_printf(&text, "and %d more", m->nobjects - i);
            i = m->nobjects;
        } else {
            object_text(&text, &m->objects[i], alone);
        }
        rows += canvas_wrap(c, row + rows, column, width, 2, buf_text(&text), TINT_STATE, NULL);
    }
    buf_release(&text);
    return rows;
}

int
objects_width(const struct moment *m, bool alone)
{
    struct buf text = {0};
    int most = 0;

    for (int i = 0; i < m->nobjects && i < OBJECTS_MAX; i++) {
        int n;

        object_text(&text, &m->objects[i], alone);
        n = (int)columns_of(buf_text(&text), text.len);
        most = n > most ? n : most;
    }
    buf_release(&text);
    return most;
}

/* ---- Texts --------------------------------------------------------------------------------- */

void
draw_shorten(struct buf *out, const char *text, size_t most)
{
    while (*text != '\0') {
        size_t n = strcspn(text, "\""), k;

        buf_put(out, text, n);
        text += n;
        if (*text == '\0')
            return;
        for (n = 1; text[n] != '\0' && text[n] != '"'; n++)
            n += text[n] == '\\' && text[n + 1] != '\0';
        if (text[n] == '\0' || columns_of(text, n) <= most) {
            n += text[n] != '\0';
            buf_put(out, text, n);
            text += n;
            continue;
        }
        k = columns_fit(text, n, most);
        for (size_t i = k; i > 0 && i + 4 > k; i--) /* not in the middle of \x1f */
            if (text[i - 1] == '\\')
                k = i - 1;
        buf_put(out, text, k);
        buf_puts(out, "\"...");
        text += n + 1;
    }
}

void
draw_keep_together(struct buf *text)
{
    bool quoted = false;

    for (size_t i = 0; i < text->len; i++) {
        char *c = text->data + i;

        if (*c == '\\' && i + 1 < text->len)
            i++;
        else if (*c == '"')
            quoted = !quoted;
        else if (*c == ' ' && (quoted || (i > 1 && (memcmp(c - 2, " =", 2) == 0 ||
                                                    memcmp(c - 2, "->", 2) == 0))))
            *c = DRAW_BLANK;
    }
}

int
draw_number(int64_t step)
{
    int n = 3;

    for (step /= 1000; step > 0; step /= 10)
        n++;
    return n;
}

bool
draw_wanted(const struct story *s, int actor)
{
    const char *const *only = s->options.only;

    if (only == NULL || actor < 0)
        return actor >= 0;
    for (; *only != NULL; only++)
        if (strcmp(*only, s->actors[actor].name) == 0)
            return true;
    return false;
}

bool
draw_concerns(const struct story *s, const struct moment *m)
{
    if (s->options.only == NULL || draw_wanted(s, m->actor))
        return true;
    if (m->kind == MOMENT_FORK)
        return draw_wanted(s, m->other);
    for (int i = 0; m->verdict != NULL && m->verdict->actors[i] != NULL; i++)
        for (int k = 0; s->options.only[k] != NULL; k++)
            if (strcmp(s->options.only[k], m->verdict->actors[i]) == 0)
                return true;
    return m->verdict == NULL && m->actor < 0;
}
