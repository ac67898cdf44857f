// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/format.h"

#include "boot/bls.h"

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
				{"efi/*/grub.cfg"},
				{"grub.cfg"},
			},
		.limit = 4 << 20,
		.parse = grub_parse,
	},
	{.name = NULL},
};
