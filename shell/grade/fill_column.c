/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which column of an exported file is filled (fill.h). Canvas calls the column of an assignment
 * "TITLE (NUMBER)", and has a row "    Points Possible"; Moodle's worksheet has a column "Grade"
 * and one "Maximum Grade". */
#include <ctype.h>

#include "base/text.h"
#include "grade/fill.h"

/* Is it this name, or this name and a number behind it? */
static bool
is_called(const char *head, const char *name)
{
    size_t n = strlen(name);

    if (strncmp(head, name, n) != 0)
        return false;
    head += n;
    if (*head == '\0')
        return true;
    if (strncmp(head, " (", 2) != 0)
        return false;
    n = strspn(head + 2, "0123456789");
    return n > 0 && strcmp(head + 2 + n, ")") == 0;
}

/* The only column of that name, or FILL_NOBODY, FILL_SEVERAL. One that is exactly so comes first.
 */
static int
find(const struct csv *c, const char *name)
{
    int found = FILL_NOBODY;
    struct buf room = {0};

    for (int i = 0; i < c->rows[0].n; i++) {
        const char *head = csv_value(c, 0, i, &room);

        if (strcmp(head, name) == 0) {
            found = i;
            break;
        }
        if (is_called(head, name))
            found = found == FILL_NOBODY ? i : FILL_SEVERAL;
    }
    buf_release(&room);
    return found;
}

static bool
is_moodle(const struct csv *c)
{
    return find(c, "Maximum Grade") >= 0 || find(c, "Grade can be changed") >= 0;
}

static int
guess(const struct csv *c, const struct reports *r, struct err *err)
{
    const char *id = report_text(json_object_get(r->lab, "lab"), "id");
    const char *title = report_text(r->lab, "title");
    int column = is_moodle(c) ? find(c, "Grade") : FILL_NOBODY;

    if (column < 0 && title[0] != '\0')
        column = find(c, title);
    if (column < 0 && id[0] != '\0')
        column = find(c, id);
    if (column < 0)
        return err_set(err, STATUS_USAGE,
                       "--column has to name the column that is filled: none is "
                       "called like the lab");
    return column;
}

static int
no_such(const struct csv *c, const char *name, struct err *err)
{
    struct buf room = {0}, shown = {0};
    struct near near;

    near_init(&near, name);
    for (int i = 0; i < c->rows[0].n; i++)
        near_offer(&near, csv_value(c, 0, i, &room));
    text_escape(&shown, name, strlen(name), true);
    err_set(err, STATUS_USAGE, "the file has no column '%.100s'%s%s%s", buf_text(&shown),
            near.best[0] != '\0' ? "; did you mean '" : "", near.best,
            near.best[0] != '\0' ? "'?" : "");
    buf_release(&room);
    buf_release(&shown);
    return -1;
}

static bool
is_points_row(const struct csv *c, int row, struct buf *room)
{
    return strcmp(csv_value(c, row, 0, room), "Points Possible") == 0;
}

/* What Canvas calculates itself. */
static bool
is_read_only(const struct csv *c, int column)
{
    struct buf room = {0};
    bool result = false;

    for (int row = 1; row < c->nrows && row < 4; row++)
        if (is_points_row(c, row, &room))
            result = strstr(csv_value(c, row, column, &room), "read only") != NULL;
    buf_release(&room);
    return result;
}

int
fill_column(const struct fill *f, const struct csv *c, const struct reports *r, struct err *err)
{
    int column = f->column != NULL ? find(c, f->column) : guess(c, r, err);

    if (f->column == NULL && column < 0)
        return -1;
    if (column == FILL_SEVERAL)
        return err_set(err, STATUS_USAGE,
                       "several columns are called '%.100s'; --column takes the "
                       "number in brackets too",
                       f->column);
    if (column < 0)
        return no_such(c, f->column, err);
    if (is_read_only(c, column))
        return err_set(err, STATUS_USAGE, "that column is read only, as the file says");
    return column;
}

/* ---- What is the most that can be got ------------------------------------------------------- */

/* "10.00", or "10,00" where that is how it is written. False: it is no number. */
static bool
number_of(const char *text, double *n)
{
    char copy[32], *end;

    snprintf(copy, sizeof copy, "%s", text);
    for (char *at = copy; *at != '\0'; at++)
        if (*at == ',')
            *at = '.';
    *n = strtod(copy, &end);
    return copy[0] != '\0' && *end == '\0';
}

void
fill_compare_max(const struct fill *f, const struct csv *c, int column, const struct reports *r)
{
    double lab = json_number_value(json_object_get(r->lab, "max_score")), there = lab;
    int most = find(c, "Maximum Grade");
    struct buf room = {0};
    char text[200];

    for (int row = 1; row < c->nrows && row < 4; row++)
        if (is_points_row(c, row, &room))
            number_of(csv_value(c, row, column, &room), &there);
    if (most >= 0 && c->nrows > 1)
        number_of(csv_value(c, 1, most, &room), &there);
    if (there != lab) {
        snprintf(text, sizeof text,
                 "the column is out of %g points and the lab out of %g: points are filled in as "
                 "they are",
                 there, lab);
        f->tell(f->ctx, text);
    }
    buf_release(&room);
}
