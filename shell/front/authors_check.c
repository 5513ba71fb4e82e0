/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab lab check LAB...: each lab proves itself in a process of its own, `lab check --json LAB`,
 * with a guardian and a clock of its own; as many at a time as --jobs allows. What they tell is
 * shown in the order in which the labs were named. */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "front/authors.h"
#include "front/authors_report.h"
#include "front/child.h"
#include "front/signals.h"

enum { ARGUMENTS = 64, LOOK_MS = 200 };

/* A lab that is checked. */
struct job {
    struct lab_report report;
    char *name; /* of the lab, as it is shown */
    pid_t pid;  /* 0: it has not begun, or is over */
    int output; /* what it tells, -1: no more */
    int errors; /* a file of what it says on stderr */
    bool over;
    struct buf got; /* lines that nobody has read yet */
    char *reason;
};

struct check {
    const struct options *options;
    const char *const *argv; /* of a child, but for the lab */
    const struct report_format *format;
    struct report_options how;
    struct job *jobs;
    int n;
    int shown;    /* the job whose cases are shown as they come */
    int cases;    /* so many were shown */
    bool closed;  /* nobody reads */
    bool stopped; /* Ctrl-C */
    struct buf out;
};

/* ---- What a child tells -------------------------------------------------------------------- */

static void
take_case(struct job *job, const char *line)
{
    json_t *c = json_loads(line, 0, NULL);
    const char *name = json_string_value(json_object_get(c, "case"));
    const char *text = json_string_value(json_object_get(c, "text"));
    struct lab_report *r = &job->report;

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

/* Whole lines that came: of a job whose turn it is, they are shown. */
static void
take_lines(struct check *k, struct job *job)
{
    char *at = job->got.data, *newline;
    bool shows = job == &k->jobs[k->shown];
    int from = job->report.n;

    while (at != NULL && (newline = strchr(at, '\n')) != NULL) {
        *newline = '\0';
        take_case(job, at);
        at = newline + 1;
    }
    if (at != NULL) {
        struct buf rest = {0};

        buf_puts(&rest, at);
        buf_release(&job->got);
        job->got = rest;
    }
    for (int i = from; shows && i < job->report.n; i++) {
        k->cases++;
        if (k->format->one != NULL)
            k->format->one(&k->out, &k->how, &job->report, &job->report.cases[i], k->cases);
    }
    put_out(k);
}

/* Jobs that are over, in the order of the labs, and what is there of the next one. */
static void
show(struct check *k)
{
    while (k->shown < k->n && k->jobs[k->shown].over) {
        struct job *job = &k->jobs[k->shown++];

        k->cases += !lab_was_judged(&job->report);
        if (k->format->over != NULL)
            k->format->over(&k->out, &k->how, &job->report, k->cases);
        for (int i = 0; k->shown < k->n && i < k->jobs[k->shown].report.n; i++) {
            const struct lab_report *next = &k->jobs[k->shown].report;

            k->cases++;
            if (k->format->one != NULL)
                k->format->one(&k->out, &k->how, next, &next->cases[i], k->cases);
        }
    }
    put_out(k);
}

/* ---- Children ------------------------------------------------------------------------------ */

static void
start(struct check *k, struct job *job, const char *lab)
{
    const char *argv[ARGUMENTS + 2];
    int n = 0, ends[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC), error = EMFILE;

    while (k->argv[n] != NULL) {
        argv[n] = k->argv[n];
        n++;
    }
    argv[n++] = lab;
    argv[n] = NULL;
    job->errors = memfd_create("errors", MFD_CLOEXEC);
    if (null >= 0 && job->errors >= 0 && pipe2(ends, O_CLOEXEC) == 0) {
        job->output = ends[0];
        error = child_job(argv, null, ends[1], job->errors, &job->pid);
        close(ends[1]);
    }
    if (null >= 0)
        close(null);
    if (error == 0)
        return;
    job->over = true;
    job->pid = 0;
    job->report.status = STATUS_MACHINE;
    job->report.reason = "no process could be made for it";
}

/* What it said on stderr, when it could not be judged. */
static char *
said(int errors)
{
    struct buf text = {0};
    char block[4096];
    ssize_t got;
    off_t at = 0;
    char *result;

    while ((got = pread(errors, block, sizeof block, at)) > 0) {
        buf_put(&text, block, (size_t)got);
        at += got;
    }
    while (text.len > 0 && text.data[text.len - 1] == '\n')
        text.data[--text.len] = '\0';
    result = mem_copy(buf_text(&text));
    buf_release(&text);
    return result;
}

static void
reap(struct check *k, struct job *job)
{
    int status = 0;

    while (waitpid(job->pid, &status, 0) < 0 && errno == EINTR)
        ;
    job->pid = 0;
    close(job->output);
    job->output = -1;
    take_lines(k, job);
    job->report.status = WIFEXITED(status) ? WEXITSTATUS(status) : STATUS_MACHINE;
    job->reason = said(job->errors);
    job->report.reason = job->reason[0] != '\0' ? job->reason : "it ended by a signal";
    close(job->errors);
    if (!lab_was_judged(&job->report) && !k->stopped)
        fprintf(stderr, "%s\n", job->report.reason);
    if (job->report.status == STATUS_LAB && job->report.failed == 0)
        job->report.status = STATUS_MACHINE; /* it was lost on its way what does not hold */
    job->over = true;
}

/* What one of them tells next, or its end. */
static void
wait_for_some(struct check *k)
{
    struct pollfd fds[64];
    struct job *of[64];
    int n = 0;
    char block[65536];

    for (int i = 0; i < k->n && n < 64; i++)
        if (k->jobs[i].pid != 0) {
            fds[n] = (struct pollfd){.fd = k->jobs[i].output, .events = POLLIN};
            of[n++] = &k->jobs[i];
        }
    if (poll(fds, (nfds_t)n, LOOK_MS) <= 0)
        return;
    for (int i = 0; i < n; i++) {
        ssize_t got;

        if (fds[i].revents == 0)
            continue;
        got = read(of[i]->output, block, sizeof block);
        if (got > 0) {
            buf_put(&of[i]->got, block, (size_t)got);
            take_lines(k, of[i]);
        } else if (got == 0 || errno != EINTR) {
            reap(k, of[i]);
        }
    }
}

static void
stop(struct check *k)
{
    k->stopped = true;
    for (int i = 0; i < k->n; i++)
        if (k->jobs[i].pid != 0)
            kill(k->jobs[i].pid, SIGINT);
}

static int
running(const struct check *k)
{
    int n = 0;

    for (int i = 0; i < k->n; i++)
        n += k->jobs[i].pid != 0;
    return n;
}

static void
run_all(struct check *k, int side_by_side)
{
    int next = 0;

    for (;;) {
        if (!k->stopped && (front_signals_interrupted() || k->closed))
            stop(k);
        while (!k->stopped && next < k->n && running(k) < side_by_side) {
            start(k, &k->jobs[next], k->options->args[next + 1]);
            next++;
        }
        if (running(k) == 0)
            break;
        wait_for_some(k);
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
    return sealed ? o->jobs : 1;
}

/* Every lab is there. What they are called. */
static int
name_all(struct check *k, const struct places *places, struct err *err)
{
    for (int i = 0; i < k->n; i++) {
        struct lab_file file;

        k->jobs[i] = (struct job){.output = -1, .errors = -1};
        if (lab_file_open(&file, k->options->args[i + 1], places->labs, err) < 0) {
            if (err->status != STATUS_LAB)
                return -1;
            k->jobs[i].name = mem_copy(k->options->args[i + 1]);
        } else {
            k->jobs[i].name = mem_copy(file.name);
            lab_file_release(&file);
        }
        k->jobs[i].report.lab = k->jobs[i].name;
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
        enum status status = k->jobs[i].report.status;

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
        struct lab_report *r = &k->jobs[i].report;

        for (int c = 0; c < r->n; c++) {
            free((char *)(uintptr_t)r->cases[c].name);
            free((char *)(uintptr_t)r->cases[c].text);
            free((char *)(uintptr_t)r->cases[c].line);
        }
        free(r->cases);
        buf_release(&k->jobs[i].got);
        free(k->jobs[i].name);
        free(k->jobs[i].reason);
    }
    free(k->jobs);
    buf_release(&k->out);
}

static void
end(struct check *k)
{
    struct lab_report *reports = mem_alloc(sizeof *reports * (size_t)(k->n + 1));

    for (int i = 0; i < k->n; i++)
        reports[i] = k->jobs[i].report;
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
    k.argv = argv;
    k.jobs = mem_alloc(sizeof *k.jobs * (size_t)k.n);
    if (name_all(&k, places, err) < 0) {
        status = err->status;
    } else {
        if (k.format->begin != NULL)
            k.format->begin(&k.out);
        run_all(&k, side_by_side(o, places));
        end(&k);
        status = worst_of(&k, err);
    }
    release(&k);
    buf_release(&words);
    return status;
}
