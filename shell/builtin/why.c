/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * why: why an actor waits. */
#include "base/columns.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "builtin/look.h"
#include "builtin/page.h"
#include "session/explain.h"
#include "session/peek.h"

/* Each line is a paragraph of its own; what is indented stays so. */
static void
put_wrapped(struct buf *shown, const char *text, int width)
{
    struct buf clean = {0};

    while (*text != '\0') {
        size_t n = strcspn(text, "\n"), indent = strspn(text, " ");

        buf_clear(&clean);
        text_escape(&clean, text + indent, n - indent, false);
        buf_printf(shown, "%*s", (int)indent, "");
        columns_wrap(shown, buf_text(&clean), (int)indent, 4, width);
        text += n + (text[n] == '\n');
    }
    buf_release(&clean);
}

static json_t *
why_facts(struct session *s, const struct actor *only)
{
    json_t *list = json_array();

    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (a->state == ACTOR_BUSY && a->plan != NULL && (only == NULL || a == only))
            json_array_append_new(list, explain_facts(s, a));
    }
    return list;
}

static void
say_why(struct session *s, const json_t *list, const struct actor *only)
{
    struct buf text = {0}, shown = {0};
    const json_t *facts;
    size_t i;

    json_array_foreach(list, i, facts) explain_text(facts, &text);
    if (text.len == 0 && only != NULL) {
        buf_printf(&text, "%s does not wait: ", only->name);
        peek_doing(s, only, &text);
        buf_putc(&text, '\n');
    }
    put_wrapped(&shown, text.len > 0 ? buf_text(&text) : "nobody waits\n", page_width(s));
    session_page(s, buf_text(&shown), shown.len);
    buf_release(&text);
    buf_release(&shown);
}

static int
on_why(struct session *s, const char *rest, struct err *err)
{
    bool json = look_wants_json(&rest);
    struct actor *only = NULL;
    json_t *list;

    if (rest[0] != '\0' && (only = session_actor(s, rest, err)) == NULL)
        return -1;
    list = why_facts(s, only);
    if (json) {
        look_tell_json(s, list);
        return 0;
    }
    say_why(s, list, only);
    json_decref(list);
    return 0;
}

static const char *const examples[] = {"spawn a b\na pipe(p)\na read(p[0], buf, 8)\nwhy a",
                                       "spawn a b\na pipe(p)\na read(p[0], buf, 8)\nwhy --json",
                                       NULL};

const struct builtin builtin_why = {
    .name = "why",
    .usage = "[--json] [ACTOR]",
    .summary = "why an actor waits, who could end it, what to type next",
    .help =
        "Names the call, the object, the rule of the man page and every process that holds the "
        "other end or could make it go on. Without a name: all that wait.\n"
        "--json: an array with an object for each that waits: actor, call, step, obj; why (a word) "
        "and waits (a clause) as in its block event; rule and says, in sentences; holders, each "
        "with actor, fd, mode (r, w or u for both), since (a step, 0: from the beginning) and how "
        "it came (call, fork, exec, spawn); could, the actors that could end it; next, lines that "
        "help now; before, lines that should have come before the call, and undo, how many lines "
        "to take back for that; timed when it ends by itself, later when a timer of the kernel may "
        "end it some time (a retransmission), never when nobody can end it.",
    .flags = BUILTIN_LOOKS | BUILTIN_JSON,
    .word = WORD_ACTOR,
    .examples = examples,
    .run = on_why,
};
