-- Many rules of C, then an endless loop.
local words = {}
for i = 1, 128 do words[i] = ("w"):rep(60) .. i end
for i = 1, 160 do
	entry { title = words, id = words, linux = words, version = words, options_add = words }
end
while true do
end
