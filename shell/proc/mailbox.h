/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is in a queue of messages, known from what its calls told (ipclab_host.message). The kernel
 * shows the number of messages, and of most queues nothing else without taking one out. */
#ifndef PROC_MAILBOX_H
#define PROC_MAILBOX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../plugins/plugin.h"

enum {
    MAILBOX_SHOWN = 32,    /* first bytes of a message that are kept */
    MAILBOX_MAX = 1 << 16, /* messages that are kept track of; more are counted only */
};

struct message {
    int64_t number; /* its type or priority */
    size_t total;   /* its bytes, of which n are here */
    uint8_t n;
    char data[MAILBOX_SHOWN];
};

struct mailbox {
    char word[16]; /* what its numbers are; "": nothing was ever told of messages */
    struct message *list;
    size_t n, cap;
    bool lost; /* somebody whose calls are not told used it, too: what is in it is not known */
};

void mailbox_pass(struct mailbox *m, enum ipclab_passing how, const char *word, int64_t number,
                  const void *data, size_t n, size_t total);
/* There are so many messages in it, says the kernel. */
void mailbox_check(struct mailbox *m, int64_t count);
/* Is it known what is in it? */
bool mailbox_known(const struct mailbox *m);
int64_t mailbox_bytes(const struct mailbox *m);
void mailbox_release(struct mailbox *m);
#endif
