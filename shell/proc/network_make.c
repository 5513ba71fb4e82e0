/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Networks of hosts, from the inside of the world's first process, which has the rights for it in
 * the world's own user namespace. A switch (a bridge in a namespace where nobody lives) has a port
 * for each host; the cable from there to the host's eth0 is a veth pair.
 *
 * What would come by itself and in its own time is avoided, so that a packet has arrived when its
 * sender's call returns: the hosts know each other's hardware addresses (no ARP, no neighbour
 * discovery), addresses are not probed for duplicates, interfaces have no link-local addresses and
 * so nothing to announce, and nobody is told that a cable is plugged before the kernel's link watch
 * has taken notice of it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "proc/netlink.h"
#include "proc/network.h"
#include "proc/runtime.h"

enum {
    HARDWARE = 6,    /* bytes of an Ethernet address */
    AWAIT_MS = 5000, /* for the link watch, which takes a millisecond */
    LOOK_AGAIN_MS = 20,
    OPERATES = 6, /* IF_OPER_UP of <linux/if.h>, which <net/if.h> does not go with */
};

static const char cable_end[] = "eth0", switch_name[] = "switch";

static int home = -1, hub = -1; /* the world's own network, and that of the switch */
static int networks[NETWORKS_MAX] = {-1, -1, -1, -1, -1, -1, -1, -1};

/* ---- Namespaces ---------------------------------------------------------------------------- */

static int
enter(int fd)
{
    return setns(fd, CLONE_NEWNET);
}

static void
go_home(void)
{
    int error = errno;

    if (enter(home) < 0)
        _exit(1); /* actors would be made on the wrong host */
    errno = error;
}

static int
open_own(void)
{
    return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/* A fresh one, in which this process then is; -1 and it is where it was. */
static int
enter_new(void)
{
    int fd;

    if (home < 0)
        home = open_own();
    if (home < 0 || unshare(CLONE_NEWNET) < 0)
        return -1;
    fd = open_own();
    if (fd < 0)
        go_home();
    return fd;
}

/* ---- Links --------------------------------------------------------------------------------- */

int
network_link(const char *name, bool up)
{
    int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), result;
    struct ifreq r = {0};

    if (s < 0)
        return -1;
    snprintf(r.ifr_name, sizeof r.ifr_name, "%s", name);
    result = ioctl(s, SIOCGIFFLAGS, &r);
    if (result == 0) {
        r.ifr_flags = (short)(up ? r.ifr_flags | IFF_UP : r.ifr_flags & ~IFF_UP);
        result = ioctl(s, SIOCSIFFLAGS, &r);
    }
    close(s);
    return result;
}

static void
port_name(int number, char name[IFNAMSIZ])
{
    snprintf(name, IFNAMSIZ, "port%d", number + 1);
}

static void
hardware_address(int number, unsigned char address[HARDWARE])
{
    memset(address, 0, HARDWARE);
    address[0] = 2; /* locally administered */
    address[HARDWARE - 1] = (unsigned char)(number + 1);
}

/* Without addresses that the kernel makes up by itself. Where there is no IPv6 it makes up none. */
static void
no_link_local(const char *name)
{
    struct ifinfomsg body = {.ifi_index = (int)if_nametoindex(name)};
    struct netlink_request r;
    struct nlattr *families, *family;
    uint8_t none = IN6_ADDR_GEN_MODE_NONE;

    netlink_begin(&r, RTM_SETLINK, 0, &body, sizeof body);
    families = netlink_nest(&r, IFLA_AF_SPEC, NULL, 0);
    family = netlink_nest(&r, AF_INET6, NULL, 0);
    netlink_put(&r, IFLA_INET6_ADDR_GEN_MODE, &none, sizeof none);
    netlink_end(&r, family);
    netlink_end(&r, families);
    netlink_ask(&r, NULL, 0);
}

/* Does it carry packets, as far as the kernel's queues know by now? */
static bool
operates(const char *name)
{
    struct ifinfomsg body = {.ifi_index = (int)if_nametoindex(name)};
    struct netlink_request r;
    union {
        struct nlmsghdr head;
        char bytes[8192];
    } answer;
    uint8_t state = 0;

    netlink_begin(&r, RTM_GETLINK, 0, &body, sizeof body);
    return netlink_ask(&r, &answer, sizeof answer) == 0 &&
           netlink_get(&answer.head, sizeof body, IFLA_OPERSTATE, &state, sizeof state) > 0 &&
           state == OPERATES;
}

/* Would a packet to this address be delivered on this host? The route comes a moment after the
 * address. */
static bool
is_local(const char *ipv6)
{
    struct rtmsg body = {.rtm_family = AF_INET6, .rtm_dst_len = 128};
    struct netlink_request r;
    union {
        struct nlmsghdr head;
        char bytes[8192];
    } answer;
    struct in6_addr address;

    if (ipv6[0] == '\0')
        return true;
    inet_pton(AF_INET6, ipv6, &address);
    netlink_begin(&r, RTM_GETROUTE, 0, &body, sizeof body);
    netlink_put(&r, RTA_DST, &address, sizeof address);
    return netlink_ask(&r, &answer, sizeof answer) == 0 &&
           ((const struct rtmsg *)NLMSG_DATA(&answer.head))->rtm_type == RTN_LOCAL;
}

/* Until the link is (not) up and the address, "" for none, is there. The kernel tells changes. */
static int
await(const char *name, bool up, const char *ipv6)
{
    struct sockaddr_nl groups = {.nl_family = AF_NETLINK,
                                 .nl_groups = RTMGRP_LINK | RTMGRP_IPV6_ROUTE};
    struct pollfd p = {
        .fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE),
        .events = POLLIN};
    bool done = false;
    char news[8192];

    if (p.fd < 0)
        return -1;
    if (bind(p.fd, (struct sockaddr *)&groups, sizeof groups) < 0) {
        close(p.fd);
        return -1;
    }
    for (int i = 0; i < AWAIT_MS / LOOK_AGAIN_MS && !done; i++) {
        done = operates(name) == up && is_local(ipv6);
        if (!done && poll(&p, 1, LOOK_AGAIN_MS) > 0)
            while (recv(p.fd, news, sizeof news, 0) > 0)
                ;
    }
    close(p.fd);
    errno = ETIMEDOUT;
    return done ? 0 : -1;
}

/* ---- The switch ---------------------------------------------------------------------------- */

static int
make_switch(const char **step)
{
    struct ifinfomsg body = {.ifi_family = AF_UNSPEC};
    struct netlink_request r;
    struct nlattr *info, *data;
    uint8_t no = 0;
    int fd;

    if (hub >= 0)
        return 0;
    *step = "making a network namespace";
    fd = enter_new();
    if (fd < 0)
        return -1;
    *step = "making a switch (bridge)";
    netlink_begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    netlink_put_text(&r, IFLA_IFNAME, switch_name);
    info = netlink_nest(&r, IFLA_LINKINFO, NULL, 0);
    netlink_put_text(&r, IFLA_INFO_KIND, "bridge");
    data = netlink_nest(&r, IFLA_INFO_DATA, NULL, 0);
    netlink_put(&r, IFLA_BR_MCAST_SNOOPING, &no, sizeof no);
    netlink_end(&r, data);
    netlink_end(&r, info);
    if (netlink_ask(&r, NULL, 0) < 0) {
        go_home();
        close(fd);
        return -1;
    }
    no_link_local(switch_name);
    if (network_link(switch_name, true) < 0) {
        go_home();
        close(fd);
        return -1;
    }
    go_home();
    hub = fd;
    return 0;
}

/* In the network of the switch: a cable from a port of it to the eth0 of the host. */
static int
lay_cable(int number, int fd)
{
    struct ifinfomsg body = {.ifi_family = AF_UNSPEC};
    struct netlink_request r;
    struct nlattr *info, *data, *peer;
    unsigned char hardware[HARDWARE];
    char port[IFNAMSIZ];

    port_name(number, port);
    hardware_address(number, hardware);
    netlink_begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    netlink_put_text(&r, IFLA_IFNAME, port);
    netlink_put_u32(&r, IFLA_MASTER, if_nametoindex(switch_name));
    info = netlink_nest(&r, IFLA_LINKINFO, NULL, 0);
    netlink_put_text(&r, IFLA_INFO_KIND, "veth");
    data = netlink_nest(&r, IFLA_INFO_DATA, NULL, 0);
    peer = netlink_nest(&r, VETH_INFO_PEER, &body, sizeof body);
    netlink_put_text(&r, IFLA_IFNAME, cable_end);
    netlink_put(&r, IFLA_ADDRESS, hardware, sizeof hardware);
    netlink_put_u32(&r, IFLA_NET_NS_FD, (uint32_t)fd);
    netlink_end(&r, peer);
    netlink_end(&r, data);
    netlink_end(&r, info);
    if (netlink_ask(&r, NULL, 0) < 0)
        return -1;
    no_link_local(port);
    return network_link(port, true);
}

/* ---- Hosts --------------------------------------------------------------------------------- */

static int
add_address(int family, const void *address, size_t n, unsigned char prefix)
{
    struct ifaddrmsg body = {.ifa_family = (unsigned char)family,
                             .ifa_prefixlen = prefix,
                             .ifa_index = if_nametoindex(cable_end)};
    struct netlink_request r;

    netlink_begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &body, sizeof body);
    netlink_put(&r, IFA_LOCAL, address, n);
    netlink_put(&r, IFA_ADDRESS, address, n);
    netlink_put_u32(&r, IFA_FLAGS, family == AF_INET6 ? IFA_F_NODAD : 0);
    return netlink_ask(&r, NULL, 0);
}

static int
add_neighbour(int family, const void *address, size_t n, int number)
{
    struct ndmsg body = {.ndm_family = (uint8_t)family,
                         .ndm_ifindex = (int)if_nametoindex(cable_end),
                         .ndm_state = NUD_PERMANENT};
    unsigned char hardware[HARDWARE];
    struct netlink_request r;

    hardware_address(number, hardware);
    netlink_begin(&r, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, &body, sizeof body);
    netlink_put(&r, NDA_DST, address, n);
    netlink_put(&r, NDA_LLADDR, hardware, sizeof hardware);
    return netlink_ask(&r, NULL, 0);
}

static void
name_addresses(int number, char ipv4[NETWORK_ADDRESS_ROOM], char ipv6[NETWORK_ADDRESS_ROOM])
{
    snprintf(ipv4, NETWORK_ADDRESS_ROOM, "10.0.0.%d", number + 1);
    snprintf(ipv6, NETWORK_ADDRESS_ROOM, "fd00::%d", number + 1);
}

/* On the host where this process is: who the other one is. */
static int
meet(int number, bool ipv6)
{
    char text[2][NETWORK_ADDRESS_ROOM];
    struct in_addr in;
    struct in6_addr in6;

    name_addresses(number, text[0], text[1]);
    inet_pton(AF_INET, text[0], &in);
    inet_pton(AF_INET6, text[1], &in6);
    if (add_neighbour(AF_INET, &in, sizeof in, number) < 0)
        return -1;
    return ipv6 ? add_neighbour(AF_INET6, &in6, sizeof in6, number) : 0;
}

static bool
is_lack_of_ipv6(int error)
{
    return error == EAFNOSUPPORT || error == EOPNOTSUPP || error == EACCES;
}

/* In the new network: its addresses, and the others' that it knows. */
static int
settle_in(int number, struct network *made, const char **step)
{
    struct in_addr in;
    struct in6_addr in6;
    socklen_t size = sizeof made->cookie;
    int s;

    name_addresses(number, made->ipv4, made->ipv6);
    inet_pton(AF_INET, made->ipv4, &in);
    inet_pton(AF_INET6, made->ipv6, &in6);
    no_link_local(cable_end);
    *step = "bringing its interfaces up";
    if (network_link("lo", true) < 0 || network_link(cable_end, true) < 0)
        return -1;
    *step = "giving it addresses";
    if (add_address(AF_INET, &in, sizeof in, 24) < 0)
        return -1;
    if (add_address(AF_INET6, &in6, sizeof in6, 64) < 0) {
        if (!is_lack_of_ipv6(errno))
            return -1;
        made->ipv6[0] = '\0';
    }
    for (int i = 0; i < NETWORKS_MAX; i++)
        if (networks[i] >= 0 && meet(i, made->ipv6[0] != '\0') < 0)
            return -1;
    *step = "asking who it is";
    s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (s < 0 || getsockopt(s, SOL_SOCKET, SO_NETNS_COOKIE, &made->cookie, &size) < 0) {
        if (s >= 0)
            close(s);
        return -1;
    }
    close(s);
    *step = "waiting for its cable";
    return await(cable_end, true, made->ipv6);
}

/* In the network of the switch and in those of the other hosts. */
static int
join(int number, int fd, const struct network *made)
{
    char port[IFNAMSIZ];

    port_name(number, port);
    if (enter(hub) < 0 || await(port, true, "") < 0)
        return -1;
    for (int i = 0; i < NETWORKS_MAX; i++)
        if (networks[i] >= 0 && networks[i] != fd &&
            (enter(networks[i]) < 0 || meet(number, made->ipv6[0] != '\0') < 0))
            return -1;
    return 0;
}

int
network_make(int number, struct network *made, const char **step)
{
    int fd, result = -1;

    if (make_switch(step) < 0)
        return -1;
    *step = "making a network namespace";
    fd = enter_new();
    if (fd < 0)
        return -1;
    *step = "laying a cable (veth)";
    if (enter(hub) == 0 && lay_cable(number, fd) == 0 && enter(fd) == 0)
        result = settle_in(number, made, step);
    if (result == 0)
        result = join(number, fd, made);
    go_home();
    if (result < 0) { /* the namespace takes both ends of the cable along */
        int error = errno;

        close(fd);
        errno = error;
        return -1;
    }
    made->fd = fd;
    networks[number] = fd;
    return 0;
}

int
network_cable(int number, bool plugged, const char **step)
{
    char port[IFNAMSIZ];
    int result = -1;

    *step = plugged ? "plugging the cable" : "pulling the cable";
    if (number < 0 || number >= NETWORKS_MAX || networks[number] < 0) {
        errno = EBADMSG;
        return -1;
    }
    port_name(number, port);
    if (enter(hub) == 0 && network_link(port, plugged) == 0 &&
        (!plugged || await(port, true, "") == 0) && enter(networks[number]) == 0)
        result = await(cable_end, plugged, "");
    go_home();
    return result;
}

int
network_enter(int number)
{
    if (number < 0 || number >= NETWORKS_MAX || networks[number] < 0) {
        errno = EBADMSG;
        return -1;
    }
    return enter(networks[number]);
}
