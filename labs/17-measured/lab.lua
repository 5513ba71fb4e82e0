local lab = require "ipclab"
local KEY = lab.param("key", 5000, 5999)
local FIRST = lab.param("first", { "apple", "cherry", "lemon", "melon", "olive", "quince" })
local SECOND = lab.param("second", { "badger", "ferret", "marmot", "otter", "weasel" })
local THIRD = lab.param("third", { "alder", "birch", "larch", "maple", "willow" })
local LARGE, ROOM = 16384, 4096

-- Plain work on memory: everything else is a call into the kernel.
local MEMORY = { strcpy = true, memcpy = true, store = true, load = true, print = true, await = true, ["="] = true }

local function stored(h, word, since)
  for _, e in ipairs(h:all { actor = "sender", call = { "strcpy", "memcpy", "store" }, after = since }) do
    local bytes = e.src or e.text
    if type(bytes) == "string" and bytes:sub(1, #word) == word then return e end
  end
end

-- How many calls of this name, how many bytes they moved, and which.
local function moved(h, actor, call)
  local calls, bytes, text = 0, 0, ""
  for _, e in ipairs(h:all { actor = actor, call = call, done = true, after = h.began }) do
    if e.ret > 0 and e.obj and e.obj:find("^pipe#") then
      calls, bytes = calls + 1, bytes + e.ret
      text = text .. (type(e.buf) == "string" and e.buf or "")
    end
  end
  return calls, bytes, text
end

-- The two steps at a semaphore: taken by the receiver, given by the sender.
local function semaphore(h)
  local taken = h:find { actor = "receiver", call = { "semop", "semtimedop", "sem_wait" }, done = true, ret = 0, after = h.began }
  local given = h:find { actor = "sender", call = { "semop", "semtimedop", "sem_post" }, done = true, ret = 0, after = h.began }
  return taken, given
end

-- The median of there and back, on one core, as the student has measured it since the task began.
local function measured(h, mechanism, size)
  local b = h:last { ev = "bench", after = h.began }
  for _, r in ipairs(b and b.results or {}) do
    if r.mechanism == mechanism and r.size == size and r.cores == 1 then return r.p50_ns end
  end
end

return lab.guided {
  id = "measured", title = "Shared memory against message passing: counted and measured", minutes = 25,
  plugins = { "pipe", "shm", "sem", "process" }, actors = { "sender" },
  man = { "pipe(7)", "write(2)", "shmat(2)", "semop(2)", "shm_overview(7)" },
  intro = [[
"Shared memory is fast, message passing is slow": is that so, how much, and why? Two things cost time. Each system call costs a change into the kernel and back, and a call that waits costs a change to another process besides. And each copy of the bytes costs time that grows with their number.
Both can be counted, one line at a time. You do that first, for the same message on three ways; then you measure, with `bench`, and the figures should surprise you no more.]],
  outro = [[
So both sentences of the slide are true, and neither for the reason that one thinks of first. Message passing copies; shared memory does not have to, but somebody has to say when. For small messages what counts is the system calls, and those are as many as before; for large ones it is the copies. `bench` without names measures all mechanisms of this shell; `help measuring` says how, and what such figures are worth.]],

  tasks = {
    { id = "pipe", title = "One message through a pipe", points = 1,
      say = ("Let the sender make a pipe p, and fork a process called receiver. Let the sender put %q into an array char text[64] with strcpy, and write text into the pipe; let the receiver read it into a variable of its own, got."):format(FIRST),
      predict = {
        ask = "How often are the bytes of a message copied on their way from the sender's array to the receiver's?",
        truth = function(h)
          local _, written = moved(h, "sender", "write")
          local _, read = moved(h, "receiver", "read")
          return written > 0 and read >= written and (written + read) // written
        end,
        points = 1,
      },
      hints = {
        "The pipe has to be there before the fork, so that the receiver is born with it.",
        ("sender strcpy(text, %q)"):format(FIRST),
        "sender write(p[1], text)",
        "receiver read(p[0], got, 64)",
      },
      check = function(h)
        local made = h:need(h:find { actor = "sender", call = { "pipe", "pipe2" }, ret = 0 }, "There is no pipe yet.")
        local forked = h:need(h:find { ev = "process", what = "fork", actor = "receiver" }, "There is no process receiver yet.")
        h:need(h:before(made, forked), "The receiver was made before the pipe, and has no end of it. `undo`, the pipe first.")
        local _, written = moved(h, "sender", "write")
        local _, _, text = moved(h, "receiver", "read")
        h:need(written > 0, h:find { actor = "receiver", call = "read", waits = true } and "The receiver waits. Now the sender writes."
          or "The sender has not written into the pipe yet.")
        h:need(text:find(FIRST, 1, true), text ~= "" and ("The receiver has read %q. It should be %q: `undo`."):format(text, FIRST)
          or "The receiver has not read from the pipe yet.")
      end,
      solution = ([[
answer 2
sender pipe(p)
sender fork(receiver)
sender char text[64]
sender strcpy(text, %q)
sender write(p[1], text)
receiver read(p[0], got, 64)]]):format(FIRST) },

    { id = "pieces", title = "A large message", points = 2,
      say = ("Two system calls, and two copies: write copies from the sender's array into the pipe, read from there into got. Now %d bytes, through a pipe that holds only %d: let the sender set that (fcntl(p[1], F_SETPIPE_SZ, %d)), declare char data[%d] and write all of it. Then let the receiver read into page, each time asking for %d bytes, until all have come. See what each read sets free on the other side."):format(LARGE, ROOM, ROOM, LARGE, LARGE),
      predict = {
        ask = ("The pipe holds %d bytes, the message has %d. How many reads does it take?"):format(ROOM, LARGE),
        truth = function(h)
          local calls, bytes = moved(h, "receiver", "read")
          return bytes >= LARGE and calls
        end,
        points = 1,
      },
      hints = {
        ("sender fcntl(p[1], F_SETPIPE_SZ, %d)"):format(ROOM),
        ("sender write(p[1], data, %d)"):format(LARGE),
        ("receiver read(p[0], page, %d)"):format(LARGE),
        "The same read again, until the sender's write has returned and nothing is left.",
      },
      check = function(h)
        local w = h:find { actor = "sender", call = "write", count = LARGE, after = h.began }
        h:need(w, h:find { actor = "sender", call = "fcntl", cmd = "F_SETPIPE_SZ", ret = ROOM } and ("The pipe is small now. Let the sender write %d bytes."):format(LARGE)
          or "The sender has not made the pipe smaller yet.")
        h:need(w.blocked, w.errno and "That write has failed: its line says why." or "All of it fitted: the pipe is larger. `undo`, and set its size first.")
        local _, bytes = moved(h, "receiver", "read")
        h:need(bytes >= LARGE, ("%d of %d bytes have come."):format(bytes, LARGE))
        h:need(w.done and w.ret == LARGE, "The write has not come to its end.")
      end,
      solution = ([[
answer 4
sender fcntl(p[1], F_SETPIPE_SZ, %d)
sender char data[%d]
sender write(p[1], data, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)]]):format(ROOM, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE) },

    { id = "shared", title = "The same through shared memory", points = 2,
      say = ("Five system calls, every byte copied twice, and the two took turns: while one worked the other slept. Now without the kernel in between. Let the sender make a segment with key %d of %d bytes and attach it as shm, and let the receiver find and attach it, too. Then let the sender put %q there with strcpy, and the receiver print shm."):format(KEY, LARGE, SECOND),
      predict = {
        ask = ("Both have attached the segment. How many system calls does it take from there until the receiver has %q?"):format(SECOND),
        truth = function(h)
          local put = stored(h, SECOND, h.began)
          local seen = put and h:find { actor = "receiver", call = "print", value = SECOND, after = put }
          return seen and #h:all { call = function(c) return c ~= nil and not MEMORY[c] end, after = put, before = seen }
        end,
        points = 1,
      },
      hints = {
        ("sender shm = shmat(shmget(%d, %d, IPC_CREAT|0600))"):format(KEY, LARGE),
        ("receiver shm = shmat(shmget(%d, %d, 0600))"):format(KEY, LARGE),
        ("sender strcpy(shm, %q)"):format(SECOND),
        "receiver print shm",
      },
      check = function(h)
        h:need(h:find { actor = "sender", call = "shmat", key = KEY }, ("The sender has not attached a segment with key %d yet."):format(KEY))
        h:need(h:find { actor = "receiver", call = "shmat", key = KEY },
          h:find { actor = "receiver", call = "shmget", errno = "ENOENT" } and "The receiver has looked for another key (ENOENT)."
          or "The receiver has not attached the segment yet.")
        local put = stored(h, SECOND, h.began)
        h:need(put, ("The sender has not put %q there yet."):format(SECOND))
        h:need(h:find { actor = "receiver", call = "print", value = SECOND, after = put },
          h:find { actor = "receiver", call = "print", after = h.began } and "The receiver has printed something else, or before the word was there."
          or "The receiver has not printed it yet.")
      end,
      solution = ([[
answer 0
sender shm = shmat(shmget(%d, %d, IPC_CREAT|0600))
receiver shm = shmat(shmget(%d, %d, 0600))
sender strcpy(shm, %q)
receiver print shm]]):format(KEY, LARGE, KEY, LARGE, SECOND) },

    { id = "told", title = "Somebody has to say when", points = 2, needs = { "shared" },
      say = ("None: two processors could have done it without the kernel knowing. But you told the receiver when to look. In a program somebody else has to, and a write to memory wakes nobody. Let both get a semaphore with key %d (semget(%d, 1, IPC_CREAT|0600)), and let the receiver wait at it: semop(s, 0, -1). Then let the sender write %q into the segment, and give the semaphore: semop(s, 0, 1). Let the receiver print shm."):format(KEY, KEY, THIRD),
      predict = {
        ask = "The semaphore is there on both sides. How many system calls does a message by shared memory take now?",
        truth = function(h)
          local taken, given = semaphore(h)
          local seen = taken and given and h:find { actor = "receiver", call = "print", value = THIRD, after = taken }
          return seen and #h:all { call = { "semop", "semtimedop", "sem_wait", "sem_post", "read", "write" }, ret = function(r) return r and r >= 0 end, after = h.began, before = seen }
        end,
        points = 1,
      },
      hints = {
        ("sender s = semget(%d, 1, IPC_CREAT|0600)"):format(KEY),
        ("receiver s = semget(%d, 1, 0600)"):format(KEY),
        "receiver semop(s, 0, -1)",
        "sender semop(s, 0, 1)",
      },
      check = function(h)
        local taken, given = semaphore(h)
        local put = stored(h, THIRD, h.began)
        h:need(put, given and ("The semaphore was given, and %q is not there: the receiver would look too early. `undo`."):format(THIRD)
          or h:find { actor = "receiver", call = "semop", waits = true } and ("The receiver waits. Now the sender writes %q into the segment."):format(THIRD)
          or "The receiver does not wait at the semaphore yet.")
        h:need(given, "The word is there, and nobody has said so. The sender has to give the semaphore.")
        h:need(h:before(put, given), "The semaphore was given before the word was there: the receiver could have looked too early. `undo`.")
        h:need(taken, "The receiver has not waited at the semaphore: it would not know when to look.")
        h:need(h:find { actor = "receiver", call = "print", value = THIRD, after = taken }, "The receiver may look now: let it print shm.")
      end,
      solution = ([[
answer 2
sender s = semget(%d, 1, IPC_CREAT|0600)
receiver s = semget(%d, 1, 0600)
receiver semop(s, 0, -1)
sender strcpy(shm, %q)
sender semop(s, 0, 1)
receiver print shm]]):format(KEY, KEY, THIRD) },

    { id = "flag", title = "Just looking", points = 1, needs = { "told" },
      say = "Two system calls again, as with the pipe; only the copies are gone. Can the calls be saved, too? The receiver could look at a flag all the time: while (*shm != '*') ; is no system call. Measure that first, against the pipe: `bench pipe spin --sizes 1 --rounds 1`, and look at p50 of one core. p50 is the median time of there and back, in microseconds. Then do it by hand: let the receiver await *shm == '*', and the sender write it.",
      predict = {
        ask = "Both processes are on one core. How long does a byte take there and back by looking at a flag, against the pipe?",
        choices = { "at most a tenth: no system calls", "about as long", "more than ten times as long" },
        truth = function(h)
          local pipe, spin = measured(h, "pipe", 1), measured(h, "spin", 1)
          return pipe and spin and (spin * 10 <= pipe and 1 or spin > pipe * 10 and 3 or 2)
        end,
      },
      hints = {
        "The question costs nothing. It is judged by your own figures, when you have answered and measured.",
        "receiver await *shm == '*'",
        "sender *shm = '*'",
      },
      check = function(h)
        local seen = h:find { actor = "receiver", call = "await", blocked = true, after = h.began }
        h:need(seen, h:find { actor = "receiver", call = "await", after = h.began } and "The flag was set before the receiver looked. `undo`, and let it wait first."
          or "The receiver does not wait for the flag yet.")
        h:need(seen.done, "The receiver looks. Now the sender sets the flag.")
      end,
      solution = [[
receiver await *shm == '*'
sender *shm = '*']] },

    { id = "size", title = "One byte and 65536", points = 1,
      say = "On one core the sender cannot set the flag while the receiver looks: the receiver uses up its time slice, some milliseconds, for nothing, where a call that waits gives the processor away at once. On two cores looking is the fastest of all, and keeps one of them busy. Now the size of a message: `bench pipe shm --sizes 1,64K --rounds 1`. Then clean up: the segment and the semaphore belong to nobody, so let the sender remove both (shmctl and semctl with IPC_RMID).",
      predict = {
        ask = "64 KiB are 65536 times as many bytes as one. How many times as long do they take through a pipe, there and back, on one core?",
        choices = { "less than 100 times", "100 to 10000 times", "about 65536 times" },
        truth = function(h)
          local one, many = measured(h, "pipe", 1), measured(h, "pipe", 65536)
          return one and many and (many < one * 100 and 1 or many <= one * 10000 and 2 or 3)
        end,
      },
      hints = {
        ("sender shmctl(shmget(%d, %d, 0600), IPC_RMID)"):format(KEY, LARGE),
        "sender semctl(s, 0, IPC_RMID)",
      },
      check = function(h)
        local segment = h:last { call = "shmget", key = KEY, created = true }
        local set = h:last { call = "semget", key = KEY, created = true }
        h:need(segment and set, "There is no segment and no semaphore to remove.")
        h:need(h:find { call = "shmctl", cmd = "IPC_RMID", ret = 0, obj = segment.obj }, "The segment is still there.")
        h:need(not h:object(set.obj), "The semaphore is still there.")
      end,
      solution = ([[
sender shmctl(shmget(%d, %d, 0600), IPC_RMID)
sender semctl(s, 0, IPC_RMID)]]):format(KEY, LARGE) },
  },

  also = {
    { name = "the receiver is made before the pipe", points = 0, play = ([[
sender fork(receiver)
sender pipe(p)
sender write(p[1], %q)]]):format(FIRST) },
    { name = "one copy is expected, and the large message fits", points = 1, play = ([[
answer 1
sender pipe(q)
sender fork(receiver)
receiver read(q[0], got, 64)
sender write(q[1], %q)
answer 1
sender char data[%d]
sender write(q[1], data, %d)]]):format(FIRST, LARGE, LARGE) },
    { name = "the semaphore is given before the word is there", points = 7, play = ([[
answer 2
sender pipe(p)
sender fork(receiver)
sender write(p[1], %q)
receiver read(p[0], got, 3)
receiver read(p[0], rest, 64)
answer 1
sender fcntl(p[1], F_SETPIPE_SZ, %d)
sender char data[%d]
sender write(p[1], data, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)
answer 0
sender m = shmat(shmget(%d, %d, IPC_CREAT|0600))
receiver m = shmat(shmget(%d, 1, 0))
sender memcpy(m, %q, %d)
receiver print m
answer 0
sender s = semget(%d, 1, IPC_CREAT|0600)
sender semop(s, 0, 1)
receiver semop(semget(%d, 1, 0), 0, -1)
receiver print m
sender strcpy(m, %q)]]):format(FIRST, ROOM, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, KEY, LARGE, KEY, SECOND, #SECOND + 1, KEY, KEY, THIRD) },
    { name = "other ways to do it, and the wrong answers to the questions about figures, which cost nothing", points = 13, play = ([[
answer 2
sender pipe(p)
sender fork(receiver)
sender write(p[1], %q)
receiver read(p[0], got, 64)
answer 4
sender fcntl(p[0], F_SETPIPE_SZ, %d)
sender char data[%d]
sender write(p[1], data, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)
receiver read(p[0], page, %d)
answer 0
sender shm = shmat(shmget(%d, %d, IPC_CREAT|0600))
receiver shm = shmat(shmget(%d, %d, 0600))
sender strcpy(shm, %q)
receiver print shm
answer 2
sender s = semget(%d, 1, IPC_CREAT|0600)
receiver s = semget(%d, 1, 0600)
receiver semop(s, 0, -1)
sender strcpy(shm, %q)
sender semop(s, 0, 1)
receiver print shm
answer a
receiver await *shm == '*'
sender *shm = '*'
answer c
sender shmdt(shm)
sender shmctl(shmget(%d, 1, 0), IPC_RMID)
receiver semctl(s, 0, IPC_RMID)]]):format(FIRST, ROOM, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, KEY, LARGE, KEY, LARGE, SECOND, KEY, KEY, THIRD, KEY) },
  },
}
