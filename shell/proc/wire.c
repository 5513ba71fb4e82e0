/* SPDX-License-Identifier: GPL-3.0-or-later
 * See wire.h. */
#include "proc/wire.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

void
wire_begin(struct buf *b, enum frame_type type, uint32_t request)
{
    buf_clear(b);
    wire_u32(b, (uint32_t)type);
    wire_u32(b, request);
}

void
wire_u8(struct buf *b, uint8_t v)
{
    buf_put(b, &v, sizeof v);
}

void
wire_u32(struct buf *b, uint32_t v)
{
    buf_put(b, &v, sizeof v);
}

void
wire_i64(struct buf *b, int64_t v)
{
    buf_put(b, &v, sizeof v);
}

void
wire_bytes(struct buf *b, const void *data, size_t n)
{
    wire_u32(b, (uint32_t)n);
    buf_put(b, data, n);
}

void
wire_text(struct buf *b, const char *s)
{
    if (s == NULL)
        s = "";
    wire_bytes(b, s, strlen(s) + 1);
}

bool
wire_open(struct wire_in *in, const void *frame, size_t n)
{
    *in = (struct wire_in){.p = frame, .left = n};
    in->type = (enum frame_type)wire_get_u32(in);
    in->request = wire_get_u32(in);
    return !in->bad;
}

/* Inlined, n is a constant: facts of a step are read many times over. */
static inline __attribute__((always_inline)) bool
take(struct wire_in *in, void *to, size_t n)
{
    if (in->bad || in->left < n) {
        in->bad = true;
        memset(to, 0, n);
        return false;
    }
    memcpy(to, in->p, n);
    in->p += n;
    in->left -= n;
    return true;
}

uint8_t
wire_get_u8(struct wire_in *in)
{
    uint8_t v;

    take(in, &v, sizeof v);
    return v;
}

uint32_t
wire_get_u32(struct wire_in *in)
{
    uint32_t v;

    take(in, &v, sizeof v);
    return v;
}

int64_t
wire_get_i64(struct wire_in *in)
{
    int64_t v;

    take(in, &v, sizeof v);
    return v;
}

const void *
wire_get_bytes(struct wire_in *in, size_t *n)
{
    const uint8_t *p;

    *n = wire_get_u32(in);
    if (in->bad || in->left < *n) {
        in->bad = true;
        *n = 0;
        return "";
    }
    p = in->p;
    in->p += *n;
    in->left -= *n;
    return p;
}

const char *
wire_get_text(struct wire_in *in)
{
    size_t n;
    const char *s = wire_get_bytes(in, &n);

    if (n == 0 || s[n - 1] != '\0' || strlen(s) != n - 1) {
        in->bad = true;
        return "";
    }
    return s;
}

union control {
    struct cmsghdr align;
    char data[CMSG_SPACE(sizeof(int) * 254) + CMSG_SPACE(sizeof(struct ucred))];
};

static int
send_frame(int sock, const struct buf *frame, const int *fds, int nfds, int flags)
{
    struct iovec iov = {.iov_base = frame->data, .iov_len = frame->len};
    union control control;
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

    if (frame->len > WIRE_MAX) {
        errno = EMSGSIZE;
        return -1;
    }
    if (nfds > 0) {
        size_t n = sizeof(int) * (size_t)nfds;
        struct cmsghdr *c = &control.align;

        memset(&control, 0, CMSG_SPACE(sizeof(int) * WIRE_MAX_FDS));
        m.msg_control = control.data;
        m.msg_controllen = CMSG_SPACE(n);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(n);
        memcpy(CMSG_DATA(c), fds, n);
    }
    for (;;) {
        if (sendmsg(sock, &m, MSG_NOSIGNAL | flags) >= 0)
            return 0;
        if (errno != EINTR)
            return -1;
    }
}

int
wire_send(int sock, const struct buf *frame, const int *fds, int nfds)
{
    return send_frame(sock, frame, fds, nfds, MSG_DONTWAIT);
}

int
wire_send_wait(int sock, const struct buf *frame, const int *fds, int nfds)
{
    return send_frame(sock, frame, fds, nfds, 0);
}

/* Takes what came beside the data. false when there were descriptors that nobody asked for. */
static bool
take_control(struct msghdr *m, int *fds, int *nfds, pid_t *pid)
{
    int room = nfds != NULL ? *nfds : 0, got = 0;
    bool fine = (m->msg_flags & (MSG_CTRUNC | MSG_TRUNC)) == 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_CREDENTIALS && pid != NULL) {
            struct ucred cred;

            memcpy(&cred, CMSG_DATA(c), sizeof cred);
            *pid = cred.pid;
        } else if (c->cmsg_type == SCM_RIGHTS) {
            int n = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));

            for (int i = 0; i < n; i++) {
                int fd;

                memcpy(&fd, CMSG_DATA(c) + (size_t)i * sizeof fd, sizeof fd);
                if (got < room) {
                    fds[got++] = fd;
                } else {
                    close(fd);
                    fine = false;
                }
            }
        }
    }
    if (!fine) {
        for (int i = 0; i < got; i++)
            close(fds[i]);
        got = 0;
    }
    if (nfds != NULL)
        *nfds = got;
    return fine;
}

ssize_t
wire_receive(int sock, void *data, size_t room, bool wait, int *fds, int *nfds, pid_t *pid)
{
    struct iovec iov = {.iov_base = data, .iov_len = room};
    union control control;
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = NULL};
    ssize_t n;

    if (pid != NULL)
        *pid = 0;
    /* Without room for them the kernel drops descriptors and says so: nobody gets them. */
    if (nfds != NULL || pid != NULL) {
        m.msg_control = control.data;
        m.msg_controllen = sizeof control.data;
    }
    do
        n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    while (n < 0 && errno == EINTR);
    if (n < 0) {
        if (nfds != NULL)
            *nfds = 0;
        return -1;
    }
    if (!take_control(&m, fds, nfds, pid)) {
        errno = EBADMSG;
        return -1;
    }
    return n;
}

int
wire_pair(int pair[2])
{
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}
