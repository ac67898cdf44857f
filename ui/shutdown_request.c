// SPDX-License-Identifier: GPL-2.0-or-later
/* What systemd asks of an exitrd: its first argument, options, and environment. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot/leave/processes.h"
#include "ui/shutdown_work.h"

static const struct shutdown_verb verbs[] = {
	{"reboot", JUMPS_IF_ASKED, MACHINE_REBOOT_FIRMWARE}, /* first: what is not known is this */
	{"kexec", JUMPS_ALWAYS, MACHINE_REBOOT_FIRMWARE},
	{"poweroff", JUMPS_NEVER, MACHINE_REBOOT_OFF},
	{"halt", JUMPS_NEVER, MACHINE_REBOOT_HALT},
	/* For containers; a machine goes off then (systemd's src/shutdown/shutdown.c). */
	{"exit", JUMPS_NEVER, MACHINE_REBOOT_OFF},
};

const struct shutdown_verb *shutdown_verb_find(const char *name)
{
	for (size_t i = 0; name && i < sizeof(verbs) / sizeof(*verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return &verbs[0];
}

uint64_t shutdown_time(const char *text)
{
	static const struct unit {
		const char *name;
		uint64_t us;
	} units[] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"", 1000000}};
	unsigned long long n;
	char *end;

	if (!text || *text < '0' || *text > '9')
		return 0;
	n = strtoull(text, &end, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++)
		if (!strcmp(end, units[i].name))
			return n > UINT64_MAX / 1000000 ? 0 : n * units[i].us;
	return 0;
}

/* In the environment it is microseconds without a unit. */
static uint64_t time_in(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoull(text, NULL, 10) : 0;
}

/* Nobody waits longer than this for processes that systemd has killed once already. */
#define TIMEOUT_MAX_US ((uint64_t)PROCESSES_TERM_MS * 1000)
/* systemd's default is 15 s; it is there to slow down a machine that restarts again and again. */
#define UPTIME_MAX_US ((uint64_t)3600 * 1000000)

void shutdown_request_read(int argc, char **argv, struct shutdown_request *r)
{
	uint64_t timeout_us = 0, uptime_us = time_in("MINIMUM_UPTIME_USEC");

	for (int i = 2; i < argc; i++)
		if (!strncmp(argv[i], "--timeout=", 10))
			timeout_us = shutdown_time(argv[i] + 10);
	if (!timeout_us || timeout_us > TIMEOUT_MAX_US)
		timeout_us = TIMEOUT_MAX_US;
	if (uptime_us > UPTIME_MAX_US)
		uptime_us = UPTIME_MAX_US;
	*r = (struct shutdown_request){
		.verb = shutdown_verb_find(argc > 1 ? argv[1] : NULL),
		.timeout_ms = (unsigned int)(timeout_us / 1000),
		.minimum_uptime_us = uptime_us,
		.keeps_descriptors = getenv("SYSTEMD_LUO_SERIALIZE_FD") != NULL,
		.is_init = getpid() == 1,
	};
}
