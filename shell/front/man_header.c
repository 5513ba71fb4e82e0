/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ipclab-plugin(7) from plugin.h, which is the manual: its first comment becomes the description,
 * each `---- Title ----` a section, each declaration a listing below the comment that precedes it,
 * with the comments of its fields inside. */
#include <ctype.h>
#include <errno.h>

#include "builtin/page.h"
#include "front/generate.h"

struct reader {
    FILE *file;
    char line[512];
    struct page page;
    struct buf text; /* a paragraph in the making */
    struct buf code; /* a listing in the making */
};

/* The next line without its newline. */
static bool
next(struct reader *r)
{
    if (fgets(r->line, sizeof r->line, r->file) == NULL)
        return false;
    r->line[strcspn(r->line, "\n")] = '\0';
    return true;
}

static void
end_text(struct reader *r)
{
    if (r->text.len > 0)
        page_text(&r->page, buf_text(&r->text));
    buf_clear(&r->text);
}

static void
end_code(struct reader *r)
{
    if (r->code.len > 0)
        page_lines(&r->page, buf_text(&r->code));
    buf_clear(&r->code);
}

static void
add_text(struct reader *r, const char *words)
{
    end_code(r);
    buf_printf(&r->text, "%s%s", r->text.len > 0 ? " " : "", words);
}

static void
add_code(struct reader *r, const char *line)
{
    end_text(r);
    buf_printf(&r->code, "%s\n", line);
}

/* What a line of a comment says, without its marks: the text from its first column on. */
static char *
inside(char *line)
{
    char *end = strstr(line, "*/");

    if (end != NULL)
        *end = '\0';
    line += strspn(line, " ");
    if (line[0] == '/' && line[1] == '*')
        line += 2;
    else if (line[0] == '*')
        line += 1;
    line += line[0] == ' ';
    for (size_t n = strlen(line); n > 0 && line[n - 1] == ' ';)
        line[--n] = '\0';
    return line;
}

static bool
is_heading(const char *words)
{
    bool any = false;

    for (; *words != '\0'; words++) {
        any |= isupper((unsigned char)*words);
        if (islower((unsigned char)*words))
            return false;
    }
    return any;
}

/* A comment of its own lines, which began in r->line. Indented lines in it are a listing. */
static void
comment(struct reader *r)
{
    for (bool last = false; !last;) {
        char *words;

        last = strstr(r->line, "*/") != NULL;
        words = inside(r->line);
        if (words[0] == '\0') {
            end_text(r);
            end_code(r);
        } else if (is_heading(words)) {
            end_text(r);
            end_code(r);
            page_heading(&r->page, 1, words);
        } else if (words[0] == ' ') {
            add_code(r, words + (strncmp(words, "  ", 2) == 0 ? 2 : 1));
        } else {
            add_text(r, words);
        }
        if (!last && !next(r))
            break;
    }
    end_text(r);
    end_code(r);
}

/* "---- Arguments ----" */
static bool
section(struct reader *r)
{
    char title[64];

    if (sscanf(r->line, "/* ---- %63[^-]", title) != 1)
        return false;
    title[strlen(title) - 1] = '\0'; /* the blank */
    end_code(r);
    page_heading(&r->page, 1, title);
    return true;
}

/* From its first line to the brace or semicolon that ends it. */
static void
declaration(struct reader *r)
{
    bool braces = false;
    char name[64];

    if (strncmp(r->line, "#define", 7) == 0 && r->line[strlen(r->line) - 1] != '\\') {
        add_code(r, r->line); /* several stand together */
        return;
    }
    end_code(r);
    if (sscanf(r->line, "struct %63[a-z_] {", name) == 1 ||
        sscanf(r->line, "union %63[a-z_] {", name) == 1 ||
        sscanf(r->line, "enum %63[a-z_] {", name) == 1)
        page_heading(&r->page, 2, name);
    do {
        bool goes_on = r->line[strlen(r->line) - (r->line[0] != '\0')] == '\\';

        braces |= strchr(r->line, '{') != NULL;
        buf_printf(&r->code, "%s\n", r->line);
        if (r->line[0] == '}' || (!braces && !goes_on))
            break;
    } while (next(r));
    end_code(r);
}

/* What only a compiler needs. */
static bool
is_scaffold(const char *line)
{
    static const char *const words[] = {"#if", "#endif", "#include", "extern",
                                        "#define IPCLAB_PLUGIN_H"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strncmp(line, words[i], strlen(words[i])) == 0)
            return true;
    return line[0] == '\0' || line[0] == ' ';
}

int
generate_man_header(const char *path, struct buf *out, struct err *err)
{
    struct reader r = {.file = fopen(path, "re")};
    const char *see[] = {"ipclab(1)", "ipclab-trace(5)", "ipclab-hello(7)"};
    char *dash = NULL;

    if (r.file == NULL)
        return err_errno(err, STATUS_USAGE, path);
    /* "NAME.h - SUMMARY." is the title, among the first lines. */
    for (int i = 0; i < 4 && dash == NULL && next(&r); i++)
        dash = strstr(r.line, ".h - ");
    if (dash == NULL) {
        fclose(r.file);
        return err_set(err, STATUS_USAGE, "%.200s does not begin with `NAME.h - what it is`", path);
    }
    dash += strlen(".h - ");
    dash[strcspn(dash, ".")] = '\0';
    generate_man_head(out, "ipclab-plugin", "7", dash);
    page_init(&r.page, out, PAGE_MDOC, 0);
    page_heading(&r.page, 1, "Description");
    page_text(&r.page, "A plugin teaches ipclab one mechanism. It is one C file, compiled into one "
                       "shared object; what follows is plugin.h, the only header that it needs.");
    if (next(&r))
        comment(&r);
    while (next(&r)) {
        if (section(&r) || is_scaffold(r.line))
            continue;
        if (strncmp(r.line, "/*", 2) == 0)
            comment(&r);
        else
            declaration(&r);
    }
    fclose(r.file);
    end_code(&r);
    buf_release(&r.text);
    buf_release(&r.code);
    generate_man_see(out, see, 3);
    return 0;
}
