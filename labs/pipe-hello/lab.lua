local lab = require "ipclab"

return lab.orchestrated {
  id = "pipe-hello", title = "A pipe: the child sends Hello World to its parent",
  plugins = { "pipe", "process", "stdio" }, actors = { "parent" },
  man = { "pipe(2)", "fork(2)", "fdopen(3)", "setvbuf(3)" },
  run = function(s, parent)
    s:step "The parent makes a pipe, then a child: both have both ends"
    local r, w = parent:pipe()
    local child = parent:fork("child")
    s:step "Each closes the end that it does not use, and makes a stream of the other"
    child:close(r)
    local out = child:fdopen(w, "w")
    parent:close(w)
    local from = parent:fdopen(r, "r")
    s:step "The parent reads first: the pipe is empty, so it waits"
    local reading = parent:start("fscanf", from, "%s")
    s:expect("the parent waits", reading:blocked())
    s:step "The child prints, and nothing comes: the text stands in the buffer of its stream"
    child:fprintf(out, "Hello World\n")
    s:expect("the parent still waits", reading:blocked())
    s:step "The child exits: exit(3) writes what the buffers hold"
    child:exit(0)
    local word = reading:finish(2.0)
    s:expect("%s stops at the blank", word == "Hello")
    parent:printf("%s\n", word)
    local status = parent:wait()
    s:expect("the child exited with 0", status == 0)
    s.trace:blocked_until({ actor = "parent", call = "fscanf" }, { actor = "child", call = "exit" })
    s:expect("nothing stays behind", #s:leaks() == 0)
  end,
}
