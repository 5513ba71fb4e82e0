/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab doctor: what this machine allows, asked by doing it, and what follows. */
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <stdarg.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#include "front/commands.h"
#include "proc/shared_world.h"
#include "proc/world.h"

static void __attribute__((format(printf, 3, 4)))
say(const char *what, bool good, const char *fmt, ...)
{
    va_list ap;

    printf("%-5s %-22s ", good ? "ok" : "note", what);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

static void
say_kernel(void)
{
    struct utsname u;
    int major = 0, minor = 0;
    bool fresh;

    uname(&u);
    sscanf(u.release, "%d.%d", &major, &minor);
    fresh = major > 5 || (major == 5 && minor >= 16);
    say("kernel", fresh, "%s %s; %s", u.release, u.machine,
        fresh ? "waiting is told from running exactly"
              : "older than 5.16: whether a process waits is told less surely");
}

static void
say_hosts(struct world *w)
{
    struct err err;

    if (world_network(w, "host1", &err) >= 0)
        say("hosts", true, "actors may be on several: spawn NAME on HOST");
    else
        say("hosts", false, "%s", err.text);
}

static bool
try_world(struct launcher *l, enum world_kind kind, const char *name, const char *follows,
          bool hosts)
{
    struct world w;
    struct err err;
    bool works = world_make(&w, l, (int)kind, &err) == 0;

    if (works)
        say(name, w.kind != WORLD_SEALED_BARE, "%s%s", follows,
            w.kind == WORLD_SEALED_BARE ? " (without a /proc of its own)" : "");
    else
        say(name, false, "not here: %s", err.text);
    if (works && hosts)
        say_hosts(&w);
    if (works)
        world_release(&w);
    return works;
}

/* The worlds in which lines of others are judged need more of the kernel. */
static void
say_judged(const struct places *places)
{
    struct launcher_options options = places_launcher(places);
    struct judged judged = {0};
    struct launcher l;
    struct err err;

    judged_choose(&judged, NULL);
    options.judged = &judged;
    if (launcher_start(&l, &options, &err) < 0)
        say("judged worlds", false, "not here: %s", err.text);
    else
        try_world(&l, WORLD_SEALED, "judged worlds",
                  judged_has_filter()
                      ? "for lines of others: no files of this machine, limits, a filter of system "
                        "calls"
                      : "for lines of others: no files of this machine, limits; without a filter "
                        "of system calls, for this was built without libseccomp",
                  false);
    launcher_release(&l);
}

static bool
has_queues(void)
{
    mqd_t q = mq_open("/ipclab-none", O_RDONLY | O_CLOEXEC);

    if (q >= 0)
        mq_close(q);
    return q >= 0 || errno != ENOSYS;
}

static void
say_limits(void)
{
    struct rlimit r;

    getrlimit(RLIMIT_NOFILE, &r);
    say("descriptors", r.rlim_max >= 4096, "up to %llu, enough for about %llu actors",
        (unsigned long long)r.rlim_max,
        (unsigned long long)(r.rlim_max > 32 ? (r.rlim_max - 32) / 7 : 0));
    getrlimit(RLIMIT_NPROC, &r);
    if (r.rlim_cur != RLIM_INFINITY)
        say("processes", r.rlim_cur >= 256, "up to %llu of this user",
            (unsigned long long)r.rlim_cur);
    getrlimit(RLIMIT_MSGQUEUE, &r);
    if (!has_queues())
        say("POSIX queues", false, "not in this kernel: the calls of mq fail with ENOSYS");
    else if (r.rlim_cur != RLIM_INFINITY)
        say("POSIX queues", r.rlim_cur >= 65536, "up to %llu bytes of this user over all worlds",
            (unsigned long long)r.rlim_cur);
}

/* pipe(7): beyond pipe-user-pages-soft pages in the pipes of one user new ones are small, and
 * lessons about full pipes come out otherwise. Root is spared here, its labs are not: they have no
 * rights. */
static void
say_pipes(void)
{
    enum { DEFAULT_CAPACITY = 65536 };
    int fds[2], capacity;

    if (pipe2(fds, O_CLOEXEC) < 0) {
        say("pipes", false, "none can be made: %s", strerror(errno));
        return;
    }
    capacity = fcntl(fds[0], F_GETPIPE_SZ);
    close(fds[0]);
    close(fds[1]);
    if (capacity >= DEFAULT_CAPACITY)
        say("pipes", true, "a new pipe holds %d bytes", capacity);
    else
        say("pipes", false,
            "a new pipe holds only %d bytes: the pipes of this user hold more than "
            "fs.pipe-user-pages-soft allows (pipe(7))",
            capacity);
}

static void
say_folder(const char *name, const char *path, const char *without)
{
    struct stat st;
    struct statfs fs;
    bool there = stat(path, &st) == 0 && statfs(path, &fs) == 0;

    say(name, there, "%s%s%s", path, there ? "" : ": ", there ? " is there" : without);
}

enum status
command_doctor(const struct options *o, const struct places *places, struct err *err)
{
    struct launcher_options options = places_launcher(places);
    struct launcher l;
    bool sealed;

    (void)o;
    say_kernel();
    if (launcher_start(&l, &options, err) < 0)
        return err->status;
    say("plugins", l.catalog.nrefused == 0, "%d loaded, %d refused (ipclab plugins -v)",
        l.catalog.nplugins, l.catalog.nrefused);
    sealed = try_world(&l, WORLD_SEALED, "sealed worlds",
                       "labs touch nothing of this machine and leave nothing", true);
    if (sealed)
        say_judged(places);
    try_world(&l, WORLD_SHARED, "shared worlds",
              "what labs make is seen by this machine; a ledger and a sweeper remove it", !sealed);
    if (!sealed)
        say("so", false,
            "labs run in shared worlds; replaying other people's traces needs --trust, "
            "grading is refused");
    if (shared_world_count_dead() > 0)
        say("leftovers", false, "%d dead session(s) left something; `ipclab gc` removes it",
            shared_world_count_dead());
    say_limits();
    say_pipes();
    say_folder("POSIX shared memory", "/dev/shm", "shm_open does not work");
    say_folder("POSIX queues folder", "/dev/mqueue", "mq_open works, listing queues does not");
    launcher_release(&l);
    return STATUS_OK;
}
