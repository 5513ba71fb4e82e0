/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Who stands in which row of an exported file (fill.h): by the columns that Canvas and Moodle have
 * for it, letters large or small. Where none of them has the student as a whole, a part of a cell
 * will do if it is nobody else's: what stands before the @ of an address, the number of
 * "Participant 123". */
#include <ctype.h>

#include "base/mem.h"
#include "base/text.h"
#include "grade/fill.h"

static const char *const known[] = {
    "ID",         "SIS User ID", "SIS Login ID",   "Integration ID", /* Canvas */
    "Identifier", "ID number",   "Username",       "Email address",  "Email",
    "ID-Nummer",  "Anmeldename", "E-Mail-Adresse", "Matrikelnummer", NULL};

static char *
small(const char *text, size_t n)
{
    char *copy = mem_copy_n(text, n);

    for (char *at = copy; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return copy;
}

static void
add(struct fill_keys *k, const char *text, size_t n, int row, bool weak)
{
    if (n == 0)
        return;
    if (k->n == k->cap) {
        k->cap = k->cap ? k->cap * 2 : 256;
        k->list = mem_grow(k->list, sizeof *k->list * (size_t)k->cap);
    }
    k->list[k->n++] = (struct fill_key){.text = small(text, n), .row = row, .weak = weak};
}

/* Where the digits begin with which it ends. */
static size_t
digits_at(const char *text, size_t n)
{
    while (n > 0 && isdigit((unsigned char)text[n - 1]))
        n--;
    return n;
}

static void
add_cell(struct fill_keys *k, const char *text, int row)
{
    size_t n = strlen(text), digits = digits_at(text, n);
    const char *at = strchr(text, '@');

    add(k, text, n, row, false);
    if (at != NULL)
        add(k, text, (size_t)(at - text), row, true);
    else if (digits > 0 && digits < n && strchr(text, ' ') != NULL)
        add(k, text + digits, n - digits, row, true);
}

/* By text, whole ones first. */
static int
compare(const void *a, const void *b)
{
    const struct fill_key *x = a, *y = b;
    int order = strcmp(x->text, y->text);

    return order != 0 ? order : x->weak != y->weak ? x->weak - y->weak : x->row - y->row;
}

static bool
is_key(const struct fill *f, const char *name)
{
    if (f->key != NULL)
        return strcmp(f->key, name) == 0;
    for (int i = 0; known[i] != NULL; i++)
        if (strcasecmp(known[i], name) == 0)
            return true;
    return false;
}

int
fill_keys_make(struct fill_keys *k, const struct fill *f, const struct csv *c, struct err *err)
{
    struct buf room = {0};
    int columns = 0;

    *k = (struct fill_keys){0};
    for (int i = 0; i < c->rows[0].n; i++) {
        if (!is_key(f, csv_value(c, 0, i, &room)))
            continue;
        columns++;
        for (int row = 1; row < c->nrows; row++)
            add_cell(k, csv_value(c, row, i, &room), row);
    }
    buf_release(&room);
    if (k->n > 0)
        qsort(k->list, (size_t)k->n, sizeof *k->list, compare);
    if (columns > 0)
        return 0;
    if (f->key != NULL)
        return err_set(err, STATUS_USAGE, "the file has no column '%.100s' (--key)", f->key);
    return err_set(err, STATUS_USAGE,
                   "none of its columns is known to say who it is; --key names "
                   "the one that does");
}

void
fill_keys_release(struct fill_keys *k)
{
    for (int i = 0; i < k->n; i++)
        free(k->list[i].text);
    free(k->list);
    *k = (struct fill_keys){0};
}

/* The first key that is not before this text. */
static int
first_of(const struct fill_keys *k, const char *text)
{
    int low = 0, high = k->n;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (strcmp(k->list[middle].text, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int
look_up(const struct fill_keys *k, const char *text)
{
    int row = FILL_NOBODY, i = first_of(k, text);
    bool weak = i < k->n && k->list[i].weak;

    for (; i < k->n && strcmp(k->list[i].text, text) == 0 && k->list[i].weak == weak; i++) {
        if (row != FILL_NOBODY && row != k->list[i].row)
            return FILL_SEVERAL;
        row = k->list[i].row;
    }
    return row;
}

/* Moodle hands out submissions in folders like "Ada Lovelace_123_assignsubmission_file", where the
 * number is that of the participant. */
static const char *
participant(const char *student, size_t *n)
{
    const char *behind = strstr(student, "_assignsubmission_");
    size_t from = behind != NULL ? digits_at(student, (size_t)(behind - student)) : 0;

    *n = behind != NULL ? (size_t)(behind - student) - from : 0;
    return from > 0 && student[from - 1] == '_' && *n > 0 ? student + from : NULL;
}

int
fill_keys_find(const struct fill_keys *k, const char *student)
{
    char *text = small(student, strlen(student));
    const char *at = strchr(text, '@');
    int row = look_up(k, text);
    size_t n;
    const char *number = participant(text, &n);

    if (row == FILL_NOBODY && (number != NULL || at != NULL)) {
        char *part = number != NULL ? mem_copy_n(number, n) : mem_copy_n(text, (size_t)(at - text));

        row = look_up(k, part);
        free(part);
    }
    free(text);
    return row;
}
