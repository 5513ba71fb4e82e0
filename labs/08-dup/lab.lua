local lab = require "ipclab"
local WORD = lab.param("word", { "apple", "banana", "cherry", "damson", "elder", "fig" })

-- What an actor has read since then, in however many pieces.
local function has_read(h, actor, after)
  local text = ""
  for _, r in ipairs(h:all { actor = actor, call = { "read", "pread" }, after = after, ret = function(n) return n > 0 end }) do
    text = text .. r.buf
  end
  return text
end

-- The last call that made this number a copy of a descriptor.
local function copied(h, actor, number)
  return h:last { actor = actor, call = { "dup", "dup2", "dup3", "fcntl" }, ret = number }
end

-- What it is a copy of: fcntl calls its descriptor fd, the others oldfd.
local function original(copy)
  return copy.oldfd or copy.fd
end

local function process(h, actor, what)
  return h:find { ev = "process", actor = actor, what = what }
end

return lab.guided {
  id = "dup", title = "A shell's a | b, by hand", minutes = 25,
  plugins = { "file", "pipe", "process" }, actors = { "shell" },
  programs = { "/bin/echo", "/usr/bin/tr", "/bin/cat", "/bin/true" },
  man = { "dup(2)", "pipe(2)", "fork(2)", "execve(2)", "pipe(7)" },
  intro = [[
echo knows nothing of files and pipes. It writes to descriptor 1, and what stands behind that number somebody else has arranged before echo began. That somebody is the shell, and its tool is dup(2): it copies a descriptor, so that two numbers mean the same open file.
You are the shell. At the end a pipeline runs that you have made call by call: echo | tr.]],
  outro = [[
Only when no write end was left did tr's read return 0; that is how a program in a pipeline learns that its input is over. A shell that forgets to close its own ends has pipelines that never finish, and no error message to find it by.
Everything that `a | b` needs was between fork and execve: the child arranges its own descriptors, and the program inherits them without knowing. That is why Unix makes two calls of what could be one.]],

  tasks = {
    { id = "copy", title = "Two numbers, one open file", points = 2,
      say = "Let shell open a file called log, to read and write, with O_CREAT; copy the descriptor with dup(2); write two bytes through the first number, and two through the copy. Look at the size of the file and at the offset after each write.",
      predict = {
        ask = "\"ab\" is written through one number and \"cd\" through its copy. How many bytes has the file then?",
        truth = function(h)
          local copy = h:find { actor = "shell", call = { "dup", "dup2", "dup3" }, ret = function(fd) return fd > 2 end }
          local one = copy and h:find { actor = "shell", call = "write", fd = original(copy), ret = 2 }
          local two = copy and h:find { actor = "shell", call = "write", fd = copy.ret, ret = 2 }
          return one and two and (h:before(one, two) and two or one).state.size
        end,
        points = 1,
      },
      hints = {
        "shell fd = open(\"log\", O_CREAT|O_RDWR, 0644)",
        "shell copy = dup(fd)",
        "shell write(fd, \"ab\")",
        "shell write(copy, \"cd\")",
      },
      check = function(h)
        local file = h:need(h:find { actor = "shell", call = "open", ret = function(fd) return fd >= 0 end }, "The shell has opened no file yet.")
        local copy = h:find { actor = "shell", call = { "dup", "dup2", "dup3" }, obj = file.obj }
        h:need(copy, h:count { actor = "shell", call = "open" } > 1
          and "The file was opened twice. That gives two open files with an offset each, and the second writes over what the first has written. dup copies the number only."
          or "There is no copy of the descriptor yet.")
        local one = h:find { actor = "shell", call = "write", fd = original(copy), ret = function(n) return n > 0 end }
        local two = h:find { actor = "shell", call = "write", fd = copy.ret, ret = function(n) return n > 0 end }
        h:need(one or two, h:find { actor = "shell", call = "write", errno = "EBADF" }
          and "write has failed (EBADF): the file was not opened to write. `undo`, and open it with O_RDWR." or "Nothing was written into the file yet.")
        h:need(one, ("Nothing was written through descriptor %d yet."):format(original(copy)))
        h:need(two, ("Nothing was written through the copy, descriptor %d, yet."):format(copy.ret))
      end,
      solution = {
        "answer 4", "shell fd = open(\"log\", O_CREAT|O_RDWR, 0644)", "shell copy = dup(fd)",
        "shell write(fd, \"ab\")", "shell write(copy, \"cd\")",
      } },

    { id = "redirect", title = "echo > greeting", points = 3,
      say = ("The second write went on where the first had ended: the offset belongs to the open file, and both numbers mean that. Now `echo %s > greeting`. Let shell fork a process called child. In the child, open greeting to write, make descriptor 1 a copy of it with dup2(2), close the other number, and run /bin/echo with execve(2). Then let the shell open greeting and read it."):format(WORD),
      predict = {
        ask = "echo writes to descriptor 1. It is another program now: where does its output go?",
        choices = { "it is shown: a new program begins with new descriptors", "into the file" },
        truth = function(h)
          local ran = process(h, "child", "exec")
          if h:find { ev = "output", actor = "child" } then return 1 end
          return ran and has_read(h, "shell", ran):find(WORD, 1, true) and 2
        end,
        points = 1,
      },
      hints = {
        "child fd = open(\"greeting\", O_CREAT|O_WRONLY, 0644)",
        "dup2(2) takes the descriptor to copy, then the number that the copy gets: child dup2(fd, 1)",
        ("child execve(\"/bin/echo\", \"echo\", \"%s\")"):format(WORD),
        "To look: open it in the shell, with O_RDONLY, and read(2).",
      },
      check = function(h)
        h:need(process(h, "child", "fork"), "There is no process child yet.")
        h:need(process(h, "child", "exec"),
          copied(h, "child", 1) and "Descriptor 1 is the file. Now let the child run /bin/echo."
          or h:find { actor = "child", call = { "dup2", "dup3" }, oldfd = 1 } and "dup2 has copied descriptor 1 over the file's. The first argument is what is copied, the second the number that it gets: `undo`."
          or "The child does not run echo yet.")
        h:need(not h:find { ev = "output", actor = "child", text = function(t) return t:find(WORD, 1, true) end },
          "echo has written where descriptor 1 always was. `undo`: before the execve, descriptor 1 has to be a copy of the file's.")
        local looked = has_read(h, "shell", process(h, "child", "exec"))
        h:need(looked ~= "", "echo has run. What stands in greeting? Let the shell open and read it.")
        h:need(looked:find(WORD, 1, true), ("The shell has read something else. greeting should have the word %s in it."):format(WORD))
      end,
      solution = {
        "answer b", "shell fork(child)", "child fd = open(\"greeting\", O_CREAT|O_WRONLY, 0644)", "child dup2(fd, 1)",
        "child close(fd)  # optional", ("child execve(\"/bin/echo\", \"echo\", \"%s\")"):format(WORD),
        "shell in = open(\"greeting\", O_RDONLY)", "shell read(in, buf, 64)",
      } },

    { id = "pipe", title = "A pipe and two children", points = 1,
      say = "execve replaced the program and its memory, and left the descriptors alone. The same with a pipe: let shell make one, and then fork left and right. The order matters: the children inherit what is there when they begin.",
      hints = { "shell pipe(p)", "shell fork(left)", "shell fork(right)" },
      check = function(h)
        local made = h:need(h:find { actor = "shell", call = { "pipe", "pipe2" }, ret = 0 }, "The shell has made no pipe yet.")
        for _, who in ipairs { "left", "right" } do
          local began = h:need(process(h, who, "fork"), ("There is no process %s yet."):format(who))
          h:need(h:before(made, began), ("%s was forked before there was a pipe, and has no end of it. `undo`."):format(who))
        end
      end,
      solution = { "shell pipe(p)", "shell fork(left)", "shell fork(right)" } },

    { id = "ends", title = "Who has which end", points = 4,
      say = "Each of the three processes has both ends now, six in all; `fds` shows them. Let left make its descriptor 1 a copy of the write end, and right its descriptor 0 a copy of the read end. Then let each close the two numbers that pipe(2) gave: only 1 and 0 are left to them. Leave the shell's alone for now.",
      hints = {
        "left dup2(p[1], 1)",
        "right dup2(p[0], 0)",
        "left close(p[0])",
        "right close(p[1])",
      },
      check = function(h)
        local made = h:need(h:find { actor = "shell", call = { "pipe", "pipe2" }, ret = 0 }, "There is no pipe.")
        local reads, writes = made.pipefd[1], made.pipefd[2]
        for _, child in ipairs { { "left", 1, writes }, { "right", 0, reads } } do
          local who, number, end_of = table.unpack(child)
          local copy = copied(h, who, number)
          h:need(copy and copy.obj == made.obj, ("Descriptor %d of %s is not the pipe yet."):format(number, who))
          h:need(original(copy) == end_of, ("%s has the wrong end: descriptor %d is a copy of %d. p[0] is for reading, p[1] for writing. `undo`."):format(who, number, original(copy)))
          h:need(not h:find { actor = who, call = "close", fd = number, after = copy }, ("%s has closed its copy, descriptor %d. `undo`."):format(who, number))
          for _, fd in ipairs { reads, writes } do
            h:need(made.call == "pipe2" or h:find { actor = who, call = "close", fd = fd, ret = 0 },
              ("%s still has descriptor %d, which the program that it becomes will not know of."):format(who, fd))
          end
        end
      end,
      solution = {
        "left dup2(p[1], 1)", "left close(p[0])", "left close(p[1])",
        "right dup2(p[0], 0)", "right close(p[0])", "right close(p[1])",
      } },

    { id = "run", title = "Two programs", points = 3,
      say = ("Let right become tr, which makes capitals of small letters: execve(\"/usr/bin/tr\", \"tr\", \"a-z\", \"A-Z\"). Then let left become /bin/echo with the word %s. tr reads descriptor 0 until read returns 0, and only then writes what it has."):format(WORD),
      predict = {
        ask = "echo writes its word and ends. What does tr do?",
        choices = {
          "it prints the word in capitals, and ends: nobody who could write is left",
          "it has the word, and waits for more",
          "it is killed by SIGPIPE",
        },
        truth = function(h)
          if not (process(h, "left", "exit") and process(h, "right", "exec")) then return nil end
          return process(h, "right", "exit") and 1 or process(h, "right", "killed") and 3 or 2
        end,
        points = 1,
      },
      hints = {
        "right execve(\"/usr/bin/tr\", \"tr\", \"a-z\", \"A-Z\")",
        ("left execve(\"/bin/echo\", \"echo\", \"%s\")"):format(WORD),
      },
      check = function(h)
        for _, who in ipairs { "right", "left" } do
          h:need(process(h, who, "exec"), ("%s does not run another program yet."):format(who))
        end
        h:need(process(h, "left", "exit"), "left has not ended: echo is over at once, another program may not be.")
        h:need(not h:find { ev = "output", actor = "left" }, "left has written past the pipe: its descriptor 1 was no copy of the write end. `undo`.")
      end,
      solution = {
        "answer b", "right execve(\"/usr/bin/tr\", \"tr\", \"a-z\", \"A-Z\")", ("left execve(\"/bin/echo\", \"echo\", \"%s\")"):format(WORD),
      } },

    { id = "end", title = "Who could still write?", points = 3,
      say = "echo has ended, and tr waits. Look at `objects` or `fds`: W of the pipe says who has its write end open. It is you, the shell, and the kernel cannot know that you never mean to write. Let the shell close both of its ends, and then wait(2) for both children.",
      hints = { "shell close(p[1])", "shell close(p[0])", "shell wait(status)" },
      check = function(h)
        local made = h:need(h:find { actor = "shell", call = { "pipe", "pipe2" }, ret = 0 }, "There is no pipe.")
        h:need(h:find { actor = "shell", call = "close", fd = made.pipefd[2], ret = 0 }, "The shell still has the write end of the pipe.")
        h:need(h:find { actor = "shell", call = "close", fd = made.pipefd[1], ret = 0 },
          "The shell still has the read end. It does not keep tr from ending, but a left that writes on would never get SIGPIPE.")
        h:need(process(h, "right", "exit"), "right has not ended. Who has a write end? See `fds`.")
        h:need(h:find { ev = "output", actor = "right", text = function(t) return t:find(WORD:upper(), 1, true) end },
          ("right has ended, and has not written %s."):format(WORD:upper()))
        for _, who in ipairs { "left", "right" } do
          h:need(process(h, who, "reaped"), ("%s is a zombie: the shell has not waited for it."):format(who))
        end
      end,
      solution = { "shell close(p[1])", "shell close(p[0])", "shell wait(status)", "shell wait(status)", "shell wait(status)" } },
  },

  also = {
    { name = "opened twice instead of copied", points = 0, play = [[
answer 2
shell fd = open("log", O_CREAT|O_RDWR, 0644)
shell two = open("log", O_RDWR)
shell write(fd, "ab")
shell write(two, "cd")]] },
    { name = "the arguments of dup2 swapped", points = 3, play = ([[
answer 4
shell a = open("log", O_CREAT|O_RDWR, 0600)
shell b = dup2(a, 9)
shell write(b, "ab")
shell write(a, "cd")
answer b
shell fork(child)
child fd = open("greeting", O_CREAT|O_WRONLY, 0644)
child dup2(1, fd)
child execve("/bin/echo", "echo", "%s")
shell in = open("greeting", O_RDONLY)
shell read(in, buf, 64)]]):format(WORD) },
    { name = "the children are forked before the pipe", points = 6, play = ([[
shell fd = open("log", O_CREAT|O_RDWR, 0600)
shell copy = dup(fd)
shell write(fd, "1")
shell write(copy, "2")
answer b
shell fork(child)
child close(1)
child open("greeting", O_CREAT|O_WRONLY, 0644)
child execve("/bin/echo", "echo", "%s")
shell in = open("greeting", O_RDONLY)
shell read(in, buf, 3)
shell read(in, buf, 60)
shell fork(left)
shell fork(right)
shell pipe(p)]]):format(WORD) },
    { name = "right keeps the write end, and waits for itself", points = 11, play = ([[
answer 4
shell fd = open("log", O_CREAT|O_RDWR, 0644)
shell copy = dup(fd)
shell write(fd, "ab")
shell write(copy, "cd")
answer b
shell fork(child)
child fd = open("greeting", O_CREAT|O_WRONLY, 0644)
child dup2(fd, 1)
child execve("/bin/echo", "echo", "%s")
shell in = open("greeting", O_RDONLY)
shell read(in, buf, 64)
shell pipe(p)
shell fork(left)
shell fork(right)
left dup2(p[1], 1)
left close(p[0])
left close(p[1])
right dup2(p[0], 0)
right close(p[0])
right execve("/usr/bin/tr", "tr", "a-z", "A-Z")
left execve("/bin/echo", "echo", "%s")
shell close(p[0])
shell close(p[1])
shell waitpid(left, status)]]):format(WORD, WORD) },
  },
}
