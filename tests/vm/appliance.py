# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot image as `make image` makes it, with the lab kernel's modules and a shell, and disks that a
firmware starts it from."""

import shutil
from pathlib import Path

import disks
import formats
import lab
from filesystems import run

FOLDER = lab.LAB / 'appliance'
IMAGE = FOLDER / 'stillboot.cpio.xz'
UNIFIED = FOLDER / 'stillboot.efi'
ESP = FOLDER / 'esp.img'
CONFIGS = lab.TOP / 'configs/image'
# Debian's package ovmf.
FIRMWARE = Path('/usr/share/OVMF/OVMF_CODE_4M.fd')
VARIABLES = Path('/usr/share/OVMF/OVMF_VARS_4M.fd')
# The unified image has its command line with it.
UNIFIED_WORDS = f'{lab.ALWAYS} quiet stillboot.timeout=3'


def make_image():
    """Packing takes half a minute, so only when something is newer."""
    sources = [*CONFIGS.iterdir(), lab.STILLBOOT, lab.KERNEL_TREE / 'version']
    if not lab.stale(UNIFIED, [s for s in sources if s.is_file()]):
        return
    FOLDER.mkdir(exist_ok=True)
    for made in (lab.STILLBOOT.parent / 'stillboot.cpio.xz', lab.STILLBOOT.parent / 'stillboot.efi'):
        made.unlink(missing_ok=True)
    run('make', '-s', '-C', lab.TOP, 'image', 'WITH=shell', f'KERNEL={lab.kernel()}',
        f'CMDLINE={UNIFIED_WORDS}')
    for made, place in ((lab.STILLBOOT.parent / 'stillboot.cpio.xz', IMAGE),
                        (lab.STILLBOOT.parent / 'stillboot.efi', UNIFIED)):
        shutil.move(made, place)


def options(stage):
    return f'{lab.ALWAYS} loglevel=6 lab.stage={stage}'


def make_esp():
    """A disk that a firmware starts the unified image from; beside it, in the place that is for them, the
    unified image of a system."""
    if not lab.stale(ESP, [UNIFIED, lab.INITRAMFS]):
        return
    root = ESP.with_suffix('')
    for left in (root, FOLDER / 'ucode.root'):
        shutil.rmtree(left, ignore_errors=True)
    (root / 'EFI/BOOT').mkdir(parents=True)
    (root / 'EFI/Linux').mkdir()
    shutil.copy(UNIFIED, root / 'EFI/BOOT/BOOTX64.EFI')
    (root / 'EFI/Linux/lab.efi').write_bytes(formats.unified(
        lab.kernel_version(), lab.kernel(), lab.INITRAMFS, options, formats.archive(FOLDER, 'ucode')))
    size = disks.size_of(root) + 8
    disks.create(ESP, size + 3)
    disks.write_gpt(ESP, (disks.ESP, size))
    run('mkfs.vfat', '-F', '32', '--offset', str(disks.MIB // 512), '-n', 'ESP', ESP,
        str(size * 1024))
    run('mcopy', '-s', '-i', f'{ESP}@@{disks.MIB}', root / 'EFI', '::')
    shutil.rmtree(root)


def prepare():
    with lab.lock():
        make_image()
        make_esp()


def firmware(folder):
    """OVMF, with variables of its own."""
    variables = folder / 'variables.fd'
    shutil.copy(VARIABLES, variables)
    return ['-drive', f'if=pflash,format=raw,readonly=on,file={FIRMWARE}',
            '-drive', f'if=pflash,format=raw,file={variables}']
