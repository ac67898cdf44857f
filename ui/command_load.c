// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "ui/preload.h"
#include "ui/print.h"
#include "ui/refusal.h"

enum exit_code command_load(struct session *s)
{
	struct preloaded p;
	enum exit_code code = preload_check(s, RECORD_BY_LOAD, &p.plan);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	if (preload(s, RECORD_BY_LOAD, &p, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	preload_settle(&p);
	fputs("loaded: ", stdout);
	print_text(stdout, p.target.title, 0);
	puts(p.loader == KEXEC_BY_TOOLS ? " (by kexec-tools)" : "");
	return EXIT_DONE;
}

enum exit_code command_unload(struct session *s)
{
	enum exit_code code = refusal_check(s);
	struct err err;

	if (code != EXIT_DONE)
		return code;
	return preload_forget(s, &err) < 0 ? command_fail(EXIT_FAILED, &err) : EXIT_DONE;
}
