/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One lab proves itself: a guided one by the sessions that the audit plays, one that leads itself
 * by what it expects; and each by running again, by its replay and by its golden trace. What was
 * tried is told as lines of JSON, for whoever shows it. */
#include <jansson.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "front/authors.h"
#include "front/recorded.h"
#include "lesson/audit.h"
#include "trace/read.h"
#include "trace/writer.h"

struct proof {
    const struct options *options;
    const struct places *places;
    struct opened opened;
    struct recorded first, second; /* of the model solution, or of its run */
    int64_t since;                 /* when the last case was over */
    int failed;
    bool closed; /* nobody listens any more */
};

static void
tell(void *ctx, const struct audit_case *c)
{
    struct proof *p = ctx;
    struct buf name = {0}, text = {0};
    int64_t now = now_ms();
    json_t *line;
    char *shown;

    text_escape(&name, c->name, strlen(c->name), false);
    for (const char *at = c->text; *at != '\0';) {
        size_t n = strcspn(at, "\n");

        text_escape(&text, at, n, false);
        at += n + (at[n] == '\n');
        if (*at != '\0')
            buf_putc(&text, '\n');
    }
    line =
        json_pack("{s:s, s:s, s:b, s:s, s:I}", "lab", p->opened.file.name, "case", buf_text(&name),
                  "passed", c->passed, "text", buf_text(&text), "ms", (json_int_t)(now - p->since));
    shown = line != NULL ? json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER) : NULL;
    if (shown != NULL)
        printf("%s\n", shown);
    p->closed |= fflush(stdout) != 0;
    p->failed += !c->passed;
    p->since = now;
    free(shown);
    json_decref(line);
    buf_release(&name);
    buf_release(&text);
}

static void holds(struct proof *p, bool passed, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
holds(struct proof *p, bool passed, const char *name, const char *fmt, ...)
{
    struct audit_case c = {.passed = passed};
    va_list ap;

    snprintf(c.name, sizeof c.name, "%s", name);
    if (!passed) {
        va_start(ap, fmt);
        vsnprintf(c.text, sizeof c.text, fmt, ap);
        va_end(ap);
    }
    tell(p, &c);
}

/* ---- A lab that leads itself --------------------------------------------------------------- */

/* The checks that did not hold, a line each; false: there is no check at all. */
static bool
put_failed(const struct recorded *r, struct buf *out)
{
    bool any = false;

    for (int i = 0; i < r->n; i++) {
        const struct event *e = &r->events[i];
        const struct item *passed = event_get(e, NULL, "passed");
        const char *text = event_get_text(e, NULL, "text");

        if (!recorded_is(e, "check"))
            continue;
        any = true;
        if (passed != NULL && passed->kind == ITEM_BOOL && !passed->value)
            buf_printf(out, "%snot so: %s", out->len > 0 ? "\n" : "", text != NULL ? text : "");
    }
    return any;
}

/* False: it could not be run at all, and *err. */
static bool
prove_run(struct proof *p, struct err *err)
{
    bool stuck = lab_ends_stuck(p->opened.lab), any;
    struct buf said = {0}, failed = {0};
    enum status status =
        authors_run(p->options, p->places, p->options->args[1], &p->first, &said, err);

    if (status == STATUS_MACHINE || status == STATUS_INTERRUPTED || status == STATUS_USAGE) {
        if (said.len > 0)
            err_set(err, status, "%s", buf_text(&said));
        buf_release(&said);
        return false;
    }
    any = put_failed(&p->first, &failed);
    holds(p, any, "it looks at something",
          "nothing is checked: s:expect(\"what should be so\", value) and s.trace do that");
    holds(p, failed.len == 0, "all that it expects is so", "%s", buf_text(&failed));
    if (stuck)
        holds(p, status == STATUS_STUCK, "it ends stuck, as `stuck = true` says",
              "it ends with status %d", (int)status);
    else
        holds(p, status == STATUS_OK || status == STATUS_DIFFERS, "it comes to its end", "%s%s",
              said.len > 0 ? buf_text(&said) : "nobody can move at its end",
              status == STATUS_STUCK ? "\nif that is its point, say so: stuck = true" : "");
    buf_release(&failed);
    buf_release(&said);
    return true;
}

/* ---- Again --------------------------------------------------------------------------------- */

/* The same lines in a fresh world. What became of them is in p->second. */
static enum status
play_again(struct proof *p, struct err *err)
{
    struct play play = authors_play(&p->opened, p->options);
    const char **lines = mem_alloc(sizeof *lines * (size_t)(p->first.n + 1));
    const struct event *input;
    struct result r;
    enum status status;
    int n = 0, at = 0;

    while ((input = recorded_input(&p->first, &at)) != NULL)
        if (event_get_text(input, NULL, "from") == NULL)
            lines[n++] = event_get_text(input, NULL, "text");
    play.listener = recorded_listener(&p->second);
    status = lesson_play(&play, lines, n, &r);
    if (status != STATUS_OK)
        err_set(err, status, "%s", r.text);
    result_release(&r);
    free(lines);
    return status;
}

/* The first event of which not all bytes are the same; -1: there is none. */
static int
first_other(const struct recorded *a, const struct recorded *b, struct buf *one, struct buf *two)
{
    int n = a->n > b->n ? a->n : b->n;

    for (int i = 0; i < n; i++) {
        buf_clear(one);
        buf_clear(two);
        if (i < a->n)
            event_json(one, &a->events[i], i, true);
        if (i < b->n)
            event_json(two, &b->events[i], i, true);
        if (strcmp(buf_text(one), buf_text(two)) != 0)
            return i;
    }
    return -1;
}

static void
prove_same_bytes(struct proof *p)
{
    struct buf one = {0}, two = {0};
    int other = first_other(&p->first, &p->second, &one, &two);

    holds(p,
          other<0, "the same bytes come twice",
                "event %d is another one the second time:\n  %s  %s"
                "what differs from run to run has no place in a check or a text",
                other, one.len> 0
              ? buf_text(&one)
              : "nothing\n",
          two.len > 0 ? buf_text(&two) : "nothing\n");
    buf_release(&one);
    buf_release(&two);
}

/* False: it could not be judged, and *err. */
static bool
prove_replay(struct proof *p, struct err *err)
{
    struct options o = *p->options;
    struct buf said = {0};
    enum status status;

    o.trust = true; /* it is the author's own, and has just been run */
    status = recorded_replay(&o, p->places, &p->first, &said, err);
    if (status == STATUS_OK || status == STATUS_DIFFERS)
        holds(p, status == STATUS_OK, "its replay is the same", "%s", buf_text(&said));
    buf_release(&said);
    err_clear(err);
    return status == STATUS_OK || status == STATUS_DIFFERS;
}

/* ---- The golden trace ---------------------------------------------------------------------- */

/* It is of the lab as it was written, in a sealed world. */
static bool
is_golden_run(const struct proof *p)
{
    const struct options *o = p->options;
    const char *world = p->first.n > 0 ? event_get_text(&p->first.events[0], NULL, "world") : NULL;

    return o->student == NULL && o->language == NULL && o->seed == 0 && world != NULL &&
           strcmp(world, "sealed") == 0;
}

/* The first line says of which lab it is; what it says of the machine does not count. */
static bool
same_event(const struct event *a, const struct event *b, char field[64])
{
    const char *one = event_get_text(a, NULL, "lab_sha256");
    const char *other = event_get_text(b, NULL, "lab_sha256");

    if (!recorded_is(a, "session") || !recorded_is(b, "session"))
        return event_same(a, b, field);
    snprintf(field, 64, "lab_sha256");
    return one != NULL && other != NULL && strcmp(one, other) == 0;
}

static void
prove_golden(struct proof *p)
{
    static const char name[] = "it is as golden.trace has it";
    struct recorded golden = {0};
    struct buf path = {0};
    char field[64] = "";
    struct err err;
    int at = 0;

    buf_printf(&path, "%s/golden.trace", p->opened.file.folder);
    if (access(buf_text(&path), F_OK) != 0 || !is_golden_run(p)) {
        buf_release(&path);
        return;
    }
    if (recorded_read(&golden, buf_text(&path), &err) < 0) {
        holds(p, false, name, "%s", err.text);
    } else {
        if (golden.n > 0 && recorded_is(&golden.events[golden.n - 1], "end"))
            event_release(&golden.events[--golden.n]);
        while (at < golden.n && at < p->first.n &&
               same_event(&golden.events[at], &p->first.events[at], field))
            at++;
        if (at == 0)
            holds(p, false, name,
                  "it was made from another lab.lua; `ipclab lab check --stable --trace FILE LAB` "
                  "makes one");
        else
            holds(p, at == golden.n && at == p->first.n, name, "event %d differs in '%s'", at,
                  at < golden.n && at < p->first.n ? field : "ev");
    }
    recorded_release(&golden);
    buf_release(&path);
}

/* ---- One lab ------------------------------------------------------------------------------- */

static int
keep_trace(const struct proof *p, struct err *err)
{
    struct writer w;

    if (p->options->trace == NULL)
        return 0;
    if (writer_open(&w, p->options->trace, -1, p->options->stable, err) < 0) {
        writer_release(&w);
        return -1;
    }
    for (int i = 0; i < p->first.n; i++)
        writer_event(&w, &p->first.events[i]);
    writer_close(&w);
    if (w.lost)
        err_set(err, STATUS_TRACE, "%s", w.reason);
    writer_release(&w);
    return w.lost ? -1 : 0;
}

/* What holds for every kind: it is the same again. False: *err. */
static bool
prove_again(struct proof *p, bool guided, struct err *err)
{
    struct buf ignored = {0};
    enum status status =
        guided ? play_again(p, err)
               : authors_run(p->options, p->places, p->options->args[1], &p->second, &ignored, err);

    buf_release(&ignored);
    if (status == STATUS_MACHINE || status == STATUS_INTERRUPTED)
        return false;
    prove_same_bytes(p);
    if (!prove_replay(p, err))
        return false;
    prove_golden(p);
    return true;
}

static enum status
prove(struct proof *p, struct err *err)
{
    bool guided = lab_guided(p->opened.lab) != NULL;
    struct play play = authors_play(&p->opened, p->options);
    enum status status;

    if (guided) {
        play.listener = recorded_listener(&p->first);
        status = lesson_audit(&play, tell, p, err);
        if (status != STATUS_OK && status != STATUS_LAB)
            return status;
    } else if (!prove_run(p, err)) {
        return err->status;
    }
    if (p->first.n > 0 && p->failed == 0 && !prove_again(p, guided, err))
        return err->status;
    if (keep_trace(p, err) < 0)
        return err->status;
    if (p->failed > 0)
        err_set(err, STATUS_LAB, "not everything that a lab must hold does");
    return p->failed > 0 ? STATUS_LAB : STATUS_OK;
}

enum status
authors_prove(const struct options *o, const struct places *places, struct err *err)
{
    struct proof p = {.options = o, .places = places, .since = now_ms()};
    enum status status;

    status = authors_open(&p.opened, o, places, err) < 0
                 ? err->status
                 : authors_open_next(&p.opened, o->args[1], places, err);
    if (status == STATUS_LAB) {
        holds(&p, false, "the lab file is whole", "%s", buf_text(&p.opened.said));
        err_set(err, status, "the lab file is broken");
    } else if (status == STATUS_OK) {
        status = prove(&p, err);
    }
    recorded_release(&p.first);
    recorded_release(&p.second);
    authors_close(&p.opened);
    return status;
}
