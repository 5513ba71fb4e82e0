/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A number in the words of the argument that it is for, as strace(1) would print it. */
#include <fcntl.h>

#include "call/catalog.h"

/* Does k belong to the access modes? They are numbers (O_RDONLY is 0), not bits. */
static bool
is_access_mode(const struct ipclab_constant *k)
{
    return (k->value & ~(int64_t)O_ACCMODE) == 0 && strncmp(k->name, "O_", 2) == 0;
}

/* Is constant i to be named for these bits: all of it is there, and no other constant covers it
 * (O_SYNC contains O_DSYNC) or says the same earlier? */
static bool
is_named(const struct ipclab_constant *k, int i, uint64_t bits)
{
    uint64_t mine = (uint64_t)k[i].value;

    if (mine == 0 || (mine & ~bits) != 0 || is_access_mode(&k[i]))
        return false;
    for (int j = 0; k[j].name != NULL; j++) {
        uint64_t other = (uint64_t)k[j].value;

        if ((other & ~bits) != 0 || (mine & ~other) != 0 || is_access_mode(&k[j]))
            continue;
        if (other != mine || j < i)
            return false;
    }
    return true;
}

static void
separate(struct buf *out, size_t start)
{
    if (out->len > start)
        buf_putc(out, '|');
}

static void
bits_text(struct buf *out, const struct ipclab_arg *arg, uint64_t bits)
{
    const struct ipclab_constant *k = arg->constants, *zero = NULL;
    uint64_t left = bits;
    size_t start = out->len;

    for (int i = 0; k != NULL && k[i].name != NULL; i++) {
        if (k[i].value == 0 && zero == NULL)
            zero = &k[i];
        if (!is_access_mode(&k[i]) || (bits & O_ACCMODE) != (uint64_t)k[i].value)
            continue;
        buf_puts(out, k[i].name);
        left &= ~(uint64_t)O_ACCMODE;
        break;
    }
    for (int i = 0; k != NULL && k[i].name != NULL; i++) {
        if (!is_named(k, i, bits))
            continue;
        separate(out, start);
        buf_puts(out, k[i].name);
        left &= ~(uint64_t)k[i].value;
    }
    if ((arg->flags & IPCLAB_HAS_MODE) && (left & 0777) != 0) {
        separate(out, start);
        buf_printf(out, "%#o", (unsigned)(left & 0777));
        left &= ~(uint64_t)0777;
    }
    if (left != 0) {
        separate(out, start);
        buf_printf(out, "0x%llx", (unsigned long long)left);
    }
    if (out->len == start)
        buf_puts(out, zero != NULL ? zero->name : "0");
}

void
catalog_flags_text(struct buf *out, const struct ipclab_arg *arg, int64_t value)
{
    if (arg->type == IPCLAB_FLAGS) {
        bits_text(out, arg, (uint64_t)value);
        return;
    }
    for (const struct ipclab_constant *k = arg->constants; k != NULL && k->name != NULL; k++)
        if (k->value == value) {
            buf_puts(out, k->name);
            return;
        }
    if (arg->type == IPCLAB_MODE && value >= 0)
        buf_printf(out, "%#llo", (unsigned long long)value);
    else
        buf_int(out, value);
}
