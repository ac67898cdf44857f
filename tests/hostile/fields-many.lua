-- A declaration of a hundred thousand fields.
local t = {}
for i = 1, 1e5 do t["field" .. i] = i end
device(t)
