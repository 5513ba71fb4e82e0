# SPDX-License-Identifier: GPL-3.0-or-later
"""Random lines about FIFOs and Unix sockets of an Episode; each as Episode.draw wants it."""

from inet import TCP, UDP
from sockets import DGRAM, SEQPACKET, STREAM

LETTERS = b"abcdefghijklmnopqrstuvwxyz"
KINDS = (STREAM, STREAM, DGRAM, SEQPACKET)
SMALL = 1  # SO_SNDBUF that is asked for: the least that the kernel gives
PIECES = (1, 2, 5, 40, 300, 1500, 2240, 2241, 4000, 9000, 16384)
MESSAGES = (1, 40, 300, 1500, 2240, 2240, 2240)  # of which few fill a buffer
MOST_SOCKETS, MOST_FIFOS = 8, 2
NAMES = ("@x", "@y")
TYPES = {TCP: "AF_INET, SOCK_STREAM", UDP: "AF_INET, SOCK_DGRAM"}
PORT, BOX = "127.0.0.1:5001", "127.0.0.1:5002"
BOTH = "127.0.0.1:5003", "127.0.0.1:5004"  # of two by UDP that are connected to each other
SHORT = 3000  # bytes of one send by TCP


class SocketLines:
    def socket_draws(self):
        return {
            self.send: 16, self.fill: 9, self.recv: 16, self.pass_fd: 4, self.recvmsg: 4, self.socketpair: 3,
            self.shutdown: 2, self.listen: 3, self.connect: 6, self.accept: 6, self.open_fifo: 7,
            self.mkfifo: 1.5, self.unlink: 0.3, self.close_socket: 4, self.poll_sockets: 4,
            self.more_backlog: 0.5, self.dup_socket: 0.7, self.help: 25,
            self.udp: 3, self.sendto: 4, self.recvfrom: 4, self.udp_pair: 2, self.wait_for_all: 7,
        }  # fmt: skip

    def help(self, a):
        """What could end the wait of another."""
        waiting = [b for b in self.world.actors.values() if b.state == "busy"]
        ways = [way for b in waiting for way in self.ways(a, b.call)]
        return self.random.choice(ways)() if ways else None

    def ways(self, a, call):
        kind = call[0]
        if kind == "open":
            return [lambda: self.open_fifo(a, call[1], "w" if call[2] == "r" else "r")]
        if kind not in ("send", "recv", "recvall", "accept", "connect"):
            return []
        s = self.world.socks[call[1][1]]
        if kind == "accept":
            return [lambda: self.connect(a, s)] if s.name else []
        if kind == "connect":
            there = self.world.named(call[2], s.kind)
            found = [one for one in self.socks(a) if there and one[2] == there.id]
            return [lambda: self.accept(a, found[0])] if found else []
        found = [one for one in self.socks(a) if one[2] == s.peer]
        deeds = (self.send, self.send, self.pass_fd) if kind.startswith("recv") else (self.recv, self.recvmsg)
        return [lambda deed=deed: deed(a, found[0]) for deed in deeds] if found else []

    # ---- FIFOs ----------------------------------------------------------------------------

    def mkfifo(self, _a):
        name = f"q{len(self.world.fifos)}"
        if len(self.world.fifos) >= MOST_FIFOS:
            return None
        return f'mkfifo("{name}")', [("simple", "mkfifo", (name,), "mkfifo")]

    def open_fifo(self, a, name=None, end=None):
        if not self.world.fifos or len(a.fds) > 24:
            return None
        name = name or self.random.choice(list(self.world.fifos))
        end = end or self.random.choice("rw")
        at_once = self.random.random() < 0.25
        flags = ("O_RDONLY" if end == "r" else "O_WRONLY") + ("|O_NONBLOCK" if at_once else "")
        return f'open("{name}", {flags})', [("open", name, end, at_once, False, "open")]

    def unlink(self, _a):
        names = [name for name, fifo in self.world.fifos.items() if fifo.linked]
        if not names:
            return None
        name = self.random.choice(names)
        return f'unlink("{name}")', [("simple", "unlink", (name,), "unlink")]

    def size_fifos(self, a):
        """How much fits into a new pipe depends on what the user has elsewhere: it is told."""
        for fd, desc in list(a.fds.items()):
            end, number = self.world.descs[desc]
            if end in ("r", "w") and self.world.pipes[number].unsized:
                size = self.random.choice((4096, 8192))
                calls = [("simple", "resize", (fd, size), "fcntl")]
                self.take(a.name, f"fcntl({fd}, F_SETPIPE_SZ, {size})", calls)

    # ---- Sockets --------------------------------------------------------------------------

    def socks(self, a, *kinds):
        """Descriptors of the actor, as (number, description, socket)."""
        descs = self.world.descs
        found = [(fd, d, descs[d][1]) for fd, d in a.fds.items() if descs[d][0] == "s"]
        return [one for one in found if not kinds or self.world.socks[one[2]].kind in kinds]

    def sock(self, a, *kinds):
        found = self.socks(a, *kinds)
        return self.random.choice(found) if found else None

    def connected(self, a):
        found = [one for one in self.socks(a) if self.world.socks[one[2]].backlog is None]
        found = [one for one in found if self.world.socks[one[2]].kind != UDP or self.world.socks[one[2]].peer is not None]
        if self.random.random() < 0.95:
            found = [one for one in found if self.world.socks[one[2]].peer is not None]
        return self.random.choice(found) if found else None

    def allow_little(self, a, fds):
        for fd in fds:
            number = self.world.descs[a.fds[fd]][1]
            text = f"setsockopt({fd}, SOL_SOCKET, SO_SNDBUF, {SMALL})"
            self.take(a.name, text, [("simple", "allow", (number, SMALL), "setsockopt")])

    def socketpair(self, a):
        if len(self.world.socks) + 2 > MOST_SOCKETS or len(a.fds) > 20:
            return None
        kind, before = self.random.choice(KINDS), set(a.fds)
        calls = [("simple", "socketpair", (kind,), "socketpair")]
        if not self.take(a.name, f"socketpair(AF_UNIX, {kind}, 0, sv{self.world.made})", calls):
            return None
        a = self.world.actors[a.name]
        self.allow_little(a, sorted(set(a.fds) - before))
        return None

    def content(self, n):
        if n <= 12:
            data = bytes(self.random.choices(LETTERS, k=n))
            return data, f'"{data.decode()}", {n}'
        return self.big[:n], f"big, {n}"

    def send(self, a, fd=None):
        fd = fd or self.connected(a)
        if not fd:
            return None
        kind = self.world.socks[fd[2]].kind
        n = self.random.choice(PIECES if kind == STREAM else MESSAGES)
        n = min(n, SHORT) if kind == TCP else n
        data, what = self.content(n)
        if self.random.random() < 0.3:
            return f"write({fd[0]}, {what})", [("send", fd[1:], data, 0, "", (), "write")]
        flags, words = "", []
        for flag, word in (("n", "MSG_DONTWAIT"), ("s", "MSG_NOSIGNAL")):
            if self.random.random() < 0.15:
                flags += flag
                words.append(word)
        more = f", {'|'.join(words)}" if words else ""
        return f"send({fd[0]}, {what}{more})", [("send", fd[1:], data, 0, flags, (), "send")]

    def fill(self, a):
        """One more message into a buffer that has some."""
        mine = self.socks(a, DGRAM, SEQPACKET)
        full = [one for one in mine if self.world.socks[one[2]].charged and self.world.socks[one[2]].peer is not None]
        if not full:
            return None
        fd, (data, what) = self.random.choice(full), self.content(MESSAGES[-1])
        name = self.random.choice(("send", "write"))
        return f"{name}({fd[0]}, {what})", [("send", fd[1:], data, 0, "", (), name)]

    def recv(self, a, fd=None):
        fd = fd or self.connected(a)
        if not fd:
            return None
        n = self.random.choice(PIECES)
        if self.random.random() < 0.3:
            return f"read({fd[0]}, in, {n})", [("recv", fd[1:], n, "", "read")]
        at_once = self.random.random() < 0.1
        more = ", MSG_DONTWAIT" if at_once else ""
        return f"recv({fd[0]}, in, {n}{more})", [("recv", fd[1:], n, "n" * at_once, "recv")]

    def wait_for_all(self, a):
        """A whole number of bytes of a stream, however often it has to wait for them."""
        found = [one for one in self.socks(a, STREAM) if self.world.socks[one[2]].peer is not None]
        if not found:
            return None
        fd, n = self.random.choice(found), self.random.choice((2, 5, 40, 300))
        return f"recv({fd[0]}, in, {n}, MSG_WAITALL)", [("recvall", fd[1:], n, b"", "recv")]

    def pass_fd(self, a, fd=None):
        kinds = ("s",) if self.rings and self.random.random() < 0.5 else ("r", "w")
        fd, what = fd or self.connected(a), self.some(a, *kinds)
        if not fd or not what or self.world.socks[fd[2]].kind in (TCP, UDP):
            return None
        data, text = self.content(self.random.randint(1, 5))
        text = text.rpartition(",")[0]
        return f"sendmsg({fd[0]}, {text}, {what[0]})", [
            ("send", fd[1:], data, 0, "", (what[1],), "sendmsg")
        ]

    def recvmsg(self, a, fd=None):
        fd = fd or self.connected(a)
        n = self.random.choice(PIECES)
        if not fd or len(a.fds) > 24:
            return None
        return f"recvmsg({fd[0]}, in, {n})", [("recv", fd[1:], n, "", "recvmsg")]

    def shutdown(self, a):
        fd = self.sock(a, STREAM, DGRAM, SEQPACKET, TCP)
        if fd and self.world.socks[fd[2]].kind == TCP and self.world.socks[fd[2]].peer is None:
            return None
        how, ends = self.random.choice((("SHUT_RD", "r"), ("SHUT_WR", "w"), ("SHUT_RDWR", "rw")))
        return fd and (
            f"shutdown({fd[0]}, {how})",
            [("simple", "shutdown", (fd[2], frozenset(ends)), "shutdown")],
        )

    def listen(self, a):
        # A path stays when its socket has gone, so that each is another; abstract names do not.
        names = self.random.choice(((PORT,), (PORT,), NAMES, (f"door{self.world.made}",)))
        names = [n for n in names if not any(s.name == n for s in self.world.socks.values())]
        if not names or len(self.world.socks) >= MOST_SOCKETS or len(a.fds) > 24:
            return None
        name = names[0]
        kind = TCP if name == PORT else self.random.choice((STREAM, SEQPACKET))
        fd = self.new_socket(a, kind)
        number = self.world.made - 1
        backlog = self.random.randint(0, 1) if kind != TCP else 3
        if kind == TCP and self.tcp:
            return None  # its connections may still have the port
        self.tcp |= kind == TCP
        for text, call in (
            (f'bind({fd}, "{name}")', ("bind", (number, name), "bind")),
            (f"listen({fd}, {backlog})", ("listen", (number, backlog), "listen")),
        ):
            self.take(a.name, text, [("simple", *call)])
        return None

    def new_socket(self, a, kind):
        fd = self.world.lowest(self.world.actors[a.name])
        what = TYPES.get(kind, f"AF_UNIX, {kind}")
        self.take(a.name, f"socket({what})", [("simple", "socket", (kind,), "socket")])
        return fd

    def connect(self, a, s=None):
        there = [s] if s else [s for s in self.world.socks.values() if s.backlog is not None]
        if not there or len(self.world.socks) >= MOST_SOCKETS + 4 or len(a.fds) > 24:
            return None
        s, fd = self.random.choice(there), None
        fresh = [
            one
            for one in self.socks(a, s.kind)
            if self.world.socks[one[2]].peer is None and self.world.socks[one[2]].backlog is None
        ]
        if not fresh:
            fd = self.new_socket(a, s.kind)
        if not fresh and s.kind == TCP:
            a = self.world.actors[a.name]
            fresh = [one for one in self.socks(a) if one[0] == fd]
        if not fresh:
            self.allow_little(self.world.actors[a.name], [fd])
            a = self.world.actors[a.name]
            fresh = [one for one in self.socks(a) if one[0] == fd]
        fd = fresh[0]
        return f'connect({fd[0]}, "{s.name}")', [("connect", fd[1:], s.name, "connect")]

    def listeners(self, a):
        return [one for one in self.socks(a) if self.world.socks[one[2]].backlog is not None]

    def accept(self, a, fd=None):
        found = [fd] if fd else self.listeners(a)
        if not found or len(a.fds) > 24:
            return None
        fd = self.random.choice(found)
        return f"accept({fd[0]})", [("accept", fd[1:], "accept")]

    def more_backlog(self, a):
        found, backlog = self.listeners(a), self.random.randint(0, 2)
        return found and (
            f"listen({found[0][0]}, {backlog})",
            [("simple", "listen", (found[0][2], backlog), "listen")],
        )

    # ---- UDP ------------------------------------------------------------------------------

    def udp(self, a):
        if self.world.named(BOX, UDP) or len(a.fds) > 24:
            return None
        fd = self.new_socket(a, UDP)
        number = self.world.made - 1
        self.take(a.name, f'bind({fd}, "{BOX}")', [("simple", "bind", (number, BOX), "bind")])
        return None

    def udp_pair(self, a):
        names = [s.name for s in self.world.socks.values()]
        if any(name in names for name in BOTH) or len(a.fds) > 22 or len(self.world.socks) + 2 > MOST_SOCKETS:
            return None
        first, fds = self.world.made, [self.new_socket(a, UDP), self.new_socket(a, UDP)]
        for call, where in (("bind", BOTH), ("connect", BOTH[::-1])):
            for i in (0, 1):
                what = ("pair", (first + i, where[i], first + 1 - i)) if call == "connect" else ("bind", (first + i, where[i]))
                self.take(a.name, f'{call}({fds[i]}, "{where[i]}")', [("simple", *what, call)])
        return None

    def sendto(self, a):
        fd = self.sock(a, UDP)
        if fd and self.world.socks[fd[2]].peer is not None:
            return None
        data = bytes(self.random.choices(LETTERS, k=self.random.randint(1, 9)))
        return fd and (
            f'sendto({fd[0]}, "{data.decode()}", "{BOX}")',
            [("sendto", fd[1:], data, BOX, "sendto")],
        )

    def recvfrom(self, a):
        fd, n = self.sock(a, UDP), self.random.choice(PIECES)
        return fd and (f"recvfrom({fd[0]}, in, {n})", [("recv", fd[1:], n, "", "recvfrom")])

    def close_socket(self, a):
        fd = self.sock(a)
        return fd and (f"close({fd[0]})", [("simple", "close", (fd[0],), "close")])

    def dup_socket(self, a):
        fd = self.sock(a)
        if not fd or len(a.fds) > 24:
            return None
        return f"dup({fd[0]})", [("simple", "dup", (fd[0],), "dup")]

    def poll_sockets(self, a):
        """One socket, and another or an end of a pipe with it."""
        fds = [(fd, number, "s") for fd, _, number in self.socks(a)]
        if not fds:
            return None
        fds = [(*self.random.choice(fds), self.random.choice("rw"))]
        pipe = self.some(a, "r", "w")
        if pipe and self.random.random() < 0.3 and not self.world.is_fifo(pipe[2]):
            end = self.world.descs[pipe[1]][0]
            fds.append((pipe[0], pipe[2], end, end))
        ms = self.random.choice((-1, -1, -1, 0))
        words = [f"{fd}, {'POLLIN' if end == 'r' else 'POLLOUT'}, {ms}" for fd, _, _, end in fds]
        watched = tuple((n, kind, end) if kind == "s" else (n, kind) for _, n, kind, end in fds)
        return f"poll({', '.join(words)})", [("poll", watched, ms, "poll")]
