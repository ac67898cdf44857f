-- No boolean.
device { leave = true, when = function(d) return d.__name end }
