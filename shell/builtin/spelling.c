/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The two ways to type a call, taken from an example of its record: real values say more than the
 * names of arguments, and the tests run them. */
#include <ctype.h>

#include "builtin/help.h"

/* Where in an example the call stands. */
struct place {
    const char *target; /* of `target = `; NULL: the result is not kept */
    const char *call;   /* its name */
    const char *args;   /* after the parenthesis */
    const char *end;    /* of the line */
};

/* Is this line "WHO [TARGET = ]NAME(ARGS)" and nothing else, with no call among ARGS? */
static bool
find_in(const char *line, const char *end, const char *name, struct place *at)
{
    size_t n = strlen(name);
    const char *what = memchr(line, ' ', (size_t)(end - line)), *equals;

    if (what == NULL || end[-1] != ')')
        return false;
    what++;
    *at = (struct place){.call = what, .end = end};
    equals = memmem(what, (size_t)(end - what), " = ", 3);
    if (equals != NULL && strcspn(what, "(\"") > (size_t)(equals - what)) {
        at->target = what;
        at->call = equals + 3;
    }
    if ((size_t)(end - at->call) < n + 2 || strncmp(at->call, name, n) != 0 || at->call[n] != '(')
        return false;
    at->args = at->call + n + 1;
    for (const char *c = at->args; c < end - 1; c++) {
        if (*c == '"')
            for (c++; c < end && *c != '"'; c++)
                c += *c == '\\';
        else if (*c == '(')
            return false;
    }
    return true;
}

/* The first that keeps its result where there is one worth it, else the first. */
static bool
find(const struct ipclab_call *call, struct place *at)
{
    struct place here;
    bool found = false;

    for (int i = 0; call->examples != NULL && call->examples[i] != NULL; i++)
        for (const char *line = call->examples[i]; *line != '\0';) {
            const char *end = line + strcspn(line, "\n");

            if (end > line && find_in(line, end, call->name, &here)) {
                if (here.target != NULL || !found)
                    *at = here;
                found = true;
                if (here.target != NULL)
                    return true;
            }
            line = end + (*end == '\n');
        }
    return found;
}

void
spelling_in_c(const struct ipclab_call *call, struct buf *out)
{
    struct place at;

    if (find(call, &at)) {
        buf_put(out, at.target != NULL ? at.target : at.call,
                (size_t)(at.end - (at.target != NULL ? at.target : at.call)));
        return;
    }
    buf_printf(out, "%s(", call->name);
    for (const struct ipclab_arg *a = call->args; a->type != IPCLAB_END; a++)
        buf_printf(out, "%s%s", a > call->args ? ", " : "", a->name);
    buf_putc(out, ')');
}

/* One argument as a word: in brackets where it has blanks of its own. */
static void
put_word(const char *from, const char *to, struct buf *out)
{
    bool quoted = false, blank = false;

    while (from < to && isspace((unsigned char)*from))
        from++;
    for (const char *c = from; c < to; c++) {
        if (*c == '\\' && quoted)
            c++;
        else if (*c == '"')
            quoted = !quoted;
        else
            blank |= !quoted && *c == ' ';
    }
    buf_puts(out, blank ? " (" : " ");
    buf_put(out, from, (size_t)(to - from));
    buf_puts(out, blank ? ")" : "");
}

void
spelling_by_words(const struct ipclab_call *call, struct buf *out)
{
    struct place at;
    const char *from;
    int open = 0;

    buf_puts(out, call->name);
    if (!find(call, &at)) {
        for (const struct ipclab_arg *a = call->args; a->type != IPCLAB_END; a++)
            buf_printf(out, " %s", a->name);
        return;
    }
    from = at.args;
    for (const char *c = from; c < at.end; c++) {
        if (*c == '"' || *c == '\'') {
            char quote = *c;

            for (c++; c < at.end && *c != quote; c++)
                c += *c == '\\';
        } else if (*c == '[') {
            open++;
        } else if (*c == ']') {
            open--;
        } else if (open == 0 && (*c == ',' || c == at.end - 1)) {
            if (c > from)
                put_word(from, c, out);
            from = c + 1;
        }
    }
}
