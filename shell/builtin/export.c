/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * export: the session so far, in any view, as a file of the person's own. */
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <sys/stat.h>

#include "base/text.h"
#include "builtin/builtins.h"
#include "trace/sha.h"
#include "view/view.h"

/* Endings that people give what a view of another ending makes. */
static const struct {
    const char *ending, *view;
} aliases[] = {
    {"trace", "json"}, {"json", "json"}, {"mermaid", "mermaid"}, {"log", "lines"}, {0},
};

struct exported {
    const struct view_kind *kind;
    void *view;
    struct buf out;
    int64_t events;
};

/* What stands behind the last dot of the file's own name; "" when nothing does. */
static const char *
ending_of(const char *path)
{
    const char *name = strrchr(path, '/'), *dot;

    name = name != NULL ? name + 1 : path;
    dot = strrchr(name, '.');
    return dot != NULL && dot != name ? dot + 1 : "";
}

static void
put_endings(struct buf *out)
{
    const char *before = "";

    for (int i = 0; view_kinds[i] != NULL; i++) {
        if (view_kinds[i]->extension[0] == '\0')
            continue;
        buf_printf(out, "%s.%s", before, view_kinds[i]->extension);
        before = ", ";
    }
}

static const struct view_kind *
kind_by_ending(const char *path, struct err *err)
{
    const char *ending = ending_of(path);
    struct buf known = {0}, shown = {0};

    for (int i = 0; ending[0] != '\0' && view_kinds[i] != NULL; i++)
        if (strcmp(view_kinds[i]->extension, ending) == 0)
            return view_kinds[i];
    for (int i = 0; aliases[i].ending != NULL; i++)
        if (strcmp(aliases[i].ending, ending) == 0)
            return view_find(aliases[i].view);
    put_endings(&known);
    text_escape(&shown, ending, strlen(ending), true);
    if (ending[0] == '\0')
        err_set(err, STATUS_USAGE,
                "a name without an ending does not say which view: give it one of %s, or say `as "
                "VIEW`",
                buf_text(&known));
    else
        err_set(err, STATUS_USAGE,
                "no view has the ending .%.40s: give it one of %s, or say `as VIEW`",
                buf_text(&shown), buf_text(&known));
    buf_release(&known);
    buf_release(&shown);
    return NULL;
}

/* "as VIEW", or what the file's ending says. */
static const struct view_kind *
kind_of(const char *rest, const char *path, struct err *err)
{
    const struct view_kind *kind;
    struct buf names = {0};
    struct near near;

    if (rest[0] == '\0')
        return kind_by_ending(path, err);
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
put_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t did = write(fd, data, n);

        if (did < 0 && errno == EINTR)
            continue;
        if (did < 0)
            return -1;
        data += did;
        n -= (size_t)did;
    }
    return 0;
}

static int
failed(const char *path, struct err *err)
{
    struct buf shown = {0};

    text_escape(&shown, path, strlen(path), true);
    err_set(err, STATUS_USAGE, "%.300s: %s (%s)", buf_text(&shown), strerrorname_np(errno),
            strerror(errno));
    buf_release(&shown);
    return -1;
}

/* Written beside it and put in its place when it is whole: a file is never there by half. */
static int
put_file(const char *path, const struct buf *data, bool force, struct err *err)
{
    struct buf beside = {0};
    struct stat st;
    int fd, result = -1, saved;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return failed(path, err);
    }
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return err_set(err, STATUS_USAGE, "that is no file that could be written anew");
    if (lstat(path, &st) == 0 && !force)
        return err_set(err, STATUS_USAGE,
                       "that file is there already; `export --force` writes it anew");
    buf_printf(&beside, "%s.%d.new", path, (int)getpid());
    fd = open(beside.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0 && put_all(fd, buf_text(data), data->len) == 0)
        result = force ? rename(beside.data, path) : link(beside.data, path);
    saved = errno;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && (result < 0 || !force))
        unlink(beside.data);
    buf_release(&beside);
    errno = saved;
    return result < 0 ? failed(path, err) : 0;
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
        result = put_file(path.data, &x.out, force, err);
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
    "spawn a\na pipe(p)\nexport --force /tmp/ipclab-example.ipc",
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
