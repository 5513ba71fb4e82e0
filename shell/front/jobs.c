/* SPDX-License-Identifier: GPL-3.0-or-later
 * See jobs.h. */
#include "front/jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "front/child.h"

enum { ARGUMENTS = 80, LOOK_MS = 200 };

int
jobs_running(const struct jobs *j)
{
    int n = 0;

    for (int i = 0; i < j->n; i++)
        n += j->list[i].pid != 0;
    return n;
}

static void
close_one(int fd)
{
    if (fd >= 0)
        close(fd);
}

static bool
start(struct job *job, const char *const *argv)
{
    int ends[2], null = open("/dev/null", O_RDONLY | O_CLOEXEC), error = EMFILE;

    job->errors = memfd_create("errors", MFD_CLOEXEC);
    if (null >= 0 && job->errors >= 0 && pipe2(ends, O_CLOEXEC) == 0) {
        job->output = ends[0];
        error = child_job(argv, null, ends[1], job->errors, &job->pid);
        close(ends[1]);
    }
    close_one(null);
    if (error == 0)
        return true;
    close_one(job->output);
    close_one(job->errors);
    job->pid = 0;
    return false;
}

bool
jobs_start(struct jobs *j, int i, const char *const *words)
{
    const char *argv[ARGUMENTS];
    struct job *job = j->list;
    int n = 0;

    while (job < j->list + j->n && job->pid != 0)
        job++;
    if (job == j->list + j->n)
        return false;
    for (int k = 0; j->argv[k] != NULL && n < ARGUMENTS - 1; k++)
        argv[n++] = j->argv[k];
    for (int k = 0; words != NULL && words[k] != NULL && n < ARGUMENTS - 1; k++)
        argv[n++] = words[k];
    argv[n] = NULL;
    *job = (struct job){.i = i,
                        .output = -1,
                        .errors = -1,
                        .deadline = j->limit_ms > 0 ? now_ms() + j->limit_ms : INT64_MAX};
    return start(job, argv);
}

/* All that is in its file of stderr, as far as anybody wants to know. */
static char *
said(int errors)
{
    char *text = mem_alloc(JOBS_SAID_MAX);
    ssize_t got = pread(errors, text, JOBS_SAID_MAX - 1, 0);

    while (got > 0 && text[got - 1] == '\n')
        got--;
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static void
reap(struct jobs *j, struct job *job)
{
    char *text = said(job->errors);
    struct job_end end = {.i = job->i, .told = &job->told, .said = text};

    while (waitpid(job->pid, &end.status, 0) < 0 && errno == EINTR)
        ;
    close(job->output);
    close(job->errors);
    job->pid = 0;
    j->over(j->ctx, &end);
    buf_release(&job->told);
    free(text);
}

static void
take(struct jobs *j, struct job *job)
{
    char block[65536];
    ssize_t got = read(job->output, block, sizeof block);

    if (got > 0) {
        buf_put(&job->told, block, (size_t)got);
        if (j->more != NULL)
            j->more(j->ctx, job->i, &job->told);
    } else if (got == 0 || errno != EINTR) {
        reap(j, job);
    }
}

void
jobs_wait(struct jobs *j)
{
    struct pollfd fds[JOBS_MAX];
    struct job *of[JOBS_MAX];
    int n = 0;

    for (int i = 0; i < j->n; i++) {
        struct job *job = &j->list[i];

        if (job->pid == 0)
            continue;
        if (now_ms() > job->deadline || job->told.len > JOBS_TOLD_MAX)
            kill(job->pid, SIGKILL);
        fds[n] = (struct pollfd){.fd = job->output, .events = POLLIN};
        of[n++] = job;
    }
    if (poll(fds, (nfds_t)n, LOOK_MS) <= 0)
        return;
    for (int i = 0; i < n; i++)
        if (fds[i].revents != 0)
            take(j, of[i]);
}

void
jobs_interrupt(const struct jobs *j)
{
    for (int i = 0; i < j->n; i++)
        if (j->list[i].pid != 0)
            kill(j->list[i].pid, SIGINT);
}
