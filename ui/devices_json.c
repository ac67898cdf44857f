// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/devices.h"

#include "ui/json.h"

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
	{PCI_USE_OPEN, "open"},
};

static const char *const places[] = {
	[PCI_PLACE_ROOT] = "root",
	[PCI_PLACE_PORT] = "port",
	[PCI_PLACE_LEGACY] = "legacy",
	[PCI_PLACE_SWITCH] = "switch",
};

/* The names of the bits that are set. */
static json_t *names_of(unsigned int set, const char *(*name)(unsigned int bit))
{
	json_t *names = json_array();

	for (unsigned int bit = 0; name(bit); bit++)
		if (set & 1U << bit)
			json_array_append_new(names, json_string(name(bit)));
	return names;
}

static json_t *uses_of(unsigned int set)
{
	json_t *names = json_array();

	for (size_t i = 0; i < sizeof(use_names) / sizeof(*use_names); i++)
		if (set & use_names[i].use)
			json_array_append_new(names, json_string(use_names[i].name));
	return names;
}

static json_t *number(int value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *slot_of(const struct pci_function *f)
{
	return json_text(f ? f->slot : NULL);
}

static json_t *slots_of(struct pci_function *const *functions, size_t count)
{
	json_t *slots = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(slots, slot_of(functions[i]));
	return slots;
}

static json_t *sriov(const struct pci_caps *caps)
{
	if (!(caps->has & PCI_HAS_SRIOV))
		return json_null();
	return json_pack("{si si si si si}", "total", caps->vf_total, "enabled", caps->vf_enabled,
		"offset", caps->vf_offset, "stride", caps->vf_stride, "device", caps->vf_device);
}

/* null where the card is not known. */
static json_t *subsystem(const struct pci_function *f, uint16_t id)
{
	return f->subsystem_vendor ? json_hex(id, 4) : json_null();
}

static json_t *buses(const struct pci_function *f)
{
	return f->secondary ? json_pack("[ii]", f->secondary, f->subordinate) : json_null();
}

/* null for what nobody knows. */
static json_t *answer(enum pci_answer a)
{
	return a == PCI_UNKNOWN ? json_null() : json_boolean(a == PCI_YES);
}

static json_t *device_json(const struct pci_function *f)
{
	const struct {
		const char *name;
		json_t *value;
	} fields[] = {
		{"class_name", json_text(f->class_name)},
		{"vendor_name", json_text(f->vendor_name)},
		{"device_name", json_text(f->device_name)},
		{"subsystem_vendor", subsystem(f, f->subsystem_vendor)},
		{"subsystem_device", subsystem(f, f->subsystem_device)},
		{"parent", slot_of(f->parent)},
		{"place", json_string(places[f->place])},
		{"header_type", json_integer(f->header)},
		{"port_type", json_text(devices_port_type(f->express))},
		{"buses", buses(f)},
		{"resets", names_of(f->resets, pci_reset_name)},
		{"reset_method", json_text(f->reset_method)},
		{"reset_subordinate", json_boolean(f->has_subordinate_reset)},
		{"capabilities", names_of(f->caps.has, pci_cap_name)},
		{"config_bytes", json_integer((json_int_t)f->config_len)},
		{"power_state", json_text(devices_power_state(f->power_state))},
		{"iommu_group", number(f->iommu_group)},
		{"numa_node", number(f->numa_node)},
		{"hotplug_slot", json_text(f->hotplug_slot)},
		{"physical", slot_of(f->physical)},
		{"vf_count", json_integer(f->vf_count)},
		{"sriov", sriov(&f->caps)},
		{"consumers", slots_of(f->consumers, f->consumer_count)},
		{"can_unbind", json_boolean(f->can_unbind)},
		{"has_remove", answer(f->has_remove)},
		{"has_shutdown", answer(f->has_shutdown)},
		{"uses", uses_of(f->uses)},
		{"use", json_text(f->use)},
	};
	json_t *json = function_json(f);

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		json_object_set_new(json, fields[i].name, fields[i].value);
	return json;
}

json_t *devices_json(const struct pci_snapshot *s)
{
	json_t *devices = json_array();

	for (size_t i = 0; i < s->count; i++)
		json_array_append_new(devices, device_json(&s->functions[i]));
	return json_pack("{so ss}", "devices", devices, "lockdown", devices_lockdown(s->lockdown));
}
