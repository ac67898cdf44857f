-- A rule that holds itself.
local t = { leave = true }
t.why = t
t.when = t
device(t)
