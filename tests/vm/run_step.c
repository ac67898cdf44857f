// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * run-step SLOT STEP...: carry out single steps on one function of this machine, in that order, for
 * steps that no policy would take on a machine of the lab. "prove" is the proof. Prints a line for
 * each: the step, what it returned, the error's sentence. Exit status 1 if one of them failed.
 */

#include <stdio.h>
#include <string.h>
#include <talloc.h>

#include "devices/step.h"
#include "devices/stillness.h"

/* 0 when the function is still. */
static int prove(struct machine *m, const struct pci_function *f)
{
	static const char *const words[] = {[STILL] = "still", [LOUD] = "loud", [GONE] = "gone"};
	struct proof proof;

	stillness_prove(m, f, &proof);
	printf("prove %s %s\n", words[proof.stillness], proof.why);
	return proof.stillness == STILL ? 0 : -1;
}

static int run(struct machine *m, const struct pci_function *f, const char *name)
{
	struct err err = {0};
	enum step step;
	int rc;

	if (!strcmp(name, "prove"))
		return prove(m, f);
	if (step_from_name(name, &step) < 0) {
		printf("there is no step '%s'\n", name);
		return -1;
	}
	rc = step_run(m, f, step, 0, &err);
	printf("%s %d %s\n", name, rc, rc < 0 ? err.text : "");
	return rc;
}

int main(int argc, char **argv)
{
	void *ctx = talloc_new(NULL);
	const struct pci_function *f;
	struct pci_snapshot *s;
	struct machine m;
	struct err err;
	int failed = 0;

	if (argc < 3) {
		fprintf(stderr, "Usage: run-step SLOT STEP...\n");
		return 2;
	}
	if (machine_open(&m, NULL, &err) < 0 || pci_snapshot_read(&m, ctx, &s, &err) < 0) {
		fprintf(stderr, "run-step: %s\n", err.text);
		return 1;
	}
	f = pci_find(s, argv[1]);
	if (!f) {
		fprintf(stderr, "run-step: there is no %s\n", argv[1]);
		return 1;
	}
	for (int i = 2; i < argc; i++)
		failed |= run(&m, f, argv[i]) < 0;
	machine_close(&m);
	talloc_free(ctx);
	return failed;
}
