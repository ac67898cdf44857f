// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/config_registers.h"

#include <errno.h>
#include <linux/pci_regs.h>

#include "devices/config_space.h"

#define ALL 0xffffffffU

enum where {
	HEADER,   /* of any type */
	ENDPOINT, /* header type 0 */
	BRIDGE,   /* header type 1 */
	NORMAL,   /* capability */
	EXTENDED, /* extended capability */
};

/* What a register of a capability needs besides, to be there. */
enum needs {
	NOTHING,
	MSI_32,
	MSI_64,
	LINK, /* an express device that is not integrated into the root complex */
	SLOT,
	ROOT,
	VERSION_2, /* of the PCI Express capability */
	VC_1,      /* a second virtual channel */
};

struct row {
	const char *name;
	enum where where;
	uint16_t id, offset;
	uint8_t width, turn;
	uint32_t mask, clears;
	enum needs needs;
};

/*
 * What is TURN_NEVER takes both ends of the link to change (ASPM L1 substates 5.5.4, virtual channels
 * 6.3), or belongs to the kernel's IOMMU and SR-IOV code; after a reset it is off, and the next
 * kernel sets it up.
 *
 * Bits by PCI Local Bus Specification 3.0, 6.2 and 6.7 to 6.8, PCI-to-PCI Bridge Architecture 1.2,
 * 3.2, and PCI Express Base Specification 5.0, 7.5 to 7.9. Left out on purpose: bits that start
 * something when written (Initiate FLR, also that of Advanced Features, Retrain Link, Secondary Bus
 * Reset, DPC Software Trigger), and of a CardBus bridge what lies elsewhere than in other headers.
 */
static const struct row rows[] = {
	{"Power Management Control", NORMAL, PCI_CAP_ID_PM, PCI_PM_CTRL, 2, TURN_POWER, 0x0103,
		0x8000, NOTHING},
	{"LTR Max Snoop Latency", EXTENDED, PCI_EXT_CAP_ID_LTR, 4, 2, TURN_LTR, 0x1fff, 0, NOTHING},
	{"LTR Max No-Snoop Latency", EXTENDED, PCI_EXT_CAP_ID_LTR, 6, 2, TURN_LTR, 0x1fff, 0,
		NOTHING},
	{"Device Control", NORMAL, PCI_CAP_ID_EXP, PCI_EXP_DEVCTL, 2, TURN_EXPRESS, 0x7fff, 0,
		NOTHING},
	{"Link Control", NORMAL, PCI_CAP_ID_EXP, PCI_EXP_LNKCTL, 2, TURN_EXPRESS, 0x0fdb, 0, LINK},
	{"Slot Control", NORMAL, PCI_CAP_ID_EXP, PCI_EXP_SLTCTL, 2, TURN_EXPRESS, 0x17ff, 0, SLOT},
	{"Root Control", NORMAL, PCI_CAP_ID_EXP, PCI_EXP_RTCTL, 2, TURN_EXPRESS, 0x001f, 0, ROOT},
	{"Device Control 2", NORMAL, PCI_CAP_ID_EXP, PCI_EXP_DEVCTL2, 2, TURN_EXPRESS, 0x77ff, 0,
		VERSION_2},
	{"Link Control 2", NORMAL, PCI_CAP_ID_EXP, PCI_EXP_LNKCTL2, 2, TURN_EXPRESS, 0xffbf, 0,
		VERSION_2},
	{"DPC Control", EXTENDED, PCI_EXT_CAP_ID_DPC, PCI_EXP_DPC_CTL, 2, TURN_DPC, 0x00bf, 0,
		NOTHING},
	{"PTM Control", EXTENDED, PCI_EXT_CAP_ID_PTM, PCI_PTM_CTRL, 4, TURN_DPC, 0xff03, 0,
		NOTHING},
	{"AER Uncorrectable Error Mask", EXTENDED, PCI_EXT_CAP_ID_ERR, PCI_ERR_UNCOR_MASK, 4,
		TURN_AER, ALL, 0, NOTHING},
	{"AER Uncorrectable Error Severity", EXTENDED, PCI_EXT_CAP_ID_ERR, PCI_ERR_UNCOR_SEVER, 4,
		TURN_AER, ALL, 0, NOTHING},
	{"AER Correctable Error Mask", EXTENDED, PCI_EXT_CAP_ID_ERR, PCI_ERR_COR_MASK, 4, TURN_AER,
		ALL, 0, NOTHING},
	{"AER Control", EXTENDED, PCI_EXT_CAP_ID_ERR, PCI_ERR_CAP, 4, TURN_AER, 0x0540, 0, NOTHING},
	{"AER Root Error Command", EXTENDED, PCI_EXT_CAP_ID_ERR, PCI_ERR_ROOT_COMMAND, 4, TURN_AER,
		0x0007, 0, ROOT},
	{"Bridge Control", BRIDGE, 0, PCI_BRIDGE_CONTROL, 2, TURN_HEADER, 0x0b3f, 0x0400, NOTHING},
	{"Interrupt Line", HEADER, 0, PCI_INTERRUPT_LINE, 1, TURN_HEADER, 0xff, 0, NOTHING},
	{"Expansion ROM", BRIDGE, 0, PCI_ROM_ADDRESS1, 4, TURN_HEADER, 0xfffff801, 0, NOTHING},
	{"Expansion ROM", ENDPOINT, 0, PCI_ROM_ADDRESS, 4, TURN_HEADER, 0xfffff801, 0, NOTHING},
	{"I/O Window Upper", BRIDGE, 0, PCI_IO_BASE_UPPER16, 4, TURN_HEADER, ALL, 0, NOTHING},
	{"Prefetchable Limit Upper", BRIDGE, 0, PCI_PREF_LIMIT_UPPER32, 4, TURN_HEADER, ALL, 0,
		NOTHING},
	{"Prefetchable Base Upper", BRIDGE, 0, PCI_PREF_BASE_UPPER32, 4, TURN_HEADER, ALL, 0,
		NOTHING},
	{"Prefetchable Window", BRIDGE, 0, PCI_PREF_MEMORY_BASE, 4, TURN_HEADER, 0xfff0fff0, 0,
		NOTHING},
	{"Memory Window", BRIDGE, 0, PCI_MEMORY_BASE, 4, TURN_HEADER, 0xfff0fff0, 0, NOTHING},
	{"I/O Window", BRIDGE, 0, PCI_IO_BASE, 2, TURN_HEADER, 0xf0f0, 0, NOTHING},
	{"Bus Numbers", BRIDGE, 0, PCI_PRIMARY_BUS, 4, TURN_HEADER, 0x00ffffff, 0, NOTHING},
	{"BAR 5", ENDPOINT, 0, PCI_BASE_ADDRESS_5, 4, TURN_BARS, ALL, 0, NOTHING},
	{"BAR 4", ENDPOINT, 0, PCI_BASE_ADDRESS_4, 4, TURN_BARS, ALL, 0, NOTHING},
	{"BAR 3", ENDPOINT, 0, PCI_BASE_ADDRESS_3, 4, TURN_BARS, ALL, 0, NOTHING},
	{"BAR 2", ENDPOINT, 0, PCI_BASE_ADDRESS_2, 4, TURN_BARS, ALL, 0, NOTHING},
	{"BAR 1", ENDPOINT, 0, PCI_BASE_ADDRESS_1, 4, TURN_BARS, ALL, 0, NOTHING},
	{"BAR 1", BRIDGE, 0, PCI_BASE_ADDRESS_1, 4, TURN_BARS, ALL, 0, NOTHING},
	{"BAR 0", HEADER, 0, PCI_BASE_ADDRESS_0, 4, TURN_BARS, ALL, 0, NOTHING},
	{"Latency Timer", HEADER, 0, PCI_LATENCY_TIMER, 1, TURN_BARS, 0xff, 0, NOTHING},
	{"Cache Line Size", HEADER, 0, PCI_CACHE_LINE_SIZE, 1, TURN_BARS, 0xff, 0, NOTHING},
	{"MSI Address", NORMAL, PCI_CAP_ID_MSI, PCI_MSI_ADDRESS_LO, 4, TURN_MSI, 0xfffffffc, 0,
		NOTHING},
	{"MSI Address Upper", NORMAL, PCI_CAP_ID_MSI, PCI_MSI_ADDRESS_HI, 4, TURN_MSI, ALL, 0,
		MSI_64},
	{"MSI Data", NORMAL, PCI_CAP_ID_MSI, PCI_MSI_DATA_32, 2, TURN_MSI, 0xffff, 0, MSI_32},
	{"MSI Data", NORMAL, PCI_CAP_ID_MSI, PCI_MSI_DATA_64, 2, TURN_MSI, 0xffff, 0, MSI_64},
	{"MSI Control", NORMAL, PCI_CAP_ID_MSI, PCI_MSI_FLAGS, 2, TURN_MSI, 0x0071, 0, NOTHING},
	{"MSI-X Control", NORMAL, PCI_CAP_ID_MSIX, PCI_MSIX_FLAGS, 2, TURN_MSI, 0xc000, 0, NOTHING},
	{"Command", HEADER, 0, PCI_COMMAND, 2, TURN_COMMAND, 0x077f, 0, NOTHING},
	{"ACS Control", EXTENDED, PCI_EXT_CAP_ID_ACS, PCI_ACS_CTRL, 2, TURN_LAST, 0x007f, 0,
		NOTHING},
	{"SR-IOV System Page Size", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_SYS_PGSIZE, 4,
		TURN_LAST, ALL, 0, NOTHING},
	{"SR-IOV BAR 0", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_BAR, 4, TURN_LAST, ALL, 0,
		NOTHING},
	{"SR-IOV BAR 1", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_BAR + 4, 4, TURN_LAST, ALL, 0,
		NOTHING},
	{"SR-IOV BAR 2", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_BAR + 8, 4, TURN_LAST, ALL, 0,
		NOTHING},
	{"SR-IOV BAR 3", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_BAR + 12, 4, TURN_LAST, ALL, 0,
		NOTHING},
	{"SR-IOV BAR 4", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_BAR + 16, 4, TURN_LAST, ALL, 0,
		NOTHING},
	{"SR-IOV BAR 5", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_BAR + 20, 4, TURN_LAST, ALL, 0,
		NOTHING},
	{"SR-IOV Control", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_CTRL, 2, TURN_NEVER, 0x001b, 0,
		NOTHING},
	{"SR-IOV NumVFs", EXTENDED, PCI_EXT_CAP_ID_SRIOV, PCI_SRIOV_NUM_VF, 2, TURN_NEVER, 0xffff,
		0, NOTHING},
	{"ATS Control", EXTENDED, PCI_EXT_CAP_ID_ATS, PCI_ATS_CTRL, 2, TURN_NEVER, 0x801f, 0,
		NOTHING},
	{"PRI Control", EXTENDED, PCI_EXT_CAP_ID_PRI, PCI_PRI_CTRL, 2, TURN_NEVER, 0x0001, 0,
		NOTHING},
	{"PASID Control", EXTENDED, PCI_EXT_CAP_ID_PASID, PCI_PASID_CTRL, 2, TURN_NEVER, 0x0007, 0,
		NOTHING},
	{"VC Port Control", EXTENDED, PCI_EXT_CAP_ID_VC, PCI_VC_PORT_CTRL, 2, TURN_NEVER, 0x000e, 0,
		NOTHING},
	{"VC0 Resource Control", EXTENDED, PCI_EXT_CAP_ID_VC, PCI_VC_RES_CTRL, 4, TURN_NEVER,
		0x870e00ff, 0, NOTHING},
	{"VC1 Resource Control", EXTENDED, PCI_EXT_CAP_ID_VC,
		PCI_VC_RES_CTRL + PCI_CAP_VC_PER_VC_SIZEOF, 4, TURN_NEVER, 0x870e00ff, 0, VC_1},
	{"L1 PM Substates Control 1", EXTENDED, PCI_EXT_CAP_ID_L1SS, PCI_L1SS_CTL1, 4, TURN_NEVER,
		0xe3ffff1f, 0, NOTHING},
	{"L1 PM Substates Control 2", EXTENDED, PCI_EXT_CAP_ID_L1SS, PCI_L1SS_CTL2, 4, TURN_NEVER,
		0x000000fb, 0, NOTHING},
};

/* Resizable BARs are as many as the first one's control says (7.8.6.3). */
static const struct row rebars[6] = {
	{"Resizable BAR 0", EXTENDED, PCI_EXT_CAP_ID_REBAR, 8, 4, TURN_REBAR, 0x3f00, 0, NOTHING},
	{"Resizable BAR 1", EXTENDED, PCI_EXT_CAP_ID_REBAR, 16, 4, TURN_REBAR, 0x3f00, 0, NOTHING},
	{"Resizable BAR 2", EXTENDED, PCI_EXT_CAP_ID_REBAR, 24, 4, TURN_REBAR, 0x3f00, 0, NOTHING},
	{"Resizable BAR 3", EXTENDED, PCI_EXT_CAP_ID_REBAR, 32, 4, TURN_REBAR, 0x3f00, 0, NOTHING},
	{"Resizable BAR 4", EXTENDED, PCI_EXT_CAP_ID_REBAR, 40, 4, TURN_REBAR, 0x3f00, 0, NOTHING},
	{"Resizable BAR 5", EXTENDED, PCI_EXT_CAP_ID_REBAR, 48, 4, TURN_REBAR, 0x3f00, 0, NOTHING},
};

struct walk {
	const uint8_t *config;
	size_t len;
	struct config_register *registers;
	size_t count;
};

static int has(const struct walk *w, enum needs needs, unsigned int at)
{
	uint16_t flags = config_read16(w->config, w->len, at + PCI_CAP_FLAGS);
	unsigned int express = config_find_capability(w->config, w->len, PCI_CAP_ID_EXP);
	uint16_t own = config_read16(w->config, w->len, express + PCI_EXP_FLAGS);
	unsigned int type = express ? (own & PCI_EXP_FLAGS_TYPE) >> 4 : PCI_EXP_TYPE_RC_END;

	switch (needs) {
	case MSI_32:
		return !(flags & PCI_MSI_FLAGS_64BIT);
	case MSI_64:
		return flags & PCI_MSI_FLAGS_64BIT;
	case LINK:
		return type != PCI_EXP_TYPE_RC_END && type != PCI_EXP_TYPE_RC_EC;
	case SLOT:
		return own & PCI_EXP_FLAGS_SLOT &&
		       (type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_DOWNSTREAM);
	case ROOT:
		return type == PCI_EXP_TYPE_ROOT_PORT || type == PCI_EXP_TYPE_RC_EC;
	case VERSION_2:
		return (own & PCI_EXP_FLAGS_VERS) >= 2;
	case VC_1:
		return config_read32(w->config, w->len, at + PCI_VC_PORT_CAP1) & PCI_VC_CAP1_EVCC;
	case NOTHING:
		break;
	}
	return 1;
}

/* Where the row's offset counts from; -1 where this function has nothing of the kind. */
static int base(const struct walk *w, const struct row *row)
{
	int type = config_read8(w->config, w->len, PCI_HEADER_TYPE) & 0x7f;
	unsigned int at = 0;

	if (row->where == ENDPOINT || row->where == BRIDGE)
		return type == (row->where == BRIDGE ? PCI_HEADER_TYPE_BRIDGE
						     : PCI_HEADER_TYPE_NORMAL)
			       ? 0
			       : -1;
	if (row->where == NORMAL)
		at = config_find_capability(w->config, w->len, (uint8_t)row->id);
	else if (row->where == EXTENDED)
		at = config_find_extended(w->config, w->len, row->id);
	return at || row->where == HEADER ? (int)at : -1;
}

static void add(struct walk *w, const struct row *row)
{
	int at = base(w, row);
	size_t end = (size_t)at + row->offset + row->width;

	if (at < 0 || end > w->len || !has(w, row->needs, (unsigned int)at) ||
		w->count == CONFIG_REGISTERS_MAX)
		return;
	w->registers[w->count++] = (struct config_register){
		.name = row->name,
		.offset = (unsigned int)at + row->offset,
		.width = row->width,
		.turn = (enum config_turn)row->turn,
		.mask = row->mask,
		.clears = row->clears,
	};
}

/* Those of resizable BARs, in their turn. */
static void add_rebars(struct walk *w)
{
	unsigned int at = config_find_extended(w->config, w->len, PCI_EXT_CAP_ID_REBAR);
	uint32_t control = config_read32(w->config, w->len, at + PCI_REBAR_CTRL);
	unsigned int count = (control & PCI_REBAR_CTRL_NBAR_MASK) >> PCI_REBAR_CTRL_NBAR_SHIFT;

	for (unsigned int i = 0; at && i < count && i < 6; i++)
		add(w, &rebars[i]);
}

size_t config_registers(
	const uint8_t *config, size_t len, struct config_register registers[CONFIG_REGISTERS_MAX])
{
	struct walk w = {config, len, registers, 0};

	if (len < 64)
		return 0;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (rows[i].turn == TURN_DPC && rows[i - 1].turn < TURN_DPC)
			add_rebars(&w);
		add(&w, &rows[i]);
	}
	return w.count;
}

uint32_t config_value(const uint8_t *config, size_t len, const struct config_register *r)
{
	if (r->width == 1)
		return config_read8(config, len, r->offset);
	return r->width == 2 ? config_read16(config, len, r->offset)
			     : config_read32(config, len, r->offset);
}

int config_compare(const uint8_t *was, size_t was_len, const uint8_t *is, size_t is_len,
	struct config_difference differences[CONFIG_REGISTERS_MAX])
{
	struct config_register registers[CONFIG_REGISTERS_MAX];
	size_t len = was_len < is_len ? was_len : is_len;
	size_t count = config_registers(was, len, registers);
	int n = 0;

	if (config_read32(was, was_len, PCI_VENDOR_ID) != config_read32(is, is_len, PCI_VENDOR_ID))
		return -ENODEV;
	for (size_t i = 0; i < count; i++) {
		struct config_difference d = {registers[i],
			config_value(was, len, &registers[i]) & registers[i].mask,
			config_value(is, len, &registers[i]) & registers[i].mask};

		if (d.was != d.is)
			differences[n++] = d;
	}
	return n;
}
