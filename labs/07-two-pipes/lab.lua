local lab = require "ipclab"
local QUESTION = lab.param("question", { "6 * 7", "7 * 8", "9 * 6", "8 * 9" })
local ANSWERS = { ["6 * 7"] = "42", ["7 * 8"] = "56", ["9 * 6"] = "54", ["8 * 9"] = "72" }
local ANSWER = ANSWERS[QUESTION]

local function some(n) return n > 0 end

-- A pipe into which `from` has written what `to` has read, and the event of reading.
local function way(h, from, to)
  for _, sent in ipairs(h:all { actor = from, call = "write", ret = some }) do
    local got = sent.obj and h:find { actor = to, call = "read", obj = sent.obj, ret = some, after = sent }
    if got then return sent.obj, got end
  end
end

local function has(list, name)
  for _, actor in ipairs(list) do if actor == name then return true end end
  return false
end

-- Only `from` can write into it, and only `to` can read from it.
local function is_tidy(pipe, from, to)
  return #pipe.w == 1 and pipe.w[1] == from and #pipe.r == 1 and pipe.r[1] == to
end

return lab.guided {
  id = "two-pipes", title = "Two-way communication: two pipes and the unnecessary ends", minutes = 25,
  plugins = { "pipe", "process" }, actors = { "parent" },
  man = { "pipe(7)", "pipe(2)", "read(2)", "write(2)" },
  intro = [[
A pipe goes in one direction. A parent that asks and a child that answers need two. On the slide both ends of both pipes are in both processes after fork(), and half of them are called unnecessary. Here you leave them open first, and see what that costs: a reader that waits for an end that never comes, and a writer that nobody tells that he writes for nobody.
pipe0 is to be the way from the parent to the child, pipe1 the way back.]],
  outro = [[
The kernel counts ends, not intentions. End of file comes when the last write end is closed, SIGPIPE when the last read end is; an end that is open in a process which will never use it counts like any other. So after fork() each process closes what it does not use, of two pipes four ends out of eight.]],

  tasks = {
    { id = "make", title = "Two pipes", points = 1,
      say = "Let the parent make pipe0 and pipe1, and then fork a process called child. Look at `fds` afterwards: which descriptor leads where?",
      predict = {
        ask = "How many descriptors for these two pipes are open then, in both processes together?",
        truth = function(h)
          local made = h:find { ev = "process", what = "fork", actor = "child" }
          local n = 0
          for _, fd in ipairs(made and made.fds or {}) do
            if fd.obj == "pipe#1" or fd.obj == "pipe#2" then n = n + 2 end
          end
          return n > 4 and n or nil
        end,
        points = 1,
      },
      hints = {
        "What exists when fork() is called is inherited. What comes later is not.",
        "parent pipe(pipe0)",
        "parent pipe(pipe1)",
        "parent fork(child)",
      },
      check = function(h)
        local made = h:all { actor = "parent", call = { "pipe", "pipe2" }, ret = 0 }
        local fork = h:find { ev = "process", what = "fork", actor = "child" }
        h:need(#made > 0, "The parent has made no pipe yet.")
        h:need(#made > 1, fork and "There is one pipe only. Through one pipe both could write and both could read, and each could get what it has written itself. `undo`, and make two before the fork."
          or "That is one. The second is for the way back.")
        h:need(fork, "There is no process child yet.")
        h:need(h:before(made[2], fork), "pipe1 was made after the child. The child has only what was open when it was made: `undo`.")
      end,
      solution = [[
answer 8
parent pipe(pipe0)
parent pipe(pipe1)
parent fork(child)]] },

    { id = "own", title = "Why two?", points = 1, needs = { "make" },
      say = ("Four ends, each in two processes. First see why one pipe would not do: let the parent write the question \"%s\" into pipe0, and then read from pipe0, as if the answer came back that way."):format(QUESTION),
      predict = {
        ask = "What does the parent's read do?",
        choices = { "it waits for the child to answer", "it gets the parent's own question", "it fails: who writes into a pipe cannot read from it" },
        truth = function(h)
          local sent = h:find { actor = "parent", call = "write", ret = some }
          local r = sent and h:find { actor = "parent", call = "read", obj = sent.obj, after = sent }
          return r and (r.waits and 1 or r.ret > 0 and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        ("parent write(pipe0[1], \"%s\")"):format(QUESTION),
        "parent read(pipe0[0], buf, 32)",
      },
      check = function(h)
        h:need(h:find { actor = "parent", call = "write", ret = some }, "The parent has written nothing yet.")
        local _, own = way(h, "parent", "parent")
        h:need(own and own.buf == QUESTION,
          way(h, "parent", "child") and "The child has taken the question out of the pipe. For this task the parent reads it itself: `undo`."
          or h:find { actor = "parent", call = "read", waits = true } and "The parent waits: it has read from the other pipe. `undo`."
          or "The parent has not read from that pipe yet.")
      end,
      solution = ([[
answer b
parent write(pipe0[1], "%s")
parent read(pipe0[0], buf, 32)]]):format(QUESTION) },

    { id = "talk", title = "There and back", points = 2,
      say = ("A pipe does not know who wrote: the first who reads gets the bytes, and now the question is gone. Once more, with both pipes: the parent writes \"%s\" into pipe0 and the child reads it; the child writes the answer %s into pipe1 and the parent reads that."):format(QUESTION, ANSWER),
      hints = {
        "The child uses pipe0[0] and pipe1[1], the parent pipe0[1] and pipe1[0].",
        ("parent write(pipe0[1], \"%s\")"):format(QUESTION),
        "child read(pipe0[0], buf, 32)",
        ("child write(pipe1[1], \"%s\")"):format(ANSWER),
      },
      check = function(h)
        local there, asked = way(h, "parent", "child")
        local back, answered = way(h, "child", "parent")
        h:need(there, "No question has come to the child yet.")
        h:need(asked.buf == QUESTION, ("The child has read \"%s\". The question is \"%s\"."):format(asked.buf, QUESTION))
        h:need(back, h:find { actor = "child", call = "write", obj = there } and "The child has answered into the pipe of the questions. The other one is the way back."
          or "No answer has come to the parent yet.")
        h:need(back ~= there, "Question and answer went through the same pipe. That went well because each read at the right moment; the answer belongs into the other one.")
        h:need(answered.buf == ANSWER, ("The parent has read \"%s\". %s is %s."):format(answered.buf, QUESTION, ANSWER))
      end,
      solution = ([[
parent write(pipe0[1], "%s")
child read(pipe0[0], buf, 32)
child write(pipe1[1], "%s")
parent read(pipe1[0], buf, 32)]]):format(QUESTION, ANSWER) },

    { id = "never", title = "The end that does not come", points = 2,
      say = "It works, with all eight ends open. Now the parent has no more questions. It says so by closing its write end of pipe0, and the child reads pipe0 for the next question, or for the end of file. Look at the line that begins with ***, and at `why child`.",
      predict = {
        ask = "pipe0 is empty, and the parent has closed its end for writing. What does the child's read do?",
        choices = { "it returns 0: end of file", "it waits until somebody writes", "it waits for ever" },
        truth = function(h)
          local there = way(h, "parent", "child")
          local r = there and h:last { actor = "child", call = "read", obj = there, after = h.began }
          if not r or not h:find { actor = "parent", call = "close", obj = there } then return nil end
          if h:find { actor = "child", call = "close", obj = there, before = r, state = function(s) return not has(s.w, "child") end } then return nil end
          return r.ret == 0 and 1 or h:find { ev = "verdict", kind = "never", obj = there } and 3 or 2
        end,
        points = 1,
      },
      hints = {
        "parent close(pipe0[1])",
        "child read(pipe0[0], buf, 32)",
      },
      check = function(h)
        local there = h:need(way(h, "parent", "child"), "No question has come to the child yet.")
        h:need(h:find { ev = "verdict", kind = "never", obj = there },
          h:find { actor = "child", call = "read", obj = there, ret = 0 }
          and "The child has read the end of file: it had closed its own write end before. That is right, and the next task; see first what happens without: `undo`."
          or h:find { actor = "child", call = "read", obj = there, waits = true }
          and "The child waits. The parent still has its write end: it could write."
          or "The child does not read from the pipe of the questions.")
      end,
      solution = [[
answer c
parent close(pipe0[1])
child read(pipe0[0], buf, 32)]] },

    { id = "eof", title = "The child's own end", points = 2,
      say = "Nobody could ever write into pipe0 but the child, and the child waits: the one write end that is left is its own, inherited and never used. In a real program that is a process which hangs and does nothing wrong in any line. `interrupt child` ends its call with EINTR. Then let it close its write end of pipe0, and read again.",
      predict = {
        ask = "What does read return this time?",
        truth = function(h)
          local there = way(h, "parent", "child")
          local closed = there and h:find { actor = "child", call = "close", obj = there, after = h.began }
          local r = closed and h:find { actor = "child", call = "read", obj = there, done = true, after = closed }
          return r and r.ret
        end,
        points = 1,
      },
      hints = {
        "interrupt child",
        "child close(pipe0[1])",
        "child read(pipe0[0], buf, 32)",
      },
      check = function(h)
        local there = h:need(way(h, "parent", "child"), "No question has come to the child yet.")
        h:need(h:find { actor = "child", call = "read", obj = there, ret = 0 },
          h:last { actor = "child", call = "read", obj = there }.waits
          and "The child still waits in read. `interrupt child`, or `undo` what made it wait."
          or h:find { actor = "child", call = "close", obj = there, ret = 0 }
          and "The child has closed an end of pipe0, and has not read the end of file yet."
          or "The child still has its write end.")
      end,
      solution = [[
answer 0
interrupt child
child close(pipe0[1])
child read(pipe0[0], buf, 32)]] },

    { id = "nobody", title = "Writing for nobody", points = 1,
      say = "0 is the end of file. Now the other side of the same thing: a read end that nobody needs. The parent wants no more answers and closes pipe1[0]. Let the child write one more into pipe1, and look who is left under R.",
      predict = {
        ask = "The only one who read from pipe1 has closed his end. What does the child's write do?",
        choices = { "the child is killed by SIGPIPE", "it waits for a reader", "it returns how many bytes it wrote" },
        truth = function(h)
          local back = way(h, "child", "parent")
          local closed = back and h:find { actor = "parent", call = "close", obj = back, state = function(s) return not has(s.r, "parent") end }
          if not closed or not has(closed.state.r, "child") then return nil end
          local w = h:find { actor = "child", call = "write", obj = back, after = closed }
          return w and (w.waits and 2 or w.ret and w.ret > 0 and 3 or 1)
        end,
        points = 1,
      },
      hints = {
        "parent close(pipe1[0])",
        "child write(pipe1[1], \"more\")",
      },
      check = function(h)
        local back = h:need(way(h, "child", "parent"), "No answer has come to the parent yet.")
        local closed = h:find { actor = "parent", call = "close", obj = back, state = function(s) return not has(s.r, "parent") end }
        h:need(closed, "The parent can still read from pipe1.")
        h:need(h:find { actor = "child", call = "write", obj = back, ret = some, after = closed },
          h:find { ev = "process", actor = "child", what = "killed" }
          and "The child has no read end of pipe1 any more, and was told so by SIGPIPE. That is the next task; `undo`, and see what happens while it has one."
          or "The child has written nothing into pipe1 since.")
      end,
      solution = [[
answer c
parent close(pipe1[0])
child write(pipe1[1], "more")]] },

    { id = "sigpipe", title = "The writer is told", points = 1,
      say = "The bytes are in the pipe, R: child, and the child will not read them. It could go on until the pipe is full, and would wait then. Let it close its own read end of pipe1, and write once more.",
      predict = {
        ask = "Now no read end is open anywhere. What happens to the child?",
        choices = { "nothing: write returns how many bytes it wrote", "write returns 0: end of file", "SIGPIPE comes, and kills it" },
        truth = function(h)
          local back = way(h, "child", "parent")
          local closed = back and h:find { actor = "child", call = "close", after = h.began, obj = back }
          if closed and h:find { ev = "process", actor = "child", what = "killed" } then return 3 end
          local w = closed and h:find { actor = "child", call = "write", after = closed }
          return w and w.ret and (w.ret == 0 and 2 or w.ret > 0 and 1 or 3)
        end,
        points = 1,
      },
      hints = {
        "child close(pipe1[0])",
        "child write(pipe1[1], \"more\")",
      },
      check = function(h)
        local killed = h:find { ev = "process", actor = "child", what = "killed", sig = "SIGPIPE" }
        h:need(killed or h:find { actor = "child", call = "write", errno = "EPIPE" },
          h:find { ev = "process", actor = "child", what = { "killed", "exit" } } and "The child has ended, but not by SIGPIPE. `undo`."
          or "The child still writes for nobody, and has not been told so.")
      end,
      solution = [[
answer c
child close(pipe1[0])
child write(pipe1[1], "more")]] },

    { id = "tidy", title = "As on the slide", points = 2,
      say = "Who ignores SIGPIPE gets -1 EPIPE instead. Now as it should be, from the beginning: two new pipes, a second child called tidy, and before anything else both close their unnecessary ends. In the end each pipe has one writer and one reader: W: parent R: tidy, and W: tidy R: parent.",
      hints = {
        "pipe(to) and pipe(back), then fork(tidy). Of the way there the child needs the end for reading, of the way back the one for writing; the parent needs the other two.",
        "parent close(to[0])",
        "parent close(back[1])",
        "tidy close(to[1])",
      },
      check = function(h)
        local fork = h:need(h:find { ev = "process", what = "fork", actor = "tidy" }, "There is no process tidy yet.")
        local there, back, left
        for _, made in ipairs(h:all { call = { "pipe", "pipe2" }, ret = 0, after = h.began, before = fork }) do
          local pipe = h:object(made.obj)
          if pipe and is_tidy(pipe, "parent", "tidy") then there = true
          elseif pipe and is_tidy(pipe, "tidy", "parent") then back = true
          elseif pipe and has(pipe.holders, "tidy") then left = pipe
          end
        end
        local words = left and ("%s has W: %s and R: %s."):format(left.name, table.concat(left.w, " "), table.concat(left.r, " "))
        h:need(there, words or "There is no new pipe from parent to tidy.")
        h:need(back, words or "There is no new pipe from tidy to parent.")
      end,
      solution = [[
parent pipe(to)
parent pipe(back)
parent fork(tidy)
parent close(to[0])
parent close(back[1])
tidy close(to[1])
tidy close(back[0])]] },
  },

  also = {
    { name = "one pipe for both ways", points = 0, play = ([[
parent pipe(p)
parent fork(child)
parent write(p[1], "%s")
child read(p[0], buf, 32)
child write(p[1], "%s")
parent read(p[0], buf, 32)]]):format(QUESTION, ANSWER) },
    { name = "the second pipe is made after the child", points = 0, play = [[
parent pipe(pipe0)
parent fork(child)
parent pipe(pipe1)]] },
    { name = "an answer into the pipe of the questions, and wrong expectations", points = 2, play = ([[
answer 4
parent pipe(pipe0)
parent pipe(pipe1)
parent fork(child)
answer a
parent write(pipe0[1], "%s")
parent read(pipe0[0], buf, 32)
parent write(pipe0[1], "%s")
child read(pipe0[0], buf, 32)
child write(pipe0[1], "%s")
parent read(pipe0[0], buf, 32)]]):format(QUESTION, QUESTION, ANSWER) },
    { name = "tidy at once: the end of file comes, and never is not seen", points = 7, play = ([[
parent pipe(p)
parent pipe(q)
parent fork(child)
answer b
parent write(p[1], "%s")
parent read(p[0], own, 32)
parent close(p[0])
parent close(q[1])
child close(p[1])
child close(q[0])
child read(p[0], buf, 32)
parent write(p[1], "%s")
child write(q[1], "%s")
parent read(q[0], buf, 32)
answer a
parent close(p[1])
child read(p[0], buf, 32)]]):format(QUESTION, QUESTION, ANSWER) },
    { name = "the child waits, while the parent can still write: it is not never", points = 6, play = ([[
answer 8
parent pipe(pipe0)
parent pipe(pipe1)
parent fork(child)
answer b
parent write(pipe0[1], "%s")
parent read(pipe0[0], buf, 32)
parent write(pipe0[1], "%s")
child read(pipe0[0], buf, 32)
child write(pipe1[1], "%s")
parent read(pipe1[0], buf, 32)
answer a
child read(pipe0[0], buf, 32)]]):format(QUESTION, QUESTION, ANSWER) },
  },
}
