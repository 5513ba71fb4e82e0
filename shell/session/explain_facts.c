/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An explanation as facts, and the text of `why` written from them. Everything that is told of a
 * wait beyond its block event comes from here, so that why, its JSON and verdicts say the same. */
#include "proc/facts.h"
#include "session/explain.h"
#include "session/text_json.h"

static const struct plan_step *
step_of(const struct actor *a)
{
    return &a->plan->steps[a->pc];
}

static json_t *__attribute__((format(printf, 1, 0))) made_text(const char *fmt, va_list ap)
{
    char *text;
    json_t *made = NULL;

    if (vasprintf(&text, fmt, ap) >= 0) {
        made = text_json(text);
        free(text);
    }
    return made;
}

static void __attribute__((format(printf, 2, 3))) add_text(json_t *array, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    json_array_append_new(array, made_text(fmt, ap));
    va_end(ap);
}

static void __attribute__((format(printf, 2, 3))) set_rule(json_t *facts, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    json_object_set_new(facts, "rule", made_text(fmt, ap));
    va_end(ap);
}

/* A whole sentence, of a clause or one that has its full stop already. */
static void
add_sentence(json_t *array, const char *text)
{
    size_t n = strlen(text);

    add_text(array, "%s%s", text, n > 0 && strchr(".!?", text[n - 1]) != NULL ? "" : ".");
}

/* ---- An await ------------------------------------------------------------------------------ */

/* For `LEFT == RIGHT`: an idle actor that has the variables too could make it hold. */
static bool
next_for_await(const struct session *s, const struct actor *a, json_t *f)
{
    const char *text = step_of(a)->args[0].text, *is = strstr(text, " == ");
    const char *from = text + strspn(text, "*( ");
    char name[SYMTAB_NAME_MAX + 1] = "";
    size_t n = strspn(from, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");

    if (is != NULL && strpbrk(is + 4, "&|=") == NULL && n < sizeof name)
        memcpy(name, from, n);
    for (int i = 0; i < s->world.nactors && name[0] != '\0'; i++) {
        const struct actor *other = s->world.actors[i];

        if (other->state != ACTOR_IDLE || symtab_find(&other->symtab, name) == NULL)
            continue;
        add_text(
            json_object_get(f, "says"),
            "%s can go on and has a %s too: if that is the same memory, writing there ends it.",
            other->name, name);
        add_text(json_object_get(f, "next"), "%s %.*s = %s", other->name, (int)(is - text), text,
                 is + 4);
        return true;
    }
    return false;
}

static void
facts_of_await(const struct session *s, const struct actor *a, json_t *f)
{
    json_t *says = json_object_get(f, "says"), *next = json_object_get(f, "next");
    const char *text = step_of(a)->args[0].text;

    if (!a->await_shared) {
        set_rule(f,
                 "%s does not hold, and it reads only %s's own memory, which no other process can "
                 "change",
                 text, a->name);
        add_text(says, "await %s is `while (!(%s)) sleep(1);`.", text, text);
        add_text(next, "interrupt %s", a->name);
        return;
    }
    set_rule(f,
             "%s did not hold when it looked last, and only a write to that memory can change this",
             text);
    add_text(says,
             "await %s is `while (!(%s)) sleep(1);`: it looks again after each step of "
             "anyone.",
             text, text);
    add_text(says, "It reads memory that others may share: whoever writes there can end it.");
    if (!next_for_await(s, a, f))
        add_text(says, "Let another process attach that memory too and write there.");
}

/* ---- A call -------------------------------------------------------------------------------- */

static const struct actor *
by_host(const struct session *s, int64_t host)
{
    for (int i = 0; i < s->world.nactors; i++)
        if (s->world.actors[i]->host == host && host != 0)
            return s->world.actors[i];
    return NULL;
}

static void
add_line(const struct session *s, const struct actor *a, json_t *lines, const char *line)
{
    struct buf text = {0};

    if (explain_line(s, a, line, &text))
        json_array_append_new(lines, text_json(buf_text(&text)));
    buf_release(&text);
}

/* Not worth saying when there is another: of several lines that a plugin has made up for whoever
 * can say them one will do, and to give up the wait is the last resort. */
static bool
is_second_choice(const char *line)
{
    return strchr(line, '$') != NULL || strncmp(line, "interrupt ", strlen("interrupt ")) == 0 ||
           strncmp(line, "undo ", strlen("undo ")) == 0;
}

static void
take_facts(const struct session *s, const struct actor *a, const struct buf *facts, json_t *f)
{
    struct wire_in in;
    struct fact_item item;
    const struct actor *who;

    facts_open(&in, facts);
    while (facts_next(&in, &item)) {
        switch (item.kind) {
        case FACT_RULE:
            json_object_set_new(f, "rule", text_json(item.name));
            break;
        case FACT_SAY:
            add_sentence(json_object_get(f, "says"), item.name);
            break;
        case FACT_NEXT:
            if (!is_second_choice(item.name) || json_array_size(json_object_get(f, "next")) == 0)
                add_line(s, a, json_object_get(f, "next"), item.name);
            break;
        case FACT_BEFORE:
            add_line(s, a, json_object_get(f, "before"), item.name);
            break;
        case FACT_HOLDER:
            json_array_append_new(json_object_get(f, "holders"),
                                  json_pack("{s:s, s:I, s:s}", "actor", item.name, "since",
                                            (json_int_t)item.value, "how", "took"));
            break;
        case FACT_COULD_END:
            who = by_host(s, item.value);
            if (who != NULL)
                json_array_append_new(json_object_get(f, "could"), json_string(who->name));
            break;
        default:
            break;
        }
    }
}

static json_t *
holders_of(const struct session *s, const struct actor *a)
{
    json_t *list = json_array();
    struct holder_at at = {0};

    while (explain_next_holder(s, a, &at))
        json_array_append_new(list, json_pack("{s:s, s:i, s:s#, s:I, s:s}", "actor", at.actor->name,
                                              "fd", at.fd->fd, "mode", &at.fd->access, 1, "since",
                                              (json_int_t)at.fd->since, "how",
                                              fd_birth_word(at.fd->birth)));
    return list;
}

/* The earliest step that has to be taken back, so that none of those who act in the lines that
 * should have come before is in its waiting call. */
static int64_t
step_to_undo(const struct session *s, const struct actor *a, const json_t *before)
{
    int64_t step = a->step;
    const json_t *line;
    size_t i;

    json_array_foreach(before, i, line)
    {
        const char *text = json_string_value(line);
        char *name = strndup(text, strcspn(text, " "));
        const struct actor *who = name != NULL ? world_actor(&s->world, name) : NULL;

        if (who != NULL && who->state == ACTOR_BUSY && who->step < step)
            step = who->step;
        free(name);
    }
    return step;
}

/* How many input lines to take back so that this step has not been made; 0: cannot be said. */
static int
lines_since(const struct session *s, int64_t step)
{
    for (int i = s->ninputs - 1; i >= 0; i--)
        if (s->inputs[i].before_step < step)
            return s->ninputs - i;
    return 0;
}

/* What the actor's own books say of the wait, from the facts that they were read from. */
static json_t *
wait_facts(struct session *s, struct actor *a, const struct buf *facts)
{
    static const char *const lists[] = {"says", "could", "next", "before"};
    json_t *f = json_pack("{s:s, s:s, s:I}", "actor", a->name, "call", a->call_name, "step",
                          (json_int_t)a->step);
    int undo;

    if (a->nobjects > 0)
        json_object_set_new(f, "obj",
                            json_string(s->world.objects[a->objects[explain_object(a)]].name));
    json_object_set_new(f, "why", json_string(a->why));
    json_object_set_new(f, "waits", text_json(buf_text(&a->waits_text)));
    json_object_set_new(f, "holders", holders_of(s, a));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        json_object_set_new(f, lists[i], json_array());
    if (step_of(a)->kind == STEP_AWAIT)
        facts_of_await(s, a, f);
    else
        take_facts(s, a, facts, f);
    if (a->timed)
        json_object_set_new(f, "timed", json_true());
    if (a->later)
        json_object_set_new(f, "later", json_true());
    if (a->never)
        json_object_set_new(f, "never", json_true());
    undo = lines_since(s, step_to_undo(s, a, json_object_get(f, "before")));
    if (undo > 0)
        json_object_set_new(f, "undo", json_integer(undo));
    return f;
}

/* Looking changes nothing: what was known of the wait is known again afterwards, or a verdict could
 * depend on whether somebody has looked. */
json_t *
explain_facts(struct session *s, struct actor *a)
{
    static struct buf facts;
    struct buf waits_text = a->waits_text;
    char why[sizeof a->why];
    bool never = a->never, later = a->later;
    unsigned timed = a->timed;
    int waits_on = a->waits_on;
    uint64_t other_end = a->other_end, other_end2 = a->other_end2;
    json_t *f;

    memcpy(why, a->why, sizeof why);
    a->waits_text = (struct buf){0};
    explain_wait(s, a, &facts);
    explain_take(s, a, &facts);
    f = wait_facts(s, a, &facts);
    buf_release(&a->waits_text);
    a->waits_text = waits_text;
    memcpy(a->why, why, sizeof why);
    a->never = never;
    a->later = later;
    a->timed = timed;
    a->waits_on = waits_on;
    a->other_end = other_end;
    a->other_end2 = other_end2;
    return f;
}

/* ---- As text ------------------------------------------------------------------------------- */

static const char *
text_of(const json_t *facts, const char *name)
{
    const char *text = json_string_value(json_object_get(facts, name));

    return text != NULL ? text : "";
}

static void
put_instead(const json_t *facts, struct buf *out)
{
    const json_t *before = json_object_get(facts, "before"), *line;
    json_int_t undo = json_integer_value(json_object_get(facts, "undo"));
    size_t i;

    if (json_array_size(before) == 0 || undo == 0)
        return;
    buf_printf(out, "  Instead: `undo %lld`", (long long)undo);
    json_array_foreach(before, i, line) buf_printf(out, ", then `%s`", json_string_value(line));
    buf_puts(out, ", then go on.\n");
}

void
explain_text(const json_t *facts, struct buf *out)
{
    const char *actor = text_of(facts, "actor"), *call = text_of(facts, "call");
    const json_t *says = json_object_get(facts, "says"), *next = json_object_get(facts, "next");
    const json_t *line;
    size_t i;

    buf_printf(out, "%s waits in %s%s%s since step %lld: %s.\n", actor, call,
               text_of(facts, "obj")[0] != '\0' ? " on " : "", text_of(facts, "obj"),
               (long long)json_integer_value(json_object_get(facts, "step")),
               text_of(facts, "waits"));
    if (text_of(facts, "rule")[0] != '\0')
        buf_printf(out, "  It cannot go on: %s.\n", text_of(facts, "rule"));
    json_array_foreach(says, i, line) buf_printf(out, "  %s\n", json_string_value(line));
    if (json_is_true(json_object_get(facts, "timed")))
        buf_printf(out, "  It ends by itself when its time is over: wait %s\n", actor);
    if (json_is_true(json_object_get(facts, "later")))
        buf_printf(out, "  A timer of the kernel may end it some time: wait %s\n", actor);
    if (json_is_true(json_object_get(facts, "never")))
        buf_puts(out, "  Nothing that others hold can end this call.\n");
    json_array_foreach(next, i, line) buf_printf(out, "  Next: %s\n", json_string_value(line));
    put_instead(facts, out);
    if (json_array_size(says) == 0 && json_array_size(next) == 0)
        buf_printf(out, "  There is no explanation for this call; `interrupt %s` gives it back.\n",
                   actor);
}
