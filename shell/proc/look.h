/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Looks at kernel objects: the host side of ipclab_look_host. In an actor a look tells the state
 * after a call; in the observer it also explains a wait and can copy descriptors of others. */
#ifndef PROC_LOOK_H
#define PROC_LOOK_H
#include "../plugins/plugin.h"
#include "proc/network.h"
#include "proc/wire.h"

enum { LOOK_DEPTH = 5 }; /* as epoll_ctl(2) allows */

struct loader;

struct ipclab_look {
    struct buf *facts;
    const struct loader *plugins;
    const struct ipclab_wait *wait; /* NULL: only a state */
    int pidfd;                      /* of the waiting process; -1: no copies from here */
    int ncopies;        /* of descriptors of others (look_fd.c), closed when the look is over */
    int ntold;          /* processes that were told to be able to end the wait (look.c) */
    int nnext;          /* lines that were proposed */
    int depth;          /* of what watches what, while a timer is looked for */
    uint64_t key, key2; /* of the object that the call waits on */
    bool beside;        /* what is told now is of another one, which is watched too */
    bool detail;        /* fields are told as further facts, not as the state */
    const struct ipclab_kind *kind; /* of a list */
    uint32_t skip;                  /* objects of a list that were told before */
    bool full;                      /* more than fits into one answer */
    const struct network_table *networks;
    int init;   /* pidfd of the world's first process, through which networks are entered; -1 */
    bool moved; /* this process is in another network than the world's own */
};

extern const struct ipclab_look_host look_host;
/* An object with its state and detail; kind NULL: of no kind. */
void look_object(struct ipclab_look *look, const struct ipclab_kind *kind, int fd, uint64_t key,
                 uint64_t key2);
/* look_fd.c */
void look_close_copies(struct ipclab_look *look);
int look_descriptor(struct ipclab_look *look, int fd);
int look_descriptor_of(struct ipclab_look *look, int process, int fd);
ssize_t look_fdinfo(struct ipclab_look *look, int process, int fd, char *text, size_t room);
int look_sharers(struct ipclab_look *look, int fd, struct ipclab_holder *list, int room);
int look_runs_out(struct ipclab_look *look, int process, int fd);
enum ipclab_chance look_watched(struct ipclab_look *look, int fd, unsigned events, char *text,
                                size_t room);
int look_others(struct ipclab_look *look, int fd, char mode, const char *does, char *text,
                size_t room);
bool look_has_file(struct ipclab_look *look, uint64_t inode);
void look_close(struct ipclab_look *look); /* closes the copies */
#endif
