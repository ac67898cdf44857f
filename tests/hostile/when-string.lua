-- A string where a function is expected.
device { leave = true, when = "while true do end" }
