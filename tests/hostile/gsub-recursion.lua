-- string.gsub that calls itself: C calls Lua calls C.
local function f(s) return (s:gsub(".", f)) end
f("x")
