// SPDX-License-Identifier: GPL-2.0-or-later
/* What grub_parse() does, and the choice of the default from what it gives. The script finds the few files of
 * tests/fuzz/grub_tree, where that is there. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "boot/grub/grub.h"
#include "tests/fuzz/menu.h"

#define SIZE_LIMIT 2048
#define SCRATCH_LIMIT (32 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Opened once: it is only read. */
static struct volume_set *tree(void)
{
	static const char *const trees[] = {
		"UUID=1111-AAAA,sda1:tests/fuzz/grub_tree", "LABEL=DATA,sdb1:tests/fuzz/grub_tree"};
	static struct volume_set *set;
	static int tried;
	struct err err;

	if (!tried++)
		volumes_of_trees(NULL, trees, 2, &set, &err);
	return set;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct entry_list *list = entry_list_new(NULL);
	struct reading r = reading_of_bytes(list, "boot/grub/grub.cfg");
	struct volume_set *set = tree();
	struct grub_run *g;
	struct err err;

	/* What is longer only has more of the same, and takes the time of others. */
	if (size > SIZE_LIMIT || !list) {
		talloc_free(list);
		return -1;
	}
	if (set) {
		r.files = READING_FILES_MAX - 8;
		r.volumes = set;
		r.volume = set->volumes;
	}
	g = grub_run_new(NULL, &r);
	if (!g)
		abort();
	/* Loops are only tried, or most of the time would go into them. */
	g->step_limit = 0;
	g->step_max = 100;
	/* Arguments that double with each call as well. */
	g->scratch.limit = SCRATCH_LIMIT;
	if (grub_run_all(g, (const char *)data, size, &err) == 0) {
		menu_check(list);
		entry_list_make_unique(list);
	}
	talloc_free(g);
	talloc_free(list);
	return 0;
}
