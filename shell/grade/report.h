/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What grading found of one submission: the native report.json. All tables and formats are made of
 * it alone. It is one object with exactly these keys, in this order:
 *
 *   v            1
 *   tool         "ipclab VERSION"
 *   lab          {id, version, sha256}: version is null where the lab file does not say one
 *   student      from the roster, or the name of the file or folder; never from the trace
 *   trace        {file, sha256, events, own, addresses}: file as it was found; sha256 of its
 *                bytes, null when it could not be read; events up to the damage; own: lines that
 *                are not in the model solution, addresses: of this session, both to compare with
 *                others
 *   score        a number; null: it could not be judged (grader_error), which is no zero
 *   max_score    a number
 *   status       "graded" | "student_error" | "grader_error" | "timeout"
 *   reason       a sentence: why it is not "graded"; null when it is
 *   judged       "run": its lines were run again, and that was judged; "trace": its own events were
 *   tasks        a list in the order of the lab; [] where nothing could be judged. Each is
 *     id, title  strings
 *     points     a number; null when passed is
 *     max        a number: those of its question included
 *     passed     true | false | null: could not be judged, because an earlier task is missing
 *     rationale  what was missing; "" when it passed
 *     help       the first hint that was not taken, or ""; "" when it passed
 *     expected   what was to be done, as the task says it
 *     actual     what came of it in words, or null
 *     events     seq of the events on which the verdict rests; of the run that was judged, which
 *                are those of the trace where replay.same is true
 *     hidden     true: students are not shown it
 *     hints_used a number
 *     skipped    true: `skip` was typed, and points are what that gives
 *   replay       {same, first_difference}: same is true | false | null (not compared);
 *                first_difference is null, or {event, field, recorded, here}: the number of the
 *                recorded event, the name of the field, and both events or null
 *   flags        a list of {kind, text}: what a teacher should look at; text is a sentence. kind is
 *                "edited" (the digest does not fit), "incomplete" (no end event), "differs" (the
 *                observations do not come again), "student" (the trace names another one), "lab"
 *                (it is of another lab), "lab_changed" (of another version of this one),
 *                "lines" (a line was an error), "limit" (of what a
 *                submission may use), "similar" (nearly that of another student)
 *   duration     seconds, a real number
 *
 * Numbers of points are whole. Texts are UTF-8 without control bytes but newlines. */
#ifndef GRADE_REPORT_H
#define GRADE_REPORT_H
#include <jansson.h>

#include "base/err.h"
#include "lesson/play.h"

enum { REPORT_HASHED_MAX = 64 << 20 }; /* bytes of a file that trace.sha256 is made of */

enum grade_status { GRADED, STUDENT_ERROR, GRADER_ERROR, TIMEOUT };

extern const char *const grade_status_names[]; /* by enum grade_status */

/* Of the lab, told by `grade --json --lab LAB` without a path:
 * {lab: {id, version, sha256}, max_score, title, tasks: [{id, title, max}]}. */
json_t *report_lab(const struct lab_file *file, const struct guided *g);

/* The beginning of that, which is enough for report_new: {lab, max_score}. */
json_t *report_about(const struct lab_file *file, int max_score);

/* A report about a submission of which nothing is known yet: no score, GRADER_ERROR. lab is what
 * report_lab or report_about made. */
json_t *report_new(const json_t *lab, const char *student, const char *file, bool from_trace);
/* Whose it is and what was handed in, whatever it said before. */
void report_name(json_t *report, const char *student, const char *file);
void report_trace(json_t *report, const char *sha256, int64_t events);
/* What is its own: lists of strings. */
void report_prints(json_t *report, json_t *own, json_t *addresses);
/* How it went, and why. STUDENT_ERROR and TIMEOUT without points give a score of 0. */
void report_status(json_t *report, enum grade_status status, const char *reason);
/* The points of a run that was judged: GRADED, or TIMEOUT when it was cut short. */
void report_result(json_t *report, const struct result *r);
/* first_difference may be NULL; it is the report's from now on. */
void report_replay(json_t *report, bool same, json_t *first_difference);
void report_flag(json_t *report, const char *kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void report_forget(json_t *report, const char *kind); /* all flags of that kind */
void report_duration(json_t *report, int64_t ms);

/* Is it a verdict about these bytes by this lab, so that nobody has to be graded again? What could
 * not be judged is tried again. */
bool report_holds(const json_t *report, const json_t *lab, const char *sha256, bool from_trace);
/* Looking at one. */
bool report_is_whole(const json_t *report); /* it has all keys, each of its type */
enum grade_status report_get_status(const json_t *report);
bool report_has_flag(const json_t *report, const char *kind);
const char *report_text(const json_t *report, const char *key); /* "" where it is null */
#endif
