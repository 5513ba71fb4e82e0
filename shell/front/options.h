/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The command line (interface 4). */
#ifndef FRONT_OPTIONS_H
#define FRONT_OPTIONS_H
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum command {
    COMMAND_SESSION,
    COMMAND_RUN,
    COMMAND_REPLAY,
    COMMAND_SHOW,
    COMMAND_PLUGINS,
    COMMAND_DOCTOR,
    COMMAND_HELP,
    COMMAND_GC
};

struct options {
    enum command command;
    const char *lines; /* -c */
    const char *file;  /* a script; "-" is standard input; NULL: a session at the terminal */
    char **args;       /* of the command */
    int nargs;
    const char *trace; /* --trace */
    bool json, stable, echo, keep_going, quiet, verbose, trust;
    int64_t seed;
    const char *student;
    const char *plugin_path; /* --plugin-path */
    int world;               /* -1 auto, else enum world_kind */
    int64_t timeout_ms;      /* --timeout; -1: the default */
    int colour;              /* -1 auto, 0 never, 1 always */
    const char *as;          /* show --as */
    int width;               /* --width: columns; 0: the terminal's */
    bool version, help;
};

/* 0, or -1 and *err. */
int options_read(struct options *o, int argc, char **argv, struct err *err);
extern const char options_usage[];
#endif
