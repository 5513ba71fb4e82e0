/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes the records of the loaded plugins into one flat blob. Numbers are native (one machine),
 * texts are their length, their bytes and a NUL, so that the reader can point into the blob;
 * arrays are their count and their elements. decode.c reads it in the same order. */
#include "call/catalog_parts.h"

static void
put_u32(struct buf *b, uint32_t v)
{
    buf_put(b, &v, sizeof v);
}

static void
put_i64(struct buf *b, int64_t v)
{
    buf_put(b, &v, sizeof v);
}

/* NULL is a text of length ~0 without bytes. */
static void
put_text(struct buf *b, const char *s)
{
    size_t n = s != NULL ? strlen(s) : 0;

    put_u32(b, s != NULL ? (uint32_t)n : UINT32_MAX);
    if (s != NULL)
        buf_put(b, s, n + 1);
}

static void
put_texts(struct buf *b, const char *const *list)
{
    uint32_t n = 0;

    while (list != NULL && list[n] != NULL)
        n++;
    put_u32(b, n);
    for (uint32_t i = 0; i < n; i++)
        put_text(b, list[i]);
}

static void
put_constants(struct buf *b, const struct ipclab_constant *k)
{
    uint32_t n = 0;

    while (k != NULL && k[n].name != NULL)
        n++;
    put_u32(b, n);
    for (uint32_t i = 0; i < n; i++) {
        put_text(b, k[i].name);
        put_i64(b, k[i].value);
        put_text(b, k[i].summary);
    }
}

static void
put_args(struct buf *b, const struct ipclab_call *call)
{
    int n = catalog_nargs(call);

    put_u32(b, (uint32_t)n);
    for (const struct ipclab_arg *a = call->args; a < call->args + n; a++) {
        put_text(b, a->name);
        put_u32(b, a->type);
        put_u32(b, a->flags);
        put_text(b, a->summary);
        put_i64(b, a->def);
        put_i64(b, a->min);
        put_i64(b, a->max);
        put_u32(b, (uint32_t)a->size_arg);
        put_u32(b, (uint32_t)a->count);
        put_constants(b, a->constants);
    }
}

static void
put_errors(struct buf *b, const struct ipclab_error *e)
{
    uint32_t n = 0;

    while (e != NULL && e[n].name != NULL)
        n++;
    put_u32(b, n);
    for (uint32_t i = 0; i < n; i++) {
        put_text(b, e[i].name);
        put_text(b, e[i].sentence);
    }
}

static void
put_calls(struct buf *b, const struct ipclab_call *c)
{
    uint32_t n = 0;

    while (c != NULL && c[n].name != NULL)
        n++;
    put_u32(b, n);
    for (; n > 0; n--, c++) {
        put_text(b, c->name);
        put_text(b, c->prototype);
        put_text(b, c->summary);
        put_text(b, c->help);
        put_text(b, c->man);
        put_u32(b, c->flags);
        put_u32(b, c->result);
        put_i64(b, c->failure);
        put_text(b, c->returns);
        put_text(b, c->waits);
        put_args(b, c);
        put_errors(b, c->errors);
        put_texts(b, c->examples);
    }
}

static void
put_kinds(struct buf *b, const struct ipclab_kind *k)
{
    uint32_t n = 0;

    while (k != NULL && k[n].name != NULL)
        n++;
    put_u32(b, n);
    for (; n > 0; n--, k++) {
        put_text(b, k->name);
        put_text(b, k->summary);
        put_text(b, k->level);
        put_text(b, k->line);
        put_text(b, k->maps);
        put_u32(b, (uint32_t)k->linked);
        put_u32(b, (k->owns != NULL ? KIND_HAS_FDS : 0) | (k->list != NULL ? KIND_IS_LISTED : 0));
    }
}

static void
put_form(struct buf *b, const struct ipclab_form *f)
{
    put_text(b, f->lines);
    put_text(b, f->returns);
    put_text(b, f->note);
}

static void
put_blocking(struct buf *b, const struct ipclab_blocking *w)
{
    uint32_t n = 0;

    while (w != NULL && w[n].when != NULL)
        n++;
    put_u32(b, n);
    for (; n > 0; n--, w++) {
        put_text(b, w->when);
        put_text(b, w->before);
        put_form(b, &w->waits);
        put_text(b, w->ends);
        put_form(b, &w->at_once);
        put_form(b, &w->timed);
    }
}

static void
put_benches(struct buf *b, const struct ipclab_bench *m)
{
    uint32_t n = 0;

    while (m != NULL && m[n].name != NULL)
        n++;
    put_u32(b, n);
    for (; n > 0; n--, m++) {
        put_text(b, m->name);
        put_text(b, m->summary);
        put_u32(b, m->flags);
        put_i64(b, (int64_t)m->most);
        put_text(b, m->limit);
        put_text(b, m->answered);
        put_u32(b, m->give != NULL ? BENCH_HAS_MEMORY : 0);
    }
}

void
catalog_encode_head(struct buf *blob, int n)
{
    put_i64(blob, (int64_t)CATALOG_BLOB_MAGIC);
    put_u32(blob, (uint32_t)n);
}

void
catalog_encode_plugin(struct buf *blob, const struct catalog_source *source)
{
    const struct ipclab_plugin *p = source->plugin;

    put_text(blob, source->path);
    put_text(blob, p->name);
    put_text(blob, p->version);
    put_text(blob, p->summary);
    put_text(blob, p->help);
    put_texts(blob, p->man);
    put_calls(blob, p->calls);
    put_kinds(blob, p->kinds);
    put_constants(blob, p->constants);
    put_blocking(blob, p->blocking);
    put_benches(blob, p->benches);
    put_u32(blob, p->fields != NULL);
    put_texts(blob, p->fields);
}

void
catalog_encode_end(struct buf *blob, char *const *refused, int nrefused)
{
    if (nrefused > CATALOG_MAX_REFUSED)
        nrefused = CATALOG_MAX_REFUSED;
    put_u32(blob, (uint32_t)nrefused);
    for (int i = 0; i < nrefused; i++)
        put_text(blob, refused[i]);
}

void
catalog_encode(struct buf *blob, const struct catalog_source *sources, int n, char *const *refused,
               int nrefused)
{
    catalog_encode_head(blob, n);
    for (int i = 0; i < n; i++)
        catalog_encode_plugin(blob, &sources[i]);
    catalog_encode_end(blob, refused, nrefused);
}
