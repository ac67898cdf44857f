// SPDX-License-Identifier: GPL-2.0-or-later
/* The exitrd: what is in it, whose it is, its description, and that it runs and is replaced as a whole. The
 * last in a mount namespace of its own, skipped where we may not make one. */
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
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/leave/exitrd_target.h"
#include "boot/leave/exitrd_tree.h"
#include "devices/cleanup.h"
#include "tests/unit/scripted.h"
#include "tests/unit/tree.h"

static int memory_file(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

/* A kernel of 6 bytes, and an initrd of 4. */
static struct pinned pinned_new(void)
{
	return (struct pinned){
		.kernel_fd = memory_file("kernel"),
		.initrd_fd = memory_file("init"),
		.kernel_size = 6,
		.initrd_size = 4,
		.handoff_offset = 4,
		.image = {.format = "bzImage", .start_size = 64 << 20},
		.cmdline = "root=/dev/sda1 a=\xff",
	};
}

static struct exitrd exitrd_of(const struct pinned *p)
{
	return (struct exitrd){.pinned = p,
		.title = "Debian \x1b\xff",
		.decision = "{}",
		.decision_len = 2,
		.reboot_is_kexec = 1};
}

static void test_owner(void **state)
{
	struct scripted *s = scripted_new();

	(void)state;
	assert_int_equal(exitrd_owner(&s->machine), EXITRD_NONE);
	scripted_file(s, "run/initramfs/.need_shutdown", "");
	assert_int_equal(exitrd_owner(&s->machine), EXITRD_FOREIGN);
	unlinkat(s->machine.root_fd, "run/initramfs/.need_shutdown", 0);
	assert_int_equal(exitrd_owner(&s->machine), EXITRD_NONE);
	scripted_file(s, "run/initramfs/shutdown", "");
	assert_int_equal(exitrd_owner(&s->machine), EXITRD_FOREIGN);
	scripted_file(s, "run/initramfs/stillboot/target.json", "");
	assert_int_equal(exitrd_owner(&s->machine), EXITRD_OURS);
	scripted_free(s);
}

static void test_foreign_one_is_left_alone(void **state)
{
	struct scripted *s = scripted_new();
	struct pinned p = pinned_new();
	struct exitrd what = exitrd_of(&p);
	struct err err;

	(void)state;
	scripted_file(s, "run/initramfs/bin/sh", "");
	assert_int_equal(exitrd_build(&s->machine, &what, &err), -EEXIST);
	assert_non_null(strstr(err.text, "/run/initramfs belongs to somebody else"));
	assert_int_equal(exitrd_remove(&s->machine, &err), 0);
	assert_int_equal(s->log_count, 0);
	pin_release(&p);
	scripted_free(s);
}

static void test_one_effect_each(void **state)
{
	struct scripted *s = scripted_new();
	struct pinned p = pinned_new();
	struct exitrd what = exitrd_of(&p);
	struct err err;

	(void)state;
	assert_int_equal(exitrd_build(&s->machine, &what, &err), 0);
	assert_int_equal(s->log_count, 1);
	assert_int_equal(scripted_find(s, "perform put an exitrd of 11 files, 0 MiB"), 0);
	s->fail_at = 2;
	assert_int_equal(exitrd_build(&s->machine, &what, &err), -EIO);
	scripted_file(s, "run/initramfs/stillboot/target.json", "");
	assert_int_equal(exitrd_remove(&s->machine, &err), 0);
	assert_int_equal(scripted_find(s, "perform unmount the exitrd"), 2);
	scripted_file(s, "proc/meminfo", "MemAvailable: 8 kB\n");
	assert_int_equal(exitrd_build(&s->machine, &what, &err), -ENOMEM);
	assert_int_equal(s->log_count, 3);
	pin_release(&p);
	scripted_free(s);
}

static void test_target_comes_back(void **state)
{
	struct pinned p = pinned_new();
	struct exitrd what = exitrd_of(&p);
	struct exitrd_target *t;
	struct err err;
	char *text = exitrd_target_write(&what);

	(void)state;
	assert_int_equal(exitrd_target_parse(text, strlen(text), NULL, &t, &err), 0);
	assert_string_equal(t->title, "Debian ??");
	assert_string_equal(t->format, "bzImage");
	assert_int_equal(t->kernel_size, 6);
	assert_int_equal(t->initrd_size, 4);
	assert_int_equal(t->handoff_offset, 4);
	assert_int_equal(t->start_size, 64 << 20);
	assert_int_equal(t->handoff_room, 0);
	assert_int_equal(t->reboot_is_kexec, 1);
	talloc_free(t);
	free(text);
	pin_release(&p);
}

#define TARGET(kernel, initrd, offset, room, more)                                                 \
	"{\"version\": 2, \"title\": \"x\", \"format\": \"\", \"kernel_size\": " kernel            \
	", \"initrd_size\": " initrd ", \"start_size\": 0, \"handoff_offset\": " offset            \
	", \"handoff_room\": " room ", \"reboot_is_kexec\": false" more "}"

static void test_bad_targets(void **state)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{\"version\": 2}",
		TARGET("0", "8", "4", "4", ""),
		TARGET("-1", "8", "4", "4", ""),
		TARGET("1", "99999999999", "4", "4", ""),
		TARGET("1", "8", "12", "4", ""),
		TARGET("1", "8", "4", "-1", ""),
		TARGET("1", "8", "4", "1073741825", ""),
		TARGET("1", "8", "4", "9223372036854775807", ""),
		TARGET("1", "8", "3", "4", ""),
		TARGET("1", "8", "4", "4", ", \"more\": 1"),
		TARGET("1", "8", "4", "4", ", \"version\": 2"),
		TARGET("1.5", "8", "4", "4", ""),
	};
	struct exitrd_target *t;
	struct err err;
	const char *good = TARGET("1", "8", "4", "4", "");

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(
			exitrd_target_parse(bad[i], strlen(bad[i]), NULL, &t, &err), -EBADMSG);
	assert_int_equal(exitrd_target_parse(good, strlen(good), NULL, &t, &err), 0);
	talloc_free(t);
}

static void test_opens_what_is_as_it_was(void **state)
{
	struct scripted *s = scripted_new();
	struct exitrd_target t = {.kernel_size = 3, .initrd_size = 4, .format = ""};
	void *ctx = talloc_new(NULL);
	struct pinned p;
	struct err err;

	(void)state;
	assert_int_equal(exitrd_target_open(&s->machine, ctx, &t, &p, &err), -ENOENT);
	scripted_file(s, EXITRD_CMDLINE, "a\n");
	scripted_file(s, EXITRD_KERNEL, "abc");
	assert_int_equal(exitrd_target_open(&s->machine, ctx, &t, &p, &err), -ENOENT);
	scripted_file(s, EXITRD_INITRD, "abc");
	assert_int_equal(exitrd_target_open(&s->machine, ctx, &t, &p, &err), -EBADMSG);
	scripted_file(s, EXITRD_INITRD, "abcd");
	assert_int_equal(exitrd_target_open(&s->machine, ctx, &t, &p, &err), 0);
	assert_string_equal(p.cmdline, "a\n");
	pin_release(&p);
	talloc_free(ctx);
	scripted_free(s);
}

static void test_writes_files(void **state)
{
	struct exitrd_files *files = exitrd_files_new(NULL);
	struct tree tree;
	struct stat st;
	struct err err;

	(void)state;
	tree_new(&tree);
	exitrd_files_add(
		files, &(struct exitrd_file){"a/b/c", 0755, memory_file("text"), NULL, 4, 0});
	exitrd_files_add(files, &(struct exitrd_file){"a/d", 0600, -1, "bytes", 5, 0});
	exitrd_files_add(files, &(struct exitrd_file){"e", S_IFDIR | 0755, -1, NULL, 0, 0});
	assert_int_equal(exitrd_write_files(tree.fd, files, &err), 0);
	assert_int_equal(fstatat(tree.fd, "a/b/c", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0755);
	assert_int_equal(st.st_size, 4);
	assert_int_equal(fstatat(tree.fd, "a/d", &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(fstatat(tree.fd, "e", &st, 0), 0);
	assert_true(S_ISDIR(st.st_mode));
	/* One that is shorter than it was. */
	exitrd_files_add(files, &(struct exitrd_file){"f", 0600, memory_file("abc"), NULL, 4, 0});
	files->files += 3;
	files->count -= 3;
	assert_int_equal(exitrd_write_files(tree.fd, files, &err), -EIO);
	files->files -= 3;
	files->count += 3;
	talloc_free(files);
	tree_remove(&tree);
}

/* In the child, below its /run. */
static void fill_up(void)
{
	_cleanup_talloc_ struct exitrd_files *files = exitrd_files_new(NULL);
	const size_t size = 1 << 20;
	char *bytes = calloc(1, size);
	struct err err;
	int fd;

	assert_int_equal(mkdir("/run/small", 0755), 0);
	assert_int_equal(mount("small", "/run/small", "tmpfs", 0, "size=64k"), 0);
	fd = open("/run/small", O_RDONLY | O_DIRECTORY);
	exitrd_files_add(files, &(struct exitrd_file){"a", 0600, -1, bytes, size, 0});
	assert_int_equal(exitrd_write_files(fd, files, &err), -ENOSPC);
	assert_string_equal(err.text, "write a of the exitrd: No space left on device");
	close(fd);
	free(bytes);
}

static int has_file(const char *path)
{
	return access(path, F_OK) == 0;
}

/* In the child: the running machine with a /run of its own. */
static void build_and_replace(void)
{
	struct pinned p = pinned_new();
	struct exitrd what = exitrd_of(&p);
	struct machine m;
	struct statvfs fs;
	struct err err;

	assert_int_equal(machine_open(&m, NULL, &err), 0);
	assert_int_equal(exitrd_remove(&m, &err), 0);
	assert_false(has_file("/run/initramfs"));
	for (int i = 0; i < 2; i++) {
		if (exitrd_build(&m, &what, &err) < 0)
			fail_msg("%s", err.text);
		assert_int_equal(exitrd_owner(&m), EXITRD_OURS);
		assert_int_equal(access("/run/initramfs/shutdown", X_OK), 0);
		assert_int_equal(statvfs("/run/initramfs", &fs), 0);
		assert_true(fs.f_flag & ST_NOSUID && !(fs.f_flag & ST_NOEXEC));
	}
	/* One that cannot be made leaves the one that is there. */
	p.kernel_size = 7;
	assert_int_equal(exitrd_build(&m, &what, &err), -EIO);
	assert_int_equal(access("/run/initramfs/shutdown", X_OK), 0);
	assert_int_equal(exitrd_remove(&m, &err), 0);
	assert_int_equal(exitrd_owner(&m), EXITRD_NONE); /* nothing of the first is below it */
	assert_false(has_file("/run/initramfs"));
	machine_close(&m);
	pin_release(&p);
}

static void test_build_and_replace(void **state)
{
	pid_t pid;
	int status;

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	skip(); /* what is built so does not run where procfs is not mounted */
#endif
	pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWNS) < 0 ||
			mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
			mount("run", "/run", "tmpfs", MS_NOEXEC, NULL) < 0)
			_exit(77);
		fill_up();
		build_and_replace();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_owner),
		cmocka_unit_test(test_foreign_one_is_left_alone),
		cmocka_unit_test(test_one_effect_each),
		cmocka_unit_test(test_target_comes_back),
		cmocka_unit_test(test_bad_targets),
		cmocka_unit_test(test_opens_what_is_as_it_was),
		cmocka_unit_test(test_writes_files),
		cmocka_unit_test(test_build_and_replace),
	};

	/* As /shutdown in the tree, which is tried so. */
	if (argc == 2 && !strcmp(argv[1], "--version"))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
