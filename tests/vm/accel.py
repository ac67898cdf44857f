# SPDX-License-Identifier: GPL-2.0-or-later
"""Hardware acceleration where a guest really runs under it, software emulation elsewhere.

That /dev/kvm opens, or even that a machine can be created, proves little: inside some clouds the
guest then hangs in its first real-mode code. So a kernel is really started."""

import os
import subprocess
import threading
from pathlib import Path

PROBE_SECONDS = 10


def boots(options, kernel):
    """Does the kernel print its first line before the time is over?"""
    argv = ['qemu-system-x86_64', '-machine', 'q35', *options, '-m', '256', '-display', 'none',
            '-serial', 'stdio', '-no-reboot', '-nodefaults', '-kernel', str(kernel),
            '-append', 'console=ttyS0 earlyprintk=ttyS0 panic=-1']
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as qemu:
        timer = threading.Timer(PROBE_SECONDS, qemu.kill)
        timer.start()
        try:
            return any(b'Linux version' in line for line in qemu.stdout)
        finally:
            timer.cancel()
            qemu.kill()


def find(cache, kernel):
    """The QEMU options; the answer holds until this machine boots again."""
    boot = Path('/proc/sys/kernel/random/boot_id').read_text(encoding='ascii').strip()
    if cache.exists():
        known_boot, _, options = cache.read_text(encoding='ascii').partition(' ')
        if known_boot == boot:
            return options.split()
    options = ['-accel', 'tcg']
    if os.access('/dev/kvm', os.R_OK | os.W_OK) and boots(['-accel', 'kvm'], kernel):
        options = ['-accel', 'kvm']
    cache.write_text(f'{boot} {" ".join(options)}', encoding='ascii')
    return options
