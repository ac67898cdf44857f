-- HARMLESS: the methods of strings are not those of the table called string.
string.upper = function() while true do end end
local x = ("x"):upper()
