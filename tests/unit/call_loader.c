/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Every refusal of the loader in its words, on the files that tests/fixtures/badplugins/mkbad.sh
 * makes:  call_loader BAD-FOLDER GOOD-FOLDER
 * A constructor that got further than it should ends this program. */
#include <stdbool.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "proc/loader.h"

static int failures;

static void
expect(bool ok, const char *what, const char *got)
{
    if (ok)
        return;
    failures++;
    fprintf(stderr, "call_loader: %s: got: %s\n", what, got);
}

static const char *
last_line(const struct loader *l)
{
    return l->nrefused > 0 ? l->refused[l->nrefused - 1] : "nothing was refused";
}

static const struct {
    const char *file, *reason;
} refusals[] = {
    {"ctor_exit.so", "exited while loading (status 0)"},
    {"ctor_segv.so", "killed by SIGSEGV while loading"},
    {"ctor_loop.so", "did not finish loading in 2 s"},
    {"ctor_daemon.so", "left a process behind while loading"},
    {"bad_abi.so", "built for plugin ABI 99, this ipclab has 1: rebuild it"},
    {"bad_minor.so", "built for plugin ABI 1.99, this ipclab has 1."},
    {"no_entry.so", "has no ipclab_plugin"},
    {"other_name.so", "calls itself hello: the file must be called hello.so"},
    {"cut_800.so", "is cut short"},
    {"cut_7.so", "7 bytes are too few for a shared object"},
    {"cut_half.so", "is cut short"},
    {"empty.so", "0 bytes are too few for a shared object"},
    {"noise.so", "not an ELF file"},
    {"machine.so", "is built for another machine"},
    {"class.so", "is built for another machine"},
    {"segments.so", "its program headers cannot be read"},
    {"writable.so", "can be written by everybody (mode 0666)"},
    {"folder.so", "is a folder, not a regular file"},
    {"fifo.so", "is a FIFO, not a regular file"},
    {"dangling.so", "no such file"},
    {"program.so", "is a program, not a plugin"},
    {"missing.so", "no such file"},
};

static void
add(struct loader *l, const char *dir, const char *file)
{
    struct buf path = {0};

    buf_printf(&path, "%s/%s", dir, file);
    loader_add_file(l, path.data, false);
    buf_release(&path);
}

static void
test_refusals(const char *bad)
{
    struct loader l = {0};
    struct buf load = {0}, open = {0};

    buf_printf(&load, "%s/load", bad);
    buf_printf(&open, "%s/open", bad);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        add(&l, load.data, refusals[i].file);
        expect(l.n == 0 && l.nrefused == (int)i + 1 &&
                   strstr(last_line(&l), refusals[i].reason) != NULL &&
                   strstr(last_line(&l), refusals[i].file) != NULL,
               refusals[i].file, last_line(&l));
    }
    if (getuid() != 0) {
        add(&l, load.data, "unreadable.so");
        expect(strstr(last_line(&l), "cannot be read") != NULL, "unreadable.so", last_line(&l));
    }
    add(&l, open.data, "hello.so");
    expect(l.n == 0 && strstr(last_line(&l), "the folder can be written by everybody") != NULL,
           "open/hello.so", last_line(&l));
    loader_add_dir(&l, "plugins", false);
    expect(strstr(last_line(&l), "not a full path") != NULL, "relative folder", last_line(&l));
    loader_add_dir(&l, "", false);
    expect(strstr(last_line(&l), "not a full path") != NULL, "empty folder", last_line(&l));
    loader_add_dir(&l, "/nonexistent/plugins", false);
    expect(strstr(last_line(&l), "no such folder") != NULL, "missing folder", last_line(&l));
    /* Both have the call `twice`: the second is refused, and both files are named. */
    add(&l, load.data, "dup_a.so");
    add(&l, load.data, "dup_b.so");
    expect(l.n == 1 && strstr(last_line(&l), "dup_b.so: its call twice is there already, from ") &&
               strstr(last_line(&l), "/dup_a.so"),
           "dup_b.so", last_line(&l));
    add(&l, load.data, "dup_a.so");
    expect(l.n == 1 && strstr(last_line(&l), "is loaded already") != NULL, "dup_a.so again",
           last_line(&l));
    add(&l, load.data, "ctor_loop.so");
    expect(l.n == 1, "ctor_loop.so", last_line(&l));
    loader_release(&l);
    buf_release(&load);
    buf_release(&open);
}

/* Structures only grow: what is built for an older minor loads as if it had left out the rest. */
static void
test_old(const char *bad)
{
    struct loader l = {0};
    struct buf old = {0};
    const struct ipclab_kind *kinds;

    buf_printf(&old, "%s/old", bad);
    add(&l, old.data, "old_minor.so");
    expect(l.n == 1, "a plugin of an older minor", last_line(&l));
    kinds = l.n == 1 ? l.sources[0].plugin->kinds : NULL;
    if (kinds != NULL) {
        expect(strcmp(kinds[0].name, "first") == 0 && strcmp(kinds[1].name, "second") == 0 &&
                   kinds[2].name == NULL,
               "its kinds", kinds[1].name);
        expect(l.sources[0].plugin->blocking == NULL, "the blocking that it lacks", "something");
        expect(kinds[1].state != NULL && kinds[1].list == NULL && kinds[1].detail == NULL &&
                   kinds[1].maps == NULL,
               "what it lacks", "something");
    }
    loader_release(&l);
    buf_release(&old);
}

static void
test_good(const char *good)
{
    struct loader l = {0};
    struct buf blob = {0};
    struct catalog c;
    struct err err;

    loader_add_dir(&l, good, true);
    expect(l.n > 0 && l.nrefused == 0, "good plugins", last_line(&l));
    for (int i = 1; i < l.n; i++)
        expect(strcmp(l.paths[i - 1], l.paths[i]) < 0, "order of plugins", l.paths[i]);
    loader_add_dir(&l, good, true);
    expect(l.nrefused == l.n, "the same folder again", last_line(&l));
    catalog_encode(&blob, l.sources, l.n, l.refused, l.nrefused);
    expect(catalog_decode(&c, blob.data, blob.len, &err) == 0, "decoding", err.text);
    expect(c.nplugins == l.n && c.nrefused == l.nrefused, "what was decoded", "less");
    catalog_release(&c);
    buf_release(&blob);
    loader_release(&l);
}

int
main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: call_loader BAD-FOLDER GOOD-FOLDER\n");
        return 2;
    }
    signal(SIGCHLD, SIG_IGN); /* as in the launcher */
    test_good(argv[2]);
    test_old(argv[1]);
    test_refusals(argv[1]);
    return failures > 0;
}
