/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The hosts of a world: each a network namespace with a loopback of its own and one cable, which
 * leads to a switch that all of them share. They are made by the world's first process, when the
 * first actor is spawned on them, and are gone with it. What is a host to a student is a network
 * here, for a host is also who runs a plugin. */
#ifndef PROC_NETWORK_H
#define PROC_NETWORK_H
#include <stdbool.h>
#include <stdint.h>

#include "../plugins/plugin.h"

enum {
    NETWORKS_MAX = 8,
    NETWORK_NAME_ROOM = 32,
    NETWORK_ADDRESS_ROOM = 16, /* "10.0.0.8", "fd00::8" */
};

struct network {
    char name[NETWORK_NAME_ROOM];
    char ipv4[NETWORK_ADDRESS_ROOM];
    char ipv6[NETWORK_ADDRESS_ROOM]; /* "" where the kernel has no IPv6 */
    uint64_t cookie; /* what SO_NETNS_COOKIE tells of sockets that were made there */
    int32_t fd;      /* of the namespace, in the world's first process */
    uint32_t unplugged;
};

/* Who has a copy of it: the shell, each board, each question to the observer. */
struct network_table {
    uint32_t n;
    struct network list[NETWORKS_MAX];
};

/* The place of the host of this name, -1: there is none. */
int network_find(const struct network_table *t, const char *name);
/* The same by the cookie of a socket; -1 also of the world's own network. */
int network_of_socket(const struct network_table *t, int fd);

/* As plugins are told of it; good as long as *n is. */
struct ipclab_network network_told(const struct network *n);

/* network_make.c, in the world's first process. What does not work is told by errno and *step;
 * then nothing of it is left. */
int network_make(int number, struct network *made, const char **step);
int network_cable(int number, bool plugged, const char **step);
/* The calling process goes over to that host, for good. */
int network_enter(int number);
/* Sets an interface of the network where the calling process is up or down. */
int network_link(const char *name, bool up);
#endif
