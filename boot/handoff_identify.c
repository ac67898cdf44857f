// SPDX-License-Identifier: GPL-2.0-or-later
/* What a boot knows of itself and hands on, but for what it does. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <talloc.h>

#include "boot/handoff.h"
#include "devices/baseline.h"
#include "devices/boot_kind.h"
#include "devices/cleanup.h"
#include "devices/kernel_log.h"
#include "devices/pci_dump.h"

/* "12.345678 nvme 0000:01:00.0: I/O 5 QID 1 timeout", with the slot behind it where it does not say it
 * itself. */
static const char *message_text(void *ctx, const struct kernel_message *message)
{
	char named[PCI_SLOT_MAX];
	const int is_told = kernel_log_slot(message->text, named) == 0;
	const int tell = *message->slot && !is_told;

	return talloc_asprintf(ctx, "%llu.%06llu %s%s%s%s",
		(unsigned long long)message->time_us / 1000000,
		(unsigned long long)message->time_us % 1000000, message->text, tell ? " [" : "",
		tell ? message->slot : "", tell ? "]" : "");
}

static int add_messages(struct machine *m, void *ctx, struct handoff *h)
{
	_cleanup_talloc_ struct kernel_log *log = NULL;

	if (kernel_log_read(m, NULL, &log, NULL) < 0)
		return 0;
	h->messages = talloc_array(ctx, const char *, log->count + 1);
	for (size_t i = 0; h->messages && i < log->count; i++) {
		h->messages[i] = message_text(ctx, &log->messages[i]);
		if (!h->messages[i])
			return -ENOMEM;
		h->message_count++;
	}
	return h->messages ? 0 : -ENOMEM;
}

/* This jump counted. Behind a jump that told us nothing, by kexec(8) or after a crash, nobody knows. */
static unsigned int count_hops(struct machine *m)
{
	_cleanup_talloc_ void *tmp = talloc_new(NULL);
	struct handoff *own;

	if (handoff_read(m, tmp, &own, NULL) == 0)
		return own->hops ? own->hops + 1 : 0;
	return boot_kind(m) == BOOT_FIRMWARE ? 1 : 0;
}

int handoff_identify(struct machine *m, void *ctx, struct handoff *h, struct err *err)
{
	struct utsname names;
	char *id, *baseline;

	if (machine_read_file(m, ctx, "proc/sys/kernel/random/boot_id", 128, &id, NULL) < 0)
		id = "";
	if (machine_read_file(m, ctx, BASELINE_FILE, PCI_DUMP_MAX, &baseline, NULL) < 0)
		baseline = NULL;
	else /* byte by byte through all hops: reading takes the last line's end away */
		baseline = talloc_strdup_append(baseline, "\n");
	if (uname(&names) < 0)
		return err_errno(err, -errno, "uname");
	h->boot_id = id;
	h->baseline = baseline;
	h->hops = count_hops(m);
	h->kernel = talloc_strdup(ctx, names.release);
	return h->kernel && add_messages(m, ctx, h) == 0
		       ? 0
		       : err_errno(err, -ENOMEM, "prepare the handoff");
}

#define REQUEST "run/stillboot/request"

int handoff_note_request(struct machine *m, uint64_t time_us, struct err *err)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu\n", (unsigned long long)time_us);
	return time_us ? m->effects->save_file(m, REQUEST, text, strlen(text), err) : 0;
}

uint64_t handoff_requested(struct machine *m)
{
	_cleanup_talloc_ char *text = NULL;

	return machine_read_file(m, NULL, REQUEST, 32, &text, NULL) < 0 ? 0
									: strtoull(text, NULL, 10);
}

static int is_reset(const struct plan_device *d)
{
	for (size_t i = 0; i < d->step_count; i++)
		if (step_kind(d->steps[i]) & STEP_IS_RESET)
			return 1;
	return 0;
}

int handoff_save_config(const struct plan *plan, void *ctx, struct handoff *h, struct err *err)
{
	_cleanup_talloc_ struct pci_snapshot *reset = talloc_zero(NULL, struct pci_snapshot);

	if (reset)
		reset->functions = talloc_array(reset, struct pci_function, plan->count + 1);
	for (size_t i = 0; reset && reset->functions && i < plan->count; i++)
		if (is_reset(&plan->devices[i]))
			reset->functions[reset->count++] = *plan->devices[i].function;
	if (!reset || !reset->functions)
		return err_errno(err, -ENOMEM, "save what is reset");
	h->saved = reset->count ? pci_dump_format(ctx, reset) : NULL;
	return h->saved || !reset->count ? 0 : err_errno(err, -ENOMEM, "save what is reset");
}

int baseline_inherit(struct machine *m, const struct handoff *h, struct err *err)
{
	if (!h->baseline)
		return err_set(err, 1, "the handoff carries no baseline");
	if (faccessat(m->root_fd, BASELINE_FILE, F_OK, 0) == 0)
		return err_set(err, 1, "this boot has a baseline already");
	return m->effects->save_file(m, BASELINE_FILE, h->baseline, strlen(h->baseline), err);
}
