/* SPDX-License-Identifier: GPL-3.0-or-later
 * See segments.h. */
#include "session/segments.h"

#include "base/mem.h"

const char *
segment_word(enum segment_kind kind)
{
    static const char *const words[] = {
        [SEGMENT_VARIABLES] = "variables", [SEGMENT_LITERALS] = "literals",
        [SEGMENT_PROGRAM] = "program",     [SEGMENT_LIBRARIES] = "libraries",
        [SEGMENT_KERNEL] = "kernel",       [SEGMENT_IPCLAB] = "ipclab",
        [SEGMENT_HEAP] = "heap",           [SEGMENT_STACK] = "stack",
        [SEGMENT_OBJECT] = "object",       [SEGMENT_FILE] = "file",
        [SEGMENT_ANONYMOUS] = "anonymous",
    };

    return words[kind];
}

bool
segment_is_one_of_many(enum segment_kind kind)
{
    return kind == SEGMENT_PROGRAM || kind == SEGMENT_LIBRARIES || kind == SEGMENT_KERNEL ||
           kind == SEGMENT_IPCLAB || kind == SEGMENT_ANONYMOUS;
}

static enum segment_kind
kind_of_path(const struct region *r, const char *exe)
{
    if (strcmp(r->path, "[heap]") == 0)
        return SEGMENT_HEAP;
    if (strcmp(r->path, "[stack]") == 0)
        return SEGMENT_STACK;
    if (r->path[0] == '[')
        return SEGMENT_KERNEL;
    if (strncmp(r->path, "/memfd:ipclab-", 14) == 0)
        return SEGMENT_IPCLAB;
    if (strcmp(r->path, exe) == 0)
        return SEGMENT_PROGRAM;
    return strstr(r->path, ".so") != NULL && r->perms[3] == 'p' ? SEGMENT_LIBRARIES : SEGMENT_FILE;
}

/* Memory without a file that follows the last region of a program or library is its data. */
static enum segment_kind
kind_of(const struct region *r, const char *exe, const struct segment *last)
{
    if (r->path[0] != '\0')
        return kind_of_path(r, exe);
    if (r->perms[3] == 's')
        return SEGMENT_FILE;
    if (r->from >= ARENA_BASE && r->to <= LITERAL_BASE)
        return SEGMENT_VARIABLES;
    if (r->from >= LITERAL_BASE && r->to <= LITERAL_BASE + LITERAL_SIZE)
        return SEGMENT_LITERALS;
    if (last != NULL && last->to == r->from &&
        (last->kind == SEGMENT_PROGRAM || last->kind == SEGMENT_LIBRARIES))
        return last->kind;
    return SEGMENT_ANONYMOUS;
}

static void
add_perms(struct segment *s, const char *perms)
{
    size_t n = strlen(s->perms);

    if (strstr(s->perms, perms) == NULL)
        snprintf(s->perms + n, sizeof s->perms - n, "%s%s", n > 0 ? " " : "", perms);
}

/* The segment that the region belongs to: one that is there, or a new one. Returns its index. */
static int
add_region(struct segment **list, int *n, const struct region *r, enum segment_kind kind)
{
    int i = 0;
    struct segment *s;

    while (i < *n && !(segment_is_one_of_many(kind) && (*list)[i].kind == kind))
        i++;
    if (i == *n) {
        *list = mem_grow(*list, sizeof **list * (size_t)(*n + 1));
        (*list)[*n] =
            (struct segment){.kind = kind, .from = r->from, .dev = r->dev, .inode = r->inode};
        memcpy((*list)[*n].path, r->path, sizeof r->path);
        ++*n;
    }
    s = &(*list)[i];
    s->to = r->to;
    s->size += r->to - r->from;
    s->regions++;
    add_perms(s, r->perms);
    return i;
}

/* Variables and literals lie side by side, and the kernel may show them as one. */
static void
add_split(struct segment **list, int *n, const struct region *r, const char *exe, int *last)
{
    struct region low = *r, high = *r;

    if (r->path[0] == '\0' && r->from == ARENA_BASE && r->to > LITERAL_BASE) {
        low.to = high.from = LITERAL_BASE;
        add_region(list, n, &low, SEGMENT_VARIABLES);
        *last = add_region(list, n, &high, SEGMENT_LITERALS);
        return;
    }
    *last = add_region(list, n, r, kind_of(r, exe, *last >= 0 ? &(*list)[*last] : NULL));
}

int
segments_read(const struct inventory *inv, const struct actor *a, struct segment **list)
{
    struct region *regions = NULL;
    int cap = 0, n = 0, last = -1, found = maps_read(a->host, &regions, &cap);
    char link[64], exe[160];
    ssize_t length;

    snprintf(link, sizeof link, "/proc/%d/exe", a->host);
    length = readlink(link, exe, sizeof exe - 1);
    exe[length > 0 ? length : 0] = '\0';
    for (int i = 0; i < found; i++) {
        const struct region *r = &regions[i];
        const struct thing *t = inventory_mapped(inv, r->path, r->dev, r->inode);

        if (t != NULL) {
            last = add_region(list, &n, r, SEGMENT_OBJECT);
            memcpy((*list)[last].name, t->name, sizeof t->name);
        } else {
            add_split(list, &n, r, exe, &last);
        }
    }
    free(regions);
    return found < 0 ? -1 : n;
}
