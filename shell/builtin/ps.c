/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ps: the processes of the world: what each is doing, on what, and who could end it. */
#include <signal.h>
#include <sys/wait.h>

#include "builtin/builtins.h"
#include "builtin/look.h"
#include "builtin/page.h"
#include "builtin/table.h"
#include "proc/proc_stat.h"
#include "session/explain.h"
#include "session/narrate_parts.h"
#include "session/text_json.h"

/* ---- Facts --------------------------------------------------------------------------------- */

/* A process of the launcher's numbering in that of the world; 0: none of ours. */
static pid_t
in_world(const struct session *s, pid_t host)
{
    if (host == s->world.init)
        return s->world.kind == WORLD_SHARED ? s->world.init : 1;
    for (int i = 0; i < s->world.nactors; i++)
        if (s->world.actors[i]->host == host)
            return s->world.actors[i]->pid;
    return 0;
}

static const char *
state_of(const struct actor *a, const struct proc_stat *st)
{
    switch (a->state) {
    case ACTOR_STARTING:
        return "starts";
    case ACTOR_FOREIGN:
        return st->state == 'T' ? "stopped" : "program";
    case ACTOR_IDLE:
        return a->stopped ? "stopped" : "idle";
    case ACTOR_BUSY:
        return a->stopped ? "stopped" : a->restless ? "runs" : a->timed ? "sleeps" : "waits";
    case ACTOR_DEAD:
        break;
    }
    if (!a->reaped && st->state == 'Z')
        return "zombie";
    return a->status_known && WIFSIGNALED(a->wait_status) ? "killed" : "exited";
}

static json_t *
signals_of(uint64_t mask)
{
    json_t *list = json_array();
    char room[32];

    for (int sig = 1; sig <= SIGRTMAX; sig++)
        if ((mask & UINT64_C(1) << (sig - 1)) != 0 && (sig < 32 || sig >= SIGRTMIN))
            json_array_append_new(list, json_string(narrate_signal(sig, room, sizeof room)));
    return list;
}

static void
add_signals(json_t *p, const struct actor *a)
{
    struct proc_signals signals;

    if (a->state == ACTOR_BUSY || !proc_signals_read(a->host, &signals))
        return; /* inside a call the host has a mask of its own */
    if (signals.blocked != 0)
        json_object_set_new(p, "blocked", signals_of(signals.blocked));
    if (signals.pending != 0)
        json_object_set_new(p, "pending", signals_of(signals.pending));
}

/* One argument in short: numbers as they are, texts and names as they were typed. */
static void
put_argument(const struct plan_step *step, const struct fact_item *f, struct buf *out)
{
    const struct ipclab_arg *spec = catalog_arg(step->call, f->arg);
    const char *text = f->arg < step->nargs ? step->args[f->arg].text : NULL;
    char room[32];

    switch (spec != NULL ? spec->type : IPCLAB_INT) {
    case IPCLAB_INT:
    case IPCLAB_SIZE:
    case IPCLAB_FD:
    case IPCLAB_OBJECT:
    case IPCLAB_PROCESS:
        buf_int(out, f->value);
        break;
    case IPCLAB_FLAGS:
        catalog_flags_text(out, spec, f->value);
        break;
    case IPCLAB_SIGNAL:
        buf_puts(out, narrate_signal((int)f->value, room, sizeof room));
        break;
    default:
        if (text != NULL)
            buf_puts(out, text);
        else
            buf_int(out, f->value);
    }
}

/* "read(3, recv, 32)" */
static void
put_call(const struct actor *a, struct buf *out)
{
    const struct plan_step *step = &a->plan->steps[a->pc];
    struct wire_in in;
    struct fact_item f;
    int n = 0;

    if (step->kind != STEP_CALL) {
        buf_printf(out, "%s %s", step->name, step->args[0].text);
        return;
    }
    buf_printf(out, "%s(", step->name);
    facts_open(&in, &a->enter);
    while (facts_next(&in, &f))
        if (f.kind == FACT_ARG) {
            buf_puts(out, n++ > 0 ? ", " : "");
            put_argument(step, &f, out);
        }
    buf_putc(out, ')');
}

static void
add_call(struct session *s, json_t *p, struct actor *a)
{
    static const char *const wanted[] = {"obj", "why", "waits", "could", "timed", "later", "never"};
    struct buf text = {0};
    json_t *facts;

    put_call(a, &text);
    json_object_set_new(p, "call", json_string(a->call_name));
    json_object_set_new(p, "text", text_json(buf_text(&text)));
    json_object_set_new(p, "since", json_integer(a->step));
    buf_release(&text);
    if (a->restless)
        return;
    facts = explain_facts(s, a);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        if (json_object_get(facts, wanted[i]) != NULL)
            json_object_set(p, wanted[i], json_object_get(facts, wanted[i]));
    json_decref(facts);
}

static void
add_group(const struct session *s, json_t *p, pid_t group)
{
    const struct actor *leader = group != 0 ? world_actor_by_pid(&s->world, group) : NULL;

    json_object_set_new(p, "pgid", json_integer(group));
    json_object_set_new(p, "group",
                        leader != NULL ? json_string(leader->name) : json_sprintf("%d", group));
}

static json_t *
process_facts(struct session *s, struct actor *a)
{
    struct proc_stat st = {0};
    json_t *p = json_pack("{s:s, s:i}", "actor", a->name, "pid", a->pid);
    pid_t parent = a->parent_pid, group;
    char room[32];

    if (a->network >= 0)
        json_object_set_new(p, "host", json_string(s->world.networks.list[a->network].name));
    if (a->host != 0 && !a->reaped && proc_stat_read(a->host, &st)) {
        parent = in_world(s, st.parent) != 0 ? in_world(s, st.parent) : a->parent_pid;
        group = in_world(s, st.group);
        if (actor_alive(a) && group != a->pid)
            add_group(s, p, group);
    }
    if (actor_alive(a) || st.state == 'Z')
        json_object_set_new(p, "ppid", json_integer(parent));
    json_object_set_new(p, "state", json_string(state_of(a, &st)));
    if (a->state == ACTOR_BUSY && a->plan != NULL)
        add_call(s, p, a);
    if (a->became_program)
        json_object_set_new(p, "program", text_json(a->exe));
    if (actor_alive(a))
        add_signals(p, a);
    else if (a->status_known && WIFSIGNALED(a->wait_status))
        json_object_set_new(
            p, "signal", json_string(narrate_signal(WTERMSIG(a->wait_status), room, sizeof room)));
    else if (a->status_known)
        json_object_set_new(p, "status", json_integer(WEXITSTATUS(a->wait_status)));
    return p;
}

static json_t *
facts_of(struct session *s)
{
    json_t *list = json_array();

    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (a->state != ACTOR_DEAD || !a->reaped || world_actor(&s->world, a->name) == a)
            json_array_append_new(list, process_facts(s, a)); /* else a namesake came after it */
    }
    return list;
}

/* ---- Text ---------------------------------------------------------------------------------- */

static void
put_names(const json_t *names, const char *before, const char *between, struct buf *out)
{
    const json_t *name;
    size_t i;

    json_array_foreach(names, i, name)
        buf_printf(out, "%s%s", i == 0 ? before : between, json_string_value(name));
}

/* Who could end it, in a clause. */
static void
put_enders(const json_t *p, struct buf *out)
{
    const json_t *could = json_object_get(p, "could"), *name;
    const char *self = look_text(p, "actor");
    json_t *others = json_array();
    size_t i;

    json_array_foreach(could, i, name) if (strcmp(json_string_value(name), self) != 0)
        json_array_append(others, (json_t *)(uintptr_t)name);
    if (json_is_true(json_object_get(p, "never")))
        buf_puts(out, "; nobody can end it");
    else if (json_is_true(json_object_get(p, "timed")))
        buf_puts(out, "; it ends by itself");
    else if (json_is_true(json_object_get(p, "later")))
        buf_puts(out, "; a timer of the kernel may end it");
    else if (json_array_size(others) > 0) {
        put_names(others, "; ", " or ", out);
        buf_puts(out, " could end it");
    }
    json_decref(others);
}

static void
put_doing(const json_t *p, struct buf *out)
{
    const char *state = look_text(p, "state"), *signal = look_text(p, "signal");
    json_int_t status = json_integer_value(json_object_get(p, "status"));

    if (strcmp(state, "program") == 0)
        buf_printf(out, "runs %s", look_text(p, "program"));
    else if (json_object_get(p, "call") != NULL)
        buf_printf(out, "%s in %s", state, look_text(p, "text"));
    else
        buf_puts(out, state);
    if (look_text(p, "obj")[0] != '\0')
        buf_printf(out, " on %s", look_text(p, "obj"));
    if (json_object_get(p, "since") != NULL)
        buf_printf(out, " since step %lld",
                   (long long)json_integer_value(json_object_get(p, "since")));
    if (look_text(p, "waits")[0] != '\0')
        buf_printf(out, ": %s", look_text(p, "waits"));
    put_enders(p, out);
    if (strcmp(state, "zombie") == 0)
        buf_puts(out, ", nobody has waited for it yet:");
    if (signal[0] != '\0')
        buf_printf(out, "%s by %s", strcmp(state, "zombie") == 0 ? " killed" : "", signal);
    else if (json_object_get(p, "status") != NULL)
        buf_printf(out, "%s %lld", strcmp(state, "zombie") == 0 ? " exited" : "",
                   (long long)status);
    if (json_object_get(p, "pgid") != NULL)
        buf_printf(out, "; in the process group of %s", look_text(p, "group"));
    put_names(json_object_get(p, "blocked"), "; blocks ", " ", out);
    put_names(json_object_get(p, "pending"), "; pending ", " ", out);
}

/* Where they are, once there is anywhere to be. */
static void
put_hosts(const struct session *s, struct buf *out)
{
    const struct network_table *t = &s->world.networks;

    for (uint32_t i = 0; i < t->n; i++)
        buf_printf(out, "%s is %s%s%s%s\n", t->list[i].name, t->list[i].ipv4,
                   t->list[i].ipv6[0] != '\0' ? " and " : "", t->list[i].ipv6,
                   t->list[i].unplugged ? "; its cable is unplugged" : "");
}

static void
say_processes(struct session *s, const json_t *list)
{
    struct buf out = {0}, doing = {0};
    bool hosts = s->world.networks.n > 0;
    struct table t;
    const json_t *p;
    size_t i;

    table_init(&t, hosts ? "<<>><" : "<>><", look_ascii());
    t.linear = s->settings.linear;
    table_cell(&t, "ACTOR");
    if (hosts)
        table_cell(&t, "HOST");
    table_cell(&t, "PID");
    table_cell(&t, "PPID");
    table_cell(&t, "DOING");
    json_array_foreach(list, i, p)
    {
        const json_t *parent = json_object_get(p, "ppid");

        buf_clear(&doing);
        put_doing(p, &doing);
        table_cell(&t, "%s", look_text(p, "actor"));
        if (hosts)
            table_cell(&t, "%s", look_text(p, "host")[0] != '\0' ? look_text(p, "host") : "-");
        table_cell(&t, "%lld", (long long)json_integer_value(json_object_get(p, "pid")));
        if (parent != NULL)
            table_cell(&t, "%lld", (long long)json_integer_value(parent));
        else
            table_cell(&t, "-");
        table_cell(&t, "%s", buf_text(&doing));
    }
    table_end(&t, &out, 0, page_width(s));
    put_hosts(s, &out);
    if (json_array_size(list) == 0) {
        buf_clear(&out);
        buf_puts(&out, "no actors yet; `spawn server client` makes two\n");
    }
    session_page(s, buf_text(&out), out.len);
    buf_release(&out);
    buf_release(&doing);
}

static int
on_ps(struct session *s, const char *rest, struct err *err)
{
    bool json = look_wants_json(&rest);
    json_t *list;

    if (rest[0] != '\0')
        return err_set(err, STATUS_USAGE, "ps takes nothing but --json");
    list = facts_of(s);
    if (json) {
        look_tell_json(s, list);
        return 0;
    }
    say_processes(s, list);
    json_decref(list);
    return 0;
}

static const char *const examples[] = {"spawn a b\nps",
                                       "spawn a\na fork(b)\nb exit(3)\na pipe(p)\nps --json", NULL};

const struct builtin builtin_ps = {
    .name = "ps",
    .usage = "[--json]",
    .summary = "the processes of the world: what each is doing, and who could end it",
    .help =
        "--json: an array with an object for each process: actor, pid, ppid, host where it is on "
        "one, and state (idle, "
        "waits, sleeps, runs, stopped, program, zombie, exited, killed). Of one in a call: call, "
        "text (the call with its arguments), obj, since (a step), why (a word), waits (a clause), "
        "could (actors that could end it), timed, later, never. program, the one that it became by "
        "execve; status or signal of the dead; pgid and group, its process group and whose that "
        "is, when it is another's; blocked and pending, signals, when there are any.",
    .flags = BUILTIN_LOOKS | BUILTIN_JSON,
    .examples = examples,
    .run = on_ps,
};
