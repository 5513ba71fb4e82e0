/* SPDX-License-Identifier: GPL-3.0-or-later
 * See store.h. */
#include "grade/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/whole.h"
#include "grade/report.h"

enum { REPORT_MAX = 16 << 20 }; /* bytes of a report.json that is read */

static int
make(const char *path, struct err *err)
{
    struct stat st;

    if (mkdir(path, 0777) == 0 || (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)))
        return 0;
    return err_errno(err, STATUS_USAGE, path);
}

int
store_open(struct store *s, const char *out, int n, struct err *err)
{
    *s = (struct store){.out = out, .fd = -1};
    if (out != NULL)
        return make(out, err);
    s->places = mem_alloc(sizeof *s->places * (size_t)(n + 1));
    s->fd = memfd_create("reports", MFD_CLOEXEC);
    if (s->fd < 0)
        return err_errno(err, STATUS_MACHINE, "no room for the reports");
    return 0;
}

void
store_release(struct store *s)
{
    if (s->fd >= 0)
        close(s->fd);
    free(s->places);
    *s = (struct store){.fd = -1};
}

void
store_text(const json_t *report, struct buf *out)
{
    char *text = json_dumps(report, JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(6));

    buf_puts(out, text != NULL ? text : "");
    buf_putc(out, '\n');
    free(text);
}

static int
put_file(const struct store *s, const char *folder, const struct buf *text, struct err *err)
{
    struct buf path = {0};
    int result;

    buf_printf(&path, "%s/%s", s->out, folder);
    result = make(path.data, err);
    buf_puts(&path, "/report.json");
    if (result == 0)
        result = whole_write(path.data, text, true, err);
    buf_release(&path);
    return result;
}

int
store_put(struct store *s, int i, const char *folder, const json_t *report, struct err *err)
{
    struct buf text = {0};
    int result = 0;

    store_text(report, &text);
    if (s->out != NULL) {
        result = put_file(s, folder, &text, err);
    } else if (lseek(s->fd, s->end, SEEK_SET) < 0 || whole_put(s->fd, &text) < 0) {
        result = err_errno(err, STATUS_MACHINE, "no room for the reports");
    } else {
        s->places[i] = (struct store_place){s->end, (int64_t)text.len};
        s->end += (int64_t)text.len;
    }
    buf_release(&text);
    return result;
}

/* What this many bytes of a file say; NULL: no report. */
static json_t *
read_report(int fd, int64_t at, int64_t n)
{
    char *text = n > 0 && n <= REPORT_MAX ? mem_alloc((size_t)n) : NULL;
    json_t *report = NULL;
    int64_t have = 0;

    while (text != NULL && have < n) {
        ssize_t got = pread(fd, text + have, (size_t)(n - have), at + have);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        have += got;
    }
    if (have == n && n > 0)
        report = json_loadb(text, (size_t)n, 0, NULL);
    free(text);
    if (report != NULL && !report_is_whole(report)) {
        json_decref(report);
        report = NULL;
    }
    return report;
}

json_t *
store_get(const struct store *s, int i, const char *folder)
{
    struct buf path = {0};
    json_t *report = NULL;
    struct stat st;
    int fd;

    if (s->out == NULL)
        return read_report(s->fd, s->places[i].at, s->places[i].n);
    buf_printf(&path, "%s/%s/report.json", s->out, folder);
    fd = open(path.data, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        report = read_report(fd, 0, st.st_size);
    if (fd >= 0)
        close(fd);
    buf_release(&path);
    return report;
}
