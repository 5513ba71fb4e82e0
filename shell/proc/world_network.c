/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hosts of a world in the shell's books: its first process makes them and moves their plugs,
 * and every board is told. See world.h. */
#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "proc/patience.h"
#include "proc/pump.h"
#include "proc/world.h"

enum { ANSWER_MS = 20000 };

void
world_take_network(struct world *w, struct wire_in *in)
{
    struct network_answer *answer = &w->network_answer;
    const void *made;
    size_t n;

    if (in->request != answer->request)
        return;
    answer->request = 0;
    answer->error = (int)wire_get_u32(in);
    snprintf(answer->step, sizeof answer->step, "%s", wire_get_text(in));
    made = wire_get_bytes(in, &n);
    if (!in->bad && n == sizeof answer->made)
        memcpy(&answer->made, made, n);
    else
        answer->error = EBADMSG;
}

/* Asks and waits for the answer: 0, or -1 and *err. */
static int
ask(struct world *w, struct buf *frame, struct err *err)
{
    struct network_answer *answer = &w->network_answer;
    int64_t deadline = now_ms() + ANSWER_MS;
    int sent = w->over ? -1 : wire_send_wait(w->init_sock, frame, NULL, 0);

    buf_release(frame);
    while (sent == 0 && !w->over && answer->request != 0 && now_ms() < deadline) {
        struct pollfd p = {.fd = w->init_sock, .events = POLLIN};

        poll(&p, 1, ANSWER_MS);
        pump_events(w);
    }
    if (w->over)
        return err_set(err, STATUS_MACHINE,
                       "this world has ended: its first process was killed; `reset` makes a fresh "
                       "one");
    if (sent < 0 || answer->request != 0)
        return err_set(err, STATUS_MACHINE, "the world's first process does not answer");
    return answer->error == 0 ? 0 : -1;
}

static void
tell_boards(struct world *w)
{
    for (int i = 0; i < w->nactors; i++)
        if (w->actors[i]->board != NULL)
            board_tell_networks(w->actors[i]->board, &w->networks, w->actors[i]->network);
}

int
world_network(struct world *w, const char *name, struct err *err)
{
    struct network_answer *answer = &w->network_answer;
    struct buf frame = {0};

    *answer = (struct network_answer){.request = ++w->request};
    wire_begin(&frame, FRAME_NETWORK, answer->request);
    wire_i64(&frame, w->networks.n);
    if (ask(w, &frame, err) < 0) {
        if (answer->error != 0)
            err_set(err, STATUS_MACHINE, "the host %s cannot be made: %s: %s (%s)%s", name,
                    answer->step, strerrorname_np(answer->error), strerror(answer->error),
                    w->kind == WORLD_SHARED
                        ? "; hosts need a sealed world, and `ipclab doctor` says what this machine "
                          "allows"
                        : "");
        return -1;
    }
    snprintf(answer->made.name, sizeof answer->made.name, "%s", name);
    w->networks.list[w->networks.n++] = answer->made;
    w->timers = true; /* TCP has some of its own */
    tell_boards(w);
    return (int)w->networks.n - 1;
}

int
world_cable(struct world *w, int network, bool plugged, struct err *err)
{
    struct network_answer *answer = &w->network_answer;
    struct buf frame = {0};

    *answer = (struct network_answer){.request = ++w->request};
    wire_begin(&frame, FRAME_CABLE, answer->request);
    wire_i64(&frame, network);
    wire_u8(&frame, plugged);
    if (ask(w, &frame, err) < 0) {
        if (answer->error != 0)
            err_set(err, STATUS_MACHINE, "%s of %s: %s (%s)", answer->step,
                    w->networks.list[network].name, strerrorname_np(answer->error),
                    strerror(answer->error));
        return -1;
    }
    w->networks.list[network].unplugged = !plugged;
    w->lossy = true;
    tell_boards(w);
    return 0;
}

bool
actor_may_end_late(const struct world *w, const struct actor *a)
{
    if (a->later)
        return true;
    for (int i = 0; i < a->nobjects && w->lossy; i++)
        if (w->objects[a->objects[i]].kind->linked)
            return true;
    return false;
}
