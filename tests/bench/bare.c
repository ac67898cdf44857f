// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bare DIR: what the snapshot is measured against. Reads the same files of each function, in the
 * same number of system calls, and understands nothing.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const char *const files[] = {
	"power_state", "config", "numa_node", "sriov_numvfs", "reset_method"};
static const char *const links[] = {"driver", "iommu_group", "physfn"};

static size_t read_function(int devices, const char *slot)
{
	int fd = openat(devices, slot, O_RDONLY | O_DIRECTORY);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	char buf[4096];
	size_t bytes = 0;

	if (!dir)
		return 0;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		int file = openat(fd, files[i], O_RDONLY);
		ssize_t n = file < 0 ? 0 : read(file, buf, sizeof(buf));

		bytes += n > 0 ? (size_t)n : 0;
		if (file >= 0)
			close(file);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++)
		bytes += readlinkat(fd, links[i], buf, sizeof(buf)) > 0;
	bytes += faccessat(fd, "reset_subordinate", F_OK, 0) == 0;
	bytes += faccessat(fd, "driver/unbind", F_OK, 0) == 0;
	while (readdir(dir))
		bytes++;
	closedir(dir);
	return bytes;
}

int main(int argc, char **argv)
{
	char path[4096];
	struct dirent *entry;
	size_t bytes = 0;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices", argc == 2 ? argv[1] : "");
	DIR *dir = opendir(path);
	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			bytes += read_function(dirfd(dir), entry->d_name);
	printf("%zu\n", bytes);
	return bytes ? 0 : 1;
}
