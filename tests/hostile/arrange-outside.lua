-- Writing where nothing may be written.
arrange(function(m, s) return { { step = "write", path = "/sys/../etc/passwd", value = "x" } } end)
