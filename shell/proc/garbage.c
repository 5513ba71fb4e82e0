/* SPDX-License-Identifier: GPL-3.0-or-later
 * See garbage.h.
 *
 * There is nothing to ask when the kernel has finished, so it is given some garbage of our own: the
 * write end of a pipe in an unreachable socket in an unreachable socket. The kernel looks for all
 * garbage at once and closes it in batches, what was in a socket one batch later than the socket.
 * So when our pipe ends, two batches have been closed, and the first had all that was garbage
 * before. As long as that were sockets, more may have come out of them: then once more. */
#include "proc/garbage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

enum {
    PATIENCE_MS = 1000, /* for one batch; a kernel that needs longer is not waited for */
    MOST_ROUNDS = 64,
    MOST_SENT = 2,
};

static void
send_fds(int sock, const int *fds, int n)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * MOST_SENT)];
    } control = {0};
    struct iovec iov = {(char[]){"x"}, 1};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n)};

    *CMSG_FIRSTHDR(&m) = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS,
                                          .cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n)};
    memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, sizeof(int) * (size_t)n);
    sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Makes the garbage. The read end of the pipe whose write end is in it; -1: it cannot be made. */
static int
litter(void)
{
    int all[] = {-1, -1, -1, -1, -1, -1}, *pipes = all, *inner = all + 2, *outer = all + 4;
    int end = -1;

    if (pipe2(pipes, O_CLOEXEC) == 0 &&
        socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, inner) == 0 &&
        socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, outer) == 0) {
        send_fds(inner[1], &pipes[1], 1);
        send_fds(outer[1], (int[]){inner[0], outer[0]}, 2);
        end = pipes[0];
    }
    /* The last one is the one that nobody sent: its end makes the kernel look. */
    for (int i = end >= 0 ? 1 : 0; i < 6; i++)
        if (all[i] >= 0 && all[i] != outer[1])
            close(all[i]);
    if (outer[1] >= 0)
        close(outer[1]);
    return end;
}

static bool
wait_for_collection(void)
{
    struct pollfd p = {.fd = litter()};
    int n;

    if (p.fd < 0)
        return false;
    do
        n = poll(&p, 1, PATIENCE_MS);
    while (n < 0 && errno == EINTR);
    close(p.fd);
    return n > 0;
}

/* Opens the list of Unix sockets of the world's network; NULL: nobody lives who could see it. */
static FILE *
open_list(const struct world *w)
{
    char path[64], line[64];
    FILE *f = NULL;

    for (int i = 0; i < w->nactors && f == NULL; i++)
        if (actor_alive(w->actors[i])) {
            snprintf(path, sizeof path, "/proc/%d/net/unix", w->actors[i]->host);
            f = fopen(path, "re");
        }
    if (f != NULL && fgets(line, sizeof line, f) == NULL) { /* the head */
        fclose(f);
        f = NULL;
    }
    return f;
}

/* The next inode of the list, 0 for a socket without one. */
static bool
next_inode(FILE *f, uint64_t *ino)
{
    char line[256];
    unsigned long long n;

    while (fgets(line, sizeof line, f) != NULL)
        if (sscanf(line, "%*s %*s %*s %*s %*s %*s %llu", &n) == 1) {
            *ino = n;
            return true;
        }
    return false;
}

/* How many of the world's sockets there are. */
static int
count_sockets(const struct world *w)
{
    FILE *f = open_list(w);
    uint64_t ino;
    int n = 0;

    while (f != NULL && next_inode(f, &ino))
        for (int i = 0; i < w->nobjects; i++)
            if (w->objects[i].kind->linked && w->objects[i].key == ino) {
                n++;
                break;
            }
    if (f != NULL)
        fclose(f);
    return n;
}

bool
garbage_collect(const struct world *w)
{
    int first = count_sockets(w), before, now = first;

    for (int i = 0; i < MOST_ROUNDS; i++) {
        before = now;
        if (!wait_for_collection())
            break;
        now = count_sockets(w);
        if (now == before)
            break;
    }
    return now != first;
}

bool
garbage_unaccepted(const struct world *w)
{
    FILE *f = open_list(w);
    uint64_t ino;
    bool any = false;

    while (f != NULL && !any && next_inode(f, &ino))
        any = ino == 0;
    if (f != NULL)
        fclose(f);
    return any;
}
