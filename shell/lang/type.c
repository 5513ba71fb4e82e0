/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Types are three small numbers, so that they are copied, not pointed to: what a line can declare
 * is flat, and everything else follows from base, stars and count. */
#include "lang/type.h"

#include <string.h>

/* Widths are those of the C types, unsigned ones included: what a store keeps is the same bits. */
static const struct {
    const char *name;
    enum type_base base;
} names[] = {
    {"char", TYPE_CHAR},      {"int", TYPE_INT},        {"long", TYPE_LONG},
    {"void", TYPE_VOID},      {"FILE", TYPE_FILE},      {"unsigned", TYPE_INT},
    {"signed", TYPE_INT},     {"bool", TYPE_INT},       {"pid_t", TYPE_INT},
    {"key_t", TYPE_INT},      {"mode_t", TYPE_INT},     {"uid_t", TYPE_INT},
    {"gid_t", TYPE_INT},      {"id_t", TYPE_INT},       {"mqd_t", TYPE_INT},
    {"socklen_t", TYPE_INT},  {"int32_t", TYPE_INT},    {"uint32_t", TYPE_INT},
    {"size_t", TYPE_LONG},    {"ssize_t", TYPE_LONG},   {"off_t", TYPE_LONG},
    {"time_t", TYPE_LONG},    {"int64_t", TYPE_LONG},   {"uint64_t", TYPE_LONG},
    {"intptr_t", TYPE_LONG},  {"uintptr_t", TYPE_LONG}, {"shmatt_t", TYPE_LONG},
    {"msgqnum_t", TYPE_LONG}, {"msglen_t", TYPE_LONG},  {"sem_t", TYPE_VOID},
};

static size_t
base_size(enum type_base base)
{
    switch (base) {
    case TYPE_CHAR:
        return 1;
    case TYPE_INT:
        return 4;
    case TYPE_LONG:
        return 8;
    case TYPE_VOID:
    case TYPE_FILE:
        break;
    }
    return 0;
}

size_t
type_size(struct type t)
{
    size_t one = t.stars > 0 ? 8 : base_size(t.base);

    return t.count > 0 ? one * t.count : one;
}

struct type
type_element(struct type t)
{
    if (t.count > 0)
        t.count = 0;
    else if (t.stars > 0)
        t.stars--;
    else
        t.base = TYPE_VOID;
    return t;
}

size_t
type_element_size(struct type t)
{
    return type_is_address(t) ? type_size(type_element(t)) : 0;
}

bool
type_is_text(struct type t)
{
    return t.base == TYPE_CHAR && (t.stars == 0 ? t.count > 0 : t.stars == 1 && t.count == 0);
}

bool
type_is_address(struct type t)
{
    return t.stars > 0 || t.count > 0;
}

bool
type_by_name(const char *name, struct type *t)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(names[i].name, name) == 0) {
            *t = (struct type){.base = names[i].base};
            return true;
        }
    }
    return false;
}

const char *
type_name(int i)
{
    return i >= 0 && (size_t)i < sizeof names / sizeof names[0] ? names[i].name : NULL;
}

void
type_text(struct buf *out, struct type t, const char *name)
{
    static const char *const words[] = {"void", "char", "int", "long", "FILE"};

    buf_puts(out, words[t.base]);
    if (t.stars > 0 || *name != '\0')
        buf_putc(out, ' ');
    for (int i = 0; i < t.stars; i++)
        buf_putc(out, '*');
    buf_puts(out, name);
    if (t.count > 0)
        buf_printf(out, "[%u]", t.count);
}
