// SPDX-License-Identifier: GPL-2.0-or-later
#include "boot/pin.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "boot/image/unpack.h"
#include "devices/cleanup.h"

#define FILE_MAX ((uint64_t)4 << 30) /* bytes; far above any kernel or initrd, below any overflow */

static size_t round4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static int size_of(const struct pin_source *source, size_t *size, struct err *err)
{
	uint64_t available;
	struct stat st;

	if (fstat(source->fd, &st) < 0)
		return err_errno(err, -errno, "%s", source->name);
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "%s is not a regular file", source->name);
	available = (uint64_t)st.st_size;
	if (source->offset > available || source->size > available - source->offset)
		return err_set(err, -EIO, "%s is shorter than its headers say", source->name);
	available = source->size ? source->size : available - source->offset;
	if (available == 0)
		return err_set(err, -ENODATA, "%s is empty", source->name);
	if (available > FILE_MAX)
		return err_set(err, -EFBIG, "%s is too large", source->name);
	*size = (size_t)available;
	return 0;
}

/* Copy exactly size bytes to the memory file at its offset. */
static int copy(int to, const struct pin_source *from, size_t size, struct err *err)
{
	off_t at = (off_t)from->offset;

	while (size) {
		ssize_t n = sendfile(to, from->fd, &at, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, -errno, "read %s", from->name);
		if (n == 0)
			return err_set(
				err, -EIO, "%s became shorter while it was read", from->name);
		size -= (size_t)n;
	}
	return 0;
}

size_t pin_memory_available(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;
	unsigned long long kib;
	const char *line;

	if (machine_read_file(m, NULL, "proc/meminfo", 1 << 16, &text, NULL) < 0)
		return SIZE_MAX; /* unknown is not a reason to refuse */
	line = strstr(text, "MemAvailable:");
	if (!line || sscanf(line, "MemAvailable: %llu kB", &kib) != 1)
		return SIZE_MAX;
	return (size_t)kib * 1024;
}

static int check_memory(struct machine *m, size_t needed, struct err *err)
{
	size_t available = pin_memory_available(m);

	if (available >= needed)
		return 0;
	return err_set(err, -ENOMEM,
		"not enough memory: pinning and loading kernel and initrd takes %zu MiB, %zu MiB "
		"are available",
		needed >> 20, available >> 20);
}

/* Bytes that loading takes: the kernel reads the files, and copies them to pages for all that the image will
 * be, where the next kernel has as much as it wants to start (kernel/kexec_core.c,
 * kimage_load_normal_segment(): memsz, not bufsz). */
static size_t load_size(const struct pinned *p)
{
	const size_t start = (size_t)p->image.start_size;

	return p->kernel_size + (start > p->kernel_size ? start : p->kernel_size) +
	       2 * (p->initrd_size + p->handoff_room);
}

int pin_can_reload(struct machine *m, const struct pinned *pinned)
{
	return pin_memory_available(m) >= load_size(pinned);
}

static int seal(int fd, const char *name, struct err *err)
{
	int seals = F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL;

	return fcntl(fd, F_ADD_SEALS, seals) < 0
		       ? err_errno(err, -errno, "seal the copy of %s", name)
		       : 0;
}

static int make_file(const char *name, struct err *err)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

	return fd < 0 ? err_errno(err, -errno, "make a memory file") : fd;
}

/* What is in the packed bytes takes the place of the copy. */
static int unpack_kernel(const uint8_t *bytes, struct pinned *p, uint64_t limit, struct err *err)
{
	_cleanup_fd_ int fd = make_file("stillboot-kernel", err);
	size_t offset = p->image.packed_offset, size = p->image.packed_size;
	struct stat st;
	int rc;

	if (fd < 0)
		return fd;
	if (offset > p->kernel_size || size > p->kernel_size - offset)
		return err_set(err, -EBADMSG,
			"its header is damaged: it names data that it does not have");
	rc = unpack(p->image.packing, bytes + offset, size ? size : p->kernel_size - offset, fd,
		limit, err);
	if (rc < 0)
		return rc;
	if (fstat(fd, &st) < 0 || st.st_size == 0)
		return err_set(err, -EBADMSG, "nothing is in its %s data", p->image.format);
	close(p->kernel_fd);
	p->kernel_fd = fd_take(&fd);
	p->kernel_size = (size_t)st.st_size;
	return 0;
}

/* One layer: seal and examine the copy, and unpack it if it is packed. */
static int examine(const char *name, struct pinned *p, uint64_t limit, struct err *err)
{
	int rc = seal(p->kernel_fd, name, err);
	struct utsname uts;
	size_t size = p->kernel_size;
	void *bytes;

	if (rc < 0)
		return rc;
	bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, p->kernel_fd, 0);
	if (bytes == MAP_FAILED)
		return err_errno(err, -errno, "map the copy of %s", name);
	uname(&uts);
	rc = image_examine(bytes, size, uts.machine, &p->image, err);
	if (rc == 0 && p->image.packing)
		rc = unpack_kernel(bytes, p, limit, err);
	munmap(bytes, size);
	return rc < 0 ? err_wrap(err, rc, "%s", name) : 0;
}

/* The unpacked kernel may take as much memory as a loaded one may: see check_memory(). */
static uint64_t unpacked_max(struct machine *m)
{
	size_t available = pin_memory_available(m) / 3;

	return available < PIN_UNPACKED_MAX ? available : PIN_UNPACKED_MAX;
}

static int pin_kernel(
	struct machine *m, const struct pin_source *kernel, struct pinned *p, struct err *err)
{
	int rc;

	p->kernel_fd = make_file("stillboot-kernel", err);
	if (p->kernel_fd < 0)
		return p->kernel_fd;
	rc = copy(p->kernel_fd, kernel, p->kernel_size, err);
	for (unsigned int layer = 0; rc == 0; layer++) {
		rc = examine(kernel->name, p, unpacked_max(m), err);
		if (rc < 0 || !p->image.packing)
			break;
		if (layer == IMAGE_LAYERS_MAX)
			return err_set(
				err, -ENOEXEC, "%s: it is packed too many times", kernel->name);
	}
	return rc;
}

static int pin_initrds(const struct pin_source *initrds, const size_t *sizes, size_t count,
	struct pinned *p, struct err *err)
{
	off_t at = 0;

	p->initrd_fd = make_file("stillboot-initrd", err);
	if (p->initrd_fd < 0)
		return p->initrd_fd;
	for (size_t i = 0; i < count; i++) {
		int rc;

		if (lseek(p->initrd_fd, at, SEEK_SET) < 0)
			return err_errno(err, -errno, "copy %s", initrds[i].name);
		rc = copy(p->initrd_fd, &initrds[i], sizes[i], err);
		if (rc < 0)
			return rc;
		at += (off_t)round4(sizes[i]);
	}
	p->handoff_offset = (size_t)at;
	if (fallocate(p->initrd_fd, 0, 0, at) < 0 ||
		(p->handoff_room && fallocate(p->initrd_fd, FALLOC_FL_KEEP_SIZE, at,
					    (off_t)p->handoff_room) < 0) ||
		fcntl(p->initrd_fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0)
		return err_errno(err, -errno, "make room for the handoff");
	return 0;
}

int pin_files(struct machine *m, const struct pin_source *kernel, const struct pin_source *initrds,
	size_t initrd_count, size_t handoff_room, struct pinned *pinned, struct err *err)
{
	struct pinned p = {.kernel_fd = -1, .initrd_fd = -1, .cmdline = ""};
	_cleanup_talloc_ size_t *sizes = talloc_array(NULL, size_t, initrd_count + 1);
	int rc = sizes ? size_of(kernel, &p.kernel_size, err) : err_errno(err, -ENOMEM, "pin");

	for (size_t i = 0; i < initrd_count && rc == 0; i++) {
		rc = size_of(&initrds[i], &sizes[i], err);
		p.initrd_size += rc == 0 ? round4(sizes[i]) : 0;
	}
	if (rc == 0 && initrd_count)
		p.handoff_room = round4(handoff_room);
	/* Here they are once more. How large the kernel becomes shows when it is there. */
	if (rc == 0)
		rc = check_memory(
			m, p.kernel_size + p.initrd_size + p.handoff_room + load_size(&p), err);
	if (rc == 0)
		rc = pin_kernel(m, kernel, &p, err);
	if (rc == 0)
		rc = check_memory(m, p.initrd_size + p.handoff_room + load_size(&p), err);
	if (rc == 0 && initrd_count)
		rc = pin_initrds(initrds, sizes, initrd_count, &p, err);
	if (rc < 0) {
		pin_release(&p);
		return rc;
	}
	*pinned = p;
	return 0;
}

int pin_cmdline(struct pinned *pinned, const char *cmdline, struct err *err)
{
	size_t len = strlen(cmdline);

	if (len > pinned->image.cmdline_max)
		return err_set(err, -E2BIG,
			"the command line has %zu characters, this kernel takes at most %zu", len,
			pinned->image.cmdline_max);
	pinned->cmdline = cmdline;
	return 0;
}

const char *pin_command_line(const struct pinned *pinned)
{
	return pinned->tied ? pinned->tied : pinned->cmdline;
}

static int write_at(int fd, const char *bytes, size_t len, size_t at)
{
	while (len) {
		ssize_t n = pwrite(fd, bytes, len, (off_t)at);

		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		bytes += n;
		at += (size_t)n;
		len -= (size_t)n;
	}
	return 0;
}

/* By a descriptor of its own: the kernel loads no file that somebody has open for writing
 * (fs/kernel_read_file.c), unless it is a memory file, and the pinned one may be another. */
int pin_write_handoff(
	struct machine *m, struct pinned *pinned, const void *bytes, size_t len, struct err *err)
{
	static const char zeros[4096];
	size_t end = pinned->handoff_offset + len;
	char path[48];
	int rc;

	if (len > pinned->handoff_room)
		return err_set(err, -ENOSPC, "the handoff does not fit into its room");
	snprintf(path, sizeof(path), "proc/self/fd/%d", pinned->initrd_fd);
	_cleanup_fd_ int own = openat(m->root_fd, path, O_WRONLY | O_CLOEXEC);
	const int fd = own < 0 ? pinned->initrd_fd : own;

	rc = write_at(fd, bytes, len, pinned->handoff_offset);
	while (rc == 0 && end < pinned->initrd_size) {
		const size_t more = pinned->initrd_size - end;
		const size_t part = more < sizeof(zeros) ? more : sizeof(zeros);

		rc = write_at(fd, zeros, part, end);
		end += part;
	}
	if (rc == 0)
		pinned->initrd_size = end;
	return rc < 0 ? err_errno(err, rc, "write the handoff") : 0;
}

void pin_release(struct pinned *pinned)
{
	if (pinned->kernel_fd >= 0)
		close(pinned->kernel_fd);
	if (pinned->initrd_fd >= 0)
		close(pinned->initrd_fd);
	pinned->kernel_fd = pinned->initrd_fd = -1;
}
