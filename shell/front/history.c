/* SPDX-License-Identifier: GPL-3.0-or-later
 * See history.h. */
#include "front/history.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/folder.h"
#include "base/mem.h"
#include "base/text.h"

static int file = -1; /* for appending */
static char *last;    /* the line before */

static int
fail(struct err *err, const char *path, const char *why)
{
    struct buf shown = {0};

    text_escape(&shown, path, strlen(path), true);
    err_set(err, STATUS_USAGE, "no history: %.300s: %s", buf_text(&shown), why);
    buf_release(&shown);
    return -1;
}

/* Where it is, its folder made; false when there is to be none (then err->text is empty) or none
 * can be. */
static bool
find(struct buf *path, struct err *err)
{
    const char *given = getenv("IPCLAB_HISTFILE");

    if (given != NULL) {
        buf_puts(path, given);
        return given[0] != '\0';
    }
    if (!folder_xdg(path, "XDG_STATE_HOME", "/.local/state")) {
        err_set(err, STATUS_USAGE, "no history: HOME is not set to an absolute path");
        return false;
    }
    buf_puts(path, "/ipclab");
    if (folder_make(path->data, err) < 0)
        return false;
    buf_puts(path, "/history");
    return true;
}

/* The last lines of it, at most n bytes, from the beginning of a line. */
static void
read_end(struct buf *text, int fd, off_t size, off_t n)
{
    char block[16384];
    off_t at = size > n ? size - n : 0;
    bool cut = at > 0;
    ssize_t got;

    while ((got = pread(fd, block, sizeof block, at)) > 0) {
        buf_put(text, block, (size_t)got);
        at += got;
    }
    if (cut && text->len > 0) {
        const char *newline = memchr(text->data, '\n', text->len);
        size_t skip = newline != NULL ? (size_t)(newline + 1 - text->data) : text->len;

        memmove(text->data, text->data + skip, text->len - skip);
        text->len -= skip;
    }
}

/* Its newer half takes its place, at once or not at all. */
static void
halve(const char *path, const struct buf *text)
{
    struct buf name = {0};
    int fd;

    buf_printf(&name, "%s.XXXXXX", path);
    fd = mkostemp(name.data, O_CLOEXEC | O_APPEND);
    if (fd >= 0 && write(fd, buf_text(text), text->len) == (ssize_t)text->len &&
        rename(name.data, path) == 0) {
        close(file);
        file = fd;
    } else if (fd >= 0) {
        close(fd);
        unlink(name.data);
    }
    buf_release(&name);
}

int
history_load(void (*remember)(const char *line), struct err *err)
{
    struct buf path = {0}, text = {0};
    struct stat st;
    int result = -1, lines = 0;

    err_clear(err);
    if (!find(&path, err))
        goto out;
    file = open(path.data, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
    if (file < 0 || fstat(file, &st) < 0) {
        fail(err, path.data, strerrordesc_np(errno));
        goto out;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > HISTORY_REFUSED) {
        history_close();
        if (!S_ISCHR(st.st_mode)) /* /dev/null is how some say "none" */
            fail(err, path.data, S_ISREG(st.st_mode) ? "it is too large" : "not a regular file");
        goto out;
    }
    flock(file, LOCK_EX);
    read_end(&text, file, st.st_size, HISTORY_BYTES / 2);
    if (st.st_size > HISTORY_BYTES)
        halve(path.data, &text);
    flock(file, LOCK_UN);
    for (size_t i = 0; i < text.len; i++)
        lines += text.data[i] == '\n';
    for (char *at = text.data; text.len > 0 && at < text.data + text.len;) {
        size_t n = strcspn(at, "\n");
        bool whole = at[n] == '\n';

        at[n] = '\0';
        if (n > 0 && strlen(at) == n && lines-- <= HISTORY_LINES)
            remember(at);
        at += n + 1;
        if (!whole)
            break;
    }
    result = 0;
out:
    buf_release(&path);
    buf_release(&text);
    return result;
}

bool
history_add(const char *line)
{
    struct buf text = {0};

    if (line[0] == ' ' || line[strspn(line, " \t")] == '\0' || strchr(line, '\n') != NULL ||
        (last != NULL && strcmp(last, line) == 0))
        return false;
    free(last);
    last = mem_copy(line);
    if (file < 0)
        return true;
    buf_printf(&text, "%s\n", line);
    flock(file, LOCK_EX);
    if (write(file, text.data, text.len) != (ssize_t)text.len)
        history_close(); /* the disk is full: what is typed still counts for this session */
    if (file >= 0)
        flock(file, LOCK_UN);
    buf_release(&text);
    return true;
}

void
history_close(void)
{
    if (file >= 0)
        close(file);
    file = -1;
    free(last);
    last = NULL;
}
