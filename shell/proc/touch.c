/* SPDX-License-Identifier: GPL-3.0-or-later
 * See touch.h. */
#include "proc/touch.h"

/* Does it wait for something that any object could bring about, or for more objects than are kept?
 */
static bool
watches(const struct world *w, const struct actor *a)
{
    for (int i = 0; i < a->nobjects; i++)
        if (w->objects[a->objects[i]].kind->linked == IPCLAB_WATCHES)
            return true;
    return a->nobjects == ACTOR_MAX_OBJECTS;
}

bool
touch_reaches(const struct world *w, const struct actor *a)
{
    const struct touch *t = &w->touch;

    if (t->all || a->signals.look || a->timed || a->nobjects == 0 || watches(w, a))
        return true;
    for (int i = 0; i < t->n; i++)
        for (int k = 0; k < a->nobjects; k++) {
            const struct ipclab_kind *kind = w->objects[t->objects[i]].kind;

            if (a->objects[k] == t->objects[i] ||
                (kind->linked == IPCLAB_LINKED && w->objects[a->objects[k]].kind == kind))
                return true;
        }
    return false;
}
