/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * unplug, plug: the cable of a host, between its network and the switch. */
#include "base/text.h"
#include "builtin/builtins.h"
#include "builtin/hosts.h"
#include "session/run.h"

int
hosts_find(struct session *s, const char *name, struct err *err)
{
    const struct network_table *t = &s->world.networks;
    int network = network_find(t, name);
    struct buf shown = {0};
    struct near near;

    if (network >= 0)
        return network;
    text_escape(&shown, name, strlen(name), true);
    near_init(&near, name);
    for (uint32_t i = 0; i < t->n; i++)
        near_offer(&near, t->list[i].name);
    if (near.best[0] != '\0')
        err_set(err, STATUS_USAGE, "there is no host '%.60s'; did you mean %s?", buf_text(&shown),
                near.best);
    else
        err_set(err, STATUS_USAGE, "there is no host '%.60s'; `spawn NAME on HOST` makes one",
                buf_text(&shown));
    buf_release(&shown);
    return -1;
}

static int
move_plug(struct session *s, const char *name, bool plugged, struct err *err)
{
    int network;

    if (name[0] == '\0')
        return err_set(err, STATUS_USAGE, "%s takes the name of a host: %s host1",
                       plugged ? "plug" : "unplug", plugged ? "plug" : "unplug");
    network = hosts_find(s, name, err);
    if (network < 0)
        return -1;
    if ((s->world.networks.list[network].unplugged != 0) != plugged)
        return err_set(err, STATUS_USAGE, "the cable of %s is %s already", name,
                       plugged ? "plugged" : "unplugged");
    session_poll(s); /* what came before belongs before */
    if (world_cable(&s->world, network, plugged, err) < 0)
        return -1;
    s->stuck = false;
    narrate_host(s, network, plugged ? "plugged" : "unplugged");
    return run_aftermath(s, NULL, 0, err);
}

static int
on_unplug(struct session *s, const char *rest, struct err *err)
{
    return move_plug(s, rest, false, err);
}

static int
on_plug(struct session *s, const char *rest, struct err *err)
{
    return move_plug(s, rest, true, err);
}

#define PAIR                                                                                       \
    "spawn a on host1\nspawn b on host2\nb s = socket(AF_INET, SOCK_DGRAM)\n"                      \
    "b bind(s, \"host2:5002\")\na s = socket(AF_INET, SOCK_DGRAM)\n"

static const char *const unplug_examples[] = {
    PAIR "unplug host2\na sendto(s, \"lost\", \"host2:5002\")\nb recv(s, buf, 16, MSG_DONTWAIT)",
    NULL,
};
static const char *const plug_examples[] = {
    PAIR "unplug host2\na sendto(s, \"lost\", \"host2:5002\")\nplug host2\n"
         "a sendto(s, \"not lost\", \"host2:5002\")\nb recv(s, buf, 16)",
    NULL,
};

const struct builtin builtin_unplug = {
    .name = "unplug",
    .usage = "HOST",
    .summary = "pull the network cable of a host",
    .help =
        "Its eth0 loses the carrier, and what is sent from there or to there is lost on the way. "
        "No call is told of it. TCP keeps what was not acknowledged and sends it again, after a "
        "fifth of a second at first and then in ever longer intervals, and so does a connect() "
        "after a second; UDP does nothing. `help hosts` says more.",
    .flags = BUILTIN_RECORDED,
    .word = WORD_HOST,
    .examples = unplug_examples,
    .run = on_unplug,
};

const struct builtin builtin_plug = {
    .name = "plug",
    .usage = "HOST",
    .summary = "plug the network cable of a host in again",
    .help = "From now on packets pass. What TCP still holds back comes when its timer says so, not "
            "at once: `wait ACTOR` waits for it.",
    .flags = BUILTIN_RECORDED,
    .word = WORD_HOST,
    .examples = plug_examples,
    .run = on_plug,
};
