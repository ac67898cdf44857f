/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef POLICY_GLOB_H
#define POLICY_GLOB_H

/*
 * Shell patterns over whole words: "*" any text, "?" one character, "[0-9a]" one of these, "[!x]"
 * one that is none of these. A bracket that is never closed stands for itself. Case matters. At
 * worst the time is the product of both lengths, unlike fnmatch(3), which a pattern out of a file
 * can keep busy for ever.
 */
int glob_matches(const char *pattern, const char *text);

#endif
