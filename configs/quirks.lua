-- What the field has learnt about kexec, as rules. Read after default.lua, before your own policy.
--
-- Every numbered paragraph is one public report: what was seen, where it can be read, and then the
-- rule, or the reason why there is none. Many reports need none, for one of these reasons:
--
--   by default    default.lua unbinds the driver and resets the device, which is what cured it
--   by the loader loading, signatures and unloading are handled whatever a rule says
--   not ours      it lies in the target, in the service manager or in the hypervisor
--
-- A rule here must not make a healthy machine worse. So most rules only give a slow driver more
-- time, which costs nothing where it is not needed, or leave a device to the kernel's own
-- shutdown(). What could not be verified is marked "Not verified". To take a rule back, write into
-- /etc/stillboot/policy.d/NAME.lua what shall hold instead:
--
--     device { driver = "nvidia", leave = false }

-- Does the command line have this word, whole?
local function has(cmdline, word)
	return string.find(" " .. (cmdline or "") .. " ", " " .. word .. " ", 1, true) ~= nil
end


-- NETWORK

-- #1  ena (Amazon EC2): the next kernel's initrd is corrupted, because the network card still
-- writes received packets to memory. Seen before ena had a shutdown(), which came in March 2020
-- (stable 5.4 has it). Unloading the driver cured it, switching bus master off alone did not.
-- https://bugs.launchpad.net/ubuntu/+source/linux/+bug/1869948
-- No rule: by default; remove() runs. "retain_initrd" for the target only hides the damage.
-- Beware of Amazon's own driver 2.17.0g (kernel 6.12.92 of Amazon Linux 2023): its ena_remove() may
-- panic, https://github.com/amzn/amzn-drivers/issues/379. shutdown() takes the same way, so leaving
-- the card would not help: update the kernel.

-- #10  mlx5_core in the OpenPOWER loader (4.4): the card is gone in the host, or the loader stops
-- with an oops in reclaim_pages. https://github.com/open-power/op-build/issues/538
-- By default; remove() runs. It gets more time: the driver waits up to 60 s for one firmware
-- command and up to 120 s for the pages of virtual functions (mlx5/core/lib/tout.c, 6.1).

device {
	driver = "mlx5_core",
	deadline = 180,
	why = "the driver may wait 120 s for its firmware to give pages back",
}

-- #12  Intel I219 (e1000e) in Dell and HP machines: no DHCP, no link or a hang after kexec.
-- https://github.com/siderolabs/talos/issues/8751, /9100, /13785
-- No rule: by default. Plain kexec runs e1000_shutdown(), which prepares the chip for a machine
-- that goes to sleep (it may put the PHY into ultra low power); remove() does not. Not verified on
-- such a machine. On HP's, users also switched "Extended DHCP timeout" off in the BIOS. If it does
-- not help, set kernel.kexec_load_disabled=1: stillboot then says so before it touches anything.

-- #30  mlx4: iPXE cannot use a ConnectX-3 after kexec, whether it was unbound, unloaded or reset.
-- https://github.com/ipxe/ipxe/issues/916
-- No rule: nobody found one. The card is unbound and reset as always; start iPXE from the firmware.


-- USB

-- #2  xHCI (MacBook Air 2015): keyboard and trackpad are gone in the next kernel. Unbinding
-- xhci_hcd cured it. https://github.com/zbm-dev/zfsbootmenu/pull/104
-- No rule: by default.

-- #3  Supermicro: the BMC's virtual keyboard is a USB device (0557:2419) on the chipset's xHCI
-- controller. After the controller was unbound it did not come back, and the remote console was
-- deaf. https://github.com/zbm-dev/zfsbootmenu/issues/502, /469 (2023)
-- USB ids cannot be matched here, so the rule speaks of all xHCI controllers on Supermicro's
-- boards. It costs little: shutdown() of xhci_hcd halts the controller. Other BMCs (AMI 046b:ff10,
-- Dell's, HPE's) have virtual keyboards, too, but nobody reported them lost: no rule. If yours is:
--     device { driver = "xhci_hcd", machine_vendor = "ASRockRack", leave = true }

device {
	driver = "xhci_hcd",
	subsystem_vendor = 0x15d9, -- Super Micro
	place = "root",
	leave = true,
	why = "the BMC's virtual keyboard hangs on it and did not survive an unbind",
}

-- #4  Two servers: the USB keyboard is dead after xHCI was unbound, whatever the BIOS says about
-- xHCI hand-off. Masking the unbind cured it. https://github.com/zbm-dev/zfsbootmenu/issues/504
-- No rule: the report does not name the boards. If yours is one of them, leave the controller as
-- in #3, with the slot that "stillboot devices" shows.

-- #5  i5-9400F: a hang right after xHCI was unbound. It went away with a target kernel of 6.5.
-- https://github.com/zbm-dev/zfsbootmenu/issues/626
-- No rule: not ours; it was the next kernel that hung, and another one cured it.


-- GRAPHICS. Display controllers are left by default: unbinding them blacks the screen out.

-- #6  RTX 3090, no other graphics: the screen stays frozen at the last line of the loader, the
-- system runs. https://github.com/zbm-dev/zfsbootmenu/issues/788
-- No rule: not ours; a loader with another kernel series cured it. The card is left, and the loader
-- does best without a graphics driver of its own.

-- #17  amdgpu (Van Gogh): once amdgpu ran, efifb shows nothing after kexec.
-- http://lists.infradead.org/pipermail/kexec/2021-December/023486.html
-- No rule: the chip no longer scans out what the firmware set up. Have amdgpu in the target's
-- initrd, or "nomodeset" in the loader.

-- #18  Hyper-V, generation 2: the graphics driver moved the framebuffer; efifb of the next kernel
-- writes to the old address, Hyper-V takes that for an attack and slows the guest to a crawl.
-- http://mail.spinics.net/lists/dri-devel/msg481052.html (6.13)
-- hyperv_fb tells the next kernel (6.1 does), hyperv_drm, which came with 5.14, does not. The word
-- costs the early console until the target's own Hyper-V driver runs. Not verified: whether recent
-- kernels need it; kernels that drive the firmware's framebuffer with simpledrm do not heed it.

machine {
	vendor = "Microsoft Corporation",
	product = "Virtual Machine",
	bios = "Hyper-V UEFI*",
	kernel = ">= 5.14",
	options_add = "video=efifb:off",
	why = "Hyper-V throttles a guest that writes to the framebuffer's old address",
}

-- #19  LinuxBoot (Heads): the screen is dark until the target's i915 runs.
-- https://github.com/linuxboot/heads/issues/1285, /702, /699, /pull/1378, /pull/1436
-- No rule: not ours. Have i915 in the target's initrd, or no graphics driver in the loader;
-- drm_kms_helper.drm_leak_fbdev_smem=1 is a word for the loader's kernel, not for the target.

-- #20  ThinkPad X230: the display shows garbage in the next kernel, because the loader had switched
-- the IOMMU on and the target did not expect it. https://github.com/linuxboot/heads/issues/215
-- Only where the running kernel was told so in words, and Intel graphics are there.

machine {
	when = function(m)
		if not has(m.cmdline, "intel_iommu=on") then
			return false
		end
		for _, d in ipairs(m.devices) do
			if d.vendor == 0x8086 and d.class // 0x10000 == 0x03 then
				return true
			end
		end
		return false
	end,
	options_add = "intel_iommu=on",
	why = "Intel graphics show garbage if only one of the two kernels uses the IOMMU",
}

-- #32  NVIDIA: once the GPU stopped answering, neither shutdown() nor unloading nvidia_drm ever
-- returns. https://github.com/NVIDIA/open-gpu-kernel-modules/issues/1027, /pull/1252 (driver 590)
-- A hung unbind costs the jump, so the driver is left, also where it only computes. If shutdown()
-- hangs as well, only a watchdog helps. NVSwitches belong to the same driver.

device {
	driver = { "nvidia", "nvidia-nvswitch" },
	leave = true,
	why = "NVIDIA's driver may never let go of a GPU",
}

-- #33  The nvidia modules are not found after kexec; a cold start cured it.
-- https://github.com/siderolabs/talos/issues/9041
-- No rule: not ours; the modules belong to the target's image.

-- #40  A small AMD computer: kexec worked, the screen stayed dead until it was given "nomodeset".
-- https://github.com/aegis-boot/aegis-boot/pull/739
-- No rule: the word takes graphics away from every desktop. For your machine:
--     machine { board = "NAME", options_add = "nomodeset" }

-- #41  amdgpu, RDNA 3 and 4: remove() does not tell the power firmware, which keeps voltage and
-- temperature high. Mended in January 2026, on the way to 7.0.
-- https://lexplain.net/commit-analyses/d76c66c6ad83994181967d7427385aab4c009ae0
-- #42  amdgpu cannot be loaded again (smu_hw_init fails) after remove() was cut short.
-- https://www.infradead.org/git/?p=users/dwmw2/linux.git;a=commit;h=708f220567d4
-- With a display they are left anyway; this rule is for those that only compute. Not verified:
-- which stable kernels have the mend.

device {
	driver = "amdgpu",
	kernel = "< 7.0",
	leave = true,
	why = "remove() of an older amdgpu leaves the GPU hot, or unable to start again",
}


-- STORAGE. What carries a mounted filesystem is left by default; then shutdown() has to do.

-- #9  megaraid_sas: the controller is missing after kexec; unbind, then a reset, cured it.
-- https://github.com/zbm-dev/zfsbootmenu/blob/master/contrib/megaraid-teardown.sh
-- #31  megaraid_sas (PERC H700): fails after an earlier stage of the boot had used DMA.
-- https://github.com/ipxe/ipxe/issues/877
-- By default, in just that order. remove() flushes the cache to the disks and waits up to 180 s for
-- the firmware (MFI_IO_TIMEOUT_SECS in megaraid_sas.h, 6.1), longer than the usual 30 s.

device {
	driver = "megaraid_sas",
	deadline = 240,
	why = "remove() writes the controller's cache out and may wait 180 s for it",
}

-- #11  NVMe in petitboot: the host's kernel panics after kexec, until 4.4.20.
-- https://github.com/open-power/op-build/issues/537, /pull/698
-- By default. It gets more time: a drive may ask for up to 60 s for its shutdown (RTD3 entry
-- latency, nvme_init_identify() in nvme/host/core.c), twice the usual deadline.

device {
	driver = "nvme",
	deadline = 120,
	why = "a drive may ask for 60 s to shut down",
}

-- #44  HP EX950 (NVMe): needs some 8 minutes to come to rest and ignores a request to be quick.
-- illumos issue 14541, https://www.illumos.org/issues/14541
-- Linux gives up on a drive earlier, after 60 s or what nvme_core.shutdown_timeout says (at most
-- 255 s), plus the up to 128 s that the drive names for being disabled. 600 s covers all of that,
-- where 120 s might cut it off. Not verified: the id; 126f:2262 is Silicon Motion's SM2262(EN),
-- which other brands use, too.

device {
	driver = "nvme",
	vendor = 0x126f,
	device = 0x2262,
	deadline = 600,
	why = "the HP EX950 with this chip needs minutes to come to rest",
}

-- #29  AHCI: no disk is found in the next kernel; the controller goes on with DMA after bus master
-- was switched off. Patch thread of "prabhakar (pk)" on the kexec and linux-pci lists ("ahci: Add
-- shutdown to freeze hardware resources of ahci"; no link known). 6.1 has it.
-- No rule: by default; remove() stops the ports. If the disk is in use, the controller is left, and
-- on a kernel without ahci_shutdown_one() the only way is to free the disk before the jump.

-- #43  hpsa, aacraid and old megaraid stay stuck after the previous kernel.
-- https://git.kernel.org/linus/64670ac87, Documentation/scsi/ChangeLog.megaraid
-- By default: unbind, then a reset of the slot. The word "reset_devices" for the target is not
-- added: it is meant for a crash kernel and would slow a system down for as long as it runs.
-- megaraid_sas, mpt3sas, mpi3mr keep to one interrupt vector or a short queue with it, hpsa to
-- 32 commands (megasas_init(), hpsa_get_max_perf_mode_cmds(), 6.1). aacraid alone pays once, at
-- its start (up to 300 s, drivers/scsi/aacraid/rx.c), and has a word of its own. Where one of those
-- old cards on legacy PCI, which is not reset, needs it:
--     device { driver = "aacraid", place = "legacy", options_add = "aacraid.reset_devices=1" }
-- examples/kdump.lua shows it for crash kernels. remove() flushes caches here as well:

device {
	driver = { "hpsa", "aacraid", "smartpqi", "mpt3sas", "mpi3mr" },
	deadline = 120,
	why = "the controller may have to write its cache out first",
}


-- THE CHIPSET

-- #16  ioatdma: "Self-test copy timed out" in the next kernel.
-- http://lists.infradead.org/pipermail/kexec/2009-December/003686.html
-- No rule: by default; in 6.1 remove() begins with shutdown(), which stops and resets the channels.
-- Who uses them has to stop first: that is RAID 5 and 6 in software, and a disk in use is left.

-- #25  i801_smbus in switches: "SMBus is busy, can't use it!" until the power is cut, because kexec
-- came in the middle of a transfer that some monitor had asked for.
-- https://github.com/sonic-net/sonic-utilities/issues/267, /pull/3570
-- By default: remove() lets the transfer end and takes the devices on the bus off first. It
-- also waits, for ever, for a process that has /dev/i2c-N open (i2c_del_adapter(), 6.1): then the
-- controller counts as in use ("open") and is left. A monitor that is stopped before the jump has
-- it stilled; the use is looked up before, so the rule has to speak of it. In SONiC's case:
--     device { driver = "i801_smbus", use = "open", steps = { "unbind" } }
--     arrange(function(machine, steps)
--         table.insert(steps, 1, { step = "run", deadline = 30,
--             command = { "/usr/bin/systemctl", "stop", "pmon.service" } })
--         return steps
--     end)

-- #27  A switch's ASIC: its interrupts stay on, and the next kernel panics before it has mapped it.
-- https://github.com/sonic-net/sonic-buildimage/pull/28656
-- No rule: by default; it is unbound and reset, and what still asserts an interrupt is masked and
-- named as loud. "boot { require_still = true }" restarts through the firmware in that case.

-- #28  Loongson: some device keeps raising an interrupt that nobody serves; the new kernel dies.
-- https://github.com/loongson-community/linux-stable/issues/26
-- No rule: as #27; the report does not name the device.


-- WHOLE MACHINES

-- #7  The target stalls if the jump comes within 5 s of the loader's start; with 7 s it boots.
-- https://github.com/zbm-dev/zfsbootmenu/issues/807
-- No rule: the report does not name the machine, and 7 s for everybody is a bad bargain. It was
-- probably the graphics driver: "nomodeset" in the loader helped as well. If yours does it:
--     machine { product = "NAME", settle = 7 }

-- #8  Lenovo ThinkPad X13s: loading the kernel fails the first time and works the second time.
-- https://github.com/zbm-dev/zfsbootmenu/pull/804
-- Its product names begin with the machine type, 21BX or 21BY.

machine {
	vendor = "LENOVO",
	product = { "21BX*", "21BY*" },
	load_retries = 2,
	why = "the X13s refuses the first load and takes the second",
}

-- #13  Talos Linux switched kexec off for a whole release, to find out what broke where.
-- https://github.com/siderolabs/talos/pull/4948, issue 4947
-- No rule: not ours. A fleet's switch is the sysctl kernel.kexec_load_disabled=1 (until the next
-- cold start) or "machine { quiesce = false }" in /etc, which touches no device.

-- #14  VMware Fusion on arm64: kexec never arrives.
-- https://github.com/siderolabs/talos/issues/4677, siderolabs/talos-vmtoolsd issue 51
-- No rule: no device is to blame and no step helps, and this program is not for arm64. On such a
-- machine: machine { jump = false, why = "..." }, or kernel.kexec_load_disabled=1.

-- #15  Intel N5105 (Jasper Lake): a black screen for ever, even into the same kernel.
-- https://github.com/coreos/fedora-coreos-tracker/issues/2071
-- The same of an N5100: https://github.com/nix-community/nixos-anywhere/issues/289
-- No rule: nobody found one, and others of these processors are not reported. On a machine that does
-- this: machine { jump = false, why = "..." }, or kernel.kexec_load_disabled=1.

-- #34  kexec hangs silently on some machines and guests.
-- https://github.com/tinkerbell/actions/issues/57
-- No rule: the report names nothing to match. stillboot names each step before it does it; the last
-- line on a serial console is the one to look at.

-- #45  Amazon EC2, Nitro (t3.large; 4.18 of RHEL 8 and 5.5-rc7): every kexec dies with "sched:
-- Unexpected reschedule of offline CPU#1". Bhupesh Sharma, "kexec based bootloaders: Boon or Bane",
-- 2020, quoting Red Hat's knowledge base (no link known).
-- Not verified: that it helps, and which kernel mended it; the range is the one that was seen. Bare
-- metal instances are spared.

machine {
	vendor = "Amazon EC2",
	kernel = ">= 4.18, < 5.6",
	when = function(m)
		return not string.find(m.product or "", ".metal", 1, true)
	end,
	offline_cpus = true,
	why = "these kernels die here when a second processor is woken during kexec",
}


-- LOADING AND THE SERVICE MANAGER: nothing that a rule could do.

-- #21  EFI: "A valid RSDP was not found", IOAPIC errors, USB error -110, no power off.
-- https://github.com/coreos/bugs/issues/167, https://github.com/sonic-net/SONiC/issues/548
-- No rule: by the loader; kexec_file_load comes first, and the kernel passes the RSDP on. Only
-- kexec_load needs "acpi_rsdp=", whose value differs on each machine.

-- #22  Secure Boot: kexec_load is refused with EPERM.
-- https://github.com/nix-community/nixos-anywhere/issues/143, zbm-dev/zfsbootmenu issue 228
-- No rule: by the loader; kexec_file_load comes first.

-- #23  kexec_file_load says EKEYREJECTED though Secure Boot is off (old CentOS, Ubuntu on arm64).
-- https://github.com/nix-community/nixos-anywhere/issues/264
-- No rule: by the loader; this is found at the preload, before any device is touched, and reported.

-- #24  "kexec -u" is refused with EPERM under IMA or Secure Boot.
-- https://github.com/sonic-net/sonic-utilities/pull/3439
-- No rule: by the loader; it unloads with KEXEC_FILE_UNLOAD.

-- #26  The usual way down adds 10 to 16 s at random.
-- https://github.com/sonic-net/sonic-utilities/pull/473, /406
-- No rule: by the loader; it stills the devices side by side and then jumps itself.

-- #35  The host cannot be reached: address or route changed after kexec.
-- https://github.com/nix-community/nixos-anywhere/issues/112, /415
-- No rule: not ours; it is the target's network configuration. One may pass it "ip=" by
-- options_add.

-- #36  Starting kexec.target by itself loads nothing: the boot partition is already unmounted.
-- https://github.com/systemd/systemd/issues/25417
-- No rule: by the loader; kernel and initrd are in memory and loaded before anything stops.

-- #37  "systemctl kexec" sometimes makes a cold start without a word.
-- https://github.com/systemd/systemd/issues/23781
-- No rule: by the loader; it says which of the two it is going to do, and why.

-- #38  kexec cannot be made the usual kind of reboot.
-- https://github.com/systemd/systemd/issues/41211
-- No rule: not ours; systemd units come with stillboot, rules cannot change the service manager.

-- #39  Without EFI or with GRUB "systemctl kexec" refuses, as it finds no entry to load.
-- https://github.com/systemd/systemd/issues/15029, 7730, 40743; NixOS/nixpkgs issue 345978
-- No rule: by the loader; a kernel that was loaded before is taken as it is.


-- WORDS OF THE COMMAND LINE that are not passed on by themselves: "pci=...", "noapic", "nomodeset"
-- and the like belong to an entry; whoever needs one for the running kernel mostly has it there,
-- too. examples/appliance.lua shows how a loader hands its own words on.
