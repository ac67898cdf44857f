-- A loop in a coroutine, whose instructions nobody would count.
coroutine.wrap(function() while true do end end)()
