# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian whose root lies on a stack of storage: LVM on LUKS2 on a RAID1 of two NVMe disks. Only the exitrd
can take it apart, when nothing of the root is in use any more. `make soak` runs it; the emulated processor
takes its time over AES."""

import re

import debian
import pytest
import stacks
from guest import PANIC
from test_debian import jump

FOLDER = debian.FOLDER / 'stacked'
DISKS = [FOLDER / 'one.img', FOLDER / 'two.img']
MEBIBYTES = 560  # of each; the filesystem has 512
CRYPT_UUID = '0d4b7a2e-53c1-4c59-b1a5-6c2f5a7a6d22'
SECOND_DISK = '0000:03:00.0'
# By these names cryptsetup, LVM and md ask for them.
MODULES = ['md-mod', 'raid1', 'dm-mod', 'dm-crypt', 'xts', 'ecb', 'cbc', 'aes_generic', 'sha256_generic',
           'algif_hash', 'algif_skcipher']
UNLOCK = r'Please unlock disk cr[^\n]*: '

MAKE = '''#!/bin/sh -ex
export DM_DISABLE_UDEV=1
modprobe raid1
modprobe dm-crypt
mdadm --create /dev/md0 --run -l1 -n2 --name=root --homehost=lab --assume-clean /dev/vdb /dev/vdc
printf @PASSPHRASE@ > /key
cryptsetup -q luksFormat --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --uuid @UUID@ /dev/md0 /key
cryptsetup open /dev/md0 cr -d /key
lvm pvcreate /dev/mapper/cr
lvm vgcreate vg /dev/mapper/cr
lvm lvcreate -y -L 512M -n root vg
dd if=/dev/vda of=/dev/vg/root bs=1M
lvm vgchange -an vg
cryptsetup close cr
mdadm --stop /dev/md0
sync
'''


class Locked(debian.Debian):
    """Its initramfs asks for a passphrase."""

    def unlock(self):
        """Returns what was said before, and the text of a panic or None."""
        found, before = self.expect(UNLOCK, PANIC)
        if found == 1:
            return before, self.child.match.group(1)
        self.send(stacks.PASSPHRASE)
        return before, None

    def arrival(self):
        before, panic = self.unlock()
        if panic:
            return before, panic
        after, panic = super().arrival()
        return before + after, panic


def add(root):
    """How the system finds its root."""
    debian.write(root, 'etc/crypttab', f'cr UUID={CRYPT_UUID} none luks,initramfs\n')
    debian.write(root, 'etc/mdadm/mdadm.conf', 'HOMEHOST <ignore>\nARRAY /dev/md0 metadata=1.2 name=lab:root\n')


def make(start, lab):
    """The disks, from a Debian on one filesystem."""
    with lab.lock():
        debian.make(FOLDER, MODULES, add)
        if not lab.stale(DISKS[1], [FOLDER / 'disk.img', __file__]):
            return
    for disk in DISKS:
        with open(disk, 'wb') as image:
            image.truncate(MEBIBYTES << 20)
    guest = start(stacks.writable([FOLDER / 'disk.img', *DISKS]), 'lab.modules=virtio-pci,virtio-blk', 900,
                  lab.STORAGE_INITRAMFS)
    text = MAKE.replace('@PASSPHRASE@', f"'{stacks.PASSPHRASE}'").replace('@UUID@', CRYPT_UUID)
    guest.write_file('/bin/make-stack', text)
    guest.run('sh /bin/make-stack > /tmp/make.log 2>&1 || { tail -n 20 /tmp/make.log; false; }')
    guest.close()


@pytest.fixture
def stacked(start, lab, request):
    """The Debian with its shell ready, and the faulty device beside it."""
    make(start, lab)
    guest = debian.start(debian.machine(True, DISKS), lab.LOGS / f'{request.node.name}.log', 1800,
                         'faulty.asserted=1', FOLDER, Locked)
    guest.unlock()
    guest.prompt()
    yield guest
    guest.close()


def come_back(guest, command):
    """By a jump, with nothing left open below the root: the mirror is whole, and was clean."""
    jump(guest, command, 'dm-1', (debian.ROOT_DISK, debian.FAULTY, SECOND_DISK))
    assert '[UU]' in guest.run('cat /proc/mdstat')
    log = guest.run('dmesg --color=never')
    assert not re.search('md/raid1:.*not clean|resync', log)


def test_root_on_lvm_on_luks_on_raid(stacked):
    assert stacked.run('findmnt -n -o SOURCE /') == '/dev/mapper/vg-root'
    come_back(stacked, 'stillboot reboot')
    stacked.run('stillboot enable')
    come_back(stacked, 'systemctl kexec')
    assert stacked.ends_by('poweroff') == 'guest-shutdown'
