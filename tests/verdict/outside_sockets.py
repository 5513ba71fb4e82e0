# SPDX-License-Identifier: GPL-3.0-or-later
"""Which socket is connected to which, and what waits in it, asked of the kernel from outside.

Unix sockets tell their peer only by sock_diag(7), which answers for the network namespace in which
it was opened: a child of ours joins that of the world and hands the opened one out. TCP and UDP are
in /proc/PID/net, where the other end of a connection is the row with the same addresses turned
round."""

import array
import collections
import ctypes
import os
import socket
import struct

LIBC = ctypes.CDLL(None, use_errno=True)
SOCK_DIAG, BY_FAMILY, DUMP = 4, 20, 0x301
SHOW = 0x01 | 0x02 | 0x04 | 0x10  # name, file, peer, lengths of queues
NAME, PEER, LENGTHS = 0, 2, 4
DONE, FAILED = 3, 2
LISTEN = 10

# of bytes to read and to send; of one that listens connections that wait, and how many may.
Row = collections.namedtuple("Row", "name peer to_read unsent listens")


def join(host, *kinds):
    """Goes into these namespaces of a process, and into its users where they are others."""
    for kind in ("user", *kinds):
        fd = os.open(f"/proc/{host}/ns/{kind}", os.O_RDONLY)
        if LIBC.setns(fd, 0) < 0 and kind != "user":
            raise OSError(ctypes.get_errno(), kind)
        os.close(fd)


def diag_of(host):
    """A sock_diag of the network namespace of that process."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            join(host, "net")
            diag = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, SOCK_DIAG)
            fds = array.array("i", [diag.fileno()])
            theirs.sendmsg([b"+"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        finally:
            os._exit(0)
    theirs.close()
    with ours:
        _, along, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(4))
    os.waitpid(pid, 0)
    return socket.socket(fileno=struct.unpack("i", along[0][2])[0])


def attributes(data):
    at = 0
    while at + 4 <= len(data):
        n, kind = struct.unpack_from("HH", data, at)
        yield kind, data[at + 4 : at + n]
        at += (n + 3) & ~3


class OutsideSockets:
    """Of the world of one process."""

    def __init__(self, host):
        self.host, self.diag = host, diag_of(host)

    def end(self):
        self.diag.close()

    def unix(self):
        """{inode: Row} of all; peer is an inode, 0 when nobody has it open."""
        want = struct.pack("BBHIIIII", socket.AF_UNIX, 0, 0, 0xFFFFFFFF, 0, SHOW, 0, 0)
        self.diag.send(struct.pack("IHHII", 16 + len(want), BY_FAMILY, DUMP, 1, 0) + want)
        rows = {}
        while True:
            data, at = self.diag.recv(1 << 18), 0
            while at < len(data):
                n, kind = struct.unpack_from("IH", data, at)
                if kind == FAILED:
                    raise OSError("sock_diag refuses")
                if kind == DONE:
                    return rows
                state, inode = struct.unpack_from("=BxI", data, at + 18)
                has = dict(attributes(data[at + 32 : at + n]))
                lengths = struct.unpack("II", has.get(LENGTHS, bytes(8)))
                peer = struct.unpack("I", has[PEER])[0] if PEER in has else None
                rows[inode] = Row(has.get(NAME), peer, *lengths, state == LISTEN)
                at += (n + 3) & ~3

    def inet(self, kind):
        """The same of "tcp" or "udp": name and peer are addresses."""
        rows = {}
        with open(f"/proc/{self.host}/net/{kind}") as f:
            for line in f.readlines()[1:]:
                words = line.split()
                unsent, to_read = (int(word, 16) for word in words[4].split(":"))
                row = Row(words[1], words[2], to_read, unsent, int(words[3], 16) == LISTEN)
                rows[int(words[9])] = row
        return rows

    def row(self, inode):
        for kind, rows in (("unix", self.unix()), ("tcp", self.inet("tcp")), ("udp", self.inet("udp"))):
            if inode in rows:
                return kind, rows, rows[inode]
        return None, {}, None

    def other_end(self, inode):
        """(kind, row of it, inode of its peer or None)"""
        kind, rows, row = self.row(inode)
        if kind == "unix":
            return kind, row, row.peer
        turned = [i for i, r in rows.items() if (r.name, r.peer) == (row.peer, row.name)] if row else []
        return kind, row, turned[0] if turned and kind == "tcp" else None

    def listener(self, kind, name):
        """(inode, row) of who listens under the name, as bytes of an address."""
        rows = self.unix() if kind == "unix" else self.inet("tcp")
        found = [(i, r) for i, r in rows.items() if r.listens and r.name.rstrip(b"\0") == name.rstrip(b"\0")]
        return found[0]
