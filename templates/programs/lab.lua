local lab = require "ipclab"

return lab.programs {
  id = "@ID@", title = "@ID@", actors = { "parent" }, minutes = 5,
  plugins = { "pipe", "process" }, man = { "pipe(7)", "fork(2)" },
  programs = {
    parent = function(parent, s)
      local r, w = parent:pipe()
      parent:fork("child", function(child)
        child:close(r)
        child:write(w, "hello")
      end)
      parent:close(w)
      local text = parent:read(r, 32)
      s:expect("the parent has got the text", text == "hello")
      parent:wait()
    end,
  },
  after = function(s)
    s.trace:before({ actor = "child", call = "write" }, { actor = "parent", call = "wait" },
                   "the child has written before the parent waits for it")
    s:expect("nothing stays behind", #s:leaks() == 0)
  end,
}
