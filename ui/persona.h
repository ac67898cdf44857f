/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_PERSONA_H
#define UI_PERSONA_H

/*
 * What the one program is when it is called by another name, as the kernel does it in a system in
 * which there is nothing else.
 */

struct persona {
	const char *name; /* the last part of argv[0] */
	int (*run)(int argc, char **argv);
	int (*is_meant)(void); /* is this the place for it? NULL for anywhere */
};

/* NULL where it is stillboot itself, whatever the file is called. */
const struct persona *persona_called(const char *argv0);

#endif
