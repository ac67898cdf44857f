# SPDX-License-Identifier: GPL-2.0-or-later
"""`stillboot plan` and what it tells beside the functions: --explain, --diff, terminals."""

import fcntl
import json
import os
import re
import struct
import subprocess
import termios

import pytest

from test_cli import STILLBOOT, Machine

FAULTY = '0000:01:00.0'
EVERYTHING = '''
machine { settle = 3, offline_cpus = true, options_add = "irqpoll", options_remove = "quiet",
          load_retries = 2, why = "a slow firmware" }
device { bus = "platform", name = "i2c-*", steps = { "unbind" }, why = "it holds the bus" }
device { bus = "platform", name = "stuck", steps = { "unbind" } }
device { driver = "faulty", deadline = 90 }
boot { default = "good", timeout = 5, on_hang = "crash-kernel", require_still = true }
arrange(function(m, steps)
    table.insert(steps, 1, { step = "write", path = "/proc/sys/kernel/printk", value = "4" })
    table.insert(steps, 2, { step = "run", command = { "/bin/true", "-x" } })
    table.insert(steps, { step = "unload", module = "edu" })
    table.insert(steps, { step = "link_down", interface = "eth0" })
    return steps
end)
'''


@pytest.fixture
def machine(tmp_path):
    m = Machine(tmp_path)
    m.function('0000:00:01.0', 0x030000, 'bochs-drm')
    for device in range(2, 7):
        m.function(f'0000:00:{device:02x}.0', 0x060400, 'pcieport', port=(device - 1, device - 1))
    m.function(FAULTY, 0x00ff00, 'faulty', resets='bus')
    for name, driver in (('i2c-0', 'i2c_designware'), ('stuck', 'other')):
        m.file(f'sys/bus/platform/drivers/{driver}/bind', '')
        m.file(f'sys/devices/platform/{name}/modalias', '')
        (m.root / f'sys/devices/platform/{name}/driver').symlink_to(
            f'../../../bus/platform/drivers/{driver}')
        (m.root / 'sys/bus/platform/devices').mkdir(parents=True, exist_ok=True)
        (m.root / f'sys/bus/platform/devices/{name}').symlink_to(
            f'../../../devices/platform/{name}')
    m.file('sys/bus/platform/drivers/i2c_designware/unbind', '')
    return m


@pytest.fixture
def policy(machine):
    """policy(text, name): a file of rules."""
    def write(text, name='new.lua'):
        path = machine.root / name
        path.write_text(text, encoding='utf-8')
        return path
    return write


def lines_of(out):
    return [re.sub(' +', ' ', line).strip() for line in out.splitlines()]


def test_everything_stands_in_its_place(machine, policy):
    rules = policy(EVERYTHING)
    rc, out, err = machine('plan', '--policy', rules)
    lines = [line.replace(str(rules), 'new.lua') for line in lines_of(out)]
    assert rc == 0 and not err
    assert lines[:4] == [
        'machine write 4 to /proc/sys/kernel/printk arranged (new.lua:8)',
        'machine run /bin/true -x arranged (new.lua:8)',
        'machine settle 3 s a slow firmware (new.lua:2)',
        'platform:i2c-0 unbind i2c_designware it holds the bus (new.lua:4)']
    assert lines[4].startswith('0000:00:01.0 left') and lines[10].startswith(FAULTY)
    assert lines[14] == ('platform:stuck not done: unbind other its driver cannot be unbound '
                         '(new.lua:5)')
    assert lines[11:14] + lines[15:] == [
        'machine offline_cpus a slow firmware (new.lua:2)',
        'machine unload edu arranged (new.lua:8)',
        'machine link_down eth0 arranged (new.lua:8)',
        'command line -quiet a slow firmware (new.lua:2)',
        'command line +irqpoll a slow firmware (new.lua:2)',
        '7 functions: 1 to be stilled, 6 left as they are; 7 other steps; 1 not done']
    rc, out, _ = machine('plan', '-v', '--policy', rules)
    assert 'boot default good (new.lua:7)' in lines_of(out.replace(str(rules), 'new.lua'))
    assert [line.split('(')[0].strip() for line in lines_of(out) if line.startswith('boot')] == [
        'boot default good', 'boot timeout 5 s', 'boot on_hang crash-kernel',
        'boot require_still', 'boot load_retries 2']


def test_what_is_dropped_says_why(machine, policy):
    rules = policy('device { bus = "platform", name = "stuck", steps = { "unbind" } }\n'
                   'arrange(function(m, steps) return steps end)')
    rc, out, _ = machine('plan', '--policy', rules)
    dropped = next(line for line in lines_of(out) if line.startswith('platform:stuck'))
    assert rc == 0 and 'not done: unbind other its driver cannot be unbound' in dropped
    assert out.splitlines()[-1].endswith('; 1 not done')


def test_json_has_all_of_it(machine, policy):
    rules = policy(EVERYTHING)
    rc, out, _ = machine('plan', '--json', '--policy', rules)
    plan = json.loads(out.replace(str(rules), 'new.lua'))
    assert rc == 0
    assert [(e['step'], e['stage'], e['subject']) for e in plan['errands']] == [
        ('write', 0, '/proc/sys/kernel/printk'), ('run', 0, '/bin/true'), ('settle', 0, None),
        ('unbind', 0, 'platform:i2c-0'), ('offline_cpus', 1, None), ('unload', 1, 'edu'),
        ('link_down', 1, 'eth0')]
    assert plan['errands'][0]['value'] == '4' and plan['errands'][1]['command'] == ['/bin/true', '-x']
    assert plan['errands'][2]['settle_ms'] == 3000
    assert plan['errands'][2]['rule'] == 'new.lua:2'
    assert plan['options'] == [
        {'how': how, 'word': word, 'reason': 'a slow firmware', 'rule': 'new.lua:2'}
        for how, word in (('remove', 'quiet'), ('add', 'irqpoll'))]
    assert plan['boot'] == {
        'default': {'value': 'good', 'rule': 'new.lua:7'},
        'timeout_ms': {'value': 5000, 'rule': 'new.lua:7'},
        'on_hang': {'value': 'crash-kernel', 'rule': 'new.lua:7'},
        'require_still': {'value': True, 'rule': 'new.lua:7'}}
    assert plan['load_retries'] == 2 and plan['off'] is None
    faulty = plan['devices'][-1]
    assert faulty['deadline_ms'] == 90000 and faulty['steps'][0] == {'step': 'unbind', 'stage': 0}


def test_switched_off_stands_at_the_top(machine, policy):
    rules = policy('machine { quiesce = false, settle = 1, why = "ticket 12" }')
    rc, out, _ = machine('plan', '--policy', rules)
    assert rc == 0
    assert lines_of(out)[0] == f'machine stilling is switched off ticket 12 ({rules}:1)'
    assert 'not done: settle 1 s' in out
    plan = json.loads(machine('plan', '--json', '--policy', rules)[1])
    assert plan['off'] == {'reason': 'ticket 12', 'rule': f'{rules}:1'}
    assert plan['dropped'][0]['step'] == 'settle' and not plan['errands']
    machine.file('proc/cmdline', 'stillboot.quiesce=off\n')
    assert lines_of(machine('plan')[1])[0].endswith('stillboot.quiesce=off (command line)')


def test_exec_and_quiesce_show_the_same(machine, policy):
    machine.file('vmlinuz', 'a kernel')
    rules = policy(EVERYTHING)
    told = [line for line in machine('plan', '--policy', rules)[1].splitlines()
            if 'command line' not in line]
    for args in (['quiesce', '-n'], ['exec', '-n', '--kernel', machine.root / 'vmlinuz']):
        out = machine(*args, '--policy', rules)[1].splitlines()
        assert [line for line in told if line not in out] == []


def explain(machine, slot, *args):
    rc, out, err = machine('plan', '--explain', slot, *args)
    assert rc == 0, err
    return lines_of(out)


def test_explain(machine, policy):
    rules = policy('device { driver = "nvme", deadline = 5 }\n'
                   'device { driver = "faulty", deadline = 90 }\n'
                   'device { driver = "faulty", options_add = "x" }\n'
                   'device { when = function(d) return d.vendor == 1 end, leave = true }\n')
    for slot in (FAULTY, '01:00.0', f'pci:{FAULTY}'):
        lines = explain(machine, slot, '--policy', rules)
        assert lines[0] == f'{FAULTY}: 1234:11e8, class 0x00ff00, driver faulty, below 0000:00:02.0'
        mine = [line.replace(f'{rules}', 'new.lua') for line in lines if str(rules) in line]
        assert mine == ['new.lua:1 no driver: faulty', 'new.lua:2 yes decides the deadline',
                        'new.lua:3 yes changes the command line',
                        'new.lua:4 no when: the function said false']
        assert any(re.match(r'default\.lua:\d+ yes decides the action, the steps', line)
                   for line in lines)
        assert any(line.startswith(f'{FAULTY} unbind faulty, bus or disable or mask')
                   for line in lines)
        assert 'its driver has 90 s to let go' in lines
        assert 'flr the kernel lists no such reset for it' in lines
        assert "sbr the kernel's own bus reset is there for that" in lines


def test_explain_folds_but_counts_every_rule(machine):
    def count(lines):
        told = [line for line in lines if re.match(r'\S+\.lua:\d', line)]
        folded = [re.search(r'\((\d+) rules\)', line) for line in told]
        return len(told), sum(int(m[1]) if m else 1 for m in folded)

    lines = explain(machine, FAULTY)
    rules = int(lines[1].split()[0])
    shown, counted = count(lines)
    assert counted == rules and shown < rules
    assert count(explain(machine, FAULTY, '-v')) == (rules, rules)
    told = json.loads(machine('plan', '--json', '--explain', FAULTY)[1])['rules']
    assert len(told) == rules
    for rule in told:
        assert rule['matches'] == (rule['field'] is None) == (rule['saw'] is None)


def test_explain_other_buses(machine, policy):
    rules = policy(EVERYTHING)
    lines = explain(machine, 'platform:i2c-0', '--policy', rules)
    assert lines[0] == 'platform:i2c-0: driver i2c_designware'
    assert f'{rules}:4 yes decides the action, the steps' in lines
    assert lines[-2].startswith('platform:i2c-0 unbind i2c_designware')
    assert lines[-1] == 'its driver has 30 s to let go'
    lines = explain(machine, 'platform:stuck', '--policy', rules)
    assert lines[-1].startswith('platform:stuck not done: unbind other')
    assert explain(machine, 'platform:i2c-0')[-1] == 'nothing is done to it'
    told = json.loads(machine('plan', '--json', '--explain', 'platform:stuck',
                              '--policy', rules)[1])
    assert told['done'] is False and told['plan']['subject'] == 'platform:stuck'


@pytest.mark.parametrize('rules, word', [
    ('machine { quiesce = false }', 'stilling is switched off'),
    ('arrange(function(m, steps) return {} end)', 'an arrange function changed'),
], ids=['off', 'arrange'])
def test_explain_tells_what_stands_above_the_rules(machine, policy, rules, word):
    rules = policy(rules)
    assert f'({rules}:1)' in next(
        line for line in explain(machine, FAULTY, '--policy', rules) if line.startswith(word))
    told = json.loads(machine('plan', '--json', '--explain', FAULTY, '--policy', rules)[1])
    assert [told['off_by'], told['arranged_by']].count(f'{rules}:1') == 1


def test_explain_tells_of_the_command_line(machine):
    machine.file('proc/cmdline', 'stillboot.leave=01:00.0\n')
    lines = explain(machine, FAULTY)
    assert any(line.startswith("the kernel's command line stands above") for line in lines)
    assert 'stillboot.leave=' in lines[-1] and lines[-1].endswith('(command line)')


def test_explain_what_is_not_there(machine, policy):
    for slot in ('77:00.0', 'platform:nobody', 'nonsense', ''):
        rc, out, err = machine('plan', '--explain', slot)
        assert rc == 1 and not out and f'no device {slot}' in err and len(err.splitlines()) == 1
    # A policy that does not load is explained by the built-in one, as it is planned.
    rc, out, err = machine('plan', '--explain', FAULTY, '--policy', policy('device {'))
    assert rc == 0 and 'does not load' in err and 'default.lua' in out and 'new.lua' not in out


def test_diff(machine, policy):
    old, new = policy(EVERYTHING, 'old.lua'), policy(EVERYTHING)
    rc, out, err = machine('plan', '--diff', old, '--policy', new)
    assert (rc, out, err) == (0, 'no difference\n', '')
    # Rules that only move are none.
    policy('\n\n' + EVERYTHING)
    assert machine('plan', '--diff', old, '--policy', new)[1] == 'no difference\n'
    policy(EVERYTHING.replace('= 90', '= 60').replace('settle = 3', 'settle = 4')
           .replace('irqpoll', 'acpi=off').replace('"edu"', '"ada"'))
    rc, out, _ = machine('plan', '--diff', old, '--policy', new)
    lines = [re.sub(r' \(.*', '', line) for line in lines_of(out)]
    assert rc == 0 and sorted(line for line in lines if FAULTY not in line) == [
        '+ command line +acpi=off a slow firmware', '+ machine settle 4 s a slow firmware',
        '+ machine unload ada arranged', '- command line +irqpoll a slow firmware',
        '- machine settle 3 s a slow firmware', '- machine unload edu arranged', '7 differences']
    at = next(i for i, line in enumerate(lines) if FAULTY in line)
    assert lines[at].startswith('- ') and 'within 90 s' in lines[at]
    assert lines[at + 1].startswith('+ ') and 'within 60 s' in lines[at + 1]


def test_diff_against_nothing(machine, policy):
    new = policy('device { driver = "faulty", leave = true, why = "ticket" }')
    rc, out, _ = machine('plan', '--diff', '/dev/null', '--policy', new)
    assert rc == 0 and [line.split()[0] for line in out.splitlines()] == ['-', '+', '1']
    assert lines_of(machine('plan', '--diff', new)[1])[0].startswith(f'- {FAULTY} left')
    rc, out, _ = machine('plan', '--json', '--diff', '/dev/null', '--policy', new)
    change, = json.loads(out)['changes']
    assert change['kind'] == 'device' and change['old']['slot'] == FAULTY
    assert (change['old']['action'], change['new']['action']) == ('quiesce', 'left')
    assert json.loads(machine('plan', '--json', '--diff', '/dev/null')[1]) == {'changes': []}


def test_diff_needs_both_to_load(machine, policy):
    good, bad = policy('', 'good.lua'), policy('device { drivr = 1 }', 'bad.lua')
    for old, new in ((good, bad), (bad, good), (machine.root / 'none.lua', good)):
        rc, out, err = machine('plan', '--diff', old, '--policy', new)
        assert rc == 1 and not out and ('bad.lua:1' in err or 'none.lua' in err)


def on_terminal(columns, *args, **env):
    """What the program writes to a terminal that is so wide."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
    env = {**os.environ, 'LC_ALL': 'C.UTF-8', 'NO_COLOR': '1', **env}
    with subprocess.Popen([STILLBOOT, *args], stdout=theirs, env=env) as program:
        os.close(theirs)
        out = b''
        while True:
            try:
                more = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            out += more
    os.close(ours)
    assert program.returncode == 0
    return out.decode().replace('\r\n', '\n').splitlines()


@pytest.mark.parametrize('columns', [80, 100, 200])
def test_a_terminal_gets_what_fits(machine, policy, columns):
    rules = policy(EVERYTHING)
    for args in (['plan'], ['plan', '-v'], ['plan', '--explain', FAULTY],
                 ['plan', '--diff', '/dev/null']):
        os.chdir(machine.root)
        lines = on_terminal(columns, '--root', machine.root, *args, '--policy', rules.name)
        assert max(map(len, lines)) <= columns
        assert not any(line != line.rstrip() for line in lines)
        flat = ' '.join(' '.join(lines).split())
        words = machine(*args, '--policy', rules)[1].replace(str(rules), rules.name)
        if 'plan' == args[-1]:
            assert '5 functions' not in flat and '.. 06.0 4 more like it' in flat
        else:
            assert 'more like it' not in flat and flat == ' '.join(words.split())


def test_a_pipe_gets_one_line_for_each(machine):
    rc, out, _ = machine('plan')
    assert rc == 0 and len(out.splitlines()) == 8 and 'more like it' not in out


def test_columns_override_the_terminal(machine):
    narrow = on_terminal(200, '--root', machine.root, 'plan', COLUMNS='60')
    assert max(map(len, narrow)) <= 60
    # Too narrow to break lines for, or no number: as the terminal is.
    assert on_terminal(0, '--root', machine.root, 'plan', COLUMNS='x') == \
        machine('plan', '-v')[1].splitlines()
