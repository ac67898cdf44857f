# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU's own monitor (QMP), for what no guest can do to itself: pull a device out of its slot.

It is a socket pair that QEMU inherits, so that no path has to be found for it."""

import json
import socket


class Monitor:
    """One end of the monitor; the number of the other is for QEMU's command line."""

    def __init__(self, seconds):
        self.here, self.there = socket.socketpair()
        self.there.set_inheritable(True)
        self.here.settimeout(seconds)
        self.lines = self.here.makefile('r', encoding='utf-8')
        self.ready = False
        self.events = []

    def options(self):
        return ['-chardev', f'socket,id=monitor,fd={self.there.fileno()}',
                '-mon', 'chardev=monitor,mode=control']

    def started(self):
        """QEMU has its end now: ours must be the only other one."""
        self.there.close()

    def receive(self):
        line = self.lines.readline()
        assert line, 'QEMU closed its monitor'
        return json.loads(line)

    def answer(self):
        """The next message that is no event; events are kept."""
        while True:
            message = self.receive()
            if 'event' not in message:
                return message
            self.events.append(message)

    def command(self, name, **arguments):
        """Have QEMU do something; returns its answer."""
        if not self.ready:
            self.ready = True
            self.receive()  # the greeting
            self.command('qmp_capabilities')
        self.here.sendall(json.dumps({'execute': name, 'arguments': arguments}).encode())
        answer = self.answer()
        assert 'return' in answer, f'{name}: {answer}'
        return answer['return']

    def wait_event(self, name):
        """Wait for an event of this name that nobody has waited for; returns its data."""
        while True:
            for event in self.events:
                if event['event'] == name:
                    self.events.remove(event)
                    return event['data']
            message = self.receive()
            assert 'event' in message, message
            self.events.append(message)

    def close(self):
        self.lines.close()
        self.here.close()
