-- An error of 5 MB.
error(("x"):rep(5e6))
