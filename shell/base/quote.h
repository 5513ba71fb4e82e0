/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from outside on its way into formats that other programs read. Where not said otherwise it
 * passes text_escape first: what a person could be deceived by is visible there too. */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* Lines stay lines, all else passes text_escape. */
void quote_lines(struct buf *out, const char *s, bool ascii);
/* n bytes that have passed text_escape, as character data of XML or the value of an attribute. */
void quote_entities(struct buf *out, const char *s, size_t n);
/* Lines that have not. A newline is one in an attribute too. */
void quote_xml(struct buf *out, const char *s, bool ascii);
/* A cell of CSV (RFC 4180) that no spreadsheet takes for a formula, and none for two cells. */
void quote_csv(struct buf *out, const char *s);
/* What stands behind the dash in a line of TAP: no directive begins in it. */
void quote_tap(struct buf *out, const char *s, bool ascii);
/* n bytes as they are in base64: writes 4 characters for each 3 of them, and returns the place
 * behind. */
char *quote_base64(char *p, const char *s, size_t n);
#endif
