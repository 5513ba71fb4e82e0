# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with Unix sockets: those of a World, and what travels in them.

Follows net/unix/af_unix.c: what a send costs is charged to the sender until it has been received,
and a sender that waits is woken when three quarters of its allowance are free again; a stream is
sent in pieces, each of which may have to wait; readers of a stream wait in no order, those of
messages and those in accept one behind the other. A descriptor that travels is an open end like any
other, and goes with the message that nobody received.

Of the true size of a message nothing is assumed: cost() asks this kernel for it."""

import fcntl
import functools
import socket
import struct
import termios

import inet
from inet import TCP, UDP

STREAM, DGRAM, SEQPACKET = "SOCK_STREAM", "SOCK_DGRAM", "SOCK_SEQPACKET"


@functools.cache
def cost(n, kind):
    """What n bytes in one message cost their sender."""
    of = {STREAM: socket.SOCK_STREAM, DGRAM: socket.SOCK_DGRAM, SEQPACKET: socket.SOCK_SEQPACKET}
    a, b = socket.socketpair(socket.AF_UNIX, of[kind])
    with a, b:
        a.send(b"x" * n)
        return struct.unpack("i", fcntl.ioctl(a, termios.TIOCOUTQ, b"\0" * 4))[0]


@functools.cache
def allowance(asked):
    """What a socket gets that asks for this SO_SNDBUF; None: what it has from its birth."""
    with socket.socket(socket.AF_UNIX) as s:
        if asked is not None:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, asked)
        return s.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)


class Socket:
    __slots__ = (
        "id", "kind", "peer", "queue", "charged", "allowed", "shut", "error", "line", "name",
        "backlog", "arrived", "callers", "ended", "closed",
    )  # fmt: skip

    def __init__(self, number, kind):
        self.id, self.kind = number, kind
        self.peer = None  # number of the other end; it may be gone
        self.queue = []  # what it can receive: (data, descriptions, cost, sender)
        self.charged, self.allowed = 0, allowance(None)
        self.shut = frozenset()  # of "r" and "w"
        self.error = None  # told once
        self.line = []  # who waits on it: (actor, "any" | "message" | "room")
        self.name = None
        self.backlog = None  # a number: it listens
        self.arrived = []  # numbers of the ends that nobody has accepted
        self.callers = []  # who waits for a place in its queue
        self.ended = self.closed = False  # of TCP: end of file has come; no connection any more

    def clone(self):
        s = Socket.__new__(Socket)
        for slot in Socket.__slots__:
            value = getattr(self, slot)
            setattr(s, slot, list(value) if isinstance(value, list) else value)
        return s

    def key(self):
        return tuple(
            tuple(value) if isinstance(value, list) else value
            for value in (getattr(self, slot) for slot in Socket.__slots__)
        )

    def has_room(self):
        return (self.charged + 1) * 4 <= self.allowed


class Sockets(inet.Inet):
    """Of a World: `socks`, by number. A number is never given again."""

    def start_sockets(self):
        self.socks, self.made, self.sent = {}, 0, False

    def clone_sockets(self, world):
        world.socks = {number: s.clone() for number, s in self.socks.items()}
        world.made, world.sent = self.made, self.sent

    def key_of_sockets(self):
        return tuple(s.key() for s in self.socks.values())

    def travelling(self):
        return {
            desc for s in self.socks.values() for message in s.queue for desc in message[1]
        }

    def may_travel(self):
        """What is in the queue of an end that nobody has accepted nobody can see."""
        unseen = any(s.arrived for s in self.socks.values() if s.kind != TCP)
        return self.travelling() or (self.sent and unseen)

    def leave_sockets(self, name):
        for s in self.socks.values():
            s.line = [entry for entry in s.line if entry[0] != name]
            s.callers = [who for who in s.callers if who != name]

    def make_socket(self, kind):
        s = Socket(self.made, kind)
        self.socks[s.id] = s
        self.made += 1
        return s

    # ---- Waking ---------------------------------------------------------------------------

    def wake_socket(self, s, key):
        """key: "in", "out" or "all". Of those who take messages in turn "in" wakes one."""
        one = False
        for entry in list(s.line):
            who, how = entry
            if how == "message" and (key == "out" or (key == "in" and one)):
                continue
            one |= how == "message"
            s.line.remove(entry)
            self.actors[who].woken = True
        for a in self.actors.values():
            if a.state == "busy" and a.call[0] == "poll" and (s.id, "s") in {w[:2] for w in a.call[1]}:
                a.woken = True

    def free(self, message):
        s = self.socks.get(message[3])
        if s is None:
            return False
        s.charged -= message[2]
        waits = any(how == "room" for _, how in s.line)
        if s.has_room():
            self.wake_socket(s, "out")
        return waits and s.has_room()

    def sleep_on(self, s, a, how):
        if (a.name, how) not in s.line:
            s.line.append((a.name, how))

    # ---- Ends -----------------------------------------------------------------------------

    def release_socket(self, number, unaccepted=False):
        s = self.socks.pop(number)
        if s.kind in (TCP, UDP):
            self.release_tcp(s, unaccepted)
            return
        peer = self.socks.get(s.peer)
        if peer is not None and s.kind != DGRAM:
            peer.shut = frozenset("rw")
            if s.queue or unaccepted:
                peer.error = "ECONNRESET"
            self.wake_socket(peer, "all")
        self.wake_callers(s)
        for one in s.arrived:
            self.release_socket(one, True)
        self.lose(s)

    def lose(self, s):
        messages, s.queue = s.queue, []
        for message in messages:
            self.free(message)
            for desc in message[1]:
                self.drop(desc)

    def wake_callers(self, s):
        for who in s.callers:
            self.actors[who].woken = True
        s.callers = []

    # ---- What nobody can reach ------------------------------------------------------------

    def contents(self, number):
        """Numbers of the sockets that travel to this one, or to one that it has not accepted."""
        s = self.socks[number]
        queues = [s.queue, *(self.socks[one].queue for one in s.arrived)]
        descs = {desc for queue in queues for message in queue for desc in message[1]}
        return {self.descs[desc][1] for desc in descs if self.descs[desc][0] == "s"}

    def inside(self, numbers):
        """All that is in them, and in what is in them."""
        found, todo = set(), list(numbers)
        while todo:
            for number in self.contents(todo.pop()) - found:
                found.add(number)
                todo.append(number)
        return found

    def collect(self):
        """As the kernel: of rings of sockets that are in each other, and in nothing else, what is
        in their queues. True: there were some."""
        unaccepted = {one for s in self.socks.values() for one in s.arrived}
        held = {
            self.descs[desc][1]
            for a in self.actors.values()
            for desc in a.fds.values()
            if self.descs[desc][0] == "s"
        }
        lost = set(self.socks) - unaccepted - held - self.inside(held)
        deep = {number: self.inside([number]) for number in lost}
        rings = [
            number
            for number in lost
            if all(other in deep[number] for other in lost if number in deep[other])
        ]
        messages = []
        for number in rings:
            for s in (self.socks[number], *(self.socks[one] for one in self.socks[number].arrived)):
                messages += s.queue
                s.queue = []
        for message in messages:
            self.free(message)
        for message in messages:
            for desc in message[1]:
                self.drop(desc)
        return bool(lost)

    # ---- Sending --------------------------------------------------------------------------

    def take_error(self, s):
        error, s.error = s.error, None
        return error

    def attempt_send(self, a):
        _, (desc, number), data, sent, flags, fds, name = a.call
        s = self.socks[number]
        self.sent |= bool(fds)
        if s.kind == UDP:
            self.send_udp(a, s)
            return
        if s.kind in (STREAM, TCP):
            (self.send_stream if s.kind == STREAM else self.send_tcp)(a, s)
            return
        if s.peer is None:
            if s.kind == DGRAM and ("w" in s.shut or s.error or s.charged >= s.allowed):
                raise self.ambiguous()  # which of its troubles comes first is a matter of versions
            self.done(a, -1, "ENOTCONN")
            return
        if len(data) > s.allowed - 32:
            self.done(a, -1, "EMSGSIZE")
            return
        error = self.take_error(s) or ("EPIPE" if "w" in s.shut else None)
        if error is None and s.charged >= s.allowed:
            error = self.no_room(a, s)
            if error is None:
                return
        peer = self.socks.get(s.peer)
        if error is None and peer is None:
            error, s.peer = "ECONNREFUSED", None
            self.lose(s)  # what was sent by the one that is gone
        if error is None and "r" in peer.shut:
            error = "EPIPE"
        if error == "again":
            self.begin_again(a)
            return
        if error:
            self.done(a, -1, error)
            return
        self.put(s, peer, data, fds)
        self.done(a, len(data))

    def no_room(self, a, s):
        """Why it does not wait for room; None: it does."""
        _, (desc, _number), _data, _sent, flags, _fds, _name = a.call
        if "n" in flags or desc in self.nonblock:
            return "EAGAIN"
        if "i" in flags:
            return "again" if "r" in flags else "EINTR"
        self.sleep_on(s, a, "room")
        return None

    def interrupt_send(self, a, restart):
        """It looks for room once more before it looks at its signals."""
        a.call = (*a.call[:4], a.call[4] + ("ir" if restart else "i"), *a.call[5:])
        self.attempt(a)

    def put(self, s, peer, data, fds):
        size = cost(len(data), s.kind)
        s.charged += size
        peer.queue.append((data, fds, size, s.id))
        self.wake_socket(peer, "in")

    def broken(self, a, sent, flags):
        if sent:
            self.done(a, sent)
        elif "s" in flags:
            self.done(a, -1, "EPIPE")
        else:
            self.broken_pipe(a)

    def send_stream(self, a, s):
        _, (desc, number), data, sent, flags, fds, name = a.call
        woken, flags = "w" in flags, flags.replace("w", "")
        if s.peer is None:
            self.done(a, -1, "ENOTCONN")
            return
        if not woken and "w" in s.shut:
            self.broken(a, 0, flags)
            return
        while sent < len(data):
            piece = data[sent : sent + s.allowed // 2 - 64]
            error = self.take_error(s) or ("EPIPE" if "w" in s.shut else None)
            if error is None and s.charged >= s.allowed:
                error = self.no_room(a, s)
                if error is None:
                    a.call = ("send", (desc, number), data, sent, flags + "w", fds, name)
                    return
            if error == "again" and sent == 0:
                self.begin_again(a)
                return
            if error:
                self.done(a, *((sent, None) if sent else (-1, error)))
                return
            peer = self.socks.get(s.peer)
            if peer is None or "r" in peer.shut:
                self.broken(a, sent, flags)
                return
            if len(piece) < len(data) and peer.line:
                raise self.ambiguous()  # they can take what is there before the rest comes
            self.put(s, peer, piece, fds if sent == 0 else ())
            sent += len(piece)
        self.done(a, sent)

    # ---- Receiving ------------------------------------------------------------------------

    def attempt_recv(self, a):
        _, (desc, number), size, flags, name = a.call
        s = self.socks[number]
        if s.kind in (STREAM, TCP):
            (self.recv_stream if s.kind == STREAM else self.recv_tcp)(a, s)
            return
        if s.kind == SEQPACKET and s.peer is None:
            self.done(a, -1, "ENOTCONN")
            return
        error = self.take_error(s)
        if error:
            self.done(a, -1, error)
        elif s.queue:
            message = s.queue.pop(0)
            self.free(message)
            self.done(a, min(size, len(message[0])), None, message[0][:size])
            self.take_along(a, message[1], name)
        elif "n" in flags or desc in self.nonblock:
            if s.kind == SEQPACKET and "r" in s.shut:
                self.done(a, 0, None, b"")
            else:
                self.done(a, -1, "EAGAIN")
        elif "r" in s.shut:
            self.done(a, 0, None, b"")
        else:
            self.sleep_on(s, a, "message")

    def recv_stream(self, a, s):
        _, (desc, number), size, flags, name = a.call
        if s.peer is None:
            self.done(a, -1, "EINVAL")
            return
        got, along, woke = b"", (), False
        while size > len(got) and s.queue:
            data, fds, charge, sender = s.queue.pop(0)
            part, rest = data[: size - len(got)], data[size - len(got) :]
            got += part
            along = fds
            if rest:
                s.queue.insert(0, (rest, (), charge, sender))
            else:
                woke |= self.free((data, fds, charge, sender))
            if along:
                break
        if woke and size > len(got) and not along:
            raise self.ambiguous()  # the sender can put more there before it looks again
        if got or size == 0:
            self.done(a, len(got), None, got)
            self.take_along(a, along, name)
            return
        error = self.take_error(s)
        if error:
            self.done(a, -1, error)
        elif "r" in s.shut:
            self.done(a, 0, None, b"")
        elif "n" in flags or desc in self.nonblock:
            self.done(a, -1, "EAGAIN")
        else:
            self.sleep_on(s, a, "any")

    def attempt_recvall(self, a):
        """MSG_WAITALL: what it has it keeps, and waits for the rest."""
        _, (desc, number), size, got, name = a.call
        s = self.socks[number]
        while size > len(got) and s.queue:
            data, fds, charge, sender = s.queue.pop(0)
            part, rest = data[: size - len(got)], data[size - len(got) :]
            if fds:
                raise self.ambiguous()  # what comes along ends it before it is whole
            got += part
            if rest:
                s.queue.insert(0, (rest, (), charge, sender))
            elif self.free((data, fds, charge, sender)) and size > len(got):
                raise self.ambiguous()  # the sender can put more there before it looks again
        a.call = ("recvall", (desc, number), size, got, name)
        error = None if len(got) == size else self.take_error(s)
        if error and got:
            raise self.ambiguous()  # whether it is told now or next depends on what came first
        if error:
            self.done(a, -1, error)
        elif len(got) == size or "r" in s.shut:
            self.done(a, len(got), None, got)
        elif desc in self.nonblock:
            self.done(a, *((len(got), None, got) if got else (-1, "EAGAIN")))
        else:
            self.sleep_on(s, a, "any")

    def take_along(self, a, descs, name):
        """recvmsg gives numbers to what came along; the other calls lose it."""
        for desc in descs:
            if name == "recvmsg":
                a.fds[self.lowest(a)] = desc
        for desc in descs:
            self.drop(desc)

    # ---- Connections ----------------------------------------------------------------------

    def named(self, name, kind):
        """An abstract name is one of its kind."""
        return next((s for s in self.socks.values() if (s.name, s.kind) == (name, kind)), None)

    def attempt_connect(self, a):
        _, (desc, number), where, name = a.call
        s = self.socks[number]
        there = self.named(where, s.kind)
        if there is None or there.backlog is None or "r" in there.shut:
            self.done(a, -1, "ECONNREFUSED")
        elif len(there.arrived) > there.backlog:
            if s.kind == TCP:
                raise self.ambiguous()
            if desc in self.nonblock:
                self.done(a, -1, "EAGAIN")
            elif a.name not in there.callers:
                there.callers.append(a.name)
        elif s.peer is not None:
            self.done(a, -1, "EISCONN")
        elif s.backlog is not None:
            self.done(a, -1, "EINVAL")
        else:
            end = self.make_socket(s.kind)
            end.peer, s.peer = s.id, end.id
            there.arrived.append(end.id)
            self.wake_socket(there, "in")
            self.done(a, 0)

    def attempt_accept(self, a):
        _, (desc, number), name = a.call
        s = self.socks[number]
        if s.backlog is None:
            self.done(a, -1, "EINVAL")
        elif s.arrived:
            end = s.arrived.pop(0)
            if s.callers:
                self.actors[s.callers.pop(0)].woken = True
            self.done(a, self.open(a, ("s", end)))
        elif desc in self.nonblock:
            self.done(a, -1, "EAGAIN")
        elif "r" in s.shut:
            self.done(a, -1, "EINVAL")
        else:
            self.sleep_on(s, a, "message")

    # ---- Calls that never wait ------------------------------------------------------------

    def do_socketpair(self, a, kind):
        one, two = self.make_socket(kind), self.make_socket(kind)
        one.peer, two.peer = two.id, one.id
        self.open(a, ("s", one.id))
        self.open(a, ("s", two.id))
        return 0

    def do_socket(self, a, kind):
        return self.open(a, ("s", self.make_socket(kind).id))

    def do_allow(self, _a, number, asked):
        self.socks[number].allowed = allowance(asked)
        return 0

    def do_bind(self, _a, number, name):
        self.socks[number].name = name
        return 0

    def do_pair(self, _a, number, _name, other):
        self.socks[number].peer = other
        return 0

    def do_listen(self, _a, number, backlog):
        s = self.socks[number]
        if s.backlog is not None and backlog > s.backlog:
            self.wake_callers(s)
        s.backlog = backlog
        return 0

    def do_shutdown(self, _a, number, how):
        s = self.socks[number]
        if s.kind == TCP:
            return self.shutdown_tcp(s, how)
        s.shut |= how
        peer = self.socks.get(s.peer)
        if peer is not None and s.kind != DGRAM:
            peer.shut |= frozenset({"r": "w", "w": "r"}[end] for end in how)
            self.wake_socket(peer, "all")
        self.wake_socket(s, "all")
        return 0

    # ---- Told -----------------------------------------------------------------------------

    def is_ready(self, number, wanted):
        """Does poll see something on the socket?"""
        s = self.socks[number]
        if s.error or s.shut == frozenset("rw") or (s.kind not in (DGRAM, UDP) and s.peer is None and s.backlog is None):
            return True
        if s.kind == TCP and wanted == "w":
            return s.backlog is None
        if wanted == "r":
            return bool(s.queue or s.arrived or "r" in s.shut)
        return s.backlog is None and s.has_room()

    def others_end(self, a):
        """Number of the socket whose holders could end the call."""
        s = self.socks[a.call[1][1]]
        if s.kind == UDP:
            return None  # anybody may send to it; who does is not followed
        if a.call[0] == "connect":
            return self.named(a.call[2], s.kind).id
        return None if a.call[0] == "accept" else s.peer

    def why_socket(self, a):
        other = self.others_end(a)
        found = [
            (who.name, fd, "u")
            for who in self.actors.values()
            for fd, d in who.fds.items()
            if self.descs[d] == ("s", other)
        ]
        words = {"send": "full", "recv": "empty", "recvall": "empty", "accept": "no connection", "connect": "queue full"}
        return words[a.call[0]], tuple(sorted(found))

    def only_self_could(self, a):
        return self.only_own_socket(a, a.call[1][1], "w" if a.call[0] == "send" else "r")

    def only_own_socket(self, a, number, wanted):
        """Nobody shares this end, which he could shut down, and the other one is open only in the
        process that waits, or nobody can send there at all."""
        s = self.socks[number]
        if self.has_it(("s", number)) != {a.name}:
            return False
        if s.backlog is not None:
            return wanted == "w"
        if s.kind in (DGRAM, UDP) and s.peer not in self.socks:
            return wanted == "r" and s.name is None
        if s.kind == UDP:
            return False  # who is connected there is not followed
        return self.has_it(("s", s.peer)) == {a.name}
