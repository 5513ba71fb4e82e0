/* SPDX-License-Identifier: GPL-3.0-or-later
 * See submission.h. */
#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "grade/submission.h"

/* ---- Names --------------------------------------------------------------------------------- */

static bool
cut_ending(char *name, const char *ending)
{
    size_t n = strlen(name), m = strlen(ending);

    if (n <= m || strcmp(name + n - m, ending) != 0)
        return false;
    name[n - m] = '\0';
    return true;
}

/* Takes the endings of a trace off; false: it has none. */
static bool
cut_trace(char *name)
{
    cut_ending(name, ".partial");
    return cut_ending(name, ".trace") || cut_ending(name, ".jsonl");
}

static const char *
last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* Of a file: its name without endings, and without the lab that `submit` puts before it. */
static char *
student_of_file(const char *path, const char *lab)
{
    char *name = mem_copy(last_part(path)), *result;
    size_t n = strlen(lab);

    cut_trace(name);
    if (strncmp(name, lab, n) == 0 && name[n] == '-' && name[n + 1] != '\0')
        result = mem_copy(name + n + 1);
    else
        result = mem_copy(name);
    free(name);
    return result;
}

/* Any id, as the name of a folder that is nowhere else than where it should be. */
static char *
folder_of(const char *student)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_.@+";
    struct buf out = {0};
    char *result;

    for (const char *c = student; *c != '\0'; c++)
        if (strchr(plain, *c) != NULL && (*c != '.' || c > student))
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
    s->list[s->n++] =
        (struct submission){mem_copy(name), mem_copy(path), student, folder_of(student), fault};
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
    struct buf shown = {0};

    if (n >= 0)
        return n;
    text_escape(&shown, folder, strlen(folder), true);
    err_set(err, STATUS_USAGE, "%.300s: %s (%s)", buf_text(&shown), strerrorname_np(errno),
            strerror(errno));
    buf_release(&shown);
    return -1;
}

static void
free_list(struct dirent **list, int n)
{
    for (int i = 0; i < n; i++)
        free(list[i]);
    free(list);
}

static bool
is_trace(const char *name)
{
    char *copy = mem_copy(name);
    bool is = cut_trace(copy);

    free(copy);
    return is;
}

/* The folder of one student: the one trace in it. */
static void
add_student(struct submissions *s, const char *folder)
{
    struct dirent **list;
    struct err err;
    struct buf path = {0}, names = {0};
    int n = list_of(folder, &list, &err), found = 0;

    for (int i = 0; i < n; i++) {
        if (!is_trace(list[i]->d_name))
            continue;
        if (found++ == 0)
            buf_printf(&path, "%s/%s", folder, list[i]->d_name);
        if (found <= 5)
            buf_printf(&names, "%s%s", found > 1 ? ", " : "", list[i]->d_name);
    }
    if (found == 1) {
        add(s, buf_text(&path), buf_text(&path), mem_copy(last_part(folder)), NULL);
    } else {
        struct buf fault = {0};

        if (n < 0)
            buf_puts(&fault, err.text);
        else if (found == 0)
            buf_puts(&fault, "there is no trace (.trace or .jsonl) in the folder");
        else
            buf_printf(&fault, "there are %d traces in the folder, and one can be handed in: %s%s",
                       found, buf_text(&names), found > 5 ? " ..." : "");
        add(s, folder, "", mem_copy(last_part(folder)), mem_copy(buf_text(&fault)));
        buf_release(&fault);
    }
    if (n >= 0)
        free_list(list, n);
    buf_release(&path);
    buf_release(&names);
}

static void
leave_out(struct submissions *s, const char *path)
{
    s->left_out = mem_grow(s->left_out, sizeof *s->left_out * (size_t)(s->nleft_out + 1));
    s->left_out[s->nleft_out++] = mem_copy(path);
}

static int
add_folder(struct submissions *s, const char *folder, const char *lab, struct err *err)
{
    struct dirent **list;
    int n = list_of(folder, &list, err);
    struct buf path = {0};
    struct stat st;

    if (n < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        buf_clear(&path);
        buf_printf(&path, "%s/%s", folder, list[i]->d_name);
        if (lstat(path.data, &st) == 0 && S_ISDIR(st.st_mode))
            add_student(s, path.data);
        else if (is_trace(list[i]->d_name))
            add(s, path.data, path.data, student_of_file(path.data, lab), NULL);
        else
            leave_out(s, path.data);
    }
    free_list(list, n);
    buf_release(&path);
    return 0;
}

static int
add_path(struct submissions *s, const char *given, const char *lab, struct err *err)
{
    char *path = mem_copy(given);
    size_t n = strlen(path);
    struct buf shown = {0};
    struct stat st;
    int result = 0;

    while (n > 1 && path[n - 1] == '/')
        path[--n] = '\0';
    if (stat(path, &st) < 0 && lstat(path, &st) < 0) {
        text_escape(&shown, path, n, true);
        result = err_set(err, STATUS_USAGE, "%.300s: %s (%s)", buf_text(&shown),
                         strerrorname_np(errno), strerror(errno));
        buf_release(&shown);
    } else if (S_ISDIR(st.st_mode)) {
        result = add_folder(s, path, lab, err);
    } else {
        add(s, path, path, student_of_file(path, lab), NULL);
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
    free(s->list);
    free(s->left_out);
    *s = (struct submissions){0};
}
