local lab = require "ipclab"
local KEY, SIZE = 5678, 27

-- The same three accesses as in shm-race, with a semaphore around them.
local function append(me, mutex, shm, letter)
  me:semop(mutex, 0, -1)
  local _, n = me:load(shm)
  me:store(shm + 1 + n, letter)
  me:store(shm, string.char(n + 1))
  me:semop(mutex, 0, 1)
end

return lab.programs {
  id = "shm-semaphore", title = "Shared memory with a semaphore: nothing is lost, whoever moves when",
  plugins = { "shm", "sem", "process" }, actors = { "parent" }, schedule = "random",
  man = { "semget(2)", "semop(2)", "shmat(2)" },
  programs = {
    parent = function(parent, s)
      local id = parent:shmget(KEY, SIZE, "IPC_CREAT|0666")
      local shm = parent:shmat(id)
      local mutex = parent:semget(KEY, 1, "IPC_CREAT|0600")
      parent:semctl(mutex, 0, "SETVAL", 1)
      parent:fork("ann", function(ann)
        append(ann, mutex, shm, "A")
        append(ann, mutex, shm, "B")
      end)
      parent:fork("bob", function(bob)
        append(bob, mutex, shm, "x")
        append(bob, mutex, shm, "y")
      end)
      parent:wait()
      parent:wait()
      local _, n = parent:load(shm)
      local letters = parent:load(shm + 1, n)
      s:expect("all four letters are there", n == 4)
      for letter in ("ABxy"):gmatch(".") do
        s:expect(letter .. " is there", letters:find(letter, 1, true))
      end
      parent:shmctl(id, "IPC_RMID")
      parent:semctl(mutex, 0, "IPC_RMID")
    end,
  },
  after = function(s)
    s:expect("nothing stays behind", #s:leaks() == 0)
  end,
}
