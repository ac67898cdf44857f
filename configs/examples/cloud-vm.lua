-- A virtual machine in a cloud: virtual or passed-through network and NVMe, and a serial console
-- that one can read but hardly type at. One file for a fleet that lives in several clouds.
--
-- What matters here: it comes back without help, and quickly. Try it:
--
--     stillboot plan --policy cloud-vm.lua
--
-- and then copy it to /etc/stillboot/policy.d/50-cloud.lua.

-- Nobody can choose, so nobody is asked. Whatever hangs or stays loud ends in a restart: a cloud's
-- firmware needs a few seconds only.

boot {
	default = "newest",
	timeout = 0,
	on_hang = "emergency-restart",
	require_still = true,
}

-- Amazon EC2, Nitro. What stops the network card's DMA is remove() of ena (quirks.lua, #1).

machine {
	vendor = "Amazon EC2",
	options_add = { "console=tty0", "console=ttyS0,115200n8" },
	why = "EC2 shows the first serial port",
}

-- Amazon recommends the longest possible time for I/O on its network disks (nvme_core.io_timeout).

device {
	vendor = 0x1d0f,
	driver = "nvme",
	deadline = 180,
	why = "a disk across the network may be slow to finish",
}

-- Google and Azure. Talos Linux switched kexec off there, because guests got stuck
-- (https://github.com/siderolabs/talos/pull/8838). To leave all devices to the kernel is the
-- careful way. To forbid kexec altogether, set the sysctl kernel.kexec_load_disabled=1.

machine {
	vendor = { "Google", "Microsoft Corporation" },
	quiesce = false,
	why = "guests got stuck here; the kernel's own shutdown() serves",
}

-- QEMU and KVM elsewhere: nothing to say, the defaults fit.
