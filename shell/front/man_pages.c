/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Man pages in mdoc(7), from the records that parser and help read. */
#include "base/mem.h"
#include "builtin/builtins.h"
#include "builtin/help.h"
#include "builtin/topics.h"
#include "front/generate.h"
#include "grade/adapt.h"
#include "trace/kinds.h"

/* ---- The frame of a page ------------------------------------------------------------------- */

/* The date of the sources, so that one source gives one page; SOURCE_DATE_EPOCH says it. */
static void
put_date(struct buf *out)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    time_t t = epoch != NULL ? (time_t)strtoll(epoch, NULL, 10) : time(NULL);
    struct tm tm;
    char text[64];

    gmtime_r(&t, &tm);
    strftime(text, sizeof text, "%B ", &tm);
    buf_printf(out, ".Dd %s%d, %d\n", text, tm.tm_mday, tm.tm_year + 1900);
}

void
generate_man_head(struct buf *out, const char *name, const char *section, const char *summary)
{
    put_date(out);
    buf_puts(out, ".Dt ");
    for (const char *c = name; *c != '\0'; c++)
        buf_putc(out, *c >= 'a' && *c <= 'z' ? (char)(*c - 'a' + 'A') : *c);
    buf_printf(out, " %s\n.Os ipclab\n.Sh NAME\n.Nm %s\n.Nd ", section, name);
    page_mdoc_text(out, summary);
}

/* By section, then by name. */
static int
by_section(const void *a, const void *b)
{
    const char *x = *(const char *const *)a, *y = *(const char *const *)b;
    const char *in_x = strchr(x, '('), *in_y = strchr(y, '(');
    int order = in_x != NULL && in_y != NULL ? strcmp(in_x, in_y) : 0;

    return order != 0 ? order : strcmp(x, y);
}

void
generate_man_see(struct buf *out, const char *const *pages, int n)
{
    const char **sorted = mem_alloc(sizeof *sorted * (size_t)(n + 1));
    bool first = true;

    memcpy(sorted, pages, sizeof *sorted * (size_t)n);
    qsort(sorted, (size_t)n, sizeof *sorted, by_section);
    buf_puts(out, ".Sh SEE ALSO\n");
    for (int i = 0; i < n; i++) {
        int name = (int)strcspn(sorted[i], "(");

        if (i > 0 && strcmp(sorted[i], sorted[i - 1]) == 0)
            continue;
        buf_printf(out, "%s.Xr %.*s %.*s", first ? "" : " ,\n", name, sorted[i],
                   (int)strcspn(sorted[i] + name + 1, ")"), sorted[i] + name + 1);
        first = false;
    }
    buf_putc(out, '\n');
    free(sorted);
}

/* ---- A plugin ------------------------------------------------------------------------------ */

static void
put_call(struct page *p, const struct ipclab_call *call)
{
    struct buf text = {0};

    page_heading(p, 2, call->name);
    page_text(p, call->summary);
    help_call(call, p);
    if (call->man[0] != '\0') {
        buf_printf(&text, "The system's own page is %s.", call->man);
        page_text(p, buf_text(&text));
    }
    buf_release(&text);
}

static void
plugin_page(const struct catalog_plugin *plugin, struct buf *out)
{
    const char *see[64] = {"ipclab(1)", "ipclab-plugin(7)"};
    char name[64];
    struct page p;
    int n = 2;

    snprintf(name, sizeof name, "ipclab-%s", plugin->p.name);
    generate_man_head(out, name, "7", plugin->p.summary);
    page_init(&p, out, PAGE_MDOC, 0);
    page_heading(&p, 1, "Description");
    help_plugin(plugin, &p);
    page_heading(&p, 1, "Calls");
    for (const struct ipclab_call *c = plugin->p.calls; c->name != NULL; c++)
        put_call(&p, c);
    for (int i = 0; plugin->p.man != NULL && plugin->p.man[i] != NULL && n < 32; i++)
        see[n++] = plugin->p.man[i];
    for (const struct ipclab_call *c = plugin->p.calls; c->name != NULL && n < 64; c++)
        if (c->man[0] != '\0')
            see[n++] = c->man;
    generate_man_see(out, see, n);
}

/* ---- ipclab(1) ----------------------------------------------------------------------------- */

/* A summary and what more there is, as sentences. */
static void
put_sentences(const char *summary, const char *help, struct buf *out)
{
    size_t n = strlen(summary);

    buf_printf(out, "%s%s", summary, n > 0 && summary[n - 1] == '.' ? "" : ".");
    if (help != NULL)
        buf_printf(out, " %s", help);
}

static void
put_options(struct page *p)
{
    page_heading(p, 1, "Options");
    page_list(p, 18);
    for (const struct option_record *r = option_records; r->name != NULL || r->letter != 0; r++) {
        struct buf term = {0}, text = {0};

        option_spelling(r, &term);
        put_sentences(r->summary, r->help, &text);
        page_item(p, buf_text(&term), buf_text(&text));
        buf_release(&term);
        buf_release(&text);
    }
    page_list_end(p);
}

static void
put_formats(struct page *p)
{
    page_heading(p, 1, "Formats");
    page_text(p, "What `grade --format` makes of reports.");
    page_list(p, 18);
    for (int i = 0; adapters[i] != NULL; i++) {
        struct buf text = {0};

        buf_printf(&text, "%s: %s%s", adapters[i]->summary,
                   adapter_is_of_class(adapters[i]) ? "" : "STUDENT/", adapters[i]->file);
        page_item(p, adapters[i]->name, buf_text(&text));
        buf_release(&text);
    }
    page_list_end(p);
}

static void
put_commands(struct page *p)
{
    page_heading(p, 1, "Commands");
    page_list(p, 18);
    for (const struct command_record *r = command_records; r->name != NULL; r++) {
        struct buf term = {0}, text = {0};

        buf_printf(&term, "ipclab%s%s%s%s", r->name[0] != '\0' ? " " : "", r->name,
                   r->usage[0] != '\0' ? " " : "", r->usage);
        put_sentences(r->summary, r->help, &text);
        page_item(p, buf_text(&term), buf_text(&text));
        buf_release(&term);
        buf_release(&text);
    }
    page_list_end(p);
}

static void
put_builtins(struct page *p)
{
    page_heading(p, 1, "Builtins");
    page_text(p, "Lines that are for the shell itself and not for an actor.");
    for (int i = 0; builtins[i] != NULL; i++) {
        page_heading(p, 2, builtins[i]->name);
        page_text(p, builtins[i]->summary);
        help_builtin(builtins[i], p);
    }
}

static void
put_topic(const struct catalog *c, struct page *p, const char *name, const char *heading)
{
    page_heading(p, 1, heading);
    help_topic_page(c, topic_find(name), p);
}

static void
main_page(const struct catalog *c, struct buf *out)
{
    const char *see[CATALOG_MAX_PLUGINS + 8] = {"ipclab-trace(5)", "ipclab-plugin(7)", "strace(1)",
                                                "ipcs(1)", "lsipc(1)"};
    struct page p;
    int n = 5;

    generate_man_head(out, "ipclab", "1",
                      "a shell that leads real processes through inter-process communication");
    page_init(&p, out, PAGE_MDOC, 0);
    buf_puts(out, ".Sh SYNOPSIS\n.Nm ipclab\n.Op Ar OPTION ...\n.Op Fl c Ar LINES | FILE | \\-\n"
                  ".Nm ipclab\n.Op Ar OPTION ...\n.Ar COMMAND\n.Op Ar ARGUMENT\n");
    page_heading(&p, 1, "Description");
    page_text(&p, "ipclab leads real processes through system calls, one at a time. A line says "
                  "who acts, then what it does, as it would stand in that process's C program. "
                  "After each step it shows what that process got, what the kernel's object now "
                  "looks like, and, when a call waits, why it waits and who could end that.");
    page_text(&p, "Everything that a session makes lives in a world of its own and is gone when it "
                  "ends. `help` at the prompt is one screen to begin with, `tour` two minutes.");
    page_lines(&p, first_minute_examples[1]);
    put_commands(&p);
    put_options(&p);
    put_formats(&p);
    put_topic(c, &p, "line", "Lines");
    put_topic(c, &p, "waiting", "Waiting");
    put_builtins(&p);
    put_topic(c, &p, "measuring", "Measuring");
    put_topic(c, &p, "settings", "Settings");
    put_topic(c, &p, "views", "Views");
    put_topic(c, &p, "keys", "Keys");
    put_topic(c, &p, "environment", "Environment");
    put_topic(c, &p, "files", "Files");
    put_topic(c, &p, "statuses", "Exit status");
    for (int i = 0; i < c->nplugins; i++) {
        char *page = NULL;

        if (asprintf(&page, "ipclab-%s(7)", c->plugins[i].p.name) >= 0)
            see[n++] = page;
    }
    generate_man_see(out, see, n);
    while (n > 5)
        free((char *)(uintptr_t)see[--n]);
}

/* ---- ipclab-trace(5) ----------------------------------------------------------------------- */

static void
put_fields(struct page *p, const struct event_field *f)
{
    page_list(p, 12);
    for (; f->name != NULL; f++) {
        struct buf text = {0};

        buf_printf(&text, "%s%s: %s", f->type, f->always ? "" : ", not always there", f->summary);
        page_item(p, f->name, buf_text(&text));
        buf_release(&text);
    }
    page_list_end(p);
}

static void
trace_page(struct buf *out)
{
    const char *see[] = {"ipclab(1)"};
    struct page p;

    generate_man_head(out, "ipclab-trace", "5", "the record of a session");
    page_init(&p, out, PAGE_MDOC, 0);
    page_heading(&p, 1, "Description");
    page_text(&p, "A trace is JSON Lines in UTF-8: one event a line, written as it happens. What "
                  "is on disk when a session is killed is whole but for at most the last line, and "
                  "still reads. Views, transcripts, replay and grades are all made from it.");
    page_text(&p, "Bytes that are not UTF-8 are {\"b64\":\"...\",\"n\":27}. Data of more than 256 "
                  "bytes is cut: {\"text\":\"...\",\"n\":1000,\"cut\":true}. Unknown fields are "
                  "ignored by readers. Two runs of one script with --stable are the same bytes.");
    page_text(&p, "Every event has:");
    put_fields(&p, event_common);
    page_heading(&p, 1, "Events");
    for (const struct event_kind *k = event_kinds; k->name != NULL; k++) {
        page_heading(&p, 2, k->name);
        page_text(&p, k->summary);
        if (k->fields[0].name != NULL)
            put_fields(&p, k->fields);
        if (k->open)
            page_text(&p, "Further fields may follow: facts that a plugin or a lab reports.");
    }
    page_heading(&p, 1, "Examples");
    page_lines(&p, "{\"seq\":5,\"ev\":\"block\",\"step\":3,\"actor\":\"parent\",\"call\":\"read\","
                   "\"obj\":\"pipe#1\",\n \"why\":\"empty\",\"waits\":\"the pipe is empty; ...\",\n"
                   " \"holders\":[{\"actor\":\"child\",\"fd\":4,\"mode\":\"w\"}]}");
    generate_man_see(out, see, 1);
}

/* ---- By name ------------------------------------------------------------------------------- */

int
generate_man(const struct catalog *c, const char *page, struct buf *out, struct err *err)
{
    size_t n = strlen(page);

    if (n > 2 && strcmp(page + n - 2, ".h") == 0)
        return generate_man_header(page, out, err);
    if (strcmp(page, "ipclab.1") == 0) {
        main_page(c, out);
        return 0;
    }
    if (strcmp(page, "ipclab-trace.5") == 0) {
        trace_page(out);
        return 0;
    }
    for (int i = 0; i < c->nplugins; i++) {
        char name[64];

        snprintf(name, sizeof name, "ipclab-%s.7", c->plugins[i].p.name);
        if (strcmp(name, page) == 0) {
            plugin_page(&c->plugins[i], out);
            return 0;
        }
    }
    return err_set(err, STATUS_USAGE,
                   "there is no page '%.60s'; pages are ipclab.1, ipclab-trace.5, ipclab-NAME.7 of "
                   "each plugin, and plugin.h by its path",
                   page);
}
