# SPDX-License-Identifier: GPL-2.0-or-later
"""Every test in this folder starts its own guests with start(); what their consoles said stays in
build/lab/logs."""

import re

import pytest

import lab as the_lab

# The whole life of one guest. Most take 15 s; a slow machine with other work may take ten times
# that.
GUEST_SECONDS = 240


@pytest.fixture(scope='session')
def lab():
    """Kernel, driver, initramfs and disks, made if stale; with xdist by one process only."""
    the_lab.prepare()
    return the_lab


@pytest.fixture
def start(lab, request):
    """start(machine, append) boots a guest and returns it with its shell ready. All of a test's
    guests end with the test."""
    guests = []

    def start_one(machine, append='', seconds=GUEST_SECONDS, initrd=the_lab.FIRST_INITRAMFS):
        name = re.sub(r'\W+', '-', request.node.name).strip('-')
        count = f'-{len(guests) + 1}' if guests else ''
        guest = lab.start(machine, append, lab.LOGS / f'{name}{count}.log', seconds, initrd)
        guests.append(guest)
        _, said = guest.prompt()
        assert 'lab: cannot load' not in said
        return guest

    yield start_one
    for guest in guests:
        guest.close()
