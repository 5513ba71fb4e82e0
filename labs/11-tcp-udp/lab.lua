local lab = require "ipclab"
local PORT = lab.param("port", 21001, 28991)
local HERE = ("127.0.0.1:%d"):format(PORT)        -- the server
local CLIENT = ("127.0.0.1:%d"):format(PORT + 1)  -- the client, for datagrams
local EMPTY = ("127.0.0.1:%d"):format(PORT + 2)   -- nobody

local function some(n) return n > 0 end

-- An address with this port, whatever the host is called.
local function at(port)
  return function(addr) return type(addr) == "string" and addr:match(":(%d+)$") == tostring(port) end
end

local function received(h, query)
  query.call = { "recv", "read", "recvfrom", "recvmsg" }
  return h:find(query)
end

local function sent(h, query)
  query.call = { "send", "write", "sendto", "sendmsg" }
  return h:find(query)
end

return lab.guided {
  id = "tcp-udp", title = "TCP and UDP on loopback", minutes = 25,
  plugins = { "socket", "process" }, actors = { "server", "client" },
  man = { "ip(7)", "tcp(7)", "udp(7)", "socket(2)", "bind(2)", "connect(2)", "recvfrom(2)" },
  intro = ([[
A name that holds across machines has two parts: an address, which finds the machine, and a port, which finds the process on it. 127.0.0.1 is always one's own machine (loopback), so that client and server can be tried out side by side; nothing of what you do here leaves it. Everything else is as between two machines.
TCP makes a connection and carries a stream of bytes: in order, none lost, without borders. UDP carries single messages and promises nothing. Your port is %d.]]):format(PORT),
  outro = [[
The calls are those of Unix sockets; what differs is what the kernel promises. A stream keeps order and tells of the end, and you have to find the borders. A datagram keeps its borders, and you have to notice what is lost. HTTP and ssh are built on the one, DNS and video calls on the other.]],

  tasks = {
    { id = "refused", title = "Nobody is there", points = 1,
      say = ("Let the client make a TCP socket, c = socket(AF_INET, SOCK_STREAM), and connect it to \"%s\", where nobody listens yet."):format(HERE),
      predict = {
        ask = "Nobody has that port. What does connect do?",
        choices = { "it waits until somebody listens", "-1 ECONNREFUSED", "-1 ENOENT: there is no such name" },
        truth = function(h)
          local try = h:find { actor = "client", call = "connect", type = "tcp", addr = at(PORT) }
          return try and (try.waits and 1 or try.errno == "ECONNREFUSED" and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        "socket(2) takes a family (AF_INET: addresses of the Internet, version 4) and a type (SOCK_STREAM: TCP).",
        "client c = socket(AF_INET, SOCK_STREAM)",
        ("client connect(c, \"%s\")"):format(HERE),
      },
      check = function(h)
        h:need(h:find { actor = "client", call = "connect", type = "tcp", addr = at(PORT), errno = "ECONNREFUSED" },
          h:find { actor = "client", call = "connect", type = "tcp", addr = at(PORT), ret = 0 } and "Somebody listened already. `undo`, the client first."
          or h:find { actor = "client", call = "connect", errno = "ECONNREFUSED" } and ("The client has tried another port than %d."):format(PORT)
          or "The client has not tried to connect yet.")
      end,
      solution = ([[
answer b
client c = socket(AF_INET, SOCK_STREAM)
client connect(c, "%s")]]):format(HERE) },

    { id = "connect", title = "A connection", points = 2,
      say = ("No file is needed for a port, so there is no ENOENT: the machine was there, and its kernel answered that nobody listens. Now let the server bind \"%s\" to a TCP socket, listen, and accept the client, which connects once more. Then let the server ask who is at the other end, getpeername(conn)."):format(HERE),
      predict = {
        ask = "The client has never called bind. Which port does its end of the connection have?",
        choices = { "none", ("%d, as the server"):format(PORT), "a free one that the kernel has chosen" },
        truth = function(h)
          local peer = h:find { actor = "server", call = "getpeername", ret = 0 }
          local own = peer and h:find { actor = "client", call = "bind", ret = 0, before = peer }
          if not peer or own then return nil end
          return at(PORT)(peer.address) and 2 or peer.address == "" and 1 or 3
        end,
        points = 1,
      },
      hints = {
        "server s = socket(AF_INET, SOCK_STREAM)",
        ("server bind(s, \"%s\")"):format(HERE),
        "Then server listen(s, 5), client connect as before, and server conn = accept(s).",
        "server getpeername(conn)",
      },
      check = function(h)
        h:need(h:find { actor = "server", call = "bind", type = "tcp", addr = at(PORT), ret = 0 }, ("No TCP socket of the server has port %d yet."):format(PORT))
        h:need(h:find { actor = "server", call = "listen", ret = 0 }, "The port has an owner, and he does not listen.")
        h:need(h:find { actor = "client", call = "connect", type = "tcp", addr = at(PORT), ret = 0 }, "The client is not connected yet.")
        h:need(h:find { actor = "server", call = "accept", ret = some }, "The connection waits in the queue of the listening socket. accept(2) takes it out.")
        h:need(h:find { actor = "server", call = "getpeername", ret = 0 },
          h:find { actor = "server", call = "getpeername", errno = "ENOTCONN" } and "The listening socket has no other end. The one that accept returned has."
          or "The server has not asked who is at the other end.")
      end,
      solution = ([[
answer c
server s = socket(AF_INET, SOCK_STREAM)
server bind(s, "%s")
server listen(s, 5)
client connect(c, "%s")
server conn = accept(s)
server getpeername(conn)]]):format(HERE, HERE) },

    { id = "stream", title = "A stream", points = 1,
      say = "A connection is known by both ends, addresses and ports, so that one server port can have thousands. Let the client send \"one\" and \"two\", and let the server receive with room for 4 bytes, then once more.",
      predict = {
        ask = "What does the first recv get, with room for 4 bytes?",
        truth = function(h)
          local first = sent(h, { actor = "client", type = "tcp", ret = 3, after = h.began })
          local second = first and sent(h, { actor = "client", type = "tcp", ret = 3, after = first })
          local got = second and received(h, { actor = "server", type = "tcp", ret = some, after = second })
          return got and got.buf
        end,
        points = 1,
      },
      hints = {
        "client send(c, \"one\")",
        "client send(c, \"two\")",
        "server recv(conn, buf, 4)",
      },
      check = function(h)
        local got = received(h, { actor = "server", type = "tcp", buf = "onet" })
        h:need(got, received(h, { actor = "server", type = "tcp", buf = "onetwo" }) and "With that much room all of it came at once. `undo`, and give it room for 4 bytes."
          or received(h, { actor = "server", type = "tcp", buf = "one" }) and "The server was there before \"two\" was sent. `undo`, first both sends."
          or "The server has not received 4 bytes of the two sends yet.")
        h:need(received(h, { actor = "server", type = "tcp", buf = "wo", after = got }), "The rest is still there. Receive once more.")
      end,
      solution = [[
answer onet
client send(c, "one")
client send(c, "two")
server recv(conn, buf, 4)
server recv(conn, buf, 4)]] },

    { id = "taken", title = "A port has one owner", points = 2,
      say = ("Bytes in order, cut where the reader's room ends: a protocol on top of TCP has to say how long a message is. Now let the server make another TCP socket, t, and bind it to \"%s\" as well. Then a UDP socket, d = socket(AF_INET, SOCK_DGRAM), and bind that to the same address."):format(HERE),
      predict = {
        ask = ("TCP port %d has an owner. Which of the two gets the number?"):format(PORT),
        choices = { "both", "only the UDP socket", "neither" },
        truth = function(h)
          local tcp = h:find { actor = "server", call = "bind", type = "tcp", addr = at(PORT), after = h.began }
          local udp = h:find { actor = "server", call = "bind", type = "udp", addr = at(PORT) }
          if not tcp or not udp then return nil end
          return udp.ret ~= 0 and 3 or tcp.ret == 0 and 1 or 2
        end,
        points = 1,
      },
      hints = {
        "server t = socket(AF_INET, SOCK_STREAM)",
        ("server bind(t, \"%s\")"):format(HERE),
        "server d = socket(AF_INET, SOCK_DGRAM)",
        ("server bind(d, \"%s\")"):format(HERE),
      },
      check = function(h)
        h:need(h:find { call = "bind", type = "tcp", addr = at(PORT), errno = "EADDRINUSE" }, ("Nobody has tried to get TCP port %d a second time."):format(PORT))
        h:need(h:find { actor = "server", call = "bind", type = "udp", addr = at(PORT), ret = 0 }, ("The server has no UDP socket at port %d yet."):format(PORT))
      end,
      solution = ([[
answer b
server t = socket(AF_INET, SOCK_STREAM)
server bind(t, "%s")
server d = socket(AF_INET, SOCK_DGRAM)
server bind(d, "%s")]]):format(HERE, HERE) },

    { id = "datagrams", title = "Datagrams", points = 2,
      say = ("EADDRINUSE: to whom should a connection go, if two had the same port? TCP and UDP do not get in each other's way, each has ports of its own. Let the client make a UDP socket e, bind it to \"%s\" so that it can be answered, and send \"one\" and \"two\" with sendto(2) to \"%s\". Then let the server receive, with room for 64 bytes, by recvfrom(2)."):format(CLIENT, HERE),
      predict = {
        ask = "Both datagrams are there. What does the server's recvfrom get?",
        choices = { "onetwo", "one", "two" },
        truth = function(h)
          local got = received(h, { actor = "server", type = "udp", ret = some })
          if not got or h:count { actor = "client", call = { "sendto", "send" }, type = "udp", ret = 3, before = got } < 2 then return nil end
          return got.ret == 6 and 1 or got.buf == "two" and 3 or 2
        end,
        points = 1,
      },
      hints = {
        "client e = socket(AF_INET, SOCK_DGRAM)",
        ("client bind(e, \"%s\")"):format(CLIENT),
        ("client sendto(e, \"one\", \"%s\")"):format(HERE),
        "server recvfrom(d, buf, 64)",
      },
      check = function(h)
        h:need(h:find { actor = "client", call = "bind", type = "udp", addr = at(PORT + 1), ret = 0 }, ("No socket of the client has UDP port %d yet."):format(PORT + 1))
        local got = received(h, { actor = "server", type = "udp", ret = some })
        h:need(got, sent(h, { actor = "client", type = "udp", ret = some }) and "The server has received nothing yet." or "The client has sent no datagram yet.")
        h:need(h:count { actor = "client", call = { "sendto", "send" }, type = "udp", ret = 3, before = got } >= 2, "Both datagrams should be there before the server receives the first: `undo`.")
        h:need(h:find { actor = "server", call = { "recvfrom", "recvmsg" }, from = at(PORT + 1) },
          "recv(2) does not say who sent it; the answer has to go there. Receive the next one by recvfrom(2).")
      end,
      solution = ([[
answer b
client e = socket(AF_INET, SOCK_DGRAM)
client bind(e, "%s")
client sendto(e, "one", "%s")
client sendto(e, "two", "%s")
server recvfrom(d, buf, 64)]]):format(CLIENT, HERE, HERE) },

    { id = "answer", title = "An answer", points = 1,
      say = "One datagram, and one is still in the queue: the borders are kept. UDP knows no connection, so the answer needs an address: the line of recvfrom said from whom it came. Let the server send \"back\" there, through d, and let the client receive it.",
      hints = {
        ("server sendto(d, \"back\", \"%s\")"):format(CLIENT),
        "client recv(e, buf, 64)",
      },
      check = function(h)
        local back = h:find { actor = "server", call = "sendto", type = "udp", addr = at(PORT + 1), ret = some }
        h:need(back, h:find { actor = "server", call = { "send", "write" }, errno = { "EDESTADDRREQ", "ENOTCONN" } } and "send(2) has no address. d is connected to nobody: sendto(2)."
          or "The server has not answered yet.")
        h:need(received(h, { actor = "client", type = "udp", ret = some, after = back }), "The client has not received the answer yet.")
      end,
      solution = ([[
server sendto(d, "back", "%s")
client recv(e, buf, 64)]]):format(CLIENT) },

    { id = "lost", title = "Sent to nobody", points = 2,
      say = ("Nobody has UDP port %d. Let the client sendto(2) a datagram there through e. Then let it make a UDP socket f, connect(2) it to the same address, send(2), and send once more."):format(PORT + 2),
      predict = {
        ask = "Nobody is there. What does the client's first sendto return?",
        choices = { "-1 ECONNREFUSED", "how many bytes it sent", "it waits" },
        truth = function(h)
          local w = h:find { actor = "client", call = "sendto", type = "udp", addr = at(PORT + 2) }
          return w and (w.waits and 3 or w.ret > 0 and 2 or 1)
        end,
        points = 1,
      },
      hints = {
        ("client sendto(e, \"hello\", \"%s\")"):format(EMPTY),
        "client f = socket(AF_INET, SOCK_DGRAM)",
        ("client connect(f, \"%s\")"):format(EMPTY),
        "client send(f, \"hello\")",
      },
      check = function(h)
        h:need(h:find { actor = "client", call = "sendto", type = "udp", addr = at(PORT + 2), ret = some }, ("Nothing was sent to port %d by sendto yet."):format(PORT + 2))
        local to = h:find { actor = "client", call = "connect", type = "udp", addr = at(PORT + 2), ret = 0 }
        h:need(to, "No UDP socket of the client is connected to that port.")
        local first = h:need(sent(h, { actor = "client", obj = to.obj, ret = some, after = to }), "Nothing was sent through the connected socket yet.")
        h:need(h:find { actor = "client", obj = to.obj, errno = "ECONNREFUSED", after = first }, "The first one went out. What does the next call say?")
      end,
      solution = ([[
answer b
client sendto(e, "hello", "%s")
client f = socket(AF_INET, SOCK_DGRAM)
client connect(f, "%s")
client send(f, "hello")
client send(f, "hello")]]):format(EMPTY, EMPTY) },

    { id = "gone", title = "The client is gone", points = 2,
      say = "sendto says only that the datagram has left. Each of them was refused by the kernel at the other end, and that answer (ICMP) is kept for a connected socket alone, whose next call fails with ECONNREFUSED. What of an end that dies? Take the second datagram out of the queue first, server recv(d, buf, 64). Then let the client exit(0), and let the server receive from d once more; `interrupt server`, and let it receive from conn.",
      predict = {
        ask = "The client has exited. Which of the server's two sockets tells it?",
        choices = { "both: recv returns 0", "only the TCP socket", "neither" },
        truth = function(h)
          local exit = h:find { ev = "process", actor = "client", what = { "exit", "killed" } }
          local udp = exit and received(h, { actor = "server", type = "udp", after = exit })
          local tcp = exit and received(h, { actor = "server", type = "tcp", ret = function(n) return n <= 0 end, after = exit })
          if not udp or not tcp then return nil end
          return udp.ret == 0 and 1 or tcp.ret == 0 and 2 or 3
        end,
        points = 1,
      },
      hints = {
        "server recv(d, buf, 64)",
        "client exit(0)",
        "interrupt server",
        "server recv(conn, buf, 64)",
      },
      check = function(h)
        local exit = h:find { ev = "process", actor = "client", what = { "exit", "killed" } }
        h:need(exit, "The client still lives.")
        h:need(received(h, { actor = "server", type = "udp", blocked = true, after = exit }),
          received(h, { actor = "server", type = "udp", ret = some, after = exit }) and "That was a datagram that had come before. Once more."
          or "The server has not waited at d since.")
        h:need(received(h, { actor = "server", type = "tcp", ret = 0, after = exit }),
          received(h, { actor = "server", type = "udp", waits = true }) and "It waits: nothing tells a UDP socket that a peer has gone. `interrupt server`."
          or "The server has not looked at conn since.")
      end,
      solution = [[
answer b
server recv(d, buf, 64)
client exit(0)
server recv(d, buf, 64)
interrupt server
server recv(conn, buf, 64)]] },
  },

  also = {
    { name = "the server is quick, and everything is expected to be there", points = 2, play = ([[
server s = socket(AF_INET, SOCK_STREAM)
server bind(s, "%s")
server listen(s, 5)
client c = socket(AF_INET, SOCK_STREAM)
client connect(c, "%s")
server conn = accept(s)
server getpeername(conn)]]):format(HERE, HERE) },
    { name = "another port than one's own", points = 0, play = ([[
client c = socket(AF_INET, SOCK_STREAM)
client connect(c, "127.0.0.1:%d")]]):format(PORT + 5) },
    { name = "each send is expected to be one recv", points = 5, play = ([[
answer b
client c = socket(AF_INET, SOCK_STREAM)
client connect(c, "%s")
answer c
server s = socket(AF_INET, SOCK_STREAM)
server bind(s, "%s")
server listen(s, 5)
client connect(c, "%s")
server conn = accept(s)
server getpeername(conn)
answer one
client write(c, "one")
server read(conn, buf, 64)
client write(c, "two")
server read(conn, buf, 64)]]):format(HERE, HERE, HERE) },
    { name = "a datagram server that is expected to be a stream, and wants to know nobody", points = 8, play = ([[
answer c
client c = socket(AF_INET, SOCK_STREAM)
client connect(c, "%s")
answer b
server s = socket(AF_INET, SOCK_STREAM)
server bind(s, "0.0.0.0:%d")
server listen(s, 1)
client connect(c, "%s")
server conn = accept(s)
server getpeername(conn)
answer onet
client send(c, "one")
client send(c, "two")
server recv(conn, buf, 4)
server recv(conn, buf, 4)
answer b
server t = socket(AF_INET, SOCK_STREAM)
server bind(t, "%s")
server d = socket(AF_INET, SOCK_DGRAM)
server bind(d, "%s")
answer a
client e = socket(AF_INET, SOCK_DGRAM)
client bind(e, "%s")
client sendto(e, "one", "%s")
client sendto(e, "two", "%s")
server recv(d, buf, 64)
server send(d, "back")]]):format(HERE, PORT, HERE, HERE, HERE, CLIENT, HERE, HERE) },
  },
}
