/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session with a world, for the tests of completion and hints:  NAME BUILD */
#ifndef ASSIST_FIXTURE_H
#define ASSIST_FIXTURE_H
#include "assist/complete.h"
#include "assist/hint.h"
#include "builtin/builtins.h"
#include "builtin/settings.h"

static struct session fixture_session = {
    .wanted_world = -1, .limit_ms = 10000, .interactive = true};
static struct listener fixture_ears;
static int fixture_failures, fixture_events;

static void
fixture_event(void *ctx, const struct event *e)
{
    (void)ctx, (void)e;
    fixture_events++;
}

static void
fixture_fail(const char *line, const char *what, const char *wanted, const char *got)
{
    fixture_failures++;
    fprintf(stderr, "`%s|`: %s: wanted %s, got %s\n", line, what, wanted, got);
}

static void
fixture_tell(const char *line)
{
    struct err err;

    if (session_line(&fixture_session, line, strlen(line), &err) < 0) {
        fprintf(stderr, "%s: %s\n", line, err.text);
        exit(1);
    }
}

static void
fixture_start(const char *build)
{
    static char plugins[1024], launcher[1024];
    static const char *more[2];
    struct launcher_options options = {.trusted = plugins, .dirs = more, .program = launcher};
    struct err err;

    snprintf(plugins, sizeof plugins, "%s/plugins", build);
    snprintf(launcher, sizeof launcher, "%s/ipclab-launcher", build);
    fixture_session.builtins = builtins;
    fixture_session.setting_records = settings;
    settings_default(&fixture_session.settings);
    fixture_ears.event = fixture_event;
    session_listen(&fixture_session, &fixture_ears);
    if (session_start(&fixture_session, &options, &err) < 0) {
        fprintf(stderr, "session: %s\n", err.text);
        exit(1);
    }
}

#endif
