// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <bpf/btf.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>
#include <zlib.h>

#include "devices/audit_elf.h"
#include "devices/audit_memory.h"
#include "tests/unit/tree.h"

/* Modules made from tests/fuzz/module.S, whose driver is "tiny". */
#define MODULE(symbol, file)                                                                       \
	__asm__(".pushsection .rodata\n" #symbol ": .incbin \"tests/fuzz/corpus/module/" file      \
		"\"\n" #symbol "_end:\n.popsection\n");                                            \
	extern const unsigned char symbol[], symbol##_end[]

MODULE(old_module, "old");
MODULE(new_module, "new");
MODULE(comedi_module, "comedi");

#define SIZE(symbol) ((size_t)(symbol##_end - symbol))

static struct audit_list *audit(const void *bytes, size_t size, const struct audit_kernel *kernel)
{
	struct audit_list *list = talloc_zero(NULL, struct audit_list);

	assert_int_equal(audit_elf(bytes, size, "tiny_module", kernel, list), 0);
	return list;
}

static void assert_one(struct audit_list *list, const char *name, enum audit_answer remove,
	enum audit_answer shutdown)
{
	assert_int_equal(list->count, 1);
	if (name)
		assert_string_equal(list->drivers[0].name, name);
	else
		assert_null(list->drivers[0].name);
	assert_string_equal(list->drivers[0].module, "tiny_module");
	assert_int_equal(list->drivers[0].remove, remove);
	assert_int_equal(list->drivers[0].shutdown, shutdown);
	assert_int_equal(list->drivers[0].why != NULL, remove == AUDIT_UNKNOWN);
	talloc_free(list);
}

static void test_both_layouts_and_a_wrapper(void **state)
{
	(void)state;
	assert_one(audit(old_module, SIZE(old_module), NULL), "tiny", AUDIT_YES, AUDIT_NO);
	assert_one(audit(new_module, SIZE(new_module), NULL), "tiny", AUDIT_NO, AUDIT_YES);
	assert_one(audit(comedi_module, SIZE(comedi_module), NULL), "tiny", AUDIT_YES, AUDIT_NO);
}

/* The module is the running kernel's, whose own word on the layout counts. */
static void test_running_kernel_decides(void **state)
{
	struct audit_kernel kernel = {
		"6.1.0-56-amd64", {.name = 16, .remove = 64, .shutdown = 40, .bus = 0}};

	(void)state;
	assert_one(audit(old_module, SIZE(old_module), &kernel), "tiny", AUDIT_NO, AUDIT_YES);
	assert_one(audit(new_module, SIZE(new_module), &kernel), "tiny", AUDIT_NO, AUDIT_YES);
	kernel.layout.name = 8; /* no name stands there: no answer is better than a wrong one */
	assert_one(
		audit(old_module, SIZE(old_module), &kernel), NULL, AUDIT_UNKNOWN, AUDIT_UNKNOWN);
}

/* A copy of the old module with the first occurrence of one text replaced by another. */
static struct audit_list *audit_changed(const char *from, const char *to, size_t size)
{
	unsigned char copy[8192];
	unsigned char *at;

	assert_true(SIZE(old_module) <= sizeof(copy));
	memcpy(copy, old_module, SIZE(old_module));
	at = memmem(copy, SIZE(old_module), from, size);
	assert_non_null(at);
	memcpy(at, to, size);
	return audit(copy, SIZE(old_module), NULL);
}

static void test_unknown_has_a_reason(void **state)
{
	(void)state;
	assert_one(audit_changed("\x48\xc7\xc7", "\x48\xc7\xc1", 3), NULL, AUDIT_UNKNOWN,
		AUDIT_UNKNOWN); /* loads another register */
	assert_one(audit_changed("vermagic=6.1", "vermagic=2.6", 12), NULL, AUDIT_UNKNOWN,
		AUDIT_UNKNOWN);
	assert_one(audit_changed("vermagic=", "vermagix=", 9), NULL, AUDIT_UNKNOWN, AUDIT_UNKNOWN);
	assert_one(audit_changed("tiny", "ti\ny", 4), NULL, AUDIT_UNKNOWN, AUDIT_UNKNOWN);
	assert_one(audit("no ELF", 6, NULL), NULL, AUDIT_UNKNOWN, AUDIT_UNKNOWN);
	assert_one(audit("", 0, NULL), NULL, AUDIT_UNKNOWN, AUDIT_UNKNOWN);
}

static void test_no_registration_is_no_driver(void **state)
{
	struct audit_list *list = audit_changed(
		"__pci_register_driver", "__usb_register_driver", 21);

	(void)state;
	assert_int_equal(list->count, 0);
	talloc_free(list);
}

/* Every cut and every byte turned round: any answer, no crash (the sanitizers look on). */
static void test_damaged_modules(void **state)
{
	size_t size = SIZE(old_module);
	unsigned char *copy = talloc_memdup(NULL, old_module, size);

	(void)state;
	for (size_t i = 0; i < size; i++) {
		unsigned char *cut = talloc_memdup(NULL, old_module, i);

		talloc_free(audit(cut, i, NULL));
		talloc_free(cut);
		copy[i] ^= 0xff;
		talloc_free(audit(copy, size, NULL));
		copy[i] ^= 0xff;
	}
	talloc_free(copy);
}

static void write_file(const struct tree *tree, const char *path, const void *bytes, size_t size)
{
	int fd;

	tree_file(tree, path, "");
	fd = openat(tree->fd, path, O_WRONLY);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static void write_gzip(const struct tree *tree, const char *path)
{
	unsigned char packed[8192];
	z_stream z = {.next_in = (unsigned char *)old_module,
		.avail_in = (uInt)SIZE(old_module),
		.next_out = packed,
		.avail_out = sizeof(packed)};

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, 0), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	write_file(tree, path, packed, z.total_out);
	deflateEnd(&z);
}

static void test_directory(void **state)
{
	struct audit_list *list;
	struct audit *a;
	struct machine m;
	struct tree tree;

	(void)state;
	tree_new(&tree);
	tree_machine(&tree, &m);
	a = audit_new(&m, NULL);
	write_file(&tree, "modules/a/new-one.ko", new_module, SIZE(new_module));
	write_gzip(&tree, "modules/a/b/old.ko.gz");
	tree_file(&tree, "modules/broken.ko.xz", "nonsense");
	tree_file(&tree, "modules/broken.ko.zst", "nonsense");
	tree_file(&tree, "modules/a/read.me", "nonsense");
	tree_link(&tree, "modules/loop.ko", "a/new-one.ko");
	assert_int_equal(audit_modules(a, tree.fd, "modules", NULL, &list, NULL), 0);
	assert_int_equal(list->modules, 4);
	assert_int_equal(list->count, 4);
	assert_string_equal(list->drivers[0].module, "broken");
	assert_non_null(strstr(list->drivers[0].why, "broken.ko."));
	assert_string_equal(list->drivers[2].module, "new_one");
	assert_string_equal(list->drivers[3].module, "old");
	assert_int_equal(list->drivers[3].remove, AUDIT_YES);
	talloc_free(list);
	assert_int_equal(audit_modules(a, tree.fd, "gone", NULL, &list, NULL), -ENOENT);
	talloc_free(a);
	machine_close(&m);
	tree_remove(&tree);
}

/* A machine that shows its module files and nothing else. */
static void test_driver_by_its_file(void **state)
{
	struct audit_driver d;
	struct audit *a;
	struct machine m;
	struct tree tree;

	(void)state;
	tree_new(&tree);
	tree_machine(&tree, &m);
	a = audit_new(&m, NULL);
	tree_file(&tree, "proc/sys/kernel/osrelease", "6.1.0-56-amd64\n");
	tree_file(&tree, "sys/module/tiny_module/coresize", "1\n");
	tree_file(&tree, "sys/module/gone/coresize", "1\n");
	tree_link(&tree, "sys/bus/pci/drivers/tiny/module", "../../../../module/tiny_module");
	tree_link(&tree, "sys/bus/pci/drivers/other/module", "../../../../module/tiny_module");
	tree_link(&tree, "sys/bus/pci/drivers/lost/module", "../../../../module/gone");
	tree_link(&tree, "sys/bus/pci/drivers/port/module", "../../../../module/port");
	tree_file(&tree, "lib/modules/6.1.0-56-amd64/modules.dep",
		"kernel/a.ko: kernel/tiny-module.ko\nkernel/tiny-module.ko:\n");
	write_file(&tree, "lib/modules/6.1.0-56-amd64/kernel/tiny-module.ko", old_module,
		SIZE(old_module));
	audit_driver(a, "tiny", &d);
	assert_int_equal(d.source, AUDIT_FROM_MODULE);
	assert_string_equal(d.module, "tiny_module");
	assert_int_equal(d.remove, AUDIT_YES);
	assert_int_equal(d.shutdown, AUDIT_NO);
	assert_null(d.why);
	audit_driver(a, "other", &d);
	assert_non_null(strstr(d.why, "no driver of this name"));
	audit_driver(a, "lost", &d);
	assert_non_null(strstr(d.why, "does not name the module gone"));
	audit_driver(a, "port", &d);
	assert_null(d.module);
	assert_non_null(strstr(d.why, "built in"));
	assert_int_equal(d.shutdown, AUDIT_UNKNOWN);
	talloc_free(a);
	machine_close(&m);
	tree_remove(&tree);
}

/* The kernel's memory from address 0x1000 on: "tiny" and its driver, another bus's namesake. */
#define BASE 0x1000
static const struct {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	struct {
		uint64_t name, remove, shutdown, bus;
	} impostor, driver;
	char name[8];
} core = {
	.header = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_CORE,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1},
	.segment = {.p_type = PT_LOAD,
		.p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		.p_vaddr = BASE,
		.p_filesz = 72},
	.impostor = {BASE + 64, 0, 0, 0x666},
	.driver = {BASE + 64, 0x777, 0, 0x888},
	.name = "tiny",
};

static void test_driver_in_memory(void **state)
{
	struct audit_layout layout = {.name = 0, .remove = 8, .shutdown = 16, .bus = 24};
	enum audit_answer remove, shutdown;
	struct audit_memory *memory;
	struct machine m;
	struct tree tree;
	struct err err;

	(void)state;
	tree_new(&tree);
	tree_machine(&tree, &m);
	assert_int_equal(audit_memory_open(&m, NULL, &layout, &memory, &err), -ENOENT);
	write_file(&tree, "proc/kcore", &core, sizeof(core));
	tree_file(&tree, "proc/kallsyms", "0000000000000000 d tiny_driver\n");
	assert_int_equal(audit_memory_open(&m, NULL, &layout, &memory, &err), -EPERM);
	tree_file(&tree, "proc/kallsyms",
		"0000000000000888 D pci_bus_type\n0000000000001000 d tiny_driver\n"
		"0000000000001030 d driver_beyond\n0000000000001020 T driver_code\n"
		"ffffffffffffffff d driver_end\n\nodd\n"
		"0000000000001020 d tiny_driver\t[tiny]\n");
	assert_int_equal(audit_memory_open(&m, NULL, &layout, &memory, &err), 0);
	assert_int_equal(audit_memory_read(memory, "tiny", &remove, &shutdown), 0);
	assert_int_equal(remove, AUDIT_YES);
	assert_int_equal(shutdown, AUDIT_NO);
	assert_int_equal(audit_memory_read(memory, "tin", &remove, &shutdown), -ENOENT);
	talloc_free(memory);
	tree_file(&tree, "proc/kcore", "nonsense");
	assert_int_equal(audit_memory_open(&m, NULL, &layout, &memory, &err), -EINVAL);
	machine_close(&m);
	tree_remove(&tree);
}

static void test_versions(void **state)
{
	static const struct {
		const char *version;
		size_t count;
		unsigned int name, shutdown;
	} rows[] = {
		{"6.12.117+deb12-amd64", 2, 0, 48},
		{"6.1.0-56-amd64", 2, 0, 48},
		{"5.5.0", 2, 0, 48},
		{"5.4.0", 1, 16, 80},
		{"4.3", 0, 0, 0},
		{"", 0, 0, 0},
		{"6", 0, 0, 0},
		{"linux", 0, 0, 0},
	};
	struct audit_layout layouts[2];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(audit_layouts_of(rows[i].version, layouts), rows[i].count);
		if (!rows[i].count)
			continue;
		assert_int_equal(layouts[0].name, rows[i].name);
		assert_int_equal(layouts[0].shutdown, rows[i].shutdown);
	}
}

/* Type information as a kernel has it, with the driver's bus at 32 + 8. */
static struct btf *make_btf(void)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "long", 8, 0), pointer = btf__add_ptr(btf, number);
	int device = btf__add_struct(btf, "device_driver", 16);

	assert_true(pointer > 0 && device > 0);
	assert_int_equal(btf__add_field(btf, "name", pointer, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "bus", pointer, 64, 0), 0);
	assert_true(btf__add_struct(btf, "pci_driver", 48) > 0);
	assert_int_equal(btf__add_field(btf, "name", pointer, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "shutdown", pointer, 64, 0), 0);
	assert_int_equal(btf__add_field(btf, "remove", pointer, 192, 0), 0);
	assert_int_equal(btf__add_field(btf, "driver", device, 256, 0), 0);
	return btf;
}

static void test_layout_from_btf(void **state)
{
	struct audit_layout layout = {.name = 77};
	struct btf *btf = make_btf(), *empty = btf__new_empty();
	uint32_t size;
	const void *bytes = btf__raw_data(empty, &size);
	struct err err;

	(void)state;
	assert_int_equal(audit_layout_from_btf("nonsense", 8, &layout, &err), -EBADMSG);
	assert_int_equal(audit_layout_from_btf("", 0, &layout, &err), -EBADMSG);
	assert_int_equal(audit_layout_from_btf(bytes, size, &layout, &err), -ENOENT);
	assert_int_equal(layout.name, 77);
	bytes = btf__raw_data(btf, &size);
	assert_int_equal(audit_layout_from_btf(bytes, size, &layout, &err), 0);
	assert_int_equal(layout.name, 0);
	assert_int_equal(layout.shutdown, 8);
	assert_int_equal(layout.remove, 24);
	assert_int_equal(layout.bus, 40);
	btf__free(btf);
	btf__free(empty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_layouts_and_a_wrapper),
		cmocka_unit_test(test_running_kernel_decides),
		cmocka_unit_test(test_unknown_has_a_reason),
		cmocka_unit_test(test_no_registration_is_no_driver),
		cmocka_unit_test(test_damaged_modules),
		cmocka_unit_test(test_directory),
		cmocka_unit_test(test_driver_by_its_file),
		cmocka_unit_test(test_driver_in_memory),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_layout_from_btf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
