local lab = require "ipclab"

return lab.orchestrated {
  id = "@ID@", title = "@ID@", actors = { "parent" }, minutes = 5,
  plugins = { "pipe", "process" }, man = { "pipe(7)", "fork(2)" },
  run = function(s, parent)
    s:step "The parent makes a pipe, then a child, which has both ends too"
    local r, w = parent:pipe()
    local child = parent:fork("child")
    s:step "The parent reads: nothing is there yet, so it waits"
    local waiting = parent:start("read", r, 32)
    s:expect("the parent waits", waiting:blocked())
    s:step "The child writes, and the parent goes on"
    child:write(w, "hello")
    s:expect("the parent has got the text", waiting:finish(2) == "hello")
    s.trace:blocked_until({ actor = "parent", call = "read" }, { actor = "child", call = "write" })
    s:run "child exit(0)"
    parent:wait()
    s:expect("nothing stays behind", #s:leaks() == 0)
  end,
}
