local lab = require "ipclab"
local KEY, SIZE = 5678, 27

-- The segment begins with how many letters there are, then they come. In C:
--   n = shm[0]; shm[1 + n] = letter; shm[0] = n + 1;
local function append(me, shm, letter)
  local _, n = me:load(shm)
  me:store(shm + 1 + n, letter)
  me:store(shm, string.char(n + 1))
end

-- The parent makes everything; then the two take turns, one access to the memory each.
local schedule = { "parent", "parent", "parent", "parent" }
for _ = 1, 6 do
  schedule[#schedule + 1] = "ann"
  schedule[#schedule + 1] = "bob"
end

return lab.programs {
  id = "shm-race", title = "Shared memory without synchronisation: one overwrites the other's data",
  plugins = { "shm", "process" }, actors = { "parent" }, schedule = schedule,
  man = { "shmget(2)", "shmat(2)", "sem_overview(7)" },
  programs = {
    parent = function(parent, s)
      local id = parent:shmget(KEY, SIZE, "IPC_CREAT|0666")
      local shm = parent:shmat(id)
      parent:fork("ann", function(ann)
        append(ann, shm, "A")
        append(ann, shm, "B")
      end)
      parent:fork("bob", function(bob)
        append(bob, shm, "x")
        append(bob, shm, "y")
      end)
      parent:wait()
      parent:wait()
      local _, n = parent:load(shm)
      local letters = parent:load(shm + 1, n)
      s:expect("of four letters two are there", n == 2)
      s:expect("and those of ann are lost", letters == "xy")
      parent:shmctl(id, "IPC_RMID")
    end,
  },
  after = function(s)
    s.trace:before({ actor = "bob", call = "load" }, { actor = "ann", call = "store", text = "\1" },
                   "bob has read the count before ann has written it back")
    s.trace:exactly(4, { actor = "ann", call = "store" })
    s:expect("nothing stays behind", #s:leaks() == 0)
  end,
}
