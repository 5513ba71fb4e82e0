/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A session that a person leads, as the command line wants it. */
#ifndef FRONT_PREPARE_H
#define FRONT_PREPARE_H
#include "front/options.h"
#include "front/place.h"
#include "session/session.h"

/* Before it starts; both options and places stay in use. */
void prepare_session(struct session *s, const struct options *o, const struct places *places);
#endif
