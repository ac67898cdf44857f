-- string.find that goes back for ever: no instruction is counted in it.
string.find(("a"):rep(60000), (".-"):rep(60) .. "b")
