local lab = require "ipclab"
local KEY, SIZE, ALPHABET = 5678, 27, "abcdefghijklmnopqrstuvwxyz"

return lab.orchestrated {
  id = "shm-server-client", title = "Shared memory: a server writes a..z, a client answers '*'",
  plugins = { "shm" }, actors = { "server", "client" }, man = { "shmget(2)", "shmat(2)" },
  run = function(s, server, client)
    s:step "The server creates the segment, attaches it and writes a..z"
    local id = server:shmget(KEY, SIZE, "IPC_CREAT|0666")
    local sm = server:shmat(id)
    server:strcpy(sm, ALPHABET)
    s:step "The server waits until the first byte becomes '*'"
    local waiting = server:start("await", sm, 0, "*")
    s:expect("the server is waiting", waiting:blocked())
    s:step "The client finds the same segment by its key, reads it and answers"
    local cm = client:shmat(client:shmget(KEY, SIZE, "0666"))
    s:expect("the client sees a..z", client:load(cm, 26) == ALPHABET)
    client:store(cm, "*")
    s:expect("the server saw it", waiting:finish(2.0))
  end,
}
