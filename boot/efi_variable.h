/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_EFI_VARIABLE_H
#define BOOT_EFI_VARIABLE_H

/*
 * The EFI variables by which boot loaders and systems talk to each other (systemd's Boot Loader
 * Interface, https://systemd.io/BOOT_LOADER_INTERFACE): LoaderEntryOneShot, LoaderEntryDefault,
 * LoaderInfo and others, texts in UTF-16, all of one vendor.
 */

#include "devices/machine.h"

#define EFI_VARIABLE_ONESHOT "LoaderEntryOneShot"
#define EFI_VARIABLE_DEFAULT "LoaderEntryDefault"
#define EFI_VARIABLE_LAST "LoaderEntryLastBooted"
#define EFI_VARIABLE_INFO "LoaderInfo"
#define EFI_VARIABLE_ESP "LoaderDevicePartUUID" /* of the partition that the loader came from */
#define EFI_VARIABLE_TIMEOUT "LoaderConfigTimeout"

/* What the variable says, as a talloc string of ctx in UTF-8; NULL if there is none, or it is not a
 * text (an odd number of bytes, lone surrogates). */
char *efi_variable_read(struct machine *m, void *ctx, const char *name);

/* Does the firmware keep variables for us? */
int efi_variables_there(struct machine *m);

/* Give it this text, or delete it where value is NULL (which is no error if it is not there). */
int efi_variable_write(struct machine *m, const char *name, const char *value, struct err *err);

/* Have the firmware open its setup at the next start (UEFI 2.10, 8.5.4: EFI_OS_INDICATIONS_BOOT_TO_FW_UI
 * in OsIndications). -EOPNOTSUPP where it does not say that it can. */
int efi_variable_ask_setup(struct machine *m, struct err *err);

/* Is Secure Boot on? 1, 0, or -ENOENT where the firmware does not say. */
int efi_variable_secure_boot(struct machine *m);

/* For fuzzing: from what efivarfs gives (4 bytes of attributes, then UTF-16LE, perhaps with a NUL). */
char *efi_variable_parse(void *ctx, const void *bytes, size_t len);

#endif
