/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The board of an actor: memory that it shares with the shell and with nobody else, where steps
 * are asked for and answered. It costs half of what packets of a socket cost, which stays for what
 * is rare: descriptors, the hello, faults, the end. The shell copies what it finds there before it
 * reads it, for the other side may write at any time. */
#ifndef PROC_BOARD_H
#define PROC_BOARD_H
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "proc/network.h"
#include "proc/wire.h"

enum { BOARD_ENTER_MAX = 32768, BOARD_ANSWER_MAX = 131072 };

struct board {
    _Atomic uint32_t bell;    /* counts requests; the idle actor sleeps on it (futex(2)) */
    _Atomic uint32_t looking; /* the shell looks by itself: an answer needs no doorbell */
    _Atomic uint32_t entered; /* bytes of enter that are whole */
    _Atomic uint32_t done;    /* number of the request whose answer is whole */
    uint32_t asked;           /* bytes of request */
    uint32_t answered;        /* bytes of answer */
    uint32_t with_fds;        /* descriptors for this request wait on the socket */
    int32_t network;          /* the host that the actor is on; -1: the world's own network */
    struct network_table networks;
    char request[WIRE_MAX];
    char enter[BOARD_ENTER_MAX];   /* facts of the call that began */
    char answer[BOARD_ANSWER_MAX]; /* an EXIT frame */
};

/* A new one, as a descriptor to map and to pass on; -1 and errno. */
int board_create(void);
/* NULL and errno. */
struct board *board_map(int fd);
void board_unmap(struct board *b);

/* The shell: asks, with a whole frame; from now on it looks by itself. */
void board_ask(struct board *b, const struct buf *frame, bool with_fds);
/* Is the answer to this request there? */
bool board_has_answer(const struct board *b, uint32_t request);
/* Copies the answer out; false when its length cannot be. */
bool board_take_answer(const struct board *b, struct buf *out);
/* Appends to out what was entered beyond its length so far. */
bool board_take_entered(const struct board *b, struct buf *out);
/* Which hosts there are now, and on which this actor is. */
void board_tell_networks(struct board *b, const struct network_table *t, int own);
/* From now on the actor has to ring; look once more after this. */
void board_stop_looking(struct board *b);

/* The actor: sleeps until request last + 1 is there; copies it into room and returns its length,
 * 0 when a signal came first. */
size_t board_await(struct board *b, uint32_t *last, void *room, bool *with_fds);
void board_put_entered(struct board *b, const struct buf *facts); /* appends */
/* True when the shell does not look: ring it (FRAME_BELL). */
bool board_put_answer(struct board *b, uint32_t request, const struct buf *frame);
#endif
