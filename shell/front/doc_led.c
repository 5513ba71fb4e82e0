/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The handout of a lab that leads itself: what it does, heading by heading, as it is projected. */
#include "front/doc.h"

static const char *
heading(const struct event *e)
{
    const char *kind = event_get_text(e, NULL, "kind");

    return recorded_is(e, "note") && kind != NULL && strcmp(kind, "step") == 0
               ? event_get_text(e, NULL, "text")
               : NULL;
}

static void
put_steps(struct doc *d)
{
    const char *title = "What happens", *next;
    int from = 0;
    bool headed = false;

    for (int i = 0; i <= d->model.n; i++) {
        next = i < d->model.n ? heading(&d->model.events[i]) : NULL;
        if (next == NULL && i < d->model.n)
            continue;
        if (headed || next == NULL) { /* what is before the first heading belongs to it */
            paper_heading(&d->paper, 2, title);
            figure_put(&d->figures, title, from, i);
            from = i;
        }
        title = next;
        headed = true;
    }
}

enum status
doc_led(struct doc *d, struct err *err)
{
    struct buf said = {0}, source = {0};
    enum status status =
        authors_run(d->options, d->places, d->options->args[1], &d->model, &said, err);

    if (status != STATUS_OK && status != STATUS_DIFFERS &&
        !(status == STATUS_STUCK && lab_ends_stuck(d->opened.lab))) {
        if (said.len > 0)
            err_set(err, status, "%s", buf_text(&said));
        buf_release(&said);
        return status;
    }
    put_steps(d);
    if (d->options->teacher) {
        buf_put(&source, d->opened.file.text, d->opened.file.n);
        paper_heading(&d->paper, 2, "The lab");
        paper_code(&d->paper, "lua", buf_text(&source));
    }
    buf_release(&source);
    buf_release(&said);
    return STATUS_OK;
}
