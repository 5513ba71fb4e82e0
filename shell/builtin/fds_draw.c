/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The picture of fds: a block of rows for each object, in it a group of rows for each open file,
 * a row for each descriptor. What leads to the same thing is joined by lines:
 *
 *   parent  3  1 call  ─┬─▶ #2  O_RDONLY  ─┬─▶ pipe#1  5 B  W: child  R: parent child
 *   child   3  2 fork  ─┘                  │
 *   child   4  2 fork  ───▶ #3  O_WRONLY  ─┘ */
#include "base/columns.h"
#include "base/mem.h"
#include "base/text.h"
#include "builtin/fds.h"

enum { GAP = 2, LEAST_OBJECT = 16 };

struct joint { /* what stands between two columns, by the place in a group */
    const char *alone, *first, *middle, *last, *beside, *none;
};

static const struct joint utf8 = {"───▶ ", "─┬─▶ ", "─┤   ", "─┘   ", " │   ", "     "};
static const struct joint ascii_only = {"---> ", "-+-> ", "-+   ", "-+   ", " |   ", "     "};

/* A row of the picture. */
struct row_fd {
    struct buf process, fd, since, file;
    int in_file, of_file;     /* its place in the group of its file, and how many that has */
    int in_object, of_object; /* the same for files of an object; -1: none begins here */
};

struct drawing {
    const json_t *facts;
    const struct joint *joint;
    bool ascii;
    struct row_fd *rows;
    int n;
    int width, wide[4]; /* of the columns before the object */
};

static void
put_clean(const struct drawing *d, struct buf *out, const char *text)
{
    text_escape(out, text, strlen(text), d->ascii);
}

static const json_t *
find_descriptor(const json_t *facts, const char *actor, json_int_t number)
{
    const json_t *p, *fd;
    size_t i, k;

    json_array_foreach(json_object_get(facts, "processes"), i, p)
    {
        if (strcmp(look_text(p, "actor"), actor) != 0)
            continue;
        json_array_foreach(json_object_get(p, "fds"), k,
                           fd) if (json_integer_value(json_object_get(fd, "fd")) ==
                                   number) return fd;
    }
    return NULL;
}

/* ---- Cells --------------------------------------------------------------------------------- */

static void
put_file(const struct drawing *d, const json_t *file, struct buf *out)
{
    const json_t *word,
        *object = json_array_get(json_object_get(d->facts, "objects"),
                                 (size_t)json_integer_value(json_object_get(file, "object")) - 1);
    json_int_t offset = json_integer_value(json_object_get(file, "offset"));
    size_t i;

    buf_printf(out, "#%lld  ", (long long)json_integer_value(json_object_get(file, "file")));
    json_array_foreach(json_object_get(file, "flags"), i, word)
        buf_printf(out, "%s%s", i > 0 ? "|" : "", json_string_value(word));
    if (offset > 0 || strcmp(look_text(object, "kind"), "file") == 0)
        buf_printf(out, "  at %lld", (long long)offset);
}

static void
put_since(const json_t *fd, struct buf *out)
{
    json_int_t since = json_integer_value(json_object_get(fd, "since"));

    if (since == 0)
        buf_puts(out, "start");
    else
        buf_printf(out, "%lld %s", (long long)since, look_text(fd, "how"));
}

static void
fill_row(struct drawing *d, struct row_fd *r, const json_t *holder)
{
    json_int_t number = json_integer_value(json_object_get(holder, "fd"));
    const json_t *fd = find_descriptor(d->facts, look_text(holder, "actor"), number);

    put_clean(d, &r->process, look_text(holder, "actor"));
    buf_printf(&r->fd, "%lld", (long long)number);
    if (json_is_true(json_object_get(fd, "cloexec")))
        buf_puts(&r->fd, " CLOEXEC");
    put_since(fd, &r->since);
}

/* The rows of the object of this number. */
static void
make_rows(struct drawing *d, json_int_t number)
{
    const json_t *files = json_object_get(d->facts, "files"), *file, *holder;
    size_t i, k;
    int nfiles = 0, at = 0;

    json_array_foreach(files, i, file) nfiles +=
        json_integer_value(json_object_get(file, "object")) == number;
    json_array_foreach(files, i, file)
    {
        const json_t *fds = json_object_get(file, "fds");

        if (json_integer_value(json_object_get(file, "object")) != number)
            continue;
        json_array_foreach(fds, k, holder)
        {
            struct row_fd *r;

            d->rows = mem_grow(d->rows, sizeof *d->rows * (size_t)(d->n + 1));
            r = &d->rows[d->n++];
            *r = (struct row_fd){.in_file = (int)k,
                                 .of_file = (int)json_array_size(fds),
                                 .in_object = k == 0 ? at : -1,
                                 .of_object = nfiles};
            fill_row(d, r, holder);
            if (k == 0)
                put_file(d, file, &r->file);
        }
        at++;
    }
}

static void
release_rows(struct drawing *d)
{
    for (int i = 0; i < d->n; i++) {
        buf_release(&d->rows[i].process);
        buf_release(&d->rows[i].fd);
        buf_release(&d->rows[i].since);
        buf_release(&d->rows[i].file);
    }
    d->n = 0;
}

/* ---- Lines --------------------------------------------------------------------------------- */

static void
put_padded(struct buf *out, const char *text, int width)
{
    buf_puts(out, text);
    for (int n = (int)columns_of(text, strlen(text)); n < width; n++)
        buf_putc(out, ' ');
}

static const char *
joint_of(const struct joint *j, int in, int of)
{
    return of <= 1 ? j->alone : in == 0 ? j->first : in == of - 1 ? j->last : j->middle;
}

/* One row; text is the part of the object's words that stands beside it. */
static void
put_row(const struct drawing *d, const struct row_fd *r, bool files_follow, const char *text,
        struct buf *out)
{
    size_t from = out->len;

    put_padded(out, buf_text(&r->process), d->wide[0] + GAP);
    put_padded(out, buf_text(&r->fd), d->wide[1] + GAP);
    put_padded(out, buf_text(&r->since), d->wide[2] + GAP);
    buf_puts(out, joint_of(d->joint, r->in_file, r->of_file));
    put_padded(out, buf_text(&r->file), d->wide[3] + 1);
    buf_puts(out, r->in_object >= 0 ? joint_of(d->joint, r->in_object, r->of_object)
                  : files_follow    ? d->joint->beside
                                    : d->joint->none);
    buf_puts(out, text);
    while (out->len > from && out->data[out->len - 1] == ' ')
        out->data[--out->len] = '\0';
    buf_putc(out, '\n');
}

static void
put_object_words(const struct drawing *d, struct session *s, const json_t *o, struct buf *out)
{
    const struct ipclab_kind *kind = catalog_kind(&s->launcher.catalog, look_text(o, "kind"));
    struct buf state = {0};

    if (json_is_true(json_object_get(o, "captured"))) {
        buf_puts(out, "shown by ipclab");
        return;
    }
    if (json_is_true(json_object_get(o, "named"))) {
        put_clean(d, out, look_text(o, "name"));
        if (json_object_get(json_object_get(o, "state"), "offset") != NULL) /* of an open file */
            buf_printf(&state, "%lld B",
                       (long long)json_integer_value(
                           json_object_get(json_object_get(o, "state"), "size")));
        else
            look_state(kind, o, &state);
        buf_puts(out, "  ");
        put_clean(d, out, buf_text(&state));
    } else {
        put_clean(d, out, look_text(o, "target"));
    }
    buf_release(&state);
}

/* The words in lines of what room there is; rows without descriptors follow where they need them.
 */
static void
put_block(struct drawing *d, struct session *s, const json_t *o, struct buf *out)
{
    int at = d->wide[0] + d->wide[1] + d->wide[2] + d->wide[3] + 3 * GAP + 1 + 10;
    int room = d->width - at < LEAST_OBJECT ? LEAST_OBJECT : d->width - at, last = 0;
    struct buf words = {0}, lines = {0};
    const char *line;

    put_object_words(d, s, o, &words);
    columns_wrap(&lines, buf_text(&words), 0, 2, room);
    line = buf_text(&lines);
    for (int i = 0; i < d->n; i++)
        if (d->rows[i].in_object >= 0)
            last = i;
    for (int i = 0; i < d->n || *line != '\0'; i++) {
        size_t n = strcspn(line, "\n");
        char *text = mem_copy_n(line, n);

        if (i < d->n)
            put_row(d, &d->rows[i], i < last, text, out);
        else
            buf_printf(out, "%*s%s\n", at, "", text);
        free(text);
        line += n + (line[n] == '\n');
    }
    buf_release(&words);
    buf_release(&lines);
}

static void
measure(struct drawing *d)
{
    for (int i = 0; i < d->n; i++) {
        const struct buf *cells[4] = {&d->rows[i].process, &d->rows[i].fd, &d->rows[i].since,
                                      &d->rows[i].file};

        for (int k = 0; k < 4; k++) {
            int wide = (int)columns_of(buf_text(cells[k]), cells[k]->len);

            if (wide > d->wide[k])
                d->wide[k] = wide;
        }
    }
}

void
fds_draw(struct session *s, const json_t *facts, int width, bool ascii, struct buf *out)
{
    struct drawing d = {.facts = facts,
                        .joint = ascii ? &ascii_only : &utf8,
                        .ascii = ascii,
                        .width = width,
                        .wide = {7, 2, 5, 9}};
    const json_t *objects = json_object_get(facts, "objects"), *o;
    size_t i;

    json_array_foreach(objects, i, o) make_rows(&d, (json_int_t)i + 1);
    measure(&d);
    release_rows(&d);
    put_padded(out, "PROCESS", d.wide[0] + GAP);
    put_padded(out, "FD", d.wide[1] + GAP);
    put_padded(out, "SINCE", d.wide[2] + GAP + 5);
    put_padded(out, "OPEN FILE", d.wide[3] + 1 + 5);
    buf_puts(out, "OBJECT\n");
    json_array_foreach(objects, i, o)
    {
        make_rows(&d, (json_int_t)i + 1);
        put_block(&d, s, o, out);
        release_rows(&d);
    }
    free(d.rows);
    if (strcmp(look_text(facts, "sharing"), "kcmp") != 0)
        buf_puts(out, "The kernel does not tell here which descriptors share an open file: those "
                      "of one object may.\n");
}
