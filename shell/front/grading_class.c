/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A class is graded: every submission in a process of its own, `grade --json --student ID FILE`,
 * with a guardian and a clock of its own; as many at a time as --jobs allows. Whatever becomes of
 * one of them, the next one is graded. Reports are kept outside of memory as they come, and shown
 * in the order in which they were handed in. */
#include <jansson.h>
#include <sched.h>
#include <sys/wait.h>

#include "base/columns.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "front/commands.h"
#include "front/delivery.h"
#include "front/grading.h"
#include "front/grading_parts.h"
#include "front/jobs.h"
#include "front/progress.h"
#include "front/signals.h"
#include "front/unpack.h"
#include "grade/report.h"
#include "grade/store.h"
#include "grade/submission.h"
#include "grade/table.h"
#include "trace/sha.h"

enum { ARGUMENTS = 64 };

struct cohort {
    const struct options *options;
    json_t *lab; /* as report_lab tells it */
    struct submissions submissions;
    struct store store;
    struct grade_table table;
    struct delivery delivery;
    struct jobs jobs;
    int next;   /* submission to be started */
    bool *done; /* by submission: its report is in the store */
    int ndone;
    int shown;          /* the submission whose turn it is */
    int errors;         /* grader_error */
    bool closed;        /* nobody reads the table */
    bool stopped;       /* Ctrl-C, or no report can be kept */
    int under;          /* have less points than was asked for */
    bool lab_is_broken; /* for at least one */
    struct err err;
    struct buf out;
};

/* ---- Showing -------------------------------------------------------------------------------- */

static void
put_out(struct cohort *c)
{
    if (!c->closed && c->out.len > 0 && whole_put(1, &c->out) < 0)
        c->closed = true;
    buf_clear(&c->out);
}

static void
show_one(struct cohort *c, const json_t *report)
{
    const json_t *score = json_object_get(report, "score");

    if (c->options->json) {
        char *text =
            json_dumps(report, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6));

        buf_printf(&c->out, "%s\n", text != NULL ? text : "");
        free(text);
    } else if (c->delivery.only == NULL) {
        grade_table_row(&c->table, report, &c->out);
    }
    grading_say(report);
    c->errors += report_get_status(report) == GRADER_ERROR;
    c->under +=
        json_is_number(score) &&
        json_number_value(score) * 100 <
            json_number_value(json_object_get(report, "max_score")) * c->options->fail_under;
}

/* Those that are done, up to the first that is not. */
static void
show(struct cohort *c)
{
    char text[80];

    while (c->shown < c->next && c->done[c->shown]) {
        int i = c->shown++;
        json_t *report = store_get(&c->store, i, c->submissions.list[i].folder);

        if (report != NULL)
            show_one(c, report);
        json_decref(report);
    }
    put_out(c);
    snprintf(text, sizeof text, "%d of %d graded", c->ndone, c->submissions.n);
    progress_show(NULL, c->ndone < c->submissions.n ? text : "");
}

/* ---- Reports -------------------------------------------------------------------------------- */

static void
keep(struct cohort *c, int i, const json_t *report)
{
    struct err err;

    c->done[i] = true;
    c->ndone++;
    if (store_put(&c->store, i, c->submissions.list[i].folder, report, &err) == 0 || c->stopped)
        return;
    c->stopped = true;
    c->err = err;
}

/* A report that no child made. */
static void
keep_trouble(struct cohort *c, int i, enum grade_status status, const char *reason)
{
    const struct submission *s = &c->submissions.list[i];
    json_t *report = report_new(c->lab, s->student, s->name, false);

    report_status(report, status, reason);
    keep(c, i, report);
    json_decref(report);
}

/* The end of a child that told no report. */
static void
take_trouble(struct cohort *c, const struct job_end *end)
{
    char reason[700];

    snprintf(reason, sizeof reason, "%s%s%.500s",
             end->told->len > JOBS_TOLD_MAX ? "it told more than a report has"
             : WIFSIGNALED(end->status)     ? "its process was killed"
                                            : "its process told no report",
             end->said[0] != '\0' ? ": " : "", end->said);
    keep_trouble(c, end->i, GRADER_ERROR, reason);
}

static void
on_end(void *ctx, const struct job_end *end)
{
    struct cohort *c = ctx;
    const struct submission *s = &c->submissions.list[end->i];
    json_t *report = end->told->len > 0 && end->told->len <= JOBS_TOLD_MAX
                         ? json_loadb(end->told->data, end->told->len, 0, NULL)
                         : NULL;

    c->lab_is_broken |= WIFEXITED(end->status) && WEXITSTATUS(end->status) == STATUS_LAB;
    if (report != NULL && report_is_whole(report)) {
        report_name(report, s->student, s->name);
        keep(c, end->i, report);
    } else if (!c->stopped) {
        take_trouble(c, end);
    }
    json_decref(report);
}

/* ---- One after the other -------------------------------------------------------------------- */

/* Was it graded before, by this lab, and is it the same file? */
static bool
is_done(const struct cohort *c, int i)
{
    const struct submission *s = &c->submissions.list[i];
    char sha256[SHA_HEX];
    json_t *report;
    bool done;

    if (!c->options->resume || s->fault != NULL)
        return false;
    report = store_get(&c->store, i, s->folder);
    done = report != NULL && sha_file(s->path, REPORT_HASHED_MAX, sha256) &&
           report_holds(report, c->lab, sha256, c->options->from_trace);
    json_decref(report);
    return done;
}

/* What is there of a submission should its grading not come to an end. */
static bool
prepare(struct cohort *c, const struct submission *s)
{
    json_t *report = report_new(c->lab, s->student, s->name, c->options->from_trace);
    int result;

    report_status(report, GRADER_ERROR, "the grading did not come to its end");
    result = delivery_early(&c->delivery, s->folder, report, c->lab, &c->err);
    json_decref(report);
    return result == 0;
}

static void
start_one(struct cohort *c, int i)
{
    const struct submission *s = &c->submissions.list[i];
    const char *const words[] = {"--student", s->student, "--", s->path, NULL};

    if (is_done(c, i)) {
        c->done[i] = true;
        c->ndone++;
        return;
    }
    if (!prepare(c, s))
        c->stopped = true;
    else if (s->fault != NULL)
        keep_trouble(c, i, s->ours ? GRADER_ERROR : STUDENT_ERROR, s->fault);
    else if (!jobs_start(&c->jobs, i, words))
        keep_trouble(c, i, GRADER_ERROR, "no process could be made for it");
}

static void
run_all(struct cohort *c)
{
    bool told = false;

    for (;;) {
        c->stopped |= front_signals_interrupted();
        if (c->stopped && !told)
            jobs_interrupt(&c->jobs);
        told |= c->stopped;
        while (!c->stopped && c->next < c->submissions.n && jobs_running(&c->jobs) < c->jobs.n)
            start_one(c, c->next++);
        show(c);
        if (jobs_running(&c->jobs) == 0)
            break;
        jobs_wait(&c->jobs);
    }
    show(c);
    progress_show(NULL, "");
}

/* ---- All of them ---------------------------------------------------------------------------- */

struct answer {
    json_t *lab;
    enum status status;
    struct err *err;
};

static void
on_answer(void *ctx, const struct job_end *end)
{
    struct answer *a = ctx;
    const char *said = end->said;

    a->lab = end->told->len > 0 ? json_loadb(end->told->data, end->told->len, 0, NULL) : NULL;
    a->status = WIFEXITED(end->status) ? (enum status)WEXITSTATUS(end->status) : STATUS_MACHINE;
    if (a->lab == NULL && a->status == STATUS_OK)
        a->status = STATUS_MACHINE;
    if (a->status == STATUS_OK)
        return;
    if (strncmp(said, "ipclab: ", 8) == 0)
        said += 8;
    err_set(a->err, a->status, "%s", said[0] != '\0' ? said : "the lab could not be looked at");
}

/* What there is to be graded, from a process that a guardian watches: what an author wrote is not
 * run here. */
static enum status
ask_lab(struct cohort *c, struct err *err)
{
    struct answer answer = {.err = err};
    struct jobs jobs = c->jobs;

    jobs.n = 1;
    jobs.over = on_answer;
    jobs.ctx = &answer;
    if (!jobs_start(&jobs, 0, NULL))
        return err_set(err, STATUS_MACHINE, "no process could be made"), STATUS_MACHINE;
    while (jobs_running(&jobs) > 0)
        jobs_wait(&jobs);
    c->lab = answer.lab;
    return answer.status;
}

static void
say_left_out(const struct submissions *s)
{
    for (int i = 0; i < s->nleft_out && i < 5; i++)
        console_message("note: left out, as it is no trace by its name: %s", s->left_out[i]);
    if (s->nleft_out > 5)
        console_message("note: and %d more like that", s->nleft_out - 5);
}

static int
widest_of(const struct submissions *s, bool ascii)
{
    int widest = (int)strlen("student");

    for (int i = 0; i < s->n; i++) {
        struct buf shown = {0};
        int n;

        text_escape(&shown, s->list[i].student, strlen(s->list[i].student), ascii);
        n = (int)columns_of(buf_text(&shown), shown.len);
        widest = n > widest ? n : widest;
        buf_release(&shown);
    }
    return widest;
}

static int
cpus(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static json_t *
report_at(void *ctx, int i)
{
    const struct cohort *c = ctx;

    return c->done[i] ? store_get(&c->store, i, c->submissions.list[i].folder) : NULL;
}

static const char *
folder_at(void *ctx, int i)
{
    const struct cohort *c = ctx;

    return c->submissions.list[i].folder;
}

static void
deliver(struct cohort *c)
{
    struct reports reports = {.n = c->submissions.n,
                              .get = report_at,
                              .folder = folder_at,
                              .ctx = c,
                              .lab = c->lab,
                              .earlier = c->options->diff};

    delivery_make(&c->delivery, &reports, &c->err);
}

/* "2/5"; without one all of them. */
static int
read_shard(const char *text, int *i, int *n, struct err *err)
{
    char end;

    *i = *n = 1;
    if (text == NULL || (sscanf(text, "%d/%d%c", i, n, &end) == 2 && *i >= 1 && *i <= *n))
        return 0;
    return err_set(err, STATUS_USAGE,
                   "--shard takes the number of a shard and how many there are, such as 2/5");
}

static enum status
grade(struct cohort *c, struct err *err)
{
    const struct options *o = c->options;
    int shard, shards;
    const char *lab = json_string_value(json_object_get(json_object_get(c->lab, "lab"), "id"));

    if (read_shard(o->shard, &shard, &shards, err) < 0 ||
        submissions_collect(&c->submissions, o->args, o->nargs, lab != NULL ? lab : "", err) < 0 ||
        store_open(&c->store, o->out, c->submissions.n, err) < 0)
        return err->status;
    say_left_out(&c->submissions);
    submissions_shard(&c->submissions, shard, shards);
    if (c->submissions.n == 0 && shards == 1)
        return err_set(err, STATUS_USAGE, "no trace was handed in"), STATUS_USAGE;
    if (delivery_open(&c->delivery, o, c->submissions.n, err) < 0)
        return err->status;
    c->done = mem_alloc(sizeof *c->done * (size_t)(c->submissions.n + 1));
    c->jobs.n = o->jobs > 0 ? o->jobs : cpus();
    c->jobs.n = c->jobs.n < JOBS_MAX ? c->jobs.n : JOBS_MAX;
    c->table =
        (struct grade_table){json_object_get(c->lab, "tasks"),
                             widest_of(&c->submissions, console_is_ascii()), console_is_ascii()};
    if (!o->json && c->delivery.only == NULL)
        grade_table_head(&c->table, &c->out);
    run_all(c);
    if (shards == 1 && !c->stopped && grading_compare(&c->submissions, &c->store, &c->err) < 0)
        c->stopped = true;
    if (c->err.status == STATUS_OK && !c->stopped)
        deliver(c);
    if (c->err.status != STATUS_OK)
        *err = c->err;
    else if (c->stopped)
        err_set(err, STATUS_INTERRUPTED, "interrupted");
    else if (c->errors > 0)
        err_set(err, c->lab_is_broken ? STATUS_LAB : STATUS_MACHINE,
                "%d of %d submissions could not be judged%s", c->errors, c->submissions.n,
                c->lab_is_broken ? ": the lab is broken" : "");
    else if (c->under > 0)
        err_set(err, STATUS_DIFFERS, "%d of %d submissions have less than %d percent", c->under,
                c->submissions.n, c->options->fail_under);
    return err->status;
}

enum status
grading_class(const struct options *o, const struct places *places, struct err *err)
{
    static const char *const ours[] = {"json",       "jobs",   "student", "resume", "shard",
                                       "fail-under", "format", "diff",    "fill",   "column",
                                       "key",        "width",  NULL};
    int64_t seconds = o->timeout_ms > 0 ? o->timeout_ms / 1000 : GRADING_SECONDS;
    const char *argv[ARGUMENTS] = {"/proc/self/exe", "grade", "--json"};
    struct cohort c = {
        .options = o,
        .jobs = {.argv = argv, .limit_ms = (seconds + 2 * GRADING_SPARE) * 1000, .over = on_end}};
    struct buf words = {0};
    enum status status;
    int n = 3;

    unpack_offer(&c.submissions, places);
    options_again(o, command_find("grade"), ours, &words);
    for (size_t at = 0; at < words.len && n < ARGUMENTS - 1; at += strlen(words.data + at) + 1)
        argv[n++] = words.data + at;
    argv[n] = NULL;
    c.store.fd = -1;
    c.jobs.ctx = &c;
    status = ask_lab(&c, err);
    if (status == STATUS_OK)
        status = grade(&c, err);
    json_decref(c.lab);
    submissions_release(&c.submissions);
    store_release(&c.store);
    delivery_release(&c.delivery);
    buf_release(&c.out);
    buf_release(&words);
    free(c.done);
    return status;
}
