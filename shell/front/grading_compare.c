/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * All submissions of a class are compared with each other, once they are graded: those that are
 * nearly the same are flagged in both reports, and nobody loses a point by that. */
#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "front/console.h"
#include "front/grading_parts.h"
#include "grade/report.h"
#include "grade/similar.h"

struct near_one {
    int i, other;
};

struct near_all {
    struct near_one *list;
    int n, cap;
};

static void
add(struct near_all *all, int i, int other)
{
    if (all->n == all->cap) {
        all->cap = all->cap ? all->cap * 2 : 64;
        all->list = mem_grow(all->list, sizeof *all->list * (size_t)all->cap);
    }
    all->list[all->n++] = (struct near_one){i, other};
}

static void
on_pair(void *ctx, int a, int b)
{
    add(ctx, a, b);
    add(ctx, b, a);
}

static int
in_order(const void *one, const void *other)
{
    const struct near_one *a = one, *b = other;

    return a->i != b->i ? a->i - b->i : a->other - b->other;
}

static json_t *
get(const struct submissions *s, const struct store *store, int i)
{
    return store_get(store, i, s->list[i].folder);
}

static void
say(const json_t *report, const json_t *other, const char *why)
{
    const char *students[] = {report_text(report, "student"), report_text(other, "student")};
    bool ascii = console_is_ascii();
    struct buf line = {0};

    for (int i = 0; i < 2; i++) {
        text_escape(&line, students[i], strlen(students[i]), ascii);
        buf_puts(&line, i == 0 ? " and " : " are nearly the same: ");
    }
    text_escape(&line, why, strlen(why), ascii);
    buf_putc(&line, '\n');
    whole_put(2, &line); /* what nobody can see is no error */
    buf_release(&line);
}

/* Those that are near to submission i, n of them. 0, or -1 and *err. */
static int
flag(const struct submissions *s, struct store *store, int i, const struct near_one *near, int n,
     struct err *err)
{
    json_t *report = get(s, store, i), *before = NULL;
    struct buf why = {0};
    int result = 0;

    if (report == NULL)
        return 0;
    before = json_deep_copy(json_object_get(report, "flags"));
    report_forget(report, "similar");
    for (int k = 0; k < n; k++) {
        json_t *other = get(s, store, near[k].other);

        buf_clear(&why);
        if (other != NULL)
            similar_why(report, other, &why);
        report_flag(report, "similar", "nearly that of %s: %s",
                    other != NULL ? report_text(other, "student") : "", buf_text(&why));
        if (other != NULL && near[k].other > i)
            say(report, other, buf_text(&why));
        json_decref(other);
    }
    if (!json_equal(before, json_object_get(report, "flags")))
        result = store_put(store, i, s->list[i].folder, report, err);
    json_decref(before);
    json_decref(report);
    buf_release(&why);
    return result;
}

int
grading_compare(const struct submissions *s, struct store *store, struct err *err)
{
    struct near_all all = {0};
    struct similar similar;
    int result = 0;

    similar_init(&similar, s->n);
    for (int i = 0; i < s->n; i++) {
        json_t *report = get(s, store, i);

        if (report != NULL)
            similar_take(&similar, i, report);
        json_decref(report);
    }
    similar_pairs(&similar, on_pair, &all);
    if (all.n > 0)
        qsort(all.list, (size_t)all.n, sizeof *all.list, in_order);
    for (int i = 0, at = 0; i < s->n && result == 0; i++) {
        int to = at;

        while (to < all.n && all.list[to].i == i)
            to++;
        if (to > at || similar.flagged[i])
            result = flag(s, store, i, all.list + at, to - at, err);
        at = to;
    }
    similar_release(&similar);
    free(all.list);
    return result;
}
