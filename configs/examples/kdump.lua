-- The crash kernel: for a machine that has crashed, saved its dump, and goes back to work; and for
-- the words that a crash kernel wants when it is loaded.
--
-- What matters here: no driver of the crashed kernel ever said goodbye. Every device is as it was
-- in the moment of the crash, perhaps still writing into memory, and most of them have no driver in
-- the crash kernel at all. So whatever can be reset is reset, and what stays loud ends in a restart
-- through the firmware. Try it, also on the healthy machine:
--
--     stillboot plan --policy kdump.lua
--
-- and then put it into the crash kernel's initrd as /etc/stillboot/policy.d/50-kdump.lua; the part
-- about entries belongs into the same folder of the normal system.

-- Only a crash kernel is told where the dead kernel's memory is.

local function crashed(m)
	return string.find(" " .. (m.cmdline or ""), " elfcorehdr=", 1, true) ~= nil
end

boot {
	timeout = 0,
	on_hang = "emergency-restart", -- there is no second crash kernel
	require_still = true,
}

-- Disks in use are left, as always: unmount what the dump went to before the jump. Graphics cards
-- are left by default as well, for the monitor's sake; here one that has no driver may still be
-- computing for the dead kernel, so it is reset.

device {
	class = "display",
	when = function(d, m)
		return crashed(m) and d.driver == nil
	end,
	leave = false,
	steps = { "bus", "subordinate", "flr", "pm", "sbr", "disable", "mask" },
	why = "a GPU may still be computing for the kernel that crashed",
}

-- The crash kernel has little memory and one processor: drivers take their time.

device {
	class = "storage",
	when = function(d, m)
		return crashed(m)
	end,
	deadline = 300,
	why = "drivers are slow in a crash kernel",
}

-- The way back to work: what was meant for the crash kernel alone must not be handed on.

machine {
	when = crashed,
	options_remove = {
		"elfcorehdr=*", "reset_devices", "irqpoll", "nr_cpus=1", "maxcpus=1", "disable_cpu_apicid=*",
	},
	why = "these words are for the crash kernel only",
}

-- The way in: loading the crash kernel. "reset_devices" makes the drivers of RAID controllers reset
-- their card and keep to small queues; see quirks.lua, #43, why it is for crash kernels only.

entry {
	id = { "*kdump*", "*crash*" },
	options_add = { "reset_devices", "irqpoll", "nr_cpus=1" },
	hide = true,
	why = "a crash kernel finds its devices in the middle of their work",
}
