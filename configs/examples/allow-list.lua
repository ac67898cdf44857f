-- Allow list: only the drivers named here may be touched, all others are left to the kernel's own
-- shutdown(). For whoever introduces stillboot on machines that must not be surprised: begin with
-- the one driver that made trouble, and add others as they prove themselves.
--
--     stillboot plan --policy allow-list.lua
--
-- and then copy it to /etc/stillboot/policy.d/90-allow-list.lua: by name after your other files,
-- because the last rule that matches counts.

local allowed = {
	ena = true,
	megaraid_sas = true,
	mlx5_core = true,
	nvme = true,
	xhci_hcd = true,
}

-- d.driver is nil where no driver is bound; such a function is left as well. To have it reset, as
-- no driver will shut it down: return d.driver ~= nil and not allowed[d.driver]

device {
	when = function(d)
		return not allowed[d.driver]
	end,
	leave = true,
	why = "its driver is not on the allow list",
}

-- What the list leaves may stay loud, and that is wanted here: no "boot { require_still = true }".
