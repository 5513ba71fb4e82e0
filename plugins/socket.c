/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * socket - sockets: two processes connect, and what one sends the other receives.
 *
 * An address is a text: "127.0.0.1:5001", "[::1]:5001", "host2:5001", "*:5001", a path, or "@name"
 * (abstract). Which of them fits is the family of the socket. A port that the kernel chose differs
 * from run to run, and is shown as `*`.
 *
 * Processes on different hosts have different networks. What is between two ends of TCP is known
 * only to the kernel on both sides, so explanations ask there (sock_diag(7)): what one end was
 * given to send and the other has not got is on its way, if only by a timer. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "plugin.h"

enum {
    ADDRESS_TEXT = 160,  /* room for an address as text */
    PASSED = 4,          /* descriptors in one message */
    FIRST_CHOSEN = 32768 /* ports from here on are those that the kernel chooses */
};

/* States of a TCP socket, as the kernel numbers them. */
enum { STATE_SYN_SENT = 2, STATE_FIN_WAIT1 = 4, STATE_LAST_ACK = 9, STATE_LISTEN, STATE_CLOSING };

union address {
    struct sockaddr any;
    struct sockaddr_un un;
    struct sockaddr_in in;
    struct sockaddr_in6 in6;
    struct sockaddr_storage room;
};

/* ---- Addresses --------------------------------------------------------------------------- */

static int
number_option(int fd, int level, int name)
{
    int value = -1;
    socklen_t n = sizeof value;

    return getsockopt(fd, level, name, &value, &n) == 0 ? value : -1;
}

/* The number that a file of /proc/sys says; -1: it says none. */
static long long
setting(const char *path)
{
    FILE *f = fopen(path, "re");
    long long value = -1;

    if (f != NULL && fscanf(f, "%lld", &value) != 1)
        value = -1;
    if (f != NULL)
        fclose(f);
    return value;
}

/* Splits "HOST:PORT" or "[HOST]:PORT"; false when it is neither. */
static bool
split(const char *text, char *host, size_t room, in_port_t *port)
{
    const char *colon = strrchr(text, ':');
    size_t n = colon != NULL ? (size_t)(colon - text) : 0;
    char *end;
    long number;

    if (colon == NULL || n >= room || colon[1] < '0' || colon[1] > '9')
        return false;
    number = strtol(colon + 1, &end, 10);
    if (*end != '\0' || number > 65535)
        return false;
    *port = htons((in_port_t)number);
    if (n >= 2 && text[0] == '[' && text[n - 1] == ']') {
        memcpy(host, text + 1, n - 2);
        host[n - 2] = '\0';
    } else {
        memcpy(host, text, n);
        host[n] = '\0';
    }
    return true;
}

/* What is no number and no other word is the name of a host. */
static bool
is_host_name(const char *text)
{
    return text[0] >= 'a' && text[0] <= 'z' &&
           text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_")] == '\0';
}

/* Who knows the names of hosts: in an actor its host, in an explanation what it was told. */
struct names {
    const struct ipclab_host *host;
    struct ipclab_frame *frame;
    const struct ipclab_wait *wait;
};

/* NULL: there is no such host; an actor was told so. */
static const char *
resolve(const struct names *names, const char *name, int family)
{
    if (names->host != NULL)
        return names->host->resolve(names->frame, name, family);
    for (int i = 0; i < names->wait->nnetworks; i++)
        if (strcmp(names->wait->networks[i].name, name) == 0)
            return family == AF_INET6 ? names->wait->networks[i].ipv6
                                      : names->wait->networks[i].ipv4;
    return NULL;
}

/* 1; 0: it is no address; -1: it names a host that there is not. */
static int
read_inet(const struct names *names, int family, const char *text, union address *a, socklen_t *n)
{
    char name[64], numbers[ADDRESS_TEXT];
    const char *address = name;
    in_port_t port;

    if (!split(text, name, sizeof name, &port))
        return 0;
    if (strcmp(name, "localhost") == 0) {
        address = family == AF_INET ? "127.0.0.1" : "::1";
    } else if (is_host_name(name)) {
        address = resolve(names, name, family);
        if (address == NULL)
            return -1;
        snprintf(numbers, sizeof numbers, family == AF_INET ? "%s:%d" : "[%s]:%d", address,
                 ntohs(port));
        if (names->host != NULL)
            names->host->fact_text(names->frame, "address", numbers);
    }
    if (family == AF_INET) {
        *n = sizeof a->in;
        a->in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
        /* INADDR_ANY is 0 */
        return strcmp(address, "*") == 0 || inet_pton(AF_INET, address, &a->in.sin_addr) == 1;
    }
    *n = sizeof a->in6;
    a->in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
    return strcmp(address, "*") == 0 || inet_pton(AF_INET6, address, &a->in6.sin6_addr) == 1;
}

/* 0, or -1 with errno; EINVAL: the text is no address of this family; ENXIO: no such host. */
static int
parse_address(const struct names *names, int fd, const char *text, union address *a, socklen_t *n)
{
    int family = number_option(fd, SOL_SOCKET, SO_DOMAIN), is = 0;
    size_t length = strlen(text);

    memset(a, 0, sizeof *a);
    if (family == AF_UNIX) {
        a->un.sun_family = AF_UNIX;
        if (length >= sizeof a->un.sun_path) {
            errno = ENAMETOOLONG;
            return -1;
        }
        memcpy(a->un.sun_path, text, length + 1);
        if (text[0] == '@')
            a->un.sun_path[0] = '\0';
        *n = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (text[0] != '@'));
        return 0;
    }
    if (family < 0)
        return -1; /* EBADF, ENOTSOCK */
    if (family == AF_INET || family == AF_INET6)
        is = read_inet(names, family, text, a, n);
    if (is > 0)
        return 0;
    errno = is < 0 ? ENXIO : EINVAL;
    return -1;
}

/* The same, with a note that says how an address of this family reads, or which hosts there are. */
static int
read_address(const struct ipclab_host *host, struct ipclab_frame *frame, int fd, const char *text,
             union address *a, socklen_t *n)
{
    const struct names names = {.host = host, .frame = frame};
    int family = number_option(fd, SOL_SOCKET, SO_DOMAIN);

    if (parse_address(&names, fd, text, a, n) == 0)
        return 0;
    if (errno != EINVAL && errno != ENXIO)
        return -1;
    if (errno == EINVAL)
        host->note(frame, "an address of this socket reads %s",
                   family == AF_INET6 ? "\"[::1]:5001\"" : "\"127.0.0.1:5001\"");
    errno = EINVAL;
    return -1;
}

/* The address as it would be typed, with `*` for a port that the kernel chose; that port, or 0. */
static int
address_text(const union address *a, socklen_t n, char *text)
{
    char host[INET6_ADDRSTRLEN] = "";
    int port = 0;

    text[0] = '\0';
    if (a->any.sa_family == AF_UNIX) {
        size_t name = n > offsetof(struct sockaddr_un, sun_path)
                          ? n - offsetof(struct sockaddr_un, sun_path)
                          : 0;

        if (name > 0 && a->un.sun_path[0] == '\0')
            snprintf(text, ADDRESS_TEXT, "@%.*s", (int)name - 1, a->un.sun_path + 1);
        else if (name > 0)
            snprintf(text, ADDRESS_TEXT, "%.*s", (int)name, a->un.sun_path);
        return 0;
    }
    if (a->any.sa_family == AF_INET) {
        inet_ntop(AF_INET, &a->in.sin_addr, host, sizeof host);
        port = ntohs(a->in.sin_port);
        if (a->in.sin_addr.s_addr == INADDR_ANY)
            snprintf(host, sizeof host, "*");
    } else if (a->any.sa_family == AF_INET6) {
        inet_ntop(AF_INET6, &a->in6.sin6_addr, host, sizeof host);
        port = ntohs(a->in6.sin6_port);
        if (IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr))
            snprintf(host, sizeof host, "*");
    }
    if (host[0] == '\0' || port == 0)
        return 0;
    snprintf(text, ADDRESS_TEXT, strchr(host, ':') != NULL ? "[%s]:" : "%s:", host);
    snprintf(text + strlen(text), ADDRESS_TEXT - strlen(text), port >= FIRST_CHOSEN ? "*" : "%d",
             port);
    return port >= FIRST_CHOSEN ? port : 0;
}

static void
tell_address(const struct ipclab_host *host, struct ipclab_frame *frame, const char *field,
             const union address *a, socklen_t n)
{
    char text[ADDRESS_TEXT];
    int port = address_text(a, n, text);

    host->fact_text(frame, field, text[0] != '\0' ? text : "no name");
    if (port != 0)
        host->volatile_fact(frame, "port", port);
}

/* ---- Ends and hosts ------------------------------------------------------------------------- */

/* One end of a flow: an IPv4 address is what IPv6 maps it to, so that all can be compared. */
struct end {
    struct in6_addr ip;
    in_port_t port;
};

static struct end
end_of_inet(int family, const void *ip, in_port_t port)
{
    struct end e = {.port = port};

    if (family == AF_INET6) {
        memcpy(&e.ip, ip, sizeof e.ip);
    } else {
        e.ip.s6_addr[10] = e.ip.s6_addr[11] = 0xff;
        memcpy(e.ip.s6_addr + 12, ip, sizeof(struct in_addr));
    }
    return e;
}

static struct end
end_of(const union address *a)
{
    if (a->any.sa_family == AF_INET)
        return end_of_inet(AF_INET, &a->in.sin_addr, a->in.sin_port);
    return end_of_inet(AF_INET6, &a->in6.sin6_addr, a->in6.sin6_port);
}

static bool
is_same_end(const struct end *a, const struct end *b)
{
    return a->port == b->port && memcmp(&a->ip, &b->ip, sizeof a->ip) == 0;
}

static bool
is_loopback(const struct end *e)
{
    return IN6_IS_ADDR_LOOPBACK(&e->ip) ||
           (IN6_IS_ADDR_V4MAPPED(&e->ip) && e->ip.s6_addr[12] == 127);
}

static bool
is_any(const struct end *e)
{
    static const struct in6_addr any4 = {.s6_addr = {[10] = 0xff, [11] = 0xff}};

    return IN6_IS_ADDR_UNSPECIFIED(&e->ip) || memcmp(&e->ip, &any4, sizeof any4) == 0;
}

/* This end of an internet socket, or the other one; false: it has none, or is of another family. */
static bool
read_end(int fd, bool other, struct end *e)
{
    union address a;
    socklen_t n = sizeof a;

    memset(&a, 0, sizeof a);
    if ((other ? getpeername(fd, &a.any, &n) : getsockname(fd, &a.any, &n)) < 0 ||
        (a.any.sa_family != AF_INET && a.any.sa_family != AF_INET6))
        return false;
    *e = end_of(&a);
    return true;
}

/* Which host has this address; -1: none. */
static int
host_at(const struct ipclab_network *list, int n, const struct end *e)
{
    for (int i = 0; i < n; i++) {
        struct in_addr in;
        struct in6_addr in6;
        struct end at;

        if (inet_pton(AF_INET, list[i].ipv4, &in) == 1) {
            at = end_of_inet(AF_INET, &in, e->port);
            if (is_same_end(&at, e))
                return i;
        }
        if (list[i].ipv6 != NULL && inet_pton(AF_INET6, list[i].ipv6, &in6) == 1) {
            at = end_of_inet(AF_INET6, &in6, e->port);
            if (is_same_end(&at, e))
                return i;
        }
    }
    return -1;
}

/* The host whose cable should be plugged for packets to get from host `own` to that end; NULL: they
 * get there, or do not leave. */
static const char *
pulled(const struct ipclab_network *list, int n, int own, const struct end *there)
{
    int to = host_at(list, n, there);

    if (own < 0 || to == own || is_loopback(there))
        return NULL;
    if (list[own].unplugged)
        return list[own].name;
    return to >= 0 && list[to].unplugged ? list[to].name : NULL;
}

/* After a call that sent to that end, or found no way to it. */
static void
note_way(const struct ipclab_host *host, struct ipclab_frame *frame, int fd,
         const struct end *there, bool done)
{
    struct ipclab_network list[8];
    int error = errno, n = 0, own = host->own_network(frame);
    const char *name;

    while (n < 8 && host->network(frame, n, &list[n]) == 0)
        n++;
    name = pulled(list, n, own, there);
    if (done && name != NULL)
        host->note(frame,
                   number_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM
                       ? "the cable of %s is unplugged: what was sent stays in the send queue, and "
                         "TCP sends it again and again"
                       : "the cable of %s is unplugged: the datagram is lost, and nobody is told",
                   name);
    if (!done && error == ENETUNREACH && own < 0 && n > 0)
        host->note(frame, "this process is on no host: the world's own network is only a loopback");
    errno = error;
}

/* ---- Making and connecting ------------------------------------------------------------------ */

static int64_t
run_socket(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int fd = socket((int)args->v[0].i, (int)args->v[1].i, (int)args->v[2].i);

    if (fd >= 0) {
        host->object(frame, NULL, (uint64_t)fd, 0);
        host->created(frame);
    }
    return fd;
}

static int64_t
run_socketpair(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int *sv = args->v[3].p, made[2];

    if (socketpair((int)args->v[0].i, (int)args->v[1].i, (int)args->v[2].i, made) < 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        sv[i] = made[i];
        host->object(frame, NULL, (uint64_t)made[i], 0);
        host->created(frame);
    }
    host->stored(frame, 3, made, sizeof made);
    return 0;
}

/* A port that nobody chose comes from a range, and each pair of ends is there once. */
static void
note_ports(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    FILE *f = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re");
    int error = errno, low, high;

    if (f != NULL && fscanf(f, "%d %d", &low, &high) == 2)
        host->note(frame,
                   "net.ipv4.ip_local_port_range allows the ports %d to %d for ends that "
                   "nobody chose a port for",
                   low, high);
    if (f != NULL)
        fclose(f);
    errno = error;
}

/* What has the address, of each family in its own words. */
static void
note_taken(const struct ipclab_host *host, struct ipclab_frame *frame, int fd,
           const union address *a)
{
    if (a->any.sa_family != AF_UNIX && a->in.sin_port == 0)
        note_ports(host, frame);
    else if (a->any.sa_family != AF_UNIX && number_option(fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM)
        host->note(frame,
                   "another socket has this port, or a connection that was closed lingers on "
                   "it for a minute (TIME_WAIT), which SO_REUSEADDR allows");
    else if (a->any.sa_family != AF_UNIX)
        host->note(frame, "another socket has this port, which is free once that is closed");
    else if (a->un.sun_path[0] == '\0')
        host->note(frame,
                   "another socket has this abstract name, which is free once that is closed");
    else
        host->note(frame, "there is a file of this name: a socket that is bound, or what one left "
                          "behind; its name stays until somebody unlinks it");
    errno = EADDRINUSE;
}

static int64_t
run_bind(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    const char *text = args->v[1].s;
    union address a;
    socklen_t n;
    int result;

    if (read_address(host, frame, (int)args->v[0].i, text, &a, &n) < 0 ||
        (a.any.sa_family == AF_UNIX && text[0] != '@' && text[0] != '\0' &&
         host->intend(frame, "path", 0, text) < 0))
        return -1;
    if (a.any.sa_family != AF_UNIX && !host->sealed(frame) &&
        number_option((int)args->v[0].i, SOL_SOCKET, SO_TYPE) == SOCK_STREAM) {
        /* The ports are those of the whole machine, where the last session's connections linger. */
        const int on = 1;

        setsockopt((int)args->v[0].i, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    }
    result = bind((int)args->v[0].i, &a.any, n);
    if (result < 0 && errno == EADDRINUSE)
        note_taken(host, frame, (int)args->v[0].i, &a);
    return result;
}

static int64_t
run_listen(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int result = listen((int)args->v[0].i, (int)args->v[1].i);
    long long most = result == 0 ? setting("/proc/sys/net/core/somaxconn") : -1;

    if (most >= 0 && args->v[1].i > most)
        host->note(frame,
                   "net.core.somaxconn allows %lld connections in a queue, and cuts %lld to that",
                   most, (long long)args->v[1].i);
    return result;
}

static int64_t
run_accept(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    union address a;
    socklen_t n = sizeof a;
    int fd;

    memset(&a, 0, sizeof a);
    fd = accept4((int)args->v[0].i, &a.any, &n, (int)args->v[1].i);
    if (fd < 0)
        return -1;
    tell_address(host, frame, "from", &a, n);
    host->object(frame, NULL, (uint64_t)fd, 0);
    host->created(frame);
    return fd;
}

static int64_t
run_connect(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int fd = (int)args->v[0].i, result;
    union address a;
    struct end there;
    socklen_t n;

    if (read_address(host, frame, fd, args->v[1].s, &a, &n) < 0)
        return -1;
    result = connect(fd, &a.any, n);
    if (result < 0 && errno == EADDRNOTAVAIL)
        note_ports(host, frame);
    if (result < 0 && a.any.sa_family != AF_UNIX) {
        there = end_of(&a);
        note_way(host, frame, fd, &there, false);
    }
    return result;
}

static int64_t
run_shutdown(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    (void)host, (void)frame;
    return shutdown((int)args->v[0].i, (int)args->v[1].i);
}

static int64_t
run_getsockname(const struct ipclab_host *host, struct ipclab_frame *frame,
                struct ipclab_args *args)
{
    union address a;
    socklen_t n = sizeof a;

    memset(&a, 0, sizeof a);
    if (getsockname((int)args->v[0].i, &a.any, &n) < 0)
        return -1;
    tell_address(host, frame, "address", &a, n);
    return 0;
}

static int64_t
run_getpeername(const struct ipclab_host *host, struct ipclab_frame *frame,
                struct ipclab_args *args)
{
    union address a;
    socklen_t n = sizeof a;

    memset(&a, 0, sizeof a);
    if (getpeername((int)args->v[0].i, &a.any, &n) < 0)
        return -1;
    tell_address(host, frame, "address", &a, n);
    return 0;
}

/* ---- Sending and receiving ------------------------------------------------------------------- */

/* Which limit a message met, and what it allows now. */
static void
note_too_much(const struct ipclab_host *host, struct ipclab_frame *frame, int fd)
{
    int error = errno;
    struct rlimit limit;

    if (error == EMSGSIZE && number_option(fd, SOL_SOCKET, SO_DOMAIN) == AF_UNIX)
        host->note(frame, "SO_SNDBUF of this socket is %d bytes; net.core.wmem_max allows %lld",
                   number_option(fd, SOL_SOCKET, SO_SNDBUF),
                   setting("/proc/sys/net/core/wmem_max"));
    else if (error == EMSGSIZE)
        host->note(frame, "a datagram of UDP has at most 65507 bytes, 65527 over IPv6");
    else if (error == ETOOMANYREFS && getrlimit(RLIMIT_NOFILE, &limit) == 0)
        host->note(frame,
                   "RLIMIT_NOFILE allows %llu descriptors, and so many of this user may be on "
                   "their way in messages",
                   (unsigned long long)limit.rlim_cur);
    errno = error;
}

/* to: where it went; NULL: to the peer. */
static int64_t
sent(const struct ipclab_host *host, struct ipclab_frame *frame, int fd, const struct end *to,
     ssize_t n, int64_t wanted)
{
    int error = errno;
    struct end peer;

    if (to == NULL && read_end(fd, true, &peer))
        to = &peer;
    errno = error;
    if (to != NULL)
        note_way(host, frame, fd, to, n >= 0);
    if (n < 0)
        note_too_much(host, frame, fd);
    if (n >= 0 && n < wanted)
        host->note(frame,
                   "only %zd of %lld bytes were taken, which is no error: a program has to send "
                   "the rest itself",
                   n, (long long)wanted);
    return n;
}

static int64_t
run_send(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int fd = (int)args->v[0].i;

    return sent(host, frame, fd, NULL,
                send(fd, args->v[1].p, (size_t)args->v[2].i, (int)args->v[3].i), args->v[2].i);
}

static int64_t
run_sendto(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    size_t length = strlen(args->v[1].s);
    int fd = (int)args->v[0].i;
    union address a;
    struct end to = {0};
    socklen_t n;

    if (read_address(host, frame, fd, args->v[2].s, &a, &n) < 0)
        return -1;
    if (a.any.sa_family != AF_UNIX)
        to = end_of(&a);
    return sent(host, frame, fd, a.any.sa_family != AF_UNIX ? &to : NULL,
                sendto(fd, args->v[1].s, length, (int)args->v[3].i, &a.any, n), (int64_t)length);
}

/* What came: bytes, end of file, or a datagram that was longer than its buffer. */
static int64_t
got(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args, ssize_t n)
{
    int type = number_option((int)args->v[0].i, SOL_SOCKET, SO_TYPE);
    bool stream = type == SOCK_STREAM;

    if (n > args->v[2].i) { /* see tells_length */
        host->stored(frame, 1, args->v[1].p, (size_t)args->v[2].i);
        if ((args->v[3].i & MSG_PEEK) == 0)
            host->note(
                frame,
                "the message had %zd bytes: what did not fit (%lld B) is lost, for one receive "
                "takes one whole message",
                n, (long long)n - (long long)args->v[2].i);
        return (args->v[3].i & MSG_TRUNC) != 0 ? n : (ssize_t)args->v[2].i;
    }
    if (n > 0)
        host->stored(frame, 1, args->v[1].p, (size_t)n);
    else if (n == 0 && args->v[2].i > 0)
        host->note(frame, stream || type == SOCK_SEQPACKET
                              ? "0 means end of file: the peer has closed or shut down its side"
                              : "an empty datagram: 0 bytes are a message here, not the end");
    return n;
}

/* The flags of a receive, and that the kernel shall tell how long a message really is: what of it
 * had no room is lost without a word otherwise. Of a stream this flag would throw bytes away. */
static int
tells_length(const struct ipclab_args *args)
{
    int type = number_option((int)args->v[0].i, SOL_SOCKET, SO_TYPE);

    return (int)args->v[3].i | (type == SOCK_DGRAM || type == SOCK_SEQPACKET ? MSG_TRUNC : 0);
}

static int64_t
run_recv(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    return got(host, frame, args,
               recv((int)args->v[0].i, args->v[1].p, (size_t)args->v[2].i, tells_length(args)));
}

static int64_t
run_recvfrom(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    union address a;
    socklen_t length = sizeof a;
    ssize_t n;

    memset(&a, 0, sizeof a);
    n = recvfrom((int)args->v[0].i, args->v[1].p, (size_t)args->v[2].i, tells_length(args), &a.any,
                 &length);
    if (n >= 0 && length > 0)
        tell_address(host, frame, "from", &a, length);
    return got(host, frame, args, n);
}

static int64_t
run_sendmsg(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * PASSED)];
    } control;
    struct iovec iov = {(void *)(uintptr_t)args->v[1].s, strlen(args->v[1].s)};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    int fds[PASSED], n = 0;

    for (int i = 2; i < args->n && n < PASSED; i++)
        fds[n++] = (int)args->v[i].i;
    if (n > 0) {
        memset(&control, 0, sizeof control);
        m.msg_control = &control;
        m.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n);
        *CMSG_FIRSTHDR(&m) = (struct cmsghdr){.cmsg_level = SOL_SOCKET,
                                              .cmsg_type = SCM_RIGHTS,
                                              .cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n)};
        memcpy(CMSG_DATA(CMSG_FIRSTHDR(&m)), fds, sizeof(int) * (size_t)n);
    }
    if (n > 0 && number_option((int)args->v[0].i, SOL_SOCKET, SO_DOMAIN) != AF_UNIX)
        host->note(frame, "descriptors go only through AF_UNIX sockets: this one leaves them "
                          "behind without a word");
    return sent(host, frame, (int)args->v[0].i, NULL, sendmsg((int)args->v[0].i, &m, 0),
                (int64_t)iov.iov_len);
}

/* Descriptors that come need numbers here, and credentials room. */
static void
note_lost(const struct ipclab_host *host, struct ipclab_frame *frame)
{
    int fd = dup(STDIN_FILENO);
    struct rlimit limit;

    if (fd >= 0)
        close(fd);
    if (fd < 0 && errno == EMFILE && getrlimit(RLIMIT_NOFILE, &limit) == 0)
        host->note(frame,
                   "RLIMIT_NOFILE allows this process the descriptors below %llu, and all of them "
                   "are open: those that came with the message are lost",
                   (unsigned long long)limit.rlim_cur);
    else
        host->note(frame, "some of what came with the message did not fit and is lost");
}

static void
tell_control(const struct ipclab_host *host, struct ipclab_frame *frame, struct msghdr *m)
{
    char field[16];
    int passed = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
        if (c->cmsg_level != SOL_SOCKET)
            continue;
        if (c->cmsg_type == SCM_RIGHTS) {
            size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

            for (size_t i = 0; i < n; i++) {
                int fd;

                memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
                snprintf(field, sizeof field, passed == 0 ? "fd" : "fd%d", passed + 1);
                passed++;
                host->fact(frame, field, fd);
            }
        } else if (c->cmsg_type == SCM_CREDENTIALS) {
            struct ucred cred;

            memcpy(&cred, CMSG_DATA(c), sizeof cred);
            host->fact_process(frame, "sender", cred.pid);
            host->fact(frame, "uid", cred.uid);
        }
    }
    if ((m->msg_flags & MSG_CTRUNC) != 0)
        note_lost(host, frame);
}

static int64_t
run_recvmsg(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * PASSED) + CMSG_SPACE(sizeof(struct ucred))];
    } control;
    struct iovec iov = {args->v[1].p, (size_t)args->v[2].i};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    ssize_t n = recvmsg((int)args->v[0].i, &m, tells_length(args));

    if (n >= 0)
        tell_control(host, frame, &m);
    return got(host, frame, args, n);
}

/* ---- Options ------------------------------------------------------------------------------- */

static bool
is_time_option(int level, int name)
{
    return level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO);
}

static int64_t
run_setsockopt(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int fd = (int)args->v[0].i, level = (int)args->v[1].i, name = (int)args->v[2].i;
    int value = (int)args->v[3].i;
    struct timeval time = {value / 1000, value % 1000 * 1000};

    (void)host, (void)frame;
    if (is_time_option(level, name))
        return setsockopt(fd, level, name, &time, sizeof time);
    return setsockopt(fd, level, name, &value, sizeof value);
}

static int64_t
run_getsockopt(const struct ipclab_host *host, struct ipclab_frame *frame, struct ipclab_args *args)
{
    int fd = (int)args->v[0].i, level = (int)args->v[1].i, name = (int)args->v[2].i, value = 0;
    socklen_t n = sizeof value;

    if (is_time_option(level, name)) {
        struct timeval time;

        n = sizeof time;
        if (getsockopt(fd, level, name, &time, &n) < 0)
            return -1;
        host->fact(frame, "value", time.tv_sec * 1000 + time.tv_usec / 1000);
        return 0;
    }
    if (level == SOL_SOCKET && name == SO_PEERCRED) {
        struct ucred cred;

        n = sizeof cred;
        if (getsockopt(fd, level, name, &cred, &n) < 0)
            return -1;
        host->fact_process(frame, "peer", cred.pid);
        host->fact(frame, "uid", cred.uid);
        return 0;
    }
    if (getsockopt(fd, level, name, &value, &n) < 0)
        return -1;
    host->fact(frame, "value", value);
    if (level == SOL_SOCKET && (name == SO_RCVBUF || name == SO_SNDBUF))
        host->note(frame, "the kernel counts its own records too and so doubles what is asked for");
    return 0;
}

/* A time for receiving or sending was set: the wait ends by itself. */
static int
has_time(const struct ipclab_args *args, int option)
{
    struct timeval time = {0};
    socklen_t n = sizeof time;

    return getsockopt((int)args->v[0].i, SOL_SOCKET, option, &time, &n) == 0 &&
           (time.tv_sec != 0 || time.tv_usec != 0);
}

static int
receive_timed(const struct ipclab_args *args)
{
    return has_time(args, SO_RCVTIMEO);
}

static int
send_timed(const struct ipclab_args *args)
{
    return has_time(args, SO_SNDTIMEO);
}

/* ---- State ------------------------------------------------------------------------------- */

static int
owns(mode_t mode, int anonymous)
{
    (void)anonymous;
    return S_ISSOCK(mode);
}

static const char *
what_it_is(int fd)
{
    int family = number_option(fd, SOL_SOCKET, SO_DOMAIN);
    int type = number_option(fd, SOL_SOCKET, SO_TYPE);

    if (family == AF_UNIX)
        return type == SOCK_STREAM  ? "unix stream"
               : type == SOCK_DGRAM ? "unix dgram"
                                    : "unix seqpacket";
    if (family == AF_INET || family == AF_INET6)
        return type == SOCK_STREAM ? "tcp" : type == SOCK_DGRAM ? "udp" : "raw";
    return "socket";
}

/* Of one Unix socket, asked of the kernel by its inode: the peer's inode, and of one that listens
 * how many wait in its queue and how many may. */
struct diag {
    uint64_t peer;
    int queued, room;
};

static bool
unix_diag(uint64_t ino, struct diag *d)
{
    struct {
        struct nlmsghdr head;
        struct unix_diag_req req;
    } ask = {.head = {.nlmsg_len = sizeof ask,
                      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                      .nlmsg_flags = NLM_F_REQUEST},
             .req = {.sdiag_family = AF_UNIX,
                     .udiag_states = ~0U,
                     .udiag_ino = (uint32_t)ino,
                     .udiag_show = UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN,
                     .udiag_cookie = {~0U, ~0U}}};
    union {
        struct nlmsghdr head;
        char bytes[4096];
    } answer;
    int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
    ssize_t n = -1;
    bool known;

    *d = (struct diag){0};
    if (sock >= 0 && send(sock, &ask, sizeof ask, 0) == (ssize_t)sizeof ask)
        n = recv(sock, &answer, sizeof answer, 0);
    if (sock >= 0)
        close(sock);
    known = n > 0 && NLMSG_OK(&answer.head, (unsigned)n) &&
            answer.head.nlmsg_type == SOCK_DIAG_BY_FAMILY;
    if (known) {
        struct unix_diag_msg *m = NLMSG_DATA(&answer.head);
        int left = (int)(answer.head.nlmsg_len - NLMSG_LENGTH(sizeof *m));

        for (struct nlattr *a = (void *)(m + 1);
             left >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN && a->nla_len <= left;
             left -= NLA_ALIGN(a->nla_len), a = (void *)((char *)a + NLA_ALIGN(a->nla_len))) {
            const char *data = (char *)a + NLA_HDRLEN;
            uint32_t peer;
            struct unix_diag_rqlen rq;

            if (a->nla_type == UNIX_DIAG_PEER) {
                memcpy(&peer, data, sizeof peer);
                d->peer = peer;
            } else if (a->nla_type == UNIX_DIAG_RQLEN) {
                memcpy(&rq, data, sizeof rq);
                d->queued = (int)rq.udiag_rqueue;
                d->room = (int)rq.udiag_wqueue;
            }
        }
    }
    return known;
}

static bool
listens(int fd)
{
    return number_option(fd, SOL_SOCKET, SO_ACCEPTCONN) == 1;
}

/* Connections that wait to be accepted, and how many may. */
static bool
queue_of(int fd, uint64_t ino, int *queued, int *room)
{
    struct tcp_info info = {0};
    socklen_t n = sizeof info;
    struct diag d;

    if (number_option(fd, SOL_SOCKET, SO_DOMAIN) == AF_UNIX) {
        if (!unix_diag(ino, &d))
            return false;
        *queued = d.queued;
        *room = d.room;
        return true;
    }
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) < 0)
        return false;
    *queued = (int)info.tcpi_unacked; /* so the kernel calls them for a listener */
    *room = (int)info.tcpi_sacked;
    return true;
}

static void
state(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
      uint64_t key2)
{
    char text[ADDRESS_TEXT], more[64] = "";
    int bytes = 0, queued, room;
    const char *on;
    union address a;
    socklen_t n = sizeof a;

    (void)key2;
    if (fd < 0)
        return;
    host->text(look, "type", what_it_is(fd));
    if (listens(fd)) {
        if (queue_of(fd, key, &queued, &room)) {
            snprintf(more, sizeof more, "listens, %d of %d in its queue", queued, room);
            host->number(look, "queued", queued);
            host->number(look, "backlog", room);
        }
    } else if (ioctl(fd, SIOCINQ, &bytes) == 0) {
        host->number(look, "bytes", bytes);
        snprintf(more, sizeof more, "%d B to read", bytes);
    }
    host->text(look, "buffer", more);
    memset(&a, 0, sizeof a);
    if (getsockname(fd, &a.any, &n) == 0) {
        address_text(&a, n, text);
        if (text[0] != '\0')
            host->text(look, "name", text);
    }
    on = host->socket_network(look, fd);
    if (on[0] != '\0')
        host->text(look, "host", on);
}

/* ---- Flows of TCP, as the kernel knows them ------------------------------------------------ */

struct flow {
    struct end here, there;
    uint64_t ino; /* 0: no process has it any more */
    int state;
    uint64_t written;  /* bytes that were given to it to send */
    uint64_t sent;     /* ... and that have been on the wire, arrived or not */
    uint64_t received; /* bytes that came in order */
    int queued, room;  /* of one that listens: connections in its queue, and how many fit */
};

static struct flow
flow_of(const struct inet_diag_msg *m, const struct tcp_info *info)
{
    return (struct flow){
        .here = end_of_inet(m->idiag_family, m->id.idiag_src, m->id.idiag_sport),
        .there = end_of_inet(m->idiag_family, m->id.idiag_dst, m->id.idiag_dport),
        .ino = m->idiag_inode,
        .state = m->idiag_state,
        .written = info->tcpi_bytes_sent - info->tcpi_bytes_retrans + info->tcpi_notsent_bytes,
        .sent = info->tcpi_bytes_sent - info->tcpi_bytes_retrans,
        .received = info->tcpi_bytes_received,
        .queued = (int)m->idiag_rqueue,
        .room = (int)m->idiag_wqueue,
    };
}

typedef bool (*flow_test)(const struct flow *f, const struct flow *wanted);

/* Goes through one part of the answer: 1 when it is found, 0 when there is more to come, -1. */
static int
search_part(const struct nlmsghdr *m, ssize_t n, flow_test is, const struct flow *wanted,
            struct flow *found)
{
    for (; NLMSG_OK(m, (unsigned)n); m = NLMSG_NEXT(m, n)) {
        const struct inet_diag_msg *d = NLMSG_DATA(m);
        struct tcp_info info = {0};
        int left = (int)(m->nlmsg_len - NLMSG_LENGTH(sizeof *d));

        if (m->nlmsg_type != SOCK_DIAG_BY_FAMILY)
            return -1;
        for (const struct nlattr *a = (const void *)(d + 1);
             left >= NLA_HDRLEN && a->nla_len >= NLA_HDRLEN && a->nla_len <= left;
             left -= NLA_ALIGN(a->nla_len),
                                 a = (const void *)((const char *)a + NLA_ALIGN(a->nla_len))) {
            size_t size = (size_t)a->nla_len - NLA_HDRLEN;

            if (a->nla_type == INET_DIAG_INFO)
                memcpy(&info, (const char *)a + NLA_HDRLEN,
                       size < sizeof info ? size : sizeof info);
        }
        *found = flow_of(d, &info);
        if (is(found, wanted))
            return 1;
    }
    return 0;
}

static bool
search_family(int family, flow_test is, const struct flow *wanted, struct flow *found)
{
    struct {
        struct nlmsghdr head;
        struct inet_diag_req_v2 req;
    } ask = {.head = {.nlmsg_len = sizeof ask,
                      .nlmsg_type = SOCK_DIAG_BY_FAMILY,
                      .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP},
             .req = {.sdiag_family = (uint8_t)family,
                     .sdiag_protocol = IPPROTO_TCP,
                     .idiag_ext = 1 << (INET_DIAG_INFO - 1),
                     .idiag_states = ~0U}};
    union {
        struct nlmsghdr head;
        char bytes[32768];
    } answer;
    int sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG), end = 0;

    if (sock >= 0 && send(sock, &ask, sizeof ask, 0) == (ssize_t)sizeof ask)
        while (end == 0) {
            ssize_t n = recv(sock, &answer, sizeof answer, 0);

            end = n > 0 ? search_part(&answer.head, n, is, wanted, found) : -1;
        }
    if (sock >= 0)
        close(sock);
    return end > 0;
}

/* The first flow of this network that is the wanted one in this way. */
static bool
find_flow(flow_test is, const struct flow *wanted, struct flow *found)
{
    return search_family(AF_INET, is, wanted, found) || search_family(AF_INET6, is, wanted, found);
}

static bool
has_inode(const struct flow *f, const struct flow *wanted)
{
    return f->ino == wanted->ino;
}

static bool
is_other_side(const struct flow *f, const struct flow *wanted)
{
    return f->state != STATE_LISTEN && is_same_end(&f->here, &wanted->there) &&
           is_same_end(&f->there, &wanted->here);
}

static bool
listens_there(const struct flow *f, const struct flow *wanted)
{
    return f->state == STATE_LISTEN && f->here.port == wanted->there.port &&
           (is_any(&f->here) || is_same_end(&f->here, &wanted->there));
}

/* ---- Why it waits ------------------------------------------------------------------------ */

struct scene {
    const struct ipclab_look_host *host;
    struct ipclab_look *look;
    const struct ipclab_wait *wait;
    const char *self;
    int fd;
    uint64_t key;
    uint64_t peer; /* inode of the other end; 0: unknown or none */
    int own;       /* the host that it is on; -1: none */
    /* Of TCP: this end and the other one, as their kernels know them. */
    bool is_tcp, has_other;
    struct flow mine, other;
    const char *unplugged; /* the host whose cable would have to be plugged; NULL: none */
};

/* The flow on the host where that end is; in the own network where it is a loopback's. */
static bool
find_there(struct scene *s, flow_test is, struct flow *found)
{
    int to = host_at(s->wait->networks, s->wait->nnetworks, &s->mine.there);
    bool is_there;

    if (to < 0 || to == s->own)
        return find_flow(is, &s->mine, found);
    if (s->host->enter_network(s->look, to) < 0)
        return false;
    is_there = find_flow(is, &s->mine, found);
    s->host->enter_network(s->look, s->own);
    return is_there;
}

static void
look_at_way(struct scene *s)
{
    struct flow wanted = {.ino = s->key};
    struct end there;

    if (number_option(s->fd, SOL_SOCKET, SO_DOMAIN) == AF_UNIX)
        return;
    if (number_option(s->fd, SOL_SOCKET, SO_TYPE) == SOCK_STREAM) {
        s->is_tcp = find_flow(has_inode, &wanted, &s->mine);
        s->has_other = s->is_tcp && find_there(s, is_other_side, &s->other);
        if (!s->is_tcp || is_loopback(&s->mine.here))
            return;
        there = s->mine.there;
    } else if (!read_end(s->fd, true, &there)) {
        if (read_end(s->fd, false, &there) && is_loopback(&there))
            return;
        memset(&there, 0, sizeof there); /* anybody */
    }
    s->unplugged = pulled(s->wait->networks, s->wait->nnetworks, s->own, &there);
}

/* Has one end been given bytes, or its end of file, that the other has not got? */
static bool
is_on_its_way(const struct flow *from, const struct flow *to)
{
    return from->written > to->received || from->state == STATE_FIN_WAIT1 ||
           from->state == STATE_CLOSING || from->state == STATE_LAST_ACK;
}

/* The cable is unplugged: the word, the reason, and what would help. */
static void
say_unplugged(const struct scene *s)
{
    s->host->why(s->look, "unplugged");
    s->host->next(s->look, "plug %s", s->unplugged);
}

static bool
is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcmp(word, *words) == 0)
            return true;
    return false;
}

/* The other end: of a Unix socket the kernel tells it; of an internet one it is the socket of the
 * world whose two addresses are these the other way round. */
static bool
is_peer(const struct scene *s, const struct ipclab_holding *h)
{
    struct end mine[2], others[2];
    int fd;

    if (number_option(s->fd, SOL_SOCKET, SO_DOMAIN) == AF_UNIX)
        return s->peer != 0 && h->key == s->peer;
    fd = s->host->descriptor_of(s->look, h->process, h->fd);
    if (fd < 0 || !read_end(s->fd, false, &mine[0]) || !read_end(s->fd, true, &mine[1]) ||
        !read_end(fd, false, &others[0]) || !read_end(fd, true, &others[1]))
        return false;
    /* Each network has a loopback of its own. */
    return is_same_end(&mine[0], &others[1]) && is_same_end(&mine[1], &others[0]) &&
           (!is_loopback(&mine[0]) || strcmp(s->host->socket_network(s->look, s->fd),
                                             s->host->socket_network(s->look, fd)) == 0);
}

/* Asked on the host where the socket was made: one that accept() returned was made where its client
 * is, and a path leads from there to here. */
static uint64_t
peer_of_unix(const struct scene *s)
{
    const char *name = s->host->socket_network(s->look, s->fd);
    int network = s->wait->nnetworks - 1;
    uint64_t peer = 0;
    struct diag d;

    while (network >= 0 && strcmp(s->wait->networks[network].name, name) != 0)
        network--;
    if (s->host->enter_network(s->look, network) == 0 && unix_diag(s->key, &d))
        peer = d.peer;
    s->host->enter_network(s->look, s->own);
    return peer;
}

/* Does the address lead to the socket of that name? A socket of all addresses has each of them. */
static bool
leads_to(const union address *to, const union address *name)
{
    if (to->any.sa_family != name->any.sa_family)
        return false;
    if (to->any.sa_family == AF_INET)
        return to->in.sin_port == name->in.sin_port &&
               (name->in.sin_addr.s_addr == INADDR_ANY || to->in.sin_addr.s_addr == INADDR_ANY ||
                to->in.sin_addr.s_addr == name->in.sin_addr.s_addr);
    if (to->any.sa_family == AF_INET6)
        return to->in6.sin6_port == name->in6.sin6_port &&
               (IN6_IS_ADDR_UNSPECIFIED(&name->in6.sin6_addr) ||
                IN6_IS_ADDR_UNSPECIFIED(&to->in6.sin6_addr) ||
                memcmp(&to->in6.sin6_addr, &name->in6.sin6_addr, sizeof to->in6.sin6_addr) == 0);
    return memcmp(&to->un, &name->un, sizeof to->un) == 0;
}

/* Is the socket on the host where that address is? What has no name in networks is everywhere. */
static bool
is_in_reach(const struct scene *s, const union address *to, int fd)
{
    int network = s->own;
    struct end e;

    if (to->any.sa_family == AF_UNIX && to->un.sun_path[0] != '\0')
        return true;
    if (to->any.sa_family != AF_UNIX) {
        e = end_of(to);
        if (!is_loopback(&e) && !is_any(&e))
            network = host_at(s->wait->networks, s->wait->nnetworks, &e);
        if (network < 0 && s->own >= 0)
            return false;
    }
    return strcmp(s->host->socket_network(s->look, fd),
                  network >= 0 ? s->wait->networks[network].name : "") == 0;
}

/* A descriptor of the socket to which the address leads: an index into wait->linked. From that one
 * on; -1: none. */
static int
find_addressed(const struct scene *s, const union address *to, bool listener, int from)
{
    for (int i = from; i < s->wait->nlinked; i++) {
        const struct ipclab_holding *h = &s->wait->linked[i];
        int fd = s->host->descriptor_of(s->look, h->process, h->fd);
        union address name;
        socklen_t n = sizeof name;

        memset(&name, 0, sizeof name);
        if (fd >= 0 && getsockname(fd, &name.any, &n) == 0 && leads_to(to, &name) &&
            is_in_reach(s, to, fd) &&
            number_option(fd, SOL_SOCKET, SO_TYPE) == number_option(s->fd, SOL_SOCKET, SO_TYPE) &&
            (listens(fd) || !listener))
            return i;
    }
    return -1;
}

/* Of a connection whose other end nobody has: does it wait in the queue of a listener? Which has
 * the name that it was connected to. As find_addressed. */
static int
find_listener(const struct scene *s, int from)
{
    union address peer;
    socklen_t n = sizeof peer;

    memset(&peer, 0, sizeof peer);
    if (getpeername(s->fd, &peer.any, &n) < 0 || n <= sizeof peer.any.sa_family)
        return -1;
    return find_addressed(s, &peer, true, from);
}

/* Says who could accept the connection, which nobody has done yet; true: a line to type as well. */
static bool
say_unaccepted(const struct scene *s)
{
    bool told = false;

    for (int i = find_listener(s, 0); i >= 0; i = find_listener(s, i + 1)) {
        const struct ipclab_holding *h = &s->wait->linked[i];
        const struct ipclab_process *p = &s->wait->processes[h->process];

        if (h->process == s->wait->self) {
            s->host->say(s->look,
                         "the connection waits in the queue of the listener, which %s holds itself "
                         "(fd %d), and cannot accept it while it waits",
                         p->name, h->fd);
            continue;
        }
        s->host->could_end(s->look, h->process);
        s->host->say(s->look,
                     "the connection waits in the queue of the listener: %s (fd %d) %s accept it%s",
                     p->name, h->fd, p->waits ? "would have to" : "can",
                     p->waits ? ", but waits itself" : "");
        if (!told && !p->waits && !p->foreign) {
            s->host->next(s->look, "%s accept(%d)", p->name, h->fd);
            told = true;
        }
    }
    return told;
}

/* What is shared by fork may be shut down by each of those who have it, which ends what the others
 * wait for. Returns how many others have this end; of the first that is free, a line to type. */
static int
say_sharers(const struct scene *s, const char *how, char *text, size_t room)
{
    char does[48];

    snprintf(does, sizeof does, "shutdown($0, %s)", how);
    return s->host->others(s->look, s->fd, 'u', does, text, room);
}

/* Says of each process that holds the other end what it could do, and returns how many there are
 * beside the waiting one. */
static int
say_peers(const struct scene *s, bool receives)
{
    int others = 0, own = 0;
    char sharers[400];
    bool told = false;

    for (int i = 0; i < s->wait->nlinked; i++) {
        const struct ipclab_holding *h = &s->wait->linked[i];
        const struct ipclab_process *p = &s->wait->processes[h->process];

        if (p->zombie || !is_peer(s, h))
            continue;
        s->host->other_end(s->look, h->key, h->key2);
        if (h->process == s->wait->self) {
            own++;
            s->host->say(s->look,
                         "%s holds the other end itself (fd %d), and cannot use it while "
                         "it waits",
                         p->name, h->fd);
            continue;
        }
        others++;
        s->host->could_end(s->look, h->process);
        s->host->say(s->look, "%s holds the other end (fd %d) and %s%s%s", p->name, h->fd,
                     p->waits ? "would have to " : "can ",
                     receives ? "receive, which makes room"
                              : "send, or end it by shutdown or close",
                     p->waits ? ", but waits itself" : "");
        if (!told && !p->waits && !p->foreign) {
            s->host->next(s->look, receives ? "%s recv(%d, buf)" : "%s send(%d, \"x\")", p->name,
                          h->fd);
            told = true;
        }
    }
    if (others == 0 && own == 0)
        told = say_unaccepted(s);
    if (others == 0 && own > 0) {
        if (say_sharers(s, receives ? "SHUT_WR" : "SHUT_RD", sharers, sizeof sharers) > 0)
            s->host->say(s->look, "%s can shut down this end, which ends the call", sharers);
        else
            s->host->never(s->look);
    }
    if (!told)
        s->host->next(s->look, "interrupt %s", s->self);
    return others;
}

/* How a process on that host would name this address; false: it does not get there. */
static bool
name_from(const struct scene *s, const union address *a, int network, char text[ADDRESS_TEXT])
{
    bool abstract = a->any.sa_family == AF_UNIX && a->un.sun_path[0] == '\0';
    struct end e;

    if (network == s->own)
        return true;
    if (a->any.sa_family == AF_UNIX)
        return !abstract;
    e = end_of(a);
    if (network < 0 || s->own < 0 || is_loopback(&e))
        return false;
    if (is_any(&e))
        snprintf(text, ADDRESS_TEXT, "%s:%d", s->wait->networks[s->own].name, ntohs(e.port));
    return true;
}

/* Somebody who is free and could connect to this address, with the line that does; else why who is
 * free could not. */
static void
say_caller(const struct scene *s, const union address *a, const char *text)
{
    char there[ADDRESS_TEXT];

    for (int i = 0; i < s->wait->nprocesses; i++) {
        const struct ipclab_process *p = &s->wait->processes[i];

        snprintf(there, sizeof there, "%s", text);
        if (i == s->wait->self || p->waits || p->zombie || p->foreign)
            continue;
        if (!name_from(s, a, s->wait->network_of[i], there)) {
            s->host->say(
                s->look, "%s is free, but does not get to %s from %s%s", p->name, text,
                s->wait->network_of[i] >= 0 ? "" : "the world's own network",
                s->wait->network_of[i] >= 0 ? s->wait->networks[s->wait->network_of[i]].name : "");
            continue;
        }
        s->host->say(s->look, "%s is free and could connect", p->name);
        s->host->next(s->look, "%s connect(fd, \"%s\"), with a socket of the same family", p->name,
                      there);
        return;
    }
    s->host->next(s->look, "interrupt %s", s->self);
}

static void
explain_accept(const struct scene *s)
{
    char text[ADDRESS_TEXT];
    union address a;
    socklen_t n = sizeof a;

    memset(&a, 0, sizeof a);
    if (getsockname(s->fd, &a.any, &n) < 0)
        n = 0;
    address_text(&a, n, text);
    s->host->why(s->look, "no connection");
    s->host->waits(s->look, "nobody has connected to %s yet", text);
    s->host->rule(s->look, "accept(2) takes a connection from the queue, and the queue is empty");
    s->host->say(s->look, "accept(2): it goes on when a process connects to %s", text);
    if (s->unplugged != NULL) {
        say_unplugged(s);
        s->host->say(s->look,
                     "the cable of %s is unplugged: who is on another host does not get "
                     "here",
                     s->unplugged);
    }
    say_caller(s, &a, text);
}

/* Who holds the socket to which the address leads, and what each could do there. */
static void
say_addressed(const struct scene *s, const char *text, bool accepts)
{
    const char *deed =
        accepts ? "accept a connection, which makes room" : "receive, which makes room";
    const struct names names = {.wait = s->wait};
    union address to;
    socklen_t n;
    bool told = false, is = parse_address(&names, s->fd, text, &to, &n) == 0;

    for (int i = is ? find_addressed(s, &to, accepts, 0) : -1; i >= 0;
         i = find_addressed(s, &to, accepts, i + 1)) {
        const struct ipclab_holding *h = &s->wait->linked[i];
        const struct ipclab_process *p = &s->wait->processes[h->process];

        s->host->other_end(s->look, h->key, h->key2);
        if (h->process == s->wait->self) {
            s->host->say(s->look, "%s holds it itself (fd %d), and cannot use it while it waits",
                         p->name, h->fd);
            continue;
        }
        s->host->could_end(s->look, h->process);
        s->host->say(s->look, "%s holds it (fd %d) and %s%s%s", p->name, h->fd,
                     p->waits ? "would have to " : "can ", deed,
                     p->waits ? ", but waits itself" : "");
        if (!told && !p->waits && !p->foreign) {
            s->host->next(s->look, accepts ? "%s accept(%d)" : "%s recv(%d, buf)", p->name, h->fd);
            told = true;
        }
    }
    if (!told)
        s->host->next(s->look, "interrupt %s", s->self);
}

/* The first packet of a connection has no answer. */
static void
explain_unanswered(struct scene *s)
{
    char name[INET6_ADDRSTRLEN] = "";
    const struct ipclab_wait *w = s->wait;
    int to = host_at(w->networks, w->nnetworks, &s->mine.there);

    if (IN6_IS_ADDR_V4MAPPED(&s->mine.there.ip))
        inet_ntop(AF_INET, s->mine.there.ip.s6_addr + 12, name, sizeof name);
    else
        inet_ntop(AF_INET6, &s->mine.there.ip, name, sizeof name);
    if (s->unplugged != NULL) {
        s->host->why(s->look, "unplugged");
        s->host->waits(s->look, "no answer comes from %s: the cable of %s is unplugged", name,
                       s->unplugged);
        s->host->rule(s->look,
                      "connect(2) waits for the answer of the other side, and none can come while "
                      "the cable of %s is unplugged",
                      s->unplugged);
    } else if (to < 0 && !is_loopback(&s->mine.there)) {
        s->host->why(s->look, "no host");
        s->host->waits(s->look, "no host has the address %s, and the kernel asks who has", name);
        s->host->rule(s->look, "connect(2) needs to know where %s is, and nobody says so", name);
        s->host->say(s->look, "arp(7): it asks three times, a second apart, and gives up with "
                              "EHOSTUNREACH");
    } else {
        s->host->why(s->look, "no answer");
        s->host->waits(s->look, "no answer has come from %s, and the kernel will ask again", name);
        s->host->rule(s->look,
                      "connect(2) waits for the answer of the other side: the question, or "
                      "the answer, was lost");
    }
    if (to >= 0)
        s->host->say(s->look,
                     "tcp(7): the kernel asks again each second at first and then in ever "
                     "longer intervals (tcp_syn_retries), and gives up with ETIMEDOUT after "
                     "about two minutes");
    if (s->unplugged != NULL)
        s->host->next(s->look, "plug %s", s->unplugged);
    else
        s->host->next(s->look, "wait %s", s->self);
}

static void
explain_connect(struct scene *s)
{
    struct flow listener = {0};

    if (s->is_tcp) {
        s->host->later(s->look);
        if (s->mine.state != STATE_SYN_SENT)
            return;
        if (s->unplugged != NULL || !find_there(s, listens_there, &listener) ||
            listener.queued <= listener.room) {
            explain_unanswered(s);
            return;
        }
    }
    s->host->why(s->look, "queue full");
    s->host->waits(s->look, "the queue of the listener is full, and nobody accepts");
    s->host->rule(s->look, "connect(2) waits for a place in the listener's queue");
    s->host->say(s->look, "listen(2): the backlog bounds how many connections wait to be accepted; "
                          "it goes on when the listener accepts one");
    if (s->is_tcp)
        s->host->say(s->look, "tcp(7): the kernel asks again each second at first, so that it goes "
                              "on a moment after that; after about two minutes it gives up with "
                              "ETIMEDOUT");
    say_addressed(s, s->wait->args.v[1].s, true);
}

static void
explain_send(const struct scene *s)
{
    if (s->unplugged != NULL) {
        say_unplugged(s);
        s->host->later(s->look);
        s->host->waits(s->look, "the send queue is full, and the cable of %s is unplugged",
                       s->unplugged);
        s->host->rule(s->look,
                      "what it sends does not fit, and nothing leaves while the cable of %s is "
                      "unplugged",
                      s->unplugged);
        s->host->say(s->look, "tcp(7): what is not acknowledged is sent again in ever longer "
                              "intervals (tcp_retries2), and after about a quarter of an hour the "
                              "call fails with ETIMEDOUT");
        return;
    }
    if (s->has_other && s->mine.sent > s->other.received)
        s->host->later(s->look); /* something was lost, and is sent again */
    s->host->why(s->look, "full");
    s->host->waits(s->look, "the buffer on the way to the peer is full");
    s->host->rule(s->look, "what it sends does not fit, and send(2) waits until the peer has "
                           "received enough");
    s->host->say(s->look, "socket(7): a sender waits while its buffer (SO_SNDBUF) or the peer's "
                          "(SO_RCVBUF) is full; with O_NONBLOCK or MSG_DONTWAIT it is EAGAIN");
    if (strcmp(s->wait->call, "sendto") == 0)
        say_addressed(s, s->wait->args.v[2].s, false);
    else
        say_peers(s, true);
}

/* Something was sent to it that has not arrived. */
static void
explain_late(const struct scene *s)
{
    uint64_t bytes = s->other.written - s->mine.received;

    s->host->later(s->look);
    if (s->unplugged != NULL)
        s->host->waits(s->look, "what was sent to it does not arrive: the cable of %s is unplugged",
                       s->unplugged);
    else
        s->host->waits(s->look, "what was sent to it was lost on the way, and will be sent again");
    s->host->rule(s->look, "what it waits for was sent and has not arrived");
    if (bytes > 0)
        s->host->say(s->look, "%llu byte%s wait%s in the send queue of the other end",
                     (unsigned long long)bytes, bytes == 1 ? "" : "s", bytes == 1 ? "s" : "");
    s->host->say(s->look,
                 "tcp(7): what is not acknowledged is sent again, after a fifth of a second "
                 "at first and then in ever longer intervals, for about a quarter of an "
                 "hour");
    if (s->unplugged == NULL) {
        s->host->why(s->look, "on its way");
        s->host->next(s->look, "wait %s", s->self);
    }
}

/* The address as another process could type it; false: it could not, as one whose port the kernel
 * chose, which is another in each run. */
static bool
address_to_type(const union address *a, socklen_t n, char *text)
{
    union address to = *a;

    if (to.any.sa_family == AF_INET && to.in.sin_addr.s_addr == INADDR_ANY)
        to.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (to.any.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&to.in6.sin6_addr))
        to.in6.sin6_addr = in6addr_loopback;
    address_text(&to, n, text);
    for (const char *at = text; *at != '\0'; at++)
        if (!isgraph((unsigned char)*at) || strchr("\"\\*", *at) != NULL)
            return false;
    return text[0] != '\0';
}

/* A line in which somebody sends a datagram to that name of the waiting socket. Ports and abstract
 * names are those of one host. */
static void
say_letter(const struct scene *s, const union address *to, socklen_t n)
{
    int family = to->any.sa_family;
    char text[ADDRESS_TEXT];

    if (!address_to_type(to, n, text))
        return;
    for (int i = 0; i < s->wait->nprocesses; i++) {
        const struct ipclab_process *p = &s->wait->processes[i];

        if (i == s->wait->self || p->waits || p->zombie || p->foreign ||
            ((family != AF_UNIX || text[0] == '@') && s->wait->network_of[i] != s->own))
            continue;
        s->host->next(s->look, "%s sendto(socket(%s, SOCK_DGRAM), \"x\", \"%s\")", p->name,
                      family == AF_UNIX   ? "AF_UNIX"
                      : family == AF_INET ? "AF_INET"
                                          : "AF_INET6",
                      text);
        return;
    }
}

static void
explain_receive(const struct scene *s)
{
    bool stream = number_option(s->fd, SOL_SOCKET, SO_TYPE) != SOCK_DGRAM;
    char text[400];
    union address a, peer;
    socklen_t bound = sizeof a, n = sizeof peer;

    if (s->unplugged != NULL)
        say_unplugged(s);
    else
        s->host->why(s->look, "empty");
    if (s->has_other && is_on_its_way(&s->other, &s->mine)) {
        explain_late(s);
        return;
    }
    if (s->unplugged != NULL)
        s->host->waits(s->look, "nothing has been sent to it, and the cable of %s is unplugged",
                       s->unplugged);
    else
        s->host->waits(s->look, "nothing has been sent to it");
    s->host->rule(s->look,
                  stream ? "nothing is there to receive, and recv(2) reports end of file only when "
                           "the peer has closed or shut down its side"
                         : "nothing is there to receive: datagrams have no end of file");
    if (stream || s->peer != 0) {
        say_peers(s, false);
        return;
    }
    memset(&a, 0, sizeof a);
    if (getsockname(s->fd, &a.any, &bound) < 0)
        bound = 0;
    address_text(&a, bound, text);
    if (text[0] == '\0') {
        s->host->say(s->look, "the socket has no name (bind), so nobody can send to it");
        if (say_sharers(s, "SHUT_RD", text, sizeof text) == 0)
            s->host->never(s->look);
        else
            s->host->say(s->look, "%s has it, too, and could give it a name", text);
    } else if (getpeername(s->fd, &peer.any, &n) == 0) {
        address_text(&peer, n, text);
        s->host->say(s->look, "it is connected: only what comes from %s reaches it", text);
    } else {
        s->host->say(s->look, "any process may send to %s", text);
        say_letter(s, &a, bound);
    }
    s->host->next(s->look, "interrupt %s", s->self);
}

/* All that is known of the socket behind fd, a copy of the waiting process's. */
static struct scene
scene_of(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
         const struct ipclab_wait *wait)
{
    struct scene s = {.host = host,
                      .look = look,
                      .wait = wait,
                      .self = wait->processes[wait->self].name,
                      .fd = fd,
                      .key = key,
                      .own = wait->network_of[wait->self]};

    if (number_option(fd, SOL_SOCKET, SO_DOMAIN) == AF_UNIX)
        s.peer = peer_of_unix(&s);
    look_at_way(&s);
    return s;
}

static void
explain(const struct ipclab_look_host *host, struct ipclab_look *look, int fd, uint64_t key,
        uint64_t key2, const struct ipclab_wait *wait)
{
    static const char *const sending[] = {"send",    "sendto", "sendmsg", "write",  "writev",
                                          "fprintf", "fflush", "fputs",   "splice", NULL};
    struct scene s;

    (void)key2;
    if (fd < 0)
        return;
    s = scene_of(host, look, fd, key, wait);
    if (listens(fd))
        explain_accept(&s);
    else if (strcmp(wait->call, "connect") == 0)
        explain_connect(&s);
    else if (is_one_of(wait->call, sending))
        explain_send(&s);
    else
        explain_receive(&s);
}

/* ---- Why it is not ready ------------------------------------------------------------------- */

/* Who has a socket that counts for the wait, other than the waiting process: "b (fd 4), c (fd 5)".
 */
struct party {
    int others, own;
    char list[300];
    bool proposed; /* a line to type was said */
};

/* does: what the first that is free could do ("recv(%d, buf)"). */
static void
add_party(const struct scene *s, struct party *party, int holding, const char *does)
{
    const struct ipclab_holding *h = &s->wait->linked[holding];
    const struct ipclab_process *p = &s->wait->processes[h->process];
    size_t at = strlen(party->list);

    if (p->zombie)
        return;
    if (h->process == s->wait->self) {
        party->own++;
        return;
    }
    s->host->could_end(s->look, h->process);
    if (at + 100 < sizeof party->list)
        snprintf(party->list + at, sizeof party->list - at, "%s%.64s (fd %d)",
                 party->others > 0 ? ", " : "", p->name, h->fd);
    party->others++;
    if (party->proposed || p->waits || p->foreign)
        return;
    s->host->next(s->look, "%s %s(%d%s)", p->name, does, h->fd,
                  strcmp(does, "send") == 0   ? ", \"x\""
                  : strcmp(does, "recv") == 0 ? ", buf"
                                              : "");
    party->proposed = true;
}

/* The party is this process alone, or nobody: could those who share this end shut it down? */
static enum ipclab_chance
chance_of_sharers(const struct scene *s, unsigned events, char *text, size_t room)
{
    size_t at = strlen(text);
    char sharers[300];

    if (say_sharers(s, (events & POLLIN) != 0 ? "SHUT_RD" : "SHUT_RDWR", sharers, sizeof sharers) ==
        0)
        return IPCLAB_NOBODY;
    snprintf(text + at, room - at, "; %s could shut it down", sharers);
    return IPCLAB_SOMEBODY;
}

static enum ipclab_chance
watched_listener(const struct scene *s, unsigned events, char *text, size_t room)
{
    char name[ADDRESS_TEXT];
    union address a;
    socklen_t n = sizeof a;

    if ((events & POLLIN) == 0) {
        snprintf(text, room, "a socket that listens is never ready but for reading");
        return chance_of_sharers(s, events, text, room);
    }
    memset(&a, 0, sizeof a);
    if (getsockname(s->fd, &a.any, &n) < 0)
        n = 0;
    address_text(&a, n, name);
    snprintf(text, room, "its queue is empty: nobody has connected to %s yet%s%s", name,
             s->unplugged != NULL ? ", and the cable is unplugged of " : "",
             s->unplugged != NULL ? s->unplugged : "");
    if (s->unplugged != NULL)
        s->host->next(s->look, "plug %s", s->unplugged);
    say_caller(s, &a, name);
    return IPCLAB_UNKNOWN;
}

/* connect(2) with O_NONBLOCK has begun. */
static enum ipclab_chance
watched_connecting(struct scene *s, char *text, size_t room)
{
    struct flow listener = {0};
    struct party party = {0};

    s->host->later(s->look);
    if (s->unplugged != NULL) {
        snprintf(text, room, "its connection has no answer: the cable of %s is unplugged",
                 s->unplugged);
        s->host->next(s->look, "plug %s", s->unplugged);
    } else if (find_there(s, listens_there, &listener) && listener.queued > listener.room) {
        for (int i = find_listener(s, 0); i >= 0; i = find_listener(s, i + 1))
            add_party(s, &party, i, "accept");
        snprintf(text, room, "its connection has no answer: the queue of the listener is full%s%s",
                 party.others > 0 ? "; who could accept: " : "", party.list);
    } else {
        snprintf(text, room, "its connection has no answer yet, and the kernel will ask again");
    }
    return IPCLAB_UNKNOWN;
}

/* Of a stream, what does not happen. */
static const char *
what_is_missing(unsigned events)
{
    bool in = (events & POLLIN) != 0, out = (events & POLLOUT) != 0;

    if (in && out)
        return "nothing has been sent to it, and the buffer on the way to the peer is full";
    if (in)
        return "nothing has been sent to it";
    if (out)
        return "the buffer on the way to the peer is full";
    if ((events & POLLPRI) != 0)
        return "no urgent data has been sent to it";
    return "the peer has not closed it";
}

/* What is under way between the two ends of TCP: the kernel goes on with that by itself. */
static bool
is_under_way(const struct scene *s, unsigned events, char *text, size_t room)
{
    bool comes = (events & POLLIN) != 0 && s->has_other && is_on_its_way(&s->other, &s->mine);
    bool goes = (events & POLLOUT) != 0 &&
                (s->unplugged != NULL || (s->has_other && s->mine.sent > s->other.received));

    if (!comes && !goes)
        return false;
    s->host->later(s->look);
    if (s->unplugged != NULL) {
        snprintf(text, room, "%s, and the cable of %s is unplugged",
                 comes ? "what was sent to it does not arrive" : "the send queue is full",
                 s->unplugged);
        s->host->next(s->look, "plug %s", s->unplugged);
    } else {
        snprintf(text, room, "%s was lost on the way, and will be sent again",
                 comes ? "what was sent to it" : "what it sent");
    }
    return true;
}

static enum ipclab_chance
watched_stream(const struct scene *s, unsigned events, char *text, size_t room)
{
    const char *deed = (events & POLLIN) != 0    ? "send"
                       : (events & POLLOUT) != 0 ? "recv"
                       : (events & POLLPRI) != 0 ? "send"
                                                 : "close";
    struct party peers = {0}, listeners = {0};

    if (s->is_tcp && is_under_way(s, events, text, room))
        return IPCLAB_UNKNOWN;
    for (int i = 0; i < s->wait->nlinked; i++)
        if (is_peer(s, &s->wait->linked[i])) {
            s->host->other_end(s->look, s->wait->linked[i].key, s->wait->linked[i].key2);
            add_party(s, &peers, i, deed);
        }
    if (peers.others > 0) {
        snprintf(text, room, "%s; the other end is open in %s", what_is_missing(events),
                 peers.list);
        return IPCLAB_SOMEBODY;
    }
    if (peers.own > 0) {
        snprintf(text, room, "%s; the other end is open only in %s itself", what_is_missing(events),
                 s->self);
        return chance_of_sharers(s, events, text, room);
    }
    for (int i = find_listener(s, 0); i >= 0; i = find_listener(s, i + 1))
        add_party(s, &listeners, i, "accept");
    snprintf(text, room, "%s; ", what_is_missing(events));
    if (listeners.others > 0)
        snprintf(text + strlen(text), room - strlen(text),
                 "nobody has accepted the connection yet, as could %s", listeners.list);
    else if (listeners.own > 0)
        snprintf(text + strlen(text), room - strlen(text),
                 "the connection waits in the queue of a listener that %s has itself", s->self);
    else
        snprintf(text + strlen(text), room - strlen(text), "the other end is out of sight");
    return IPCLAB_UNKNOWN;
}

static enum ipclab_chance
watched_datagrams(const struct scene *s, unsigned events, char *text, size_t room)
{
    char name[ADDRESS_TEXT];
    union address a, peer;
    socklen_t bound = sizeof a, n = sizeof peer;
    struct party senders = {0};

    if ((events & POLLIN) == 0) {
        snprintf(text, room,
                 (events & POLLOUT) != 0 ? "what it sent has not left yet"
                                         : "datagrams have no end and no urgent data");
        return (events & POLLOUT) != 0 ? IPCLAB_UNKNOWN : chance_of_sharers(s, events, text, room);
    }
    memset(&a, 0, sizeof a);
    memset(&peer, 0, sizeof peer);
    if (getsockname(s->fd, &a.any, &bound) < 0)
        bound = 0;
    address_text(&a, bound, name);
    if (name[0] == '\0') {
        snprintf(text, room, "it has no name (bind), so nobody can send to it");
        return chance_of_sharers(s, events, text, room);
    }
    if (getpeername(s->fd, &peer.any, &n) == 0) {
        address_text(&peer, n, name);
        for (int i = find_addressed(s, &peer, false, 0); i >= 0;
             i = find_addressed(s, &peer, false, i + 1))
            add_party(s, &senders, i, "send");
        snprintf(text, room, "nothing has come from %s%s%s", name,
                 senders.others > 0 ? ", which is open in " : "", senders.list);
        return IPCLAB_UNKNOWN;
    }
    snprintf(text, room, "nothing has been sent to it; any process may send to %s", name);
    say_letter(s, &a, bound);
    return IPCLAB_UNKNOWN;
}

/* For poll and its like. */
static enum ipclab_chance
watched(const struct ipclab_look_host *host, struct ipclab_look *look,
        const struct ipclab_wait *wait, int fd, int copy, unsigned events, char *text, size_t room)
{
    struct scene s;
    struct stat st;

    (void)fd;
    if (fstat(copy, &st) < 0)
        return IPCLAB_UNKNOWN;
    s = scene_of(host, look, copy, st.st_ino, wait);
    if (listens(copy))
        return watched_listener(&s, events, text, room);
    if (s.is_tcp && s.mine.state == STATE_SYN_SENT)
        return watched_connecting(&s, text, room);
    if (number_option(copy, SOL_SOCKET, SO_TYPE) != SOCK_DGRAM || s.peer != 0)
        return watched_stream(&s, events, text, room);
    return watched_datagrams(&s, events, text, room);
}

/* ---- Records: arguments -------------------------------------------------------------------- */

static const struct ipclab_constant domains[] = {
    {"AF_UNIX", AF_UNIX, "between processes of one machine, by names of files or abstract ones"},
    {"AF_INET", AF_INET, "internet, IPv4"},
    {"AF_INET6", AF_INET6, "internet, IPv6"},
    {0},
};
/* SOCK_SEQPACKET shares a bit with SOCK_STREAM, so these are named one by one and not as bits. */
static const struct ipclab_constant types[] = {
    {"SOCK_STREAM", SOCK_STREAM, "a connection and a stream of bytes without borders"},
    {"SOCK_DGRAM", SOCK_DGRAM, "messages one by one, without a connection"},
    {"SOCK_SEQPACKET", SOCK_SEQPACKET, "a connection, and messages that keep their borders"},
    {"SOCK_NONBLOCK", SOCK_NONBLOCK, "or it to the type: EAGAIN instead of waiting"},
    {"SOCK_CLOEXEC", SOCK_CLOEXEC, "or it to the type: closed by execve"},
    {0},
};
static const struct ipclab_constant accept_flags[] = {
    {"SOCK_NONBLOCK", SOCK_NONBLOCK, "the new socket does not wait"},
    {"SOCK_CLOEXEC", SOCK_CLOEXEC, "the new socket is closed by execve"},
    {0},
};
static const struct ipclab_constant send_flags[] = {
    {"MSG_DONTWAIT", MSG_DONTWAIT, "EAGAIN instead of waiting, this time"},
    {"MSG_NOSIGNAL", MSG_NOSIGNAL, "EPIPE without SIGPIPE"},
    {"MSG_OOB", MSG_OOB, "out of band"},
    {"MSG_EOR", MSG_EOR, "a record ends here"},
    {0},
};
static const struct ipclab_constant receive_flags[] = {
    {"MSG_DONTWAIT", MSG_DONTWAIT, "EAGAIN instead of waiting, this time"},
    {"MSG_PEEK", MSG_PEEK, "look, and leave it in the queue"},
    {"MSG_WAITALL", MSG_WAITALL, "wait until the whole buffer is filled"},
    {"MSG_TRUNC", MSG_TRUNC, "tell the real length of a datagram"},
    {0},
};
static const struct ipclab_constant hows[] = {
    {"SHUT_RD", SHUT_RD, "no more receiving"},
    {"SHUT_WR", SHUT_WR, "no more sending: the peer reads end of file"},
    {"SHUT_RDWR", SHUT_RDWR, "neither"},
    {0},
};
static const struct ipclab_constant levels[] = {
    {"SOL_SOCKET", SOL_SOCKET, "options of every socket"},
    {"IPPROTO_TCP", IPPROTO_TCP, "options of TCP"},
    {"IPPROTO_IPV6", IPPROTO_IPV6, "options of IPv6"},
    {0},
};
static const struct ipclab_constant options[] = {
    {"SO_REUSEADDR", SO_REUSEADDR, "bind to an address that is still on its way out"},
    {"SO_RCVBUF", SO_RCVBUF, "bytes of the receive buffer"},
    {"SO_SNDBUF", SO_SNDBUF, "bytes of the send buffer"},
    {"SO_RCVTIMEO", SO_RCVTIMEO, "milliseconds after which receiving ends with EAGAIN; 0: never"},
    {"SO_SNDTIMEO", SO_SNDTIMEO, "milliseconds after which sending ends with EAGAIN; 0: never"},
    {"SO_KEEPALIVE", SO_KEEPALIVE, "ask now and then whether the peer is there"},
    {"SO_BROADCAST", SO_BROADCAST, "allow datagrams to everybody"},
    {"SO_PASSCRED", SO_PASSCRED, "messages tell who sent them"},
    {"SO_PEERCRED", SO_PEERCRED, "who connected (to read only)"},
    {"SO_ERROR", SO_ERROR, "the error that waits to be told (to read only)"},
    {"SO_TYPE", SO_TYPE, "the type of the socket (to read only)"},
    {"SO_ACCEPTCONN", SO_ACCEPTCONN, "1 when it listens (to read only)"},
    {"TCP_NODELAY", TCP_NODELAY, "level IPPROTO_TCP: send small pieces at once"},
    {"TCP_SYNCNT", TCP_SYNCNT, "level IPPROTO_TCP: how often connect() asks again"},
    {"TCP_USER_TIMEOUT", TCP_USER_TIMEOUT,
     "level IPPROTO_TCP: milliseconds without acknowledgement until ETIMEDOUT; 0: tcp_retries2"},
    {"IPV6_V6ONLY", IPV6_V6ONLY, "level IPPROTO_IPV6: no IPv4 through this socket"},
    {0},
};

#define SOCKET_FD                                                                                  \
    {                                                                                              \
        .name = "sockfd", .type = IPCLAB_FD, .summary = "a socket"                                 \
    }
#define ADDRESS                                                                                    \
    {                                                                                              \
        .name = "addr", .type = IPCLAB_STRING, .flags = IPCLAB_HOSTS,                              \
        .summary = "\"127.0.0.1:5001\", \"[::1]:5001\", \"host2:5001\", \"path\" or \"@name\""     \
    }
#define RECEIVE_BUFFER                                                                             \
    {.name = "buf", .type = IPCLAB_BUFFER, .summary = "where it goes", .size_arg = 2},             \
    {                                                                                              \
        .name = "len", .type = IPCLAB_SIZE, .flags = IPCLAB_OPTIONAL, .summary = "room in it",     \
        .def = 4096                                                                                \
    }
#define SEND_FLAGS                                                                                 \
    {                                                                                              \
        .name = "flags", .type = IPCLAB_FLAGS, .flags = IPCLAB_OPTIONAL, .summary = "how",         \
        .constants = send_flags                                                                    \
    }
#define RECEIVE_FLAGS                                                                              \
    {                                                                                              \
        .name = "flags", .type = IPCLAB_FLAGS, .flags = IPCLAB_OPTIONAL, .summary = "how",         \
        .constants = receive_flags                                                                 \
    }
#define DOMAIN_AND_TYPE                                                                            \
    {.name = "domain", .type = IPCLAB_INT, .summary = "the family", .constants = domains},         \
    {                                                                                              \
        .name = "type", .type = IPCLAB_INT, .summary = "stream, datagrams or messages",            \
        .constants = types                                                                         \
    }

static const struct ipclab_arg socket_args[] = {
    DOMAIN_AND_TYPE,
    {.name = "protocol",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "0: the usual one of the type"},
    {0},
};
static const struct ipclab_arg socketpair_args[] = {
    DOMAIN_AND_TYPE,
    {.name = "protocol", .type = IPCLAB_INT, .summary = "0: the usual one of the type"},
    {.name = "sv", .type = IPCLAB_INTS, .summary = "gets the two descriptors", .count = 2},
    {0},
};
static const struct ipclab_arg address_args[] = {SOCKET_FD, ADDRESS, {0}};
static const struct ipclab_arg listen_args[] = {
    SOCKET_FD,
    {.name = "backlog",
     .type = IPCLAB_INT,
     .flags = IPCLAB_OPTIONAL,
     .summary = "how many connections may wait to be accepted",
     .def = 16},
    {0},
};
static const struct ipclab_arg accept_args[] = {
    SOCKET_FD,
    {.name = "flags",
     .type = IPCLAB_FLAGS,
     .flags = IPCLAB_OPTIONAL,
     .summary = "of the new socket",
     .constants = accept_flags},
    {0},
};
static const struct ipclab_arg shutdown_args[] = {
    SOCKET_FD,
    {.name = "how", .type = IPCLAB_INT, .summary = "which direction", .constants = hows},
    {0},
};
static const struct ipclab_arg fd_args[] = {SOCKET_FD, {0}};
static const struct ipclab_arg send_args[] = {
    SOCKET_FD,
    {.name = "buf", .type = IPCLAB_BYTES, .summary = "what to send", .size_arg = 2},
    {.name = "len",
     .type = IPCLAB_SIZE,
     .flags = IPCLAB_OPTIONAL | IPCLAB_COUNTED,
     .summary = "bytes; left out: the length of the text"},
    SEND_FLAGS,
    {0},
};
static const struct ipclab_arg sendto_args[] = {
    SOCKET_FD, {.name = "text", .type = IPCLAB_STRING, .summary = "what to send"},
    ADDRESS,   SEND_FLAGS,
    {0},
};
static const struct ipclab_arg recv_args[] = {SOCKET_FD, RECEIVE_BUFFER, RECEIVE_FLAGS, {0}};
static const struct ipclab_arg sendmsg_args[] = {
    SOCKET_FD,
    {.name = "text", .type = IPCLAB_STRING, .summary = "what to send, a byte at least"},
    {.name = "fd",
     .type = IPCLAB_FD,
     .flags = IPCLAB_REST | IPCLAB_ALONG,
     .summary = "goes along with it"},
    {0},
};
static const struct ipclab_arg getsockopt_args[] = {
    SOCKET_FD,
    {.name = "level", .type = IPCLAB_INT, .summary = "whose option", .constants = levels},
    {.name = "optname", .type = IPCLAB_INT, .summary = "which", .constants = options},
    {0},
};
static const struct ipclab_arg setsockopt_args[] = {
    SOCKET_FD,
    {.name = "level", .type = IPCLAB_INT, .summary = "whose option", .constants = levels},
    {.name = "optname", .type = IPCLAB_INT, .summary = "which", .constants = options},
    {.name = "value", .type = IPCLAB_INT, .summary = "a number; 0 is off, 1 is on"},
    {0},
};

/* ---- Records: errors ----------------------------------------------------------------------- */

#define NO_SOCKET                                                                                  \
    {"EBADF", "$sockfd is no open descriptor"},                                                    \
    {                                                                                              \
        "ENOTSOCK", "$sockfd is no socket"                                                         \
    }

static const struct ipclab_error socket_errors[] = {
    {"EAFNOSUPPORT", "this machine has no such family"},
    {"EPROTONOSUPPORT", "the family has no such protocol"},
    {"ESOCKTNOSUPPORT", "the family has no such type"},
    {"EINVAL", "the type has a flag that is none"},
    {"EOPNOTSUPP", "the family has no pairs: only AF_UNIX has"},
    {"EMFILE", "this process has as many descriptors open as RLIMIT_NOFILE allows"},
    {"ENFILE", "the system has as many open files as it allows"},
    {"EACCES", "this user may not make such a socket"},
    {"EPERM", "this user may not make such a socket"},
    {0},
};
static const struct ipclab_error bind_errors[] = {
    NO_SOCKET,
    {"EADDRINUSE", "$addr is taken already"},
    {"EADDRNOTAVAIL", "$addr is no address of this machine, or of this host"},
    {"EINVAL", "the socket has a name already, or $addr is no address of its family"},
    {"EACCES", "$addr is reserved (ports below 1024), or its folder may not be written"},
    {"ENOENT", "a folder on the way to $addr does not exist"},
    {"ENAMETOOLONG", "$addr is longer than the 107 bytes that a Unix socket's name may have"},
    {0},
};
static const struct ipclab_error listen_errors[] = {
    NO_SOCKET,
    {"EINVAL", "the socket has no name yet (bind), or is connected already"},
    {"EADDRINUSE", "another socket listens there already"},
    {"EOPNOTSUPP", "datagram sockets do not listen: they have no connections"},
    {0},
};
static const struct ipclab_error accept_errors[] = {
    NO_SOCKET,
    {"EINVAL", "the socket does not listen"},
    {"EAGAIN", "no connection is there, and O_NONBLOCK or SO_RCVTIMEO forbids to wait longer"},
    {"EOPNOTSUPP", "datagram sockets have no connections to accept"},
    {"ECONNABORTED", "the connection was given up before it was accepted"},
    {"EMFILE", "this process has as many descriptors open as RLIMIT_NOFILE allows"},
    {"EINTR", "a signal with a handler came while it waited"},
    {0},
};
static const struct ipclab_error connect_errors[] = {
    NO_SOCKET,
    {"ECONNREFUSED", "nobody listens at $addr"},
    {"ENOENT", "there is no file $addr: nobody has bound a socket there"},
    {"EISCONN", "the socket is connected already"},
    {"EAGAIN",
     "the queue of the listener is full, and O_NONBLOCK or SO_SNDTIMEO forbids to wait longer"},
    {"EINPROGRESS", "the connection is being made, and O_NONBLOCK forbids to wait for it: poll for "
                    "POLLOUT"},
    {"EALREADY", "an earlier connect is still under way"},
    {"EPROTOTYPE", "the socket at $addr is of another type"},
    {"EINVAL", "$addr is no address of this socket's family"},
    {"ENETUNREACH", "no way leads to $addr"},
    {"EHOSTUNREACH", "nobody has the address of $addr"},
    {"ETIMEDOUT", "$addr did not answer in time"},
    {"EADDRNOTAVAIL", "no port is free for this end"},
    {"EACCES", "the file $addr may not be written by this user"},
    {"ENAMETOOLONG", "$addr is longer than the 107 bytes that a Unix socket's name may have"},
    {"EINTR", "a signal with a handler came while it waited"},
    {0},
};
static const struct ipclab_error shutdown_errors[] = {
    NO_SOCKET,
    {"ENOTCONN", "the socket is not connected"},
    {"EINVAL", "$how is none of SHUT_RD, SHUT_WR and SHUT_RDWR"},
    {0},
};
static const struct ipclab_error name_errors[] = {
    NO_SOCKET,
    {"ENOTCONN", "the socket is not connected"},
    {0},
};
#define SEND_ERRORS                                                                                \
    NO_SOCKET,                                                                                     \
        {"EPIPE", "the peer receives no more; SIGPIPE comes with it unless MSG_NOSIGNAL "          \
                  "forbids it"},                                                                   \
        {"EAGAIN", "the buffer is full, and O_NONBLOCK, MSG_DONTWAIT or SO_SNDTIMEO forbids to "   \
                   "wait (longer)"},                                                               \
        {"ENOTCONN", "the socket is not connected"},                                               \
        {"EDESTADDRREQ", "the socket is not connected, and no address is given"},                  \
        {"ECONNRESET", "the peer has closed without reading what was sent"},                       \
        {"ECONNREFUSED", "nobody receives there (any more)"},                                      \
        {"EMSGSIZE", "longer than one message of this socket may be"},                             \
        {"ETIMEDOUT", "what was sent was not acknowledged in time, and TCP has given up"},         \
    {                                                                                              \
        "EINTR", "a signal with a handler came while it waited"                                    \
    }

static const struct ipclab_error send_errors[] = {
    SEND_ERRORS,
    {"EFAULT", "$buf is no address of $len bytes in this process"},
    {"EINVAL", "$flags has a flag that is none here"},
    {"EOPNOTSUPP", "this socket knows no $flags"},
    {0},
};
static const struct ipclab_error sendto_errors[] = {
    SEND_ERRORS,
    {"EISCONN", "the socket is connected and takes no other address"},
    {"ENOENT", "there is no file $addr: nobody has bound a socket there"},
    {"EINVAL", "$addr is no address of this socket's family"},
    {"EPROTOTYPE", "the socket at $addr is of another type"},
    {"ENETUNREACH", "no way leads to $addr"},
    {"EACCES", "$addr is everybody, and SO_BROADCAST is off; or the file may not be written"},
    {"EOPNOTSUPP", "a stream that is connected takes no address"},
    {"ENAMETOOLONG", "$addr is longer than the 107 bytes that a Unix socket's name may have"},
    {0},
};
static const struct ipclab_error sendmsg_errors[] = {
    SEND_ERRORS,
    {"ETOOMANYREFS", "RLIMIT_NOFILE descriptors of this user are on their way already"},
    {0},
};
static const struct ipclab_error recv_errors[] = {
    NO_SOCKET,
    {"EAGAIN", "nothing is there, and O_NONBLOCK, MSG_DONTWAIT or SO_RCVTIMEO forbids to wait "
               "(longer)"},
    {"ENOTCONN", "the socket is not connected"},
    {"ECONNRESET", "the peer has closed without reading what was sent to it"},
    {"ECONNREFUSED", "a datagram that was sent found nobody there"},
    {"ETIMEDOUT", "what this end had sent was not acknowledged in time, and TCP has given up"},
    {"EHOSTUNREACH", "what this end had sent found no host of that address"},
    {"EFAULT", "$buf is no address of $len bytes in this process"},
    {"EINVAL", "$flags do not fit this socket, or it listens"},
    {"EOPNOTSUPP", "this socket knows no $flags"},
    {"EINTR", "a signal with a handler came while it waited"},
    {0},
};
static const struct ipclab_error option_errors[] = {
    NO_SOCKET,
    {"ENOPROTOOPT", "this socket has no such option at that level, or it is to read only"},
    {"EOPNOTSUPP", "this socket has no such option"},
    {"EINVAL", "the value does not fit the option"},
    {"EPERM", "this user may not set it"},
    {"EDOM", "the time is negative"},
    {0},
};

/* ---- Records: examples --------------------------------------------------------------------- */

#define SERVER                                                                                     \
    "spawn server client\nserver s = socket(AF_INET, SOCK_STREAM)\n"                               \
    "server bind(s, \"127.0.0.1:5001\")\nserver listen(s)\n"
#define PAIR "spawn parent\nparent socketpair(AF_UNIX, SOCK_STREAM, 0, sv)\nparent fork(child)\n"
#define UDP                                                                                        \
    "spawn a b\na s = socket(AF_INET, SOCK_DGRAM)\na bind(s, \"127.0.0.1:5002\")\n"                \
    "b s = socket(AF_INET, SOCK_DGRAM)\n"

static const char *const socket_examples[] = {
    SERVER "server c = accept(s)\nclient s = socket(AF_INET, SOCK_STREAM)\n"
           "client connect(s, \"127.0.0.1:5001\")\nclient send(s, \"hello\")\n"
           "server recv(c, buf)\nclient close(s)\nserver recv(c, buf)",
    "spawn a\na socket(AF_UNIX, SOCK_DGRAM)\na socket(AF_INET6, SOCK_STREAM|SOCK_NONBLOCK)\n"
    "a socket(AF_UNIX, 77)",
    NULL,
};
static const char *const socketpair_examples[] = {
    PAIR "parent close(sv[1])\nchild close(sv[0])\nparent recv(sv[0], buf)\n"
         "child send(sv[1], \"both ways\")\nparent send(sv[0], \"indeed\")\nchild recv(sv[1], buf)",
    "spawn a\na socketpair(AF_UNIX, SOCK_SEQPACKET, 0, sv)\na send(sv[0], \"one\")\n"
    "a send(sv[0], \"two\")\na recv(sv[1], buf)\na recv(sv[1], buf)",
    NULL,
};
static const char *const bind_examples[] = {
    SERVER "client s = socket(AF_INET, SOCK_STREAM)\nclient bind(s, \"127.0.0.1:5001\")",
    "spawn a\na s = socket(AF_UNIX, SOCK_STREAM)\na bind(s, \"door\")\na getsockname(s)\n"
    "a unlink(\"door\")",
    NULL,
};
static const char *const listen_examples[] = {
    SERVER "client s = socket(AF_INET, SOCK_STREAM)\nclient connect(s, \"127.0.0.1:5001\")\n"
           "server accept(s)",
    "spawn a\na s = socket(AF_INET, SOCK_DGRAM)\na listen(s)",
    NULL,
};
static const char *const accept_examples[] = {
    SERVER "server c = accept(s)\nclient s = socket(AF_INET, SOCK_STREAM)\n"
           "client connect(s, \"127.0.0.1:5001\")",
    "spawn a\na s = socket(AF_UNIX, SOCK_STREAM|SOCK_NONBLOCK)\na bind(s, \"@door\")\n"
    "a listen(s)\na accept(s)",
    NULL,
};
static const char *const connect_examples[] = {
    "spawn a\na s = socket(AF_INET, SOCK_STREAM)\na connect(s, \"127.0.0.1:5001\")",
    "spawn server client\nserver s = socket(AF_UNIX, SOCK_STREAM)\nserver bind(s, \"@door\")\n"
    "server listen(s)\nclient s = socket(AF_UNIX, SOCK_STREAM)\nclient connect(s, \"@door\")\n"
    "client getsockopt(s, SOL_SOCKET, SO_PEERCRED)",
    NULL,
};
static const char *const shutdown_examples[] = {
    PAIR "child close(sv[0])\nparent close(sv[1])\nparent recv(sv[0], buf)\n"
         "child shutdown(sv[1], SHUT_WR)\nparent send(sv[0], \"still\")\nchild recv(sv[1], buf)",
    "spawn a\na s = socket(AF_INET, SOCK_STREAM)\na shutdown(s, SHUT_RDWR)",
    NULL,
};
static const char *const getsockname_examples[] = {
    SERVER "server getsockname(s)",
    "spawn a\na s = socket(AF_UNIX, SOCK_STREAM)\na getsockname(s)",
    NULL,
};
static const char *const getpeername_examples[] = {
    SERVER "client s = socket(AF_INET, SOCK_STREAM)\nclient connect(s, \"127.0.0.1:5001\")\n"
           "client getpeername(s)",
    "spawn a\na s = socket(AF_INET, SOCK_STREAM)\na getpeername(s)",
    NULL,
};
static const char *const send_examples[] = {
    PAIR "parent send(sv[0], \"hello\")\nchild recv(sv[1], buf)",
    "spawn a\na socketpair(AF_UNIX, SOCK_STREAM, 0, sv)\na close(sv[1])\n"
    "a send(sv[0], \"x\", 1, MSG_NOSIGNAL)",
    NULL,
};
static const char *const sendto_examples[] = {
    UDP "b sendto(s, \"a letter\", \"127.0.0.1:5002\")\na recvfrom(s, buf)",
    "spawn a b\na s = socket(AF_UNIX, SOCK_DGRAM)\na bind(s, \"@box\")\n"
    "b s = socket(AF_UNIX, SOCK_DGRAM)\nb sendto(s, \"one\", \"@box\")\n"
    "b sendto(s, \"two\", \"@box\")\na recv(s, buf)\na recv(s, buf)",
    NULL,
};
static const char *const recv_examples[] = {
    PAIR "parent recv(sv[0], buf, 64)\nchild send(sv[1], \"hello\")",
    "spawn a\na socketpair(AF_UNIX, SOCK_STREAM, 0, sv)\na recv(sv[0], buf, 64, MSG_DONTWAIT)",
    "spawn a\na socketpair(AF_UNIX, SOCK_STREAM, 0, sv)\n"
    "a setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, 20)\na recv(sv[0], buf, 64)",
    NULL,
};
static const char *const recvfrom_examples[] = {
    UDP "a recvfrom(s, buf)\nb sendto(s, \"a letter\", \"127.0.0.1:5002\")",
    UDP "b sendto(s, \"too long\", \"127.0.0.1:5002\")\na recvfrom(s, buf, 3)",
    NULL,
};
static const char *const sendmsg_examples[] = {
    PAIR "parent pipe(p)\nparent sendmsg(sv[0], \"here\", p[0])\nchild recvmsg(sv[1], buf, 16)\n"
         "parent write(p[1], \"through\")\nchild read(5, buf, 16)",
    "spawn a\na socketpair(AF_UNIX, SOCK_DGRAM, 0, sv)\na sendmsg(sv[0], \"plain\")",
    NULL,
};
static const char *const recvmsg_examples[] = {
    PAIR "child setsockopt(sv[1], SOL_SOCKET, SO_PASSCRED, 1)\nparent sendmsg(sv[0], \"me\")\n"
         "child recvmsg(sv[1], buf, 16)",
    "spawn a\na socketpair(AF_UNIX, SOCK_STREAM, 0, sv)\na sendmsg(sv[0], \"x\", 1)\n"
    "a recvmsg(sv[1], buf, 16)",
    NULL,
};
static const char *const setsockopt_examples[] = {
    SERVER "server setsockopt(s, SOL_SOCKET, SO_REUSEADDR, 1)",
    "spawn a\na s = socket(AF_INET, SOCK_STREAM)\na setsockopt(s, SOL_SOCKET, SO_TYPE, 1)",
    NULL,
};
static const char *const getsockopt_examples[] = {
    "spawn a\na s = socket(AF_UNIX, SOCK_STREAM)\na setsockopt(s, SOL_SOCKET, SO_SNDBUF, 8192)\n"
    "a getsockopt(s, SOL_SOCKET, SO_SNDBUF)",
    "spawn a\na s = socket(AF_UNIX, SOCK_STREAM)\na getsockopt(s, IPPROTO_TCP, TCP_NODELAY)",
    NULL,
};

/* ---- Records: calls ------------------------------------------------------------------------ */

#define CALL(NAME, PROTOTYPE, SUMMARY, HELP, MAN, FLAGS, RESULT, ARGS, ERRORS)                     \
    .name = #NAME, .prototype = PROTOTYPE, .summary = SUMMARY, .help = HELP, .man = MAN,           \
    .flags = FLAGS, .result = RESULT, .failure = -1, .args = ARGS, .errors = ERRORS,               \
    .examples = NAME##_examples, .run = run_##NAME

static const struct ipclab_call calls[] = {
    {CALL(socket, "int socket(int domain, int type, int protocol)",
          "make one end for communication, without a name or a peer",
          "A socket begins as nothing but a type. A server gives it a name (bind) and listens; a "
          "client connects to that name. Datagram sockets need no connection: one has a name, the "
          "other sends to it. The network of a session is only the loopback, so 127.0.0.1 and ::1 "
          "are all there is, but for processes that are on hosts (`spawn NAME on HOST`).",
          "socket(2)", IPCLAB_FDS, IPCLAB_FD, socket_args, socket_errors),
     .returns = "a descriptor, the lowest that is free"},
    {CALL(socketpair, "int socketpair(int domain, int type, int protocol, int sv[2])",
          "make two sockets that are connected to each other",
          "What pipe() is for one direction, this is for both: two ends, each to read and to "
          "write. Parent and child take one each after fork(), and close the other.",
          "socketpair(2)", IPCLAB_FDS, IPCLAB_INT, socketpair_args, socket_errors),
     .returns = "0"},
    {CALL(bind, "int bind(int sockfd, const struct sockaddr *addr)", "give a socket its name",
          "Others find the socket by it. A name of an AF_UNIX socket is a file, which stays when "
          "the socket is closed (unlink it), or begins with @ and is a mere name that goes with "
          "the last descriptor. Port 0 lets the kernel choose one.",
          "bind(2)", 0, IPCLAB_INT, address_args, bind_errors),
     .returns = "0"},
    {CALL(listen, "int listen(int sockfd, int backlog)", "be ready for connections",
          "From now on connections queue up, as many as backlog says (and one more), each until "
          "accept() takes it. A client is connected, and may send, as soon as it is in the queue.",
          "listen(2)", 0, IPCLAB_INT, listen_args, listen_errors),
     .returns = "0"},
    {CALL(accept, "int accept(int sockfd, int flags)", "take the next connection from the queue",
          "The result is a new socket, connected to that client. The listening one stays as it "
          "was, for the next. Waits while nobody has connected; with O_NONBLOCK it is EAGAIN, "
          "SO_RCVTIMEO or poll() before it gives the wait a time.",
          "accept(2)", IPCLAB_WAITS | IPCLAB_FDS, IPCLAB_FD, accept_args, accept_errors),
     .timed = receive_timed, .returns = "the descriptor of a new socket, connected to that client",
     .waits = "nobody has connected; a connect ends it"},
    {CALL(connect, "int connect(int sockfd, const struct sockaddr *addr)",
          "connect to the socket of that name",
          "Of a stream: waits for a place in the listener's queue, not for accept(). ECONNREFUSED "
          "says that nobody listens there. Of a datagram socket: only remembers to whom send() "
          "goes, and from whom alone it receives.",
          "connect(2)", IPCLAB_WAITS, IPCLAB_INT, address_args, connect_errors),
     .timed = send_timed, .returns = "0",
     .waits = "the queue of the listener is full; its accept ends it. Or no answer comes from "
              "another host; `plug` ends that, or the kernel gives up"},
    {CALL(shutdown, "int shutdown(int sockfd, int how)", "end one direction of a connection",
          "Unlike close() it acts at once, whoever else has a descriptor of the socket, and on one "
          "direction if wanted: after SHUT_WR the peer reads end of file, while its answers still "
          "come.",
          "shutdown(2)", 0, IPCLAB_INT, shutdown_args, shutdown_errors),
     .returns = "0"},
    {CALL(getsockname, "int getsockname(int sockfd)", "tell the name of this end",
          "What bind() gave it, or what the kernel chose.", "getsockname(2)", IPCLAB_PURE,
          IPCLAB_INT, fd_args, name_errors),
     .returns = "0"},
    {CALL(getpeername, "int getpeername(int sockfd)", "tell the name of the other end",
          "Empty where the peer has none, as Unix clients.", "getpeername(2)", IPCLAB_PURE,
          IPCLAB_INT, fd_args, name_errors),
     .returns = "0"},
    {CALL(send, "ssize_t send(int sockfd, const void *buf, size_t len, int flags)",
          "send bytes to the peer",
          "They go into the peer's buffer, not to the peer: that send() returned does not mean "
          "that anybody has read. write() is the same without flags. Waits while the buffer is "
          "full; MSG_DONTWAIT makes that EAGAIN, SO_SNDTIMEO gives it a time.",
          "send(2)", IPCLAB_WAITS, IPCLAB_SIZE, send_args, send_errors),
     .timed = send_timed, .returns = "how many bytes were taken",
     .waits = "the buffer is full; the peer makes room when it receives"},
    {CALL(recv, "ssize_t recv(int sockfd, void *buf, size_t len, int flags)",
          "receive what the peer sent",
          "Of a stream: whatever is there, at least a byte, in pieces that have nothing to do with "
          "those that were sent. Of datagrams: one message; what does not fit the buffer is lost. "
          "0 is end of file. Waits while nothing is there; MSG_DONTWAIT makes that EAGAIN, "
          "SO_RCVTIMEO gives it a time.",
          "recv(2)", IPCLAB_WAITS, IPCLAB_SIZE, recv_args, recv_errors),
     .timed = receive_timed, .returns = "how many bytes were received; 0 at end of file",
     .waits = "nothing has been sent; data or the end of the peer ends it"},
    {CALL(sendto,
          "ssize_t sendto(int sockfd, const char *text, const struct sockaddr *addr, int "
          "flags)",
          "send one datagram to that address",
          "Needs no connection. UDP does not tell whether anybody got it; a datagram for a port "
          "that nobody has comes back as ECONNREFUSED of a later call, if the socket is "
          "connected.",
          "sendto(2)", IPCLAB_WAITS, IPCLAB_SIZE, sendto_args, sendto_errors),
     .timed = send_timed, .returns = "how many bytes were taken",
     .waits = "the buffer of the receiver is full; it makes room when it receives"},
    {CALL(recvfrom, "ssize_t recvfrom(int sockfd, void *buf, size_t len, int flags)",
          "receive, and tell from whom",
          "As recv(); the line tells the sender's address, to which sendto() can answer.",
          "recvfrom(2)", IPCLAB_WAITS, IPCLAB_SIZE, recv_args, recv_errors),
     .timed = receive_timed, .returns = "how many bytes were received",
     .waits = "nothing has been sent; data or the end of the peer ends it"},
    {CALL(sendmsg, "ssize_t sendmsg(int sockfd, const char *text, int fd...)",
          "send bytes and descriptors along with them",
          "Through AF_UNIX sockets descriptors can travel: the receiver gets new numbers for the "
          "same open files, as if it had inherited them. So a process that may open something can "
          "give it to one that may not.",
          "sendmsg(2)", IPCLAB_WAITS, IPCLAB_SIZE, sendmsg_args, sendmsg_errors),
     .timed = send_timed, .returns = "how many bytes were taken",
     .waits = "the buffer is full; the peer makes room when it receives"},
    {CALL(recvmsg, "ssize_t recvmsg(int sockfd, void *buf, size_t len, int flags)",
          "receive bytes, descriptors and who sent them",
          "As recv(), and takes what came along: new descriptors, and with SO_PASSCRED the pid and "
          "uid of the sender, which the kernel vouches for.",
          "recvmsg(2)", IPCLAB_WAITS | IPCLAB_FDS, IPCLAB_SIZE, recv_args, recv_errors),
     .timed = receive_timed, .returns = "how many bytes were received; 0 at end of file",
     .waits = "nothing has been sent; data or the end of the peer ends it"},
    {CALL(setsockopt, "int setsockopt(int sockfd, int level, int optname, int value)",
          "set an option of a socket",
          "Useful ones: SO_REUSEADDR before bind() of a server that is started again, SO_RCVBUF "
          "and SO_SNDBUF to see a full buffer soon, SO_RCVTIMEO for a wait with an end.",
          "setsockopt(2)", 0, IPCLAB_INT, setsockopt_args, option_errors),
     .returns = "0"},
    {CALL(getsockopt, "int getsockopt(int sockfd, int level, int optname)",
          "tell an option of a socket", "The value stands behind the call.", "getsockopt(2)",
          IPCLAB_PURE, IPCLAB_INT, getsockopt_args, option_errors),
     .returns = "0"},
    {0},
};

static const struct ipclab_kind kinds[] = {
    {.name = "socket",
     .summary = "one end of a connection, or a place where connections or datagrams arrive",
     .line = "$type  $buffer  $name",
     .owns = owns,
     .state = state,
     .explain = explain,
     .watched = watched,
     .linked = IPCLAB_LINKED},
    {0},
};

/* ---- Measuring --------------------------------------------------------------------------- */

enum {
    BENCH_WINDOW = 8, /* datagrams under way one way, of those that nothing else holds back, */
    BENCH_BYTES = 64 * 1024, /* but not more bytes: half of what a receiver has room for */
    BENCH_DATAGRAM = 65507   /* of UDP over IPv4, at most */
};

/* An end for each side. */
struct bench_ends {
    int ends[2];
    int window;  /* UDP one way: after so many datagrams the receiver says that it has them */
    int counted; /* of them, by this side */
};

static struct bench_ends *
bench_ends(struct ipclab_bench_run *run)
{
    struct bench_ends *b = calloc(1, sizeof *b);

    run->state = b;
    if (b != NULL)
        b->ends[0] = b->ends[1] = -1;
    return b;
}

static int
bench_pair(struct ipclab_bench_run *run, int type)
{
    struct bench_ends *b = bench_ends(run);

    return b == NULL ? -1 : socketpair(AF_UNIX, type, 0, b->ends);
}

static int
bench_setup_stream(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    (void)host;
    return bench_pair(run, SOCK_STREAM);
}

/* A datagram that is longer than the buffer for sending is refused. */
static int
bench_setup_packets(struct ipclab_bench_run *run, int type)
{
    int room = (int)(run->piece + 4096) * 2;

    if (bench_pair(run, type) < 0)
        return -1;
    for (int i = 0; i < 2; i++) {
        const struct bench_ends *b = run->state;

        if (number_option(b->ends[i], SOL_SOCKET, SO_SNDBUF) < room)
            setsockopt(b->ends[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
        room = number_option(b->ends[i], SOL_SOCKET, SO_SNDBUF);
        if (run->piece + 1024 > (size_t)room)
            run->piece = (size_t)room - 1024;
    }
    return 0;
}

static int
bench_setup_dgram(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    (void)host;
    return bench_setup_packets(run, SOCK_DGRAM);
}

static int
bench_setup_seqpacket(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    (void)host;
    return bench_setup_packets(run, SOCK_SEQPACKET);
}

/* A socket of its own on loopback, with a port that the kernel chooses. */
static int
bench_bound(int type, struct sockaddr_in *at)
{
    int fd = socket(AF_INET, type, 0);
    socklen_t n = sizeof *at;

    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || bind(fd, (struct sockaddr *)at, sizeof *at) < 0 ||
        getsockname(fd, (struct sockaddr *)at, &n) < 0)
        return -1;
    return fd;
}

static int
bench_setup_tcp(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    struct bench_ends *b = bench_ends(run);
    struct sockaddr_in at;
    int listener, on = 1;

    (void)host;
    if (b == NULL || (listener = bench_bound(SOCK_STREAM, &at)) < 0 || listen(listener, 1) < 0)
        return -1;
    b->ends[0] = socket(AF_INET, SOCK_STREAM, 0);
    if (b->ends[0] < 0 || connect(b->ends[0], (struct sockaddr *)&at, sizeof at) < 0)
        return -1;
    b->ends[1] = accept(listener, NULL, NULL);
    close(listener);
    for (int i = 0; i < 2; i++) /* an answer is not held back until more can go with it */
        if (setsockopt(b->ends[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
            return -1;
    return 0;
}

static int
bench_setup_udp(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    struct bench_ends *b = bench_ends(run);
    struct sockaddr_in at[2];

    (void)host;
    for (int i = 0; i < 2 && b != NULL; i++)
        if ((b->ends[i] = bench_bound(SOCK_DGRAM, &at[i])) < 0)
            return -1;
    for (int i = 0; i < 2 && b != NULL; i++)
        if (connect(b->ends[i], (struct sockaddr *)&at[1 - i], sizeof *at) < 0)
            return -1;
    if (b == NULL)
        return -1;
    if (run->size > BENCH_DATAGRAM) /* in pieces of one length */
        run->piece = BENCH_BYTES / 2;
    b->window = run->one_way ? (int)(BENCH_BYTES / run->piece) : 0;
    b->window = b->window > BENCH_WINDOW ? BENCH_WINDOW : b->window < 1 ? 1 : b->window;
    return 0;
}

static int
bench_begin(const struct ipclab_bench_host *host, struct ipclab_bench_run *run)
{
    const struct bench_ends *b = run->state;

    (void)host;
    return close(b->ends[1 - run->side]);
}

static int
bench_send(struct ipclab_bench_run *run, const void *data, size_t n)
{
    const struct bench_ends *b = run->state;

    while (n > 0) {
        ssize_t did = send(b->ends[run->side], data, n, 0);

        if (did < 0)
            return -1;
        data = (const char *)data + did;
        n -= (size_t)did;
    }
    return 0;
}

static int
bench_receive(struct ipclab_bench_run *run, void *data, size_t n)
{
    const struct bench_ends *b = run->state;

    while (n > 0) {
        ssize_t did = recv(b->ends[run->side], data, n, 0);

        if (did <= 0)
            return -1;
        data = (char *)data + did;
        n -= (size_t)did;
    }
    return 0;
}

/* A datagram that finds no room is lost, so not more than a window of them is under way. */
static int
bench_send_udp(struct ipclab_bench_run *run, const void *data, size_t n)
{
    struct bench_ends *b = run->state;
    char word;

    if (send(b->ends[run->side], data, n, 0) != (ssize_t)n)
        return -1;
    if (!run->one_way || ++b->counted < b->window)
        return 0;
    b->counted = 0;
    return recv(b->ends[run->side], &word, 1, 0) == 1 ? 0 : -1;
}

static int
bench_receive_udp(struct ipclab_bench_run *run, void *data, size_t n)
{
    struct bench_ends *b = run->state;

    if (recv(b->ends[run->side], data, n, 0) != (ssize_t)n)
        return -1;
    if (!run->one_way || ++b->counted < b->window)
        return 0;
    b->counted = 0;
    return send(b->ends[run->side], "", 1, 0) == 1 ? 0 : -1;
}

static void
bench_teardown(struct ipclab_bench_run *run)
{
    const struct bench_ends *b = run->state;

    close(b->ends[0]);
    close(b->ends[1]);
}

static const struct ipclab_bench benches[] = {
    {.name = "unix_stream",
     .summary = "a pair of Unix stream sockets",
     .setup = bench_setup_stream,
     .begin = bench_begin,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {.name = "unix_dgram",
     .summary = "a pair of Unix datagram sockets",
     .flags = IPCLAB_BENCH_CUTS,
     .limit = "net.core.wmem_max allows no longer datagram",
     .setup = bench_setup_dgram,
     .begin = bench_begin,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {.name = "unix_seqpacket",
     .summary = "a pair of Unix sockets that keep the borders of messages",
     .flags = IPCLAB_BENCH_CUTS,
     .limit = "net.core.wmem_max allows no longer packet",
     .setup = bench_setup_seqpacket,
     .begin = bench_begin,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {.name = "tcp",
     .summary = "a TCP connection over loopback, with TCP_NODELAY",
     .setup = bench_setup_tcp,
     .begin = bench_begin,
     .send = bench_send,
     .receive = bench_receive,
     .teardown = bench_teardown},
    {.name = "udp",
     .summary = "UDP over loopback; one way, the receiver confirms each window of datagrams",
     .flags = IPCLAB_BENCH_CUTS,
     .most = BENCH_DATAGRAM,
     .limit = "a UDP datagram holds at most 65507 bytes",
     .setup = bench_setup_udp,
     .begin = bench_begin,
     .send = bench_send_udp,
     .receive = bench_receive_udp,
     .teardown = bench_teardown},
    {0},
};

static const char *const man[] = {"socket(2)", "socket(7)", "unix(7)", "tcp(7)", "udp(7)", NULL};

static const struct ipclab_blocking blocking[] = {
    {.when = "recv, and nothing has come",
     .before = "spawn a\n"
               "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)\n"
               "a fork(b)",
     .waits = {.lines = "a recv(sv[0], buf, 8)", .returns = "5"},
     .ends = "b send(sv[1], \"hello\")",
     .at_once = {.lines = "a recv(sv[0], buf, 8, MSG_DONTWAIT)",
                 .returns = "-1 EAGAIN",
                 .note = "O_NONBLOCK: for all calls on the socket"},
     .timed = {.lines = "a setsockopt(sv[0], SOL_SOCKET, SO_RCVTIMEO, 100)\n"
                        "a recv(sv[0], buf, 8)",
               .returns = "-1 EAGAIN"}},
    {.when = "send, and the buffer is full",
     .before = "spawn a\n"
               "a socketpair(AF_UNIX, SOCK_STREAM, 0, sv)\n"
               "a setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, 4608)\n"
               "a char data[65536]\n"
               "a send(sv[0], data, 65536, MSG_DONTWAIT)\n"
               "a fork(b)",
     .waits = {.lines = "a send(sv[0], \"x\")", .returns = "1"},
     .ends = "b recv(sv[1], data, 65536)",
     .at_once = {.lines = "a send(sv[0], \"x\", 1, MSG_DONTWAIT)", .returns = "-1 EAGAIN"},
     .timed = {.lines = "a setsockopt(sv[0], SOL_SOCKET, SO_SNDTIMEO, 100)\n"
                        "a send(sv[0], \"x\")",
               .returns = "-1 EAGAIN"}},
    {.when = "accept, and nobody has connected",
     .before = "spawn a\n"
               "a s = socket(AF_UNIX, SOCK_STREAM)\n"
               "a bind(s, \"@door\")\n"
               "a listen(s, 0)\n"
               "a fork(b)\n"
               "b c = socket(AF_UNIX, SOCK_STREAM)",
     .waits = {.lines = "a accept(s)", .returns = "4"},
     .ends = "b connect(c, \"@door\")",
     .at_once = {.lines = "a fcntl(s, F_SETFL, O_NONBLOCK)\n"
                          "a accept(s)",
                 .returns = "-1 EAGAIN"},
     .timed = {.lines = "a setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, 100)\n"
                        "a accept(s)",
               .returns = "-1 EAGAIN",
               .note = "poll says when it would not wait, too"}},
    {.when = "connect, and the listener's queue is full",
     .before = "spawn b\n"
               "b s = socket(AF_UNIX, SOCK_STREAM)\n"
               "b bind(s, \"@door\")\n"
               "b listen(s, 0)\n"
               "b fork(a)\n"
               "b connect(socket(AF_UNIX, SOCK_STREAM), \"@door\")\n"
               "a c = socket(AF_UNIX, SOCK_STREAM)",
     .waits = {.lines = "a connect(c, \"@door\")", .returns = "0"},
     .ends = "b accept(s)",
     .at_once = {.lines = "a fcntl(c, F_SETFL, O_NONBLOCK)\n"
                          "a connect(c, \"@door\")",
                 .returns = "-1 EAGAIN",
                 .note = "EINPROGRESS over TCP: poll for POLLOUT says when it is there"},
     .timed = {.lines = "a setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, 100)\n"
                        "a connect(c, \"@door\")",
               .returns = "-1 EAGAIN"}},
    {0},
};

static const char *const fields[] = {"address", "backlog", "buffer", "bytes", "fd",     "from",
                                     "host",    "name",    "peer",   "port",  "queued", "sender",
                                     "type",    "uid",     "value",  NULL};

const struct ipclab_plugin ipclab_plugin = {
    IPCLAB_PLUGIN_HEAD,
    .name = "socket",
    .version = "1.0",
    .summary = "sockets: connections and datagrams, on one machine or over the network",
    .help =
        "Two processes that know nothing of each other but a name can talk through sockets: Unix "
        "ones (AF_UNIX) on one machine, TCP and UDP also across machines. The data wait in buffers "
        "of the kernel between send and receive.\n"
        "A connection:  server socket, bind, listen, accept;  client socket, connect. Then both "
        "send() and recv(), or write() and read().\n"
        "Datagrams:  one socket, bind;  the other socket, sendto. Each message is received as a "
        "whole, or not at all.\n"
        "Hosts:  processes of `spawn NAME on HOST` have networks of their own, with addresses for "
        "which a host's name stands (\"host2:5001\") and a cable that `unplug` pulls; ports and "
        "abstract names are those of one host, paths those of all. `help hosts` says more.\n"
        "When a step is over, all that it sent has arrived: small pieces that TCP holds back until "
        "the "
        "other side acknowledges are waited for, and sockets that are lost in each other's "
        "messages "
        "are closed at once, with what was in them. What a cable loses, and a connection that "
        "found "
        "the queue full, the kernel sends again by a timer of seconds: `why` says so, nobody is "
        "called stuck meanwhile, and `wait` waits for it.\n"
        "What goes wrong: a stream is read as if it had the borders of its sends; an end that is "
        "open in a forgotten child keeps end of file away; EADDRINUSE of a server that is started "
        "again too soon; both sides receive first.",
    .man = man,
    .calls = calls,
    .kinds = kinds,
    .blocking = blocking,
    .benches = benches,
    .fields = fields,
};
