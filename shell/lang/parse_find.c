/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Looking names up: calls and what they abbreviate at a prompt, and for a name that is nothing
 * the nearest one that is something. */
#include <string.h>

#include "base/text.h"
#include "lang/parse_in.h"

struct prefix {
    const char *word;
    size_t len;
    const struct ipclab_call *found;
    int n;
};

static void
match_prefix(void *ctx, const struct ipclab_call *call)
{
    struct prefix *prefix = ctx;

    if (strncmp(call->name, prefix->word, prefix->len) == 0) {
        prefix->found = call;
        prefix->n++;
    }
}

enum { PREFIX_MIN = 3 };

const struct ipclab_call *
parse_find_call(struct parser *p, const char **name, size_t from, struct call_ref *ref)
{
    const struct ipclab_call *call = catalog_call(p->env->catalog, *name, ref);
    struct prefix prefix = {.word = *name, .len = strlen(*name)};
    struct line_edit *edit;

    /* A letter or two is rather a slip than a word begun, and the call would be made. */
    if (call != NULL || !p->env->interactive || prefix.len < PREFIX_MIN)
        return call;
    catalog_each_call(p->env->catalog, match_prefix, &prefix);
    if (prefix.n != 1)
        return NULL;
    edit = pool_alloc(&p->memory->pool, sizeof *edit);
    *edit = (struct line_edit){.at = from, .n = prefix.len};
    *name = edit->full =
        pool_copy(&p->memory->pool, prefix.found->name, strlen(prefix.found->name));
    *p->memory->last_edit = edit;
    p->memory->last_edit = &edit->next;
    return catalog_call(p->env->catalog, *name, ref);
}

static void
offer_call(void *ctx, const struct ipclab_call *call)
{
    near_offer(ctx, call->name);
}

static void
offer_name(void *ctx, const char *name)
{
    near_offer(ctx, name);
}

/* What a statement may begin with besides a call. */
static void
offer_heads(struct near *near)
{
    const char *name;

    near_offer(near, "print");
    near_offer(near, "await");
    for (int i = 0; (name = type_name(i)) != NULL; i++)
        near_offer(near, name);
}

/* A variable where a call is expected. Always -1. */
static int
no_call_but_variable(struct parser *p, const struct var *var, size_t from)
{
    const char *who = p->line->who[0], *text = p->memory->text;
    size_t to = from + strlen(var->name), next = lex_skip(text, to, p->end);

    if (next < p->end && text[next] == '(' && var->type.count > 0)
        return err_at(p->err, (int)from + 1, (int)to,
                      "'%s' is an array of %s; its elements are %s[0] to %s[%u]", var->name, who,
                      var->name, var->name, var->type.count - 1);
    return err_at(p->err, (int)from + 1, (int)to,
                  "'%s' is a variable of %s and no call; `%s print %s` shows it", var->name, who,
                  who, var->name);
}

int
parse_no_call(struct parser *p, const char *name, size_t from)
{
    const struct line *line = p->line;
    const struct symtab *symtab = NULL;
    const struct var *var = NULL;
    char who[SYMTAB_NAME_MAX + 8] = "there is";
    struct near near;

    if (line->nwho > 0) {
        snprintf(who, sizeof who, "%s has", line->who[0]);
        if (p->env->symtab_of != NULL)
            symtab = p->env->symtab_of(p->env->ctx, line->who[0]);
        var = symtab != NULL ? symtab_find(symtab, name) : NULL;
    }
    if (var != NULL)
        return no_call_but_variable(p, var, from);
    for (const char *const *b = p->env->builtins; line->nwho > 0 && *b != NULL; b++)
        if (strcmp(*b, name) == 0)
            return err_at(p->err, (int)from + 1, (int)(from + strlen(name)),
                          "%s no call '%s': that is said to the shell, without an actor before it",
                          who, name);
    near_init(&near, name);
    catalog_each_call(p->env->catalog, offer_call, &near);
    if (from == p->start)
        offer_heads(&near);
    return err_at(p->err, (int)from + 1, (int)(from + strlen(name)), "%s no call '%s'%s%s%s", who,
                  name, near.best[0] != '\0' ? "; did you mean " : "", near.best,
                  near.best[0] != '\0' ? "?" : "; `plugins` lists the calls");
}

struct names {
    struct buf text;
    int n;
};

static void
list_name(void *ctx, const char *name)
{
    struct names *names = ctx;

    if (++names->n <= 8)
        buf_printf(&names->text, "%s%s", names->n > 1 ? ", " : "", name);
    else if (names->n == 9)
        buf_puts(&names->text, ", ...");
}

/* An actor's name is missing before what one would do. */
static bool
put_missing(struct parser *p, const char *word, size_t next, struct buf *out)
{
    const char *text = p->memory->text;
    char c = next < p->end ? text[next] : '\0';
    struct type type;

    if (catalog_call(p->env->catalog, word, NULL) != NULL)
        buf_printf(out, "who calls %s? an actor's name comes first, as in: ACTOR %s(...)%s", word,
                   word, strcmp(word, "exit") == 0 && c == '\0' ? "; `quit` leaves ipclab" : "");
    else if (strcmp(word, "print") == 0 || strcmp(word, "await") == 0)
        buf_printf(out, "who %ss? an actor's name comes first, as in: ACTOR %s EXPR", word, word);
    else if (type_by_name(word, &type))
        buf_printf(out, "whose variable is that? an actor's name comes first, as in: ACTOR %s n",
                   word);
    else if (c == '[' || (c == '=' && (next + 1 == p->end || text[next + 1] != '=')))
        buf_printf(out,
                   "whose variable is '%s'? an actor's name comes first, as in: ACTOR %s = ...",
                   word, word);
    else
        return false;
    return true;
}

int
parse_no_subject(struct parser *p, size_t from, size_t n)
{
    size_t next = lex_skip(p->memory->text, from + n, p->end);
    bool listed = p->line->nwho > 0; /* a, b: no builtin is there */
    char word[LEX_NAME_MAX + 1] = "";
    struct names names = {.n = 0};
    struct buf text = {0};
    struct near near;

    memcpy(word, p->memory->text + from, n < sizeof word ? n : sizeof word - 1);
    near_init(&near, word);
    if (listed || !put_missing(p, word, next, &text)) {
        for (const char *const *b = p->env->builtins; *b != NULL && !listed; b++)
            near_offer(&near, *b);
        p->env->each_actor(p->env->ctx, offer_name, &near);
        if (p->memory->text[from + n] == '(') /* the name of a call whose actor is missing */
            catalog_each_call(p->env->catalog, offer_call, &near);
        buf_printf(&text, "no actor %s'%s'", listed ? "" : "or builtin ", word);
        if (near.best[0] != '\0')
            buf_printf(&text, "; did you mean %s?", near.best);
    }
    p->env->each_actor(p->env->ctx, list_name, &names);
    if (near.best[0] == '\0' && names.n > 0)
        buf_printf(&text, "; actors: %s", buf_text(&names.text));
    else if (names.n == 0)
        buf_puts(&text, "; no actor lives; `spawn NAME` makes one");
    err_at(p->err, (int)from + 1, (int)(from + n), "%s", buf_text(&text));
    buf_release(&text);
    buf_release(&names.text);
    return -1;
}
