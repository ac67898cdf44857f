// SPDX-License-Identifier: GPL-2.0-or-later
#include <string.h>

#include "boot/crash/record.h"
#include "boot/kexec.h"
#include "devices/log.h"
#include "ui/crash.h"
#include "ui/lock.h"
#include "ui/refusal.h"

enum exit_code crash_unload(struct session *s)
{
	enum exit_code code = refusal_check_machine(s);
	struct err err;

	if (code == EXIT_DONE)
		code = lock_take_crash(s);
	if (code != EXIT_DONE)
		return code;
	if (kexec_unload_crash(&s->machine, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	crash_record_remove(&s->machine);
	return EXIT_DONE;
}

#define LOAD                                                                                       \
	(OPT_KERNEL | OPT_INITRD | OPT_CMDLINE | OPT_REUSE_CMDLINE | OPT_ALL_DISKS | OPT_APPEND |  \
		OPT_FORCE | OPT_IF_NEEDED)
#define SAVE (OPT_TO | OPT_THEN | OPT_MAKEDUMPFILE | OPT_KEY_FILE)

static const struct {
	const char *name;
	enum exit_code (*run)(struct session *s);
	size_t most;        /* arguments */
	option_set options; /* of those that not all of them take */
} table[] = {
	{"load", crash_load, 1, LOAD},
	{"unload", crash_unload, 0, 0},
	{"status", crash_status, 0, OPT_JSON},
	{"save", crash_save, 0, SAVE},
};

#define COUNT (sizeof(table) / sizeof(*table))

enum exit_code command_crash(struct session *s)
{
	struct options *o = &s->options;
	const char *name = o->argument_count ? o->arguments[0] : NULL;
	option_set odd;
	size_t i = 0;

	while (i < COUNT && name && strcmp(table[i].name, name))
		i++;
	if (!name || i == COUNT) {
		log_error("crash needs one of load, unload, status and save to be said%s%s%s",
			name ? ", not '" : "", name ? name : "", name ? "'" : "");
		return EXIT_USAGE;
	}
	o->arguments++;
	o->argument_count--;
	if (o->argument_count > table[i].most) {
		log_error("crash %s takes %s", name, table[i].most ? "one entry" : "no argument");
		return EXIT_USAGE;
	}
	odd = o->given & (LOAD | SAVE | OPT_JSON) & ~table[i].options;
	if (odd) {
		log_error("crash %s does not take --%s", name, option_name(odd & -odd));
		return EXIT_USAGE;
	}
	return table[i].run(s);
}
