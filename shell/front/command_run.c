/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab run LAB. The file is found and read before anything starts, and loaded as soon as the
 * calls are known: what kind of lab it is says what becomes of the session. One that is
 * orchestrated leads itself; a guided one is led by lines, at the prompt or from a script. */
#include "front/commands.h"
#include "lesson/lesson.h"
#include "lua/lab.h"

/* The lab of this process. */
static struct lab_file file;
static struct lab *lab;

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
    if (lab_file_open(&file, o->args[0], places->labs, err) < 0)
        return -1;
    s->lab = file.name;
    s->lab_sha256 = file.sha256;
    return 0;
}

enum status
command_run_load(struct session *s, bool *guided)
{
    enum status status;

    lab = lab_load(s, &file, say, NULL, &status);
    *guided = lab != NULL && lab_guided(lab) != NULL;
    return status;
}

int
command_run_lesson(struct session *s, struct err *err)
{
    return lesson_start(s, lab, err);
}

enum status
command_run_score(struct session *s, struct err *err)
{
    const struct lesson *l = s->lesson;

    if (l == NULL || l->status == STATUS_OK) {
        if (l != NULL && !s->interactive)
            session_say(s, "      %d of %d points\n", lesson_points(l), l->g->points);
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
}
