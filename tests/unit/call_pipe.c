/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The explanation of a wait on a pipe, for every kind of company: words, clause, next line, and
 * above all the promise `never`, which must come exactly when nobody else holds the other end. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../plugins/plugin.h"

static int failures;
static char why_word[64], waits_text[600], next_text[200], all_said[4096];
static char rule_text[200], before_text[200], could[16];
static bool never_said;

static void
why(struct ipclab_look *look, const char *word)
{
    (void)look;
    snprintf(why_word, sizeof why_word, "%s", word);
}

#define TEXT_FUNCTION(name, buffer, used)                                                          \
    __attribute__((format(printf, 2, 3))) static void name(struct ipclab_look *look,               \
                                                           const char *fmt, ...)                   \
    {                                                                                              \
        va_list ap;                                                                                \
                                                                                                   \
        (void)look;                                                                                \
        va_start(ap, fmt);                                                                         \
        vsnprintf((buffer) + (used), sizeof(buffer) - (used), fmt, ap);                            \
        va_end(ap);                                                                                \
    }
TEXT_FUNCTION(waits, waits_text, 0)
TEXT_FUNCTION(say, all_said, strlen(all_said))
TEXT_FUNCTION(next, next_text, 0)
TEXT_FUNCTION(rule, rule_text, 0)

/* All lines, a blank between them. */
__attribute__((format(printf, 2, 3))) static void
before(struct ipclab_look *look, const char *fmt, ...)
{
    size_t used = strlen(before_text);
    va_list ap;

    (void)look;
    if (used > 0)
        before_text[used++] = ' ';
    va_start(ap, fmt);
    vsnprintf(before_text + used, sizeof before_text - used, fmt, ap);
    va_end(ap);
}

static void
could_end(struct ipclab_look *look, int process)
{
    (void)look;
    could[strlen(could)] = (char)('0' + process);
}

static void
never(struct ipclab_look *look)
{
    (void)look;
    never_said = true;
}

static const struct ipclab_look_host host = {.size = sizeof host,
                                             .why = why,
                                             .waits = waits,
                                             .say = say,
                                             .next = next,
                                             .never = never,
                                             .rule = rule,
                                             .before = before,
                                             .could_end = could_end};

/* Inherited each, in step 2; what the printer printed is still in its memory. */
static struct ipclab_birth births[5];

enum { READER, CHILD, WAITER, DEAD, PROGRAM, PRINTER };
static struct ipclab_process processes[] = {
    [READER] = {.name = "reader", .waits = 1, .call = "read"},
    [CHILD] = {.name = "child", .call = ""},
    [WAITER] = {.name = "b", .waits = 1, .call = "wait"},
    [DEAD] = {.name = "dead", .call = "", .zombie = 1},
    [PROGRAM] = {.name = "pid 7 (sleep)", .call = "", .foreign = 1},
    [PRINTER] = {.name = "printer", .call = ""},
};

static const struct scene_case {
    const char *call;
    struct ipclab_args args;
    struct ipclab_holder holders[5]; /* mode 0 ends */
    const char *why, *waits, *next;
    bool never;
    const char *before;
} cases[] = {
    {"read",
     {3, {{.i = 3}}},
     {{READER, 3, 'r'}, {CHILD, 4, 'w'}},
     "empty",
     "the pipe is empty; write end open in child (fd 4)",
     "child write(4, \"x\")",
     false,
     ""},
    {"read",
     {3, {{.i = 3}}},
     {{READER, 3, 'r'}, {PRINTER, 4, 'w'}},
     "empty",
     "the pipe is empty; write end open in printer (fd 4)",
     "printer fflush(out)",
     false,
     ""},
    {"read",
     {3, {{.i = 3}}},
     {{READER, 3, 'r'}, {READER, 4, 'w'}, {CHILD, 4, 'w'}},
     "empty",
     "the pipe is empty; write end open in child (fd 4), reader itself (fd 4)",
     "child write(4, \"x\")",
     false,
     ""},
    {"read",
     {3, {{.i = 3}}},
     {{READER, 3, 'r'}, {READER, 4, 'w'}},
     "empty-self",
     "the pipe is empty; the only write end is open in reader itself (fd 4)",
     "interrupt reader",
     true,
     "reader close(4)"},
    {"read",
     {3, {{.i = 3}}},
     {{READER, 3, 'r'}, {READER, 4, 'w'}, {DEAD, 4, 'w'}},
     "empty-self",
     "the pipe is empty; the only write end is open in reader itself (fd 4)",
     "interrupt reader",
     true,
     "reader close(4)"},
    {"fscanf",
     {2, {{.p = NULL}}},
     {{READER, 3, 'r'}, {READER, 4, 'u'}},
     "empty-self",
     "the pipe is empty; the only write end is open in reader itself (fd 4)",
     "interrupt reader",
     true,
     "reader close(4)"},
    {"read",
     {3, {{.i = 3}}},
     {{READER, 3, 'r'}, {READER, 4, 'w'}, {WAITER, 9, 'w'}},
     "empty",
     "the pipe is empty; write end open in b (fd 9), reader itself (fd 4)",
     "interrupt reader",
     false,
     "reader close(4) b close(9)"},
    {"read",
     {3, {{.i = 3}}},
     {{READER, 3, 'r'}, {READER, 4, 'w'}, {PROGRAM, 1, 'w'}},
     "empty",
     "the pipe is empty; write end open in pid 7 (sleep) (fd 1), reader itself (fd 4)",
     "interrupt reader",
     false,
     ""},
    {"read",
     {3, {{.i = 3}}},
     {{READER, 3, 'r'}},
     "empty",
     "the pipe is empty; its write end is held out of sight",
     "interrupt reader",
     false,
     ""},
    {"poll",
     {3, {{.i = 3}, {.i = 1}, {.i = -1}}},
     {{READER, 3, 'r'}, {READER, 4, 'w'}},
     "empty-self",
     "the pipe is empty; the only write end is open in reader itself (fd 4)",
     "interrupt reader",
     true,
     "reader close(4)"},
    {"poll",
     {3, {{.i = 3}, {.i = 1}, {.i = 50}}},
     {{READER, 3, 'r'}, {READER, 4, 'w'}},
     "empty-self",
     "the pipe is empty; the only write end is open in reader itself (fd 4)",
     "interrupt reader",
     false,
     "reader close(4)"},
};

static const struct scene_case full_cases[] = {
    {"write",
     {3, {{.i = 4}}},
     {{READER, 4, 'w'}, {CHILD, 3, 'r'}},
     "full",
     "the pipe is full (65536 B); read end open in child (fd 3)",
     "child read(3, buf)",
     false,
     ""},
    {"write",
     {3, {{.i = 4}}},
     {{READER, 4, 'w'}, {READER, 3, 'r'}},
     "full-self",
     "the pipe is full (65536 B); the only read end is open in reader itself (fd 3)",
     "interrupt reader",
     true,
     "reader read(3, buf)"},
    {"poll",
     {5, {{.i = 4}, {.i = 4}, {.i = -1}}},
     {{READER, 4, 'w'}, {READER, 3, 'r'}},
     "full-self",
     "the pipe is full (65536 B); the only read end is open in reader itself (fd 3)",
     "interrupt reader",
     false,
     "reader read(3, buf)"},
};

static void
expect(bool ok, const char *what, const char *wanted, const char *got)
{
    if (ok)
        return;
    failures++;
    fprintf(stderr, "call_pipe: %s: wanted: %s\ngot: %s\n", what, wanted, got);
}

static void
test_case(const struct ipclab_kind *kind, int fd, const struct scene_case *c)
{
    struct ipclab_wait wait = {.call = c->call,
                               .args = c->args,
                               .self = READER,
                               .processes = processes,
                               .nprocesses = 6,
                               .holders = c->holders,
                               .births = births};
    char ends[8] = "";

    while (wait.nholders < 5 && c->holders[wait.nholders].mode != 0) {
        const struct ipclab_holder *h = &c->holders[wait.nholders];

        births[wait.nholders++] =
            (struct ipclab_birth){2, "fork", h->process == PRINTER ? 5 : 0, "out"};
        if (h->mode != (c->why[0] == 'e' ? 'r' : 'w') && !processes[h->process].zombie)
            ends[strlen(ends)] = (char)('0' + h->process);
    }
    all_said[0] = next_text[0] = before_text[0] = rule_text[0] = '\0';
    memset(could, 0, sizeof could);
    never_said = false;
    kind->explain(&host, NULL, fd, 0, 0, &wait);
    expect(strcmp(why_word, c->why) == 0, "why", c->why, why_word);
    expect(strcmp(waits_text, c->waits) == 0, "waits", c->waits, waits_text);
    expect(strcmp(next_text, c->next) == 0, "next", c->next, next_text);
    expect(never_said == c->never, c->waits, c->never ? "never" : "not never",
           never_said ? "never" : "not never");
    expect(strstr(all_said, "pipe(7)") != NULL, "man page", "pipe(7)", all_said);
    expect(strncmp(rule_text, "the pipe ", 9) == 0, "rule", "the pipe ...", rule_text);
    expect(strcmp(before_text, c->before) == 0, "before", c->before, before_text);
    expect(strcmp(could, ends) == 0, "could end", ends, could);
    expect(strcmp(ends, "") == 0 || strstr(all_said, "inherited in step 2, never closed") != NULL,
           "birth", "inherited in step 2, never closed", all_said);
}

int
main(int argc, char **argv)
{
    char path[4096] = "";
    void *handle;
    const struct ipclab_plugin *plugin;
    static char block[65536];
    int fds[2];

    snprintf(path, sizeof path, "%s/pipe.so", argc == 2 ? argv[1] : ".");
    handle = dlopen(path, RTLD_NOW);
    plugin = handle != NULL ? dlsym(handle, "ipclab_plugin") : NULL;
    if (plugin == NULL || pipe2(fds, O_CLOEXEC) < 0) {
        fprintf(stderr, "usage: call_pipe PLUGIN-FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        test_case(plugin->kinds, fds[0], &cases[i]);
    if (write(fds[1], block, sizeof block) != sizeof block)
        return 2;
    for (size_t i = 0; i < sizeof full_cases / sizeof *full_cases; i++)
        test_case(plugin->kinds, fds[1], &full_cases[i]);
    return failures > 0;
}
