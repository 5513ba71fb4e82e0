/* SPDX-License-Identifier: GPL-3.0-or-later
 * See progress.h. */
#include "front/progress.h"

#include "base/text.h"
#include "base/whole.h"
#include "front/console.h"

void
progress_show(void *ctx, const char *text)
{
    int columns = console_columns(2);
    struct buf out = {0};
    size_t n = strlen(text);

    (void)ctx;
    if (columns == 0 || !console_is_rich(2))
        return;
    buf_putc(&out, '\r');
    text_escape(&out, text, n < (size_t)columns ? n : (size_t)columns - 1, true);
    buf_puts(&out, "\033[K");
    whole_put(2, &out); /* what nobody can see is no error */
    buf_release(&out);
}
