# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines, and labs, that several files of tests use."""

# Of everything that has a number which the kernel chose.
MANY = """spawn a
a x = shmget(77, 10, IPC_CREAT|0600)
a m = shmat(x)
a strcpy(m, "hi")
a fork(c)
c exit(2)
a waitpid(c, st)
a getpid()
a getppid()
a print x
a n = 7
a print n
a print m
- a kill(c, SIGUSR1)
a q = msgget(5, IPC_CREAT|0600)
a s = semget(5, 2, IPC_CREAT|0600)
a semctl(s, 0, SETVAL, 3)
a shmctl(x, IPC_STAT)
a pipe(p)
a fork(d)
d read(p[0], b, 8)
a write(p[1], "abc")
a shmctl(x, IPC_RMID)"""

# A lab of two tasks, and what gets all points in it.
TWO = r"""local lab = require "ipclab"
return lab.guided {
  id = "two", title = "Two tasks", actors = { "a", "b" },
  tasks = {
    { id = "make", points = 3, say = "Let a make a pipe.", title = "A pipe",
      hints = { { "pipe(2) takes an array.", cost = 1 }, "a pipe(p)" },
      check = function(h)
        h:need(h:find { actor = "a", call = "pipe", ret = 0 }, "a has made no pipe yet.")
      end,
      solution = "a pipe(p)" },
    { id = "use", points = 2, say = "Let a write 'hi' into it.", needs = { "make" },
      check = function(h)
        h:need(h:find { actor = "a", call = "write", ret = function(n) return n > 0 end, buf = "hi" }, "Nobody has written 'hi'.")
      end,
      solution = "a write(p[1], \"hi\")" },
  },
}
"""
RIGHT = ["a pipe(p)", 'a write(p[1], "hi")']
