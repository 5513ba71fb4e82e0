/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One submission is graded: its trace is read, its lines are run again for the student who handed
 * it in, and what the checks of the lab say is the report. While they run every event is compared
 * with the recorded one. Nothing in the file is believed: not whose it is, not what it says that
 * it saw. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "builtin/builtins.h"
#include "front/grading_parts.h"
#include "front/replay.h"
#include "front/signals.h"
#include "grade/prints.h"
#include "grade/report.h"
#include "trace/sha.h"

enum {
    LIMIT_MS = 10000, /* for a step */
    TRIES = 3,        /* of what has to do with timers */
};

struct grading {
    const struct options *options;
    const struct places *places;
    struct lab_file lab;
    struct trace_reader *reader; /* of events that are believed */
    struct event event, first;   /* the last one of them; the first of the trace */
    int64_t events;              /* that it has */
    struct trace_end end;
    struct prints prints;     /* what is its own */
    struct recorded recorded; /* of those that are run again */
    const char **lines;       /* that the student typed */
    int n;
    struct replay replay; /* of the try */
    bool compares;
    struct result result;     /* of the best try */
    json_t *first_difference; /* of it; NULL: it is the same */
    bool same;
    char sha256[SHA_HEX];
    bool hashed;
};

static int64_t deadline; /* of the submission; what asks has no place for more */

static bool
time_is_up(void)
{
    return now_ms() > deadline;
}

static bool
interrupted(void)
{
    return replay_is_left() || time_is_up();
}

/* ---- Its file ------------------------------------------------------------------------------ */

/* That it cannot be read may be our fault. */
static bool
is_ours_to_read(const char *path)
{
    struct stat st;

    return lstat(path, &st) < 0 || (S_ISREG(st.st_mode) && access(path, R_OK) < 0);
}

static enum status
unread(const struct grading *g, const struct err *err)
{
    return err->status == STATUS_USAGE && is_ours_to_read(g->options->args[0]) ? STATUS_MACHINE
                                                                               : STATUS_TRACE;
}

/* OK, or why not: TRACE is the student's fault. */
static enum status
take_trace(struct grading *g, struct err *err)
{
    const char *path = g->options->args[0];
    const struct event *input;
    int at = 0;

    if (recorded_read(&g->recorded, path, err) < 0)
        return unread(g, err);
    g->end = g->recorded.end;
    g->events = g->recorded.n;
    event_copy(&g->first, &g->recorded.events[0]);
    if (recorded_may_run(&g->recorded, path, err) < 0)
        return STATUS_TRACE;
    g->lines = mem_alloc(sizeof *g->lines * (size_t)(g->recorded.n + 1));
    for (int i = 0; i < g->recorded.n; i++)
        prints_take(&g->prints, &g->recorded.events[i]);
    while ((input = recorded_input(&g->recorded, &at)) != NULL)
        if (event_get_text(input, NULL, "from") == NULL)
            g->lines[g->n++] = event_get_text(input, NULL, "text");
    return STATUS_OK;
}

/* ---- Running it ---------------------------------------------------------------------------- */

/* What a submission runs in: a world for lines of others, or none at all. */
static struct launcher_options
launcher_of(const struct places *places)
{
    struct launcher_options options = places_launcher(places);

    options.judged = grading_user();
    return options;
}

static int
at_begin(void *ctx, struct session *s, struct err *err)
{
    struct grading *g = ctx;
    const char *why = s->world.why_not_sealed;

    if (s->world.kind != WORLD_SEALED)
        return err_set(err, STATUS_MACHINE,
                       "submissions are graded in sealed worlds only%s%s%s; `ipclab doctor` says "
                       "more",
                       why[0] != '\0' ? ", and none is allowed here (" : "", why,
                       why[0] != '\0' ? ")" : "");
    replay_start(&g->replay, s, &g->recorded);
    g->compares = true;
    return 0;
}

static void
before_line(void *ctx, int i)
{
    struct grading *g = ctx;
    const struct event *input;

    if (i == g->n) {
        replay_await(&g->replay);
        return;
    }
    do
        input = recorded_input(&g->recorded, &g->replay.line);
    while (event_get_text(input, NULL, "from") != NULL);
    replay_before(&g->replay);
}

static void
at_end(void *ctx, struct lesson *l)
{
    struct grading *g = ctx;

    prints_leave_out(&g->prints, l->g);
    if (!g->options->from_trace)
        replay_end(&g->replay);
}

/* Both sides of the first difference, as JSON. */
static json_t *
difference(const struct replay *p)
{
    const struct event *here = p->nrest > 0 ? &p->rest[0] : NULL;
    const struct event *there = p->at < p->recorded->n ? &p->recorded->events[p->at] : NULL;
    struct buf text = {0};
    json_t *sides[2];

    for (int i = 0; i < 2; i++) {
        const struct event *e = i == 0 ? there : here;

        buf_clear(&text);
        if (e != NULL)
            event_json(&text, e, -1, true);
        sides[i] = e != NULL ? json_loads(buf_text(&text), 0, NULL) : NULL;
        if (sides[i] == NULL)
            sides[i] = json_null();
    }
    buf_release(&text);
    return json_pack("{s:i, s:s, s:o, s:o}", "event", p->at, "field", p->field, "recorded",
                     sides[0], "here", sides[1]);
}

/* The better one of two tries. */
static void
keep_try(struct grading *g, struct result *r, bool first)
{
    bool better = first || (!g->replay.differs && !g->same) || r->points > g->result.points;

    if (!better) {
        result_release(r);
        return;
    }
    if (!first)
        result_release(&g->result);
    json_decref(g->first_difference);
    g->result = *r;
    g->same = !g->replay.differs;
    g->first_difference = g->same ? NULL : difference(&g->replay);
}

/* The task with which it says that it began (run --from), NULL: the first. Those before it give
 * nothing. */
static const char *
begun_with(const struct recorded *r)
{
    bool left = false;

    for (int i = 0; i < r->n; i++) {
        const char *what =
            recorded_is(&r->events[i], "task") ? event_get_text(&r->events[i], NULL, "what") : NULL;

        if (what != NULL && strcmp(what, "begins") == 0)
            return left ? event_get_text(&r->events[i], NULL, "id") : NULL;
        left |= what != NULL && strcmp(what, "left") == 0;
    }
    return NULL;
}

static struct play
play_of(struct grading *g, const struct launcher_options *launcher)
{
    return (struct play){.launcher = launcher,
                         .builtins = builtins,
                         .file = &g->lab,
                         .student = g->options->student,
                         .from = begun_with(&g->recorded),
                         .world = g->options->world,
                         .limit_ms = LIMIT_MS,
                         .interrupted = interrupted,
                         .time_is_up = time_is_up,
                         .handed_in = true,
                         .at_begin = at_begin,
                         .before_line = before_line,
                         .at_end = at_end,
                         .ctx = g};
}

static enum status
run(struct grading *g, struct err *err)
{
    struct launcher_options launcher = launcher_of(g->places);
    struct play play = play_of(g, &launcher);
    enum status status = STATUS_OK;
    bool again = true;

    for (int try = 1; try <= TRIES && again && status == STATUS_OK; try++) {
        struct result r;

        g->compares = false;
        status = lesson_play(&play, g->lines, g->n, &r);
        again = g->compares && g->replay.differs && g->replay.by_time && !r.out_of_time;
        if (status == STATUS_OK)
            keep_try(g, &r, try == 1);
        else
            err_set(err, status, "%s", r.text);
        if (g->compares)
            replay_release(&g->replay);
        if (status != STATUS_OK)
            result_release(&r);
    }
    return status;
}

/* ---- Believing it ---------------------------------------------------------------------------- */

/* Each event once, as it is read: there is room for one. */
static const struct event *
next_event(void *ctx, struct err *err)
{
    struct grading *g = ctx;
    int more = trace_next(g->reader, &g->event, err);

    if (more > 0 && g->events++ == 0)
        event_copy(&g->first, &g->event);
    if (more > 0)
        prints_take(&g->prints, &g->event);
    return more > 0 ? &g->event : NULL;
}

static enum status
judge(struct grading *g, struct err *err)
{
    struct launcher_options launcher = launcher_of(g->places);
    struct play play = play_of(g, &launcher);
    enum status status;

    g->reader = trace_open(g->options->args[0], err);
    if (g->reader == NULL)
        return unread(g, err);
    status = lesson_judge(&play, next_event, &g->result);
    if (status == STATUS_LAB) { /* a check that asks for what is in no trace is not broken */
        status = STATUS_MACHINE;
        err_set(err, status, "it cannot be judged from the trace alone: %s", g->result.text);
    } else if (status != STATUS_OK) {
        err_set(err, status, "%s", g->result.text);
    }
    trace_ending(g->reader, &g->end);
    trace_free(g->reader);
    return status;
}

/* ---- What is to be looked at ---------------------------------------------------------------- */

static void
flag(const struct grading *g, json_t *report)
{
    const char *student = event_get_text(&g->first, NULL, "student");
    const char *lab = event_get_text(&g->first, NULL, "lab");
    const char *sha256 = event_get_text(&g->first, NULL, "lab_sha256");

    if (!g->end.complete)
        report_flag(report, "incomplete", "the trace ends after event %lld without its last line%s",
                    (long long)g->events - 1, g->end.torn ? ", in the middle of another" : "");
    else if (!g->end.digest_ok)
        report_flag(report, "edited",
                    "its digest does not agree: it was changed after it was written");
    if (student != NULL && strcmp(student, g->options->student) != 0)
        report_flag(report, "student", "the trace says that %.80s wrote it", student);
    if (lab == NULL || strcmp(lab, g->lab.name) != 0)
        report_flag(report, "lab", "the trace is of %s%.80s", lab != NULL ? "the lab " : "no lab",
                    lab != NULL ? lab : "");
    else if (sha256 == NULL || strcmp(sha256, g->lab.sha256) != 0)
        report_flag(report, "lab_changed", "the trace is of another version of the lab");
}

static void
flag_run(const struct grading *g, json_t *report)
{
    if (g->result.limit[0] != '\0')
        report_flag(report, "limit", "it ran into a limit: %s", g->result.limit);
    if (g->same)
        return;
    report_flag(report, "differs",
                "what the trace says that it saw does not come again: event %lld, '%s'",
                (long long)json_integer_value(json_object_get(g->first_difference, "event")),
                json_string_value(json_object_get(g->first_difference, "field")));
    if (g->result.failed >= 0)
        report_flag(report, "lines", "a line of the trace is an error: %s", g->result.failure);
}

/* ---- The report ----------------------------------------------------------------------------- */

static int
points_of_lab(const struct grading *g, struct err *err)
{
    struct opened l = {0};
    int points = grading_load(g->options, g->places, &l, err) < 0 ? -1 : lab_guided(l.lab)->points;

    authors_close(&l);
    return points;
}

static json_t *
report_of(struct grading *g, enum status status, int64_t ms, const struct err *err)
{
    json_t *about = report_about(&g->lab, g->result.max);
    bool believes = g->options->from_trace;
    json_t *report = report_new(about, g->options->student, g->options->args[0], believes);

    report_trace(report, g->hashed ? g->sha256 : NULL, g->events);
    report_prints(report, g->prints.lines, g->prints.addresses);
    if (status == STATUS_OK) {
        flag(g, report);
        report_result(report, &g->result);
        if (!believes) {
            report_replay(report, g->same, json_incref(g->first_difference));
            flag_run(g, report);
        }
    } else {
        report_status(report, status == STATUS_TRACE ? STUDENT_ERROR : GRADER_ERROR, err->text);
    }
    report_duration(report, ms);
    json_decref(about);
    return report;
}

enum status
grading_one(const struct options *o, const struct places *places, struct err *err)
{
    struct grading g = {.options = o, .places = places, .result = {.failed = -1}};
    int64_t began = now_ms();
    enum status status;
    struct err points;
    json_t *report;

    deadline = began + (o->timeout_ms > 0 ? o->timeout_ms : GRADING_SECONDS * 1000LL);
    if (lab_file_open(&g.lab, o->lab, places->labs, err) < 0)
        return err->status;
    event_init(&g.event);
    event_init(&g.first);
    prints_init(&g.prints);
    g.hashed = sha_file(o->args[0], REPORT_HASHED_MAX, g.sha256);
    if (o->from_trace)
        status = judge(&g, err);
    else if ((status = take_trace(&g, err)) == STATUS_OK)
        status = run(&g, err);
    if (status != STATUS_OK && (g.result.max = points_of_lab(&g, &points)) < 0) {
        status = points.status;
        *err = points;
    } else if (status != STATUS_INTERRUPTED) {
        report = report_of(&g, status, now_ms() - began, err);
        if (grading_tell(report, err) < 0)
            status = STATUS_MACHINE;
        else if (status == STATUS_TRACE)
            status = STATUS_OK; /* that is in the report */
        json_decref(report);
    }
    json_decref(g.first_difference);
    result_release(&g.result);
    event_release(&g.event);
    event_release(&g.first);
    prints_release(&g.prints);
    recorded_release(&g.recorded);
    lab_file_release(&g.lab);
    free(g.lines);
    return status;
}
