# SPDX-License-Identifier: GPL-2.0-or-later
"""Real kernels out of what they are really kept in. One guest, and a chain of jumps: GRUB's saved
choice on a btrfs subvolume, then a unified kernel image, then a kernel that was packed, then the
image's other profile. Another: Fedora's GRUB, which is told by its environment block what to boot,
and keeps there how it went."""

import json
import shutil

import formats
import machines
from guest import between
from lab import ALWAYS, kernel_version

# Five kernels, one after another.
GUEST_SECONDS = 600
DISKS = ('boot', 'packed', 'grub')


def options(stage):
    return f'{ALWAYS} loglevel=6 lab.stage={stage} lab.modules=nvme,ext4,vfat'


def new_folder(lab, name):
    folder = lab.LAB / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def make_disks(lab):
    """All made anew: paths by name."""
    folder = new_folder(lab, 'formats')
    kernel, initrd = lab.kernel(), lab.NEXT_INITRAMFS
    images = {name: folder / f'{name}.img' for name in DISKS}
    formats.grub_on_btrfs(images['grub'], kernel_version(), kernel, initrd, options(2))
    formats.esp(images['boot'], kernel_version(), kernel, initrd, options)
    formats.extlinux(images['packed'], kernel, initrd, options(4))
    return images


def machine(images):
    ports = [[*machines.root_port(name, number), *machines.nvme(images[name], name)]
             for number, name in enumerate(DISKS, 1)]
    return machines.q35(*sum(ports, []))


def devices(guest):
    """Of each disk, once they are all there. The kernel numbers them as they come."""
    guest.run('until [ "$(ls /dev/nvme?n1 | wc -l)" = 3 ] && [ -e /dev/nvme?n1p1 ]; do '
              'usleep 20000; done')
    found = guest.run('for c in /sys/class/nvme/nvme?; do echo $(cat $c/serial) ${c##*/}; done')
    return {serial: f'/dev/{name}n1' for serial, name in map(str.split, found.splitlines())}


def jump(guest, command, stage):
    """Into the kernel of that stage; returns its command line and the report of how it came."""
    guest.send(command)
    said, panic = guest.next_kernel()
    assert panic is None and guest.stage == stage
    report = json.loads(between(said, 'lab: json begins', 'lab: json ends, rc 0'))
    assert report['loud'] == 0
    return guest.cmdline(), report


def images_on_esp(guest):
    esp = devices(guest)['boot'] + 'p1'
    return guest.run(f'mount -t vfat -o ro {esp} /mnt && ls /mnt/EFI/Linux; umount /mnt').split()


def refuses(guest, entry, sentence):
    """Nothing is quiesced, and nothing is counted, for a kernel that is known to die."""
    bound, images = guest.drivers(), images_on_esp(guest)
    rc, said = guest.status(f'stillboot exec {entry}')
    assert rc == 1 and sentence in said
    assert guest.drivers() == bound and images_on_esp(guest) == images


def boot_saved_choice(guest):
    """The configuration of the other disks names a default too, but this is the user's choice."""
    recovery = f'gnulinux-{kernel_version()}-recovery-{formats.UUID}'
    default, = [e for e in guest.json('stillboot list --json')['entries'] if e['default']]
    assert default['id'] == recovery and default['bootable']
    cmdline, report = jump(guest, 'stillboot exec', 2)
    assert cmdline == f'root=UUID={formats.UUID} ro rootflags=subvol=@ single {options(2)}'
    assert report['entry'].endswith('(recovery mode)')


def boot_unified_image(guest):
    refuses(guest, 'bad.efi', 'it is damaged: its checksum does not match')
    assert images_on_esp(guest) == ['bad+3.efi', 'lab+3.efi', 'lab.efi.extra.d']
    entry = guest.json('stillboot show lab.efi --json 2>/dev/null')
    assert entry['version'] == kernel_version() and entry['tries_left'] == 3
    cmdline, report = jump(guest, 'stillboot exec lab.efi', 3)
    assert cmdline == f'{options(3)} lab.addon=all lab.addon=own'
    assert report['entry'] == formats.IMAGE_TITLE
    # Of the image's other initrd, and of the addon's.
    assert guest.run('cat /lab/ucode /lab/addon').split() == ['ucode', 'addon']
    assert images_on_esp(guest) == ['bad+3.efi', 'lab+2-1.efi', 'lab.efi.extra.d']


def boot_packed_kernel(guest):
    def loaded():
        return guest.run('cat /sys/kernel/kexec_loaded')

    for name in ('gzip', 'xz'):
        said = guest.run(f'stillboot load {name}')
        assert f'Lab packed with {name}' in said and 'kexec-tools' not in said
        assert loaded() == '1'
        guest.run('stillboot unload')
        assert loaded() == '0'
    refuses(guest, 'cut', 'its zstd data is cut off')
    cmdline, report = jump(guest, 'stillboot exec zstd', 4)
    assert cmdline == f'{options(4)} lab.packing=zstd'
    assert report['entry'] == 'Lab packed with zstd'


def boot_other_profile(guest):
    """It has the first one's files, the same addons, and the file's counter."""
    assert images_on_esp(guest) == ['bad+3.efi', 'lab+2-1.efi', 'lab.efi.extra.d']
    cmdline, report = jump(guest, 'stillboot exec lab.efi@rescue', 5)
    assert cmdline == f'{options(5)} lab.addon=all lab.addon=own'
    assert report['entry'] == f'{formats.IMAGE_TITLE} (Rescue)'
    assert images_on_esp(guest) == ['bad+3.efi', 'lab+1-2.efi', 'lab.efi.extra.d']


def test_every_way_a_kernel_is_kept_in(start, lab):
    guest = start(machine(make_disks(lab)), 'lab.modules=nvme,ext4,vfat,btrfs',
                  GUEST_SECONDS, lab.FILESYSTEM_INITRAMFS)
    guest.run(formats.IN_SUBVOLUME.format(device=devices(guest)['grub']))
    boot_saved_choice(guest)
    boot_unified_image(guest)
    boot_packed_kernel(guest)
    boot_other_profile(guest)


def environment(guest):
    """The lines of Fedora's block, which keeps its length."""
    guest.run('until [ -e /dev/nvme0n1 ]; do usleep 20000; done')
    text = guest.run('mount -t ext4 -o ro /dev/nvme0n1 /mnt && head -c 2000 /mnt/grub2/grubenv; '
                     'umount /mnt')
    assert len(text) == 1024
    return text.rstrip('#').splitlines()[1:]


def test_choices_in_fedora_s_environment_block(start, lab):
    disk = new_folder(lab, 'fedora') / 'fedora.img'
    formats.fedora_boot(disk, lab.kernel(), lab.NEXT_INITRAMFS, options(2))
    guest = start(machines.q35(*machines.root_port('rp1', 1), *machines.nvme(disk, 'rp1')),
                  'lab.modules=nvme,ext4', GUEST_SECONDS)
    kept = [f'saved_entry={formats.FEDORA_ID}-{formats.FEDORA_SAVED}', 'boot_indeterminate=0',
            f'kernelopts={options(2)}']
    assert {*kept, 'boot_success=1'} < {*environment(guest)}
    for version in (formats.FEDORA_NEXT, formats.FEDORA_SAVED):
        # The words that the next one puts into it are GRUB's, down to the empty one.
        cmdline, report = jump(guest, 'stillboot exec', 2)
        assert cmdline == f'{options(2)} lab.entry={version}'
        assert version in report['entry']
        assert sorted(environment(guest)) == sorted([*kept, 'next_entry=', 'boot_success=0'])


def loops(guest):
    return guest.run('cat /sys/block/loop*/loop/backing_file 2>/dev/null || :')


def test_kernels_within_an_iso_image_on_a_disk(start, lab):
    disk = new_folder(lab, 'iso') / 'stick.img'
    formats.stick_with_iso(disk, lab.kernel(), lab.NEXT_INITRAMFS, options(2))
    guest = start(machines.q35(*machines.root_port('rp1', 1), *machines.nvme(disk, 'rp1')),
                  'lab.modules=nvme,ext4,loop,isofs', GUEST_SECONDS, lab.FILESYSTEM_INITRAMFS)
    guest.run('until [ -e /dev/nvme0n1 ]; do usleep 20000; done')
    entries = {e['id']: e for e in guest.json('stillboot list --json')['entries']}
    assert [i for i, e in entries.items() if e['bootable']] == ['direct', 'try']
    assert entries['try']['menu'] == ['Menu of the CD']
    assert 'gone.iso' in entries['missing']['reason']
    assert 'no filesystem' in entries['none']['reason']
    assert loops(guest) == ''
    # The loop device itself is no news: nothing has changed meanwhile.
    assert guest.run('timeout -s INT 5 stillboot list --watch --json | wc -l') == '1'
    cmdline, report = jump(guest, 'stillboot exec try', 2)
    assert cmdline == f'iso-scan/filename={formats.ISO} {options(2)} lab.menu=cd'
    assert report['entry'] == 'Try it'
