/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * interrupt: ends the call in which an actor waits, as a signal would. */
#include <errno.h>
#include <sys/syscall.h>

#include "builtin/builtins.h"
#include "session/run.h"

static int
interrupt_await(struct session *s, struct actor *a)
{
    a->awaiting = false;
    a->replied = true;
    a->state = ACTOR_IDLE;
    a->ret = -1;
    a->error = EINTR;
    narrate_exit(s, a, 0);
    a->replied = false;
    plan_release(a->plan);
    free(a->plan);
    a->plan = NULL;
    return 0;
}

static int
on_interrupt(struct session *s, const char *rest, struct err *err)
{
    struct actor *a = rest[0] != '\0' ? session_actor(s, rest, err) : NULL;
    int64_t step;
    int result;

    if (rest[0] == '\0')
        return err_set(err, STATUS_USAGE, "interrupt takes the name of an actor that waits");
    if (a == NULL)
        return -1;
    s->stuck = false;
    if (a->awaiting)
        return interrupt_await(s, a);
    if (a->state != ACTOR_BUSY && a->state != ACTOR_FOREIGN)
        return err_set(err, STATUS_USAGE, "%s does not wait in any call", a->name);
    if (syscall(SYS_pidfd_send_signal, a->pidfd, IPCLAB_RESERVED_SIGNAL, NULL, 0) < 0)
        return err_set(err, STATUS_MACHINE, "interrupting %s: %s", a->name, strerror(errno));
    step = a->step;
    a->waits = false;
    s->world.touch.all = true;
    result = run_aftermath(s, a, 0, err);
    if (result == 0 && a->state == ACTOR_BUSY && a->step == step)
        session_note(s, "%s still waits: POSIX never ends %s with EINTR", a->name, a->call_name);
    return result;
}

static const char *const examples[] = {"spawn a\na pipe(fd)\na read(fd[0], buf, 8)\ninterrupt a",
                                       NULL};

const struct builtin builtin_interrupt = {
    .name = "interrupt",
    .usage = "ACTOR",
    .summary = "end the call in which an actor waits, with EINTR",
    .help = "Sends a reserved signal whose handler does nothing. Most calls return -1 EINTR then; "
            "those "
            "that POSIX never ends so (a mutex) say it.",
    .flags = BUILTIN_RECORDED,
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_interrupt,
};
