/* SPDX-License-Identifier: GPL-3.0-or-later
 * See netlink.h. */
#include "proc/netlink.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void
netlink_begin(struct netlink_request *r, uint16_t type, uint16_t flags, const void *body, size_t n)
{
    memset(r, 0, sizeof *r);
    r->head.nlmsg_type = type;
    r->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    r->head.nlmsg_len = (uint32_t)NLMSG_LENGTH(n);
    memcpy(NLMSG_DATA(&r->head), body, n);
}

void
netlink_put(struct netlink_request *r, uint16_t attribute, const void *data, size_t n)
{
    struct nlattr a = {.nla_type = attribute, .nla_len = (uint16_t)(NLA_HDRLEN + n)};
    size_t at = NLMSG_ALIGN(r->head.nlmsg_len), end = at + NLA_HDRLEN + n;
    char *to = &r->bytes[at];

    if (end > sizeof r->bytes)
        return; /* the requests here are a third of it at most */
    memcpy(to, &a, sizeof a);
    if (n > 0)
        memcpy(to + NLA_HDRLEN, data, n);
    r->head.nlmsg_len = (uint32_t)end;
}

void
netlink_put_u32(struct netlink_request *r, uint16_t attribute, uint32_t value)
{
    netlink_put(r, attribute, &value, sizeof value);
}

void
netlink_put_text(struct netlink_request *r, uint16_t attribute, const char *text)
{
    netlink_put(r, attribute, text, strlen(text) + 1);
}

struct nlattr *
netlink_nest(struct netlink_request *r, uint16_t attribute, const void *body, size_t n)
{
    struct nlattr *nest = (struct nlattr *)(void *)(r->bytes + NLMSG_ALIGN(r->head.nlmsg_len));

    netlink_put(r, attribute, body, n);
    return nest;
}

void
netlink_end(struct netlink_request *r, struct nlattr *nest)
{
    nest->nla_len = (uint16_t)(r->bytes + r->head.nlmsg_len - (char *)nest);
}

int
netlink_ask(struct netlink_request *r, void *answer, size_t room)
{
    union {
        struct nlmsghdr head;
        char bytes[8192];
    } in;
    int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), error = 0;
    ssize_t n = -1;

    if (sock < 0)
        return -1;
    if (answer == NULL)
        r->head.nlmsg_flags |= NLM_F_ACK;
    if (send(sock, r, r->head.nlmsg_len, 0) >= 0)
        do
            n = recv(sock, &in, sizeof in, 0);
        while (n < 0 && errno == EINTR);
    if (n < 0 || !NLMSG_OK(&in.head, (size_t)n))
        error = n < 0 ? errno : EBADMSG;
    else if (in.head.nlmsg_type == NLMSG_ERROR)
        error = -((const struct nlmsgerr *)NLMSG_DATA(&in.head))->error;
    else if (answer == NULL || (size_t)n > room)
        error = EBADMSG;
    else
        memcpy(answer, &in, (size_t)n);
    close(sock);
    errno = error;
    return error != 0 ? -1 : 0;
}

int
netlink_get(const struct nlmsghdr *m, size_t n, uint16_t attribute, void *to, size_t room)
{
    size_t at = NLMSG_ALIGN(NLMSG_LENGTH(n));

    while (at + NLA_HDRLEN <= m->nlmsg_len) {
        const struct nlattr *a = (const struct nlattr *)(const void *)((const char *)m + at);
        size_t size = a->nla_len - (size_t)NLA_HDRLEN;

        if (a->nla_len < NLA_HDRLEN || at + a->nla_len > m->nlmsg_len)
            return -1;
        if ((a->nla_type & NLA_TYPE_MASK) == attribute) {
            memcpy(to, (const char *)a + NLA_HDRLEN, size < room ? size : room);
            return (int)size;
        }
        at += NLA_ALIGN(a->nla_len);
    }
    return -1;
}
