-- As many arrange functions as there can be, each of them slow.
for i = 1, 4000 do
	arrange(function(m, s) for i = 1, 1e6 do end return s end)
end
