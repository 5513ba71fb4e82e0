local lab = require "ipclab"
local WORD = lab.param("word", { "apple", "cherry", "lemon", "melon", "olive", "quince" })
local KEY = lab.param("key", 5000, 5999)

local function NOBODY(ends) return ends and #ends == 0 end

-- A call that would have had to wait, was not allowed to, and said so.
local function refused(h, query)
  query.actor, query.errno = query.actor or "parent", query.errno or "EAGAIN"
  return h:find(query)
end

-- A write that took some of the bytes and not all.
local function short_write(h)
  for _, w in ipairs(h:all { actor = "parent", call = "write", after = h.began }) do
    if w.done and w.ret > 0 and w.ret < w.count then return w end
  end
end

-- The parent waits in vain, and the line that it waits in has to be got rid of.
local function stuck(h, call)
  return h:find { actor = "parent", call = call, waits = true, after = h.began }
end

return lab.guided {
  id = "blocking", title = "Blocking and non-blocking", minutes = 25,
  plugins = { "pipe", "file", "socket", "msg", "mq" }, actors = { "parent" },
  man = { "read(2)", "write(2)", "fcntl(2)", "pipe(7)", "recv(2)", "poll(2)", "msgrcv(2)", "mq_receive(3)" },
  intro = [[
A call that takes something from the kernel may find nothing there, and a call that puts something there may find no room. It has three ways to go on: wait until it can (blocking, what happens if nobody says otherwise), come back at once with an error (non-blocking), or wait for so long and no longer (timed).
You will see all three at pipes, sockets and message queues. Look at the result of each call and at its errno: they say which of the ways was taken, and why.]],
  outro = [[
Three different names for one answer: EAGAIN from pipes, sockets and POSIX queues, ENOMSG from a System V queue, and ETIMEDOUT when a time has passed. None of them is a fault of the program; each says that the call would have had to wait. `help blocking` has the three ways of every call that can wait, side by side.]],

  tasks = {
    { id = "wait", title = "A call that waits", points = 1,
      say = "Let the parent make a pipe p, fork a process called child, and read from the pipe, into which nobody has written. The prompt comes back although the call does not: the line ends with `waits`, and says what it waits for. `why parent` says more.",
      hints = {
        "pipe(2) fills an array: p[0] is the end to read from. read(2) takes a descriptor, a buffer and how many bytes at most.",
        "parent pipe(p)",
        "parent fork(child)",
        "parent read(p[0], buf, 32)",
      },
      check = function(h)
        local made = h:need(h:find { actor = "parent", call = { "pipe", "pipe2" }, ret = 0 }, "The parent has no pipe yet.")
        local child = h:find { ev = "process", what = "fork", actor = "child" }
        h:need(child, "There is no process child yet.")
        h:need(h:before(made, child), "The child was made before the pipe, and has no end of it. `undo`, the pipe first.")
        h:need(h:find { actor = "parent", call = "read", blocked = true, why = "empty" },
          h:find { actor = "parent", call = "read", ret = function(n) return n and n > 0 end }
          and "When the parent read, there was something in the pipe already, and it did not wait. `undo` the write."
          or refused(h, { call = "read" }) and "EAGAIN: the pipe is non-blocking already. That is the third task. `undo`."
          or "The parent has not read from the pipe yet.")
      end,
      solution = [[
parent pipe(p)
parent fork(child)
parent read(p[0], buf, 32)]] },

    { id = "wake", title = "Somebody ends the waiting", points = 1,
      say = ("The parent sleeps in the kernel: it uses no processor time, and looks at nothing. It goes on when another process changes what it waits for. Let the child write %q into the pipe, and look at the second line that appears: the read of before, with its result and `by step`."):format(WORD),
      hints = {
        "The child was born with both ends of the pipe, and with the variable p.",
        ("child write(p[1], %q)"):format(WORD),
      },
      check = function(h)
        h:need(h:find { actor = "parent", call = "read", blocked = true, buf = function(t) return t and t:find(WORD, 1, true) == 1 end },
          h:find { actor = "parent", call = "read", blocked = true, errno = "EINTR" }
          and "The read was interrupted (EINTR). Let the parent read again, and then the child write."
          or h:find { actor = "parent", call = "read", blocked = true, done = true, ret = 0 }
          and "No write end is open any more, so the read has returned 0. `undo`."
          or h:find { actor = "parent", call = "read", blocked = true, done = true }
          and ("The parent has read something else than %q. `undo`, and let the child write that."):format(WORD)
          or "The parent still waits. Somebody has to write into the pipe.")
      end,
      solution = ("child write(p[1], %q)"):format(WORD) },

    { id = "flag", title = "Not to wait", points = 1,
      say = "The pipe is empty again. Now tell the kernel that calls on this end must not wait: fcntl(2) with F_SETFL sets O_NONBLOCK. Then let the parent read once more.",
      predict = {
        ask = "The pipe is empty, and the child could still write. What does a read do that must not wait?",
        choices = { "it returns 0: there are 0 bytes", "it returns -1, and errno is EAGAIN", "it returns the old bytes again" },
        truth = function(h)
          local r = h:find { actor = "parent", call = "read", done = true, blocked = false, after = h.began }
          return r and (r.errno == "EAGAIN" and 2 or r.ret == 0 and 1 or r.ret > 0 and 3)
        end,
        points = 1,
      },
      hints = {
        "fcntl(fd, F_SETFL, flags): the descriptor is the one that is read from.",
        "parent fcntl(p[0], F_SETFL, O_NONBLOCK)",
        "parent read(p[0], buf, 32)",
      },
      check = function(h)
        h:need(refused(h, { call = "read" }),
          stuck(h, "read") and (h:find { call = "fcntl", cmd = "F_SETFL" }
            and "The parent waits all the same: the flag was set at another end. `undo`, and set it at p[0]."
            or "The parent waits again, as before. `undo`, and set O_NONBLOCK first.")
          or h:find { actor = "parent", call = "fcntl", flags = function(f) return type(f) == "string" and f:find("O_NONBLOCK", 1, true) end, after = h.began }
          and "The flag is set. Now let the parent read."
          or "The parent's end of the pipe is not non-blocking yet.")
      end,
      solution = [[
answer b
parent fcntl(p[0], F_SETFL, O_NONBLOCK)
parent read(p[0], buf, 32)]] },

    { id = "end", title = "Nothing now, and nothing ever", points = 1, needs = { "flag" },
      say = "EAGAIN means: nothing now, try again later. A program that waits for a pipe in a loop of such reads burns a processor; poll(2), below, is better. Now close all write ends of the pipe: the child's, and the parent's own. Let the parent read again after each of them, and compare.",
      predict = {
        ask = "The pipe is empty, and no write end is open anywhere. What does the non-blocking read return?",
        truth = function(h)
          local r = h:find { actor = "parent", call = "read", done = true, w = NOBODY, after = h.began }
          return r and r.ret
        end,
        points = 1,
      },
      hints = {
        "p[1] is the end to write to. Both processes have it open: the fork copied it.",
        "child close(p[1])",
        "parent close(p[1])",
        "parent read(p[0], buf, 32)",
      },
      check = function(h)
        local last = h:last { actor = "parent", call = "read", after = h.began }
        h:need(h:find { actor = "parent", call = "read", ret = 0, w = NOBODY },
          last and last.errno == "EAGAIN" and ("Still EAGAIN: %d process%s still can write. The column W names who."):format(
            #last.state.w, #last.state.w == 1 and "" or "es")
          or "The parent has not seen the end of the pipe yet.")
      end,
      solution = [[
answer 0
child close(p[1])
parent close(p[1])
parent read(p[0], buf, 32)]] },

    { id = "full", title = "No room", points = 2,
      say = "0 and -1 are two answers: with 0 the program may stop, with EAGAIN it may not. Writing has the same question when a pipe is full. Let the parent make another pipe q that holds one page (fcntl(q[1], F_SETPIPE_SZ, 4096)), declare char data[5000], set O_NONBLOCK at q[1], and write all 5000 bytes. Then let it write the 904 that are left.",
      predict = {
        ask = "5000 bytes are to go into an empty pipe that holds 4096, without waiting. What does the first write return?",
        choices = { "-1, and errno is EAGAIN: they do not fit", "4096", "5000" },
        truth = function(h)
          local w = h:find { actor = "parent", call = "write", count = 5000, done = true }
          return w and (w.ret == -1 and 1 or w.ret == 5000 and 3 or 2)
        end,
        points = 1,
      },
      hints = {
        "Five lines: pipe, fcntl for the room, the array, fcntl for the flag, write. The flag has to be set at the end that is written to.",
        "parent fcntl(q[1], F_SETFL, O_NONBLOCK)",
        "parent write(q[1], data, 5000)",
        "parent write(q[1], data, 904)",
      },
      check = function(h)
        local short = short_write(h)
        h:need(short,
          stuck(h, "write") and "The parent waits: it has written what fitted, and waits with the rest. `undo`, and set O_NONBLOCK at q[1] first."
          or h:find { actor = "parent", call = "write", errno = "EPIPE" } and "Nobody has that pipe open for reading (EPIPE). Take a new one."
          or h:find { actor = "parent", call = "write", after = h.began, ret = function(n) return n and n > 0 end }
          and "All bytes fitted. The pipe has to be smaller than what is written: F_SETPIPE_SZ."
          or "The parent has not written more than the pipe holds yet.")
        h:need(refused(h, { call = "write", obj = short.obj, after = short }),
          stuck(h, "write") and "The parent waits: the end is blocking again."
          or "The pipe is full now. Let the parent write the rest.")
      end,
      solution = [[
answer b
parent pipe(q)
parent fcntl(q[1], F_SETPIPE_SZ, 4096)
parent char data[5000]
parent fcntl(q[1], F_SETFL, O_NONBLOCK)
parent write(q[1], data, 5000)
parent write(q[1], data, 904)]] },

    { id = "shared", title = "Whose flag is it?", points = 2,
      say = "Without waiting, write takes what fits and says how much that was; a program that ignores the result loses the rest. Only when nothing fits there is EAGAIN. Now sockets. Let the parent make a pair of them, socketpair(AF_UNIX, SOCK_STREAM, 0, sv), and fork a second child, called other. Let other, and nobody else, set O_NONBLOCK at sv[0]. Then let the parent recv from sv[0].",
      predict = {
        ask = "other has set the flag in its own process. What does the parent's recv do?",
        choices = { "it waits: the parent has set no flag", "it returns -1, and errno is EAGAIN" },
        truth = function(h)
          local set = h:find { actor = "other", call = "fcntl", cmd = "F_SETFL", ret = 0 }
          local r = set and h:find { actor = "parent", call = { "recv", "read" }, after = set }
          return r and (r.blocked and 1 or r.errno == "EAGAIN" and 2)
        end,
        points = 1,
      },
      hints = {
        "parent socketpair(AF_UNIX, SOCK_STREAM, 0, sv)",
        "parent fork(other)",
        "other fcntl(sv[0], F_SETFL, O_NONBLOCK)",
        "parent recv(sv[0], buf, 32)",
      },
      check = function(h)
        local pair = h:need(h:find { actor = "parent", call = "socketpair", ret = 0 }, "There is no pair of sockets yet.")
        local other = h:need(h:find { ev = "process", what = "fork", actor = "other" }, "There is no process other yet.")
        h:need(h:before(pair, other), "other was made before the sockets, and has none of them. `undo`.")
        local set = h:find { actor = "other", call = "fcntl", cmd = "F_SETFL", ret = 0 }
        h:need(not h:find { actor = "parent", call = "fcntl", cmd = "F_SETFL", after = other, before = set },
          "The parent has set flags itself. In this task only other does: `undo`.")
        h:need(set, "other has set no flag yet.")
        h:need(refused(h, { call = { "recv", "read" }, obj = set.obj, after = set }),
          h:find { actor = "parent", call = { "recv", "read" }, waits = true, after = set }
          and "The parent waits, so other has set the flag at the other socket of the pair. `undo`: sv[0] is where the parent receives."
          or "The parent has not received yet.")
      end,
      solution = [[
answer b
parent socketpair(AF_UNIX, SOCK_STREAM, 0, sv)
parent fork(other)
other fcntl(sv[0], F_SETFL, O_NONBLOCK)
parent recv(sv[0], buf, 32)]] },

    { id = "once", title = "For one call only", points = 2, needs = { "shared" },
      say = "O_NONBLOCK belongs to the open socket, of which parent and other have copies of the descriptor. Whoever sets it on a terminal that it shares with the shell learns that, too. For one call there is a flag of the call: MSG_DONTWAIT. Let the parent take O_NONBLOCK away again, receive once with MSG_DONTWAIT, and then once without.",
      hints = {
        "F_SETFL with 0 sets no flag. recv(2) has its flags as fourth argument.",
        "parent fcntl(sv[0], F_SETFL, 0)",
        "parent recv(sv[0], buf, 32, MSG_DONTWAIT)",
        "parent recv(sv[0], buf, 32)",
      },
      check = function(h)
        local once = h:find { actor = "parent", call = "recv", errno = "EAGAIN",
          flags = function(f) return type(f) == "string" and f:find("MSG_DONTWAIT", 1, true) end, after = h.began }
        local waits = h:find { actor = "parent", call = { "recv", "read" }, blocked = true, after = h.began }
        h:need(once, waits and "That receive waits. First one with MSG_DONTWAIT: `undo`."
          or "The parent has not received with MSG_DONTWAIT yet.")
        h:need(h:find { actor = "parent", call = { "recv", "read" }, blocked = true, after = once },
          refused(h, { call = "recv", flags = "0", after = h.began })
          and "Without MSG_DONTWAIT the call does not wait either: O_NONBLOCK is still set at sv[0]."
          or "Now let the parent receive without the flag, and see that it waits.")
      end,
      solution = [[
parent fcntl(sv[0], F_SETFL, 0)
parent recv(sv[0], buf, 32, MSG_DONTWAIT)
parent recv(sv[0], buf, 32)]] },

    { id = "timed", title = "Wait, but not for ever", points = 2, needs = { "once" },
      say = ("The socket is blocking, and one call was not. Let other send %q through sv[1], so that the parent comes back. Then let the parent ask poll(2) whether it could read from sv[0] now, with a time: at most 20 milliseconds. Nobody sends. Then let other send once more, and let the parent ask again, without a limit (-1)."):format(WORD),
      predict = {
        ask = "20 milliseconds pass, and nothing comes. What does poll return?",
        choices = { "0", "-1, and errno is EAGAIN", "-1, and errno is ETIMEDOUT" },
        truth = function(h)
          local p = h:find { actor = "parent", call = { "poll", "select" }, done = true, after = h.began,
            ret = function(n) return n and n <= 0 end }
          return p and (p.ret == 0 and 1 or p.errno == "ETIMEDOUT" and 3 or 2)
        end,
        points = 1,
      },
      hints = {
        ("other send(sv[1], %q)"):format(WORD),
        "poll(fd, events, ms): POLLIN is \"there is something to read\".",
        "parent poll(sv[0], POLLIN, 20)",
        "parent poll(sv[0], POLLIN, -1)",
      },
      check = function(h)
        local back = h:find { actor = "parent", call = { "recv", "read" }, blocked = true, done = true, by = function(s) return s end }
        h:need(back, "The parent still waits in recv. other can end that: sv[1] is its end.")
        local over = h:find { actor = "parent", call = { "poll", "select" }, ret = 0, after = h.began }
        h:need(over, h:find { actor = "parent", call = { "poll", "select" }, waits = true }
          and "That poll has no limit, and would wait for ever. `undo`, and give it 20."
          or h:find { actor = "parent", call = { "poll", "select" }, ret = 1, after = h.began }
          and "There was something to read already. Read it first, then poll with a time."
          or "The parent has not polled with a limit yet.")
        h:need(h:find { actor = "parent", call = { "poll", "select" }, ret = 1, after = over },
          h:find { actor = "parent", call = { "poll", "select" }, waits = true, after = over }
          and "The parent waits in poll. Let other send."
          or "The time has passed. Now let other send, and the parent ask again.")
      end,
      solution = ([[
answer a
other send(sv[1], %q)
parent poll(sv[0], POLLIN, 20)
other send(sv[1], %q)
parent poll(sv[0], POLLIN, -1)]]):format(WORD, WORD) },

    { id = "queues", title = "The same with message queues", points = 2,
      say = ("poll says 1: one descriptor is ready, and recv would not wait now. It takes nothing out. A System V queue has no descriptor, so neither O_NONBLOCK nor poll can be used: its calls have a flag of their own, IPC_NOWAIT. A POSIX queue has a call of its own with a time, mq_timedreceive. Let the parent make a queue with key %d and receive from it without waiting; and let it make a POSIX queue /box, and receive with at most 20 milliseconds. Compare the two errno."):format(KEY),
      hints = {
        ("parent id = msgget(%d, IPC_CREAT|0600)"):format(KEY),
        "parent msgrcv(id, buf, 32, 0, IPC_NOWAIT)",
        "parent m = mq_open(\"/box\", O_CREAT|O_RDWR, 0600, 1, 16)",
        "parent mq_timedreceive(m, buf, 20)",
      },
      check = function(h)
        local made = h:find { actor = "parent", call = "msgget", ret = function(id) return id ~= -1 end }
        h:need(made, "There is no System V queue yet.")
        h:need(h:find { actor = "parent", call = "msgget", key = KEY, ret = function(id) return id ~= -1 end },
          ("The queue has key %d. It should be %d."):format(made.key, KEY))
        h:need(h:find { actor = "parent", call = "msgrcv", errno = "ENOMSG", key = KEY },
          h:find { actor = "parent", call = "msgrcv", waits = true } and "msgrcv waits. `undo`, and give it IPC_NOWAIT as last argument."
          or "The parent has not received from the System V queue without waiting yet.")
        h:need(h:find { actor = "parent", call = "mq_timedreceive", errno = "ETIMEDOUT" },
          h:find { actor = "parent", call = "mq_receive", waits = true } and "mq_receive waits as long as it takes. `undo`: mq_timedreceive has a time."
          or h:find { actor = "parent", call = { "mq_receive", "mq_timedreceive" }, errno = "EAGAIN" }
          and "EAGAIN: the queue was opened with O_NONBLOCK, and with it the time does not count. Open it without."
          or h:find { actor = "parent", call = "mq_open", ret = -1 } and "The POSIX queue could not be opened: the line says why."
          or "The parent has not received from a POSIX queue with a time yet.")
      end,
      solution = ([[
parent id = msgget(%d, IPC_CREAT|0600)
parent msgrcv(id, buf, 32, 0, IPC_NOWAIT)
parent m = mq_open("/box", O_CREAT|O_RDWR, 0600, 1, 16)
parent mq_timedreceive(m, buf, 20)]]):format(KEY) },
  },

  also = {
    { name = "the child writes first: nobody waits", points = 0, play = ([[
parent pipe(p)
parent fork(child)
child write(p[1], %q)
parent read(p[0], buf, 32)]]):format(WORD) },
    { name = "the flag is set at the end that is not read from, and 0 is expected", points = 2, play = ([[
parent pipe(p)
parent fork(child)
parent read(p[0], buf, 32)
child write(p[1], %q)
answer a
parent fcntl(p[1], F_SETFL, O_NONBLOCK)
parent read(p[0], buf, 32)]]):format(WORD) },
    { name = "EAGAIN is taken for the end, and the parent keeps its write end", points = 4, play = ([[
parent pipe(fd)
parent fork(child)
parent read(fd[0], b, 64)
child write(fd[1], %q)
answer b
child fcntl(fd[0], F_SETFL, O_NONBLOCK)
parent read(fd[0], b, 64)
answer -1
child close(fd[1])
parent read(fd[0], b, 64)]]):format(WORD) },
    { name = "a write that waits because nobody set the flag at its end", points = 6, play = ([[
parent pipe(p)
parent fork(child)
parent read(p[0], buf, 32)
child write(p[1], %q)
answer b
parent fcntl(p[0], F_SETFL, O_NONBLOCK)
parent read(p[0], buf, 32)
answer 0
child exit(0)
parent close(p[1])
parent read(p[0], buf, 32)
answer c
parent pipe(q)
parent fcntl(q[1], F_SETPIPE_SZ, 4096)
parent char data[5000]
parent write(q[1], data, 5000)]]):format(WORD) },
    { name = "the flag is thought to belong to one process", points = 11, play = ([[
parent pipe(p)
parent fork(child)
parent read(p[0], buf, 32)
child write(p[1], %q)
answer b
parent fcntl(p[0], F_SETFL, O_NONBLOCK)
parent read(p[0], buf, 32)
answer 0
child close(p[1])
parent close(p[1])
parent read(p[0], buf, 32)
answer b
parent pipe2(q, O_NONBLOCK)
parent fcntl(q[1], F_SETPIPE_SZ, 4096)
parent char big[8000]
parent write(q[1], big, 5000)
parent write(q[1], "one byte more")
answer a
parent socketpair(AF_UNIX, SOCK_STREAM, 0, sv)
parent fork(other)
other fcntl(sv[0], F_SETFL, O_NONBLOCK)
parent read(sv[0], buf, 32)]]):format(WORD) },
  },
}
