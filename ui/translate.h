/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_TRANSLATE_H
#define UI_TRANSLATE_H

/*
 * Messages in the user's language, by gettext. _() translates; N_() marks a text in a table, which
 * whoever shows it translates; ngettext() chooses by a number. A comment that begins with "translators:" goes
 * into the template with what stands below it. Catalogues are ui/po/LANGUAGE.po; `make pot` writes the template anew.
 *
 * A boot image has no locales but C.UTF-8, which knows all characters; with it LANGUAGE alone says which
 * catalogue is read.
 */

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

/* Characters and messages as the environment says (LANGUAGE, LC_ALL, LC_MESSAGES, LANG), also where its
 * locale is not installed. Without any, characters are UTF-8 and messages are as written here. */
void translate_setup(void);

/* From now on in this language ("de"), whatever the environment says; NULL for its own again. */
void translate_to(const char *language);

#endif
