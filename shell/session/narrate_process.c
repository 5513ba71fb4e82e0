/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Processes begin and end, and print. */
#include <sys/wait.h>

#include "base/limits.h"
#include "proc/facts.h"
#include "session/narrate_parts.h"

/* What a call that does not return has told on its way. */
static void
put_last_words(struct session *s, const struct actor *a)
{
    if (a->call != NULL && (a->call->flags & IPCLAB_ENDS) != 0)
        narrate_facts(s, &a->enter);
}

static const struct object *
object_of(const struct session *s, const struct fd_entry *fd)
{
    for (int i = s->world.nobjects - 1; i >= 0; i--)
        if (s->world.objects[i].key == fd->ino && s->world.objects[i].key2 == fd->dev)
            return &s->world.objects[i];
    return NULL;
}

/* What a child has from its parent, of the objects that were named before. */
static void
put_inherited(struct session *s, struct actor *a)
{
    struct event *e = &s->event;
    bool open = false;

    world_first_fds(a);
    for (int i = 0; i < a->nfds; i++) {
        const struct object *o = object_of(s, &a->fds[i]);
        char mode[] = {a->fds[i].access, '\0'};

        if (o == NULL)
            continue;
        if (!open)
            event_array(e, "fds");
        open = true;
        event_object(e, NULL);
        event_int(e, "fd", a->fds[i].fd);
        event_text(e, "mode", mode[0] == 'u' ? "rw" : mode);
        event_text(e, "obj", o->name);
        event_close(e);
    }
    if (open)
        event_close(e);
}

void
narrate_host(struct session *s, int network, const char *what)
{
    const struct network *n = &s->world.networks.list[network];
    struct event *e = &s->event;

    event_start(e, "host");
    event_text(e, "host", n->name);
    event_text(e, "what", what);
    if (strcmp(what, "made") == 0) {
        event_array(e, "addresses");
        event_text(e, NULL, n->ipv4);
        if (n->ipv6[0] != '\0')
            event_text(e, NULL, n->ipv6);
        event_close(e);
    }
    session_tell(s);
}

void
narrate_process(struct session *s, struct actor *a, const char *what)
{
    struct event *e = &s->event;
    char room[32];

    event_start(e, "process");
    event_text(e, "actor", a->name);
    event_text(e, "what", what);
    if (a->parent >= 0)
        event_text(e, "parent", s->world.actors[a->parent]->name);
    if (strcmp(what, "spawn") == 0 || strcmp(what, "fork") == 0) {
        event_int(e, "pid", a->pid);
        if (narrate_is_shared(s)) {
            event_object(e, "vol");
            event_int(e, "pid", a->pid);
            event_close(e);
        }
        narrate_named(s, "pid", "pid", 3);
        if (a->network >= 0)
            event_text(e, "host", s->world.networks.list[a->network].name);
    }
    if (strcmp(what, "fork") == 0)
        put_inherited(s, a);
    if (strcmp(what, "stopped") == 0 && a->signals.stopped_by != 0)
        event_text(e, "sig", narrate_signal(a->signals.stopped_by, room, sizeof room));
    if (strcmp(what, "exec") == 0) {
        event_text(e, "path", a->exe);
        put_last_words(s, a);
    }
    session_tell(s);
}

/* Why the kernel would not let it touch that address. */
static void
put_fault(struct session *s, const struct actor *a)
{
    const char *did = a->fault_access == 'w'   ? "it wrote to"
                      : a->fault_access == 'r' ? "it read from"
                                               : "it used";
    char text[128];

    if (a->fault_signal == SIGSEGV && a->fault_code == SEGV_MAPERR)
        snprintf(text, sizeof text, "%s an address where nothing is mapped", did);
    else if (a->fault_signal == SIGSEGV && a->fault_code == SEGV_ACCERR)
        snprintf(text, sizeof text, "%s memory that is mapped, but not for that", did);
    else if (a->fault_signal == SIGBUS && a->fault_code == BUS_ADRERR)
        snprintf(text, sizeof text, "%s a mapping behind the end of what it maps", did);
    else
        return;
    event_array(&s->event, "note");
    event_text(&s->event, NULL, text);
    event_close(&s->event);
}

/* SIGPIPE that nobody sent is the kernel's answer to its call. */
static void
put_broken_pipe(struct session *s)
{
    event_array(&s->event, "note");
    event_text(&s->event, NULL,
               "it wrote where nobody is left to read, and the kernel answers that with SIGPIPE; "
               "with SIGPIPE ignored the call would have failed with EPIPE");
    event_close(&s->event);
}

/* Is its end one that its call did not bring about? exit() brings it, but who is killed while it
 * still writes what was printed died in it. */
static bool
died_in_call(const struct actor *a, bool killed)
{
    if (a->call == NULL || a->replied || a->step == 0 || a->plan == NULL)
        return false;
    return (a->call->flags & IPCLAB_ENDS) == 0 || (killed && (a->call->flags & IPCLAB_EXECS) == 0);
}

void
narrate_death(struct session *s, struct actor *a)
{
    struct event *e = &s->event;
    bool killed = a->status_known && WIFSIGNALED(a->wait_status);
    char room[32];

    event_start(e, "process");
    event_text(e, "actor", a->name);
    event_text(e, "what", killed || a->violated ? "killed" : "exit");
    if (a->parent >= 0)
        event_text(e, "parent", s->world.actors[a->parent]->name);
    if (killed)
        event_text(e, "sig", narrate_signal(WTERMSIG(a->wait_status), room, sizeof room));
    else if (a->status_known && !a->violated)
        event_int(e, "status", WEXITSTATUS(a->wait_status));
    if (died_in_call(a, killed))
        event_text(e, "during", a->call_name);
    if (a->violated)
        event_text(e, "text", a->violation);
    if (!a->exec_told)
        put_last_words(s, a);
    if (killed && WTERMSIG(a->wait_status) == SIGPIPE && died_in_call(a, killed) &&
        !a->signals.end_sent)
        put_broken_pipe(s);
    if (killed && a->faulted) {
        put_fault(s, a);
        event_object(e, "vol");
        event_int(e, "addr", a->fault_address);
        event_close(e);
    }
    session_tell(s);
    a->end_told = true;
}

void
narrate_output(struct session *s, struct actor *a)
{
    for (int i = 0; i < 2; i++) {
        struct buf *out = &a->output[i];

        for (size_t at = 0; at < out->len;) {
            size_t n = out->len - at < DATA_SHOWN_MAX ? out->len - at : DATA_SHOWN_MAX;
            const char *newline = memrchr(out->data + at, '\n', n);

            if (newline != NULL)
                n = (size_t)(newline - (out->data + at)) + 1;
            else /* never in the middle of a character */
                for (size_t back = 1; n == DATA_SHOWN_MAX && back <= 3; back++)
                    if (((unsigned char)out->data[at + n - back] & 0xc0) == 0xc0) {
                        n -= back;
                        break;
                    }
            event_start(&s->event, "output");
            event_text(&s->event, "actor", a->name);
            event_int(&s->event, "fd", i + 1);
            event_data(&s->event, "text", out->data + at, n, n);
            session_tell(s);
            at += n;
        }
        buf_clear(out);
        if (a->dropped[i] > 0)
            session_note(s, "%s printed %lld bytes more than are kept of one step (%d)", a->name,
                         (long long)a->dropped[i], OUTPUT_MAX);
        a->dropped[i] = 0;
    }
}

pid_t
process_waited_for(const struct actor *a)
{
    struct wire_in in;
    struct fact_item f;

    if (a->call == NULL || a->ret < 0 || (a->call->flags & IPCLAB_WAITS) == 0)
        return 0;
    if (a->call->result == IPCLAB_PROCESS)
        return (pid_t)a->ret;
    facts_open(&in, &a->reply);
    while (facts_next(&in, &f))
        if (f.kind == FACT_TEXT && f.text[0] == LOOK_PID_MARK)
            return (pid_t)strtol(f.text + 1, NULL, 10);
    return 0;
}
