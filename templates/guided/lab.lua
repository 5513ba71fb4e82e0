local lab = require "ipclab"

return lab.guided {
  id = "@ID@", title = "@ID@", actors = { "writer", "reader" }, minutes = 10,
  plugins = { "pipe" }, man = { "pipe(7)", "pipe(2)" },
  intro = "What it is about, in two or three sentences.",
  tasks = {
    { id = "make", title = "A pipe", points = 1,
      say = "Let the writer make a pipe. Look at the two descriptors that it gets.",
      hints = { "pipe(2) fills an array of two descriptors.", "writer pipe(fd)" },
      check = function(h)
        h:need(h:find { actor = "writer", call = "pipe", ret = 0 }, "The writer has made no pipe yet.")
      end,
      solution = "writer pipe(fd)" },
    { id = "use", title = "Through it", points = 2,
      say = "Let the writer write into its pipe, and read from it what it wrote.",
      hints = { "fd[1] is the write end, fd[0] the read end.", "writer write(fd[1], \"hello\")" },
      check = function(h)
        local sent = h:need(h:find { call = "write", obj = "pipe#1" }, "Nothing was written into the pipe yet.")
        local got = h:need(h:find { call = "read", obj = "pipe#1", after = sent }, "Nobody has read from it yet.")
        h:need(got.ret, "The read has not come back.")
      end,
      solution = [[
writer write(fd[1], "hello")
writer read(fd[0], buf, 32)]] },
  },
  outro = "What there is to remember.",
  also = {
    { name = "only the pipe", points = 1, play = "writer pipe(p)" },
    { name = "the reader makes it", points = 0, play = "reader pipe(p)" },
    { name = "it reads before anything is there", points = 1, play = "writer pipe(p)\nwriter read(p[0], buf, 32)" },
  },
}
