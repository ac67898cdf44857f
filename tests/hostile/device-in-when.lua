-- Declaring while deciding.
device { leave = true, when = function() device { leave = false } return true end }
