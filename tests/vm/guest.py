# SPDX-License-Identifier: GPL-2.0-or-later
"""One virtual machine: its serial console is the whole interface."""

import json
import re
import time

import pexpect

from monitor import Monitor

PROMPT = r'\n\[lab (\d) rc (\d+)\]\$ '
# The first line of any kernel; the first kernel's is past when its first prompt is there.
NEXT_KERNEL = r'Linux version [^\n]*\n'
PANIC = r'Kernel panic - not syncing: ([^\n]*)\n'
QUIET_SECONDS = 5
STRAY = "interrupt from the previous kernel's context"


class GuestError(AssertionError):
    """The guest did not do what was waited for; the text carries the end of its console."""


class Console(pexpect.spawn):
    """A spawned program whose lines end with one newline, however many terminals they crossed; it
    inherits one file descriptor."""

    def __init__(self, argv, inherited, **kwargs):
        self.inherited = inherited
        super().__init__(argv[0], argv[1:], **kwargs)

    def _spawnpty(self, args, **kwargs):
        return super()._spawnpty(args, pass_fds=(self.inherited,), **kwargs)

    def read_nonblocking(self, size=1, timeout=-1):
        return super().read_nonblocking(size, timeout).replace('\r', '')


class PlainLog:
    """What the console said, without carriage returns, on the disk at once."""

    def __init__(self, path):
        self.file = open(path, 'w', encoding='utf-8')

    def write(self, text):
        self.file.write(text.replace('\r', ''))

    def flush(self):
        self.file.flush()

    def close(self):
        self.file.close()


class Guest:
    """A running QEMU. Every wait ends at the guest's own deadline, if not before."""

    def __init__(self, argv, log, seconds):
        self.deadline = time.monotonic() + seconds
        self.log_path = log
        self.log = PlainLog(log)
        self.monitor = Monitor(seconds)
        self.child = Console(argv + self.monitor.options(), self.monitor.there.fileno(),
                             echo=False, encoding='utf-8', codec_errors='replace',
                             maxread=65536, timeout=seconds)
        self.monitor.started()
        self.child.delaybeforesend = None
        self.child.logfile_read = self.log
        self.stage = 0

    def expect(self, *patterns):
        """Wait for one of these regular expressions; returns which, and what stood before it."""
        left = max(self.deadline - time.monotonic(), 0.1)
        try:
            found = self.child.expect(list(patterns), timeout=left)
        except pexpect.EOF:
            raise GuestError(self.failure(f'it ended while waiting for {patterns}')) from None
        except pexpect.TIMEOUT:
            failure = self.failure(f'its time ended, waiting for {patterns}')
            raise GuestError(failure + self.tasks()) from None
        return found, self.child.before

    def tasks(self):
        """What the kernel says of memory, of tasks that are blocked and of what its processors do, by
        SysRq; a kernel that says nothing has its interrupts off."""
        begin = len(self.log_path.read_text())
        for key in '9mwl':
            self.monitor.command('chardev-send-break', id='serial0')
            self.child.send(key)
            # Nothing tells where its answer ends.
            while self.child.expect([r'\n', pexpect.TIMEOUT, pexpect.EOF], timeout=QUIET_SECONDS) == 0:
                pass
        return f'\nSysRq:\n{self.log_path.read_text()[begin:]}'

    def prompt(self):
        """Wait for the shell; returns exit status and output of what ran before it."""
        _, before = self.expect(PROMPT)
        self.stage = int(self.child.match.group(1))
        return int(self.child.match.group(2)), before.strip('\n')

    def send(self, command):
        # One line, and no longer than the guest's terminal takes.
        assert len(command) < 4000 and '\n' not in command
        self.child.send(command + '\n')

    def status(self, command):
        """Run a command; returns its exit status and what it printed."""
        self.send(command)
        return self.prompt()

    def run(self, command):
        """Run a command that has to succeed; returns what it printed."""
        rc, output = self.status(command)
        if rc != 0:
            raise GuestError(f'"{command}" gave {rc}:\n{output}\n(console: {self.log_path})')
        return output

    def json(self, command):
        """Run a command that has to succeed and prints JSON and nothing else."""
        return json.loads(self.run(command))

    def cmdline(self):
        """The command line of a kernel that was jumped into, without the word that names the handoff."""
        word, _, cmdline = self.run('cat /proc/cmdline').partition(' ')
        assert re.fullmatch('stillboot.handoff=[0-9a-f]{32}', word), word
        return cmdline

    def handoff(self):
        """What the handoff in the initramfs has."""
        return self.json('sed 1d /stillboot/handoff')

    def slot(self, identity):
        """The slot of the one function with this vendor:device."""
        lines = self.run(f'lspci -Dn -d {identity}').splitlines()
        assert len(lines) == 1, f'{identity}: {lines}'
        return lines[0].split()[0]

    def driver(self, slot):
        """Name of the bound driver, or an empty string."""
        return self.run(f'readlink /sys/bus/pci/devices/{slot}/driver || :').split('/')[-1]

    def drivers(self):
        """Slot and driver of every bound function."""
        links = self.run('for d in /sys/bus/pci/devices/*; do [ -e $d/driver ] && '
                         'l=$(readlink $d/driver) && echo "${d##*/} ${l##*/}"; done; :')
        # A driver's name may have spaces ("i6300ESB timer").
        return dict(line.split(maxsplit=1) for line in links.splitlines())

    def disk(self, slot):
        """Name of the NVMe disk of this function; the kernel numbers them as they come."""
        names = self.run(f'basename -a /sys/bus/pci/devices/{slot}/nvme/nvme*/nvme*n*')
        return names.split()[0]

    def config(self, slot, register):
        """A configuration register, by setpci's name for it, as a number."""
        return int(self.run(f'setpci -s {slot} {register}'), 16)

    def write_file(self, path, text):
        quoted = text.replace('\\', '\\\\').replace('\n', '\\n').replace("'", "'\\''")
        self.run(f"mkdir -p $(dirname {path}) && printf '%b' '{quoted}' > {path}")

    def next_kernel(self):
        """Wait until the next kernel speaks, then for its shell or its end. Returns what it
        printed up to there, and the text of its panic or None."""
        found, before = self.expect(NEXT_KERNEL, PROMPT)
        if found == 1:
            raise GuestError(self.failure(f'no jump, the command came back: {before}'))
        return self.arrival()

    def arrival(self):
        """The second half of next_kernel()."""
        found, before = self.expect(PROMPT, PANIC)
        if found == 1:
            return before, self.child.match.group(1)
        self.stage = int(self.child.match.group(1))
        return before, None

    def end(self):
        """Wait for the machine to restart, which ends QEMU (-no-reboot); returns what it said."""
        left = max(self.deadline - time.monotonic(), 0.1)
        try:
            self.child.expect(pexpect.EOF, timeout=left)
        except pexpect.TIMEOUT:
            raise GuestError(self.failure('it never restarted')) from None
        return self.child.before

    def panic(self):
        """Wait for this kernel to panic; returns the text."""
        self.expect(PANIC)
        return self.child.match.group(1)

    def close(self):
        self.child.close(force=True)
        self.monitor.close()
        self.log.close()

    def failure(self, what):
        said = self.child.before
        tail = said[-2500:] if isinstance(said, str) else ''
        return f'the guest failed: {what}; its console ({self.log_path}) ends:\n{tail}'


def between(text, begin, end):
    """What was printed between two lines that begin so."""
    found = re.search(rf'{re.escape(begin)}[^\n]*\n(.*?){re.escape(end)}', text, re.DOTALL)
    assert found, f'no "{begin}" ... "{end}" in:\n{text[-2000:]}'
    return found.group(1)
