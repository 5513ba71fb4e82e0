local lab = require "ipclab"

return lab.orchestrated {
  id = "pipe-two-way", title = "Two pipes: one for each way, and the ends that nobody needs",
  plugins = { "pipe", "process" }, actors = { "parent" },
  man = { "pipe(7)", "pipe(2)", "read(2)" },
  run = function(s, parent)
    s:step "Two pipes, because one goes in one direction only; after fork there are four ends of each"
    local r0, w0 = parent:pipe()
    local r1, w1 = parent:pipe()
    local child = parent:fork("child")
    s:step "pipe 0 is for the child to read, pipe 1 to answer in: both close the unnecessary ends"
    parent:close(r0)
    parent:close(w1)
    child:close(w0)
    child:close(r1)
    s:step "The child waits for a question, the parent asks and waits for the answer"
    local question = child:start("read", r0, 64)
    s:expect("the child waits", question:blocked())
    parent:write(w0, "6 x 7")
    s:expect("the question arrives", question:finish(2.0) == "6 x 7")
    local answer = parent:start("read", r1, 64)
    s:expect("the parent waits", answer:blocked())
    child:write(w1, "42")
    s:expect("the answer arrives", answer:finish(2.0) == "42")
    s:step "The parent closes its end: no write end of pipe 0 is left, and the child reads the end"
    local rest = child:start("read", r0, 64)
    parent:close(w0)
    local text, n = rest:finish(2.0)
    s:expect("end of file", text == "" and n == 0)
    child:exit(0)
    parent:wait()
    s:step "Once more, with a child that keeps the write end: its own, so the end never comes"
    local r, w = parent:pipe()
    local careless = parent:fork("careless")
    parent:close(r)
    local waiting = careless:start("read", r, 64)
    parent:close(w)
    s:expect("it waits, though nobody else could write", waiting:blocked())
    s.trace:exactly(1, { ev = "verdict", kind = "never" })
    s:step "Only a signal gets it out of there"
    s:run "interrupt careless"
    local _, err = waiting:finish(2.0)
    s:expect("EINTR", err.name == "EINTR")
    careless:close(w)
    text, n = careless:read(r, 64)
    s:expect("without that end it reads the end of file at once", text == "" and n == 0)
    careless:exit(0)
    parent:wait()
  end,
}
