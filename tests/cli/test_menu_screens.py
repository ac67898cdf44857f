# SPDX-License-Identifier: GPL-2.0-or-later
"""Each screen of the menu on a real terminal: a pseudo one, shown by pyte.

What a screen says at each size is compared in test_screens.py. Here it is whether that comes out on a
terminal: each is gone to by keys from the entries, its words are waited for, and then all of it is
painted anew, which must change nothing.
"""

import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass

import pytest

from menu_machine import jump, locked, make_disks, make_machine, messages, script
from screen import Screen
from test_cli import STILLBOOT, TOP
from test_list import Tree
from test_screens import mode

ENTER, ESC, F1, DOWN, RIGHT, LEFT = '\r', '\x1b', '\x1bOP', '\x1b[B', '\x1b[C', '\x1b[D'
PASSWORD = 'open sesame'
HASH = ('$6$salt$Y6g9DOGvmKi.rUZj4wYRsu81e/xiQjZOHDVgZQsASfa8'
        'nA3EvFKBHUDMWxS2ICbOEloc1kersS3PKn8yosbNh1')
STUCK = 0.35  # a key in the first moment would count as one that is held down: STUCK_BEGIN_MS of menu.c
HINTS = {
    'Boot entries': 'Enter boot  e edit  d default  / find  m more  ? help',
    'Edit': 'Enter boot  Esc back  ^O keep  Tab next  F1 help  ^Z undo  ^R original',
    'Stillness': 'Space leave alone  / find  m more  ? help  Esc back',
    'Settings': 'Enter change  e edit  Del forget  / find  m more  ? help  Esc back',
    'Unlock': 'Enter unlock  / find  m more  ? help  Esc back',
    'Power': 'Enter do it  / find  m more  ? help  Esc back',
    'Screens': 'Enter open  / find  m more  ? help  Esc back',
    'Help': 'm more  ? help  Esc back',
}
OTHER_HINTS = '/ find  m more  ? help  Esc back'


@dataclass(frozen=True)
class Shown:
    """What is pressed, the screen that then stands, words on it, and the key for its help: none where keys are
    for something else."""
    keys: str
    name: str
    words: tuple
    help: str = '?'
    hints: str = None  # if others than the screen's


@dataclass(frozen=True)
class Journey:
    """From screen to screen, on one of the machines."""
    shown: tuple
    machine: str = 'plain'
    width: int = 80
    height: int = 24


JOURNEYS = {
    'entries': Journey((
        Shown('', 'Boot entries', (
            '▾ debian  /dev/nvme0n1p2', '1*     Debian GNU/Linux', '▸ Advanced options for Debian',
            'FEDORA  /dev/sda1', 'policy.d/mine.lua:2', 'This is booted by default.')),
        Shown(RIGHT, 'Boot entries', ('initrd.img-6.1.0-58-amd64  38.1 MB', 'This is booted by default.')),
        Shown(LEFT + DOWN + RIGHT, 'Boot entries', ('▾ Advanced options', '(recovery mode)', '6.1.0-56-amd64')),
        Shown('/', 'Boot entries', ('Find:',), '', 'Find:'),
        Shown('fedora', 'Boot entries', ('/fedora', '1      Fedora Linux 39'), '', 'Find: fedora'),
        Shown(ENTER, 'Boot entries', ('/fedora', 'm more  ? help')),
        Shown(ESC, 'Boot entries', ('Debian GNU/Linux',)),
        Shown('m', 'Screens', ('2  Stillness', '9  Power')))),
    'edit': Journey((
        Shown('n', 'Edit', ('A new entry', 'debian  /dev/nvme0n1p2', 'Device tree  (none)'), F1),
        Shown(ESC, 'Boot entries', ('This is booted by default.',)),
        Shown('e', 'Edit', ('Debian GNU/Linux', 'Arguments    root=UUID=', '(one more)'), F1),
        Shown(' single', 'Edit', ('Changes', '+single'), F1),
        Shown('\x0f', 'Edit', ('┌──', 'under this title', '> Debian GNU/Linux'), ''),
        Shown(ESC, 'Edit', ('+single', 'Device tree  (none)'), F1),
        Shown(ESC, 'Edit', ('Drop your changes?', 'y for yes, Esc or n for no.'), ''),
        Shown('y', 'Boot entries', ('This is booted by default.',), ''))),
    'stillness': Journey((
        Shown('s', 'Stillness', (
            '▾ 0000:00:01.0 QEMU PCIe Root port', 'QEMU NVM Express Controller  unbind nvme',
            'Rule          default.lua')),
        Shown(DOWN + DOWN + ' ', 'Stillness', ('!     0000:01:00.0', 'Left alone by hand, for this boot.')))),
    'stilling': Journey((
        Shown('', 'Stillness', ('3 still, 0 loud', '0000:07:00.0', 'QEMU XHCI Host Controller  unbind ...',
                                'Now           unbind ...'), '', ''),), 'jump'),
    'machine': Journey((
        Shown('v', 'Devices', ('0000:06:00.0 Unclassified', 'nvme1n1 is mounted', 'IOMMU group 0')),
        Shown('y', 'System', ('QEMU Standard PC', 'SeaBIOS', '3936 MiB', 'eth0        up')),
        Shown('r', 'Last jump', ('Jumped into: Debian GNU/Linux', '0000:0a:01.0  unbind  ok  341 ms',
                                 'from kernel 6.1.0-54-amd64')),
        Shown('l', 'Log', ('is no GRUB environment block',)))),
    'settings': Journey((
        Shown('t', 'Settings', ('Timeout               10', 'tty0 ttyS0', 'Seconds until the default')),
        Shown('e', 'Settings', ('┌──', '> 10', 'Enter takes it, Esc goes back.'), ''),
        Shown(ESC, 'Settings', ('Language              not set',)))),
    'power': Journey((
        Shown('u', 'Unlock', ('There is no encrypted volume that is locked.',)),
        Shown('x', 'Power', ('1  Reboot', '3  Power off', '4  Shell')),
        Shown('3' + ENTER, 'Power', ('┌──', 'Really?', 'y for yes'), ''))),
    'unlock': Journey((
        Shown('u', 'Unlock', ('1  /dev/nvme0n1p3  home', 'It is opened read-only')),
        Shown(ENTER, 'Unlock', ('The passphrase of this volume.', '> '), ''),
        Shown('hush', 'Unlock', ('> ****',), '')), 'locked'),
    'password': Journey((
        Shown('e', 'Boot entries', ('This needs the password of this menu.', '> '), ''),
        Shown('friend', 'Boot entries', ('> ******',), ''),
        Shown(ENTER, 'Boot entries', ('That is not the password.',), ''),
        Shown('e', 'Boot entries', ('This needs the password of this menu.',), ''),
        Shown(PASSWORD + ENTER, 'Edit', ('Arguments    root=UUID=',), F1)), 'guarded'),
    'small': Journey((
        Shown('', 'Boot entries', ('▾ debian  /dev/nvme0n1p2', '1*     Debian GNU/Linux', 'UEFI Firmware')),
        Shown('s', 'Stillness', ('0000:00:01.0 QEMU PCIe', '0000:04:00.0')),
        Shown(ESC, 'Boot entries', ('UEFI Firmware',), ''),
        Shown('e', 'Edit', ('Device       debian', 'Arguments', 'console=ttyS0'), F1)), 'plain', 40, 10),
    'large': Journey((
        Shown('', 'Boot entries', ('│ Debian GNU/Linux', 'This is booted by default.', 'FEDORA  /dev/sda1')),
        Shown('s', 'Stillness', ('│ Slot ', 'Gigabit Ethernet Controller  unbind e1000')),
        Shown(ESC, 'Boot entries', ('UEFI Firmware',), ''),
        Shown('e', 'Edit', ('Debian GNU/Linux', 'Arguments    root=UUID=', 'ro quiet console=ttyS0'), F1)),
        'plain', 160, 50),
}


@pytest.fixture(name='commands', scope='module')
def fixture_commands(tmp_path_factory):
    """For each machine: the menu on it, and what it needs in its environment."""
    folder = tmp_path_factory.mktemp('machine')
    subprocess.run(['make', '-s', f'MODE={mode()}', 'front', 'engine-player'], cwd=TOP, check=True)
    front = TOP / 'build' / mode() / 'tests/screens/front'
    make_machine(folder / 'root')
    root = ['--root', folder / 'root']
    disks = make_disks(folder / 'disks')
    guarded = Tree(folder / 'guarded')
    guarded.file('etc/stillboot/menu.conf', f'password {HASH}\n')
    said, plan = messages([*root, *disks])
    scripts = {'jump': script(folder / 'jump', jump(said, plan)),
               'locked': script(folder / 'locked', locked(said))}
    real = [STILLBOOT, 'menu', '--dry-run', '--timeout', '-1', *disks]
    return {'plain': ([*real, *root], {}), 'guarded': ([*real, '--root', guarded.root], {})} | {
        name: ([front, *root], {'STILLBOOT_SCRIPT': str(path)}) for name, path in scripts.items()}


def start(commands, machine, width=80, height=24, **more):
    command, env = commands[machine]
    return Screen(command, width, height, env=env | {'SHELL': '/bin/sh', 'PS1': 'ready '}, **more)


def lines_of(s):
    """Without what time alone changes."""
    return [re.sub(r'\d+ s of', '- s of', line) for line in s.lines()]


def spoil(s):
    """What is not painted again is seen."""
    for row in range(s.screen.lines):
        for column in range(s.screen.columns):
            s.screen.buffer[row][column] = s.screen.default_char._replace(data='#')


def expect_same_anew(s, shown):
    """After another size and this one again."""
    width, height = s.screen.columns, s.screen.lines
    for size in (width - 1, height), (width, height):
        s.resize(*size)
        spoil(s)
        s.wait_until(lambda: '#' not in s.text())
    with suppress(AssertionError):
        s.wait_until(lambda: lines_of(s) == shown, 3)
    assert lines_of(s) == shown


def expect_whole(s, name, words, hints=None):
    """It stands, the hints fit, and nothing is left over from what was there before."""
    hints = HINTS.get(name, OTHER_HINTS) if hints is None else hints
    s.wait_until(lambda: f'stillboot  {name}' in s.lines()[0] and all(word in s.text() for word in words))
    s.settle(0.05)
    shown = lines_of(s)
    if s.screen.columns >= 80:
        assert shown[-1].strip() == hints
    else:  # those that have room, each of them whole
        assert {hints.split('  ')[0]} <= set(shown[-1].strip().split('  ')) <= set(hints.split('  '))
    assert sum(f'stillboot  {name}' in line for line in shown) == 1
    expect_same_anew(s, shown)
    return shown


@pytest.mark.parametrize('journey', JOURNEYS.values(), ids=JOURNEYS.keys())
def test_screens(commands, journey):
    with start(commands, journey.machine, journey.width, journey.height) as s:
        if journey.machine != 'jump':
            s.wait_for('Debian GNU/Linux')
            s.settle(STUCK)
        for shown in journey.shown:
            s.press(shown.keys)
            before = expect_whole(s, shown.name, shown.words, shown.hints)
            if shown.help:
                s.press(shown.help)
                expect_whole(s, 'Help', (shown.name,))
                s.press(ESC)
                s.wait_until(lambda expected=before: lines_of(s) == expected)


def test_shell_and_back(commands):
    with start(commands, 'plain') as s:
        s.wait_for('Debian GNU/Linux')
        s.settle(STUCK)
        s.press('x')
        before = expect_whole(s, 'Power', ('4  Shell',))
        s.press('4' + ENTER)
        s.wait_for('ready')
        s.press('exit\n')
        expect_whole(s, 'Power', ('4  Shell',))
        assert lines_of(s) == before


def test_anew_by_its_key(commands):
    with start(commands, 'plain') as s:
        s.wait_for('This is booted by default.')
        s.settle(STUCK)
        before = lines_of(s)
        spoil(s)
        s.press('\x0c')
        s.wait_until(lambda: lines_of(s) == before)


def test_lines(commands):
    """Where a terminal cannot place its cursor: each list and question by a command."""
    with start(commands, 'plain', term='dumb') as s:
        for command, words in (
                ('', ('debian  /dev/nvme0n1p2', '1* Debian GNU/Linux', 'FEDORA  /dev/sda1')),
                ('?', ('boot the entry with this number', 'this list')),
                ('i 1', ('Arguments', 'initrd.img-6.1.0-58-amd64  38.1 MB')),
                ('/fedora', ('5  Fedora Linux 39',)),
                ('p', ('0000:00:01.0', 'unbind nvme')),
                ('r', ('Really?',)), ('n', ()),
                ('99', ('There is no such number',))):
            s.press(command + '\n' if command else '')
            s.wait_until(lambda seen=words: all(word in s.sent.decode() for word in seen))
            s.wait_until(lambda: s.lines()[s.screen.cursor.y].endswith(':'))
        assert b'\x1b' not in s.sent
