# SPDX-License-Identifier: GPL-2.0-or-later
"""Device nodes that somebody has open, where the driver's remove() waits until they are closed: the
SMBus controller of every PC (monitoring daemons have /dev/i2c-0 open), and a sound card."""

import by_hand
import machines
from lab import EXEC

# Who it is, the node that is held open, and the function of the kernel that waits.
SMBUS = ('8086:2930', 'i2c-0', 'i2c_del_adapter')
SOUND = ('8086:2668', 'snd/controlC0', 'snd_card_free')
BOTH = (SMBUS, SOUND)
MODULES = 'lab.modules=i2c-i801,i2c-dev,snd-hda-codec-generic,snd-hda-intel'


def start_guest(start):
    guest = start(machines.sound(), MODULES)
    # The sound driver probes on after its module is loaded.
    for _, node, _ in BOTH:
        guest.run(f'until [ -c /dev/{node} ]; do usleep 20000; done')
    return guest


def background(guest, command):
    """Returns its process id."""
    return guest.run(f'{command} > /dev/null & echo $!')


def hold(guest):
    """One process for each node."""
    return [background(guest, f'sleep 10000 < /dev/{node}') for _, node, _ in BOTH]


def test_unbinding_waits_for_who_has_the_node_open(start):
    """The control: it does not come back, and does when the node is closed."""
    guest = start_guest(start)
    holders = hold(guest)
    for identity, _, waiting in BOTH:
        unbinding = background(guest, f'({by_hand.unbind(guest.slot(identity))}; :)')
        guest.run(f'until grep -q {waiting} /proc/{unbinding}/stack; do usleep 20000; done')
        # Only time can show that it stays there. With the node closed it takes milliseconds.
        guest.run(f'sleep 2; grep -q {waiting} /proc/{unbinding}/stack')
        guest.run(f'kill {holders.pop(0)}; while [ -e /proc/{unbinding}/stack ]; do usleep 20000; '
                  'done')


def of(guest, command, slot):
    device, = [d for d in guest.json(f'{command} --json')['devices'] if d['slot'] == slot]
    return device


def test_what_is_held_open_is_left_and_named(start):
    guest = start_guest(start)
    holders = hold(guest)
    slots = [guest.slot(identity) for identity, _, _ in BOTH]
    said = {slot: f'{node} is held open by sleep (pid {holder})'
            for slot, (_, node, _), holder in zip(slots, BOTH, holders)}
    # A rule about a driver is not meant for what is in use.
    guest.write_file('/all.lua', 'device { driver = "*", steps = { "unbind" } }')
    for slot in slots:
        device = of(guest, 'stillboot devices', slot)
        assert (device['uses'], device['use']) == (['open'], said[slot])
        for options in ('', ' --policy /all.lua'):
            device = of(guest, f'stillboot plan{options}', slot)
            assert device['action'] == 'left' and said[slot] in device['reason']

    # Nobody has them open any more: they are stilled, and given back.
    guest.run(f'kill {" ".join(holders)}')
    for holder in holders:
        guest.run(f'while [ -e /proc/{holder}/fd/0 ]; do usleep 20000; done')
    guest.run('stillboot quiesce > /dev/null')
    assert not guest.drivers().keys() & set(slots)
    guest.run('stillboot rebind')
    assert guest.drivers().keys() >= set(slots)

    guest.run(f'until [ -c /dev/{SOUND[1]} ]; do usleep 20000; done')
    hold(guest)
    guest.send(EXEC)
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    steps = guest.json('stillboot report --json')['steps']
    assert not [step for step in steps if step['slot'] in slots]
