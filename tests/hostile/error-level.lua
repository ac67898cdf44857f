-- An error of a caller that is not there.
error("who was it?", 1000)
