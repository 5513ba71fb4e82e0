/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab grade --out FOLDER without anything to be graded: tables and files of the reports that are
 * there, such as those that many machines wrote into one folder. */
#include "base/mem.h"
#include "front/console.h"
#include "front/delivery.h"
#include "front/grading_parts.h"
#include "grade/kept.h"
#include "grade/table.h"

static json_t *
get(void *ctx, int i)
{
    return kept_get(ctx, i);
}

static const char *
folder(void *ctx, int i)
{
    const struct kept *k = ctx;

    return k->folders[i];
}

/* Those who are nearly the same may have been graded apart. */
static int
compare(const struct kept *k, struct err *err)
{
    struct submissions s = {.list = mem_alloc(sizeof *s.list * (size_t)k->n), .n = k->n};
    struct store store = {.out = k->out, .fd = -1};
    int result;

    for (int i = 0; i < k->n; i++)
        s.list[i].folder = k->folders[i];
    result = grading_compare(&s, &store, err);
    free(s.list); /* the names are those of k */
    return result;
}

/* How many could not be judged. */
static int
count_trouble(const struct kept *k)
{
    int n = 0;

    for (int i = 0; i < k->n; i++) {
        json_t *report = kept_get(k, i);

        n += report != NULL && report_get_status(report) == GRADER_ERROR;
        json_decref(report);
    }
    return n;
}

enum status
grading_tables(const struct options *o, struct err *err)
{
    struct kept k;
    struct reports r = {.get = get, .folder = folder, .ctx = &k, .earlier = o->diff};
    struct delivery d = {0};
    int trouble = 0;

    if (kept_open(&k, o->out, err) == 0 && delivery_open(&d, o, k.n, err) == 0 &&
        compare(&k, err) == 0) {
        r.n = k.n;
        if (d.only == NULL)
            d.only = adapter_find("summary");
        trouble = delivery_make(&d, &r, err) == 0 ? count_trouble(&k) : 0;
    }
    if (trouble > 0)
        err_set(err, STATUS_MACHINE, "%d of %d submissions could not be judged", trouble, k.n);
    delivery_release(&d);
    kept_release(&k);
    return err->status;
}
