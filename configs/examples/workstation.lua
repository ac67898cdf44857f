-- A workstation: one graphics card, one NVMe drive, a USB keyboard, sound, and somebody in front.
--
-- What matters here: the screen stays readable, nobody's open sound device costs the jump, and one
-- can choose another entry. Try it, nothing is touched:
--
--     stillboot plan --policy workstation.lua
--
-- and then copy it to /etc/stillboot/policy.d/50-workstation.lua.

-- Time to press a key. A machine that hangs restarts through the firmware, as is the default.

boot {
	default = "newest",
	timeout = 5,
}

-- The graphics card is left by default. Sound, its HDMI sound too, is left as long as some program has
-- it open, as desktops have: remove() would wait for that for ever (snd_card_free() in
-- sound/core/init.c). After "systemctl kexec" nobody has, and it is stilled.

-- The root drive is in use while the desktop runs, and left. After "systemctl kexec" everything is
-- unmounted, and then it is stilled like the others, with the time that quirks.lua gives it.

-- The keyboard's controller is unbound and reset by default; that is what made keyboards work in
-- the next kernel where they did not. If yours is dead afterwards, try the opposite:
--
--     device { driver = "xhci_hcd", slot = "0000:00:14.0", leave = true, why = "keyboard" }

-- Entries that are not for every day.

entry {
	title = { "*fallback*", "*Memtest*" },
	hide = true,
	why = "for repairs only; it can still be named on the command line",
}
