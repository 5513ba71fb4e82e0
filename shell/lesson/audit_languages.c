/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Texts in other languages: what is asked for while the sessions of the lab are played in a
 * language has to be there in it. A text that no session asks for is only known by its name. */
#include "base/mem.h"
#include "base/text.h"
#include "lesson/audit_parts.h"

struct key {
    char *name;
    bool there;
};

struct language {
    struct key *asked;
    int nasked;
    char **unused; /* of the session that was played last */
    int nunused;
};

static void
take_asked(void *ctx, const char *name, bool there)
{
    struct language *l = ctx;

    for (int i = 0; i < l->nasked; i++)
        if (strcmp(l->asked[i].name, name) == 0)
            return;
    l->asked = mem_grow(l->asked, sizeof *l->asked * (size_t)(l->nasked + 1));
    l->asked[l->nasked++] = (struct key){mem_copy(name), there};
}

static void
take_unused(void *ctx, const char *name)
{
    struct language *l = ctx;

    l->unused = mem_grow(l->unused, sizeof *l->unused * (size_t)(l->nunused + 1));
    l->unused[l->nunused++] = mem_copy(name);
}

/* Hints that are lines are the same in every language. */
static void
forgive_lines(struct language *language, struct lesson *l)
{
    char key[96];

    for (int i = 0; i < l->g->ntasks; i++)
        for (int k = 0; k < l->g->tasks[i].nhints; k++) {
            snprintf(key, sizeof key, "%s.hints[%d]", l->g->tasks[i].id, k + 1);
            for (int n = 0; n < language->nasked; n++)
                if (strcmp(language->asked[n].name, key) == 0 &&
                    audit_is_line(l->s, l->g->tasks[i].hints[k].text))
                    language->asked[n].there = true;
        }
}

static void
forget_unused(struct language *l)
{
    for (int i = 0; i < l->nunused; i++)
        free(l->unused[i]);
    free(l->unused);
    l->unused = NULL;
    l->nunused = 0;
}

static void
take_texts(void *ctx, struct lesson *l)
{
    struct language *language = ctx;

    forget_unused(language);
    lab_texts(l->lab, take_asked, language);
    forgive_lines(language, l);
    lab_texts_unused(l->lab, take_unused, language);
}

/* ---- Verdicts ------------------------------------------------------------------------------ */

static void
tell_missing(struct audit *a, const struct language *l, const char *code)
{
    struct buf missing = {0};
    char name[160];

    for (int i = 0; i < l->nasked; i++)
        if (!l->asked[i].there)
            buf_printf(&missing, "%s%s", missing.len > 0 ? ", " : "", l->asked[i].name);
    snprintf(name, sizeof name, "texts/%s.lua has every text", code);
    audit_case(a, missing.len == 0, name, "it has no %s", buf_text(&missing));
    buf_release(&missing);
}

/* One that looks like a text that is missing was meant to be it. */
static void
tell_misnamed(struct audit *a, const struct language *l, const char *code)
{
    char name[160];

    for (int i = 0; i < l->nunused; i++) {
        struct near near;
        bool asked = false;

        near_init(&near, l->unused[i]);
        for (int k = 0; k < l->nasked; k++) {
            asked |= strcmp(l->asked[k].name, l->unused[i]) == 0;
            if (!l->asked[k].there)
                near_offer(&near, l->asked[k].name);
        }
        snprintf(name, sizeof name, "texts/%s.lua has no other", code);
        if (!asked && near.best[0] != '\0')
            audit_case(a, false, name, "nothing asks for %s; did you mean %s?", l->unused[i],
                       near.best);
    }
}

/* ---- Playing ------------------------------------------------------------------------------- */

/* False: something came between, or the lab is broken in this language. */
static bool
play(struct audit *a, const struct play *p, const char *const *lines, int n, const char *code)
{
    struct result r;
    enum status status = lesson_play(p, lines, n, &r);
    char name[160];

    snprintf(name, sizeof name, "texts/%s.lua can be used", code);
    if (status == STATUS_LAB) {
        audit_case(a, false, name, "%s", r.text);
    } else if (status != STATUS_OK) {
        err_set(&a->err, status, "%s", r.text);
        a->over = true;
    }
    result_release(&r);
    return status == STATUS_OK;
}

static void
try_language(struct audit *a, const char *code)
{
    struct language l = {0};
    struct play p = a->play;
    const char **lines;
    bool good;
    int n;

    p.language = code;
    p.at_end = take_texts;
    p.ctx = &l;
    lines = audit_solution(a, -1, &n);
    good = play(a, &p, NULL, 0, code) && play(a, &p, lines, n, code);
    for (int i = 0; i < a->nalso && good; i++)
        good = play(a, &p, (const char *const *)a->also[i].lines, a->also[i].n, code);
    if (good) {
        tell_missing(a, &l, code);
        tell_misnamed(a, &l, code);
    }
    free(lines);
    forget_unused(&l);
    for (int i = 0; i < l.nasked; i++)
        free(l.asked[i].name);
    free(l.asked);
}

static void
try_each(void *ctx, const char *name)
{
    struct audit *a = ctx;

    if (!a->over)
        try_language(a, name);
}

void
audit_languages(struct audit *a)
{
    lab_languages(a->play.file, try_each, a);
}
