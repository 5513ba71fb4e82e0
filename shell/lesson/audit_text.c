/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a lab has in its texts: hints that are lines, lines that sleep. */
#include "base/text.h"
#include "lesson/audit_parts.h"
#include "session/builtin.h"

/* ---- Hints --------------------------------------------------------------------------------- */

/* The first word of a text, if it fits. */
static size_t
word(const char *text, char *room, size_t size)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");

    snprintf(room, size, "%.*s", (int)(n < size ? n : size - 1), text);
    return n < size ? n : 0;
}

/* Does it begin with an actor, and go on as a statement does? A sentence may begin with an actor
 * too: "server has to call shmget(2)". */
bool
audit_is_line(struct session *s, const char *text)
{
    char who[32], what[32];
    size_t n = word(text, who, sizeof who);
    const char *rest = text + n;
    const struct builtin *b = n > 0 ? session_builtin(s, who) : NULL;

    if (n == 0 || (*rest != ' ' && *rest != '\0'))
        return false;
    if (b != NULL)
        return (b->flags & BUILTIN_RECORDED) != 0 && strpbrk(text, ".?!") == NULL;
    if (world_actor(&s->world, who) == NULL)
        return false;
    rest += strspn(rest, " ");
    n = word(rest, what, sizeof what);
    if (n == 0) /* *shm = 'x' */
        return *rest == '*';
    if (strcmp(what, "print") == 0 || strcmp(what, "await") == 0 ||
        (catalog_call(&s->launcher.catalog, what, NULL) != NULL && strchr(text, '.') == NULL))
        return true;
    rest += n;
    return *rest == '(' || *rest == '[' || rest[strspn(rest, " ")] == '=';
}

/* One line, or one piece in backquotes. */
static void
try_line(struct audit *a, struct session *s, const char *id, int hint, const char *text, size_t n)
{
    struct parse_env env = session_parse_env(s);
    char line[1024], name[160];
    struct line parsed;
    struct err err;

    snprintf(line, sizeof line, "%.*s", (int)n, text);
    if (!audit_is_line(s, line))
        return;
    env.interactive = false;
    if (parse_line(&parsed, line, strlen(line), &env, &err) == 0) {
        line_release(&parsed);
        return;
    }
    snprintf(name, sizeof name, "hint %d of %.40s is a line that can be typed", hint, id);
    audit_case(a, false, name, "`%s`: %s", line, err.text);
}

static void
try_hint(struct audit *a, struct session *s, const char *id, int hint, const char *text)
{
    const char *open, *close;

    for (const char *at = text; *at != '\0';) {
        size_t n = strcspn(at, "\n");

        try_line(a, s, id, hint, at + strspn(at, " "), n);
        at += n + (at[n] == '\n');
    }
    for (open = strchr(text, '`'); open != NULL; open = strchr(close + 1, '`')) {
        close = strchr(open + 1, '`');
        if (close == NULL)
            return;
        try_line(a, s, id, hint, open + 1, (size_t)(close - open - 1));
    }
}

void
audit_hints(void *ctx, struct lesson *l)
{
    struct audit *a = ctx;

    for (int i = 0; i < l->g->ntasks; i++)
        for (int k = 0; k < l->g->tasks[i].nhints; k++)
            try_hint(a, l->s, l->g->tasks[i].id, k + 1, l->g->tasks[i].hints[k].text);
}

/* ---- Lines --------------------------------------------------------------------------------- */

/* A call of this name in a line, outside of texts. */
static bool
calls(const char *line, const char *name)
{
    size_t n = strlen(name);
    bool quoted = false;

    for (const char *c = line; *c != '\0'; c++) {
        if (*c == '\\' && quoted && c[1] != '\0')
            c++;
        else if (*c == '"')
            quoted = !quoted;
        else if (!quoted && strncmp(c, name, n) == 0 && (c == line || strchr(" (=,", c[-1])) &&
                 (c[n] == '(' || c[n] == ' ' || c[n] == '\0'))
            return true;
    }
    return false;
}

static void
try_sleep(struct audit *a, const char *line, const char *where)
{
    static const char *const names[] = {"sleep", "usleep", "nanosleep"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (calls(line, names[i]))
            audit_case(a, false, "no line sleeps",
                       "%s: `%s`; time proves nothing, wait for what should happen", where, line);
}

void
audit_lines(struct audit *a)
{
    for (int i = 0; i < a->nsteps; i++)
        try_sleep(a, a->steps[i].text, "the model solution");
    for (int i = 0; i < a->nalso; i++)
        for (int k = 0; k < a->also[i].n; k++)
            try_sleep(a, a->also[i].lines[k], a->also[i].name);
}
