-- A million steps.
arrange(function(m, s) for i = 1, 1e6 do s[i] = { step = "settle", seconds = 1 } end return s end)
