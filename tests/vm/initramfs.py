# SPDX-License-Identifier: GPL-2.0-or-later
"""One initramfs for both kernels of a hop: busybox, kexec, lspci, stillboot,
run-step, leave, Debian's drivers."""

import lzma
import re
import shutil
import subprocess
from pathlib import Path

# What is copied with the libraries it needs; sbin or bin does not matter in the guest.
PROGRAMS = ['kexec', 'lspci', 'setpci']
# Debian's package ncurses-base has these there.
TERMINALS = ['/lib/terminfo/v/vt220', '/lib/terminfo/l/linux']
DATA = ['/usr/share/misc/pci.ids', *TERMINALS]
CAPTURE = Path(__file__).resolve().parents[2] / 'configs/capture-machine'

# Debian's drivers for the devices of the lab; modules they need come by themselves, but not those
# that filesystems ask the kernel for by name when they mount (without crc32c ext4 says ENOENT).
MODULES = ['nvme', 'e1000', 'e1000e', 'xhci-pci', 'bochs', '8139cp', 'i6300esb', 'ahci',
           'ext4', 'crc32c_generic', 'vfat', 'nls_ascii', 'nls_cp437', 'uio_pci_generic',
           'bonding', 'netconsole', 'nvme-tcp', 'nvmet-tcp', 'vfio-pci', 'i2c-i801', 'i2c-dev',
           'snd-hda-intel', 'snd-hda-codec-generic',
           # storage stacks, and what dm-crypt and libcryptsetup ask the kernel for by name
           'virtio-pci', 'virtio-blk', 'loop', 'dm-mod', 'dm-snapshot', 'dm-thin-pool', 'dm-crypt',
           'dm-raid', 'md-mod', 'raid0', 'raid1', 'raid456', 'xts', 'ecb', 'cbc', 'aes_generic',
           'sha256_generic', 'algif_hash', 'algif_skcipher']

# What makes and opens storage stacks; from the packages that tests/setup has unpacked.
STORAGE_PROGRAMS = ['lvm', 'mdadm', 'cryptsetup', 'dmsetup']


# What the filesystems of test_filesystems.py are filled and read with. The kernel loads drivers by
# itself, but not what these ask for by other names.
FILESYSTEM_MODULES = [
    'virtio-pci', 'virtio-scsi', 'virtio-blk', 'sd-mod', 'sr-mod', 'loop', 'xfs', 'btrfs', 'f2fs',
    'squashfs', 'isofs', 'exfat', 'udf', 'erofs', 'nilfs2', 'jfs', 'crc32_generic', 'xxhash_generic',
    'blake2b_generic', 'sha256_generic', 'nls_utf8', 'nls_iso8859-1']
FILESYSTEM_PROGRAMS = ['btrfs']


def find_program(name):
    found = shutil.which(name, path='/usr/sbin:/usr/bin:/sbin:/bin')
    if not found:
        raise FileNotFoundError(f'{name} is not installed: run "make setup"')
    return Path(found)


def libraries(program):
    """Every shared object that the program maps, the loader included."""
    listing = subprocess.run(['ldd', program], capture_output=True, text=True, check=True).stdout
    return [Path(p) for p in re.findall(r'(/\S+) \(0x', listing)]


def copy(source, root, target=None):
    place = root / str(target or source).lstrip('/')
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink():  # of busybox: what it names is a program of this machine
        place.unlink()
    shutil.copy(source, place)


def add_program(root, program, target):
    copy(program, root, target)
    for library in libraries(program):
        copy(library, root)


def add_busybox(root):
    busybox = find_program('busybox')
    copy(busybox, root, '/bin/busybox')
    applets = subprocess.run([busybox, '--list-full'], capture_output=True, text=True,
                             check=True).stdout.split()
    for applet in applets:
        link = root / applet
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to('/bin/busybox')


def with_dependencies(tree, version, names):
    """Paths below lib/modules/VERSION of the modules and of what they need."""
    wanted = {}
    for line in (tree / 'lib/modules' / version / 'modules.dep').read_text().splitlines():
        path, needed = line.split(':')
        name = Path(path).name.split('.')[0].replace('_', '-')
        wanted[name] = [path] + needed.split()
    paths = set()
    for name in names:
        # Absent here means built in; a typo shows when the guest tries to load it.
        paths.update(wanted.get(name.replace('_', '-'), []))
    return sorted(paths)


def add_modules(root, tree, version, driver, names):
    source = tree / 'lib/modules' / version
    target = root / 'lib/modules' / version
    for path in with_dependencies(tree, version, names):
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.endswith('.xz'):
            place.with_suffix('').write_bytes(lzma.decompress((source / path).read_bytes()))
        else:
            shutil.copy(source / path, place)
    for module in driver.parent.glob('*.ko'):
        shutil.copy(module, target)
    for index in ('modules.builtin', 'modules.order', 'modules.builtin.modinfo'):
        shutil.copy(source / index, target)
    subprocess.run(['/sbin/depmod', '-b', root, version], check=True)


def add_files(root):
    for directory in ('proc', 'sys', 'dev', 'run', 'tmp', 'mnt', 'etc', 'lab'):
        (root / directory).mkdir(exist_ok=True)
    (root / 'etc/passwd').write_text('root::0:0:root:/:/bin/sh\nnobody::65534:65534::/:/bin/sh\n')
    (root / 'etc/group').write_text('root:x:0:\nnogroup:x:65534:\n')
    copy(Path(__file__).parent / 'init', root, '/init')
    for script in ('shell', 'end'):
        copy(Path(__file__).parent / script, root, f'/lab/{script}')
    copy(CAPTURE, root, '/usr/bin/capture-machine')
    for script in ('init', 'lab/shell', 'lab/end', 'usr/bin/capture-machine'):
        (root / script).chmod(0o755)


def pack(root, archive):
    """A newc archive owned by root, whoever makes it."""
    names = '\0'.join(['.'] + sorted(str(p.relative_to(root)) for p in root.rglob('*')))
    unfinished = archive.with_suffix('.new')
    with open(unfinished, 'wb') as out:
        subprocess.run(['cpio', '--null', '--quiet', '-o', '-H', 'newc', '-R', '0:0'],
                       input=names.encode(), stdout=out, cwd=root, check=True)
    unfinished.rename(archive)


def append(archive, initramfs, root):
    """An archive made of another one and, behind it, what is in a folder, which goes. The kernel
    unpacks archives that stand one behind the other."""
    behind = archive.with_suffix('.behind')
    pack(root, behind)
    shutil.rmtree(root)
    unfinished = archive.with_suffix('.new')
    unfinished.write_bytes(initramfs.read_bytes() + behind.read_bytes())
    unfinished.rename(archive)
    behind.unlink()


def compress(packed, archive):
    subprocess.run(['zstd', '-q', '-9', '-f', archive, '-o', packed], check=True)


def append_boot(archive, initramfs, kernel, following):
    """The first kernel's archive: the next one's, and what is to be loaded from /boot."""
    root = archive.with_suffix('')
    shutil.rmtree(root, ignore_errors=True)
    copy(kernel, root, '/boot/vmlinuz')
    copy(following, root, '/boot/initramfs')
    append(archive, initramfs, root)


def below_usr(root):
    """As the links of the first archive have it."""
    for name in ('lib', 'lib64'):
        if (root / name).exists():
            shutil.copytree(root / name, root / 'usr' / name, dirs_exist_ok=True)
            shutil.rmtree(root / name)


def add_storage(root, storage):
    """The storage tools, which were unpacked into a folder."""
    for name in STORAGE_PROGRAMS:
        add_program(root, storage / 'sbin' / name, f'/usr/sbin/{name}')
    add_program(root, find_program('mke2fs'), '/usr/sbin/mke2fs')


def append_storage(archive, initramfs, storage):
    """An initramfs with the storage tools."""
    root = archive.with_suffix('')
    shutil.rmtree(root, ignore_errors=True)
    add_storage(root, storage)
    below_usr(root)
    append(archive, initramfs, root)


def append_makedumpfile(packed, initramfs, storage):
    """An initramfs with makedumpfile, packed."""
    archive = packed.with_suffix('.cpio')
    root = archive.with_suffix('')
    shutil.rmtree(root, ignore_errors=True)
    add_program(root, storage / 'usr/bin/makedumpfile', '/usr/sbin/makedumpfile')
    below_usr(root)
    append(archive, initramfs, root)
    compress(packed, archive)
    archive.unlink()


def append_filesystems(archive, initramfs, tree, version, driver):
    """An initramfs with the drivers of many filesystems."""
    root = archive.with_suffix('')
    shutil.rmtree(root, ignore_errors=True)
    add_modules(root, tree, version, driver, MODULES + FILESYSTEM_MODULES)
    for name in FILESYSTEM_PROGRAMS:
        add_program(root, find_program(name), f'/usr/sbin/{name}')
    below_usr(root)
    append(archive, initramfs, root)


def build(archive, tree, version, driver, ours):
    """ours: programs of this project and what they are called in the guest."""
    root = archive.parent / 'initramfs'
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    # As in Debian itself: one tree, the old names being links.
    for name in ('bin', 'sbin', 'lib', 'lib64'):
        (root / 'usr' / name).mkdir(parents=True)
        (root / name).symlink_to(f'usr/{name}')
    for name in PROGRAMS:
        add_program(root, find_program(name), f'/usr/sbin/{name}')
    for program, name in ours.items():
        add_program(root, program, f'/usr/sbin/{name}')
        subprocess.run(['strip', root / f'usr/sbin/{name}'], check=True)
    add_busybox(root)
    for path in DATA:
        copy(path, root)
    add_modules(root, tree, version, driver, MODULES)
    add_files(root)
    pack(root, archive)
