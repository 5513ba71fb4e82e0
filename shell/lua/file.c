/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finding and reading a lab file. It is read once, whole and with a limit; what is hashed for the
 * trace is what runs. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/text.h"
#include "lua/lab.h"

enum { SHOWN_MAX = 58 }; /* what Lua's messages show of a file's name without cutting it */

/* "07-shared-memory" is also "shared-memory". */
static const char *
without_number(const char *name)
{
    const char *rest = name + strspn(name, "0123456789");

    return rest > name && *rest == '-' ? rest + 1 : name;
}

static bool
is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The folder of labs that has this name; *near gets the closest when none has. */
static char *
find_by_name(const char *name, const char *labs, struct near *near)
{
    DIR *dir = opendir(labs);
    struct dirent *entry;
    char *found = NULL;

    near_init(near, name);
    while (dir != NULL && found == NULL && (entry = readdir(dir)) != NULL) {
        const char *is = entry->d_name;

        if (is[0] == '.')
            continue;
        near_offer(near, without_number(is));
        if ((strcmp(is, name) == 0 || strcmp(without_number(is), name) == 0) &&
            asprintf(&found, "%s/%s/lab.lua", labs, is) < 0)
            found = NULL;
    }
    if (dir != NULL)
        closedir(dir);
    return found;
}

static char *
find(const char *name, const char *labs, struct err *err)
{
    struct buf shown = {0};
    struct near near;
    char *path = NULL;

    near_init(&near, name);
    if (strchr(name, '/') == NULL && (path = find_by_name(name, labs, &near)) != NULL)
        return path;
    if (is_folder(name))
        return asprintf(&path, "%s/lab.lua", name) < 0 ? NULL : path;
    if (access(name, F_OK) == 0)
        return mem_copy(name);
    text_escape(&shown, name, strlen(name), true);
    if (strchr(name, '/') != NULL || strstr(name, ".lua") != NULL)
        err_set(err, STATUS_USAGE, "%.200s: %s", buf_text(&shown), strerror(errno));
    else
        err_set(err, STATUS_USAGE, "there is no lab '%.100s'%s%s%s", buf_text(&shown),
                near.best[0] != '\0' ? "; did you mean " : " in ",
                near.best[0] != '\0' ? near.best : labs, near.best[0] != '\0' ? "?" : "");
    buf_release(&shown);
    return NULL;
}

static int
read_whole(struct lab_file *f, const char *path, struct err *err)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    struct stat st;
    ssize_t got = 0;
    int result = 0;

    if (fd < 0)
        return err_errno(err, STATUS_USAGE, path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        result = err_set(err, STATUS_USAGE, "%.200s: not a file", path);
    else if (st.st_size > LAB_MAX_BYTES)
        result =
            err_set(err, STATUS_LAB, "%.200s: larger than 1 MB, which a lab file may have", path);
    if (result == 0)
        f->data = mem_alloc(LAB_MAX_BYTES + 1);
    while (result == 0 && f->size <= LAB_MAX_BYTES) {
        got = read(fd, f->data + f->size, LAB_MAX_BYTES + 1 - f->size);
        if (got <= 0)
            break;
        f->size += (size_t)got;
    }
    if (result == 0 && got < 0)
        result = err_set(err, STATUS_USAGE, "%.200s: %s", path, strerror(errno));
    if (result == 0 && f->size > LAB_MAX_BYTES)
        result =
            err_set(err, STATUS_LAB, "%.200s: larger than 1 MB, which a lab file may have", path);
    close(fd);
    return result;
}

/* What an editor or a shell put before the first line. The newline of a #! line stays, so that
 * lines count as the author counts them. */
static int
take_text(struct lab_file *f, struct err *err)
{
    f->text = f->data;
    f->n = f->size;
    if (f->n >= 2 && (memcmp(f->text, "\xff\xfe", 2) == 0 || memcmp(f->text, "\xfe\xff", 2) == 0))
        return err_set(err, STATUS_LAB, "%s:1: the file is UTF-16; a lab is UTF-8", f->shown);
    if (f->n >= 3 && memcmp(f->text, "\xef\xbb\xbf", 3) == 0) {
        f->text += 3;
        f->n -= 3;
    }
    if (f->n > 0 && f->text[0] == '#') {
        const char *newline = memchr(f->text, '\n', f->n);
        size_t skip = newline != NULL ? (size_t)(newline - f->text) : f->n;

        f->text += skip;
        f->n -= skip;
    }
    if (f->n > 0 && f->text[0] == '\x1b')
        return err_set(err, STATUS_LAB, "%s:1: precompiled code is not accepted, a lab is text",
                       f->shown);
    return 0;
}

/* The last parts of the path that fit. */
static void
shorten(char shown[64], const char *path)
{
    static const char before[] = ".../";
    const char *from = path;
    size_t fits = SHOWN_MAX - strlen(before);

    if (strlen(path) <= SHOWN_MAX) {
        snprintf(shown, 64, "%s", path);
        return;
    }
    while (strlen(from) > fits && strchr(from, '/') != NULL)
        from = strchr(from, '/') + 1;
    if (strlen(from) > fits)
        from += strlen(from) - fits;
    snprintf(shown, 64, "%s%s", before, from);
}

static void
name_it(struct lab_file *f, const char *path, const char *labs)
{
    size_t beyond = strncmp(path, labs, strlen(labs)) == 0 ? strlen(labs) : 0;
    char *real = realpath(path, NULL), *slash, *base;
    size_t n;

    slash = real != NULL ? strrchr(real, '/') : NULL;
    f->folder = slash == NULL ? mem_copy(".") : mem_copy_n(real, (size_t)(slash - real) + 1);
    base = slash != NULL ? slash + 1 : (char *)(uintptr_t)path;
    if (strcmp(base, "lab.lua") == 0 && slash != NULL) {
        *slash = '\0';
        base = strrchr(real, '/') != NULL ? strrchr(real, '/') + 1 : real;
    }
    base = (char *)(uintptr_t)without_number(base);
    n = strlen(base);
    if (n > 4 && strcmp(base + n - 4, ".lua") == 0)
        n -= 4;
    snprintf(f->name, sizeof f->name, "%.*s", (int)(n < sizeof f->name ? n : sizeof f->name - 1),
             base);
    shorten(f->shown, beyond > 0 && path[beyond] == '/' ? path + beyond + 1 : path);
    free(real);
}

int
lab_file_open(struct lab_file *f, const char *name, const char *labs, struct err *err)
{
    char *path = find(name, labs, err);
    struct sha *sha;
    int result;

    *f = (struct lab_file){0};
    if (path == NULL)
        return -1;
    name_it(f, path, labs);
    result = read_whole(f, path, err);
    free(path);
    if (result == 0)
        result = take_text(f, err);
    if (result < 0) {
        lab_file_release(f);
        return -1;
    }
    sha = sha_new();
    sha_add(sha, f->data, f->size);
    sha_hex(sha, f->sha256);
    sha_free(sha);
    return 0;
}

/* "de.lua", "pt_BR.lua". */
static int
is_language(const struct dirent *entry)
{
    size_t n = strspn(entry->d_name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_");

    return n > 0 && n < 16 && strcmp(entry->d_name + n, ".lua") == 0;
}

void
lab_languages(const struct lab_file *f, void (*each)(void *ctx, const char *name), void *ctx)
{
    struct dirent **list;
    char path[PATH_MAX];
    int n;

    snprintf(path, sizeof path, "%s/texts", f->folder);
    n = scandir(path, &list, is_language, alphasort);
    for (int i = 0; i < n; i++) {
        list[i]->d_name[strlen(list[i]->d_name) - strlen(".lua")] = '\0';
        each(ctx, list[i]->d_name);
        free(list[i]);
    }
    if (n >= 0)
        free(list);
}

void
lab_file_release(struct lab_file *f)
{
    free(f->folder);
    free(f->data);
    *f = (struct lab_file){0};
}
