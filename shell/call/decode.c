/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads a blob back into records. It may hold any bytes: each read is checked against what is
 * left, an array is only allocated when its elements can be there (each takes at least some bytes
 * of the blob), and what was read passes the same check as a plugin that is loaded. Texts stay
 * where they are, in the blob or in one copy of it; arrays come from a few large blocks. */
#include <stdalign.h>
#include <sys/mman.h>

#include "base/mem.h"
#include "call/catalog_parts.h"

enum { BLOCK_SIZE = 64 * 1024 };

/* Memory of a catalogue, freed as a whole. */
struct block {
    struct block *next;
    size_t used, size;
    alignas(max_align_t) char data[];
};

struct reader {
    const char *p;
    size_t left;
    bool bad;
    struct block *blocks; /* the newest first */
};

static void *
reader_alloc(struct reader *r, size_t n)
{
    struct block *b = r->blocks;
    void *p;

    n = (n + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);
    if (b == NULL || b->size - b->used < n) {
        size_t size = n > BLOCK_SIZE ? n : BLOCK_SIZE;

        b = mem_alloc(sizeof *b + size);
        b->size = size;
        b->next = r->blocks;
        r->blocks = b;
    }
    p = b->data + b->used;
    b->used += n;
    return p;
}

static void
get(struct reader *r, void *to, size_t n)
{
    if (r->bad || r->left < n) {
        r->bad = true;
        memset(to, 0, n);
        return;
    }
    memcpy(to, r->p, n);
    r->p += n;
    r->left -= n;
}

static uint32_t
get_u32(struct reader *r)
{
    uint32_t v;

    get(r, &v, sizeof v);
    return v;
}

static int64_t
get_i64(struct reader *r)
{
    int64_t v;

    get(r, &v, sizeof v);
    return v;
}

/* A text inside the blob; NULL when it was NULL, or when the blob is bad. */
static const char *
get_text(struct reader *r)
{
    uint32_t n = get_u32(r);
    const char *s = r->p;

    if (r->bad || n == UINT32_MAX)
        return NULL;
    if (n > CATALOG_MAX_TEXT || r->left <= n || s[n] != '\0' || memchr(s, '\0', n) != NULL) {
        r->bad = true;
        return NULL;
    }
    r->p += n + 1;
    r->left -= n + 1;
    return s;
}

/* A text that is the name of an element: without it the array would seem to end there. */
static const char *
get_name(struct reader *r)
{
    const char *s = get_text(r);

    r->bad |= s == NULL;
    return s;
}

/* The count of an array of at most max elements that take at least `least` bytes each. */
static uint32_t
get_count(struct reader *r, uint32_t max, size_t least)
{
    uint32_t n = get_u32(r);

    if (n > max || n > r->left / least) {
        r->bad = true;
        return 0;
    }
    return n;
}

static const char *const *
get_texts(struct reader *r, uint32_t max)
{
    uint32_t n = get_count(r, max, sizeof(uint32_t));
    const char **list = reader_alloc(r, (n + 1) * sizeof *list);

    for (uint32_t i = 0; i < n; i++)
        list[i] = get_name(r);
    return list;
}

static const struct ipclab_constant *
get_constants(struct reader *r)
{
    uint32_t n = get_count(r, CATALOG_MAX_LIST, 16);
    struct ipclab_constant *k;

    if (n == 0)
        return NULL;
    k = reader_alloc(r, (n + 1) * sizeof *k);
    for (uint32_t i = 0; i < n; i++) {
        k[i].name = get_name(r);
        k[i].value = get_i64(r);
        k[i].summary = get_text(r);
    }
    return k;
}

static const struct ipclab_arg *
get_args(struct reader *r)
{
    uint32_t n = get_count(r, IPCLAB_MAX_ARGS, 52);
    struct ipclab_arg *a = reader_alloc(r, (n + 1) * sizeof *a);

    for (uint32_t i = 0; i < n; i++) {
        a[i].name = get_name(r);
        a[i].type = get_u32(r);
        a[i].flags = get_u32(r);
        a[i].summary = get_text(r);
        a[i].def = get_i64(r);
        a[i].min = get_i64(r);
        a[i].max = get_i64(r);
        a[i].size_arg = (int)get_u32(r);
        a[i].count = (int)get_u32(r);
        a[i].constants = get_constants(r);
        r->bad |= a[i].type == IPCLAB_END;
    }
    return a;
}

static const struct ipclab_error *
get_errors(struct reader *r)
{
    uint32_t n = get_count(r, CATALOG_MAX_LIST, 8);
    struct ipclab_error *e = reader_alloc(r, (n + 1) * sizeof *e);

    for (uint32_t i = 0; i < n; i++) {
        e[i].name = get_name(r);
        e[i].sentence = get_text(r);
    }
    return e;
}

static const struct ipclab_call *
get_calls(struct reader *r, int *count)
{
    uint32_t n = get_count(r, CATALOG_MAX_CALLS, 48);
    struct ipclab_call *c = reader_alloc(r, (n + 1) * sizeof *c);

    for (uint32_t i = 0; i < n; i++) {
        c[i].name = get_name(r);
        c[i].prototype = get_text(r);
        c[i].summary = get_text(r);
        c[i].help = get_text(r);
        c[i].man = get_text(r);
        c[i].flags = get_u32(r);
        c[i].result = get_u32(r);
        c[i].failure = get_i64(r);
        c[i].returns = get_text(r);
        c[i].waits = get_text(r);
        c[i].args = get_args(r);
        c[i].errors = get_errors(r);
        c[i].examples = get_texts(r, CATALOG_MAX_LIST);
    }
    *count = (int)n;
    return c;
}

static const struct ipclab_kind *
get_kinds(struct reader *r, const uint32_t **traits, int *count)
{
    uint32_t n = get_count(r, CATALOG_MAX_CALLS, 28);
    struct ipclab_kind *k = reader_alloc(r, (n + 1) * sizeof *k);
    uint32_t *t = reader_alloc(r, (n + 1) * sizeof *t);

    *traits = t;
    for (uint32_t i = 0; i < n; i++) {
        k[i].name = get_name(r);
        k[i].summary = get_text(r);
        k[i].level = get_text(r);
        k[i].line = get_text(r);
        k[i].maps = get_text(r);
        k[i].linked = (int)get_u32(r);
        t[i] = get_u32(r);
    }
    *count = (int)n;
    return k;
}

static struct ipclab_form
get_form(struct reader *r)
{
    struct ipclab_form f;

    f.lines = get_text(r);
    f.returns = get_text(r);
    f.note = get_text(r);
    return f;
}

static const struct ipclab_blocking *
get_blocking(struct reader *r)
{
    uint32_t n = get_count(r, CATALOG_MAX_LIST, 48);
    struct ipclab_blocking *w = reader_alloc(r, (n + 1) * sizeof *w);

    for (uint32_t i = 0; i < n; i++) {
        w[i].when = get_name(r);
        w[i].before = get_text(r);
        w[i].waits = get_form(r);
        w[i].ends = get_text(r);
        w[i].at_once = get_form(r);
        w[i].timed = get_form(r);
    }
    return w;
}

static const struct ipclab_bench *
get_benches(struct reader *r, const uint32_t **traits, int *count)
{
    uint32_t n = get_count(r, CATALOG_MAX_CALLS, 32);
    struct ipclab_bench *m = reader_alloc(r, (n + 1) * sizeof *m);
    uint32_t *t = reader_alloc(r, (n + 1) * sizeof *t);

    *traits = t;
    for (uint32_t i = 0; i < n; i++) {
        m[i].name = get_name(r);
        m[i].summary = get_text(r);
        m[i].flags = get_u32(r);
        m[i].most = (size_t)get_i64(r);
        m[i].limit = get_text(r);
        m[i].answered = get_text(r);
        t[i] = get_u32(r);
    }
    *count = (int)n;
    return m;
}

static void
get_plugin(struct reader *r, struct catalog_plugin *plugin)
{
    struct ipclab_plugin p = {IPCLAB_PLUGIN_HEAD};
    const char *path = get_name(r), *const * fields;
    bool said;

    p.name = get_name(r);
    p.version = get_text(r);
    p.summary = get_text(r);
    p.help = get_text(r);
    p.man = get_texts(r, CATALOG_MAX_LIST);
    p.calls = get_calls(r, &plugin->ncalls);
    p.kinds = get_kinds(r, &plugin->kind_traits, &plugin->nkinds);
    p.constants = get_constants(r);
    p.blocking = get_blocking(r);
    p.benches = get_benches(r, &plugin->bench_traits, &plugin->nbenches);
    said = get_u32(r) != 0;
    fields = get_texts(r, CATALOG_MAX_LIST);
    p.fields = said ? fields : NULL;
    plugin->p = p;
    plugin->path = path;
}

static int
read_all(struct catalog *c, struct reader *r, struct err *err)
{
    int n, nrefused;

    if ((uint64_t)get_i64(r) != CATALOG_BLOB_MAGIC)
        return err_set(err, STATUS_MACHINE, "the launcher sent no catalogue of plugins");
    n = (int)get_count(r, CATALOG_MAX_PLUGINS, 52);
    c->plugins = reader_alloc(r, (size_t)(n + 1) * sizeof *c->plugins);
    for (int i = 0; i < n && !r->bad; i++) {
        struct err why;

        get_plugin(r, &c->plugins[i]);
        if (!r->bad && catalog_check_records(&c->plugins[i].p, &why) < 0)
            return err_set(err, STATUS_MACHINE,
                           "the catalogue of plugins is damaged: plugin %d: %s", i, why.text);
    }
    nrefused = (int)get_count(r, CATALOG_MAX_REFUSED, sizeof(uint32_t));
    c->refused = reader_alloc(r, (size_t)(nrefused + 1) * sizeof *c->refused);
    for (int i = 0; i < nrefused; i++)
        c->refused[i] = (char *)get_name(r);
    if (r->bad || r->left != 0)
        return err_set(err, STATUS_MACHINE, "the catalogue of plugins is damaged: %s",
                       r->bad ? "cut short, or with an impossible length" : "bytes after its end");
    c->nplugins = n;
    c->nrefused = nrefused;
    return catalog_index_build(c, err);
}

/* What *r stands at; *c has nothing but perhaps what is mapped. */
static int
decode(struct catalog *c, struct reader *r, struct err *err)
{
    int result = read_all(c, r, err);

    c->memory = r->blocks;
    if (result < 0)
        catalog_release(c);
    return result;
}

int
catalog_adopt(struct catalog *c, void *mapped, size_t n, struct err *err)
{
    struct reader r = {.p = mapped, .left = n};

    catalog_init(c);
    c->mapped = mapped;
    c->nmapped = n;
    return decode(c, &r, err);
}

int
catalog_decode(struct catalog *c, const void *blob, size_t n, struct err *err)
{
    struct reader r = {0};
    char *copy = reader_alloc(&r, n);

    if (n > 0)
        memcpy(copy, blob, n);
    r.p = copy;
    r.left = n;
    catalog_init(c);
    return decode(c, &r, err);
}

void
catalog_init(struct catalog *c)
{
    *c = (struct catalog){0};
}

void
catalog_release(struct catalog *c)
{
    struct block *next;

    for (struct block *b = c->memory; b != NULL; b = next) {
        next = b->next;
        free(b);
    }
    if (c->mapped != NULL)
        munmap(c->mapped, c->nmapped);
    catalog_index_free(c->index);
    catalog_init(c);
}
