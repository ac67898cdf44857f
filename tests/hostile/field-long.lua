-- A field whose name is 5 MB long.
device { [("x"):rep(5e6)] = 1 }
