-- An endless loop in an arrange function.
arrange(function(m, s) repeat until false end)
