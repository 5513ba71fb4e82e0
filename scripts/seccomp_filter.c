/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes the filter of system calls for judged worlds as a C header: run while building, linked
 * with libseccomp, so that neither the program nor its start knows of the library. Without
 * -DHAVE_SECCOMP the filter is empty, and `ipclab doctor` says so.
 *
 * It is the last of the walls and not the first: an actor has no rights, no files but its own and
 * only the calls of the plugins. What is closed here are the doors of the kernel that no lab needs
 * and in which holes were found before. Everything refused fails with EPERM, so that a program
 * which tries something else instead can. */
#include <stdio.h>

#ifndef HAVE_SECCOMP
int
main(void)
{
    puts("enum { SECCOMP_FILTER_LENGTH = 0 };\nstatic const struct sock_filter seccomp_filter[1];");
    return 0;
}
#else
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* Every name that libseccomp knows; those of other machines mean nothing and are passed over. */
static const char *const refused[] = {
    /* other file systems, other roots */
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "move_mount",
    "open_tree",
    "fsopen",
    "fsconfig",
    "fsmount",
    "fspick",
    "mount_setattr",
    "swapon",
    "swapoff",
    "quotactl",
    "quotactl_fd",
    "open_by_handle_at",
    "name_to_handle_at",
    "fanotify_init",
    "fanotify_mark",
    "lookup_dcookie",
    "nfsservctl",
    "uselib",
    "acct",
    /* other namespaces */
    "unshare",
    "setns",
    /* other processes; process_vm_readv is a call of labs */
    "ptrace",
    "kcmp",
    "pidfd_getfd",
    "process_madvise",
    "process_mrelease",
    "move_pages",
    "migrate_pages",
    /* large machineries of the kernel */
    "bpf",
    "perf_event_open",
    "userfaultfd",
    "io_uring_setup",
    "io_uring_enter",
    "io_uring_register",
    "io_setup",
    "io_submit",
    "io_cancel",
    "io_destroy",
    "io_getevents",
    "io_pgetevents",
    "keyctl",
    "add_key",
    "request_key",
    "memfd_secret",
    "vmsplice",
    /* the machine itself */
    "kexec_load",
    "kexec_file_load",
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "query_module",
    "get_kernel_syms",
    "reboot",
    "iopl",
    "ioperm",
    "syslog",
    "settimeofday",
    "clock_settime",
    "clock_settime64",
    "stime",
    "adjtimex",
    "clock_adjtime",
    "clock_adjtime64",
    "sethostname",
    "setdomainname",
    "vhangup",
    "personality",
    "modify_ldt",
    "vm86",
    "vm86old",
    "_sysctl",
    "sysfs",
    "ustat",
    "mbind",
    "set_mempolicy",
    "get_mempolicy",
    "set_mempolicy_home_node",
};

static const uint64_t namespaces[] = {CLONE_NEWNS,  CLONE_NEWUTS, CLONE_NEWIPC,   CLONE_NEWUSER,
                                      CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWCGROUP};

/* 0 also for what this architecture has not got. */
static int
refuse(scmp_filter_ctx filter, int error, int call)
{
    return call == __NR_SCMP_ERROR || call < 0
               ? 0
               : seccomp_rule_add(filter, SCMP_ACT_ERRNO(error), call, 0);
}

static int
add_rules(scmp_filter_ctx f)
{
    int result = 0;

    for (size_t i = 0; i < sizeof refused / sizeof *refused && result == 0; i++)
        result = refuse(f, EPERM, seccomp_syscall_resolve_name(refused[i]));
    /* Its flags lie in memory, where no filter can look: the C library takes clone(2) then. */
    if (result == 0)
        result = refuse(f, ENOSYS, SCMP_SYS(clone3));
    for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces && result == 0; i++)
        result = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, namespaces[i], namespaces[i]));
    /* What is typed at a terminal. */
    if (result == 0)
        result = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCSTI));
    if (result == 0)
        result = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, TIOCLINUX));
    /* A user's pipes hold so much in all, and then those of the worlds beside would be small. */
    if (result == 0)
        result = seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(fcntl), 2,
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, F_SETPIPE_SZ),
                                  SCMP_A2(SCMP_CMP_GT, 1 << 16, 0));
    return result;
}

struct instruction { /* struct sock_filter */
    uint16_t code;
    uint8_t yes, no;
    uint32_t k;
};

static int
print(FILE *program)
{
    struct instruction i;
    int n = 0;

    puts("static const struct sock_filter seccomp_filter[] = {");
    for (rewind(program); fread(&i, sizeof i, 1, program) == 1; n++)
        printf("    {%#x, %u, %u, %#x},\n", i.code, i.yes, i.no, i.k);
    printf("};\nenum { SECCOMP_FILTER_LENGTH = %d };\n", n);
    return n > 0 && !ferror(program) ? 0 : -1;
}

int
main(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    FILE *program = tmpfile();
    int result = -1;

    if (filter != NULL && program != NULL) {
        seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2); /* a tree, not a list */
        result = add_rules(filter);
        if (result == 0)
            result = seccomp_export_bpf(filter, fileno(program));
        if (result == 0)
            result = print(program);
    }
    if (result != 0)
        fprintf(stderr, "seccomp_filter: libseccomp does not make the filter (%d)\n", result);
    return result == 0 ? 0 : 1;
}
#endif
