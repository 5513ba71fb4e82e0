/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How much a judged world may use of what the machine has. The numbers are in judged.h. */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "proc/judged.h"
#include <seccomp_filter.h> /* made by scripts/seccomp_filter.c */

/* ---- System V objects ------------------------------------------------------------------------ */

/* Of the world's own IPC namespace, in which its first process is root; kernels before 5.19 keep
 * them from it, and there the memory of such objects is only counted (judged_memory.c). */
void
judged_limit_objects(void)
{
    char pages[32];
    const struct {
        const char *path, *value;
    } limits[] = {
        {"/proc/sys/kernel/shmall", pages},
        {"/proc/sys/kernel/shmmni", "256"},
        {"/proc/sys/kernel/msgmni", "64"},
        {"/proc/sys/kernel/sem", "250 8192 100 256"},
    };

    snprintf(pages, sizeof pages, "%ld", JUDGED_FILE_BYTES / sysconf(_SC_PAGESIZE));
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        int fd = open(limits[i].path, O_WRONLY | O_CLOEXEC);

        if (fd < 0)
            continue;
        if (write(fd, limits[i].value, strlen(limits[i].value)) < 0) /* as it was, then */
            errno = 0;
        close(fd);
    }
}

/* ---- Processes ------------------------------------------------------------------------------- */

/* Never above what the process may have anyway. */
static int
limit(__rlimit_resource_t resource, rlim_t soft, rlim_t hard)
{
    struct rlimit now;

    if (getrlimit(resource, &now) < 0)
        return -1;
    if (hard < now.rlim_max)
        now.rlim_max = hard;
    now.rlim_cur = soft < now.rlim_max ? soft : now.rlim_max;
    return setrlimit(resource, &now);
}

/* An image that watches its own memory has addresses for all that there is. */
static bool
has_huge_image(void)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    long pages = 0;

    if (fd >= 0 && read(fd, text, sizeof text - 1) > 0)
        sscanf(text, "%ld", &pages);
    if (fd >= 0)
        close(fd);
    return pages > JUDGED_ACTOR_BYTES / 2 / sysconf(_SC_PAGESIZE);
}

int
judged_limit(const char **step)
{
    struct rlimit queues;

    *step = "limiting processes";
    if (limit(RLIMIT_NPROC, JUDGED_PROCESSES, JUDGED_PROCESSES) < 0)
        return -1;
    *step = "limiting memory";
    if (!has_huge_image() && limit(RLIMIT_AS, JUDGED_ACTOR_BYTES, JUDGED_ACTOR_BYTES) < 0)
        return -1;
    *step = "limiting files";
    if (limit(RLIMIT_FSIZE, JUDGED_FILE_BYTES, JUDGED_FILE_BYTES) < 0)
        return -1;
    *step = "limiting time";
    if (limit(RLIMIT_CPU, JUDGED_CPU_SECONDS, JUDGED_CPU_SECONDS + 1) < 0)
        return -1;
    /* A user has so much over all namespaces: an eighth leaves enough for the worlds beside. */
    *step = "limiting queues";
    if (getrlimit(RLIMIT_MSGQUEUE, &queues) < 0)
        return -1;
    if (queues.rlim_max == RLIM_INFINITY)
        return 0;
    return limit(RLIMIT_MSGQUEUE, queues.rlim_max / 8, queues.rlim_max / 8);
}

/* ---- System calls ---------------------------------------------------------------------------- */

bool
judged_has_filter(void)
{
    return SECCOMP_FILTER_LENGTH > 0;
}

int
judged_filter(void)
{
    struct sock_fprog program = {SECCOMP_FILTER_LENGTH,
                                 (struct sock_filter *)(uintptr_t)seccomp_filter};

    return judged_has_filter() ? prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) : 0;
}
