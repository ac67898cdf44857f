-- Arranging while arranging.
arrange(function(m, s) arrange(function() return {} end) return s end)
