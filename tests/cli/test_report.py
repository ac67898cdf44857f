# SPDX-License-Identifier: GPL-2.0-or-later
"""stillboot report on made-up machines below --root: the way here, the history, and rules to paste."""

import hashlib
import json
import os
import pty
import struct
import subprocess
import zlib

import pytest

from engine import Engine
from test_cli import Machine, STILLBOOT

T = 1700000000000000  # microseconds since 1970
CHART = '''\
stillboot brought this machine from kernel 6.1.0-41-amd64 (boot 4f1c) into: Debian GNU/Linux
It is jump 3 since the firmware.

From the request to the login: about 14 s
  stopping services           2.31 s  #######
  unmounting                  290 ms         #
  stilling devices            912 ms          ##
    0000:02:00.0 bus          800 ms          ==
    0000:01:00.0 bus          710 ms          ==
    0000:01:00.0 unbind       200 ms          =
  writing the handoff         187 ms            #
  loading and jump         under 1 s             ~
  kernel                      1.40 s              ####
  preinit                     350 ms                  #
  initramfs and services      7.75 s                   #########################

   0.000 s  0000:01:00.0    unbind        ok       200 ms    (default.lua:22)
   0.200 s  0000:01:00.0    bus           ok       710 ms    (default.lua:22)
   0.100 s  0000:02:00.0    bus           failed   800 ms    the kernel said no  (default.lua:22)

1 still, 1 loud, 1 left, in 912 ms
  loud  0000:02:00.0    bus master is on
  left  0000:00:02.0    a display

Preinit, before this kernel's drivers: 1 still, 0 loud, 0 left, in 350 ms
  0000:01:00.0  put back Cache Line Size: was 0x0, is 0x10, as the firmware had it

The firmware's settings are known: boot 11aa, kernel 6.1.0-40-amd64, 2023-11-14T22:00:00Z

The kernel before said of devices in trouble:
  0000:00:1c.0  aer        pcieport 0000:00:1c.0: AER: Corrected error received

This kernel says of devices in trouble:
  0000:01:00.0  iommu      DMAR: [DMA Write] Request device [01:00.0] fault addr 0xfff reason 0x06

This rule would help the next jump, in a file like /etc/stillboot/policy.d/50-mine.lua:

-- DMAR: [DMA Write] Request device [01:00.0] fault addr 0xfff reason 0x06
device {
	slot = "0000:01:00.0",
	steps = { "unbind", "power", "bus", "subordinate", "disable", "mask" },
	why = "a reset through its port did not stop it",
}
'''


def step(slot, name, start, duration, result='ok', detail=''):
    return {'slot': slot, 'step': name, 'rule': 'default.lua:22', 'start_us': start,
            'duration_us': duration, 'result': result, 'detail': detail}


HANDOFF = {
    'boot_id': '4f1c', 'kernel': '6.1.0-41-amd64', 'entry': 'Debian GNU/Linux', 'hops': 3,
    'duration_us': 912345,
    'times': {'request_us': T, 'services_down_us': T + 2310000, 'quiesce_begin_us': T + 2600000,
              'quiesce_end_us': T + 3512345, 'jump_us': T + 3700000},
    'messages': ['pcieport 0000:00:1c.0: AER: Corrected error received'],
    'steps': [step('0000:01:00.0', 'unbind', 0, 200000), step('0000:01:00.0', 'bus', 200000, 710000),
              step('0000:02:00.0', 'bus', 100000, 800000, 'failed', 'the kernel said no')],
    'devices': [{'slot': '0000:01:00.0', 'verdict': 'still', 'why': ''},
                {'slot': '0000:02:00.0', 'verdict': 'loud', 'why': 'bus master is on'},
                {'slot': '0000:00:02.0', 'verdict': 'left', 'why': 'a display'}]}
# One of the first stillboots.
OLD = {key: HANDOFF[key] for key in ('boot_id', 'kernel', 'entry', 'duration_us', 'steps', 'devices')}
PREINIT = {
    'boot': 'kexec', 'begin_us': T + 5000000, 'end_us': T + 5350000, 'uptime_us': 1400000, 'hung': 0,
    'duration_us': 350000, 'steps': [],
    'devices': [{'slot': '0000:01:00.0', 'verdict': 'still', 'why': ''}],
    'restored': [{'slot': '0000:01:00.0', 'register': 'Cache Line Size', 'offset': 12,
                  'from': 'baseline', 'was': 0, 'is': 16}]}
FAULT = '2,100,900000,-;DMAR: [DMA Write] Request device [01:00.0] fault addr 0xfff reason 0x06\n'


def tie(record):
    """The word on the command line that names it."""
    return 'stillboot.handoff=' + hashlib.sha256(record.encode()).hexdigest()[:32]


class Arrived(Machine):
    def handoff(self, record, version=2):
        """Tied to this jump, as version 2 is."""
        body = json.dumps(record)
        text = f'stillboot-handoff {version} {len(body)} {zlib.crc32(body.encode()):08x}\n{body}'
        self.file('run/stillboot/handoff', text)
        self.file('proc/cmdline', tie(text) + ' quiet\n' if version > 1 else 'quiet\n')

    def login(self, us):
        """run/utmp as a getty leaves it."""
        self.file('run/utmp', struct.pack('<hxxi32s4s32s256shhiii16s20x', 6, 99, b'tty1', b'1',
                                          b'LOGIN', b'', 0, 0, 0, us // 1000000, us % 1000000, b''))

    def report(self, *args):
        rc, out, err = self('report', *args)
        return rc, json.loads(out) if '--json' in args else out, err


@pytest.fixture
def machine(tmp_path):
    m = Arrived(tmp_path)
    m.file('proc/stat', f'cpu 1 2 3\nbtime {T // 1000000 + 4}\nprocesses 9\n')
    return m


@pytest.fixture
def arrived(machine):
    """With all that can be known."""
    machine.handoff(HANDOFF)
    machine.login(T + 13500000)
    machine.file('run/stillboot/preinit', json.dumps(PREINIT))
    machine.file('run/stillboot/baseline', '# stillboot baseline, boot 11aa, kernel 6.1.0-40-amd64, '
                 '2023-11-14T22:00:00Z\n')
    machine.file('dev/kmsg', '6,99,100,-;Linux version 6.1\n' + FAULT +
                 '12,101,900001,-;a program says: AER: PCIe Bus Error\n')
    return machine


def test_all_that_is_known(arrived):
    env = {**os.environ, 'LC_ALL': 'C'}
    done = subprocess.run([STILLBOOT, '--root', arrived.root, 'report'], capture_output=True,
                          text=True, check=True, env=env)
    assert done.stdout == CHART and not done.stderr
    chart = CHART[CHART.index('From'):].split('\n\n')[0]
    assert max(map(len, chart.splitlines())) <= 80


def test_as_json(arrived):
    rc, report, err = arrived.report('--json')
    times = list(report['times'].values())
    known = [at for at in times if at]
    assert rc == 0 and not err
    assert list(report['times']) == [f'{name}_us' for name in (
        'request', 'services_down', 'quiesce_begin', 'quiesce_end', 'jump', 'kernel', 'preinit',
        'preinit_end', 'userspace', 'login')]
    assert known == sorted(known) and times[:5] == list(HANDOFF['times'].values())
    assert times[5:] == [T + 4000000, T + 5400000, T + 5750000, None, T + 13500000]
    parts = report['parts']
    assert [part['from'] for part in parts if part['about']] == ['jump']
    assert sum(part['duration_us'] for part in parts) == 13500000
    assert all(a['begin_us'] + a['duration_us'] == b['begin_us'] and a['to'] == b['from']
               for a, b in zip(parts, parts[1:]))
    assert report['preinit']['boot'] == 'kexec' and report['preinit']['still'] == 1
    assert report['preinit']['restored'] == [{
        'slot': '0000:01:00.0', 'register': 'Cache Line Size', 'offset': 12, 'from': 'baseline',
        'was': '0x00000000', 'is': '0x00000010'}]
    assert report['baseline'].startswith('boot 11aa, kernel')
    assert (report['version'], report['hops'], report['tied'], report['crash']) == (2, 3, True, False)
    assert [(m['kernel'], m['slot'], m['kind']) for m in report['messages']] == [
        ('before', '0000:00:1c.0', 'aer'), ('this', '0000:01:00.0', 'iommu')]
    assert report['suggestions'][0]['slot'] == '0000:01:00.0'


def test_old_and_newer_records(machine):
    machine.handoff(OLD, 1)
    rc, out, err = machine.report()
    assert rc == 0 and not err and 'not tied to this jump' in out and 'since the firmware' not in out
    assert '1 still, 1 loud, 1 left' in out and 'From' not in out
    report = machine.report('--json')[1]
    assert report['hops'] is None and report['times']['kernel_us'] == T + 4000000
    assert report['preinit'] is None and not report['tied'] and report['messages'] == []
    machine.handoff(HANDOFF | {'later': {'a': [1]}, 'times': HANDOFF['times'] | {'later_us': 1}}, 9)
    rc, out, err = machine.report()
    assert rc == 0 and 'of version 9, newer than this stillboot' in out and 'stopping services' in out


def test_a_clock_that_was_set(arrived):
    arrived.file('proc/stat', 'cpu\nbtime 1\n')
    out = arrived.report()[1]
    assert 'unknown' in out and 'clocks of the two kernels disagree' in out and '-' in out
    report = arrived.report('--json')[1]
    assert report['clocks_disagree'] and all(p['duration_us'] >= 0 for p in report['parts'])


def test_records_that_are_not_to_be_trusted(arrived):
    """With what preinit did there is something to tell all the same."""
    handoff = arrived.root / 'run/stillboot/handoff'
    text = handoff.read_text()
    for damaged, word in ((text.replace('6.1.0-41', '6.1.0-42'), 'checksum'), (text[:-9], 'truncated'),
                          ('', 'heading'), (text[:60] + '\0' + text[61:], '')):
        handoff.write_text(damaged)
        rc, out, err = arrived.report()
        assert rc == 1 and not err and word in out.splitlines()[0]
        assert 'Preinit, before' in out and 'stopping services' not in out and 'initramfs' in out
        report = arrived.report('--json')[1]
        assert word in report['why'] and report['kernel'] is None and report['steps'] == []
    (arrived.root / 'run/stillboot/preinit').unlink()
    rc, out, err = arrived.report()
    assert rc == 1 and not out and len(err.splitlines()) == 1
    handoff.write_text(text)
    arrived.file('proc/cmdline', 'stillboot.handoff=' + 32 * '0' + '\n')
    rc, out, err = arrived.report()
    assert rc == 1 and not out and 'another jump' in err


def test_without_a_handoff(machine):
    rc, out, err = machine.report()
    assert rc == 1 and not out and 'there is no handoff' in err
    machine.file('run/stillboot/preinit', json.dumps(PREINIT | {'boot': 'firmware', 'off': 'so'}))
    assert machine.report()[0] == 1
    machine.file('run/stillboot/preinit', json.dumps(PREINIT))
    rc, out, err = machine.report()
    assert rc == 0 and 'there is no handoff' in out and 'Preinit, before' in out
    machine.handoff(OLD, 1)
    machine.file('run/stillboot/preinit', 'x\x1b')
    rc, out, err = machine.report()
    assert rc == 0 and 'What preinit did here cannot be read' in out and '\x1b' not in out


def test_rules_can_be_pasted(machine):
    """Each kind of trouble, after whatever was done before; the text is hostile."""
    resets = ['unbind', 'flr', 'bus', 'power']
    verdicts = ['still', 'loud', 'left']
    steps, devices, log = [], [], ''
    for n, (reset, verdict) in enumerate((r, v) for r in resets for v in verdicts):
        slot = f'0000:{n:02x}:00.0'
        steps.append(step(slot, reset, 1, 1))
        devices.append({'slot': slot, 'verdict': verdict, 'why': 'a "why"\n--[[ ]] } \x1b[31m'})
        log += 2 * f'3,{n},{n},-;x {slot}: --[[ AER: }} "quoted" \\x0a timed out \xff\n'
    machine.handoff(HANDOFF | {'steps': steps, 'devices': devices})
    for kind in 'AER: ', 'timed out':
        machine.file('dev/kmsg', log.replace('AER: ' if kind != 'AER: ' else 'timed out', ''))
        report = machine.report('--json')[1]
        rules = [s['rule'] for s in report['suggestions'] if s['rule']]
        assert len(report['suggestions']) == 12 and len(rules) >= 9
        assert all(s['rule'] or s['why_not'] for s in report['suggestions'])
        out = machine.report()[1]
        pasted = out[out.index('50-mine.lua:') + 12:]
        assert '\x1b' not in out
        machine.file('etc/stillboot/policy.d/50-mine.lua', pasted)
        machine.file('one.lua', '\n'.join(rules))
        for args in ([], [machine.root / 'one.lua']):
            rc, said, err = machine('policy', 'check', *args)
            assert rc == 0 and said == '0 errors\n', said + err


def test_interrupts_are_tied(machine):
    machine.function('0000:01:00.0', 0x020000, 'e1000e')
    machine.file('sys/bus/pci/devices/0000:01:00.0/irq', '16\n')
    machine.handoff(OLD, 1)
    machine.file('dev/kmsg', '4,1,5000000,-;irq 16: nobody cared (try booting with the "irqpoll" option)\n'
                 '4,2,5000001,-;Disabling IRQ #16\n')
    suggestion, = machine.report('--json')[1]['suggestions']
    assert suggestion['slot'] == '0000:01:00.0' and suggestion['messages'] == 2
    assert 'nobody cared' in suggestion['because']
    machine.file('sys/bus/pci/devices/0000:01:00.0/msi_irqs/27', 'msix\n')
    machine.file('dev/kmsg', '4,1,5000000,-;irq 27: nobody cared (try booting with the "irqpoll" option)\n')
    assert machine.report('--json')[1]['suggestions'][0]['slot'] == '0000:01:00.0'
    # On a line that is shared it may be either.
    machine.function('0000:02:00.0', 0x020000, 'e1000e')
    machine.file('sys/bus/pci/devices/0000:02:00.0/irq', '16\n')
    machine.file('dev/kmsg', '4,1,5000000,-;irq 16: nobody cared (try booting with the "irqpoll" option)\n')
    report = machine.report('--json')[1]
    assert report['suggestions'] == [] and report['messages'][0]['slot'] is None


def test_the_command_line_is_no_trouble(machine):
    """What the user protects is named there."""
    machine.handoff(OLD, 1)
    machine.file('dev/kmsg', ''.join(
        f'6,{n},{n},-;{word} BOOT_IMAGE=/vmlinuz stillboot.timeout=5 stillboot.leave=0000:01:00.0\n'
        for n, word in enumerate(('Command line:', 'Kernel command line:'))))
    report = machine.report('--json')[1]
    assert report['messages'] == [] and report['suggestions'] == []


def jump(boot, **more):
    return json.dumps({'boot_id': boot, 'from': '6.1', 'to': '6.2', 'entry': 'Gr\u00fc\u00df dich', 'hops': 2,
                       'still': 3, 'loud': 1, 'left': 4,
                       'times': {'request_us': T, 'quiesce_begin_us': T + 2000000,
                                 'quiesce_end_us': T + 3500000, 'jump_us': T + 3600000,
                                 'kernel_us': T + 4000000, 'login_us': T + 9000000}} | more)


def test_history(machine):
    assert machine.report('--history') == (0, 'no jump is on record\n', '')
    machine.file('var/lib/stillboot/history', f'{jump("a")}\n{{"boot_id": \x1b}}\n{jump("b", later=1)}\n')
    rc, out, err = machine.report('--history')
    assert rc == 0 and out.count('6.1 -> 6.2: Gr') == 2 and max(map(len, out.splitlines())) <= 80
    assert err == 'stillboot: /var/lib/stillboot/history:2: it is not a JSON object; it is passed over\n'
    assert out.splitlines()[1].split()[2:] == '9.0 s 2.0 s 1.5 s 0.5 s 5.0 s 3/1/4 2'.split()
    rc, history, _ = machine.report('--history', '--json')
    assert [j['boot_id'] for j in history['jumps']] == ['b', 'a']
    assert history['damaged'] == [{'line': 2, 'why': 'it is not a JSON object'}]
    assert history['jumps'][0]['parts'][0] == {
        'from': 'request', 'to': 'quiesce_begin', 'begin_us': 0, 'duration_us': 2000000, 'about': False}
    machine.file('var/lib/stillboot/history', 'x' * 300000)
    rc, out, err = machine.report('--history')
    assert rc == 1 and not out and 'larger than' in err


def on_terminal(args, columns, env):
    master, slave = pty.openpty()
    with subprocess.Popen([STILLBOOT, *args], stdout=slave, stderr=slave,
                          env={**os.environ, 'COLUMNS': str(columns), 'TERM': 'xterm', **env}) as child:
        os.close(slave)
        text = b''
        try:
            while part := os.read(master, 65536):
                text += part
        except OSError:  # the other end is closed
            pass
        assert child.wait() == 0
    os.close(master)
    return text.decode()


def test_on_a_terminal(arrived):
    args = ['--root', arrived.root, 'report']
    for columns in 50, 80, 132:
        text = on_terminal(args, columns, {'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1'})
        chart = text[text.index('From'):].replace('\r', '').split('\n\n')[0]
        assert '\u2588' in chart and '#' not in chart and '\x1b' not in text
        assert max(map(len, chart.splitlines())) == min(columns, 120)
    assert '\x1b[32m' in on_terminal(args, 80, {'LC_ALL': 'C.UTF-8', 'NO_COLOR': ''})


def test_the_menu_tells_it_too(arrived):
    with Engine('--root', arrived.root) as engine:
        rows = engine.rows('report')
    texts = {row['text']: row for row in rows}
    assert texts['Jumped into: Debian GNU/Linux']['detail'][-1] == 'jumps since the firmware: 3'
    way = texts['On the way: about 14 s']['detail']
    assert way[0] == 'stopping services: 2.31 s' and 'loading and jump: under 1 s' in way
    assert texts['Preinit: 1 still, 0 loud, 0 left, in 350 ms']['detail'] == ['registers put back: 1']
    suggestion = next(row for row in rows if 'DMAR' in row['text'])
    assert suggestion['state'] == 'bad' and 'device {' in suggestion['detail']
