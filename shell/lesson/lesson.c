/* SPDX-License-Identifier: GPL-3.0-or-later
 * See lesson.h. */
#include "lesson/lesson.h"

#include "base/mem.h"
#include "base/text.h"
#include "session/builtin.h"

/* ---- What happens -------------------------------------------------------------------------- */

static void
on_event(void *ctx, const struct event *e)
{
    lesson_event(ctx, e);
}

void
lesson_event(struct lesson *l, const struct event *e)
{
    const struct record *r = history_event(&l->history, e, l->s->seq - 1);
    const char *ev = event_get_text(e, NULL, "ev");

    if (r != NULL)
        l->moved |= lab_verdict_rests(&l->verdict, r) || lab_verdict_rests(&l->truth, r);
    else if (ev != NULL && (strcmp(ev, "undo") == 0 || strcmp(ev, "reset") == 0)) {
        l->moved = l->respawn = true;
        l->back = event_get_int(e, NULL, "to", -1);
    }
    lesson_take(l, e);
}

/* A question of ours is over when another line is typed. */
static void
on_line(void *ctx, const char *text, size_t n)
{
    static const char *const words[] = {
        [ASK_HINT] = "hint", [ASK_SOLUTION] = "solution", [ASK_SKIP] = "skip"};
    struct lesson *l = ctx;

    while (n > 0 && (text[0] == ' ' || text[0] == '\t')) {
        text++;
        n--;
    }
    if (l->ask != ASK_NOTHING &&
        (n < strlen(words[l->ask]) || memcmp(text, words[l->ask], strlen(words[l->ask])) != 0))
        l->ask = ASK_NOTHING;
}

/* The actors of the lab are there: after a reset, and where the line that made them was undone. */
static int
spawn_missing(struct lesson *l, struct err *err)
{
    int n = 0;

    l->respawn = false;
    buf_clear(&l->text);
    buf_puts(&l->text, "spawn");
    for (int i = 0; i < l->g->nactors; i++)
        if (world_actor(&l->s->world, l->g->actors[i]) == NULL) {
            buf_printf(&l->text, " %s", l->g->actors[i]);
            n++;
        }
    return n == 0 ? 0 : lesson_line(l, "lab", buf_text(&l->text), err);
}

/* After an undo or a reset that went further back than to where the task began. */
static void
say_what_is_left(struct lesson *l)
{
    bool spawned = true, earned = false;

    for (int i = 0; i < l->g->nactors; i++)
        spawned &= world_actor(&l->s->world, l->g->actors[i]) != NULL;
    for (int i = 0; i < l->g->ntasks; i++)
        earned |= l->tasks[i].state == TASK_DONE;
    if (!spawned && l->back >= 0)
        session_say(l->s,
                    "      The line with which the lab made its actors is taken back, too: it "
                    "makes them again.\n");
    if (earned && (l->current == l->g->ntasks || l->back < l->tasks[l->current].began))
        session_say(l->s,
                    "      What was done stays done, %d of %d points; what did it is taken "
                    "back.\n",
                    lesson_points(l), l->g->points);
}

static void
on_settled(void *ctx)
{
    struct lesson *l = ctx;
    struct err err;

    if (l->busy || !l->s->has_world)
        return;
    if (l->respawn) {
        say_what_is_left(l);
        if (spawn_missing(l, &err) < 0)
            session_note(l->s, "the actors of the lab could not be made: %s", err.text);
    }
    lesson_settled(l);
}

/* ---- Lines of the lab ---------------------------------------------------------------------- */

int
lesson_line(struct lesson *l, const char *from, const char *text, struct err *err)
{
    struct session *s = l->s;
    const char *before = s->input_from;
    bool busy = l->busy;
    int result;

    s->input_from = from;
    l->busy = true;
    result = session_line(s, text, strlen(text), err);
    l->busy = busy;
    s->input_from = before;
    return result;
}

int
lesson_lines(struct lesson *l, const char *from, const struct guided_lines *lines, struct err *err)
{
    int result = 0;

    for (int i = 0; i < lines->n && result == 0; i++)
        if (strncmp(lines->list[i].text, "answer ", 7) != 0)
            result = lesson_line(l, from, lines->list[i].text, err);
    return result;
}

int
lesson_run_solution(struct lesson *l, int task, struct err *err)
{
    int result = lesson_lines(l, "skip", &l->g->tasks[task].solution, err);

    if (result == 0 || err->status != STATUS_USAGE)
        return result;
    session_say(l->s, "      It does not go on from what you have here: a fresh world gets the "
                      "solutions of all tasks so far.\n");
    result = lesson_line(l, "skip", "reset", err);
    if (result == 0)
        result = spawn_missing(l, err);
    for (int i = 0; i <= task && result == 0; i++)
        result = lesson_lines(l, "skip", &l->g->tasks[i].solution, err);
    return result;
}

/* ---- Beginning and ending ------------------------------------------------------------------ */

struct lesson *
lesson_attach(struct session *s, struct lab *lab)
{
    struct lesson *l = mem_alloc(sizeof *l);

    l->s = s;
    l->lab = lab;
    l->g = lab_guided(lab);
    l->moved = true;
    l->tasks = mem_alloc(sizeof *l->tasks * (size_t)l->g->ntasks);
    for (int i = 0; i < l->g->ntasks; i++)
        l->tasks[i].began = -1;
    history_init(&l->history, &s->launcher.catalog);
    l->listener =
        (struct listener){.event = on_event, .line = on_line, .settled = on_settled, .ctx = l};
    session_listen(s, &l->listener);
    session_guide(s);
    s->lesson = l;
    return l;
}

int
lesson_start(struct session *s, struct lab *lab, const char *from, struct err *err)
{
    struct lesson *l = lesson_attach(s, lab);

    lesson_tell_lab(l, from);
    lesson_take_stopped(l);
    if (spawn_missing(l, err) < 0 || (from != NULL && lesson_from(l, from, err) < 0))
        return -1;
    lesson_settled(l);
    return 0;
}

/* Is it a line that undo counts? */
static bool
is_counted(const struct session *s, const char *text)
{
    char word[32];
    const struct builtin *b;

    text += strspn(text, "- ");
    snprintf(word, sizeof word, "%.*s", (int)strcspn(text, " \t"), text);
    b = session_builtin(s, word);
    return b == NULL || (b->flags & BUILTIN_OWN_INPUT) == 0;
}

/* An event of before: the lesson and the books of the session are as they were after it. */
static void
take_again(struct lesson *l, const struct event *e, int64_t seq)
{
    struct session *s = l->s;
    const char *ev = event_get_text(e, NULL, "ev"), *text = event_get_text(e, NULL, "text");
    int64_t n;

    s->seq = seq + 1;
    s->steps = event_get_int(e, NULL, "step", s->steps) > s->steps
                   ? event_get_int(e, NULL, "step", 0)
                   : s->steps;
    if (ev != NULL && strcmp(ev, "input") == 0 && text != NULL && is_counted(s, text))
        session_keep_input(s, text, seq);
    for (n = ev != NULL && strcmp(ev, "undo") == 0 ? event_get_int(e, NULL, "lines", 0) : 0;
         n > 0 && s->ninputs > 0; n--)
        free(s->inputs[--s->ninputs].text);
    lesson_event(l, e);
}

int
lesson_resume(struct session *s, struct lab *lab, const struct event *events, int n,
              const char *again, struct err *err)
{
    struct lesson *l = lesson_attach(s, lab);
    int64_t steps;
    int result;

    l->busy = true;
    for (int i = 0; i < n; i++)
        take_again(l, &events[i], i);
    steps = s->steps;
    result = session_rewind(s, s->ninputs, err);
    s->steps = steps;
    if (result == 0)
        result = spawn_missing(l, err);
    lesson_take_stopped(l);
    l->busy = false;
    session_say(s, "resumed: task %d of %d, %d of %d points so far\n",
                l->current < l->g->ntasks ? l->current + 1 : l->g->ntasks, l->g->ntasks,
                lesson_points(l), l->g->points);
    l->moved = true;
    if (result < 0)
        return -1;
    if (again != NULL && session_line(s, again, strlen(again), err) < 0)
        session_note(s, "the last line was run once more: %s", err->text);
    if (l->current < l->g->ntasks && l->tasks[l->current].began >= 0)
        lesson_say_task(l, l->current);
    lesson_settled(l);
    return 0;
}

static void
task_release(struct lesson_task *t)
{
    free(t->why);
    free(t->seqs);
    free(t->answer);
}

void
lesson_end(struct session *s)
{
    struct lesson *l = s->lesson;

    if (l == NULL)
        return;
    session_ignore(s, &l->listener);
    s->lesson = NULL;
    for (int i = 0; i < l->g->ntasks; i++)
        task_release(&l->tasks[i]);
    free(l->tasks);
    history_release(&l->history);
    lab_verdict_release(&l->verdict);
    lab_verdict_release(&l->truth);
    buf_release(&l->text);
    free(l);
}

/* ---- How it stands ------------------------------------------------------------------------- */

int
lesson_points(const struct lesson *l)
{
    int points = 0;

    for (int i = 0; i < l->g->ntasks; i++)
        points += l->tasks[i].points + l->tasks[i].predict_points;
    return points;
}

int
lesson_hint_cost(const struct lesson *l, int task)
{
    const struct guided_task *g = &l->g->tasks[task];
    const struct lesson_task *t = &l->tasks[task];
    int left = g->points - t->cost - 1, cost;

    if (t->hints >= g->nhints || t->shown)
        return 0;
    cost = g->hints[t->hints].cost;
    return cost < left ? cost : left > 0 ? left : 0;
}

int
lesson_index(const struct lesson *l, const char *id)
{
    for (int i = 0; i < l->g->ntasks; i++)
        if (strcmp(l->g->tasks[i].id, id) == 0)
            return i;
    return -1;
}

const struct guided_task *
lesson_task(const struct lesson *l, struct err *err)
{
    if (l->current < l->g->ntasks)
        return &l->g->tasks[l->current];
    err_set(err, STATUS_USAGE, "all tasks are done; `submit` writes what is to be handed in");
    return NULL;
}
