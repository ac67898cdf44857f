-- The metatable of strings.
getmetatable("").__index = nil
