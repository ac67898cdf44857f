// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/format.h"

#include <string.h>

#include "boot/bare.h"
#include "boot/bls/bls.h"
#include "boot/bls/pe.h"

/* FAT knows no case. */
#define BLS_FILES "loader/entries/*.conf"
#define UKI_FILES "EFI/Linux/*.efi"

#define DIGIT "[0-9A-F]"
#define HEX DIGIT DIGIT /* a byte */

const struct format formats[] = {
	{
		/* UAPI.1; below boot/ where that is no filesystem of its own (Fedora), and below
		 * all mount points of the ESP and XBOOTLDR in a copy of a whole system. Both
		 * types are one menu. */
		.name = "bls1",
		.also = "bls2",
		.menu = FORMAT_DISK_IS_MENU,
		.places =
			{
				{.pattern = BLS_FILES},
				{.pattern = "boot/" BLS_FILES},
				{.pattern = "efi/" BLS_FILES},
				{.pattern = "boot/efi/" BLS_FILES},
				{UKI_FILES, .parse = uki_parse, .head = PE_HEAD},
				{"boot/" UKI_FILES, .parse = uki_parse, .head = PE_HEAD},
				{"efi/" UKI_FILES, .parse = uki_parse, .head = PE_HEAD},
				{"boot/efi/" UKI_FILES, .parse = uki_parse, .head = PE_HEAD},
				{.pattern = "loader/loader.conf", .parse = bls_parse_settings},
				{.pattern = "boot/loader/loader.conf", .parse = bls_parse_settings},
				{.pattern = "efi/loader/loader.conf", .parse = bls_parse_settings},
				{.pattern = "boot/efi/loader/loader.conf",
					.parse = bls_parse_settings},
			},
		.limit = 64 << 10,
		.parse = bls_parse,
		.sort = bls_sort,
		.remember = bls_remember,
	},
	{
		/* grub and grub2 are what distributions call it; EFI for those that keep the whole
		 * file beside the loader. */
		.name = "grub",
		.menu = FORMAT_FILE_IS_MENU,
		.places =
			{
				{.pattern = "boot/grub/grub.cfg"},
				{.pattern = "boot/grub2/grub.cfg"},
				{.pattern = "grub/grub.cfg"},
				{.pattern = "grub2/grub.cfg"},
				{.pattern = "EFI/*/grub.cfg"},
				{.pattern = "grub.cfg"},
				/* On CDs without Rock Ridge. */
				{.pattern = "BOOT/GRUB/GRUB.CFG"},
				{.pattern = "BOOT/GRUB2/GRUB.CFG"},
				{.pattern = "EFI/*/GRUB.CFG"},
				{.pattern = "efi/*/grub.cfg"},
				{.pattern = "grub.cfg"},
			},
		.limit = 4 << 20,
		.parse = grub_parse,
		.remember = grub_remember,
	},
	{
		/* GRUB 0.97: Red Hat's name of the file, and everybody else's, which often is a link
		 * to it; at the top on sticks with GRUB4DOS. */
		.name = "grub-legacy",
		.menu = FORMAT_FILE_IS_MENU,
		.places =
			{
				{.pattern = "boot/grub/grub.conf"},
				{.pattern = "boot/grub/menu.lst"},
				{.pattern = "grub/grub.conf"},
				{.pattern = "grub/menu.lst"},
				{.pattern = "EFI/*/grub.conf"},
				{.pattern = "menu.lst"},
			},
		.limit = 256 << 10,
		.parse = grub_legacy_parse,
	},
	{
		.name = "petitboot",
		.menu = FORMAT_FILE_IS_MENU,
		.places = {{.pattern = "boot/petitboot.conf"}, {.pattern = "petitboot.conf"}},
		.limit = 256 << 10,
		.parse = petitboot_conf_parse,
	},
	{
		/* The upper-case names are those on CDs without Rock Ridge. */
		.name = "kboot",
		.menu = FORMAT_FILE_IS_MENU,
		.places =
			{
				{.pattern = "kboot.conf"},
				{.pattern = "kboot.cnf"},
				{.pattern = "etc/kboot.conf"},
				{.pattern = "etc/kboot.cnf"},
				{.pattern = "boot/kboot.conf"},
				{.pattern = "boot/kboot.cnf"},
				{.pattern = "KBOOT.CONF"},
				{.pattern = "KBOOT.CNF"},
				{.pattern = "ETC/KBOOT.CONF"},
				{.pattern = "ETC/KBOOT.CNF"},
				{.pattern = "BOOT/KBOOT.CONF"},
				{.pattern = "BOOT/KBOOT.CNF"},
			},
		.limit = 256 << 10,
		.parse = kboot_parse,
	},
	{
		/* Petitboot's places, and boot/etc where /boot is a filesystem of its own at other
		 * times (Fedora), ppc and install of installation media. */
		.name = "yaboot",
		.menu = FORMAT_FILE_IS_MENU,
		.places =
			{
				{.pattern = "yaboot.conf"},
				{.pattern = "yaboot.cnf"},
				{.pattern = "etc/yaboot.conf"},
				{.pattern = "etc/yaboot.cnf"},
				{.pattern = "boot/etc/yaboot.conf"},
				{.pattern = "suseboot/yaboot.cnf"},
				{.pattern = "etc/lilo.conf"},
				{.pattern = "etc/silo.conf"},
				{.pattern = "ppc/*/yaboot.conf"},
				{.pattern = "install/yaboot.conf"},
				{.pattern = "YABOOT.CONF"},
				{.pattern = "YABOOT.CNF"},
				{.pattern = "ETC/YABOOT.CONF"},
				{.pattern = "ETC/YABOOT.CNF"},
				{.pattern = "SUSEBOOT/YABOOT.CNF"},
				{.pattern = "ETC/LILO.CONF"},
				{.pattern = "ETC/SILO.CONF"},
			},
		.limit = 256 << 10,
		.parse = yaboot_parse,
	},
	{
		/* Names with a version first: what has none is often a link to one of them. A kernel
		 * is known by its first bytes; more of it is read where they say so. */
		.name = "bare",
		.menu = FORMAT_LAST_RESORT,
		.places =
			{
				{.pattern = "boot/vmlinuz-*", .head = BARE_HEAD},
				{.pattern = "vmlinuz-*", .head = BARE_HEAD},
				{.pattern = "boot/vmlinuz*", .head = BARE_HEAD},
				{.pattern = "vmlinuz*", .head = BARE_HEAD},
				{.pattern = "boot/vmlinux*", .head = BARE_HEAD},
				{.pattern = "vmlinux*", .head = BARE_HEAD},
				{.pattern = "boot/Image*", .head = BARE_HEAD},
				{.pattern = "Image", .head = BARE_HEAD},
				{.pattern = "Image-*", .head = BARE_HEAD},
				{.pattern = "boot/bzImage*", .head = BARE_HEAD},
				{.pattern = "bzImage*", .head = BARE_HEAD},
				{.pattern = "boot/zImage*", .head = BARE_HEAD},
				{.pattern = "zImage*", .head = BARE_HEAD},
				{.pattern = "boot/kernel-*", .head = BARE_HEAD},
				{.pattern = "kernel-*", .head = BARE_HEAD},
				{.pattern = "casper/vmlinuz*", .head = BARE_HEAD},
				{.pattern = "live/vmlinuz*", .head = BARE_HEAD},
				{.pattern = "images/pxeboot/vmlinuz", .head = BARE_HEAD},
			},
		.parse = bare_parse,
		.sort = bare_sort,
	},
	{
		/* Where SYSLINUX and EXTLINUX (core/fs/lib/loadconfig.c), ISOLINUX
		 * (core/fs/iso9660/iso9660.c) and U-Boot (boot/bootmeth_extlinux.c) look, with and
		 * without boot/; in capitals on copies of disks that know no others. Of the names
		 * that PXELINUX and U-Boot look for, "default" comes first here: the others are each
		 * for one machine, by its UUID or network card, or for all whose IPv4 address begins
		 * with these digits; which of them is ours the disk cannot know. */
		.name = "syslinux",
		.menu = FORMAT_FILE_IS_MENU,
		.places =
			{
				{.pattern = "extlinux/extlinux.conf"},
				{.pattern = "boot/extlinux/extlinux.conf"},
				{.pattern = "extlinux.conf"},
				{.pattern = "boot/extlinux.conf"},
				{.pattern = "boot/syslinux/extlinux.conf"},
				{.pattern = "syslinux/extlinux.conf"},
				{.pattern = "boot/syslinux/syslinux.cfg"},
				{.pattern = "syslinux/syslinux.cfg"},
				{.pattern = "syslinux.cfg"},
				{.pattern = "boot/extlinux/syslinux.cfg"},
				{.pattern = "extlinux/syslinux.cfg"},
				{.pattern = "boot/isolinux/isolinux.cfg"},
				{.pattern = "isolinux/isolinux.cfg"},
				{.pattern = "boot/syslinux/isolinux.cfg"},
				{.pattern = "syslinux/isolinux.cfg"},
				{.pattern = "isolinux.cfg"},
				{.pattern = "EFI/*/syslinux.cfg"},
				{.pattern = "EFI/*/syslx64.cfg"},
				{.pattern = "BOOT/SYSLINUX/SYSLINUX.CFG"},
				{.pattern = "SYSLINUX/SYSLINUX.CFG"},
				{.pattern = "SYSLINUX.CFG"},
				{.pattern = "ISOLINUX/ISOLINUX.CFG"},
				{.pattern = "pxelinux.cfg/default"},
				{.pattern = "pxelinux.cfg/default-*"},
				{.pattern = "pxelinux.cfg/*-*-*-*-*"},
				{.pattern = "pxelinux.cfg/" HEX HEX HEX HEX},
				{.pattern = "pxelinux.cfg/" HEX HEX HEX DIGIT},
				{.pattern = "pxelinux.cfg/" HEX HEX HEX},
				{.pattern = "pxelinux.cfg/" HEX HEX DIGIT},
				{.pattern = "pxelinux.cfg/" HEX HEX},
				{.pattern = "pxelinux.cfg/" HEX DIGIT},
				{.pattern = "pxelinux.cfg/" HEX},
				{.pattern = "pxelinux.cfg/" DIGIT},
			},
		.limit = 1 << 20,
		.parse = syslinux_parse,
	},
	{.name = NULL},
};

const struct format *format_named(const char *name)
{
	for (const struct format *f = formats; f->name; f++)
		if (!strcmp(f->name, name) || (f->also && !strcmp(f->also, name)))
			return f;
	return NULL;
}
