// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mounting a real filesystem, detached: an ext4 image with a journal to replay and an orphan to
 * delete, on a writable loop device. Nothing may change in it. Skipped where we are not root or
 * there is no loop device or mkfs.ext4; the machines in tests/vm do the same with their disks.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/volume/block_writers.h"
#include "boot/volume/read_only.h"
#include "boot/volume/volume.h"
#include "boot/volume/hold.h"
#include "boot/volume/mount.h"
#include "tests/unit/tree.h"

#define IMAGE_SIZE (8 << 20)
#define UUID "5f3c1c9e-6a0a-4c34-9d2f-0d8a1f6d7b11"

struct fixture {
	struct tree tree;
	char image[300], device[32];
	int loop_fd;
};

/* The script finds the image as $1 and the files for it as $2. The file "orphan" is unlinked, but
 * still listed as being deleted, and the journal is marked as not replayed. */
static const char make_it[] =
	"PATH=$PATH:/sbin:/usr/sbin; export PATH; exec >/dev/null 2>&1\n"
	"mkfs.ext4 -q -U " UUID " -L boot -d $2 $1 8M || exit 1\n"
	"n=$(debugfs -R 'stat /orphan' $1 | sed -n 's/^Inode: \\([0-9]*\\).*/\\1/p')\n"
	"debugfs -w -f - $1 <<END\n"
	"feature needs_recovery\n"
	"ssv last_orphan $n\n"
	"sif /orphan links_count 0\n"
	"unlink /orphan\n"
	"ssv state 0\n"
	"END\n";

static int make_image(struct fixture *f)
{
	char command[2048];

	tree_file(&f->tree, "files/orphan", "to be deleted");
	tree_file(&f->tree, "files/loader/entries/a.conf", "linux /k\n");
	tree_link(&f->tree, "files/passwd", "/etc/passwd");
	tree_file(&f->tree, "make-it", make_it);
	snprintf(f->image, sizeof(f->image), "%s/image", f->tree.path);
	snprintf(command, sizeof(command), "sh %s/make-it %s %s/files", f->tree.path, f->image,
		f->tree.path);
	return system(command);
}

static int attach(struct fixture *f)
{
	int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	int number = control < 0 ? -1 : ioctl(control, LOOP_CTL_GET_FREE);
	int image = open(f->image, O_RDWR | O_CLOEXEC);
	int rc = -1, writable = 0;

	if (number >= 0 && image >= 0) {
		snprintf(f->device, sizeof(f->device), "/dev/loop%d", number);
		f->loop_fd = open(f->device, O_RDWR | O_CLOEXEC);
		rc = f->loop_fd < 0 ? -1 : ioctl(f->loop_fd, LOOP_SET_FD, image);
		ioctl(f->loop_fd, BLKROSET, &writable); /* whatever its last user left */
	}
	if (control >= 0)
		close(control);
	if (image >= 0)
		close(image);
	return rc;
}

static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	*state = f;
	f->loop_fd = -1;
	tree_new(&f->tree);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->loop_fd >= 0) {
		ioctl(f->loop_fd, LOOP_CLR_FD);
		close(f->loop_fd);
	}
	tree_remove(&f->tree);
	return talloc_free(f);
}

static char *contents(struct fixture *f)
{
	char *bytes = talloc_array(f, char, IMAGE_SIZE);
	int fd = open(f->image, O_RDONLY | O_CLOEXEC);

	assert_int_equal(read(fd, bytes, IMAGE_SIZE), IMAGE_SIZE);
	close(fd);
	return bytes;
}

static void skip_unless_possible(struct fixture *f)
{
	if (geteuid() || make_image(f) || attach(f) < 0)
		skip();
}

static int is_read_only(const char *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC), is = 0;

	assert_int_equal(ioctl(fd, BLKROGET, &is), 0);
	close(fd);
	return is;
}

static void leaves_a_dirty_image_as_it_is(void **state)
{
	struct fixture *f = *state;
	struct volume_identity identity;
	struct volume_set *set = volume_set_new(f);
	struct volume volume = {.fd = -1, .root = "/", .flags = VOLUME_OUR_MOUNT};
	struct machine m;
	int keeper;
	char *before, *text;
	size_t len;
	struct err err;

	skip_unless_possible(f);
	close(f->loop_fd);
	before = contents(f);
	volume.device = f->device;
	assert_int_equal(machine_open(&m, NULL, &err), 0);
	set->hold = volume_hold_new(&m);
	assert_int_equal(volume_hold_read_only(set->hold, &err), 0);
	keeper = read_only_socket(set->hold->read_only);
	assert_int_equal(volume_probe(f->device, &identity, &err), 0);
	assert_string_equal(identity.uuid, UUID);
	assert_string_equal(identity.label, "boot");
	assert_string_equal(identity.type, "ext4");
	if (volume_mount(f->device, identity.type, keeper, &volume.fd, &err) < 0)
		fail_msg("%s", err.text);
	set->volumes = &volume;
	set->count = 1;

	assert_int_equal(
		volume_read(&volume, f, "loader/entries/a.conf", 99, &text, &len, &err), 0);
	assert_string_equal(text, "linux /k\n");
	assert_int_equal(volume_has(&volume, "passwd", NULL), -ENOENT);
	assert_int_equal(openat(volume.fd, "new", O_CREAT | O_WRONLY, 0644), -1);
	assert_int_equal(errno, EROFS);
	/* While it is mounted it is claimed and read-only, and afterwards at once free. */
	assert_true(is_read_only(f->device));
	assert_int_equal(volume_mount(f->device, "ext4", keeper, &(int){-1}, &err), -EBUSY);
	if (volumes_close(set, &err) < 0)
		fail_msg("%s", err.text);
	assert_false(is_read_only(f->device));
	f->loop_fd = open(f->device, O_RDWR | O_EXCL | O_CLOEXEC);
	assert_true(f->loop_fd >= 0);
	machine_close(&m);
	assert_memory_equal(before, contents(f), IMAGE_SIZE);
}

/* What a job that is late asks of a keeper that was told to end would stay read-only for good. */
static void a_keeper_that_ends_takes_nothing_more(void **state)
{
	struct fixture *f = *state;
	struct read_only *keeper;
	struct machine m;
	struct err err;
	int late;

	skip_unless_possible(f);
	assert_int_equal(machine_open(&m, NULL, &err), 0);
	keeper = read_only_new(&m, f, -1);
	assert_non_null(keeper);
	late = dup(read_only_socket(keeper));
	assert_int_equal(read_only_set(late, f->loop_fd), 0);
	assert_true(is_read_only(f->device));
	assert_int_equal(read_only_set(late, f->loop_fd), 0);
	read_only_free(keeper);
	assert_false(is_read_only(f->device));
	assert_int_equal(read_only_set(late, f->loop_fd), -ECANCELED);
	assert_false(is_read_only(f->device));
	close(late);
	machine_close(&m);
}

static size_t count_loops(struct fixture *f, struct machine *m)
{
	struct block_device *list;
	size_t count, found = 0;
	struct err err;

	assert_int_equal(block_list(m, f, &list, &count, &err), 0);
	block_drop_written(m, list, &count);
	for (size_t i = 0; i < count; i++)
		found += !strcmp(list[i].path, f->device);
	return found;
}

/* A virtual machine has its disk open so. */
static void what_a_process_writes_to_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct machine m;
	struct err err;
	int reader;

	skip_unless_possible(f);
	assert_int_equal(machine_open(&m, NULL, &err), 0);
	assert_int_equal(count_loops(f, &m), 0);
	reader = open(f->device, O_RDONLY | O_CLOEXEC);
	close(f->loop_fd);
	f->loop_fd = reader;
	assert_int_equal(count_loops(f, &m), 1);
	machine_close(&m);
}

static void says_what_it_cannot_mount(void **state)
{
	struct fixture *f = *state;
	static const char zeros[8192];
	struct volume_identity identity;
	char sentence[300];
	struct err err;
	int fd;

	skip_unless_possible(f);
	assert_int_equal(volume_mount(f->device, "nosuchfs", -1, &fd, &err), -ENOPKG);
	assert_string_equal(err.text, "the kernel has no driver for nosuchfs");
	snprintf(sentence, sizeof(sentence), "mount %s as squashfs: Invalid argument", f->device);
	if (volume_mount(f->device, "squashfs", -1, &fd, &err) == -EINVAL)
		assert_string_equal(err.text, sentence);
	assert_int_equal(pwrite(f->loop_fd, zeros, sizeof(zeros), 0), sizeof(zeros));
	assert_int_equal(fsync(f->loop_fd), 0);
	assert_int_equal(volume_probe(f->device, &identity, &err), 0);
	assert_int_equal(identity.content, VOLUME_EMPTY);
	assert_int_equal(volume_probe("/dev/nosuchdevice", &identity, &err), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(leaves_a_dirty_image_as_it_is, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_keeper_that_ends_takes_nothing_more, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_a_process_writes_to_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(says_what_it_cannot_mount, setup, teardown),
	};

	return cmocka_run_group_tests_name("volume_mount", tests, NULL, NULL);
}
