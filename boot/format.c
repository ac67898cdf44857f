// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/format.h"

#include "boot/bls.h"

const struct format formats[] = {
	{
		/* UAPI.1; below boot/ where that is no filesystem of its own (Fedora). */
		.name = "bls1",
		.places =
			{
				{"loader/entries/*.conf", "loader/loader.conf"},
				{"boot/loader/entries/*.conf", "boot/loader/loader.conf"},
			},
		.limit = 64 << 10,
		.parse = bls_parse,
		.parse_settings = bls_parse_settings,
		.sort = bls_sort,
	},
	{
		/* grub and grub2 are what distributions call it; EFI for those that keep the whole
		 * file beside the loader. */
		.name = "grub",
		.places =
			{
				{"boot/grub/grub.cfg", NULL},
				{"boot/grub2/grub.cfg", NULL},
				{"grub/grub.cfg", NULL},
				{"grub2/grub.cfg", NULL},
				{"EFI/*/grub.cfg", NULL},
			},
		.limit = 4 << 20,
		.parse = grub_parse,
	},
	{.name = NULL},
};
