# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing of ours in the guest: Debian's 8139cp, which has no shutdown(), its interface up and
packets pouring in. In what state does the next kernel find the card before any driver binds?"""

import socket
import threading

import machines
import pytest
from lab import EXEC, LOAD

IDENTITY = '10ec:8139'
# RTL8139C(L)+ data sheet, Command register: 0x10 reset in progress or power-on, 0x08 receiver
# enabled, 0x04 transmitter enabled, 0x01 receive buffer empty.
COMMAND_REGISTER = 0x37
RECEIVER_ON = 0x08
POWER_ON = 0x11  # what QEMU's model reads after a reset
BROADCAST = b'\xff' * 6 + b'\x52\x54\x00\x00\x00\x01' + b'\x88\xb5' + b'stillboot' * 10


class Flood:
    """Sends a broadcast frame every few milliseconds until it is stopped."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.here = self.socket.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(('127.0.0.1', 0))
            self.there = probe.getsockname()[1]
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.pour)

    def pour(self):
        while not self.stopped.wait(0.005):
            try:
                self.socket.sendto(BROADCAST, ('127.0.0.1', self.there))
            except ConnectionRefusedError:
                pass  # QEMU is not there yet, or not any more

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()
        self.socket.close()


@pytest.fixture
def receiving(start):
    """A guest whose card has received packets, and goes on doing so."""
    with Flood() as flood:
        guest = start(machines.flooded(flood.there, flood.here), 'lab.modules=8139cp')
        assert guest.driver(guest.slot(IDENTITY)) == '8139cp'
        guest.run('ip link set eth0 up')
        packets = '/sys/class/net/eth0/statistics/rx_packets'
        guest.run(f'until [ $(cat {packets}) -gt 10 ]; do usleep 20000; done')
        yield guest


def card_command(guest):
    """The card's Command register, read past all drivers."""
    slot = guest.slot(IDENTITY)
    assert guest.driver(slot) == ''
    guest.run(f'setpci -s {slot} COMMAND=2:2')
    base = guest.config(slot, 'BASE_ADDRESS_1') & ~0xf
    return int(guest.run(f'devmem {base + COMMAND_REGISTER} 8'), 16)


def test_control_found_receiving(receiving):
    receiving.run(LOAD)
    # As systemd 261 and later jump: the interfaces stay up.
    receiving.send('kexec -e -x')
    assert receiving.next_kernel()[1] is None
    assert card_command(receiving) & RECEIVER_ON


def test_stillboot_leaves_power_on_state(receiving):
    receiving.send(EXEC)
    assert receiving.next_kernel()[1] is None
    assert receiving.stage == 2
    assert card_command(receiving) == POWER_ON
