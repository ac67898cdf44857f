-- A table that is moved without end.
local t = table.move({ 1 }, 1, 1e9, 2)
