/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The digest under its own name, so that nettle is known in one place only. nettle, because it uses
 * the processor's SHA instructions where there are any (a digest runs over every event), and is
 * small: libcrypto takes as long to load as the rest of the shell. */
#include "trace/sha.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nettle/sha2.h>
#include <stdlib.h>

#include "base/mem.h"

struct sha {
    struct sha256_ctx ctx;
};

struct sha *
sha_new(void)
{
    struct sha *s = mem_alloc(sizeof *s);

    sha256_init(&s->ctx);
    return s;
}

void
sha_add(struct sha *s, const void *data, size_t n)
{
    sha256_update(&s->ctx, n, data);
}

void
sha_hex(const struct sha *s, char hex[SHA_HEX])
{
    static const char digit[] = "0123456789abcdef";
    struct sha256_ctx copy = s->ctx;
    uint8_t bytes[SHA256_DIGEST_SIZE];

    sha256_digest(&copy, sizeof bytes, bytes);
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

bool
sha_file(const char *path, int64_t most, char hex[SHA_HEX])
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    struct sha *sha = sha_new();
    char block[65536];
    struct stat st;
    ssize_t got = -1;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= most)
        while ((got = read(fd, block, sizeof block)) > 0 || (got < 0 && errno == EINTR))
            sha_add(sha, block, got > 0 ? (size_t)got : 0);
    sha_hex(sha, hex);
    sha_free(sha);
    if (fd >= 0)
        close(fd);
    return got == 0;
}
