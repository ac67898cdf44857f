// SPDX-License-Identifier: GPL-2.0-or-later
#include <linux/pci_regs.h>

#include "policy/rule.h"
#include "policy/schemas.h"
#include "policy/value.h"

#define MATCH(member) .offset = offsetof(struct device_rule, member), .kind = SCHEMA_MATCH
#define ACTION(member) .offset = offsetof(struct device_rule, member), .kind = SCHEMA_ACTION
#define NOTE(member) .offset = offsetof(struct device_rule, member), .kind = SCHEMA_NOTE

static const struct schema_word places[] = {
	{"root", PCI_PLACE_ROOT},
	{"port", PCI_PLACE_PORT},
	{"legacy", PCI_PLACE_LEGACY},
	{"switch", PCI_PLACE_SWITCH},
	{NULL, 0},
};

static const struct schema_word ports[] = {
	{"endpoint", PCI_EXP_TYPE_ENDPOINT},
	{"legacy_endpoint", PCI_EXP_TYPE_LEG_END},
	{"root_complex_endpoint", PCI_EXP_TYPE_RC_END},
	{"event_collector", PCI_EXP_TYPE_RC_EC},
	{"root_port", PCI_EXP_TYPE_ROOT_PORT},
	{"upstream", PCI_EXP_TYPE_UPSTREAM},
	{"downstream", PCI_EXP_TYPE_DOWNSTREAM},
	{"pcie_to_pci", PCI_EXP_TYPE_PCI_BRIDGE},
	{"pci_to_pcie", PCI_EXP_TYPE_PCIE_BRIDGE},
	{"none", PORT_NONE},
	{NULL, 0},
};

static const struct schema_word uses[] = {
	{"any", ~0u},
	{"disk", PCI_USE_DISK},
	{"console", PCI_USE_CONSOLE},
	{"watchdog", PCI_USE_WATCHDOG},
	{"framebuffer", PCI_USE_FRAMEBUFFER},
	{"network", PCI_USE_NETWORK},
	{"vfio", PCI_USE_VFIO},
	{"open", PCI_USE_OPEN},
	{NULL, 0},
};

static const struct schema_field fields[DEVICE_FIELDS] = {
	[DEVICE_VENDOR] = {"vendor", &value_ids, MATCH(vendor), .help = "The PCI vendor id."},
	[DEVICE_DEVICE] = {"device", &value_ids, MATCH(device), .help = "The PCI device id."},
	[DEVICE_SUBSYSTEM_VENDOR] = {"subsystem_vendor", &value_ids, MATCH(subsystem_vendor),
		.help = "The PCI id of the card's maker."},
	[DEVICE_SUBSYSTEM_DEVICE] = {"subsystem_device", &value_ids, MATCH(subsystem_device),
		.help = "The PCI id that the card's maker gave it."},
	[DEVICE_CLASS] = {"class", &value_class, MATCH(class),
		.help = "The PCI class, by name or by the beginning of its code. \"bridge\" and "
			"\"display\" are what the program takes for these: a controller that only "
			"computes is no display."},
	[DEVICE_DRIVER] = {"driver", &value_globs, MATCH(driver),
		.help = "The name of the driver that is bound. What has no driver never matches."},
	[DEVICE_SLOT] = {"slot", &value_slots, MATCH(slot),
		.help = "The slot of a PCI function; domain 0000 may be left out."},
	[DEVICE_PLACE] = {"place", &value_word, MATCH(place), .words = places,
		.help = "Where the function stands: on a root bus, directly below a PCIe port that "
			"can reset it, below a bridge to legacy PCI, inside a switch."},
	[DEVICE_PORT] = {"port", &value_word, MATCH(port), .words = ports,
		.help = "The function's own PCI Express type; \"none\" for a function without that "
			"capability."},
	[DEVICE_USE] = {"use", &value_word, MATCH(use), .words = uses,
		.help = "What it is needed for now; \"any\" is any of these. What is in use as "
			"disk, "
			"console, network, vfio or open (a process has a node open that the driver "
			"waits for) is only stilled by a rule that says so in this field."},
	[DEVICE_BUS] = {"bus", &value_bus, MATCH(bus),
		.help = "The bus, as in /sys/bus: \"platform\", \"virtio\", \"usb\". Without it a "
			"rule speaks of PCI functions only. On another bus a device has only name, "
			"driver and use, and \"unbind\" is the only step."},
	[DEVICE_NAME] = {"name", &value_globs, MATCH(name),
		.help = "The name of a device on another bus, as below /sys/bus/BUS/devices."},
	[DEVICE_MACHINE_VENDOR] = {"machine_vendor", &value_globs, MATCH(machine_vendor),
		.help = "Only on machines of this maker (DMI sys_vendor)."},
	[DEVICE_MACHINE_PRODUCT] = {"machine_product", &value_globs, MATCH(machine_product),
		.help = "Only on machines of this name (DMI product_name)."},
	[DEVICE_KERNEL] = {"kernel", &value_versions, MATCH(kernel),
		.help = "Only while such a kernel runs. \"6.1\" is 6.1.0 and 6.1.55 as well."},
	[DEVICE_LOCKDOWN] = {"lockdown", &value_word, MATCH(lockdown), .words = schema_lockdowns,
		.help = "Only while the kernel's lockdown is exactly this."},
	[DEVICE_WHEN] = {"when", &value_function, .offset = offsetof(struct device_rule, when),
		.kind = SCHEMA_MATCH,
		.help = "A function of the device and the machine, both as plain tables, that says "
			"true or false. It is asked last, when all else agrees."},
	[DEVICE_LEAVE] = {"leave", &value_flag, ACTION(leave),
		.help = "Whether to leave the device alone; false takes an earlier leave back."},
	[DEVICE_STEPS] = {"steps", &value_steps, ACTION(steps),
		.help = "What to do to the device, in this order. Of the resets one is done, and "
			"the next only if it failed or the device is loud after it."},
	[DEVICE_DEADLINE] = {"deadline", &value_seconds, ACTION(deadline),
		.help = "How many seconds the driver may take to let go of the device; 30 where no "
			"rule says so."},
	[DEVICE_OPTIONS_ADD] = {"options_add", &value_options, ACTION(options_add),
		.help = "Words for the next kernel's command line, if there is at least one such "
			"device, stilled or left."},
	[DEVICE_OPTIONS_REMOVE] = {"options_remove", &value_globs, ACTION(options_remove),
		.help = "Words to be taken out of it, likewise."},
	[DEVICE_WHY] = {"why", &value_text, NOTE(why),
		.help = "The reason, one clause, shown in the plan and in the report."},
};

const struct schema device_schema = {"device", fields, DEVICE_FIELDS};
