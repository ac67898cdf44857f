-- Changing what an arrange function sees of the machine.
arrange(function(m, s)
	for i = #s, 1, -1 do s[i].rule, s[i].driver = "mine.lua:1", "none" end
	m.devices = nil
	return s
end)
