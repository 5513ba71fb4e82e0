/* SPDX-License-Identifier: GPL-3.0-or-later
 * See observe.h. */
#include "session/observe.h"

#include <errno.h>
#include <poll.h>

enum { ANSWER_MS = 2000 }; /* an observer that takes longer is replaced */

static void
forget_observer(struct world *w)
{
    if (w->observer >= 0)
        close(w->observer);
    w->observer = -1;
}

void
observe_put_process(struct buf *b, const struct actor *a)
{
    bool zombie = a->state == ACTOR_DEAD && !a->reaped && probe_state_letter(a->host) == 'Z';

    wire_text(b, a->name);
    wire_i64(b, a->host);
    wire_i64(b, a->pid);
    wire_i64(b, a->parent_pid);
    wire_u8(b, a->state == ACTOR_BUSY);
    wire_u8(b, zombie);
    wire_u8(b, a->state == ACTOR_FOREIGN);
    wire_text(b, a->state == ACTOR_BUSY && a->call_name != NULL ? a->call_name : "");
    wire_i64(b, a->network);
}

void
observe_put_networks(struct buf *b, const struct world *w)
{
    wire_bytes(b, &w->networks, sizeof w->networks);
}

static bool
receive_answer(struct world *w, uint32_t request, struct buf *out)
{
    static char frame[WIRE_MAX];
    struct pollfd p = {.fd = w->observer, .events = POLLIN};
    struct wire_in in;

    for (;;) {
        ssize_t n;
        int ready = poll(&p, 1, ANSWER_MS);

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return false;
        n = wire_receive(w->observer, frame, sizeof frame, false, NULL, NULL, NULL);
        if (n <= 0)
            return false;
        if (wire_open(&in, frame, (size_t)n) && in.type == FRAME_EXPLANATION &&
            in.request == request) {
            buf_put(out, in.p, in.left);
            return true;
        }
    }
}

void
observe_begin(struct session *s, enum frame_type type, struct buf *frame)
{
    wire_begin(frame, type, ++s->world.request);
}

bool
observe(struct session *s, const struct buf *frame, struct buf *out)
{
    struct world *w = &s->world;
    struct err err;

    buf_clear(out);
    if (w->observer < 0 &&
        launcher_observer(&s->launcher, w->kind, w->init, &w->observer, &err) < 0) {
        w->observer = -1;
        if (!w->blind)
            session_note(s, "the kernel's objects cannot be looked at: %s", err.text);
        w->blind = true;
        return false;
    }
    w->blind = false;
    if (wire_send_wait(w->observer, frame, NULL, 0) == 0 && receive_answer(w, w->request, out))
        return true;
    forget_observer(w); /* it crashed or looped; the next question gets a new one */
    buf_clear(out);
    return false;
}
