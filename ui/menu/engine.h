/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MENU_ENGINE_H
#define MENU_ENGINE_H

/*
 * The menu's other half: a child process that finds entries, opens encrypted volumes, loads kernels and
 * jumps, so that the half with the screens never waits for a disk, and survives what a disk's bytes do to
 * a parser. They talk over a stream socket; each message is one JSON object on a line of its own
 * (message.h). What cannot be told in a message, such as what a library prints, comes through the
 * engine's standard output and error, line by line, into the log.
 *
 * Requests, {"ask": WHAT, ...}. Each is answered, in order, by {"say": "done" or "failed", "ask": WHAT,
 * "text": SENTENCE (null with "done")} after whatever else it brings.
 *
 *   look      {}                     begin to find entries and go on; sent once, at first. It is done at once.
 *   plan      {leave: [SLOT...]}     "plan": what would be done now, with these functions left alone
 *   devices   {}                     "devices"
 *   facts     {}                     "facts": about this machine
 *   report    {}                     "report": what the kernel before this one did
 *   unlock    {device, passphrase}   open it; entries on it follow by themselves
 *   default   {id, once: BOOL}       the choice is kept as `list --set-default`, `--set-oneshot` do; id "" forgets
 *   settings  {}                     "settings"
 *   set       {values: {NAME: VALUE}, ...}  keep settings; null forgets one
 *   keep      {title, edit: EDIT}    keep it as an entry of the user's own
 *   drop      {id}                   remove an entry that was kept so
 *   boot      {id (null for an entry made from nothing), edit: EDIT or null, leave: [SLOT...]}
 *             jump into it. It comes back with "failed" only if nothing was touched; if it came so far
 *                 that the disks were let go of, entries are told anew, and what was unlocked is locked again.
 *                 "done" is what a dry run says.
 *   power     {what: "reboot", "firmware", "poweroff"}
 *   bye       {}                     end: everything is put back
 *
 *   EDIT is {device, linux, initrd: [PATH...], devicetree, options}: all of it, as it is to be. device is the
 *   name of a volume ("/dev/sda2"), "" where paths are those of the running system.
 *
 * Messages of its own accord, {"say": WHAT, ...}:
 *
 *   volumes   {volumes: [{device, label, type, uuid, disk, mounted}]}
 *   entries   {}                     all entries are told anew, each by an "entry", up to
 *   entry     as in `list --json` (entries.h), and in each of its files "bytes" (null where it is not there);
 *             and "volume": index into volumes of where it is written (null for none)
 *   listed    {timeout: SECONDS, "never" or null, choices, problems, busy: [DEVICE...], locked: [{device, name, uuid}]}
 *             that was all. busy are devices that may still answer; those that a deadline will end.
 *             With policy_error, a sentence, where the policy does not load.
 *   log       {level: "error", "warn", "info", "debug", text}
 *   plan      {rows: [{depth, slot, name, kind ("bridge", "device", "errand", "option", "off"), what, reason,
 *             rule, action ("quiesce", "left", null), by_hand: BOOL}], error: the policy's, or null}
 *   devices   {rows: [{depth, slot, name, driver, uses, drift: BOOL, lines: [TEXT...]}]}
 *   facts     {rows: [{label, value, state ("good", "warn", "bad", null)}]}
 *   report    {rows: [{text, state, detail: [TEXT...]}]}
 *   settings  {rows: [{name, value, stored: where, or null, choices: [..] or null}]}; of the password its hash
 *   phase     {phase: "pin", "load", "check", "hold", "quiesce", "reload", "jump"}: how far a boot is
 *   step      {slot, step, state: "begun", "ok", "failed", "hung", "late", "skipped", start_us, duration_us,
 *             deadline_ms, detail}  answered by {"ask": "heard"} when it is on the screens, if that takes less
 *             than ENGINE_HEARD_MS; so the last line that is seen names the step that hung. The engine waits
 *             before a step is begun, until the first answer that does not come, and 5 s in all.
 *   verdict   {slot, verdict: "still", "loud", "left", why}
 */

#include "ui/command.h"

#define ENGINE_HEARD_MS 100
#define ENGINE_MESSAGE_MAX (1 << 20) /* bytes of one line */

/* Be the engine, on this socket, until "bye" or until it is closed. */
enum exit_code engine_run(struct session *s, int socket);

#endif
