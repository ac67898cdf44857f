// SPDX-License-Identifier: GPL-2.0-or-later
#include "tests/unit/preinit_bench.h"

#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>

static int (*write_attr)(struct machine *m, const char *path, const char *value, struct err *err);

/* What is written to this one can be read back. */
static int write_through(struct machine *m, const char *path, const char *value, struct err *err)
{
	int rc = write_attr(m, path, value, err);

	if (rc == 0 && !strcmp(path, AUTOPROBE))
		scripted_file(m->state, AUTOPROBE, value);
	return rc;
}

static void add(struct preinit_bench *b, const char *slot, unsigned int traits, int loud)
{
	struct pci_function *f = pci_find(b->snapshot, slot);
	struct scripted_function *sf = scripted_add(b->s, f, traits);

	if (loud)
		sf->config[PCI_COMMAND] |= PCI_COMMAND_MASTER;
	sf->config[PCI_BASE_ADDRESS_0 + 3] = 0xfe;
	f->caps.has |= PCI_HAS_INTX;
	f->config = talloc_memdup(b->snapshot, sf->config, sizeof(sf->config));
	f->config_len = sf->config_size;
}

struct preinit_bench *preinit_bench_new(enum boot_kind boot, unsigned int nvme, unsigned int net)
{
	struct preinit_bench *b = talloc_zero(NULL, struct preinit_bench);
	struct pci_snapshot *s = snapshot_new(b);

	b->s = scripted_new();
	b->snapshot = s;
	snapshot_bridge(s, "0000:00:02.0", PCI_EXP_TYPE_ROOT_PORT, 1, 1);
	snapshot_bridge(s, "0000:00:03.0", PCI_EXP_TYPE_ROOT_PORT, 2, 2)->has_subordinate_reset = 1;
	snapshot_add(s, SATA, 0x010601, NULL)->resets = PCI_RESET_FLR;
	snapshot_add(s, NVME, 0x010802, NULL)->resets = PCI_RESET_FLR | PCI_RESET_BUS;
	snapshot_add(s, NET, 0x020000, NULL)->resets = PCI_RESET_PM | PCI_RESET_BUS;
	snapshot_add(s, NET2, 0x020000, NULL)->resets = PCI_RESET_PM;
	pci_link_tree(s);
	b->s->snapshot = s;
	b->s->effects.parallel = 1;
	write_attr = b->s->effects.write_attr;
	b->s->effects.write_attr = write_through;
	scripted_file(b->s, AUTOPROBE, "1\n");
	scripted_file(b->s, "sys/bus/pci/drivers/uio_pci_generic/bind", "");
	add(b, SATA, 0, 0);
	add(b, NVME, nvme, 1);
	add(b, NET, net, 1);
	add(b, NET2, 0, 1);
	b->facts = (struct preinit_facts){.snapshot = s, .boot = boot};
	b->record = talloc_zero(b, struct preinit);
	assert_int_equal(preinit_plan(&b->facts, b, &b->plan, NULL), 0);
	return b;
}

void preinit_bench_free(struct preinit_bench *b)
{
	scripted_free(b->s);
	talloc_free(b);
}

static void nothing(void *ctx)
{
	(void)ctx;
}

static void no_step(void *ctx, const struct journal_entry *e)
{
	(void)ctx;
	(void)e;
}

static void no_end(void *ctx, const struct journal *j, size_t hung)
{
	(void)ctx;
	(void)j;
	(void)hung;
}

static void trouble(void *ctx, const char *what)
{
	assert_true(what && *what);
	((struct preinit_bench *)ctx)->troubles++;
}

struct preinit_work preinit_bench_work(struct preinit_bench *b)
{
	static const struct stilling_watch watch = {
		nothing, {no_step, no_step, NULL}, no_end, NULL};

	return (struct preinit_work){
		&b->s->machine, &b->facts, b->plan, b->record, &watch, trouble, b};
}

int preinit_bench_run(struct preinit_bench *b)
{
	struct preinit_work w = preinit_bench_work(b);
	struct err err;
	int rc = preinit_carry_out(&w, &err);

	return rc < 0 ? rc : preinit_put_back(&w, &err);
}

int preinit_bench_verdict(const struct preinit_bench *b, const char *slot)
{
	const struct journal *j = &b->record->journal;

	for (size_t i = 0; i < j->verdict_count; i++)
		if (!strcmp(j->verdicts[i].slot, slot))
			return (int)j->verdicts[i].verdict;
	return -1;
}

const char *preinit_bench_why(const struct preinit_bench *b, const char *slot)
{
	const struct journal *j = &b->record->journal;

	for (size_t i = 0; i < j->verdict_count; i++)
		if (!strcmp(j->verdicts[i].slot, slot))
			return j->verdicts[i].why;
	return "";
}
