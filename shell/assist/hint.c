/* SPDX-License-Identifier: GPL-3.0-or-later
 * See hint.h. */
#include "assist/hint.h"

#include "assist/complete.h"
#include "assist/prototype.h"
#include "assist/scene.h"
#include "base/text.h"
#include "lang/lex.h"
#include "session/peek.h"

/* The arguments from index i on, each with what goes before it. */
static void
put_arguments(const struct ipclab_call *call, int i, bool shell, bool first, struct buf *out)
{
    const struct ipclab_arg *arg = catalog_arg(call, i);
    const struct ipclab_arg *end = call->args + catalog_nargs(call);

    for (; arg != NULL && arg < end; arg++, first = false) {
        if (!first)
            buf_puts(out, shell ? " " : ", ");
        if (shell)
            prototype_word(arg, out);
        else
            prototype_argument(call, arg, out);
    }
}

/* What closes the outer `depth` brackets, with the arguments that are still missing. */
static void
close_brackets(const struct scene *sc, int depth, struct buf *out)
{
    for (int i = depth - 1; i >= 0; i--) {
        const struct scene_frame *f = &sc->frames[i];

        if (f->call != NULL)
            put_arguments(f->call, f->arg + 1, f->closer == '\0', false, out);
        if (f->closer != '\0')
            buf_putc(out, f->closer);
    }
}

static void
put_closers(const struct scene *sc, struct buf *out)
{
    close_brackets(sc, sc->depth, out);
}

static void
put_call(const struct ipclab_call *call, struct buf *out)
{
    buf_putc(out, '(');
    put_arguments(call, 0, false, true, out);
    buf_putc(out, ')');
}

/* The end of the word of a usage at pos: to a blank or bracket, over "A | B", which is one. */
static size_t
usage_word(const char *usage, size_t pos)
{
    for (;;) {
        pos += strcspn(usage + pos, " []");
        if (strncmp(usage + pos, " | ", 3) != 0)
            return pos;
        pos += 3;
    }
}

enum { USAGE_WORDS = 16 };

/* The words of a usage without its options and brackets. */
static int
usage_words(const char *usage, struct span words[USAGE_WORDS])
{
    size_t at = 0, end;
    int n = 0;

    for (; n < USAGE_WORDS; at = end) {
        at += strspn(usage + at, " []");
        if (usage[at] == '\0')
            break;
        end = usage_word(usage, at);
        if (usage[at] != '-')
            words[n++] = (struct span){(int)at, (int)end};
    }
    return n;
}

static bool
repeats(const char *usage, struct span word)
{
    return word.end - word.col > 3 && memcmp(usage + word.end - 3, "...", 3) == 0;
}

/* What is left of a usage behind the words that are typed: "[--save] [NAME VALUE]" has VALUE behind
 * the first. What repeats never ends, and a word that the usage has as it is (as VIEW) takes us to
 * its place. */
static void
put_usage(const struct scene *sc, struct buf *out)
{
    const char *usage = sc->builtin->usage;
    struct span words[USAGE_WORDS];
    int n = usage_words(usage, words), next = 0;

    if (sc->word == sc->words) {
        buf_puts(out, usage);
        return;
    }
    for (size_t at = sc->words, from = at; at < sc->word; from = at) {
        size_t length = scene_word(sc, &at);
        int same = next;

        if (length > 1 && sc->line[from] == '-' && sc->line[from + 1] == '-')
            continue;
        while (same < n && ((size_t)(words[same].end - words[same].col) != length ||
                            memcmp(usage + words[same].col, sc->line + from, length) != 0))
            same++;
        if (same < n)
            next = same + 1;
        else if (next < n && !repeats(usage, words[next]))
            next++;
    }
    for (int i = next; i < n; i++)
        buf_printf(out, "%s%.*s", i > next ? " " : "", words[i].end - words[i].col,
                   usage + words[i].col);
}

/* ---- The word at the cursor --------------------------------------------------------------------
 */

static bool
copy_word(const struct scene *sc, char room[LEX_NAME_MAX + 1])
{
    size_t n = sc->n - sc->word;

    if (n > LEX_NAME_MAX)
        return false;
    memcpy(room, sc->line + sc->word, n);
    room[n] = '\0';
    return memchr(room, '\0', n) == NULL;
}

/* Does the word stand for a value as it is? */
static bool
is_value(const struct scene *sc, const char *word)
{
    const struct actor *a = scene_actor(sc);
    int64_t value;

    return (word[0] >= '0' && word[0] <= '9') || strcmp(word, "NULL") == 0 ||
           (a != NULL && symtab_find(&a->symtab, word) != NULL) ||
           catalog_constant(&sc->s->launcher.catalog, word, &value) ||
           world_actor(&sc->s->world, word) != NULL;
}

static const struct ipclab_arg *
record(const struct scene *sc)
{
    const struct scene_frame *f = scene_argument(sc);

    return f != NULL ? catalog_arg(f->call, f->arg) : NULL;
}

/* May it be a name that comes into being by this? */
static bool
may_be_new(const struct scene *sc)
{
    const struct ipclab_arg *arg = record(sc);

    return arg != NULL && (arg->type == IPCLAB_BUFFER || arg->type == IPCLAB_INTS ||
                           arg->type == IPCLAB_NEWNAME || arg->type == IPCLAB_HANDLER);
}

/* A word of the shell form where a text goes is one, whatever it is. */
static bool
is_text(const struct scene *sc)
{
    const struct ipclab_arg *arg = record(sc);

    return arg != NULL && sc->depth == 1 && sc->frames[0].closer == '\0' &&
           (arg->type == IPCLAB_STRING || arg->type == IPCLAB_PATH || arg->type == IPCLAB_BYTES);
}

/* What follows the full word. */
static void
put_after(const struct scene *sc, const char *word, struct buf *out)
{
    const struct ipclab_call *call = catalog_call(&sc->s->launcher.catalog, word, NULL);
    const struct builtin *b = session_builtin(sc->s, word);

    if (sc->kind == SCENE_START && b != NULL) {
        if (b->usage[0] != '\0')
            buf_printf(out, " %s", b->usage);
    } else if (sc->kind == SCENE_BUILTIN || (sc->kind == SCENE_START && call == NULL)) {
        return;
    } else if (sc->kind == SCENE_STATEMENT &&
               (strcmp(word, "print") == 0 || strcmp(word, "await") == 0)) {
        buf_puts(out, " EXPR");
    } else if (call != NULL && sc->head != HEAD_AWAIT && !is_value(sc, word)) {
        put_call(call, out);
        put_closers(sc, out);
    } else {
        put_closers(sc, out);
    }
}

static bool
is_full(const struct scene *sc, const char *word)
{
    switch (sc->kind) {
    case SCENE_START:
        return session_builtin(sc->s, word) != NULL || world_actor(&sc->s->world, word) != NULL ||
               (sc->s->subject != NULL &&
                catalog_call(&sc->s->launcher.catalog, word, NULL) != NULL);
    case SCENE_STATEMENT:
        return strcmp(word, "print") == 0 || strcmp(word, "await") == 0 || is_value(sc, word) ||
               catalog_call(&sc->s->launcher.catalog, word, NULL) != NULL;
    case SCENE_ARGUMENT:
    case SCENE_EXPRESSION:
        return is_value(sc, word) || catalog_call(&sc->s->launcher.catalog, word, NULL) != NULL;
    default:
        return false;
    }
}

static void
hint_word(const struct scene *sc, struct buf *out)
{
    char word[LEX_NAME_MAX + 1];
    struct completion c;
    size_t n = sc->n - sc->word;

    if (is_text(sc)) {
        put_closers(sc, out);
        return;
    }
    if (!copy_word(sc, word))
        return;
    if (is_full(sc, word)) {
        put_after(sc, word, out);
        return;
    }
    complete_line(sc->s, sc->line, sc->n, &c);
    if (c.n == 1 && !c.loose && c.from == sc->word && strlen(c.list[0].text) > n) {
        text_escape(out, c.list[0].text + n, strlen(c.list[0].text) - n, false);
        put_after(sc, c.list[0].text, out);
    } else if ((c.n == 0 || c.loose) && may_be_new(sc)) {
        put_closers(sc, out);
    }
    complete_release(&c);
}

/* ---- Without a word ----------------------------------------------------------------------------
 */

/* Why nothing can be typed behind this name. */
static void
hint_deaf(const struct scene *sc, const struct actor *a, struct buf *out)
{
    if (a->state == ACTOR_BUSY && a->call_name != NULL)
        buf_printf(out, "%s in %s since step %lld; `why %s`", a->restless ? "runs" : "waits",
                   a->call_name, (long long)a->step, a->name);
    else
        peek_doing(sc->s, a, out);
}

/* An argument that has not begun. */
static void
hint_argument(const struct scene *sc, struct buf *out)
{
    const struct scene_frame *f = &sc->frames[sc->depth - 1];

    for (size_t i = f->from; i < sc->n; i++)
        if (!lex_blank(sc->line[i]))
            return;
    if (f->call == NULL || (f->arg > 0 && catalog_arg(f->call, f->arg) == NULL))
        return;
    if (f->arg > 0 && !lex_blank(sc->line[sc->n - 1]))
        buf_putc(out, ' ');
    put_arguments(f->call, f->arg, f->closer == '\0', true, out);
    if (f->closer != '\0')
        buf_putc(out, f->closer);
    close_brackets(sc, sc->depth - 1, out);
}

void
hint_line(struct session *s, const char *line, size_t n, struct buf *out)
{
    struct scene sc;
    const struct actor *a;

    if (n == 0) {
        if (s->suggestion != NULL)
            text_escape(out, s->suggestion, strlen(s->suggestion), false);
        return;
    }
    scene_read(&sc, s, line, n);
    a = scene_actor(&sc);
    if (sc.kind == SCENE_NOTHING || sc.kind == SCENE_NEW_NAME)
        return;
    if (sc.kind >= SCENE_STATEMENT && sc.kind != SCENE_BUILTIN &&
        (a == NULL || !scene_can_act(a))) {
        if (a != NULL && sc.kind == SCENE_STATEMENT && sc.word == n && !sc.by_use)
            hint_deaf(&sc, a, out);
        return;
    }
    if (sc.quote != '\0') {
        buf_putc(out, sc.quote);
        put_closers(&sc, out);
    } else if (sc.word < n && !sc.after) {
        hint_word(&sc, out);
    } else if (sc.word == n && sc.after) {
        put_closers(&sc, out);
    } else if (sc.word < n) {
        return;
    } else if (sc.kind == SCENE_BUILTIN) {
        put_usage(&sc, out);
    } else if (sc.depth > 0) {
        hint_argument(&sc, out);
    } else if (sc.kind == SCENE_EXPRESSION && sc.fresh && sc.head != HEAD_OTHER &&
               sc.head != HEAD_DECLARE) {
        buf_puts(out, "EXPR");
    }
}
