/* SPDX-License-Identifier: GPL-3.0-or-later
 * See play.h. */
#include "lesson/play.h"

#include "base/mem.h"

/* What the lab is blamed for, a line a call; the first lines that fit. */
static void
on_blame(void *ctx, const char *line)
{
    struct result *r = ctx;
    size_t n = strlen(r->text);

    if (n + 2 < sizeof r->text)
        snprintf(r->text + n, sizeof r->text - n, "%s%s", n > 0 ? "\n" : "", line);
}

static void
take_mark(const struct lesson *l, int i, struct mark *m)
{
    const struct guided_task *g = &l->g->tasks[i];
    const struct lesson_task *t = &l->tasks[i];

    *m = (struct mark){
        .id = mem_copy(g->id),
        .title = mem_copy(g->title),
        .points = t->points + t->predict_points,
        .max = g->points + g->predict.points,
        .passed = t->state == TASK_LEFT   ? -1
                  : t->state != TASK_OPEN ? 1
                  : t->not_judged         ? -1
                                          : 0,
        .skipped = t->state == TASK_SKIPPED,
        .say = mem_copy(g->say),
        .help = mem_copy(t->hints < g->nhints ? g->hints[t->hints].text : ""),
        .rationale = mem_copy(t->why != NULL ? t->why : ""),
        .hints = t->hints,
        .nseqs = t->nseqs,
    };
    m->seqs = mem_alloc(sizeof *m->seqs * (size_t)(t->nseqs + 1));
    for (int k = 0; k < t->nseqs; k++)
        m->seqs[k] = t->seqs[k];
}

static void
take_result(const struct lesson *l, struct result *r)
{
    r->points = lesson_points(l);
    r->max = l->g->points;
    r->nmarks = l->g->ntasks;
    r->marks = mem_alloc(sizeof *r->marks * (size_t)r->nmarks);
    for (int i = 0; i < r->nmarks; i++)
        take_mark(l, i, &r->marks[i]);
    r->status = l->status;
    if (l->status != STATUS_OK)
        snprintf(r->text, sizeof r->text, "%s", l->fault);
}

static void
fail(struct result *r, const struct err *err)
{
    r->status = err->status;
    snprintf(r->text, sizeof r->text, "%s", err->text);
}

static void
run_lines(const struct play *p, struct session *s, const char *const *lines, int n,
          struct result *r)
{
    struct err err;

    for (int i = 0; i < n && !s->quit; i++) {
        if (p->before_line != NULL)
            p->before_line(p->ctx, i);
        r->out_of_time = p->time_is_up != NULL && p->time_is_up();
        if (r->out_of_time)
            return;
        if (session_line(s, lines[i], strlen(lines[i]), &err) == 0)
            continue;
        if (r->failed < 0) {
            r->failed = i;
            snprintf(r->failure, sizeof r->failure, "%s", err.text);
        }
        if (err.status == STATUS_INTERRUPTED && p->time_is_up != NULL && p->time_is_up()) {
            r->out_of_time = true;
            return;
        }
        if (err.status == STATUS_INTERRUPTED || err.status == STATUS_MACHINE) {
            fail(r, &err);
            return;
        }
    }
    if (p->before_line != NULL)
        p->before_line(p->ctx, n);
}

/* The lines that are played, or else the events that are believed. */
struct course {
    const char *const *lines;
    int n;
    const struct event *(*next)(void *ctx, struct err *err);
};

/* -1 and *err when there cannot be a result. */
static int
play_lines(const struct play *p, struct session *s, struct lab *lab, const struct course *c,
           struct result *r, struct err *err)
{
    const struct guided *g = lab_guided(lab);

    launcher_allow(&s->launcher, g->programs, g->nprograms);
    if (session_begin(s, err) < 0 || (p->at_begin != NULL && p->at_begin(p->ctx, s, err) < 0) ||
        lesson_start(s, lab, p->from, err) < 0)
        return -1;
    run_lines(p, s, c->lines, c->n, r);
    return 0;
}

static int
believe(const struct play *p, struct session *s, struct lab *lab, const struct course *c,
        struct result *r, struct err *err)
{
    struct lesson *l = lesson_attach(s, lab);
    const struct event *e;
    int64_t seq = 0;

    err_clear(err);
    while (l->status == STATUS_OK && (e = c->next(p->ctx, err)) != NULL) {
        lesson_believe(l, e, seq++);
        r->out_of_time = p->time_is_up != NULL && p->time_is_up();
        if (r->out_of_time)
            break;
    }
    if (err->status != STATUS_OK)
        return -1;
    lesson_settled(l);
    return 0;
}

static void
play_in(const struct play *p, struct session *s, struct lab *lab, const struct course *c,
        struct result *r)
{
    struct err err;

    if ((c->next != NULL ? believe : play_lines)(p, s, lab, c, r, &err) < 0)
        fail(r, &err);
    if (r->status != STATUS_OK)
        return;
    if (s->lesson->status == STATUS_OK)
        lesson_judge_rest(s->lesson);
    take_result(s->lesson, r);
    if (p->at_end != NULL)
        p->at_end(p->ctx, s->lesson);
}

static enum status
play(const struct play *p, const struct course *c, struct result *r)
{
    struct session s = {.wanted_world = p->world,
                        .builtins = p->builtins,
                        .limit_ms = p->limit_ms,
                        .seed = p->seed,
                        .student = p->student,
                        .language = p->language,
                        .lab = p->file->name,
                        .lab_sha256 = p->file->sha256,
                        .only_recorded = p->handed_in,
                        .tells_names = p->handed_in,
                        .interrupted = p->interrupted};
    struct lab *lab = NULL;
    struct err err;

    *r = (struct result){.failed = -1};
    if (p->listener != NULL)
        session_listen(&s, p->listener);
    if (session_launch(&s, p->launcher, &err) < 0)
        fail(r, &err);
    else if ((lab = lab_load(&s, p->file, on_blame, r, &r->status)) != NULL) {
        if (lab_guided(lab) != NULL)
            play_in(p, &s, lab, c, r);
        else
            fail(r, (err_set(&err, STATUS_LAB, "%s is no guided lab", p->file->shown), &err));
    }
    snprintf(r->limit, sizeof r->limit, "%s", s.launcher.reached);
    lesson_end(&s);
    lab_free(lab);
    session_release(&s);
    return r->status;
}

enum status
lesson_play(const struct play *p, const char *const *lines, int n, struct result *r)
{
    return play(p, &(struct course){.lines = lines, .n = n}, r);
}

enum status
lesson_judge(const struct play *p, const struct event *(*next)(void *ctx, struct err *err),
             struct result *r)
{
    return play(p, &(struct course){.next = next}, r);
}

void
result_release(struct result *r)
{
    for (int i = 0; i < r->nmarks; i++) {
        free(r->marks[i].id);
        free(r->marks[i].title);
        free(r->marks[i].say);
        free(r->marks[i].help);
        free(r->marks[i].rationale);
        free(r->marks[i].seqs);
    }
    free(r->marks);
    *r = (struct result){.failed = -1};
}
