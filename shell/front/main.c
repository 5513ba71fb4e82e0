/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab: the command line. Reads options, puts the pieces together, and turns how it went into
 * the exit status and its last line on stderr. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "front/child.h"
#include "front/commands.h"
#include "front/console.h"
#include "front/place.h"
#include "front/prepare.h"
#include "front/repl.h"
#include "front/signals.h"
#include "lua/guardian.h"
#include "lua/lab.h"

static void __attribute__((noreturn)) out_of_memory(void)
{
    static const char text[] = "ipclab: out of memory; everything that ran is removed\n";

    if (write(2, text, sizeof text - 1) < 0)
        _exit(STATUS_MACHINE);
    _exit(STATUS_MACHINE);
}

/* Whatever was inherited: descriptors 0 to 2 are open, no signal is blocked or ignored that must
 * not be, Ctrl-C is a flag. */
static void
settle_in(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= 2);
    if (fd > 2)
        close(fd);
    for (fd = 0; fd <= 2; fd++)
        fcntl(fd, F_SETFD, 0);
    close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
    front_signals_start();
    umask(022);
    mem_on_out(out_of_memory);
    setlocale(LC_CTYPE, "");
#ifndef __SANITIZE_ADDRESS__
    prctl(PR_SET_DUMPABLE, 0); /* what runs in a lab may not look into the shell */
#endif
}

/* What is no file may be a command that was misspelt. */
static void
say_no_file(const char *name, const struct err *err)
{
    struct buf near = {0};

    if (access(name, F_OK) != 0 && options_near_command(name, &near)[0] != '\0')
        console_message("there is no file or command '%.60s'; did you mean %s?", name,
                        buf_text(&near));
    else
        console_message("%s", err->text);
    buf_release(&near);
}

static enum status
run_lines(struct console *c, const struct options *o)
{
    struct session *s = c->session;
    enum status status;
    struct err err = {0};
    struct stat st;
    int fd;

    if (o->lines != NULL)
        return source_run_text(s, o->lines, strlen(o->lines), "-c", &c->source);
    if (o->file != NULL && strcmp(o->file, "-") != 0) {
        fd = source_open(o->file, &err);
        if (fd < 0) {
            say_no_file(o->file, &err);
            return err.status;
        }
        status = source_run(s, fd, o->file, &c->source);
        close(fd);
        return status;
    }
    if (fstat(0, &st) == 0 && S_ISDIR(st.st_mode)) {
        console_message("standard input: EISDIR (is a directory)");
        return STATUS_USAGE;
    }
    return source_run(s, 0, "standard input", &c->source);
}

static int
last_words(int status, const struct err *err)
{
    const struct status_record *r = status_records;

    if (status == STATUS_OK)
        return status;
    while (r->last != NULL && (int)r->status != status)
        r++;
    console_message("%s (status %d)",
                    err != NULL && err->text[0] != '\0' ? err->text
                    : r->last != NULL                   ? r->last
                                                        : "ended by a signal",
                    status);
    return status;
}

/* Starts the session: launcher, lab, trace, world. */
static enum status
start(struct console *c, const struct launcher_options *launcher, bool *guided, struct err *err)
{
    const struct options *o = c->options;
    struct session *s = c->session;
    enum status status;

    if (session_launch(s, launcher, err) < 0)
        return err->status;
    if (o->command == COMMAND_RUN) {
        status = command_run_load(o, s, guided, err);
        if (status != STATUS_OK)
            return status;
    }
    s->interactive = (o->command == COMMAND_SESSION || *guided) && o->lines == NULL &&
                     o->file == NULL && isatty(0) && isatty(1);
    s->limit_ms = o->timeout_ms >= 0 ? o->timeout_ms : s->interactive ? 0 : 10000;
    if ((*guided ? command_run_record(c, err) : console_record(c, err)) < 0 ||
        (*guided ? command_run_begin(s, err) : session_begin(s, err)) < 0)
        return err->status;
    return STATUS_OK;
}

static int
run_session(const struct options *o, const struct places *places)
{
    struct session session;
    struct launcher_options launcher = places_launcher(places);
    struct judged judged = {0};
    struct console console;
    struct err err = {0}, end = {0};
    enum status recorded;
    int status, ended = 0; /* a session at a terminal may end by a signal: 128 and its number */
    bool run = o->command == COMMAND_RUN, guided = false;

    if (o->judged) {
        judged_choose(&judged, NULL);
        launcher.judged = &judged;
    }
    prepare_session(&session, o, places);
    if (run && command_run_open(o, places, &session, &err) < 0)
        return last_words(err.status, &err);
    console_start(&console, o, &session);
    child_pin();
    session.cpus = child_cpus();
    status = start(&console, &launcher, &guided, &err);
    if (status != STATUS_OK) {
        console_finish(&console);
        command_run_release(&session);
        session_release(&session);
        return last_words(status, &err);
    }
    commands_warn(&session, o);
    if (session.interactive)
        status = ended = repl_run(&console, guided ? command_run_lesson : NULL);
    else if (guided)
        status = command_run_lesson(&session, &end) < 0 ? end.status : run_lines(&console, o);
    else
        status = run ? command_run() : run_lines(&console, o);
    if (ended != 0)
        console.writer.why = ended == 128 + SIGHUP ? "hangup" : "terminated";
    if (guided && command_run_score(&session, &end) != STATUS_OK)
        status = end.status;
    if (status == STATUS_OK || status == STATUS_USAGE)
        if (session_finish(&session, &end) != STATUS_OK && status == STATUS_OK)
            status = end.status;
    recorded = console_finish(&console);
    if (status == STATUS_OK && recorded != STATUS_OK)
        status = o->trace != NULL || console.writer.lost ? recorded : STATUS_OK;
    chunk_release(&session);
    command_run_release(&session);
    session_release(&session);
    return session.interactive ? status : last_words(status, &end);
}

int
main(int argc, char **argv)
{
    struct options o;
    struct places places;
    struct buf usage = {0};
    struct err err = {0};

    settle_in();
    if (geteuid() != getuid() || getegid() != getgid()) {
        console_message("not run: it was installed setuid, and would lend out its owner's rights");
        return last_words(STATUS_MACHINE, NULL);
    }
    if (argc < 1 || options_read(&o, argc, argv, &err) < 0)
        return last_words(STATUS_USAGE, &err);
    if (o.version) {
        printf("ipclab %s\n", IPCLAB_VERSION);
        return 0;
    }
    if (o.help) {
        options_usage(&o, &usage);
        printf("%s", buf_text(&usage));
        buf_release(&usage);
        return 0;
    }
    places_find(&places, o.plugin_path);
    switch (o.command) {
    case COMMAND_RUN:
        /* Off a terminal the author of the lab is not the person at the keyboard. */
        guardian_watch(o.args[0], !isatty(0) || !isatty(1));
        o.fresh = o.fresh && guardian_stopped(NULL, 0) < 0; /* begun again, it goes on */
        return run_session(&o, &places);
    case COMMAND_SESSION:
        return run_session(&o, &places);
    case COMMAND_LAB:
        err_clear(&err);
        return last_words(command_lab(&o, &places, &err), &err);
    case COMMAND_GRADE:
        err_clear(&err);
        return last_words(command_grade(&o, &places, &err), &err);
    default:
        err_clear(&err);
        return last_words(command_other(&o, &places, &err), &err);
    }
}
