# SPDX-License-Identifier: GPL-2.0-or-later
"""The menu's engine on a machine with disks: one is locked, one comes later, one is booted from."""

import json

import filesystems
import lab
import machines
import stacks

MODULES = 'lab.modules=virtio-pci,virtio-blk,dm-mod,dm-crypt,ext4'
MAKE = '''#!/bin/sh -ex
export DM_DISABLE_UDEV=1
key() { printf '@PASSPHRASE@'; }
key | cryptsetup -q luksFormat --pbkdf-force-iterations 1000 --type luks2 --pbkdf pbkdf2 /dev/vda -
key | cryptsetup open /dev/vda c0 -d -
fill /dev/mapper/c0 secret '@OPTIONS@'
cryptsetup close c0
fill /dev/vdb plain
sync
'''


def machine(folder):
    """A disk to be locked, one that is not, and a slot for another."""
    devices = machines.root_port('rp1', 1)
    for name, mebibytes in (('vda', 200), ('vdb', 48)):
        with open(folder / f'{name}.img', 'wb') as disk:
            disk.truncate(mebibytes << 20)
        devices += ['-drive', f'file={folder}/{name}.img,if=none,id={name},format=raw,cache=unsafe',
                    *machines.device('virtio-blk-pci', drive=name)]
    return machines.q35(*devices)


def fill(guest):
    guest.write_file('/bin/fill', stacks.FILL)
    guest.write_file('/bin/make', MAKE.replace('@PASSPHRASE@', stacks.PASSPHRASE)
                     .replace('@OPTIONS@', lab.NEXT))
    guest.run('chmod +x /bin/fill /bin/make')
    guest.run('make > /tmp/make.log 2>&1 || { tail -n 20 /tmp/make.log; false; }')


class Engine:
    """In the guest. What it says is a file there."""

    def __init__(self, guest):
        self.guest, self.seen = guest, 0
        guest.run('rm -f /asks /said /ended; mkfifo /asks; (sleep 100000 > /asks & echo $! > /holder;'
                  ' engine-player < /asks >> /said 2>/log; echo $? > /ended) & :')
        self.send(ask='look')

    def send(self, **request):
        # By a program, so that a line is one write.
        self.guest.run(f"echo '{json.dumps(request)}' > /asks")

    def wait(self, what):
        """Until there is a line like this among the new ones; all up to that one. What comes behind it
        is for who waits next."""
        new = f'tail -n +{self.seen + 1} /said'
        self.guest.run(f"for i in $(seq 2000); do {new} | grep -q '{what}' && break; "
                       'test ! -e /ended || break; usleep 50000; done; '
                       f"{new} | grep -q '{what}' || {{ tail -n 20 /said /log; false; }}")
        number = self.guest.run(f"{new} | grep -n -m 1 '{what}' | cut -d: -f1")
        lines = self.guest.run(f'{new} | head -n {number}').splitlines()
        self.seen += len(lines)
        return [json.loads(line) for line in lines]

    def ask(self, ask, **request):
        self.send(ask=ask, **request)
        said = self.wait(f'"ask":"{ask}"')
        answer = next(m for m in said if m.get('ask') == ask)
        return answer['say'] == 'done', answer['text'], said

    def end(self):
        self.send(ask='bye')
        self.guest.run('until test -s /ended; do usleep 50000; done; kill $(cat /holder)')
        assert self.guest.run('cat /ended') == '0', self.guest.run('cat /log')


def plug_in(guest, folder):
    image = folder / 'late.img'
    filesystems.ext('ext4')(image, folder / 'late')
    guest.monitor.command('blockdev-add', **{
        'driver': 'raw', 'node-name': 'late', 'file': {'driver': 'file', 'filename': str(image)}})
    guest.monitor.command('device_add', driver='virtio-blk-pci', drive='late', id='late', bus='rp1')


def disks_of(rows):
    return [row for row in rows if 'virtio' in row['what'] or '1af4' in (row['name'] or '')]


def test_menu_engine(start, tmp_path):
    guest = start(machine(tmp_path), MODULES, seconds=480, initrd=lab.STORAGE_INITRAMFS)
    fill(guest)

    # What is locked is named; the other's entry is there, and says why it cannot be booted.
    engine = Engine(guest)
    said = engine.wait('"locked":.."device"')
    listed = [m for m in said if m['say'] == 'listed'][-1]
    assert [m['title'] for m in said if m['say'] == 'entry'] == ['plain']
    assert [m['device'] for m in listed['locked']] == ['/dev/vda'] and listed['busy'] == []
    assert guest.run('dmsetup ls') == 'No devices found'

    # That it is mounted, because we look at it, is no use of it.
    _, _, said = engine.ask('plan', leave=[])
    rows = disks_of(next(m for m in said if m['say'] == 'plan')['rows'])
    assert len(rows) >= 2 and {row['action'] for row in rows} == {'quiesce'}
    assert 'held open' in guest.run('stillboot plan')

    # Unlocked, its entry comes by itself.
    done, text, _ = engine.ask('unlock', device='/dev/vda', passphrase='wrong')
    assert not done and 'fits this passphrase' in text
    done, text, said = engine.ask('unlock', device='/dev/vda', passphrase=stacks.PASSPHRASE)
    assert done, text
    if '"secret"' not in json.dumps(said):
        engine.wait('"title":"secret"')
    assert stacks.PASSPHRASE not in guest.run('cat /log /said')

    # A disk that comes adds its entry.
    plug_in(guest, tmp_path)
    engine.wait('"title":"late"')
    _, _, said = engine.ask('plan', leave=[])
    rows = disks_of(next(m for m in said if m['say'] == 'plan')['rows'])
    assert len(rows) >= 3 and {row['action'] for row in rows} == {'quiesce'}

    # At the end everything is as it was.
    engine.end()
    assert guest.run('dmsetup ls') == 'No devices found'
    guest.run('test ! -e /run/stillboot/stack')
    assert 'held open' not in guest.run('stillboot plan')

    # What fails before anything is touched leaves the engine at work; then the jump.
    engine = Engine(guest)
    engine.wait('"title":"late"')
    assert engine.ask('unlock', device='/dev/vda', passphrase=stacks.PASSPHRASE)[0]
    engine.wait('"title":"secret"')
    done, text, _ = engine.ask('boot', id='plain', edit=None, leave=[])
    assert not done and 'cannot be booted' in text
    edit = {'device': '', 'linux': '/init', 'initrd': [], 'devicetree': None, 'options': 'x'}
    done, text, _ = engine.ask('boot', id=None, edit=edit, leave=[])
    assert not done and 'kernel' in text
    # It had let go of the disks, and looks at them again; what was unlocked is locked.
    engine.wait('"locked":.."device"')
    assert guest.run('dmsetup ls') == 'No devices found'
    guest.run('> /said')
    engine.seen = 0
    assert engine.ask('unlock', device='/dev/vda', passphrase=stacks.PASSPHRASE)[0]
    guest.run("until grep -q '\"title\":\"secret\"' /said; do usleep 50000; done")
    entries = [json.loads(line) for line in guest.run("grep '\"title\":\"secret\"' /said").splitlines()]
    entry = entries[-1]
    edit = {'device': entry['files'][0]['device'], 'linux': '/vmlinuz', 'initrd': ['/initramfs'],
            'devicetree': None, 'options': entry['options'] + ' edited.word=1'}
    guest.send(f"echo '{json.dumps({'ask': 'boot', 'id': 'secret', 'edit': edit, 'leave': []})}' "
               '> /asks; sleep 1000')
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    assert 'edited.word=1' in guest.run('cat /proc/cmdline')
    report = guest.json('stillboot report --json')
    assert report['loud'] == 0 and report['still'] >= 3
    assert 'held open' not in str(report) and 'is part of' not in str(report)
