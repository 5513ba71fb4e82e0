/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Labs that are looked at: found, loaded, asked what they say of themselves. */
#include <dirent.h>

#include "builtin/builtins.h"
#include "front/authors.h"
#include "front/signals.h"

enum { LIMIT_MS = 10000 }; /* for a step */

static void
on_blame(void *ctx, const char *line)
{
    struct opened *l = ctx;

    buf_printf(&l->said, "%s%s", l->said.len > 0 ? "\n" : "", line);
}

int
authors_open(struct opened *l, const struct options *o, const struct places *places,
             struct err *err)
{
    *l = (struct opened){.launcher = places_launcher(places),
                         .session = {.wanted_world = o->world,
                                     .builtins = builtins,
                                     .limit_ms = o->timeout_ms >= 0 ? o->timeout_ms : LIMIT_MS,
                                     .seed = o->seed,
                                     .student = o->student,
                                     .language = o->language,
                                     .interrupted = front_signals_interrupted}};
    return session_launch(&l->session, &l->launcher, err);
}

static void
forget(struct opened *l)
{
    lab_free(l->lab);
    l->lab = NULL;
    lab_file_release(&l->file);
    l->session.lab = l->session.lab_sha256 = NULL;
    buf_clear(&l->said);
}

enum status
authors_open_next(struct opened *l, const char *name, const struct places *places, struct err *err)
{
    enum status status;

    forget(l);
    if (lab_file_open(&l->file, name, places->labs, err) < 0)
        return err->status;
    l->session.lab = l->file.name;
    l->session.lab_sha256 = l->file.sha256;
    l->lab = lab_load(&l->session, &l->file, on_blame, l, &status);
    if (l->lab == NULL && status != STATUS_LAB)
        err_set(err, status, "%s", buf_text(&l->said));
    return status;
}

void
authors_close(struct opened *l)
{
    forget(l);
    session_release(&l->session);
    buf_release(&l->said);
}

struct play
authors_play(const struct opened *l, const struct options *o)
{
    return (struct play){.launcher = &l->launcher,
                         .builtins = builtins,
                         .file = &l->file,
                         .student = o->student,
                         .language = o->language,
                         .seed = o->seed,
                         .world = o->world,
                         .limit_ms = l->session.limit_ms,
                         .interrupted = front_signals_interrupted};
}

static void
hear(void *ctx, const char *line)
{
    struct buf *said = ctx;

    buf_printf(said, "%s%s", said->len > 0 ? "\n" : "", line);
}

enum status
authors_run(const struct options *o, const struct places *places, const char *name,
            struct recorded *r, struct buf *said, struct err *err)
{
    struct opened l;
    enum status status;

    if (authors_open(&l, o, places, err) < 0) {
        authors_close(&l);
        return err->status;
    }
    recorded_listen(r, &l.session);
    status = authors_open_next(&l, name, places, err);
    if (status == STATUS_OK && session_begin(&l.session, err) < 0)
        status = err->status;
    else if (status == STATUS_OK)
        status = lab_run(l.lab, hear, said);
    if (status == STATUS_OK)
        status = session_finish(&l.session, err);
    authors_close(&l);
    return status;
}

/* Without the number that orders them. */
static const char *
typed(const char *folder)
{
    size_t digits = strspn(folder, "0123456789");

    return digits > 0 && folder[digits] == '-' ? folder + digits + 1 : folder;
}

void
authors_each(const struct places *places, void (*each)(void *ctx, const char *name), void *ctx)
{
    struct dirent **list;
    int n = scandir(places->labs, &list, NULL, alphasort);

    for (int i = 0; i < n; i++) {
        if (list[i]->d_name[0] != '.')
            each(ctx, typed(list[i]->d_name));
        free(list[i]);
    }
    if (n >= 0)
        free(list);
}
