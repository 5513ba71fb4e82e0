/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One step of an actor: arguments are evaluated over its memory, the handler makes the system
 * call, and what it told is answered. */
#include <errno.h>

#include "base/limits.h"
#include "lang/plan.h"
#include "proc/actor.h"
#include "proc/loader.h"

/* errno of the student's calls lives where the variable `errno` is. */
static int *
student_errno(void)
{
    return (int *)ARENA_ERRNO;
}

static void
send_exit(uint32_t request, int64_t ret, int error, const struct buf *facts)
{
    static struct buf b, bell;

    wire_begin(&b, FRAME_EXIT, request);
    wire_i64(&b, ret);
    wire_u32(&b, (uint32_t)error);
    buf_put(&b, buf_text(facts), facts->len);
    wire_u8(&b, FACT_END);
    if (b.len > BOARD_ANSWER_MAX) /* more facts than any call has: the result alone */
        b.len = 8 + 8 + 4, wire_u8(&b, FACT_END);
    if (board_put_answer(self_process.board, request, &b)) {
        wire_begin(&bell, FRAME_BELL, request);
        wire_send_wait(self_process.control, &bell, NULL, 0);
    }
}

static void
put_states(struct ipclab_frame *f)
{
    for (int i = 0; i < f->nobjects; i++) {
        const struct named_object *o = &f->objects[i];
        uint64_t key, key2;

        if (o->fd >= 0 && (f->call->flags & IPCLAB_FDS) != 0 &&
            (object_of_fd(f->rt->plugins, o->fd, &key, &key2) != o->kind || key != o->key ||
             key2 != o->key2))
            continue; /* the descriptor was closed or is another by now */
        frame_put_object(&f->facts, o);
        look_state(&f->facts, o->kind, o->fd, o->key, o->key2);
    }
}

static void
run_call(struct ipclab_frame *f, const struct eval_step *step)
{
    char why[256];
    int64_t ret;
    int error;

    if (!frame_in_bounds(f, why, sizeof why)) {
        actor_host.note(f, "%s", why);
        send_exit(f->request, -1, UINT16_MAX, &f->facts);
        return;
    }
    frame_enter(f);
    f->running = true;
    self_process.running = f->request;
    errno = 0;
    if (strcmp(f->call->name, "perror") == 0 || (f->call->flags & IPCLAB_ENDS) != 0)
        errno = *student_errno();
    ret = f->call->run(&actor_host, f, &f->args);
    error = errno;
    self_process.running = 0;
    if ((f->call->flags & IPCLAB_ERROR_NUMBER) != 0)
        error = ret > 0 && ret < UINT16_MAX ? (int)ret : 0;
    else if (ret == f->call->failure && error != 0)
        *student_errno() = error;
    else
        error = 0;
    if (step->target.n > 0)
        eval_store((uint64_t)eval_run(step->target), step->target_width, ret);
    if (error != 0)
        frame_note_limit(f, error);
    put_states(f);
    send_exit(f->request, ret, error, &f->facts);
}

static void
put_value(struct buf *facts, const struct eval_step *step, int64_t value)
{
    if (step->value_shape == SHAPE_TEXT) {
        /* Read as C reads a string: an address that is not mapped is a real fault. */
        const volatile char *s = (const volatile char *)(uintptr_t)value;
        char text[DATA_SHOWN_MAX];
        uint32_t n = 0, limit = step->value_count ? step->value_count : 65536;

        while (n < limit && s[n] != '\0') {
            if (n < DATA_SHOWN_MAX)
                text[n] = s[n];
            n++;
        }
        wire_u8(facts, FACT_VALUE_TEXT);
        wire_u32(facts, n);
        wire_bytes(facts, text, n < DATA_SHOWN_MAX ? n : DATA_SHOWN_MAX);
    } else if (step->value_shape == SHAPE_INTS || step->value_shape == SHAPE_LONGS) {
        uint32_t n = step->value_count < 64 ? step->value_count : 64;

        wire_u8(facts, FACT_VALUE_INTS);
        wire_u32(facts, n);
        for (uint32_t i = 0; i < n; i++)
            wire_i64(facts, step->value_shape == SHAPE_INTS
                                ? ((const volatile int *)(uintptr_t)value)[i]
                                : ((const volatile long *)(uintptr_t)value)[i]);
    }
}

static void
run_value(struct ipclab_frame *f, const struct eval_step *step)
{
    int64_t value = eval_run(step->args[0]);

    if (step->kind == STEP_SET)
        eval_store((uint64_t)eval_run(step->target), step->target_width, value);
    else if (step->kind == STEP_PRINT)
        put_value(&f->facts, step, value);
    if (eval_left_arena())
        wire_u8(&f->facts, FACT_SHARED);
    send_exit(f->request, value, 0, &f->facts);
}

static const struct ipclab_call *
find_call(const struct runtime *rt, const struct eval_step *step)
{
    const struct ipclab_call *calls;
    int n = 0;

    if (step->plugin < 0 || step->plugin >= rt->plugins->n)
        return NULL;
    calls = rt->plugins->sources[step->plugin].plugin->calls;
    while (calls[n].name != NULL)
        n++;
    return step->call >= 0 && step->call < n ? &calls[step->call] : NULL;
}

void
actor_step(struct self *a, const struct eval_step *step, uint32_t request, int *fds, int nfds)
{
    static struct ipclab_frame f;

    buf_clear(&f.facts);
    f.rt = a->rt;
    f.request = request;
    f.nobjects = 0;
    f.running = false;
    for (int i = 0; i < 4; i++)
        f.child_fds[i] = i < nfds ? fds[i] : -1;
    eval_left_arena();
    if (step->kind == STEP_CALL) {
        f.call = find_call(a->rt, step);
        if (f.call == NULL) {
            actor_host.note(&f,
                            "this actor was made before that plugin was loaded; spawn a new one");
            send_exit(request, -1, UINT16_MAX, &f.facts);
            return;
        }
        f.args.n = step->nargs;
        for (int i = 0; i < step->nargs; i++)
            f.args.v[i].i = eval_run(step->args[i]);
        if (step->new_actor[0] != '\0')
            for (int i = 0; i < step->nargs; i++)
                if (frame_arg_spec(f.call, i) != NULL &&
                    frame_arg_spec(f.call, i)->type == IPCLAB_NEWNAME)
                    f.args.v[i].s = step->new_actor;
        run_call(&f, step);
        for (int i = 0; i < 4; i++)
            if (f.child_fds[i] >= 0)
                close(f.child_fds[i]);
    } else {
        run_value(&f, step);
    }
}

void
actor_tell_state(struct self *a, struct wire_in *in)
{
    static struct buf facts;
    struct named_object o;

    o.kind = kind_by_name(a->rt->plugins, wire_get_text(in));
    o.key = (uint64_t)wire_get_i64(in);
    o.key2 = (uint64_t)wire_get_i64(in);
    o.fd = (int)wire_get_u32(in);
    buf_clear(&facts);
    if (!in->bad && o.kind != NULL) {
        uint64_t key, key2;

        if (o.fd < 0 || (object_of_fd(a->rt->plugins, o.fd, &key, &key2) == o.kind &&
                         key == o.key && key2 == o.key2)) {
            frame_put_object(&facts, &o);
            look_state(&facts, o.kind, o.fd, o.key, o.key2);
        }
    }
    send_exit(in->request, 0, 0, &facts);
}
