/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines that could be taken back, and the way back: real processes cannot go there, but others
 * can be led to the same place. */
#include "base/mem.h"
#include "session/session.h"

void
session_keep_input(struct session *s, const char *text, int64_t before_seq)
{
    if (s->ninputs == s->cap_inputs) {
        s->cap_inputs = s->cap_inputs ? s->cap_inputs * 2 : 64;
        s->inputs = mem_grow(s->inputs, sizeof *s->inputs * (size_t)s->cap_inputs);
    }
    s->inputs[s->ninputs++] = (struct input){mem_copy(text), s->steps, before_seq};
}

int
session_rewind(struct session *s, int keep, struct err *err)
{
    int from = 0, result = 0;

    for (int i = 0; i < keep; i++)
        if (strcmp(s->inputs[i].text, "reset") == 0)
            from = i + 1;
    s->muted++;
    result = session_new_world(s, err);
    for (int i = from; i < keep && result == 0; i++) {
        struct err ignored;

        s->steps = s->inputs[i].before_step;
        /* A line that failed then fails now, and leaves the same world behind. */
        session_line(s, s->inputs[i].text, strlen(s->inputs[i].text), &ignored);
        if (ignored.status == STATUS_INTERRUPTED)
            result = err_set(err, STATUS_INTERRUPTED,
                             "interrupted on the way back to where it was; `reset` makes a fresh "
                             "world");
    }
    s->muted--;
    return result;
}
