-- A pattern that goes back for ever, in a predicate.
device { leave = true, when = function(d)
	return (("a"):rep(40):find(("a*"):rep(30) .. "b")) ~= nil
end }
