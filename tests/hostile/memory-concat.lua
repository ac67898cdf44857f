-- Large strings from table.concat.
local t = {}
for i = 1, 1000 do t[i] = ("x"):rep(30000) end
local s = table.concat(t)
local u = { s, s, s, s }
local v = table.concat(u)
