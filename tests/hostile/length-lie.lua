-- A list whose length nobody can tell.
local t = { "a" }
t[2^31] = "b"
t[-1] = "c"
device { driver = t, options_add = t, leave = true }
