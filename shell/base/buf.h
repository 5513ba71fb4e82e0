/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing byte buffer, always NUL-terminated when it has data. buf_init does not allocate. */
#ifndef BASE_BUF_H
#define BASE_BUF_H
#include <stddef.h>
#include <stdint.h>

struct buf {
    char *data; /* NULL until something was put; then data[len] is 0 */
    size_t len; /* bytes, without the final NUL */
    size_t cap;
};

void buf_init(struct buf *b);
void buf_release(struct buf *b);
void buf_clear(struct buf *b); /* empties, keeps the memory */
void buf_put(struct buf *b, const void *data, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);
void buf_int(struct buf *b, int64_t v); /* decimal, quick */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *buf_text(const struct buf *b); /* "" when empty */
#endif
