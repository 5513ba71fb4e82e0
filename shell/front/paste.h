/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A bracketed paste: what the terminal sends between ESC [ 200 ~ and ESC [ 201 ~, as it arrives. */
#ifndef FRONT_PASTE_H
#define FRONT_PASTE_H
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum { PASTE_MAX = 4 << 20 }; /* bytes kept; what is longer is cut, and said */

struct paste {
    struct buf text; /* with newlines for line ends, and no other control character but those that
                        a line refuses by itself */
    bool cut;
    bool was_cr;        /* the byte before was a carriage return */
    unsigned char held; /* bytes of the end mark seen so far */
};

void paste_init(struct paste *p);
void paste_release(struct paste *p);
/* Takes bytes; *used of them belong to the paste. True once its end mark was among them. */
bool paste_take(struct paste *p, const char *bytes, size_t n, size_t *used);
#endif
