// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/descriptors.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare_fds(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Who reads what we print is not to wait for a child that hangs. */
static void keep_quiet(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int standard = STDIN_FILENO; fd >= 0 && standard <= STDERR_FILENO; standard++)
		dup2(fd, standard);
	if (fd > STDERR_FILENO)
		close(fd);
}

void descriptors_close_all_but(const int *keep, size_t count)
{
	enum { KEEP_MAX = 8 };
	int kept[KEEP_MAX];
	unsigned int first = STDERR_FILENO + 1;

	assert(count <= KEEP_MAX);
	memcpy(kept, keep, count * sizeof(*kept));
	qsort(kept, count, sizeof(*kept), compare_fds);
	for (size_t i = 0; i < count; i++) {
		unsigned int fd = (unsigned int)kept[i];

		if (kept[i] < 0 || fd < first)
			continue;
		if (fd > first)
			close_range(first, fd - 1, 0);
		first = fd + 1;
	}
	close_range(first, ~0U, 0);
	keep_quiet();
}
