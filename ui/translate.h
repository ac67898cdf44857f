/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef UI_TRANSLATE_H
#define UI_TRANSLATE_H

/*
 * Messages in the user's language, by gettext. _() translates; N_() marks a text in a table, which
 * whoever shows it translates. Catalogues are ui/po/LANGUAGE.po.
 */

#include <libintl.h>

#define _(text) gettext(text)
#define N_(text) text

#endif
