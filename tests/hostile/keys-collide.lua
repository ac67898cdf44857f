-- Keys that are nearly the same.
device { leave = true, ["leave\0"] = false, ["leave"] = 1, ["LEAVE"] = 2 }
