/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a student types in a guided lab beside the lines for actors. A verb tells its input line
 * itself, so that undo does not count it: what was asked for stays asked for. */
#include "base/mem.h"
#include "base/text.h"
#include "lesson/lesson.h"

/* The lesson of this session, or NULL and *err. A trace that is run again without its lab has the
 * lines of its verbs, and nothing comes of them. */
static struct lesson *
lesson_of(struct session *s, const char *verb, const char *rest, struct err *err)
{
    struct buf text = {0};

    err_clear(err);
    if (s->lesson != NULL)
        return s->lesson;
    if (s->only_recorded) {
        buf_printf(&text, "%s%s%s", verb, rest[0] != '\0' ? " " : "", rest);
        lesson_tell_input(s, buf_text(&text));
        buf_release(&text);
    } else {
        err_set(err, STATUS_USAGE, "%s is for guided labs: ipclab run LAB", verb);
    }
    return NULL;
}

static int
failed(const struct err *err)
{
    return err->status == STATUS_OK ? 0 : -1;
}

/* At a prompt a verb that costs points is told twice. True: it was the first time, and text says
 * what it costs. */
static bool
asks_first(struct lesson *l, enum lesson_ask ask, const char *text)
{
    if (!l->s->interactive || l->ask == ask)
        return false;
    l->ask = ask;
    session_say(l->s, "      %s\n", text);
    return true;
}

static const char *
points(int n, char room[32])
{
    snprintf(room, 32, "%d point%s", n, n == 1 ? "" : "s");
    return room;
}

/* ---- task, check --------------------------------------------------------------------------- */

static const char *
mark_of(const struct lesson_task *t, bool current)
{
    if (t->state == TASK_DONE)
        return "done";
    if (t->state == TASK_SKIPPED)
        return "skipped";
    if (t->state == TASK_LEFT)
        return "left out";
    return current ? "now" : "open";
}

static void
say_list(struct lesson *l)
{
    struct buf out = {0};

    for (int i = 0; i < l->g->ntasks; i++) {
        const struct guided_task *g = &l->g->tasks[i];
        const struct lesson_task *t = &l->tasks[i];
        int got = t->points + t->predict_points, max = g->points + g->predict.points;

        if (l->s->settings.linear) {
            buf_printf(&out, "Task %d, %s, %d of %d points: ", i + 1, mark_of(t, i == l->current),
                       got, max);
            text_escape(&out, g->title, strlen(g->title), l->s->ascii);
            buf_puts(&out, ".\n");
            continue;
        }
        buf_printf(&out, "  %2d  %-8s", i + 1, mark_of(t, i == l->current));
        if (t->state == TASK_LEFT)
            buf_printf(&out, "%8s", "");
        else if (t->state == TASK_OPEN && got == 0)
            buf_printf(&out, "%5s %-2d", "", max);
        else
            buf_printf(&out, "%2d of %-2d", got, max);
        buf_puts(&out, "  ");
        text_escape(&out, g->title, strlen(g->title), l->s->ascii);
        buf_putc(&out, '\n');
    }
    buf_printf(&out, "      %d of %d points\n", lesson_points(l), l->g->points);
    session_say(l->s, "%s", buf_text(&out));
    buf_release(&out);
}

/* The world as it was when the task began. */
static int
again(struct lesson *l, struct err *err)
{
    char line[32];
    int n = 0;

    if (lesson_task(l, err) == NULL)
        return -1;
    for (int i = 0; i < l->s->ninputs; i++)
        n += l->s->inputs[i].before_seq > l->tasks[l->current].began;
    if (n == 0)
        return err_set(err, STATUS_USAGE, "no line was typed since this task began");
    snprintf(line, sizeof line, "undo %d", n);
    return session_line(l->s, line, strlen(line), err);
}

int
lesson_verb_task(struct session *s, const char *rest, struct err *err)
{
    struct lesson *l = lesson_of(s, "task", rest, err);

    if (l == NULL)
        return failed(err);
    if (strcmp(rest, "list") == 0) {
        say_list(l);
        return 0;
    }
    if (strcmp(rest, "again") == 0)
        return again(l, err);
    if (rest[0] != '\0')
        return err_set(err, STATUS_USAGE, "task stands alone, or with `list` or `again`");
    if (lesson_task(l, err) == NULL)
        return -1;
    lesson_say_task(l, l->current);
    return 0;
}

int
lesson_verb_check(struct session *s, const char *rest, struct err *err)
{
    struct lesson *l = lesson_of(s, "check", rest, err);

    if (l == NULL)
        return failed(err);
    if (lesson_task(l, err) == NULL)
        return -1;
    lesson_tell_input(s, "check");
    lesson_ask_check(l);
    return 0;
}

/* ---- hint, solution, skip ------------------------------------------------------------------ */

int
lesson_verb_hint(struct session *s, const char *rest, struct err *err)
{
    struct lesson *l = lesson_of(s, "hint", rest, err);
    const struct guided_task *g = l != NULL ? lesson_task(l, err) : NULL;
    struct event *e = &s->event;
    char text[160], room[32];
    int n, cost;

    if (g == NULL)
        return failed(err);
    n = l->tasks[l->current].hints;
    cost = lesson_hint_cost(l, l->current);
    if (n == g->nhints)
        return err_set(err, STATUS_USAGE, "%s; `solution` shows what to type",
                       n == 0 ? "this task has no hints" : "there are no more hints");
    snprintf(text, sizeof text, "Hint %d of %d costs %s; `hint` once more shows it.", n + 1,
             g->nhints, points(cost, room));
    if (cost > 0 && asks_first(l, ASK_HINT, text))
        return 0;
    l->ask = ASK_NOTHING;
    lesson_tell_input(s, "hint");
    event_start(e, "hint");
    event_text(e, "id", g->id);
    event_int(e, "n", n + 1);
    event_int(e, "of", g->nhints);
    event_int(e, "cost", cost);
    event_text(e, "text", g->hints[n].text);
    session_tell(s);
    return 0;
}

/* The lines of a solution, one below the other. */
static void
put_solution(const struct guided_task *g, struct buf *out)
{
    for (int i = 0; i < g->solution.n; i++)
        if (strncmp(g->solution.list[i].text, "answer ", 7) != 0)
            buf_printf(out, "%s%s", out->len > 0 ? "\n" : "", g->solution.list[i].text);
}

static void
tell_what(struct lesson *l, const char *what, int points, const char *text)
{
    struct event *e = &l->s->event;

    event_start(e, "task");
    event_text(e, "id", l->g->tasks[l->current].id);
    event_text(e, "what", what);
    event_text(e, "title", l->g->tasks[l->current].title);
    event_int(e, "points", points);
    event_int(e, "max", l->g->tasks[l->current].points);
    event_text(e, "text", text);
    session_tell(l->s);
}

int
lesson_verb_solution(struct session *s, const char *rest, struct err *err)
{
    struct lesson *l = lesson_of(s, "solution", rest, err);
    const struct guided_task *g = l != NULL ? lesson_task(l, err) : NULL;
    struct buf lines = {0};
    char text[160], room[32];

    if (g == NULL)
        return failed(err);
    snprintf(text, sizeof text,
             "The solution costs the %s of this task; `solution` once more "
             "shows it.",
             points(g->points, room));
    if (g->points > 0 && !l->tasks[l->current].shown && asks_first(l, ASK_SOLUTION, text))
        return 0;
    l->ask = ASK_NOTHING;
    lesson_tell_input(s, "solution");
    put_solution(g, &lines);
    tell_what(l, "shown", 0, buf_text(&lines));
    buf_release(&lines);
    return 0;
}

int
lesson_verb_skip(struct session *s, const char *rest, struct err *err)
{
    struct lesson *l = lesson_of(s, "skip", rest, err);
    const struct guided_task *g = l != NULL ? lesson_task(l, err) : NULL;
    bool broken = g != NULL && l->tasks[l->current].broken;
    char text[160], room[32];
    int gives, task;

    if (g == NULL)
        return failed(err);
    if (g->skip == SKIP_NEVER && !broken)
        return err_set(err, STATUS_USAGE,
                       "this task cannot be skipped; `hint` and `solution` help");
    gives = broken ? g->points : g->skip;
    snprintf(text, sizeof text,
             "Skipping gives %d of %s, and types the solution; `skip` once more does it.", gives,
             points(g->points, room));
    if (gives < g->points && asks_first(l, ASK_SKIP, text))
        return 0;
    l->ask = ASK_NOTHING;
    task = l->current;
    lesson_tell_input(s, "skip");
    tell_what(l, "skipped", gives, "");
    return lesson_run_solution(l, task, err);
}

/* ---- answer -------------------------------------------------------------------------------- */

int
lesson_verb_answer(struct session *s, const char *rest, struct err *err)
{
    struct lesson *l = lesson_of(s, "answer", rest, err);
    const struct guided_task *g = l != NULL ? lesson_task(l, err) : NULL;
    struct event *e = &s->event;
    struct buf answer = {0}, text = {0};

    if (g == NULL)
        return failed(err);
    if (g->predict.kind == QUESTION_NONE)
        return err_set(err, STATUS_USAGE, "this task asks nothing");
    if (l->tasks[l->current].judged)
        return err_set(err, STATUS_USAGE, "it has happened already");
    if (question_read(&g->predict, rest, &answer, err) < 0) {
        buf_release(&answer);
        return -1;
    }
    buf_printf(&text, "answer %s", rest);
    lesson_tell_input(s, buf_text(&text));
    buf_clear(&text);
    buf_puts(&text, "you say ");
    question_words(&g->predict, buf_text(&answer), &text);
    event_start(e, "predict");
    event_text(e, "task", g->id);
    event_text(e, "what", "answered");
    event_text(e, "answer", buf_text(&answer));
    event_text(e, "text", buf_text(&text));
    session_tell(s);
    buf_release(&answer);
    buf_release(&text);
    return 0;
}

/* ---- submit -------------------------------------------------------------------------------- */

int
lesson_verb_submit(struct session *s, const char *rest, struct err *err)
{
    struct lesson *l = lesson_of(s, "submit", rest, err);
    struct buf shown = {0};
    int result = 0;

    if (l == NULL)
        return failed(err);
    lesson_tell_input(s, "submit");
    lesson_judge_rest(l);
    lesson_tell_whole(l, "submitted", "");
    if (l->hand_in != NULL) {
        result = l->hand_in(l->hand_in_ctx, rest[0] != '\0' ? rest : NULL, &shown, err);
        if (result == 0)
            session_say(s, "      to hand in: %s\n", buf_text(&shown));
    }
    buf_release(&shown);
    return result;
}
