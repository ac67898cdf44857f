-- A function as bytes.
local x = string.dump(function() end)
