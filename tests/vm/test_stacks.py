# SPDX-License-Identifier: GPL-2.0-or-later
"""RAID, LVM and LUKS: found, read, unlocked and booted from, and not a byte written to them."""

import hashlib
import re

import lab
import pytest
import stacks

MODULES = 'lab.modules=virtio-pci,virtio-blk'
PLAIN = {'on-raid1', 'on-raid0', 'on-raid5', 'on-lvm', 'on-stripes', 'on-dirty-raid1'}
# Requests and sectors that were written, of each disk (Documentation/block/stat.rst).
WRITES = "awk '{print FILENAME, $5, $7}' /sys/block/vd*/stat"


@pytest.fixture
def guest(start, tmp_path):
    guest = start(stacks.machine(tmp_path), MODULES, seconds=480, initrd=lab.STORAGE_INITRAMFS)
    stacks.make(guest, lab.NEXT)
    guest.run('sync')
    return guest


def hashes(folder):
    """Of the disks as they lie here: QEMU has written at once whatever the guest has."""
    return {image.stem: hashlib.sha256(image.read_bytes()).hexdigest()
            for image in folder.glob('vd?.img')}


def listed(guest):
    """Titles by device, and what was said on standard error."""
    entries = guest.json('stillboot list --json 2>/tmp/said')['entries']
    return ({entry['title']: entry['source']['device'] for entry in entries},
            guest.run('cat /tmp/said'))


def nothing_is_open(guest):
    assert guest.run('dmsetup ls') == 'No devices found'
    assert 'active' not in guest.run('cat /proc/mdstat')
    assert guest.run('losetup -a; ls /dev/mapper') == 'control'
    guest.run('test ! -e /run/stillboot/stack')


def unlock(guest, name, *typed):
    """Unlock at the console; returns exit status and what was said."""
    guest.send(f'stillboot unlock {name}')
    for word in typed:
        guest.expect(r'Passphrase of [^\n]*: ')
        guest.send(word)
    rc, said = guest.prompt()
    assert not any(word in said for word in typed), 'a passphrase was shown'
    return rc, said


# Nothing of ours writes there, as GRUB does not, and so the choice stays: but never in silence.
LASTING = (r'the choice for one boot, next_entry in /grub/grubenv on /dev/dm-\d+, '
           'stays and will count again')


def check_choices(guest):
    """In what was opened a choice for one boot stays, and none can be made."""
    for _ in range(2):
        said = guest.run('stillboot exec --dry-run')
        assert re.search(LASTING, said) and "`stillboot list --set-oneshot ''`" in said
        assert 'bytes over' not in said and 'would rename' not in said
    assert 'but not now' in guest.run('stillboot show once')
    rc, said = guest.status("stillboot list --set-oneshot '' 2>&1 | grep -v locked")
    assert re.search(LASTING, said)
    rc, said = guest.status('stillboot list --set-oneshot usual 2>/tmp/said')
    assert rc == 1
    assert re.search(r'next_entry in /grub/grubenv on /dev/dm-\d+ stays as it is',
                     guest.run('cat /tmp/said'))


def test_stacks(guest, tmp_path):
    before, writes = hashes(tmp_path), guest.run(WRITES)

    found, said = listed(guest)
    assert set(found) == PLAIN
    assert found['on-raid1'].startswith('/dev/md') and found['on-lvm'].startswith('/dev/dm-')
    for name in ('base', 'snap'):
        assert f'vg-x/{name}: a volume with a snapshot is not activated' in said
    assert 'vg-x/thin: a volume of type thin is not activated' in said
    assert 'only 2 of its 3 devices are there' in said
    assert 'it has a journal' in said
    for device in ('/dev/vda', '/dev/vdk'):
        assert f'{device}: it is locked; `stillboot unlock {device}` opens it' in said
    nothing_is_open(guest)
    assert guest.run(WRITES) == writes

    # Without the tools and the library the members are named all the same.
    hidden = '/sbin/lvm /sbin/mdadm /lib/x86_64-linux-gnu/libcryptsetup.so.12'
    guest.run(f'for f in {hidden}; do mv $f $f.hidden; done')
    found, said = listed(guest)
    assert not found
    assert 'lvm is not installed: install lvm2' in said
    assert 'mdadm is not installed: install mdadm' in said
    rc, said = guest.status('stillboot unlock /dev/vdk </dev/null')
    assert rc == 1 and 'libcryptsetup.so.12 is not installed: install libcryptsetup12' in said
    guest.run(f'for f in {hidden}; do mv $f.hidden $f; done')

    # One that is killed on its way (by a pipe that nobody reads) leaves what it had opened. That
    # does not disturb the next, and whoever closes or jumps takes it down.
    guest.run('stillboot list -v 2>&1 | grep -q "LVM volume vg-x/root"; :')
    assert 'volume root LVM-' in guest.run('cat /run/stillboot/stack')
    assert set(listed(guest)[0]) == PLAIN
    assert guest.run('stillboot unlock --close') == 'closed'
    nothing_is_open(guest)

    # LUKS1: the wrong passphrase, then the right one; it is there until it is closed.
    rc, said = unlock(guest, '/dev/vdk', 'wrong', 'wronger', 'wrongest')
    assert rc == 1 and said == 'stillboot: no key of /dev/vdk fits this passphrase'
    rc, said = unlock(guest, '/dev/vdk', 'wrong', f'xx\x15{stacks.PASSPHRASE}')
    assert rc == 0 and '/dev/vdk is open, read-only, as /dev/dm-' in said
    assert guest.run('cat /sys/block/dm-0/ro') == '1'
    assert set(listed(guest)[0]) == PLAIN | {'on-luks1'}
    rc, said = guest.status('stillboot unlock /dev/vdk </dev/null')
    assert rc == 1 and 'is open already' in said
    guest.run('stillboot unlock --close /dev/vdk')
    nothing_is_open(guest)

    # LUKS2 on LVM, whose header is half lost. What it stands on stays with it; the rest goes.
    rc, said = guest.status('printf wrong | stillboot unlock UUID=' + stacks.INNER)
    assert rc == 1 and 'fits this passphrase' in said
    nothing_is_open(guest)
    guest.run(f"printf '{stacks.PASSPHRASE}' > /tmp/key")
    guest.run(f'stillboot unlock --key-file /tmp/key UUID={stacks.INNER}')
    assert sorted(line.split()[0] for line in guest.run('dmsetup ls').splitlines()) == [
        f'stillboot-{stacks.INNER}', 'vgl-secret']
    assert set(listed(guest)[0]) == PLAIN | {'on-luks2-on-lvm'}
    guest.run('stillboot unlock --close')
    nothing_is_open(guest)

    # A header that is wholly lost.
    rc, said = guest.status('stillboot unlock /dev/vdh </dev/null')
    assert rc == 1 and '/dev/vdh has no LUKS header that can be read' in said

    # LVM on LUKS2: the strongest proof that it is read right is to boot from it.
    rc, said = unlock(guest, '/dev/vda', stacks.PASSPHRASE)
    assert rc == 0
    assert hashes(tmp_path) == before
    assert guest.run(WRITES) == writes
    assert 'is part of dm-' in guest.run('stillboot plan')
    said = guest.run('stillboot exec --dry-run on-lvm-on-luks2')
    assert 'would remove the mapping stillboot-' in said and 'would call reboot(KEXEC)' in said
    assert re.search(r'\+3.conf on /dev/dm-\d+ keeps its name, and its boots are not counted', said)
    check_choices(guest)
    guest.send('stillboot exec && echo it came back')
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    assert len(re.findall(LASTING, guest.log_path.read_text(encoding='utf-8'))) == 4
    # The disks were let go of, and stilled.
    report = guest.json('stillboot report --json')
    assert report['loud'] == 0 and report['still'] >= len(stacks.DISKS)
    assert 'is part of' not in str(report)
    assert hashes(tmp_path) == before
