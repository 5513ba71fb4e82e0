/* SPDX-License-Identifier: GPL-3.0-or-later
 * See stepper.h. What is asked of an actor beside its steps: to say hello, and to tell a state. */
#include <errno.h>

#include "proc/patience.h"
#include "proc/pump.h"
#include "proc/stepper.h"

enum {
    HELLO_MS = 10000,
    ANSWER_MS = 10000, /* an idle actor asked for a state */
    DIES_MS = 1000,    /* one that has to die for it */
};

int
stepper_await_hello(struct world *w, struct actor *a, struct err *err)
{
    struct patience p;

    patience_init(&p, HELLO_MS);
    p.spins = SPINS; /* a process starts in its own time, and says so */
    while (a->state == ACTOR_STARTING) {
        pump_actor(w, a);
        if (a->state != ACTOR_STARTING)
            break;
        pump_events(w);
        if (a->control < 0 || w->over || w->spawn_failed[0] != '\0') {
            err_set(err, STATUS_MACHINE, "the process for %s did not start: %s", a->name,
                    w->spawn_failed[0] != '\0' ? w->spawn_failed : "it ended at once");
            w->spawn_failed[0] = '\0';
            return -1;
        }
        if (!relax(w, &p))
            return err_set(err,
                           p.gave_up == SETTLE_INTERRUPTED ? STATUS_INTERRUPTED : STATUS_MACHINE,
                           "the process for %s did not say hello", a->name);
    }
    return 0;
}

bool
stepper_ask_state(struct world *w, struct actor *a, const struct object *o, int fd)
{
    static struct buf frame;
    struct patience p;

    a->request = ++w->request;
    a->replied = false;
    buf_clear(&a->reply);
    buf_clear(&a->enter);
    wire_begin(&frame, FRAME_STATE, a->request);
    wire_text(&frame, o->kind->name);
    wire_i64(&frame, (int64_t)o->key);
    wire_i64(&frame, (int64_t)o->key2);
    wire_u32(&frame, (uint32_t)fd);
    a->state = ACTOR_BUSY;
    patience_init(&p, ANSWER_MS);
    p.deaf = true;
    board_ask(a->board, &frame, false);
    while (!pump_board(w, a) && a->state == ACTOR_BUSY && a->control >= 0) {
        pump_actor(w, a);
        if (!a->replied && !relax(w, &p))
            break;
    }
    if (a->replied) {
        a->replied = false;
        return true;
    }
    /* It died of it; or hangs in it, and then would answer nothing else either. */
    if (a->control >= 0)
        pump_violation(w, a, "it does not tell the state of an object");
    patience_init(&p, DIES_MS);
    p.deaf = true;
    while (!pump_ended(w, a) && relax(w, &p))
        ;
    return false;
}
