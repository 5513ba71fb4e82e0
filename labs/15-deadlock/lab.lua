local lab = require "ipclab"
local KEY, SIZE = lab.param("key", 5000, 5999), 4096

local function is_pipe(name) return type(name) == "string" and name:find("^pipe#") end

-- How many bytes `actor` has read from pipes.
local function bytes(h, actor)
  local n = 0
  for _, e in ipairs(h:all { actor = actor, call = "read", obj = is_pipe, done = true }) do
    if e.ret > 0 then n = n + e.ret end
  end
  return n
end

-- Whether semop did this to that semaphore, maybe together with others: semid, then num, op, flags
-- for each.
local function moves(e, num, op)
  for i = 2, #e.args, 3 do
    if e.args[i] == num and e.args[i + 1] == op then return true end
  end
  return false
end

local function moved(h, query, num, op)
  query.call, query.ret = "semop", 0
  for _, e in ipairs(h:all(query)) do
    if moves(e, num, op) then return e end
  end
end

return lab.guided {
  id = "deadlock", title = "Deadlock: two full pipes, two semaphores", minutes = 25,
  plugins = { "pipe", "process", "sem" }, actors = { "parent" },
  man = { "pipe(7)", "write(2)", "fcntl(2)", "semop(2)", "semget(2)" },
  intro = [[
In a deadlock each process waits for something that another one has, and that one waits as well. No line of any program is wrong, and no call fails: they just never come back. You build two of them, one without any lock and one with two, see how the kernel's state tells of it, take back the last step, and mend the order.
When nobody can move any more, a line says so: it begins with *** stuck.]],
  outro = [[
All four conditions were there in both cases: what is wanted can be had by one at a time (room in a pipe, a semaphore of 1), who has something keeps it while he waits for more, nobody can take it away from him, and the waiting goes in a circle. It is enough to break one. Breaking the circle is the cheapest: an order that everybody keeps to.]],

  tasks = {
    { id = "pipes", title = "Two small pipes", points = 1,
      say = "Two-way communication as on the slide. Let the parent make pipe0 (to the child) and pipe1 (back), and make both as small as they can be: fcntl(pipe0[1], F_SETPIPE_SZ, 4096) and the same for pipe1, so that they fill soon. Then a buffer, `parent char data[8192]`, and fork a process called child. Last, both close the ends that they do not need.",
      hints = {
        "First both pipes, then the two calls of fcntl, then the buffer; fork gives the child copies of all that.",
        "parent fcntl(pipe0[1], F_SETPIPE_SZ, 4096)",
        "The parent closes pipe0[0] and pipe1[1]; the child closes pipe0[1] and pipe1[0].",
      },
      check = function(h)
        local fork = h:find { ev = "process", what = "fork", actor = "child" }
        local found = { parent = false, child = false }
        local words
        h:need(h:find { actor = "parent", call = { "pipe", "pipe2" }, ret = 0 }, "The parent has no pipe yet.")
        h:need(fork, "There is no process child yet.")
        for _, made in ipairs(h:all { actor = "parent", call = { "pipe", "pipe2" }, ret = 0, before = fork }) do
          local pipe = h:object(made.obj)
          if pipe and #pipe.w == 1 and #pipe.r == 1 and pipe.w[1] ~= pipe.r[1] then
            if pipe.capacity == SIZE then
              found[pipe.w[1]] = true
            else
              words = ("%s can hold more than %d bytes. `undo`, and make it small before the fork, or now."):format(pipe.name, SIZE)
            end
          elseif pipe then
            words = words or ("%s has W: %s and R: %s. One of each should be left."):format(
              pipe.name, table.concat(pipe.w, " "), table.concat(pipe.r, " "))
          end
        end
        h:need(found.parent and found.child, words or "Two pipes are needed, made before the fork: one for each way.")
      end,
      solution = [[
parent pipe(pipe0)
parent pipe(pipe1)
parent fcntl(pipe0[1], F_SETPIPE_SZ, 4096)
parent fcntl(pipe1[1], F_SETPIPE_SZ, 4096)
parent char data[8192]
parent fork(child)
parent close(pipe0[0])
parent close(pipe1[1])
child close(pipe0[1])
child close(pipe1[0])]] },

    { id = "fits", title = "With little data all is well", points = 1,
      say = "Both programs are the same: first write all I have to say, then read what the other one says. Let the parent write 100 bytes of data into pipe0 and the child write 100 into pipe1; then let the child read from pipe0 and the parent from pipe1.",
      hints = {
        "parent write(pipe0[1], data, 100)",
        "child write(pipe1[1], data, 100)",
        "child read(pipe0[0], buf, 8192)",
      },
      check = function(h)
        h:need(h:find { call = "write", obj = is_pipe, ret = function(n) return n > 0 end }, "Nobody has written anything yet.")
        h:need(bytes(h, "child") > 0, "The child has read nothing yet.")
        h:need(bytes(h, "parent") > 0, "The parent has read nothing yet.")
      end,
      solution = [[
parent write(pipe0[1], data, 100)
child write(pipe1[1], data, 100)
child read(pipe0[0], buf, 8192)
parent read(pipe1[0], buf, 8192)]] },

    { id = "full", title = "On the day the data get larger", points = 2,
      say = "That is how such programs pass their tests. Now the same with 8192 bytes, in the same order: first the parent writes, then the child. Look at how full the pipes are, and at the line that begins with ***; then ask `why parent`.",
      predict = {
        ask = "The parent writes 8192 bytes into an empty pipe that takes 4096. What does write do?",
        choices = { "it returns 4096", "it returns 8192: the kernel keeps the rest", "it waits, with 4096 bytes in the pipe", "it fails with ENOSPC" },
        truth = function(h)
          local w = h:find { actor = "parent", call = "write", obj = is_pipe, count = 2 * SIZE, after = h.began }
          return w and (w.blocked and 3 or w.ret == SIZE and 1 or w.ret == 2 * SIZE and 2 or 4)
        end,
        points = 1,
      },
      hints = {
        "parent write(pipe0[1], data, 8192)",
        "child write(pipe1[1], data, 8192)",
      },
      check = function(h)
        local stuck = h:find { ev = "verdict", kind = "stuck" }
        local p = h:find { actor = "parent", call = "write", obj = is_pipe, blocked = true }
        local c = h:find { actor = "child", call = "write", obj = is_pipe, blocked = true }
        h:need(stuck and p and c,
          h:find { actor = "child", call = "read", obj = is_pipe, after = h.began } and "The child reads, and the parent comes out of its write: so it goes well. Here both write first: `undo`."
          or p and "The parent waits in write. Now the child does the same."
          or c and "The child waits in write. Now the parent does the same."
          or h:find { call = "write", obj = is_pipe, after = h.began } and "What was written still found room."
          or "Nobody waits in write yet.")
      end,
      solution = [[
answer c
parent write(pipe0[1], data, 8192)
child write(pipe1[1], data, 8192)]] },

    { id = "mend", title = "One of them listens first", points = 2,
      say = "Each waits for room that only the other one could make, by reading, and the other one is in write. No lock is in these programs: buffers are resources like any other. Take back the child's write with `undo`, and mend the order: the child reads all 8192 bytes first and writes then. Let the 8192 bytes of both arrive.",
      predict = {
        ask = "The child reads with a buffer of 8192 bytes while the parent waits in its write of 8192. How many bytes does that first read return?",
        truth = function(h)
          local r = h:find { actor = "child", call = "read", obj = is_pipe, ret = function(n) return n > 0 end, after = h.began }
          return r and r.ret
        end,
        points = 1,
      },
      hints = {
        "undo",
        "child read(pipe0[0], buf, 8192)",
        "One read returns what is there, not what was asked for: read again until 8192 bytes have come. Then the child writes, and the parent reads, also twice.",
      },
      check = function(h)
        local got = { child = 0, parent = 0 }
        local large = h:find { call = "write", obj = is_pipe, count = 2 * SIZE }
        h:need(large, "Nobody writes 8192 bytes at once any more.")
        h:need(#h:all { call = "write", obj = is_pipe, waits = true } < 2, "Both still wait in write. `undo` takes the last line back.")
        for _, e in ipairs(h:all { call = "read", obj = is_pipe, ret = function(n) return n > 0 end, after = large }) do
          got[e.actor] = (got[e.actor] or 0) + e.ret
        end
        h:need(got.child >= 2 * SIZE, ("The child has read %d of the 8192 bytes."):format(got.child))
        h:need(h:find { actor = "child", call = "write", obj = is_pipe, after = large }, "Now the child has to say its 8192 bytes.")
        h:need(got.parent >= 2 * SIZE, ("The parent has read %d of the 8192 bytes."):format(got.parent))
      end,
      solution = [[
answer 4096
undo
child read(pipe0[0], buf, 8192)
child read(pipe0[0], buf, 8192)
child write(pipe1[1], data, 8192)
parent read(pipe1[0], buf, 8192)
parent read(pipe1[0], buf, 8192)]] },

    { id = "locks", title = "Two semaphores", points = 1,
      say = ("Now with locks. Let the parent make a set of two semaphores with key %d, and set both to 1 with semctl(2). The child gets the id of the same set by the key. Semaphore 0 stands for a printer, semaphore 1 for a scanner: to take one is semop(set, number, -1), to give it back semop(set, number, 1)."):format(KEY),
      hints = {
        ("parent set = semget(%d, 2, IPC_CREAT|0600)"):format(KEY),
        "parent semctl(set, 0, SETVAL, 1)",
        ("child set = semget(%d, 2, 0)"):format(KEY),
      },
      check = function(h)
        local made = h:need(h:find { call = "semget", created = true, key = KEY },
          h:find { call = "semget", errno = "ENOENT" } and "Whoever looks for a set that nobody has made gets ENOENT."
          or ("There is no set with key %d yet."):format(KEY))
        h:need(made.nsems == 2, "The set needs two semaphores.")
        h:need(h:find { actor = made.actor, call = "semctl", cmd = "SETVAL", obj = made.obj, ret = 0 },
          "Both semaphores are 0: they look as if somebody had taken them.")
        h:need(h:find { obj = made.obj, values = "1 1" }, "Both have to be 1. The last column has their values.")
        h:need(h:find { actor = function(a) return a ~= made.actor end, call = "semget", obj = made.obj },
          "The other process has not found the set yet.")
      end,
      solution = ([[
parent set = semget(%d, 2, IPC_CREAT|0600)
parent semctl(set, 0, SETVAL, 1)
parent semctl(set, 1, SETVAL, 1)
child set = semget(%d, 2, 0)]]):format(KEY, KEY) },

    { id = "circle", title = "Each has one", points = 2,
      say = "Both want to copy a page, and need both devices for that. The parent takes 0, then 1. The child takes 1, then 0. Let them take turns: the parent its first, the child its first, the parent its second, the child its second.",
      predict = {
        ask = "After which of these four steps is it certain that nobody will ever go on?",
        choices = { "after the second: each has one", "after the third: the parent waits", "after the fourth: the child waits as well" },
        truth = function(h)
          local stuck = h:find { ev = "verdict", kind = "stuck", after = h.began }
          local set = h:find { call = "semop", waits = true, actor = "parent" }
          return stuck and set and h:before(set, stuck) and 3
        end,
      },
      hints = {
        "parent semop(set, 0, -1)",
        "child semop(set, 1, -1)",
        "parent semop(set, 1, -1)",
        "child semop(set, 0, -1)",
      },
      check = function(h)
        local stuck = h:find { ev = "verdict", kind = "stuck", obj = function(o) return o:find("^sem#") end }
        local each = moved(h, { actor = "parent" }, 0, -1) and moved(h, { actor = "child" }, 1, -1)
        h:need(stuck and each,
          stuck and "They are stuck, but not each with one semaphore: was one of them 0 from the beginning, or taken twice?"
          or h:find { call = "semop", waits = true } and "One waits, for the other one, who can still move."
          or #h:all { call = "semop", ret = 0 } >= 4 and "Both have got both: one after the other, and nobody was in the way. `undo`, and let them take turns."
          or each and "Each has one. Now each wants the other one."
          or "Not both have taken their first one.")
      end,
      solution = [[
answer c
parent semop(set, 0, -1)
child semop(set, 1, -1)
parent semop(set, 1, -1)
child semop(set, 0, -1)]] },

    { id = "order", title = "Always in the same order", points = 2,
      say = "Until the fourth step the child could have given its scanner back, and the parent would have gone on. Now `why child` shows the circle. Take back the child's two lines and the parent's between them with `undo 3`, and let both keep to one rule: 0 before 1. Let both get both and give both back: in the end both semaphores are 1.",
      hints = {
        "undo 3",
        "The child asks for 0 and waits. The parent takes 1, has both, gives both back; that wakes the child.",
        "child semop(set, 0, -1)",
        "parent semop(set, 0, 1)",
      },
      check = function(h)
        h:need(not h:find { call = "semop", waits = true },
          h:find { ev = "verdict", kind = "stuck", obj = function(o) return o:find("^sem#") end } and "Both still wait. `undo 3`."
          or "Somebody waits for a semaphore. Who has it has to give it back.")
        for _, name in ipairs { "parent", "child" } do
          local took = {}
          for num = 0, 1 do
            took[num] = h:need(moved(h, { actor = name }, num, -1), ("The %s has not had semaphore %d."):format(name, num))
            h:need(moved(h, { actor = name, after = took[num] }, num, 1), ("The %s has not given semaphore %d back."):format(name, num))
          end
          h:need(not h:before(took[1], took[0]), ("The %s has taken 1 before 0. Some day that is the moment in which the other one has 0."):format(name))
        end
      end,
      solution = [[
undo 3
child semop(set, 0, -1)
parent semop(set, 1, -1)
parent semop(set, 1, 1)
parent semop(set, 0, 1)
child semop(set, 1, -1)
child semop(set, 1, 1)
child semop(set, 0, 1)]] },
  },

  also = {
    { name = "the pipes as large as they are: nobody waits", points = 0, play = [[
parent pipe(pipe0)
parent pipe(pipe1)
parent char data[8192]
parent fork(child)
parent write(pipe0[1], data, 8192)
child write(pipe1[1], data, 8192)]] },
    { name = "the ends stay open, the deadlock is there all the same", points = 3, play = [[
parent pipe(pipe0)
parent pipe(pipe1)
parent fcntl(pipe0[1], F_SETPIPE_SZ, 4096)
parent fcntl(pipe1[1], F_SETPIPE_SZ, 4096)
parent char data[8192]
parent fork(child)
parent write(pipe0[1], data, 100)
child write(pipe1[1], data, 100)
child read(pipe0[0], buf, 8192)
parent read(pipe1[0], buf, 8192)
parent write(pipe0[1], data, 8192)
child write(pipe1[1], data, 8192)]] },
    { name = "who believes in an answer of 4096, and interrupts instead of mending", points = 4, play = [[
parent pipe(pipe0)
parent pipe(pipe1)
parent fcntl(pipe0[1], F_SETPIPE_SZ, 4096)
parent fcntl(pipe1[1], F_SETPIPE_SZ, 4096)
parent char data[8192]
parent fork(child)
parent close(pipe0[0])
parent close(pipe1[1])
child close(pipe0[1])
child close(pipe1[0])
parent write(pipe0[1], data, 100)
child write(pipe1[1], data, 100)
child read(pipe0[0], buf, 8192)
parent read(pipe1[0], buf, 8192)
answer a
parent write(pipe0[1], data, 8192)
child write(pipe1[1], data, 8192)
interrupt parent
interrupt child]] },
    { name = "only the semaphores, and nobody set them to 1", points = 0, play = ([[
parent set = semget(%d, 2, IPC_CREAT|0600)
parent fork(child)
parent semop(set, 0, -1)
child semop(set, 1, -1)]]):format(KEY) },
    { name = "only the semaphores, in one order from the beginning: nobody is stuck", points = 3, play = ([[
parent set = semget(%d, 2, IPC_CREAT|0600)
parent semctl(set, 0, SETVAL, 1)
parent semctl(set, 1, SETVAL, 1)
parent fork(child)
child set = semget(%d, 2, 0)
parent semop(set, 0, -1)
child semop(set, 0, -1)
parent semop(set, 1, -1)
parent semop(set, 1, 1)
parent semop(set, 0, 1)
child semop(set, 1, -1)
child semop(set, 1, 1)
child semop(set, 0, 1)]]):format(KEY, KEY) },
  },
}
