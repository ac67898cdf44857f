-- A method of strings that is replaced by a loop.
string.upper = function() while true do end end
local x = ("x"):upper()
