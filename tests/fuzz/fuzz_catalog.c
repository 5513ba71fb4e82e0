/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * libFuzzer target: any bytes as a catalogue of plugins. What is taken must be sound: every name
 * found again, every flag printable, and written anew it must read as the same. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "call/catalog.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
use_call(void *ctx, const struct ipclab_call *call)
{
    const struct catalog *c = ctx;
    struct call_ref ref;
    struct buf text = {0};

    if (catalog_call(c, call->name, &ref) != call ||
        &c->plugins[ref.plugin].p.calls[ref.call] != call)
        abort();
    for (int i = 0; i < catalog_nargs(call); i++) {
        catalog_flags_text(&text, &call->args[i], call->args[i].def);
        catalog_flags_text(&text, &call->args[i], -1);
    }
    buf_release(&text);
}

static void
use_constant(void *ctx, const struct ipclab_constant *k)
{
    int64_t value;

    if (!catalog_constant(ctx, k->name, &value) || value != k->value)
        abort();
}

static void
write_again(const struct catalog *c)
{
    struct catalog_source *sources = mem_alloc((size_t)c->nplugins * sizeof *sources);
    struct buf once = {0}, twice = {0};
    struct catalog again;
    struct err err;

    for (int i = 0; i < c->nplugins; i++)
        sources[i] = (struct catalog_source){&c->plugins[i].p, c->plugins[i].path};
    catalog_encode(&once, sources, c->nplugins, c->refused, c->nrefused);
    if (catalog_decode(&again, once.data, once.len, &err) < 0)
        abort();
    for (int i = 0; i < c->nplugins; i++)
        sources[i] = (struct catalog_source){&again.plugins[i].p, again.plugins[i].path};
    catalog_encode(&twice, sources, again.nplugins, again.refused, again.nrefused);
    if (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0)
        abort();
    catalog_release(&again);
    buf_release(&once);
    buf_release(&twice);
    free(sources);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct catalog c;
    struct err err;

    if (catalog_decode(&c, data, n, &err) < 0)
        return 0;
    catalog_each_call(&c, use_call, &c);
    catalog_each_constant(&c, use_constant, &c);
    write_again(&c);
    catalog_release(&c);
    return 0;
}
