/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab grade: by what was asked for. */
#include "front/commands.h"
#include "front/grading.h"
#include "lua/guardian.h"

/* The clock of the lab is that of the submission, and some more: it is judged when its time is up,
 * and who does not even come to that is killed. */
static void
watch(const struct options *o, const char *name)
{
    int64_t seconds = o->timeout_ms > 0 ? o->timeout_ms / 1000 : GRADING_SECONDS;
    char text[32];

    snprintf(text, sizeof text, "%lld", (long long)seconds + GRADING_SPARE);
    setenv("IPCLAB_LAB_SECONDS", text, 1);
    guardian_watch(name, true);
}

enum status
command_grade(const struct options *o, const struct places *places, struct err *err)
{
    bool one = o->json && o->student != NULL;

    err_clear(err);
    if (o->nargs == 0 && o->out != NULL && !o->json)
        return grading_tables(o, err);
    if (o->lab == NULL)
        return err_set(err, STATUS_USAGE, "grade needs to know the lab: --lab LAB"), STATUS_USAGE;
    if (o->nargs == 0 && !o->json)
        return err_set(err, STATUS_USAGE, "grade takes what was handed in: files or folders"),
               STATUS_USAGE;
    if (o->student != NULL && (!o->json || o->nargs > 1))
        return err_set(err, STATUS_USAGE,
                       "--student is for one file with --json; who handed in a file is said by "
                       "its name"),
               STATUS_USAGE;
    if (o->resume && o->out == NULL)
        return err_set(err, STATUS_USAGE, "--resume goes on in the folder of --out"), STATUS_USAGE;
    if (o->nargs > 0 && !one)
        return grading_class(o, places, err);
    watch(o, o->nargs > 0 ? o->args[0] : o->lab);
    if (o->nargs > 0 && grading_step_down(o, places, err) < 0)
        return err->status;
    return o->nargs > 0 ? grading_one(o, places, err) : grading_lab(o, places, err);
}
