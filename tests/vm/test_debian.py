# SPDX-License-Identifier: GPL-2.0-or-later
"""The orderly ways of an installed Debian with systemd, its root on an NVMe disk: what systemd's own
`systemctl kexec` does (the controls), and what it does with the package installed.

Each start costs, so one guest proves several things, one jump behind the other."""

import re

import debian
import pytest
from guest import STRAY

ASSERTED = 'faulty.asserted=1'

# The stock way, as kexec-tools has it.
STOCK_LOAD = ('kexec -s -l /boot/vmlinuz-$(uname -r) --initrd=/boot/initrd.img-$(uname -r) '
              '--reuse-cmdline --append=faulty.fragile=1')


@pytest.fixture
def start(lab, request):
    """start(faulty) boots the Debian and returns it with its shell ready."""
    guests = []
    with lab.lock():
        debian.make()

    def start_one(faulty=False, append='', seconds=400):
        name = re.sub(r'\W+', '-', request.node.name).strip('-')
        guest = debian.start(debian.machine(faulty), lab.LOGS / f'{name}.log', seconds, append)
        guests.append(guest)
        guest.prompt()
        return guest

    yield start_one
    for guest in guests:
        guest.close()


@pytest.mark.parametrize('faulty', [False, True], ids=['sound', 'faulty'])
def test_control_stock_kexec(start, faulty):
    """It comes back, but not with the faulty device: that is what stillboot is for."""
    guest = start(faulty, ASSERTED)
    before = guest.boot_id()
    guest.run(STOCK_LOAD)
    _, panic = guest.leave('systemctl kexec')
    if faulty:
        assert panic and STRAY in panic
        return
    assert panic is None
    assert guest.stage == 2 and guest.boot_id() != before
