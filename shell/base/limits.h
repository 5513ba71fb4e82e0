/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits that several layers share. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H
enum { DATA_SHOWN_MAX = 256 }; /* bytes of one value that a trace holds */
#endif
