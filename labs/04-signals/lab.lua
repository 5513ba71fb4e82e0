local lab = require "ipclab"
local SIG = lab.param("signal", { "SIGUSR1", "SIGUSR2" })

-- A handler that ran in the child, having interrupted a call or not.
local function handled(h, query)
  query.ev, query.actor, query.sig, query.action = "signal", query.actor or "child", SIG, "handler"
  return h:find(query)
end

return lab.guided {
  id = "signals", title = "Signals: default, handler, ignored, SIGKILL", minutes = 20,
  plugins = { "signal", "process" }, actors = { "parent" },
  man = { "signal(7)", "signal(2)", "kill(2)", "pause(2)", "wait(2)" },
  intro = ([[
A signal is a small number that one process sends to another: "something has happened". No data goes with it. The receiver did not ask for it and may be anywhere in its program when it comes.
What then happens is decided by the receiver, for each signal, beforehand: the default action (for most signals: die), a function of its own (a handler), or nothing at all (ignore).
You lead the parent and the children that it makes, and send %s, which has no meaning of its own: programs may use it as they like.]]):format(SIG),
  outro = [[
The same kill(2) had four effects: it killed, it was caught, it was thrown away, and it could not be caught. The sender did nothing different. Read signal(7), "Signal dispositions", with what you have seen in mind.]],

  tasks = {
    { id = "default", title = "Nobody is prepared", points = 2,
      say = ("Let the parent fork a process called child. Let the child wait for a signal with pause(), and let the parent send it %s with kill(2). Look at the line of the signal: it says which action was taken."):format(SIG),
      predict = {
        ask = ("The child has never heard of %s. What does the signal do to it?"):format(SIG),
        choices = {
          "nothing: a signal that nobody expects is thrown away",
          "pause() returns, and the child goes on",
          "the child dies",
        },
        truth = function(h)
          local sent = h:find { ev = "signal", actor = "child", sig = SIG }
          return sent and (sent.action == "default" and 3 or sent.action == "ignored" and 1 or 2)
        end,
        points = 1,
      },
      hints = {
        "fork(2) takes the name of the child here: parent fork(child). An actor's name stands for its pid wherever a pid is wanted.",
        "child pause()",
        ("parent kill(child, %s)"):format(SIG),
      },
      check = function(h)
        local killed = h:find { ev = "process", actor = "child", what = "killed" }
        local idle = killed and not h:find { actor = "child", call = "pause", blocked = true }
        h:need(killed or h:find { ev = "process", actor = "child", what = "fork" },
          lab.text("default.none", "There is no child yet."))
        h:need(killed,
          handled(h, {}) and lab.text("default.handler", "The child had a handler. In this task it should be unprepared: `undo` the line that set it.")
          or h:find { ev = "signal", actor = "child", action = "ignored" } and lab.text("default.ignored", "The child ignores the signal. In this task it should be unprepared: `undo` the line that says so.")
          or h:find { actor = "child", call = "pause", waits = true } and lab.text("default.waits", "The child waits. Nobody has sent it anything.")
          or lab.text("default.lives", "The child still lives."))
        h:need(killed.sig == SIG, lab.text("default.other", "The child was killed by %s. Send it %s."):format(killed.sig, SIG))
        h:need(not idle, lab.text("default.idle", "The signal came before the child had called pause(). `undo`, and let it wait first."))
      end,
      solution = ([[
answer c
parent fork(child)
child pause()
parent kill(child, %s)]]):format(SIG) },

    { id = "status", title = "What the parent learns", points = 1,
      say = "The child is dead, but `ps` still shows it, as a zombie: the kernel keeps how it ended until its parent asks. Let the parent ask, with wait(2), and look at status.",
      hints = {
        "parent wait(status)",
      },
      check = function(h)
        local reaped = h:find { actor = "parent", call = { "wait", "waitpid" }, done = true, signal = SIG }
        h:need(reaped, h:find { actor = "parent", call = { "wait", "waitpid" }, errno = "ECHILD" }
          and lab.text("status.none", "The parent had no child to wait for (ECHILD).")
          or lab.text("status.unasked", "The parent has not asked yet."))
      end,
      solution = "parent wait(status)" },

    { id = "handler", title = "A handler", points = 2,
      say = ("A second child, called careful: let the parent fork it, let it set a handler for %s with signal(2), then pause(), then send it the signal. The name `handler` stands for a function that writes down what it saw."):format(SIG),
      hints = {
        "parent fork(careful)",
        ("careful signal(%s, handler)"):format(SIG),
        "careful pause()",
        ("parent kill(careful, %s)"):format(SIG),
      },
      check = function(h)
        local ran = handled(h, { actor = "careful" })
        local set = h:find { actor = "careful", call = { "signal", "sigaction" }, ret = function(r) return r ~= -1 end }
        h:need(h:find { ev = "process", actor = "careful", what = "fork" }, lab.text("handler.none", "There is no process careful yet."))
        h:need(ran,
          h:find { ev = "process", actor = "careful", what = "killed" } and lab.text("handler.dead", "The signal came while careful had no handler for it, and killed it. `undo`, and set the handler first.")
          or set and lab.text("handler.unsent", "The handler is set. It runs when the signal comes, and none has come.")
          or lab.text("handler.unset", "careful has no handler for %s yet."):format(SIG))
        h:need(h:find { actor = "careful", call = "pause", errno = "EINTR" },
          lab.text("handler.idle", "The handler has run, but it has interrupted nothing: let careful pause() and send the signal again."))
      end,
      solution = ([[
parent fork(careful)
careful signal(%s, handler)
careful pause()
parent kill(careful, %s)]]):format(SIG, SIG) },

    { id = "early", title = "A signal that comes too early", points = 1,
      say = ("pause() waits for the next signal, not for one that has been. Send careful %s once more, while it is not waiting, and only then let it pause()."):format(SIG),
      predict = {
        ask = "The handler runs. What does pause() do afterwards?",
        choices = { "it returns at once: a signal has come", "it waits" },
        truth = function(h)
          local late = h:find { actor = "careful", call = "pause", after = h.began }
          return late and (late.blocked and 2 or 1)
        end,
        points = 1,
      },
      hints = {
        ("parent kill(careful, %s)"):format(SIG),
        "careful pause()",
      },
      check = function(h)
        local early = h:find { ev = "signal", actor = "careful", sig = SIG, action = "handler", after = h.began }
        h:need(early, lab.text("early.unsent", "No signal has come to careful since the last task."))
        h:need(not early.interrupted, lab.text("early.waiting", "The signal ended a pause(). Send the next one while careful waits for nothing."))
        h:need(h:find { actor = "careful", call = "pause", blocked = true, after = early },
          lab.text("early.idle", "The handler has run. Now let careful pause()."))
      end,
      solution = ([[
answer b
parent kill(careful, %s)
careful pause()]]):format(SIG) },

    { id = "ignored", title = "Deaf", points = 2,
      say = ("Between the test and the pause() a signal can get lost like that: sigsuspend(2) exists for it. `interrupt careful` wakes it up now. Then let careful ignore %s, send it, and look at what the line says."):format(SIG),
      hints = {
        "The second argument of signal(2) is a handler, SIG_DFL or SIG_IGN.",
        ("careful signal(%s, SIG_IGN)"):format(SIG),
        ("parent kill(careful, %s)"):format(SIG),
      },
      check = function(h)
        h:need(h:find { ev = "signal", actor = "careful", sig = SIG, action = "ignored" },
          h:find { actor = "careful", call = { "signal", "sigaction" }, handler = "SIG_IGN" }
          and lab.text("ignored.unsent", "careful ignores the signal now. Send it.")
          or h:find { actor = "careful", call = "pause", waits = true }
          and lab.text("ignored.waits", "careful still waits in pause(), and can call nothing meanwhile. `interrupt careful`.")
          or lab.text("ignored.hears", "careful does not ignore the signal yet."))
      end,
      solution = ([[
interrupt careful
careful signal(%s, SIG_IGN)
parent kill(careful, %s)]]):format(SIG, SIG) },

    { id = "kill", title = "The one that nobody can catch", points = 2,
      say = "Let careful try to ignore SIGKILL, or to set a handler for it. Then send it SIGKILL.",
      predict = {
        ask = "What does signal(SIGKILL, SIG_IGN) return?",
        choices = { "0, the action that was set before", "-1, and errno is EINVAL", "-1, and errno is EPERM" },
        truth = function(h)
          local try = h:find { actor = "careful", call = { "signal", "sigaction" }, sig = "SIGKILL" }
          return try and (try.errno == "EINVAL" and 2 or try.errno == "EPERM" and 3 or 1)
        end,
        points = 1,
      },
      hints = {
        "careful signal(SIGKILL, SIG_IGN)",
        "parent kill(careful, SIGKILL)",
      },
      check = function(h)
        h:need(h:find { actor = "careful", call = { "signal", "sigaction" }, errno = "EINVAL" },
          lab.text("kill.untried", "careful has not tried to be spared yet."))
        local killed = h:find { ev = "process", actor = "careful", what = "killed" }
        h:need(killed, lab.text("kill.lives", "careful still lives."))
        h:need(killed.sig == "SIGKILL", lab.text("kill.other", "careful was killed by %s, which it could have caught."):format(killed.sig))
      end,
      solution = [[
answer b
careful signal(SIGKILL, SIG_IGN)
parent kill(careful, SIGKILL)]] },
  },

  also = {
    { name = "the signal is sent before the child waits", points = 0, play = ([[
parent fork(child)
parent kill(child, %s)]]):format(SIG) },
    { name = "SIGKILL at once", points = 0, play = [[
parent fork(child)
child pause()
parent kill(child, SIGKILL)]] },
    { name = "a handler from the beginning", points = 0, play = ([[
parent fork(child)
child signal(%s, handler)
child pause()
parent kill(child, %s)]]):format(SIG, SIG) },
    { name = "the wrong answer, all else right", points = 3, play = ([[
answer a
parent fork(child)
child pause()
parent kill(child, %s)
parent waitpid(child, s)]]):format(SIG) },
    { name = "careful is killed before it has its handler", points = 4, play = ([[
answer c
parent fork(child)
child pause()
parent kill(child, %s)
parent wait(status)
parent fork(careful)
parent kill(careful, %s)]]):format(SIG, SIG) },
  },
}
