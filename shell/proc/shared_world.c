/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * See shared_world.h. Ledgers lie where the next start looks: in the user's runtime folder, else
 * in the folder for state, else in one of /tmp that is made and checked as ours alone. All of them
 * are swept, for a session may have had another environment than the next. */
#include "proc/shared_world.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/folder.h"
#include "base/text.h"
#include "proc/ledger.h"
#include "proc/ledger_parts.h"
#include "proc/proc_stat.h"
#include "proc/world.h"

/* ---- The folder of the ledgers ------------------------------------------------------------- */

/* A place for ledgers: below base, which must be there or, where make says so, is made. */
struct place {
    struct buf base;
    bool make;
    const char *parts[2]; /* NULL ends */
};

enum { PLACES = 3, GONE_MAX = 10 };

/* Fills in the place of this number. False when the environment does not name it. */
static bool
find_place(int number, struct place *p, char tmp[32])
{
    const char *runtime = getenv("XDG_RUNTIME_DIR"), *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    struct stat st;

    *p = (struct place){.make = number == 1, .parts = {"ipclab", NULL}};
    if (number == 0) {
        if (runtime == NULL || runtime[0] != '/' || stat(runtime, &st) < 0 ||
            st.st_uid != geteuid())
            return false;
        buf_puts(&p->base, runtime);
    } else if (number == 1) {
        p->parts[1] = "ledgers";
        if (state != NULL && state[0] == '/') {
            buf_puts(&p->base, state);
        } else if (home != NULL && home[0] == '/') {
            buf_puts(&p->base, home);
            buf_puts(&p->base, "/.local/state");
        } else {
            return false;
        }
    } else {
        snprintf(tmp, 32, "ipclab-%u", (unsigned)geteuid());
        buf_puts(&p->base, "/tmp");
        p->parts[0] = tmp;
    }
    return true;
}

/* Makes the folder of this place, then its base is the whole path. */
static int
make_place(struct place *p, struct err *err)
{
    struct buf shown = {0};
    int fd = -1;

    text_escape(&shown, p->base.data, p->base.len, false);
    if (!p->make || folder_make(p->base.data, err) == 0) {
        fd = open(p->base.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            err_set(err, STATUS_MACHINE, "cannot open %.300s: %s (%s)", buf_text(&shown),
                    strerrorname_np(errno), strerror(errno));
    }
    for (int i = 0; i < 2 && fd >= 0 && p->parts[i] != NULL; i++) {
        fd = folder_enter(fd, p->parts[i], buf_text(&shown), err);
        buf_putc(&p->base, '/');
        buf_puts(&p->base, p->parts[i]);
    }
    buf_release(&shown);
    if (fd < 0)
        return -1;
    close(fd);
    return 0;
}

/* Calls fn with each place where ledgers may be, which need not exist. */
static int
each_place(int (*fn)(const char *folder))
{
    int sum = 0;

    for (int i = 0; i < PLACES; i++) {
        struct place p;
        char tmp[32];

        if (find_place(i, &p, tmp)) {
            for (int k = 0; k < 2 && p.parts[k] != NULL; k++) {
                buf_putc(&p.base, '/');
                buf_puts(&p.base, p.parts[k]);
            }
            sum += fn(p.base.data);
        }
        buf_release(&p.base);
    }
    return sum;
}

int
shared_world_count_dead(void)
{
    return each_place(ledger_count_dead);
}

int
shared_world_sweep_dead(void)
{
    return each_place(ledger_sweep_dead);
}

static int
open_ledger(const char *session, struct err *err)
{
    int ledger = -1, gone = 0;

    err_set(err, STATUS_MACHINE, "no folder for the ledger");
    for (int i = 0; i < PLACES && ledger < 0; i++) {
        struct place p;
        char tmp[32];

        if (find_place(i, &p, tmp) && make_place(&p, err) == 0) {
            ledger = ledger_open(p.base.data, session);
            if (ledger < 0 && errno == ENOENT && gone++ < GONE_MAX) {
                i--; /* another session ended, and took the empty folder of /tmp along */
            } else if (ledger < 0) {
                err_set(err, STATUS_MACHINE, "cannot make a ledger in %.300s: %s (%s)", p.base.data,
                        strerrorname_np(errno), strerror(errno));
                rmdir(p.base.data); /* unless others lie there */
            }
        }
        buf_release(&p.base);
    }
    if (ledger < 0)
        err->status = STATUS_MACHINE;
    else
        err_clear(err);
    return ledger;
}

/* ---- The world's folder -------------------------------------------------------------------- */

static int
make_folder(struct world *w, struct err *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567"; /* 32: no bias */
    unsigned char random[12];
    char name[sizeof random + 1] = "";

    do {
        if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
            break;
        for (size_t i = 0; i < sizeof random; i++)
            name[i] = letters[random[i] % 32];
        snprintf(w->cwd, sizeof w->cwd, LEDGER_WORLD_PREFIX "%u-%s", (unsigned)geteuid(), name);
        if (ledger_intend(w->ledger, "dir", 0, w->cwd) < 0)
            break;
        if (mkdir(w->cwd, 0700) == 0)
            return 0;
    } while (errno == EEXIST);
    return err_set(err, STATUS_MACHINE, "making the world's folder: %s (%s)",
                   strerrorname_np(errno), strerror(errno));
}

int
shared_world_prepare(struct world *w, struct err *err)
{
    shared_world_sweep_dead();
    w->ledger = open_ledger(w->launcher->session, err);
    return w->ledger < 0 ? -1 : make_folder(w, err);
}

/* ---- The end ------------------------------------------------------------------------------- */

/* The launcher and what it keeps: all below it but this world. */
static bool
is_launchers(pid_t pid, void *ctx)
{
    const struct world *w = ctx;
    struct proc_stat st;

    for (int depth = 0; pid > 1 && depth < WORLD_MAX_ACTORS; depth++) {
        if (pid == w->init)
            return false;
        if (pid == w->launcher->pid)
            return true;
        pid = proc_stat_read(pid, &st) ? st.parent : 0;
    }
    return false;
}

void
shared_world_release(struct world *w)
{
    struct stat st;
    char tmp[32];

    if (w->ledger < 0)
        return;
    /* Who has swept removes the ledger. If it is still there, the world's first process was killed
     * before it came to that, and with the launcher it had been all that held its processes. */
    if (fstat(w->ledger, &st) == 0 && st.st_nlink > 0 && w->init > 0)
        ledger_kill_session(w->launcher->session, is_launchers, w);
    ledger_sweep(w->ledger);
    close(w->ledger);
    w->ledger = -1;
    snprintf(tmp, sizeof tmp, "/tmp/ipclab-%u", (unsigned)geteuid());
    rmdir(tmp); /* it stays while the ledger of another session lies in it */
}
