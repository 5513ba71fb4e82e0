/* SPDX-License-Identifier: GPL-3.0-or-later
 * See network.h. */
#include "proc/network.h"

#include <string.h>
#include <sys/socket.h>

int
network_find(const struct network_table *t, const char *name)
{
    for (uint32_t i = 0; i < t->n && i < NETWORKS_MAX; i++)
        if (strncmp(t->list[i].name, name, NETWORK_NAME_ROOM) == 0)
            return (int)i;
    return -1;
}

int
network_of_socket(const struct network_table *t, int fd)
{
    uint64_t cookie;
    socklen_t size = sizeof cookie;

    if (t->n == 0 || getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size) < 0)
        return -1;
    for (uint32_t i = 0; i < t->n && i < NETWORKS_MAX; i++)
        if (t->list[i].cookie == cookie)
            return (int)i;
    return -1;
}

struct ipclab_network
network_told(const struct network *n)
{
    return (struct ipclab_network){.name = n->name,
                                   .ipv4 = n->ipv4,
                                   .ipv6 = n->ipv6[0] != '\0' ? n->ipv6 : NULL,
                                   .unplugged = n->unplugged != 0};
}
