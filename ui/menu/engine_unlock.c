// SPDX-License-Identifier: GPL-2.0-or-later
/* Opening an encrypted volume. What is on it comes with the uevent of its mapping. */
#include "ui/menu/engine_parts.h"

#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "boot/stack/unlock.h"
#include "devices/log.h"
#include "ui/refusal.h"

/* To be closed at the end. */
static int note(struct engine *e, const char *device)
{
	const char **more = talloc_realloc(
		e->memory, e->unlocked, const char *, e->unlocked_count + 1);

	if (!more)
		return -ENOMEM;
	e->unlocked = more;
	more[e->unlocked_count] = talloc_strdup(more, device);
	if (!more[e->unlocked_count])
		return -ENOMEM;
	e->unlocked_count++;
	return 0;
}

static int unlock(struct engine *e, const char *device, const char *key, struct err *err)
{
	struct session *s = e->s;
	struct stack_locked *locked;
	char *opened;
	int rc = stack_locked_read(&s->machine, s->memory, device, &locked, err);

	if (rc < 0)
		return rc;
	rc = stack_unlock(locked, s->memory, key, strlen(key), &opened, err);
	talloc_free(locked);
	if (rc == 0 && note(e, device) < 0)
		log_warn("%s stays open at the end", device);
	return rc;
}

/* The request's own copy is wiped here, the other ones where they are freed (engine.c, message.h). */
int engine_unlock(struct engine *e, const json_t *request, struct err *text)
{
	const char *device = engine_text(request, "device");
	const char *key = engine_text(request, "passphrase");
	int rc;

	if (!device || !key)
		return err_set(text, -EINVAL, "unlock needs a device and a passphrase");
	if (refusal_check(e->s) != EXIT_DONE)
		return err_set(text, -EPERM, "%s", log_last_error());
	rc = unlock(e, device, key, text);
	explicit_bzero((char *)(uintptr_t)key, strlen(key));
	return rc;
}
