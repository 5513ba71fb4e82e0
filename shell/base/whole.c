/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See whole.h. */
#include "base/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

int
whole_put(int fd, const struct buf *b)
{
    const char *data = buf_text(b);
    size_t n = b->len;

    while (n > 0) {
        ssize_t did = write(fd, data, n);

        if (did < 0 && errno == EINTR)
            continue;
        if (did < 0)
            return -1;
        data += did;
        n -= (size_t)did;
    }
    return 0;
}

int
whole_write(const char *path, const struct buf *data, bool anew, struct err *err)
{
    struct buf beside = {0};
    struct stat st;
    int fd, result = -1, saved;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        return err_errno(err, STATUS_USAGE, path);
    }
    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
        return err_set(err, STATUS_USAGE, "that is no file that could be written anew");
    if (lstat(path, &st) == 0 && !anew)
        return err_set(err, STATUS_USAGE, "that file is there already; --force writes it anew");
    buf_printf(&beside, "%s.%d.new", path, (int)getpid());
    fd = open(beside.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0 && whole_put(fd, data) == 0)
        result = anew ? rename(beside.data, path) : link(beside.data, path);
    saved = errno;
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && (result < 0 || !anew))
        unlink(beside.data);
    buf_release(&beside);
    errno = saved;
    return result < 0 ? err_errno(err, STATUS_USAGE, path) : 0;
}
