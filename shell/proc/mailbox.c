/* SPDX-License-Identifier: GPL-3.0-or-later
 * See mailbox.h. */
#include "proc/mailbox.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static void
put(struct mailbox *m, size_t at, int64_t number, const void *data, size_t n, size_t total)
{
    struct message *new;

    if (m->n == MAILBOX_MAX) {
        m->lost = true;
        return;
    }
    if (m->n == m->cap) {
        m->cap = m->cap ? m->cap * 2 : 8;
        m->list = mem_grow(m->list, m->cap * sizeof *m->list);
    }
    new = &m->list[at];
    memmove(new + 1, new, (m->n - at) * sizeof *new);
    if (n > MAILBOX_SHOWN)
        n = MAILBOX_SHOWN;
    *new = (struct message){.number = number, .total = total, .n = (uint8_t)n};
    memcpy(new->data, data, n);
    m->n++;
}

static void
take(struct mailbox *m, int64_t number)
{
    size_t at = 0;

    while (at < m->n && m->list[at].number != number)
        at++;
    if (at == m->n) {
        m->lost = true;
        return;
    }
    m->n--;
    memmove(&m->list[at], &m->list[at + 1], (m->n - at) * sizeof *m->list);
}

void
mailbox_pass(struct mailbox *m, enum ipclab_passing how, const char *word, int64_t number,
             const void *data, size_t n, size_t total)
{
    size_t at = m->n;

    if (m->word[0] == '\0')
        snprintf(m->word, sizeof m->word, "%s", word);
    if (m->lost)
        return;
    if (how == IPCLAB_TAKE) {
        take(m, number);
        return;
    }
    while (how == IPCLAB_PUT_BY_NUMBER && at > 0 && m->list[at - 1].number < number)
        at--;
    put(m, at, number, data, n, total);
}

void
mailbox_check(struct mailbox *m, int64_t count)
{
    m->lost = count < 0 || (count > 0 && (m->lost || (size_t)count != m->n));
    if (count == 0 || m->lost)
        m->n = 0;
}

bool
mailbox_known(const struct mailbox *m)
{
    return m->word[0] != '\0' && !m->lost;
}

int64_t
mailbox_bytes(const struct mailbox *m)
{
    int64_t bytes = 0;

    for (size_t i = 0; i < m->n; i++)
        bytes += (int64_t)m->list[i].total;
    return bytes;
}

void
mailbox_release(struct mailbox *m)
{
    free(m->list);
    *m = (struct mailbox){.n = 0};
}
