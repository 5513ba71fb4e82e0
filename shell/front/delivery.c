/* SPDX-License-Identifier: GPL-3.0-or-later
 * See delivery.h. */
#include "front/delivery.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/text.h"
#include "base/whole.h"
#include "front/console.h"

enum { EXPORTED_MAX = 64 << 20 };

static bool
is_wanted(const struct delivery *d, int i)
{
    return (d->formats >> i & 1) != 0;
}

/* ---- What was asked for -------------------------------------------------------------------- */

/* The name of a file without its folders. */
static const char *
base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static int
read_all(const char *path, struct buf *to, struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char piece[65536];
    ssize_t n = -1;

    while (fd >= 0 && (n = read(fd, piece, sizeof piece)) > 0 && to->len < EXPORTED_MAX)
        buf_put(to, piece, (size_t)n);
    if (n < 0) {
        err_errno(err, STATUS_USAGE, path);
    } else if (n > 0) {
        err_set(err, STATUS_USAGE, "%.300s is too large for a file of grades", base_of(path));
        n = -1;
    }
    if (fd >= 0)
        close(fd);
    return n < 0 ? -1 : 0;
}

static int
open_exported(struct delivery *d, struct err *err)
{
    const struct options *o = d->options;
    struct buf shown = {0};
    struct err why = {0};

    if (o->fill == NULL && (o->column != NULL || o->key != NULL))
        return err_set(err, STATUS_USAGE, "%s is about the file that --fill names",
                       o->column != NULL ? "--column" : "--key");
    if (o->fill == NULL)
        return 0;
    if (o->shard != NULL)
        return err_set(err, STATUS_USAGE,
                       "a file is filled when all shards are done: `ipclab "
                       "grade --out FOLDER --fill FILE`");
    if (o->out == NULL)
        return err_set(err, STATUS_USAGE, "--fill needs to know where to write: --out FOLDER");
    if (read_all(o->fill, &d->exported, err) < 0)
        return -1;
    if (csv_read(&d->csv, buf_text(&d->exported), d->exported.len, &why) == 0)
        return 0;
    text_escape(&shown, base_of(o->fill), strlen(base_of(o->fill)), true);
    err_set(err, why.status, "%.200s: %s", buf_text(&shown), why.text);
    buf_release(&shown);
    return -1;
}

static int
look_at_formats(struct delivery *d, int n, struct err *err)
{
    const struct options *o = d->options;
    int wanted = 0, stays = 0;

    for (int i = 0; adapters[i] != NULL; i++) {
        const struct adapter *a = adapters[i];

        if (!is_wanted(d, i))
            continue;
        if (a->compares && o->diff == NULL)
            return err_set(err, STATUS_USAGE,
                           "the format %s compares with an earlier grading: "
                           "--diff FOLDER",
                           a->name);
        if (o->shard != NULL && adapter_is_of_class(a))
            return err_set(err, STATUS_USAGE,
                           "the format %s is about the whole class: when all "
                           "shards are done, `ipclab grade --out FOLDER "
                           "--format %s` makes it",
                           a->name, a->name);
        wanted++;
        d->only = a;
        stays += !adapter_is_of_class(a) && n != 1;
    }
    if (o->out == NULL && (wanted > 1 || stays > 0))
        return err_set(err, STATUS_USAGE, "where should the files be written? --out FOLDER");
    if (wanted != 1 || stays > 0 || o->json)
        d->only = NULL;
    return 0;
}

int
delivery_open(struct delivery *d, const struct options *o, int n, struct err *err)
{
    struct stat st;

    *d = (struct delivery){.options = o,
                           .width = o->width > 0 ? o->width : console_columns(1),
                           .ascii = console_is_ascii()};
    for (int i = 0; o->formats[i] != NULL; i++)
        if (adapters_read(o->formats[i], &d->formats, err) < 0)
            return -1;
    if (o->diff != NULL && stat(o->diff, &st) < 0)
        return err_errno(err, STATUS_USAGE, o->diff);
    if (o->diff != NULL && !S_ISDIR(st.st_mode))
        return errno = ENOTDIR, err_errno(err, STATUS_USAGE, o->diff);
    for (int i = 0; adapters[i] != NULL && o->diff != NULL; i++)
        if (adapters[i]->compares)
            d->formats |= UINT64_C(1) << i;
    if (look_at_formats(d, n, err) < 0)
        return -1;
    return open_exported(d, err);
}

void
delivery_release(struct delivery *d)
{
    csv_release(&d->csv);
    buf_release(&d->exported);
}

/* ---- Files of one submission --------------------------------------------------------------- */

static int
write_one(const struct delivery *d, const struct adapter *a, const char *folder,
          const json_t *report, const json_t *lab, struct err *err)
{
    struct buf path = {0}, text = {0};
    int result;

    buf_printf(&path, "%s/%s/%s", d->options->out, folder, a->file);
    adapt_one(a, report, lab, &text);
    result = whole_write(path.data, &text, true, err);
    buf_release(&path);
    buf_release(&text);
    return result;
}

int
delivery_early(const struct delivery *d, const char *folder, const json_t *report,
               const json_t *lab, struct err *err)
{
    struct buf path = {0};
    int result = 0;

    buf_printf(&path, "%s/%s", d->options->out != NULL ? d->options->out : "", folder);
    for (int i = 0; adapters[i] != NULL && d->options->out != NULL && result == 0; i++) {
        if (!is_wanted(d, i) || !adapters[i]->early)
            continue;
        if (mkdir(path.data, 0777) < 0 && errno != EEXIST)
            result = err_errno(err, STATUS_USAGE, path.data);
        else
            result = write_one(d, adapters[i], folder, report, lab, err);
    }
    buf_release(&path);
    return result;
}

static int
write_each(const struct delivery *d, const struct reports *r, struct err *err)
{
    uint64_t ones = 0;
    int result = 0;

    for (int i = 0; adapters[i] != NULL; i++)
        if (is_wanted(d, i) && !adapter_is_of_class(adapters[i]))
            ones |= UINT64_C(1) << i;
    for (int i = 0; ones != 0 && i < r->n && result == 0; i++) {
        json_t *report = r->get(r->ctx, i);

        for (int k = 0; report != NULL && adapters[k] != NULL && result == 0; k++)
            if (ones >> k & 1)
                result = write_one(d, adapters[k], r->folder(r->ctx, i), report, r->lab, err);
        json_decref(report);
    }
    return result;
}

/* ---- Files of the class -------------------------------------------------------------------- */

static int
put_piece(void *fd, struct buf *piece)
{
    return whole_put(*(int *)fd, piece);
}

/* Piece by piece into a file beside, which then takes the place. */
static int
write_class(const struct delivery *d, const struct adapter *a, const struct reports *r,
            const struct tally *tally, struct err *err)
{
    struct buf path = {0}, beside = {0};
    int fd, result = -1;

    buf_printf(&path, "%s/%s", d->options->out, a->file);
    buf_printf(&beside, "%s.%d.new", path.data, (int)getpid());
    fd = open(beside.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0 && adapt_class(a, r, tally, 0, false, put_piece, &fd) == 0)
        result = rename(beside.data, path.data);
    if (result < 0)
        err_errno(err, STATUS_USAGE, path.data);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && result < 0)
        unlink(beside.data);
    buf_release(&path);
    buf_release(&beside);
    return result;
}

static int
write_classes(const struct delivery *d, const struct reports *r, const struct tally *tally,
              struct err *err)
{
    for (int i = 0; adapters[i] != NULL && d->options->out != NULL; i++)
        if (is_wanted(d, i) && adapter_is_of_class(adapters[i]) &&
            write_class(d, adapters[i], r, tally, err) < 0)
            return -1;
    return 0;
}

/* ---- The exported file --------------------------------------------------------------------- */

static void
tell(void *ctx, const char *text)
{
    console_message("%s: %s", (const char *)ctx, text);
}

static int
write_filled(struct delivery *d, const struct reports *r, struct err *err)
{
    const struct options *o = d->options;
    struct fill f = {.column = o->column, .key = o->key, .tell = tell};
    struct buf name = {0}, path = {0}, text = {0};
    struct fill_counts n;
    int result;

    text_escape(&name, base_of(o->fill), strlen(base_of(o->fill)), true);
    f.ctx = name.data;
    buf_printf(&path, "%s/%s", o->out, base_of(o->fill));
    result = fill_put(&f, &d->csv, r, &text, &n, err);
    if (result == 0)
        result = whole_write(path.data, &text, true, err);
    if (result == 0)
        console_message("%s: %d filled, %d left empty, %d as they were; %d submissions without a "
                        "row, %d rows without a submission",
                        name.data, n.filled, n.emptied, n.kept, n.unknown, n.without);
    buf_release(&name);
    buf_release(&path);
    buf_release(&text);
    return result;
}

/* ---- All ----------------------------------------------------------------------------------- */

static int
put_stdout(void *ctx, struct buf *piece)
{
    (void)ctx;
    return whole_put(1, piece) < 0 && errno != EPIPE ? -1 : 0;
}

static int
show_only(const struct delivery *d, const struct reports *r, const struct tally *tally,
          struct err *err)
{
    struct buf text = {0};
    json_t *report;
    int result = 0;

    if (d->only == NULL)
        return 0;
    if (adapter_is_of_class(d->only)) {
        result = adapt_class(d->only, r, tally, d->width, d->ascii, put_stdout, NULL);
    } else if ((report = r->get(r->ctx, 0)) != NULL) {
        adapt_one(d->only, report, r->lab, &text);
        result = put_stdout(NULL, &text);
        json_decref(report);
    }
    buf_release(&text);
    return result < 0 ? err_errno(err, STATUS_MACHINE, "standard output") : 0;
}

int
delivery_make(struct delivery *d, const struct reports *r, struct err *err)
{
    struct reports own = *r;
    struct tally tally;
    json_t *lab = NULL;
    int result;

    fflush(stdout);
    tally_make(&tally, &own, d->ascii);
    if (own.lab == NULL) { /* what cannot be judged has the tasks of what can */
        own.lab = lab = tally_lab(&tally);
        tally_release(&tally);
        tally_make(&tally, &own, d->ascii);
    }
    r = &own;
    result = d->options->out != NULL ? write_each(d, r, err) : 0;
    if (result == 0)
        result = write_classes(d, r, &tally, err);
    if (result == 0 && d->options->fill != NULL)
        result = write_filled(d, r, err);
    if (result == 0)
        result = show_only(d, r, &tally, err);
    tally_release(&tally);
    json_decref(lab);
    return result;
}
