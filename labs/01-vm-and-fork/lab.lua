local lab = require "ipclab"
local FIRST, SECOND = lab.param("first", 10, 49), lab.param("second", 50, 99)
local PAGE = lab.param("page", { "0x20000000", "0x30000000", "0x40000000" })

local SEVERAL, ALONE = "by several processes", "by this process alone"

-- The child prints a value that the parent has printed, and that can be an address.
local function same_address(h)
  for _, mine in ipairs(h:all { actor = "child", call = "print", value = function(v) return math.type(v) == "integer" and v >= 4096 end }) do
    if h:find { actor = "parent", call = "print", value = mine.value } then return mine end
  end
end

local function written_by_child(h)
  return h:find { actor = "child", call = { "=", "poke", "store", "memcpy", "strcpy" }, after = h.began }
end

return lab.guided {
  id = "vm-and-fork", title = "Virtual memory and fork", minutes = 20,
  plugins = { "vm", "process" }, actors = { "parent" },
  man = { "fork(2)", "mmap(2)", "proc(5)", "signal(7)" },
  intro = [[
Every process has addresses of its own, from 0 up: its virtual addresses. Memory is handed out in frames, pieces of 4096 bytes of RAM. For each process the kernel keeps a table that says, page by page, which frame stands behind which addresses. The process sees its addresses only. It cannot see another process's, and it cannot find out which frame it was given.
You lead a real process, parent, and then its child. A line says who acts, then what it does. `translate(ADDRESS)` asks the kernel for the entry of the table behind an address.]],
  outro = [[
The processor looked into the child's table, found nothing, and called the kernel; the kernel had nothing to put there either, and sent SIGSEGV, number 11. No call has failed, so there was nothing that could return -1: an ordinary memory access has no errno.
An address means something only together with a process. After fork the same address means the same contents, but not the same memory: a frame is shared until somebody writes, and then each has its own. That is why two processes cannot talk through a variable, and why everything that follows - shared memory, pipes, messages, signals - has to be asked of the kernel.]],

  tasks = {
    { id = "variable", title = "What is behind an address", points = 1,
      say = ("Let the parent declare a variable, int n = %d, and translate the address of it. Look at three things in the answer: the offset, which is where in its page n lies; the permissions; and who uses the frame."):format(FIRST),
      hints = {
        ("parent int n = %d"):format(FIRST),
        "The address of n is &n, as in C. translate takes an address.",
        "parent translate(&n)",
      },
      check = function(h)
        local asked = h:find { actor = "parent", call = "translate" }
        h:need(asked, "The parent has not translated an address yet.")
        h:need(h:find { actor = "parent", call = "translate", ret = 1, used = ALONE },
          asked.errno == "EFAULT" and "Nothing is mapped at the address that was translated (EFAULT). translate takes the address of the variable, &n, and not its value."
          or "Behind the address that was translated there is no frame that the parent uses alone.")
        h:need(h:find { actor = "parent", call = "=", ret = FIRST }, ("The parent has no variable with %d in it yet."):format(FIRST))
      end,
      solution = { ("parent int n = %d"):format(FIRST), "parent translate(&n)" } },

    { id = "fork", title = "Twice the same address", points = 2,
      say = "One frame of RAM is behind that page, and the parent is its only user. Which frame it is the kernel does not tell. Now let the parent print the address, fork a process called child, and let the child print the address of its n.",
      predict = {
        ask = "The parent has n at some address. Where is the n of the child?",
        choices = {
          "nowhere: the child begins with no variables",
          "at another address, because two variables cannot be in one place",
          "at the same address",
        },
        truth = function(h)
          local mine = h:find { ev = "process", actor = "child", what = "fork" }
            and h:find { actor = "child", call = "print", value = function(v) return math.type(v) == "integer" and v >= 4096 end }
          return mine and (same_address(h) and 3 or 2)
        end,
        points = 1,
      },
      hints = {
        "parent print &n",
        "parent fork(child)",
        "child print &n",
      },
      check = function(h)
        h:need(h:find { ev = "process", actor = "child", what = "fork" }, "There is no process child yet.")
        local printed = h:find { actor = "child", call = "print" }
        h:need(printed, "The child has not printed the address of its n yet.")
        h:need(same_address(h),
          h:find { actor = "parent", call = "print" } and "Parent and child have not printed the same address. `print n` prints the value, `print &n` the address."
          or "The parent has not printed the address of its n.")
      end,
      solution = { "answer c", "parent print &n", "parent fork(child)", "child print &n" } },

    { id = "before", title = "Nobody has written yet", points = 2,
      say = "fork copied the table, and with it every address: the child's n has to be where the parent's is, or the pointers in the copied program would be wrong. Let both translate &n, and look at who uses the frame. Neither should write anything before.",
      predict = {
        ask = "Two processes have an n now. How many frames hold the page in which it lies?",
        choices = { "one, for both", "two: fork has copied the memory" },
        truth = function(h)
          local a = h:find { actor = "parent", call = "translate", ret = 1, after = h.began }
          local b = h:find { actor = "child", call = "translate", ret = 1, after = h.began }
          return a and b and (a.used == SEVERAL and b.used == SEVERAL and 1 or 2)
        end,
        points = 1,
      },
      hints = {
        "parent translate(&n)",
        "child translate(&n)",
      },
      check = function(h)
        for _, who in ipairs { "parent", "child" } do
          local asked = h:find { actor = who, call = "translate", after = h.began }
          h:need(asked, ("The %s has not translated &n since the fork."):format(who))
          h:need(h:find { actor = who, call = "translate", used = SEVERAL },
            asked.used == ALONE and ("The %s uses the frame alone, so one of the two has already written to the page. A new variable is written there, too. `undo`, and look before anybody writes."):format(who)
            or ("The %s has translated an address that it does not share with anybody."):format(who))
        end
      end,
      solution = { "answer a", "parent translate(&n)", "child translate(&n)" } },

    { id = "after", title = "The first write", points = 3,
      say = ("So fork is cheap: only tables are copied, and both read the same frames. Now let the child assign %d to its n. Then let both translate &n again, and let the parent print n."):format(SECOND),
      predict = {
        ask = ("The child writes %d into its n. What is the parent's n then?"):format(SECOND),
        truth = function(h)
          local written = written_by_child(h)
          local seen = written and h:find { actor = "parent", call = "print", value = { FIRST, SECOND }, after = written }
          return seen and seen.value
        end,
        points = 1,
      },
      hints = {
        ("child n = %d"):format(SECOND),
        "child translate(&n)",
        "parent translate(&n)",
        "parent print n",
      },
      check = function(h)
        local mine = h:find { actor = "child", call = "translate", used = ALONE, after = h.began }
        local asked = h:last { actor = "child", call = "translate", after = h.began }
        local parents = h:find { actor = "parent", call = "=", ret = SECOND }
        h:need(not parents, "The parent has written. In this task it is the child that writes: `undo`.")
        h:need(mine, asked and "The page of the child is still shared: it has not been written to since the fork."
          or written_by_child(h) and "The child has written. Let it translate &n and see what has changed."
          or "The child has not written yet.")
        h:need(h:find { actor = "parent", call = "translate", used = ALONE, offset = mine.offset, after = h.began },
          "The child uses its frame alone now. Who uses the frame of the parent? Let it translate &n, too.")
        h:need(h:find { actor = "parent", call = "print", value = FIRST, after = mine },
          "What became of the parent's n? Let it print n, after the child has written.")
      end,
      solution = {
        ("answer %d"):format(FIRST), ("child n = %d"):format(SECOND), "child translate(&n)", "parent translate(&n)",
        "parent print n",
      } },

    { id = "touch", title = "A page without a frame", points = 2,
      say = ("The write could not go to a frame that somebody else reads. The kernel gave the child a copy of the page and changed one entry of its table: copy-on-write. One address, two processes, two frames.\nThe kernel is as lazy with new memory. Let the parent ask for one page at %s with mmap(2), to read and to write, and only for itself: MAP_PRIVATE|MAP_ANONYMOUS. Let it translate the address, then write a byte there with poke, and translate once more."):format(PAGE),
      predict = {
        ask = "mmap has returned the address. How many frames does the page have, before anybody has used it?",
        choices = { "one", "none" },
        truth = function(h)
          local new = h:find { actor = "parent", call = "mmap", ret = tonumber(PAGE) }
          local first = new and h:find { actor = "parent", call = "translate", after = new }
          return first and (first.ret == 0 and 2 or 1)
        end,
      },
      hints = {
        "mmap(2) takes where, how many bytes, what may be done there, and flags; the rest may be left out.",
        ("parent m = mmap(%s, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)"):format(PAGE),
        "parent translate(m)",
        "parent poke(m, 1)",
      },
      check = function(h)
        local any = h:find { actor = "parent", call = "mmap" }
        local new = h:find { actor = "parent", call = "mmap", ret = tonumber(PAGE) }
        h:need(new, any and ("mmap has not returned %s. The first argument says where, and the page has to be free there."):format(PAGE)
          or ("The parent has no page at %s yet."):format(PAGE))
        local without = h:find { actor = "parent", call = "translate", ret = 0, after = new }
        h:need(without, h:find { actor = "parent", call = "translate", ret = 1, after = new }
          and "When the parent looked, the page had its frame already: it had been used. `undo`, and translate before the first use."
          or "The parent has not translated the new address yet.")
        h:need(h:find { actor = "parent", call = "translate", ret = 1, used = ALONE, after = without },
          h:find { actor = "parent", call = { "poke", "store", "strcpy", "memcpy", "=" }, after = without }
          and "The parent has written to the page. Translate it again." or "Now write to the page, and translate it again.")
      end,
      solution = {
        "answer b",
        ("parent m = mmap(%s, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)"):format(PAGE),
        "parent translate(m)", "parent poke(m, 1)", "parent translate(m)",
      } },

    { id = "nothing", title = "Somebody else's address", points = 1,
      say = ("mmap only wrote down that the addresses may be used; the frame came with the first access. The parent has a byte at %s now. Let the child translate that same address: its table was copied before the page was made."):format(PAGE),
      hints = {
        "The child has no variable m: it was made after the fork. It needs the address itself, as a number.",
        ("child translate(%s)"):format(PAGE),
      },
      check = function(h)
        local asked = h:last { actor = "child", call = "translate", after = h.began }
        h:need(asked, h:find { ev = "process", actor = "child", what = "killed" }
          and "The child is dead: it has used the address, and not only asked. `undo`."
          or ("The child has not translated %s yet."):format(PAGE))
        h:need(h:find { actor = "child", call = "translate", errno = "EFAULT" },
          ("The child has translated an address at which it has memory. The parent's page is at %s."):format(PAGE))
      end,
      solution = ("child translate(%s)"):format(PAGE) },

    { id = "fault", title = "And if it reads there all the same?", points = 2,
      say = ("EFAULT: in the child's table there is no entry for %s, whatever the parent has there. translate only asks. Now let the child read that byte with peek, and let the parent wait(2) for it."):format(PAGE),
      predict = {
        ask = "What does the read give?",
        choices = {
          "the byte that the parent has written",
          "0, because nobody has written there in the child",
          "-1, and errno is EFAULT",
          "nothing: the child is killed",
        },
        truth = function(h)
          local killed = h:find { ev = "process", actor = "child", what = "killed", during = "peek" }
          local read = h:find { actor = "child", call = "peek", done = true, after = h.began }
          return killed and 4 or read and (read.ret == 1 and 1 or read.ret == 0 and 2 or 3)
        end,
        points = 1,
      },
      hints = {
        ("child peek(%s)"):format(PAGE),
        "parent wait(status)",
      },
      check = function(h)
        local killed = h:find { ev = "process", actor = "child", what = "killed" }
        h:need(killed, h:find { ev = "process", actor = "child", what = "exit" } and "The child has ended by itself. `undo`, and let it read first."
          or "The child has not read at an address without memory yet.")
        h:need(killed.sig == "SIGSEGV", ("The child was killed by %s, which somebody sent. `undo`."):format(killed.sig))
        h:need(h:find { actor = "parent", call = { "wait", "waitpid" }, done = true, signal = "SIGSEGV" },
          "The child is dead. How it ended its parent learns with wait(status).")
      end,
      solution = { "answer d", ("child peek(%s)"):format(PAGE), "parent wait(status)" } },
  },

  also = {
    { name = "the child's write should reach the parent", points = 10, play = ([[
parent int n = %d
parent translate(&n)
answer c
parent print &n
parent fork(child)
child print &n
answer a
parent translate(&n)
child translate(&n)
answer %d
child n = %d
child translate(&n)
parent translate(&n)
parent print n]]):format(FIRST, SECOND, SECOND) },
    { name = "fork copies the memory at once, and the child's n is somewhere else", points = 5, play = ([[
parent int n = %d
parent translate(&n)
answer b
parent print &n
parent fork(child)
child print &n
answer b
child translate(&n)
parent translate(&n)]]):format(FIRST) },
    { name = "written before anybody has looked", points = 4, play = ([[
parent int n = %d
parent translate(&n)
answer c
parent print &n
parent fork(child)
child print &n
child n = %d
parent translate(&n)
child translate(&n)]]):format(FIRST, SECOND) },
    { name = "the page is made before the fork, so the child has it", points = 5, play = ([[
parent int n = %d
parent translate(&n)
parent m = mmap(%s, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
parent translate(m)
parent poke(m, 1)
parent translate(m)
parent print &n
parent fork(child)
child print &n
child translate(m)
child peek(m)]]):format(FIRST, PAGE) },
    { name = "the value instead of the address", points = 0, play = ([[
parent int n = %d
parent translate(n)
parent fork(child)
parent print n
child print n]]):format(FIRST) },
    { name = "other names, declared early, in other words", points = 5, play = ([[
parent int spare = 1
parent int x = %d
parent translate &x
parent fork child
child print &x
parent print &x
child translate &x
parent translate &x]]):format(FIRST) },
  },
}
