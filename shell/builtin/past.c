/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See past.h. The past is read once to see how far it goes, and once more to be shown. */
#include "builtin/past.h"

#include "base/mem.h"
#include "base/text.h"

struct reading {
    const struct past *past;
    const struct view_kind *kind;
    void *view;
    struct buf out;
    int64_t last;      /* number of the last step */
    int64_t first_seq; /* event with which the last steps begin */
    int64_t *seqs;     /* of the events with which they begin: a ring of past->steps */
    uint64_t seen;     /* bits of past->only */
    struct near near[PAST_NAMES];
};

static void
survey(void *ctx, const struct event *e)
{
    struct reading *r = ctx;
    const char *actor = event_get_text(e, NULL, "actor"), *ev = event_get_text(e, NULL, "ev");
    int64_t step = event_get_int(e, NULL, "step", 0);

    if (ev != NULL && strcmp(ev, "enter") == 0 && step > r->last) {
        r->last = step;
        if (r->seqs != NULL)
            r->seqs[step % r->past->steps] = event_get_int(e, NULL, "seq", 0);
    }
    for (int i = 0; r->past->only != NULL && actor != NULL && r->past->only[i] != NULL; i++) {
        near_offer(&r->near[i], actor);
        if (strcmp(r->past->only[i], actor) == 0)
            r->seen |= (uint64_t)1 << i;
    }
}

static void
show(void *ctx, const struct event *e)
{
    struct reading *r = ctx;

    if (event_get_int(e, NULL, "seq", 0) >= r->first_seq)
        r->kind->event(r->view, e, &r->out);
}

static int
check_names(const struct reading *r, struct err *err)
{
    struct buf shown = {0};

    for (int i = 0; r->past->only != NULL && r->past->only[i] != NULL; i++) {
        const char *name = r->past->only[i];

        if ((r->seen >> i & 1) != 0)
            continue;
        text_escape(&shown, name, strlen(name), true);
        if (r->near[i].best[0] != '\0')
            err_set(err, STATUS_USAGE, "there was no actor '%.60s'; did you mean %s?",
                    buf_text(&shown), r->near[i].best);
        else
            err_set(err, STATUS_USAGE, "there was no actor '%.60s' so far", buf_text(&shown));
        buf_release(&shown);
        return -1;
    }
    return 0;
}

int
past_show(struct session *s, const struct past *p, struct err *err)
{
    struct reading r = {.past = p, .kind = p->kind};
    struct view_options options = {
        .catalog = &s->launcher.catalog,
        .width = s->settings.width > 0 ? s->settings.width : s->columns,
        .ascii = s->ascii,
        .only = p->only,
    };
    int result;

    if (s->recall == NULL)
        return err_set(err, STATUS_USAGE, "nothing here knows what was before");
    if (p->steps > 0)
        r.seqs = mem_alloc((size_t)p->steps * sizeof *r.seqs);
    for (int i = 0; p->only != NULL && p->only[i] != NULL; i++)
        near_init(&r.near[i], p->only[i]);
    result = s->recall(s->recall_ctx, survey, &r, err);
    if (p->steps > 0 && r.last > p->steps)
        r.first_seq = r.seqs[(r.last + 1) % p->steps];
    if (result == 0)
        result = check_names(&r, err);
    if (result == 0) {
        r.view = p->kind->start(&options);
        result = s->recall(s->recall_ctx, show, &r, err);
        p->kind->finish(r.view, &r.out);
    }
    if (result == 0 && r.out.len == 0)
        session_say(s, "      nothing has happened yet\n");
    else if (result == 0)
        session_page(s, r.out.data, r.out.len);
    buf_release(&r.out);
    free(r.seqs);
    return result;
}
