/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256 of a stream of bytes, by nettle. */
#ifndef TRACE_SHA_H
#define TRACE_SHA_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sha;

enum { SHA_HEX = 64 + 1 };

struct sha *sha_new(void);
void sha_add(struct sha *s, const void *data, size_t n);
/* The digest of all bytes so far in hexadecimal; more may be added afterwards. */
void sha_hex(const struct sha *s, char hex[SHA_HEX]);
void sha_free(struct sha *s);
/* Of all bytes of a regular file that has at most `most`; no link is followed. False: it could not
 * be read. */
bool sha_file(const char *path, int64_t most, char hex[SHA_HEX]);
#endif
