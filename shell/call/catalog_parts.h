/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the files of the catalogue share: the index of names, and the part of the check that holds
 * for records with and without their handlers. Private to shell/call. */
#ifndef CALL_CATALOG_PARTS_H
#define CALL_CATALOG_PARTS_H
#include "call/catalog.h"

/* The first bytes of a blob. It never outlives a session, so it has no versions: it is written
 * and read by the same build. */
#define CATALOG_BLOB_MAGIC 0x31474f4c41544143ULL /* "CATALOG1" */

enum {
    CATALOG_MAX_LIST = 4096, /* elements of any array of a record */
    CATALOG_MAX_REFUSED = 4096,
    CATALOG_MAX_WORD = 63,   /* bytes of a constant's or error's name */
    CATALOG_MAX_INTS = 1024, /* count of an IPCLAB_INTS argument */
};

/* Builds the index of a decoded catalogue. -1 when two plugins have one call or kind in common. */
int catalog_index_build(struct catalog *c, struct err *err);
void catalog_index_free(struct catalog_index *index);
/* Names, types, bounds and texts, but not handlers: those exist only where the plugin is loaded. */
int catalog_check_records(const struct ipclab_plugin *plugin, struct err *err);
#endif
