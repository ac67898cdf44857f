// SPDX-License-Identifier: GPL-2.0-or-later
#include "devices/kernel_log.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/cleanup.h"
#include "devices/utf8.h"

/* What the kernel says (the file that says it): parts of lines, the first that fits counts. */
static const struct {
	const char *part, *kind;
} troubles[] = {
	{"DMAR: [", "iommu"}, /* drivers/iommu/intel/dmar.c, dmar_fault_do_one() */
	{"DMAR: DRHD: handling fault", "iommu"}, {"Present bit in", "iommu"},
	{"AMD-Vi: Event logged", "iommu"}, /* drivers/iommu/amd/iommu.c */
	{"AMD-Vi: IOMMU event", "iommu"}, {"IO_PAGE_FAULT", "iommu"},
	{"Unhandled context fault", "iommu"}, /* drivers/iommu/arm/arm-smmu/arm-smmu.c */
	{"event 0x", "iommu"},                /* drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c */
	{"nobody cared", "interrupt"},        /* kernel/irq/spurious.c, __report_bad_irq() */
	{"Disabling IRQ #", "interrupt"},
	{"No irq handler for vector", "interrupt"},  /* arch/x86/kernel/irq.c */
	{"AER: ", "aer"},                            /* drivers/pci/pcie/aer.c */
	{"PCIe Bus Error", "aer"}, {"DPC: ", "aer"}, /* drivers/pci/pcie/dpc.c */
	{"Uhhuh. NMI received", "nmi"},              /* arch/x86/kernel/nmi.c */
	{"NMI: PCI system error", "nmi"}, {"NMI: IOCK error", "nmi"},
	{"Hardware Error", "machine check"}, /* arch/x86/kernel/cpu/mce, drivers/acpi/apei/ghes.c */
	{"fw fatal", "firmware"}, {"firmware crash", "firmware"},
	{"Microcode SW error", "firmware"}, /* drivers/net/wireless/intel/iwlwifi */
	{"NETDEV WATCHDOG", "timeout"},     /* net/sched/sch_generic.c, dev_watchdog() */
	{"Device not ready", "reset"},      /* drivers/nvme/host/core.c */
	{"not ready ", "reset"},            /* drivers/pci/pci.c, pci_dev_wait() */
	{"reset failed", "reset"}, {"controller is down", "reset"}, /* drivers/nvme/host/pci.c */
	{"can't change power state", "power"},                      /* drivers/pci/pci.c */
	{"Unable to change power state", "power"},
	{"blocked for more than", "hang"}, /* kernel/hung_task.c */
	{"probe of ", "probe"},            /* drivers/base/dd.c: "... failed with error -110" */
};

/* Words that are there without any trouble: settings that are told when a driver begins. */
static const char *const harmless[] = {"AER: enabled with IRQ", "DPC: enabled with IRQ",
	"DPC: error containment capabilities", "boot_timeout", "default timeout", "timeout set to",
	"timeout: 0", "_timeout", "nowayout",
	/* init/main.c: what the user asks for, names of devices among it. */
	"Command line:", "command line:", "command line parameters"};

/* "timeout" and "timed out" at a word's end: no "timeouts", and no setting as "timeout=5". */
static int tells_of_timeout(const char *text)
{
	static const char *const words[] = {"timed out", "timeout"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		for (const char *at = text; (at = strstr(at, words[i]));) {
			at += strlen(words[i]);
			if (!isalnum((unsigned char)*at) && (!*at || !strchr("=_-", *at)))
				return 1;
		}
	return 0;
}

const char *kernel_log_kind(const char *text)
{
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (strstr(text, harmless[i]))
			return NULL;
	for (size_t i = 0; i < sizeof(troubles) / sizeof(*troubles); i++)
		if (strstr(text, troubles[i].part))
			return troubles[i].kind;
	return tells_of_timeout(text) ? "timeout" : NULL;
}

/* A slot with or without its domain, and nothing that goes on with it. */
static int parse_at(const char *at, char slot[PCI_SLOT_MAX])
{
	char word[PCI_SLOT_MAX];
	const size_t len = strspn(at, "0123456789abcdefABCDEF:.");
	struct pci_slot n;
	size_t end = len;

	/* "0000:01:00.0:" and "01:00.0." have ends of their own. */
	while (end && strchr(":.", at[end - 1]))
		end--;
	if (end >= sizeof(word) || isalnum((unsigned char)at[len]))
		return -ENOENT;
	memcpy(word, at, end);
	word[end] = '\0';
	if (pci_parse_slot(word, &n) < 0)
		return -ENOENT;
	snprintf(slot, PCI_SLOT_MAX, "%04x:%02x:%02x.%u", n.domain, n.bus, n.dev, n.func);
	return 0;
}

int kernel_log_slot(const char *text, char slot[PCI_SLOT_MAX])
{
	for (const char *at = text; *at; at++)
		if (isxdigit((unsigned char)*at) &&
			(at == text ||
				(!isalnum((unsigned char)at[-1]) && !strchr(":.", at[-1]))) &&
			parse_at(at, slot) == 0)
			return 0;
	return -ENOENT;
}

/* The last slot on the way of a link of sysfs. */
static int slot_behind(struct machine *m, const char *link, char slot[PCI_SLOT_MAX])
{
	_cleanup_talloc_ char *path = pci_device_path(m, NULL, link);
	char *rest;
	int rc = -ENOENT;

	for (char *part = path ? strtok_r(path, "/", &rest) : NULL; part;
		part = strtok_r(NULL, "/", &rest))
		if (strlen(part) >= 12 && parse_at(part, slot) == 0)
			rc = 0;
	return rc;
}

/* Its pin's line, or one of its messages (Documentation/ABI/testing/sysfs-bus-pci, msi_irqs). */
static int has_irq(struct machine *m, const char *slot, const char *irq)
{
	_cleanup_talloc_ char *text = NULL;
	char path[128];

	snprintf(path, sizeof(path), "sys/bus/pci/devices/%.32s/msi_irqs/%.10s", slot, irq);
	if (faccessat(m->root_fd, path, F_OK, 0) == 0)
		return 1;
	snprintf(path, sizeof(path), "sys/bus/pci/devices/%.32s/irq", slot);
	return machine_read_file(m, NULL, path, 32, &text, NULL) == 0 && !strcmp(text, irq);
}

/* Shared lines tell nothing. */
static int slot_of_irq(struct machine *m, const char *irq, char slot[PCI_SLOT_MAX])
{
	_cleanup_talloc_ char **slots = machine_list_names(m, NULL, "sys/bus/pci/devices");
	size_t found = 0;

	for (size_t i = 0; slots && slots[i]; i++)
		found += has_irq(m, slots[i], irq) && parse_at(slots[i], slot) == 0;
	return found == 1 ? 0 : -ENOENT;
}

/* A word may be a name of one of these. */
static int slot_of_name(struct machine *m, const char *name, char slot[PCI_SLOT_MAX])
{
	static const char *const places[] = {
		"sys/class/net", "sys/class/nvme", "sys/class/block", "sys/class/scsi_host"};
	char path[96];

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		snprintf(path, sizeof(path), "%s/%.32s", places[i], name);
		if (slot_behind(m, path, slot) == 0)
			return 0;
	}
	return -ENOENT;
}

#define WORDS_MAX 12 /* what a line is about stands at its beginning */

int kernel_log_tie(struct machine *m, const char *text, char slot[PCI_SLOT_MAX])
{
	char copy[KERNEL_MESSAGE_MAX + 1], *rest, *before = "";
	size_t words = 0;

	if (kernel_log_slot(text, slot) == 0)
		return 0;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " :(),#[]", &rest); word && words < WORDS_MAX;
		word = strtok_r(NULL, " :(),#[]", &rest), words++) {
		const int is_number = strspn(word, "0123456789") == strlen(word);

		if (is_number && !strcasecmp(before, "irq") && slot_of_irq(m, word, slot) == 0)
			return 0;
		if (!is_number && strcspn(word, "/") == strlen(word) && *word != '.' &&
			slot_of_name(m, word, slot) == 0)
			return 0;
		before = word;
	}
	*slot = '\0';
	return -ENOENT;
}

static void keep(struct kernel_log *log, uint64_t time_us, char *text)
{
	const char *kind = kernel_log_kind(text);
	struct kernel_message *message;

	if (!kind)
		return;
	if (log->count == KERNEL_MESSAGES_MAX)
		memmove(log->messages, log->messages + 1, --log->count * sizeof(*log->messages));
	utf8_clean(text, KERNEL_MESSAGE_MAX);
	message = &log->messages[log->count++];
	*message = (struct kernel_message){.time_us = time_us, .kind = kind};
	snprintf(message->text, sizeof(message->text), "%s", text);
	log->total++;
}

#define FACILITY 3 /* bits that the level takes; what programs write has a facility of their own */

/* "6,339,5140900,-;text"; lines that begin with a blank go on with details. */
static void take_line(struct kernel_log *log, char *line)
{
	unsigned int priority;
	unsigned long long time_us;
	char *text = strchr(line, ';');

	if (text && sscanf(line, "%u,%*u,%llu,", &priority, &time_us) == 2 &&
		priority >> FACILITY == 0)
		keep(log, time_us, text + 1);
}

#define READ_MAX 16384 /* bytes; a record of the kernel's has at most 8 KiB (CONSOLE_EXT_LOG_MAX) */
#define LOG_MAX (64 << 20) /* bytes in all; log_buf_len is seldom more than 16 MiB */

/* One read(2) gives one record of the real log, and any part of a file of a captured tree: a line that is
 * not whole waits for its end. */
static void take_lines(int fd, struct kernel_log *log)
{
	char buf[READ_MAX];
	size_t have = 0, all = 0;

	while (all < LOG_MAX) {
		ssize_t n = read(fd, buf + have, READ_MAX - have);
		char *at = buf, *end;

		if (n < 0 && (errno == EPIPE || errno == EINTR))
			continue; /* what was to come is overwritten; the next read goes on behind it */
		if (n <= 0)
			return;
		all += (size_t)n;
		have += (size_t)n;
		while ((end = memchr(at, '\n', have))) {
			*end = '\0';
			take_line(log, at);
			have -= (size_t)(end + 1 - at);
			at = end + 1;
		}
		if (have == READ_MAX)
			have = 0; /* no log of the kernel's */
		memmove(buf, at, have);
	}
}

/* What is not kept need not be tied: that looks into sysfs for every word. */
void kernel_log_take(struct machine *m, int fd, struct kernel_log *log)
{
	take_lines(fd, log);
	for (size_t i = 0; i < log->count; i++)
		if (kernel_log_tie(m, log->messages[i].text, log->messages[i].slot) < 0)
			log->messages[i].slot[0] = '\0';
}

int kernel_log_read(struct machine *m, void *ctx, struct kernel_log **log, struct err *err)
{
	_cleanup_fd_ int fd = machine_openat(m, "dev/kmsg", O_RDONLY | O_NONBLOCK);
	struct kernel_log *l;

	if (fd < 0)
		return err_errno(err, -errno, "open /%s", "dev/kmsg");
	l = talloc_zero(ctx, struct kernel_log);
	if (!l)
		return err_errno(err, -ENOMEM, "read the kernel's log");
	kernel_log_take(m, fd, l);
	*log = l;
	return 0;
}
