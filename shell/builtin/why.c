/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * why: why an actor waits. */
#include "base/columns.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "builtin/help.h"
#include "session/peek.h"
#include "session/run.h"

static int
on_why(struct session *s, const char *rest, struct err *err)
{
    struct actor *only = NULL;
    struct buf out = {0};

    if (rest[0] != '\0') {
        only = session_actor(s, rest, err);
        if (only == NULL)
            return -1;
        if (only->state != ACTOR_BUSY) {
            peek_doing(s, only, &out);
            session_say(s, "%s does not wait: it is %s\n", only->name, buf_text(&out));
            buf_release(&out);
            return 0;
        }
    }
    for (int i = 0; i < s->world.nactors; i++) {
        struct actor *a = s->world.actors[i];

        if (a->state == ACTOR_BUSY && a->plan != NULL && (only == NULL || a == only))
            explain_text(s, a, &out);
    }
    if (out.len == 0) {
        session_say(s, "nobody waits\n");
    } else {
        struct buf shown = {0}, clean = {0};

        for (char *line = out.data; *line != '\0';) {
            size_t n = strcspn(line, "\n");

            buf_clear(&clean);
            text_escape(&clean, line, n, false);
            buf_put(&shown, line, strspn(line, " ")); /* columns_wrap takes words */
            columns_wrap(&shown, buf_text(&clean) + strspn(line, " "), (int)strspn(line, " "), 4,
                         HELP_WIDTH);
            line += n + (line[n] == '\n');
        }
        buf_release(&clean);
        session_say(s, "%s", buf_text(&shown));
        buf_release(&shown);
    }
    buf_release(&out);
    return 0;
}

const struct builtin builtin_why = {
    .name = "why",
    .usage = "[ACTOR]",
    .summary = "why an actor waits, who could wake it, what to type next",
    .help = "Names the call, the object, the rule of the man page and every process that holds the "
            "other "
            "end. Without a name: all that wait.",
    .flags = BUILTIN_LOOKS,
    .word = WORD_ACTOR,
    .run = on_why,
};
