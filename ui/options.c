// SPDX-License-Identifier: GPL-2.0-or-later
#include "ui/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "ui/print.h"

#define AT(field) offsetof(struct options, field)

static const struct {
	option_set option;
	const char *name, *argument; /* argument NULL for a switch */
	char letter;                 /* 0 for none */
	const char *meaning;
	size_t value; /* where the argument goes in struct options */
} table[] = {
	{OPT_ROOT, "root", "DIR", 0,
		"read the machine from this directory tree instead of the running one", AT(root)},
	{OPT_PCI_DUMP, "pci-dump", "FILE", 0,
		"take the PCI functions from what `lspci -D -k -xxxx` printed", AT(pci_dump)},
	{OPT_DRY_RUN, "dry-run", NULL, 'n', "change nothing; print each effect instead", 0},
	{OPT_POLICY, "policy", "FILE", 0, "read these rules after all others", AT(policy)},
	{OPT_EXPLAIN, "explain", NULL, 0,
		"plan SLOT: tell of every rule what it has to do with this device; list: tell who "
		"said what about the default entry",
		0},
	{OPT_DIFF, "diff", "FILE", 0,
		"show what would change against this file in the place of --policy", AT(diff)},
	{OPT_UPDATE, "update", NULL, 0, "write the expected plans anew", 0},
	{OPT_JSON, "json", NULL, 0, "print JSON", 0},
	{OPT_ALL_DISKS, "all-disks", NULL, 0, "look on every disk, not only on mounted filesystems",
		0},
	{OPT_DIR, "dir", "[NAMES:]DIR", 0,
		"look in this directory tree as if it were a filesystem, called UUID=X, LABEL=X or "
		"a device (names parted by commas); may be given several times",
		0},
	{OPT_IMAGE, "image", "FILE", 0,
		"look on the filesystems in this disk image, and nowhere else", AT(image)},
	{OPT_WATCH, "watch", NULL, 0,
		"go on, and print the list again when disks come or go, until interrupted", 0},
	{OPT_SET_DEFAULT, "set-default", "ENTRY", 0,
		"have the entry's own loader remember it as the default; \"\" forgets",
		AT(set_default)},
	{OPT_SET_ONESHOT, "set-oneshot", "ENTRY", 0, "the same, for one boot", AT(set_oneshot)},
	{OPT_KERNEL, "kernel", "FILE", 0, "boot this kernel instead of an entry", AT(kernel)},
	{OPT_INITRD, "initrd", "FILE", 0, "its initrd; may be given several times", 0},
	{OPT_CMDLINE, "cmdline", "TEXT", 0, "its command line; also replaces that of an entry",
		AT(cmdline)},
	{OPT_REUSE_CMDLINE, "reuse-cmdline", NULL, 0, "use the running kernel's command line", 0},
	{OPT_APPEND, "append", "TEXT", 0, "put this behind the command line", AT(append)},
	{OPT_LOADED, "loaded", NULL, 0, "jump into the kernel that is already loaded", 0},
	{OPT_KEY_FILE, "key-file", "FILE", 0,
		"unlock: take the passphrase from this file, all of it (- is standard input); "
		"crash save: ssh's key",
		AT(key_file)},
	{OPT_CONSOLE, "console", "DEVICE", 0,
		"show the menu on this terminal; may be given several times", 0},
	{OPT_TIMEOUT, "timeout", "SECONDS", 0,
		"count down from here, whatever configurations say; -1 does not", AT(timeout)},
	{OPT_CLOSE, "close", NULL, 0, "close what was opened, and what it stands on", 0},
	{OPT_REMOVE, "remove", NULL, 0, "remove this entry, which was kept before", 0},
	{OPT_DRIFT, "drift", NULL, 0, "show how devices differ from what the firmware left", 0},
	{OPT_MODULES, "modules", "DIR", 0, "audit the kernel modules in this directory",
		AT(modules)},
	{OPT_FORCE, "force", NULL, 'f',
		"do it all the same: jump above disks in use (made read-only and left bound), "
		"quiesce above them, save over an earlier baseline, reboot whoever inhibits it, "
		"load a crash kernel that is too large",
		0},
	{OPT_UNATTENDED, "unattended", NULL, 0,
		"where the policy does not load, go by the plan of `stillboot load`, or still "
		"nothing",
		0},
	{OPT_NOW, "now", NULL, 0, "without the service manager: end all processes ourselves", 0},
	{OPT_WAIT, "wait", NULL, 0, "do not return until the shutdown ends us", 0},
	{OPT_WHEN, "when", "TIME", 0,
		"later: +30 (seconds), +5m, HH:MM, \"YYYY-MM-DD HH:MM\"; or cancel", AT(when)},
	{OPT_MESSAGE, "message", "TEXT", 0, "tell this to everybody who is logged in", AT(message)},
	{OPT_NO_WALL, "no-wall", NULL, 0, "tell nobody", 0},
	{OPT_REBOOT, "reboot", "HOW", 0, "what a plain reboot does: kexec or firmware", AT(reboot)},
	{OPT_STOPPING, "stopping", NULL, 0, "the service ends: with the machine, or by itself", 0},
	{OPT_BUDGET, "budget", "SECONDS", 0,
		"begin no step that may not end in this time; restart at once if one hangs",
		AT(budget)},
	{OPT_HISTORY, "history", NULL, 0, "show the last jumps instead", 0},
	{OPT_TO, "to", "PLACE", 0,
		"save the dump in this folder (/var/crash), or in ssh:USER@HOST:/FOLDER", AT(to)},
	{OPT_THEN, "then", "WHAT", 0,
		"what follows, saved or not: reboot, poweroff, or shell (if not saved, and then "
		"reboot)",
		AT(then)},
	{OPT_MAKEDUMPFILE, "makedumpfile", "TEXT", 0,
		"call makedumpfile with these options (\"-l -d 31\")", AT(makedumpfile)},
	{OPT_IF_NEEDED, "if-needed", NULL, 0,
		"do nothing where a crash kernel is loaded or no memory is reserved for one", 0},
	{OPT_VERBOSE, "verbose", NULL, 'v', "tell more", 0},
	{OPT_HELP, "help", NULL, 'h', "print this help", 0},
	{OPT_VERSION, "version", NULL, 'V', "print the version", 0},
};

#define COUNT (sizeof(table) / sizeof(*table))

const char *option_name(option_set option)
{
	for (size_t i = 0; i < COUNT; i++)
		if (table[i].option == option)
			return table[i].name;
	return "";
}

#define MEANING_COLUMN 27

void options_describe(option_set set, FILE *out)
{
	const int right = print_terminal_width(out);

	for (size_t i = 0; i < COUNT; i++) {
		struct print_flow flow = {.out = out, .right = right};
		char left[40];

		if (!(set & table[i].option))
			continue;
		snprintf(left, sizeof(left), "%s%c%s--%s%s%s", table[i].letter ? "-" : " ",
			table[i].letter ? table[i].letter : ' ', table[i].letter ? ", " : "  ",
			table[i].name, table[i].argument ? " " : "",
			table[i].argument ? table[i].argument : "");
		flow.at = fprintf(out, "  %-24s ", left);
		flow.left = MEANING_COLUMN;
		print_flow(&flow, STYLE_PLAIN, table[i].meaning);
		fputc('\n', out);
	}
}

/* The options that may be given several times. */
static int add_to_list(struct options *o, size_t row, const char *value)
{
	const struct {
		option_set option;
		const char **list;
		size_t *count, max;
		const char *what;
	} lists[] = {
		{OPT_INITRD, o->initrds, &o->initrd_count, OPTIONS_INITRDS_MAX, "initrds"},
		{OPT_DIR, o->dirs, &o->dir_count, OPTIONS_DIRS_MAX, "directories"},
		{OPT_CONSOLE, o->consoles, &o->console_count, OPTIONS_CONSOLES_MAX, "consoles"},
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		if (lists[i].option != table[row].option)
			continue;
		if (*lists[i].count == lists[i].max) {
			fprintf(stderr, "stillboot: at most %zu %s\n", lists[i].max, lists[i].what);
			return -EINVAL;
		}
		lists[i].list[(*lists[i].count)++] = value;
		return 1;
	}
	return 0;
}

/* An empty ENTRY or TEXT means something; a file or directory without a name is a slip. */
static int is_nameless(size_t row, const char *value)
{
	const char *argument = table[row].argument;

	return argument && !*value && strcmp(argument, "ENTRY") && strcmp(argument, "TEXT");
}

static int take(struct options *o, size_t row, const char *value)
{
	int rc;

	if (is_nameless(row, value)) {
		fprintf(stderr, "stillboot: --%s needs a name, and was given an empty one\n",
			table[row].name);
		return -EINVAL;
	}
	rc = add_to_list(o, row, value);
	o->given |= table[row].option;
	if (rc == 0 && table[row].argument)
		*(const char **)((char *)o + table[row].value) = value;
	return rc < 0 ? rc : 0;
}

int options_parse(int argc, char **argv, struct options *options)
{
	struct option getopt_table[COUNT + 1] = {0};
	char letters[2 * COUNT + 1] = "";
	size_t n = 0;
	int c;

	*options = (struct options){0};
	for (size_t i = 0; i < COUNT; i++) {
		getopt_table[i].name = table[i].name;
		getopt_table[i].has_arg = table[i].argument ? required_argument : no_argument;
		getopt_table[i].val = 256 + (int)i;
		if (table[i].letter)
			letters[n++] = table[i].letter;
	}
	while ((c = getopt_long(argc, argv, letters, getopt_table, NULL)) != -1) {
		size_t i = 0;

		if (c == '?') /* getopt has said what */
			return -EINVAL;
		while (c >= 256 ? i != (size_t)c - 256 : table[i].letter != c)
			i++;
		if (take(options, i, optarg) < 0)
			return -EINVAL;
	}
	if (optind < argc)
		options->command = argv[optind++];
	options->arguments = (const char *const *)argv + optind;
	options->argument_count = (size_t)(argc - optind);
	return 0;
}
