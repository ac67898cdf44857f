-- Few tables of Lua, many rules of C.
local words = {}
for i = 1, 128 do words[i] = "word" .. i end
for i = 1, 4096 do
	device {
		driver = words, machine_vendor = words, machine_product = words, slot = "*",
		options_add = words, options_remove = words,
	}
end
