-- More results than the stack holds, from table.unpack.
local x = { table.unpack({}, 1, 1e8) }
