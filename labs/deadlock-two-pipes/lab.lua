local lab = require "ipclab"
local CAPACITY = 4096

return lab.programs {
  id = "deadlock-two-pipes", title = "Two full pipes: both write first, and nobody reads",
  stuck = true, -- that is its point
  plugins = { "pipe", "process", "vm" }, actors = { "parent" },
  man = { "pipe(7)", "write(2)", "fcntl(2)" },
  programs = {
    parent = function(parent)
      local r0, w0 = parent:pipe()
      local r1, w1 = parent:pipe()
      parent:fcntl(w0, "F_SETPIPE_SZ", CAPACITY)
      parent:fcntl(w1, "F_SETPIPE_SZ", CAPACITY)
      -- char buf[2 * CAPACITY]: more than a pipe takes
      local buf = parent:mmap(nil, 2 * CAPACITY, "PROT_READ|PROT_WRITE",
                              "MAP_PRIVATE|MAP_ANONYMOUS", -1, 0)
      parent:fork("child", function(child)
        child:close(w0)
        child:close(r1)
        child:write(w1, buf, 2 * CAPACITY)
        child:read(r0, 2 * CAPACITY)
      end)
      parent:close(r0)
      parent:close(w1)
      parent:write(w0, buf, 2 * CAPACITY)
      parent:read(r1, 2 * CAPACITY)
      parent:wait()
    end,
  },
  after = function(s)
    s.trace:exactly(2, { call = "write", blocked = true }, "both wait in write")
    s.trace:never({ call = "read" }, "and neither comes to read")
    s.trace:exactly(1, { ev = "verdict", kind = "stuck" }, "nobody can move")
  end,
}
