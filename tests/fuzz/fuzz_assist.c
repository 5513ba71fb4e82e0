/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes before the cursor: candidates begin with the word or say that they do not, and nothing
 * that is offered or hinted has a control byte. The first byte says whether a subject is set and
 * whether names may be abbreviated. */
#include "../unit/assist_fake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool
is_plain(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
            return false;
    return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool started;
    static char subject[] = "server";
    const char *line = (const char *)data + 1;
    struct completion c;
    struct buf hint = {0};

    if (!started)
        fake_start();
    started = true;
    /* Folders that are really here are no part of the input. */
    if (n == 0 || memchr(line, '/', n - 1) != NULL)
        return 0;
    n--;
    fake.subject = (data[0] & 1) ? subject : NULL;
    fake.interactive = (data[0] & 2) != 0;
    complete_line(&fake, line, n, &c);
    hint_line(&fake, line, n, &hint);
    if (c.to != n || c.from > n || c.n > COMPLETE_MAX || !is_plain(buf_text(&hint), hint.len))
        abort();
    for (int i = 0; i < c.n; i++)
        if (c.list[i].text[0] == '\0' || c.list[i].about == NULL ||
            !is_plain(c.list[i].about, strlen(c.list[i].about)) ||
            (!c.loose && strncmp(c.list[i].text, line + c.from, n - c.from) != 0))
            abort();
    buf_release(&hint);
    complete_release(&c);
    return 0;
}
