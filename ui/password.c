// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/password.h"

#include <crypt.h>
#include <errno.h>
#include <string.h>
#include <talloc.h>

#include "devices/cleanup.h"

#define PASSWORD_MAX 256 /* bytes: less than what crypt(3) takes */

/* A password's copies in the library's memory are wiped with it. */
static char *compute(void *ctx, const char *password, const char *setting)
{
	struct crypt_data *data = talloc_zero(ctx, struct crypt_data);
	const char *hash = data ? crypt_r(password, setting, data) : NULL;
	char *copy = hash && *hash != '*' ? talloc_strdup(ctx, hash) : NULL;

	if (data)
		explicit_bzero(data, sizeof(*data));
	talloc_free(data);
	return copy;
}

char *password_hash(void *ctx, const char *password, struct err *err)
{
	static const char *const methods[] = {"$y$", "$6$"};
	size_t len = strlen(password);
	char *hash = NULL;

	if (!len || len > PASSWORD_MAX) {
		err_set(err, -EINVAL, "a password has from 1 to %d bytes", PASSWORD_MAX);
		return NULL;
	}
	for (size_t i = 0; !hash && i < sizeof(methods) / sizeof(*methods); i++) {
		char setting[CRYPT_GENSALT_OUTPUT_SIZE];

		if (crypt_gensalt_rn(methods[i], 0, NULL, 0, setting, sizeof(setting)))
			hash = compute(ctx, password, setting);
	}
	if (!hash)
		err_errno(err, -ENOSYS, "hash the password");
	return hash;
}

int password_fits(const char *hash, const char *password)
{
	_cleanup_talloc_ char *computed = compute(NULL, password, hash);
	unsigned char difference = 0;
	size_t len = strlen(hash);

	if (!computed || strlen(computed) != len)
		return 0;
	for (size_t i = 0; i < len; i++)
		difference |= (unsigned char)(computed[i] ^ hash[i]);
	return !difference;
}
