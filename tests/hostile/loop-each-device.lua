-- No call takes too long, all together do.
device { leave = true, when = function() for i = 1, 4e6 do end return false end }
for i = 1, 400 do
	device { leave = true, when = function() for i = 1, 1e6 do end return false end }
end
