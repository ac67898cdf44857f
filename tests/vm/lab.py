# SPDX-License-Identifier: GPL-2.0-or-later
"""What the guests are made of: kernel, test driver, initramfs, disks. All of it lies below
build/lab and is made only when something it is made from is newer."""

import fcntl
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import accel
import disks
import initramfs
import machines
from guest import Guest

TOP = Path(__file__).resolve().parents[2]
LAB = TOP / 'build/lab'
KERNEL_TREE = LAB / 'kernel'
LOGS = LAB / 'logs'
# The initramfs of both kernels; packed, for disks and /boot, because the kernel hashes all that is
# loaded, and again after the jump, slowly; and that of the first kernel, which has the next kernel and
# its initramfs in /boot besides.
INITRAMFS = LAB / 'initramfs.cpio'
NEXT_INITRAMFS = LAB / 'initramfs.zst'
FIRST_INITRAMFS = LAB / 'first.cpio'
# The next kernel's, with the drivers of many filesystems.
FILESYSTEM_INITRAMFS = LAB / 'with-filesystems.cpio'
# The same with lvm, mdadm and cryptsetup.
STORAGE_INITRAMFS = LAB / 'with-storage.cpio'
STORAGE_TREE = LAB / 'storage'
# The first kernel's, with a next kernel in /boot that has makedumpfile.
CRASH_INITRAMFS = LAB / 'with-makedumpfile.cpio'
CRASH_NEXT = LAB / 'makedumpfile.zst'
DRIVER = LAB / 'driver/faulty.ko'
BOOT_DISK = LAB / 'boot.img'
ROOT_DISK = LAB / 'root.img'
BROKEN_DISK = LAB / 'broken.img'
GRUB_DISK = LAB / 'grub.img'
STILLBOOT = TOP / 'build/stillboot'
RUN_STEP = TOP / 'build/release/tests/vm/run_step'
LEAVE = TOP / 'build/release/tests/vm/leave'
ENGINE_PLAYER = TOP / 'build/release/tests/engine/engine_player'

# Both kernels: console on the serial port, and a panic ends the guest at once.
# On a busy machine the emulated timer is too slow for the kernel's check of it. Device memory that a
# driver holds can be looked at all the same. A guest that hangs is asked what it does.
ALWAYS = 'console=ttyS0 panic=-1 no_timer_check iomem=relaxed sysrq_always_enabled'
# The next kernel: our driver binds the faulty device, and panics on what it did not ask for.
NEXT = f'{ALWAYS} loglevel=6 lab.stage=2 lab.modules=faulty faulty.fragile=1'

# The two ways to the next kernel that are compared, with what lies in the guest's /boot.
LOAD = ('kexec -s -l /boot/vmlinuz --initrd=/boot/initramfs '
        f'--command-line="{NEXT}"')
# A crash kernel for machines that reserve memory for one; it is called stage 3 and has no drivers.
CRASH_LOAD = ('kexec -s -p /boot/vmlinuz --initrd=/boot/initramfs '
              f'--command-line="{ALWAYS} loglevel=6 lab.stage=3 nr_cpus=1 reset_devices"')
EXEC = ('stillboot exec --kernel /boot/vmlinuz --initrd /boot/initramfs '
        f'--cmdline "{NEXT}"')


class LabError(Exception):
    """Something that the lab needs is missing; the text says what to do."""


def run(*argv, **kwargs):
    """Run a program; what it printed is shown only when it fails."""
    done = subprocess.run([str(a) for a in argv], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, **kwargs)
    if done.returncode != 0:
        raise LabError(f'{argv[0]} failed ({done.returncode}):\n{done.stdout}')
    return done.stdout


def kernel_version():
    try:
        return (KERNEL_TREE / 'version').read_text().strip()
    except FileNotFoundError:
        raise LabError('no kernel for the guests: run "make setup"') from None


def kernel():
    return KERNEL_TREE / 'boot' / f'vmlinuz-{kernel_version()}'


def stale(product, sources):
    if not product.exists():
        return True
    made = product.stat().st_mtime
    return any(Path(s).stat().st_mtime > made for s in sources)


@contextmanager
def lock():
    """One process at a time makes things; the others wait and find them made."""
    LAB.mkdir(parents=True, exist_ok=True)
    with open(LAB / 'lock', 'w', encoding='utf-8') as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make_driver():
    sources = [TOP / 'tests/driver/faulty.c', TOP / 'tests/driver/early.c',
               TOP / 'tests/driver/Kbuild', KERNEL_TREE / 'version']
    if not stale(DRIVER, sources):
        return
    shutil.rmtree(DRIVER.parent, ignore_errors=True)
    DRIVER.parent.mkdir()
    for source in sources[:3]:
        shutil.copy(source, DRIVER.parent)
    run('make', '-C', f'/usr/src/linux-headers-{kernel_version()}', f'M={DRIVER.parent}',
        'modules')


def make_initramfs():
    """With our programs, those that were built."""
    here = Path(__file__).parent
    ours = {program: name for program, name in (
        (STILLBOOT, 'stillboot'), (RUN_STEP, 'run-step'), (LEAVE, 'leave'),
        (ENGINE_PLAYER, 'engine-player')) if program.exists()}
    sources = [here / 'init', here / 'shell', here / 'end', here / 'initramfs.py',
               initramfs.CAPTURE, DRIVER, KERNEL_TREE / 'version', *ours]
    if stale(INITRAMFS, sources):
        initramfs.build(INITRAMFS, KERNEL_TREE, kernel_version(), DRIVER, ours)
    if stale(NEXT_INITRAMFS, [INITRAMFS]):
        initramfs.compress(NEXT_INITRAMFS, INITRAMFS)
    if stale(FIRST_INITRAMFS, [NEXT_INITRAMFS]):
        initramfs.append_boot(FIRST_INITRAMFS, INITRAMFS, kernel(), NEXT_INITRAMFS)


def make_filesystem_initramfs():
    if stale(FILESYSTEM_INITRAMFS, [INITRAMFS]):
        initramfs.append_filesystems(FILESYSTEM_INITRAMFS, INITRAMFS, KERNEL_TREE,
                                     kernel_version(), DRIVER)


def make_storage_initramfs():
    if not (STORAGE_TREE / 'packages').exists():
        raise LabError('no storage tools for the guests: run "make setup"')
    if stale(STORAGE_INITRAMFS, [FIRST_INITRAMFS, STORAGE_TREE / 'packages']):
        initramfs.append_storage(STORAGE_INITRAMFS, FIRST_INITRAMFS, STORAGE_TREE)


def make_crash_initramfs():
    if stale(CRASH_NEXT, [INITRAMFS, STORAGE_TREE / 'packages']):
        initramfs.append_makedumpfile(CRASH_NEXT, INITRAMFS, STORAGE_TREE)
    if stale(CRASH_INITRAMFS, [CRASH_NEXT]):
        initramfs.append_boot(CRASH_INITRAMFS, INITRAMFS, kernel(), CRASH_NEXT)


def make_disks():
    here = Path(__file__).parent
    contents = (kernel_version(), kernel(), NEXT_INITRAMFS, NEXT)
    sources = [here / 'disks.py', here / 'grub.cfg', Path(__file__), NEXT_INITRAMFS]
    for image, fill in ((BOOT_DISK, disks.bls_tree), (BROKEN_DISK, disks.broken_tree),
                        (GRUB_DISK, disks.grub_tree)):
        if stale(image, sources):
            disks.build(image, fill, *contents)
    if stale(ROOT_DISK, sources):
        disks.build(ROOT_DISK, disks.root_tree, kernel(), NEXT_INITRAMFS,
                    lambda root: initramfs.add_storage(root, STORAGE_TREE))


def prepare():
    """Make everything that is stale. Safe to call from several processes at once."""
    with lock():
        LOGS.mkdir(exist_ok=True)
        make_driver()
        make_initramfs()
        make_filesystem_initramfs()
        make_storage_initramfs()
        make_crash_initramfs()
        make_disks()
        accel.find(LAB / 'accel', kernel())


def start(machine, append, log, seconds, initrd=FIRST_INITRAMFS):
    """Start a guest on a machine from machines.py; append goes to its kernel command line."""
    options = accel.find(LAB / 'accel', kernel())
    return Guest(machines.command(options, machine, kernel(), initrd,
                                  f'{ALWAYS} quiet {append}'), log, seconds)
