# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine that the menu is shown on, in pictures (tests/screens/picture) and in tests.

It is a captured one (tests/machines/q35-tree.tar.gz, with some files that captures lack), and
tests/screens/pictures.case says what lies on its disks. A running jump and an encrypted disk are not to
be had so: for these two the front is told by a script what an engine would say (tests/screens/front.c);
the plan in it is that of the real engine.
"""

import json
import os
import re
import tarfile
import zlib

from boot_case import Case
from engine import Engine
from test_cli import TOP

POLICY = '''device { driver = "ahci", leave = true, why = "ticket 4711" }
entry { title = "Debian*", options_add = "console=ttyS0", why = "somebody watches there" }
'''
NET = {'eth0': 'up', 'eth1': 'down'}
STEPS = [  # of the lab's jump that the README begins with: start and duration in ms
    ('0000:06:00.0', 'intx', 3, 98, 'asserted and nobody serviced it'),
    ('0000:01:00.0', 'unbind', 5, 71, ''), ('0000:01:00.0', 'bus', 79, 105, ''),
    ('0000:06:00.0', 'bus', 104, 106, ''), ('0000:07:00.0', 'unbind', 6, 213, ''),
    ('0000:07:00.0', 'bus', 222, 104, ''), ('0000:0a:01.0', 'unbind', 7, 341, ''),
    ('0000:05:00.0', 'unbind', 8, 790, ''), ('0000:05:00.0', 'bus', 801, 107, '')]
STILL = ['0000:01:00.0', '0000:06:00.0', '0000:07:00.0']


def handoff():
    body = json.dumps({
        'boot_id': '07aa2f54-3c1d-4d6e-9c35-1f0f2c9b7a61', 'kernel': '6.1.0-54-amd64',
        'entry': 'Debian GNU/Linux', 'duration_us': 1210000,
        'steps': [{'slot': slot, 'step': step, 'rule': 'default.lua:26', 'start_us': start * 1000,
                   'duration_us': took * 1000, 'result': 'ok', 'detail': detail}
                  for slot, step, start, took, detail in sorted(STEPS, key=lambda s: s[2])],
        'devices': [{'slot': slot, 'verdict': 'still', 'why': ''}
                    for slot in STILL + ['0000:05:00.0', '0000:0a:01.0']] +
                   [{'slot': '0000:00:07.0', 'verdict': 'left', 'why': 'it guards the jump'},
                    {'slot': '0000:08:00.0', 'verdict': 'left',
                     'why': 'a monitor blacks out when its controller is reset'}]})
    return f'stillboot-handoff 1 {len(body)} {zlib.crc32(body.encode()):08x}\n{body}'


def make_machine(root):
    with tarfile.open(TOP / 'tests/machines/q35-tree.tar.gz') as tree:
        tree.extractall(root)
    files = {'stillboot/handoff': handoff(),
             'etc/stillboot/policy.d/mine.lua': POLICY,
             'proc/meminfo': 'MemTotal: 4030720 kB\nMemAvailable: 3811328 kB\n'}
    files |= {f'sys/kernel/iommu_groups/{i}/type': 'DMA' for i in range(17)}
    files |= {f'sys/class/net/{name}/operstate': state + '\n' for name, state in NET.items()}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding='utf-8')


def make_disks(folder):
    """As options. Files have the sizes of real ones, and no blocks."""
    folder.mkdir()
    trees = Case(TOP / 'tests/screens/pictures.case').build(folder)
    for path in folder.rglob('*'):
        if path.is_file():
            size = {'vmlinuz': 8_201_024, 'linux': 15_044_488, 'initrd': 38_120_211}
            os.truncate(path, size.get(re.match(r'[a-z]*', path.name)[0], path.stat().st_size))
    return [word for tree in trees for word in ('--dir', tree)]


def messages(options):
    """What the real engine says of entries and plan."""
    with Engine(*options) as engine:
        assert engine.ask('look')[0]
        said = [engine.until('listed')]
        said = engine.heard + said
        assert engine.ask('plan', leave=[])[0]
        return said, [m for m in engine.heard if m['say'] == 'plan']


def script(path, said):
    path.write_text(''.join(f'wait {m}\n' if isinstance(m, int) else json.dumps(m) + '\n'
                            for m in said), encoding='utf-8')
    return path


def jump(entries, plan):
    """All but two devices are done."""
    said = entries + plan + [{'say': 'phase', 'phase': 'quiesce'}]
    for slot, step, start, took, detail in STEPS:
        message = {'say': 'step', 'slot': slot, 'step': step, 'start_us': start * 1000,
                   'deadline_ms': 30000, 'detail': detail}
        said.append(message | {'state': 'begun', 'duration_us': 0})
        if slot not in ('0000:0a:01.0', '0000:05:00.0'):
            said.append(message | {'state': 'ok', 'duration_us': took * 1000})
    said = [m for m in said if (m.get('slot'), m.get('step')) != ('0000:05:00.0', 'bus')]
    said += [{'say': 'verdict', 'slot': slot, 'verdict': 'still', 'why': ''} for slot in STILL]
    said += [{'say': 'verdict', 'slot': row['slot'], 'verdict': 'left', 'why': row['reason'] or ''}
             for row in plan[0]['rows'] if row['action'] == 'left' and row['slot']]
    return said


def locked(entries):
    listed = entries[-1] | {'locked': [{'device': '/dev/nvme0n1p3', 'name': 'home',
                                        'uuid': 'c2de9d61-8a52-4b7a-04cb-0e7a112f5f3c'}]}
    return entries[:-1] + [listed, {'say': 'settings', 'rows': []}]
