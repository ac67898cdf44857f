/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DEVICES_CONFIG_SPACE_H
#define DEVICES_CONFIG_SPACE_H

/*
 * Looking things up in the bytes of a configuration space. The bytes come from hardware and may
 * lie: every access is checked against the length, and lists of capabilities end after as many
 * steps as there is room for.
 */

#include <stddef.h>
#include <stdint.h>

/* Little-endian register at offset; all ones beyond the end, as hardware answers where nothing is. */
uint8_t config_read8(const uint8_t *config, size_t len, unsigned int offset);
uint16_t config_read16(const uint8_t *config, size_t len, unsigned int offset);
uint32_t config_read32(const uint8_t *config, size_t len, unsigned int offset);

/* Offset of a capability (PCI_CAP_ID_*) in the first 256 bytes, 0 if it is not there
 * (PCI Local Bus Specification 3.0, 6.7 "Capabilities List"). */
unsigned int config_find_capability(const uint8_t *config, size_t len, uint8_t id);

/* Offset of an extended capability (PCI_EXT_CAP_ID_*) from 256 on, 0 if it is not there
 * (PCIe Base Specification 7.6.3 "PCI Express Extended Capability Header"). */
unsigned int config_find_extended(const uint8_t *config, size_t len, uint16_t id);

#endif
