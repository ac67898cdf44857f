-- Catching the error of a limit.
pcall(function() while true do end end)
