/* SPDX-License-Identifier: GPL-3.0-or-later
 * See adapt.h: the table of formats, and going through a class with one of them. */
#include "grade/adapt.h"

#include "base/quote.h"
#include "base/text.h"
#include "grade/adapters.h"

const struct adapter *const adapters[] = {&adapt_gradescope,
                                          &adapt_autolab,
                                          &adapt_submitty,
                                          &adapt_classroom,
                                          &adapt_tap,
                                          &adapt_junit,
                                          &adapt_csv,
                                          &adapt_summary,
                                          &adapt_tasks,
                                          &adapt_failed,
                                          &adapt_flags,
                                          &adapt_diff,
                                          NULL};

const struct adapter *
adapter_find(const char *name)
{
    for (int i = 0; adapters[i] != NULL; i++)
        if (strcmp(adapters[i]->name, name) == 0)
            return adapters[i];
    return NULL;
}

bool
adapter_is_of_class(const struct adapter *a)
{
    return a->one == NULL;
}

static int
unknown(const char *name, struct err *err)
{
    struct buf shown = {0}, names = {0};
    struct near near;

    near_init(&near, name);
    for (int i = 0; adapters[i] != NULL; i++) {
        near_offer(&near, adapters[i]->name);
        buf_printf(&names, "%s%s",
                   i == 0                    ? ""
                   : adapters[i + 1] == NULL ? " and "
                                             : ", ",
                   adapters[i]->name);
    }
    text_escape(&shown, name, strlen(name), true);
    err_set(err, STATUS_USAGE, "there is no format '%.60s'%s%s%s; there are %s", buf_text(&shown),
            near.best[0] != '\0' ? "; did you mean " : "", near.best,
            near.best[0] != '\0' ? "?" : "", buf_text(&names));
    buf_release(&shown);
    buf_release(&names);
    return -1;
}

int
adapters_read(const char *names, uint64_t *set, struct err *err)
{
    do {
        size_t n = strcspn(names, ",");
        char name[64];
        int i = 0;

        snprintf(name, sizeof name, "%.*s", (int)n, names);
        while (adapters[i] != NULL && strcmp(adapters[i]->name, name) != 0)
            i++;
        if (adapters[i] == NULL)
            return unknown(name, err);
        *set |= UINT64_C(1) << i;
        names += n;
    } while (*names++ == ',');
    return 0;
}

void
adapt_one(const struct adapter *a, const json_t *report, const json_t *lab, struct buf *out)
{
    struct graded g;

    graded_read(&g, report, lab);
    a->one(out, &g);
    graded_release(&g);
}

json_t *
adapt_lines(const char *text)
{
    struct buf lines = {0};
    json_t *result;

    quote_lines(&lines, text, false);
    result = json_string(buf_text(&lines));
    buf_release(&lines);
    return result;
}

void
adapt_json(json_t *value, bool one_line, struct buf *out)
{
    char *text = json_dumps(value, one_line ? JSON_COMPACT : JSON_INDENT(1));

    buf_printf(out, "%s\n", text != NULL ? text : "null");
    free(text);
    json_decref(value);
}

/* ---- A class ------------------------------------------------------------------------------- */

/* What has come together goes its way; while it is measured nothing has. */
static int
hand_over(struct sheet *s, int (*put)(void *ctx, struct buf *piece), void *ctx)
{
    int result = s->out->len > 0 ? put(ctx, s->out) : 0;

    buf_clear(s->out);
    return result;
}

static int
all_reports(const struct adapter *a, struct sheet *s, int (*put)(void *ctx, struct buf *piece),
            void *ctx)
{
    int result = 0;

    for (int i = 0; i < s->reports->n && result >= 0; i++) {
        json_t *report = s->reports->get(s->reports->ctx, i);
        struct graded g;

        if (report == NULL)
            continue;
        graded_read(&g, report, s->reports->lab);
        s->at = i;
        a->each(s, &g);
        graded_release(&g);
        json_decref(report);
        result = hand_over(s, put, ctx);
    }
    return result;
}

static int
go_through(const struct adapter *a, struct sheet *s, int (*put)(void *ctx, struct buf *piece),
           void *ctx)
{
    int result = 0;

    if (a->begin != NULL)
        a->begin(s);
    for (s->task = 0; s->task <= (a->by_task ? s->tally->ntasks : 0) && result >= 0; s->task++)
        result = a->each != NULL ? all_reports(a, s, put, ctx) : 0;
    if (a->end != NULL)
        a->end(s);
    return result < 0 ? result : hand_over(s, put, ctx);
}

static int
put_nothing(void *ctx, struct buf *piece)
{
    (void)ctx;
    (void)piece;
    return 0;
}

int
adapt_class(const struct adapter *a, const struct reports *r, const struct tally *tally, int width,
            bool ascii, int (*put)(void *ctx, struct buf *piece), void *ctx)
{
    struct buf out = {0};
    struct sheet s = {.out = &out, .reports = r, .tally = tally};
    int result;

    rows_init(&s.rows, a->columns != NULL ? a->columns : "<", width, ascii, &out);
    if (a->columns != NULL) {
        go_through(a, &s, put_nothing, NULL);
        rows_measured(&s.rows);
        s = (struct sheet){.out = &out, .reports = r, .tally = tally, .rows = s.rows};
    }
    result = go_through(a, &s, put, ctx);
    buf_release(&out);
    return result;
}
