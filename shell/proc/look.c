/* SPDX-License-Identifier: GPL-3.0-or-later
 * See look.h. */
#include "proc/look.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <sys/syscall.h>

#include "base/mem.h"
#include "proc/actor.h"
#include "proc/facts.h"
#include "proc/memory.h"

enum {
    LIST_MAX = WIRE_MAX / 2, /* bytes of an answer after which a list goes on in another */
    NEXT_MAX = 64,           /* lines that one look proposes: who watches much could be helped by
                                very many */
};

static void
named(struct ipclab_look *look, enum fact fact, const char *name)
{
    wire_u8(look->facts, (uint8_t)fact);
    wire_text(look->facts, name);
}

static void
look_number(struct ipclab_look *look, const char *name, int64_t value)
{
    named(look, look->detail ? FACT_INT : FACT_STATE_INT, name);
    wire_i64(look->facts, value);
}

static void
look_volatile(struct ipclab_look *look, const char *name, int64_t value)
{
    named(look, look->detail ? FACT_VOLATILE : FACT_STATE_VOLATILE, name);
    wire_i64(look->facts, value);
}

static void
look_text(struct ipclab_look *look, const char *name, const char *value)
{
    named(look, look->detail ? FACT_TEXT : FACT_STATE_TEXT, name);
    wire_text(look->facts, value);
}

static void
look_bytes(struct ipclab_look *look, const char *name, const void *data, size_t n)
{
    named(look, FACT_STATE_BYTES, name);
    wire_u32(look->facts, (uint32_t)n);
    wire_bytes(look->facts, data, n < 1024 ? n : 1024);
}

/* An actor does not know the others' names, and nobody those of the dead: they leave a mark with
 * the pid, which the shell replaces (narrate.c). */
static const char *
look_process_name(struct ipclab_look *look, pid_t pid)
{
    static char text[32];

    if (look->wait != NULL) {
        for (int i = 0; i < look->wait->nprocesses; i++)
            if (look->wait->processes[i].pid == pid)
                return look->wait->processes[i].name;
        snprintf(text, sizeof text, "%c%d", LOOK_HOST_MARK, pid);
        return text;
    }
    snprintf(text, sizeof text, "%c%d", LOOK_PID_MARK, pid);
    return text;
}

static void __attribute__((format(printf, 3, 0)))
sentence(struct ipclab_look *look, enum fact fact, const char *fmt, va_list ap)
{
    char text[1024];

    vsnprintf(text, sizeof text, fmt, ap);
    wire_u8(look->facts, (uint8_t)fact);
    wire_text(look->facts, text);
}

static void
look_why(struct ipclab_look *look, const char *word)
{
    wire_u8(look->facts, FACT_WHY);
    wire_text(look->facts, word);
}

static void __attribute__((format(printf, 2, 3)))
look_waits(struct ipclab_look *look, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    sentence(look, FACT_WAITS, fmt, ap);
    va_end(ap);
}

static void __attribute__((format(printf, 2, 3)))
look_say(struct ipclab_look *look, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    sentence(look, FACT_SAY, fmt, ap);
    va_end(ap);
}

static void __attribute__((format(printf, 2, 3)))
look_next(struct ipclab_look *look, const char *fmt, ...)
{
    va_list ap;

    if (look->nnext++ >= NEXT_MAX)
        return;
    va_start(ap, fmt);
    sentence(look, FACT_NEXT, fmt, ap);
    va_end(ap);
}

static void
look_never(struct ipclab_look *look)
{
    wire_u8(look->facts, FACT_NEVER);
}

static void __attribute__((format(printf, 2, 3)))
look_rule(struct ipclab_look *look, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    sentence(look, FACT_RULE, fmt, ap);
    va_end(ap);
}

static void __attribute__((format(printf, 2, 3)))
look_before(struct ipclab_look *look, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    sentence(look, FACT_BEFORE, fmt, ap);
    va_end(ap);
}

/* Each process once, whatever it could do. */
static void
look_could_end(struct ipclab_look *look, int process)
{
    static int *told, cap;

    if (look->wait == NULL || process < 0 || process >= look->wait->nprocesses)
        return;
    for (int i = 0; i < look->ntold; i++)
        if (told[i] == process)
            return;
    if (look->ntold == cap) {
        cap = cap ? cap * 2 : 16;
        told = mem_grow(told, (size_t)cap * sizeof *told);
    }
    told[look->ntold++] = process;
    wire_u8(look->facts, FACT_COULD_END);
    wire_i64(look->facts, look->wait->processes[process].pid);
}

static void
look_found(struct ipclab_look *look, uint64_t key, uint64_t key2)
{
    if (look->kind == NULL)
        return;
    if (look->skip > 0)
        look->skip--;
    else if (look->full || look->facts->len > LIST_MAX)
        look->full = true;
    else
        look_object(look, look->kind, -1, key, key2);
}

static int
look_memory(struct ipclab_look *look, uint64_t key, uint64_t key2, void *to, size_t n)
{
    enum memory is = MEMORY_NONE;

    if (look->wait == NULL)
        return memory_read(0, getpid(), key, key2, to, n);
    if (look->wait->nprocesses > 0 && look->pidfd >= 0) {
        const struct ipclab_process *p = &look->wait->processes[look->wait->self];

        is = memory_read(p->pid, p->world_pid, key, key2, to, n);
    }
    for (int i = 0; i < look->wait->nprocesses && is < 0; i++) {
        const struct ipclab_process *p = &look->wait->processes[i];

        if (!p->zombie)
            is = memory_read(p->pid, p->world_pid, key, key2, to, n);
    }
    return is < 0 ? -1 : (int)is;
}

static void *
look_address(struct ipclab_look *look, uint64_t key, uint64_t key2)
{
    uint64_t address;

    if (look->wait != NULL || memory_find(0, getpid(), key, key2, &address) < 0)
        return NULL;
    return (void *)(uintptr_t)address;
}

static const char *
look_pid_name(struct ipclab_look *look, pid_t world_pid)
{
    static char text[32];

    for (int i = 0; look->wait != NULL && i < look->wait->nprocesses; i++)
        if (look->wait->processes[i].world_pid == world_pid)
            return look->wait->processes[i].name;
    snprintf(text, sizeof text, "%c%d", LOOK_PID_MARK, world_pid);
    return text;
}

static void
look_waits_on(struct ipclab_look *look, int object)
{
    wire_u8(look->facts, FACT_WAITS_ON);
    wire_i64(look->facts, object);
}

static int
look_shares(struct ipclab_look *look, int process, uint64_t key, uint64_t key2)
{
    const struct ipclab_process *p;
    uint64_t address;

    if (look->wait == NULL || process < 0 || process >= look->wait->nprocesses)
        return 0;
    p = &look->wait->processes[process];
    return memory_find(p->pid, p->world_pid, key, key2, &address) >= 0;
}

static int
look_left_alone(struct ipclab_look *look, uint64_t key, uint64_t key2)
{
    const struct ipclab_process *p;
    uint64_t inode;

    if (look->wait == NULL)
        return 0;
    p = &look->wait->processes[look->wait->self];
    if (!memory_is_nameless(p->pid, p->world_pid, key, key2, &inode) || look_has_file(look, inode))
        return 0;
    for (int i = 0; i < look->wait->nprocesses; i++)
        if (i != look->wait->self && !look->wait->processes[i].zombie &&
            look_shares(look, i, key, key2))
            return 0;
    return 1;
}

static void
look_holder(struct ipclab_look *look, const char *who, int64_t since)
{
    wire_u8(look->facts, FACT_HOLDER);
    wire_text(look->facts, who);
    wire_i64(look->facts, since);
}

static void
look_other_end(struct ipclab_look *look, uint64_t key, uint64_t key2)
{
    if (look->beside)
        return;
    wire_u8(look->facts, FACT_OTHER_END);
    wire_i64(look->facts, (int64_t)key);
    wire_i64(look->facts, (int64_t)key2);
}

static void
look_ends_by_itself(struct ipclab_look *look)
{
    wire_u8(look->facts, FACT_RUNS_OUT);
}

static void
look_later(struct ipclab_look *look)
{
    wire_u8(look->facts, FACT_LATER);
}

static int
look_enter_network(struct ipclab_look *look, int network)
{
    int fd, result;

    if (look->wait == NULL || network >= (int)look->networks->n) {
        errno = EINVAL;
        return -1;
    }
    if (network < 0 && !look->moved)
        return 0;
    fd = network < 0
             ? look->init
             : (int)syscall(SYS_pidfd_getfd, look->init, look->networks->list[network].fd, 0);
    if (fd < 0)
        return -1;
    result = setns(fd, CLONE_NEWNET);
    if (result == 0)
        look->moved = network >= 0;
    if (network >= 0)
        close(fd);
    return result;
}

static const char *
look_socket_network(struct ipclab_look *look, int fd)
{
    int network = network_of_socket(look->networks, fd);

    return network >= 0 ? look->networks->list[network].name : "";
}

const struct ipclab_look_host look_host = {
    .size = sizeof look_host,
    .descriptor = look_descriptor,
    .number = look_number,
    .text = look_text,
    .bytes = look_bytes,
    .volatile_number = look_volatile,
    .process_name = look_process_name,
    .why = look_why,
    .waits = look_waits,
    .say = look_say,
    .next = look_next,
    .never = look_never,
    .rule = look_rule,
    .before = look_before,
    .could_end = look_could_end,
    .found = look_found,
    .descriptor_of = look_descriptor_of,
    .memory = look_memory,
    .address = look_address,
    .pid_name = look_pid_name,
    .waits_on = look_waits_on,
    .shares = look_shares,
    .holder = look_holder,
    .other_end = look_other_end,
    .fdinfo = look_fdinfo,
    .sharers = look_sharers,
    .ends_by_itself = look_ends_by_itself,
    .runs_out = look_runs_out,
    .later = look_later,
    .enter_network = look_enter_network,
    .socket_network = look_socket_network,
    .watched = look_watched,
    .others = look_others,
    .left_alone = look_left_alone,
};

void
look_close(struct ipclab_look *look)
{
    look_close_copies(look);
    if (look->moved && look_enter_network(look, -1) < 0)
        _exit(1); /* answers to come would be of the wrong network */
}

void
look_object(struct ipclab_look *look, const struct ipclab_kind *kind, int fd, uint64_t key,
            uint64_t key2)
{
    wire_u8(look->facts, FACT_OBJECT);
    wire_text(look->facts, kind != NULL ? kind->name : "");
    wire_i64(look->facts, (int64_t)key);
    wire_i64(look->facts, (int64_t)key2);
    if (kind == NULL)
        return;
    if (kind->state != NULL)
        kind->state(&look_host, look, fd, key, key2);
    look->detail = true;
    if (kind->detail != NULL)
        kind->detail(&look_host, look, fd, key, key2);
    look->detail = false;
}

void
look_state(struct buf *facts, const struct ipclab_kind *kind, int fd, uint64_t key, uint64_t key2)
{
    struct ipclab_look look = {
        .facts = facts, .pidfd = -1, .init = -1, .networks = &self_process.board->networks};

    if (kind->state != NULL)
        kind->state(&look_host, &look, fd, key, key2);
}
