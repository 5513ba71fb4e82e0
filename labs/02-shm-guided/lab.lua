local lab = require "ipclab"
local KEY, LETTERS = lab.param("key", 5000, 5999), "abcdefghijklmnopqrstuvwxyz"

return lab.guided {
  id = "shm-guided", title = "Shared memory, hands on", minutes = 20,
  plugins = { "shm" }, actors = { "server", "client" },
  man = { "shmget(2)", "shmat(2)", "shm_overview(7)" },
  intro = [[
Two processes share no memory: what one of them writes, the other cannot see. A shared memory segment is the exception. The kernel keeps it, each process that knows its key can have it mapped into its own addresses, and from then on both read and write the same bytes, without any further system call.
You lead two real processes, server and client. A line says who acts, then what it does, as it would stand in that process's C program. Any line may be typed at any time; the lab only looks at what happened.]],

  tasks = {
    { id = "create", title = "A segment", points = 2,
      say = ("Let the server create a segment with key %d that can hold a..z and the NUL that ends the text."):format(KEY),
      hints = {
        "shmget(2) takes a key, a size in bytes and flags. 26 letters and a NUL are 27 bytes.",
        "Without IPC_CREAT shmget only finds what is there already. The permissions are ored to the flags: IPC_CREAT|0666.",
        ("server shmid = shmget(%d, 27, IPC_CREAT|0666)"):format(KEY),
      },
      check = function(h)
        local early = h:find { actor = "client", call = "shmget", errno = "ENOENT" }
        local other = h:find { actor = "server", call = "shmget", created = true }
        local made = h:last { actor = "server", call = "shmget", created = true, key = KEY }
        h:need(made,
          other and lab.text("create.other", "The server has created a segment, but with key %d. The client looks for key %d."):format(other.key, KEY)
          or early and lab.text("create.early", "The client looked before anyone had created the segment (ENOENT). Somebody has to create it first.")
          or lab.text("create.none", "The server has not created a segment with key %d yet."):format(KEY))
        h:need(made.size >= 27,
          lab.text("create.small", "%d bytes cannot hold 26 letters and a NUL. `undo` takes the line back."):format(made.size))
      end,
      solution = ("server shmid = shmget(%d, 27, IPC_CREAT|0666)"):format(KEY) },

    { id = "attach", title = "Into the server's memory", points = 1,
      say = "shmget has given the server a number, the id of the segment, and no memory yet. Let the server attach the segment, and keep the address.",
      hints = {
        "shmat(2) takes the id, and returns the address at which the process now sees the segment.",
        "server shm = shmat(shmid, NULL, 0)",
      },
      check = function(h)
        local attached = h:find { actor = "server", call = "shmat", ret = function(address) return address ~= -1 end }
        h:need(attached, lab.text("attach.none", "The server has not attached a segment yet."))
        h:need(attached.key == KEY, lab.text("attach.other", "The server has attached another segment, not the one with key %d."):format(KEY))
      end,
      solution = "server shm = shmat(shmid, NULL, 0)" },

    { id = "write", title = "The server writes", points = 1,
      say = "Let the server write the letters a to z into the segment, as one text.",
      hints = {
        "Plain C: strcpy(where, \"text\"). No system call is needed to write to memory that is attached.",
        ("server strcpy(shm, \"%s\")"):format(LETTERS),
      },
      check = function(h)
        h:need(h:find { actor = "server", call = { "strcpy", "memcpy", "store" }, src = LETTERS },
          lab.text("write.none", "The letters a to z are not in the segment yet."))
      end,
      solution = ("server strcpy(shm, \"%s\")"):format(LETTERS) },

    { id = "find", title = "The client finds it", points = 2,
      say = "Now the client. It shares no variable with the server: neither shmid nor shm mean anything there. Let it find the segment by its key, attach it, and print what stands there.",
      predict = {
        ask = "The server called shmget with 27 bytes. How many processes have the segment attached, once the client has?",
        truth = function(h)
          local attached = h:find { actor = "client", call = "shmat", key = KEY }
          return attached and attached.state.nattch
        end,
        points = 1,
      },
      hints = {
        "The same two calls as in the server, with the same key. This time nothing is to be created.",
        ("client shm = shmat(shmget(%d, 27, 0666), NULL, 0)"):format(KEY),
        "client print shm",
      },
      check = function(h)
        local found = h:find { actor = "client", call = "shmget", key = KEY, errno = "ENOENT" }
        h:need(h:find { actor = "client", call = "shmat", key = KEY },
          found and lab.text("find.early", "When the client looked, there was no segment with this key.")
          or lab.text("find.none", "The client has not attached the segment with key %d yet."):format(KEY))
        h:need(h:find { actor = "client", call = "print", value = LETTERS },
          lab.text("find.unseen", "The client has not printed the letters yet."))
      end,
      solution = ([[
answer 2
client shm = shmat(shmget(%d, 27, 0666), NULL, 0)
client print shm]]):format(KEY) },

    { id = "wait", title = "The server waits", points = 2,
      say = "Let the server wait until the first byte is '*', and then let the client write it there. In the C program that is: while (*shm != '*') sleep(1);",
      predict = {
        ask = "The client writes the '*'. What wakes the server?",
        choices = {
          "the kernel: the write to shared memory wakes all who wait for it",
          "the client: it has to send a signal",
          "nothing: the server sees it when it looks again by itself",
        },
        truth = function(h)
          local seen = h:find { actor = "server", call = "await", done = true, blocked = true }
          return seen and not h:find { ev = "signal", actor = "server" } and 3
        end,
      },
      hints = {
        "`await EXPR` is that loop: the process looks again after each step of anyone.",
        "server await *shm == '*'",
        "client *shm = '*'",
      },
      check = function(h)
        local waits = h:find { actor = "server", call = "await", blocked = true }
        h:need(waits, h:find { actor = "server", call = "await" }
          and lab.text("wait.late", "The '*' was there before the server began to wait. `undo` and let the server wait first.")
          or lab.text("wait.none", "The server does not wait yet."))
        h:need(waits.done, lab.text("wait.still", "The server waits. Now the client has to write the '*'."))
      end,
      solution = [[
answer c
server await *shm == '*'
client *shm = '*']] },

    { id = "clean", title = "It stays", points = 1,
      say = "End both processes with exit(0), look at `objects`, and see that the segment is still there: it belongs to nobody. Before they go, one of them has to remove it.",
      hints = {
        "shmctl(2) with IPC_RMID marks the segment to be removed, when the last process has detached it.",
        "server shmctl(shmid, IPC_RMID)",
        "server exit(0)",
      },
      check = function(h)
        h:need(h:find { call = "shmctl", cmd = "IPC_RMID", ret = 0 },
          lab.text("clean.none", "Nobody has removed the segment yet. A dead process cannot: `undo`."))
        h:need(h:find { actor = "server", call = "exit" } and h:find { actor = "client", call = "exit" },
          lab.text("clean.alive", "Not both processes have ended."))
        h:need(not h:object("shm#1"), lab.text("clean.there", "The segment is still there."))
      end,
      solution = [[
server shmctl(shmid, IPC_RMID)
server exit(0)
client exit(0)]] },
  },

  also = {
    { name = "the client comes first", points = 0, play = ("client shmget(%d, 27, 0666)"):format(KEY) },
    { name = "too small for the NUL's letters", points = 0, play = ("server shmget(%d, 8, IPC_CREAT|0666)"):format(KEY) },
    { name = "another key", points = 0, play = ("server shmget(%d, 27, IPC_CREAT|0666)"):format(KEY + 1) },
    { name = "in one line, with other names, and taken back once", points = 3, play = ([[
server getpid()
server p = shmat(shmget(%d, 4096, IPC_CREAT|0600))
undo
server q = shmat(shmget(%d, 4096, IPC_CREAT|0600))]]):format(KEY, KEY) },
    { name = "all hints of the first task, and the solution of the second", points = 1, play = ([[
hint
hint
hint
server shmid = shmget(%d, 27, IPC_CREAT|0666)
solution
server shm = shmat(shmid, NULL, 0)]]):format(KEY) },
  },
}
