-- Numbers that are none, infinite or huge.
device { vendor = 0/0, device = math.huge, deadline = -math.huge, leave = true }
device { class = math.mininteger, deadline = 0/0 }
boot { timeout = 1e308 }
