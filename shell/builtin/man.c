/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * man: the system's page of a call where it has one, else ours. Scripts get ours, which is the same
 * everywhere. */
#include <ctype.h>
#include <sys/wait.h>

#include "builtin/builtins.h"
#include "builtin/help.h"

struct page_name {
    char name[64];
    char section[16]; /* "" when none was given */
};

/* "shmget", "2 shmget", "shmget(2)". Anything that could mean more to a shell is refused. */
static int
read_name(const char *rest, struct page_name *to, struct err *err)
{
    const char *end;
    char first[64] = "", second[64] = "";
    int n = sscanf(rest, "%63[a-zA-Z0-9_.+-] %63[a-zA-Z0-9_.+-]", first, second);

    *to = (struct page_name){0};
    end = strchr(rest, '(');
    if (n == 1 && end != NULL)
        n = sscanf(end, "(%15[a-zA-Z0-9])", to->section);
    else if (n == 2 && isdigit((unsigned char)first[0]) && strlen(first) < sizeof to->section)
        memcpy(to->section, first, strlen(first) + 1);
    else if (n != 1 || rest[strlen(first)] != '\0')
        n = 0;
    if (n < 1 || first[0] == '-' || second[0] == '-')
        return err_set(err, STATUS_USAGE, "man takes the name of a page: man shmget, man 7 pipe");
    snprintf(to->name, sizeof to->name, "%s", second[0] != '\0' ? second : first);
    return 0;
}

/* A call's page is the one that its record names. */
static void
by_record(const struct catalog *c, struct page_name *page)
{
    const struct ipclab_call *call = catalog_call(c, page->name, NULL);
    const char *man = call != NULL && page->section[0] == '\0' ? call->man : "";

    for (int i = 0; i < c->nplugins && man[0] == '\0' && page->section[0] == '\0'; i++)
        if (strcmp(c->plugins[i].p.name, page->name) == 0 && c->plugins[i].p.man != NULL &&
            c->plugins[i].p.man[0] != NULL)
            man = c->plugins[i].p.man[0];
    if (man[0] != '\0')
        sscanf(man, "%63[^(](%15[^)])", page->name, page->section);
}

static bool
is_ours(const struct page_name *page)
{
    return strcmp(page->name, "ipclab") == 0 || strncmp(page->name, "ipclab-", 7) == 0;
}

/* Is there such a page, and a man to show it? */
static bool
system_has(struct session *s, const char *const *argv)
{
    const char *ask[8] = {"sh", "-c", "exec man -w \"$@\" >/dev/null 2>&1", "man"};
    struct err ignored;
    int n = 4;

    for (int i = 1; argv[i] != NULL; i++)
        ask[n++] = argv[i];
    return s->outside(s->recall_ctx, ask, &ignored) == 0;
}

/* 1: shown. 0: the system has none. */
static int
show_page(struct session *s, const struct page_name *page, struct err *err)
{
    const char *argv[8] = {"man"};
    int n = 1;

    if (is_ours(page) && s->man_folder != NULL) {
        argv[n++] = "-M";
        argv[n++] = s->man_folder;
    }
    if (page->section[0] != '\0')
        argv[n++] = page->section;
    argv[n++] = page->name;
    if (!system_has(s, argv))
        return 0;
    return s->outside(s->recall_ctx, argv, err) < 0 ? -1 : 1;
}

static int
on_man(struct session *s, const char *rest, struct err *err)
{
    struct page_name page, asked;
    struct buf out = {0};
    const char *topic;
    int result;

    if (rest[0] == '\0')
        return err_set(err, STATUS_USAGE,
                       "man takes the name of a page: man shmget, man 7 pipe; `help pages` lists "
                       "ours");
    if (read_name(rest, &page, err) < 0)
        return -1;
    asked = page;
    by_record(&s->launcher.catalog, &page);
    result = s->interactive && s->outside != NULL ? show_page(s, &page, err) : 0;
    if (result != 0)
        return result < 0 ? -1 : 0;
    topic = strcmp(asked.name, "ipclab") == 0         ? "topics"
            : strcmp(asked.name, "ipclab-trace") == 0 ? "trace"
            : is_ours(&asked)                         ? asked.name + strlen("ipclab-")
                                                      : asked.name;
    result = help_topic(&s->launcher.catalog, topic, page_width(s), &out, err);
    if (result == 0)
        session_page(s, out.data, out.len);
    else
        help_unknown(&s->launcher.catalog, "man page of", asked.name, err);
    buf_release(&out);
    return result;
}

static const char *const examples[] = {"man shmget", "man 2 pipe\nman ipclab-pipe", NULL};

const struct builtin builtin_man = {
    .name = "man",
    .usage = "[SECTION] NAME",
    .summary = "the man page of a call",
    .help = "At the prompt the system's own page is opened, if it has one; else, and in scripts, "
            "what `help` says. `man ipclab`, `man ipclab-trace` and `man ipclab-pipe` are ours; "
            "`help pages` lists them.",
    .flags = BUILTIN_LOOKS,
    .word = WORD_CALL,
    .examples = examples,
    .run = on_man,
};
