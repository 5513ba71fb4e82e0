/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hosts of the world as an actor finds them on its board. */
#include <sys/socket.h>

#include "base/buf.h"
#include "base/text.h"
#include "proc/actor.h"

/* Why there is no address: which hosts there are, and which was meant. */
static void
note_missing(struct ipclab_frame *f, const struct network_table *t, const char *name)
{
    struct buf shown = {0};
    struct near near;

    text_escape(&shown, name, strlen(name), true);
    near_init(&near, name);
    for (uint32_t i = 0; i < t->n && i < NETWORKS_MAX; i++)
        near_offer(&near, t->list[i].name);
    if (near.best[0] != '\0')
        actor_host.note(f, "there is no host '%.60s'; did you mean %s?", buf_text(&shown),
                        near.best);
    else
        actor_host.note(f, "there is no host '%.60s'; `spawn NAME on HOST` makes one",
                        buf_text(&shown));
    buf_release(&shown);
}

const char *
host_resolve(struct ipclab_frame *f, const char *name, int family)
{
    const struct network_table *t = &self_process.board->networks;
    int n = network_find(t, name);

    if (n < 0) {
        note_missing(f, t, name);
        return NULL;
    }
    if (family == AF_INET6 && t->list[n].ipv6[0] == '\0') {
        actor_host.note(f, "%s has no IPv6 address: this machine has no IPv6", name);
        return NULL;
    }
    return family == AF_INET6 ? t->list[n].ipv6 : t->list[n].ipv4;
}

int
host_network(struct ipclab_frame *f, int n, struct ipclab_network *to)
{
    const struct network_table *t = &self_process.board->networks;

    (void)f;
    if (n < 0 || n >= (int)t->n)
        return -1;
    *to = network_told(&t->list[n]);
    return 0;
}

int
host_own_network(struct ipclab_frame *f)
{
    (void)f;
    return self_process.board->network;
}
