-- A function that calls itself for ever, without growing.
local function f(n) return f(n + 1) end
f(1)
