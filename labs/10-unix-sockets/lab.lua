local lab = require "ipclab"
local NAME = lab.param("name", { "desk", "door", "hall", "shop", "tower", "yard" })

local function some(n) return n > 0 end
local function is_stream(type) return type == "unix stream" end
local function is_dgram(type) return type == "unix dgram" end

-- What has come in at `actor`, by whatever call.
local function received(h, query)
  query.call = { "recv", "read", "recvfrom", "recvmsg" }
  return h:find(query)
end

local function sent(h, query)
  query.call = { "send", "write", "sendto", "sendmsg" }
  return h:find(query)
end

return lab.guided {
  id = "unix-sockets", title = "Unix sockets: connections, datagrams, descriptors", minutes = 25,
  plugins = { "socket", "pipe", "file" }, actors = { "server", "client" },
  man = { "unix(7)", "socket(2)", "bind(2)", "listen(2)", "accept(2)", "connect(2)", "shutdown(2)", "sendmsg(2)" },
  intro = ([[
A pipe is inherited. A socket is found: two processes that have nothing in common but a name can be connected by it. The name of a Unix socket is a path in the file system, and everything stays on this machine.
You lead server and client, which were not forked from one another. The name here is "%s". A connection goes in both directions, unlike a pipe: one descriptor at each end, for reading and for writing.]]):format(NAME),
  outro = [[
socket, bind, listen, accept on one side, socket and connect on the other: TCP across the world is made by the same six calls, with another kind of name. A stream has no borders, a datagram has nothing but borders. And what travels in a message may be an open file: its number belongs to a process, the pipe behind it is the same.]],

  tasks = {
    { id = "refused", title = "Nobody is there", points = 1,
      say = ("Let the client make a stream socket, c = socket(AF_UNIX, SOCK_STREAM), and connect it to \"%s\" before anybody has that name. Then let the server make a socket and give it that name with bind(2), and let the client try once more. Compare the two errors."):format(NAME),
      predict = {
        ask = "The server has bound the name, and done nothing else. What does connect say?",
        choices = { "0: connected", "it waits for the server", "-1 ENOENT, as before", "-1 ECONNREFUSED" },
        truth = function(h)
          local bound = h:find { actor = "server", call = "bind", addr = NAME, ret = 0 }
          local try = bound and h:find { actor = "client", call = "connect", addr = NAME, after = bound }
          if not try or h:find { call = "listen", ret = 0, before = try } then return nil end
          return try.waits and 2 or try.errno == "ENOENT" and 3 or try.errno == "ECONNREFUSED" and 4 or 1
        end,
        points = 1,
      },
      hints = {
        "client c = socket(AF_UNIX, SOCK_STREAM)",
        ("client connect(c, \"%s\")"):format(NAME),
        "server s = socket(AF_UNIX, SOCK_STREAM)",
        ("server bind(s, \"%s\")"):format(NAME),
      },
      check = function(h)
        h:need(h:find { actor = "client", call = "connect", addr = NAME, errno = "ENOENT" },
          h:find { actor = "server", call = "bind", ret = 0 } and "The name was there before the client had tried without it. `undo`, the client first."
          or h:find { actor = "client", call = "connect", errno = "ENOENT" } and ("The client looks for another name than \"%s\"."):format(NAME)
          or "The client has not tried to connect before the name was there.")
        local bound = h:need(h:find { actor = "server", call = "bind", addr = NAME, ret = 0 }, ("Nobody has the name \"%s\" yet."):format(NAME))
        h:need(h:find { actor = "client", call = "connect", errno = "ECONNREFUSED", after = bound },
          h:find { actor = "server", call = "listen", ret = 0 } and "The server listens already. `undo`, and let the client try before that."
          or "The client has not tried again.")
      end,
      solution = ([[
answer d
client c = socket(AF_UNIX, SOCK_STREAM)
client connect(c, "%s")
server s = socket(AF_UNIX, SOCK_STREAM)
server bind(s, "%s")
client connect(c, "%s")]]):format(NAME, NAME, NAME) },

    { id = "connect", title = "Somebody listens", points = 2,
      say = "ENOENT: there is no such file. ECONNREFUSED: the file is there, and nobody behind it takes connections. Let the server listen(2), the client connect, and the client send \"early\" at once; all that before the server calls accept(2).",
      predict = {
        ask = "The server listens, and has not called accept. What does the client's connect do?",
        choices = { "it waits until accept is called", "it returns 0 at once", "-1 ECONNREFUSED, until accept is called" },
        truth = function(h)
          local listens = h:find { actor = "server", call = "listen", ret = 0 }
          local try = listens and h:find { actor = "client", call = "connect", after = listens }
          return try and (try.blocked and 1 or try.errno and 3 or 2)
        end,
        points = 1,
      },
      hints = {
        "listen(2) takes the socket, and how many connections may queue up.",
        "server listen(s, 5)",
        ("client connect(c, \"%s\")"):format(NAME),
        "client send(c, \"early\")",
      },
      check = function(h)
        local listens = h:need(h:find { actor = "server", call = "listen", ret = 0 }, "The server does not listen yet.")
        local connected = h:need(h:find { actor = "client", call = "connect", addr = NAME, ret = 0, after = listens }, "The client is not connected yet.")
        local early = h:need(sent(h, { actor = "client", ret = some, after = connected }), "The client has sent nothing yet.")
        local accepted = h:find { actor = "server", call = "accept", ret = some }
        h:need(not accepted or h:before(early, accepted), "The server had accepted before the client sent. `undo` until there, and send first.")
      end,
      solution = ([[
answer b
server listen(s, 5)
client connect(c, "%s")
client send(c, "early")]]):format(NAME) },

    { id = "accept", title = "A socket of its own", points = 2,
      say = "The kernel has made the connection by itself and put it into the queue of the listening socket (look at `objects`: 1 in its queue); the bytes wait as well. accept(2) takes the next connection from the queue. Look at the descriptor that it returns: it is a third socket, for this one client, and the first goes on listening. Let the server accept, and receive what was sent.",
      hints = {
        "server conn = accept(s)",
        "server recv(conn, buf, 64)",
      },
      check = function(h)
        local accepted = h:find { actor = "server", call = "accept", ret = some }
        h:need(accepted, h:find { actor = "server", call = { "recv", "read" }, errno = { "ENOTCONN", "EINVAL" } }
          and "The listening socket takes connections and has no data. They come to the socket that accept returns."
          or "The server has not accepted a connection yet.")
        h:need(received(h, { actor = "server", obj = accepted.obj, ret = some }), "The server has received nothing from it yet.")
      end,
      solution = [[
server conn = accept(s)
server recv(conn, buf, 64)]] },

    { id = "stream", title = "No borders", points = 1,
      say = "Let the client send \"one\", then \"two\", in two calls. Then let the server receive once, with room for 64 bytes.",
      predict = {
        ask = "What does the server get?",
        choices = { "one", "two", "onetwo" },
        truth = function(h)
          local first = sent(h, { actor = "client", ret = 3, type = is_stream, after = h.began })
          local second = first and sent(h, { actor = "client", ret = 3, type = is_stream, after = first })
          local got = second and received(h, { actor = "server", type = is_stream, ret = some, after = second })
          return got and (got.ret == 6 and 3 or got.buf == "two" and 2 or 1)
        end,
        points = 1,
      },
      hints = {
        "client send(c, \"one\")",
        "client send(c, \"two\")",
        "server recv(conn, buf, 64)",
      },
      check = function(h)
        local before = h:find { call = "accept", ret = some }
        local got = before and received(h, { actor = "server", type = is_stream, buf = "onetwo", after = before })
        h:need(got, sent(h, { actor = "client", type = is_stream, ret = 3, after = h.began })
          and (received(h, { actor = "server", type = is_stream, ret = 3, after = h.began }) and "The server has received between the two: `undo`, first both sends."
          or "Both have to be there before the server receives.")
          or "The client has not sent one and two.")
      end,
      solution = [[
answer c
client send(c, "one")
client send(c, "two")
server recv(conn, buf, 64)]] },

    { id = "shutdown", title = "I have said all", points = 2,
      say = "A stream is bytes in order, and knows nothing of calls: where one message ends is for the two programs to agree on. Now the client has said all, and wants to hear the answer on the same descriptor. Let it call shutdown(c, SHUT_WR); let the server receive, then send \"bye\"; let the client receive that.",
      predict = {
        ask = "The client has shut down its direction. What does the server's recv return?",
        truth = function(h)
          local shut = h:find { actor = "client", call = "shutdown", ret = 0 }
          local got = shut and received(h, { actor = "server", type = is_stream, after = shut, ret = function(n) return n <= 0 end })
          return got and got.ret
        end,
        points = 1,
      },
      hints = {
        "client shutdown(c, SHUT_WR)",
        "server recv(conn, buf, 64)",
        "server send(conn, \"bye\")",
        "client recv(c, buf, 64)",
      },
      check = function(h)
        local shut = h:find { actor = "client", call = "shutdown", ret = 0 }
        h:need(shut, h:find { actor = "client", call = "close", type = is_stream } and "close(2) gives up both directions: the client could not hear the answer any more. `undo`."
          or "The client has not ended its direction yet.")
        local over = received(h, { actor = "server", type = is_stream, ret = 0, after = shut })
        h:need(over, received(h, { actor = "server", type = is_stream, ret = some, after = shut }) and "The server has received what was still there. The end comes after it."
          or "The server has not seen the end yet.")
        h:need(received(h, { actor = "client", type = is_stream, ret = some, after = over }),
          sent(h, { actor = "server", ret = some, after = over }) and "The answer is on its way. The client has not received it yet."
          or "The client has got no answer yet.")
      end,
      solution = [[
answer 0
client shutdown(c, SHUT_WR)
server recv(conn, buf, 64)
server send(conn, "bye")
client recv(c, buf, 64)]] },

    { id = "dgram", title = "Nothing but borders", points = 2,
      say = "shutdown ends one direction and close both; either is end of file for the other side. Now datagrams: no connection, each message for itself. Let the server make a socket d of type SOCK_DGRAM and bind it to \"box\"; let the client make one, e, and sendto(2) \"one\" and \"two\" to \"box\". Let the server receive the first with room for 64 bytes, and the second with room for 1.",
      predict = {
        ask = "The server has received the t of \"two\". What does it get of the rest?",
        choices = { "\"wo\", by the next recv", "nothing: it is gone", "the whole \"two\", by the next recv: it did not fit" },
        truth = function(h)
          local cut = received(h, { actor = "server", type = is_dgram, ret = 1 })
          return cut and (cut.bytes == 2 and 1 or cut.bytes == 0 and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        "server d = socket(AF_UNIX, SOCK_DGRAM)",
        "server bind(d, \"box\")",
        "client sendto(e, \"one\", \"box\")",
        "server recv(d, buf, 1)",
      },
      check = function(h)
        h:need(h:find { actor = "server", call = "bind", addr = "box", ret = 0 }, "Nothing is bound to \"box\" yet.")
        h:need(h:count { actor = "client", call = { "sendto", "send", "write" }, type = is_dgram, ret = 3 } >= 2,
          h:find { actor = "client", call = "sendto", errno = "EPROTOTYPE" } and "A stream socket cannot send to a datagram socket (EPROTOTYPE)."
          or "Two datagrams should be on their way.")
        h:need(received(h, { actor = "server", type = is_dgram, buf = "one" }), "The server has not received \"one\" yet.")
        h:need(received(h, { actor = "server", type = is_dgram, ret = 1 }),
          received(h, { actor = "server", type = is_dgram, buf = "two" }) and "It had room for all of it. `undo`, and give it room for one byte."
          or "The server has not received the second one yet.")
      end,
      solution = [[
answer b
server d = socket(AF_UNIX, SOCK_DGRAM)
server bind(d, "box")
client e = socket(AF_UNIX, SOCK_DGRAM)
client sendto(e, "one", "box")
client sendto(e, "two", "box")
server recv(d, buf, 64)
server recv(d, buf, 1)]] },

    { id = "left", title = "The name stays", points = 1,
      say = "One recv, one datagram: what does not fit is thrown away. Back to the name. Let the server close s, its listening socket, make a new one, and bind it to the same name, as a server does that is started again. Look at what bind says, and see to it that it has the name in the end.",
      hints = {
        "server close(s)",
        "server again = socket(AF_UNIX, SOCK_STREAM)",
        ("server bind(again, \"%s\")"):format(NAME),
        ("server unlink(\"%s\")"):format(NAME),
      },
      check = function(h)
        local taken = h:find { actor = "server", call = "bind", addr = NAME, errno = "EADDRINUSE" }
        h:need(taken, h:find { actor = "server", call = "unlink", ret = 0 } and "The name was removed before the server had met it. `undo`, and bind first."
          or "The server has not tried to bind the name once more.")
        local listens = h:find { actor = "server", call = "listen", ret = 0 }
        h:need(listens and h:find { actor = "server", call = "close", obj = listens.obj, ret = 0, before = taken },
          "The name was refused while the old socket was still there, which surprises nobody. Close that first: `undo`.")
        h:need(h:find { actor = "server", call = "bind", addr = NAME, ret = 0, after = taken },
          "EADDRINUSE: the socket is gone, its file is not. A file is removed by unlink(2); then bind again.")
      end,
      solution = ([[
server close(s)
server again = socket(AF_UNIX, SOCK_STREAM)
server bind(again, "%s")
server unlink("%s")
server bind(again, "%s")]]):format(NAME, NAME, NAME) },

    { id = "pass", title = "An open file in a message", points = 2,
      say = "Only Unix sockets can do this: a message may carry descriptors. Let the server make a pipe p, and send the read end to the client along with a text: sendmsg(conn, \"read here\", p[0]). Let the client receive it with recvmsg(c, buf, 64); its line says which descriptor came. Then let the server write into the pipe, and the client read from the descriptor that it was given.",
      predict = {
        ask = "The descriptor has the number of p[0] in the server. Which number has it in the client?",
        choices = { "the same: it is the same open file", "the smallest that is free in the client", "none: only its bytes are copied" },
        truth = function(h)
          local got = h:find { actor = "client", call = "recvmsg", ret = some }
          local passed = got and h:find { actor = "server", call = "sendmsg", fd = some, before = got }
          return passed and (not got.fd and 3 or 2)
        end,
      },
      hints = {
        "server pipe(p)",
        "server sendmsg(conn, \"read here\", p[0])",
        "client recvmsg(c, buf, 64)",
        "`fds client` shows all descriptors of the client, and what they lead to.",
      },
      check = function(h)
        local made = h:need(h:find { actor = "server", call = { "pipe", "pipe2" }, ret = 0 }, "The server has no pipe yet.")
        local passed = h:find { actor = "server", call = "sendmsg", ret = some, after = made }
        h:need(passed, sent(h, { actor = "server", after = made }) and "A number in a text is only a number. sendmsg takes the descriptor as an argument of its own."
          or "The server has not sent the descriptor yet.")
        h:need(h:find { actor = "client", call = "recvmsg", ret = some, after = passed },
          received(h, { actor = "client", ret = some, after = passed }) and "recv takes the text only; the descriptor that came with it was closed. `undo`, and recvmsg(2)."
          or "The client has not received it yet.")
        h:need(h:find { actor = "client", call = "read", obj = made.obj, ret = some },
          h:find { actor = "client", call = "read", obj = made.obj, waits = true } and "The client reads from the server's pipe. Nothing has been written into it yet."
          or "The client has not read from the pipe yet.")
      end,
      solution = [[
server pipe(p)
server sendmsg(conn, "read here", p[0])
client recvmsg(c, buf, 64)
server write(p[1], "through")
client read(5, buf, 64)]] },
  },

  also = {
    { name = "the server is quick: nobody is refused", points = 4, play = ([[
server s = socket(AF_UNIX, SOCK_STREAM)
server bind(s, "%s")
server listen(s, 5)
client c = socket(AF_UNIX, SOCK_STREAM)
answer b
client connect(c, "%s")
client send(c, "early")
server conn = accept(s)
server recv(conn, buf, 64)]]):format(NAME, NAME) },
    { name = "data are expected at the listening socket", points = 3, play = ([[
answer a
client c = socket(AF_UNIX, SOCK_STREAM)
client connect(c, "%s")
server s = socket(AF_UNIX, SOCK_STREAM)
server bind(s, "%s")
client connect(c, "%s")
answer c
server listen(s, 1)
client connect(c, "%s")
client send(c, "early")
server recv(s, buf, 64)]]):format(NAME, NAME, NAME, NAME) },
    { name = "each send is expected to be one recv", points = 8, play = ([[
answer d
client c = socket(AF_UNIX, SOCK_STREAM)
client connect(c, "%s")
server s = socket(AF_UNIX, SOCK_STREAM)
server bind(s, "%s")
client connect(c, "%s")
answer b
server listen(s, 1)
client connect(c, "%s")
client write(c, "early")
server conn = accept(s)
server read(conn, buf, 64)
answer a
client write(c, "one")
client write(c, "two")
server read(conn, buf, 64)
server recv(conn, buf, 64)]]):format(NAME, NAME, NAME, NAME) },
    { name = "close instead of shutdown", points = 9, play = ([[
answer d
client c = socket(AF_UNIX, SOCK_STREAM)
client connect(c, "%s")
server s = socket(AF_UNIX, SOCK_STREAM)
server bind(s, "%s")
client connect(c, "%s")
answer b
server listen(s, 1)
client connect(c, "%s")
client send(c, "early")
server conn = accept(s)
server recv(conn, buf, 64)
answer c
client send(c, "one")
client send(c, "two")
server recv(conn, buf, 64)
client close(c)
server recv(conn, buf, 64)]]):format(NAME, NAME, NAME, NAME) },
  },
}
