# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot image as `make image` makes it, with the lab kernel's modules, storage tools and a shell; disks
that a firmware starts it from, and others that take these tools."""

import shutil
from pathlib import Path

import disks
import formats
import lab
import machines
import stacks
from filesystems import run

FOLDER = lab.LAB / 'appliance'
IMAGE = FOLDER / 'stillboot.cpio.xz'
UNIFIED = FOLDER / 'stillboot.efi'
CONFIGS = lab.TOP / 'configs/image'
# Debian's package ovmf.
FIRMWARE = Path('/usr/share/OVMF/OVMF_CODE_4M.fd')
VARIABLES = Path('/usr/share/OVMF/OVMF_VARS_4M.fd')
# The unified image has its command line with it.
UNIFIED_WORDS = f'{lab.ALWAYS} quiet stillboot.timeout=3 stillboot.default=system.efi'


def make_image():
    """Packing takes half a minute, so only when something is newer."""
    sources = [*CONFIGS.iterdir(), Path(__file__), lab.STILLBOOT, lab.KERNEL_TREE / 'version']
    if not lab.stale(UNIFIED, [s for s in sources if s.is_file()]):
        return
    FOLDER.mkdir(exist_ok=True)
    run('make', '-s', '-C', lab.TOP, 'image', f'IMAGE={FOLDER}/stillboot', 'WITH=luks lvm md shell',
        f'FROM={lab.STORAGE_TREE}', f'KERNEL={lab.kernel()}', f'CMDLINE={UNIFIED_WORDS}')


def image_without_proc(folder):
    """In which nothing can be mounted there: it is a file."""
    (folder / 'files').mkdir()
    (folder / 'files/proc').touch()
    run('make', '-s', '-C', lab.TOP, 'image', f'IMAGE={folder}/broken', f'FILES={folder}/files')
    return folder / 'broken.cpio.xz'


def options(stage):
    return f'{lab.ALWAYS} loglevel=6 lab.stage={stage}'


def lab_in_one_file():
    for left in FOLDER.glob('ucode.*'):
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    return formats.unified(lab.kernel_version(), lab.kernel(), lab.NEXT_INITRAMFS, options,
                           formats.archive(FOLDER, 'ucode'))


def make_esp(esp, system):
    """A disk that a firmware starts the unified image from; beside it, in the place that is for them, the
    unified image of a system."""
    root = esp.with_suffix('')
    shutil.rmtree(root, ignore_errors=True)
    (root / 'EFI/BOOT').mkdir(parents=True)
    (root / 'EFI/Linux').mkdir()
    shutil.copy(UNIFIED, root / 'EFI/BOOT/BOOTX64.EFI')
    (root / 'EFI/Linux/system.efi').write_bytes(system)
    size = disks.size_of(root) + 8
    disks.create(esp, size + 3)
    disks.write_gpt(esp, (disks.ESP, size))
    run('mkfs.vfat', '-F', '32', '--offset', str(disks.MIB // 512), '-n', 'ESP', esp,
        str(size * 1024))
    run('mcopy', '-s', '-i', f'{esp}@@{disks.MIB}', root / 'EFI', '::')
    shutil.rmtree(root)


def prepare():
    with lab.lock():
        make_image()


def by_firmware(accel, machine, folder):
    """A machine that is started by OVMF, with variables of its own, from what it finds on its disks."""
    variables = folder / 'variables.fd'
    shutil.copy(VARIABLES, variables)
    argv = machines.command(accel, machine, 'kernel', 'initrd', 'append')
    return [*argv[:argv.index('-kernel')],
            '-drive', f'if=pflash,format=raw,readonly=on,file={FIRMWARE}',
            '-drive', f'if=pflash,format=raw,file={variables}']


# In the lab's guest: LVM on the first disk, which is encrypted, and a RAID1 of the others.
FILL_STACKS = r'''#!/bin/sh -ex
export DM_DISABLE_UDEV=1
printf '@PASSPHRASE@' | cryptsetup open /dev/vda c0 -d -
lvm pvcreate /dev/mapper/c0
lvm vgcreate vgc /dev/mapper/c0
lvm lvcreate -y -n boot -l 100%FREE vgc
fill /dev/vgc/boot on-lvm-on-luks '@OPTIONS@'
lvm vgchange -an vgc
cryptsetup close c0
mdadm --create /dev/md1 --run -l1 -n2 --assume-clean /dev/vdb /dev/vdc
fill /dev/md1 on-raid1
mdadm --stop /dev/md1
sync
'''
STACK_MODULES = 'lab.modules=virtio-pci,virtio-blk,md-mod,dm-mod,dm-crypt,ext4'
# Argon2 runs in threads, which take a library that nothing names (configs/image/build).
KEYS = (('luksFormat', '--type', 'luks2', '--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'),
        ('luksAddKey', '--pbkdf', 'argon2id', '--pbkdf-force-iterations', '4', '--pbkdf-memory', '32768',
         '--pbkdf-parallel', '2'))
THREADED_PASSPHRASE = 'takes threads'


def stack_disks(folder):
    """Options of three disks, of which the first is encrypted, with two passphrases."""
    keys, found = [folder / 'first.key', folder / 'second.key'], []
    for key, text in zip(keys, (stacks.PASSPHRASE, THREADED_PASSPHRASE)):
        key.write_text(text)
    for name, mebibytes in (('vda', 160), ('vdb', 48), ('vdc', 48)):
        disks.create(folder / f'{name}.img', mebibytes)
        found += ['-drive', f'file={folder}/{name}.img,if=none,id={name},format=raw,cache=unsafe',
                  *machines.device('virtio-blk-pci', drive=name)]
    cryptsetup, first = lab.STORAGE_TREE / 'sbin/cryptsetup', folder / 'vda.img'
    run(cryptsetup, '-q', *KEYS[0], first, keys[0])
    run(cryptsetup, '-q', *KEYS[1], '--key-file', keys[0], first, keys[1])
    return found


def fill_stacks(guest):
    guest.write_file('/bin/fill', stacks.FILL)
    guest.write_file('/bin/make', FILL_STACKS.replace('@PASSPHRASE@', stacks.PASSPHRASE)
                     .replace('@OPTIONS@', lab.NEXT))
    guest.run('chmod +x /bin/fill /bin/make')
    guest.run('make > /tmp/make.log 2>&1 || { tail -n 20 /tmp/make.log; false; }')
    guest.send('poweroff -f')
    guest.end()
