-- string.gmatch that goes back for ever.
for x in ("a"):rep(40):gmatch(("a*"):rep(30) .. "b") do end
