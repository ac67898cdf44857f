# SPDX-License-Identifier: GPL-2.0-or-later
"""What a user keeps: settings and own entries, on a vfat and an ext4, and where nothing can be written."""

import filesystems
import machines
from lab import BOOT_DISK

DISK = r'''
disk() {
	for d in /sys/block/sd*; do
		[ "$(tail -c +5 $d/device/vpd_pg80 2>/dev/null)" = "$1" ] && echo /dev/${d##*/} && return
	done
	return 1
}
'''
FILE = 'loader/stillboot.conf'
HEADER = "# What was set in stillboot's menu. `stillboot settings` changes it."


def make_images(folder):
    folder.mkdir(exist_ok=True)
    for name, make in (('esp', filesystems.vfat), ('cd', filesystems.iso)):
        make(folder / f'{name}.img', folder / name)
    (folder / 'cd.img').rename(folder / 'cd.iso')
    return folder / 'esp.img', folder / 'cd.iso'


def look(guest, disk, command):
    """What the command prints with the disk at /mnt."""
    return guest.run(f'mount -o ro {disk} /mnt && {command}; rc=$?; umount /mnt; [ $rc = 0 ]')


def settings(guest, *names):
    rows = guest.json(f'stillboot settings --json {" ".join(names)}')['settings']
    return {row['name']: (row['value'], row['stored']) for row in rows if row['value']}


def failure(guest, command):
    """The one line that it fails with."""
    status, said = guest.status(f'{command} 2>&1')
    line, = said.splitlines()
    assert status == 1, said
    return line


def entries(guest):
    return {e['id']: e for e in guest.json('stillboot list --json')['entries']}


def check_vfat(guest, esp):
    where = f'{FILE} on {esp}'
    assert settings(guest) == {}
    guest.run('stillboot settings timeout=7 language=de "consoles=tty0 ttyS0,ascii"')
    assert settings(guest) == {'timeout': ('7', where), 'language': ('de', where),
                               'consoles': ('tty0 ttyS0,ascii', where)}
    assert look(guest, esp, f'cat /mnt/{FILE}').splitlines() == [
        HEADER, 'timeout 7', 'language de', 'consoles tty0 ttyS0,ascii']
    guest.run('stillboot settings language=')
    assert look(guest, esp, f'cat /mnt/{FILE}').splitlines() == [
        HEADER, 'timeout 7', 'consoles tty0 ttyS0,ascii']
    assert look(guest, esp, 'ls /mnt/loader').split() == ['entries', 'stillboot.conf']

    guest.run("stillboot keep 'My own' lab --cmdline 'quiet  a=\"b c\"'")
    kept = entries(guest)['stillboot-my-own']
    assert kept['options'] == 'quiet  a="b c"' and not kept['reason']
    assert look(guest, esp, 'cat /mnt/loader/entries/stillboot-my-own.conf').splitlines()[1:] == [
        'sort-key zz-stillboot', 'linux /linux', 'options quiet  a="b c"']
    guest.run('stillboot keep --remove stillboot-my-own')
    assert 'stillboot-my-own' not in entries(guest)


def check_full(guest, esp):
    """Without room the old file stays as it was."""
    before = look(guest, esp, f'cat /mnt/{FILE}')
    guest.run(f'mount {esp} /mnt; dd if=/dev/zero of=/mnt/full bs=1k 2>/dev/null; umount /mnt')
    assert 'No space left on device' in failure(guest, 'stillboot settings timeout=9')
    assert 'No space left on device' in failure(guest, 'stillboot keep Full lab')
    assert look(guest, esp, f'cat /mnt/{FILE}') == before
    assert look(guest, esp, 'ls /mnt/loader /mnt/loader/entries | grep -c new || true') == '0'
    guest.run(f'mount {esp} /mnt; rm /mnt/full; umount /mnt')


def check_ext4(guest, boot, esp):
    """The disk that is found first is the boot disk now."""
    where = f'{FILE} on {boot}'
    assert settings(guest) == {}
    guest.run('stillboot settings default=last order=sda hidden=show')
    assert settings(guest) == {'default': ('last', where), 'order': ('sda', where),
                               'hidden': ('show', where)}
    assert list(entries(guest))[0] == 'lab' and entries(guest)['lab']['source']['device'] == esp
    guest.run('stillboot settings order=')
    listed = entries(guest)
    assert list(listed)[0] == 'lab' and listed['lab']['source']['device'] == boot
    assert listed['lab']['default']
    guest.run("stillboot keep 'With a word' lab --cmdline \"$(stillboot show lab --json | "
              "sed -n 's/.*\"options\": \"\\(.*\\)\",*/\\1/p') own.word\"")
    kept = entries(guest)['stillboot-with-a-word']
    assert kept['options'].endswith(' own.word') and not kept['default']
    assert look(guest, boot, 'stat -c %a /mnt/loader/entries/stillboot-with-a-word.conf') == '600'


def test_settings_and_own_entries(start, lab):
    images = make_images(lab.LAB / 'settings')
    machine = machines.q35(*machines.scsi(*images), *machines.root_port('rp1', 1),
                           *machines.nvme(BOOT_DISK, 'rp1'))
    guest = start(machine, 'lab.modules=virtio-pci,virtio-scsi,sd-mod,sr-mod', 600,
                  lab.FILESYSTEM_INITRAMFS)
    guest.write_file('/words', DISK)
    esp = guest.run('. /words; until disk esp; do usleep 20000; done')
    guest.run('until [ -e /dev/sr0 ]; do usleep 20000; done')

    check_vfat(guest, esp)
    check_full(guest, esp)
    said = failure(guest, "stillboot keep x 'lab#2'")
    assert 'iso9660 is a filesystem that is only read' in said and '/dev/sr0' in said

    guest.run('modprobe nvme; modprobe ext4; until [ -e /dev/nvme0n1p1 ]; do usleep 20000; done')
    boot = '/dev/nvme0n1p1'
    check_ext4(guest, boot, esp)

    # Booted, it is what was booted last, and its command line is the kernel's.
    guest.send('stillboot exec stillboot-with-a-word')
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    assert ' own.word' in guest.run('cat /proc/cmdline')
    guest.run('modprobe nvme; modprobe ext4; until [ -e /dev/nvme0n1p1 ]; do usleep 20000; done')
    assert look(guest, boot, f'cat /mnt/{FILE}').splitlines() == [
        HEADER, 'default last', 'hidden show', 'last stillboot-with-a-word']
    assert entries(guest)['stillboot-with-a-word']['default']
