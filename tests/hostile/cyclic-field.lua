-- A table that holds itself, where data is expected.
local t = {}
t[1] = t
t.driver = t
device { driver = t, steps = t, vendor = t, leave = t }
