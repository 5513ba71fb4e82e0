/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a trace file. What the reader takes must survive being written and read again, and
 * the lines view of it must bring no control byte to a terminal. */
#include <sys/mman.h>

#include "trace/parse.h"
#include "view/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct event e, again;
static struct buf json, text;

static void
check_event(struct lines *l)
{
    char why[256], path[64];

    buf_clear(&json);
    event_json(&json, &e, 0, false);
    if (trace_parse(&again, json.data, json.len - 1, why) != 0 || !event_same(&e, &again, path))
        abort();
    buf_clear(&text);
    lines_event(l, &e, &text);
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if ((c < ' ' && c != '\n') || c >= 0x7f)
            abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int fd = memfd_create("trace", MFD_CLOEXEC);
    struct trace_reader *r;
    struct trace_end end;
    struct lines l;
    struct err err;

    if (fd < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        abort();
    r = trace_open_fd(fd, "t", &err);
    if (r == NULL)
        return 0;
    lines_init(&l, NULL);
    l.ascii = true;
    l.echo = true;
    while (trace_next(r, &e, &err) == 1)
        check_event(&l);
    trace_ending(r, &end);
    lines_release(&l);
    trace_free(r);
    return 0;
}
