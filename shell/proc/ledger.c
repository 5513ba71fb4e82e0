/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The lines of a ledger: see ledger.h. A line is one write to a file opened for appending, so the
 * lines of many processes never mix, and it begins on a line of its own, so that a torn one costs
 * nothing but itself. */
#include "proc/ledger.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/folder.h"
#include "base/mem.h"
#include "proc/ledger_parts.h"

enum { NAMES_MAX = 100 /* ledgers of one session */ };

/* ---- Writing ------------------------------------------------------------------------------- */

static int
append(int ledger, const struct buf *line)
{
    ssize_t n;

    do
        n = write(ledger, line->data, line->len);
    while (n < 0 && errno == EINTR);
    if (n == (ssize_t)line->len)
        return 0;
    if (n >= 0)
        errno = ENOSPC;
    return -1;
}

static void
put_name(struct buf *line, const char *name)
{
    for (; *name != '\0'; name++) {
        if (*name > ' ' && *name != '%' && *name != 0x7f)
            buf_putc(line, *name);
        else
            buf_printf(line, "%%%02X", (unsigned char)*name);
    }
}

/* The name with the links on the way to it resolved: nobody follows links when it is removed. */
static void
put_path(struct buf *line, const char *name)
{
    char *copy = mem_copy(name), *slash, *folder = NULL;
    size_t n = strlen(copy);

    while (n > 1 && copy[n - 1] == '/')
        copy[--n] = '\0';
    slash = strrchr(copy, '/');
    if (slash != NULL && slash > copy) {
        *slash = '\0';
        folder = realpath(copy, NULL);
        *slash = '/';
    }
    if (folder != NULL) {
        put_name(line, folder);
        put_name(line, slash);
    } else {
        put_name(line, copy);
    }
    free(folder);
    free(copy);
}

int
ledger_intend(int ledger, const char *kind, uint64_t key, const char *text)
{
    const struct ledger_kind *k = ledger_kind(kind);
    struct buf line = {0};
    int result, error = errno;

    if (k == NULL || (k->id_of_key != NULL ? (int)key == 0 : text == NULL || text[0] == '\0')) {
        errno = EINVAL;
        return -1;
    }
    if (k->taken != NULL && k->taken(text)) {
        errno = error;
        return 0;
    }
    buf_printf(&line, "\n%" PRId64 " %s ", (int64_t)time(NULL), k->name);
    if (k->id_of_key != NULL)
        buf_printf(&line, "%d %d %d", (int)key, getpid(), k->id_of_key((int)key));
    else if (k->folder != NULL)
        put_name(&line, text);
    else
        put_path(&line, text);
    buf_puts(&line, " .\n");
    errno = error;
    if (line.len > LEDGER_LINE_MAX) {
        errno = ENAMETOOLONG;
        result = -1;
    } else {
        result = append(ledger, &line);
    }
    buf_release(&line);
    return result;
}

/* ---- Reading ------------------------------------------------------------------------------- */

/* Splits at blanks, undoes %XX. The final dot is checked and not counted. -1: no whole line. */
static int
split(char *line, char *words[], int max)
{
    char *save = NULL;
    int n = 0;

    for (char *word = strtok_r(line, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
        if (n == max)
            return -1;
        words[n++] = word;
    }
    if (n == 0 || strcmp(words[n - 1], ".") != 0)
        return -1;
    for (int i = 0; i < n - 1; i++) {
        char *to = words[i], *from = words[i];

        while (*from != '\0') {
            unsigned value;

            if (*from == '%' && isxdigit((unsigned char)from[1]) &&
                isxdigit((unsigned char)from[2]) && sscanf(from + 1, "%2x", &value) == 1 &&
                value != 0) {
                *to++ = (char)value;
                from += 3;
            } else {
                *to++ = *from++;
            }
        }
        *to = '\0';
    }
    return n - 1;
}

static bool
read_number(const char *word, int64_t min, int64_t max, int64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoll(word, &end, 10);
    return errno == 0 && end != word && *end == '\0' && *value >= min && *value <= max;
}

/* Calls fn with the words of each whole line, until it says false. */
static void
each_line(int ledger, bool (*fn)(char *words[], int n, void *ctx), void *ctx)
{
    enum { ROOM = LEDGER_LINE_MAX + 1, WORDS = 8 };
    char *data = mem_alloc(ROOM + 1), *words[WORDS];
    size_t have = 0;
    bool skip = false; /* inside a line that is too long to be one */
    off_t at = 0;
    ssize_t n;

    while ((n = pread(ledger, data + have, ROOM - have, at)) > 0) {
        char *line = data, *end;

        at += n;
        have += (size_t)n;
        while ((end = memchr(line, '\n', have - (size_t)(line - data))) != NULL) {
            int count;

            *end = '\0';
            count = skip ? -1 : split(line, words, WORDS);
            skip = false;
            line = end + 1;
            if (count > 0 && !fn(words, count, ctx))
                goto out;
        }
        have -= (size_t)(line - data);
        memmove(data, line, have);
        if (have == ROOM) {
            skip = true;
            have = 0;
        }
    }
out:
    free(data);
}

static void
read_boot(char *id, size_t room)
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, id, room - 1) : 0;

    if (fd >= 0)
        close(fd);
    id[n > 0 ? n : 0] = '\0';
    id[strcspn(id, " \n")] = '\0';
    if (id[0] == '\0')
        snprintf(id, room, "unknown");
}

static bool
good_session(const char *id)
{
    size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    return n > 0 && n <= LEDGER_ID_MAX && id[n] == '\0';
}

static bool
read_head_line(char *words[], int n, void *ctx)
{
    struct ledger_head *head = ctx;
    char boot[64];

    if (n != 2)
        return true;
    if (strcmp(words[0], "session") == 0 && good_session(words[1]))
        snprintf(head->session, sizeof head->session, "%s", words[1]);
    if (strcmp(words[0], "boot") == 0) {
        read_boot(boot, sizeof boot);
        head->this_boot = strcmp(boot, words[1]) == 0;
    }
    return head->session[0] == '\0' || !head->this_boot;
}

void
ledger_read_head(int ledger, struct ledger_head *head)
{
    *head = (struct ledger_head){.this_boot = false};
    each_line(ledger, read_head_line, head);
}

/* ---- Sweeping ------------------------------------------------------------------------------ */

struct sweep {
    bool this_boot, clean;
};

static bool
sweep_line(char *words[], int n, void *ctx)
{
    struct sweep *s = ctx;
    struct intent intent = {.old = -1};
    const struct ledger_kind *kind;
    int64_t key, pid, old;

    if (n < 3 || !read_number(words[0], 0, INT64_MAX / 2, &intent.seconds))
        return true;
    kind = ledger_kind(words[1]);
    if (kind == NULL || (!s->this_boot && !kind->outlives_boot))
        return true;
    if (kind->id_of_key != NULL) {
        if (n != 5 || !read_number(words[2], INT32_MIN, INT32_MAX, &key) || key == 0 ||
            !read_number(words[3], 1, INT32_MAX, &pid) ||
            !read_number(words[4], -1, INT32_MAX, &old))
            return true;
        intent.key = (int)key;
        intent.pid = (pid_t)pid;
        intent.old = (int)old;
    } else if (n != 3) {
        return true;
    }
    intent.name = words[2];
    s->clean &= kind->remove(kind, &intent);
    return true;
}

/* The file that this descriptor belongs to, if it still has its name. */
static void
unlink_ledger(int ledger)
{
    char link[64], path[PATH_MAX];
    const char *name;
    struct stat st, now;
    ssize_t n;
    int dir;

    snprintf(link, sizeof link, "/proc/self/fd/%d", ledger);
    n = readlink(link, path, sizeof path - 1);
    if (n <= 0)
        return;
    path[n] = '\0';
    dir = folder_parent(path, &name);
    if (dir < 0)
        return;
    if (fstat(ledger, &st) == 0 && fstatat(dir, name, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
        st.st_ino == now.st_ino && st.st_dev == now.st_dev)
        unlinkat(dir, name, 0);
    close(dir);
}

bool
ledger_sweep_all(int ledger)
{
    struct ledger_head head;
    struct sweep s = {.clean = true};

    ledger_read_head(ledger, &head);
    s.this_boot = head.this_boot;
    each_line(ledger, sweep_line, &s);
    if (s.clean)
        unlink_ledger(ledger);
    return s.clean;
}

void
ledger_sweep(int ledger)
{
    ledger_sweep_all(ledger);
}

/* ---- Looking ------------------------------------------------------------------------------- */

struct names {
    const char *folder;
    void (*fn)(void *ctx, const char *name);
    void *ctx;
};

static bool
name_line(char *words[], int n, void *ctx)
{
    const struct names *names = ctx;
    const struct ledger_kind *kind = n == 3 ? ledger_kind(words[1]) : NULL;
    char file[NAME_MAX + 16];

    if (kind == NULL || kind->folder == NULL || strcmp(kind->folder, names->folder) != 0 ||
        !kind->taken(words[2]))
        return true;
    snprintf(file, sizeof file, "%s%s", kind->prefix, words[2] + (words[2][0] == '/'));
    names->fn(names->ctx, file);
    return true;
}

void
ledger_each_name(int ledger, const char *folder, void (*fn)(void *ctx, const char *name), void *ctx)
{
    struct names names = {folder, fn, ctx};

    each_line(ledger, name_line, &names);
}

/* ---- Opening ------------------------------------------------------------------------------- */

/* A sweeper may have found the new file before it was locked, and removed it for an empty one. */
static bool
lock_new(int fd)
{
    struct stat st;
    int result;

    do
        result = flock(fd, LOCK_EX);
    while (result < 0 && errno == EINTR);
    return result == 0 && fstat(fd, &st) == 0 && (st.st_nlink > 0 || (errno = EEXIST, false));
}

static int
write_head(int fd, const char *session)
{
    struct buf head = {0};
    char boot[64];
    int result;

    read_boot(boot, sizeof boot);
    buf_printf(&head, "session %s .\nboot %s .\n", session, boot);
    result = append(fd, &head);
    buf_release(&head);
    return result;
}

int
ledger_open(const char *folder, const char *session)
{
    char name[LEDGER_ID_MAX + 32];
    int dir, fd = -1, error;

    if (!good_session(session)) {
        errno = EINVAL;
        return -1;
    }
    dir = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (dir < 0)
        return -1;
    errno = EACCES;
    for (int i = 1; folder_unsafe(dir) == NULL && fd < 0 && i <= NAMES_MAX; i++) {
        if (i == 1)
            snprintf(name, sizeof name, "%s.ledger", session);
        else
            snprintf(name, sizeof name, "%s.%d.ledger", session, i);
        fd = openat(dir, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            break;
        if (fd >= 0 && (!lock_new(fd) || write_head(fd, session) < 0)) {
            error = errno;
            unlink_ledger(fd);
            close(fd);
            fd = -1;
            errno = error;
            if (error != EEXIST)
                break;
        }
    }
    error = errno;
    close(dir);
    errno = error;
    return fd;
}
