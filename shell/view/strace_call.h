/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call as strace(1) would have written it: what the library makes of it on its way into the
 * kernel (open is openat there), what is known when it is entered, and what only its end tells. */
#ifndef VIEW_STRACE_CALL_H
#define VIEW_STRACE_CALL_H
#include "view/view.h"

/* How a call reads in the kernel. $0 to $9: that argument; $*: all; $1+: those from that one on;
 * $s1: the status that was stored there; $a2: flags of an open file; $P: descriptors to watch;
 * ${size}: a fact that the end tells.
 */
struct strace_form {
    const char *call;
    const char *word; /* only with this word in its second argument; NULL: always */
    const char *name; /* in the kernel */
    const char *args;
};

struct strace_call {
    int64_t step;
    int64_t entered, left;          /* seq of those events; left -1: it is still in */
    bool unfinished;                /* its first half was shown */
    bool is_call;                   /* false: a step that strace does not see, such as print */
    const struct strace_form *form; /* NULL: as the record says */
    const struct ipclab_call *record;
    char *actor;
    char *name;      /* as it was typed */
    struct buf args; /* NAME NUL TEXT NUL ...: the arguments as they were when it was entered */
    size_t half;     /* bytes of its text that stood before the call came back */
};

/* pid_of gives an actor's pid, -1 when the trace does not say. */
struct strace_names {
    int64_t (*pid_of)(void *ctx, const char *actor);
    void *ctx;
    bool stable;
};

/* Of an enter event; release with strace_call_release. */
void strace_call_enter(struct strace_call *c, const struct event *e, const struct catalog *catalog,
                       const struct strace_names *names);
void strace_call_release(struct strace_call *c);
/* Its name as strace writes it. */
const char *strace_call_name(const struct strace_call *c);
/* "read(3, " before it came back (e NULL), all of "read(3, "Hello\n", 32)" with its exit. */
void strace_call_text(struct buf *out, struct strace_call *c, const struct event *e,
                      const struct strace_names *names);
/* "12", "-1 ENOENT (No such file or directory)", "0 (Timeout)", of an exit. */
void strace_call_result(struct buf *out, const struct strace_call *c, const struct event *e,
                        const struct strace_names *names);
void strace_words(struct buf *out, const char *s); /* from outside, escaped */
void strace_list(struct buf *out, const struct event *e, const struct item *array);
/* A text in double quotes by the rules of strace: octal, and what was cut ends with ... */
void strace_quote(struct buf *out, const struct event *e, const struct item *i);
#endif
