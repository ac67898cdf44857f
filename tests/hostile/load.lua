-- Code out of a string.
load("while true do end")()
