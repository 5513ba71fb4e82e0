# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel does with TCP and UDP on its loopback: more kinds of the sockets of a World.

Follows tcp(7) as far as whole segments arrive: what was sent is there at once, FIN and RST too. How
much fits into the buffers the kernel decides anew each time, so that nothing is foretold once more
than WINDOW bytes wait in one direction, nor of a connection that finds the queue full (the client
asks again after a second)."""

TCP, UDP = "tcp", "udp"
WINDOW = 20000
LETTERS = 12  # datagrams that wait in one socket


class Inet:
    def waiting_bytes(self, s):
        return sum(len(message[0]) for message in s.queue)

    # ---- TCP ------------------------------------------------------------------------------

    def send_tcp(self, a, s):
        _, _fd, data, _sent, flags, _fds, _name = a.call
        peer = self.socks.get(s.peer)
        if s.peer is None or s.error or "w" in s.shut:
            error = self.take_error(s) or "EPIPE"
            if error == "EPIPE":
                self.broken(a, 0, flags)
            else:
                self.done(a, -1, error)
            return
        if peer is None:  # it takes what is sent for a mistake, and says so
            self.reset(s)
        elif self.waiting_bytes(peer) + len(data) > WINDOW or {"r", "w"} <= peer.shut:
            raise self.ambiguous()
        elif data:
            if peer.queue:
                peer.queue[-1] = (peer.queue[-1][0] + data, (), 0, None)
            else:
                peer.queue.append((data, (), 0, None))
            self.wake_socket(peer, "in")
        self.done(a, len(data))

    def recv_tcp(self, a, s):
        _, (desc, _number), size, flags, _name = a.call
        if s.queue:
            data = s.queue.pop()[0]
            if data[size:]:
                s.queue.append((data[size:], (), 0, None))
            self.done(a, min(size, len(data)), None, data[:size])
            return
        error = None if s.ended else self.take_error(s)
        if error:
            self.done(a, -1, error)
        elif s.ended or "r" in s.shut:
            self.done(a, 0, None, b"")
        elif s.peer is None:
            self.done(a, -1, "ENOTCONN")
        elif "n" in flags or desc in self.nonblock:
            self.done(a, -1, "EAGAIN")
        else:
            self.sleep_on(s, a, "any")

    def reset(self, s):
        s.error = "EPIPE" if s.ended else "ECONNRESET"
        s.shut = frozenset("rw")
        s.closed = True
        self.wake_socket(s, "all")

    def end_of_file(self, s):
        s.ended, s.shut = True, s.shut | {"r"}
        self.wake_socket(s, "all")

    def release_tcp(self, s, unaccepted):
        peer = self.socks.get(s.peer) if s.kind == TCP else None
        if peer is not None and not s.closed and not peer.closed:
            if s.queue or unaccepted:
                self.reset(peer)
            elif "w" not in s.shut:
                self.end_of_file(peer)
        for one in s.arrived:
            self.release_socket(one, True)

    def shutdown_tcp(self, s, how):
        peer = self.socks.get(s.peer)
        if s.peer is None or s.closed or s.ended or peer is None or peer.closed:
            raise self.ambiguous()  # in which state it is by now is more than is followed here
        if "w" in how and "w" not in s.shut:
            self.end_of_file(peer)
        s.shut |= how
        self.wake_socket(s, "all")
        return 0

    # ---- UDP ------------------------------------------------------------------------------

    def send_udp(self, a, s):
        """By one that is connected."""
        data, peer = a.call[2], self.socks.get(s.peer)
        if peer is None or s.error or len(peer.queue) >= LETTERS:
            raise self.ambiguous()  # that nobody is there comes back later, as an error
        peer.queue.append((data, (), 0, None))
        self.wake_socket(peer, "in")
        self.done(a, len(data))

    def attempt_sendto(self, a):
        _, (_desc, number), data, where, _name = a.call
        there, own = self.named(where, UDP), self.socks[number]
        own.name = own.name or "chosen by the kernel"
        if there is not None:
            if len(there.queue) >= LETTERS:
                raise self.ambiguous()
            there.queue.append((data, (), 0, None))
            self.wake_socket(there, "in")
        self.done(a, len(data))
