# SPDX-License-Identifier: GPL-2.0-or-later
"""A device node that somebody has open: the driver's remove() waits until it is closed. In every
PC's SMBus controller that is /dev/i2c-0, which a monitoring daemon may have open."""

import by_hand
import machines
from lab import EXEC

SMBUS = '8086:2930'
MODULES = 'lab.modules=i2c-i801,i2c-dev'


def hold(guest):
    guest.run('sleep 10000 < /dev/i2c-0 & echo $! > /tmp/holder')
    return guest.run('cat /tmp/holder')


def waits(guest, pid):
    """Is the process in i2c_del_adapter()?"""
    return 'i2c_del_adapter' in guest.run(f'cat /proc/{pid}/stack')


def test_unbinding_waits_for_who_has_the_node_open(start):
    """The control: without stillboot's knowledge it does not come back."""
    guest = start(machines.q35(), MODULES)
    holder = hold(guest)
    guest.run(f'({by_hand.unbind(guest.slot(SMBUS))}; echo > /tmp/done) & echo $! > /tmp/unbinding')
    unbinding = guest.run('cat /tmp/unbinding')
    guest.run(f'until grep -q i2c_del_adapter /proc/{unbinding}/stack; do usleep 20000; done')
    # A hundred times what it takes when nobody has it open, and then as soon as nobody has.
    guest.run('sleep 2')
    assert waits(guest, unbinding) and guest.status('ls /tmp/done')[0] != 0
    guest.run(f'kill {holder}; until [ -e /tmp/done ]; do usleep 20000; done')


def test_what_is_held_open_is_left_and_named(start):
    guest = start(machines.q35(), MODULES)
    slot, holder = guest.slot(SMBUS), hold(guest)
    said = f'i2c-0 is held open by sleep (pid {holder})'
    device, = [d for d in guest.json('stillboot devices --json')['devices'] if d['slot'] == slot]
    assert (device['uses'], device['use']) == (['open'], said)

    # A rule about a driver is not meant for what is in use.
    guest.write_file('/all.lua', 'device { driver = "*", steps = { "unbind" } }')
    for options in ('', '--policy /all.lua'):
        plan = guest.json(f'stillboot plan --json {options}')
        device, = [d for d in plan['devices'] if d['slot'] == slot]
        assert device['action'] == 'left' and said in device['reason']

    # Nobody has it open any more: it is stilled, and given back.
    guest.run(f'kill {holder}; while [ -e /proc/{holder}/fd/0 ]; do usleep 20000; done')
    assert guest.status('stillboot quiesce > /dev/null')[0] == 0
    assert guest.driver(slot) == ''
    guest.run('stillboot rebind')

    hold(guest)
    guest.send(EXEC)
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
