/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab run LAB. The file is found and read before anything starts, and loaded as soon as the
 * calls are known: what kind of lab it is says what becomes of the session. One that is
 * orchestrated leads itself; a guided one is led by lines, at the prompt or from a script. */
#include "front/commands.h"
#include "front/saved.h"
#include "lesson/lesson.h"
#include "lua/guardian.h"
#include "lua/lab.h"
#include "trace/place.h"

/* The lab of this process. */
static struct lab_file file;
static struct lab *lab;
static struct saved saved; /* what was done in it before */
static struct console *console;

static void
say(void *ctx, const char *line)
{
    (void)ctx;
    console_message("%s", line);
}

int
command_run_open(const struct options *o, const struct places *places, struct session *s,
                 struct err *err)
{
    if (o->from != NULL && o->resume)
        return err_set(err, STATUS_USAGE,
                       "--from begins a session of its own, --resume goes on with "
                       "one: it is either");
    if (lab_file_open(&file, o->args[0], places->labs, err) < 0)
        return -1;
    s->lab = file.name;
    s->lab_sha256 = file.sha256;
    return 0;
}

enum status
command_run_load(const struct options *o, struct session *s, bool *guided, struct err *err)
{
    enum status status;

    lab = lab_load(s, &file, say, NULL, &status);
    *guided = lab != NULL && lab_guided(lab) != NULL;
    if (*guided)
        launcher_allow(&s->launcher, lab_guided(lab)->programs, lab_guided(lab)->nprograms);
    if (lab == NULL || *guided || o->from == NULL)
        return status;
    err_set(err, STATUS_USAGE, "--from takes a task, and %s has none: it leads itself", file.name);
    return STATUS_USAGE;
}

int
command_run_record(struct console *c, struct err *err)
{
    const struct options *o = c->options;
    const char *student = o->student != NULL ? o->student : "student";
    char *path = NULL;
    int result;

    console = c;
    if (o->from == NULL && (o->resume || (c->session->interactive && o->trace == NULL))) {
        path = place_progress(file.name, student, err);
        if (path == NULL)
            console_message("warning: what is done here is not kept: %s", err->text);
    }
    if (path != NULL)
        guardian_keeps();
    result = path != NULL ? console_go_on(c, path, &saved, err) : console_record(c, err);
    free(path);
    return result;
}

/* A session that goes on has told of its beginning before. */
int
command_run_begin(struct session *s, struct err *err)
{
    int result;

    s->muted += saved.n > 0;
    result = session_begin(s, err);
    s->muted -= saved.n > 0;
    return result;
}

int
command_run_lesson(struct session *s, struct err *err)
{
    int result = saved.n > 0 ? lesson_resume(s, lab, saved.events, saved.n, saved.again, err)
                             : lesson_start(s, lab, console->options->from, err);

    if (s->lesson != NULL) {
        s->lesson->hand_in = console_hand_in;
        s->lesson->hand_in_ctx = console;
    }
    return result;
}

enum status
command_run_score(struct session *s, struct err *err)
{
    const struct lesson *l = s->lesson;

    if (l == NULL)
        return STATUS_OK;
    if (l->status == STATUS_OK) {
        session_say(s, "      %d of %d points%s%s%s\n", lesson_points(l), l->g->points,
                    console->writer.goes_on ? "; `ipclab run " : "",
                    console->writer.goes_on ? file.name : "",
                    console->writer.goes_on ? "` goes on from here" : "");
        return STATUS_OK;
    }
    err_set(err, l->status, "%s", l->fault);
    return l->status;
}

enum status
command_run(void)
{
    return lab_run(lab, say, NULL);
}

void
command_run_release(struct session *s)
{
    lesson_end(s);
    lab_free(lab);
    lab = NULL;
    s->lab = s->lab_sha256 = NULL;
    lab_file_release(&file);
    saved_release(&saved);
}
