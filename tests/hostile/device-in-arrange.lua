-- Declaring while arranging.
arrange(function(m, s) for i = 1, 10 do machine { quiesce = false } end return s end)
