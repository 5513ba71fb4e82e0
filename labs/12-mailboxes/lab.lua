local lab = require "ipclab"
local KEY = lab.param("key", 5000, 5999)
local BOX = lab.param("box", { "/box", "/desk", "/mail", "/post", "/shelf" })
local LETTERS = { "low", "high", "also low" } -- and their priorities:
local PRIORITY = { low = 1, high = 9, ["also low"] = 1 }

local function some(n) return n > 0 end

-- A message of System V that was sent, or received: the text is mtext in both.
local function put(h, text, type)
  return h:find { call = "msgsnd", mtext = text, mtype = type, ret = 0 }
end

local function got(h, query)
  query.call, query.done = "msgrcv", true
  return h:find(query)
end

-- The texts that came out of the POSIX queue, in order, once all letters were in it.
local function delivered(h)
  local last = 0
  for _, text in ipairs(LETTERS) do
    local sent = h:find { call = "mq_send", msg = text, prio = PRIORITY[text], ret = 0 }
    if not sent then return {} end
    last = math.max(last, sent.seq)
  end
  local list = {}
  for _, e in ipairs(h:all { call = "mq_receive", ret = some, after = last }) do
    list[#list + 1] = e.buf
  end
  return list
end

return lab.guided {
  id = "mailboxes", title = "Mailboxes: message queues of System V and POSIX", minutes = 25,
  plugins = { "msg", "mq", "process" }, actors = { "server", "client" },
  man = { "sysvipc(7)", "msgget(2)", "msgsnd(2)", "msgrcv(2)", "mq_overview(7)", "mq_open(3)", "mq_send(3)", "mq_receive(3)" },
  intro = ([[
A mailbox stands at a place that processes agree on. Who sends puts a whole message into it, who receives takes a whole message out, and in between the kernel keeps it: the two need not be there at the same time, and need not know each other.
There are two kinds. System V queues (msgget, msgsnd, msgrcv) are found by a key, here %d, and each message has a type that a receiver may ask for. POSIX queues (mq_open, mq_send, mq_receive) have a name, here %s, and each message has a priority. First the older one.]]):format(KEY, BOX),
  outro = [[
Both kept whole messages between send and receive, and both made somebody wait: for a message that is not there, for room that is not there. With types the receiver chooses; with priorities the sender does. A shared segment would be faster, since nothing is copied into the kernel and out again, but there you would have to do all of this yourself.]],

  tasks = {
    { id = "place", title = "A place", points = 1,
      say = ("Let the server create a message queue with key %d, and let the client find it by the same key. Keep the id in q, in both."):format(KEY),
      hints = {
        "msgget(2) takes a key and flags. IPC_CREAT and the permissions make one; without IPC_CREAT it only finds.",
        ("server q = msgget(%d, IPC_CREAT|0600)"):format(KEY),
        ("client q = msgget(%d, 0)"):format(KEY),
      },
      check = function(h)
        local early = h:find { actor = "client", call = "msgget", errno = "ENOENT" }
        local other = h:find { actor = "server", call = "msgget", created = true }
        local made = h:find { actor = "server", call = "msgget", created = true, key = KEY }
        h:need(made, other and ("The server's queue has another key than %d: nobody who looks for that finds it."):format(KEY)
          or early and "The client looked before anybody had made the queue (ENOENT)."
          or h:find { actor = "client", call = "msgget", created = true } and "The client has made the queue. `undo`: the server should be the one."
          or "There is no queue yet.")
        h:need(h:find { actor = "client", call = "msgget", obj = made.obj }, "The client has not found it yet.")
      end,
      solution = ([[
server q = msgget(%d, IPC_CREAT|0600)
client q = msgget(%d, 0)]]):format(KEY, KEY) },

    { id = "send", title = "Three messages", points = 1,
      say = "Let the client send three messages, while nobody receives: \"one\" with type 1, \"two\" with type 2, \"three\" with type 1 again. The last column shows what is in the queue, type and text.",
      predict = {
        ask = "Nobody waits for a message. What does msgsnd do?",
        choices = { "it waits until somebody receives", "it returns 0, and the kernel keeps the message", "-1: there is no receiver" },
        truth = function(h)
          local e = h:find { actor = "client", call = "msgsnd" }
          return e and (e.blocked and 1 or e.ret == 0 and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        "msgsnd(2) takes the queue, the type and the text.",
        "client msgsnd(q, 1, \"one\")",
        "client msgsnd(q, 2, \"two\")",
        "client msgsnd(q, 1, \"three\")",
      },
      check = function(h)
        local one, two, three = put(h, "one", 1), put(h, "two", 2), put(h, "three", 1)
        h:need(one, h:find { call = "msgsnd", errno = "EINVAL" } and "A type is a number above 0 (EINVAL)."
          or "\"one\" with type 1 was not sent yet.")
        h:need(two, "\"two\" with type 2 was not sent yet.")
        h:need(three, "\"three\" with type 1 was not sent yet.")
        h:need(h:before(one, two) and h:before(two, three), "They are in another order than one, two, three. `undo`.")
      end,
      solution = [[
answer b
client msgsnd(q, 1, "one")
client msgsnd(q, 2, "two")
client msgsnd(q, 1, "three")]] },

    { id = "type", title = "The receiver chooses", points = 2,
      say = "Each msgsnd copied a message into the kernel and came back. Now the server: it asks for type 2 first, msgrcv(q, buf, 64, 2), and then once more with type 0, which means any.",
      predict = {
        ask = "\"two\" is out. What does the second msgrcv get, with type 0?",
        choices = { "one", "three" },
        truth = function(h)
          local two = got(h, { actor = "server", mtext = "two" })
          local e = two and got(h, { actor = "server", msgtyp = 0, ret = some, after = two })
          return e and (e.mtext == "one" and 1 or 2)
        end,
        points = 1,
      },
      hints = {
        "msgrcv(2) takes the queue, a buffer, its room, and which type.",
        "server msgrcv(q, buf, 64, 2)",
        "server msgrcv(q, buf, 64, 0)",
      },
      check = function(h)
        local one, two = got(h, { actor = "server", mtext = "one" }), got(h, { actor = "server", mtext = "two" })
        h:need(not one or (two and h:before(two, one)), "With type 0 the oldest came, \"one\". `undo`, and ask for type 2 first.")
        h:need(two, "The server has not received the message of type 2 yet.")
        h:need(one, got(h, { actor = "server", mtext = "three" }) and "\"three\" came, although \"one\" is older. `undo`, and ask for any type."
          or "Now any message: type 0.")
      end,
      solution = [[
answer a
server msgrcv(q, buf, 64, 2)
server msgrcv(q, buf, 64, 0)]] },

    { id = "whole", title = "Whole, or not at all", points = 1,
      say = "Type 0 is the oldest of all; a number is the oldest of that type. \"three\" is left, 5 bytes. Let the server receive it with room for 2 bytes, and then with enough.",
      predict = {
        ask = "What does msgrcv do with room for 2 bytes?",
        choices = { "it gets \"th\", and the rest is lost", "it gets \"th\", and the next one \"ree\"", "-1 E2BIG, and the message stays in the queue" },
        truth = function(h)
          local e = got(h, { actor = "server", msgsz = function(n) return n < 5 end })
          return e and (e.errno == "E2BIG" and 3 or e.messages == 0 and 1 or 2)
        end,
        points = 1,
      },
      hints = {
        "server msgrcv(q, buf, 2, 0)",
        "server msgrcv(q, buf, 64, 0)",
      },
      check = function(h)
        local small = h:need(got(h, { actor = "server", errno = "E2BIG" }),
          got(h, { actor = "server", mtext = "three" }) and "It had enough room. `undo`, and see what happens with 2 bytes."
          or "The server has not tried it with too little room yet.")
        h:need(got(h, { actor = "server", mtext = "three", after = small }), "The message is still there. Receive it with enough room.")
      end,
      solution = [[
answer c
server msgrcv(q, buf, 2, 0)
server msgrcv(q, buf, 64, 0)]] },

    { id = "wait", title = "Waiting for the right one", points = 1,
      say = "A message is never cut without your wish (MSG_NOERROR), and never comes in pieces. The queue is empty. Let the server wait for a message of type 5, and let the client send \"nine\" with type 9, and then \"five\" with type 5.",
      predict = {
        ask = "The server waits for type 5, and \"nine\" of type 9 comes. What does the server do?",
        choices = { "it wakes, and has \"nine\"", "it wakes with an error", "it waits" },
        truth = function(h)
          local waits = h:find { actor = "server", call = "msgrcv", blocked = true }
          local nine = waits and h:find { actor = "client", call = "msgsnd", mtype = 9, ret = 0, after = waits }
          return nine and (waits.waits and 3 or waits.mtext == "nine" and 1 or waits.ret == -1 and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        "server msgrcv(q, buf, 64, 5)",
        "client msgsnd(q, 9, \"nine\")",
        "client msgsnd(q, 5, \"five\")",
      },
      check = function(h)
        local waits = h:find { actor = "server", call = "msgrcv", msgtyp = 5, blocked = true }
        local nine = h:find { actor = "client", call = "msgsnd", mtype = 9, ret = 0 }
        h:need(waits, h:find { actor = "server", call = "msgrcv", blocked = true } and "The server waits for another type. `undo`."
          or nine and "The server should wait before the client sends. `undo`."
          or "The server does not wait for type 5 yet.")
        h:need(nine and h:before(waits, nine), "The client has not sent a message of type 9 since.")
        h:need(waits.done and waits.ret > 0, "It waits, though the queue is not empty: `why server` says for what.")
      end,
      solution = [[
answer c
server msgrcv(q, buf, 64, 5)
client msgsnd(q, 9, "nine")
client msgsnd(q, 5, "five")]] },

    { id = "stays", title = "The sender has gone", points = 1,
      say = "\"nine\" is still there. If nobody ever asks for it, it stays, and such messages fill a queue. Let the client exit(0), then let the server receive \"nine\", and remove the queue with msgctl(q, IPC_RMID).",
      predict = {
        ask = "The client has sent \"nine\" and has exited. What about its message?",
        choices = { "it is gone with the client", "it is still in the queue" },
        truth = function(h)
          local exit = h:find { ev = "process", actor = "client", what = { "exit", "killed" } }
          local e = exit and h:find { actor = "server", call = "msgrcv", after = exit }
          return e and (e.mtext == "nine" and 2 or (e.blocked or e.errno) and 1 or nil)
        end,
        points = 1,
      },
      hints = {
        "client exit(0)",
        "server msgrcv(q, buf, 64, 9)",
        "server msgctl(q, IPC_RMID)",
      },
      check = function(h)
        local exit = h:find { ev = "process", actor = "client", what = { "exit", "killed" } }
        h:need(exit, "The client still lives.")
        h:need(got(h, { actor = "server", mtext = "nine", after = exit }),
          got(h, { actor = "server", mtext = "nine" }) and "The server received it while the client still lived. `undo`, and let the client exit first."
          or "The server has not received \"nine\" yet.")
        h:need(h:find { call = "msgctl", cmd = "IPC_RMID", ret = 0 }, "The queue is still there, and stays when the server exits as well. Somebody has to remove it.")
      end,
      solution = [[
answer b
client exit(0)
server msgrcv(q, buf, 64, 9)
server msgctl(q, IPC_RMID)]] },

    { id = "priority", title = "The sender chooses", points = 2,
      say = ("Now POSIX. mq_open returns a descriptor, and who makes the queue says how many messages it holds and how long they may be: let the server call q = mq_open(\"%s\", O_CREAT|O_RDWR, 0600, 3, 16). Let it send \"low\" with priority 1, \"high\" with priority 9, \"also low\" with priority 1, and then receive three times."):format(BOX),
      predict = {
        ask = "In which order do they come out?",
        order = LETTERS,
        truth = function(h)
          local list, numbers = delivered(h), {}
          if #list < 3 then return nil end
          for i = 1, 3 do
            for n, text in ipairs(LETTERS) do
              if list[i] == text then numbers[i] = n end
            end
          end
          return #numbers == 3 and numbers or nil
        end,
        points = 1,
      },
      hints = {
        ("server q = mq_open(\"%s\", O_CREAT|O_RDWR, 0600, 3, 16)"):format(BOX),
        "server mq_send(q, \"low\", 1)",
        "server mq_send(q, \"high\", 9)",
        "server mq_receive(q, buf)",
      },
      check = function(h)
        local made = h:find { actor = "server", call = "mq_open", created = true, name = BOX }
        h:need(made, h:find { actor = "server", call = "mq_open", errno = "EINVAL" } and "A name of a queue begins with / (EINVAL)."
          or h:find { actor = "server", call = "mq_open", errno = "ENOENT" } and "There is no such queue. O_CREAT makes one."
          or ("There is no queue %s yet."):format(BOX))
        h:need(made.maxmsg == 3, ("This queue holds %d messages. For the next task it should be 3: `undo`."):format(made.maxmsg))
        for _, text in ipairs(LETTERS) do
          h:need(h:find { call = "mq_send", msg = text, prio = PRIORITY[text], ret = 0 },
            ("\"%s\" with priority %d is not in the queue yet."):format(text, PRIORITY[text]))
        end
        local list = delivered(h)
        h:need(#list == 0 or PRIORITY[list[1]] == 9, "\"high\" was out before all three were in. `undo`, first send all of them.")
        h:need(#list >= 3, h:find { actor = "server", call = "mq_receive", errno = "EMSGSIZE" }
          and "The buffer needs room for the longest message that the queue allows, not for the one that is there (EMSGSIZE)."
          or "Not all three have been received since all were there.")
      end,
      solution = ([[
answer b a c
server q = mq_open("%s", O_CREAT|O_RDWR, 0600, 3, 16)
server mq_send(q, "low", 1)
server mq_send(q, "high", 9)
server mq_send(q, "also low", 1)
server mq_receive(q, buf)
server mq_receive(q, buf)
server mq_receive(q, buf)]]):format(BOX) },

    { id = "full", title = "The box is full", points = 2,
      say = "The highest priority first, and within one the oldest. A receiver cannot ask for one of them. Now let the server fork a process called worker, which inherits the descriptor q, and let the worker send four messages, \"a\", \"b\", \"c\" and \"d\". Look at the fourth; then let the server receive one.",
      predict = {
        ask = "The queue holds 3 messages. What does the fourth mq_send do?",
        choices = { "-1 ENOSPC: no room", "it waits", "it returns 0, and the oldest message is gone" },
        truth = function(h)
          local e = h:find { actor = "worker", call = "mq_send", blocked = true } or h:all { actor = "worker", call = "mq_send" }[4]
          return e and (e.blocked and 2 or e.ret == 0 and 3 or 1)
        end,
        points = 1,
      },
      hints = {
        "server fork(worker)",
        "worker mq_send(q, \"a\", 1)",
        "The fourth one waits: `why worker` says for what.",
        "server mq_receive(q, buf)",
      },
      check = function(h)
        h:need(h:find { ev = "process", actor = "worker", what = { "fork", "spawn" } }, "There is no process worker yet.")
        local waits = h:find { actor = "worker", call = "mq_send", blocked = true }
        h:need(waits, h:find { actor = "worker", call = "mq_send", ret = 0 } and "There is still room in the queue." or "The worker has sent nothing yet.")
        h:need(waits.done and waits.ret == 0, "The worker waits for room. Who receives makes some.")
      end,
      solution = [[
answer b
server fork(worker)
worker mq_send(q, "a", 1)
worker mq_send(q, "b", 1)
worker mq_send(q, "c", 1)
worker mq_send(q, "d", 1)
server mq_receive(q, buf)]] },

    { id = "unlink", title = "Without a name", points = 1,
      say = ("A box that is full holds its senders back: a fast one cannot run away from a slow receiver. Last, let the server remove the name with mq_unlink(\"%s\"), let the worker try to open it once more, and let the server receive."):format(BOX),
      predict = {
        ask = "The name is removed. What does the server's mq_receive do?",
        choices = { "it gets \"b\"", "-1 EBADF: the queue is gone", "-1 ENOENT: the name is gone" },
        truth = function(h)
          local gone = h:find { call = "mq_unlink", ret = 0 }
          local e = gone and h:find { actor = "server", call = "mq_receive", after = gone, done = true }
          return e and (e.ret > 0 and 1 or e.errno == "EBADF" and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        ("server mq_unlink(\"%s\")"):format(BOX),
        ("worker mq_open(\"%s\", O_RDONLY)"):format(BOX),
        "server mq_receive(q, buf)",
      },
      check = function(h)
        local gone = h:need(h:find { call = "mq_unlink", name = BOX, ret = 0 }, "The queue still has its name, and would stay when all have exited.")
        h:need(h:find { call = "mq_open", name = BOX, errno = "ENOENT", after = gone },
          h:find { call = "mq_open", name = BOX, created = true, after = gone } and "With O_CREAT the worker has made a new queue of that name. `undo`, and only look for it."
          or "Nobody has tried to open it since.")
        h:need(h:find { actor = "server", call = "mq_receive", ret = some, after = gone }, "The server has received nothing since.")
      end,
      solution = ([[
answer a
server mq_unlink("%s")
worker mq_open("%s", O_RDONLY)
server mq_receive(q, buf)]]):format(BOX, BOX) },
  },

  also = {
    { name = "each makes a queue of its own", points = 0, play = [[
server q = msgget(IPC_PRIVATE, IPC_CREAT|0600)
client q = msgget(IPC_PRIVATE, IPC_CREAT|0600)
client msgsnd(q, 1, "hello")
server msgrcv(q, buf, 64, 0)]] },
    { name = "a queue is expected to be a pipe: in order, and types are nothing", points = 3, play = ([[
server q = msgget(%d, IPC_CREAT|0600)
client q = msgget(%d, 0)
answer b
client msgsnd(q, 1, "one")
client msgsnd(q, 2, "two")
client msgsnd(q, 1, "three")
answer b
server msgrcv(q, buf, 64, 0)
server msgrcv(q, buf, 64, 0)
server msgrcv(q, buf, 2, 0)]]):format(KEY, KEY) },
    { name = "a type of 0", points = 1, play = ([[
server q = msgget(%d, IPC_CREAT|0600)
client q = msgget(%d, 0)
client msgsnd(q, 0, "one")
client msgsnd(q, 0, "two")
client msgsnd(q, 0, "three")]]):format(KEY, KEY) },
    { name = "a buffer for the message that is there, not for the longest", points = 0, play = ([[
server q = mq_open("%s", O_CREAT|O_RDWR, 0600, 3, 16)
server mq_send(q, "low", 1)
server mq_send(q, "high", 9)
server mq_send(q, "also low", 1)
server mq_receive(q, buf, 8)
server mq_receive(q, buf, 8)
server mq_receive(q, buf, 8)]]):format(BOX) },
    { name = "only the POSIX part, in order of sending, received in between", points = 3, play = ([[
server q = mq_open("%s", O_CREAT|O_RDWR, 0600, 3, 16)
server mq_send(q, "low", 1)
server mq_receive(q, buf)
server mq_send(q, "high", 9)
server mq_receive(q, buf)
server mq_send(q, "also low", 1)
server mq_receive(q, buf)
server fork(worker)
worker mq_send(q, "a", 1)
worker mq_send(q, "b", 1)
worker mq_send(q, "c", 1)
worker mq_send(q, "d", 1)
server mq_receive(q, buf)
server mq_unlink("%s")
worker mq_open("%s", O_RDONLY)
server mq_receive(q, buf)]]):format(BOX, BOX, BOX) },
  },
}
