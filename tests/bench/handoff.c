// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * handoff DIR: what a handoff costs for the machine below DIR, with every function of it reset by its second
 * step. Prints the number of functions, bytes that are loaded behind the initrd, and what it takes before the
 * first unbind, and after the quiesce, in microseconds: the processor's time for both, then both by the clock;
 * nothing of it waits. Each is the least of all runs: what else the machine does only ever adds.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <talloc.h>
#include <time.h>
#include <unistd.h>

#include "boot/handoff.h"
#include "devices/clock.h"

#define RUNS 21

struct times {
	uint64_t before[RUNS], after[RUNS]; /* of the processor */
	uint64_t clock_before[RUNS], clock_after[RUNS];
	size_t len;
};

static uint64_t processor_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static unsigned long long least(const uint64_t *times)
{
	uint64_t found = times[0];

	for (size_t i = 1; i < RUNS; i++)
		if (times[i] < found)
			found = times[i];
	return found;
}

static struct plan plan_of(const struct pci_snapshot *s)
{
	static const enum step steps[] = {STEP_UNBIND, STEP_FLR, STEP_BUS, STEP_RESTORE};
	struct plan plan = {
		.devices = talloc_zero_array(s, struct plan_device, s->count), .count = s->count};

	for (size_t i = 0; i < s->count; i++) {
		plan.devices[i].function = &s->functions[i];
		memcpy(plan.devices[i].steps, steps, sizeof(steps));
		plan.devices[i].step_count = sizeof(steps) / sizeof(*steps);
	}
	return plan;
}

/* A bad day: everything is tried, and much of it tells why it did not do. */
static struct journal *journal_of(const struct plan *plan)
{
	struct journal *j = journal_new(plan->devices, plan);

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_device *d = &plan->devices[i];

		for (size_t k = 0; k < d->step_count; k++) {
			struct journal_entry *e = journal_begin(j, d->function->slot, d->steps[k],
				"/etc/stillboot/policy.d/50-site.lua:123", 1234567 * i);

			e->duration_us = 1234567;
			e->result = k & 1 ? JOURNAL_FAILED : JOURNAL_OK;
			if (k & 1)
				snprintf(e->detail, sizeof(e->detail),
					"write 1 to sys/bus/pci/devices/%s/reset: Inappropriate "
					"ioctl for device",
					d->function->slot);
		}
		journal_judge(j, d->function->slot, VERDICT_LOUD,
			"bus master is on and a transaction is pending");
	}
	return j;
}

static int make(struct machine *m, const struct plan *plan, struct times *times, size_t run,
	struct err *err)
{
	const size_t room = handoff_size_max(plan);
	struct pinned p = {.initrd_fd = memfd_create("initrd", 0),
		.handoff_room = room,
		.cmdline = "root=/dev/sda1",
		.image.cmdline_max = 2047};
	void *ctx = talloc_new(NULL);
	struct handoff h = {.entry = "Debian GNU/Linux"};
	struct handoff_archive *archive;
	uint64_t begin = processor_us(), clock_begin = clock_now_us();
	int rc = handoff_tie_prepare(ctx, &p, err);

	if (rc == 0)
		rc = handoff_archive_new(ctx, room, &archive, err);
	if (rc == 0)
		rc = handoff_identify(m, ctx, &h, err);
	if (rc == 0)
		rc = handoff_save_config(plan, ctx, &h, err);
	if (rc == 0)
		rc = handoff_pack(ctx, handoff_pack_room(plan, room), &h, err);
	times->before[run] = processor_us() - begin;
	times->clock_before[run] = clock_now_us() - clock_begin;
	h.journal = *journal_of(plan);
	begin = processor_us();
	clock_begin = clock_now_us();
	if (rc == 0)
		rc = handoff_write(&h, archive, err);
	if (rc == 0)
		rc = handoff_attach(m, &p, archive, err);
	times->after[run] = processor_us() - begin;
	times->clock_after[run] = clock_now_us() - clock_begin;
	times->len = p.initrd_size;
	/* A record that left something out would be cheap. */
	if (rc == 0 && (!strstr(h.packed, "baseline") || !strstr(h.packed, "saved") ||
			       !strstr(h.packed, "messages")))
		rc = err_set(err, -1, "something was left out");
	close(p.initrd_fd);
	talloc_free(ctx);
	return rc;
}

int main(int argc, char **argv)
{
	struct pci_snapshot *snapshot;
	struct times times;
	struct machine m;
	struct plan plan;
	struct err err;
	int rc;

	if (argc != 2)
		return 2;
	rc = machine_open(&m, argv[1], &err);
	if (rc == 0)
		rc = pci_snapshot_read(&m, NULL, &snapshot, &err);
	if (rc == 0)
		plan = plan_of(snapshot);
	for (size_t i = 0; i < RUNS && rc == 0; i++)
		rc = make(&m, &plan, &times, i, &err);
	if (rc < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	printf("%zu %zu %llu %llu %llu %llu\n", snapshot->count, times.len, least(times.before),
		least(times.after), least(times.clock_before), least(times.clock_after));
	talloc_free(snapshot);
	machine_close(&m);
	return 0;
}
