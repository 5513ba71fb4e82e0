local lab = require "ipclab"

-- The group that somebody was last seen in: it said so itself, or another has asked.
local function group(h, name)
  local said = h:last { actor = name, call = "getpgid", pid = { 0, name } } or h:last { call = "getpgid", pid = name }
  return said and said.ret
end

local function pid(h, name)
  local began = h:find { ev = "process", actor = name, what = { "spawn", "fork" } }
  return began and began.pid
end

local function killed(h, name)
  return h:find { ev = "process", actor = name, what = "killed" }
end

-- Ctrl+C, pressed since the task began: a signal to a group, by one call or the other.
local function pressed(h)
  return h:find { actor = "terminal", call = "killpg", ret = 0, after = h.began }
    or h:find { actor = "terminal", call = "kill", ret = 0, after = h.began, pid = function(p) return math.type(p) == "integer" and p <= 0 end }
end

-- Have both been killed by one and the same call of the terminal?
local function by_one_call(h, a, b)
  local first = h:last { actor = "terminal", call = { "kill", "killpg" }, before = killed(h, a) }
  local second = h:last { actor = "terminal", call = { "kill", "killpg" }, before = killed(h, b) }
  return first and second and first.seq == second.seq
end

return lab.guided {
  id = "ctrl-c", title = "Ctrl+C and process groups", minutes = 25,
  plugins = { "signal", "process" }, actors = { "terminal", "careless", "shell" },
  programs = { "/bin/true", "/bin/sleep", "/bin/cat", "/bin/echo" },
  man = { "setpgid(2)", "killpg(3)", "kill(2)", "signal(7)", "credentials(7)" },
  intro = [[
"If you type Ctrl+C, the OS sends the SIGINT signal to the running process." But a dozen processes run: the shell, what it has started in the background, and perhaps a pipeline of three programs. Which of them is meant?
The terminal knows nothing of commands. It knows one number, the process group in the foreground, and sends SIGINT to each process in that group. All else is done by the shell, which decides who is in which group.
There is no terminal in this world; the actor terminal does what the kernel's terminal driver does at Ctrl+C: killpg(GROUP, SIGINT). careless is a shell that has never heard of groups, and shell is one that has.]],
  outro = [[
execve had closed the door: once a child runs another program, its parent may not move it any more. Nobody can say who is quicker after fork, so real shells call setpgid twice, in the parent and in the child before its execve, and ignore that one of the two comes second.
A group is nothing but a number that processes share, and children inherit. fork puts a child into its parent's group, setpgid moves it, killpg reaches all who are in it. What a shell adds is the habit: one group a pipeline, and one of them in the foreground (tcsetpgrp(3) tells the terminal which).]],

  tasks = {
    { id = "group", title = "Where a child begins", points = 1,
      say = "Let careless fork a process called job. Then let both say with getpgid(0) in which group they are. A group is named by the pid of the process that leads it.",
      predict = {
        ask = "In which group does job begin?",
        choices = { "in none", "in one of its own, which it leads", "in the group of careless" },
        truth = function(h)
          local is = pid(h, "job") and group(h, "job")
          return is and (is == pid(h, "careless") and 3 or is == pid(h, "job") and 2 or 1)
        end,
        points = 1,
      },
      hints = { "careless fork(job)", "careless getpgid(0)", "job getpgid(0)" },
      check = function(h)
        h:need(pid(h, "job"), "There is no process job yet.")
        h:need(group(h, "job"), "Nobody has asked yet in which group job is.")
        h:need(group(h, "careless"), "And in which group is careless? One number alone says little.")
        h:need(group(h, "job") == pid(h, "careless"), "job has been moved to another group. In this task it stays where fork has put it: `undo`.")
      end,
      solution = { "answer c", "careless fork(job)", "careless getpgid(0)", "job getpgid(0)" } },

    { id = "both", title = "Ctrl+C", points = 2,
      say = "The child inherits the group, as it inherits nearly everything. Now let job wait in pause(), as a command that takes long, and press Ctrl+C: let terminal send SIGINT to the group that careless leads, with killpg(2).",
      predict = {
        ask = "Who is killed?",
        choices = { "job: it is the command that runs", "careless: the group has its number", "both", "nobody" },
        truth = function(h)
          local a, b = killed(h, "job"), killed(h, "careless")
          return pressed(h) and (a and b and 3 or a and 1 or b and 2 or 4)
        end,
        points = 1,
      },
      hints = { "job pause()", "killpg(2) takes the group, and an actor's name stands for the group that it leads.", "terminal killpg(careless, SIGINT)" },
      check = function(h)
        local a, b = killed(h, "job"), killed(h, "careless")
        h:need(a or b, h:find { actor = "terminal", call = { "kill", "killpg" }, errno = "ESRCH" }
          and "There is no such group (ESRCH). job leads none: it is in that of careless."
          or "Nobody has pressed Ctrl+C yet.")
        h:need(a and b, ("Only %s was killed: kill(2) with a pid reaches one process, and the terminal knows no pid. `undo`, and send to the group."):format(a and "job" or "careless"))
        h:need(a.sig == "SIGINT" and b.sig == "SIGINT", ("Ctrl+C is SIGINT; %s was killed by %s."):format(a.sig ~= "SIGINT" and "job" or "careless", a.sig ~= "SIGINT" and a.sig or b.sig))
        h:need(by_one_call(h, "job", "careless"), "It took two calls. The terminal makes one, to the group: `undo`.")
        h:need(h:find { actor = "job", call = "pause", blocked = true }, "job was idle when the signal came. `undo`, and let it pause() first.")
      end,
      solution = { "answer c", "job pause()", "terminal killpg(careless, SIGINT)" } },

    { id = "pipeline", title = "What a shell does", points = 3,
      say = "One group was hit, and the shell was in it: a shell that dies at Ctrl+C is of little use. Look at how it is done. For `left | right`, let shell fork left and right, and put both of them into one new group that left leads: setpgid(WHO, GROUP). Then let somebody ask for the group of left, of right, and of shell.",
      hints = {
        "A process leads a new group when both arguments of setpgid mean it: shell setpgid(left, left)",
        "shell setpgid(right, left)",
        "shell getpgid(left)",
        "shell getpgid(0)",
      },
      check = function(h)
        h:need(pid(h, "left") and pid(h, "right"), ("There is no process %s yet."):format(pid(h, "left") and "right" or "left"))
        for _, who in ipairs { "left", "right" } do
          local is = h:need(group(h, who), ("Nobody has asked yet in which group %s is."):format(who))
          h:need(is ~= pid(h, "shell"), h:find { call = "setpgid", errno = "EPERM" } and "A group can be joined when it exists (EPERM): first left has to lead one."
            or ("When it was asked, %s was in the group of the shell, as after fork."):format(who))
          h:need(is == pid(h, "left"), who == "right" and is == pid(h, "right") and "right leads a group of its own. Ctrl+C would reach one half of the pipeline: both have to be in one group."
            or ("%s is in group %d, which left does not lead."):format(who, is))
        end
        h:need(group(h, "shell"), "And in which group is the shell itself?")
        h:need(group(h, "shell") == pid(h, "shell"), "The shell has left its own group. It should stay where it was: `undo`.")
      end,
      solution = {
        "shell fork(left)", "shell fork(right)", "shell setpgid(left, left)", "shell setpgid(right, left)",
        "shell getpgid(left)", "shell getpgid(right)", "shell getpgid(0)",
      } },

    { id = "foreground", title = "Ctrl+C, once more", points = 3,
      say = "The shell has told the terminal that the group of left is in the foreground. Press Ctrl+C: SIGINT to that group. Then let the shell wait(2) for both, and look at what it learns.",
      predict = {
        ask = "Who gets the signal?",
        choices = { "left, which leads the group", "left and right", "left, right and the shell, their parent" },
        truth = function(h)
          return pressed(h) and (h:find { ev = "signal", actor = "shell", sig = "SIGINT" } and 3 or h:find { ev = "signal", actor = "right", sig = "SIGINT" } and 2 or 1)
        end,
        points = 1,
      },
      hints = { "terminal killpg(left, SIGINT)", "shell wait(status)" },
      check = function(h)
        h:need(not killed(h, "shell"), "The shell was killed: the signal went to its group. `undo`.")
        h:need(killed(h, "left") and killed(h, "right"), killed(h, "left") and "left is dead, right still lives. The signal has to go to the group: killpg, or kill with a negative number." or "Nobody has sent SIGINT to the group of left yet.")
        h:need(by_one_call(h, "left", "right"), "left and right were not killed by one call to their group. `undo`.")
        local learnt = h:count { actor = "shell", call = { "wait", "waitpid" }, done = true, signal = "SIGINT" }
        h:need(learnt > 0, "Both are dead, and zombies: the shell has not waited for them.")
        h:need(learnt > 1, "The shell has learnt of one of the two. Each wait takes one child.")
      end,
      solution = { "answer b", "terminal killpg(left, SIGINT)", "shell wait(status)", "shell wait(status)" } },

    { id = "background", title = "In the background", points = 3,
      say = "status says that SIGINT has ended them; so the shell knows that it was Ctrl+C, and begins a new line. Now a command in the background, `clock &`, and one in the foreground that has other plans for Ctrl+C: let shell fork clock and editor, and let each move itself into a group of its own with setpgid(0, 0). Let editor set a handler for SIGINT and pause(). Then press Ctrl+C for the group of editor.",
      predict = {
        ask = "What happens?",
        choices = {
          "editor and clock are killed: both are commands of the same shell",
          "editor is killed: that is what Ctrl+C is for",
          "editor's handler runs, and nobody is killed",
        },
        truth = function(h)
          local hit = h:find { ev = "signal", actor = "editor", sig = "SIGINT", from = "terminal" }
          return pressed(h) and hit and (killed(h, "clock") and 1 or killed(h, "editor") and 2 or 3)
        end,
        points = 1,
      },
      hints = { "shell fork(clock)", "editor setpgid(0, 0)", "editor signal(SIGINT, handler)", "terminal killpg(editor, SIGINT)" },
      check = function(h)
        h:need(pid(h, "clock") and pid(h, "editor"), ("There is no process %s yet."):format(pid(h, "clock") and "editor" or "clock"))
        for _, who in ipairs { "clock", "editor" } do
          h:need(h:find { actor = who, call = "setpgid", ret = 0 } or h:find { actor = "shell", call = "setpgid", pid = who, ret = 0 },
            ("%s is still in the group of the shell."):format(who))
        end
        local hit = h:find { ev = "signal", actor = "editor", sig = "SIGINT", from = "terminal" }
        h:need(hit, h:find { actor = "editor", call = { "signal", "sigaction" }, sig = "SIGINT" } and "editor is prepared. Nobody has pressed Ctrl+C yet." or "editor has no handler for SIGINT yet.")
        h:need(hit.action == "handler", "editor had no handler for SIGINT when it came, and the default action was taken. `undo`, and set one first.")
        h:need(not h:find { ev = "signal", actor = "clock", sig = "SIGINT" }, "clock got the signal, too. In the background it should not: `undo`.")
        h:need(h:find { actor = "editor", call = "pause", errno = "EINTR" }, "The handler has run, but editor was not waiting. Let it pause(), and press Ctrl+C again.")
      end,
      solution = {
        "answer c", "shell fork(clock)", "shell fork(editor)", "clock setpgid(0, 0)", "editor setpgid(0, 0)",
        "editor signal(SIGINT, handler)", "editor pause()", "terminal killpg(editor, SIGINT)",
      } },

    { id = "late", title = "Too late", points = 2,
      say = "The group decides who gets the signal, the receiver decides what it does: editors and debuggers live on, and clock has noticed nothing. One question is left: who calls setpgid, the shell or the child? Let shell fork late, let late run another program with execve(\"/bin/true\"), and only then let the shell put it into a group of its own.",
      predict = {
        ask = "What does the shell's setpgid return?",
        choices = { "0", "-1, and errno is EACCES", "-1, and errno is ESRCH: the child is gone" },
        truth = function(h)
          local try = h:find { actor = "shell", call = "setpgid", pid = "late" }
          return try and (try.ret == 0 and 1 or try.errno == "EACCES" and 2 or 3)
        end,
        points = 1,
      },
      hints = { "shell fork(late)", "late execve(\"/bin/true\")", "shell setpgid(late, late)" },
      check = function(h)
        h:need(pid(h, "late"), "There is no process late yet.")
        local try = h:find { actor = "shell", call = "setpgid", pid = "late" }
        h:need(h:find { ev = "process", actor = "late", what = "exec" }, try and try.ret == 0
          and "setpgid came in time: late had not run its program yet. `undo`, and let it execve first." or "late does not run another program yet.")
        h:need(try, "The shell has not tried to move late yet.")
        h:need(try.errno == "EACCES", "setpgid came in time: late had not run its program yet. `undo`, and let it execve first.")
      end,
      solution = { "answer b", "shell fork(late)", "late execve(\"/bin/true\")", "shell setpgid(late, late)" } },
  },

  also = {
    { name = "Ctrl+C is a signal for the command alone", points = 2, play = [[
answer c
careless fork(job)
job getpgid()
terminal getpgid(careless)
answer a
job pause()
terminal kill(job, SIGINT)]] },
    { name = "a child has a group of its own", points = 3, play = [[
answer b
careless fork(job)
job getpgid(0)
careless getpgid(0)
answer a
job pause()
terminal kill(-careless, SIGINT)]] },
    { name = "two calls instead of one to the group", points = 1, play = [[
careless fork(job)
job getpgid(0)
careless getpgid(0)
job pause()
terminal kill(job, SIGINT)
terminal kill(careless, SIGINT)]] },
    { name = "each half of the pipeline has its own group", points = 3, play = [[
careless fork(job)
job getpgid(0)
careless getpgid(0)
job pause()
terminal killpg(careless, SIGINT)
shell fork(left)
shell fork(right)
left setpgid(0, 0)
right setpgid(0, 0)
shell getpgid(left)
shell getpgid(right)
shell getpgid(0)
terminal killpg(left, SIGINT)
shell wait(status)]] },
    { name = "the children move themselves, and one is waited for by name", points = 9, play = [[
careless fork(job)
job getpgid(0)
careless getpgid(0)
job pause()
terminal killpg(careless, SIGINT)
shell fork(left)
left setpgid(0)
shell fork(right)
right setpgid(0, left)
left getpgid(0)
right getpgid(0)
shell getpgid(0)
left pause()
terminal kill(-left, SIGINT)
shell waitpid(right, status)
shell wait(s)
shell fork(clock)
shell fork(editor)
clock setpgid(0, 0)
editor setpgid(0, 0)
editor pause()
terminal killpg(editor, SIGINT)]] },
  },
}
