/* SPDX-License-Identifier: GPL-3.0-or-later
 * See prototype.h. */
#include "assist/prototype.h"

#include <string.h>

#include "lang/lex.h"

struct parameter {
    const char *text;
    size_t n;
};

/* The next parameter from *at on, to a comma or the end outside brackets. False: there is none. */
static bool
next_parameter(const char **at, struct parameter *p)
{
    const char *s = *at;
    int open = 0;

    while (lex_blank(*s))
        s++;
    p->text = s;
    for (; *s != '\0' && (open > 0 || (*s != ',' && *s != ')')); s++)
        open += (*s == '(' || *s == '[') - (*s == ')' || *s == ']');
    p->n = (size_t)(s - p->text);
    while (p->n > 0 && lex_blank(p->text[p->n - 1]))
        p->n--;
    *at = s + (*s == ',');
    return p->n > 0;
}

/* Is this the parameter of that name? The name is its last word before brackets, or stands in the
 * first of them where it is a pointer to a function. */
static bool
is_called(const struct parameter *p, const char *name)
{
    size_t at = 0, n, from = 0, length = 0;

    while (at < p->n && p->text[at] != '[' && (p->text[at] != ')' || length == 0)) {
        n = lex_name(p->text, at, p->n);
        if (n > 0) {
            from = at;
            length = n;
        }
        at += n > 0 ? n : 1;
    }
    return length == strlen(name) && memcmp(p->text + from, name, length) == 0;
}

static const char *
own_type(const struct ipclab_arg *arg)
{
    switch (arg->type) {
    case IPCLAB_SIZE:
        return "size_t ";
    case IPCLAB_MODE:
        return "mode_t ";
    case IPCLAB_POINTER:
    case IPCLAB_BUFFER:
        return "void *";
    case IPCLAB_BYTES:
        return "const void *";
    case IPCLAB_STRING:
    case IPCLAB_PATH:
        return "const char *";
    case IPCLAB_PROCESS:
        return "pid_t ";
    case IPCLAB_INTS:
        return "int *";
    case IPCLAB_STREAM:
        return "FILE *";
    case IPCLAB_HANDLER:
        return "sighandler_t ";
    case IPCLAB_NEWNAME:
    case IPCLAB_ANY:
        return "";
    default:
        return "int ";
    }
}

static void
put_name(const struct ipclab_call *call, const struct ipclab_arg *arg, struct buf *out)
{
    const char *at = strchr(call->prototype, '(');
    struct parameter p;

    at = at != NULL ? at + 1 : "";
    while (next_parameter(&at, &p))
        /* One of many is no array of them. */
        if (is_called(&p, arg->name) &&
            ((arg->flags & IPCLAB_REST) == 0 || memchr(p.text, '[', p.n) == NULL)) {
            buf_put(out, p.text, p.n);
            return;
        }
    buf_puts(out, own_type(arg));
    buf_puts(out, arg->name);
}

static void
put(const struct ipclab_call *call, const struct ipclab_arg *arg, struct buf *out)
{
    bool optional = (arg->flags & IPCLAB_OPTIONAL) != 0;

    if (optional)
        buf_putc(out, '[');
    if (call != NULL)
        put_name(call, arg, out);
    else
        buf_puts(out, arg->name);
    if (arg->flags & IPCLAB_REST)
        buf_puts(out, "...");
    if (optional)
        buf_putc(out, ']');
}

void
prototype_argument(const struct ipclab_call *call, const struct ipclab_arg *arg, struct buf *out)
{
    put(call, arg, out);
}

void
prototype_word(const struct ipclab_arg *arg, struct buf *out)
{
    put(NULL, arg, out);
}
