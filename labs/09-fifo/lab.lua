local lab = require "ipclab"
local NAME = lab.param("name", { "box", "desk", "door", "gate", "hatch" })
local FIRST, SECOND = lab.param("first", { "one", "uno", "eins" }), lab.param("second", { "two-2", "dos-22", "zwei-222" })

local function is(name)
  return function(path) return path == name or path == "./" .. name end
end

-- An open of a FIFO for reading or for writing; of the other one when it is not `name`.
local function opens(h, actor, name, flag, query)
  query.actor, query.call, query.path = actor, "open", is(name)
  query.flags = function(f) return f == flag end
  return h:find(query)
end

return lab.guided {
  id = "fifo", title = "A pipe with a name", minutes = 25,
  plugins = { "fifo", "file" }, actors = { "server", "client" },
  man = { "fifo(7)", "mkfifo(3)", "open(2)", "pipe(7)", "unlink(2)" },
  intro = [[
A pipe has no name: only who inherits its descriptors can use it, parent and child. server and client here are no relatives. A named pipe, or FIFO, has a name in a folder, and any process that may can open it.
The name is where the two meet. What they write never is in that file: the bytes are in the kernel, as those of a pipe.]],
  outro = [[
A FIFO is a file by its name only. Its open is an appointment: it waits until the other side has come. After that it is a pipe, with all that is true of pipes: bytes without borders, end of file when the last writer has gone. The name stays until somebody takes it away; the bytes are gone when the last descriptor is closed.]],

  tasks = {
    { id = "make", title = "A name", points = 1,
      say = ("Let server make a FIFO called %s with mkfifo(3)."):format(NAME),
      hints = { "mkfifo(3) takes a name and permission bits, as open(2) does for a new file.", ("server mkfifo(\"%s\", 0666)"):format(NAME) },
      check = function(h)
        h:need(h:find { actor = "server", call = "mkfifo", ret = 0, path = is(NAME) },
          h:find { call = "mkfifo", errno = "EEXIST" } and "The name is taken (EEXIST): open with O_CREAT makes a regular file of it, and no FIFO. `undo`."
          or h:find { actor = "client", call = "open", errno = "ENOENT" } and "The client came before there was such a name (ENOENT). Somebody has to make the FIFO first."
          or h:find { actor = "client", call = "mkfifo", ret = 0 } and "The client has made it. In this lab it is the server: `undo`."
          or h:find { actor = "server", call = "mkfifo", ret = 0 } and ("The server has made a FIFO of another name. The client will look for %s."):format(NAME)
          or "There is no FIFO yet.")
      end,
      solution = ("server mkfifo(\"%s\", 0666)"):format(NAME) },

    { id = "open", title = "An appointment", points = 2,
      say = "Let server open it to read (O_RDONLY), and look at what comes back. Then let client open it to write (O_WRONLY), and look at both.",
      predict = {
        ask = "Nobody else has opened the FIFO. What does the server's open do?",
        choices = { "it returns a descriptor; the first read will wait", "it waits", "it returns -1: there is no writer" },
        truth = function(h)
          local try = opens(h, "server", NAME, "O_RDONLY", {})
          return try and (try.blocked and 2 or try.ret == -1 and 3 or 1)
        end,
        points = 1,
      },
      hints = { ("server in = open(\"%s\", O_RDONLY)"):format(NAME), ("client out = open(\"%s\", O_WRONLY)"):format(NAME) },
      check = function(h)
        local waits = opens(h, "server", NAME, "O_RDONLY", {})
        h:need(waits, h:find { actor = "server", call = "open", flags = function(f) return f:find("O_RDWR", 1, true) end }
          and "With O_RDWR the server is both ends itself, and has nobody to wait for. `undo`, and open it with O_RDONLY."
          or h:find { actor = "server", call = "open", flags = function(f) return f:find("O_NONBLOCK", 1, true) end }
          and "With O_NONBLOCK open does not wait for the other side. `undo`, and open it without."
          or "The server has not opened the FIFO yet.")
        h:need(waits.blocked, "The client came first, so it was the client that waited. `undo` both, and let the server come first.")
        h:need(waits.done, "The server waits in open: nobody has opened the other side. Now the client.")
        h:need(opens(h, "client", NAME, "O_WRONLY", { ret = function(fd) return fd >= 0 end }), "The client has not opened the FIFO to write.")
      end,
      solution = { "answer b", ("server in = open(\"%s\", O_RDONLY)"):format(NAME), ("client out = open(\"%s\", O_WRONLY)"):format(NAME) } },

    { id = "bytes", title = "Two writes, one read", points = 2,
      say = ("Both opens returned in the same moment: that was the appointment. Now let client write \"%s\" and then \"%s\", in two calls. Only after that let server read, once, into a buffer of 64 bytes."):format(FIRST, SECOND),
      predict = {
        ask = "How many bytes does the server's read return?",
        truth = function(h)
          local two = h:find { actor = "client", call = "write", buf = SECOND }
          local read = two and h:find { actor = "server", call = "read", after = two }
          return read and read.done and read.ret
        end,
        points = 1,
      },
      hints = { ("client write(out, \"%s\")"):format(FIRST), "server read(in, buf, 64)" },
      check = function(h)
        local wrote = h:all { actor = "client", call = "write", after = h.began, ret = function(n) return n > 0 end }
        h:need(#wrote > 0, "The client has written nothing yet.")
        h:need(#wrote > 1, wrote[1].ret == #FIRST + #SECOND and "The client has written both in one call. In this task it is two: `undo`." or "The client has written once. One more.")
        local read = h:need(h:find { actor = "server", call = "read", after = h.began }, "Both texts are in the FIFO. Now let the server read.")
        h:need(h:before(wrote[2], read), "The server has read before the second text was there. `undo`, and let the client write both first.")
        h:need(read.buf == FIRST .. SECOND, read.ret < #FIRST + #SECOND and ("The server has read %d bytes, and more are there. Give read(2) 64."):format(read.ret)
          or ("The server has read another text than \"%s\" and \"%s\"."):format(FIRST, SECOND))
      end,
      solution = {
        ("answer %d"):format(#FIRST + #SECOND), ("client write(out, \"%s\")"):format(FIRST), ("client write(out, \"%s\")"):format(SECOND),
        "server read(in, buf, 64)",
      } },

    { id = "end", title = "The last writer goes", points = 2,
      say = "The bytes stand one behind the other, and nothing says where a text ends: who needs borders has to write them, such as a newline. Let server read again, while the FIFO is empty, and then let client close its end. Look at how the read ends.",
      hints = { "server read(in, buf, 64)", "client close(out)" },
      check = function(h)
        local waits = h:find { actor = "server", call = "read", after = h.began, blocked = true }
        local idle = h:find { actor = "server", call = "read", after = h.began, ret = 0 }
        h:need(waits, idle and "The client had closed already when the server read. `undo`, and let the server read first."
          or "The server does not wait in read yet.")
        h:need(waits.done, "The server waits: the FIFO is empty, and a writer is there. Now let the client close.")
        h:need(waits.ret == 0, waits.ret > 0 and ("The server got %d bytes. Let it read once more, and let the client close, not write."):format(waits.ret)
          or "The read was interrupted. Let the server read again.")
      end,
      solution = { "server read(in, buf, 64)", "client close(out)" } },

    { id = "again", title = "After the end", points = 2, needs = { "end" },
      say = ("0 is the end of file: no writer is left, as with a pipe. But a FIFO has a name. Let client open it to write once more, and write \"%s\". Then let server read from the descriptor that it has had all the time."):format(SECOND),
      predict = {
        ask = "The server has seen the end of file. What does its next read give?",
        choices = { "0, for ever: after the end of file nothing comes", "the text of the client", "-1: the descriptor is no longer valid" },
        truth = function(h)
          local wrote = h:find { actor = "client", call = "write", after = h.began, ret = function(n) return n > 0 end }
          local read = wrote and h:find { actor = "server", call = "read", after = wrote, done = true }
          return read and (read.ret > 0 and 2 or read.ret == 0 and 1 or 3)
        end,
        points = 1,
      },
      hints = { ("client out = open(\"%s\", O_WRONLY)"):format(NAME), ("client write(out, \"%s\")"):format(SECOND), "server read(in, buf, 64)" },
      check = function(h)
        local back = opens(h, "client", NAME, "O_WRONLY", { after = h.began })
        h:need(back, "The client has not opened the FIFO again.")
        h:need(not back.waits, "The client waits for a reader: the server has closed its end. `undo`, and let it keep it.")
        local wrote = h:need(h:find { actor = "client", call = "write", after = back, ret = function(n) return n > 0 end }, "The client has it open again, and has not written yet.")
        h:need(h:find { actor = "server", call = "read", after = wrote, ret = function(n) return n > 0 end }, "The text is in the FIFO. Now let the server read.")
      end,
      solution = {
        "answer b", ("client out = open(\"%s\", O_WRONLY)"):format(NAME), ("client write(out, \"%s\")"):format(SECOND), "server read(in, buf, 64)",
      } },

    { id = "stuck", title = "Two appointments", points = 2,
      say = "End of file was a state, not an event: it lasts while nobody has the other end open. A server that does not want to see it opens the FIFO to write, too.\nFor questions and answers it takes two FIFOs. Let server make them, ask and reply. Each side is polite and opens first what it will write to: let server open reply to write, and client open ask to write.",
      predict = {
        ask = "What do the two opens do?",
        choices = { "both return", "the first waits until the second comes, then both return", "both wait, for ever" },
        truth = function(h)
          local a = opens(h, "server", "reply", "O_WRONLY", {})
          local b = opens(h, "client", "ask", "O_WRONLY", {})
          return a and b and (a.waits and b.waits and 3 or a.blocked and 2 or 1)
        end,
        points = 1,
      },
      hints = { "server mkfifo(\"ask\", 0666)", "server out = open(\"reply\", O_WRONLY)", "client ask = open(\"ask\", O_WRONLY)" },
      check = function(h)
        local a = opens(h, "server", "reply", "O_WRONLY", {})
        local b = opens(h, "client", "ask", "O_WRONLY", {})
        h:need(h:find { call = "mkfifo", path = is("ask"), ret = 0 } and h:find { call = "mkfifo", path = is("reply"), ret = 0 }, "There are no two FIFOs ask and reply yet.")
        h:need(a, "The server has not opened reply to write.")
        h:need(b, "The client has not opened ask to write.")
        h:need(h:find { ev = "verdict", kind = "stuck" }, "Not both wait: one of them has found the other side. `undo`.")
      end,
      solution = {
        "answer c", "server mkfifo(\"ask\", 0666)", "server mkfifo(\"reply\", 0666)",
        "server out = open(\"reply\", O_WRONLY)", "client ask = open(\"ask\", O_WRONLY)",
      } },

    { id = "order", title = "The same order", points = 2,
      say = "Each waits at another door: server for a reader of reply, client for a reader of ask, and both would come if they were not waiting. One of the two has to give way. `interrupt server` ends its open with EINTR; then let it do what the client does, and open ask first, to read. After that reply: the server to write, the client to read.",
      hints = { "interrupt server", "server ask = open(\"ask\", O_RDONLY)", "server reply = open(\"reply\", O_WRONLY)", "client reply = open(\"reply\", O_RDONLY)" },
      check = function(h)
        local function has(actor, name, flag)
          return opens(h, actor, name, flag, { ret = function(fd) return fd >= 0 end })
        end
        h:need(has("server", "ask", "O_RDONLY"), h:find { actor = "server", call = "open", waits = true } and "The server waits in open; `why server` says for whom." or "The server does not have ask open to read yet.")
        h:need(has("client", "ask", "O_WRONLY"), h:find { actor = "client", call = "open", waits = true } and "The client waits in open; `why client` says for whom." or "The client does not have ask open to write yet.")
        h:need(has("server", "reply", "O_WRONLY"), "The server does not have reply open to write yet.")
        h:need(has("client", "reply", "O_RDONLY"), "The client does not have reply open to read yet.")
      end,
      solution = {
        "interrupt server", "server ask = open(\"ask\", O_RDONLY)", "server reply = open(\"reply\", O_WRONLY)", "client reply = open(\"reply\", O_RDONLY)",
      } },

    { id = "name", title = "What stays", points = 1,
      say = ("Whoever comes first waits, and the other lets it go on: an order for all is what keeps opens, like locks, from a deadlock. One thing is left. Let both processes end, and before that let one of them take away the names %s, ask and reply with unlink(2): nobody else does."):format(NAME),
      hints = { ("server unlink(\"%s\")"):format(NAME), "server exit(0)" },
      check = function(h)
        for _, name in ipairs { NAME, "ask", "reply" } do
          h:need(h:find { call = "unlink", path = is(name), ret = 0 }, ("The name %s is still there."):format(name))
        end
        h:need(h:find { ev = "process", actor = "server", what = "exit" } and h:find { ev = "process", actor = "client", what = "exit" }, "Not both processes have ended.")
      end,
      solution = { ("server unlink(\"%s\")"):format(NAME), "server unlink(\"ask\")", "server unlink(\"reply\")", "server exit(0)", "client exit(0)" } },
  },

  also = {
    { name = "the client makes a regular file of it", points = 0, play = ([[
client out = open("%s", O_CREAT|O_WRONLY, 0644)
client write(out, "%s")
server mkfifo("%s", 0666)
server in = open("%s", O_RDONLY)]]):format(NAME, FIRST, NAME, NAME) },
    { name = "O_RDWR, so that nobody has to wait", points = 1, play = ([[
server mkfifo("%s")
answer a
server in = open("%s", O_RDWR)
client out = open("%s", O_WRONLY)]]):format(NAME, NAME, NAME) },
    { name = "a read for each write, as if there were borders", points = 4, play = ([[
server mkfifo("%s")
answer b
server in = open("%s", O_RDONLY)
client out = open("./%s", O_WRONLY)
answer 3
client write(out, "%s")
server read(in, buf, 64)
client write(out, "%s")
server read(in, buf, 64)]]):format(NAME, NAME, NAME, FIRST, SECOND) },
    { name = "the client closes before the server reads, and all is expected to be over", points = 9, play = ([[
server mkfifo("%s")
answer b
server f = open("%s", O_RDONLY)
client f = open("%s", O_WRONLY)
answer %d
client write(f, "%s")
client write(f, "%s")
server read(f, buf, 64)
client close(f)
server read(f, buf, 64)
undo 2
server read(f, buf, 64)
client close(f)
answer a
client f = open("%s", O_WRONLY|O_NONBLOCK)
client write(f, "%s")
server read(f, buf, 64)]]):format(NAME, NAME, NAME, #FIRST + #SECOND, FIRST, SECOND, NAME, SECOND) },
  },
}
