/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab lab check LAB...: labs prove themselves. */
#include "base/text.h"
#include "builtin/builtins.h"
#include "front/commands.h"
#include "front/signals.h"
#include "lesson/audit.h"

struct report {
    const struct options *options;
    const char *lab;
    int passed, failed;
    struct writer writer; /* of the model solution's trace */
};

static void
on_event(void *ctx, const struct event *e)
{
    struct report *r = ctx;

    writer_event(&r->writer, e);
}

static void
put_text(const char *text)
{
    struct buf out = {0};

    for (const char *line = text; *line != '\0';) {
        size_t n = strcspn(line, "\n");

        buf_puts(&out, "       ");
        text_escape(&out, line, n, console_is_ascii());
        buf_putc(&out, '\n');
        line += n + (line[n] == '\n');
    }
    fputs(buf_text(&out), stdout);
    buf_release(&out);
}

static void
tell(void *ctx, const struct audit_case *c)
{
    struct report *r = ctx;
    struct buf name = {0};

    r->passed += c->passed;
    r->failed += !c->passed;
    if (c->passed && !r->options->verbose)
        return;
    text_escape(&name, c->name, strlen(c->name), console_is_ascii());
    printf("%s %s: %s\n", c->passed ? "ok    " : "FAILED", r->lab, buf_text(&name));
    put_text(c->text);
    fflush(stdout);
    buf_release(&name);
}

static enum status
check(const struct options *o, const struct places *places, const char *name, struct err *err)
{
    struct launcher_options launcher = {places->plugins, (const char *const *)places->dirs,
                                        places->program};
    struct lab_file file;
    struct play play = {.launcher = &launcher,
                        .builtins = builtins,
                        .file = &file,
                        .student = o->student,
                        .language = o->language,
                        .seed = o->seed,
                        .world = o->world,
                        .limit_ms = o->timeout_ms >= 0 ? o->timeout_ms : 10000,
                        .interrupted = front_signals_interrupted};
    struct report report = {.options = o, .writer = {.fd = -1, .copy = -1}};
    struct listener listener = {.event = on_event, .ctx = &report};
    enum status status;

    if (lab_file_open(&file, name, places->labs, err) < 0)
        return err->status;
    if (o->trace != NULL && writer_open(&report.writer, o->trace, -1, o->stable, err) < 0) {
        lab_file_release(&file);
        return err->status;
    }
    report.lab = file.name;
    play.listener = o->trace != NULL ? &listener : NULL;
    status = lesson_audit(&play, tell, &report, err);
    writer_close(&report.writer);
    writer_release(&report.writer);
    if (status == STATUS_OK || status == STATUS_LAB)
        printf("%s: %d of %d hold\n", file.name, report.passed, report.passed + report.failed);
    fflush(stdout);
    lab_file_release(&file);
    return status;
}

enum status
command_lab(const struct options *o, const struct places *places, struct err *err)
{
    enum status worst = STATUS_OK;

    if (strcmp(o->args[0], "check") != 0)
        return err_set(err, STATUS_USAGE, "ipclab lab takes `check LAB...`, not '%.40s'",
                       o->args[0]),
               STATUS_USAGE;
    if (o->trace != NULL && o->nargs > 2)
        return err_set(err, STATUS_USAGE, "--trace takes the trace of one lab, and here are %d",
                       o->nargs - 1),
               STATUS_USAGE;
    for (int i = 1; i < o->nargs; i++) {
        enum status status = check(o, places, o->args[i], err);

        if (status != STATUS_OK && status != STATUS_LAB)
            return status;
        if (status == STATUS_LAB)
            worst = status;
    }
    if (worst == STATUS_LAB)
        err_set(err, worst, "not everything that a lab must hold does");
    return worst;
}
