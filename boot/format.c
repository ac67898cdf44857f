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
				{"extlinux/extlinux.conf"},
				{"boot/extlinux/extlinux.conf"},
				{"extlinux.conf"},
				{"boot/extlinux.conf"},
				{"boot/syslinux/extlinux.conf"},
				{"syslinux/extlinux.conf"},
				{"boot/syslinux/syslinux.cfg"},
				{"syslinux/syslinux.cfg"},
				{"syslinux.cfg"},
				{"boot/extlinux/syslinux.cfg"},
				{"extlinux/syslinux.cfg"},
				{"boot/isolinux/isolinux.cfg"},
				{"isolinux/isolinux.cfg"},
				{"boot/syslinux/isolinux.cfg"},
				{"syslinux/isolinux.cfg"},
				{"isolinux.cfg"},
				{"EFI/*/syslinux.cfg"},
				{"EFI/*/syslx64.cfg"},
				{"BOOT/SYSLINUX/SYSLINUX.CFG"},
				{"SYSLINUX/SYSLINUX.CFG"},
				{"SYSLINUX.CFG"},
				{"ISOLINUX/ISOLINUX.CFG"},
				{"pxelinux.cfg/default"},
				{"pxelinux.cfg/default-*"},
				{"pxelinux.cfg/*-*-*-*-*"},
				{"pxelinux.cfg/" HEX HEX HEX HEX},
			},
		.limit = 1 << 20,
		.parse = syslinux_parse,
	},
	{.name = NULL},
};
