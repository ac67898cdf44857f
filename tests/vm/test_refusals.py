# SPDX-License-Identifier: GPL-2.0-or-later
"""What bad input gets: one line that names the thing, the right exit code, and a machine on which
nothing happened."""

import machines
import pytest
from lab import BROKEN_DISK, EXEC, GRUB_DISK, NEXT

MODULES = 'lab.modules=nvme,ext4,e1000e,faulty faulty.asserted=1'
FILES = '--kernel /boot/vmlinuz --initrd /boot/initramfs'
TYPO = 'device { drvier = "nvme", leave = true, why = "it must not be touched" }\n'
TRUNCATED = '/tmp/truncated'


class Refusing:
    """A guest and the drivers that it had: after every refusal they must be there still."""

    def __init__(self, guest):
        self.guest = guest
        self.bound = guest.drivers()
        assert 'faulty' in self.bound.values()

    def refuses(self, command, code, *words):
        rc, said = self.guest.status(command)
        assert rc == code, f'{command}: {rc}\n{said}'
        lines = said.splitlines()
        assert len(lines) == 1, f'{command}: more than one line:\n{said}'
        for word in words:
            assert word in lines[0], f'{command}: no "{word}" in:\n{said}'
        assert self.guest.drivers() == self.bound, command
        return lines[0]


@pytest.fixture
def refusing(start):
    guest = start(machines.tree(BROKEN_DISK, GRUB_DISK), MODULES)
    return Refusing(guest)


def test_bad_images_and_entries(refusing):
    guest = refusing.guest
    entries = {entry['id']: entry for entry in guest.json('stillboot list --json')['entries']}
    assert entries['lab']['bootable']
    for broken, reason in {'no-initrd': 'gone', 'gone': 'dead'}.items():
        assert not entries[broken]['bootable'] and reason in entries[broken]['reason']
    guest.run(f'head -c 65536 /boot/vmlinuz > {TRUNCATED}')
    initrd = '--initrd /boot/initramfs --cmdline x'
    for action in ('load', 'exec'):
        refusing.refuses(f'stillboot {action} truncated', 1, 'truncated')
        refusing.refuses(f'stillboot {action} text', 1, 'text')
        refusing.refuses(f'stillboot {action} no-initrd', 1, 'gone')
        refusing.refuses(f'stillboot {action} "On a disk that is gone"', 1, 'dead')
        refusing.refuses(f'stillboot {action} no-such-entry', 1, 'no-such-entry')
        refusing.refuses(f'stillboot {action} --kernel {TRUNCATED} {initrd}', 1, TRUNCATED)
        refusing.refuses(f'stillboot {action} --kernel /boot/gone {initrd}', 1, '/boot/gone')
        refusing.refuses(f'stillboot {action} --kernel /boot/vmlinuz --initrd /boot/gone', 1,
                         '/boot/gone')
    # Nothing of all this is loaded now.
    assert guest.run('cat /sys/kernel/kexec_loaded') == '0'


def test_bad_policy(refusing):
    guest = refusing.guest
    guest.write_file('/tmp/typo.lua', TYPO)
    for action in ('load', 'exec'):
        refusing.refuses(f'stillboot {action} --policy /tmp/typo.lua {FILES}', 3,
                         'typo.lua:', 'drvier')
    built_in = guest.json('stillboot plan --json')['devices']
    guest.write_file('/etc/stillboot/policy.d/50-typo.lua', TYPO)
    for action in ('load', 'exec'):
        refusing.refuses(f'stillboot {action} {FILES}', 3, '50-typo.lua:', 'drvier')
    for action in ('list', 'devices', 'plan'):
        said = guest.run(f'stillboot {action}')
        assert '50-typo.lua:' in said and 'drvier' in said
    assert guest.json('stillboot plan --json 2>/dev/null')['devices'] == built_in
    # The file is what stood in the way.
    guest.run('rm /etc/stillboot/policy.d/50-typo.lua')
    guest.run(f'stillboot load {FILES} --cmdline "{NEXT}"')
    assert guest.run('cat /sys/kernel/kexec_loaded') == '1'
    guest.run('stillboot unload')
    assert guest.run('cat /sys/kernel/kexec_loaded') == '0'
    assert guest.drivers() == refusing.bound


def test_rights_and_namespaces(refusing):
    guest = refusing.guest
    refusing.refuses(f"su nobody -c 'stillboot exec {FILES}'", 1, 'root')
    refusing.refuses(f'unshare -p -f --mount-proc {EXEC}', 3, 'PID namespace')
    refusing.refuses('stillboot frobnicate', 2, 'frobnicate')
    guest.run('echo 1 > /proc/sys/kernel/kexec_load_disabled')
    refusing.refuses(EXEC, 1, 'kexec_load_disabled')


def test_no_pci_still_jumps(start):
    # No microvm: without a second clock its kernels hang now and then on a busy host. The
    # firmware's tables complain about pci=off, hence the log level.
    guest = start(machines.q35(), 'pci=off loglevel=1')
    assert guest.run('ls /sys/bus/pci/devices') == ''
    assert guest.json('stillboot plan --json')['devices'] == []
    guest.send(EXEC)
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    report = guest.json('stillboot report --json')
    assert report['steps'] == [] and report['loud'] == 0
