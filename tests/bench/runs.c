/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How long programs take from their start until they are reaped. Its words are the command, and
 * each runs with nothing on its descriptors 0 to 2.
 *
 *   runs TIMES COMMAND...     prints "run microseconds", one line each */
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

static double
now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int
main(int argc, char **argv)
{
    posix_spawn_file_actions_t quiet;
    int times = argc > 2 ? (int)strtol(argv[1], NULL, 10) : 0;

    if (times <= 0) {
        fputs("usage: runs TIMES COMMAND...\n", stderr);
        return 2;
    }
    posix_spawn_file_actions_init(&quiet);
    for (int fd = 0; fd < 3; fd++)
        posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_RDWR, 0);
    for (int i = 0; i < times; i++) {
        double from = now_us();
        int status = -1;
        pid_t pid;

        if (posix_spawnp(&pid, argv[2], &quiet, NULL, argv + 2, environ) != 0 ||
            waitpid(pid, &status, 0) != pid || status != 0) {
            fprintf(stderr, "runs: %s: status %#x\n", argv[2], (unsigned)status);
            return 1;
        }
        printf("run %.3f\n", now_us() - from);
    }
    posix_spawn_file_actions_destroy(&quiet);
    return 0;
}
