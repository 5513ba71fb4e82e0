/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the bytes of a line to who does what. What people paste is peeled off from both ends by
 * moving two positions; the text itself is never rewritten, so that places stay true. */
#include <string.h>

#include "base/text.h"
#include "lang/parse_in.h"

static bool
has(const struct parser *p, size_t pos, const char *word)
{
    size_t n = strlen(word);

    return p->end - pos >= n && memcmp(p->memory->text + pos, word, n) == 0;
}

static size_t
skip_blanks(const struct parser *p, size_t pos)
{
    while (pos < p->end && lex_blank(p->memory->text[pos]))
        pos++;
    return pos;
}

static bool
word_is(const struct parser *p, size_t pos, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(p->memory->text + pos, word, n) == 0;
}

static const char *
find_builtin(const struct parser *p, size_t pos, size_t n, bool prefix, int *count)
{
    const char *found = NULL;

    *count = 0;
    for (const char *const *b = p->env->builtins; *b != NULL; b++) {
        if (n > 0 && (*b)[0] != p->memory->text[pos])
            continue;
        if (word_is(p, pos, n, *b)) {
            *count = 1;
            return *b;
        }
        if (prefix && strncmp(*b, p->memory->text + pos, n) == 0) {
            found = *b;
            ++*count;
        }
    }
    return *count == 1 ? found : NULL;
}

/* The words of a builtin, to the comment or the last `;`. What a shell or Lua reads is left as it
 * is: `#` and quotes mean something else there. */
static int
builtin_words(struct parser *p, const char *name, size_t pos)
{
    bool raw = strcmp(name, "!") == 0 || strcmp(name, "lua") == 0;
    const char *text = p->memory->text;
    size_t start = skip_blanks(p, pos), at = start, stop = raw ? p->end : start;
    struct line *line = p->line;

    while (!raw && at < p->end && !(text[at] == '#' && (at == 0 || lex_blank(text[at - 1])))) {
        size_t close = at + 1;

        if (text[at] == '"' || text[at] == '\'')
            close = lex_quoted(text, at, p->end);
        if (close == 0)
            return err_at(p->err, (int)at + 1, (int)p->end, "the quote %c is never closed",
                          text[at]);
        if (!lex_blank(text[at]))
            stop = close;
        at = close;
    }
    while (stop > start && (lex_blank(text[stop - 1]) || (!raw && text[stop - 1] == ';')))
        stop--;
    line->kind = LINE_BUILTIN;
    line->builtin = pool_copy(&p->memory->pool, name, strlen(name));
    line->rest = pool_copy(&p->memory->pool, text + start, stop - start);
    line->rest_col = (int)start + 1;
    return 0;
}

static void
room_for_who(struct parser *p, size_t n)
{
    p->line->who = pool_alloc(&p->memory->pool, n * sizeof *p->line->who);
    p->line->who_at = pool_alloc(&p->memory->pool, n * sizeof *p->line->who_at);
}

static int
one_who(struct parser *p, const char *name, size_t n, struct span at)
{
    struct line *line = p->line;

    if (line->nwho == LINE_MAX_WHO)
        return err_at(p->err, at.col, at.end, "a line names at most %d actors; `*` is all of them",
                      LINE_MAX_WHO);
    line->who_at[line->nwho] = at;
    memcpy(line->who[line->nwho], name, n);
    line->who[line->nwho++][n] = '\0';
    return 0;
}

static bool
is_actor(const struct parser *p, size_t pos, size_t n)
{
    char name[SYMTAB_NAME_MAX + 1];

    if (n == 0 || n > SYMTAB_NAME_MAX)
        return false;
    memcpy(name, p->memory->text + pos, n);
    name[n] = '\0';
    return p->env->is_actor(p->env->ctx, name);
}

/* ACTOR { "," ACTOR } from *pos on. */
static int
actors(struct parser *p, size_t *pos)
{
    const char *text = p->memory->text;
    size_t at = *pos, n, count = 1;

    for (size_t i = at; i < p->end && count < LINE_MAX_WHO; i++)
        count += text[i] == ',';
    room_for_who(p, count);
    for (;;) {
        if ((n = lex_name(text, at, p->end)) == 0)
            return err_at(p->err, (int)at + 1, (int)at + 1,
                          "the name of an actor is expected after ','");
        if (!is_actor(p, at, n))
            return parse_no_subject(p, at, n);
        if (one_who(p, text + at, n, (struct span){(int)at + 1, (int)(at + n)}) < 0)
            return -1;
        *pos = at + n;
        at = skip_blanks(p, *pos);
        if (at >= p->end || text[at] != ',')
            break;
        at = skip_blanks(p, at + 1);
    }
    if (*pos < p->end && !lex_blank(text[*pos]) && text[*pos] != ';')
        return err_at(p->err, (int)*pos + 1, (int)*pos + 1,
                      "%s is an actor; a blank goes between it and what it does",
                      p->line->who[p->line->nwho - 1]);
    *pos = at;
    if (at + 1 < p->end && text[at] == '=' && text[at + 1] != '=')
        return err_at(p->err, p->line->who_col, (int)(at - 1),
                      "'%s' is an actor; a variable needs another name", p->line->who[0]);
    if (lex_skip(text, at, p->end) == p->end || text[at] == ';')
        return err_at(p->err, p->line->who_col, (int)at,
                      "what does %s do? a call, an assignment, print or await is expected",
                      p->line->who[0]);
    return 0;
}

/* Whose line it is that names nobody: that of `use`. */
static int
subject(struct parser *p, size_t from, size_t n)
{
    const char *name = p->env->subject;

    if (name == NULL && n == 0)
        return lex_unexpected(p->err, p->memory->text, from, from + 1,
                              "; a line starts with an actor or a builtin");
    if (name == NULL)
        return parse_no_subject(p, from, n);
    room_for_who(p, 1);
    return one_who(p, name, strnlen(name, SYMTAB_NAME_MAX),
                   (struct span){(int)from + 1, (int)(from + n)});
}

/* A word that is no builtin in full: does it abbreviate one, and no call of the subject? */
static const char *
abbreviated(struct parser *p, size_t pos, size_t n, size_t next)
{
    char name[LEX_NAME_MAX + 1];
    const char *found;
    int count;
    char c = next < p->end ? p->memory->text[next] : ' ';

    if (!p->env->interactive || n == 0 || n > LEX_NAME_MAX || c == '=' || c == '(' || c == '[')
        return NULL;
    memcpy(name, p->memory->text + pos, n);
    name[n] = '\0';
    if (p->env->subject != NULL && (catalog_call(p->env->catalog, name, NULL) != NULL ||
                                    strcmp(name, "print") == 0 || strcmp(name, "await") == 0))
        return NULL;
    found = find_builtin(p, pos, n, true, &count);
    return found;
}

static int
first_word(struct parser *p, size_t pos)
{
    const char *text = p->memory->text, *builtin;
    size_t n = lex_name(text, pos, p->end), next = skip_blanks(p, pos + n);
    bool ends = n > 0 && (pos + n == p->end || lex_blank(text[pos + n]) || text[pos + n] == ';');
    int count;

    p->line->kind = LINE_STATEMENT;
    p->line->who_col = (int)pos + 1;
    if (text[pos] == '*' && pos + 1 < p->end && lex_blank(text[pos + 1])) {
        p->line->everyone = true;
        next = skip_blanks(p, pos + 1);
        if (lex_skip(text, next, p->end) == p->end)
            return err_at(p->err, (int)pos + 1, (int)pos + 1, "what do all actors do?");
        return parse_statement(p, next);
    }
    if (text[pos] == '!' && find_builtin(p, pos, 1, false, &count) != NULL)
        return builtin_words(p, "!", pos + 1);
    if (ends && (builtin = find_builtin(p, pos, n, false, &count)) != NULL)
        return builtin_words(p, builtin, pos + n);
    if (is_actor(p, pos, n) || (n > 0 && next < p->end && text[next] == ',')) {
        next = pos;
        return actors(p, &next) < 0 ? -1 : parse_statement(p, next);
    }
    if (ends && (builtin = abbreviated(p, pos, n, next)) != NULL)
        return builtin_words(p, builtin, pos + n);
    return subject(p, pos, n) < 0 ? -1 : parse_statement(p, pos);
}

/* `[pid 41] call(...)` and, in a file of strace -o, `41 call(...)`: the pid says who. */
static int
strace_pid(struct parser *p, size_t pos)
{
    const char *text = p->memory->text, *name;
    size_t digits = skip_blanks(p, text[pos] == '[' ? pos + 4 : pos), at = digits, last;
    int64_t pid = 0;

    while (at < p->end && text[at] >= '0' && text[at] <= '9' && at - digits < 10)
        pid = pid * 10 + text[at++] - '0';
    if (at == digits || at >= p->end || (text[pos] == '[' ? text[at] != ']' : !lex_blank(text[at])))
        return lex_unexpected(p->err, text, pos, pos + 1,
                              "; a line starts with an actor or a builtin");
    p->line->kind = LINE_STATEMENT;
    p->line->who_col = (int)pos + 1;
    name = p->env->actor_of_pid(p->env->ctx, pid);
    last = at;
    at = skip_blanks(p, at + (text[pos] == '['));
    if (has(p, at, "+++") || has(p, at, "---") || has(p, at, "<...") || at == p->end) {
        p->line->kind = LINE_EMPTY;
        return 0;
    }
    if (name == NULL)
        return err_at(p->err, (int)digits + 1, (int)last, "no actor has pid %lld; `ps` shows them",
                      (long long)pid);
    room_for_who(p, 1);
    if (one_who(p, name, strnlen(name, SYMTAB_NAME_MAX),
                (struct span){(int)digits + 1, (int)last}) < 0)
        return -1;
    p->pasted = true;
    return parse_statement(p, at);
}

/* What is printed, not typed: `| ` lines of a transcript, notes of strace. */
static bool
is_output(const struct parser *p, size_t pos)
{
    return has(p, pos, "| ") || (p->memory->text[pos] == '|' && pos + 1 == p->end) ||
           has(p, pos, "+++ ") || has(p, pos, "--- ") || has(p, pos, "<... ");
}

static int
whole(struct parser *p)
{
    static const char cut[] = "<unfinished ...>", prompt[] = "ipclab>";
    const char *text = p->memory->text;
    size_t pos = skip_blanks(p, has(p, 0, "\xef\xbb\xbf") ? 3 : 0);

    while (p->end > pos && lex_blank(text[p->end - 1]))
        p->end--;
    if (pos == p->end || is_output(p, pos))
        return 0;
    if (has(p, pos, prompt))
        pos = skip_blanks(p, pos + sizeof prompt - 1);
    if (pos < p->end && text[pos] == '-') {
        p->line->may_fail = true;
        if ((pos = skip_blanks(p, pos + 1)) == p->end)
            return err_at(p->err, (int)pos, (int)pos, "the line that may fail goes after '-'");
    }
    if (pos == p->end || text[pos] == '#' || lex_skip(text, pos, p->end) == p->end)
        return 0;
    if (p->end - pos > sizeof cut && has(p, p->end - (sizeof cut - 1), cut))
        return err_at(p->err, (int)(p->end - sizeof cut) + 2, (int)p->end,
                      "strace cut this call in two; put what follows `<... NAME resumed>` here, "
                      "or trace with -ff -o FILE, which cuts none");
    if (has(p, pos, "[pid") || (text[pos] >= '0' && text[pos] <= '9'))
        return strace_pid(p, pos);
    return first_word(p, pos);
}

void
line_slice(const struct line *line, size_t from, size_t to, struct buf *out)
{
    const struct line_memory *memory = line->memory;

    for (const struct line_edit *e = memory->edits; e != NULL; e = e->next) {
        if (e->at < from || e->at >= to)
            continue;
        buf_put(out, memory->text + from, e->at - from);
        buf_puts(out, e->full);
        from = e->at + e->n;
    }
    buf_put(out, memory->text + from, to - from);
}

/* Who and what, in the words that are recorded. */
static void
set_source(struct parser *p)
{
    struct line *line = p->line;
    struct buf out = {0};

    if (line->kind == LINE_BUILTIN) {
        buf_printf(&out, "%s%s%s", line->builtin, *line->rest != '\0' ? " " : "", line->rest);
    } else if (line->kind == LINE_STATEMENT) {
        if (line->everyone)
            buf_putc(&out, '*');
        for (int i = 0; i < line->nwho; i++)
            buf_printf(&out, "%s%s", i > 0 ? "," : "", line->who[i]);
        buf_putc(&out, ' ');
        line_slice(line, p->start, p->stop, &out);
    }
    line->source = pool_copy(&p->memory->pool, buf_text(&out), out.len);
    buf_release(&out);
}

/* What no line may be, whatever it says. */
static int
refuse(const char *text, size_t n, struct err *err)
{
    const char *nul;

    if (n > LINE_MAX_BYTES)
        return err_set(err, STATUS_USAGE, "line longer than %d bytes", LINE_MAX_BYTES);
    if (n >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return err_at(err, 1, 2, "this is UTF-16; save it as UTF-8");
    if (n > 0 && (nul = memchr(text, '\0', n)) != NULL)
        return err_at(err, (int)(nul - text) + 1, (int)(nul - text) + 1, "a NUL byte in the line");
    return 0;
}

int
parse_line(struct line *line, const char *text, size_t n, const struct parse_env *env,
           struct err *err)
{
    struct pool pool;
    struct line_memory *memory;
    struct parser p;

    *line = (struct line){.kind = LINE_EMPTY, .source = ""};
    err_clear(err);
    while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '\r'))
        n--;
    if (refuse(text, n, err) < 0)
        return -1;
    pool_init(&pool);
    memory = pool_alloc(&pool, sizeof *memory);
    memory->pool = pool;
    memory->text = pool_copy(&memory->pool, text, n);
    memory->last_edit = &memory->edits;
    line->memory = memory;
    p = (struct parser){.line = line, .memory = memory, .env = env, .err = err, .end = n};
    if (whole(&p) < 0) {
        line_release(line);
        return -1;
    }
    set_source(&p);
    return 0;
}

void
line_release(struct line *line)
{
    struct line_memory *memory = line->memory;
    struct pool pool;

    if (memory != NULL) {
        pool = memory->pool; /* the pool holds the structure that holds it */
        pool_release(&pool);
    }
    *line = (struct line){.kind = LINE_EMPTY, .source = ""};
}
