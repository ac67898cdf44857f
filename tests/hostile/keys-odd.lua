-- Keys that are no names.
device { [1] = 1, [1.5] = 2, [math.huge] = 3, [true] = 4, [{}] = 5, [print] = 6, leave = true }
