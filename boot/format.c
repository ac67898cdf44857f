// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/format.h"

#include "boot/bls.h"
#include "boot/pe.h"

#define UKI_FILES "EFI/Linux/*.[eE][fF][iI]" /* FAT knows no case */

const struct format formats[] = {
	{
		/* UAPI.1; below boot/ where that is no filesystem of its own (Fedora). Both types
		 * are one menu. */
		.name = "bls1",
		.menu = FORMAT_DISK_IS_MENU,
		.places =
			{
				{"loader/entries/*.conf"},
				{"boot/loader/entries/*.conf"},
				{UKI_FILES, .parse = uki_parse, .head = PE_HEAD},
				{"boot/" UKI_FILES, .parse = uki_parse, .head = PE_HEAD},
				{"efi/" UKI_FILES, .parse = uki_parse, .head = PE_HEAD},
				{"boot/efi/" UKI_FILES, .parse = uki_parse, .head = PE_HEAD},
				{"loader/loader.conf", .parse = bls_parse_settings},
				{"boot/loader/loader.conf", .parse = bls_parse_settings},
				{"efi/loader/loader.conf", .parse = bls_parse_settings},
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
	{.name = NULL},
};
