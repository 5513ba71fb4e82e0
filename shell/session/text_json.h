/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef SESSION_TEXT_JSON_H
#define SESSION_TEXT_JSON_H
#include <jansson.h>

/* Text from outside as a JSON string: bytes that are no UTF-8 become \xNN, for JSON has none. */
json_t *text_json(const char *text);
json_t *text_json_n(const char *text, size_t n);
#endif
