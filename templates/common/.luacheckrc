-- What a lab may use of Lua: nothing that reaches files, processes or the state's own inside.
std = "lua54"
not_globals = { "io", "os", "debug", "package", "dofile", "loadfile", "warn" }
max_line_length = false -- a text is a paragraph, and may stand on one line
