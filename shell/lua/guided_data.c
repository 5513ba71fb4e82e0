/* SPDX-License-Identifier: GPL-3.0-or-later
 * See guided.h. */
#include "lua/guided.h"

static void
lines_release(struct guided_lines *lines)
{
    for (int i = 0; i < lines->n; i++)
        free(lines->list[i].text);
    free(lines->list);
}

static void
strings_release(char **list, int n)
{
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
}

static void
task_release(struct guided_task *t)
{
    free(t->id);
    free(t->title);
    free(t->say);
    for (int i = 0; i < t->nhints; i++)
        free(t->hints[i].text);
    lines_release(&t->solution);
    free(t->predict.ask);
    for (int i = 0; i < t->predict.nchoices; i++)
        free(t->predict.choices[i]);
}

void
guided_release(struct guided *g)
{
    free(g->id);
    free(g->title);
    free(g->intro);
    free(g->outro);
    strings_release(g->actors, g->nactors);
    strings_release(g->man, g->nman);
    strings_release(g->programs, g->nprograms);
    for (int i = 0; i < g->ntasks; i++)
        task_release(&g->tasks[i]);
    free(g->tasks);
    for (int i = 0; i < g->nalso; i++) {
        free(g->also[i].name);
        lines_release(&g->also[i].play);
    }
    free(g->also);
    *g = (struct guided){0};
}

void
lab_verdict_release(struct lab_verdict *v)
{
    buf_release(&v->text);
    free(v->seqs);
    *v = (struct lab_verdict){0};
}

bool
lab_verdict_rests(const struct lab_verdict *v, const struct record *r)
{
    for (int i = 0; i < v->ninterests; i++) {
        const struct lab_interest *in = &v->interests[i];

        if ((in->call[0] == '\0' || (r->step && strcmp(in->call, r->name) == 0)) &&
            (in->actor[0] == '\0' || strcmp(in->actor, r->actor) == 0) &&
            (in->ev[0] == '\0' || strcmp(in->ev, r->ev) == 0))
            return true;
    }
    return v->all;
}
