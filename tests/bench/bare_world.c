/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The limit for a fresh world: the same namespaces, maps and mounts as shell/proc/world_make.c,
 * two processes forked in it that say that they are there, and its end, with nothing around it.
 *
 *   bare_world TIMES     prints "bare microseconds", one line each; nothing when the machine gives
 *                        no such world */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { ACTORS = 2 };

static double
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? write(fd, text, strlen(text)) : -1;

    if (fd >= 0)
        close(fd);
    return n < 0 ? -1 : 0;
}

static int
seal(uid_t uid, gid_t gid)
{
    static const char *const tmpfs = "size=64m,nr_inodes=4096,mode=1777";
    const unsigned long flags = MS_NOSUID | MS_NODEV;
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    char map[64];
    int s, up;

    write_file("/proc/self/setgroups", "deny");
    snprintf(map, sizeof map, "%u %u 1", uid, uid);
    if (write_file("/proc/self/uid_map", map) < 0)
        return -1;
    snprintf(map, sizeof map, "%u %u 1", gid, gid);
    if (write_file("/proc/self/gid_map", map) < 0)
        return -1;
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -1;
    if (mount("proc", "/proc", "proc", flags | MS_NOEXEC, NULL) < 0)
        return -1;
    if (syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &read_only, sizeof read_only) < 0)
        return -1;
    /* A machine without message queues does without them, as the shell does. */
    if (mount("tmpfs", "/dev/shm", "tmpfs", flags, tmpfs) < 0 ||
        (mount("mqueue", "/dev/mqueue", "mqueue", flags, NULL) < 0 && errno != ENOENT &&
         errno != ENODEV) ||
        mount("tmpfs", "/tmp", "tmpfs", flags, tmpfs) < 0)
        return -1;
    s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    up = s >= 0 ? ioctl(s, SIOCSIFFLAGS, &r) : -1;
    if (s >= 0)
        close(s);
    return up;
}

static void __attribute__((noreturn)) live(int control, uid_t uid, gid_t gid)
{
    char c = 'x';

    if (seal(uid, gid) < 0)
        _exit(1);
    for (int i = 0; i < ACTORS; i++)
        if (fork() == 0) {
            if (write(control, &c, 1) == 1)
                while (read(control, &c, 1) > 0)
                    ;
            _exit(0);
        }
    while (read(control, &c, 1) > 0)
        ;
    _exit(0);
}

static int
one_world(void)
{
    int pair[2], status, there = 0;
    uid_t uid = getuid();
    gid_t gid = getgid();
    pid_t pid;
    char c;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return -1;
    pid = (pid_t)syscall(SYS_clone,
                         CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET |
                             CLONE_NEWUTS | SIGCHLD,
                         NULL, NULL, NULL, 0);
    if (pid == 0) {
        close(pair[0]);
        live(pair[1], uid, gid);
    }
    close(pair[1]);
    while (pid > 0 && there < ACTORS && read(pair[0], &c, 1) == 1)
        there++;
    close(pair[0]);
    if (pid > 0)
        waitpid(pid, &status, 0);
    return there == ACTORS ? 0 : -1;
}

int
main(int argc, char **argv)
{
    int times = argc == 2 ? (int)strtol(argv[1], NULL, 10) : 0;

    if (times <= 0) {
        fputs("usage: bare_world TIMES\n", stderr);
        return 2;
    }
    for (int i = 0; i < times; i++) {
        double from = now_us();

        if (one_world() < 0)
            return 0;
        printf("bare %.3f\n", now_us() - from);
    }
    return 0;
}
