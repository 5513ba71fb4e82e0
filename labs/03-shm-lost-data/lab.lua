local lab = require "ipclab"
local KEY = lab.param("key", 5000, 5999)
local ANN, BOB = lab.param("ann", 100, 199), lab.param("bob", 200, 299)

-- The steps of one who adds an entry when there are n: the count read, the entry and the new count written.
local function adds(h, actor, entry, n, after)
  return h:find { actor = actor, call = { "=", "poke" }, ret = n, after = after },
    h:find { actor = actor, call = { "=", "poke" }, ret = entry, after = after },
    h:find { actor = actor, call = { "=", "poke" }, ret = n + 1, after = after }
end

local function taken(h, actor, query)
  query.actor, query.call, query.sem_op = actor, "semop", -1
  return h:find(query)
end

-- How the sessions below begin.
local BEGUN = ([[
ann int *box = shmat(shmget(%d, 64, IPC_CREAT|0666))
bob int *box = shmat(shmget(%d, 64, 0666))
ann int i = box[0]
ann box[1 + i] = %d
ann box[0] = i + 1
bob print box[0]
bob print box[1]
]]):format(KEY, KEY, ANN)
local LOST = ([[
ann i = box[0]
bob int i = box[0]
ann box[1 + i] = %d
ann box[0] = i + 1
bob box[1 + i] = %d
bob box[0] = i + 1
bob print box[0]
bob print box[2]
]]):format(ANN, BOB)
local SEMAPHORE = ([[
ann id = semget(%d, 1, IPC_CREAT|0666)
ann semop(id, 0, 1)
bob id = semget(%d, 1, 0)
]]):format(KEY, KEY)

return lab.guided {
  id = "shm-lost-data", title = "Shared memory without synchronisation", minutes = 25,
  plugins = { "shm", "sem" }, actors = { "ann", "bob" },
  man = { "shmget(2)", "semget(2)", "semop(2)", "sem_overview(7)" },
  intro = [[
Shared memory is fast because the kernel has nothing to do with it: writing is ordinary writing. For the same reason nobody keeps two processes from writing at once. The question of the lecture is: one must not overwrite the other's data - how?
Here two processes, ann and bob, keep a list in a shared segment, an array of int called box. box[0] says how many entries there are, box[1], box[2] ... are the entries. You decide who moves when, as the scheduler of a real system would.]],
  outro = [[
The semaphore did not make the steps of one process faster or smaller. It made the others wait outside while one is between its first step and its last. Three things are needed for that to hold: it begins with 1, everybody who touches the data takes it, and it is taken before the first look at the data and given back after the last write.]],

  tasks = {
    { id = "segment", title = "One list, two processes", points = 1,
      say = ("Let ann create a segment with key %d and 64 bytes and attach it as int *box. Let bob attach the same segment, also as int *box."):format(KEY),
      hints = {
        "As in the lab before: shmget and shmat, which can stand in one line. `int *box = ...` declares the pointer, so that box[1] is the second int.",
        ("ann int *box = shmat(shmget(%d, 64, IPC_CREAT|0666))"):format(KEY),
        ("bob int *box = shmat(shmget(%d, 64, 0666))"):format(KEY),
      },
      check = function(h)
        local made = h:find { call = "shmget", created = true, key = KEY }
        h:need(made, h:find { call = "shmget", errno = "ENOENT" }
          and "When the segment was looked for, nobody had created it (ENOENT)."
          or ("There is no segment with key %d yet."):format(KEY))
        h:need(made.size >= 40, ("%d bytes are too few for a list of ten ints. `undo`."):format(made.size))
        for _, who in ipairs { "ann", "bob" } do
          h:need(h:find { actor = who, call = "shmat", obj = made.obj },
            h:find { actor = who, call = "shmat" } and ("%s has attached another segment."):format(who)
            or ("%s has not attached the segment."):format(who))
        end
      end,
      solution = {
        ("ann int *box = shmat(shmget(%d, 64, IPC_CREAT|0666))"):format(KEY),
        ("bob int *box = shmat(shmget(%d, 64, 0666))"):format(KEY),
      } },

    { id = "alone", title = "Three steps", points = 2,
      say = ("To add an entry takes three steps: read the count into a variable of one's own, write the entry behind the last one, write the new count. Let ann add %d in these three steps, while bob does nothing. Then let bob print box[0] and box[1]."):format(ANN),
      hints = {
        "ann int i = box[0]",
        ("ann box[1 + i] = %d"):format(ANN),
        "ann box[0] = i + 1",
        "bob print box[0]",
      },
      check = function(h)
        local read, entry, count = adds(h, "ann", ANN, 0)
        h:need(entry, ("ann has not written %d yet."):format(ANN))
        h:need(read, "ann has not read the count into a variable. In C, box[0]++ is a read and a write, too: here they stand apart.")
        h:need(count, "The entry is there, but the count does not say so: ann has not written the new count.")
        h:need(h:find { actor = "bob", call = "print", value = 1, after = count }, "bob has not printed the count, box[0], after that.")
        h:need(h:find { actor = "bob", call = "print", value = ANN, after = entry },
          ("bob has not printed the entry. It should be %d, in box[1]."):format(ANN))
      end,
      solution = {
        "ann int i = box[0]", ("ann box[1 + i] = %d"):format(ANN), "ann box[0] = i + 1",
        "bob print box[0]", "bob print box[1]",
      } },

    { id = "lost", title = "Both at once", points = 4,
      say = ("One at a time all is well. Now both add an entry, ann %d and bob %d, and both are quick: each reads the count before the other has written it. Let ann read, let bob read, and then let each write the entry and the new count. At the end print box[0], and the entry that was written last."):format(ANN, BOB),
      predict = {
        ask = "The list has one entry, and two are added. What does box[0] say at the end?",
        truth = function(h)
          local _, a, mine = adds(h, "ann", ANN, 1, h.began)
          local _, b, his = adds(h, "bob", BOB, 1, h.began)
          local last = a and b and mine and his and (h:before(mine, his) and his or mine)
          local seen = last and h:find { call = "print", value = { 1, 2, 3 }, after = last }
          return seen and seen.value
        end,
        points = 1,
      },
      hints = {
        "In this order: ann reads, bob reads, ann writes entry and count, bob writes entry and count.",
        "bob int i = box[0]",
        ("bob box[1 + i] = %d"):format(BOB),
        "bob box[0] = i + 1",
      },
      check = function(h)
        local read, entry, count = adds(h, "ann", ANN, 1, h.began)
        local his_read, his_entry, his_count = adds(h, "bob", BOB, 1, h.began)
        local late = "%s read the count when the other had already written the new one, so nothing was lost. `undo`, and let both read first."
        h:need(read, h:find { actor = "ann", call = "=", ret = 2, after = h.began } and late:format("ann")
          or "ann has not read the count yet: it is 1.")
        h:need(his_read, h:find { actor = "bob", call = "=", ret = 2, after = h.began } and late:format("bob")
          or "ann has read the count. Before she writes it, bob has to read it, too.")
        h:need(entry and his_entry, ("%s has not written an entry yet."):format(entry and "bob" or "ann"))
        h:need(count and his_count, ("%s has not written the new count yet."):format(count and "bob" or "ann"))
        h:need(not h:before(count, his_read) and not h:before(his_count, read), late:format(h:before(count, his_read) and "bob" or "ann"))
        h:need(h:find { call = "print", value = 2, after = h:before(count, his_count) and his_count or count },
          "Both have written. What does the count say? Print box[0].")
        h:need(h:find { call = "print", value = { ANN, BOB }, after = h:before(entry, his_entry) and his_entry or entry },
          "One of the two entries is left. Print box[2] to see whose.")
      end,
      solution = {
        "answer 2", "ann i = box[0]", "bob int i = box[0]", ("ann box[1 + i] = %d"):format(ANN),
        ("bob box[1 + i] = %d"):format(BOB), "ann box[0] = i + 1", "bob box[0] = i + 1", "ann print box[0]", "ann print box[2]",
      } },

    { id = "semaphore", title = "A semaphore", points = 2,
      say = ("Both read 1, so both wrote into the same place and both made it 2. An entry is lost, no call has failed, and on another day the same programs work: that is a race condition.\nA semaphore is a number in the kernel that can be taken from, and whoever takes from 0 waits. Let ann create a set of one semaphore with key %d, and set it to 1: one process may be inside. Let bob get the same set."):format(KEY),
      hints = {
        "semget(2) takes a key, how many semaphores, and flags. A new one is 0; semctl(2) with SETVAL changes that.",
        ("ann id = semget(%d, 1, IPC_CREAT|0666)"):format(KEY),
        "ann semctl(id, 0, SETVAL, 1)",
        ("bob id = semget(%d, 1, 0)"):format(KEY),
      },
      check = function(h)
        local made = h:need(h:find { call = "semget", created = true, key = KEY },
          h:find { call = "semget", errno = "ENOENT" } and "When the semaphore was looked for, nobody had created it (ENOENT)."
          or ("There is no semaphore with key %d yet."):format(KEY))
        local last = h:last { call = { "semctl", "semop" }, obj = made.obj, ret = 0, before = taken(h, { "ann", "bob" }, {}) }
        h:need(last, "The semaphore is still 0, as every new one: whoever took it would wait for ever. It has to begin with 1.")
        h:need(last.state.value == 1, ("The semaphore is %d. With 1, exactly one may be inside."):format(last.state.value or 0))
        for _, who in ipairs { "ann", "bob" } do
          h:need(h:find { actor = who, call = "semget", obj = made.obj }, ("%s does not have the id of the set yet."):format(who))
        end
      end,
      solution = {
        ("ann id = semget(%d, 1, IPC_CREAT|0666)"):format(KEY), "ann semctl(id, 0, SETVAL, 1)", ("bob id = semget(%d, 1, 0)"):format(KEY),
      } },

    { id = "outside", title = "bob has to wait", points = 2,
      say = "semop(id, 0, -1) takes one, semop(id, 0, 1) gives one back. Let ann take the semaphore and read the count, as before. Then let bob take the semaphore, before he reads anything.",
      predict = {
        ask = "ann has the semaphore. What does bob's semop do?",
        choices = {
          "it returns 0, as ann's did: the kernel does not know what the semaphore is for",
          "it waits",
          "it returns -1, and bob has to try again",
        },
        truth = function(h)
          local mine = taken(h, "ann", { ret = 0 })
          local try = mine and taken(h, "bob", { after = mine })
          return try and (try.blocked and 2 or try.ret == 0 and 1 or 3)
        end,
        points = 1,
      },
      hints = {
        "ann semop(id, 0, -1)",
        "ann i = box[0]",
        "bob semop(id, 0, -1)",
      },
      check = function(h)
        local first = h:find { call = "semop", sem_op = -1, ret = 0 }
        h:need(first, "Nobody has taken the semaphore yet.")
        h:need(first.actor == "ann", "bob has taken the semaphore first. In this task it is ann: `undo`.")
        local read = h:find { actor = "ann", call = "=", ret = 2, after = first }
        h:need(read, h:find { actor = "ann", call = "=", ret = 2, after = h.began }
          and "ann read the count before she had the semaphore. What she knows may be old by the time she is inside: `undo`."
          or "ann has the semaphore, and has not read the count yet.")
        local try = taken(h, "bob", { after = first })
        h:need(try, h:find { actor = "bob", call = "=", after = first }
          and "bob goes on without the semaphore. Nothing keeps him from it: a semaphore protects only from those who ask. `undo`, and let him take it."
          or "ann is inside. Now let bob take the semaphore.")
        h:need(try.blocked, try.errno == "EAGAIN" and "With IPC_NOWAIT bob did not wait, he was sent away (EAGAIN). Without it he waits for his turn."
          or "bob did not have to wait: the semaphore was not 0.")
      end,
      solution = { "answer b", "ann semop(id, 0, -1)", "ann i = box[0]", "bob semop(id, 0, -1)" } },

    { id = "whole", title = "Nothing is lost", points = 4,
      say = ("bob sleeps in the kernel; `why bob` says for whom he waits. Let ann finish: write %d, write the count, give the semaphore back. Look at which of her steps lets bob go on. Then let bob add %d in his three steps and give it back, and print box[0]."):format(ANN, BOB),
      hints = {
        ("ann box[1 + i] = %d"):format(ANN),
        "ann semop(id, 0, 1)",
        "bob inside: read the count first. What he read in the third task is old.",
        ("bob box[1 + i] = %d"):format(BOB),
      },
      check = function(h)
        local first = h:need(taken(h, "ann", { ret = 0 }), "ann has not taken the semaphore.")
        local _, entry, count = adds(h, "ann", ANN, 2, first)
        local give = h:find { actor = "ann", call = "semop", sem_op = 1, ret = 0, after = first }
        h:need(entry, "ann has not written her entry yet.")
        h:need(count, "ann has not written the new count yet.")
        h:need(give, "ann is still inside. She has to give the semaphore back.")
        h:need(h:before(entry, give) and h:before(count, give),
          "ann gave the semaphore back before she had written everything: from then on bob was inside, too. `undo`.")
        local his = h:need(taken(h, "bob", { done = true, ret = 0, after = first }), "bob is not inside.")
        local read, his_entry, his_count = adds(h, "bob", BOB, 3, his)
        local old = h:last { actor = "bob", call = "=", ret = { 1, 2 } }
        h:need(read, old and h:find { actor = "bob", call = "=", after = old } and "bob works with a count that he read before he was inside; it is old, and ann's entry is overwritten. `undo`, and let him read it now."
          or "bob is inside. He has not read the count yet.")
        h:need(his_entry, "bob has not written his entry yet.")
        h:need(his_count, "bob has not written the new count yet.")
        h:need(h:find { actor = "bob", call = "semop", sem_op = 1, ret = 0, after = his_count }, "bob is still inside. He has to give the semaphore back.")
        h:need(h:find { call = "print", value = 4, after = his_count }, "Print box[0]: are all four entries counted?")
      end,
      solution = {
        ("ann box[1 + i] = %d"):format(ANN), "ann box[0] = i + 1", "ann semop(id, 0, 1)",
        "bob i = box[0]", ("bob box[1 + i] = %d"):format(BOB), "bob box[0] = i + 1", "bob semop(id, 0, 1)", "bob print box[0]",
      } },
  },

  also = {
    { name = "one after the other, so nothing is lost", points = 4, play = BEGUN .. ([[
answer 3
ann i = box[0]
ann box[1 + i] = %d
ann box[0] = i + 1
bob int i = box[0]
bob box[1 + i] = %d
bob box[0] = i + 1
bob print box[0]
bob print box[2] ]]):format(ANN, BOB) },
    { name = "expects both entries to be counted", points = 7, play = BEGUN .. "answer 3\n" .. LOST },
    { name = "the semaphore is left at 0", points = 8, play = BEGUN .. "answer 2\n" .. LOST .. ([[
bob sem = semget(%d, 1, IPC_CREAT|0600)
ann sem = semget(%d, 1)
ann semop(sem, 0, -1)]]):format(KEY, KEY) },
    { name = "only ann takes the semaphore", points = 10, play = BEGUN .. "answer 2\n" .. LOST .. SEMAPHORE .. ([[
ann semop(id, 0, -1)
ann i = box[0]
bob i = box[0]
ann box[1 + i] = %d
bob box[1 + i] = %d
ann box[0] = i + 1
bob box[0] = i + 1
ann semop(id, 0, 1)
ann print box[0] ]]):format(ANN, BOB) },
    { name = "bob reads before he is inside", points = 13, play = BEGUN .. "answer 2\n" .. LOST .. SEMAPHORE .. ([[
answer b
ann semop(id, 0, -1)
ann i = box[0]
bob i = box[0]
bob semop(id, 0, -1)
ann box[1 + i] = %d
ann box[0] = i + 1
ann semop(id, 0, 1)
bob box[1 + i] = %d
bob box[0] = i + 1
bob semop(id, 0, 1)
bob print box[0] ]]):format(ANN, BOB) },
  },
}
