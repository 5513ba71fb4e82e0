/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lines of an explanation that name what the waiting call was given: a plugin knows addresses, and
 * only here it is known what the student calls them. */
#include <ctype.h>

#include "session/explain.h"

/* Can this actor say it too? It needs variables of the same names; what a call returned, or a text,
 * would not be the same thing again. */
static bool
can_say(const struct actor *a, const char *text)
{
    for (const char *at = text; *at != '\0';) {
        char name[SYMTAB_NAME_MAX + 1];
        size_t n = 0;

        while (isalnum((unsigned char)at[n]) || at[n] == '_')
            n++;
        if (at[n] == '(' || at[n] == '"')
            return false;
        if (n > 0 && (islower((unsigned char)at[0]) || at[0] == '_')) {
            snprintf(name, sizeof name, "%.*s", (int)n, at);
            if (n >= sizeof name || symtab_find(&a->symtab, name) == NULL)
                return false;
        }
        at += n > 0 ? n : 1;
    }
    return true;
}

bool
explain_line(const struct session *s, const struct actor *waiting, const char *line,
             struct buf *out)
{
    const struct plan_step *step = &waiting->plan->steps[waiting->pc];
    char name[SYMTAB_NAME_MAX + 1];
    const struct actor *who;

    snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
    who = world_actor(&s->world, name);
    for (; *line != '\0'; line++) {
        const char *text;

        if (line[0] != '$' || !isdigit((unsigned char)line[1])) {
            buf_putc(out, line[0]);
            continue;
        }
        text = line[1] - '0' < step->nargs ? step->args[line[1] - '0'].text : NULL;
        if (text == NULL || who == NULL || !can_say(who, text))
            return false;
        buf_puts(out, text);
        line++;
    }
    return true;
}
