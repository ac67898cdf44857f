# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal to test on: a program on a pseudo terminal, and pyte, which shows what it sends."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte


class Scrolling(pyte.Screen):
    """With "scroll up" and "scroll down" (ECMA-48 8.3.147 and 8.3.113), which pyte lacks and ncurses sends."""

    def scroll_up(self, lines=1, **_):
        self._scroll(lines, (self.margins or pyte.screens.Margins(0, self.lines - 1)).bottom,
                     self.index)

    def scroll_down(self, lines=1, **_):
        self._scroll(lines, (self.margins or pyte.screens.Margins(0, self.lines - 1)).top,
                     self.reverse_index)

    def _scroll(self, lines, edge, move):
        before, self.cursor.y = self.cursor.y, edge
        for _ in range(lines or 1):
            move()
        self.cursor.y = before

    def delete_characters(self, count=None):
        """What comes in at the right has the background that is set: terminfo's bce."""
        super().delete_characters(count)
        for x in range(max(self.columns - (count or 1), self.cursor.x), self.columns):
            self.buffer[self.cursor.y][x] = self.cursor.attrs._replace(data=' ')


class Stream(pyte.ByteStream):
    csi = pyte.ByteStream.csi | {'S': 'scroll_up', 'T': 'scroll_down'}
    events = pyte.ByteStream.events | {'scroll_up', 'scroll_down'}


class Screen:
    """A terminal of this size; with a command, that command on it as on a person's.

    Without one `name` is a device that somebody else may open. `bytes` counts what was sent to it.
    """

    def __init__(self, command=None, width=80, height=24, term='xterm', env=None, rate=None):
        self.master, self.slave = pty.openpty()
        self.name = os.ttyname(self.slave)
        self.rate, self.bytes, self.sent = rate, 0, b''
        self.screen = Scrolling(width, height)
        self.stream = Stream(self.screen)
        self.set_size(width, height)
        self.modes = termios.tcgetattr(self.slave)
        self.process = None
        if command:
            environment = {k: v for k, v in os.environ.items()
                           if k not in ('LINES', 'COLUMNS', 'NO_COLOR', 'LANGUAGE', 'LC_ALL')}
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=self.slave, stdout=self.slave,
                stderr=self.slave, start_new_session=True, preexec_fn=self._take_terminal,
                env=environment | {'TERM': term, 'LANG': 'C.UTF-8'} | (env or {}))

    @staticmethod
    def _take_terminal():
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def set_size(self, width, height):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack('HHHH', height, width, 0, 0))

    def resize(self, width, height):
        """As when a person draws at the window's corner."""
        self.screen.resize(height, width)
        self.set_size(width, height)

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        os.close(self.slave)
        os.close(self.master)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def take(self, seconds):
        """What comes within this time, at most as fast as the line is; False if nothing did."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        most = 65536
        if self.rate:  # ten bits for each byte
            most = 64
            time.sleep(most * 10 / self.rate)
        data = os.read(self.master, most)
        self.bytes += len(data)
        self.sent = (self.sent + data)[-100000:]
        self.stream.feed(data)
        return True

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return '\n'.join(self.lines()).rstrip()

    def wait_until(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            assert left > 0, f'not within {seconds} s; there is\n{self.text()}'
            self.take(left)

    def wait_for(self, text, seconds=10):
        self.wait_until(lambda: text in self.text(), seconds)

    def settle(self, seconds=0.3):
        """Until nothing has come for so long; the bytes that came."""
        before = self.bytes
        while self.take(seconds):
            pass
        return self.bytes - before

    def press(self, keys):
        os.write(self.master, keys if isinstance(keys, bytes) else keys.encode())

    def wait(self, seconds=10):
        """Until the program has ended: its exit code."""
        end = time.monotonic() + seconds
        while self.process.poll() is None:
            assert time.monotonic() < end, f'it has not ended; there is\n{self.text()}'
            self.take(0.05)
        while self.take(0):
            pass
        return self.process.returncode

    def modes_are_restored(self):
        return termios.tcgetattr(self.slave) == self.modes
