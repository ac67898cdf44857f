-- A metatable.
setmetatable(_ENV, nil)
