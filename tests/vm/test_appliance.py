# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot image as a machine has it: nothing but a kernel and stillboot, and nobody there. By its
initramfs from a grub.cfg, and by a firmware as one file from a unified kernel image."""

import json
import shutil

import accel
import appliance
import disks
import lab
import machines
import pytest
from guest import Guest, between
from terminal import ConsoleTerminal, shown

DOWN, ENTER, ESCAPE = '\x1b[B', '\r', '\x1b'
STOPS = 'Any key stops'
GUEST_SECONDS = 300


@pytest.fixture
def switch_on(lab):
    """switch_on(name, argv) starts a machine of which nothing is waited for yet."""
    appliance.prepare()
    guests = []

    def start(name, argv):
        guests.append(Guest(argv, lab.LOGS / f'appliance-{name}.log', GUEST_SECONDS))
        return guests[-1]

    yield start
    for guest in guests:
        guest.close()


def speed():
    return accel.find(lab.LAB / 'accel', lab.kernel())


def arrive(guest, terminal):
    """Wait for the system that was booted; returns its command line and the report of the way."""
    terminal.wait_until(lambda: 'Linux version' in terminal.said(), 'the next kernel')
    _, said = guest.prompt()
    report = json.loads(between(said, 'lab: json begins', 'lab: json ends, rc 0'))
    assert report['loud'] == 0 and report['still'] >= 1
    return guest.cmdline(), report


def plug_in(guest, folder):
    """A SCSI disk, whose driver nothing has asked for before."""
    image = folder / 'late.img'
    shutil.copy(lab.GRUB_DISK, image)
    guest.monitor.command('blockdev-add', **{
        'driver': 'raw', 'node-name': 'late', 'file': {'driver': 'file', 'filename': str(image)}})
    guest.monitor.command('device_add', driver='scsi-hd', drive='late', id='late', bus='scsi.0')


def open_shell(terminal):
    terminal.press('x')
    terminal.wait_for('Power off')
    assert 'Leave the menu' not in terminal.text()
    terminal.press('4' + ENTER)
    terminal.wait_for('comes back to the menu')


def run(terminal, command, answer):
    """In its shell."""
    terminal.press(command + '\n')
    terminal.wait_until(lambda: answer in terminal.text().splitlines(), answer)


def test_a_grub_cfg_with_nobody_there(switch_on, tmp_path):
    default = f'gnulinux-simple-{disks.GRUB_UUID}'
    guest = switch_on('grub', machines.command(
        speed(), machines.q35(*machines.scsi()), lab.kernel(), appliance.IMAGE,
        f'{lab.ALWAYS} quiet stillboot.timeout=15 stillboot.default={default}'))
    terminal = ConsoleTerminal(guest)

    with shown(terminal):
        # Where there is nothing to boot it waits for something. Drivers are loaded for what comes.
        terminal.wait_for('No entry was found yet.')
        plug_in(guest, tmp_path)
        terminal.wait_for(STOPS)
        assert terminal.selected().startswith('Debian GNU/Linux')
        # A countdown runs, until somebody is there.
        terminal.press(DOWN)
        terminal.wait_until(lambda: STOPS not in terminal.text())

        # The first process looks after the others.
        open_shell(terminal)
        run(terminal, 'cat /proc/1/comm /proc/sys/kernel/hostname', 'stillboot')
        run(terminal, 'sh -c "sleep 0 & exec sleep 1"; ps | grep -c "[Z] "', '0')
        # Of some hundred modules what is here, and what that needs.
        run(terminal, '[ $(wc -l < /proc/modules) -lt 40 ] && echo few', 'few')
        terminal.sent = b''
        # The shell's parent leads its session; the menu is that one's.
        terminal.press("kill -9 $(awk '/^PPid/ { print $2 }' /proc/$PPID/status)\n")
        terminal.wait_until(lambda: 'signal 9' in terminal.said(), 'who notices')
        terminal.wait_for(STOPS)
        terminal.sent = b''
        cmdline, report = arrive(guest, terminal)
    assert cmdline == f'root=UUID={disks.GRUB_UUID} ro {lab.NEXT}'
    assert report['entry'] == 'Debian GNU/Linux'


def test_disks_that_take_tools(start, switch_on, tmp_path):
    machine = machines.q35(*appliance.stack_disks(tmp_path))
    appliance.fill_stacks(start(machine, appliance.STACK_MODULES, initrd=lab.STORAGE_INITRAMFS))
    guest = switch_on('stacks', machines.command(
        speed(), machine, lab.kernel(), appliance.IMAGE,
        f'{lab.ALWAYS} quiet stillboot.timeout=never stillboot.shell=no'))
    terminal = ConsoleTerminal(guest)

    with shown(terminal):
        terminal.wait_for('on-raid1')
        assert 'on-lvm-on-luks' not in terminal.text()
        terminal.settle(1)  # a key in the first moment is taken for one that is stuck
        terminal.press('u')
        terminal.wait_for('/dev/vda')
        terminal.press(ENTER)
        terminal.wait_for('The passphrase of this volume.')
        terminal.press(appliance.THREADED_PASSPHRASE + ENTER)
        terminal.wait_for('It is unlocked.')
        terminal.press(ESCAPE)
        terminal.wait_for('on-lvm-on-luks')

        # There is a shell in the image, but not for everybody.
        terminal.press('x')
        terminal.wait_for('Power off')
        assert 'Shell' not in terminal.text()
        terminal.press(ESCAPE)
        terminal.wait_for('on-raid1')
        terminal.go_to('on-lvm-on-luks')
        terminal.sent = b''
        terminal.press(ENTER)
        cmdline, report = arrive(guest, terminal)
    assert cmdline.endswith(lab.NEXT)
    assert report['entry'] == 'on-lvm-on-luks'


def test_a_unified_image_by_a_firmware(switch_on, tmp_path):
    esp = tmp_path / 'esp.img'
    appliance.make_esp(esp, appliance.lab_in_one_file())
    machine = machines.q35(*machines.root_port('rp1', 1), *machines.nvme(esp, 'rp1'))
    guest = switch_on('unified', appliance.by_firmware(speed(), machine, tmp_path))
    terminal = ConsoleTerminal(guest)

    with shown(terminal):
        terminal.wait_for(STOPS)
        cmdline, report = arrive(guest, terminal)
    assert cmdline == appliance.options(3)
    assert report['entry'] == 'Lab in one file'


def test_an_image_that_cannot_work(switch_on, tmp_path):
    """It says so in a line, and the machine restarts through its firmware, which ends QEMU."""
    guest = switch_on('broken', machines.command(
        speed(), machines.q35(), lab.kernel(), appliance.image_without_proc(tmp_path),
        f'{lab.ALWAYS} quiet'))
    said = guest.end()
    assert ('stillboot: mount proc on /proc: Not a directory; restarting through the firmware in 10 s'
            in said)
    assert 'panic' not in said
