/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See svg_text.h. */
#include "view/svg_text.h"

#include <stdint.h>
#include <string.h>

#include "base/columns.h"
#include "base/quote.h"
#include "base/text.h"

/* Light, and dark where the reader's system is. Colours of lanes repeat after six; none of them is
 * the only carrier of a meaning. */
const char svg_style[] =
    "text{font:12px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono',monospace;"
    "fill:#1f2328;white-space:pre}\n"
    ".bg{fill:#fff}.hit{fill:transparent}.m:hover .hit{fill:#0969da;fill-opacity:.08}\n"
    ".dim{fill:#59636e}.bad,.bad .h{fill:#cf222e}.wt{fill:#8a5a00}.b{font-weight:bold}\n"
    ".t{font:bold 18px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif}\n"
    ".s{font:13px system-ui,-apple-system,'Segoe UI','DejaVu Sans',sans-serif;fill:#59636e}\n"
    ".r{text-anchor:end}.c{text-anchor:middle}\n"
    "line,path{fill:none;stroke-width:1.5}.life{stroke-width:2}.z{stroke-dasharray:2 4}\n"
    ".rule{stroke:#d1d9e0;stroke-width:1}.data{stroke:#59636e}.dh{fill:#59636e;stroke:none}\n"
    ".x{stroke-width:2.5}.bad .x{stroke:#cf222e}.bad circle{fill:#cf222e;stroke:#cf222e}\n"
    ".open{fill:#fff;stroke-width:2}.wait{fill:url(#ipclab-wait);stroke:#9a6700;stroke-width:1}\n"
    ".wa{fill:#fff1c2}.wb{fill:#d4a72c}.head{fill-opacity:.12;stroke-width:1.5}\n"
    ".cap{fill:#f6f8fa;stroke:#d1d9e0;stroke-width:1}\n"
    ".box{fill:#fff0ee;stroke:#cf222e;stroke-width:1.5}.edge{fill:#cf222e}\n"
    ".l0{stroke:#0969da}.l1{stroke:#1a7f37}.l2{stroke:#8250df}.l3{stroke:#bc4c00}"
    ".l4{stroke:#bf3989}.l5{stroke:#1b7c83}\n"
    ".f0{fill:#0969da}.f1{fill:#1a7f37}.f2{fill:#8250df}.f3{fill:#bc4c00}.f4{fill:#bf3989}"
    ".f5{fill:#1b7c83}\n"
    "@media(prefers-color-scheme:dark){\n"
    "text{fill:#e6edf3}.bg{fill:#0d1117}.m:hover .hit{fill:#4493f8;fill-opacity:.14}\n"
    ".dim,.s,.dh{fill:#9198a1}.bad,.bad .h{fill:#ff7b72}.wt{fill:#e3b341}\n"
    ".rule{stroke:#3d444d}.data{stroke:#9198a1}.bad .x{stroke:#ff7b72}"
    ".bad circle{fill:#ff7b72;stroke:#ff7b72}\n"
    ".open{fill:#0d1117}.wait{stroke:#d29922}.wa{fill:#4a3a10}.wb{fill:#bb8009}\n"
    ".cap{fill:#151b23;stroke:#3d444d}.box{fill:#2a1416;stroke:#f85149}.edge{fill:#f85149}\n"
    ".l0{stroke:#4493f8}.l1{stroke:#3fb950}.l2{stroke:#ab7df8}.l3{stroke:#f0883e}"
    ".l4{stroke:#f778ba}.l5{stroke:#39c5cf}\n"
    ".f0{fill:#4493f8}.f1{fill:#3fb950}.f2{fill:#ab7df8}.f3{fill:#f0883e}.f4{fill:#f778ba}"
    ".f5{fill:#39c5cf}\n"
    "}\n";

int
svg_columns(int pixels)
{
    return pixels * 1000 / SVG_CHAR;
}

int
svg_pixels(int columns)
{
    return (columns * SVG_CHAR + 999) / 1000;
}

/* What a call came to, " = 17" at the end of it, where that is short enough to be kept. */
static size_t
tail_at(const char *s, size_t n, int columns)
{
    for (size_t i = n; i > 4; i--)
        if (memcmp(s + i - 4, ") = ", 4) == 0)
            return (int)columns_of(s + i - 4, n - i + 4) <= columns / 2 ? i - 4 : n;
    return n;
}

int
svg_fitted(struct buf *out, const char *s, int columns, bool ascii)
{
    size_t n = strcspn(s, "\n"), fits, tail;
    int wide = (int)columns_of(s, n), mark = ascii ? 3 : 1, room;

    if (wide <= columns && (s[n] == '\0' || s[n + 1] == '\0')) {
        quote_entities(out, s, n);
        return wide;
    }
    tail = wide > columns ? tail_at(s, n, columns) : n;
    room = columns - mark - (int)columns_of(s + tail, n - tail);
    fits = columns_fit(s, tail, room > 0 ? (size_t)room : 0);
    quote_entities(out, s, fits);
    buf_puts(out, ascii ? "..." : "\u2026");
    quote_entities(out, s + tail, n - tail);
    return (int)columns_of(s, fits) + mark + (int)columns_of(s + tail, n - tail);
}
