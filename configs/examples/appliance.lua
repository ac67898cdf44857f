-- A boot loader appliance: a kernel in the firmware's flash (LinuxBoot, OpenPOWER's petitboot,
-- ZFSBootMenu) that shows a menu, mounts something, and jumps into the real system.
--
-- What matters here: the loader has only just started its devices; it must hand them on as if it
-- had never been there, and it always has the firmware's restart to fall back on. Try it:
--
--     stillboot plan --policy appliance.lua
--
-- and then put it into the loader's image as /etc/stillboot/policy.d/50-appliance.lua: stillboot's own image
-- (`make image`) takes it from etc/stillboot/policy.d below FILES=DIR.

boot {
	default = "newest",
	timeout = 10,
	on_hang = "emergency-restart",
	require_still = true, -- the next kernel has no idea that somebody was here before
}

-- Jumping while devices are still being found made some machines stall (quirks.lua, #7). Two
-- seconds are little beside a menu. Loading may be tried once more (#8).

machine {
	settle = 2,
	load_retries = 1,
	why = "the loader has only just started its devices",
}

-- Words that were given to the loader because this hardware needs them, and that the target needs
-- for the same reason. A rule cannot copy a word, so the list is written out.

local function has(cmdline, word)
	return string.find(" " .. (cmdline or "") .. " ", " " .. word .. " ", 1, true) ~= nil
end

for _, word in ipairs {
	"intel_iommu=on", "intel_iommu=igfx_off", "amd_iommu=off", "iommu=pt",
	"pci=nomsi", "pci=noaer", "pci=nommconf", "pci=nocrs", "pci=realloc",
	"noapic", "nox2apic", "acpi=ht",
} do
	machine {
		when = function(m)
			return has(m.cmdline, word)
		end,
		options_add = word,
		why = "the loader was given this word, so this hardware needs it",
	}
end

-- The loader does best without a graphics driver: a simple framebuffer survives, and the target's
-- own driver finds the chip as the firmware left it. If the image has one all the same, the display
-- is left by default; "nomodeset" for the loader's own kernel keeps it from being touched at all.

-- A network card that the loader booted or mounted from is in use and would be left, with its
-- receive rings armed. Kernel and initrd are in memory by now, so it is stilled like the others.

device {
	use = "network",
	leave = false,
	steps = { "unbind", "bus", "subordinate", "flr", "pm", "sbr", "disable", "mask" },
	why = "everything is in memory; the card must not go on receiving",
}

-- An interface can be taken down before any function is touched:
--
--     arrange(function(machine, steps)
--         table.insert(steps, 1, { step = "link_down", interface = "eth0" })
--         return steps
--     end)

-- Rescue entries are for the people at the console.

entry { title = "*rescue*", options_add = "loglevel=7", why = "whoever rescues wants to see" }
