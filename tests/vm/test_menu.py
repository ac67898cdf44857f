# SPDX-License-Identifier: GPL-2.0-or-later
"""`stillboot menu` as a person has it, at serial lines of a machine that really boots."""

import re
import shutil

import lab
import machines
import stacks
from terminal import ConsoleTerminal, SecondTerminal, second_line, shown
from test_menu_engine import MODULES, fill
from test_menu_engine import machine as two_disks

DOWN, END, ESCAPE, ENTER = '\x1b[B', '\x1b[F', '\x1b', '\r'
STOPS = 'Any key stops'


def seconds_left(terminal):
    """What the countdown shows; None where there is none."""
    found = re.search(r'booting in (\d+) s', terminal.text())
    return int(found.group(1)) if found else None


def follow_countdown(one, other):
    """Both show the same, and go on together. They are read one behind the other."""
    seen = set()
    while len(seen) < 3:
        for terminal in one, other:
            terminal.wait_until(lambda t=terminal: seconds_left(t) not in seen)
            terminal.take(0.1)
        assert abs(seconds_left(one) - seconds_left(other)) <= 1
        seen.add(seconds_left(other))


def printk(guest):
    return guest.run('cat /proc/sys/kernel/printk').split()[0]


def look_at_printk(terminal):
    """In the menu's shell; the kernel then says something."""
    terminal.press('x')
    terminal.wait_for('Leave the menu')
    terminal.press('4' + ENTER)
    terminal.wait_for('comes back to the menu')
    terminal.press('cat /proc/sys/kernel/printk; echo "<3>scrib""bled" > /dev/kmsg\n')
    terminal.wait_until(lambda: re.search(r'# 1 +4 +1 +7\n/ #$', terminal.text()))
    terminal.press('exit\n')
    terminal.wait_for('Leave the menu')


def leave(guest, terminal):
    terminal.press('x')
    terminal.wait_for('Leave the menu')
    terminal.press('5' + ENTER)
    assert guest.prompt()[0] == 0


def arrive(guest, terminal):
    """Wait for the next kernel; returns its command line and what stood on the console before it."""
    terminal.wait_until(lambda: 'Linux version' in terminal.said(), 'the next kernel')
    guest.prompt()
    assert guest.stage == 2
    return guest.run('cat /proc/cmdline'), terminal.said().partition('Linux version')[0]


def check_plain_lines(said, slots):
    """The jump as it stands on a serial line: no screens any more, each step, and the kernel's own
    last words after that."""
    lines = said[said.index('Stilling the machine'):]
    assert '\x1b' not in lines
    for slot in slots:
        assert re.search(rf'^\[ +\d+\.\d{{3}}\] {slot} .* ok, ', lines, re.MULTILINE), lines
    order = [lines.index(text) for text in (
        'still, 0 loud,', 'Jumping.', 'kexec_core: Starting new kernel')]
    assert order == sorted(order), lines


def test_countdown_on_two_lines(start, tmp_path):
    machine = machines.q35(*machines.root_port('rp1', 1), *machines.nvme(lab.BOOT_DISK, 'rp1'))
    guest = start(machine + second_line(tmp_path), 'lab.modules=nvme,ext4')
    guest.run('until [ -e /dev/nvme0n1p1 ]; do usleep 20000; done; dmesg -n 7')
    modes = guest.run('stty -g')
    one = ConsoleTerminal(guest)
    other = SecondTerminal(guest, tmp_path, width=80, height=24)
    one.beside.append(other)
    menu = 'stillboot menu --console /dev/ttyS0 --console /dev/ttyS1'

    with shown(one, other):
        # A key on the second stops it on both, and nothing is booted.
        guest.send(f'{menu} --timeout 8')
        for terminal in one, other:
            terminal.wait_for(STOPS)
            assert 'in the lab' in terminal.selected()
        follow_countdown(one, other)
        other.press(DOWN)
        for terminal in one, other:
            terminal.wait_until(lambda t=terminal: STOPS not in t.text())
        one.watch(9)
        assert STOPS not in one.text() and 'in the lab' in one.selected()

        # What the kernel says meanwhile is not seen, until the menu is left.
        look_at_printk(one)
        leave(guest, one)
        assert 'scribbled' not in one.said() and 'scribbled' in guest.run('dmesg')
        assert printk(guest) == '7' and guest.run('stty -g') == modes

        # Nobody is there: the default is booted.
        one.sent = other.sent = b''
        slot = guest.run('basename $(readlink -f /sys/class/nvme/nvme0/device)')
        guest.send(f'{menu} --timeout 4')
        one.wait_for(STOPS)
        cmdline, said = arrive(guest, one)
    assert lab.NEXT in cmdline
    check_plain_lines(said, [slot])
    other.settle(0)
    assert 'Jumping.' in other.said() and 'kexec_core' not in other.said()
    report = guest.json('stillboot report --json')
    assert report['loud'] == 0 and report['still'] >= 1


def plug_in(guest, folder):
    """A disk to boot from."""
    image = folder / 'late.img'
    shutil.copy(lab.BOOT_DISK, image)
    guest.monitor.command('blockdev-add', **{
        'driver': 'raw', 'node-name': 'late', 'file': {'driver': 'file', 'filename': str(image)}})
    guest.monitor.command('device_add', driver='virtio-blk-pci', drive='late', id='late', bus='rp1')


def test_unlocked_edited_plugged_in(start, tmp_path):
    guest = start(two_disks(tmp_path), MODULES, seconds=480, initrd=lab.STORAGE_INITRAMFS)
    fill(guest)
    guest.run('dmesg -n 7')
    slots = guest.run('for d in /sys/block/vd?; do basename $(readlink -f $d/device/..); done')
    terminal = ConsoleTerminal(guest)

    with shown(terminal):
        # An encrypted disk is unlocked, with a wrong passphrase first.
        guest.send('stillboot menu --timeout -1')
        terminal.wait_for('plain')
        terminal.settle(1)  # a key in the first moment is taken for one that is stuck
        terminal.press('u')
        terminal.wait_for('/dev/vda')
        for passphrase in 'wrong', stacks.PASSPHRASE:
            terminal.press(ENTER)
            terminal.wait_for('The passphrase of this volume.')
            terminal.press(passphrase + ENTER)
            terminal.wait_for('fits this passphrase' if passphrase == 'wrong' else
                              'It is unlocked.')
        terminal.wait_for('There is no encrypted volume that is locked.')
        assert stacks.PASSPHRASE not in terminal.said()

        # An entry on it is booted with other arguments.
        terminal.press(ESCAPE)
        terminal.wait_for('secret')
        terminal.go_to('secret')
        terminal.press('e')
        terminal.wait_for('Arguments')
        terminal.press(END + ' edited.word=1')
        terminal.wait_for('edited.word=1')
        terminal.settle()
        terminal.press(ENTER)
        cmdline, said = arrive(guest, terminal)
        assert cmdline.endswith(f'{lab.NEXT} edited.word=1')
        check_plain_lines(said, slots.split())

        # A disk comes while the menu stands, and is booted from.
        guest.run(f'for m in {MODULES.partition("=")[2].replace(",", " ")}; do modprobe $m; done')
        guest.run('dmesg -n 7')
        guest.send('stillboot menu --timeout -1')
        terminal.wait_for('plain')
        assert 'in the lab' not in terminal.text()
        plug_in(guest, tmp_path)
        terminal.wait_for('in the lab')
        terminal.go_to('in the lab')
        terminal.press(ENTER)
        terminal.sent = b''
        cmdline, said = arrive(guest, terminal)
    assert 'edited.word' not in cmdline and lab.NEXT in cmdline
    check_plain_lines(said, slots.split())
