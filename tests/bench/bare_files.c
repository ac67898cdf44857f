// SPDX-License-Identifier: GPL-2.0-or-later
/* bare_files DIR: what listing entries is measured against. Reads the files of a directory, and
 * understands nothing. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	DIR *dir = opendir(argc == 2 ? argv[1] : ".");
	struct dirent *entry;
	char buf[65536];
	size_t bytes = 0;

	while (dir && (entry = readdir(dir))) {
		int file = *entry->d_name == '.' ? -1 : openat(dirfd(dir), entry->d_name, O_RDONLY);
		ssize_t n = file < 0 ? 0 : read(file, buf, sizeof(buf));

		bytes += n > 0 ? (size_t)n : 0;
		if (file >= 0)
			close(file);
	}
	printf("%zu\n", bytes);
	return bytes ? 0 : 1;
}
