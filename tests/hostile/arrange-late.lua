-- A program when the disk may be gone.
arrange(function(m, s)
	table.insert(s, { step = "unbind", slot = m.devices[1].slot })
	table.insert(s, { step = "run", command = { "/sbin/reboot" } })
	return s
end)
