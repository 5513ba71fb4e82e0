/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is known of the messages in a queue: their order, what is taken, and when nothing is known
 * because somebody else used the queue, until it was empty once. */
#include "proc/mailbox.h"
#include "trace_check.h"

static void
pass(struct mailbox *m, enum ipclab_passing how, int64_t number, const char *text)
{
    mailbox_pass(m, how, "prio", number, text, strlen(text), strlen(text));
}

/* "9:urgent 1:low" */
static const char *
shown(const struct mailbox *m)
{
    static char text[4096];
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < m->n; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s%lld:%.*s", i > 0 ? " " : "",
                              (long long)m->list[i].number, m->list[i].n, m->list[i].data);
    return text;
}

static void
test_order(void)
{
    struct mailbox m = {.n = 0};

    CHECK(!mailbox_known(&m));
    pass(&m, IPCLAB_PUT, 3, "c");
    pass(&m, IPCLAB_PUT, 1, "a");
    pass(&m, IPCLAB_PUT, 3, "C");
    CHECK_TEXT(shown(&m), "3:c 1:a 3:C");
    pass(&m, IPCLAB_TAKE, 3, "c");
    CHECK_TEXT(shown(&m), "1:a 3:C");
    mailbox_release(&m);
    pass(&m, IPCLAB_PUT_BY_NUMBER, 1, "low");
    pass(&m, IPCLAB_PUT_BY_NUMBER, 9, "urgent");
    pass(&m, IPCLAB_PUT_BY_NUMBER, 1, "later");
    pass(&m, IPCLAB_PUT_BY_NUMBER, 5, "middle");
    CHECK_TEXT(shown(&m), "9:urgent 5:middle 1:low 1:later");
    CHECK(mailbox_bytes(&m) == 20);
    mailbox_check(&m, 4);
    CHECK(mailbox_known(&m));
    mailbox_release(&m);
}

static void
test_lost(void)
{
    struct mailbox m = {.n = 0};

    pass(&m, IPCLAB_PUT, 1, "a");
    mailbox_check(&m, 2); /* somebody else has put one */
    CHECK(!mailbox_known(&m));
    pass(&m, IPCLAB_PUT, 1, "b");
    mailbox_check(&m, 1); /* the right number by chance */
    CHECK(!mailbox_known(&m));
    mailbox_check(&m, 0);
    CHECK(mailbox_known(&m));
    pass(&m, IPCLAB_PUT, 1, "c");
    CHECK_TEXT(shown(&m), "1:c");
    pass(&m, IPCLAB_TAKE, 2, "never put");
    CHECK(!mailbox_known(&m));
    mailbox_release(&m);
}

static void
test_many(void)
{
    struct mailbox m = {.n = 0};
    char big[100];

    memset(big, 'x', sizeof big);
    mailbox_pass(&m, IPCLAB_PUT, "type", 1, big, sizeof big, 5000);
    CHECK(m.list[0].n == MAILBOX_SHOWN && mailbox_bytes(&m) == 5000);
    for (int i = 1; i < MAILBOX_MAX; i++)
        mailbox_pass(&m, IPCLAB_PUT, "type", 1, "", 0, 0);
    CHECK(mailbox_known(&m) && m.n == MAILBOX_MAX);
    mailbox_pass(&m, IPCLAB_PUT, "type", 1, "", 0, 0);
    CHECK(!mailbox_known(&m));
    mailbox_release(&m);
}

int
main(void)
{
    test_order();
    test_lost();
    test_many();
    return check_failures > 0;
}
