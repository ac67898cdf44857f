-- A pattern that goes back for ever, in an arrange function.
arrange(function(m, s)
	return ("a"):rep(40):find(("a*"):rep(30) .. "b")
end)
