/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_PREINIT_BENCH_H
#define TESTS_PREINIT_BENCH_H

/* A scripted machine for preinit: disks and a network card with two functions, below ports. */

#include "tests/unit/scripted.h"
#include "ui/preinit_run.h"

#define AUTOPROBE "sys/bus/pci/drivers_autoprobe"
#define NVME "0000:01:00.0"
#define NET "0000:02:00.0"
#define NET2 "0000:02:00.1"
#define SATA "0000:00:1f.2"

struct preinit_bench {
	struct scripted *s;
	struct pci_snapshot *snapshot;
	struct preinit_facts facts;
	struct preinit *record;
	struct plan *plan;
	size_t troubles;
};

/* traits are those of the NVMe disk and the first network function. All is loud but the SATA controller. */
struct preinit_bench *preinit_bench_new(enum boot_kind boot, unsigned int nvme, unsigned int net);
void preinit_bench_free(struct preinit_bench *b);

struct preinit_work preinit_bench_work(struct preinit_bench *b);
/* Carry the plan out, and put back. */
int preinit_bench_run(struct preinit_bench *b);

/* What became of a slot; -1 and "" for nothing. */
int preinit_bench_verdict(const struct preinit_bench *b, const char *slot);
const char *preinit_bench_why(const struct preinit_bench *b, const char *slot);

#endif
