/* SPDX-License-Identifier: GPL-3.0-or-later
 * See submission.h. */
#include <dirent.h>
#include <errno.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/folder.h"
#include "base/mem.h"
#include "base/text.h"
#include "grade/names.h"
#include "grade/submission.h"

/* ---- Names --------------------------------------------------------------------------------- */

/* The tables of the class lie beside the folders: none of these is called like one. */
static bool
is_of_table(const char *dot)
{
    static const char *const endings[] = {".csv", ".txt", ".xml", ".json", ".tsv"};

    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

/* Any id, as the name of a folder that is nowhere else than where it should be. */
static char *
folder_of(const char *student)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_@+";
    struct buf out = {0};
    char *result;

    for (const char *c = student; *c != '\0'; c++)
        if (strchr(plain, *c) != NULL || (*c == '.' && c > student && !is_of_table(c)))
            buf_putc(&out, *c);
        else
            buf_printf(&out, "%%%02X", (unsigned char)*c);
    result = mem_copy(out.len > 0 ? buf_text(&out) : "%");
    buf_release(&out);
    return result;
}

/* ---- Collecting ---------------------------------------------------------------------------- */

/* student and fault are the list's from now on. */
static void
add(struct submissions *s, const char *name, const char *path, char *student, char *fault)
{
    if (s->n == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 64;
        s->list = mem_grow(s->list, sizeof *s->list * (size_t)s->cap);
    }
    s->list[s->n++] = (struct submission){mem_copy(name),     mem_copy(path), student,
                                          folder_of(student), fault,          false};
}

static int
is_shown(const struct dirent *d)
{
    return d->d_name[0] != '.';
}

static int
in_order(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int
list_of(const char *folder, struct dirent ***list, struct err *err)
{
    int n = scandir(folder, list, is_shown, in_order);

    return n >= 0 ? n : err_errno(err, STATUS_USAGE, folder);
}

static void
free_list(struct dirent **list, int n)
{
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
}

/* A new empty folder for what is in an archive, all by itself in one that only we can list. */
static bool
make_folder(struct submissions *s, struct buf *path)
{
    if (s->room.path == NULL && room_make(&s->room) < 0)
        return false;
    buf_printf(path, "%s/XXXXXX", s->room.path);
    return mkdtemp(path->data) != NULL && chmod(path->data, 0755) == 0;
}

/* Unpacks it into a folder, whose name is put into *path. 0, or -1 and *err. */
static int
unpack(struct submissions *s, const char *archive, bool one, struct buf *path, struct err *err)
{
    if (s->unpack == NULL || !make_folder(s, path))
        return err_set(err, STATUS_MACHINE, "there is no room to unpack the archive: %s",
                       strerror(errno));
    return s->unpack(s, archive, path->data, one, err);
}

/* What a folder or an archive of one student holds. */
struct holding {
    struct buf path, shown, names; /* of the first trace; of some */
    int found;
};

static void
look(struct holding *h, const char *folder, const char *shown, struct dirent *const *list, int n,
     bool archives)
{
    for (int i = 0; i < n; i++) {
        const char *name = list[i]->d_name;

        if (!name_is_trace(name) && !(archives && name_is_archive(name)))
            continue;
        if (h->found++ == 0) {
            buf_printf(&h->path, "%s/%s", folder, name);
            buf_printf(&h->shown, "%s/%s", shown, name);
        }
        if (h->found <= 5)
            buf_printf(&h->names, "%s%s", h->found > 1 ? ", " : "", name);
    }
}

static void add_archive(struct submissions *s, const char *path, const char *shown,
                        const char *student);

/* The one trace in it, or archive with one. */
static void
add_student(struct submissions *s, const char *folder, const char *shown, const char *student,
            bool archives)
{
    struct holding h = {0};
    struct buf fault = {0};
    struct dirent **list;
    struct err err;
    int n = list_of(folder, &list, &err);

    if (n < 0)
        buf_puts(&fault, err.text);
    else
        look(&h, folder, shown, list, n, archives);
    if (n >= 0 && h.found == 0)
        buf_puts(&fault, "there is no trace (.trace or .jsonl) in it");
    else if (h.found > 1)
        buf_printf(&fault, "there are %d traces in it, and one can be handed in: %s%s", h.found,
                   buf_text(&h.names), h.found > 5 ? " ..." : "");
    if (fault.len > 0) {
        add(s, shown, "", mem_copy(student), mem_copy(buf_text(&fault)));
        s->list[s->n - 1].ours = n < 0;
    }
    if (fault.len == 0 && name_is_archive(buf_text(&h.path)))
        add_archive(s, buf_text(&h.path), buf_text(&h.shown), student);
    else if (fault.len == 0)
        add(s, buf_text(&h.shown), buf_text(&h.path), mem_copy(student), NULL);
    if (n >= 0)
        free_list(list, n);
    buf_release(&h.path);
    buf_release(&h.shown);
    buf_release(&h.names);
    buf_release(&fault);
}

static void
add_archive(struct submissions *s, const char *path, const char *shown, const char *student)
{
    struct buf folder = {0};
    struct err err;

    if (unpack(s, path, true, &folder, &err) == 0) {
        add_student(s, buf_text(&folder), shown, student, false);
    } else {
        add(s, shown, "", mem_copy(student), mem_copy(err.text));
        s->list[s->n - 1].ours = err.status != STATUS_TRACE;
    }
    buf_release(&folder);
}

void
submissions_leave_out(struct submissions *s, const char *name)
{
    s->left_out = mem_grow(s->left_out, sizeof *s->left_out * (size_t)(s->nleft_out + 1));
    s->left_out[s->nleft_out++] = mem_copy(name);
}

static void
add_entry(struct submissions *s, const char *path, const char *shown, const char *lab)
{
    char *student = name_student(path, lab);
    struct stat st;

    if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        add_student(s, path, shown, name_last_part(path), true);
    } else if (name_is_trace(path)) {
        add(s, shown, path, mem_copy(student), NULL);
    } else if (name_is_archive(path)) {
        add_archive(s, path, shown, student);
    } else {
        submissions_leave_out(s, shown);
    }
    free(student);
}

static int
add_folder(struct submissions *s, const char *folder, const char *shown, const char *lab,
           struct err *err)
{
    struct dirent **list;
    int n = list_of(folder, &list, err);

    for (int i = 0; i < n; i++) {
        struct buf path = {0}, name = {0};

        buf_printf(&path, "%s/%s", folder, list[i]->d_name);
        buf_printf(&name, "%s/%s", shown, list[i]->d_name);
        add_entry(s, path.data, name.data, lab);
        buf_release(&path);
        buf_release(&name);
    }
    if (n >= 0)
        free_list(list, n);
    return n < 0 ? -1 : 0;
}

static int
add_path(struct submissions *s, const char *given, const char *lab, struct err *err)
{
    char *path = mem_copy(given);
    size_t n = strlen(path);
    struct stat st;
    int result = 0;

    while (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    if (stat(path, &st) < 0 && lstat(path, &st) < 0) {
        result = err_errno(err, STATUS_USAGE, path);
    } else if (S_ISDIR(st.st_mode)) {
        result = add_folder(s, path, path, lab, err);
    } else if (S_ISREG(st.st_mode) && name_is_archive(path)) {
        struct buf folder = {0};

        result = unpack(s, path, false, &folder, err);
        if (result == 0)
            result = add_folder(s, buf_text(&folder), path, lab, err);
        buf_release(&folder);
    } else {
        add(s, path, path, name_student(path, lab), NULL);
    }
    free(path);
    return result;
}

/* ---- Each student once --------------------------------------------------------------------- */

static int
by_student(const void *a, const void *b)
{
    const struct submission *const *one = a, *const *other = b;

    return strcmp((*one)->student, (*other)->student);
}

static int
check_once(const struct submissions *s, struct err *err)
{
    const struct submission **all = mem_alloc(sizeof *all * (size_t)(s->n + 1));
    struct buf student = {0}, first = {0}, second = {0};
    int result = 0;

    for (int i = 0; i < s->n; i++)
        all[i] = &s->list[i];
    qsort(all, (size_t)s->n, sizeof *all, by_student);
    for (int i = 1; i < s->n && result == 0; i++) {
        if (strcmp(all[i - 1]->student, all[i]->student) != 0)
            continue;
        text_escape(&student, all[i]->student, strlen(all[i]->student), true);
        text_escape(&first, all[i - 1]->name, strlen(all[i - 1]->name), true);
        text_escape(&second, all[i]->name, strlen(all[i]->name), true);
        result = err_set(err, STATUS_USAGE, "two submissions of %.80s: %.200s and %.200s",
                         buf_text(&student), buf_text(&first), buf_text(&second));
    }
    buf_release(&student);
    buf_release(&first);
    buf_release(&second);
    free(all);
    return result;
}

int
submissions_collect(struct submissions *s, char *const *paths, int n, const char *lab,
                    struct err *err)
{
    for (int i = 0; i < n; i++)
        if (add_path(s, paths[i], lab, err) < 0)
            return -1;
    return check_once(s, err);
}

static void
release_one(struct submission *s)
{
    free(s->name);
    free(s->path);
    free(s->student);
    free(s->folder);
    free(s->fault);
}

void
submissions_shard(struct submissions *s, int i, int n)
{
    int kept = 0;

    for (int k = 0; k < s->n; k++)
        if (k % n == i - 1)
            s->list[kept++] = s->list[k];
        else
            release_one(&s->list[k]);
    s->n = kept;
}

void
submissions_release(struct submissions *s)
{
    for (int i = 0; i < s->n; i++)
        release_one(&s->list[i]);
    for (int i = 0; i < s->nleft_out; i++)
        free(s->left_out[i]);
    room_remove(&s->room);
    free(s->list);
    free(s->left_out);
    *s = (struct submissions){0};
}
