/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Hosts of the world, as words of builtins and as the first part of an address. */
#include "assist/offer.h"

/* What it is: its addresses, and who is on it. */
static void
put_about(const struct session *s, int network, struct buf *about)
{
    const struct network *n = &s->world.networks.list[network];

    buf_printf(about, "%s%s%s%s", n->ipv4, n->ipv6[0] != '\0' ? ", " : "", n->ipv6,
               n->unplugged ? ", unplugged" : "");
    for (int i = 0, told = 0; i < s->world.nactors; i++)
        if (actor_alive(s->world.actors[i]) && s->world.actors[i]->network == network)
            buf_printf(about, "%s%s", told++ == 0 ? ": " : " ", s->world.actors[i]->name);
}

static void
offer_each(struct offers *o, const char *before, const char *behind, char append)
{
    const struct session *s = o->scene->s;

    for (uint32_t i = 0; i < s->world.networks.n; i++) {
        struct buf text = {0}, *about;

        buf_printf(&text, "%s%s%s", before, s->world.networks.list[i].name, behind);
        about = offer(o, buf_text(&text), append);
        buf_release(&text);
        if (about != NULL)
            put_about(s, (int)i, about);
    }
}

void
offer_hosts(struct offers *o)
{
    offer_each(o, "", "", '\0');
}

void
offer_new_host(struct offers *o)
{
    const struct network_table *t = &o->scene->s->world.networks;
    char name[NETWORK_NAME_ROOM];

    for (uint32_t n = 1; n <= t->n + 1 && t->n < NETWORKS_MAX; n++) {
        snprintf(name, sizeof name, "host%u", n);
        if (network_find(t, name) >= 0)
            continue;
        offer_text(o, name, '\0', "a new host");
        return;
    }
}

void
offer_address_of_host(struct offers *o)
{
    const struct scene *sc = o->scene;

    if (sc->quote == '"') {
        o->c->from = sc->quoted;
        o->word = sc->line + sc->quoted;
        o->n = sc->n - sc->quoted;
        offer_each(o, "", ":", '\0');
    } else if (sc->quote == '\0' && o->n == 0 && sc->fresh) {
        offer_each(o, "\"", ":", '\0');
    }
}
