/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Limits that are no mechanism's own: of descriptors, processes, addresses, file systems. When a
 * call failed because of one, its name and what it allows now are said; of the others each plugin
 * knows itself. Nothing is said of a limit that is not reached. */
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>

#include "proc/actor.h"

/* The number that a file of /proc or /sys begins with; -1: none is there, or it says "max". */
static int64_t
number_in(const char *path)
{
    char text[64] = "", *end;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int64_t value;

    if (fd < 0)
        return -1;
    if (read(fd, text, sizeof text - 1) < 0)
        text[0] = '\0';
    close(fd);
    value = strtoll(text, &end, 10);
    return end != text ? value : -1;
}

static void
note_descriptors(struct ipclab_frame *f)
{
    int fd = fcntl(self_process.control, F_DUPFD_CLOEXEC, 0);
    struct rlimit limit;

    if (fd >= 0)
        close(fd);
    else if (errno == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0)
        actor_host.note(f,
                        "RLIMIT_NOFILE allows this process the descriptors below %llu, and all of "
                        "them are open",
                        (unsigned long long)limit.rlim_cur);
}

static void
note_open_files(struct ipclab_frame *f)
{
    int64_t allowed = number_in("/proc/sys/fs/file-max");

    if (allowed >= 0 && number_in("/proc/sys/fs/file-nr") >= allowed)
        actor_host.note(f, "fs.file-max allows %lld open files on the whole machine",
                        (long long)allowed);
}

static void
note_processes(struct ipclab_frame *f)
{
    int64_t machine = number_in("/proc/sys/kernel/threads-max");
    struct rlimit limit;

    if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        actor_host.note(f,
                        "RLIMIT_NPROC allows this user %llu processes, kernel.threads-max the "
                        "machine %lld; a control group may allow fewer (pids.max)",
                        (unsigned long long)limit.rlim_cur, (long long)machine);
    else
        actor_host.note(f,
                        "kernel.threads-max allows the machine %lld processes; a control group may "
                        "allow fewer (pids.max)",
                        (long long)machine);
}

static void
note_addresses(struct ipclab_frame *f)
{
    long long page = sysconf(_SC_PAGESIZE), pages = number_in("/proc/self/statm");
    struct rlimit limit;

    if (getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        actor_host.note(f, "RLIMIT_AS allows this process %llu bytes of addresses, and it has %lld",
                        (unsigned long long)limit.rlim_cur, pages * page);
    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        actor_host.note(f, "RLIMIT_DATA allows this process %llu bytes of data of its own",
                        (unsigned long long)limit.rlim_cur);
}

static void
note_file_size(struct ipclab_frame *f)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
        actor_host.note(f, "RLIMIT_FSIZE allows this process files of %llu bytes",
                        (unsigned long long)limit.rlim_cur);
}

/* The file system behind the first argument that says where: a descriptor, or a path's folder. */
static int
file_system(const struct ipclab_frame *f, struct statvfs *fs)
{
    char folder[4096];

    for (int i = 0; i < f->args.n; i++) {
        const struct ipclab_arg *spec = frame_arg_spec(f->call, i);

        if (spec != NULL && spec->type == IPCLAB_FD)
            return fstatvfs((int)f->args.v[i].i, fs);
        if (spec != NULL && spec->type == IPCLAB_PATH) {
            const char *slash = strrchr(f->args.v[i].s, '/');

            snprintf(folder, sizeof folder, "%.*s",
                     slash != NULL ? (int)(slash - f->args.v[i].s) + 1 : 1,
                     slash != NULL ? f->args.v[i].s : ".");
            return statvfs(folder, fs);
        }
    }
    return -1;
}

static void
note_space(struct ipclab_frame *f)
{
    struct statvfs fs;

    if (file_system(f, &fs) < 0 || fs.f_blocks == 0) /* what is no place for data has no size */
        return;
    if (fs.f_files > 0 && fs.f_favail == 0)
        actor_host.note(f, "its file system has places for %llu files, and all are in use",
                        (unsigned long long)fs.f_files);
    else
        actor_host.note(f, "its file system has %llu bytes, and %llu of them are free",
                        (unsigned long long)fs.f_blocks * fs.f_frsize,
                        (unsigned long long)fs.f_bavail * fs.f_frsize);
}

void
frame_note_limit(struct ipclab_frame *f, int error)
{
    if (error == EMFILE)
        note_descriptors(f);
    else if (error == ENFILE)
        note_open_files(f);
    else if (error == EAGAIN && (f->call->flags & IPCLAB_MAKES_PROCESS) != 0)
        note_processes(f);
    else if (error == ENOMEM)
        note_addresses(f);
    else if (error == EFBIG)
        note_file_size(f);
    else if (error == ENOSPC)
        note_space(f);
}
