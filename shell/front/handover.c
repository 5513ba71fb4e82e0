/* SPDX-License-Identifier: GPL-3.0-or-later
 * See handover.h.
 *
 * Up to the place where it stops nothing is shown or written, because a timer may make it necessary
 * to begin anew; what happened is kept in memory. Then a console is told of it, as if it had been
 * there, so that trace, views and `undo` know the session from its first event on. */
#include "front/handover.h"

#include "base/mem.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "front/child.h"
#include "front/commands.h"
#include "front/parting.h"
#include "front/prepare.h"
#include "front/repl.h"
#include "front/replay.h"
#include "front/shell_out.h"
#include "lua/lab.h"

enum { TRIES = 3 }; /* of a trace with timers */

/* Numbers that the session gave to events, in order. */
struct numbers {
    int64_t *list;
    int n, cap;
};

static struct handover {
    const struct options *options;
    const struct recorded *recorded;
    struct judged judged;
    struct session session;
    struct replay replay;
    struct console console;
    struct recorded heard; /* what happened before the console was there */
    struct numbers heard_numbers;
    struct listener counts;
    void (*tell)(void *console, const struct event *e);
    struct numbers told; /* what the console was told of */
    struct event mended;
    int64_t limit_ms; /* of a recorded line */
    bool stepping;    /* the next line is offered */
    enum status status;
    struct err *err;
} h;

/* ---- To the place -------------------------------------------------------------------------- */

static void
keep_number(struct numbers *numbers, int64_t number)
{
    if (numbers->n == numbers->cap) {
        numbers->cap = numbers->cap ? numbers->cap * 2 : 256;
        numbers->list = mem_grow(numbers->list, sizeof *numbers->list * (size_t)numbers->cap);
    }
    numbers->list[numbers->n++] = number;
}

static void
on_event(void *ctx, const struct event *e)
{
    (void)ctx;
    (void)e;
    keep_number(&h.heard_numbers, h.session.seq - 1);
}

/* The event to stop at: with --step alone the first. */
static int64_t
place(void)
{
    return h.options->to >= 0 ? h.options->to : 0;
}

static void
run_lines(void)
{
    const struct event *next;

    while ((next = replay_next(&h.replay)) != NULL && next - h.recorded->events < place() &&
           replay_line(&h.replay))
        ;
    if (!h.replay.differs)
        replay_await(&h.replay);
}

static void
release_session(void)
{
    session_release(&h.session);
    replay_release(&h.replay);
    recorded_release(&h.heard);
    free(h.heard_numbers.list);
    h.heard_numbers = (struct numbers){0};
}

/* One try; *again: a timer may be the reason that it went another way. */
static enum status
reach(const struct places *places, bool last, bool *again, struct buf *said)
{
    struct launcher_options launcher = places_launcher(places);
    struct session *s = &h.session;
    struct replay *p = &h.replay;

    *again = false;
    if (h.options->judged) {
        judged_choose(&h.judged, NULL);
        launcher.judged = &h.judged;
    }
    prepare_session(s, h.options, places);
    s->outside = NULL;
    s->cpus = child_cpus();
    replay_prepare(s, h.options, h.recorded);
    h.limit_ms = s->limit_ms;
    recorded_listen(&h.heard, s);
    h.counts = (struct listener){.event = on_event};
    session_listen(s, &h.counts);
    if (session_launch(s, &launcher, h.err) < 0 || session_begin(s, h.err) < 0 ||
        replay_check_world(s, h.options, h.err) < 0)
        return h.err->status;
    replay_start(p, s, h.recorded);
    p->to = (int)place();
    run_lines();
    if (!p->differs && !p->interrupted)
        return STATUS_OK;
    *again = p->by_time && !p->interrupted && !last;
    return replay_judge(p, h.options, last, said, h.err);
}

/* ---- Handing over --------------------------------------------------------------------------- */

/* What the console calls the event that the session numbered so. While the lines of a guided lab
 * are run the session numbers as their trace does, where what the lab said has numbers, too. */
static int64_t
number_of(int64_t number)
{
    int i = 0;

    while (i < h.told.n && h.told.list[i] < number)
        i++;
    return i;
}

/* A verb of a guided lab, which is none here. */
static bool
is_verb(const struct event *e)
{
    const char *text = recorded_is(e, "input") ? event_get_text(e, NULL, "text") : NULL;
    const struct builtin *b;
    char word[32];

    if (text == NULL || !h.session.guided)
        return false;
    snprintf(word, sizeof word, "%.*s", (int)strcspn(text, " \t"), text);
    b = builtin_find(word);
    return b != NULL && (b->flags & BUILTIN_GUIDED) != 0;
}

static void
tell(const struct event *e, int64_t number)
{
    if (is_verb(e))
        return;
    keep_number(&h.told, number);
    event_copy(&h.mended, e);
    for (size_t k = 0; k < h.mended.n && recorded_is(e, "undo"); k++) {
        struct item *i = &h.mended.items[k];

        if (i->depth == 0 && strcmp(item_name(&h.mended, i), "to") == 0)
            i->value = number_of(i->value + 1) - 1;
    }
    h.tell(&h.console, &h.mended);
}

static void
on_later_event(void *ctx, const struct event *e)
{
    (void)ctx;
    tell(e, h.session.seq - 1);
}

/* From here on the session and the console number alike. */
static void
renumber(void)
{
    struct session *s = &h.session;

    for (int i = 0; i < s->ninputs; i++)
        s->inputs[i].before_seq = number_of(s->inputs[i].before_seq);
    s->seq = h.told.n;
    for (int i = 0; i < h.told.n; i++)
        h.told.list[i] = i;
    s->guided = false;
}

/* What happened so far is told to the console, which shows nothing of it. */
static int
start_console(void)
{
    struct session *s = &h.session;
    struct console *c = &h.console;

    session_ignore(s, &h.heard.listener);
    session_ignore(s, &h.counts);
    session_ignore(s, &h.replay.listener);
    s->only_recorded = false;
    s->outside = shell_out;
    s->interactive = isatty(0) && isatty(1);
    if (s->interactive && h.options->timeout_ms < 0)
        s->limit_ms = 0;
    console_start(c, h.options, s);
    h.tell = c->listener.event;
    c->listener.event = on_later_event;
    c->source.enter_runs = true;
    if (console_record(c, h.err) < 0)
        return -1;
    s->hushed++;
    for (int i = 0; i < h.heard.n; i++)
        tell(&h.heard.events[i], h.heard_numbers.list[i]);
    s->hushed--;
    if (h.stepping) {
        session_listen(s, &h.replay.listener);
    } else {
        s->tells_names = false;
        renumber();
    }
    return 0;
}

/* Where it stands, and what led there. */
static void
say_place(void)
{
    const struct recorded *r = h.recorded;
    struct view_options options = parting_options(h.options, &h.session.launcher.catalog);
    const struct course course = {.events = h.heard.events, .n = h.heard.n};
    int at = h.replay.at > h.replay.line ? h.replay.at : h.replay.line;
    struct buf out = {0};

    while (at < r->n && !recorded_counts(&r->events[at]) && !recorded_is(&r->events[at], "end"))
        at++;
    at = at > 0 ? at - 1 : 0;
    if (h.heard.n > 1) {
        buf_printf(&out, "as it was after event %d", at);
        if (at > place())
            buf_printf(&out, ", with which the line of event %lld ends", (long long)place());
        buf_puts(&out, ":\n");
        parting_lanes(&course, h.heard.n - 1, &options, &out);
        session_say(&h.session, "%s", buf_text(&out));
    }
    buf_release(&out);
}

/* ---- Step by step --------------------------------------------------------------------------- */

static int run_next(struct session *s, const char *text, size_t n, struct err *err);

static void
end_steps(void)
{
    struct session *s = &h.session;

    h.stepping = false;
    session_ignore(s, &h.replay.listener);
    s->tells_names = false;
    free(s->suggestion);
    s->suggestion = NULL;
    s->run_suggestion = NULL;
    s->after_line = NULL;
    renumber();
}

/* All lines were run, or it went another way: how it compares. */
static void
judge(void)
{
    struct buf out = {0};

    end_steps();
    h.status = replay_judge(&h.replay, h.options, true, &out, h.err);
    session_say(&h.session, "%s", buf_text(&out));
    buf_release(&out);
}

static void
offer_next(void)
{
    const struct event *next = replay_next(&h.replay);
    const char *text = next != NULL ? event_get_text(next, NULL, "text") : NULL;
    struct session *s = &h.session;
    struct buf shown = {0};

    if (h.replay.differs || text == NULL) {
        if (!h.replay.differs)
            replay_end(&h.replay);
        judge();
        return;
    }
    text_escape(&shown, text, strlen(text), s->ascii);
    session_say(s, "      Enter runs:  %s\n", buf_text(&shown));
    buf_release(&shown);
    free(s->suggestion);
    s->suggestion = mem_copy(text);
    s->run_suggestion = run_next;
}

/* Another line than the recorded one was typed, and did something. */
static void
after_line(struct session *s, const char *text, bool failed)
{
    (void)text;
    (void)failed;
    if (!h.stepping || !h.replay.left)
        return;
    end_steps();
    session_say(s, "      from here on nothing is compared\n");
}

/* As it was when the trace was made: whole words, only what is recorded, and a limit. */
static int
run_next(struct session *s, const char *text, size_t n, struct err *err)
{
    bool interactive = s->interactive;
    int64_t limit_ms = s->limit_ms;

    (void)text;
    (void)n;
    err_clear(err);
    if (h.replay.left)
        return 0;
    s->interactive = false;
    s->limit_ms = h.limit_ms;
    s->only_recorded = true;
    s->interrupted = replay_is_left;
    replay_line(&h.replay);
    s->only_recorded = false;
    s->limit_ms = limit_ms;
    s->interactive = interactive;
    *err = h.replay.failed;
    if (h.replay.interrupted) { /* the waiting was, and the line has begun */
        end_steps();
        session_say(s, "      from here on nothing is compared\n");
    } else {
        offer_next();
    }
    return err->status == STATUS_OK ? 0 : -1;
}

static int
begin(struct session *s, struct err *err)
{
    (void)err;
    say_place();
    s->after_line = h.stepping ? after_line : NULL;
    if (h.stepping)
        offer_next();
    return 0;
}

/* -------------------------------------------------------------------------------------------- */

static int
lead(void)
{
    struct session *s = &h.session;
    struct err end = {0};
    int status;

    commands_warn(s, h.options);
    if (s->interactive) {
        status = repl_run(&h.console, begin);
    } else {
        begin(s, &end);
        status = source_run(s, 0, "standard input", &h.console.source);
        if ((status == STATUS_OK || status == STATUS_USAGE) &&
            session_finish(s, &end) != STATUS_OK && status == STATUS_OK) {
            *h.err = end;
            status = end.status;
        }
    }
    if (console_finish(&h.console) != STATUS_OK && h.options->trace != NULL && status == STATUS_OK)
        status = STATUS_TRACE;
    chunk_release(s);
    return status == STATUS_OK ? (int)h.status : status;
}

int
handover_run(const struct options *o, const struct places *places, const struct recorded *r,
             struct err *err)
{
    bool again = true;
    struct buf said = {0};
    int status = STATUS_OK;

    if (o->to >= r->n)
        return err_set(err, STATUS_USAGE, "--to takes an event of the trace, which has 0 to %d",
                       r->n - 1),
               err->status;
    h = (struct handover){.options = o, .recorded = r, .stepping = o->step, .err = err};
    event_init(&h.mended);
    child_pin();
    for (int try = 1; try <= TRIES && again; try++) {
        if (try > 1)
            release_session();
        err_clear(err);
        status = (int)reach(places, try == TRIES, &again, &said);
    }
    printf("%s", buf_text(&said));
    fflush(stdout);
    buf_release(&said);
    if (status == STATUS_OK)
        status = start_console() < 0 ? (int)err->status : lead();
    release_session();
    event_release(&h.mended);
    free(h.told.list);
    return status;
}
