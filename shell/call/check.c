/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Is a plugin's record fit to be used? Everything in the shell is derived from the records, so
 * what is wrong in one is said once, here, by name, before anything rests on it. The same check
 * runs where a plugin is loaded and again where the shell reads its records from a blob. */
#include <stdint.h>

#include "call/catalog_parts.h"

typedef signed char lanes __attribute__((vector_size(32)));

/* So many bytes at once: all of them printable ASCII or newlines? The texts of all plugins are
 * checked at each start. What is not ASCII is negative here. */
static bool
are_plain(const char *s)
{
    uint64_t odd[sizeof(lanes) / 8];
    lanes v, found;

    memcpy(&v, s, sizeof v);
    found = ((v < 0x20) & (v != '\n')) | (v == 0x7f);
    memcpy(odd, &found, sizeof odd);
    return (odd[0] | odd[1] | odd[2] | odd[3]) == 0;
}

/* Text of at most max bytes, without control bytes but newlines. */
static bool
text_ok(const char *s, size_t max)
{
    size_t n, i = 0;

    if (s == NULL || (n = strnlen(s, max + 1)) > max)
        return false;
    while (i < n) {
        if (n - i >= sizeof(lanes) && are_plain(s + i))
            i += sizeof(lanes);
        else if (((unsigned char)s[i] < 0x20 && s[i] != '\n') || s[i] == 0x7f)
            return false;
        else
            i++;
    }
    return true;
}

static bool
said(const char *s)
{
    return text_ok(s, CATALOG_MAX_TEXT) && s[0] != '\0';
}

/* [a-z_][a-z0-9_]*, as an actor's line can name it. */
static bool
name_ok(const char *s)
{
    size_t n;

    if (s == NULL || (n = strnlen(s, CATALOG_MAX_NAME + 1)) == 0 || n > CATALOG_MAX_NAME)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!((s[i] >= 'a' && s[i] <= 'z') || s[i] == '_' || (i > 0 && s[i] >= '0' && s[i] <= '9')))
            return false;
    return true;
}

/* A C identifier in any case: IPC_CREAT, EAGAIN. */
static bool
word_ok(const char *s)
{
    size_t n;

    if (s == NULL || (n = strnlen(s, CATALOG_MAX_WORD + 1)) == 0 || n > CATALOG_MAX_WORD)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!((s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') || s[i] == '_' ||
              (i > 0 && s[i] >= '0' && s[i] <= '9')))
            return false;
    return true;
}

static int
refuse_call(struct err *err, const struct ipclab_call *call, const char *what)
{
    return err_set(err, STATUS_MACHINE, "call %.31s: %s", call->name, what);
}

static int
refuse_arg(struct err *err, const struct ipclab_call *call, int i, const char *what)
{
    const char *name = call->args[i].name;

    return err_set(err, STATUS_MACHINE, "call %.31s, argument %d%s%.31s: %s", call->name, i + 1,
                   name_ok(name) ? " " : "", name_ok(name) ? name : "", what);
}

static int
check_constants(const struct ipclab_constant *k, const char *where, struct err *err)
{
    for (int i = 0; k != NULL && k[i].name != NULL; i++) {
        if (i >= CATALOG_MAX_LIST)
            return err_set(err, STATUS_MACHINE, "%s: more than %d constants", where,
                           CATALOG_MAX_LIST);
        if (!word_ok(k[i].name))
            return err_set(err, STATUS_MACHINE, "%s: constant %d has no name of the form IPC_CREAT",
                           where, i + 1);
        if (k[i].summary != NULL && !text_ok(k[i].summary, CATALOG_MAX_TEXT))
            return err_set(err, STATUS_MACHINE, "%s: constant %s: its summary is no plain text",
                           where, k[i].name);
    }
    return 0;
}

static int
check_arg(const struct ipclab_call *call, int i, int nargs, struct err *err)
{
    const struct ipclab_arg *arg = &call->args[i];
    bool sized = arg->type == IPCLAB_BYTES || arg->type == IPCLAB_BUFFER;
    char where[100];

    if (!name_ok(arg->name))
        return refuse_arg(err, call, i,
                          "needs a name of the form [a-z_][a-z0-9_]*, up to 31 bytes");
    for (int j = 0; j < i; j++)
        if (strcmp(call->args[j].name, arg->name) == 0)
            return refuse_arg(err, call, i, "an earlier argument has this name");
    if (!said(arg->summary))
        return refuse_arg(err, call, i, "needs a summary");
    if (arg->type < IPCLAB_INT || arg->type > IPCLAB_HANDLER || arg->type == IPCLAB_VOID)
        return refuse_arg(err, call, i, "has no type of plugin.h");
    if (arg->min > arg->max)
        return refuse_arg(err, call, i, "its min is above its max");
    if (sized && arg->size_arg != -1 &&
        (arg->size_arg < 0 || arg->size_arg >= nargs ||
         call->args[arg->size_arg].type != IPCLAB_SIZE))
        return refuse_arg(err, call, i, "size_arg is neither -1 nor the index of a size");
    if (arg->type == IPCLAB_INTS && (arg->count < 1 || arg->count > CATALOG_MAX_INTS))
        return refuse_arg(err, call, i, "count must be 1 to 1024");
    if ((arg->flags & IPCLAB_REST) && i != nargs - 1)
        return refuse_arg(err, call, i, "only the last argument may repeat");
    if (!(arg->flags & (IPCLAB_OPTIONAL | IPCLAB_REST)) && i > 0 &&
        (call->args[i - 1].flags & IPCLAB_OPTIONAL))
        return refuse_arg(err, call, i, "may not be left out, but the one before it may");
    snprintf(where, sizeof where, "call %.31s, argument %.31s", call->name, arg->name);
    return check_constants(arg->constants, where, err);
}

static int
check_args(const struct ipclab_call *call, struct err *err)
{
    int n = 0;

    if (call->args == NULL)
        return refuse_call(err, call, "its args are NULL; a call without arguments has { 0 }");
    while (n <= IPCLAB_MAX_ARGS && call->args[n].type != IPCLAB_END)
        n++;
    if (n > IPCLAB_MAX_ARGS)
        return err_set(err, STATUS_MACHINE,
                       "call %.31s: more than %d arguments, or no { 0 } at "
                       "their end",
                       call->name, IPCLAB_MAX_ARGS);
    for (int i = 0; i < n; i++)
        if (check_arg(call, i, n, err) < 0)
            return -1;
    return 0;
}

static int
check_lists(const struct ipclab_call *call, struct err *err)
{
    const struct ipclab_error *e = call->errors;
    int n = 0;

    for (int i = 0; e != NULL && e[i].name != NULL; i++) {
        if (i >= CATALOG_MAX_LIST || !word_ok(e[i].name) || e[i].name[0] != 'E')
            return refuse_call(err, call, "its errors need names of the form ENOENT");
        if (!said(e[i].sentence))
            return err_set(err, STATUS_MACHINE, "call %.31s: error %s needs a sentence", call->name,
                           e[i].name);
    }
    if (call->examples == NULL)
        return refuse_call(err, call, "needs an example");
    while (call->examples[n] != NULL)
        if (n >= CATALOG_MAX_LIST || !said(call->examples[n++]))
            return refuse_call(err, call, "an example is empty or no plain text");
    return n > 0 ? 0 : refuse_call(err, call, "needs an example");
}

static int
check_call(const struct ipclab_call *call, struct err *err)
{
    if (!said(call->prototype))
        return refuse_call(err, call, "needs a prototype");
    if (!said(call->summary))
        return refuse_call(err, call, "needs a summary");
    if (!said(call->help))
        return refuse_call(err, call, "needs a help text");
    if ((call->returns != NULL && !said(call->returns)) ||
        (call->waits != NULL && !said(call->waits)))
        return refuse_call(err, call, "what it returns or waits for is empty or no plain text");
    if (!text_ok(call->man, CATALOG_MAX_TEXT))
        return refuse_call(err, call, "its man must name a page, or be empty");
    if (call->result < IPCLAB_INT || call->result > IPCLAB_VOID)
        return refuse_call(err, call, "its result has no type of plugin.h");
    if (check_args(call, err) < 0)
        return -1;
    return check_lists(call, err);
}

static int
check_kinds(const struct ipclab_kind *k, struct err *err)
{
    for (int i = 0; k != NULL && k[i].name != NULL; i++) {
        if (i >= CATALOG_MAX_CALLS || !name_ok(k[i].name))
            return err_set(err, STATUS_MACHINE,
                           "kind %d needs a name of the form [a-z_][a-z0-9_]*, up to 31 bytes",
                           i + 1);
        for (int j = 0; j < i; j++)
            if (strcmp(k[j].name, k[i].name) == 0)
                return err_set(err, STATUS_MACHINE, "kind %s is there twice", k[i].name);
        if (!said(k[i].summary))
            return err_set(err, STATUS_MACHINE, "kind %s needs a summary", k[i].name);
        if (k[i].level != NULL && !name_ok(k[i].level))
            return err_set(err, STATUS_MACHINE, "kind %s: its level is no name of a field",
                           k[i].name);
        if (k[i].line != NULL && !text_ok(k[i].line, CATALOG_MAX_TEXT))
            return err_set(err, STATUS_MACHINE, "kind %s: its line is no plain text", k[i].name);
        if (k[i].maps != NULL && (k[i].maps[0] != '/' || !text_ok(k[i].maps, CATALOG_MAX_WORD)))
            return err_set(err, STATUS_MACHINE, "kind %s: its maps do not begin with /", k[i].name);
    }
    return 0;
}

/* A form has lines and what they come to, or a note that says why there is none. */
static bool
form_ok(const struct ipclab_form *f)
{
    if (f->note != NULL && !said(f->note))
        return false;
    return f->lines != NULL ? said(f->lines) && said(f->returns)
                            : f->note != NULL && f->returns == NULL;
}

static int
check_blocking(const struct ipclab_blocking *w, struct err *err)
{
    for (int i = 0; w != NULL && w[i].when != NULL; i++) {
        const char *lacks = NULL;

        if (i >= CATALOG_MAX_LIST || !said(w[i].when))
            return err_set(err, STATUS_MACHINE, "blocking %d: needs to say when", i + 1);
        if (!said(w[i].before))
            lacks = "its `before` is empty or no plain text";
        else if (w[i].waits.lines == NULL || !form_ok(&w[i].waits) || !said(w[i].ends))
            lacks = "needs a form that waits, what it returns, and what ends it";
        else if (!form_ok(&w[i].at_once) || !form_ok(&w[i].timed))
            lacks = "each other form needs lines and what they return, or a note";
        if (lacks != NULL)
            return err_set(err, STATUS_MACHINE, "blocking %d: %s", i + 1, lacks);
    }
    return 0;
}

static int
check_benches(const struct ipclab_bench *m, struct err *err)
{
    for (int i = 0; m != NULL && m[i].name != NULL; i++) {
        if (i >= CATALOG_MAX_CALLS || !name_ok(m[i].name))
            return err_set(err, STATUS_MACHINE,
                           "bench %d needs a name of the form [a-z_][a-z0-9_]*, up to 31 bytes",
                           i + 1);
        for (int j = 0; j < i; j++)
            if (strcmp(m[j].name, m[i].name) == 0)
                return err_set(err, STATUS_MACHINE, "bench %s is there twice", m[i].name);
        if (!said(m[i].summary))
            return err_set(err, STATUS_MACHINE, "bench %s needs a summary", m[i].name);
        if ((m[i].limit != NULL && !said(m[i].limit)) ||
            (m[i].answered != NULL && !said(m[i].answered)) ||
            (m[i].most != 0 && m[i].limit == NULL))
            return err_set(err, STATUS_MACHINE, "bench %s: its limits need a reason in words",
                           m[i].name);
    }
    return 0;
}

int
catalog_check_records(const struct ipclab_plugin *plugin, struct err *err)
{
    const struct ipclab_call *calls = plugin->calls;

    if (!name_ok(plugin->name))
        return err_set(err, STATUS_MACHINE,
                       "the plugin needs a name of the form [a-z_][a-z0-9_]*, up to %d bytes",
                       CATALOG_MAX_NAME);
    if (!said(plugin->version) || !said(plugin->summary) || !said(plugin->help))
        return err_set(err, STATUS_MACHINE,
                       "the plugin needs a version, a summary and a help text");
    for (int i = 0; plugin->man != NULL && plugin->man[i] != NULL; i++)
        if (i >= CATALOG_MAX_LIST || !said(plugin->man[i]))
            return err_set(err, STATUS_MACHINE, "an element of man is empty or no plain text");
    for (int i = 0; calls != NULL && calls[i].name != NULL; i++) {
        if (i >= CATALOG_MAX_CALLS)
            return err_set(err, STATUS_MACHINE, "more than %d calls, or no { 0 } at their end",
                           CATALOG_MAX_CALLS);
        if (!name_ok(calls[i].name))
            return err_set(err, STATUS_MACHINE,
                           "call %d needs a name of the form [a-z_][a-z0-9_]*, up to %d bytes",
                           i + 1, CATALOG_MAX_NAME);
        for (int j = 0; j < i; j++)
            if (strcmp(calls[j].name, calls[i].name) == 0)
                return refuse_call(err, &calls[i], "is there twice");
        if (check_call(&calls[i], err) < 0)
            return -1;
    }
    for (int i = 0; plugin->fields != NULL && plugin->fields[i] != NULL; i++)
        if (i >= CATALOG_MAX_LIST || !name_ok(plugin->fields[i]))
            return err_set(err, STATUS_MACHINE,
                           "field %d needs a name of the form [a-z_][a-z0-9_]*, up to %d bytes",
                           i + 1, CATALOG_MAX_NAME);
    if (check_kinds(plugin->kinds, err) < 0 || check_blocking(plugin->blocking, err) < 0 ||
        check_benches(plugin->benches, err) < 0)
        return -1;
    return check_constants(plugin->constants, "the plugin", err);
}

/* $word in an error's sentence is one of the call's arguments, else it would stay as it is. */
static int
check_sentence(const struct ipclab_call *call, const struct ipclab_error *e, struct err *err)
{
    for (const char *p = strchr(e->sentence, '$'); p != NULL; p = strchr(p + 1, '$')) {
        size_t n = strspn(p + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");
        bool known = false;

        for (const struct ipclab_arg *arg = call->args; arg->type != IPCLAB_END; arg++)
            known |= strlen(arg->name) == n && memcmp(arg->name, p + 1, n) == 0;
        if (!known)
            return err_set(err, STATUS_MACHINE,
                           "call %s: the sentence of %s names $%.*s, which is no argument",
                           call->name, e->name, (int)(n < 31 ? n : 31), p + 1);
    }
    return 0;
}

int
catalog_check(const struct ipclab_plugin *plugin, struct err *err)
{
    if (catalog_check_records(plugin, err) < 0)
        return -1;
    for (const struct ipclab_call *c = plugin->calls; c != NULL && c->name != NULL; c++) {
        if (c->run == NULL)
            return refuse_call(err, c, "has no handler");
        if ((c->timed != NULL || c->explain != NULL) && !(c->flags & IPCLAB_WAITS))
            return refuse_call(err, c, "has timed or explain but not IPCLAB_WAITS");
        for (const struct ipclab_error *e = c->errors; e != NULL && e->name != NULL; e++)
            if (check_sentence(c, e, err) < 0)
                return -1;
    }
    for (const struct ipclab_kind *k = plugin->kinds; k != NULL && k->name != NULL; k++)
        if (k->state == NULL)
            return err_set(err, STATUS_MACHINE, "kind %s has no state", k->name);
    for (const struct ipclab_bench *m = plugin->benches; m != NULL && m->name != NULL; m++) {
        bool sends = m->send != NULL && m->receive != NULL;

        if (m->setup == NULL || sends == (m->give != NULL && m->take != NULL))
            return err_set(err, STATUS_MACHINE,
                           "bench %s needs setup, and either send and receive or give and take",
                           m->name);
    }
    return 0;
}
