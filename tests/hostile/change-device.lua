-- Changing what a predicate sees, and so what others see.
device { leave = true, when = function(d, m)
	d.slot, d.driver, d.use, d.resets = "x", {}, nil, d
	m.devices, m.kernel = { m }, 5
	return false
end }
