-- Libraries that are overwritten.
string = nil
table = nil
local x = ("x"):upper()
string.rep = 1
