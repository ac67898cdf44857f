# SPDX-License-Identifier: GPL-2.0-or-later
"""Terminals at a guest's serial lines: pyte shows what is sent there, and answers as a vt220 does.

Each reads only while somebody waits for something, so that the guest's own console can be waited for
by its lines (guest.py) as soon as no screen stands on it any more."""

import os
import select
import socket
import termios
import time
from contextlib import contextmanager

import machines
import pyte

# For one thing to be shown, on a slow machine with other work.
WAIT_SECONDS = 60


class Terminal:
    """A terminal of this size at the other end of a line, which is a file descriptor."""

    def __init__(self, line, deadline, log=None, width=100, height=30):
        self.line, self.deadline, self.log = line, deadline, log
        self.beside = []  # others that are read meanwhile
        self.sent = b''
        self.screen = pyte.Screen(width, height)
        self.screen.write_process_input = self.press
        self.stream = pyte.ByteStream(self.screen)

    def press(self, keys):
        os.write(self.line, keys.encode())

    def read(self):
        data = os.read(self.line, 65536)
        assert data, 'the line was closed'
        self.sent += data
        self.stream.feed(data)
        if self.log:
            self.log.write(data.decode(errors='replace'))
            self.log.flush()

    def take(self, seconds):
        """What comes within this time; False if nothing did."""
        lines = {terminal.line: terminal for terminal in (self, *self.beside)}
        ready = select.select(list(lines), [], [], seconds)[0]
        for line in ready:
            lines[line].read()
        return bool(ready)

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return '\n'.join(self.lines()).rstrip()

    def said(self):
        """All that came, as lines of text."""
        return self.sent.decode(errors='replace').replace('\r', '')

    def row_selected(self):
        """The row with the cursor is shown in reverse, between the bars: where it is, and its text."""
        for y in range(1, self.screen.lines - 1):
            cells = (cell.data for _, cell in sorted(self.screen.buffer[y].items()) if cell.reverse)
            text = ''.join(cells).strip()
            if text:
                return y, text
        return 0, ''

    def selected(self):
        return self.row_selected()[1]

    def wait_until(self, condition, what='what was waited for'):
        end = min(self.deadline, time.monotonic() + WAIT_SECONDS)
        while not condition():
            left = end - time.monotonic()
            assert left > 0, f'{what} is not shown; there is\n{self.text()}'
            self.take(min(left, 0.5))

    def wait_for(self, text):
        self.wait_until(lambda: text in self.text(), f'"{text}"')

    def settle(self, seconds=0.5):
        """Until nothing has come for so long."""
        while self.take(seconds):
            pass

    def watch(self, seconds):
        """Whatever comes within this time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.take(left)

    def row_of(self, text):
        """The first row of the list with this text; the details beside it are none."""
        rows = (y for y, line in enumerate(self.lines()[1:-1], 1)
                if text in line.replace('│', '|').split('|')[0])
        return next(rows, None)

    def go_to(self, text):
        """Move the cursor to the first row with this text. Rows are told by where they are: of one that is
        being painted only a part may have come. What came meanwhile may still move it: a key that was
        pressed twice, a list that grew."""
        while True:
            self.wait_until(lambda: self.row_of(text) and self.selected(), f'a row "{text}"')
            here, there = self.row_selected()[0], self.row_of(text)
            if here == there:
                self.settle()
                if self.row_selected()[0] == self.row_of(text):
                    return
                continue
            self.press('\x1b[B' if here < there else '\x1b[A')
            self.wait_until(lambda y=here: self.row_selected()[0] not in (0, y), f'a row "{text}"')


class ConsoleTerminal(Terminal):
    """At the guest's own console, where its shell is otherwise."""

    def __init__(self, guest, **size):
        line = guest.child.child_fd
        super().__init__(line, guest.deadline, guest.log, **size)
        # Line feeds are to come as they were sent.
        modes = termios.tcgetattr(line)
        modes[1] &= ~termios.OPOST
        termios.tcsetattr(line, termios.TCSANOW, modes)


SECOND = 'second-line'


def second_line(folder):
    """A machine's second serial line: its ttyS1."""
    return ['-chardev', f'socket,id=second,path={folder}/{SECOND},server=on,wait=off',
            *machines.device('isa-serial', chardev='second', index=1)]


class SecondTerminal(Terminal):
    """At the second line of a guest that runs."""

    def __init__(self, guest, folder, **size):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(f'{folder}/{SECOND}')
        super().__init__(self.socket.fileno(), guest.deadline, **size)


@contextmanager
def shown(*terminals):
    """What they show is printed if what is done meanwhile fails."""
    try:
        yield
    except BaseException:
        for number, terminal in enumerate(terminals):
            while terminal.take(0):
                pass
            print(f'--- terminal {number} ---', terminal.text(), sep='\n')
        raise
