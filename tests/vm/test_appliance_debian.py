# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot image starts an installed Debian, with nobody there: from its grub.cfg, and as a unified kernel
image by a firmware."""

import appliance
import debian
import formats
import lab
import machines
from terminal import ConsoleTerminal, shown
from test_appliance import STOPS, speed, switch_on  # noqa: F401, a fixture


def arrive(guest):
    """Wait for its shell, behind systemd's start; returns the command line and the report."""
    terminal = ConsoleTerminal(guest)
    with shown(terminal):
        terminal.wait_for(STOPS)
        terminal.wait_until(lambda: 'Linux version' in terminal.said(), 'the next kernel')
    guest.prompt()
    assert guest.run('cat /proc/1/comm') == 'systemd'
    report = guest.json('stillboot report --json')
    assert report['loud'] == 0 and report['still'] >= 1
    return guest.cmdline(), report


def make_disk(lab):
    with lab.lock():
        debian.make()


def test_debian_from_its_grub_cfg(lab, switch_on):  # noqa: F811
    make_disk(lab)
    guest = switch_on('debian-grub', machines.command(
        speed(), debian.machine(), lab.kernel(), appliance.IMAGE,
        f'{lab.ALWAYS} quiet stillboot.timeout=3'))
    cmdline, report = arrive(guest)
    assert cmdline == f'root=UUID={debian.UUID} ro {debian.NEXT}'
    assert report['entry'] == 'Debian GNU/Linux'


def test_debian_in_one_file_by_a_firmware(lab, switch_on, tmp_path):  # noqa: F811
    """Its disk has no boot loader that this firmware would start."""
    make_disk(lab)
    esp = tmp_path / 'esp.img'
    cmdline = f'root=UUID={debian.UUID} ro {debian.NEXT} from.file=yes'
    appliance.make_esp(esp, formats.unified(
        lab.kernel_version(), lab.kernel(), debian.INITRD, lambda stage: cmdline,
        formats.archive(tmp_path, 'ucode')))
    machine = [*debian.machine(), *machines.root_port('rp9', 9), *machines.nvme(esp, 'rp9')]
    guest = switch_on('debian-unified', appliance.by_firmware(speed(), machine, tmp_path))
    assert arrive(guest)[0] == cmdline
