/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The handout of a guided lab. In both editions there are the tasks, their questions and, at the
 * end, what the model solution does; the teacher's has with each task its solution, its hints, its
 * check and what it says, and all other sessions with what came of them. */
#include "base/mem.h"
#include "front/doc.h"

static const char *
points(int n, char room[32])
{
    snprintf(room, 32, "%d point%s", n, n == 1 ? "" : "s");
    return room;
}

/* ---- Playing ------------------------------------------------------------------------------- */

static enum status
play(struct doc *d, struct recorded *r, const char *const *lines, int n, struct result *result,
     struct err *err)
{
    struct play p = authors_play(&d->opened, d->options);
    enum status status;

    p.listener = r != NULL ? recorded_listener(r) : NULL;
    status = lesson_play(&p, lines, n, result);
    if (status != STATUS_OK)
        err_set(err, status, "%s", result->text);
    return status;
}

static enum status
play_model(struct doc *d, const struct guided *g, struct err *err)
{
    const char **lines = NULL;
    struct result result;
    enum status status;
    int n = 0;

    for (int i = 0; i < g->ntasks; i++)
        for (int k = 0; k < g->tasks[i].solution.n; k++) {
            lines = mem_grow(lines, sizeof *lines * (size_t)(n + 1));
            lines[n++] = g->tasks[i].solution.list[k].text;
        }
    status = play(d, &d->model, lines, n, &result, err);
    if (status == STATUS_OK && result.points < result.max) {
        err_set(err, STATUS_LAB,
                "the model solution gets %d of %d points; `ipclab lab check` says why",
                result.points, result.max);
        status = STATUS_LAB;
    }
    result_release(&result);
    free(lines);
    return status;
}

/* ---- A task -------------------------------------------------------------------------------- */

static void
put_lines(struct buf *out, const struct guided_lines *lines)
{
    for (int i = 0; i < lines->n; i++)
        buf_printf(out, "%s%s\n", lines->list[i].text,
                   lines->list[i].optional ? "  # optional" : "");
}

static void
put_question(struct doc *d, const struct guided_predict *p)
{
    char room[32], name[64];
    struct buf text = {0};

    if (p->kind == QUESTION_NONE)
        return;
    snprintf(name, sizeof name, "Question%s%s%s", p->points > 0 ? " (" : "",
             p->points > 0 ? points(p->points, room) : "", p->points > 0 ? ")" : "");
    paper_fact(&d->paper, name, p->ask);
    if (p->nchoices > 0)
        paper_list_begin(&d->paper, false);
    for (int i = 0; i < p->nchoices; i++) {
        buf_clear(&text);
        buf_printf(&text, "%c) %s", 'a' + i, p->choices[i]);
        paper_item(&d->paper, buf_text(&text));
    }
    if (p->nchoices > 0)
        paper_list_end(&d->paper);
    buf_release(&text);
}

static size_t
indent_of(const char *line, size_t n)
{
    size_t blanks = strspn(line, " ");

    return blanks < n ? blanks : SIZE_MAX; /* an empty line has none */
}

/* Lines first to last of the file, moved to the left. */
static void
put_source(const struct lab_file *f, int first, int last, struct buf *out)
{
    size_t least = SIZE_MAX;

    for (int pass = 0; pass < 2; pass++) {
        const char *at = f->text, *end = f->text + f->n;

        for (int line = 1; line <= last && at < end; line++) {
            const char *newline = memchr(at, '\n', (size_t)(end - at));
            size_t n = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
            size_t indent = indent_of(at, n);

            if (line >= first && pass == 0 && indent < least)
                least = indent;
            if (line >= first && pass == 1) {
                if (indent != SIZE_MAX)
                    buf_put(out, at + least, n - least);
                buf_putc(out, '\n');
            }
            at += n + 1;
        }
    }
}

static void
put_hints(struct doc *d, const struct guided_task *t)
{
    char room[32];
    struct buf text = {0};

    if (t->nhints == 0)
        return;
    paper_heading(&d->paper, 3, "Hints");
    paper_list_begin(&d->paper, true);
    for (int i = 0; i < t->nhints; i++) {
        buf_clear(&text);
        buf_printf(&text, "%s (%s)", t->hints[i].text, points(t->hints[i].cost, room));
        paper_item(&d->paper, buf_text(&text));
    }
    paper_list_end(&d->paper);
    buf_release(&text);
}

static void
put_check(struct doc *d, int task, const struct result *empty)
{
    struct buf text = {0};
    int first, last;

    paper_heading(&d->paper, 3, "Check");
    if (lab_check_lines(d->opened.lab, task, &first, &last)) {
        put_source(&d->opened.file, first, last, &text);
        paper_code(&d->paper, "lua", buf_text(&text));
    }
    if (task < empty->nmarks && empty->marks[task].rationale[0] != '\0')
        paper_fact(&d->paper, "Before anything was done it says", empty->marks[task].rationale);
    buf_release(&text);
}

static void
put_solution(struct doc *d, const struct guided_task *t)
{
    struct buf text = {0};

    put_lines(&text, &t->solution);
    paper_heading(&d->paper, 3, "Solution");
    paper_code(&d->paper, "", buf_text(&text));
    buf_release(&text);
}

/* ---- Figures ------------------------------------------------------------------------------- */

/* Where the task begins in the session of the model solution; its end when it never does. */
static int
beginning(const struct doc *d, const char *id)
{
    for (int i = 0; i < d->model.n; i++) {
        const struct event *e = &d->model.events[i];
        const char *what = event_get_text(e, NULL, "what"), *task = event_get_text(e, NULL, "id");

        if (recorded_is(e, "task") && what != NULL && strcmp(what, "begins") == 0 && task != NULL &&
            strcmp(task, id) == 0)
            return i;
    }
    return d->model.n;
}

static void
put_figure(struct doc *d, const struct guided *g, int task)
{
    char caption[200];

    snprintf(caption, sizeof caption, "Task %d, %.150s", task + 1, g->tasks[task].title);
    figure_put(&d->figures, caption, task == 0 ? 0 : beginning(d, g->tasks[task].id),
               task + 1 < g->ntasks ? beginning(d, g->tasks[task + 1].id) : d->model.n);
}

/* ---- All of it ----------------------------------------------------------------------------- */

static void
put_task(struct doc *d, const struct guided *g, int task, const struct result *empty)
{
    const struct guided_task *t = &g->tasks[task];
    char room[32];
    struct buf title = {0};

    buf_printf(&title, "Task %d: %s (%s)", task + 1, t->title, points(t->points, room));
    paper_heading(&d->paper, 2, buf_text(&title));
    paper_text(&d->paper, t->say);
    put_question(d, &t->predict);
    if (d->options->teacher) {
        put_solution(d, t);
        put_figure(d, g, task);
        put_hints(d, t);
        put_check(d, task, empty);
    }
    buf_release(&title);
}

/* What each task that did not get all was told. */
static void
put_marks(struct doc *d, const struct result *r)
{
    struct buf text = {0};

    paper_list_begin(&d->paper, false);
    for (int i = 0; i < r->nmarks; i++) {
        const struct mark *m = &r->marks[i];

        buf_clear(&text);
        buf_printf(&text, "%s: %d of %d%s%s", m->title, m->points, m->max,
                   m->rationale[0] != '\0' ? ". " : "", m->rationale);
        paper_item(&d->paper, buf_text(&text));
    }
    paper_list_end(&d->paper);
    buf_release(&text);
}

static enum status
put_also(struct doc *d, const struct guided_also *also, struct err *err)
{
    const char **lines = mem_alloc(sizeof *lines * (size_t)(also->play.n + 1));
    struct buf text = {0};
    struct result result;
    enum status status;
    char room[32];

    for (int i = 0; i < also->play.n; i++)
        lines[i] = also->play.list[i].text;
    status = play(d, NULL, lines, also->play.n, &result, err);
    buf_printf(&text, "%s (%s)", also->name, points(also->points, room));
    paper_heading(&d->paper, 3, buf_text(&text));
    buf_clear(&text);
    put_lines(&text, &also->play);
    paper_code(&d->paper, "", buf_text(&text));
    put_marks(d, &result);
    result_release(&result);
    buf_release(&text);
    free(lines);
    return status;
}

static enum status
put_teachers_end(struct doc *d, const struct guided *g, struct err *err)
{
    enum status status = STATUS_OK;

    if (g->nalso > 0)
        paper_heading(&d->paper, 2, "Other sessions, and what they get");
    for (int i = 0; i < g->nalso && status == STATUS_OK; i++)
        status = put_also(d, &g->also[i], err);
    return status;
}

/* For when it was done: on paper it is the last page, elsewhere it is folded. */
static void
put_students_end(struct doc *d, const struct guided *g)
{
    paper_heading(&d->paper, 2, "How it goes");
    paper_fold_begin(&d->paper, "To look at when you have done it");
    for (int i = 0; i < g->ntasks; i++) {
        if (!d->paper.html)
            paper_fact(&d->paper, "Task", g->tasks[i].title);
        put_figure(d, g, i);
    }
    paper_fold_end(&d->paper);
}

enum status
doc_guided(struct doc *d, struct err *err)
{
    const struct guided *g = lab_guided(d->opened.lab);
    struct result empty = {0};
    enum status status = play_model(d, g, err);

    if (status == STATUS_OK && d->options->teacher)
        status = play(d, NULL, NULL, 0, &empty, err);
    if (status == STATUS_OK) {
        if (g->intro != NULL)
            paper_text(&d->paper, g->intro);
        for (int i = 0; i < g->ntasks; i++)
            put_task(d, g, i, &empty);
        if (g->outro != NULL) {
            paper_heading(&d->paper, 2, "At the end");
            paper_text(&d->paper, g->outro);
        }
        if (d->options->teacher)
            status = put_teachers_end(d, g, err);
        else
            put_students_end(d, g);
    }
    result_release(&empty);
    return status;
}
