local lab = require "ipclab"
local KEY = 5678

-- Takes both, one after the other, and gives both back.
local function work(me, set, first, second)
  me:semop(set, first, -1)
  me:semop(set, second, -1)
  me:semop(set, second, 1)
  me:semop(set, first, 1)
end

return lab.programs {
  id = "deadlock-two-semaphores", title = "Two semaphores, taken in different orders: deadlock",
  stuck = true, -- that is its point
  plugins = { "sem", "process" }, actors = { "parent" },
  schedule = { "parent", "parent", "parent", "parent", "parent", "ann", "bob" },
  man = { "semop(2)", "semget(2)", "semctl(2)" },
  programs = {
    parent = function(parent)
      local set = parent:semget(KEY, 2, "IPC_CREAT|0600")
      parent:semctl(set, 0, "SETVAL", 1)
      parent:semctl(set, 1, "SETVAL", 1)
      parent:fork("ann", function(ann) work(ann, set, 0, 1) end)
      parent:fork("bob", function(bob) work(bob, set, 1, 0) end)
      parent:wait()
      parent:wait()
    end,
  },
  after = function(s)
    s.trace:exactly(2, { call = "semop", ret = 0 }, "each has got one")
    s.trace:exactly(2, { call = "semop", blocked = true }, "each waits for the other's")
    s.trace:exactly(1, { ev = "verdict", kind = "stuck" }, "nobody can move")
  end,
}
