// SPDX-License-Identifier: GPL-2.0-or-later
#include <fcntl.h>
#include <jansson.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>
#include <unistd.h>

#include "devices/clock.h"
#include "devices/log.h"
#include "ui/command.h"
#include "ui/json.h"
#include "ui/persona.h"

#define COMMON (OPT_ROOT | OPT_DRY_RUN | OPT_POLICY | OPT_VERBOSE | OPT_HELP)
#define MANY SIZE_MAX
#define PLACES (OPT_ALL_DISKS | OPT_DIR | OPT_IMAGE)
#define TARGET                                                                                     \
	(OPT_KERNEL | OPT_INITRD | OPT_CMDLINE | OPT_REUSE_CMDLINE | OPT_ALL_DISKS | OPT_APPEND)

static const struct row {
	const char *name;
	command *run;
	option_set options;
	const char *arguments; /* what stands behind it, for the help; NULL if it takes none */
	size_t arguments_max;
	const char *summary, *help;
} commands[] = {
	{"list", command_list,
		COMMON | OPT_JSON | OPT_EXPLAIN | PLACES | OPT_WATCH | OPT_SET_DEFAULT |
			OPT_SET_ONESHOT,
		NULL, 0, "list the boot entries",
		"Entries come from all configurations on this machine's filesystems; in an\n"
		"initramfs, of all disks. Nothing is written. The default entry is marked with a\n"
		"star (--explain tells why); one that cannot be booted says why. -v shows what "
		"each\n"
		"boots, and hidden ones. --dir and --image try configurations without a machine."},
	{"menu", command_menu, COMMON | OPT_CONSOLE | OPT_TIMEOUT | OPT_ALL_DISKS | OPT_DIR, NULL,
		0, "choose what to boot, on one screen or several",
		"Entries show up as they are found. Without --console it is on this terminal; a "
		"dumb\n"
		"one, or a pipe, gets a numbered list. What is chosen is booted as exec does. "
		"Each\n"
		"screen says what its keys do; ? tells more."},
	{"show", command_show, COMMON | OPT_JSON | PLACES, "[ENTRY]", 1,
		"show all about one boot entry",
		"Its files, its command line as it would be given, where it is written, and what "
		"is\n"
		"written when it is booted. Without ENTRY it is the default."},
	{"devices", command_devices, COMMON | OPT_JSON | OPT_PCI_DUMP | OPT_DRIFT, NULL, 0,
		"show the PCI devices as a tree",
		"For each function: driver, resets, and what else stilling it depends on. -v shows "
		"all\n"
		"that is known of it. Of a dump's functions nobody knows who uses them."},
	{"audit", command_audit, COMMON | OPT_JSON | OPT_MODULES, NULL, 0,
		"list the drivers that plain kexec would leave running",
		"kexec calls each driver's shutdown(); most have none. For each driver in use, the "
		"worst\nfirst: whether it has shutdown() and remove(), and what stillboot will do. "
		"With\n--modules, of all PCI drivers in a directory of kernel modules."},
	{"plan", command_plan, COMMON | OPT_JSON | OPT_PCI_DUMP | OPT_EXPLAIN | OPT_DIFF, "[SLOT]",
		1, "show what would be done to each device",
		"Touches nothing. For each function: quiesce or leave, with which steps, why, and\n"
		"which line of which policy file said so. What follows an \"or\" is done only "
		"where\n"
		"it is needed. What belongs to no function stands in its place: what is above it "
		"is\n"
		"done before it, what is below it after it, and so is a \"later\" step. A "
		"terminal\n"
		"gets equal neighbours folded; -v shows all, and how the policy wants to boot. Of "
		"a\n"
		"dump's functions nobody knows who uses them: the plan is that of an idle "
		"machine,\n"
		"by the rules of this one.\n\n"
		"With a SLOT (0000:01:00.0, 01:00.0, platform:NAME) it explains: every rule in "
		"the\n"
		"order in which it is read: whether it matches and what it decides, or the first\n"
		"field that does not agree and what it saw.\n\n"
		"--diff FILE shows what --policy, or none, changes against --policy FILE; "
		"/dev/null\n"
		"is no file. Differences or not, the exit code is 0."},
	{"policy", command_policy, COMMON | OPT_JSON | OPT_UPDATE,
		"check [FILE...] | list | test DIR", MANY, "check, list and test policy files",
		"check: all that is wrong in each FILE, or in what is installed here, one a line:\n"
		"       FILE:LINE:COLUMN: TEXT. Exit code 1 if anything is.\n"
		"list:  the files of the policy, in the order in which they are read.\n"
		"test:  the plan of each machine in DIR against what is expected; exit code 1 if\n"
		"       one differs. A machine is NAME.lspci (`lspci -D -k -xxxx` printed it) or "
		"a\n"
		"       captured tree NAME/; NAME.plan is what `stillboot plan` has to print. The\n"
		"       rules are the tree's own, for dumps those of DIR/etc/stillboot/policy.d;\n"
		"       then --policy FILE or DIR/policy.lua. --update writes what is expected."},
	{"unlock", command_unlock, COMMON | OPT_ALL_DISKS | OPT_KEY_FILE | OPT_CLOSE, "[DEVICE]", 1,
		"open an encrypted volume, read-only",
		"LUKS1 and LUKS2, by libcryptsetup. DEVICE is /dev/sda2 or UUID=...; one on RAID "
		"or LVM\n"
		"is found by its UUID. The passphrase is asked for, three times at most, or read "
		"from\n"
		"standard input. The volume stays open until `stillboot load` or `exec` has read "
		"what "
		"it\n"
		"needs. With --close it is closed now; without a DEVICE, all."},
	{"settings", command_settings, COMMON | OPT_JSON | PLACES, "[NAME[=VALUE]...]", MANY,
		"show and change what the menu keeps",
		"Without NAME, all settings; with it, what its value is. NAME=VALUE keeps one, "
		"NAME=\n"
		"forgets it: in an EFI variable or in a file on the boot disk, the disk of the "
		"first\n"
		"menu. `password=-` asks for a password, or reads it from standard input, and "
		"keeps "
		"its\nhash."},
	{"keep", command_keep,
		COMMON | OPT_KERNEL | OPT_INITRD | OPT_CMDLINE | OPT_ALL_DISKS | OPT_REMOVE,
		"TITLE [ENTRY]", 2, "keep an entry of one's own",
		"Writes a file of the Boot Loader Specification beside the kernel of ENTRY, or of "
		"the\n"
		"default one, with --cmdline for another command line; or for --kernel. Such an "
		"entry\n"
		"is never the default by itself. --remove takes one away, by its id."},
	{"load", command_load, COMMON | TARGET, "[ENTRY]", 1, "load a kernel for a later jump",
		"Copies kernel and initrd into memory, checks them and loads them. ENTRY is an id "
		"or a\n"
		"title as `stillboot list` shows it; without one the default entry is loaded."},
	{"unload", command_unload, COMMON, NULL, 0, "forget the loaded kernel", "Undoes load."},
	{"exec", command_exec, COMMON | TARGET | OPT_FORCE | OPT_LOADED | OPT_UNATTENDED, "[ENTRY]",
		1, "still the devices and jump into a kernel, now",
		"Stops no services: refuses above writable disks and swap. Finds the entry, shows "
		"the\n"
		"plan, loads the kernel, unbinds and resets the devices, proves that they are "
		"still, and\n"
		"jumps. Until the first unbind every failure leaves the machine as it was."},
	{"reboot", command_reboot,
		COMMON | TARGET | OPT_FORCE | OPT_NOW | OPT_WAIT | OPT_WHEN | OPT_MESSAGE |
			OPT_NO_WALL,
		"[ENTRY]", 1, "shut down in order and jump into a kernel",
		"Loads the kernel while everything works, then has systemd shut down; when all is "
		"unmounted\n"
		"the devices are stilled, and the machine jumps. --now does it without systemd. "
		"A failure\n"
		"before the shutdown leaves the machine as it was. --dry-run shows what would be "
		"booted\nand what would be done."},
	{"enable", command_enable, COMMON | OPT_REBOOT, NULL, 0,
		"have every shutdown by kexec go through stillboot",
		"Starts stillboot.service, which keeps a kernel loaded and takes care that it is "
		"the newest\n"
		"choice. `systemctl kexec` then does what `stillboot reboot` does."},
	{"disable", command_disable, COMMON, NULL, 0, "undo enable", "Nothing stays behind."},
	{"status", command_status, COMMON | OPT_JSON, NULL, 0,
		"tell what is enabled and preloaded, and what a reboot will do",
		"Exit code 0 if it is enabled and ready, 1 if not."},
	{"refresh", command_refresh, COMMON | OPT_STOPPING, NULL, 0,
		"load anew what the configuration names; for stillboot.service",
		"What was loaded by hand stays. With --stopping, what the end of the service asks "
		"for:\n"
		"in a shutdown by kexec the choice is made anew, else what was loaded is "
		"unloaded."},
	{"quiesce", command_quiesce, COMMON | OPT_BUDGET | OPT_JSON | OPT_FORCE | OPT_UNATTENDED,
		NULL, 0, "still the devices, and stay in this kernel",
		"Unbinds and resets the devices as exec does, and ends with what is still, loud or "
		"left.\nRefuses while a disk is in use. Succeeds only if nothing is loud. "
		"`stillboot "
		"rebind`\nundoes it."},
	{"save", command_save, COMMON | OPT_FORCE, NULL, 0,
		"save what the firmware left, before drivers change it",
		"Writes the configuration space of every function to /run/stillboot/baseline. To "
		"be "
		"run\nin the initramfs, before the first driver binds. `stillboot devices --drift` "
		"compares\nwith it; the step \"restore\" of a policy goes back to it."},
	{"crash", command_crash,
		COMMON | OPT_KERNEL | OPT_INITRD | OPT_CMDLINE | OPT_REUSE_CMDLINE | OPT_APPEND |
			OPT_ALL_DISKS | OPT_FORCE | OPT_IF_NEEDED | OPT_JSON | OPT_TO | OPT_THEN |
			OPT_MAKEDUMPFILE | OPT_KEY_FILE,
		"load [ENTRY] | unload | status | save", 2,
		"load a kernel for a crash; there, save the dump",
		"load:   into the memory that crashkernel= reserves; of an ENTRY, else of the one "
		"that\n"
		"        runs, with its command line made one for a crash kernel. An initrd that\n"
		"        kdump-tools or kdump-utils made is used. The one before is replaced.\n"
		"unload: undoes it.\n"
		"status: what is reserved and loaded; exit code 0 if a crash kernel is loaded.\n"
		"save:   in the crash kernel, write messages and dump by makedumpfile."},
	{"preinit", command_preinit, COMMON | OPT_JSON | OPT_FORCE, NULL, 0,
		"before drivers load: keep what was handed over, reset what is loud",
		"To be run in the initramfs, before the first driver is loaded. After a boot by "
		"the\n"
		"firmware it saves the baseline. After a kexec it keeps the previous kernel's "
		"handoff,\n"
		"resets each function without a driver that is loud, and puts settings back that "
		"a\n"
		"reset has cleared. In a crash kernel every PCIe function without a driver is "
		"reset,\n"
		"but displays. stillboot.preinit=off on the command line switches it off."},
	{"rebind", command_rebind, COMMON, NULL, 0, "undo a quiesce: bind the drivers again",
		"Drivers, their autoprobe, power control and virtual functions are put back as "
		"they "
		"were\nbefore `stillboot quiesce`."},
	{"report", command_report, COMMON | OPT_JSON | OPT_HISTORY, NULL, 0,
		"tell what happened on the way into this kernel",
		"From the request to the login: how long each part took, what was done to which "
		"device,\n"
		"and what both kernels said of devices in trouble, with rules that may help. -v "
		"shows\n"
		"every step. The first report of root in a boot is kept in "
		"/var/lib/stillboot/history;\n"
		"--history shows the last of these."},
};

#define COUNT (sizeof(commands) / sizeof(*commands))

static void print_general_help(FILE *out)
{
	fprintf(out,
		"Usage: stillboot [OPTIONS] COMMAND\n\n"
		"Boot another kernel by kexec, with every device stilled first.\n\nCommands:\n");
	for (size_t i = 0; i < COUNT; i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
	fprintf(out, "\nOptions for all commands:\n");
	options_describe(COMMON | OPT_VERSION, out);
	fprintf(out, "\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by policy or for "
		     "safety.\n"
		     "`stillboot plan` is a good first look: it touches nothing.\n"
		     "`stillboot COMMAND --help` tells more.\n");
}

static void print_help(const struct row *row)
{
	printf("Usage: stillboot %s [OPTIONS]%s%s\n\n%s\n\nOptions:\n", row->name,
		row->arguments ? " " : "", row->arguments ? row->arguments : "", row->help);
	options_describe(row->options, stdout);
}

static const struct row *find_command(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

/* Is what was given what the command takes? Says what is not. */
static int check_usage(const struct row *row, const struct options *o)
{
	option_set odd = o->given & ~(row->options | OPT_VERSION);

	if (odd) {
		log_error("%s does not take --%s", row->name, option_name(odd & -odd));
		return 0;
	}
	if (o->argument_count > row->arguments_max) {
		log_error("%s takes %s ('%s')", row->name,
			row->arguments_max ? "one argument" : "no argument",
			o->arguments[row->arguments_max]);
		return 0;
	}
	return 1;
}

static enum exit_code run(struct session *s, const struct row *row)
{
	enum exit_code code;
	struct err err;

	if (machine_open(&s->machine, s->options.root, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	if ((s->options.given & OPT_DRY_RUN) &&
		machine_make_dryrun(&s->machine, s->memory, &err) < 0)
		return command_fail(EXIT_FAILED, &err);
	code = row->run(s);
	machine_close(&s->machine);
	return code;
}

static enum log_level log_level(const struct options *o)
{
	if (o->given & OPT_VERBOSE)
		return LOG_DEBUG;
	return o->given & OPT_DRY_RUN ? LOG_INFO : LOG_WARN; /* a dry run is there to tell */
}

/* Find the command and do it. */
static enum exit_code obey(struct session *s)
{
	const struct row *row;

	if (s->options.given & OPT_VERSION) {
		printf("stillboot %s\n", STILLBOOT_VERSION);
		return EXIT_DONE;
	}
	if (!s->options.command) {
		int asked = (s->options.given & OPT_HELP) != 0;

		print_general_help(asked ? stdout : stderr);
		return asked ? EXIT_DONE : EXIT_USAGE;
	}
	row = find_command(s->options.command);
	if (!row) {
		log_error("there is no command '%s'; `stillboot --help` lists them",
			s->options.command);
		return EXIT_USAGE;
	}
	if (s->options.given & OPT_HELP) {
		print_help(row);
		return EXIT_DONE;
	}
	return check_usage(row, &s->options) ? run(s, row) : EXIT_USAGE;
}

/* Who asked for JSON gets the error as JSON too, beside the line on standard error. */
static void answer_error(struct session *s)
{
	if (s->options.given & OPT_JSON && !s->answered && *log_last_error())
		command_print_json(s, json_pack("{so}", "error", json_text(log_last_error())));
}

/* Whoever started us may have closed what we take for the standard files: a file of ours with such a number
 * would get what we print, and children lose it. Children that nobody can wait for, because SIGCHLD is
 * ignored, have no exit status. */
static void put_right_what_is_inherited(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
		if (fd < 0)
			fd = open("/", O_PATH);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	close(fd);
	signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
	static char name[] = "stillboot";
	const struct persona *persona = argc ? persona_called(argv[0]) : NULL;
	struct session s = {.memory = NULL, .began_us = clock_wall_us()};
	enum exit_code code;

	put_right_what_is_inherited();
	/* Else jansson asks the kernel for a random number, which early in a boot takes it a second
	 * (drivers/char/random.c, try_to_generate_entropy). */
	json_object_seed((size_t)clock_now_us() | 1);
	/* Not LC_MESSAGES: strerror() would read its catalogue from a disk that is unbound by then. */
	setlocale(LC_CTYPE, "");
	setvbuf(stdout, NULL, _IOLBF, 0); /* in order with what the log sink writes */
	if (persona)
		return persona->run(argc, argv);
	if (argc)
		argv[0] = name; /* what getopt_long() begins its errors with */
	if (options_parse(argc, argv, &s.options) < 0)
		return EXIT_USAGE;
	/* JSON has standard output to itself. */
	log_setup(s.options.given & OPT_JSON ? STDERR_FILENO : STDOUT_FILENO, STDERR_FILENO,
		log_level(&s.options));
	s.memory = talloc_new(NULL);
	code = obey(&s);
	if (code != EXIT_DONE)
		answer_error(&s);
	if ((fflush(stdout) || ferror(stdout)) && code == EXIT_DONE) {
		log_error("the output could not be written");
		code = EXIT_FAILED;
	}
	talloc_free(s.memory);
	return code;
}
