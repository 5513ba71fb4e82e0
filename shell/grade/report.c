/* SPDX-License-Identifier: GPL-3.0-or-later
 * See report.h. */
#include "grade/report.h"

#include <stdarg.h>

#include "base/text.h"

const char *const grade_status_names[] = {[GRADED] = "graded",
                                          [STUDENT_ERROR] = "student_error",
                                          [GRADER_ERROR] = "grader_error",
                                          [TIMEOUT] = "timeout"};

/* A text from outside; newlines stay. */
static json_t *
text_of(const char *text)
{
    struct buf shown = {0};
    json_t *result;

    for (const char *at = text; *at != '\0';) {
        size_t n = strcspn(at, "\n");

        text_escape(&shown, at, n, false);
        at += n;
        if (*at == '\n') {
            buf_putc(&shown, '\n');
            at++;
        }
    }
    result = json_string(buf_text(&shown));
    buf_release(&shown);
    return result;
}

/* ---- The lab ------------------------------------------------------------------------------- */

json_t *
report_about(const struct lab_file *file, int max_score)
{
    return json_pack("{s:{s:s, s:n, s:s}, s:i}", "lab", "id", file->name, "version", "sha256",
                     file->sha256, "max_score", max_score);
}

json_t *
report_lab(const struct lab_file *file, const struct guided *g)
{
    json_t *tasks = json_array(), *lab;

    for (int i = 0; i < g->ntasks; i++) {
        const struct guided_task *t = &g->tasks[i];

        json_array_append_new(tasks,
                              json_pack("{s:s, s:o, s:i}", "id", t->id, "title", text_of(t->title),
                                        "max", t->points + t->predict.points));
    }
    lab = report_about(file, g->points);
    json_object_set_new(lab, "title", text_of(g->title));
    json_object_set_new(lab, "tasks", tasks);
    return lab;
}

/* ---- Making one ---------------------------------------------------------------------------- */

json_t *
report_new(const json_t *lab, const char *student, const char *file, bool from_trace)
{
    return json_pack("{s:i, s:s, s:O, s:o, s:{s:o, s:n, s:i, s:[], s:[]}, s:n, s:O, s:s, s:n, s:s, "
                     "s:[], s:{s:n, s:n}, "
                     "s:[], s:f}",
                     "v", 1, "tool", "ipclab " IPCLAB_VERSION, "lab", json_object_get(lab, "lab"),
                     "student", text_of(student), "trace", "file", text_of(file), "sha256",
                     "events", 0, "own", "addresses", "score", "max_score",
                     json_object_get(lab, "max_score"), "status", grade_status_names[GRADER_ERROR],
                     "reason", "judged", from_trace ? "trace" : "run", "tasks", "replay", "same",
                     "first_difference", "flags", "duration", 0.0);
}

void
report_name(json_t *report, const char *student, const char *file)
{
    json_object_set_new(report, "student", text_of(student));
    json_object_set_new(json_object_get(report, "trace"), "file", text_of(file));
}

void
report_trace(json_t *report, const char *sha256, int64_t events)
{
    json_t *trace = json_object_get(report, "trace");

    json_object_set_new(trace, "sha256", sha256 != NULL ? json_string(sha256) : json_null());
    json_object_set_new(trace, "events", json_integer(events));
}

void
report_prints(json_t *report, json_t *own, json_t *addresses)
{
    json_t *trace = json_object_get(report, "trace");

    json_object_set(trace, "own", own);
    json_object_set(trace, "addresses", addresses);
}

void
report_status(json_t *report, enum grade_status status, const char *reason)
{
    json_object_set_new(report, "status", json_string(grade_status_names[status]));
    json_object_set_new(report, "reason", reason != NULL ? text_of(reason) : json_null());
    if (status == GRADER_ERROR)
        json_object_set_new(report, "score", json_null());
    else if (json_is_null(json_object_get(report, "score")))
        json_object_set_new(report, "score", json_integer(0));
}

static json_t *
task_of(const struct mark *m)
{
    json_t *events = json_array();

    for (int i = 0; i < m->nseqs; i++)
        json_array_append_new(events, json_integer(m->seqs[i]));
    return json_pack("{s:s, s:o, s:o, s:i, s:o, s:o, s:o, s:o, s:n, s:o, s:b, s:i, s:b}", "id",
                     m->id, "title", text_of(m->title), "points",
                     m->passed < 0 ? json_null() : json_integer(m->points), "max", m->max, "passed",
                     m->passed < 0 ? json_null() : json_boolean(m->passed), "rationale",
                     text_of(m->passed == 1 ? "" : m->rationale), "help",
                     text_of(m->passed == 1 ? "" : m->help), "expected", text_of(m->say), "actual",
                     "events", events, "hidden", 0, "hints_used", m->hints, "skipped", m->skipped);
}

void
report_result(json_t *report, const struct result *r)
{
    json_t *tasks = json_object_get(report, "tasks");

    json_array_clear(tasks);
    for (int i = 0; i < r->nmarks; i++)
        json_array_append_new(tasks, task_of(&r->marks[i]));
    json_object_set_new(report, "score", json_integer(r->points));
    json_object_set_new(report, "max_score", json_integer(r->max));
    if (r->out_of_time)
        report_status(report, TIMEOUT, "out of time: what was done by then was judged");
    else
        report_status(report, GRADED, NULL);
}

/* What a trace says, at whatever depth, as it may stand in a report. */
static json_t *
cleaned(json_t *value)
{
    json_t *part;
    const char *key;
    size_t i;
    void *next;

    if (json_is_string(value))
        return text_of(json_string_value(value));
    json_array_foreach(value, i, part) json_array_set_new(value, i, cleaned(part));
    json_object_foreach_safe(value, next, key, part) json_object_set_new(value, key, cleaned(part));
    return json_incref(value);
}

void
report_replay(json_t *report, bool same, json_t *first_difference)
{
    json_t *replay = json_object_get(report, "replay");

    json_object_set_new(replay, "same", json_boolean(same));
    json_object_set_new(replay, "first_difference",
                        first_difference != NULL ? cleaned(first_difference) : json_null());
    json_decref(first_difference);
}

void
report_flag(json_t *report, const char *kind, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    json_array_append_new(json_object_get(report, "flags"),
                          json_pack("{s:s, s:o}", "kind", kind, "text", text_of(text)));
}

void
report_forget(json_t *report, const char *kind)
{
    json_t *flags = json_object_get(report, "flags");

    for (size_t i = json_array_size(flags); i-- > 0;)
        if (strcmp(report_text(json_array_get(flags, i), "kind"), kind) == 0)
            json_array_remove(flags, i);
}

void
report_duration(json_t *report, int64_t ms)
{
    json_object_set_new(report, "duration", json_real((double)ms / 1000));
}

/* ---- Looking at one ------------------------------------------------------------------------ */

/* A shape as json_unpack checks it: what it may be null in is looked at apart. */
bool
report_is_whole(const json_t *report)
{
    static const char *const numbers[] = {"score", "max_score", "duration", NULL};
    json_t *r = (json_t *)(uintptr_t)report;
    const char *status, *text;
    int v = 0;
    json_t *any;

    if (json_unpack(r, "{s:i, s:s, s:{s:s}, s:s, s:{s:s, s:o, s:o}, s:s, s:o, s:s, s:o, s:o, s:o}",
                    "v", &v, "tool", &text, "lab", "id", &text, "student", &text, "trace", "file",
                    &text, "sha256", &any, "events", &any, "status", &status, "reason", &any,
                    "judged", &text, "tasks", &any, "replay", &any, "flags", &any) < 0 ||
        v != 1 || !json_is_array(json_object_get(r, "tasks")) ||
        !json_is_array(json_object_get(r, "flags")))
        return false;
    for (int i = 0; numbers[i] != NULL; i++) {
        const json_t *n = json_object_get(r, numbers[i]);

        if (!json_is_number(n) && !(i == 0 && json_is_null(n)))
            return false;
    }
    for (enum grade_status i = GRADED; i <= TIMEOUT; i++)
        if (strcmp(status, grade_status_names[i]) == 0)
            return (i == GRADER_ERROR) == json_is_null(json_object_get(r, "score"));
    return false;
}

enum grade_status
report_get_status(const json_t *report)
{
    const char *status = report_text(report, "status");
    enum grade_status i = GRADED;

    while (i < TIMEOUT && strcmp(status, grade_status_names[i]) != 0)
        i++;
    return i;
}

bool
report_has_flag(const json_t *report, const char *kind)
{
    const json_t *flags = json_object_get(report, "flags");

    for (size_t i = 0; i < json_array_size(flags); i++)
        if (strcmp(report_text(json_array_get(flags, i), "kind"), kind) == 0)
            return true;
    return false;
}

const char *
report_text(const json_t *report, const char *key)
{
    const char *text = json_string_value(json_object_get(report, key));

    return text != NULL ? text : "";
}

bool
report_holds(const json_t *report, const json_t *lab, const char *sha256, bool from_trace)
{
    const json_t *trace = json_object_get(report, "trace");

    return report_get_status(report) != GRADER_ERROR &&
           json_equal(json_object_get(report, "lab"), json_object_get(lab, "lab")) &&
           strcmp(report_text(trace, "sha256"), sha256) == 0 &&
           strcmp(report_text(report, "judged"), from_trace ? "trace" : "run") == 0;
}
