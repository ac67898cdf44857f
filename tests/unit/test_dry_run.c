// SPDX-License-Identifier: GPL-2.0-or-later
/* A dry run and a real run of the same plan. */
#include <linux/pci_regs.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "tests/unit/world.h"

static unsigned int some_assert(struct world *w)
{
	return world_pick(w, 3) ? 0 : TRAIT_ASSERTS;
}

/* The configuration spaces as files, which is where a dry run reads them. */
static void write_config_files(struct world *w)
{
	for (size_t i = 0; i < w->s->function_count; i++) {
		const struct scripted_function *sf = &w->s->functions[i];
		char path[96];
		int fd;

		snprintf(path, sizeof(path), "sys/bus/pci/devices/%s/config", sf->slot);
		scripted_file(w->s, path, "");
		fd = openat(w->s->machine.root_fd, path, O_WRONLY);
		assert_int_equal(write(fd, sf->config, sf->config_size), sf->config_size);
		close(fd);
	}
}

/* A line of the dry run in the words of the scripted machine's log. */
static void translate(const char *told, char line[160])
{
	static const struct {
		const char *told, *logged, *end;
	} words[] = {{"would run ", "run", "\n"}, {"would unload the module ", "unload", "\n"},
		{"would take the interface ", "down", " "}, {"would wait ", "settle", " "}};
	char value[48], path[96], slot[PCI_SLOT_MAX];
	unsigned int offset;

	line[0] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		size_t n = strlen(words[i].told);

		if (!strncmp(told, words[i].told, n))
			snprintf(line, 160, "%s %.*s", words[i].logged,
				(int)strcspn(told + n, words[i].end), told + n);
	}
	if (sscanf(told, "would write \"%47[^\"]\" to /%95s", value, path) == 2)
		snprintf(line, 160, "write %s %s", path, value);
	else if (sscanf(told, "would write %47s to register 0x%x of %15s", value, &offset, slot) ==
		 3)
		snprintf(line, 160, "config %s 0x%02x %s", slot, offset, value);
}

/* What a dry run tells is what a real run does, line by line and in order. */
static void a_dry_run_tells_what_a_real_one_does(void **state)
{
	size_t compared = 0;

	(void)state;
	for (size_t t = 0; t < 4; t++) {
		struct world *w = world_new(7);
		struct machine real;
		FILE *told = tmpfile();
		char text[256], line[160];
		size_t at = 0;

		world_trees[t % 2](w);
		w->snapshot->lockdown = t < 2 ? PCI_LOCKDOWN_NONE : PCI_LOCKDOWN_INTEGRITY;
		world_settle(w, "", t < 2 ? some_assert : world_no_trouble);
		write_config_files(w);
		if (t % 2)
			world_give_errands(w);
		real = w->s->machine;
		assert_int_equal(machine_make_dryrun(&w->s->machine, w, NULL), 0);
		log_setup(fileno(told), STDERR_FILENO, LOG_INFO);
		world_still(w);
		log_setup(STDOUT_FILENO, STDERR_FILENO, LOG_WARN);
		w->s->machine = real;
		world_still(w);
		rewind(told);
		while (fgets(text, sizeof(text), told)) {
			translate(text, line);
			assert_true(at < w->s->log_count);
			assert_string_equal(line, w->s->log[at++]);
		}
		assert_int_equal(at, w->s->log_count);
		compared += at;
		fclose(told);
		world_free(w);
	}
	assert_true(compared > 30);
}

/* A card that nobody is bound to, and that is loud: its port is reset for all of it, as if that had
 * worked, so no rung after that is told of. */
static void a_dry_run_of_a_port_reset(void **state)
{
	(void)state;
	for (int by_hand = 0; by_hand < 2; by_hand++) {
		struct world *w = world_new(1);
		struct machine real;

		world_port(w, 0, 1, PCI_EXP_TYPE_ROOT_PORT, 1, 1)->has_subordinate_reset = !by_hand;
		for (unsigned int func = 0; func < 2; func++)
			world_endpoint(w, 1, 0, func, NULL)->resets = PCI_RESET_BUS;
		world_settle(w, "", world_no_trouble);
		for (size_t i = 1; i <= 2; i++)
			w->s->functions[i].config[PCI_COMMAND] |= PCI_COMMAND_MASTER;
		w->s->functions[0].config[PCI_SECONDARY_BUS] = 1;
		write_config_files(w);
		real = w->s->machine;
		assert_int_equal(machine_make_dryrun(&w->s->machine, w, NULL), 0);
		log_setup(STDOUT_FILENO, STDERR_FILENO, LOG_WARN);
		for (int dry = 1; dry >= 0; dry--) {
			const struct journal *j = world_still(w);

			assert_int_equal(journal_count(j, VERDICT_STILL), 2);
			assert_int_equal(j->count, 1);
			assert_int_equal(j->entries[0].step, by_hand ? STEP_SBR : STEP_SUBORDINATE);
			w->s->machine = real;
		}
		world_free(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dry_run_tells_what_a_real_one_does),
		cmocka_unit_test(a_dry_run_of_a_port_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
