// SPDX-License-Identifier: GPL-2.0-or-later
/* Which interface leads to an address, and which functions the network's users need. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <talloc.h>

#include "devices/route.h"
#include "devices/usage.h"
#include "tests/unit/scripted.h"

/* From Linux 6.18, in a network namespace of four virtual interfaces. */
static const char route_text[] =
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	"eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
	"eth1\t00000000\t016433C6\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
	"eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
	"eth1\t006433C6\t00000000\t0001\t0\t0\t0\tC0FFFFFF\t0\t0\t0\n"
	"eth1\t007100CB\t026433C6\t0003\t0\t0\t0\t80FFFFFF\t0\t0\t0\n"
	"*\t807100CB\t00000000\t0201\t0\t0\t0\t80FFFFFF\t0\t0\t0\n";

#define NOWHERE " 00000000000000000000000000000000 00 00000000000000000000000000000000 "

static const char ipv6_route_text[] =
	"20010db8000000000000000000000000 40" NOWHERE
	"00000100 00000003 00000000 00000001     eth0\n"
	"20010db8000100000000000000000000 40" NOWHERE
	"00000100 00000001 00000000 00000001     eth1\n"
	"20010db8ffff00000000000000000000 30 00000000000000000000000000000000 00 "
	"20010db8000100000000000000000001 00000400 00000001 00000000 00000003     eth1\n"
	"fe800000000000000000000000000000 40" NOWHERE
	"00000100 00000001 00000000 00000001     eth0\n"
	"fe800000000000000000000000000000 40" NOWHERE
	"00000100 00000001 00000000 00000001       p0\n"
	"fe800000000000000000000000000000 40" NOWHERE
	"00000100 00000001 00000000 00000001     eth1\n"
	"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
	"20010db8000000000000000000000001 00000400 00000001 00000000 00000003     eth0\n"
	"00000000000000000000000000000001 80" NOWHERE
	"00000000 00000003 00000000 80200001       lo\n"
	"20010db8000000000000000000000010 80" NOWHERE
	"00000000 00000003 00000000 80200001     eth0\n"
	"ff000000000000000000000000000000 08" NOWHERE
	"00000100 00000002 00000000 00000001       p0\n"
	"00000000000000000000000000000000 00" NOWHERE
	"ffffffff 00000001 00000000 00200200       lo\n";

struct fixture {
	struct scripted *s;
	struct pci_snapshot *snap;
};

static void add_virtual(struct scripted *s, const char *name)
{
	char path[100], target[100];

	snprintf(path, sizeof(path), "sys/class/net/%s", name);
	snprintf(target, sizeof(target), "../../devices/virtual/net/%s", name);
	scripted_link(s, path, target);
	snprintf(path, sizeof(path), "sys/devices/virtual/net/%s/mtu", name);
	scripted_file(s, path, "1500\n");
}

/* eth0 to eth2 at 00:01.0 to 00:03.0, bond0 over eth1 and eth2, and a tunnel. */
static int setup(void **state)
{
	struct fixture *f = talloc_zero(NULL, struct fixture);

	f->s = scripted_new();
	f->snap = snapshot_new(f);
	for (int i = 0; i < 3; i++) {
		char slot[PCI_SLOT_MAX], path[120], target[120];

		snprintf(slot, sizeof(slot), "0000:00:%02x.0", i + 1);
		snapshot_add(f->snap, slot, 0x020000, "virtio-pci");
		snprintf(path, sizeof(path), "sys/class/net/eth%d", i);
		snprintf(target, sizeof(target), "../../devices/pci0000:00/%s/virtio%d/net/eth%d",
			slot, i, i);
		scripted_link(f->s, path, target);
		snprintf(path, sizeof(path),
			"sys/devices/pci0000:00/%s/virtio%d/net/eth%d/device/vendor", slot, i, i);
		scripted_file(f->s, path, "0x1af4\n");
	}
	pci_link_tree(f->snap);
	add_virtual(f->s, "lo");
	add_virtual(f->s, "wg0");
	add_virtual(f->s, "bond0");
	scripted_link(f->s, "sys/devices/virtual/net/bond0/lower_eth1", "../eth1");
	scripted_link(f->s, "sys/devices/virtual/net/bond0/lower_eth2", "../eth2");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	scripted_free(f->s);
	return talloc_free(f);
}

static void add_routes(struct fixture *f)
{
	scripted_file(f->s, "proc/net/route", route_text);
	scripted_file(f->s, "proc/net/ipv6_route", ipv6_route_text);
}

/* The functions marked for the network, as in "1 3". */
static const char *marked(struct fixture *f)
{
	char *text = talloc_strdup(f, "");

	assert_int_equal(usage_read(&f->s->machine, f->snap, NULL), 0);
	for (size_t i = 0; i < f->snap->count; i++)
		if (f->snap->functions[i].uses & PCI_USE_NETWORK)
			text = talloc_asprintf_append(text, *text ? " %zu" : "%zu", i + 1);
	return text;
}

static const char *use(const struct fixture *f, size_t number)
{
	return f->snap->functions[number - 1].use;
}

static void add_mount(struct fixture *f, const char *text)
{
	scripted_file(f->s, "proc/self/mountinfo", text);
}

static void finds_the_interface_of_an_address(void **state)
{
	static const struct {
		const char *address, *interfaces;
	} cases[] = {
		{"192.0.2.99", "eth0 "},
		{"198.51.100.63", "eth1 "},
		{"198.51.100.64", "eth0 "}, /* outside the /26: the better of two default routes */
		{"203.0.113.127", "eth1 "},
		{"203.0.113.128", "eth0 "}, /* rejected; a rejecting route leads nowhere */
		{"2001:db8::1", "eth0 "},
		{"2001:db8:ffff:7::1", "eth1 "},
		{"2001:db8:2::1", "eth0 "},
		{"fe80::1%eth1", "eth0 p0 eth1 "},
		{"127.0.0.1", ""},
		{"::1", ""},
		{"server.example", "eth0 eth1 "},
		{"", "eth0 eth1 "},
		{NULL, "eth0 eth1 "},
	};
	struct fixture *f = *state;
	struct route_list *list;

	add_routes(f);
	list = routes_read(&f->s->machine, f);
	assert_int_equal(list->count, 5 + 10);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char **names = routes_to(list, f, cases[i].address), text[100] = "";

		for (; *names; names++) {
			strcat(text, *names);
			strcat(text, " ");
		}
		assert_string_equal(text, cases[i].interfaces);
	}
}

static void marks_the_way_to_a_server(void **state)
{
	struct fixture *f = *state;

	add_routes(f);
	add_mount(f, "1 1 0:50 / /mnt rw - nfs4 server:/export rw,vers=4.2,clientaddr=192.0.2.10,"
		     "local_lock=none,addr=198.51.100.2\n");
	assert_string_equal(marked(f), "2");
	assert_string_equal(use(f, 2), "eth1 carries nfs4 server:/export on /mnt");
}

static void marks_no_interface_for_a_local_filesystem(void **state)
{
	struct fixture *f = *state;

	add_routes(f);
	add_mount(f, "1 1 0:50 / /tmp rw - tmpfs tmpfs rw\n"
		     "2 1 0:51 / /mnt rw - nfs localhost:/export rw,addr=127.0.0.1\n");
	assert_string_equal(marked(f), "");
}

static void marks_every_interface_for_unknown_servers(void **state)
{
	struct fixture *f = *state;

	add_routes(f);
	add_mount(f, "1 1 0:50 / /data rw - ceph 192.0.2.5:6789:/ rw,name=admin\n");
	assert_string_equal(marked(f), "1 2");
	assert_string_equal(use(f, 1), "eth0 carries ceph 192.0.2.5:6789:/ on /data");
}

/* What routes there are is not known either: nothing is taken for idle. */
static void marks_all_without_routes(void **state)
{
	struct fixture *f = *state;

	add_mount(f, "1 1 0:50 / /data rw - cifs //server/share rw,addr=192.0.2.5\n");
	assert_string_equal(marked(f), "1 2 3");
}

static void goes_down_through_a_bond(void **state)
{
	struct fixture *f = *state;

	scripted_file(f->s, "proc/net/route",
		"Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
		"bond0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
	add_mount(f, "1 1 0:50 / /mnt rw - nfs server:/export rw,addr=192.0.2.5\n");
	assert_string_equal(marked(f), "2 3");
	assert_string_equal(use(f, 3), "eth2 carries nfs server:/export on /mnt");
}

/* A tunnel says nothing of what it goes through. */
static void a_tunnel_goes_through_any_interface(void **state)
{
	struct fixture *f = *state;

	scripted_file(f->s, "proc/net/route",
		"Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
		"eth2\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
		"wg0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n");
	add_mount(f, "1 1 0:50 / /mnt rw - nfs server:/export rw,addr=10.1.2.3\n");
	assert_string_equal(marked(f), "3");
}

static void iscsi_and_nvme_sessions(void **state)
{
	struct fixture *f = *state;

	add_routes(f);
	scripted_file(f->s, "sys/class/iscsi_connection/connection3:0/address", "192.0.2.5\n");
	scripted_file(f->s, "sys/class/iscsi_session/session3/targetname", "iqn.2003-01.org:x\n");
	scripted_file(f->s, "sys/class/nvme/nvme0/transport", "pcie\n");
	scripted_file(f->s, "sys/class/nvme/nvme0/address", "0000:00:03.0\n");
	scripted_file(f->s, "sys/class/nvme/nvme1/transport", "tcp\n");
	scripted_file(f->s, "sys/class/nvme/nvme1/address",
		"traddr=2001:db8:1::9,trsvcid=4420,src_addr=2001:db8:1::7\n");
	assert_string_equal(marked(f), "1 2");
	assert_string_equal(use(f, 1), "eth0 carries the iSCSI target iqn.2003-01.org:x");
	assert_string_equal(use(f, 2), "eth1 carries nvme1 over tcp");
}

static void nvme_over_fibre_channel(void **state)
{
	static const char *const ports[] = {"0x10000090fae0b5f4\n", "0x10000090fae0b5f5\n"};
	struct fixture *f = *state;

	for (int i = 0; i < 2; i++) {
		char path[100], target[100];

		snprintf(path, sizeof(path), "sys/class/fc_host/host%d", i);
		snprintf(target, sizeof(target),
			"../../devices/pci0000:00/0000:00:%02x.0/host%d/fc_host/host%d", i + 1, i,
			i);
		scripted_link(f->s, path, target);
		snprintf(path, sizeof(path),
			"sys/devices/pci0000:00/0000:00:%02x.0/host%d/fc_host/host%d/port_name",
			i + 1, i, i);
		scripted_file(f->s, path, ports[i]);
	}
	scripted_file(f->s, "sys/class/nvme/nvme1/transport", "fc\n");
	scripted_file(f->s, "sys/class/nvme/nvme1/address",
		"traddr=nn-0x200900a09890f5bf:pn-0x201900a09890f5bf,"
		"host_traddr=nn-0x20000090fae0b5f5:pn-0x10000090fae0b5f5\n");
	assert_string_equal(marked(f), "2");
	assert_string_equal(use(f, 2), "host1 carries nvme1");
}

static void network_disks_in_use(void **state)
{
	struct fixture *f = *state;

	add_routes(f);
	scripted_file(f->s, "sys/class/block/nbd0/dev", "43:0\n");
	scripted_file(f->s, "sys/class/block/nbd1/dev", "43:32\n");
	assert_string_equal(marked(f), "");
	add_mount(f, "1 1 43:32 / /mnt rw - ext4 /dev/nbd1 rw\n");
	assert_string_equal(marked(f), "1 2");
	assert_string_equal(use(f, 1), "eth0 carries a network disk: nbd1 is mounted on /mnt");
}

static void ata_over_ethernet_names_its_interfaces(void **state)
{
	struct fixture *f = *state;

	scripted_link(f->s, "sys/class/block/etherd!e1.2p1",
		"../../devices/virtual/block/etherd!e1.2/etherd!e1.2p1");
	scripted_file(f->s, "sys/devices/virtual/block/etherd!e1.2/etherd!e1.2p1/dev", "152:1\n");
	scripted_file(f->s, "sys/devices/virtual/block/etherd!e1.2/netif", "eth0,eth2\n");
	add_mount(f, "1 1 152:1 / /mnt rw - ext4 /dev/etherd/e1.2p1 rw\n");
	assert_string_equal(marked(f), "1 3");
}

static void netconsole_by_its_interface(void **state)
{
	struct fixture *f = *state;

	add_routes(f);
	scripted_file(f->s, "sys/kernel/config/netconsole/a/enabled", "0\n");
	scripted_file(f->s, "sys/kernel/config/netconsole/a/dev_name", "eth0\n");
	assert_string_equal(marked(f), "");
	scripted_file(f->s, "proc/consoles", "netcon0              -W- (E     )\n");
	scripted_file(f->s, "proc/cmdline",
		"quiet netconsole=+4444@10.0.0.1/eth2,9353@10.0.0.2/12:34:56:78:9a:bc panic=1\n");
	assert_string_equal(marked(f), "3");
	assert_string_equal(use(f, 3), "eth2 carries netconsole");
	scripted_file(f->s, "sys/kernel/config/netconsole/b/enabled", "1\n");
	scripted_file(f->s, "sys/kernel/config/netconsole/b/dev_name", "eth1\n");
	assert_string_equal(marked(f), "2 3");
}

/* modprobe's parameter cannot be read back. */
static void netconsole_on_an_unknown_interface(void **state)
{
	struct fixture *f = *state;

	add_routes(f);
	scripted_file(f->s, "proc/consoles", "ttyS0  -W- (EC p a)  4:64\nnetcon0  -W- (E  )\n");
	scripted_file(f->s, "proc/cmdline", "quiet\n");
	assert_string_equal(marked(f), "1 2");
}

/* A virtual function's user needs the physical one as well. */
static void marks_the_physical_function(void **state)
{
	struct fixture *f = *state;

	f->snap->functions[1].physical = &f->snap->functions[2];
	add_routes(f);
	add_mount(f, "1 1 0:50 / /mnt rw - nfs server:/export rw,addr=198.51.100.2\n");
	assert_string_equal(marked(f), "2 3");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_the_interface_of_an_address),
		TEST(marks_the_way_to_a_server),
		TEST(marks_no_interface_for_a_local_filesystem),
		TEST(marks_every_interface_for_unknown_servers),
		TEST(marks_all_without_routes),
		TEST(goes_down_through_a_bond),
		TEST(a_tunnel_goes_through_any_interface),
		TEST(iscsi_and_nvme_sessions),
		TEST(nvme_over_fibre_channel),
		TEST(network_disks_in_use),
		TEST(ata_over_ethernet_names_its_interfaces),
		TEST(netconsole_by_its_interface),
		TEST(netconsole_on_an_unknown_interface),
		TEST(marks_the_physical_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
