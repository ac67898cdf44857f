# SPDX-License-Identifier: GPL-2.0-or-later
"""Disk images, one for each filesystem, each with one boot entry that has the image's name as its
title. What no tool can fill is filled by a guest, and what is to be dirty is left mounted by one."""

import shutil
import subprocess

import disks
from initramfs import find_program

MIB = 1024 * 1024


def no_kernel():
    """As much of a bzImage as discovery looks at: "HdrS", protocol 2.15, 64 bits."""
    image = bytearray(5 * 512)
    image[0x1f1], image[0x202:0x208], image[0x236] = 4, b'HdrS\x0f\x02', 1
    return bytes(image)


def run(program, *argv, **kwargs):
    subprocess.run([find_program(program), *argv], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, **kwargs)


def tree(root, title, links=True):
    """An entry, and another whose kernel is a link out of the filesystem."""
    shutil.rmtree(root, ignore_errors=True)
    (root / 'loader/entries').mkdir(parents=True)
    (root / 'linux').write_bytes(no_kernel())
    entries = root / 'loader/entries'
    (entries / 'lab.conf').write_text(f'title {title}\nlinux /linux\n')
    if links:
        (root / 'passwd').symlink_to('/etc/passwd')
        (entries / 'out.conf').write_text(f'title {title} out\nlinux /passwd\n')
    return root


def ext(kind):
    def make(image, root):
        disks.create(image, 16)
        run('mke2fs', '-q', '-t', kind, '-F', '-d', tree(root, image.stem), image)
    return make


def xfs(image, root):
    """The smallest that mkfs.xfs makes; filled by a description of all files."""
    tree(root, image.stem)
    disks.create(image, 300)
    proto = root.with_suffix('.proto')
    entries = root / 'loader/entries'
    proto.write_text(f'''/dev/null
0 0
d--755 0 0
loader d--755 0 0
entries d--755 0 0
lab.conf ---644 0 0 {entries / 'lab.conf'}
out.conf ---644 0 0 {entries / 'out.conf'}
$
$
linux ---644 0 0 {root / 'linux'}
passwd l--777 0 0 /etc/passwd
$
''')
    run('mkfs.xfs', '-q', '-p', proto, image)
    proto.unlink()


def btrfs(image, root):
    disks.create(image, 120)
    run('mkfs.btrfs', '-q', '--rootdir', tree(root, image.stem), image)


def vfat(image, root):
    disks.create(image, 16)
    run('mkfs.vfat', image)
    tree(root, image.stem, links=False)
    run('mcopy', '-s', '-i', image, root / 'linux', root / 'loader', '::')


def iso(image, root):
    run('genisoimage', '-quiet', '-R', '-o', image, tree(root, image.stem))


def squashfs(image, root):
    run('mksquashfs', tree(root, image.stem), image, '-noappend')


def erofs(image, root):
    run('mkfs.erofs', image, tree(root, image.stem))


def f2fs(image, root):
    disks.create(image, 64)
    run('mkfs.f2fs', '-q', image)
    run('sload.f2fs', '-f', tree(root, image.stem), image)


def empty(mebibytes, program, *options):
    """A filesystem that a guest fills."""
    def make(image, root):
        disks.create(image, mebibytes)
        run(program, *options, image, input=b'y\n')
    return make


def two_disks(image, root):
    """A btrfs on this and a second disk."""
    other = image.with_name(image.stem + '-2.img')
    for part in (image, other):
        disks.create(part, 130)
    run('mkfs.btrfs', '-q', '-d', 'raid0', '-m', 'raid1', image, other)


def hibernated(image, root):
    """Linux' header of swap space with a suspended system: kernel/power/swap.c, HIBERNATE_SIG."""
    disks.create(image, 16)
    run('mkswap', image)
    with open(image, 'r+b') as disk:
        disk.seek(4096 - 10)
        disk.write(b'S1SUSPEND\0')


def locked(image, root):
    """The head of a LUKS1 volume, which is what libblkid looks at (LUKS on-disk format 1.2.3)."""
    disks.create(image, 16)
    with open(image, 'r+b') as disk:
        disk.write(b'LUKS\xba\xbe\x00\x01' + b'aes'.ljust(32, b'\0')
                   + b'xts-plain64'.ljust(32, b'\0') + b'sha256'.ljust(32, b'\0'))
        disk.seek(168)
        disk.write(b'5f3c1c9e-6a0a-4c34-9d2f-0d8a1f6d7b11')


def broken(image, root):
    """An ext4 whose directory of entries is nothing but zeros, and that asks for a panic in such a
    case."""
    ext('ext4')(image, root)
    run('debugfs', '-w', '-R', 'zap_block -f /loader/entries 0', image)
    run('tune2fs', '-e', 'panic', image)


def partitioned(image, root):
    """An MBR with one ext4."""
    disks.create(image, 18)
    disks.format_ext4(image, tree(root, image.stem), 16, offset=MIB)
    disks.write_partition_table(image, MIB, 16 * MIB)


# Name of the image: how it is made.
FILLED = {
    'ext2.img': ext('ext2'), 'ext3.img': ext('ext3'), 'ext4.img': ext('ext4'), 'xfs.img': xfs,
    'btrfs.img': btrfs, 'vfat.img': vfat, 'iso9660.iso': iso, 'squashfs.img': squashfs,
    'erofs.img': erofs, 'f2fs.img': f2fs, 'partition.img': partitioned,
}
DIRTY = {
    'ext3-dirty.img': ext('ext3'), 'ext4-dirty.img': ext('ext4'), 'xfs-dirty.img': xfs,
    'btrfs-dirty.img': btrfs, 'f2fs-dirty.img': f2fs,
}
EMPTY = {
    'exfat.img': empty(16, 'mkfs.exfat'),
    'udf.img': empty(16, 'mkudffs', '--media-type=hd', '--blocksize=512'),
    'nilfs2.img': empty(140, 'mkfs.nilfs2', '-f', '-q', '-B', '16'),
    'jfs.img': empty(20, 'mkfs.jfs', '-q'),
    'subvolumes.img': empty(120, 'mkfs.btrfs', '-q'),
    'two.img': two_disks, 'half.img': two_disks,
}
EMPTY_DIRTY = {
    'nilfs2-dirty.img': EMPTY['nilfs2.img'], 'jfs-dirty.img': EMPTY['jfs.img'],
}
# What is not a volume. Debian's kernel has no driver for NTFS.
NOTHING = {
    'hibernated.img': hibernated, 'locked.img': locked, 'broken.img': broken,
    'ntfs.img': empty(16, 'mkntfs', '-F', '-Q', '-q'),
}


def make_all(folder):
    """All images in a new folder; those of EMPTY have no files yet."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, make in {**FILLED, **DIRTY, **EMPTY, **EMPTY_DIRTY, **NOTHING}.items():
        make(folder / name, folder / 'tree')
    shutil.rmtree(folder / 'tree')
    # A copy of a disk has the same UUID.
    shutil.copy(folder / 'xfs.img', folder / 'copy.img')
