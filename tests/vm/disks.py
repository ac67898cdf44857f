# SPDX-License-Identifier: GPL-2.0-or-later
"""Disk images with real boot entries: one laid out by the Boot Loader Specification, in a
partition; one as Debian's grub-mkconfig leaves it, on the whole disk."""

import shutil
import struct
import subprocess
import uuid
import zlib
from pathlib import Path

MIB = 1024 * 1024
GRUB_UUID = '3c1f6a52-8d4e-4d0b-9f57-2b61c07e9a11'
GONE_UUID = '00000000-dead-4bad-8bad-000000000000'

ENTRY = '''# made for the lab
title {title}
version {version}
sort-key lab
linux {linux}
initrd {initrd}
options {options}
'''


def write_entry(root, name, title, **words):
    entries = root / 'loader/entries'
    entries.mkdir(parents=True, exist_ok=True)
    (entries / f'{name}.conf').write_text(ENTRY.format(title=title, **words))


def bls_tree(root, version, kernel, initramfs, options):
    """A good entry, which is the default."""
    files = root / 'debian' / version
    files.mkdir(parents=True)
    shutil.copy(kernel, files / 'linux')
    shutil.copy(initramfs, files / 'initrd')
    words = {'version': version, 'options': options, 'linux': f'/debian/{version}/linux',
             'initrd': f'/debian/{version}/initrd'}
    write_entry(root, 'lab', f'Debian {version} in the lab', **words)
    (root / 'loader/loader.conf').write_text('default lab.conf\ntimeout 3\n')
    return words


def broken_tree(root, version, kernel, initramfs, options):
    """The same, and beside it entries that cannot be booted."""
    words = bls_tree(root, version, kernel, initramfs, options)
    files = root / 'debian' / version
    # Half a download: the header is right, the rest is missing.
    (files / 'truncated').write_bytes(kernel.read_bytes()[:64 * 1024])
    (files / 'text').write_text('This is no kernel at all.\n' * 100)
    for name in ('truncated', 'text'):
        write_entry(root, name, f'Lab {name}', **{**words, 'linux': f'/debian/{version}/{name}'})
    write_entry(root, 'no-initrd', 'Lab no-initrd',
                **{**words, 'initrd': f'/debian/{version}/gone'})


def write_grub_cfg(root, version, options, uuid):
    """For a root filesystem with /boot in it."""
    text = (Path(__file__).parent / 'grub.cfg').read_text(encoding='utf-8')
    for name, value in {'UUID': uuid, 'GONE': GONE_UUID, 'VERSION': version,
                        'OPTIONS': options}.items():
        text = text.replace(f'@{name}@', value)
    (root / 'boot/grub').mkdir(parents=True)
    (root / 'boot/grub/grub.cfg').write_text(text, encoding='utf-8')


def grub_tree(root, version, kernel, initramfs, options):
    write_grub_cfg(root, version, options, GRUB_UUID)
    shutil.copy(kernel, root / f'boot/vmlinuz-{version}')
    shutil.copy(initramfs, root / f'boot/initrd.img-{version}')


# SIGQUIT makes busybox' init become the last of these.
INITTAB = '''ttyS0::respawn:/lab/shell
::restart:/lab/end
'''


def root_tree(root, kernel, initramfs, add_storage):
    """A whole system, with busybox' init, storage tools, what is to be booted in /boot, and two disks in
    files."""
    archive = subprocess.run(['zstd', '-dcq', initramfs], stdout=subprocess.PIPE, check=True).stdout
    subprocess.run(['cpio', '--quiet', '-idm', '--no-absolute-filenames'], input=archive, cwd=root,
                   check=True)
    add_storage(root)
    (root / 'boot').mkdir()
    shutil.copy(kernel, root / 'boot/vmlinuz')
    shutil.copy(initramfs, root / 'boot/initramfs')
    (root / 'etc/inittab').write_text(INITTAB)
    for name in ('image', 'other'):
        create(root / name, 16)


def format_ext4(image, root, mebibytes, offset=0, uuid=None):
    """An ext4 filled from a directory: mke2fs does that without root and without mounting."""
    argv = ['/sbin/mke2fs', '-q', '-t', 'ext4', '-F', '-d', root, '-L', image.stem,
            '-E', f'root_owner=0:0,offset={offset}']
    if uuid:
        argv += ['-U', uuid]
    subprocess.run([*argv, image, f'{mebibytes}M'], check=True)


def write_partition_table(image, start, size):
    """An MBR with one Linux partition (bytes); start and size are multiples of a sector."""
    entry = struct.pack('<B3sB3sII', 0x80, b'\xfe\xff\xff', 0x83, b'\xfe\xff\xff',
                        start // 512, size // 512)
    with open(image, 'r+b') as disk:
        disk.seek(440)
        disk.write(b'lab!\0\0' + entry + bytes(48) + b'\x55\xaa')


# Types of partitions (UAPI.2, Discoverable Partitions Specification).
ESP = 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b'
XBOOTLDR = 'bc13c2ff-59e6-4262-a352-b275fd6f7172'
LINUX = '0fc63daf-8483-4772-8e79-3d69d8477de4'


def gpt_header(sectors, place, table, table_crc):
    """One of the two, for the sector that it is put in (UEFI 2.10, 5.3.2)."""
    other = sectors - 1 if place == 1 else 1
    header = struct.pack('<8sIIIIQQQQ16sQIII', b'EFI PART', 0x10000, 92, 0, 0, place, other, 34,
                         sectors - 34, uuid.UUID(int=1).bytes_le, table, 128, 128, table_crc)
    return (header[:16] + struct.pack('<I', zlib.crc32(header)) + header[20:]).ljust(512, b'\0')


def write_gpt(image, *partitions):
    """Partitions are types with sizes in MiB; the first begins at 1 MiB, each other behind the one
    before."""
    sectors, start, table = image.stat().st_size // 512, MIB // 512, b''
    for number, (kind, mebibytes) in enumerate(partitions, 1):
        end = start + mebibytes * MIB // 512
        table += struct.pack('<16s16sQQQ72s', uuid.UUID(kind).bytes_le,
                             uuid.UUID(int=number).bytes_le, start, end - 1, 0, b'')
        start = end
    assert start <= sectors - 34
    table = table.ljust(128 * 128, b'\0')
    with open(image, 'r+b') as disk:
        disk.seek(446)
        disk.write(struct.pack('<B3sB3sII', 0, b'\0\2\0', 0xee, b'\xff' * 3, 1, sectors - 1)
                   + bytes(48) + b'\x55\xaa')
        disk.write(gpt_header(sectors, 1, 2, zlib.crc32(table)) + table)
        disk.seek((sectors - 33) * 512)
        disk.write(table + gpt_header(sectors, sectors - 1, sectors - 33, zlib.crc32(table)))


def create(image, mebibytes):
    with open(image, 'wb') as disk:
        disk.truncate(mebibytes * MIB)


def size_of(root):
    return sum(p.lstat().st_size for p in root.rglob('*') if p.is_file()) // MIB


def build(image, fill, *contents):
    """Make the disk that fill (one of the trees above) describes."""
    root = image.with_suffix('')
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    fill(root, *contents)
    unfinished = image.with_name(image.stem + '.new')
    filesystem = size_of(root) + 24
    if fill in (grub_tree, root_tree):
        create(unfinished, filesystem)
        format_ext4(unfinished, root, filesystem, uuid=GRUB_UUID if fill is grub_tree else None)
    else:
        create(unfinished, filesystem + 2)
        format_ext4(unfinished, root, filesystem, offset=MIB)
        write_partition_table(unfinished, MIB, filesystem * MIB)
    shutil.rmtree(root)
    unfinished.rename(image)
