/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Settings in the rc file. It is the person's own file: only what a `set` line gives a setting is
 * changed in it, and a new file takes its place by rename(2), so that a crash leaves either. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "base/folder.h"
#include "base/mem.h"
#include "builtin/settings.h"

enum { RC_MAX = 1 << 20 }; /* bytes of a file that is taken for one */

int
rc_path(struct buf *out, struct err *err)
{
    if (!folder_xdg(out, "XDG_CONFIG_HOME", "/.config"))
        return err_set(err, STATUS_MACHINE,
                       "there is no rc file: neither XDG_CONFIG_HOME nor HOME is set");
    buf_puts(out, "/ipclab/rc");
    return 0;
}

/* The whole file; nothing when there is none. *mode is kept. */
static int
read_whole(const char *path, struct buf *out, mode_t *mode, struct err *err)
{
    char block[4096];
    struct stat st;
    ssize_t n = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);

    *mode = 0600;
    if (fd < 0)
        return errno == ENOENT ? 0 : err_errno(err, STATUS_MACHINE, path);
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > RC_MAX) {
        close(fd);
        return err_set(err, STATUS_MACHINE, "%.300s is no file of lines that can be changed", path);
    }
    *mode = st.st_mode & 0777;
    while (out->len <= RC_MAX && (n = read(fd, block, sizeof block)) > 0)
        buf_put(out, block, (size_t)n);
    close(fd);
    return n < 0 ? err_errno(err, STATUS_MACHINE, path) : 0;
}

/* Does this line set it? Then *at and *n say where in the line its value stands. */
static bool
sets(struct session *s, const struct setting *which, const char *text, size_t len, size_t *at,
     size_t *n)
{
    struct parse_env env = session_parse_env(s);
    struct line line;
    struct err err;
    size_t name = strlen(which->name), skip;
    bool is;

    if (parse_line(&line, text, len, &env, &err) < 0)
        return false;
    is = line.kind == LINE_BUILTIN && strcmp(line.builtin, "set") == 0 &&
         strncmp(line.rest, which->name, name) == 0 && strcspn(line.rest + name, " \t") == 0;
    if (is) {
        skip = name + strspn(line.rest + name, " \t");
        *at = (size_t)line.rest_col - 1 + skip;
        *n = strlen(line.rest + skip);
    }
    line_release(&line);
    return is;
}

/* The text with this setting in it: in the last line that sets it, else in a line of its own. */
static void
put_in(struct session *s, const struct setting *which, struct buf *text)
{
    struct buf out = {0}, value = {0};
    size_t from = 0, n = 0;
    bool any = false;

    settings_value(&s->settings, which, &value);
    for (size_t at = 0; at < text->len;) {
        const char *newline = memchr(text->data + at, '\n', text->len - at);
        size_t len = newline != NULL ? (size_t)(newline - text->data) - at : text->len - at;
        size_t where, size;

        if (sets(s, which, text->data + at, len, &where, &size)) {
            any = true;
            from = at + where;
            n = size;
        }
        at += len + 1;
    }
    if (any) {
        buf_put(&out, text->data, from);
        buf_puts(&out, n == 0 ? " " : "");
        buf_puts(&out, buf_text(&value));
        buf_put(&out, text->data + from + n, text->len - from - n);
    } else {
        buf_put(&out, buf_text(text), text->len);
        if (out.len > 0 && out.data[out.len - 1] != '\n')
            buf_putc(&out, '\n');
        buf_printf(&out, "set %s %s\n", which->name, buf_text(&value));
    }
    buf_release(&value);
    buf_release(text);
    *text = out;
}

static int
replace(const char *path, const struct buf *text, mode_t mode, struct err *err)
{
    struct buf temporary = {0};
    size_t done = 0;
    int fd, result = 0;

    buf_printf(&temporary, "%s.XXXXXX", path);
    fd = mkostemp(temporary.data, O_CLOEXEC);
    if (fd < 0) {
        result = err_errno(err, STATUS_MACHINE, temporary.data);
        buf_release(&temporary);
        return result;
    }
    while (done < text->len) {
        ssize_t n = write(fd, text->data + done, text->len - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        done += (size_t)n;
    }
    if (done < text->len || fchmod(fd, mode) < 0 || fsync(fd) < 0 ||
        rename(temporary.data, path) < 0) {
        result = err_errno(err, STATUS_MACHINE, path);
        unlink(temporary.data);
    }
    close(fd);
    buf_release(&temporary);
    return result;
}

int
rc_save(struct session *s, const struct setting *const *which, int n, struct err *err)
{
    struct buf path = {0}, folder = {0}, text = {0};
    char real[PATH_MAX];
    mode_t mode;
    int result = rc_path(&path, err);

    if (result == 0) {
        buf_put(&folder, path.data, path.len - strlen("/rc"));
        result = folder_make(folder.data, err);
    }
    if (result == 0 && realpath(path.data, real) != NULL) { /* a link stays one */
        buf_clear(&path);
        buf_puts(&path, real);
    }
    if (result == 0)
        result = read_whole(path.data, &text, &mode, err);
    for (int i = 0; i < n && result == 0; i++)
        put_in(s, which[i], &text);
    if (result == 0)
        result = replace(path.data, &text, mode, err);
    buf_release(&path);
    buf_release(&folder);
    buf_release(&text);
    return result;
}
