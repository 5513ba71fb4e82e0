/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab-unpack ARCHIVE FOLDER class|one: what of an archive may be a submission, into an empty
 * folder. It is a program of its own: an archive is as hostile as what is in it, nothing else is
 * at hand here, there are limits, and root becomes nobody first.
 *
 * class: folders stay, one level of them, and one around everything is taken off. one: all files
 * come to lie side by side. No link is made, and no place outside of FOLDER can be named. What is
 * left out is told on standard output, a line each. Status 6: it is no archive, or damaged, or
 * holds too much. */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <locale.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "grade/names.h"

enum {
    NOBODY = 65534,
    ENTRIES_MAX = 100000,
    FILE_BYTES = (64 << 20) + 1, /* whoever reads it sees by the last one that there is more */
    CPU_SECONDS = 120,
    MEMORY = 1 << 30,
    PARTS = 64, /* of a name */
    PART_BYTES = 200,
};
#define CLASS_BYTES (4LL << 30) /* of all files */
#define ONE_BYTES (128LL << 20)

struct unpacking {
    int source, folder;
    bool flat;
    char *top; /* the folder around everything; NULL: none */
    long long bytes;
};

struct name {
    char *text; /* all of it */
    const char *parts[PARTS];
    int n;
};

static void __attribute__((noreturn)) fail(const char *what, const char *why)
{
    struct buf text = {0};

    buf_printf(&text, "the archive %s", what);
    if (why != NULL) {
        buf_puts(&text, ": ");
        text_escape(&text, why, strlen(why), true);
    }
    fprintf(stderr, "%s\n", buf_text(&text));
    exit(STATUS_TRACE);
}

/* ---- Entries -------------------------------------------------------------------------------- */

static struct archive *
open_archive(const struct unpacking *u)
{
    struct archive *a = archive_read_new();

    archive_read_support_format_zip(a);
    archive_read_support_format_tar(a);
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    if (lseek(u->source, 0, SEEK_SET) < 0 ||
        archive_read_open_fd(a, u->source, 65536) != ARCHIVE_OK)
        fail("cannot be read", archive_error_string(a));
    return a;
}

/* NULL: there are no more. */
static struct archive_entry *
next_entry(struct archive *a, int *n)
{
    struct archive_entry *e;
    int result = archive_read_next_header(a, &e);

    if (result == ARCHIVE_EOF)
        return NULL;
    if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
        fail("is damaged", archive_error_string(a));
    if (++*n > ENTRIES_MAX)
        fail("holds too many files", NULL);
    return e;
}

static void
release(struct name *name)
{
    free(name->text);
    *name = (struct name){0};
}

/* False: it leads elsewhere, or is hidden. */
static bool
read_name(struct name *name, const char *given)
{
    char *save = NULL;

    *name = (struct name){.text = mem_copy(given)};
    if (given[0] == '/')
        return false;
    for (char *part = strtok_r(name->text, "/", &save); part != NULL;
         part = strtok_r(NULL, "/", &save)) {
        if (strcmp(part, ".") == 0)
            continue;
        if (part[0] == '.' || strlen(part) > PART_BYTES || name->n == PARTS)
            return false;
        name->parts[name->n++] = part;
    }
    return name->n > 0 && strcmp(name->parts[0], "__MACOSX") != 0;
}

/* Is it a file with bytes of its own? */
static bool
is_file(struct archive_entry *e)
{
    return archive_entry_filetype(e) == AE_IFREG && archive_entry_hardlink(e) == NULL &&
           archive_entry_symlink(e) == NULL && archive_entry_pathname(e) != NULL;
}

/* The one folder in which all files are, if there are two at least. */
static char *
find_top(const struct unpacking *u)
{
    struct archive *a = open_archive(u);
    struct archive_entry *e;
    char *top = NULL;
    int n = 0, files = 0;
    bool one = true;

    while ((e = next_entry(a, &n)) != NULL) {
        struct name name = {0};

        if (is_file(e) && read_name(&name, archive_entry_pathname(e))) {
            one &= name.n > 1 && (top == NULL || strcmp(top, name.parts[0]) == 0);
            if (top == NULL)
                top = mem_copy(name.parts[0]);
            files++;
        }
        release(&name);
    }
    archive_read_free(a);
    if (one && files > 1)
        return top;
    free(top);
    return NULL;
}

/* ---- Files ---------------------------------------------------------------------------------- */

static void
left_out(const char *name, const char *why)
{
    struct buf shown = {0};

    text_escape(&shown, name, strlen(name), true);
    printf("%s (%s)\n", buf_text(&shown), why);
    buf_release(&shown);
}

static void
write_all(int fd, const char *data, size_t n)
{
    while (n > 0) {
        ssize_t did = write(fd, data, n);

        if (did < 0 && errno == EINTR)
            continue;
        if (did < 0)
            fail("has no room", strerror(errno));
        data += did;
        n -= (size_t)did;
    }
}

static void
copy(struct unpacking *u, struct archive *a, int fd)
{
    long long limit = u->flat ? ONE_BYTES : CLASS_BYTES, size = 0;
    char block[65536];
    ssize_t got;

    while (size < FILE_BYTES && (got = archive_read_data(a, block, sizeof block)) != 0) {
        if (got < 0)
            fail("is damaged", archive_error_string(a));
        if (got > FILE_BYTES - size)
            got = FILE_BYTES - size;
        write_all(fd, block, (size_t)got);
        size += got;
        if ((u->bytes += got) > limit)
            fail("holds too much", NULL);
    }
}

/* The folder in which the file comes to lie, and what it is called there. -1 and errno. */
static int
place(const struct unpacking *u, const struct name *name, struct buf *file)
{
    int from = u->top != NULL ? 1 : 0, dir = dup(u->folder), in;

    if (!u->flat && name->n - from > 1) {
        const char *folder = name->parts[from++];

        mkdirat(dir, folder, 0755);
        in = openat(dir, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        close(dir);
        dir = in;
    }
    for (int i = from; i < name->n; i++)
        buf_printf(file, "%s%s", i > from ? "_" : "", name->parts[i]);
    return dir;
}

static void
unpack(struct unpacking *u, struct archive *a, const char *given, const struct name *name)
{
    const char *last = name->parts[name->n - 1];
    bool wanted = name_is_trace(last) || (!u->flat && name_is_archive(last));
    struct buf file = {0};
    int dir = place(u, name, &file), fd = -1;

    if (wanted && dir >= 0)
        fd = openat(dir, buf_text(&file), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                    0644);
    if (fd >= 0)
        copy(u, a, fd);
    else
        left_out(given, !wanted ? "no trace by its name" : strerror(errno));
    if (fd >= 0)
        close(fd);
    if (dir >= 0)
        close(dir);
    buf_release(&file);
}

static void
unpack_all(struct unpacking *u)
{
    struct archive *a = open_archive(u);
    struct archive_entry *e;
    int n = 0;

    while ((e = next_entry(a, &n)) != NULL) {
        const char *given = archive_entry_pathname(e);
        struct name name = {0};

        if (archive_entry_filetype(e) == AE_IFDIR)
            continue;
        if (!is_file(e))
            left_out(given != NULL ? given : "?", "a link, or no file");
        else if (!read_name(&name, given))
            left_out(given, "hidden, or it leads elsewhere");
        else
            unpack(u, a, given, &name);
        release(&name);
    }
    archive_read_free(a);
}

/* ---- Limits --------------------------------------------------------------------------------- */

static void
limit(int what, rlim_t most)
{
    struct rlimit r = {most, most};

    setrlimit(what, &r);
}

/* Root gives the folder and itself to somebody who has nothing. */
static void
step_down(int folder)
{
    limit(RLIMIT_CPU, CPU_SECONDS);
    limit(RLIMIT_FSIZE, FILE_BYTES);
    limit(RLIMIT_CORE, 0);
#ifndef __SANITIZE_ADDRESS__
    limit(RLIMIT_AS, MEMORY);
#endif
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (geteuid() != 0)
        return;
    if (fchown(folder, NOBODY, NOBODY) < 0 || setgroups(0, NULL) < 0 || setgid(NOBODY) < 0 ||
        setuid(NOBODY) < 0)
        fail("is not opened as root", strerror(errno));
}

int
main(int argc, char **argv)
{
    struct unpacking u;

    if (argc != 4)
        return STATUS_USAGE;
    u = (struct unpacking){
        .source = open(argv[1], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
        .folder = open(argv[2], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        .flat = strcmp(argv[3], "one") == 0};
    if (u.source < 0 || u.folder < 0)
        fail("cannot be opened", strerror(errno));
    umask(022);
    setlocale(LC_CTYPE, "C.UTF-8"); /* names in archives are that, whoever grades */
    step_down(u.folder);
    if (!u.flat)
        u.top = find_top(&u);
    unpack_all(&u);
    free(u.top);
    return 0;
}
