-- An endless loop in a predicate of the machine.
machine { quiesce = false, when = function() while true do end end }
