/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest under its own name, so that libmd is known in one place only. libmd and not libcrypto:
 * loading it costs nothing that could be felt when the shell starts. */
#include "trace/sha.h"

#include <sha2.h>
#include <stdlib.h>

#include "base/mem.h"

struct sha {
    SHA2_CTX ctx;
};

struct sha *
sha_new(void)
{
    struct sha *s = mem_alloc(sizeof *s);

    SHA256Init(&s->ctx);
    return s;
}

void
sha_add(struct sha *s, const void *data, size_t n)
{
    SHA256Update(&s->ctx, data, n);
}

void
sha_hex(const struct sha *s, char hex[SHA_HEX])
{
    static const char digit[] = "0123456789abcdef";
    SHA2_CTX copy = s->ctx;
    uint8_t bytes[SHA256_DIGEST_LENGTH];

    SHA256Final(bytes, &copy);
    for (size_t i = 0; i < sizeof bytes; i++) {
        hex[2 * i] = digit[bytes[i] >> 4];
        hex[2 * i + 1] = digit[bytes[i] & 15];
    }
    hex[2 * sizeof bytes] = '\0';
}

void
sha_free(struct sha *s)
{
    free(s);
}
