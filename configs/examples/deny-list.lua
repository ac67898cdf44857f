-- Deny list: everything is stilled as usual, but for drivers known to be trouble in this fleet.
-- Each has its reason and where to read more, so that whoever is called at night sees it in the
-- plan. Try it:
--
--     stillboot plan --policy deny-list.lua
--
-- and then copy it to /etc/stillboot/policy.d/90-deny-list.lua: by name after your other files,
-- because the last rule that matches counts. The drivers here are made up, replace them by yours.

local denied = {
	{ "acme_fpga", "remove() waits for its users for ever; ticket OPS-1201" },
	{ "acme_nic*", "remove() hangs with firmware before 8.30; ticket OPS-1187, until March" },
}

for _, entry in ipairs(denied) do
	device {
		driver = entry[1],
		leave = true,
		why = "deny list: " .. entry[2],
	}
end

-- The same for whole machines: there no device is touched at all.

machine {
	product = "Acme Server 3000*",
	quiesce = false,
	why = "deny list: too old to be worth the search; ticket OPS-1100",
}
