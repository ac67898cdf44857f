-- Steps that hold themselves.
arrange(function(m, s)
	local t = {}
	t[1] = t
	t.step = t
	return t
end)
