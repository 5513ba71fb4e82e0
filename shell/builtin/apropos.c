/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * apropos: what has a word in it, the best first. Every page of help is searched as it is read, so
 * that nothing that help says cannot be found. */
#include <ctype.h>

#include "base/columns.h"
#include "base/mem.h"
#include "base/text.h"
#include "builtin/builtins.h"
#include "builtin/help.h"

enum {
    WORDS_MAX = 16,
    WIDE = 1000, /* columns: no word is cut in two by a new line */
};

struct hit {
    struct help_entry entry;
    int rank; /* the lower the better */
    int order;
};

struct search {
    const struct catalog *c;
    const char *words[WORDS_MAX];
    int nwords;
    struct hit *hits;
    int n, cap;
};

/* How near a word is to an entry: its name, its summary, anywhere in its help, not at all. */
static int
rank_of(const struct help_entry *e, const char *word, const char *page)
{
    const char *at = strcasestr(e->name, word);

    if (strcasecmp(e->name, word) == 0)
        return 0;
    if (at != NULL)
        return at == e->name ? 1 : 2;
    at = e->summary != NULL ? strcasestr(e->summary, word) : NULL;
    if (at != NULL) {
        bool begins = at == e->summary || !isalnum((unsigned char)at[-1]);

        return begins && !isalnum((unsigned char)at[strlen(word)]) ? 3 : begins ? 4 : 6;
    }
    return strcasestr(page, word) != NULL ? 8 : -1;
}

static void
page_of(const struct search *s, const struct help_entry *e, struct buf *out)
{
    struct page p;

    page_init(&p, out, PAGE_TEXT, WIDE);
    p.width = WIDE;
    if (strcmp(e->sort, "call") == 0)
        help_call(e->record, &p);
    else if (strcmp(e->sort, "builtin") == 0)
        help_builtin(e->record, &p);
    else if (strcmp(e->sort, "setting") == 0)
        help_setting(e->record, &p);
    else if (strcmp(e->sort, "topic") == 0 && ((const struct topic *)e->record)->more == NULL)
        help_topic_page(s->c, e->record, &p);
    else if (strcmp(e->sort, "topic") == 0 && ((const struct topic *)e->record)->help != NULL)
        page_text(&p, ((const struct topic *)e->record)->help);
    else if (strcmp(e->sort, "plugin") == 0) {
        page_text(&p, ((const struct catalog_plugin *)e->record)->p.help);
        help_blocking(((const struct catalog_plugin *)e->record)->p.blocking, "", &p);
    }
}

static void
look(void *ctx, const struct help_entry *e)
{
    struct search *s = ctx;
    struct buf page = {0};
    int rank = 0;

    for (int i = 0; i < s->n; i++)
        if (strcmp(e->sort, "constant") == 0 && strcmp(s->hits[i].entry.name, e->name) == 0)
            return; /* of several calls: once */
    page_of(s, e, &page);
    for (int i = 0; i < s->nwords && rank >= 0; i++) {
        int one = rank_of(e, s->words[i], buf_text(&page));

        rank = one < 0 ? -1 : rank + one;
    }
    buf_release(&page);
    if (rank < 0)
        return;
    if (s->n == s->cap) {
        s->cap = s->cap != 0 ? 2 * s->cap : 64;
        s->hits = mem_grow(s->hits, sizeof *s->hits * (size_t)s->cap);
    }
    s->hits[s->n] = (struct hit){*e, rank, s->n};
    s->n++;
}

static int
by_rank(const void *a, const void *b)
{
    const struct hit *x = a, *y = b;

    return x->rank != y->rank ? x->rank - y->rank : x->order - y->order;
}

enum { NAME_WIDTH = 14, SORT_WIDTH = 10 };

/* One line each: where a name is longer than most the column is wider for all. */
static int
name_width(const struct search *s)
{
    int widest = NAME_WIDTH;

    for (int i = 0; i < s->n; i++)
        if ((int)strlen(s->hits[i].entry.name) > widest)
            widest = (int)strlen(s->hits[i].entry.name);
    return widest;
}

static void
put_hits(const struct search *s, int width, struct buf *out)
{
    int wide = name_width(s), left = wide + SORT_WIDTH;
    struct page p;

    page_init(&p, out, PAGE_TEXT, width);
    page_list(&p, left);
    for (int i = 0; i < s->n; i++) {
        struct buf term = {0}, text = {0};

        buf_printf(&term, "%-*s %s", wide, s->hits[i].entry.name, s->hits[i].entry.sort);
        buf_puts(&text, s->hits[i].entry.summary != NULL ? s->hits[i].entry.summary : "");
        if (columns_of(text.data, text.len) > (size_t)(p.width - left - 3) && text.len > 0) {
            text.len = columns_fit(text.data, text.len, (size_t)(p.width - left - 7));
            text.data[text.len] = '\0';
            buf_puts(&text, " ...");
        }
        page_item(&p, buf_text(&term), buf_text(&text));
        buf_release(&term);
        buf_release(&text);
    }
    page_list_end(&p);
}

static int
on_apropos(struct session *s, const char *rest, struct err *err)
{
    struct search search = {.c = &s->launcher.catalog};
    struct buf out = {0}, shown = {0};
    char room[1024];
    int n = builtin_words(rest, room, sizeof room, search.words, WORDS_MAX);

    if (n == 0)
        return err_set(err, STATUS_USAGE, "apropos takes words: apropos shared memory");
    search.nwords = n < 0 ? WORDS_MAX : n;
    help_each(search.c, look, &search);
    if (search.n > 0) {
        qsort(search.hits, (size_t)search.n, sizeof *search.hits, by_rank);
        put_hits(&search, page_width(s), &out);
    } else {
        text_escape(&shown, rest, strlen(rest) < 60 ? strlen(rest) : 60, true);
        buf_printf(&out,
                   "      nothing has '%s' in its name, summary or help; fewer letters find "
                   "more\n",
                   buf_text(&shown));
    }
    session_page(s, out.data, out.len);
    buf_release(&out);
    buf_release(&shown);
    free(search.hits);
    return 0;
}

static const char *const examples[] = {"apropos shared memory", "apropos EOF\napropos broken",
                                       NULL};

const struct builtin builtin_apropos = {
    .name = "apropos",
    .usage = "WORD...",
    .summary = "find calls, builtins, constants and topics by words",
    .help = "Names, summaries, help texts and errors are searched; letters may be large or small. "
            "With several words each of them must be there. What has a word in its name comes "
            "first.",
    .flags = BUILTIN_LOOKS,
    .examples = examples,
    .run = on_apropos,
};
