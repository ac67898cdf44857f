// SPDX-License-Identifier: GPL-2.0-or-later
/* Writing where filesystems are mounted in one another, or have several roots: the file that was read is
 * written, and not another of the same name. In a mount namespace of its own; skipped where we are not
 * root or may not make one. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "devices/cleanup.h"
#include "tests/unit/tree.h"

struct fixture {
	struct tree tree;
	struct machine machine;
	char root[300], boot[320], device[64]; /* "" for none */
	struct err err;
};

/* A filesystem at "a" with a file boot/env, which another one hides that has such a file too. */
static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	*state = f;
	tree_new(&f->tree);
	snprintf(f->root, sizeof(f->root), "%s/a", f->tree.path);
	snprintf(f->boot, sizeof(f->boot), "%s/boot", f->root);
	tree_node(&f->tree, "a", S_IFDIR);
	return machine_open(&f->machine, NULL, &f->err);
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char command[100];

	while (umount2(f->root, MNT_DETACH) == 0)
		continue;
	snprintf(command, sizeof(command), "PATH=$PATH:/sbin losetup -d %s", f->device);
	if (*f->device)
		assert_int_equal(system(command), 0);
	machine_close(&f->machine);
	tree_remove(&f->tree);
	return talloc_free(f);
}

static int mount_at(const char *path)
{
	return mount("test", path, "tmpfs", 0, NULL);
}

static void skip_unless_possible(struct fixture *f)
{
	if (geteuid() || unshare(CLONE_NEWNS) < 0 ||
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || mount_at(f->root) < 0)
		skip();
	/* Of the new namespace. */
	machine_close(&f->machine);
	assert_int_equal(machine_open(&f->machine, NULL, &f->err), 0);
}

static void put(const char *directory, const char *text)
{
	char path[400];
	FILE *file;

	snprintf(path, sizeof(path), "%s/env", directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void expect(const char *directory, const char *content)
{
	char path[400], text[64] = "";
	_cleanup_fd_ int fd = -1;

	snprintf(path, sizeof(path), "%s/env", directory);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(read(fd, text, sizeof(text) - 1) >= 0);
	assert_string_equal(text, content);
}

static int overwrite(struct fixture *f, const struct machine_place *place, const char *path)
{
	return f->machine.effects->overwrite(&f->machine, place, path, "x", 1, &f->err);
}

static void what_another_mount_hides_is_written_all_the_same(void **state)
{
	struct fixture *f = *state;
	const struct machine_place place = {.target = f->root, .inside = "/"};

	skip_unless_possible(f);
	assert_int_equal(mkdir(f->boot, 0755), 0);
	put(f->boot, "0123");
	assert_int_equal(mount_at(f->boot), 0);
	put(f->boot, "shown");
	if (overwrite(f, &place, "/boot/env") < 0)
		fail_msg("%s", f->err.text);
	expect(f->boot, "shown");
	assert_int_equal(umount(f->boot), 0);
	expect(f->boot, "x123");
}

static void what_is_mounted_there_by_now_is_left_alone(void **state)
{
	struct fixture *f = *state;
	struct machine_place place = {.target = f->root, .inside = "/"};
	struct stat st;

	skip_unless_possible(f);
	put(f->root, "0123");
	assert_int_equal(stat(f->root, &st), 0);
	place.target_device = st.st_dev;
	place.target_inode = st.st_ino;
	assert_int_equal(overwrite(f, &place, "/env"), 0);
	assert_int_equal(mount_at(f->root), 0);
	put(f->root, "other");
	assert_int_equal(overwrite(f, &place, "/env"), -ESTALE);
	assert_non_null(strstr(f->err.text, "/a is another filesystem by now"));
	assert_int_equal(
		f->machine.effects->rename(&f->machine, &place, "/env", "b", &f->err), -ESTALE);
	expect(f->root, "other");
	assert_int_equal(umount(f->root), 0);
	expect(f->root, "x123");
}

/* $1 is a folder. The device is printed. */
static const char make_btrfs[] =
	"PATH=$PATH:/sbin:/usr/sbin; export PATH; exec 2>/dev/null; cd $1 || exit 1\n"
	"truncate -s 120M image && mkfs.btrfs -q image >/dev/null || exit 1\n"
	"d=$(losetup -f --show image) && mount -t btrfs $d a || exit 1\n"
	"btrfs subvolume create a/@ >/dev/null && echo 0123 > a/env && echo 0123 > a/@/env &&\n"
	"btrfs subvolume set-default a/@; umount a; echo $d\n";

static int make_device(struct fixture *f)
{
	char command[700];
	FILE *script;

	tree_file(&f->tree, "make-it", make_btrfs);
	snprintf(command, sizeof(command), "sh %s/make-it %s", f->tree.path, f->tree.path);
	script = popen(command, "r");
	if (!script || !fgets(f->device, sizeof(f->device), script))
		*f->device = '\0';
	f->device[strcspn(f->device, "\n")] = '\0';
	return script && pclose(script) == 0 && *f->device ? 0 : -1;
}

/* Its default subvolume is what a mount shows that does not ask for another. */
static void paths_begin_at_the_top_of_btrfs(void **state)
{
	struct fixture *f = *state;
	char sub[320];
	struct machine_place place = {.device = f->device, .type = "btrfs", .inside = "/"};

	skip_unless_possible(f);
	umount(f->root);
	if (make_device(f) < 0)
		skip();
	if (overwrite(f, &place, "/env") < 0)
		fail_msg("%s", f->err.text);
	place.inside = "/@";
	if (overwrite(f, &place, "/env") < 0)
		fail_msg("%s", f->err.text);
	assert_int_equal(mount(f->device, f->root, "btrfs", 0, "subvolid=5"), 0);
	snprintf(sub, sizeof(sub), "%s/@", f->root);
	expect(f->root, "x123\n");
	expect(sub, "x123\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_another_mount_hides_is_written_all_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(
			what_is_mounted_there_by_now_is_left_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(paths_begin_at_the_top_of_btrfs, setup, teardown),
	};

	return cmocka_run_group_tests_name("machine_mount", tests, NULL, NULL);
}
