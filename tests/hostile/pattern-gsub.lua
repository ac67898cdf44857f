-- string.gsub that goes back for ever.
local x = ("a"):rep(100000):gsub((".-"):rep(30) .. "b", "")
