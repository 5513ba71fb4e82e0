local lab = require "ipclab"
local KEY = lab.param("key", 5000, 5999)
local WORD = lab.param("word", { "apple", "cherry", "lemon", "melon", "olive", "quince" })
local PORT = lab.param("port", { 1234, 3000, 5678, 8080, 40000, 50001 })
local SWAPPED = PORT % 256 * 256 + PORT // 256
local FORMAT, LIMIT = "i32 u16 s8", 16

local function sent(h, query)
  query.actor, query.call, query.ret = query.actor or "client", "msgsnd", 0
  return h:find(query)
end

-- Whether a call stored this value in any of its variables.
local function stored(e, value)
  for _, v in pairs(e and e.out or {}) do
    if v == value then return true end
  end
  return false
end

local function unpacked(h, value)
  for _, e in ipairs(h:all { actor = "server", call = "unpack", ret = 3 }) do
    if stored(e, value) then return e end
  end
end

-- The four calls of a question and its answer, as far as they were made since this moment.
local function conversation(h)
  local asks = sent(h, { mtype = 1, after = h.began })
  local got = asks and h:find { actor = "server", call = "msgrcv", done = true, type = 1, after = h.began }
  local answers = got and sent(h, { actor = "server", mtype = function(t) return t ~= 1 end, after = got })
  local has = answers and h:find { actor = "client", call = "msgrcv", done = true, type = answers.mtype, after = h.began }
  return asks, got, answers, has
end

return lab.guided {
  id = "message-passing", title = "Message passing: each send must have a receive", minutes = 25,
  plugins = { "msg", "pack" }, actors = { "client", "server" },
  man = { "msgget(2)", "msgsnd(2)", "msgrcv(2)", "msgctl(2)", "sysvipc(7)", "byteorder(3)" },
  intro = [[
Two processes that pass messages share nothing. The sender names the data, the kernel copies them out of its memory into a queue (a mailbox), and from there into the memory of the receiver. That is explicit: nothing is shared by mistake. It has two prices: a send is of use only if somebody receives, and data have to become bytes on one side and data again on the other.
You lead a client and a server with a System V message queue between them. Look at the last column of each line: it shows what is in the queue.]],
  outro = [[
Count what one number and one name have cost: a pack, a send with a copy into the kernel, a receive with a copy out of it, an unpack, and an agreement about 14 bytes. In shared memory it would have been two assignments; but there nothing would have made the server wait for them. The lab 17-measured puts figures to it.]],

  tasks = {
    { id = "send", title = "A send", points = 1,
      say = ("Let the client make a queue with key %d, put %q into an array char text[32] with strcpy, and send text as a message of type 1. A message has a type, a number above 0, beside its bytes."):format(KEY, WORD),
      predict = {
        ask = "The server does nothing yet. What does the client's msgsnd do?",
        choices = { "it waits until the server receives", "it returns 0", "it returns -1: nobody is there" },
        truth = function(h)
          local s = h:find { actor = "client", call = "msgsnd" }
          return s and (s.blocked and 1 or s.ret == 0 and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        "msgget(2) with IPC_CREAT makes the queue and returns its id. msgsnd(id, type, text) sends.",
        ("client q = msgget(%d, IPC_CREAT|0600)"):format(KEY),
        ("client strcpy(text, %q)"):format(WORD),
        "client msgsnd(q, 1, text)",
      },
      check = function(h)
        local made = h:need(h:find { call = "msgget", created = true }, "There is no queue yet.")
        h:need(h:find { call = "msgget", created = true, key = KEY },
          ("The queue has key %d, and the server will look for %d."):format(made.key, KEY))
        local any = sent(h, {})
        local other = any and any.mtype ~= 1 and ("That message has type %d. The server will ask for type 1."):format(any.mtype)
        h:need(sent(h, { mtype = 1, mtext = WORD }),
          other or any and ("The message is %s. Send %q."):format(type(any.mtext) == "string" and ("%q"):format(any.mtext) or "another one", WORD)
          or h:find { actor = "client", call = "msgsnd", errno = "EINVAL" } and "EINVAL: a type is above 0, and the first argument is the id that msgget returned."
          or "The client has not sent anything yet.")
      end,
      solution = ([[
answer b
client q = msgget(%d, IPC_CREAT|0600)
client char text[32]
client strcpy(text, %q)
client msgsnd(q, 1, text)]]):format(KEY, WORD) },

    { id = "copy", title = "What was sent?", points = 2,
      say = "The send did not wait: the message lies in the kernel (1 msg). Now let the client change its array, strcpy(text, \"changed\"), and only then let the server find the queue by its key and receive a message of type 1.",
      predict = {
        ask = "The array was changed after the send and before the receive. What does the server get?",
        choices = { ("%q, as it was sent"):format(WORD), "\"changed\", as it is now" },
        truth = function(h)
          local changed = h:find { actor = "client", call = { "strcpy", "memcpy", "store", "=" }, after = h.began }
          local got = changed and h:find { actor = "server", call = "msgrcv", done = true, ret = function(n) return n and n > 0 end, after = changed }
          return got and (got.mtext == WORD and 1 or 2)
        end,
        points = 1,
      },
      hints = {
        "client strcpy(text, \"changed\")",
        ("server q = msgget(%d)"):format(KEY),
        "msgrcv(id, buf, size, type): the variable that gets the message may have any name.",
        "server msgrcv(q, req, 64, 1)",
      },
      check = function(h)
        local changed = h:find { actor = "client", call = { "strcpy", "memcpy", "store", "=" }, after = h.began }
        local got = h:find { actor = "server", call = "msgrcv", done = true, mtext = WORD, after = h.began }
        h:need(changed, got and "The server has received before the client had changed its array. `undo`."
          or "The client has not changed its array yet.")
        h:need(h:find { actor = "server", call = "msgrcv", done = true, mtext = WORD, after = changed },
          h:find { actor = "server", call = "msgget", errno = "ENOENT" } and ("The server has looked for another key (ENOENT). The queue has key %d."):format(KEY)
          or h:find { actor = "server", call = "msgrcv", waits = true } and "The server waits: it wants a type that no message has. `why server`."
          or got and "The server received before the client changed its array. `undo`."
          or "The server has not received the message yet.")
      end,
      solution = ([[
answer a
client strcpy(text, "changed")
server q = msgget(%d)
server msgrcv(q, req, 64, 1)]]):format(KEY) },

    { id = "type", title = "A receive without its send", points = 2,
      say = "The kernel copied the bytes when they were sent: each side has its own. The send has had its receive, the queue is empty. Let the server receive once more, again type 1: this receive has no send. While it waits, let the client send a message of type 2.",
      predict = {
        ask = "The server waits for type 1, and the client sends a message of type 2. What happens?",
        choices = {
          "the server's msgrcv returns with it: there is no other message",
          "the server goes on waiting, the message stays in the queue",
          "the client's msgsnd waits: nobody wants this message",
        },
        truth = function(h)
          local waits = h:find { actor = "server", call = "msgrcv", blocked = true, msgtyp = 1 }
          local other = waits and h:find { actor = "client", call = "msgsnd", mtype = function(t) return t ~= 1 end, after = waits }
          return other and (other.waits and 3 or waits.waits and 2 or 1)
        end,
        points = 1,
      },
      hints = {
        "server msgrcv(q, req, 64, 1)",
        "client msgsnd(q, 2, \"note one\")",
      },
      check = function(h)
        local waits = h:find { actor = "server", call = "msgrcv", blocked = true }
        h:need(waits, h:find { actor = "server", call = "msgrcv", done = true, after = h.began }
          and "There was a message for the server, and it did not wait. Let it receive once more."
          or "The server does not wait for a second message yet.")
        local other = sent(h, { mtype = function(t) return t ~= 1 end, after = waits })
        h:need(other, h:find { actor = "client", call = "msgsnd", mtype = 1, after = waits }
          and "That was a message of type 1: the server's receive has got its send. Here send another type: `undo`."
          or "The server waits. Now the client sends a message of type 2.")
        h:need(waits.waits, "The server's receive took it: it was asked for any type (0). `undo`, and let it ask for type 1.")
      end,
      solution = [[
answer b
server msgrcv(q, req, 64, 1)
client msgsnd(q, 2, "note one")]] },

    { id = "full", title = "Sends without a receive", points = 2, needs = { "type" },
      say = ("Nobody asks for type 2, so it stays, and that is no error of anybody. A queue has room for so many bytes; this one has 16384. Let the client make that %d, with msgctl(q, IPC_SET, 0600, %d), and send messages of 8 letters of type 2 until its send waits. Then read what is said."):format(LIMIT, LIMIT),
      hints = {
        ("client msgctl(q, IPC_SET, 0600, %d)"):format(LIMIT),
        "client msgsnd(q, 2, \"note two\")",
        "One message more than there is room for.",
      },
      check = function(h)
        local full = h:find { actor = "client", call = "msgsnd", waits = true, why = "full" }
        h:need(full, h:find { actor = "client", call = "msgctl", cmd = "IPC_SET", ret = 0 }
          and "The queue is smaller now. The client can still send."
          or "The client can still send: the queue has room for 16384 bytes.")
        h:need(full.msgsz <= full.limit, ("A message of %d bytes will never fit into a queue of %d. `undo`."):format(full.msgsz, full.limit))
        h:need(h:find { actor = "server", call = "msgrcv", waits = true },
          "The server does not wait for type 1 any more. `undo` to where it does.")
      end,
      solution = ([[
client msgctl(q, IPC_SET, 0600, %d)
client msgsnd(q, 2, "note two")
client msgsnd(q, 2, "note 3..")]]):format(LIMIT) },

    { id = "room", title = "The send meets its receive", points = 2, needs = { "full" },
      say = "Both wait: the server for a message that does not fit any more, the client for a receive that nobody makes. Neither has made a mistake alone; the two programs do not agree. `interrupt server` ends its receive with EINTR. Then let the server receive what is there, type 2, look at the line of the client that comes with it, and go on until the queue is empty: a receive for each send.",
      hints = {
        "interrupt server",
        "server msgrcv(q, req, 64, 2)",
        "As many receives as there were sends of type 2.",
      },
      check = function(h)
        h:need(h:find { actor = "client", call = "msgsnd", blocked = true, ret = 0 },
          h:find { actor = "client", call = "msgsnd", blocked = true, errno = "EINTR" }
          and "The client's send was interrupted, and its message is not sent. `undo`: it is the server that is interrupted."
          or h:find { actor = "server", call = "msgrcv", waits = true } and "The server waits, and can do nothing else: `interrupt server`."
          or "The client still waits for room.")
        local made = h:last { call = "msgget", created = true, key = KEY }
        local queue = made and h:object(made.obj)
        h:need(queue, "The queue is gone. `undo`.")
        h:need(queue.messages == 0, ("%d message%s still in the queue."):format(queue.messages, queue.messages == 1 and " is" or "s are"))
      end,
      solution = [[
interrupt server
server msgrcv(q, req, 64, 2)
server msgrcv(q, req, 64, 2)
server msgrcv(q, req, 64, 2)]] },

    { id = "answer", title = "Question and answer", points = 2,
      say = "At a full queue a send is over only when a receive has made room: sender and receiver meet, a rendezvous. The usual way to meet is an answer. Let the client send a question (type 1) and at once wait for an answer (type 2); let the server receive the question, and send the answer.",
      predict = {
        ask = "Four calls. In which order do they return?",
        order = { "the client's msgsnd of the question", "the client's msgrcv of the answer", "the server's msgrcv of the question", "the server's msgsnd of the answer" },
        truth = function(h)
          local asks, got, answers, has = conversation(h)
          if not has then return nil end
          local calls, order = { asks, has, got, answers }, { 1, 2, 3, 4 }
          -- A call that waited returned right after the step that ended it.
          local function returned(i) return calls[i].by and calls[i].by + 0.5 or calls[i].step end
          table.sort(order, function(a, b) return returned(a) < returned(b) end)
          return order
        end,
        points = 1,
      },
      hints = {
        "client msgsnd(q, 1, \"what?\")",
        "client msgrcv(q, answer, 64, 2)",
        "server msgrcv(q, req, 64, 1)",
        "server msgsnd(q, 2, \"that\")",
      },
      check = function(h)
        local asks, got, answers, has = conversation(h)
        h:need(asks, "The client has not asked yet.")
        h:need(got, h:find { actor = "client", call = "msgrcv", done = true, type = 1, after = h.began }
          and "The client has received its own question. `undo`: answers have another type, and it has to ask for that."
          or "The server has not received the question yet.")
        h:need(answers, sent(h, { actor = "server", mtype = 1, after = got })
          and "The answer has type 1, like a question: the server could take it for one. `undo`, and use type 2."
          or "The server has not answered after it had the question.")
        h:need(has, h:find { actor = "client", call = "msgrcv", waits = true } and "The client waits for a type that the answer does not have."
          or "The client has not received the answer yet.")
      end,
      solution = [[
answer 1 3 4 2
client msgsnd(q, 1, "what?")
client msgrcv(q, answer, 64, 2)
server msgrcv(q, req, 64, 1)
server msgsnd(q, 2, "that")]] },

    { id = "pack", title = "Data become bytes", points = 2,
      say = ("However you interleave the two, this order is forced: that is what messages give besides data. Now the data. The client has an id (7), a port (%d) and a name (%q), and a message is only bytes. pack(rec, %q, ...) puts them into rec: a number of 4 bytes, one of 2, a text of 8, the highest byte of a number first. Let the client pack them, keep the length, and send exactly so many bytes of rec as a message of type 1 (msgsnd takes the length as fifth argument). Look at `bytes`."):format(PORT, WORD, FORMAT),
      predict = {
        ask = ("The format is %q. How many bytes does the record have?"):format(FORMAT),
        truth = function(h)
          local p = h:find { actor = "client", call = "pack", format = FORMAT, ret = function(n) return n and n > 0 end }
          return p and p.ret
        end,
        points = 1,
      },
      hints = {
        ("client n = pack(rec, %q, 7, %d, %q)"):format(FORMAT, PORT, WORD),
        "The flags stand between the message and its length: 0.",
        "client msgsnd(q, 1, rec, 0, n)",
      },
      check = function(h)
        local other = h:find { actor = "client", call = "pack", format = FORMAT, ret = function(n) return n and n > 0 end }
        local p = h:find { actor = "client", call = "pack", format = FORMAT,
          bytes = function(b) return b and b:find((" %04x "):format(PORT), 1, true) end }
        h:need(p, other and ("The port of that record is not %d: it is %04x in bytes, the second field."):format(PORT, PORT)
          or h:find { actor = "client", call = "pack", ret = -1 } and "pack has refused that: its line says why."
          or h:find { actor = "client", call = "pack" } and ("The server expects the format %q."):format(FORMAT)
          or "The client has packed nothing yet.")
        local short = sent(h, { mtype = 1, after = p })
        h:need(sent(h, { mtype = 1, msgsz = p.ret, after = p }),
          short and ("The message has %d bytes, the record %d. Without a length msgsnd sends a text, up to its first NUL byte, and the bytes of the number 7 begin with one. `undo`."):format(short.msgsz, p.ret)
          or h:find { actor = "client", call = "msgsnd", waits = true, after = p } and "The queue has no room for it."
          or ("The record of %d bytes is not sent yet."):format(p.ret))
      end,
      solution = ([[
answer 14
client n = pack(rec, %q, 7, %d, %q)
client msgsnd(q, 1, rec, 0, n)]]):format(FORMAT, PORT, WORD) },

    { id = "unpack", title = "And data again", points = 2,
      say = ("The port became %02x %02x. The name fills 8 bytes, with NULs behind it. Let the server receive the message, keep how many bytes came, and unpack it with the same format into three variables."):format(PORT // 256, PORT % 256),
      hints = {
        "server n = msgrcv(q, rec, 64, 1)",
        "unpack(buf, length, format, places...): variables that do not exist are made.",
        ("server unpack(rec, n, %q, id, port, name)"):format(FORMAT),
      },
      check = function(h)
        h:need(h:find { actor = "server", call = "msgrcv", done = true, ret = 14, after = h.began },
          h:find { actor = "server", call = "msgrcv", errno = "E2BIG" } and "The message is longer than the size that was given to msgrcv (E2BIG). It is still there."
          or h:find { actor = "server", call = "msgrcv", waits = true } and "The server waits: there is no message of that type."
          or "The server has not received the record yet.")
        local e = unpacked(h, PORT)
        h:need(e and stored(e, WORD),
          h:find { actor = "server", call = "unpack", errno = "EBADMSG" } and "EBADMSG: the format wants more bytes than came."
          or h:find { actor = "server", call = "unpack", ret = 3 } and "Three fields came out, but not the port and the name that went in: the format is another one."
          or h:find { actor = "server", call = "unpack" } and "The record has three fields: a number, a number, a text."
          or "The server has the bytes, and has not unpacked them yet.")
      end,
      solution = ([[
server n = msgrcv(q, rec, 64, 1)
server unpack(rec, n, %q, id, port, name)]]):format(FORMAT) },

    { id = "disagree", title = "Two formats", points = 1, needs = { "unpack" },
      say = ("Nothing in the 14 bytes says what they mean: both programs have to know. Let the server unpack the same bytes as a machine would that takes the lowest byte of a number first (x86 does): %q."):format("< " .. FORMAT),
      predict = {
        ask = ("The bytes of the port are %02x %02x. Which number does the server get, taking the lowest first?"):format(PORT // 256, PORT % 256),
        truth = function(h) return unpacked(h, SWAPPED) and SWAPPED end,
        points = 1,
      },
      hints = {
        ("The first byte counts 1, the second 256: %d + 256 * %d."):format(PORT // 256, PORT % 256),
        ("server unpack(rec, n, %q, id, port, name)"):format("< " .. FORMAT),
      },
      check = function(h)
        h:need(unpacked(h, SWAPPED),
          h:find { actor = "server", call = "unpack", ret = -1, after = h.began } and "unpack has refused that: its line says why."
          or "The server has not unpacked the bytes in the other order yet.")
      end,
      solution = ([[
answer %d
server unpack(rec, n, %q, id, port, name)]]):format(SWAPPED, "< " .. FORMAT) },
  },

  also = {
    { name = "the client takes the send for a rendezvous, and sends a number as type", points = 0, play = ([[
answer a
client q = msgget(%d, IPC_CREAT|0600)
client msgsnd(q, 7, %q)]]):format(KEY, WORD) },
    { name = "a message is thought to be shared memory", points = 4, play = ([[
answer b
client q = msgget(%d, IPC_CREAT|0600)
client char text[32]
client strcpy(text, %q)
client msgsnd(q, 1, text)
answer b
client strcpy(text, "changed")
server msgrcv(msgget(%d), buf, 64)]]):format(KEY, WORD, KEY) },
    { name = "the server receives any type", points = 5, play = ([[
answer b
server id = msgget(%d, IPC_CREAT|0666)
client id = msgget(%d)
client char text[32]
client strcpy(text, %q)
client msgsnd(id, 1, text)
answer a
client strcpy(text, "changed")
server msgrcv(id, buf, 64, 0)
answer a
server msgrcv(id, buf, 64, 0)
client msgsnd(id, 2, "note one")]]):format(KEY, KEY, WORD) },
    { name = "the server receives too early, and waits", points = 0, play = ([[
server q = msgget(%d, IPC_CREAT|0600)
server msgrcv(q, req, 64, 1)]]):format(KEY) },
    { name = "everything to the answer, whose sender takes its own question back; then the record is sent as a text", points = 13, play = ([[
answer b
client q = msgget(%d, IPC_CREAT|0600)
client char text[32]
client strcpy(text, %q)
client msgsnd(q, 1, text)
answer a
client strcpy(text, "changed")
server q = msgget(%d)
server msgrcv(q, req, 64, 1)
answer b
server msgrcv(q, req, 64, 1)
client msgsnd(q, 2, "note one")
client msgctl(q, IPC_SET, 0600, %d)
client msgsnd(q, 2, "note two")
client msgsnd(q, 2, "note 3..")
interrupt server
server msgrcv(q, req, 64, 2)
server msgrcv(q, req, 64, 2)
server msgrcv(q, req, 64, 2)
client msgsnd(q, 1, "what?")
client msgrcv(q, answer, 64, 0)
skip
answer 14
client pack(rec, %q, 7, %d, %q)
client msgsnd(q, 1, rec)
server n = msgrcv(q, rec, 64, 1)
server unpack(rec, n, %q, id, port, name)]]):format(KEY, WORD, KEY, LIMIT, FORMAT, PORT, WORD, FORMAT) },
  },
}
