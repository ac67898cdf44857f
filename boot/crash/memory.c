// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/crash/memory.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "devices/crew.h"

#define MIB ((uint64_t)1 << 20)
/* What kernels and initrds become when they are unpacked. Measured on an initrd of Debian 12 (456 files, 22
 * MiB in whole pages): 2.6 as gzip, 2.5 to 3.1 by zstd -3 to -19. */
#define PACKED_TIMES 3
#define KERNEL_TIMES 8 /* of a kernel that does not say; a bzImage of 8 MiB asks for 64 */
/* Processes, drivers, and makedumpfile's bitmap and buffers; before them all of preinit's workers. */
#define ROOM_TO_RUN (64 * MIB + (uint64_t)CREW_BOOT_MAX * CREW_WORKER_BYTES)
#define ADVICE_STEP (64 * MIB)

/* Documentation/driver-api/early-userspace/buffer-format.rst */
enum { CPIO_FILE_SIZE = 54, CPIO_NAME_SIZE = 94, CPIO_HEADER = 110, CPIO_DIGITS = 8 };

/* SIZE_MAX if it is none. */
static size_t number(const uint8_t *digits)
{
	size_t n = 0;

	for (int i = 0; i < CPIO_DIGITS; i++) {
		static const char hex[] = "0123456789ABCDEF";
		const char *found = memchr(hex, toupper(digits[i]), 16);

		if (!found)
			return SIZE_MAX;
		n = n << 4 | (size_t)(found - hex);
	}
	return n;
}

static size_t round4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

/* Bytes of the member that begins here; 0 if none does. */
static size_t member_size(const uint8_t *at, size_t len)
{
	size_t file, name, size;

	if (len < CPIO_HEADER || (memcmp(at, "070701", 6) && memcmp(at, "070702", 6)))
		return 0;
	file = number(at + CPIO_FILE_SIZE);
	name = number(at + CPIO_NAME_SIZE);
	if (file >= len || name >= len)
		return 0;
	size = round4(CPIO_HEADER + name) + round4(file);
	return size <= len ? size : 0;
}

size_t crash_initrd_packed(const uint8_t *bytes, size_t len)
{
	size_t at = 0, size;

	while (at < len) {
		if (!bytes[at])
			at++;
		else if ((size = member_size(bytes + at, len - at)))
			at += size;
		else
			break;
	}
	return len - at;
}

static int packed_of(const struct pinned *p, size_t len, size_t *packed, struct err *err)
{
	void *bytes;

	*packed = 0;
	if (p->initrd_fd < 0 || !len)
		return 0;
	bytes = mmap(NULL, len, PROT_READ, MAP_SHARED, p->initrd_fd, 0);
	if (bytes == MAP_FAILED)
		return err_errno(err, -errno, "look at the initrd");
	*packed = crash_initrd_packed(bytes, len);
	munmap(bytes, len);
	return 0;
}

int crash_need(const struct pinned *p, struct crash_need *need, struct err *err)
{
	/* The room behind it is zeros, or little. */
	const size_t len = p->handoff_room ? p->handoff_offset : p->initrd_size;
	uint64_t files;
	size_t packed;
	int rc = packed_of(p, len, &packed, err);

	if (rc < 0)
		return rc;
	files = (p->image.start_size ? p->image.start_size
				     : (uint64_t)p->kernel_size * KERNEL_TIMES) +
		p->initrd_size;
	need->least = files + len;
	need->likely = files + (len - packed) + (uint64_t)packed * PACKED_TIMES + ROOM_TO_RUN;
	return 0;
}

unsigned int crash_advice_mib(const struct crash_need *need)
{
	return (unsigned int)((need->likely + ADVICE_STEP - 1) / ADVICE_STEP * (ADVICE_STEP / MIB));
}
