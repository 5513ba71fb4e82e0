local lab = require "ipclab"
local KEY, ITEM = lab.param("key", 5000, 5999), lab.param("item", 100, 900)

local WAITS, WRITES = { "sem_wait", "sem_trywait", "sem_timedwait" }, { "=", "poke" }

-- The object that somebody has opened by this name.
local function semaphore(h, name)
  local opened = h:find { call = "sem_open", name = name, created = true }
  return opened and opened.obj or name
end

local function takes(h, actor, name, query)
  query.actor, query.call, query.obj = actor, WAITS, semaphore(h, name)
  return h:find(query)
end

local function gives(h, actor, name, after)
  return h:find { actor = actor, call = "sem_post", obj = semaphore(h, name), ret = 0, after = after }
end

-- The producer has put item n into the buffer, by the rules, after that event.
local function need_put(h, n, after)
  local room = h:need(takes(h, "producer", "/empty", { ret = 0, after = after }),
    takes(h, "producer", "/mutex", { ret = 0, after = after }) and "The producer has the mutex, and has not asked whether there is room. First empty, then mutex; why in this order comes later."
    or "The producer has not taken one of empty: it has to know that there is room.")
  local lock = h:need(takes(h, "producer", "/mutex", { ret = 0, after = after }),
    h:find { actor = "producer", call = WRITES, ret = n, after = after } and "The producer has written without the mutex. `undo`, and let it take the mutex first."
    or "There is room. Before the producer touches the buffer, it takes the mutex.")
  h:need(h:before(room, lock), "The producer has taken the mutex before it knew that there is room. This time there was some. `undo`, and take empty first.")
  local put = h:need(h:find { actor = "producer", call = WRITES, ret = n, after = lock }, ("The producer is inside. It has not written %d yet."):format(n))
  h:need(gives(h, "producer", "/mutex", put), "The item is in the buffer, and the producer still has the mutex.")
  return h:need(gives(h, "producer", "/full", put), "The item is in the buffer, and nobody knows: full has to be posted.")
end

-- The consumer has taken item n out, by the rules, after that event.
local function need_got(h, n, after)
  local lock = h:need(takes(h, "consumer", "/mutex", { ret = 0, done = true, after = after }),
    h:find { actor = "consumer", call = { "print", "=" }, after = after } and "The consumer has looked into the buffer without the mutex. `undo`."
    or "The consumer knows that there is an item. Before it touches the buffer, it takes the mutex.")
  local got = h:need(h:find { actor = "consumer", call = "print", value = n, after = lock },
    h:find { actor = "consumer", call = "print", after = lock } and ("The consumer has printed something else. The oldest item is %d."):format(n)
    or ("The consumer is inside. Let it print the item, %d."):format(n))
  h:need(gives(h, "consumer", "/mutex", got), "The consumer has the item, and still has the mutex.")
  return h:need(gives(h, "consumer", "/empty", got), "The consumer has the item, and the slot is free; the producer cannot know before empty is posted.")
end

local function put(slot, n)
  return ([[
producer sem_wait(empty)
producer sem_wait(mutex)
producer buf[%d] = %d
producer sem_post(mutex)
producer sem_post(full)
]]):format(slot, n)
end

local function got(slot)
  return ([[
consumer sem_wait(mutex)
consumer print buf[%d]
consumer sem_post(mutex)
consumer sem_post(empty)
]]):format(slot)
end

local BEGUN = ([[
producer int *buf = shmat(shmget(%d, 64, IPC_CREAT|0600))
producer empty = sem_open("/empty", O_CREAT, 0600, 2)
producer full = sem_open("/full", O_CREAT, 0600, 0)
producer mutex = sem_open("/mutex", O_CREAT, 0600, 1)
producer fork(consumer)
]]):format(KEY)

return lab.guided {
  id = "bounded-buffer", title = "Producer and consumer: the bounded buffer", minutes = 25,
  plugins = { "psem", "shm" }, actors = { "producer" },
  man = { "sem_overview(7)", "sem_open(3)", "sem_wait(3)", "sem_post(3)" },
  intro = [[
One process makes items, another uses them, and between them is a buffer in shared memory with two slots. If the buffer is full the producer has to wait, if it is empty the consumer has to. And no two processes may be at the buffer at once.
Three semaphores do it all. empty counts the free slots, full counts the items, mutex is 1 while nobody is at the buffer. sem_wait takes one, or waits while there is none; sem_post gives one. What the kernel does in a pipe or in a message queue you build here by hand.]],
  outro = [[
empty and full are counters that processes can sleep on: the value says how many, and who comes to 0 waits. mutex is a lock: never longer than the few steps at the buffer, and nobody sleeps while having it. The order of the two sem_post does not matter, that of the two sem_wait does: wait for the condition first, take the lock then.]],

  tasks = {
    { id = "make", title = "Three semaphores", points = 3,
      say = ("Let producer create a shared segment with key %d and 64 bytes and attach it as int *buf. Let it make the semaphores /empty, /full and /mutex with sem_open(3), each with the value that is right while the buffer of two slots is empty, and keep them in variables empty, full and mutex. Then let it fork consumer, which inherits all of it."):format(KEY),
      hints = {
        "Two slots are free, no item is there, and nobody is at the buffer.",
        ("producer int *buf = shmat(shmget(%d, 64, IPC_CREAT|0600))"):format(KEY),
        "producer empty = sem_open(\"/empty\", O_CREAT, 0600, 2)",
        "producer fork(consumer)",
      },
      check = function(h)
        local shm = h:need(h:find { actor = "producer", call = "shmat", key = KEY }, "The producer has not attached the segment yet.")
        local began = h:find { ev = "process", actor = "consumer", what = "fork" }
        for _, semaphores in ipairs { { "/empty", 2 }, { "/full", 0 }, { "/mutex", 1 } } do
          local name, value = table.unpack(semaphores)
          local made = h:need(h:find { actor = "producer", call = "sem_open", name = name, created = true },
            h:find { call = "sem_open", name = name, errno = "ENOENT" } and ("There is no semaphore %s to open (ENOENT): O_CREAT makes it."):format(name)
            or ("There is no semaphore %s yet."):format(name))
          h:need(made.state.value == value, ("%s begins with %d. What does it count, and how many of that are there in an empty buffer of two slots? `undo`."):format(name, made.state.value))
          h:need(not began or h:before(made, began), ("consumer was forked before %s was there, and does not have it. `undo`."):format(name))
        end
        h:need(began, "There is no process consumer yet.")
        h:need(h:before(shm, began), "consumer was forked before the segment was attached, and does not have it. `undo`.")
      end,
      solution = BEGUN },

    { id = "empty", title = "Nothing to consume", points = 1,
      say = "Let the consumer come first: before it touches the buffer, it takes one of full.",
      predict = {
        ask = "No item is there. What does the consumer's sem_wait(full) do?",
        choices = { "it returns -1", "it returns 0, and the consumer finds nothing", "it waits" },
        truth = function(h)
          local try = takes(h, "consumer", "/full", {})
          return try and (try.blocked and 3 or try.ret == 0 and 2 or 1)
        end,
        points = 1,
      },
      hints = { "consumer sem_wait(full)" },
      check = function(h)
        local try = takes(h, "consumer", "/full", {})
        h:need(try, takes(h, "consumer", "/mutex", {}) and "The consumer has taken the mutex first. It would wait for an item with the buffer locked, and nobody could bring one. `undo`."
          or "The consumer has not asked for an item yet.")
        h:need(not takes(h, "consumer", "/mutex", { before = try }),
          "The consumer waits with the mutex in its hands, and the producer, who could bring an item, would wait for the mutex. `undo` both, and let it take full first.")
        h:need(try.blocked, try.errno == "EAGAIN" and "sem_trywait does not wait (EAGAIN). Let the consumer sem_wait." or "The consumer did not have to wait: full was not 0.")
      end,
      solution = { "answer c", "consumer sem_wait(full)" } },

    { id = "put", title = "The first item", points = 3,
      say = ("Now the producer, step by step: take one of empty; take mutex; write %d into buf[0]; give mutex back; give one to full. Look at which of these steps wakes the consumer."):format(ITEM + 1),
      predict = {
        ask = "Which of the producer's steps lets the consumer go on?",
        choices = { "the one that writes the item into the buffer", "sem_post(mutex)", "sem_post(full)" },
        truth = function(h)
          local woken = takes(h, "consumer", "/full", { blocked = true, done = true })
          local by = woken and h:find { actor = "producer", step = woken.by }
          return by and (by.obj == semaphore(h, "/full") and 3 or by.obj == semaphore(h, "/mutex") and 2 or 1)
        end,
        points = 1,
      },
      hints = { "producer sem_wait(empty)", "producer sem_wait(mutex)", ("producer buf[0] = %d"):format(ITEM + 1), "producer sem_post(full)" },
      check = function(h) need_put(h, ITEM + 1, h.began) end,
      solution = "answer c\n" .. put(0, ITEM + 1) },

    { id = "got", title = "And out again", points = 2,
      say = "Writing into the buffer woke nobody: it is memory, and the kernel saw nothing. sem_post(full) did. Now let the consumer do its part, the mirror image: take mutex; print buf[0]; give mutex back; give one to empty.",
      hints = { "consumer sem_wait(mutex)", "consumer print buf[0]", "consumer sem_post(empty)" },
      check = function(h)
        local item = h:need(takes(h, "consumer", "/full", { ret = 0 }), "The consumer does not know of an item: it has to take one of full first.")
        need_got(h, ITEM + 1, item)
      end,
      solution = got(0) },

    { id = "full", title = "No room", points = 3,
      say = ("Nobody consumes for a while. Let the producer put %d into buf[1] and %d into buf[0], by the same five steps. Then let it ask for room for a third."):format(ITEM + 2, ITEM + 3),
      predict = {
        ask = "Both slots are taken. What does the producer's third sem_wait(empty) do?",
        choices = { "it waits until the consumer has given a slot back", "it returns 0, and the oldest item is overwritten", "it returns -1: the buffer is full" },
        truth = function(h)
          local second = h:find { actor = "producer", call = WRITES, ret = ITEM + 3, after = h.began }
          local third = second and takes(h, "producer", "/empty", { after = second })
          return third and (third.blocked and 1 or third.ret == 0 and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        ("producer buf[1] = %d"):format(ITEM + 2),
        "Each item takes one of empty before, and gives one to full afterwards.",
        "producer sem_wait(empty)",
      },
      check = function(h)
        local one = need_put(h, ITEM + 2, h.began)
        local two = need_put(h, ITEM + 3, h:find { actor = "producer", call = WRITES, ret = ITEM + 2, after = h.began })
        h:need(h:count { actor = "producer", call = "sem_post", obj = semaphore(h, "/full"), ret = 0, after = h.began } >= 2,
          "Two items, and full was posted once: of one of them nobody will ever know. `undo`.")
        local third = h:need(takes(h, "producer", "/empty", { after = h:before(one, two) and two or one }), "The buffer is full. Let the producer ask for room once more.")
        h:need(third.blocked, "There was room: the consumer has given a slot back. `undo`.")
      end,
      solution = "answer a\n" .. put(1, ITEM + 2) .. put(0, ITEM + 3) .. "producer sem_wait(empty)" },

    { id = "room", title = "Room again", points = 2,
      say = ("empty is 0, so the producer sleeps. Let the consumer take one item out, by its five steps: first one of full, then the rest. The oldest item is %d, in buf[1]."):format(ITEM + 2),
      hints = { "consumer sem_wait(full)", "consumer print buf[1]", "consumer sem_post(empty)" },
      check = function(h)
        local item = h:need(takes(h, "consumer", "/full", { ret = 0, after = h.began }), "The consumer has not taken one of full yet.")
        need_got(h, ITEM + 2, item)
        h:need(takes(h, "producer", "/empty", { blocked = true, done = true, ret = 0 }), "The producer still waits for room.")
      end,
      solution = "consumer sem_wait(full)\n" .. got(1) },

    { id = "wrong", title = "The other order", points = 3,
      say = ("The producer has its room. Let it finish as before, with %d into buf[1]: the buffer is full again. Now it makes a mistake that looks harmless: for the next item it takes mutex first, and then one of empty. After that let the consumer come for an item: one of full, then mutex."):format(ITEM + 4),
      predict = {
        ask = "The producer has mutex and asks for room; the consumer has an item and asks for mutex. What happens?",
        choices = {
          "the consumer takes its item, and the producer goes on",
          "both wait, for ever",
          "the producer waits, the consumer gets -1",
        },
        truth = function(h)
          local lock = takes(h, "producer", "/mutex", { ret = 0, after = h:find { actor = "producer", call = WRITES, ret = ITEM + 4, after = h.began } or h.began })
          local room = lock and takes(h, "producer", "/empty", { after = lock })
          local try = room and takes(h, "consumer", "/mutex", { after = room })
          return try and (h:find { ev = "verdict", kind = "stuck", after = room } and 2 or try.ret == -1 and 3 or not try.waits and 1 or nil)
        end,
        points = 1,
      },
      hints = { "producer sem_wait(mutex)", "producer sem_wait(empty)", "consumer sem_wait(full)", "consumer sem_wait(mutex)" },
      check = function(h)
        local item = h:need(h:find { actor = "producer", call = WRITES, ret = ITEM + 4, after = h.began }, ("The producer has not put %d into the buffer yet: mutex, write, mutex, full."):format(ITEM + 4))
        h:need(gives(h, "producer", "/full", item), "The item is there, but full has not been posted.")
        local lock = h:need(takes(h, "producer", "/mutex", { ret = 0, after = item }), "The producer has not taken mutex for the next item.")
        local early = takes(h, "producer", "/empty", { after = item })
        h:need(early, "The producer has mutex. Now let it ask for room.")
        h:need(h:before(lock, early), "The producer has asked for room first: that is the right order. In this task it is the other: `undo`.")
        h:need(early.blocked, "There was room for the producer: the buffer was not full. `undo`, and let it be.")
        h:need(takes(h, "consumer", "/full", { ret = 0, after = item }), "The producer waits for room, with the mutex in its hands. Now the consumer: one of full.")
        h:need(takes(h, "consumer", "/mutex", { after = early }), "The consumer has its item, and needs mutex to take it out.")
        h:need(h:find { ev = "verdict", kind = "stuck", after = early }, "Not both wait. `undo`, and try the order that the task says.")
      end,
      solution = ([[
answer b
producer sem_wait(mutex)
producer buf[1] = %d
producer sem_post(mutex)
producer sem_post(full)
producer sem_wait(mutex)
producer sem_wait(empty)
consumer sem_wait(full)
consumer sem_wait(mutex)]]):format(ITEM + 4) },

    { id = "free", title = "Out of it", points = 3,
      say = ("A deadlock: the producer waits for room and has the mutex, the consumer could make room and waits for the mutex. `interrupt producer` gets it out of its sem_wait, with EINTR. Let it give mutex back, and let the consumer take out %d, in buf[0]. Then let the producer put in %d, in the right order, into buf[0]."):format(ITEM + 3, ITEM + 5),
      hints = { "interrupt producer", "producer sem_post(mutex)", "consumer print buf[0]", "producer sem_wait(empty)" },
      check = function(h)
        local out = h:need(h:find { actor = "producer", call = "sem_wait", errno = "EINTR", after = h.began } or h:find { actor = "producer", call = "sem_wait", errno = "EINTR" }, "The producer still waits.")
        local free = h:need(gives(h, "producer", "/mutex", out.seq > h.began and out or h.began), "The producer is awake, and still has the mutex.")
        local seen = h:need(h:find { actor = "consumer", call = "print", value = ITEM + 3, after = free }, ("The consumer has not printed %d yet."):format(ITEM + 3))
        h:need(gives(h, "consumer", "/mutex", seen), "The consumer still has the mutex.")
        h:need(gives(h, "consumer", "/empty", seen), "The slot is free, but empty has not been posted.")
        need_put(h, ITEM + 5, free)
      end,
      solution = ([[
interrupt producer
producer sem_post(mutex)
consumer print buf[0]
consumer sem_post(mutex)
consumer sem_post(empty)
]]) .. put(0, ITEM + 5) },
  },

  also = {
    { name = "full begins with the number of slots", points = 0, play = ([[
producer int *buf = shmat(shmget(%d, 64, IPC_CREAT|0600))
producer empty = sem_open("/empty", O_CREAT, 0600, 0)
producer full = sem_open("/full", O_CREAT, 0600, 2)
producer mutex = sem_open("/mutex", O_CREAT, 0600, 1)
producer fork(consumer)
consumer sem_wait(full)
consumer sem_wait(mutex)
consumer print buf[0] ]]):format(KEY) },
    { name = "the consumer takes the mutex first", points = 4, play = BEGUN .. [[
answer c
consumer sem_wait(mutex)
consumer sem_wait(full)
producer sem_wait(empty)
producer sem_wait(mutex)]] },
    { name = "writing into the buffer is expected to wake the consumer", points = 10, play = BEGUN .. "answer c\nconsumer sem_wait(full)\nanswer a\n"
      .. put(0, ITEM + 1) .. got(0) },
    { name = "full is not posted, and nobody learns of the item", points = 4, play = BEGUN .. ([[
consumer sem_wait(full)
producer sem_wait(empty)
producer sem_wait(mutex)
producer buf[0] = %d
producer sem_post(mutex)]]):format(ITEM + 1) },
    { name = "without the mutex, because there is only one producer", points = 4, play = BEGUN .. ([[
consumer sem_wait(full)
producer sem_wait(empty)
producer buf[0] = %d
producer sem_post(full)
consumer print buf[0]
consumer sem_post(empty)]]):format(ITEM + 1) },
    { name = "the right order to the end, so that there is no deadlock", points = 16, play = BEGUN .. "answer c\nconsumer sem_wait(full)\n"
      .. put(0, ITEM + 1) .. got(0) .. "answer a\n" .. put(1, ITEM + 2) .. put(0, ITEM + 3) .. "producer sem_wait(empty)\nconsumer sem_wait(full)\n"
      .. got(1) .. ([[
answer b
producer sem_wait(mutex)
producer buf[1] = %d
producer sem_post(mutex)
producer sem_post(full)
producer sem_wait(empty)
consumer sem_wait(full)]]):format(ITEM + 4) .. "\n" .. got(0) },
  },
}
