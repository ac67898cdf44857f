# SPDX-License-Identifier: GPL-2.0-or-later
"""A Debian with systemd, its root an ext4 on an NVMe disk behind a root port, with our package
installed by dpkg -i. The disk is made anew when something that it is made of is newer; what a guest
writes goes with it.

It is of the same suite as this machine, or of the one that the environment's SUITE names, which
tests/setup has made then."""

import os
import shutil
from pathlib import Path

import accel
import disks
import initramfs
import lab
import machines
from guest import NEXT_KERNEL, Guest, GuestError

HERE = Path(__file__).parent
SUITE = os.environ.get('SUITE')
FOLDER = lab.LAB / (f'debian-{SUITE}' if SUITE else 'debian')
BASE = FOLDER / 'base.tar'
DISK, INITRD = FOLDER / 'disk.img', FOLDER / 'initrd'
UUID = '6f0d3c1e-5a0b-4d55-8f7e-0b9a2f6a7c11'
ROOT_DISK, FAULTY = '0000:01:00.0', '0000:02:00.0'

# What the initramfs loads, with our driver of the faulty device; what else the guest may load.
EARLY_MODULES = ['nvme', 'ext4', 'crc32c_generic']
MODULES = [*EARLY_MODULES, 'loop', 'dm-mod', 'md-mod', 'vfat', 'nls_ascii', 'nls_cp437', 'autofs4',
           'efivarfs', 'e1000e', 'uio_pci_generic']

# Kernel and services say little: each line on the console costs time.
OPTIONS = f'{lab.ALWAYS} loglevel=6 systemd.show_status=no'
# In the kernel that comes next the driver of the faulty device panics on what it did not ask for.
NEXT = f'{OPTIONS} faulty.fragile=1'


def package():
    packages = sorted(lab.TOP.glob('build/stillboot_*.deb'), key=lambda p: p.stat().st_mtime)
    if not packages:
        raise lab.LabError('no package to install: run "make deb"')
    return packages[-1]


def write(root, name, text, mode=0o644):
    place = root / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding='utf-8')
    place.chmod(mode)


def make_overlay(root, more_modules):
    """What lies over the plain Debian: the kernel, a few of its drivers, and how the lab has it."""
    version = lab.kernel_version()
    shutil.rmtree(root, ignore_errors=True)
    initramfs.add_modules(root / 'usr', lab.KERNEL_TREE, version, lab.DRIVER, MODULES + more_modules)
    disks.write_grub_cfg(root, version, NEXT, UUID)
    for name in ('vmlinuz', 'config'):
        shutil.copy(lab.KERNEL_TREE / f'boot/{name}-{version}', root / 'boot')
    # Without what its package wants besides: perl.
    makedumpfile = lab.STORAGE_TREE / 'usr/bin/makedumpfile'
    initramfs.copy(makedumpfile, root, '/usr/bin/makedumpfile')
    for library in initramfs.libraries(makedumpfile):
        if library.name.startswith(('libdw', 'liblzo2')):
            initramfs.copy(library, root, f'/usr{library}')
    write(root, 'etc/fstab', f'UUID={UUID} / ext4 errors=remount-ro 0 0\n')
    write(root, 'etc/hostname', 'lab\n')
    write(root, 'etc/machine-id', '0123456789abcdef0123456789abcdef\n')
    write(root, 'etc/initramfs-tools/modules', '\n'.join([*EARLY_MODULES, *more_modules, lab.DRIVER.stem, '']))
    write(root, 'etc/initramfs-tools/conf.d/lab', 'MODULES=list\nCOMPRESS=gzip\nFSTYPE=ext4\n')
    write(root, 'etc/systemd/journald.conf.d/lab.conf', '[Journal]\nStorage=volatile\n')
    write(root, 'etc/systemd/system/lab-shell.service',
          (HERE / 'debian/lab-shell.service').read_text(encoding='utf-8'))
    write(root, 'usr/local/sbin/lab-shell', (HERE / 'debian/shell').read_text(encoding='utf-8'),
          0o755)


def make(folder=FOLDER, more_modules=(), add=lambda overlay: None):
    """Make disk.img and initrd in a folder if they are stale; the initrd has more modules, and add()
    puts files on the disk. Root makes them with chroot, anybody else in a user namespace."""
    if not (FOLDER / 'packages').exists():
        raise lab.LabError('no Debian for the guests: run "make setup" (of another suite: "make soak")')
    lab.LOGS.mkdir(exist_ok=True)
    lab.make_driver()
    sources = [FOLDER / 'packages', package(), lab.DRIVER, HERE / 'make-debian', Path(__file__), lab.__file__,
               HERE / 'grub.cfg', *(HERE / 'debian').iterdir()]
    if not lab.stale(folder / 'disk.img', sources):
        return
    folder.mkdir(exist_ok=True)
    overlay = folder / 'overlay'
    make_overlay(overlay, list(more_modules))
    add(overlay)
    outside = [] if os.getuid() == 0 else ['unshare', '--map-root-user', '--map-auto']
    lab.run(*outside, HERE / 'make-debian', BASE, overlay, package(), UUID, folder)
    shutil.rmtree(overlay)


def machine(faulty=False, disks_of_root=(DISK,)):
    """The disks of its root, each behind a root port whose slot can be reset, and the faulty device in
    front of the second."""
    first, *others = ((*machines.root_port(f'rp{port}', port, False), *machines.nvme(disk, f'rp{port}'))
                      for port, disk in zip((1, 3), disks_of_root))
    other = [*machines.root_port('rp2', 2, False), *machines.device('edu', bus='rp2')]
    return machines.NATIVE_HOTPLUG + machines.q35(*first, *(other if faulty else []), *sum(others, ()))


class Debian(Guest):
    """Its shell is stopped by every shutdown, some time after the command that asked for it."""

    def leave(self, command):
        """Have it jump; returns what the next kernel says up to its shell, and the text of its panic
        or None. A restart through the firmware ends QEMU (-no-reboot), and with that the test."""
        self.send(command)
        found, before = self.expect(NEXT_KERNEL, r'\n\[lab \d rc [1-9]\d*\]\$ ')
        if found == 1:
            raise GuestError(self.failure(f'"{command}" failed: {before}'))
        return self.arrival()

    def ends_by(self, command):
        """Have the machine end; returns how QEMU saw it: "guest-reset" or "guest-shutdown"."""
        self.monitor.command('query-status')  # events are told from the first command on
        self.send(command)
        said = self.end()
        assert 'Linux version' not in said
        return self.monitor.wait_event('SHUTDOWN')['reason']

    def boot_id(self):
        return self.run('cat /proc/sys/kernel/random/boot_id')


def start(options, log, seconds, append='', folder=FOLDER, guest=Debian):
    """The first kernel of it is started by QEMU itself."""
    return guest(machines.command(accel.find(lab.LAB / 'accel', lab.kernel()), options, lab.kernel(),
                                  folder / 'initrd', f'root=UUID={UUID} ro {OPTIONS} {append}'), log, seconds)
