// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Menus of SYSLINUX and its relatives. A list of entries is compared as text, one entry a line, the
 * default with a star:
 *   place [id] title: kernel "options" initrds dtb=devicetree overlays=overlays !reason
 * and, where there is one, the timeout at the end.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>
#include <unistd.h>

#include "boot/format.h"
#include "tests/unit/tree.h"

#define CORPUS "tests/fuzz/corpus/syslinux/"
#define LIST "isolinux/isolinux.cfg"

static int setup(void **state)
{
	*state = talloc_new(NULL);
	return !*state;
}

static int teardown(void **state)
{
	return talloc_free(*state);
}

static char *add_place(char *text, const struct entry_menu *menu)
{
	if (!menu)
		return text;
	text = add_place(text, menu->above);
	return talloc_asprintf_append(text, "%u(%s)>", menu->position, menu->title);
}

static char *add_entry(char *text, const struct entry *e)
{
	text = add_place(text, e->menu);
	text = talloc_asprintf_append(text, "%u [%s] %s:", e->position, e->id, e->title);
	if (e->kernel.path)
		text = talloc_asprintf_append(text, " %s \"%s\"", e->kernel.path, e->options);
	for (size_t i = 0; i < e->initrd_count; i++)
		text = talloc_asprintf_append(text, " %s", e->initrds[i].path);
	if (e->devicetree.path)
		text = talloc_asprintf_append(text, " dtb=%s", e->devicetree.path);
	if (e->devicetree_overlays)
		text = talloc_asprintf_append(text, " overlays=%s", e->devicetree_overlays);
	if (e->reason)
		text = talloc_asprintf_append(text, " !%s", e->reason);
	return talloc_strdup_append(text, "\n");
}

static char *dump(void *ctx, const struct entry_list *list)
{
	char *text = talloc_strdup(ctx, "");

	for (size_t i = 0; i < list->count; i++) {
		if (list->default_pattern && &list->entries[i] == entry_list_default(list))
			text = talloc_strdup_append(text, "*");
		text = add_entry(text, &list->entries[i]);
	}
	if (list->timeout >= 0)
		text = talloc_asprintf_append(text, "%d s\n", list->timeout);
	return text;
}

static struct entry_list *parse(
	void *ctx, const char *machine, const char *file, const char *bytes, size_t len)
{
	struct entry_list *list = entry_list_new(ctx);
	struct reading r = reading_of_bytes(list, file);
	struct err err;

	assert_non_null(list);
	if (machine)
		r.architecture = machine;
	assert_int_equal(syslinux_parse(&r, bytes, len, &err), 0);
	return list;
}

struct case_ {
	const char *text, *dump;
};

static void compare(void **state, const char *machine, const struct case_ *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = cases[i].text;
		const char *got = dump(*state, parse(*state, machine, LIST, text, strlen(text)));

		if (strcmp(got, cases[i].dump))
			fail_msg("%s\n--- gave\n%s--- not\n%s", text, got, cases[i].dump);
	}
}

#define COMPARE(state, machine, cases)                                                             \
	compare(state, machine, cases, sizeof(cases) / sizeof(*(cases)))

static void reads_labels(void **state)
{
	static const struct case_ cases[] = {
		{"", ""},
		{"label x\nkernel /k\n", "0 [x] x: /k \"\"\n"},
		{"LABEL x\r\n\tLiNuX\t/k  \r\n", "0 [x] x: /k \"\"\n"},
		{"label x\nlinux k\nappend  a  b=c \n", "0 [x] x: /isolinux/k \"a  b=c\"\n"},
		/* A label without a kernel is the name of one. */
		{"label memtest\n", "0 [memtest] memtest: /isolinux/memtest \"\"\n"},
		{"label vmlinuz\nappend a\n", "0 [vmlinuz] vmlinuz: /isolinux/vmlinuz \"a\"\n"},
		{"label x\nkernel k one two\nappend three\n",
			"0 [x] x: /isolinux/k \"one two three\"\n"},
		{"label x\nmenu label ^Linux ^2\nlinux /k", "0 [x] Linux 2: /k \"\"\n"},
		{"label x\nlinux /a\nlinux /b", "0 [x] x: /b \"\"\n"},
		{"#label x\nlabel y\n#linux /a\nlinux /b\nunknown z", "0 [y] y: /b \"\"\n"},
		{"kernel /k\nlabel y\nlinux /b\n", "0 [y] y: /b \"\"\n"},
		{"label b\nlinux /b\nlabel a\nlinux /a\n", "0 [b] b: /b \"\"\n1 [a] a: /a \"\"\n"},
		{"label\nlinux /k\n", "0 [" LIST ":1] " LIST ":1: /k \"\"\n"},
		{"label x\nlinux\n", "0 [x] x: !it names no Linux kernel\n"},
		{"label x\nlinux /k\ntext help\nlabel y\n endtext\nappend a",
			"0 [x] x: /k \"a\"\n"},
		{"label x\nlinux /k\nmenu hide\nmenu indent 3\nmenu passwd x\n",
			"0 [x] x: /k \"\"\n"},
		{"label x\nmenu disable\nlabel y\nlinux /k\nmenu disabled\n",
			"0 [y] y: /k \"\" !it cannot be chosen in its own menu (MENU DISABLE)\n"},
		{"label x\nlinux /k\nmenu label a\\nb %s%n\n", "0 [x] a\\nb %s%n: /k \"\"\n"},
	};

	COMPARE(state, NULL, cases);
}

static void appends(void **state)
{
	static const struct case_ cases[] = {
		/* A label's own stands for the general one ("instead of"). */
		{"append a\nlabel x\nlinux /k\nappend b\nlabel y\nlinux /k\nlabel z\nlinux /k\n"
		 "append -\nlabel e\nlinux /k\nappend\n",
			"0 [x] x: /k \"b\"\n1 [y] y: /k \"a\"\n2 [z] z: /k \"\"\n"
			"3 [e] e: /k \"\"\n"},
		{"append -\nlabel x\nlinux /k\n", "0 [x] x: /k \"\"\n"},
		{"label x\nlinux /k\nappend a\nappend b\n", "0 [x] x: /k \"b\"\n"},
		{"append a\nlabel x\nlinux /k\nmenu separator\nappend b\nlabel y\nlinux /k\n",
			"0 [x] x: /k \"a\"\n1 [y] y: /k \"b\"\n"},
		{"label x\nlinux /k\nappend - a\n", "0 [x] x: /k \"- a\"\n"},
	};

	COMPARE(state, NULL, cases);
}

static void finds_initrds(void **state)
{
	static const struct case_ cases[] = {
		{"label x\nlinux /k\ninitrd /a\n", "0 [x] x: /k \"\" /a\n"},
		{"label x\nlinux /k\ninitrd /a,b,,/c\n", "0 [x] x: /k \"\" /a /isolinux/b /c\n"},
		{"label x\nlinux /k\ninitrd /a\ninitrd /b\n", "0 [x] x: /k \"\" /a /b\n"},
		/* The kernel gets it too. */
		{"label x\nlinux /k\nappend root=/r initrd=/a,/b quiet\n",
			"0 [x] x: /k \"root=/r initrd=/a,/b quiet\" /a /b\n"},
		{"label x\nlinux /k\nappend rdinitrd=/a initrd=\n",
			"0 [x] x: /k \"rdinitrd=/a initrd=\"\n"},
		{"append initrd=/a\nlabel x\nlinux /k\n", "0 [x] x: /k \"initrd=/a\" /a\n"},
		{"label x\nlinux /k\nappend initrd=/a\ninitrd /a,/b\n",
			"0 [x] x: /k \"initrd=/a\" /a /b\n"},
		{"label x\nlinux /k\ninitrd=./pxe/i\n", "0 [x] x: /k \"\" /isolinux/pxe/i\n"},
		{"label x\nlinux /k\ninitrd 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17\n",
			"0 [x] x: /k \"\" /isolinux/1 /isolinux/2 /isolinux/3 /isolinux/4 "
			"/isolinux/5 /isolinux/6 /isolinux/7 /isolinux/8 /isolinux/9 /isolinux/10 "
			"/isolinux/11 /isolinux/12 /isolinux/13 /isolinux/14 /isolinux/15 "
			"/isolinux/16 !it has more initrds than stillboot takes\n"},
		{"initrd /a\nlabel x\nlinux /k\n", "0 [x] x: /k \"\"\n"},
	};

	COMPARE(state, NULL, cases);
}

static void knows_what_is_no_linux(void **state)
{
	static const struct case_ cases[] = {
		{"label x\nkernel chain.c32\nappend hd0 1\n",
			"0 [x] x: !it starts another boot loader (chain.c32)\n"},
		{"label x\ncom32 MBOOT\nappend xen.gz --- vmlinuz\n",
			"0 [x] x: !it is a Multiboot kernel (mboot.c32)\n"},
		{"label x\nkernel hdt.C32\n",
			"0 [x] x: !it is a program for SYSLINUX, not a Linux kernel\n"},
		{"label x\nlocalboot 0x80\n", "0 [x] x: !the firmware is to boot another disk\n"},
		{"label x\nkernel a.0\nlabel y\npxe a\n",
			"0 [x] x: !it is a network boot program, not a Linux kernel\n"
			"1 [y] y: !it is a network boot program, not a Linux kernel\n"},
		{"label x\nkernel a.bin\nlabel y\nkernel a.bs\nlabel z\nbss a\nlabel b\nboot a\n",
			"0 [x] x: !it is a boot sector, not a Linux kernel\n"
			"1 [y] y: !it is a boot sector, not a Linux kernel\n"
			"2 [z] z: !it is a boot sector, not a Linux kernel\n"
			"3 [b] b: !it is a boot sector, not a Linux kernel\n"},
		{"label x\nkernel a.img\nlabel y\nfdimage a\n",
			"0 [x] x: !it is a floppy disk, not a Linux kernel\n"
			"1 [y] y: !it is a floppy disk, not a Linux kernel\n"},
		{"label x\nkernel a.com\nlabel y\nkernel a.cbt\nlabel z\ncomboot a\n",
			"0 [x] x: !it is a program for SYSLINUX, not a Linux kernel\n"
			"1 [y] y: !it is a program for SYSLINUX, not a Linux kernel\n"
			"2 [z] z: !it is a program for SYSLINUX, not a Linux kernel\n"},
		{"label x\nkernel /boot/memdisk\ninitrd a.img\n",
			"0 [x] x: !MEMDISK needs the BIOS\n"},
		{"label x\nlinux a.bin\nlabel y\nkernel .bin\n",
			"0 [x] x: /isolinux/a.bin \"\"\n1 [y] y: /isolinux/.bin \"\"\n"},
		{"label x\nkernel linux.c32 /k a\nlabel y\ncom32 linux.c32\n"
		 "append -dhcpinfo k initrd=i b\n",
			"0 [x] x: /k \"a\"\n"
			"1 [y] y: /isolinux/k \"initrd=i b\" /isolinux/i\n"},
		{"label x\nlinux http://server/k\n",
			"0 [x] x: !http://server/k lies on the network\n"},
		{"label x\nlinux 10.0.0.1::k\n", "0 [x] x: !10.0.0.1::k lies on the network\n"},
		{"label x\nlinux /k\ninitrd tftp://h/i\n",
			"0 [x] x: /k \"\" !tftp://h/i lies on the network\n"},
		{"label x\nconfig http://server/c\n",
			"0 [x] x: !http://server/c lies on the network\n"},
		{"label x\nconfig /c\n", "0 [x] x: !/c is missing\n"},
	};

	COMPARE(state, NULL, cases);
}

static void finds_paths(void **state)
{
	static const struct {
		const char *file, *name, *path;
	} cases[] = {
		{"extlinux.conf", "k", "/k"},
		{"extlinux.conf", "/k", "/k"},
		{"boot/extlinux/extlinux.conf", "k", "/boot/extlinux/k"},
		{"/boot/extlinux/extlinux.conf", "k", "/boot/extlinux/k"},
		{"boot/extlinux/extlinux.conf", "../k", "/boot/k"},
		{"boot/extlinux/extlinux.conf", "../../../../k", "/k"},
		{"boot/extlinux/extlinux.conf", "./a/.././k", "/boot/extlinux/k"},
		{"boot/extlinux/extlinux.conf", "//a//b/", "/a/b"},
		{"boot/extlinux/extlinux.conf", "...", "/boot/extlinux/..."},
		{"syslinux/syslinux.cfg", "\\boot\\k", "/boot/k"},
		{"syslinux/syslinux.cfg", "boot\\k", "/syslinux/boot/k"},
		{"syslinux/syslinux.cfg", "..", "/"},
		{"pxelinux.cfg/default", "a/k", "/a/k"},
		{"pxelinux.cfg/default", "/a/k", "/a/k"},
		{"tftp/pxelinux.cfg/default", "a/k", "/tftp/a/k"},
		{"tftp/pxelinux.cfg/default", "/a/k", "/tftp/a/k"},
		{"tftp/pxelinux.cfg/default", "::a/k", "/a/k"},
		{"tftp/pxelinux.cfg/default", "::/a/k", "/a/k"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *text = talloc_asprintf(*state, "label x\nlinux %s\n", cases[i].name);
		struct entry_list *list = parse(*state, NULL, cases[i].file, text, strlen(text));

		assert_int_equal(list->count, 1);
		assert_string_equal(list->entries[0].kernel.path, cases[i].path);
	}
}

static void builds_submenus(void **state)
{
	static const struct case_ cases[] = {
		{"label a\nlinux /a\nmenu begin sub\nmenu label ^More\nlabel b\nlinux /b\n"
		 "label back\nmenu exit\nmenu end\nlabel c\nlinux /c\n",
			"0 [a] a: /a \"\"\n1(More)>0 [b] b: /b \"\"\n2 [c] c: /c \"\"\n"},
		{"menu begin ^Tag\nlabel b\nlinux /b\n", "0(Tag)>0 [b] b: /b \"\"\n"},
		{"menu begin tag\nmenu title Title\nlabel b\nlinux /b\n",
			"0(Title)>0 [b] b: /b \"\"\n"},
		{"menu begin\nmenu begin x\nlabel b\nlinux /b\nmenu end\nmenu end\nmenu end\n"
		 "label c\nlinux /c\n",
			"0()>0(x)>0 [b] b: /b \"\"\n1 [c] c: /c \"\"\n"},
		{"append a\nmenu begin x\nappend b\nmenu end\nlabel c\nlinux /c\n",
			"1 [c] c: /c \"b\"\n"},
		{"label g\nmenu goto x\nlabel q\nmenu quit\nlabel h\nmenu help x\n"
		 "label m\nkernel menu.c32\nlabel c\nlinux /c\n",
			"0 [c] c: /c \"\"\n"},
	};

	COMPARE(state, NULL, cases);
}

#define AB "label a\nlinux /a\nlabel b\nlinux /b\n"
#define SUB "menu begin s\nlabel c\nlinux /c\nlabel d\nlinux /d\nmenu default\nmenu end\n"

static void finds_the_default(void **state)
{
	static const struct case_ cases[] = {
		{"default b\n" AB, "0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n0 s\n"},
		{AB "default a\ndefault b\n", "0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n0 s\n"},
		{AB "menu default\n", "0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n"},
		{"ui menu.c32\ndefault a\n" AB "menu default\n",
			"*0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"},
		{"default vesamenu.c32\n" AB "menu default\n",
			"0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n"},
		{"default b\nprompt 1\n" AB, "0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n"},
		{"prompt 1\ntimeout 50\ndefault a\nontimeout b\n" AB,
			"0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n5 s\n"},
		{"prompt 1\ndefault a\nontimeout b\n" AB, "*0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"},
		{"prompt 1\ntimeout 51\ntotaltimeout 20\ndefault a\n" AB,
			"*0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n2 s\n"},
		{"ui menu\ntimeout 51\n" AB, "0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n6 s\n"},
		{"timeout 0\nui menu\n" AB, "0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"},
		/* A label as in older versions. */
		{AB "label linux\nlinux /l\n",
			"0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n*2 [linux] linux: /l \"\"\n"},
		/* A label with arguments, and a kernel. */
		{"default b single initrd=/i\nprompt 1\n" AB,
			"0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"
			"*2 [b] b single initrd=/i: /b \"single initrd=/i\" /i\n"},
		{"default vmlinuz root=/r initrd=/i\nprompt 1\nappend g\n" AB,
			"0 [a] a: /a \"g\"\n1 [b] b: /b \"g\"\n"
			"*2 [vmlinuz] vmlinuz root=/r initrd=/i: "
			"/isolinux/vmlinuz \"g root=/r initrd=/i\" /i\n"},
		{"implicit 0\ndefault vmlinuz root=/r\nprompt 1\n" AB,
			"0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"},
		{"ui menu.c32\ndefault vmlinuz root=/r\n" AB,
			"0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"},
		/* Into submenus. */
		{"ui menu.c32\ndefault c\n" AB SUB,
			"0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"
			"*2(s)>0 [c] c: /c \"\"\n2(s)>1 [d] d: /d \"\"\n"},
		{AB "menu begin s\nmenu default\nmenu start\nlabel c\nlinux /c\nmenu end\n",
			"0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n*2(s)>0 [c] c: /c \"\"\n"},
		{SUB AB "label g\nmenu goto s\nmenu default\n",
			"0(s)>0 [c] c: /c \"\"\n*0(s)>1 [d] d: /d \"\"\n"
			"1 [a] a: /a \"\"\n2 [b] b: /b \"\"\n"},
		/* Programs that choose a label, and circles. */
		{"default g\nlabel g\ncom32 ifcpu64.c32\nappend b -- a\n" AB,
			"0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n0 s\n"},
		{"default g\nlabel g\ncom32 whichsys.c32\nappend -pxe- a -sys- b\n" AB,
			"0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n0 s\n"},
		{"default g\nprompt 1\nlabel g\ncom32 ifcpu64.c32\nappend g\n" AB,
			"0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"},
		{"default g\nprompt 1\nlabel g\nmenu goto .top\nmenu default\n" AB,
			"0 [a] a: /a \"\"\n1 [b] b: /b \"\"\n"},
		{"default x\nlabel x\nlocalboot 0\n" AB,
			"*0 [x] x: !the firmware is to boot another disk\n"
			"1 [a] a: /a \"\"\n2 [b] b: /b \"\"\n0 s\n"},
		/* Titles that look like something else do not matter. */
		{"default 1\nprompt 1\nlabel 1\nlinux /a\nlabel 0>1\nlinux /b\n",
			"*0 [1] 1: /a \"\"\n1 [0>1] 0>1: /b \"\"\n"},
	};

	COMPARE(state, NULL, cases);
}

static void is_u_boot_elsewhere(void **state)
{
	static const struct case_ cases[] = {
		{"label x\nkernel a.bin\nfdt /d.dtb\n",
			"0 [x] x: /isolinux/a.bin \"\" dtb=/d.dtb\n"},
		{"label x\nmenu label y\nappend a\n", "0 [x] y: !it names no Linux kernel\n"},
		{"label x\nlinux /f.itb#conf-1\n",
			"0 [x] x: /f.itb \"\" !it is a part of a FIT image\n"},
		{"timeout 30\ndefault a b\nlabel a\nlinux /a\nlabel a b\nlinux /b\n",
			"0 [a] a: /a \"\"\n*1 [a b] a b: /b \"\"\n3 s\n"},
		{"default vmlinuz a\nlabel a\nlinux /a\n", "0 [a] a: /a \"\"\n"},
		{"default a\nontimeout b\n" AB, "0 [a] a: /a \"\"\n*1 [b] b: /b \"\"\n"},
		{"label x\nlinux /k\ndevicetree -\nfdtdir /dtbs\n", "0 [x] x: /k \"\"\n"},
		{"label x\nlinux /k\nfdtdir /d\ndevicetree-overlay /o\n",
			"0 [x] x: /k \"\" overlays=/o\n"},
		{"label x\nlinux /k\ndtb d\nfdtoverlays a b\n",
			"0 [x] x: /k \"\" dtb=/isolinux/d overlays=a b "
			"!it needs device tree overlays\n"},
	};
	static const struct case_ on_a_pc[] = {
		{"label x\nkernel a.bin\nfdtdir /d\n", "0 [x] x: /isolinux/a.bin \"\"\n"},
	};

	COMPARE(state, "aarch64", cases);
	COMPARE(state, "i686", on_a_pc);
}

static void reads_what_distributions_write(void **state)
{
	static const struct {
		const char *machine, *sample, *file, *dump;
	} cases[] = {
		{"aarch64", "debian-extlinux.conf", "boot/extlinux/extlinux.conf",
			"*0 [l0] Debian GNU/Linux 12 (bookworm) 6.1.0-18-arm64:"
			" /boot/vmlinuz-6.1.0-18-arm64"
			" \"root=UUID=5f3c1c9e-6a0a-4c34-9d2f-0d8a1f6d7b11 ro quiet\""
			" /boot/initrd.img-6.1.0-18-arm64\n"
			"1 [l0r] Debian GNU/Linux 12 (bookworm) 6.1.0-18-arm64 (rescue target):"
			" /boot/vmlinuz-6.1.0-18-arm64"
			" \"root=UUID=5f3c1c9e-6a0a-4c34-9d2f-0d8a1f6d7b11 ro single\""
			" /boot/initrd.img-6.1.0-18-arm64\n"
			"5 s\n"},
		{"x86_64", "alpine.conf", "extlinux.conf",
			"0 [lts] Linux lts: /vmlinuz-lts"
			" \"root=UUID=0b1f6a34-93c1-4a5e-8f5c-2f1e2b7c8d90"
			" modules=sd-mod,usb-storage,ext4 quiet rootfstype=ext4\" /initramfs-lts\n"
			"*1 [virt] Linux virt: /vmlinuz-virt"
			" \"root=UUID=0b1f6a34-93c1-4a5e-8f5c-2f1e2b7c8d90"
			" modules=sd-mod,usb-storage,ext4 quiet rootfstype=ext4\" /initramfs-virt\n"
			"1 s\n"},
		{"aarch64", "nixos.conf", "boot/extlinux/extlinux.conf",
			"*0 [nixos-default] NixOS - Default:"
			" /boot/nixos/2q5yqrbsd6mvpbgmrq6fdyvp8pmvn6qk-linux-6.6.30-Image"
			" \"init=/nix/store/pxr3y1xmbq-nixos-system-pi-24.05/init loglevel=4\""
			" /boot/nixos/6c5xf0ggyjmv3x5c1p12ihz6n9h7dxpk-initrd-linux-6.6.30-initrd\n"
			"1 [nixos-1-default]"
			" NixOS - Configuration 1-default (2024-05-21 10:11 - 24.05):"
			" /boot/nixos/2q5yqrbsd6mvpbgmrq6fdyvp8pmvn6qk-linux-6.6.30-Image"
			" \"init=/nix/store/pxr3y1xmbq-nixos-system-pi-24.05/init loglevel=4\""
			" /boot/nixos/6c5xf0ggyjmv3x5c1p12ihz6n9h7dxpk-initrd-linux-6.6.30-initrd"
			" dtb=/boot/nixos/2q5yqrbsd6mvpbgmrq6fdyvp8pmvn6qk-linux-6.6.30-dtbs/"
			"broadcom/bcm2711-rpi-4-b.dtb\n"
			"3 s\n"},
		{"aarch64", "armbian.conf", "boot/extlinux/extlinux.conf",
			"0 [Armbian] Armbian: /boot/Image"
			" \"root=UUID=5f3c1c9e rootwait rw console=ttyS2,1500000\" /boot/uInitrd"
			" dtb=/boot/dtb/rockchip/rk3588-rock-5b.dtb"
			" overlays=/boot/dtb/rockchip/overlay/a.dtbo"
			" /boot/dtb/rockchip/overlay/b.dtbo !it needs device tree overlays\n"},
		{"x86_64", "fedora-iso.cfg", LIST,
			"0 [linux] Install Fedora 33: /isolinux/vmlinuz \"initrd=initrd.img"
			" inst.stage2=hd:LABEL=Fedora-S-dvd-x86_64-33 quiet\""
			" /isolinux/initrd.img\n"
			"*1 [check] Test this media & install Fedora 33: /isolinux/vmlinuz"
			" \"initrd=initrd.img inst.stage2=hd:LABEL=Fedora-S-dvd-x86_64-33"
			" rd.live.check quiet\" /isolinux/initrd.img\n"
			"2(Troubleshooting Fedora 33)>0 [basic] Install using basic graphics mode:"
			" /isolinux/vmlinuz \"initrd=initrd.img"
			" inst.stage2=hd:LABEL=Fedora-S-dvd-x86_64-33 nomodeset quiet\""
			" /isolinux/initrd.img\n"
			"2(Troubleshooting Fedora 33)>1 [memtest] Run a memory test:"
			" /isolinux/memtest \"\"\n"
			"2(Troubleshooting Fedora 33)>2 [local] Boot from local drive:"
			" !the firmware is to boot another disk\n"
			"60 s\n"},
		{"x86_64", "gparted.cfg", "syslinux/syslinux.cfg",
			"*0 [GParted Live] GParted Live (Default settings): /live/vmlinuz"
			" \"initrd=/live/initrd.img boot=live union=overlay username=user config"
			" components quiet noswap ip= net.ifnames=0 nosplash\" /live/initrd.img\n"
			"1(Other modes of GParted Live)>0 [GParted Live (To RAM)]"
			" GParted Live (To RAM. Boot media can be removed later): /live/vmlinuz"
			" \"initrd=/live/initrd.img boot=live toram=live,syslinux,EFI\""
			" /live/initrd.img\n"
			"2 [local] Local operating system in harddrive (if available):"
			" !the firmware is to boot another disk\n"
			"3 [memtest] Memory test using Memtest86+: /live/memtest \"\"\n"
			"4 [FreeDOS] Free DOS: !MEMDISK needs the BIOS\n"
			"5 [iPXE] Network boot via iPXE:"
			" !it is a network boot program, not a Linux kernel\n"
			"30 s\n"},
		{"x86_64", "yocto.cfg", "EFI/BOOT/syslinux.cfg",
			"*0 [boot] boot: /vmlinuz \"label=boot root=/dev/sda2 rootwait"
			" console=ttyS0,115200 console=tty0\"\n"
			"0 s\n"},
		{"x86_64", "dos.cfg", "syslinux.cfg",
			"*0 [win] Live system: /casper/vmlinuz \"boot=casper quiet splash --\""
			" /casper/initrd\n"
			"6 s\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *path = talloc_asprintf(*state, CORPUS "%s", cases[i].sample);
		int fd = open(path, O_RDONLY);
		char bytes[4096];
		ssize_t len = read(fd, bytes, sizeof(bytes));

		close(fd);
		assert_true(len > 0 && len < (ssize_t)sizeof(bytes));
		assert_string_equal(dump(*state, parse(*state, cases[i].machine, cases[i].file,
							 bytes, (size_t)len)),
			cases[i].dump);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_labels, setup, teardown),
		cmocka_unit_test_setup_teardown(appends, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_initrds, setup, teardown),
		cmocka_unit_test_setup_teardown(knows_what_is_no_linux, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(builds_submenus, setup, teardown),
		cmocka_unit_test_setup_teardown(finds_the_default, setup, teardown),
		cmocka_unit_test_setup_teardown(is_u_boot_elsewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(reads_what_distributions_write, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
