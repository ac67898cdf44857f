// SPDX-License-Identifier: GPL-2.0-or-later
/* A quiesce that somebody else gives so much time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "devices/clock.h"
#include "devices/run.h"
#include "tests/unit/fixture.h"

static const unsigned int none[4];

/* Still it within so many milliseconds. */
static const struct journal *still(struct fixture *f, unsigned int ms, size_t hung_expected)
{
	const struct quiesce_watch watch = fixture_watch(f);
	const uint64_t begin = clock_now_us();

	assert_int_equal(quiesce_prepare(&f->s->machine, &f->plan, f, &f->quiesce, NULL), 0);
	quiesce_end_by(f->quiesce, begin + ms * 1000ULL);
	assert_int_equal(quiesce_run(f->quiesce, &watch), hung_expected);
	return quiesce_journal(f->quiesce);
}

/* A driver is given 30 s, a reset 70 s. */
static void what_may_take_longer_is_not_begun(void **state)
{
	static const struct {
		unsigned int ms;
		enum journal_result unbind, reset;
	} cases[] = {
		{10000, JOURNAL_SKIPPED, JOURNAL_SKIPPED},
		{40000, JOURNAL_OK, JOURNAL_SKIPPED},
		{80000, JOURNAL_OK, JOURNAL_OK},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct fixture *f = fixture_new(none);
		const struct journal *j = still(f, cases[i].ms, 0);
		const struct journal_entry *unbind = fixture_entry(j, "0000:02:00.0", STEP_UNBIND),
					   *reset = fixture_entry(j, "0000:02:00.0", STEP_BUS);

		assert_int_equal(unbind->result, cases[i].unbind);
		assert_int_equal(reset->result, cases[i].reset);
		if (unbind->result == JOURNAL_SKIPPED)
			assert_string_equal(unbind->detail, NO_TIME);
		assert_int_equal(fixture_verdict(j, "0000:02:00.0"),
			unbind->result == JOURNAL_OK ? VERDICT_STILL : VERDICT_LOUD);
		fixture_free(f);
	}
}

/* Then the others have what is left. */
static void a_hung_step_does_not_take_it_all(void **state)
{
	const unsigned int traits[4] = {TRAIT_UNBIND_HANGS};
	struct fixture *f = fixture_new(traits);
	const struct journal *j;

	(void)state;
	f->s->effects.parallel = 1;
	for (size_t i = 0; i < f->plan.count; i++)
		f->plan.devices[i].unbind_deadline_ms = f->plan.devices[i].reset_deadline_ms = 500;
	j = still(f, 3000, 1);
	assert_true(j->duration_us < 2500000);
	assert_int_equal(fixture_verdict(j, "0000:00:1f.2"), VERDICT_LOUD);
	assert_int_equal(fixture_verdict(j, "0000:02:00.0"), VERDICT_STILL);
	fixture_free(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_may_take_longer_is_not_begun),
		cmocka_unit_test(a_hung_step_does_not_take_it_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
