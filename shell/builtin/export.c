/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * export: the session so far, in any view, as a file of the person's own. */
#include <langinfo.h>

#include "base/text.h"
#include "base/whole.h"
#include "builtin/builtins.h"
#include "trace/sha.h"
#include "view/view.h"

struct exported {
    const struct view_kind *kind;
    void *view;
    struct buf out;
    int64_t events;
};

/* "as VIEW", or what the file's ending says. */
static const struct view_kind *
kind_of(const char *rest, const char *path, struct err *err)
{
    const struct view_kind *kind;
    struct buf names = {0};
    struct near near;

    if (rest[0] == '\0')
        return view_by_ending(path, err);
    if (strncmp(rest, "as", 2) != 0 || (rest[2] != ' ' && rest[2] != '\t')) {
        err_set(err, STATUS_USAGE, "export takes a file, then `as` and the name of a view");
        return NULL;
    }
    rest += 2 + strspn(rest + 2, " \t");
    kind = view_find(rest);
    if (kind != NULL)
        return kind;
    near_init(&near, rest);
    for (int i = 0; view_kinds[i] != NULL; i++)
        near_offer(&near, view_kinds[i]->name);
    view_names(&names, false);
    if (near.best[0] != '\0')
        err_set(err, STATUS_USAGE, "there is no such view; did you mean %s?", near.best);
    else
        err_set(err, STATUS_USAGE, "there is no such view; there are %s", buf_text(&names));
    buf_release(&names);
    return NULL;
}

static void
on_event(void *ctx, const struct event *e)
{
    struct exported *x = ctx;

    x->kind->event(x->view, e, &x->out);
    x->events++;
}

/* What is taken away as a trace is a whole one. */
static void
put_end(struct exported *x)
{
    struct sha *sha = sha_new();
    char hex[SHA_HEX];
    struct event e;

    sha_add(sha, buf_text(&x->out), x->out.len);
    sha_hex(sha, hex);
    sha_free(sha);
    event_init(&e);
    event_start(&e, "end");
    event_int(&e, "events", x->events);
    event_text(&e, "sha256", hex);
    event_json(&x->out, &e, x->events, false);
    event_release(&e);
}

static int
render(struct session *s, struct exported *x, struct err *err)
{
    struct view_options options = {
        .catalog = &s->launcher.catalog,
        .width = s->settings.width,
        .ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0,
        .echo = true,
    };
    int result;

    if (s->recall == NULL)
        return err_set(err, STATUS_USAGE, "nothing records this session");
    x->view = x->kind->start(&options);
    result = s->recall(s->recall_ctx, on_event, x, err);
    x->kind->finish(x->view, &x->out);
    if (strcmp(x->kind->name, "json") == 0)
        put_end(x);
    return result;
}

static int
on_export(struct session *s, const char *rest, struct err *err)
{
    struct exported x = {0};
    struct buf path = {0}, shown = {0};
    bool force = strncmp(rest, "--force", 7) == 0 && (rest[7] == ' ' || rest[7] == '\0');
    int result = -1;

    rest += force ? 7 + strspn(rest + 7, " \t") : 0;
    rest = builtin_file(rest, &path, err);
    if (rest != NULL && path.len == 0)
        err_set(err, STATUS_USAGE, "export takes the name of a file, such as session.svg");
    else if (rest != NULL && (x.kind = kind_of(rest, path.data, err)) != NULL)
        result = render(s, &x, err);
    if (result == 0)
        result = whole_write(path.data, &x.out, force, err);
    if (result == 0) {
        text_escape(&shown, path.data, path.len, false);
        session_say(s, "      wrote %s: %lld events as %s, %zu bytes\n", buf_text(&shown),
                    (long long)x.events, x.kind->name, x.out.len);
    }
    buf_release(&x.out);
    buf_release(&path);
    buf_release(&shown);
    return result;
}

static const char *const examples[] = {
    "spawn a\na pipe(p)\nexport session.svg",
    NULL,
};

const struct builtin builtin_export = {
    .name = "export",
    .usage = "[--force] FILE [as VIEW]",
    .summary = "write the session so far into a file, as the view of its ending",
    .help =
        "A picture with the ending .svg, a diagram for documents with .mmd, the lines with .txt, "
        "what strace would have printed with .strace, a transcript that is a script with .ipc, "
        "and the trace with .jsonl or .trace; `as lanes` takes another view than that of the "
        "ending. A file that is there already is left alone unless you say --force.",
    .word = WORD_FILE,
    .examples = examples,
    .run = on_export,
};
