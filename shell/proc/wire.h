/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Frames between the shell, the launcher, each world's pid 1, its actors and its observer: one
 * packet of a SOCK_SEQPACKET pair each, of bounded size, with a request number that ties an answer
 * to its question. Readers believe nothing: every get checks what is left, and a frame that was
 * read beyond its end is bad as a whole. Everything runs on one machine, so numbers are native. */
#ifndef PROC_WIRE_H
#define PROC_WIRE_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

enum {
    WIRE_MAX = 160 * 1024, /* bytes of a frame; a line of 64 KiB with all its literals fits */
    WIRE_MAX_FDS = 4,
    WIRE_CONTROL_FD = 3, /* where the launcher finds its socket when it is exec'd */
};

enum frame_type {
    /* shell to launcher, and its answers */
    FRAME_CATALOG = 1, /* launcher: catalogue blob in a memfd (fds[0]) */
    FRAME_WORLD, /* shell: make a world of u8 kind in folder, judged u8 1: u32 n programs (~0: any
                    may run) as texts; fds[0] its control socket, [1] ledger or none */
    FRAME_WORLD_PID, /* launcher: pid of the new world's init, or 0 and errno, step */
    FRAME_OBSERVER,  /* shell: an observer for the world of pid; fds[0] its socket */
    FRAME_OBSERVER_PID,
    FRAME_LOAD,   /* shell: path of a plugin; answered by FRAME_CATALOG or FRAME_FAILED. To an
                     init, with the open file: not answered */
    FRAME_FAILED, /* what did not work: errno, step as text */
    /* shell and a world's pid 1 */
    FRAME_READY,      /* init: the world stands; a kind */
    FRAME_SPAWN,      /* shell: an actor; i64 number of its host, -1: the world's own network; fds:
                         control, stdout, stderr, board */
    FRAME_SPAWNED,    /* init: pid in the world */
    FRAME_NETWORK,    /* shell: make the host of this i64 number */
    FRAME_CABLE,      /* shell: i64 number of a host, u8 plugged: its cable is to be so */
    FRAME_NETWORK_IS, /* init, to these two: u32 errno or 0, step as text, struct network */
    FRAME_EXITED,     /* init: pid in the world, wait status: reaped by init */
    FRAME_LIMIT,      /* init of a judged world: i64 bytes of memory that it had too much of */
    FRAME_BENCH,    /* shell: struct bench_request; fds: where its FRAME_MEASURED goes. Answered by
                       FRAME_SPAWNED */
    FRAME_MEASURED, /* the process of a measurement: struct bench_answer */
    /* shell and an actor */
    FRAME_HELLO,  /* actor: pid, parent pid in the world; its host pid comes as credentials */
    FRAME_STEP,   /* shell, on the board: body of plan_encode */
    FRAME_CHILD,  /* shell: what a child to be needs; fds as of FRAME_SPAWN */
    FRAME_EXIT,   /* actor, on the board: its result and facts (enum fact) */
    FRAME_BELL,   /* actor: an answer is on the board */
    FRAME_STATE,  /* shell, on the board: tell the state of an object; answered by FRAME_EXIT */
    FRAME_FAULT,  /* actor: about to die of a signal at this address: signal, address, si_code,
                     access */
    FRAME_SIGNAL, /* actor: a handler ran */
    /* shell and observer */
    FRAME_EXPLAIN,     /* shell: why does this call wait */
    FRAME_EXPLANATION, /* observer: facts */
    FRAME_OBJECTS,     /* shell: which objects are these, or which are there; answered likewise */
};

/* What EXIT and EXPLANATION frames and the entered part of a board hold: a byte of these, then its
 * values. */
enum fact {
    FACT_END = 0,
    FACT_OBJECT, /* kind, key, key2 */
    FACT_CREATED,
    FACT_FLOW,      /* i64 */
    FACT_MESSAGE,   /* word, u8 enum ipclab_passing, i64 number, u32 total, bytes */
    FACT_STATE_INT, /* name, i64: of the object last named */
    FACT_STATE_VOLATILE,
    FACT_STATE_TEXT,  /* name, text */
    FACT_STATE_BYTES, /* name, bytes */
    FACT_OUT_BYTES,   /* u8 argument, u32 total, bytes */
    FACT_OUT_INT,     /* u8 argument, i64 */
    FACT_INT,         /* name, i64 */
    FACT_TEXT,        /* name, text */
    FACT_VOLATILE,    /* name, i64 */
    FACT_NOTE,        /* text */
    FACT_ARG,         /* entered: u8 argument, i64 value */
    FACT_ARG_BYTES,   /* entered: u8 argument, u32 total, bytes: what the address held */
    FACT_TIMED,       /* entered: the call ends by itself */
    FACT_FD,          /* entered: i32 descriptor behind the object last named */
    FACT_VALUE_TEXT,  /* EXIT of print: bytes, total */
    FACT_VALUE_INTS,  /* EXIT of print: u32 n, i64 each */
    FACT_SHARED,      /* EXIT of await: it looked at memory that others could change */
    FACT_WHY,         /* text */
    FACT_WAITS,
    FACT_SAY,
    FACT_NEXT,
    FACT_NEVER,
    FACT_RULE, /* text */
    FACT_BEFORE,
    FACT_COULD_END, /* i64: pid as the observer sees it */
    FACT_MORE,      /* of a list: there are more than fit */
    FACT_SENDS,     /* entered: i64 pid as of kill(2), i64 signal */
    FACT_TIMER,     /* i64 signal, i64 ns until it runs out, i64 interval */
    FACT_HOLD,      /* i64 part, i64 amount, u8 until death: of the object last named */
    FACT_HOLDER,    /* text who, i64 since */
    FACT_OTHER_END, /* i64 key, i64 key2 */
    FACT_WAITS_ON,  /* i64 which of the objects that the call named: state is of that from here */
    FACT_ALONG,     /* entered: u8 of a linked kind: a descriptor is sent to others */
    FACT_TOUCHES,   /* an object could not be named: anybody may be woken */
    FACT_RUNS_OUT,  /* entered, or of an explanation: a timer of an object ends the call */
    FACT_LATER,     /* of an explanation: a timer of the kernel may end the call some time */
};

void wire_begin(struct buf *b, enum frame_type type, uint32_t request);
void wire_u8(struct buf *b, uint8_t v);
void wire_u32(struct buf *b, uint32_t v);
void wire_i64(struct buf *b, int64_t v);
void wire_bytes(struct buf *b, const void *data, size_t n);
void wire_text(struct buf *b, const char *s); /* NULL as "" */

struct wire_in {
    const uint8_t *p;
    size_t left;
    bool bad; /* something was read beyond the end */
    enum frame_type type;
    uint32_t request;
};
bool wire_open(struct wire_in *in, const void *frame, size_t n); /* false: no frame */
uint8_t wire_get_u8(struct wire_in *in);
uint32_t wire_get_u32(struct wire_in *in);
int64_t wire_get_i64(struct wire_in *in);
const void *wire_get_bytes(struct wire_in *in, size_t *n);
/* Text inside the frame, NUL-terminated; "" when bad. */
const char *wire_get_text(struct wire_in *in);

/* 0 or -1 and errno. Does not wait: a full socket is EAGAIN. fds are sent, not closed. */
int wire_send(int sock, const struct buf *frame, const int *fds, int nfds);
/* The same with the buffer given; waits when it must. */
int wire_send_wait(int sock, const struct buf *frame, const int *fds, int nfds);
/* One frame into data: its size; 0 at end of file; -1 and errno (EAGAIN without wait). Descriptors
 * go to fds (nfds of them, close-on-exec), more than expected are closed and the frame is bad
 * (EBADMSG). pid, when not NULL, gets the sender's pid as this process sees it, 0 if unknown. */
ssize_t wire_receive(int sock, void *data, size_t room, bool wait, int *fds, int *nfds, pid_t *pid);
/* A SEQPACKET pair, close-on-exec. */
int wire_pair(int pair[2]);
#endif
