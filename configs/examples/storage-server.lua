-- A storage server: two dozen NVMe drives and a host bus adapter or RAID controller, nobody near.
--
-- What matters here: no drive is cut off while it writes its cache out, nothing is still talking to
-- memory when the next kernel starts, and a hang leaves a dump to look at. Try it:
--
--     stillboot plan --policy storage-server.lua
--
-- and then copy it to /etc/stillboot/policy.d/50-storage.lua.

boot {
	-- A device that cannot be silenced may write into the next kernel's memory, and what is
	-- damaged there ends up on the disks: better the long way through the firmware.
	require_still = true,

	-- A driver that never lets go is worth a dump. Without a loaded crash kernel this is an
	-- emergency restart.
	on_hang = "crash-kernel",
}

-- All drives are unbound side by side, so 24 of them take as long as the slowest, not 24 times as
-- long. A deadline is a limit, not a wait.

device {
	driver = "nvme",
	deadline = 180,
	why = "a server's drive may take its time to write its cache out",
}

local adapters = { "megaraid_sas", "mpt3sas", "mpi3mr", "smartpqi", "hpsa", "aacraid" }

device {
	driver = adapters,
	deadline = 300,
	why = "the controller writes its cache to all disks first",
}

-- An adapter that was reset starts its firmware again. Give it a few seconds before the next kernel
-- looks for it. The last step of the plan waits for all others.

arrange(function(machine, steps)
	for _, s in ipairs(steps) do
		for _, driver in ipairs(adapters) do
			if s.step == "unbind" and s.driver == driver then
				table.insert(steps, { step = "settle", seconds = 5 })
				return steps
			end
		end
	end
	return steps
end)

-- A program may be run before the first device is touched, for instance to wait until all arrays
-- are marked clean:
--
--     arrange(function(machine, steps)
--         table.insert(steps, 1, { step = "run", deadline = 60,
--             command = { "/sbin/mdadm", "--wait-clean", "--scan" } })
--         return steps
--     end)
