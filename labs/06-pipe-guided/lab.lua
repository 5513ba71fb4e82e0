local lab = require "ipclab"

-- What the last fscanf of the parent has stored, whatever the student called the variable.
local function word(h, query)
  query.actor, query.call, query.done = "parent", "fscanf", true
  local e = h:find(query)
  return e and e.target
end

return lab.guided {
  id = "pipe-guided", title = "A pipe: Hello World from the child", minutes = 20,
  plugins = { "pipe", "process", "stdio" }, actors = { "parent" },
  man = { "pipe(7)", "pipe(2)", "fork(2)", "fdopen(3)", "fscanf(3)", "exit(3)" },
  intro = [[
A pipe is a queue of bytes in the kernel with two ends: what is written into one comes out of the other, in the same order, once. It has no name. Who wants an end of it has to be born with one.
You play the program of the lecture line by line: a parent makes a pipe and a child, and the child sends it "Hello World". You lead both. A line says who acts, then what it does, as it would stand in that process's C program.]],
  outro = [[
Three things decided what happened, and none of them is in the text of the program: who holds which end, what stands in the buffer of a stream, and who has exited. Run the slide's program on your own machine now: it prints Hello, without World, and you can say why for each letter.]],

  tasks = {
    { id = "pipe", title = "A pipe", points = 1,
      say = "Let the parent make a pipe: pipe(2) fills an array of two descriptors; call it pipefd. Then look at the last column of the line: how many bytes are in the pipe, who can write (W) and who can read (R).",
      hints = {
        "pipefd[0] will be the end to read from, pipefd[1] the end to write to.",
        "parent pipe(pipefd)",
      },
      check = function(h)
        h:need(h:find { actor = "parent", call = { "pipe", "pipe2" }, ret = 0 },
          "The parent has not made a pipe yet.")
      end,
      solution = "parent pipe(pipefd)" },

    { id = "fork", title = "A child", points = 1,
      say = "W: parent, R: parent. Both ends are in one process, and that is of little use. Let the parent fork a process called child, then look at `fds`.",
      predict = {
        ask = "The parent has one descriptor for writing into the pipe. How many are there in both processes together, after fork?",
        truth = function(h)
          local made = h:find { ev = "process", what = "fork", actor = "child" }
          local n = 1
          for _, fd in ipairs(made and made.fds or {}) do
            if fd.obj == "pipe#1" and fd.mode == "w" then n = n + 1 end
          end
          return n > 1 and n or nil
        end,
        points = 1,
      },
      hints = {
        "fork(2) takes the name of the child here.",
        "parent fork(child)",
      },
      check = function(h)
        local made = h:need(h:find { ev = "process", what = "fork", actor = "child" },
          h:find { ev = "process", what = "fork" } and "There is a child, but of another name: the next tasks call it child."
          or "There is no process child yet.")
        local pipe = h:find { actor = "parent", call = { "pipe", "pipe2" }, ret = 0 }
        h:need(pipe and h:before(pipe, made),
          "The child was made before the pipe. It has copies of what was open when it was made, and nothing that came later: `undo`, the pipe first.")
      end,
      solution = [[
answer 2
parent fork(child)]] },

    { id = "ends", title = "The ends that nobody needs", points = 2,
      say = "fork copied the table of descriptors: four are open now, two for each end, and they have the same numbers in both processes. Data shall go from the child to the parent. Let each of them close the end that it does not use, and watch the letters W and R.",
      hints = {
        "The child writes: it does not need the end for reading, pipefd[0]. The parent reads.",
        "child close(pipefd[0])",
        "parent close(pipefd[1])",
      },
      check = function(h)
        local pipe = h:object("pipe#1")
        local function has(list, name)
          for _, actor in ipairs(pipe[list]) do if actor == name then return true end end
          return false
        end
        h:need(pipe, "All ends of the pipe are closed, and with the last one it is gone. `undo`.")
        h:need(has("w", "child"), "The child cannot write any more: [1] is the end for writing, [0] the one for reading. `undo`.")
        h:need(has("r", "parent"), "The parent cannot read any more: [0] is the end for reading, [1] the one for writing. `undo`.")
        h:need(not has("w", "parent"), "The parent still has the write end. As long as it is open, the parent could never read an end of file: it would be waiting for itself.")
        h:need(not has("r", "child"), "The child still has the read end.")
      end,
      solution = [[
child close(pipefd[0])
parent close(pipefd[1])]] },

    { id = "wait", title = "The reader comes first", points = 2,
      say = "The program of the slide does not call read and write itself: it puts a stream (FILE *) on its descriptor, as stdout is one on descriptor 1. Let the parent make such a stream for reading, in = fdopen(pipefd[0], \"r\"), and read a word from it with fscanf(in, \"%s\", recv).",
      predict = {
        ask = "The pipe is empty, the child has written nothing. What does fscanf do?",
        choices = { "it returns -1: end of file", "it returns 0: no word was there", "it waits" },
        truth = function(h)
          local r = h:find { actor = "parent", call = "fscanf" }
          if not r or not r.blocked and r.ret > 0 then return nil end
          return r.blocked and 3 or r.ret == 0 and 2 or 1
        end,
        points = 1,
      },
      hints = {
        "parent in = fdopen(pipefd[0], \"r\")",
        "parent fscanf(in, \"%s\", recv)",
      },
      check = function(h)
        h:need(h:find { actor = "parent", call = "fscanf", blocked = true },
          h:find { actor = "parent", call = "read", waits = true }
          and "The parent waits in read(2). The slide's program reads through a stream: `undo`, then fdopen and fscanf."
          or h:find { actor = "parent", call = "fscanf" }
          and "When the parent came to read, something was there already (or the child had gone). Let it read first: `undo`."
          or h:find { actor = "parent", call = "fdopen", ret = function(p) return p ~= 0 end }
          and "The parent has a stream, and has not read from it yet."
          or "The parent does not read yet.")
      end,
      solution = [[
answer c
parent in = fdopen(pipefd[0], "r")
parent fscanf(in, "%s", recv)]] },

    { id = "print", title = "The child prints", points = 2,
      say = "An empty pipe with an open write end is no end of file: the writer may still come. So the kernel lets the parent sleep, and nobody polls. `why parent` says all of that. Now the child: a stream for writing on pipefd[1], and fprintf(out, \"Hello World\\n\").",
      predict = {
        ask = "The parent waits in fscanf. What does it do once fprintf has returned?",
        choices = { "it wakes and has \"Hello World\"", "it wakes and has \"Hello\"", "it still waits" },
        truth = function(h)
          local said = h:find { actor = "child", call = "fprintf", ret = function(n) return n >= 11 end }
          local read = h:find { actor = "parent", call = "fscanf", blocked = true }
          return said and read and (read.waits and 3 or read.target == "Hello" and 2 or 1)
        end,
        points = 1,
      },
      hints = {
        "child out = fdopen(pipefd[1], \"w\")",
        "child fprintf(out, \"Hello World\\n\")",
      },
      check = function(h)
        h:need(h:find { actor = "child", call = "fprintf", fd = function(fd) return fd > 2 end, ret = function(n) return n >= 11 end },
          h:find { actor = "child", call = "write", obj = "pipe#1" }
          and "write(2) goes straight into the pipe. The slide's program prints through a stream, and that makes a difference which you should see: `undo`."
          or h:find { actor = "child", call = { "printf", "puts" } }
          and "printf prints to standard output, not into the pipe. fprintf takes the stream as its first argument."
          or h:find { actor = "child", call = "fdopen", ret = function(p) return p ~= 0 end }
          and "The child has a stream, and has not printed Hello World to it yet."
          or "The child has not printed yet.")
      end,
      solution = [[
answer c
child out = fdopen(pipefd[1], "w")
child fprintf(out, "Hello World\n")]] },

    { id = "exit", title = "When does it arrive?", points = 2, needs = { "print" },
      say = "Nothing came. fprintf has put the 12 bytes into the buffer of the stream, which is memory of the child (`12 B unwritten`), and has called no write(2): that would come when the buffer is full. The program of the slide does nothing more either: break, and main ends, which is exit(3). Let the child call exit(0), and look at what that does.",
      predict = {
        ask = "12 bytes are on their way: Hello World and a newline. What will stand in recv, after fscanf(in, \"%s\", recv)?",
        truth = function(h) return word(h, { ret = 1 }) end,
        points = 1,
      },
      hints = {
        "exit(3) first writes what the buffers of all streams hold. _exit(2) does not.",
        "child exit(0)",
      },
      check = function(h)
        local read = h:find { actor = "parent", call = "fscanf", blocked = true, done = true }
        h:need(h:find { ev = "process", actor = "child", what = { "exit", "killed" } },
          read and "The text has arrived, and the child still lives. Let it exit as in the program."
          or "The child still lives, and its text stands in its buffer.")
        h:need(read and read.ret == 1,
          h:find { actor = "child", call = "_exit" }
          and "_exit(2) ended the child at once, without writing what its stream held: the text is lost, and the parent has read the end of file. `undo`, and exit(3)."
          or h:find { ev = "process", actor = "child", what = "killed" }
          and "The child was killed, and the text in its memory is gone with it. `undo`."
          or "The child has gone, and no word has come to the parent. `undo`.")
      end,
      solution = [[
answer Hello
child exit(0)]] },

    { id = "end", title = "The rest, and the end", points = 2,
      say = "exit(3) wrote the 12 bytes, and in that moment the parent woke. %s stops at the blank, so recv has Hello; the other bytes have been read along into the buffer of the parent's stream (`read ahead`). Let the parent read a word once more, into another variable, rest. Then a third time.",
      predict = {
        ask = "After those two words the pipe is empty again, as at the beginning. What does the third fscanf do?",
        choices = { "it waits", "it returns -1: end of file" },
        truth = function(h)
          local last = h:all { actor = "parent", call = "fscanf" }[3]
          return last and (last.waits and 1 or last.ret == -1 and 2)
        end,
        points = 1,
      },
      hints = {
        "parent fscanf(in, \"%s\", rest)",
        "The same line twice.",
      },
      check = function(h)
        local rest = h:find { actor = "parent", call = "fscanf", target = "World" }
        h:need(rest, "The parent has not read the second word yet.")
        h:need(h:find { actor = "parent", call = "fscanf", ret = -1, after = rest },
          h:find { actor = "parent", call = "fscanf", waits = true }
          and "It waits: a write end is still open somewhere. `why parent` says where."
          or "Now a third time: what does the parent read when nothing is left?")
      end,
      solution = [[
answer b
parent fscanf(in, "%s", rest)
parent fscanf(in, "%s", rest)]] },

    { id = "output", title = "The last line of the program", points = 2,
      say = "The column says W: - now. The child's write end was closed when it exited, it was the last one, and an empty pipe without a write end is the end of file. Had the parent kept its own, it would wait here for ever. One line of the program is left: let the parent printf(\"%s\", recv), see that nothing appears, and end it with exit(0).",
      hints = {
        "printf prints into a buffer as well: that of stdout.",
        "parent printf(\"%s\", recv)",
        "parent exit(0)",
      },
      check = function(h)
        local shown = h:find { ev = "output", actor = "parent", text = function(t) return t:find("^Hello") end }
        h:need(shown,
          h:find { actor = "parent", call = "_exit" } and "_exit(2) wrote nothing of what printf had left in the buffer. `undo`."
          or h:find { ev = "output", actor = "parent" } and "The parent has printed something else than recv."
          or h:find { actor = "parent", call = "printf" } and "printf was called, and the text stands in the buffer of stdout."
          or "The parent has not printed recv yet.")
        h:need(h:find { ev = "process", actor = "parent", what = "exit" }, "The parent still lives.")
      end,
      solution = [[
parent printf("%s", recv)
parent exit(0)]] },
  },

  also = {
    { name = "the child is made before the pipe: it has no end of it", points = 1, play = [[
parent fork(child)
parent pipe(pipefd)
child write(pipefd[1], "Hello World\n")]] },
    { name = "both close the end that they need", points = 3, play = [[
answer 2
parent pipe(pipefd)
answer 2
parent fork(child)
child close(pipefd[1])
parent close(pipefd[0])]] },
    { name = "nobody closes anything", points = 3, play = [[
parent pipe(pipefd)
answer 2
parent fork(child)
child write(pipefd[1], "Hello World\n")
parent read(pipefd[0], recv, 32)]] },
    { name = "the child prints before the parent reads: Hello was there, nobody waited", points = 8, play = [[
parent pipe(p)
answer 1
parent fork(child)
child close(p[0])
parent close(p[1])
child out = fdopen(p[1], "w")
child fprintf(out, "Hello World\n")
child exit(0)
parent in = fdopen(p[0], "r")
parent fscanf(in, "%s", word)
parent fscanf(in, "%s", word)
parent fscanf(in, "%s", word)]] },
    { name = "_exit loses the text", points = 10, play = [[
parent pipe(pipefd)
answer 2
parent fork(child)
child close(pipefd[0])
parent close(pipefd[1])
answer c
parent in = fdopen(pipefd[0], "r")
parent fscanf(in, "%s", recv)
answer b
child out = fdopen(pipefd[1], "w")
child fprintf(out, "Hello World\n")
child _exit(0)]] },
    { name = "write(2) instead of the stream", points = 8, play = [[
parent pipe(pipefd)
answer 2
parent fork(child)
parent close(pipefd[1])
child close(pipefd[0])
answer c
parent in = fdopen(pipefd[0], "r")
parent fscanf(in, "%s", recv)
answer a
child write(pipefd[1], "Hello World\n")
child exit(0)]] },
  },
}
