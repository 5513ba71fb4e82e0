/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What --help prints, made from the records of the command line. */
#include "base/columns.h"
#include "front/console.h"
#include "front/options.h"
#include "grade/adapt.h"

enum { TERMS = 24, WIDTH = 80, NARROWEST = 50 };

static int
width_of(const struct options *o)
{
    int width = o->width > 0 ? o->width : console_columns(1);

    return width <= 0 || width > WIDTH ? WIDTH : width < NARROWEST ? NARROWEST : width;
}

/* "  TERM        what it means", wrapped. */
static void
put_row(struct buf *out, const char *term, const char *text, int width)
{
    buf_printf(out, "  %-*s", TERMS - 2, term);
    if (strlen(term) > TERMS - 4)
        buf_printf(out, "\n%*s", TERMS, "");
    columns_wrap(out, text, TERMS, TERMS, width);
}

static void
put_option(struct buf *out, const struct option_record *r, int width)
{
    struct buf term = {0};

    option_spelling(r, &term);
    put_row(out, buf_text(&term), r->summary, width);
    buf_release(&term);
}

static void
put_formats(struct buf *out, int width)
{
    buf_puts(out, "\nFormats\n");
    for (int i = 0; adapters[i] != NULL; i++)
        put_row(out, adapters[i]->name, adapters[i]->summary, width);
}

static void
put_command(struct buf *out, const struct command_record *r, int width)
{
    buf_printf(out, "usage: ipclab%s%s", r->name[0] != '\0' ? " " : "", r->name);
    buf_printf(out, "%s%s%s\n\n", r->options[0] != NULL ? " [OPTION]..." : "",
               r->usage[0] != '\0' ? " " : "", r->usage);
    columns_wrap(out, r->summary, 0, 0, width);
    if (r->help != NULL) {
        buf_putc(out, '\n');
        columns_wrap(out, r->help, 0, 0, width);
    }
    if (r->options[0] != NULL)
        buf_putc(out, '\n');
    for (int i = 0; r->options[i] != NULL; i++)
        put_option(out, option_find(r->options[i]), width);
    if (r->command == COMMAND_GRADE)
        put_formats(out, width);
}

void
options_usage(const struct options *o, struct buf *out)
{
    int width = width_of(o);

    for (const struct command_record *r = command_records + 1; r->name != NULL; r++)
        if (o->command == r->command && o->command != COMMAND_SESSION) {
            put_command(out, r, width);
            return;
        }
    buf_puts(out, "usage: ipclab [OPTION]... [-c LINES | FILE | -]\n"
                  "       ipclab [OPTION]... COMMAND [ARGUMENT]\n\n"
                  "Without LINES and FILE it is a session at the terminal.\n\nCommands\n");
    for (const struct command_record *r = command_records + 1; r->name != NULL; r++) {
        struct buf term = {0};

        buf_printf(&term, "%s %s", r->name, r->command == COMMAND_GENERATE ? "..." : r->usage);
        put_row(out, buf_text(&term), r->summary, width);
        buf_release(&term);
    }
    buf_puts(out, "\nOptions\n");
    for (const struct option_record *r = option_records; r->name != NULL || r->letter != 0; r++)
        put_option(out, r, width);
    buf_puts(out, "\n`ipclab COMMAND --help` says more. `ipclab help` is the first minute.\n");
}
