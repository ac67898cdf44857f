-- Lists with gaps.
device { driver = { [1] = "a", [2^53] = "b" }, leave = true }
device { driver = { "a", nil, "c" }, leave = true }
