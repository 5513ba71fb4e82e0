/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is drawn elsewhere, as sentences to be listened to: one for each descriptor, one for each
 * segment of memory. */
#include "base/text.h"
#include "builtin/look.h"

static void
put(struct buf *out, const char *text)
{
    text_escape(out, text, strlen(text), look_ascii());
}

static long long
number(const json_t *facts, const char *name)
{
    return (long long)json_integer_value(json_object_get(facts, name));
}

/* ---- Descriptors --------------------------------------------------------------------------- */

/* ", shared with b (fd 3)": other descriptors that lead to the same open file. */
static void
put_sharers(const json_t *file, const char *actor, long long fd, struct buf *out)
{
    const char *before = ", its open file is shared with ";
    const json_t *other;
    size_t i;

    json_array_foreach(json_object_get(file, "fds"), i, other)
    {
        if (strcmp(look_text(other, "actor"), actor) == 0 && number(other, "fd") == fd)
            continue;
        buf_puts(out, before);
        put(out, look_text(other, "actor"));
        buf_printf(out, " fd %lld", number(other, "fd"));
        before = ", ";
    }
}

static void
put_descriptor(const json_t *facts, const char *actor, const json_t *d, struct buf *out)
{
    const json_t *file =
        json_array_get(json_object_get(facts, "files"), (size_t)number(d, "file") - 1);
    const json_t *object =
        json_array_get(json_object_get(facts, "objects"), (size_t)number(file, "object") - 1);
    const char *mode = look_text(file, "mode"), *name = look_text(object, "name");

    put(out, actor);
    buf_printf(out, ", fd %lld: %s ", number(d, "fd"),
               mode[0] == 'r'   ? "reads"
               : mode[0] == 'w' ? "writes"
                                : "reads and writes");
    put(out, name[0] != '\0' ? name : look_text(object, "target"));
    if (number(d, "since") > 0)
        buf_printf(out, ", open since step %lld", number(d, "since"));
    put_sharers(file, actor, number(d, "fd"), out);
    buf_puts(out, ".\n");
}

void
look_say_fds(const json_t *facts, struct buf *out)
{
    const json_t *p, *d;
    size_t i, k;

    json_array_foreach(json_object_get(facts, "processes"), i, p)
        json_array_foreach(json_object_get(p, "fds"), k, d)
            put_descriptor(facts, look_text(p, "actor"), d, out);
}

/* ---- Memory -------------------------------------------------------------------------------- */

static void
put_segment(const char *actor, const json_t *segment, struct buf *out)
{
    const char *object = look_text(segment, "object"), *path = look_text(segment, "path");
    const char *before = " with ";
    const json_t *other;
    size_t i;

    put(out, actor);
    buf_puts(out, ", ");
    put(out, look_text(segment, "from"));
    buf_puts(out, " to ");
    put(out, look_text(segment, "to"));
    buf_puts(out, ": ");
    put(out, look_text(segment, "what"));
    if (object[0] != '\0' || path[0] != '\0') {
        buf_putc(out, ' ');
        put(out, object[0] != '\0' ? object : path);
    }
    buf_printf(out, ", %lld bytes, ", number(segment, "size"));
    put(out, look_text(segment, "sharing"));
    json_array_foreach(json_object_get(segment, "with"), i, other)
    {
        buf_puts(out, before);
        put(out, json_string_value(other));
        before = ", ";
    }
    buf_puts(out, ".\n");
}

void
look_say_maps(const json_t *facts, struct buf *out)
{
    const json_t *p, *segment;
    size_t i, k;

    json_array_foreach(json_object_get(facts, "processes"), i, p)
        json_array_foreach(json_object_get(p, "segments"), k, segment)
            put_segment(look_text(p, "actor"), segment, out);
}
