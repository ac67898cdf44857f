# SPDX-License-Identifier: GPL-2.0-or-later
"""`stillboot menu` on real terminals: pseudo ones, shown by pyte."""

import os
import re
import select
import signal
import subprocess
import tarfile
import time

import pytest

from images import bzimage
from screen import Screen
from test_cli import STILLBOOT, TOP
from test_list import Tree

DOWN, UP = '\x1b[B', '\x1b[A'


@pytest.fixture(name='top')
def fixture_top(tmp_path):
    """A boot disk with ten entries. A kernel: what begins like a bzImage (image.c)."""
    kernel = bytearray(4096)
    kernel[0x1f1], kernel[0x1fe:0x200] = 1, b'\x55\xaa'
    kernel[0x202:0x206], kernel[0x206:0x208], kernel[0x236] = b'HdrS', b'\x0f\x02', 1
    (tmp_path / 'boot/grub').mkdir(parents=True)
    for i in range(10):
        (tmp_path / f'boot/vmlinuz-{i}').write_bytes(kernel)
    (tmp_path / 'boot/grub/grub.cfg').write_text(''.join(
        f"menuentry 'Debian GNU/Linux {i}' {{ linux /boot/vmlinuz-{i} root=/dev/sda1 }}\n"
        for i in range(10)))
    return tmp_path


def menu(top, *options, **screen):
    return Screen([STILLBOOT, 'menu', '--dir', top, '--dry-run', '--timeout', '-1', *options],
                  **screen)


@pytest.mark.parametrize('term', ['xterm', 'linux', 'vt220', 'vt100', 'screen', 'rxvt'])
def test_stands_and_goes(top, term):
    """Entries are there, keys are obeyed, and the terminal is given back as it was."""
    with menu(top, term=term) as s:
        s.wait_for('Debian GNU/Linux 9')
        assert 'stillboot' in s.lines()[0]
        s.settle(0.5)
        s.press('?')
        s.wait_until(lambda: 'Debian GNU/Linux 9' not in s.text())
        s.press('\x1b')
        s.wait_for('Debian GNU/Linux 9')
        s.process.terminate()
        assert s.wait() == 0
        assert s.modes_are_restored()
        if term in ('xterm', 'screen', 'rxvt'):
            assert b'\x1b[?1049l' in s.sent[-200:] or b'\x1b[?1l' in s.sent[-200:] or \
                b'\x1b[?47l' in s.sent[-200:]


@pytest.mark.parametrize('end', [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals(top, end):
    with menu(top) as s:
        s.wait_for('Debian GNU/Linux 9')
        s.process.send_signal(end)
        assert s.wait() == 0
        assert s.modes_are_restored()
        assert b'\x1b[?1000l' in s.sent[-200:]


def test_stopped_and_continued(top):
    with menu(top) as s:
        s.wait_for('Debian GNU/Linux 9')
        s.process.send_signal(signal.SIGTSTP)
        s.wait_until(s.modes_are_restored)
        s.settle()
        s.screen.reset()
        s.process.send_signal(signal.SIGCONT)
        s.wait_for('Debian GNU/Linux 9')


def test_resized(top):
    with menu(top) as s:
        s.wait_for('Debian GNU/Linux 9')
        for width, height in (120, 40), (40, 10), (300, 100), (80, 24):
            s.settle()
            s.resize(width, height)
            s.wait_until(lambda h=height: 'Enter' in s.lines()[h - 1] and
                         'stillboot' in s.lines()[0])


def test_moving_the_cursor_is_cheap(top):
    """On a serial line, where that matters."""
    with menu(top, term='vt220') as s:
        s.wait_for('Debian GNU/Linux 9')
        s.settle(0.5)  # a key in the first moment is taken for one that is stuck
        s.press(DOWN)
        s.settle()
        for key in DOWN, DOWN, UP, DOWN:
            s.press(key)
            assert 0 < s.settle() < 200, s.sent[-400:]


@pytest.mark.parametrize('width, height', [(80, 24), (132, 43)])
def test_slow_line(top, width, height):
    """115200 baud: it stands within two seconds, and moving the cursor is few bytes."""
    start = time.monotonic()
    with menu(top, term='vt220', rate=115200, width=width, height=height) as s:
        s.wait_for('Enter', 2)
        assert time.monotonic() - start < 2
        s.wait_for('Debian GNU/Linux 9')
        s.settle()
        for number in 1, 2, 3:
            s.press(DOWN)
            assert 0 < s.settle() < 200, s.sent[-400:]
            row = s.screen.buffer[2 + number]
            assert f'Debian GNU/Linux {number}' == ''.join(
                row[x].data for x in range(width) if row[x].reverse).strip()


def test_answers_are_no_keys(top):
    """What a terminal says of itself changes nothing; nor does noise."""
    with menu(top) as s:
        s.wait_for('Debian GNU/Linux 9')
        s.settle(0.5)
        before = s.text()
        s.press(b'\x1b[24;80R\x1b[?62;1;2c\x1b]11;rgb:0000/0000/0000\x07\x1b[I\x1b[O'
                b'\x1bP>|XTerm(379)\x1b\\\x00\x80\xff\xfe\x1b[200~\x1b[201~')
        s.settle(0.5)
        assert s.text() == before


def test_size_of_a_serial_line_is_asked_for(top):
    """One that the kernel does not know the size of."""
    with Screen(width=0, height=0) as s:
        s.screen.resize(30, 100)
        with menu(top, '--console', s.name):
            s.wait_until(lambda: b'\x1b[6n' in s.sent)
            s.press('\x1b[30;100R')
            s.wait_until(lambda: 'Enter' in s.lines()[29])


def test_several_consoles(top):
    """The same menu on all, each with a cursor of its own."""
    with Screen(width=100, height=30) as other, Screen() as third, \
            menu(top, '--console', other.name, '--console', third.name) as s:
        for screen in other, third:
            screen.wait_for('Debian GNU/Linux 9')
            screen.settle(0.5)
        other.press('?')
        other.wait_until(lambda: 'Debian GNU/Linux 9' not in other.text())
        third.settle()
        assert 'Debian GNU/Linux 9' in third.text()
        other.resize(60, 20)  # nobody tells us, and it spoils no other screen
        other.wait_until(lambda: 'stillboot' in other.lines()[0] and
                         any(other.lines()[19:20]), 5)
        third.press(DOWN)
        third.settle()
        assert 'Debian GNU/Linux 9' in third.text()
        s.process.terminate()
        s.wait()
        assert other.modes_are_restored() and third.modes_are_restored()


def test_one_console_does_not_hold_up_the_others(top):
    """Nobody reads what is sent to one of them."""
    with Screen(width=300, height=100) as stuck, Screen() as other, \
            menu(top, '--console', stuck.name, '--console', other.name) as s:
        other.wait_for('Debian GNU/Linux 9')
        other.settle(0.5)
        for _ in range(9):
            stuck.press('mq')
            other.press(DOWN)
            assert other.settle(0.05)
        s.process.terminate()
        assert s.wait(15) == 0


def test_a_shell(top):
    """On the terminal of the menu, with job control, and back again."""
    with menu(top, env={'SHELL': '/bin/sh', 'PS1': 'ready '}) as s:
        s.wait_for('Debian GNU/Linux 9')
        s.settle(0.5)
        s.press('m')
        s.wait_for('Power')
        s.press('9\r')
        s.wait_for('4  Shell')
        s.press('4\r')
        s.wait_for('ready')
        s.press('echo $((6 * 7)) $TERM\n')
        s.wait_for('42 xterm')
        shell = os.tcgetpgrp(s.master)
        s.press('sleep 100\n')
        s.wait_until(lambda: not s.take(0.05) and os.tcgetpgrp(s.master) != shell)
        s.settle()
        s.press('\x03')
        s.wait_until(lambda: not s.take(0.05) and os.tcgetpgrp(s.master) == shell)
        s.press('exit\n')
        s.wait_for('stillboot  ')
        s.process.terminate()
        assert s.wait() == 0


def test_no_terminal_that_can_place_its_cursor(top):
    """A dumb one gets no screens."""
    with menu(top, term='dumb') as s:
        s.settle(1)
        assert b'\x1b' not in s.sent
        s.process.terminate()
        assert s.wait() == 0


def test_all_lines_at_once(top):
    """What they lead to is printed, also when the last of them ends the menu."""
    done = subprocess.run([STILLBOOT, 'menu', '--dir', top, '--dry-run', '--timeout', '-1'],
                          input='l\n?\nq\n', text=True, capture_output=True, check=True)
    assert done.stdout.count('Debian GNU/Linux 9') == 2
    assert done.stdout.count('boot the entry with this number') == 1
    assert '()' not in done.stdout


def test_plain_characters(top):
    with menu(top, env={'LANG': 'C', 'LC_ALL': 'C', 'NO_COLOR': '1'}) as s:
        s.wait_for('Debian GNU/Linux 9')
        s.settle()
        assert all(byte < 0x80 for byte in s.sent)
        assert not re.search(rb'\x1b\[([0-9;]*;)?[34][0-7]m', s.sent)


def engine_of(process):
    children = subprocess.run(['ps', '-o', 'pid=', '--ppid', str(process.pid)],
                              capture_output=True, text=True, check=False).stdout.split()
    return [int(pid) for pid in children]


def test_engine_dies(top):
    """The menu stays, says so, and finds the entries once more; after some times it gives up."""
    with menu(top) as s:
        s.wait_for('Debian GNU/Linux 9')
        for _ in range(3):
            engine = engine_of(s.process)[0]
            os.kill(engine, signal.SIGKILL)
            s.wait_for('signal 9')
            s.wait_until(lambda old=engine: engine_of(s.process) not in ([], [old]))
        s.settle(1)
        os.kill(engine_of(s.process)[0], signal.SIGKILL)
        s.settle(1)
        assert not engine_of(s.process)
        s.press('?')
        s.settle()
        s.process.terminate()
        assert s.wait() == 0


def test_hung_up(top):
    """It does not stay behind when its only terminal is gone."""
    with Screen() as other:
        with menu(top, '--console', other.name) as s:
            other.wait_for('Debian GNU/Linux 9')
            os.close(other.master)
            os.close(other.slave)
            assert s.wait() == 0
            other.master, other.slave = os.openpty()


def test_stands_at_once(top):
    """Before any disk has answered: within three times what `stillboot --version` takes here."""
    def version():
        start = time.monotonic()
        with Screen([STILLBOOT, '--version']) as s:
            s.wait_for('stillboot')
            return time.monotonic() - start

    def first_paint():
        start = time.monotonic()
        with menu(top) as s:
            s.wait_for('Enter')
            return time.monotonic() - start

    assert min(first_paint() for _ in range(10)) < 3 * min(version() for _ in range(10))


@pytest.mark.parametrize('options, sentence', [
    (['--timeout', 'soon'], '--timeout takes seconds'),
    (['--timeout', '-2'], '--timeout takes seconds'),
    (['--console', '/dev/null'], '/dev/null is no terminal'),
    (['--console', '/dev/no-such-line'], 'No such file'),
])
def test_wrong_usage(top, options, sentence):
    done = subprocess.run([STILLBOOT, 'menu', '--dir', top, *options], capture_output=True,
                          text=True, timeout=20, check=False)
    assert done.returncode in (1, 2) and sentence in done.stderr


def test_a_dry_run_comes_back(top, tmp_path_factory):
    """Who tries a configuration sees what would be done, and has the menu again."""
    root = tmp_path_factory.mktemp('machine')
    with tarfile.open(TOP / 'tests/machines/q35-tree.tar.gz') as tree:
        tree.extractall(root)
    with menu(top, '--root', root) as s:
        s.wait_for('Debian GNU/Linux 9')
        s.settle(0.5)
        for _ in range(2):
            s.press('\r')
            s.wait_for('That was a dry run')
            s.press('\x1b')
            s.wait_for('Debian GNU/Linux 9')
        s.process.terminate()
        assert s.wait() == 0


def test_keeping_an_entry(top):
    """Its key gets through where the terminal has flow control."""
    with menu(top) as s:
        s.wait_for('Debian GNU/Linux 9')
        s.settle(0.5)
        s.press('e')
        s.wait_for('Arguments')
        s.settle()
        s.press('\x0f')
        s.wait_for('under this title')
        s.process.terminate()
        assert s.wait() == 0


def test_the_same_terminal_twice(top):
    """It has the menu once, and its modes back afterwards."""
    with Screen() as other:
        with menu(top, '--console', other.name, '--console', other.name) as s:
            other.wait_for('Debian GNU/Linux 9')
            s.process.terminate()
            assert s.wait() == 0
            assert other.modes_are_restored()


def memory_of(pid):
    """What it can write to."""
    with open(f'/proc/{pid}/maps', encoding='ascii') as maps, \
            open(f'/proc/{pid}/mem', 'rb') as memory:
        for line in maps:
            begin, end = (int(word, 16) for word in line.split()[0].split('-'))
            if 'rw' not in line.split()[1] or end - begin > 1 << 28:  # a sanitizer's shadow
                continue
            memory.seek(begin)
            try:
                yield memory.read(end - begin)
            except OSError:
                pass


def test_nothing_of_a_password_is_left(top):
    """Neither with the screens nor with the engine that it was sent to."""
    secret = 'correct horse battery staple'
    with menu(top) as s:
        s.wait_for('Debian GNU/Linux 9')
        s.settle(0.5)
        s.press('t')
        s.wait_for('Password')
        s.press('\x1b[Fe')
        s.wait_for('> ')
        s.press(secret)
        s.settle()
        assert secret not in s.text()
        s.press('\r')
        s.wait_for('once more')
        s.press(secret)
        s.settle()
        s.press('\r')
        s.wait_for("these entries are not this machine's")
        for pid in s.process.pid, *engine_of(s.process):
            for memory in memory_of(pid):
                assert secret[:20].encode() not in memory and secret[-15:].encode() not in memory


def test_consoles_that_are_not_there(tmp_path):
    """A setting that is wrong leaves no machine without a menu."""
    machine = Tree(tmp_path)
    machine.file('etc/stillboot/menu.conf', 'consoles ttyS77 ../etc/passwd\n')
    with Screen([STILLBOOT, 'menu', '--root', machine.root, '-n', '--timeout', '-1']) as s:
        s.wait_for('Enter')
        s.process.terminate()
        assert s.wait() == 0


def test_back_from_a_dry_run(tmp_path):
    """Nothing was done: the menu goes on, and obeys keys and signals."""
    machine = Tree(tmp_path)
    machine.function('0000:00:02.0', 0x020000, 'e1000e', resets='flr')
    machine.file('proc/sys/kernel/random/boot_id', 'b00t\n')
    machine.file('grub/grub.cfg', 'menuentry First { linux /k }\n')
    machine.file('k', bzimage())
    with Screen([STILLBOOT, 'menu', '--root', machine.root, '-n', '--timeout', '-1']) as s:
        s.wait_for('First')
        s.settle(0.5)
        s.press('\r')
        s.wait_for('That was a dry run')
        s.settle()
        s.press('\x1b')
        s.wait_for('Boot entries')
        s.process.terminate()
        assert s.wait() == 0
        assert s.modes_are_restored()


def test_long_lists_to_who_reads_late(top):
    """Lines wait for their reader, whole, and come without anything else happening."""
    (top / 'boot/grub/grub.cfg').write_text(''.join(
        f"menuentry '{'Long ' * 10}{i}' {{ linux /boot/vmlinuz-1 }}\n" for i in range(2000)))
    with subprocess.Popen([STILLBOOT, 'menu', '--dir', top, '-n', '--timeout', '-1'],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        text = b''
        while b'for help' not in text:
            assert select.select([process.stdout], [], [], 20)[0], text[-200:]
            time.sleep(0.05)
            text += os.read(process.stdout.fileno(), 16384)
        assert b'Long 0\n' in text and b'Long 1999\n' in text
        process.terminate()


def test_flooded_by_the_engine(top):
    """A key counts although more and more is told."""
    (top / 'boot/grub/grub.cfg').write_text(''.join(
        f"menuentry 'Entry {i}' {{ linux /boot/vmlinuz-1 {'x' * 100} }}\n" for i in range(4000)))
    with menu(top) as s:
        s.wait_for('Enter')
        s.settle(0.5)
        s.press('?')
        s.wait_for('In every list')
        s.press('\x1b')
        s.wait_for('Entry 1', 60)
        s.process.terminate()
        assert s.wait() == 0
