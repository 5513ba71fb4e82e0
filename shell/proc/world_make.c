/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A sealed world from the inside: pid 1 of fresh user, pid, IPC, mount, network and UTS namespaces
 * turns them into a small machine of its own. Everything of the host becomes read-only, then the
 * few places that a lab writes to are laid over it. Needs no privilege: the user namespace gives
 * the rights for its own namespaces and for nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/mount.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "proc/judged.h"
#include "proc/network.h"
#include "proc/runtime.h"

int
world_clone_flags(enum world_kind kind)
{
    if (kind == WORLD_SHARED)
        return 0;
    return CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWUTS;
}

static int
write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return -1;
    n = write(fd, text, strlen(text));
    close(fd);
    return n < 0 ? -1 : 0;
}

int
world_map_ids(uid_t inside, uid_t uid, gid_t inside_group, gid_t gid)
{
    char text[64];

    if (write_file("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
        return -1;
    snprintf(text, sizeof text, "%u %u 1", inside, uid);
    if (write_file("/proc/self/uid_map", text) < 0)
        return -1;
    snprintf(text, sizeof text, "%u %u 1", inside_group, gid);
    return write_file("/proc/self/gid_map", text);
}

static int
all_read_only(void)
{
    struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};

    return (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof attr);
}

static int
loopback_up(void)
{
    int result = network_link("lo", true);

    return result < 0 && errno == EAFNOSUPPORT ? 0
                                               : result; /* without IPv4 nothing is to be done */
}

/* A place that labs write to. Hosts without it do without it, as programs there do. */
static int
lay_over(const struct runtime *rt, const char *type, const char *path, const char *options)
{
    unsigned long flags = MS_NOSUID | MS_NODEV | (rt->judged ? MS_NOEXEC : 0);

    if (mount(type, path, type, flags, options) == 0)
        return 0;
    return errno == ENOENT || (strcmp(type, "mqueue") == 0 && errno == ENODEV) ? 0 : -1;
}

int
world_seal(struct runtime *rt, const char **step)
{
    static const char *const tmpfs = "size=64m,nr_inodes=4096,mode=1777";

    *step = "writing the user map";
    if (world_map_ids(rt->uid, rt->uid, rt->gid, rt->gid) < 0)
        return -1;
    *step = "making mounts private";
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return -1;
    if (rt->kind == WORLD_SEALED) {
        *step = "mounting /proc";
        if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
            return -1;
    }
    if (rt->judged)
        judged_limit_objects();
    *step = "making the file system read-only";
    if (all_read_only() < 0)
        return -1;
    *step = "mounting /dev/shm";
    if (lay_over(rt, "tmpfs", "/dev/shm", tmpfs) < 0)
        return -1;
    *step = "mounting /dev/mqueue";
    if (lay_over(rt, "mqueue", "/dev/mqueue", NULL) < 0)
        return -1;
    *step = "mounting /tmp";
    if (lay_over(rt, "tmpfs", "/tmp", tmpfs) < 0)
        return -1;
    *step = "bringing the loopback up";
    if (loopback_up() < 0)
        return -1;
    snprintf(rt->cwd, sizeof rt->cwd, "/tmp");
    return rt->judged ? judged_limit(step) : 0;
}

int
world_drop_rights(void)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {0};
    struct rlimit core;

    /* 1, not 0: a piped core pattern ignores that. Where the machine allows no more than 0, that is
     * how it stays: nobody may raise it. */
    if (getrlimit(RLIMIT_CORE, &core) < 0)
        return -1;
    core.rlim_cur = core.rlim_max = core.rlim_max > 0 ? 1 : 0;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || setrlimit(RLIMIT_CORE, &core) < 0)
        return -1;
    return (int)syscall(SYS_capset, &head, none);
}
