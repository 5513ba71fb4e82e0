/* SPDX-License-Identifier: GPL-3.0-or-later
 * See flight.h. */
#include "proc/flight.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { TCP_LISTEN_STATE = 10 }; /* TCP_LISTEN; the headers that name it do not go together */

static int
copy_of(const struct actor *a, int fd)
{
    return a->pidfd >= 0 ? (int)syscall(SYS_pidfd_getfd, a->pidfd, fd, 0) : -1;
}

/* What is known of an object is asked once, of the first who has a descriptor of it. */
static bool
is_tcp(struct object *o, const struct actor *a, int fd)
{
    int protocol = 0, copy;
    socklen_t n = sizeof protocol;

    if (o->transport == TRANSPORT_UNKNOWN) {
        copy = copy_of(a, fd);
        if (copy < 0)
            return false;
        getsockopt(copy, SOL_SOCKET, SO_PROTOCOL, &protocol, &n);
        o->transport = protocol == IPPROTO_TCP ? TRANSPORT_TCP : TRANSPORT_OTHER;
        close(copy);
    }
    return o->transport == TRANSPORT_TCP;
}

static bool
is_waited_on(const struct world *w, int object)
{
    for (int i = 0; i < w->nactors; i++)
        for (int k = 0; k < w->actors[i]->nobjects && w->actors[i]->state == ACTOR_BUSY; k++)
            if (w->actors[i]->objects[k] == object)
                return true;
    return false;
}

/* It waits for an acknowledgement before it sends the rest, or before it has room again for one who
 * waits. */
static bool
waits_for_acknowledgement(const struct world *w, const struct actor *a, int fd, int object)
{
    struct tcp_info info = {0};
    socklen_t n = sizeof info;
    int copy = copy_of(a, fd);
    bool known = copy >= 0 && getsockopt(copy, IPPROTO_TCP, TCP_INFO, &info, &n) == 0;

    if (copy >= 0)
        close(copy);
    return known && info.tcpi_state != TCP_LISTEN_STATE && info.tcpi_unacked > 0 &&
           info.tcpi_retransmits == 0 && (info.tcpi_notsent_bytes > 0 || is_waited_on(w, object));
}

static bool
touches_linked(const struct world *w)
{
    for (int i = 0; i < w->touch.n; i++)
        if (w->objects[w->touch.objects[i]].kind->linked == IPCLAB_LINKED &&
            w->objects[w->touch.objects[i]].transport != TRANSPORT_OTHER)
            return true;
    return false;
}

bool
flight_under_way(struct world *w)
{
    if (!touches_linked(w))
        return false;
    world_refresh_fds(w);
    for (int i = 0; i < w->nactors; i++) {
        const struct actor *a = w->actors[i];

        for (int k = 0; k < a->nfds && actor_alive(a); k++)
            for (int o = 0; o < w->nobjects && S_ISSOCK(a->fds[k].mode); o++)
                if (w->objects[o].kind->linked == IPCLAB_LINKED &&
                    w->objects[o].key == a->fds[k].ino && w->objects[o].key2 == a->fds[k].dev) {
                    if (is_tcp(&w->objects[o], a, a->fds[k].fd) &&
                        waits_for_acknowledgement(w, a, a->fds[k].fd, o))
                        return true;
                    break;
                }
    }
    return false;
}
