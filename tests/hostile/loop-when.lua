-- An endless loop in a predicate.
device { leave = true, when = function() while true do end end }
