// SPDX-License-Identifier: GPL-2.0-or-later
/* Crash kernels: command line, memory, who saves the dump, the record, and saving it. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <talloc.h>

#include "boot/crash/cmdline.h"
#include "boot/crash/dump.h"
#include "boot/crash/dump_parts.h"
#include "boot/crash/memory.h"
#include "boot/crash/pipeline.h"
#include "boot/crash/place.h"
#include "boot/crash/record.h"
#include "boot/crash/saver.h"
#include "boot/kexec.h"
#include "boot/leave/firmware.h"
#include "tests/unit/scripted.h"
#include "tests/unit/tree.h"
#include "ui/crash.h"
#include "ui/lock.h"

#define ADDED "reset_devices nr_cpus=1 irqpoll rd.shell=0 rd.emergency=reboot"

static void command_lines(void **state)
{
	static const struct {
		const char *line, *unit, *becomes;
	} cases[] = {
		{"", NULL, ADDED " panic=10"},
		{"root=/dev/sda1 ro", NULL, "root=/dev/sda1 ro " ADDED " panic=10"},
		{"BOOT_IMAGE=/vmlinuz root=a crashkernel=256M stillboot.handoff=0123 ro", NULL,
			"root=a ro " ADDED " panic=10"},
		{"crashkernel=512M,high crashkernel=72M,low hugepagesz=1G hugepages=8 a", NULL,
			"a " ADDED " panic=10"},
		/* '-' and '_' are the same, and a name is all of it */
		{"log-buf-len=16M log_buf_len=1M log_buf_lengthy=1 xresume=1 resume=/dev/sda2",
			NULL, "log_buf_lengthy=1 xresume=1 " ADDED " panic=10"},
		{"mem=4G memmap=2G!8G isolcpus=1-7 quiet splash nr_cpus=4 irqpoll", NULL,
			ADDED " panic=10"},
		{"panic=30 a", NULL, "panic=30 a " ADDED},
		{"a", "x.service", "a " ADDED " panic=10 systemd.unit=x.service"},
		/* what waits for somebody, or starts something else */
		{"systemd.unit=mine.target a", "x.service",
			"a " ADDED " panic=10 systemd.unit=x.service"},
		{"systemd.unit=mine.target a", NULL, "a " ADDED " panic=10"},
		{"rd.break=pre-mount break emergency rescue single s S 1 -b a rd.rescue", NULL,
			"a " ADDED " panic=10"},
		{"s=1 breakage singles 11 rd.breaks=2", NULL,
			"s=1 breakage singles 11 rd.breaks=2 " ADDED " panic=10"},
		{"panic=0 a panic=-1 panic panic=", NULL, "a " ADDED " panic=10"},
		{"panic=0 panic=20", NULL, "panic=20 " ADDED},
		/* blanks in quotes, and init's words */
		{"dyndbg=\"file a mem=4G +p\" b", NULL,
			"dyndbg=\"file a mem=4G +p\" b " ADDED " panic=10"},
		{"a b=\"c d", NULL, "a b=\"c d\" " ADDED " panic=10"},
		{"a -- quiet mem=1", "x.service",
			"a " ADDED " panic=10 systemd.unit=x.service -- quiet mem=1"},
		{"  a\t\tcrashkernel=1M\n", NULL, "a " ADDED " panic=10"},
		/* letters with a byte that is a blank in Latin-1: "РЕЗЕРВ", "voilà" */
		{"root=LABEL=\xd0\xa0\xd0\x95 x=voil\xc3\xa0 mem=1", NULL,
			"root=LABEL=\xd0\xa0\xd0\x95 x=voil\xc3\xa0 " ADDED " panic=10"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		void *ctx = talloc_new(NULL);
		char *result;

		assert_int_equal(crash_cmdline(ctx, cases[i].line, CRASH_LINE_OF_SYSTEM,
					 cases[i].unit, &result, NULL),
			0);
		assert_string_equal(result, cases[i].becomes);
		talloc_free(ctx);
	}
}

/* What waits for somebody may be meant. */
static void command_lines_by_hand(void **state)
{
	void *ctx = talloc_new(NULL);
	char *result;

	(void)state;
	assert_int_equal(
		crash_cmdline(ctx, "systemd.unit=mine.target rd.break panic=0 single mem=1",
			CRASH_LINE_BY_HAND, "x.service", &result, NULL),
		0);
	assert_string_equal(result, "systemd.unit=mine.target rd.break panic=0 single " ADDED);
	assert_int_equal(
		crash_cmdline(ctx, "a", CRASH_LINE_BY_HAND, "x.service", &result, NULL), 0);
	assert_string_equal(result, "a " ADDED " panic=10 systemd.unit=x.service");
	talloc_free(ctx);
}

static void units_that_start(void **state)
{
	static const struct {
		const char *line;
		bool starts;
	} cases[] = {
		{"", false},
		{"a systemd.unit=x.service b", true},
		{"systemd.unit=x.service systemd.unit=y.service", false},
		{"systemd.unit=y.service systemd.unit=x.service", true},
		{"systemd.unit=x.services", false},
		{"systemd.unit=x.service single", false},
		{"single systemd.unit=x.service single=1", true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(crash_cmdline_starts(cases[i].line, "x.service"), cases[i].starts);
}

/* A newc member, with a name of one letter. */
static size_t put_member(char *to, const char *name, size_t size)
{
	size_t names = strlen(name) + 1, at = (110 + names + 3) & ~(size_t)3;

	memset(to, 0, at + size + 3);
	sprintf(to, "070701%08X%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", 1U, 0100644U,
		0U, 0U, 1U, 0U, size, 0U, 0U, 0U, 0U, names, 0U);
	memcpy(to + 110, name, names);
	memset(to + at, 'x', size);
	return at + ((size + 3) & ~(size_t)3);
}

static void initrds(void **state)
{
	static char bytes[4096];
	uint8_t *at = (uint8_t *)bytes;
	size_t len = put_member(bytes, "a", 1001), plain;

	(void)state;
	len += put_member(bytes + len, "TRAILER!!!", 0);
	assert_int_equal(crash_initrd_packed(at, len), 0);
	len += 256; /* zeros between archives */
	len += put_member(bytes + len, "b", 6);
	plain = len;
	assert_int_equal(crash_initrd_packed(at, len), 0);
	memcpy(bytes + len, "\x28\xb5\x2f\xfd packed", 12);
	assert_int_equal(crash_initrd_packed(at, len + 12), 12);
	assert_int_equal(crash_initrd_packed(at + plain, 12), 12);
	/* Cut off, or with sizes that lie. */
	assert_int_equal(crash_initrd_packed(at, 50), 50);
	assert_int_equal(crash_initrd_packed(at, 600), 600);
	memcpy(bytes + 54, "FFFFFFFF", 8);
	assert_int_equal(crash_initrd_packed(at, len), len);
	memcpy(bytes + 54, "0000zz00", 8);
	assert_int_equal(crash_initrd_packed(at, len), len);
}

static void needs(void **state)
{
	const size_t mib = 1 << 20;
	struct pinned p = {.kernel_size = 8 * mib,
		.initrd_size = 30 * mib,
		.handoff_offset = 29 * mib,
		.handoff_room = mib};
	struct crash_need need;

	(void)state;
	p.initrd_fd = memfd_create("test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(p.initrd_fd, (off_t)p.initrd_size), 0);
	assert_int_equal(pwrite(p.initrd_fd, "\x1f\x8b", 2, 0), 2); /* all of it packed */
	p.image.start_size = 64 * mib;
	assert_int_equal(crash_need(&p, &need, NULL), 0);
	assert_int_equal(need.least, (64 + 30 + 29) * mib);
	assert_int_equal(need.likely, (64 + 30 + 3 * 29 + 64 + 16) * mib); /* and 64 workers */
	assert_int_equal(crash_advice_mib(&need), 320);
	p.image.start_size = 0; /* it does not say */
	assert_int_equal(crash_need(&p, &need, NULL), 0);
	assert_int_equal(need.least, (8 * 8 + 30 + 29) * mib);
	close(p.initrd_fd);
	p.initrd_fd = -1;
	p.initrd_size = p.handoff_room = p.handoff_offset = 0;
	assert_int_equal(crash_need(&p, &need, NULL), 0);
	assert_int_equal(need.least, 64 * mib);
}

static void savers(void **state)
{
	struct crash_saver saver;
	struct machine m;
	struct tree tree;
	void *ctx = talloc_new(NULL);

	(void)state;
	tree_new(&tree);
	tree_machine(&tree, &m);
	assert_int_equal(crash_saver_find(&m, ctx, "6.1", &saver, NULL), 0);
	assert_null(saver.name);
	tree_file(&tree, "usr/lib/systemd/system/stillboot-crash-save.service", "");
	assert_int_equal(crash_saver_find(&m, ctx, "6.1", &saver, NULL), 0);
	assert_string_equal(saver.name, "stillboot");
	assert_string_equal(saver.unit, "stillboot-crash-save.service");
	assert_null(saver.initrd);
	tree_file(&tree, "lib/systemd/system/kdump-tools-dump.service", "");
	tree_file(&tree, "var/lib/kdump/initrd.img-6.1", "an initrd");
	tree_file(&tree, "var/lib/kdump/initrd.img-6.2", ""); /* half made */
	assert_int_equal(crash_saver_find(&m, ctx, "6.1", &saver, NULL), 0);
	assert_string_equal(saver.unit, "kdump-tools-dump.service");
	assert_string_equal(saver.initrd, "var/lib/kdump/initrd.img-6.1");
	assert_int_equal(crash_saver_find(&m, ctx, "6.2", &saver, NULL), 0);
	assert_string_equal(saver.name, "kdump-tools");
	assert_null(saver.initrd);
	assert_int_equal(crash_saver_find(&m, ctx, "../../6.1", &saver, NULL), 0);
	assert_null(saver.initrd);
	/* It does nothing, and would leave the crash kernel standing. */
	tree_file(&tree, "etc/default/kdump-tools", "# USE_KDUMP=1\nUSE_KDUMP=0\n");
	assert_int_equal(crash_saver_find(&m, ctx, "6.1", &saver, NULL), 0);
	assert_string_equal(saver.name, "stillboot");
	tree_file(&tree, "boot/initramfs-6.1kdump.img", "an initrd");
	assert_int_equal(crash_saver_find(&m, ctx, "6.1", &saver, NULL), 0);
	assert_string_equal(saver.name, "kdump-utils");
	assert_null(saver.unit);
	tree_remove(&tree);
	talloc_free(ctx);
}

static const char good[] =
	"{\"time\":1,\"entry\":\"e\",\"kernel\":\"6.1\",\"cmdline\":\"a\",\"saver\":\"\",\"files\":"
	"[{\"path\":\"boot/"
	"vmlinuz\",\"size\":5,\"mtime\":7},{\"path\":null,\"size\":0,\"mtime\":0}]}";

static void records(void **state)
{
	static const char *const bad[] = {"", "[]", "{}", "{\"time\":1}",
		"{\"time\":1,\"entry\":\"e\",\"kernel\":\"6.1\",\"cmdline\":\"a\",\"files\":[]}",
		"{\"time\":1,\"entry\":\"e\",\"kernel\":\"\",\"cmdline\":\"\",\"saver\":\"\","
		"\"files\":[{\"path\":\"/etc/passwd\",\"size\":1,\"mtime\":1}]}",
		"{\"time\":1,\"entry\":\"e\",\"kernel\":\"\",\"cmdline\":\"\",\"saver\":\"\","
		"\"files\":[{\"path\":\"a/../b\",\"size\":1,\"mtime\":1}]}",
		"{\"time\":1,\"entry\":\"e\",\"kernel\":\"\",\"cmdline\":\"\",\"saver\":\"\","
		"\"files\":[{\"size\":-1,\"mtime\":1}]}"};
	void *ctx = talloc_new(NULL);
	struct crash_record *r;
	struct err err;

	(void)state;
	assert_int_equal(crash_record_parse(good, strlen(good), ctx, &r, &err), 0);
	assert_int_equal(r->file_count, 2);
	assert_string_equal(r->files[0].path, "boot/vmlinuz");
	assert_null(r->files[1].path);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(
			crash_record_parse(bad[i], strlen(bad[i]), ctx, &r, &err), -EBADMSG);
	for (size_t len = 0; len < strlen(good); len++)
		assert_int_equal(crash_record_parse(good, len, ctx, &r, &err), -EBADMSG);
	talloc_free(ctx);
}

static void files_that_change(void **state)
{
	struct crash_record r = {.file_count = 0};
	void *ctx = talloc_new(NULL);
	struct machine m;
	struct tree tree;
	int fd;

	(void)state;
	tree_new(&tree);
	tree_file(&tree, "boot/vmlinuz", "a kernel");
	/* This machine's own root, in which a process sees its files. */
	assert_int_equal(machine_open(&m, "/", NULL), 0);
	fd = openat(tree.fd, "boot/vmlinuz", O_RDONLY);
	crash_record_add(&m, ctx, fd, &r);
	assert_int_equal(r.file_count, 1);
	assert_non_null(strstr(r.files[0].path, "boot/vmlinuz"));
	assert_int_equal(crash_file_look(&m, &r.files[0]), CRASH_FILE_SAME);
	tree_file(&tree, "boot/vmlinuz", "a newer kernel");
	assert_int_equal(crash_file_look(&m, &r.files[0]), CRASH_FILE_CHANGED);
	unlinkat(tree.fd, "boot/vmlinuz", 0);
	assert_int_equal(crash_file_look(&m, &r.files[0]), CRASH_FILE_GONE);
	crash_record_add(&m, ctx, fd, &r); /* nobody sees it any more */
	assert_null(r.files[1].path);
	assert_int_equal(crash_file_look(&m, &r.files[1]), CRASH_FILE_UNKNOWN);
	close(fd);
	machine_close(&m);
	tree_remove(&tree);
	talloc_free(ctx);
}

static void places(void **state)
{
	static const struct {
		const char *text, *host, *folder;
	} cases[] = {
		{"/var/crash", NULL, "/var/crash"},
		{"ssh:dumps:/crash", "dumps", "/crash"},
		{"ssh:root@dumps.example.org:/a b", "root@dumps.example.org", "/a b"},
		{"ssh:root@[fe80::1%eth0]:/crash", "root@fe80::1%eth0", "/crash"},
		{"var/crash", NULL, NULL},
		{"", NULL, NULL},
		{"ssh:", NULL, NULL},
		{"ssh:host", NULL, NULL},
		{"ssh:host:relative", NULL, NULL},
		{"ssh:-oProxyCommand=x:/a", NULL, NULL},
		{"ssh:a b:/a", NULL, NULL},
		{"ssh:root@:/a", NULL, NULL},
		{"ssh::/a", NULL, NULL},
		{"ssh:[::1/a", NULL, NULL},
		{"/a\nb", NULL, NULL},
	};
	void *ctx = talloc_new(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct crash_place place;
		int rc = crash_place_parse(ctx, cases[i].text, &place, NULL);

		assert_int_equal(rc, cases[i].folder ? 0 : -EINVAL);
		if (rc < 0)
			continue;
		assert_string_equal(place.folder, cases[i].folder);
		if (cases[i].host)
			assert_string_equal(place.host, cases[i].host);
		else
			assert_null(place.host);
	}
	assert_string_equal(crash_place_quote(ctx, "/a'b $c"), "'/a'\\''b $c'");
	talloc_free(ctx);
}

static void progress(void **state)
{
	static const struct {
		const char *line, *what;
		unsigned int permille;
	} cases[] = {
		{"Copying data                                      : [ 45.2 %] /", "Copying data",
			452},
		{"Copying data                                      : [100.0 %] \\  eta: 0s",
			"Copying data", 1000},
		{"Checking for memory holes : [  0.0 %] |", "Checking for memory holes", 0},
		{"Copying data", NULL, 0},
		{"x : [ 1000.0 %]", NULL, 0},
		{" : [ 1.0 %]", NULL, 0},
		{"The dumpfile is saved to /x: [not a number]", NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct dump_progress p;

		assert_int_equal(dump_progress_parse(cases[i].line, &p), cases[i].what != NULL);
		if (!cases[i].what)
			continue;
		assert_string_equal(p.what, cases[i].what);
		assert_int_equal(p.permille, cases[i].permille);
	}
}

static void keep_line(void *ctx, const char *line)
{
	char *all = ctx;

	strcat(strcat(all, line), "|");
}

static void pipelines(void **state)
{
	static const char *const
		talk[] = {"printf", "a\\rb\\n\\nc", NULL},
		*const fail[] = {"sh", "-c", "echo why >&2; echo 'sh Failed.'; exit 3", NULL},
		*const gone[] = {"no-such-program-here", NULL},
		*const hang[] = {"sleep", "60", NULL}, *const cat[] = {"cat", NULL};
	struct machine m;
	char said[256] = "";
	struct pipeline p = {
		.m = &m, .first = talk, .quiet_ms = 10000, .said = keep_line, .ctx = said};
	struct err err;

	(void)state;
	assert_int_equal(machine_open(&m, "/", NULL), 0);
	assert_int_equal(pipeline_run(&p, &err), 0);
	assert_string_equal(said, "a|b|c|");
	*said = '\0';
	p.second = cat;
	assert_int_equal(pipeline_run(&p, &err), 0);
	assert_string_equal(said, "a|b|c|");
	p.first = fail;
	assert_int_equal(pipeline_run(&p, &err), -EIO);
	assert_string_equal(err.text, "sh says: why");
	p.first = talk;
	p.second = fail;
	assert_int_equal(pipeline_run(&p, &err), -EPIPE);
	p.second = cat;
	p.first = gone;
	assert_int_equal(pipeline_run(&p, &err), -ENOENT);
	assert_string_equal(err.text, "no-such-program-here is not installed");
	p.first = talk;
	p.second = gone;
	assert_int_equal(pipeline_run(&p, &err), -ENOENT);
	p.first = hang;
	p.second = cat;
	p.quiet_ms = 100;
	assert_int_equal(pipeline_run(&p, &err), -ETIME);
	machine_close(&m);
}

static void limits(void **state)
{
	const struct statvfs small = {.f_frsize = 4096, .f_blocks = 2000, .f_bavail = 500},
			     full = {.f_frsize = 4096, .f_blocks = 2000, .f_bavail = 100},
			     large = {.f_frsize = 4096, .f_blocks = 1 << 28, .f_bavail = 1 << 20};
	struct tree tree;
	struct machine m;
	char out[300];
	const char *const dd[] = {"dd", "if=/dev/zero", out, "bs=4096", "count=4", NULL};
	struct pipeline p = {.m = &m, .first = dd, .quiet_ms = 10000, .file_max = 16384};
	struct err err;

	(void)state;
	assert_int_equal(dump_room(&small), 400 * 4096);
	assert_int_equal(dump_room(&full), 0);
	assert_int_equal(dump_room(&large), (4096ULL - 256) << 20);
	tree_new(&tree);
	snprintf(out, sizeof(out), "of=%s/out", tree.path);
	assert_int_equal(machine_open(&m, "/", NULL), 0);
	assert_int_equal(pipeline_run(&p, &err), 0);
	p.file_max--;
	assert_int_equal(pipeline_run(&p, &err), -EFBIG);
	assert_non_null(strstr(err.text, "dd would write more than"));
	machine_close(&m);
	tree_remove(&tree);
}

/* Who can write to the folder above may have made one, to own what is in it. */
static void folders_of_others(void **state)
{
	void *ctx = talloc_new(NULL);
	struct tree tree;
	struct machine m;
	struct dump d = {.m = &m, .stamp = "20261121233000", .arguments = "-l"};
	struct err err;

	(void)state;
	tree_new(&tree);
	tree_node(&tree, "crash/20261121233000", S_IFDIR);
	tree_link(&tree, "crash/20261121233000-1", "/nowhere");
	assert_int_equal(machine_open(&m, "/", NULL), 0);
	d.place.folder = talloc_asprintf(ctx, "%s/crash", tree.path);
	assert_int_not_equal(dump_save(&d, ctx, &err), 0); /* there is no dump here */
	assert_string_equal(
		d.saved_to, talloc_asprintf(ctx, "%s/crash/20261121233000-2", tree.path));
	assert_int_equal(faccessat(tree.fd, "crash/20261121233000-2", F_OK, 0), 0);
	machine_close(&m);
	tree_remove(&tree);
	talloc_free(ctx);
}

/* Processes that did these; in shared memory. */
struct ending {
	pid_t wrote, restarted;
};

static int note_sync(struct machine *m, struct err *err)
{
	struct ending *ending = ((struct scripted *)m->state)->of_test;

	(void)err;
	ending->wrote = getpid();
	return 0;
}

static int note_reboot(struct machine *m, enum machine_reboot how, struct err *err)
{
	struct ending *ending = ((struct scripted *)m->state)->of_test;

	(void)err;
	assert_int_equal(how, MACHINE_REBOOT_FIRMWARE);
	ending->restarted = getpid();
	return 0;
}

/* Errors end in the restart too; what is to be written, and the restart, are waited for from outside: with the
 * lock of a device held by a step that hangs reboot() does not return. */
static void ends(void **state)
{
	struct scripted *s = scripted_new();
	struct ending *ending = mmap(
		NULL, sizeof(*ending), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct session session = {
		.options = {.command = "crash", .given = OPT_DRY_RUN, .to = "x", .then = "reboot"},
		.memory = talloc_new(NULL)};

	(void)state;
	assert_true(ending != MAP_FAILED);
	s->of_test = ending;
	s->effects.sync = note_sync;
	s->effects.reboot = note_reboot;
	session.machine = s->machine;
	assert_int_equal(crash_save(&session), EXIT_USAGE);
	assert_int_equal(ending->restarted, 0); /* no crash kernel */
	scripted_file(s, "proc/vmcore", "");
	assert_int_equal(crash_save(&session), EXIT_USAGE);
	assert_int_not_equal(ending->restarted, 0);
	assert_int_not_equal(ending->restarted, getpid());
	assert_true(scripted_find(s, "write proc/sysrq-trigger b") >= 0);
	assert_int_not_equal(ending->wrote, 0);
	assert_int_not_equal(ending->wrote, getpid());
	talloc_free(session.memory);
	munmap(ending, sizeof(*ending));
	scripted_free(s);
}

/* What the emergency restart is for, after what has no end of its own. */
static void ends_without_drivers(void **state)
{
	struct scripted *s = scripted_new();
	int off, restart;

	(void)state;
	s->hangs = "reboot";
	firmware_off_within(&s->machine, 50);
	off = scripted_find(s, "write proc/sysrq-trigger o");
	restart = scripted_find(s, "write proc/sysrq-trigger b");
	assert_true(off > scripted_find(s, "reboot") && restart > off);
	firmware_restart_within(&s->machine, 50);
	assert_string_equal(s->log[s->log_count - 1], "write proc/sysrq-trigger b");
	scripted_free(s);
}

/* The kernel frees the old crash kernel before it reads the new one. */
static void loads(void **state)
{
	struct pinned pinned = {.kernel_fd = -1, .initrd_fd = -1, .cmdline = "a"};
	struct scripted *s = scripted_new();
	struct err err;

	(void)state;
	assert_int_equal(kexec_crash_reserved(&s->machine), 0);
	assert_int_equal(kexec_crash_is_loaded(&s->machine), 0);
	scripted_file(s, "sys/kernel/kexec_crash_size", "268435456\n");
	scripted_file(s, "sys/kernel/kexec_crash_loaded", "1\n");
	assert_int_equal(kexec_crash_reserved(&s->machine), 256 << 20);
	assert_int_equal(kexec_crash_is_loaded(&s->machine), 1);
	assert_int_equal(kexec_load_crash(&s->machine, &pinned, &err), 0);
	assert_true(strstr(s->log[0], "0x2") || strstr(s->log[0], " 2"));
	/* From 6.19 on elsewhere. */
	scripted_file(s, "sys/kernel/kexec/crash_loaded", "0\n");
	scripted_file(s, "sys/kernel/kexec/crash_size", "1048576\n");
	assert_int_equal(kexec_crash_reserved(&s->machine), 1 << 20);
	assert_int_equal(kexec_crash_is_loaded(&s->machine), 0);
	scripted_free(s);
}

/* A worker that preinit left behind holds the lock of the devices: a crash kernel can be loaded all the same. */
static void locks(void **state)
{
	struct scripted *s = scripted_new();
	struct session one = {.machine = s->machine}, other = {.machine = s->machine};
	int held;

	(void)state;
	scripted_file(s, "run/stillboot/lock", "");
	held = openat(s->machine.root_fd, "run/stillboot/lock", O_RDWR | O_CLOEXEC);
	assert_int_equal(flock(held, LOCK_EX), 0);
	assert_int_equal(lock_take_within(&one, 0), EXIT_REFUSED);
	assert_int_equal(lock_take_crash(&one), EXIT_DONE);
	assert_int_equal(lock_take_crash(&other), EXIT_REFUSED);
	lock_release(&one);
	other.machine.root = "";
	if (geteuid() == 0) /* it needs root rights, which a scripted machine does not */
		assert_int_equal(crash_unload(&other), EXIT_DONE);
	lock_release(&other);
	close(held);
	scripted_free(s);
}

static int is_busy(struct machine *m, int kernel_fd, int initrd_fd, const char *cmdline,
	unsigned long flags, struct err *err)
{
	struct scripted *s = m->state;
	int *busy = s->of_test;

	(void)kernel_fd;
	(void)initrd_fd;
	(void)cmdline;
	(void)flags;
	return *busy && (*busy)-- ? err_errno(err, -EBUSY, "kexec_file_load") : 0;
}

/* Whoever loads the other image has the kernel's lock for a moment. */
static void loads_beside_another(void **state)
{
	struct pinned pinned = {.kernel_fd = -1, .initrd_fd = -1, .cmdline = "a"};
	struct scripted *s = scripted_new();
	int busy = 3;
	struct err err;

	(void)state;
	s->effects.kexec_file_load = is_busy;
	s->of_test = &busy;
	assert_int_equal(kexec_load_crash(&s->machine, &pinned, &err), 0);
	assert_int_equal(s->log_count, 3); /* it waited */
	busy = 1000;
	assert_int_equal(kexec_load_crash(&s->machine, &pinned, &err), -EBUSY);
	assert_non_null(strstr(err.text, "another load is under way"));
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(command_lines),
		cmocka_unit_test(command_lines_by_hand),
		cmocka_unit_test(units_that_start),
		cmocka_unit_test(initrds),
		cmocka_unit_test(needs),
		cmocka_unit_test(savers),
		cmocka_unit_test(records),
		cmocka_unit_test(files_that_change),
		cmocka_unit_test(places),
		cmocka_unit_test(progress),
		cmocka_unit_test(pipelines),
		cmocka_unit_test(limits),
		cmocka_unit_test(folders_of_others),
		cmocka_unit_test(ends),
		cmocka_unit_test(ends_without_drivers),
		cmocka_unit_test(loads),
		cmocka_unit_test(locks),
		cmocka_unit_test(loads_beside_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
