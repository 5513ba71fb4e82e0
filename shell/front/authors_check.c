/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab lab check LAB...: each lab proves itself in a process of its own, `lab check --json LAB`,
 * with a guardian and a clock of its own; as many at a time as --jobs allows. What they tell is
 * shown in the order in which the labs were named. */
#include <jansson.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "front/authors.h"
#include "front/authors_report.h"
#include "front/jobs.h"
#include "front/signals.h"

enum { ARGUMENTS = 64 };

/* A lab that is checked. */
struct checked {
    struct lab_report report;
    char *name; /* of the lab, as it is shown */
    bool over;
    char *reason; /* what its process said on stderr */
};

struct check {
    const struct options *options;
    const struct report_format *format;
    struct report_options how;
    struct checked *labs;
    int n;
    int shown;    /* the lab whose cases are shown as they come */
    int cases;    /* so many were shown */
    bool closed;  /* nobody reads */
    bool stopped; /* Ctrl-C */
    struct buf out;
    struct jobs jobs;
};

/* ---- What a child tells -------------------------------------------------------------------- */

static void
take_case(struct lab_report *r, const char *line)
{
    json_t *c = json_loads(line, 0, NULL);
    const char *name = json_string_value(json_object_get(c, "case"));
    const char *text = json_string_value(json_object_get(c, "text"));

    if (name != NULL && text != NULL) {
        if (r->n == r->cap) {
            r->cap = r->cap ? r->cap * 2 : 32;
            r->cases = mem_grow(r->cases, sizeof *r->cases * (size_t)r->cap);
        }
        r->cases[r->n] = (struct proven){
            mem_copy(name), json_is_true(json_object_get(c, "passed")), mem_copy(text),
            json_integer_value(json_object_get(c, "ms")), mem_copy(line)};
        r->failed += !r->cases[r->n++].passed;
    }
    json_decref(c);
}

static void
put_out(struct check *k)
{
    if (!k->closed && k->out.len > 0 && whole_put(1, &k->out) < 0)
        k->closed = true;
    buf_clear(&k->out);
}

/* Whole lines that came: of the lab whose turn it is, they are shown. */
static void
take_lines(void *ctx, int i, struct buf *told)
{
    struct check *k = ctx;
    struct lab_report *r = &k->labs[i].report;
    char *at = told->data, *newline;
    struct buf rest = {0};
    int from = r->n;

    while (at != NULL && (newline = strchr(at, '\n')) != NULL) {
        *newline = '\0';
        take_case(r, at);
        at = newline + 1;
    }
    if (at != NULL)
        buf_puts(&rest, at);
    buf_release(told);
    *told = rest;
    for (int c = from; i == k->shown && c < r->n; c++) {
        k->cases++;
        if (k->format->one != NULL)
            k->format->one(&k->out, &k->how, r, &r->cases[c], k->cases);
    }
    put_out(k);
}

/* Labs that are over, in their order, and what is there of the next one. */
static void
show(struct check *k)
{
    while (k->shown < k->n && k->labs[k->shown].over) {
        const struct lab_report *over = &k->labs[k->shown++].report;

        k->cases += !lab_was_judged(over);
        if (k->format->over != NULL)
            k->format->over(&k->out, &k->how, over, k->cases);
        for (int i = 0; k->shown < k->n && i < k->labs[k->shown].report.n; i++) {
            const struct lab_report *next = &k->labs[k->shown].report;

            k->cases++;
            if (k->format->one != NULL)
                k->format->one(&k->out, &k->how, next, &next->cases[i], k->cases);
        }
    }
    put_out(k);
}

/* ---- Children ------------------------------------------------------------------------------ */

static void
on_end(void *ctx, const struct job_end *end)
{
    struct check *k = ctx;
    struct checked *lab = &k->labs[end->i];
    struct lab_report *r = &lab->report;

    r->status = WIFEXITED(end->status) ? WEXITSTATUS(end->status) : STATUS_MACHINE;
    lab->reason = mem_copy(end->said);
    r->reason = lab->reason[0] != '\0' ? lab->reason : "it ended by a signal";
    if (!lab_was_judged(r) && !k->stopped)
        fprintf(stderr, "%s\n", r->reason);
    if (r->status == STATUS_LAB && r->failed == 0)
        r->status = STATUS_MACHINE; /* it was lost on its way what does not hold */
    lab->over = true;
}

static void
start(struct check *k, int i)
{
    const char *const words[] = {k->options->args[i + 1], NULL};
    struct checked *lab = &k->labs[i];

    if (jobs_start(&k->jobs, i, words))
        return;
    lab->over = true;
    lab->report.status = STATUS_MACHINE;
    lab->report.reason = "no process could be made for it";
}

static void
run_all(struct check *k)
{
    int next = 0;

    for (;;) {
        if (!k->stopped && (front_signals_interrupted() || k->closed)) {
            k->stopped = true;
            jobs_interrupt(&k->jobs);
        }
        while (!k->stopped && next < k->n && jobs_running(&k->jobs) < k->jobs.n)
            start(k, next++);
        if (jobs_running(&k->jobs) == 0)
            break;
        jobs_wait(&k->jobs);
        show(k);
    }
    show(k);
}

/* ---- All of them --------------------------------------------------------------------------- */

/* Sessions in shared worlds would find each other's keys. */
static int
side_by_side(const struct options *o, const struct places *places)
{
    struct session s = {.wanted_world = o->world};
    struct launcher_options launcher = places_launcher(places);
    bool sealed;
    struct err err;

    if (o->jobs <= 1 || o->nargs <= 2)
        return 1;
    sealed = session_start(&s, &launcher, &err) == 0 && s.world.kind == WORLD_SEALED;
    session_release(&s);
    if (!sealed)
        console_message("note: in shared worlds labs are checked one at a time");
    return !sealed ? 1 : o->jobs < JOBS_MAX ? (int)o->jobs : JOBS_MAX;
}

/* Every lab is there. What they are called. */
static int
name_all(struct check *k, const struct places *places, struct err *err)
{
    for (int i = 0; i < k->n; i++) {
        struct lab_file file;

        if (lab_file_open(&file, k->options->args[i + 1], places->labs, err) < 0) {
            if (err->status != STATUS_LAB)
                return -1;
            k->labs[i].name = mem_copy(k->options->args[i + 1]);
        } else {
            k->labs[i].name = mem_copy(file.name);
            lab_file_release(&file);
        }
        k->labs[i].report.lab = k->labs[i].name;
    }
    return 0;
}

static enum status
worst_of(const struct check *k, struct err *err)
{
    enum status worst = STATUS_OK;
    int broken = 0;

    if (k->stopped)
        return STATUS_INTERRUPTED;
    for (int i = 0; i < k->n; i++) {
        enum status status = k->labs[i].report.status;

        broken += status == STATUS_LAB;
        if (status > worst)
            worst = status;
    }
    if (worst == STATUS_LAB && k->n == 1)
        err_set(err, worst, "not everything that a lab must hold does");
    else if (worst == STATUS_LAB)
        err_set(err, worst, "%d of %d labs do not hold what a lab must", broken, k->n);
    else if (worst != STATUS_OK)
        err_set(err, worst, "not every lab could be judged");
    return worst;
}

static void
release(struct check *k)
{
    for (int i = 0; i < k->n; i++) {
        struct lab_report *r = &k->labs[i].report;

        for (int c = 0; c < r->n; c++) {
            free((char *)(uintptr_t)r->cases[c].name);
            free((char *)(uintptr_t)r->cases[c].text);
            free((char *)(uintptr_t)r->cases[c].line);
        }
        free(r->cases);
        free(k->labs[i].name);
        free(k->labs[i].reason);
    }
    free(k->labs);
    buf_release(&k->out);
}

static void
end(struct check *k)
{
    struct lab_report *reports = mem_alloc(sizeof *reports * (size_t)(k->n + 1));

    for (int i = 0; i < k->n; i++)
        reports[i] = k->labs[i].report;
    if (k->format->end != NULL && !k->stopped)
        k->format->end(&k->out, &k->how, reports, k->n, k->cases);
    put_out(k);
    free(reports);
}

enum status
authors_check(const struct options *o, const struct places *places, struct err *err)
{
    static const char *const ours[] = {"json", "format", "jobs", "verbose", NULL};
    struct check k = {.options = o, .how = {o->verbose, console_is_ascii()}, .n = o->nargs - 1};
    const char *argv[ARGUMENTS] = {"/proc/self/exe", "lab", "check", "--json"};
    struct buf words = {0};
    enum status status;
    int n = 4, format = LAB_TEXT;

    k.jobs = (struct jobs){.argv = argv, .more = take_lines, .over = on_end, .ctx = &k};

    for (int i = 0; o->formats[i] != NULL; i++)
        if (option_choose(option_find("format"), o->formats[i], &format, err) < 0)
            return err->status;
    k.format = report_formats[o->json ? LAB_JSON : (enum lab_format)format];
    if (o->trace != NULL && k.n > 1)
        return err_set(err, STATUS_USAGE, "--trace takes the trace of one lab, and here are %d",
                       k.n),
               STATUS_USAGE;
    options_again(o, command_find("lab"), ours, &words);
    for (size_t at = 0; at < words.len && n < ARGUMENTS - 2; at += strlen(words.data + at) + 1)
        argv[n++] = words.data + at;
    argv[n++] = "--";
    argv[n] = NULL;
    k.labs = mem_alloc(sizeof *k.labs * (size_t)k.n);
    if (name_all(&k, places, err) < 0) {
        status = err->status;
    } else {
        if (k.format->begin != NULL)
            k.format->begin(&k.out);
        k.jobs.n = side_by_side(o, places);
        run_all(&k);
        end(&k);
        status = worst_of(&k, err);
    }
    release(&k);
    buf_release(&words);
    return status;
}
