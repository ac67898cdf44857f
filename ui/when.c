// SPDX-License-Identifier: GPL-2.0-or-later
/* What a time means. */
#include "ui/when.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int parse_in(const char *text, time_t now, struct when *when)
{
	static const struct {
		const char *unit;
		long seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
	size_t digits = strspn(text, "0123456789");

	if (!digits || digits > 8)
		return -EINVAL;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(text + digits, units[i].unit))
			continue;
		*when = (struct when){.what = WHEN_IN, .seconds = atol(text) * units[i].seconds};
		when->at = now + when->seconds;
		return 0;
	}
	return -EINVAL;
}

/* The pattern's letters are digits; the numbers they make. */
static int fits(const char *text, const char *pattern)
{
	for (; *text && *pattern; text++, pattern++)
		if (isalpha((unsigned char)*pattern) ? !isdigit((unsigned char)*text)
						     : *text != *pattern)
			return 0;
	return !*text && !*pattern;
}

/* mktime() takes the 31st of February too, and makes another day of it. */
static int to_time(const struct tm *given, time_t *at)
{
	struct tm tm = *given;

	tm.tm_isdst = -1;
	*at = mktime(&tm);
	return *at != (time_t)-1 && tm.tm_mon == given->tm_mon && tm.tm_mday == given->tm_mday &&
			       tm.tm_hour == given->tm_hour && tm.tm_min == given->tm_min &&
			       tm.tm_sec == given->tm_sec
		       ? 0
		       : -EINVAL;
}

static int parse_at(const char *text, time_t now, struct when *when)
{
	struct tm tm;
	int rc;

	localtime_r(&now, &tm);
	tm.tm_sec = 0;
	when->what = WHEN_AT;
	if (fits(text, "hh:mm")) {
		sscanf(text, "%2d:%2d", &tm.tm_hour, &tm.tm_min);
		rc = to_time(&tm, &when->at);
		if (rc == 0 && when->at <= now) {
			tm.tm_mday++;
			tm.tm_isdst = -1;
			when->at = mktime(&tm);
		}
		return rc;
	}
	if (!fits(text, "yyyy-mm-dd hh:mm") && !fits(text, "yyyy-mm-dd hh:mm:ss"))
		return -EINVAL;
	sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour,
		&tm.tm_min, &tm.tm_sec);
	tm.tm_year -= 1900;
	tm.tm_mon--;
	return to_time(&tm, &when->at);
}

int when_parse(const char *text, time_t now, struct when *when, struct err *err)
{
	struct when parsed = {.what = WHEN_CANCEL};
	int rc = 0;

	if (*text == '+')
		rc = parse_in(text + 1, now, &parsed);
	else if (strcmp(text, "cancel"))
		rc = parse_at(text, now, &parsed);
	if (rc < 0)
		return err_set(err, rc,
			"--when takes +30 (seconds), +5m, +2h, HH:MM, \"YYYY-MM-DD HH:MM\" or "
			"cancel, and not '%.64s'",
			text);
	if (parsed.what != WHEN_CANCEL && (parsed.at < now || parsed.at - now > WHEN_MAX))
		return err_set(err, -ERANGE, "--when %.64s is %s", text,
			parsed.at < now ? "past" : "more than a year from now");
	*when = parsed;
	return 0;
}
