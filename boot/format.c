// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/format.h"

#include "boot/bls.h"

#define HEX "[0-9A-F][0-9A-F]" /* a byte */

const struct format formats[] = {
	{
		/* UAPI.1; below boot/ where that is no filesystem of its own (Fedora). */
		.name = "bls1",
		.menu = FORMAT_DISK_IS_MENU,
		.places =
			{
				{"loader/entries/*.conf"},
				{"boot/loader/entries/*.conf"},
				{"loader/loader.conf", .parse = bls_parse_settings},
				{"boot/loader/loader.conf", .parse = bls_parse_settings},
			},
		.limit = 64 << 10,
		.parse = bls_parse,
		.sort = bls_sort,
	},
	{
		/* grub and grub2 are what distributions call it; EFI for those that keep the whole
		 * file beside the loader. */
		.name = "grub",
		.menu = FORMAT_FILE_IS_MENU,
		.places =
			{
				{"boot/grub/grub.cfg"},
				{"boot/grub2/grub.cfg"},
				{"grub/grub.cfg"},
				{"grub2/grub.cfg"},
				{"EFI/*/grub.cfg"},
			},
		.limit = 4 << 20,
		.parse = grub_parse,
	},
	{
		/* Where SYSLINUX and EXTLINUX (core/fs/lib/loadconfig.c), ISOLINUX
		 * (core/fs/iso9660/iso9660.c) and U-Boot (boot/bootmeth_extlinux.c) look, with and
		 * without boot/; in capitals on copies of disks that know no others. Of the names
		 * that PXELINUX and U-Boot look for, "default" comes first here: the others are each
		 * for one machine, by its UUID, network card or IPv4 address. */
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
			},
		.limit = 1 << 20,
		.parse = syslinux_parse,
	},
	{.name = NULL},
};
