-- Steps that are as large as can be.
local words = {}
for i = 1, 128 do words[i] = ("w"):rep(250) end
arrange(function(m, s)
	local t = {}
	for i = 1, 256 do t[i] = { step = "settle", seconds = 1, command = words, value = words[1] } end
	for _, d in ipairs(m.devices) do
		t[#t + 1] = { step = "unbind", slot = d.slot, command = words, value = words[1] }
	end
	return t
end)
error("as much as that")
