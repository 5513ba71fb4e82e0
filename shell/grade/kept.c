/* SPDX-License-Identifier: GPL-3.0-or-later
 * See kept.h. */
#include "grade/kept.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "grade/report.h"
#include "grade/store.h"

static void
path_of(struct buf *path, const char *out, const char *folder)
{
    buf_printf(path, "%s/%s/report.json", out, folder);
}

static bool
has_report(const char *out, const char *folder)
{
    struct buf path = {0};
    struct stat st;
    bool has;

    path_of(&path, out, folder);
    has = folder[0] != '.' && lstat(path.data, &st) == 0;
    buf_release(&path);
    return has;
}

static int
in_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int
kept_open(struct kept *k, const char *out, struct err *err)
{
    struct dirent **list = NULL;
    int n = scandir(out, &list, NULL, in_order);
    struct buf shown = {0};

    *k = (struct kept){.out = out, .folders = mem_alloc(sizeof *k->folders * (size_t)(n + 1 + !n))};
    text_escape(&shown, out, strlen(out), true);
    if (n < 0)
        err_errno(err, STATUS_USAGE, out);
    for (int i = 0; i < n; i++) {
        if (has_report(out, list[i]->d_name))
            k->folders[k->n++] = mem_copy(list[i]->d_name);
        free(list[i]);
    }
    if (n >= 0 && k->n == 0)
        n = err_set(err, STATUS_USAGE, "%.300s: no STUDENT/report.json is in that folder",
                    buf_text(&shown));
    free(list);
    buf_release(&shown);
    return n < 0 ? -1 : 0;
}

void
kept_release(struct kept *k)
{
    for (int i = 0; i < k->n; i++)
        free(k->folders[i]);
    free(k->folders);
    *k = (struct kept){0};
}

json_t *
kept_read(const char *out, const char *folder)
{
    const struct store s = {.out = out, .fd = -1};

    return store_get(&s, 0, folder);
}

/* Whose it is, the name of the folder says. */
static json_t *
damaged(const char *folder)
{
    return json_pack("{s:o, s:n, s:s, s:s, s:[], s:[]}", "student", json_string(folder), "score",
                     "status", grade_status_names[GRADER_ERROR], "reason",
                     "its report.json is damaged", "tasks", "flags");
}

json_t *
kept_get(const struct kept *k, int i)
{
    json_t *report = kept_read(k->out, k->folders[i]);

    if (report == NULL && has_report(k->out, k->folders[i]))
        report = damaged(k->folders[i]);
    return report;
}
