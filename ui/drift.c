// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/drift.h"

#include <jansson.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>

#include "devices/baseline.h"
#include "devices/config_registers.h"
#include "devices/config_space.h"
#include "ui/json.h"
#include "ui/print.h"

/* What single bits are called, where knowing it spares looking it up. */
static const struct {
	const char *reg;
	uint32_t bit;
	const char *name;
} bits[] = {
	{"Command", PCI_COMMAND_IO, "I/O"},
	{"Command", PCI_COMMAND_MEMORY, "memory"},
	{"Command", PCI_COMMAND_MASTER, "bus master"},
	{"Command", PCI_COMMAND_PARITY, "parity"},
	{"Command", PCI_COMMAND_SERR, "SERR"},
	{"Command", PCI_COMMAND_INTX_DISABLE, "INTx off"},
	{"MSI Control", PCI_MSI_FLAGS_ENABLE, "on"},
	{"MSI-X Control", PCI_MSIX_FLAGS_ENABLE, "on"},
	{"MSI-X Control", PCI_MSIX_FLAGS_MASKALL, "masked"},
};

static void print_bits(FILE *out, const struct config_difference *d)
{
	uint32_t changed = d->was ^ d->is;
	const char *before = "  (";

	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++) {
		if (strcmp(bits[i].reg, d->reg.name) || !(changed & bits[i].bit))
			continue;
		fprintf(out, "%s%c%s", before, d->is & bits[i].bit ? '+' : '-', bits[i].name);
		before = ", ";
	}
	if (*before == ',')
		fputc(')', out);
}

static void print_difference(FILE *out, const struct config_difference *d)
{
	int digits = 2 * (int)d->reg.width;

	fprintf(out, "  0x%03x  ", d->reg.offset);
	print_text(out, d->reg.name, 34);
	fprintf(out, "was 0x%0*x, is 0x%0*x", digits, d->was, digits, d->is);
	print_bits(out, d);
	fputc('\n', out);
}

static json_t *difference_json(const struct config_difference *d)
{
	char was[16], is[16];

	snprintf(was, sizeof(was), "0x%0*x", 2 * (int)d->reg.width, d->was);
	snprintf(is, sizeof(is), "0x%0*x", 2 * (int)d->reg.width, d->is);
	return json_pack("{ss si si ss ss}", "register", d->reg.name, "offset", (int)d->reg.offset,
		"width", (int)d->reg.width, "was", was, "is", is);
}

/* What became of the function since, NULL if it is as it was; *n registers differ. */
static const char *compare(const struct pci_function *f, const struct pci_function *was,
	struct config_difference differences[CONFIG_REGISTERS_MAX], int *n)
{
	*n = 0;
	if (!was)
		return "not in the baseline";
	if (config_read16(f->config, f->config_len, PCI_VENDOR_ID) == 0xffff &&
		config_read16(was->config, was->config_len, PCI_VENDOR_ID) != 0xffff)
		return "does not answer";
	if (f->vendor != was->vendor || f->device != was->device)
		return "another device than in the baseline";
	*n = config_compare(was->config, was->config_len, f->config, f->config_len, differences);
	if (*n < 0)
		return "answers as another device than it is";
	return *n ? "differs" : NULL;
}

int drift_print(FILE *out, const struct pci_function *f, const struct pci_function *was)
{
	struct config_difference differences[CONFIG_REGISTERS_MAX];
	int n;
	const char *what = compare(f, was, differences, &n);

	if (!what)
		return 0;
	fprintf(out, "  %s\n", what);
	for (int i = 0; i < n; i++)
		print_difference(out, &differences[i]);
	return 1;
}

/* One function; returns 1 if it differs at all. */
static int show(const struct pci_function *f, const struct pci_function *was, json_t *list)
{
	struct config_difference differences[CONFIG_REGISTERS_MAX];
	int n;
	const char *what = compare(f, was, differences, &n);
	json_t *registers;

	if (!what)
		return 0;
	if (!list) {
		print_styled(stdout, STYLE_BOLD, f->slot, 0);
		return drift_print(stdout, f, was);
	}
	registers = json_array();
	for (int i = 0; i < n; i++)
		json_array_append_new(registers, difference_json(&differences[i]));
	json_array_append_new(list,
		json_pack("{ss ss so}", "slot", f->slot, "what", what, "registers", registers));
	return 1;
}

/* One that was there and is not any more. */
static int show_gone(const struct pci_function *was, json_t *list)
{
	if (list) {
		json_array_append_new(list,
			json_pack("{ss ss s[]}", "slot", was->slot, "what", "gone", "registers"));
		return 1;
	}
	print_styled(stdout, STYLE_BOLD, was->slot, 0);
	puts("  gone");
	return 1;
}

enum exit_code drift_show(struct session *s, struct pci_snapshot *snapshot)
{
	json_t *list = s->options.given & OPT_JSON ? json_array() : NULL;
	struct pci_snapshot *baseline;
	struct err err;
	int differ = 0;

	if (baseline_read(&s->machine, s->memory, &baseline, &err) < 0) {
		json_decref(list);
		return command_fail(EXIT_FAILED, &err);
	}
	for (size_t i = 0; i < snapshot->count; i++)
		differ += show(&snapshot->functions[i],
			pci_find(baseline, snapshot->functions[i].slot), list);
	for (size_t i = 0; i < baseline->count; i++)
		if (!pci_find(snapshot, baseline->functions[i].slot))
			differ += show_gone(&baseline->functions[i], list);
	if (list)
		return command_print_json(s, json_pack("{so}", "devices", list));
	printf("%d function%s unlike the baseline\n", differ, differ == 1 ? " is" : "s are");
	return EXIT_DONE;
}
