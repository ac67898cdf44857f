// SPDX-License-Identifier: GPL-2.0-or-later
#include <jansson.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>

#include "ui/command.h"
#include "ui/json.h"
#include "ui/print.h"

static const struct {
	enum pci_use use;
	const char *name;
} use_names[] = {
	{PCI_USE_DISK, "disk"},
	{PCI_USE_CONSOLE, "console"},
	{PCI_USE_WATCHDOG, "watchdog"},
	{PCI_USE_FRAMEBUFFER, "framebuffer"},
	{PCI_USE_NETWORK, "network"},
	{PCI_USE_VFIO, "vfio"},
};

static const char *express_name(int type)
{
	switch (type) {
	case PCI_EXP_TYPE_ENDPOINT:
		return "endpoint";
	case PCI_EXP_TYPE_LEG_END:
		return "legacy endpoint";
	case PCI_EXP_TYPE_ROOT_PORT:
		return "root port";
	case PCI_EXP_TYPE_UPSTREAM:
		return "upstream port";
	case PCI_EXP_TYPE_DOWNSTREAM:
		return "downstream port";
	case PCI_EXP_TYPE_PCI_BRIDGE:
		return "PCIe to PCI bridge";
	case PCI_EXP_TYPE_PCIE_BRIDGE:
		return "PCI to PCIe bridge";
	case PCI_EXP_TYPE_RC_END:
		return "root complex endpoint";
	case PCI_EXP_TYPE_RC_EC:
		return "root complex event collector";
	default:
		return NULL;
	}
}

static json_t *device_json(const struct pci_function *f)
{
	json_t *json = function_json(f), *resets = json_array(), *uses = json_array();

	for (unsigned int i = 0; pci_reset_name(i); i++)
		if (f->resets & 1U << i)
			json_array_append_new(resets, json_string(pci_reset_name(i)));
	for (size_t i = 0; i < sizeof(use_names) / sizeof(*use_names); i++)
		if (f->uses & use_names[i].use)
			json_array_append_new(uses, json_string(use_names[i].name));
	json_object_set_new(json, "parent", json_text(f->parent ? f->parent->slot : NULL));
	json_object_set_new(json, "port_type", json_text(express_name(f->express)));
	json_object_set_new(json, "resets", resets);
	json_object_set_new(json, "uses", uses);
	json_object_set_new(json, "use", json_text(f->use));
	json_object_set_new(json, "class_name", json_text(f->class_name));
	json_object_set_new(json, "vendor_name", json_text(f->vendor_name));
	json_object_set_new(json, "device_name", json_text(f->device_name));
	return json;
}

static int has_later_sibling(const struct pci_snapshot *s, size_t index)
{
	for (size_t i = index + 1; i < s->count; i++)
		if (s->functions[i].parent == s->functions[index].parent)
			return 1;
	return 0;
}

static void print_branch(const struct pci_snapshot *s, const struct pci_function *f)
{
	size_t index = (size_t)(f - s->functions);

	if (!f->parent)
		return;
	if (f->parent->parent)
		print_branch(s, f->parent);
	fputs(has_later_sibling(s, index) ? "|  " : "   ", stdout);
}

static void print_resets(const struct pci_function *f)
{
	const char *separator = "";

	if (!f->resets)
		return;
	fputs("  resets: ", stdout);
	for (unsigned int i = 0; pci_reset_name(i); i++)
		if (f->resets & 1U << i) {
			printf("%s%s", separator, pci_reset_name(i));
			separator = " ";
		}
}

static void print_function(const struct pci_snapshot *s, const struct pci_function *f)
{
	const char *express = express_name(f->express);
	char number[32];

	/* Branches of all levels above; then this one's own corner. */
	if (f->parent) {
		if (f->parent->parent)
			print_branch(s, f->parent);
		fputs(has_later_sibling(s, (size_t)(f - s->functions)) ? "+- " : "`- ", stdout);
	}
	print_styled(stdout, STYLE_BOLD, f->slot, 0);
	snprintf(number, sizeof(number), "class %06x", f->class);
	printf("  ");
	print_text(stdout, f->class_name ? f->class_name : number, 0);
	if (express && pci_is_bridge(f))
		printf(" (%s)", express);
	snprintf(number, sizeof(number), "%04x:%04x", f->vendor, f->device);
	printf(": ");
	print_text(stdout, f->device_name ? f->device_name : number, 0);
	printf("  ");
	if (f->driver)
		print_styled(stdout, STYLE_GOOD, f->driver, 0);
	else
		print_styled(stdout, STYLE_DIM, "no driver", 0);
	print_resets(f);
	if (f->use) {
		printf("  in use: ");
		print_styled(stdout, STYLE_BAD, f->use, 0);
	}
	putchar('\n');
}

static void print_tree(const struct pci_snapshot *s, const struct pci_function *parent)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->functions[i].parent == parent) {
			print_function(s, &s->functions[i]);
			if (pci_is_bridge(&s->functions[i]))
				print_tree(s, &s->functions[i]);
		}
}

enum exit_code command_devices(struct session *s)
{
	struct still_plan p;
	struct err err;

	if (command_make_plan(s, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	command_policy_error(&p);
	pci_name_functions(&s->machine, p.snapshot);
	if (s->options.given & OPT_JSON) {
		json_t *devices = json_array();

		for (size_t i = 0; i < p.snapshot->count; i++)
			json_array_append_new(devices, device_json(&p.snapshot->functions[i]));
		return command_print_json(
			json_with_error(json_pack("{so}", "devices", devices), p.policy_error));
	}
	if (!p.snapshot->count)
		puts("There is no PCI on this machine.");
	print_tree(p.snapshot, NULL);
	return EXIT_DONE;
}
