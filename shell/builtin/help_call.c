/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Help on a call: everything that its record says, in sentences. */
#include <ctype.h>

#include "builtin/help.h"

/* "$fd is no pipe" of an error's record: here the argument stands for any value, as FD. */
static void
put_sentence(const char *sentence, struct buf *out)
{
    bool argument = false;

    for (const char *c = sentence; *c != '\0'; c++) {
        argument = *c == '$' || (argument && (isalnum((unsigned char)*c) || *c == '_'));
        if (*c != '$')
            buf_putc(out, argument ? (char)toupper((unsigned char)*c) : *c);
    }
}

/* What is wanted where an argument of this type stands. */
static const char *
type_words(const struct ipclab_arg *a)
{
    static const char *const words[] = {
        [IPCLAB_INT] = "a number",
        [IPCLAB_SIZE] = "a count of bytes",
        [IPCLAB_FLAGS] = "flags, joined with |",
        [IPCLAB_MODE] = "permission bits, in octal as 0644",
        [IPCLAB_FD] = "a descriptor",
        [IPCLAB_OBJECT] = "the id of an object",
        [IPCLAB_POINTER] = "an address",
        [IPCLAB_BYTES] = "a text, or the address of bytes",
        [IPCLAB_BUFFER] = "a variable that is filled; a new name makes one",
        [IPCLAB_STRING] = "a text",
        [IPCLAB_PATH] = "the name of a file",
        [IPCLAB_SIGNAL] = "a signal, as SIGUSR1",
        [IPCLAB_PROCESS] = "a pid, or the name of an actor",
        [IPCLAB_INTS] = "a variable that is filled; a new name makes one",
        [IPCLAB_STREAM] = "a stream (FILE *)",
        [IPCLAB_NEWNAME] = "a name for the new actor",
        [IPCLAB_ANY] = "a number or a text",
    };

    if (a->type == IPCLAB_FLAGS && (a->flags & IPCLAB_HAS_MODE) != 0)
        return "flags and permission bits, joined with |";
    if (a->type == IPCLAB_INT && a->constants != NULL)
        return (a->flags & IPCLAB_OPTIONAL) != 0 || a->max != 0 ? "a number, or a constant"
                                                                : "a constant, or a number";
    return a->type > IPCLAB_END && a->type < IPCLAB_VOID ? words[a->type] : "a value";
}

static void
put_default(const struct ipclab_arg *a, struct buf *out)
{
    if ((a->flags & IPCLAB_REST) != 0) {
        buf_puts(out, "; any number of them");
    } else if ((a->flags & IPCLAB_OPTIONAL) != 0) {
        buf_puts(out, "; left out: ");
        if ((a->flags & IPCLAB_COUNTED) != 0)
            buf_puts(out, "the length of the text before it");
        else if ((a->flags & IPCLAB_NULLABLE) != 0 && a->def == 0)
            buf_puts(out, "NULL");
        else if (a->type == IPCLAB_NEWNAME)
            buf_puts(out, "one is found");
        else
            catalog_flags_text(out, a, a->def);
    }
}

static void
put_arg(const struct ipclab_arg *a, struct page *p)
{
    struct buf text = {0};

    buf_printf(&text, "%s (%s", a->summary, type_words(a));
    if ((a->flags & IPCLAB_NULLABLE) != 0)
        buf_puts(&text, ", or NULL");
    if (a->min <= INT32_MIN && a->max >= INT32_MAX)
        ; /* all that an int can be */
    else if ((a->min != 0 || a->max != 0) && a->max >= INT32_MAX)
        buf_printf(&text, ", at least %lld", (long long)a->min);
    else if (a->min != 0 || a->max != 0)
        buf_printf(&text, ", %lld to %lld", (long long)a->min, (long long)a->max);
    put_default(a, &text);
    buf_putc(&text, ')');
    page_item(p, a->name, buf_text(&text));
    buf_release(&text);
    if (a->constants == NULL || a->constants[0].name == NULL)
        return;
    page_list(p, 14);
    for (const struct ipclab_constant *k = a->constants; k->name != NULL; k++)
        page_item(p, k->name, k->summary != NULL ? k->summary : "");
    page_list_end(p);
}

static void
put_returns(const struct ipclab_call *c, struct page *p)
{
    static const char *const words[] = {
        [IPCLAB_INT] = "a number",       [IPCLAB_SIZE] = "a count of bytes",
        [IPCLAB_FD] = "a descriptor",    [IPCLAB_OBJECT] = "the id of the object",
        [IPCLAB_POINTER] = "an address", [IPCLAB_PROCESS] = "a pid",
        [IPCLAB_STREAM] = "a stream",    [IPCLAB_VOID] = "nothing",
    };
    const char *plain = c->result <= IPCLAB_VOID ? words[c->result] : NULL;
    bool fails = c->result != IPCLAB_VOID && c->errors != NULL && c->errors[0].name != NULL;
    struct buf text = {0};

    buf_puts(&text, c->returns != NULL ? c->returns : plain != NULL ? plain : "a number");
    if (fails && c->failure == 0)
        buf_puts(&text, "; NULL when it fails, and errno says why");
    else if (fails)
        buf_printf(&text, "; %lld when it fails, and errno says why", (long long)c->failure);
    page_heading(p, 3, "Returns");
    page_list(p, 10);
    page_item(p, "result", buf_text(&text));
    if ((c->flags & IPCLAB_ENDS) != 0)
        page_item(p, "but", "it does not return when it succeeds");
    if ((c->flags & IPCLAB_MAKES_PROCESS) != 0)
        page_item(p, "and", "a new process, which is an actor from then on");
    if ((c->flags & IPCLAB_VOLATILE) != 0)
        page_item(p, "note", "the number differs from run to run");
    page_list_end(p);
    buf_release(&text);
}

static void
put_waits(const struct ipclab_call *c, struct page *p)
{
    struct buf text = {0};

    page_heading(p, 3, "When it waits");
    buf_printf(&text,
               "%s. `why ACTOR` says it for the moment; `interrupt ACTOR` ends it with EINTR",
               c->waits != NULL ? c->waits : "the kernel has no answer yet");
    page_list(p, 10);
    page_item(p, "while", buf_text(&text));
    page_list_end(p);
    buf_release(&text);
}

static void
put_errors(const struct ipclab_call *c, struct page *p)
{
    page_heading(p, 3, "Errors");
    page_list(p, 10);
    for (const struct ipclab_error *e = c->errors; e->name != NULL; e++) {
        struct buf sentence = {0};

        put_sentence(e->sentence, &sentence);
        page_item(p, e->name, buf_text(&sentence));
        buf_release(&sentence);
    }
    page_list_end(p);
}

void
help_examples(const char *const *examples, struct page *p)
{
    int n = 0;

    while (examples != NULL && examples[n] != NULL)
        n++;
    if (n > 0)
        page_heading(p, 3, n > 1 ? "Examples" : "Example");
    for (int i = 0; i < n; i++) {
        if (i > 0 && p->form == PAGE_TEXT)
            buf_putc(p->out, '\n');
        page_lines(p, examples[i]);
    }
}

void
help_call(const struct ipclab_call *c, struct page *p)
{
    struct buf text = {0};

    page_list(p, 10);
    spelling_in_c(c, &text);
    page_item(p, "in C", buf_text(&text));
    buf_clear(&text);
    spelling_by_words(c, &text);
    page_item(p, "by words", buf_text(&text));
    page_item(p, "prototype", c->prototype);
    page_list_end(p);
    if (p->form == PAGE_TEXT)
        buf_putc(p->out, '\n');
    page_text(p, c->help);
    if (c->args[0].type != IPCLAB_END) {
        page_heading(p, 3, c->args[1].type != IPCLAB_END ? "Arguments" : "Argument");
        page_list(p, 10);
        for (const struct ipclab_arg *a = c->args; a->type != IPCLAB_END; a++)
            put_arg(a, p);
        page_list_end(p);
    }
    put_returns(c, p);
    if ((c->flags & IPCLAB_WAITS) != 0)
        put_waits(c, p);
    if (c->errors != NULL && c->errors[0].name != NULL)
        put_errors(c, p);
    help_examples(c->examples, p);
    buf_release(&text);
}

void
help_constant(const struct catalog *c, const char *name, struct page *p)
{
    int64_t value;
    bool any = false;

    if (!catalog_constant(c, name, &value))
        return;
    for (int i = 0; i < c->nplugins; i++)
        for (const struct ipclab_call *call = c->plugins[i].p.calls; call->name != NULL; call++)
            for (const struct ipclab_arg *a = call->args; a->type != IPCLAB_END; a++)
                for (const struct ipclab_constant *k = a->constants; k != NULL && k->name; k++)
                    if (strcmp(k->name, name) == 0) {
                        struct buf where = {0};

                        if (!any)
                            buf_printf(p->out, "%s%s = %lld (%#llx, %#llo)\n",
                                       p->out->len > 0 ? "\n" : "", name, (long long)value,
                                       (long long)value, (long long)value);
                        if (!any)
                            page_list(p, 18);
                        any = true;
                        buf_printf(&where, "%s: %s", call->name, a->name);
                        page_item(p, buf_text(&where), k->summary != NULL ? k->summary : "");
                        buf_release(&where);
                    }
    if (any)
        page_list_end(p);
}
