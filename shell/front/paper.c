/* SPDX-License-Identifier: GPL-3.0-or-later
 * See paper.h. */
#include "front/paper.h"

#include <string.h>

#include "base/text.h"

static const char style[] =
    ":root{color-scheme:light dark}\n"
    "body{font:16px/1.55 system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;"
    "margin:0;background:#fff;color:#1f2328}\n"
    "main{max-width:60rem;margin:0 auto;padding:1.5rem}\n"
    "h1,h2,h3{line-height:1.25}h2{margin-top:2.2em;border-bottom:1px solid #d1d9e0}\n"
    "code,pre{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;"
    "font-size:.875em}\n"
    "pre{overflow-x:auto;padding:.8em 1em;background:#f6f8fa;border:1px solid #d1d9e0;"
    "line-height:1.25}\n"
    "figure{margin:1.2em 0}figcaption{font-weight:bold}summary{cursor:pointer}\n"
    "@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}"
    "pre{background:#151b23;border-color:#3d444d}h2{border-color:#3d444d}}\n"
    "@media print{pre{white-space:pre-wrap;overflow:visible}h2,figure{break-inside:avoid}}\n";

/* ---- Characters ---------------------------------------------------------------------------- */

static bool
is_for_markdown(char c, bool first)
{
    return strchr("\\*_<>[]#|~&!`$", c) != NULL || (first && strchr("-+=:", c) != NULL);
}

static void
put_character(struct paper *p, const char *at, size_t n, bool code, bool first)
{
    if (n > 1 && p->ascii && (p->html || !code))
        buf_printf(p->out, "&#%u;", text_code_point(at, n));
    else if (p->html && n == 1 && *at == '<')
        buf_puts(p->out, "&lt;");
    else if (p->html && n == 1 && *at == '>')
        buf_puts(p->out, "&gt;");
    else if (p->html && n == 1 && *at == '&')
        buf_puts(p->out, "&amp;");
    else if (p->html && n == 1 && *at == '"')
        buf_puts(p->out, "&quot;");
    else if (!p->html && !code && n == 1 && is_for_markdown(*at, first))
        buf_printf(p->out, "\\%c", *at);
    else
        buf_put(p->out, at, n);
}

/* Up to n bytes of one line, with what nobody should be deceived by made visible. In Markdown code
 * has no characters by number. */
static void
put_plain(struct paper *p, const char *text, size_t n, bool code, bool first)
{
    struct buf shown = {0};

    text_escape(&shown, text, n, p->ascii && !p->html && code);
    for (size_t i = 0; i < shown.len;) {
        size_t length = text_utf8(shown.data + i, shown.len - i);

        length = length > 0 ? length : 1;
        put_character(p, shown.data + i, length, code, first && i == 0);
        i += length;
    }
    buf_release(&shown);
}

/* "12." at the beginning of a line would be a list. */
static size_t
put_number(struct paper *p, const char *text, size_t n)
{
    size_t digits = strspn(text, "0123456789");

    if (p->html || digits == 0 || digits >= n || (text[digits] != '.' && text[digits] != ')'))
        return 0;
    buf_put(p->out, text, digits);
    buf_printf(p->out, "\\%c", text[digits]);
    return digits + 1;
}

static void
put_code_span(struct paper *p, const char *text, size_t n)
{
    buf_puts(p->out, p->html ? "<code>" : "`");
    put_plain(p, text, n, true, false);
    buf_puts(p->out, p->html ? "</code>" : "`");
}

/* One line of a text, with its pieces of code. */
static void
put_line(struct paper *p, const char *text, size_t n)
{
    size_t at = put_number(p, text, n);

    while (at < n) {
        const char *open = memchr(text + at, '`', n - at);
        const char *close =
            open != NULL ? memchr(open + 1, '`', n - (size_t)(open + 1 - text)) : NULL;
        size_t to = close != NULL && close > open + 1 ? (size_t)(open - text) : n;

        put_plain(p, text + at, to - at, false, at == 0);
        if (to < n)
            put_code_span(p, open + 1, (size_t)(close - open - 1));
        at = to < n ? (size_t)(close - text) + 1 : n;
    }
}

/* ---- Blocks -------------------------------------------------------------------------------- */

static void
put_string(struct paper *p, const char *text)
{
    put_line(p, text, strlen(text));
}

void
paper_begin(struct paper *p, const char *title, const char *lang)
{
    if (p->html) {
        buf_puts(p->out, "<!DOCTYPE html>\n<html lang=\"");
        put_plain(p, lang, strlen(lang), true, false);
        buf_puts(p->out, "\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                         "content=\"width=device-width\">\n<title>");
        put_plain(p, title, strlen(title), true, false);
        buf_printf(p->out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", style);
    }
    paper_heading(p, 1, title);
}

void
paper_end(struct paper *p)
{
    if (p->html)
        buf_puts(p->out, "</main>\n</body>\n</html>\n");
}

void
paper_heading(struct paper *p, int level, const char *text)
{
    if (p->html)
        buf_printf(p->out, "<h%d>", level);
    else
        buf_printf(p->out, "%s%.*s ", p->out->len > 0 ? "\n" : "", level, "######");
    put_string(p, text);
    if (p->html)
        buf_printf(p->out, "</h%d>\n", level);
    else
        buf_puts(p->out, "\n");
}

static size_t
line_length(const char *at)
{
    return strcspn(at, "\n");
}

static bool
is_empty(const char *at, size_t n)
{
    return strspn(at, " \t") >= n;
}

static bool
is_indented(const char *at)
{
    return at[0] == ' ' && at[1] == ' ';
}

/* Lines from `at` on that are alike: a paragraph, or lines that stay as they are. Where it ends. */
static const char *
put_block(struct paper *p, const char *at)
{
    bool as_is = is_indented(at);
    struct buf lines = {0};
    size_t n = 0;

    if (!as_is)
        buf_puts(p->out, p->html ? "<p>" : "\n");
    for (bool first = true; *at != '\0'; first = false) {
        n = line_length(at);
        if (is_empty(at, n) || is_indented(at) != as_is)
            break;
        if (as_is) {
            buf_put(&lines, at + 2, n - 2);
            buf_putc(&lines, '\n');
        } else {
            size_t blanks = strspn(at, " \t");

            if (!first)
                buf_puts(p->out, p->html ? "<br>\n" : "  \n");
            put_line(p, at + blanks, n - blanks);
        }
        at += n + (at[n] == '\n');
    }
    if (as_is)
        paper_code(p, "", buf_text(&lines));
    else
        buf_puts(p->out, p->html ? "</p>\n" : "\n");
    buf_release(&lines);
    return at;
}

void
paper_text(struct paper *p, const char *text)
{
    while (*text != '\0') {
        size_t n = line_length(text);

        if (is_empty(text, n))
            text += n + (text[n] == '\n');
        else
            text = put_block(p, text);
    }
}

void
paper_fact(struct paper *p, const char *name, const char *text)
{
    buf_puts(p->out, p->html ? "<p><strong>" : "\n**");
    put_string(p, name);
    buf_puts(p->out, p->html ? ":</strong> " : ":** ");
    put_string(p, text);
    buf_puts(p->out, p->html ? "</p>\n" : "\n");
}

void
paper_list_begin(struct paper *p, bool numbered)
{
    p->level = numbered ? 1 : 0;
    if (p->html)
        buf_puts(p->out, numbered ? "<ol>\n" : "<ul>\n");
    else
        buf_putc(p->out, '\n');
}

/* Its lines stay lines. */
void
paper_item(struct paper *p, const char *text)
{
    buf_puts(p->out, p->html ? "<li>" : p->level ? "1. " : "- ");
    for (bool first = true; first || *text != '\0'; first = false) {
        size_t n = line_length(text);

        if (!first)
            buf_puts(p->out, p->html ? "<br>\n" : p->level ? "  \n   " : "  \n  ");
        put_line(p, text, n);
        text += n + (text[n] == '\n');
    }
    buf_puts(p->out, p->html ? "</li>\n" : "\n");
}

void
paper_list_end(struct paper *p)
{
    if (p->html)
        buf_puts(p->out, p->level ? "</ol>\n" : "</ul>\n");
}

static void
put_lines(struct paper *p, const char *text)
{
    while (*text != '\0') {
        size_t n = line_length(text);

        put_plain(p, text, n, true, false);
        buf_putc(p->out, '\n');
        text += n + (text[n] == '\n');
    }
}

/* A fence that is longer than any in the text. */
static void
put_fence(struct paper *p, const char *text, const char *lang)
{
    int longest = 2, now = 0;

    for (const char *c = text; *c != '\0'; c++) {
        now = *c == '`' ? now + 1 : 0;
        longest = now > longest ? now : longest;
    }
    for (int i = 0; i <= longest; i++)
        buf_putc(p->out, '`');
    buf_printf(p->out, "%s\n", lang);
}

void
paper_code(struct paper *p, const char *lang, const char *text)
{
    if (p->html) {
        buf_puts(p->out, "<pre><code>");
        put_lines(p, text);
        buf_puts(p->out, "</code></pre>\n");
        return;
    }
    buf_putc(p->out, '\n');
    put_fence(p, text, lang);
    put_lines(p, text);
    put_fence(p, text, "");
}

void
paper_figure(struct paper *p, const char *caption, const char *lanes, const char *sentences)
{
    if (!p->html) {
        paper_code(p, "", lanes);
        return;
    }
    buf_puts(p->out, "<figure>\n<figcaption>");
    put_string(p, caption);
    buf_puts(p->out, "</figcaption>\n<pre role=\"img\" aria-label=\"");
    put_plain(p, caption, strlen(caption), true, false);
    buf_puts(p->out, ": lanes; the same stands below in sentences\">");
    put_lines(p, lanes);
    buf_puts(p->out, "</pre>\n");
    paper_fold_begin(p, "In sentences");
    paper_list_begin(p, false);
    while (*sentences != '\0') {
        size_t n = line_length(sentences);

        buf_puts(p->out, "<li>");
        put_plain(p, sentences, n, true, false);
        buf_puts(p->out, "</li>\n");
        sentences += n + (sentences[n] == '\n');
    }
    paper_list_end(p);
    paper_fold_end(p);
    buf_puts(p->out, "</figure>\n");
}

void
paper_fold_begin(struct paper *p, const char *title)
{
    buf_puts(p->out, p->html ? "<details>\n<summary>" : "\n<details><summary>");
    put_string(p, title);
    buf_puts(p->out, "</summary>\n");
}

void
paper_fold_end(struct paper *p)
{
    buf_puts(p->out, p->html ? "</details>\n" : "\n</details>\n");
}
