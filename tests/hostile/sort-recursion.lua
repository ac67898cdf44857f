-- Sorting that calls itself: C calls Lua calls C.
local function f()
	table.sort({ 2, 1 }, function(a, b) f() return a < b end)
end
f()
