// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Runs a fuzz target over files without a fuzzer: each file given, and each file in the directories
 * given. Exits 0 when all went through, 1 when one could not be read; a finding ends the process.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	/* Exactly the size, so that the address sanitizer sees a read beyond it. */
	uint8_t *data = malloc(size ? size : 1);
	int rc = file && data && fread(data, 1, size, file) == size ? 0 : -EIO;

	if (rc < 0)
		fprintf(stderr, "%s: cannot be read\n", path);
	else
		LLVMFuzzerTestOneInput(data, size);
	if (file)
		fclose(file);
	free(data);
	return rc;
}

static int run(const char *path, size_t *count)
{
	struct dirent **names;
	struct stat st;
	int n, rc = 0;

	if (stat(path, &st) < 0) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -errno;
	}
	if (!S_ISDIR(st.st_mode)) {
		++*count;
		return run_file(path, (size_t)st.st_size);
	}
	n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char below[4096];

		snprintf(below, sizeof(below), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.' && run(below, count) < 0)
			rc = -EIO;
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return n < 0 ? -errno : rc;
}

int main(int argc, char **argv)
{
	size_t count = 0;
	int rc = 0;

	for (int i = 1; i < argc; i++)
		if (run(argv[i], &count) < 0)
			rc = 1;
	printf("%s: %zu inputs\n", argv[0], count);
	return rc;
}
