/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lab of a grading: can anybody be graded by it, and what there is to be had. */
#include "front/grading_parts.h"
#include "grade/report.h"

int
grading_load(const struct options *o, const struct places *places, struct opened *l,
             struct err *err)
{
    enum status status = authors_open(l, o, places, err) < 0
                             ? err->status
                             : authors_open_next(l, o->lab, places, err);

    if (status == STATUS_LAB && l->said.len > 0)
        return err_set(err, STATUS_LAB, "the lab file is broken: %s", buf_text(&l->said));
    if (status != STATUS_OK)
        return -1;
    if (lab_guided(l->lab) == NULL)
        return err_set(
            err, STATUS_USAGE,
            "%.60s leads itself, and there are no lines of a student in it to be graded: "
            "labs that can be graded are guided ones, `ipclab lab list` says which",
            l->file.name);
    return 0;
}

int
grading_tell(const json_t *json, struct err *err)
{
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6));
    bool told = text != NULL && printf("%s\n", text) >= 0 && fflush(stdout) == 0;

    free(text);
    return told ? 0 : err_set(err, STATUS_MACHINE, "standard output: nobody takes the report");
}

enum status
grading_lab(const struct options *o, const struct places *places, struct err *err)
{
    struct opened l = {0};
    enum status status = STATUS_OK;
    json_t *lab;

    if (grading_load(o, places, &l, err) < 0) {
        status = err->status;
    } else {
        lab = report_lab(&l.file, lab_guided(l.lab));
        if (grading_tell(lab, err) < 0)
            status = err->status;
        json_decref(lab);
    }
    authors_close(&l);
    return status;
}
