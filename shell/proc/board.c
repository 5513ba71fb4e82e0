/* SPDX-License-Identifier: GPL-3.0-or-later
 * See board.h. */
#include "proc/board.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

int
board_create(void)
{
    int fd = memfd_create("ipclab-board", MFD_CLOEXEC | MFD_ALLOW_SEALING);

    /* Sealed, for an actor that made it shorter would let the shell read beyond its end. */
    if (fd >= 0 && (ftruncate(fd, sizeof(struct board)) < 0 ||
                    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)) {
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    return fd;
}

struct board *
board_map(int fd)
{
    void *p = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return p == MAP_FAILED ? NULL : p;
}

void
board_unmap(struct board *b)
{
    if (b != NULL)
        munmap(b, sizeof *b);
}

void
board_ask(struct board *b, const struct buf *frame, bool with_fds)
{
    memcpy(b->request, frame->data, frame->len);
    b->asked = (uint32_t)frame->len;
    b->with_fds = with_fds;
    atomic_store(&b->entered, 0);
    atomic_store(&b->looking, 1);
    atomic_fetch_add(&b->bell, 1);
    syscall(SYS_futex, &b->bell, FUTEX_WAKE, 1, NULL, NULL, 0);
}

bool
board_has_answer(const struct board *b, uint32_t request)
{
    return atomic_load(&b->done) == request;
}

bool
board_take_answer(const struct board *b, struct buf *out)
{
    uint32_t n = b->answered;

    buf_clear(out);
    if (n > BOARD_ANSWER_MAX)
        return false;
    buf_put(out, b->answer, n);
    return true;
}

bool
board_take_entered(const struct board *b, struct buf *out)
{
    uint32_t n = atomic_load(&b->entered);

    if (n > BOARD_ENTER_MAX || n < out->len)
        return false;
    buf_put(out, b->enter + out->len, n - out->len);
    return true;
}

void
board_tell_networks(struct board *b, const struct network_table *t, int own)
{
    b->networks = *t;
    b->network = own;
}

void
board_stop_looking(struct board *b)
{
    atomic_store(&b->looking, 0);
}

size_t
board_await(struct board *b, uint32_t *last, void *room, bool *with_fds)
{
    uint32_t n;

    if (atomic_load(&b->bell) == *last &&
        syscall(SYS_futex, &b->bell, FUTEX_WAIT, *last, NULL, NULL, 0) < 0 && errno == EINTR)
        return 0;
    if (atomic_load(&b->bell) == *last)
        return 0;
    *last = atomic_load(&b->bell);
    n = b->asked < WIRE_MAX ? b->asked : WIRE_MAX;
    memcpy(room, b->request, n);
    *with_fds = b->with_fds != 0;
    return n;
}

void
board_put_entered(struct board *b, const struct buf *facts)
{
    uint32_t n = atomic_load(&b->entered);

    if (facts->len == 0 || n + facts->len > BOARD_ENTER_MAX)
        return;
    memcpy(b->enter + n, facts->data, facts->len);
    atomic_store(&b->entered, n + (uint32_t)facts->len);
}

bool
board_put_answer(struct board *b, uint32_t request, const struct buf *frame)
{
    memcpy(b->answer, frame->data, frame->len);
    b->answered = (uint32_t)frame->len;
    atomic_store(&b->done, request);
    return atomic_load(&b->looking) == 0;
}
