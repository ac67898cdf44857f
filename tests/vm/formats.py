# SPDX-License-Identifier: GPL-2.0-or-later
"""Disks with a real kernel for each way that one is kept in: a unified kernel image with addons,
files that are compressed as a whole, GRUB's configuration on a btrfs subvolume, Fedora's /boot."""

import gzip
import lzma
import os
import shutil
import subprocess
import sys
from pathlib import Path

import disks
import initramfs
from filesystems import run
from initramfs import find_program

TESTS = Path(__file__).resolve().parents[1]
sys.path.append(str(TESTS / 'cli'))
import boot_case
import images

UUID = '8a5d4c1e-02f7-4b1b-9c3d-5e6f70819a2b'
ADVANCED = f'gnulinux-advanced-{UUID}'
IMAGE_TITLE = 'Lab in one file'


def archive(folder, name):
    """An initrd with the one file /lab/NAME."""
    root = folder / f'{name}.root'
    (root / 'lab').mkdir(parents=True)
    (root / 'lab' / name).write_text(f'{name}\n')
    initramfs.pack(root, folder / f'{name}.cpio')
    return (folder / f'{name}.cpio').read_bytes()


def damaged(kernel):
    """One byte is wrong, in the middle of what is compressed in it."""
    image = bytearray(kernel)
    image[len(image) // 2] ^= 1
    return bytes(image)


def unified(version, kernel, initrd, options, ucode):
    """As ukify makes it, but for systemd's stub in front; with a second profile that has another
    command line."""
    return images.pe([
        ('.osrel', f'ID=lab\nPRETTY_NAME="{IMAGE_TITLE}"\n'.encode()),
        ('.uname', version.encode()), ('.cmdline', f'{options(3)}\n\0'.encode()),
        ('.ucode', ucode), ('.initrd', initrd.read_bytes()), ('.linux', kernel.read_bytes()),
        ('.profile', b'ID=main\n'),
        ('.profile', b'ID=rescue\nTITLE=Rescue\n'), ('.cmdline', options(5).encode())])


def esp(image, version, kernel, initrd, options):
    """A FAT in a partition, with an image whose boots are counted, another whose kernel is damaged,
    an addon for all images and one for the first, and a type 1 entry without a file as the
    default. options(STAGE) are those of a kernel that calls itself so."""
    root = image.with_suffix('')
    linux = root / 'EFI/Linux'
    addons = root / 'loader/addons'
    own = linux / 'lab.efi.extra.d'
    for folder in (own, addons, root / 'loader/entries'):
        folder.mkdir(parents=True)
    (linux / 'lab+3.efi').write_bytes(
        unified(version, kernel, initrd, options, archive(image.parent, 'ucode')))
    (linux / 'bad+3.efi').write_bytes(images.pe([('.linux', damaged(kernel.read_bytes()))]))
    (addons / 'all.addon.efi').write_bytes(images.pe([('.cmdline', b'lab.addon=all\n')]))
    (own / 'own.addon.efi').write_bytes(images.pe([
        ('.cmdline', b'lab.addon=own'), ('.initrd', archive(image.parent, 'addon'))]))
    (root / 'loader/loader.conf').write_text('default none.conf\n')
    (root / 'loader/entries/none.conf').write_text('title None\nlinux /none\n')
    size = disks.size_of(root) + 8
    disks.create(image, size + 1)
    disks.write_partition_table(image, disks.MIB, size * disks.MIB)
    run('mkfs.vfat', '--offset', str(disks.MIB // 512), '-n', 'ESP', image, str(size * 1024))
    run('mcopy', '-s', '-i', f'{image}@@{disks.MIB}', root / 'EFI', root / 'loader', '::')
    shutil.rmtree(root)


def zstd(data):
    return subprocess.run([find_program('zstd'), '-q', '-c'], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


PACKINGS = {'gzip': lambda data: gzip.compress(data, 1), 'zstd': zstd,
            'xz': lambda data: lzma.compress(data, check=lzma.CHECK_CRC32, preset=0),
            'cut': lambda data: zstd(data)[:len(data) // 2]}

LABEL = '''
LABEL {name}
    MENU LABEL Lab packed with ^{name}
    LINUX ../vmlinuz.{name}
    INITRD /initrd
    APPEND {options} lab.packing={name}
'''


def extlinux(image, kernel, initrd, options):
    """The same kernel in every packing, and half of one, on an ext4."""
    root = image.with_suffix('')
    (root / 'extlinux').mkdir(parents=True)
    shutil.copy(initrd, root / 'initrd')
    text = 'DEFAULT gzip\nTIMEOUT 30\n'
    for name, pack in PACKINGS.items():
        (root / f'vmlinuz.{name}').write_bytes(pack(kernel.read_bytes()))
        text += LABEL.format(name=name, options=options)
    (root / 'extlinux/extlinux.conf').write_text(text)
    size = disks.size_of(root) + 24
    disks.create(image, size)
    disks.format_ext4(image, root, size)
    shutil.rmtree(root)


def grub_on_btrfs(image, version, kernel, initrd, options):
    """What grub-mkconfig makes of GRUB_DEFAULT=saved where / is the subvolume @ of a btrfs: GRUB's
    paths begin above it. All of it is at the top until a guest makes the subvolume (IN_SUBVOLUME):
    the choice is the last entry of the submenu."""
    root = image.with_suffix('')
    disks.grub_tree(root, version, kernel, initrd, options)
    boot = root / 'boot'
    text = (boot / 'grub/grub.cfg').read_text().replace(disks.GRUB_UUID, UUID)
    for old, new in (('set default="0"', 'set default="${saved_entry}"'), ('ext2', 'btrfs'),
                     ('\t/boot/', '\t/@/boot/'), (' ro ', ' ro rootflags=subvol=@ ')):
        assert old in text
        text = text.replace(old, new)
    (boot / 'grub/grub.cfg').write_text(text)
    saved = f'{ADVANCED}>gnulinux-{version}-recovery-{UUID}'
    (boot / 'grub/grubenv').write_bytes(boot_case.grubenv([f'saved_entry={saved}']))
    disks.create(image, disks.size_of(root) + 160)
    run('mkfs.btrfs', '-q', '-U', UUID, '--rootdir', root, image)
    shutil.rmtree(root)


# In a guest, where btrfs is there: DEVICE.
IN_SUBVOLUME = ('mount -t btrfs {device} /mnt && btrfs subvolume snapshot /mnt /mnt/@ && '
                'rm -r /mnt/boot && umount /mnt')


FEDORA_UUID = '0e8f4ad2-4c1f-4b51-9a7e-6f7c0a1d2e01'
FEDORA_ID = '6a9857a393724b7a981ebb5b8495b9ea'
FEDORA_SAVED, FEDORA_NEXT = '6.5.6-300.fc39.x86_64', '6.4.15-200.fc38.x86_64'


def fedora_boot(image, kernel, initrd, options):
    """/boot of the case fedora39, whose grub.cfg reads type 1 files (blscfg). Its entries get the
    real kernel, and the command line from the environment block as Fedora 30 had it; there one is
    chosen for one boot, and another for good."""
    case = image.with_suffix('')
    case.mkdir()
    boot_case.Case(TESTS / 'boot/grub/fedora39.case').build(case)
    root = case / 'tree1'
    for version in (FEDORA_SAVED, FEDORA_NEXT):
        for name, source in ((f'vmlinuz-{version}', kernel), (f'initramfs-{version}.img', initrd)):
            (root / name).unlink()
            os.link(source, root / name)
        entry = root / f'loader/entries/{FEDORA_ID}-{version}.conf'
        head, _, tail = entry.read_text().partition('options ')
        entry.write_text(f'{head}options $kernelopts lab.entry={version} $tuned_params\n'
                         + tail.partition('\n')[2])
    (root / 'grub2/grubenv').write_bytes(boot_case.grubenv([
        f'saved_entry={FEDORA_ID}-{FEDORA_SAVED}', f'next_entry={FEDORA_ID}-{FEDORA_NEXT}',
        'boot_success=1', 'boot_indeterminate=0', f'kernelopts={options}']))
    size = disks.size_of(root) + 24
    disks.create(image, size)
    disks.format_ext4(image, root, size, uuid=FEDORA_UUID)
    shutil.rmtree(case)


ISO = '/iso/lab.iso'
STICK = f"""
menuentry 'Kernel of the CD' --id direct {{
	loopback loop {ISO}
	linux (loop)/casper/vmlinuz OPTIONS lab.menu=stick
	initrd (loop)/casper/initrd
}}
menuentry 'Menu of the CD' --id menu {{
	iso_path={ISO}
	export iso_path
	loopback loop $iso_path
	root=(loop)
	configfile /boot/grub/loopback.cfg
}}
menuentry 'Missing' --id missing {{
	loopback loop /iso/gone.iso
	linux (loop)/casper/vmlinuz
}}
menuentry 'No CD' --id none {{
	loopback loop /boot/grub/grub.cfg
	linux (loop)/casper/vmlinuz
}}
"""
LOOPBACK = """
menuentry 'Try it' --id try {
	linux /casper/vmlinuz iso-scan/filename=${iso_path} OPTIONS lab.menu=cd
	initrd /casper/initrd
}
"""


def stick_with_iso(image, kernel, initrd, options):
    """A stick with the ISO image of a live CD, and a grub.cfg that starts it, and opens its own menu."""
    cd, root = image.parent / 'cd', image.with_suffix('')
    for path, text in ((cd / 'boot/grub/loopback.cfg', LOOPBACK), (root / 'boot/grub/grub.cfg', STICK)):
        path.parent.mkdir(parents=True)
        path.write_text(text.replace('OPTIONS', options))
    (cd / 'casper').mkdir()
    os.link(kernel, cd / 'casper/vmlinuz')
    os.link(initrd, cd / 'casper/initrd')
    (root / 'iso').mkdir()
    run('genisoimage', '-quiet', '-R', '-V', 'LAB_CD', '-o', root / ISO[1:], cd)
    size = disks.size_of(root) + 24
    disks.create(image, size)
    disks.format_ext4(image, root, size)
    shutil.rmtree(root)
