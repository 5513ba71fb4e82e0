/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See audit.h. Everything is played on the real kernel, each session in a world of its own: what a
 * lab says of itself is believed of none. */
#include "lesson/audit.h"

#include <stdarg.h>

#include "base/mem.h"
#include "lesson/audit_parts.h"

/* ---- Cases --------------------------------------------------------------------------------- */

void
audit_case(struct audit *a, bool passed, const char *name, const char *fmt, ...)
{
    struct audit_case c = {.passed = passed};
    va_list ap;

    snprintf(c.name, sizeof c.name, "%s", name);
    if (!passed) {
        va_start(ap, fmt);
        vsnprintf(c.text, sizeof c.text, fmt, ap);
        va_end(ap);
        a->failed++;
    }
    a->tell(a->ctx, &c);
}

bool
audit_play(struct audit *a, const char *const *lines, int n, struct result *r)
{
    enum status status = lesson_play(&a->play, lines, n, r);

    if (status == STATUS_OK || status == STATUS_LAB)
        return status == STATUS_OK;
    err_set(&a->err, status, "%s", r->text);
    a->over = true;
    return false;
}

/* "create 1 of 2, answer 0 of 3" of those that did not get all. */
static void
put_lost(const struct result *r, char *room, size_t n)
{
    size_t at = 0;

    room[0] = '\0';
    for (int i = 0; i < r->nmarks && at < n; i++) {
        const struct mark *m = &r->marks[i];

        if (m->points != m->max)
            at += (size_t)snprintf(room + at, n - at, "%s%s %d of %d%s%s%s", at > 0 ? "; " : "",
                                   m->id, m->points, m->max, m->rationale[0] != '\0' ? " (" : "",
                                   m->rationale, m->rationale[0] != '\0' ? ")" : "");
    }
}

/* ---- The lab as data ----------------------------------------------------------------------- */

static void
add_step(struct audit *a, const char *text, bool optional, int task)
{
    a->steps = mem_grow(a->steps, sizeof *a->steps * (size_t)(a->nsteps + 1));
    a->steps[a->nsteps++] = (struct audit_step){mem_copy(text), optional, task};
}

/* Copies what is needed of the lab, whose state goes with the session that played it. */
static void
take_lab(void *ctx, struct lesson *l)
{
    struct audit *a = ctx;

    a->points = l->g->points;
    for (int i = 0; i < l->g->ntasks; i++) {
        const struct guided_task *t = &l->g->tasks[i];

        for (int k = 0; k < t->solution.n; k++)
            add_step(a, t->solution.list[k].text,
                     t->solution.list[k].optional ||
                         (is_answer(t->solution.list[k].text) && t->predict.points == 0),
                     i);
    }
    for (int i = 0; i < l->g->nalso; i++) {
        const struct guided_also *also = &l->g->also[i];
        struct audit_also *to;

        a->also = mem_grow(a->also, sizeof *a->also * (size_t)(a->nalso + 1));
        to = &a->also[a->nalso++];
        *to = (struct audit_also){.name = mem_copy(also->name), .points = also->points};
        to->lines = mem_alloc(sizeof *to->lines * (size_t)(also->play.n + 1));
        for (int k = 0; k < also->play.n; k++)
            to->lines[to->n++] = mem_copy(also->play.list[k].text);
    }
}

static void
release(struct audit *a)
{
    for (int i = 0; i < a->nsteps; i++)
        free(a->steps[i].text);
    free(a->steps);
    for (int i = 0; i < a->nalso; i++) {
        for (int k = 0; k < a->also[i].n; k++)
            free(a->also[i].lines[k]);
        free(a->also[i].lines);
        free(a->also[i].name);
    }
    free(a->also);
}

/* ---- Sessions ------------------------------------------------------------------------------ */

static void
try_empty(struct audit *a)
{
    static const char name[] = "the empty session gets no point";
    struct result r;

    a->play.at_end = take_lab;
    if (audit_play(a, NULL, 0, &r))
        audit_case(a, r.points == 0, name, "it gets %d of %d", r.points, r.max);
    else if (!a->over)
        audit_case(a, false, a->nsteps == 0 ? "the lab file is whole" : name, "%s", r.text);
    a->play.at_end = NULL;
    result_release(&r);
}

const char **
audit_solution(const struct audit *a, int without, int *n)
{
    const char **lines = mem_alloc(sizeof *lines * (size_t)(a->nsteps + 1));

    *n = 0;
    for (int i = 0; i < a->nsteps; i++)
        if (i != without)
            lines[(*n)++] = a->steps[i].text;
    return lines;
}

static bool
try_solution(struct audit *a)
{
    static const char name[] = "the model solution gets all points";
    char lost[500];
    struct result r;
    int n;
    const char **lines = audit_solution(a, -1, &n);
    bool all = false;

    a->play.at_end = audit_hints;
    a->play.listener = a->listener;
    if (audit_play(a, lines, n, &r)) {
        put_lost(&r, lost, sizeof lost);
        all = r.points == r.max && r.failed < 0;
        if (r.failed >= 0)
            audit_case(a, false, name, "its line `%s` is an error: %s", lines[r.failed], r.failure);
        else
            audit_case(a, all, name, "it gets %d of %d: %s", r.points, r.max, lost);
    } else if (!a->over) {
        audit_case(a, false, name, "%s", r.text);
    }
    a->play.at_end = NULL;
    a->play.listener = NULL;
    result_release(&r);
    free(lines);
    return all;
}

static void
try_without(struct audit *a, int step)
{
    const struct audit_step *left = &a->steps[step];
    char name[160], lost[500];
    struct result r;
    int n;
    const char **lines = audit_solution(a, step, &n);

    snprintf(name, sizeof name, "without line %d, `%.80s`", step + 1, left->text);
    if (audit_play(a, lines, n, &r)) {
        put_lost(&r, lost, sizeof lost);
        if (left->optional)
            audit_case(a, r.points == r.max, name,
                       "it is marked optional, and without it %d of %d points are left: %s",
                       r.points, r.max, lost);
        else
            audit_case(a, r.points < r.max, name,
                       "all points are given without it: a check should need it, or it is marked "
                       "`# optional`");
    } else if (!a->over) {
        audit_case(a, false, name, "%s", r.text);
    }
    result_release(&r);
    free(lines);
}

static void
try_also(struct audit *a, const struct audit_also *also)
{
    char name[160], lost[500];
    struct result r;

    snprintf(name, sizeof name, "also: %.120s", also->name);
    if (audit_play(a, (const char *const *)also->lines, also->n, &r)) {
        put_lost(&r, lost, sizeof lost);
        audit_case(a, r.points == also->points, name, "it should get %d points and gets %d: %s",
                   also->points, r.points, lost);
    } else if (!a->over) {
        audit_case(a, false, name, "%s", r.text);
    }
    result_release(&r);
}

enum status
lesson_audit(const struct play *p, audit_tell_fn *tell, void *ctx, struct err *err)
{
    struct audit a = {.play = *p, .listener = p->listener, .tell = tell, .ctx = ctx};
    bool sound;

    a.play.ctx = &a;
    a.play.listener = NULL;
    try_empty(&a);
    sound = !a.over && a.nsteps > 0;
    if (sound)
        audit_lines(&a);
    sound = sound && try_solution(&a);
    for (int i = 0; i < a.nalso && !a.over; i++)
        try_also(&a, &a.also[i]);
    for (int i = 0; i < a.nsteps && sound && !a.over; i++)
        try_without(&a, i);
    if (sound && !a.over)
        audit_languages(&a);
    release(&a);
    if (a.over) {
        *err = a.err;
        return err->status;
    }
    return a.failed > 0 ? STATUS_LAB : STATUS_OK;
}
