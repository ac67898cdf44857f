// SPDX-License-Identifier: GPL-2.0-or-later
/* A card that never answers again after a reset by hand. Time is this test's own. */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>
#include <talloc.h>
#include <time.h>

#include "devices/step.h"
#include "policy/preinit_plan.h"
#include "policy/policy.h"
#include "tests/unit/scripted.h"

static struct timespec now;

int clock_gettime(clockid_t clock, struct timespec *t)
{
	(void)clock;
	*t = now;
	return 0;
}

int nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)left;
	now.tv_sec += t->tv_sec;
	now.tv_nsec += t->tv_nsec;
	now.tv_sec += now.tv_nsec / 1000000000;
	now.tv_nsec %= 1000000000;
	return 0;
}

static ssize_t dead_below(
	struct machine *m, const char *slot, void *buf, size_t size, struct err *err)
{
	struct scripted *s = (struct scripted *)m;

	(void)err;
	if (!strncmp(slot, "0000:01", 7) && s->port_resets[0]) {
		memset(buf, 0xff, size);
		return (ssize_t)size;
	}
	for (size_t i = 0; i < s->function_count; i++)
		if (!strcmp(s->functions[i].slot, slot))
			memcpy(buf, s->functions[i].config, size < 256 ? size : 256);
	return size < 256 ? (ssize_t)size : 256;
}

/* However many functions it has, it is given its minute once: more would miss the deadline, and what
 * misses that hangs, as far as the way out is concerned. */
static void a_dead_card_takes_a_minute(void **state)
{
	static const char *const slots[] = {
		"0000:01:00.0", "0000:01:00.1", "0000:01:00.2", "0000:01:00.3"};
	struct scripted *s = scripted_new();
	struct pci_snapshot *snapshot = snapshot_new(NULL);
	struct err err;
	time_t start;

	(void)state;
	snapshot_bridge(snapshot, "0000:00:01.0", PCI_EXP_TYPE_ROOT_PORT, 1, 1);
	for (size_t i = 0; i < 4; i++)
		snapshot_add(snapshot, slots[i], 0x020000, NULL);
	pci_link_tree(snapshot);
	s->snapshot = snapshot;
	for (size_t i = 0; i < snapshot->count; i++)
		scripted_add(s, &snapshot->functions[i], 0);
	s->effects.read_config = dead_below;
	start = now.tv_sec;
	assert_true(step_run(&s->machine, &snapshot->functions[1], STEP_SBR, 0, &err) < 0);
	assert_non_null(strstr(err.text, "0000:01:00.0 does not come back"));
	assert_true(now.tv_sec - start >= 60);
	assert_true((now.tv_sec - start) * 1000 < POLICY_RESET_DEADLINE_MS - 5000);
	/* Who waits shorter gets less, and there is time left to put back what came back. */
	s->port_resets[0] = 0;
	start = now.tv_sec;
	assert_true(step_run(&s->machine, &snapshot->functions[1], STEP_SBR, PREINIT_RESET_MS,
			    &err) < 0);
	assert_non_null(strstr(err.text, "0000:01:00.0 does not come back"));
	assert_in_range(now.tv_sec - start, 15, PREINIT_RESET_MS / 1000 - 2);
	talloc_free(snapshot);
	scripted_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dead_card_takes_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
