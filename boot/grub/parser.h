/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef BOOT_GRUB_PARSER_H
#define BOOT_GRUB_PARSER_H

/* What parser.c and parser_words.c share. */

#include "boot/grub/tree.h"

enum grub_reserved {
	GRUB_RESERVED_NOT,    /* no reserved word stands here */
	GRUB_RESERVED_ENDS,   /* it ends the list that is being read */
	GRUB_RESERVED_PASSED, /* it was passed over, or it is a statement: then *node is set */
};

/* A reserved word where a command begins. */
enum grub_reserved grub_parse_reserved(struct grub_parser *p, struct grub_node **node);

struct grub_node *grub_parse_list(struct grub_parser *p);
void grub_parse_block(struct grub_parser *p, struct grub_node *node);
bool grub_take_words(struct grub_parser *p, struct grub_node *node);
struct grub_node *grub_node_new(struct grub_parser *p, enum grub_node_kind kind, unsigned int line);
/* Statements that belong behind the one that is being read. */
void grub_spill(struct grub_parser *p, struct grub_node *list);

void grub_advance(struct grub_parser *p);
bool grub_at_word(const struct grub_token *t);
/* May a variable or a function be called so? */
bool grub_is_name(const struct grub_token *t);
void grub_tell(struct grub_parser *p, unsigned int line, const char *sentence);

#endif
