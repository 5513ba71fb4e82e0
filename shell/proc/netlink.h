/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Requests of rtnetlink(7), as small as they are needed to make the hosts of a world. */
#ifndef PROC_NETLINK_H
#define PROC_NETLINK_H
#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

struct netlink_request {
    union {
        struct nlmsghdr head;
        char bytes[1024];
    };
};

/* Begins a request whose fixed part is n bytes at body. */
void netlink_begin(struct netlink_request *r, uint16_t type, uint16_t flags, const void *body,
                   size_t n);
void netlink_put(struct netlink_request *r, uint16_t attribute, const void *data, size_t n);
void netlink_put_u32(struct netlink_request *r, uint16_t attribute, uint32_t value);
void netlink_put_text(struct netlink_request *r, uint16_t attribute, const char *text);
/* What is put between these lies inside the attribute; body (n bytes, may be 0) comes first. */
struct nlattr *netlink_nest(struct netlink_request *r, uint16_t attribute, const void *body,
                            size_t n);
void netlink_end(struct netlink_request *r, struct nlattr *nest);
/* Asks in the network namespace of this process and waits for the answer, which goes to answer
 * (room bytes) where that is not NULL. 0, or -1 and errno. */
int netlink_ask(struct netlink_request *r, void *answer, size_t room);
/* An attribute of a message whose fixed part is n bytes; its size, or -1. */
int netlink_get(const struct nlmsghdr *m, size_t n, uint16_t attribute, void *to, size_t room);
#endif
