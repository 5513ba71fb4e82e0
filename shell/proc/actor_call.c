/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One step of an actor: arguments are evaluated over its memory, the handler makes the system
 * call, and what it told is sent back. The ENTER frame goes out before the call, for a call that
 * waits, dies or becomes another program never answers. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "lang/plan.h"
#include "proc/actor.h"
#include "proc/ledger.h"
#include "proc/loader.h"
#include "trace/event.h"

enum { SHOWN = EVENT_DATA_MAX }; /* bytes of an argument or result that the trace shows */

/* errno of the student's calls lives where the variable `errno` is. */
static int *
student_errno(void)
{
    return (int *)ARENA_ERRNO;
}

/* ---- What a handler may ask ---------------------------------------------------------------- */

static void
put_object(struct buf *b, const struct named_object *o)
{
    wire_u8(b, FACT_OBJECT);
    wire_text(b, o->kind->name);
    wire_i64(b, (int64_t)o->key);
    wire_i64(b, (int64_t)o->key2);
    if (o->fd >= 0) {
        wire_u8(b, FACT_FD);
        wire_u32(b, (uint32_t)o->fd);
    }
}

/* Told at once, for the call may be about to wait on it. */
static void
tell_object_now(struct ipclab_frame *f, const struct named_object *o)
{
    struct buf b = {0};

    wire_begin(&b, FRAME_ENTER, f->request);
    put_object(&b, o);
    wire_send_wait(f->control, &b, NULL, 0);
    buf_release(&b);
}

static void
add_object(struct ipclab_frame *f, const struct named_object *o)
{
    if (f->nobjects == FRAME_MAX_OBJECTS)
        return;
    f->objects[f->nobjects++] = *o;
    put_object(&f->facts, o);
}

/* The object behind a descriptor; what ipclab itself put there to capture output is none. */
static const struct ipclab_kind *
object_behind(const struct ipclab_frame *f, int fd, uint64_t *key, uint64_t *key2)
{
    const struct ipclab_kind *kind = object_of_fd(f->rt->plugins, fd, key, key2);

    if (kind != NULL && (*key == self_process.out || *key == self_process.err) &&
        *key2 == self_process.pipe_dev)
        return NULL;
    return kind;
}

static void
host_object(struct ipclab_frame *f, const char *kind, uint64_t key, uint64_t key2)
{
    struct named_object o = {.key = key, .key2 = key2, .fd = -1};

    if (kind == NULL) {
        o.fd = (int)key;
        o.kind = object_behind(f, o.fd, &o.key, &o.key2);
    } else {
        o.kind = kind_by_name(f->rt->plugins, kind);
    }
    if (o.kind == NULL)
        return;
    add_object(f, &o);
    if (f->running && (f->call->flags & IPCLAB_WAITS) != 0)
        tell_object_now(f, &o);
}

static void
host_created(struct ipclab_frame *f)
{
    wire_u8(&f->facts, FACT_CREATED);
}

static void
host_flow(struct ipclab_frame *f, int64_t amount)
{
    wire_u8(&f->facts, FACT_FLOW);
    wire_i64(&f->facts, amount);
}

static void
host_stored(struct ipclab_frame *f, int arg, const void *data, size_t n)
{
    wire_u8(&f->facts, FACT_OUT_BYTES);
    wire_u8(&f->facts, (uint8_t)arg);
    wire_u32(&f->facts, (uint32_t)n);
    wire_bytes(&f->facts, data, n < SHOWN ? n : SHOWN);
}

static void
host_stored_number(struct ipclab_frame *f, int arg, int64_t value)
{
    wire_u8(&f->facts, FACT_OUT_INT);
    wire_u8(&f->facts, (uint8_t)arg);
    wire_i64(&f->facts, value);
}

static void
host_fact(struct ipclab_frame *f, const char *name, int64_t value)
{
    wire_u8(&f->facts, FACT_INT);
    wire_text(&f->facts, name);
    wire_i64(&f->facts, value);
}

static void
host_fact_text(struct ipclab_frame *f, const char *name, const char *value)
{
    wire_u8(&f->facts, FACT_TEXT);
    wire_text(&f->facts, name);
    wire_text(&f->facts, value);
}

static void
host_volatile_fact(struct ipclab_frame *f, const char *name, int64_t value)
{
    wire_u8(&f->facts, FACT_VOLATILE);
    wire_text(&f->facts, name);
    wire_i64(&f->facts, value);
}

static void __attribute__((format(printf, 2, 3)))
host_note(struct ipclab_frame *f, const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    wire_u8(&f->facts, FACT_NOTE);
    wire_text(&f->facts, text);
}

static pid_t
host_fork(struct ipclab_frame *f)
{
    pid_t pid;

    if (f->child_fds[2] < 0) { /* the descriptors of the child found no room here */
        errno = EMFILE;
        return -1;
    }
    pid = fork();
    if (pid == 0) {
        actor_become_child(&self_process, f->child_fds);
        f->control = self_process.control;
        f->child_fds[0] = f->child_fds[1] = f->child_fds[2] = -1;
    }
    return pid;
}

static int
host_intend(struct ipclab_frame *f, const char *kind, uint64_t key, const char *text)
{
    return f->rt->ledger < 0 ? 0 : ledger_intend(f->rt->ledger, kind, key, text);
}

static int
host_sealed(struct ipclab_frame *f)
{
    return f->rt->kind != WORLD_SHARED;
}

static void __attribute__((noreturn))
host_exit(struct ipclab_frame *f, int status)
{
    (void)f;
    _exit(status);
}

static void
host_before_exec(struct ipclab_frame *f)
{
    (void)f; /* the control descriptor is close-on-exec, 1 and 2 are not: nothing else to do */
}

const struct ipclab_host actor_host = {
    .size = sizeof actor_host,
    .object = host_object,
    .created = host_created,
    .flow = host_flow,
    .stored = host_stored,
    .stored_number = host_stored_number,
    .fact = host_fact,
    .fact_text = host_fact_text,
    .volatile_fact = host_volatile_fact,
    .note = host_note,
    .fork = host_fork,
    .intend = host_intend,
    .sealed = host_sealed,
    .exit = host_exit,
    .before_exec = host_before_exec,
};

/* ---- Entering ------------------------------------------------------------------------------ */

/* Bytes at an address of this process that may not be mapped: the call itself shall find out. */
static size_t
peek(const void *address, void *to, size_t n)
{
    struct iovec local = {to, n}, remote = {(void *)(uintptr_t)address, n};
    uintptr_t at = (uintptr_t)address;
    ssize_t got;

    if (at >= ARENA_BASE && at < LITERAL_BASE + LITERAL_SIZE) { /* always mapped */
        if (n > LITERAL_BASE + LITERAL_SIZE - at)
            n = LITERAL_BASE + LITERAL_SIZE - at;
        memcpy(to, address, n);
        return n;
    }
    got = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);

    return got < 0 ? 0 : (size_t)got;
}

/* A string may end just before an unmapped page: read to the page's end, then on. */
static size_t
peek_text(const char *address, char *to, size_t room)
{
    size_t n = 0;

    while (n < room) {
        size_t page = 4096 - ((uintptr_t)(address + n) & 4095);
        size_t want = page < room - n ? page : room - n, got = peek(address + n, to + n, want);
        char *end = memchr(to + n, '\0', got);

        if (end != NULL)
            return (size_t)(end - to);
        n += got;
        if (got < want)
            break;
    }
    return n;
}

static void
put_arg_bytes(struct buf *b, int i, const struct ipclab_arg *spec, const struct ipclab_args *args)
{
    char text[SHOWN + 1];
    const void *address = args->v[i].p;
    size_t n, total;

    if (address == NULL)
        return;
    if (spec->type == IPCLAB_BYTES && spec->size_arg >= 0 && spec->size_arg < args->n) {
        if (args->v[spec->size_arg].i < 0)
            return;
        total = (size_t)args->v[spec->size_arg].i;
        n = peek(address, text, total < SHOWN ? total : SHOWN);
        if (n < total && n < SHOWN)
            total = n;
    } else {
        n = peek_text(address, text, sizeof text);
        total = n;
        n = n < SHOWN ? n : SHOWN;
    }
    if (total == 0 && n == 0 && peek(address, text, 1) == 0)
        return; /* not mapped: there is nothing to show */
    wire_u8(b, FACT_ARG_BYTES);
    wire_u8(b, (uint8_t)i);
    wire_u32(b, (uint32_t)total);
    wire_bytes(b, text, n);
}

static const struct ipclab_arg *
arg_spec(const struct ipclab_call *call, int i)
{
    const struct ipclab_arg *a = call->args;
    const struct ipclab_arg *rest = NULL;
    int n = 0, first_rest = 0;

    for (; a->type != IPCLAB_END; a++, n++) {
        if (n == i && (a->flags & IPCLAB_REST) == 0)
            return a;
        if ((a->flags & IPCLAB_REST) != 0 && rest == NULL) {
            rest = a;
            first_rest = n;
        }
    }
    /* Repeated arguments at the end repeat as a group. */
    return rest != NULL && n > first_rest ? rest + (i - first_rest) % (n - first_rest) : NULL;
}

static void
send_enter(struct ipclab_frame *f)
{
    static struct buf b;

    wire_begin(&b, FRAME_ENTER, f->request);
    for (int i = 0; i < f->args.n; i++) {
        const struct ipclab_arg *spec = arg_spec(f->call, i);

        wire_u8(&b, FACT_ARG);
        wire_u8(&b, (uint8_t)i);
        wire_i64(&b, f->args.v[i].i);
        if (spec == NULL)
            continue;
        if (spec->type == IPCLAB_BYTES || spec->type == IPCLAB_STRING || spec->type == IPCLAB_PATH ||
            (spec->type == IPCLAB_ANY && (uint64_t)f->args.v[i].i >= LITERAL_BASE))
            put_arg_bytes(&b, i, spec, &f->args);
        if (spec->type == IPCLAB_FD) {
            struct named_object o = {.fd = (int)f->args.v[i].i};

            o.kind = object_behind(f, o.fd, &o.key, &o.key2);
            if (o.kind != NULL) {
                add_object(f, &o);
                put_object(&b, &o);
            }
        }
    }
    if ((f->call->flags & IPCLAB_WAITS) != 0 && f->call->timed != NULL && f->call->timed(&f->args))
        wire_u8(&b, FACT_TIMED);
    wire_send_wait(f->control, &b, NULL, 0);
}

/* An argument outside its record's bounds is refused before anything is done. */
static bool
in_bounds(const struct ipclab_frame *f, char *why, size_t room)
{
    for (int i = 0; i < f->args.n; i++) {
        const struct ipclab_arg *s = arg_spec(f->call, i);
        int64_t v = f->args.v[i].i;

        if (s == NULL || (s->min == 0 && s->max == 0) || (v >= s->min && v <= s->max))
            continue;
        snprintf(why, room, "argument %s of %s is %lld; expected %lld to %lld", s->name,
                 f->call->name, (long long)v, (long long)s->min, (long long)s->max);
        return false;
    }
    return true;
}

/* ---- Answering ----------------------------------------------------------------------------- */

static void
send_exit(int control, uint32_t request, int64_t ret, int error, const struct buf *facts)
{
    static struct buf b;

    wire_begin(&b, FRAME_EXIT, request);
    wire_i64(&b, ret);
    wire_u32(&b, (uint32_t)error);
    buf_put(&b, buf_text(facts), facts->len);
    wire_u8(&b, FACT_END);
    if (b.len > WIRE_MAX) /* more facts than any call has: the result alone */
        b.len = 8 + 8 + 4, wire_u8(&b, FACT_END);
    wire_send_wait(control, &b, NULL, 0);
}

static void
put_states(struct ipclab_frame *f)
{
    for (int i = 0; i < f->nobjects; i++) {
        const struct named_object *o = &f->objects[i];
        uint64_t key, key2;

        if (o->fd >= 0 && (f->call->flags & IPCLAB_FDS) != 0 &&
            (object_of_fd(f->rt->plugins, o->fd, &key, &key2) != o->kind ||
                           key != o->key || key2 != o->key2))
            continue; /* the descriptor was closed or is another by now */
        put_object(&f->facts, o);
        look_state(&f->facts, o->kind, o->fd, o->key, o->key2);
    }
}

static void
run_call(struct ipclab_frame *f, const struct eval_step *step)
{
    char why[256];
    int64_t ret;
    int error;

    if (!in_bounds(f, why, sizeof why)) {
        host_note(f, "%s", why);
        send_exit(f->control, f->request, -1, UINT16_MAX, &f->facts);
        return;
    }
    send_enter(f);
    f->running = true;
    errno = 0;
    if (strcmp(f->call->name, "perror") == 0 || (f->call->flags & IPCLAB_ENDS) != 0)
        errno = *student_errno();
    ret = f->call->run(&actor_host, f, &f->args);
    error = errno;
    if (ret == f->call->failure && error != 0)
        *student_errno() = error;
    else
        error = 0;
    if (step->target.n > 0)
        eval_store((uint64_t)eval_run(step->target), step->target_width, ret);
    put_states(f);
    send_exit(f->control, f->request, ret, error, &f->facts);
}

static void
put_value(struct buf *facts, const struct eval_step *step, int64_t value)
{
    if (step->value_shape == SHAPE_TEXT) {
        /* Read as C reads a string: an address that is not mapped is a real fault. */
        const volatile char *s = (const volatile char *)(uintptr_t)value;
        char text[SHOWN];
        uint32_t n = 0, limit = step->value_count ? step->value_count : 65536;

        while (n < limit && s[n] != '\0') {
            if (n < SHOWN)
                text[n] = s[n];
            n++;
        }
        wire_u8(facts, FACT_VALUE_TEXT);
        wire_u32(facts, n);
        wire_bytes(facts, text, n < SHOWN ? n : SHOWN);
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
    send_exit(f->control, f->request, value, 0, &f->facts);
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
    f.control = a->control;
    f.request = request;
    f.nobjects = 0;
    f.running = false;
    for (int i = 0; i < 3; i++)
        f.child_fds[i] = i < nfds ? fds[i] : -1;
    eval_left_arena();
    if (step->kind == STEP_CALL) {
        f.call = find_call(a->rt, step);
        if (f.call == NULL) {
            host_note(&f, "this actor was made before that plugin was loaded; spawn a new one");
            send_exit(f.control, request, -1, UINT16_MAX, &f.facts);
            return;
        }
        f.args.n = step->nargs;
        for (int i = 0; i < step->nargs; i++)
            f.args.v[i].i = eval_run(step->args[i]);
        if (step->new_actor[0] != '\0')
            for (int i = 0; i < step->nargs; i++)
                if (arg_spec(f.call, i) != NULL && arg_spec(f.call, i)->type == IPCLAB_NEWNAME)
                    f.args.v[i].s = step->new_actor;
        run_call(&f, step);
        for (int i = 0; i < 3; i++)
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
            put_object(&facts, &o);
            look_state(&facts, o.kind, o.fd, o.key, o.key2);
        }
    }
    send_exit(a->control, in->request, 0, 0, &facts);
}
