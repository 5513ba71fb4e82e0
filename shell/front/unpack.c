/* SPDX-License-Identifier: GPL-3.0-or-later
 * See unpack.h. */
#include "front/unpack.h"

#include <sys/wait.h>

#include "base/mem.h"
#include "base/text.h"
#include "front/jobs.h"

enum { LIMIT_MS = 300000 };

struct unpacked {
    struct submissions *s;
    const char *archive;
    struct err *err;
    int result;
};

/* Each line is a file that was left out. */
static void
take_lines(struct unpacked *u, const char *told)
{
    while (*told != '\0') {
        size_t n = strcspn(told, "\n");
        struct buf name = {0};

        buf_printf(&name, "%s/%.*s", u->archive, (int)n, told);
        submissions_leave_out(u->s, name.data);
        buf_release(&name);
        told += n + (told[n] == '\n');
    }
}

static void
on_end(void *ctx, const struct job_end *end)
{
    struct unpacked *u = ctx;
    struct buf shown = {0};

    take_lines(u, buf_text(end->told));
    if (WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0) {
        u->result = 0;
        return;
    }
    text_escape(&shown, u->archive, strlen(u->archive), true);
    err_set(u->err,
            WIFEXITED(end->status) && WEXITSTATUS(end->status) == STATUS_TRACE ? STATUS_TRACE
                                                                               : STATUS_MACHINE,
            "%.200s: %s", buf_text(&shown),
            end->said[0] != '\0' ? end->said : "the archive could not be unpacked");
    buf_release(&shown);
}

static int
unpack(struct submissions *s, const char *archive, const char *folder, bool one, struct err *err)
{
    const char *const argv[] = {s->unpacker, archive, folder, one ? "one" : "class", NULL};
    struct unpacked u = {s, archive, err, -1};
    struct jobs jobs = {.n = 1, .argv = argv, .limit_ms = LIMIT_MS, .over = on_end, .ctx = &u};

    if (access(s->unpacker, X_OK) != 0)
        return err_set(err, STATUS_MACHINE,
                       "archives cannot be unpacked: this was built without libarchive");
    if (!jobs_start(&jobs, 0, NULL))
        return err_set(err, STATUS_MACHINE, "no process could be made to unpack an archive");
    while (jobs_running(&jobs) > 0)
        jobs_wait(&jobs);
    return u.result;
}

void
unpack_offer(struct submissions *s, const struct places *places)
{
    s->unpack = unpack;
    s->unpacker = places->unpacker;
}
