/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The tables of maps: a row for each segment, a column for each process, as many processes beside
 * each other as the width has room for. */
#include "base/mem.h"
#include "builtin/maps.h"
#include "builtin/table.h"

enum {
    MOST = 3,        /* processes beside each other */
    FIXED = 16 + 11, /* columns of addresses and words */
    CELL = 13,       /* of one process */
    LAST = 14,       /* of who shares */
};

/* A segment of one of the processes that stands for those of the others in its row. */
struct map_row {
    const json_t *of[MOST]; /* NULL: that process has none */
    const json_t *first;
};

/* Those of which each process has one stand in one row wherever they lie. */
static bool
is_folded(const json_t *g)
{
    static const char *const folded[] = {"program", "libraries", "kernel", "ipclab", "anonymous"};

    for (size_t i = 0; i < sizeof folded / sizeof *folded; i++)
        if (strcmp(look_text(g, "what"), folded[i]) == 0)
            return true;
    return false;
}

static bool
is_one_row(const json_t *a, const json_t *b)
{
    return strcmp(look_text(a, "what"), look_text(b, "what")) == 0 &&
           strcmp(look_text(a, "object"), look_text(b, "object")) == 0 &&
           (is_folded(a) || strcmp(look_text(a, "from"), look_text(b, "from")) == 0);
}

static int
by_address(const void *a, const void *b)
{
    const struct map_row *x = a, *y = b;
    unsigned long long from = strtoull(look_text(x->first, "from"), NULL, 16);
    unsigned long long to = strtoull(look_text(y->first, "from"), NULL, 16);

    return from < to ? -1 : from > to;
}

static int
make_rows(const json_t *processes, size_t from, int n, struct map_row **rows)
{
    int count = 0;

    for (int p = 0; p < n; p++) {
        const json_t *list =
                         json_object_get(json_array_get(processes, from + (size_t)p), "segments"),
                     *g;
        size_t k;

        json_array_foreach(list, k, g)
        {
            int i = 0;

            while (i < count && ((*rows)[i].of[p] != NULL || !is_one_row((*rows)[i].first, g)))
                i++;
            if (i == count) {
                *rows = mem_grow(*rows, sizeof **rows * (size_t)(count + 1));
                (*rows)[count++] = (struct map_row){.first = g};
            }
            (*rows)[i].of[p] = g;
        }
    }
    qsort(*rows, (size_t)count, sizeof **rows, by_address);
    return count;
}

static void
put_size(struct table *t, const json_t *g)
{
    static const char units[] = "KMGT";
    json_int_t size = json_integer_value(json_object_get(g, "size")) >> 10;
    const char *perms = look_text(g, "perms");
    int unit = 0;

    for (; size >= 10240 && units[unit + 1] != '\0'; unit++)
        size >>= 10;
    table_cell(t, "%s %4lld%c%s", strchr(perms, ' ') != NULL ? "    " : perms, (long long)size,
               units[unit], strcmp(look_text(g, "sharing"), "copy-on-write") == 0 ? "*" : "");
}

/* What holds for the row: of the process that shares most. */
static void
put_sharing(struct table *t, const struct map_row *r, int n)
{
    const json_t *most = r->first, *name;
    struct buf text = {0};
    size_t i;

    for (int p = 0; p < n; p++)
        if (r->of[p] != NULL && json_array_size(json_object_get(r->of[p], "with")) >
                                    json_array_size(json_object_get(most, "with")))
            most = r->of[p];
    if (strcmp(look_text(most, "what"), "ipclab") == 0) {
        table_cell(t, "of ipclab");
    } else if (strcmp(look_text(most, "sharing"), "shared") == 0) {
        json_array_foreach(json_object_get(most, "with"), i, name)
            buf_printf(&text, "%s%s", i == 0 ? " with " : " ", json_string_value(name));
        table_cell(t, "shared%s", n > 1 && text.len > 0 ? "" : buf_text(&text));
    } else if (strcmp(look_text(most, "sharing"), "copy-on-write") == 0) {
        table_cell(t, "*copy on write");
    } else if (strcmp(look_text(most, "sharing"), "file") == 0) {
        table_cell(t, "same file");
    } else {
        table_cell(t, "private");
    }
    buf_release(&text);
}

static void
put_block(const json_t *processes, size_t from, int n, int width, bool ascii, struct buf *out)
{
    static const char *const aligns[] = {"", "<<<<", "<<<<<", "<<<<<<"};
    struct map_row *rows = NULL;
    int count = make_rows(processes, from, n, &rows);
    struct table t;

    table_init(&t, aligns[n], ascii);
    table_cell(&t, "ADDRESS");
    table_cell(&t, "SEGMENT");
    for (int p = 0; p < n; p++)
        table_cell(&t, "%s", look_text(json_array_get(processes, from + (size_t)p), "actor"));
    table_cell(&t, "MEMORY");
    for (int i = 0; i < count; i++) {
        const json_t *first = rows[i].first;

        table_cell(&t, "%s", look_text(first, "from"));
        table_cell(&t, "%s",
                   look_text(first, "object")[0] != '\0' ? look_text(first, "object")
                   : look_text(first, "path")[0] != '\0' ? look_text(first, "path")
                                                         : look_text(first, "what"));
        for (int p = 0; p < n; p++)
            if (rows[i].of[p] != NULL)
                put_size(&t, rows[i].of[p]);
            else
                table_cell(&t, "-");
        put_sharing(&t, &rows[i], n);
    }
    table_end(&t, out, 0, width);
    free(rows);
}

void
maps_draw(const json_t *facts, int width, bool ascii, struct buf *out)
{
    const json_t *processes = json_object_get(facts, "processes");
    size_t n = json_array_size(processes);
    int beside = (width - FIXED - LAST) / CELL;

    beside = beside < 1 ? 1 : beside > MOST ? MOST : beside;
    if (n == 0)
        buf_puts(out, "nobody is alive\n");
    for (size_t from = 0; from < n; from += (size_t)beside) {
        size_t left = n - from;

        if (from > 0)
            buf_putc(out, '\n');
        put_block(processes, from, left < (size_t)beside ? (int)left : beside, width, ascii, out);
    }
}
