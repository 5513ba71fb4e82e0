/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From the start of the line to the statement: the words that say who, as parse_line reads them.
 * See scene.h. */
#include "assist/scene.h"

#include "lang/lex.h"

static size_t
skip_blanks(const struct scene *sc, size_t pos)
{
    while (pos < sc->n && lex_blank(sc->line[pos]))
        pos++;
    return pos;
}

static bool
starts_with(const struct scene *sc, size_t pos, const char *what)
{
    size_t n = strlen(what);

    return sc->n - pos >= n && memcmp(sc->line + pos, what, n) == 0;
}

/* The name at pos in room, or "" when it is too long to be one. */
static const char *
name_at(const struct scene *sc, size_t pos, size_t n, char room[LEX_NAME_MAX + 1])
{
    if (n > LEX_NAME_MAX)
        n = 0;
    memcpy(room, sc->line + pos, n);
    room[n] = '\0';
    return room;
}

struct prefix {
    const char *word;
    size_t n;
    const char *found;
    int count;
};

static void
match_call(void *ctx, const struct ipclab_call *call)
{
    struct prefix *p = ctx;

    if (strncmp(call->name, p->word, p->n) == 0) {
        p->found = call->name;
        p->count++;
    }
}

enum { PREFIX_MIN = 3 }; /* as the parser */

const struct ipclab_call *
scene_call(const struct scene *sc, const char *name, size_t n, struct call_ref *ref)
{
    const struct catalog *catalog = &sc->s->launcher.catalog;
    char word[LEX_NAME_MAX + 1];
    const struct ipclab_call *call;
    struct prefix p = {.word = word, .n = n};

    if (n == 0 || n > LEX_NAME_MAX)
        return NULL;
    memcpy(word, name, n);
    word[n] = '\0';
    call = catalog_call(catalog, word, ref);
    if (call != NULL || !sc->s->interactive || n < PREFIX_MIN)
        return call;
    catalog_each_call(catalog, match_call, &p);
    return p.count == 1 ? catalog_call(catalog, p.found, ref) : NULL;
}

static const struct builtin *
abbreviated(const struct scene *sc, const char *word)
{
    const struct builtin *found = NULL;
    size_t n = strlen(word);

    if (!sc->s->interactive || n == 0 || sc->s->builtins == NULL ||
        (sc->s->subject != NULL && (catalog_call(&sc->s->launcher.catalog, word, NULL) != NULL ||
                                    strcmp(word, "print") == 0 || strcmp(word, "await") == 0)))
        return NULL;
    for (int i = 0; sc->s->builtins[i] != NULL; i++) {
        if (strncmp(sc->s->builtins[i]->name, word, n) != 0)
            continue;
        if (found != NULL)
            return NULL;
        found = sc->s->builtins[i];
    }
    return found;
}

static void
read_builtin(struct scene *sc, const struct builtin *b, size_t pos)
{
    size_t at = skip_blanks(sc, pos);
    /* One file is all, blanks included, unless more may follow it. */
    bool file = b->word == WORD_FILE, whole = file && strchr(b->usage, ' ') == NULL;

    if (strcmp(b->name, "!") == 0 || strcmp(b->name, "lua") == 0 || at == pos)
        return; /* another language; or a line such as `wait;` */
    sc->builtin = b;
    sc->words = sc->word = at;
    for (; at < sc->n; at++) {
        char c = sc->line[at];

        if (c == '#' && lex_blank(sc->line[at - 1]))
            return;
        if (whole || (!lex_blank(c) && (c != ',' || file)))
            continue;
        at = skip_blanks(sc, at + 1);
        sc->word = at--;
        sc->nth++;
    }
    sc->kind = SCENE_BUILTIN;
}

/* ---- What an actor does ------------------------------------------------------------------------
 */

/* Is the word at the cursor a text without quotes? */
static bool
is_bare_text(const struct scene *sc, const struct scene_frame *f)
{
    const struct ipclab_arg *arg = catalog_arg(f->call, f->arg);

    if (arg == NULL ||
        (arg->type != IPCLAB_STRING && arg->type != IPCLAB_PATH && arg->type != IPCLAB_BYTES))
        return false;
    for (size_t i = f->from; i < sc->n; i++)
        if (strchr("\"'&*([", sc->line[i]) != NULL)
            return false;
    return true;
}

/* The words of a shell form, apart by blanks outside quotes and brackets; the last is the one at
 * the cursor, and may be C. */
static void
read_words(struct scene *sc, const struct ipclab_call *call, struct call_ref ref, size_t name,
           size_t pos)
{
    struct scene_frame *f = &sc->frames[0];
    size_t close;
    int open = 0;

    sc->depth = 1;
    *f = (struct scene_frame){.call = call, .ref = ref, .name = name, .name_end = pos};
    f->from = pos = skip_blanks(sc, pos);
    for (; pos < sc->n; pos++) {
        char c = sc->line[pos];

        if (c == '#' && lex_blank(sc->line[pos - 1])) {
            sc->kind = SCENE_NOTHING;
            return;
        }
        if (c == '"' || c == '\'') {
            if ((close = lex_quoted(sc->line, pos, sc->n)) == 0)
                break;
            pos = close - 1;
        } else if (c == '(' || c == '[') {
            open++;
        } else if (c == ')' || c == ']') {
            open--;
        } else if (open <= 0 && lex_blank(c)) {
            pos = skip_blanks(sc, pos);
            f->from = pos--;
            f->arg++;
        }
    }
    if (is_bare_text(sc, f)) {
        sc->kind = SCENE_ARGUMENT;
        sc->word = f->from;
        sc->fresh = true;
    } else {
        scene_scan(sc, f->from);
    }
}

/* Types, stars, a name, then perhaps its size or value. */
static void
read_declaration(struct scene *sc, size_t pos)
{
    char word[LEX_NAME_MAX + 1];
    struct type type;
    size_t n;

    sc->head = HEAD_DECLARE;
    sc->kind = SCENE_NEW_NAME;
    while (pos < sc->n) {
        char c = sc->line[pos];

        if ((n = lex_name(sc->line, pos, sc->n)) > 0) {
            if (pos + n == sc->n) {
                sc->word = pos;
                return;
            }
            if (!type_by_name(name_at(sc, pos, n, word), &type) && strcmp(word, "const") != 0 &&
                strcmp(word, "short") != 0 && strcmp(word, "struct") != 0) {
                sc->kind = SCENE_EXPRESSION;
                scene_scan(sc, pos);
                return;
            }
            pos += n;
        } else if (c == '*' || lex_blank(c)) {
            pos++;
        } else {
            sc->kind = SCENE_NOTHING;
            return;
        }
    }
}

static void
read_statement(struct scene *sc, size_t pos)
{
    size_t n = lex_name(sc->line, pos, sc->n), next = skip_blanks(sc, pos + n);
    char word[LEX_NAME_MAX + 1], c = next < sc->n ? sc->line[next] : '\0';
    const struct ipclab_call *call;
    struct call_ref ref;
    struct type type;

    sc->subject = pos;
    if (pos + n >= sc->n) {
        sc->kind = SCENE_STATEMENT;
        sc->word = pos;
        return;
    }
    sc->kind = SCENE_EXPRESSION;
    name_at(sc, pos, n, word);
    if (strcmp(word, "print") == 0 || strcmp(word, "await") == 0) {
        sc->head = word[0] == 'p' ? HEAD_PRINT : HEAD_AWAIT;
        scene_scan(sc, pos + n);
        return;
    }
    if (c != '(' && (type_by_name(word, &type) || strcmp(word, "const") == 0)) {
        read_declaration(sc, pos);
        return;
    }
    if (next > pos + n && c != '(' &&
        (c != '=' || (next + 1 < sc->n && sc->line[next + 1] == '=')) &&
        (call = scene_call(sc, word, n, &ref)) != NULL)
        read_words(sc, call, ref, pos, pos + n);
    else
        scene_scan(sc, pos);
}

/* ---- Who ---------------------------------------------------------------------------------------
 */

static void
read_actors(struct scene *sc, size_t pos)
{
    char word[LEX_NAME_MAX + 1];

    for (;;) {
        size_t n = lex_name(sc->line, pos, sc->n), next = skip_blanks(sc, pos + n);
        struct actor *a;

        if (pos + n >= sc->n) {
            sc->kind = SCENE_WHO;
            sc->word = pos;
            return;
        }
        a = n > 0 ? world_actor(&sc->s->world, name_at(sc, pos, n, word)) : NULL;
        if (a == NULL || sc->nwho == SCENE_MAX_WHO)
            return;
        sc->who[sc->nwho++] = a;
        if (next < sc->n && sc->line[next] == ',') {
            pos = skip_blanks(sc, next + 1);
            continue;
        }
        if (next > pos + n)
            read_statement(sc, next);
        return;
    }
}

/* A line that names nobody. */
static void
read_by_use(struct scene *sc, size_t pos)
{
    const char *name = sc->s->subject;
    struct actor *a = name != NULL ? world_actor(&sc->s->world, name) : NULL;

    if (a == NULL)
        return;
    sc->who[sc->nwho++] = a;
    sc->by_use = true;
    read_statement(sc, pos);
}

static void
read_first(struct scene *sc, size_t pos)
{
    size_t n = lex_name(sc->line, pos, sc->n), next = skip_blanks(sc, pos + n);
    char word[LEX_NAME_MAX + 1], c = next < sc->n ? sc->line[next] : '\0';
    bool blank = next > pos + n;
    const struct builtin *b;

    if (pos + n >= sc->n || (sc->line[pos] == '*' && pos + 1 == sc->n)) {
        sc->kind = SCENE_START;
        sc->word = pos;
        return;
    }
    if (sc->line[pos] == '*' && lex_blank(sc->line[pos + 1])) {
        sc->everyone = true;
        read_statement(sc, skip_blanks(sc, pos + 1));
        return;
    }
    name_at(sc, pos, n, word);
    if (blank && (b = session_builtin(sc->s, word)) != NULL)
        read_builtin(sc, b, pos + n);
    else if (n > 0 && (c == ',' || world_actor(&sc->s->world, word) != NULL))
        read_actors(sc, pos);
    else if (blank && c != '=' && c != '(' && c != '[' && (b = abbreviated(sc, word)) != NULL)
        read_builtin(sc, b, pos + n);
    else
        read_by_use(sc, pos);
}

void
scene_read(struct scene *sc, struct session *s, const char *line, size_t n)
{
    static const char bom[] = "\xef\xbb\xbf", prompt[] = "ipclab>";
    size_t pos;

    memset(sc, 0, offsetof(struct scene, frames));
    sc->s = s;
    sc->line = line;
    sc->n = n;
    sc->word = n;
    sc->kind = SCENE_NOTHING;
    sc->depth = 0;
    sc->after = sc->fresh = sc->ored = false;
    sc->quote = '\0';
    sc->quoted = 0;
    if (n > LINE_MAX_BYTES || !s->has_world)
        return;
    pos = skip_blanks(sc, starts_with(sc, 0, bom) ? sizeof bom - 1 : 0);
    if (starts_with(sc, pos, prompt))
        pos = skip_blanks(sc, pos + sizeof prompt - 1);
    if (pos < n && line[pos] == '-')
        pos = skip_blanks(sc, pos + 1);
    if (pos < n && line[pos] != '\0' && strchr("#|+<[", line[pos]) != NULL)
        return; /* a comment, output of a transcript, a line of strace */
    read_first(sc, pos);
}

/* ---- Questions ---------------------------------------------------------------------------------
 */

const struct scene_frame *
scene_argument(const struct scene *sc)
{
    bool fresh = sc->fresh, ored = sc->ored;

    for (int i = sc->depth - 1; i >= 0; i--) {
        const struct scene_frame *f = &sc->frames[i];

        if (!fresh && !ored)
            return NULL;
        if (f->call != NULL)
            return f;
        if (f->closer != ')' || f->name_end > f->name)
            return NULL;
        fresh = f->fresh;
        ored = f->ored;
    }
    return NULL;
}

struct actor *
scene_actor(const struct scene *sc)
{
    if (!sc->everyone)
        return sc->nwho > 0 ? sc->who[0] : NULL;
    for (int i = 0; i < sc->s->world.nactors; i++)
        if (scene_can_act(sc->s->world.actors[i]))
            return sc->s->world.actors[i];
    return NULL;
}

size_t
scene_word(const struct scene *sc, size_t *pos)
{
    size_t at = *pos, n;

    while (at < sc->word && !lex_blank(sc->line[at]) && sc->line[at] != ',')
        at++;
    n = at - *pos;
    while (at < sc->word && (lex_blank(sc->line[at]) || sc->line[at] == ','))
        at++;
    *pos = at;
    return n;
}

int
scene_options(const struct scene *sc, bool numbers)
{
    int count = 0;

    for (size_t at = sc->words, from = at; at < sc->word; from = at) {
        size_t n = scene_word(sc, &at), digits = 0;

        while (digits < n && sc->line[from + digits] >= '0' && sc->line[from + digits] <= '9')
            digits++;
        count += (n > 1 && sc->line[from] == '-' && sc->line[from + 1] == '-') ||
                 (numbers && n > 0 && digits == n);
    }
    return count;
}

bool
scene_can_act(const struct actor *a)
{
    return a->state == ACTOR_IDLE && !a->stopped;
}
