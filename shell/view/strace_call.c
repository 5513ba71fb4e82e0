/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a call and of its result by what its end tells. See strace_call.h. */
#include "view/strace_call.h"

#include <inttypes.h>
#include <string.h>

const char *
strace_call_name(const struct strace_call *c)
{
    return c->form != NULL ? c->form->name : c->name;
}

/* ---- The text of a call -------------------------------------------------------------------- */

/* A call in the making of its text. */
struct text {
    struct buf *out;
    const struct strace_call *c;
    const struct event *exit; /* NULL: not yet */
    const struct strace_names *names;
    bool stop; /* what comes next is known only when it has come back */
};

static const char *
argument(const struct strace_call *c, int n, const char **name)
{
    const char *at = buf_text(&c->args), *end = at + c->args.len;

    while (at < end) {
        const char *text = at + strlen(at) + 1;

        if (n-- == 0) {
            *name = at;
            return text;
        }
        at = text + strlen(text) + 1;
    }
    return NULL;
}

/* Is it an argument that the call fills? */
static enum ipclab_type
type_of(const struct strace_call *c, const char *name)
{
    for (const struct ipclab_arg *a = c->record != NULL ? c->record->args : NULL;
         a != NULL && a->type != IPCLAB_END; a++)
        if (strcmp(a->name, name) == 0)
            return a->type;
    return IPCLAB_END;
}

/* What the call stored there, or NULL: it is told by the name of the variable, or of the record. */
static const struct item *
stored(const struct text *t, const char *variable, const char *name)
{
    const struct item *out = t->exit != NULL ? event_get(t->exit, NULL, "out") : NULL;
    const struct item *found;

    if (out == NULL)
        return NULL;
    found = event_get(t->exit, out, variable[0] == '&' ? variable + 1 : variable);
    return found != NULL ? found : event_get(t->exit, out, name);
}

static void
put_filled(struct text *t, const char *variable, const char *name, enum ipclab_type type)
{
    const struct item *i = stored(t, variable, name);

    if (t->exit == NULL) {
        t->stop = true;
    } else if (i != NULL && i->kind == ITEM_TEXT) {
        strace_quote(t->out, t->exit, i);
    } else if (i != NULL && i->kind == ITEM_ARRAY) {
        strace_list(t->out, t->exit, i);
    } else if (i != NULL && i->kind == ITEM_INT) {
        buf_printf(t->out, "[%" PRId64 "]", i->value);
    } else if (type == IPCLAB_BUFFER && event_get_int(t->exit, NULL, "ret", -1) == 0) {
        buf_puts(t->out, "\"\"");
    } else {
        buf_puts(t->out, variable);
    }
}

/* False: there is no such argument. */
static bool
put_one(struct text *t, int n)
{
    const char *name, *text = argument(t->c, n, &name);
    enum ipclab_type type;

    if (text == NULL)
        return false;
    type = type_of(t->c, name);
    if (type == IPCLAB_BUFFER || type == IPCLAB_INTS)
        put_filled(t, text, name, type);
    else if (type != IPCLAB_NEWNAME)
        buf_puts(t->out, text);
    return true;
}

static void
put_all(struct text *t, int from)
{
    const char *name;

    for (int n = from; !t->stop && argument(t->c, n, &name) != NULL; n++) {
        if (n > from)
            buf_puts(t->out, ", ");
        put_one(t, n);
    }
}

/* [{WIFEXITED(s) && WEXITSTATUS(s) == 3}] */
static void
put_status(struct text *t, int n)
{
    static const struct {
        const char *fact, *is, *code;
    } kinds[] = {
        {"exited", "WIFEXITED", "WEXITSTATUS"},
        {"signal", "WIFSIGNALED", "WTERMSIG"},
        {"stopped", "WIFSTOPPED", "WSTOPSIG"},
    };
    const char *name, *text = argument(t->c, n, &name);
    const struct item *facts = t->exit != NULL ? event_get(t->exit, NULL, "facts") : NULL;

    if (text == NULL || strcmp(text, "NULL") == 0) {
        buf_puts(t->out, "NULL");
        return;
    }
    t->stop = t->exit == NULL;
    for (size_t i = 0; facts != NULL && i < sizeof kinds / sizeof *kinds; i++) {
        const struct item *fact = event_get(t->exit, facts, kinds[i].fact);

        if (fact == NULL)
            continue;
        buf_printf(t->out, "[{%s(s) && %s(s) == ", kinds[i].is, kinds[i].code);
        if (fact->kind == ITEM_TEXT)
            strace_words(t->out, item_text(t->exit, fact));
        else
            buf_int(t->out, fact->value);
        buf_puts(t->out, "}]");
        return;
    }
    if (facts != NULL && event_get(t->exit, facts, "continued") != NULL)
        buf_puts(t->out, "[{WIFCONTINUED(s)}]");
    else if (!t->stop)
        buf_puts(t->out, text);
}

/* A fact that only the end tells. */
static void
put_fact(struct text *t, const char *name, size_t n)
{
    const struct item *facts = t->exit != NULL ? event_get(t->exit, NULL, "facts") : NULL;
    const struct item *fact;
    char copy[32];

    snprintf(copy, sizeof copy, "%.*s", (int)n, name);
    fact = facts != NULL ? event_get(t->exit, facts, copy) : NULL;
    if (t->exit == NULL)
        t->stop = true;
    else if (fact == NULL)
        buf_puts(t->out, "...");
    else if (fact->kind == ITEM_TEXT)
        strace_words(t->out, item_text(t->exit, fact));
    else
        buf_int(t->out, fact->value);
}

/* [{fd=3, events=POLLIN}, ...], 2, -1 of the triples that were typed. */
static void
put_polled(struct text *t)
{
    const char *name, *fd, *events, *ms = NULL, *last;
    int count = 0;

    buf_putc(t->out, '[');
    for (int n = 0; (fd = argument(t->c, n, &name)) != NULL; n += 3) {
        events = argument(t->c, n + 1, &name);
        last = argument(t->c, n + 2, &name);
        ms = n == 0 ? last : ms;
        buf_printf(t->out, "%s{fd=%s, events=%s}", n > 0 ? ", " : "", fd,
                   events != NULL ? events : "0");
        count++;
    }
    buf_printf(t->out, "], %d, %s", count, ms != NULL ? ms : "-1");
}

/* One $... of a form, from behind the $. Where it ends. */
static const char *
put_piece(struct text *t, const char *f)
{
    int n;

    switch (*f) {
    case '*':
        put_all(t, 0);
        return f + 1;
    case 'P':
        put_polled(t);
        return f + 1;
    case 's':
        put_status(t, f[1] - '0');
        return f + 2;
    case 'a': { /* strace names how the file is open, where nothing was said */
        const char *name, *text = argument(t->c, f[1] - '0', &name);

        if (text != NULL && strstr(text, "O_RDWR") == NULL && strstr(text, "O_WRONLY") == NULL &&
            strstr(text, "O_RDONLY") == NULL)
            buf_puts(t->out, strcmp(text, "0") == 0 ? "O_RDONLY" : "O_RDONLY|");
        if (text != NULL && strcmp(text, "0") != 0)
            buf_puts(t->out, text);
        return f + 2;
    }
    case '{':
        n = (int)strcspn(f + 1, "}");
        put_fact(t, f + 1, (size_t)n);
        return f + n + 2;
    default:
        if (f[1] == '+')
            put_all(t, *f - '0');
        else if (!put_one(t, *f - '0'))
            buf_puts(t->out, "...");
        return f + 1 + (f[1] == '+');
    }
}

void
strace_call_text(struct buf *out, struct strace_call *c, const struct event *e,
                 const struct strace_names *names)
{
    struct text t = {out, c, e, names, false};
    const char *f = c->form != NULL ? c->form->args : "$*";

    strace_words(out, strace_call_name(c));
    buf_putc(out, '(');
    while (*f != '\0' && !t.stop) {
        size_t plain = strcspn(f, "$");

        buf_put(out, f, plain);
        f += plain;
        if (*f == '$')
            f = put_piece(&t, f + 1);
    }
    if (e != NULL)
        buf_putc(out, ')');
}

/* ---- Its result ---------------------------------------------------------------------------- */

/* "No such file or directory", which strace does not translate either. */
static const char *
description(const char *errno_name)
{
    enum { LAST_ERRNO = 133 };

    for (int number = 1; number <= LAST_ERRNO; number++) {
        const char *known = strerrorname_np(number);

        if (known != NULL && strcmp(known, errno_name) == 0)
            return strerrordesc_np(number);
    }
    return NULL;
}

/* What strace says behind some results: 0x2 (flags O_RDWR), 1 ([{fd=3, revents=POLLIN}]). */
static bool
put_explained(struct buf *out, const struct strace_call *c, const struct event *e, int64_t ret)
{
    const struct item *facts = event_get(e, NULL, "facts");
    const char *flags = facts != NULL ? event_get_text(e, facts, "flags") : NULL;
    const char *revents = facts != NULL ? event_get_text(e, facts, "revents") : NULL;
    const char *name, *second = argument(c, 1, &name);

    if (strcmp(c->name, "fcntl") == 0 && second != NULL && strcmp(second, "F_GETFD") == 0)
        flags = "FD_CLOEXEC"; /* there is no other */
    else if (second == NULL || strcmp(c->name, "fcntl") != 0 || strcmp(second, "F_GETFL") != 0)
        flags = NULL;
    if (flags != NULL && ret > 0) {
        buf_printf(out, "0x%" PRIx64 " (flags ", (uint64_t)ret);
        strace_words(out, flags);
        buf_putc(out, ')');
        return true;
    }
    if (strcmp(c->name, "poll") == 0 && ret == 0) {
        buf_puts(out, "0 (Timeout)");
        return true;
    }
    if (strcmp(c->name, "poll") == 0 && revents != NULL && argument(c, 3, &name) == NULL) {
        buf_printf(out, "%" PRId64 " ([{fd=%s, revents=", ret, argument(c, 0, &name));
        strace_words(out, revents);
        buf_puts(out, "}])");
        return true;
    }
    return false;
}

void
strace_call_result(struct buf *out, const struct strace_call *c, const struct event *e,
                   const struct strace_names *names)
{
    const struct item *ret = event_get(e, NULL, "ret"), *vol = event_get(e, NULL, "vol");
    const char *errno_name = event_get_text(e, NULL, "errno"), *words;
    bool varies = vol != NULL && event_get(e, vol, "ret") != NULL;

    if (ret == NULL || ret->kind != ITEM_INT || (varies && names->stable)) {
        buf_puts(out, "?");
        return;
    }
    if (errno_name != NULL) {
        words = description(errno_name);
        buf_puts(out, "-1 ");
        strace_words(out, errno_name);
        if (words != NULL)
            buf_printf(out, " (%s)", words);
    } else if (c->record != NULL &&
               (c->record->result == IPCLAB_POINTER || c->record->result == IPCLAB_STREAM)) {
        buf_printf(out, ret->value == 0 ? "NULL" : "0x%" PRIx64, (uint64_t)ret->value);
    } else if (!put_explained(out, c, e, ret->value)) {
        buf_int(out, ret->value);
    }
}
