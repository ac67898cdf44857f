# SPDX-License-Identifier: GPL-2.0-or-later
"""`stillboot policy check`, `list` and `test`: for those who write rules."""

import json
import os
import shutil

import pytest

from test_cli import TOP, Machine, stillboot

BAD = 'device { drivr = "nvme" }\ndevice { steps = { "unbnd" },\n  leave = 3 }\nfoo()\n'
BAD_LINES = [':1:10: device has no field "drivr"; did you mean "driver"?',
             ':2:10: there is no step "unbnd"; did you mean "unbind"?',
             ':3:3: leave must be true or false, not 3', ':4:1: unknown name "foo"']
DUMP = TOP / 'tests/machines/i440fx.lspci'
LEAVE = 'device { slot = "*", leave = true, why = "ticket 12" }\n'


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path / 'root')


@pytest.fixture
def write(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding='utf-8')
        return path
    return write


def test_check(machine, write):
    bad, good = write('bad.lua', BAD), write('good.lua', LEAVE)
    syntax = write('syntax.lua', 'x = = 1\n')
    rc, out, err = machine('policy', 'check', good)
    assert (rc, out, err) == (0, '0 errors\n', '')
    rc, out, err = machine('policy', 'check', bad, good, syntax)
    lines = out.splitlines()
    assert rc == 1 and not err
    assert lines[:4] == [f'{bad}{line}' for line in BAD_LINES]
    assert lines[4].startswith(f'{syntax}:1:') and lines[5:] == ['5 errors']


def test_check_as_json(machine, write):
    bad = write('bad.lua', BAD)
    rc, out, _ = machine('policy', 'check', '--json', bad)
    errors = json.loads(out)['errors']
    assert rc == 1
    assert [f'{e["file"]}:{e["line"]}:{e["column"]}: {e["text"]}' for e in errors] == [
        f'{bad}{line}' for line in BAD_LINES]
    rc, out, _ = machine('policy', 'check', '--json', write('good.lua', ''))
    assert rc == 0 and json.loads(out) == {'errors': []}


def test_check_what_cannot_be_read(machine, tmp_path):
    for path in (tmp_path / 'none.lua', tmp_path):
        rc, out, _ = machine('policy', 'check', path)
        assert rc == 1 and out.startswith(f'{path}: ') and out.count(str(path)) <= 2
        assert out.splitlines()[-1] == '1 error'


def test_check_runs_the_functions_too(machine, write):
    endless = write('endless.lua', 'while true do end\n')
    rc, out, _ = machine('policy', 'check', endless)
    assert rc == 1 and out.startswith(f'{endless}') and '1 error' in out
    machine.function('0000:01:00.0', 0x010802, 'nvme')
    rc, out, _ = machine('policy', 'check', write(
        'when.lua', '\ndevice { when = function(d) return d.driver end, leave = true }\n'))
    assert rc == 1 and 'when.lua:2' in out and 'true or false' in out


def test_check_what_is_installed(machine, write):
    assert machine('policy', 'check')[:2] == (0, '0 errors\n')
    assert machine('policy', 'check', '--policy', write('bad.lua', BAD))[0] == 1
    machine.file('etc/stillboot/policy.d/mine.lua', BAD)
    machine.file('usr/lib/stillboot/policy.d/theirs.lua', 'device { use = "disc" }')
    rc, out, _ = machine('policy', 'check')
    assert rc == 1 and out.splitlines()[:4] == [
        f'etc/stillboot/policy.d/mine.lua{line}' for line in BAD_LINES]
    assert 'usr/lib/stillboot/policy.d/theirs.lua:1:' in out and out.endswith('5 errors\n')


def test_more_errors_than_anybody_reads(machine, write):
    rc, out, _ = machine('policy', 'check', write('bad.lua', 'device { drivr = 1 }\n' * 60))
    assert rc == 1 and out.endswith('50 or more errors\n') and len(out.splitlines()) == 51


def test_list(machine, write):
    lib, etc = 'usr/lib/stillboot/policy.d', 'etc/stillboot/policy.d'
    assert machine('policy', 'list')[1].splitlines() == [
        'default.lua  built-in', 'quirks.lua  built-in']
    for path in (f'{lib}/10.lua', f'{lib}/20.lua', f'{lib}/30.lua', f'{etc}/20.lua',
                 f'{etc}/quirks.lua', f'{etc}/readme'):
        machine.file(path, '')
    (machine.root / etc / '30.lua').symlink_to('/dev/null')
    extra = write('extra.lua', '')
    rc, out, err = machine('policy', 'list', '--policy', extra)
    assert rc == 0 and not err
    assert out.splitlines() == [
        'default.lua  built-in', f'{etc}/quirks.lua  in the place of the built-in one',
        f'{lib}/10.lua', f'{etc}/20.lua  in the place of {lib}/20.lua',
        f'{etc}/30.lua  masked: nothing is read of {lib}/30.lua', f'{extra}  --policy']
    files = json.loads(machine('policy', 'list', '--json')[1])['files']
    assert files[0] == {'file': 'default.lua', 'replaces': None, 'builtin': True, 'masked': False}
    assert files[4] == {'file': f'{etc}/30.lua', 'replaces': f'{lib}/30.lua', 'builtin': False,
                        'masked': True}


@pytest.fixture
def folder(tmp_path):
    """A folder with a dump and a tree."""
    folder = tmp_path / 'machines'
    folder.mkdir()
    shutil.copy(DUMP, folder / 'old.lspci')
    tree = Machine(folder / 'new')
    tree.function('0000:01:00.0', 0x010802, 'nvme')
    (folder / 'README').write_text('no machine')
    return folder


def test_policy_test(folder):
    rc, out, err = stillboot('policy', 'test', folder)
    assert rc == 1 and out == '2 machines, 0 as expected\n'
    assert f'there is no {folder}/new.plan; --update writes it' in err
    rc, out, _ = stillboot('policy', 'test', folder, '--update', '-n')
    assert rc == 0 and f'would be written: {folder}/new.plan' in out
    assert not (folder / 'new.plan').exists()
    rc, out, err = stillboot('policy', 'test', folder, '--update')
    assert rc == 0 and not err and out.splitlines() == [
        f'written: {folder}/new.plan', f'written: {folder}/old.plan', '2 machines, 0 as expected']
    assert stillboot('policy', 'test', folder)[:2] == (0, '2 machines, 2 as expected\n')
    # The same by hand.
    for name, args in (('new', ['--root', folder / 'new']),
                       ('old', ['--root', folder, '--pci-dump', folder / 'old.lspci'])):
        assert stillboot('plan', *args)[1] == (folder / f'{name}.plan').read_text()
    # What is as it should be is not written again.
    before = (folder / 'old.plan').stat().st_mtime_ns
    rc, out, _ = stillboot('policy', 'test', folder, '--update')
    assert (rc, out) == (0, '2 machines, 2 as expected\n')
    assert (folder / 'old.plan').stat().st_mtime_ns == before


def test_policy_test_shows_what_differs(folder):
    stillboot('policy', 'test', folder, '--update')
    plan = folder / 'new.plan'
    text = plan.read_text()
    plan.write_text('gone\n' + text.replace('unbind nvme', 'unbind other'))
    rc, out, err = stillboot('policy', 'test', folder)
    lines = out.splitlines()
    assert rc == 1 and not err and lines[-1] == '2 machines, 1 as expected'
    assert lines[:3] == [f'--- {plan}', '+++ the plan of new', '@@ -1 +1 @@']
    assert [line[0] for line in lines[3:-1]] == ['-', '-', '+']
    assert 'unbind other' in lines[4] and lines[5] == '+' + text.splitlines()[0]
    rc, out, _ = stillboot('policy', 'test', folder, '--json')
    new, old = json.loads(out)['machines']
    assert rc == 1 and (new['name'], new['result']) == ('new', 'different')
    assert new['difference'].startswith('@@ -1 +1 @@\n-gone\n') and new['error'] is None
    assert old == {'name': 'old', 'result': 'expected', 'difference': None, 'error': None}


def test_rules_of_a_policy_test(folder, write):
    def plans(*args):
        assert stillboot('policy', 'test', folder, '--update', *args)[0] == 0
        return [(folder / f'{name}.plan').read_text().count('ticket 12') > 0
                for name in ('old', 'new')]

    assert plans() == [False, False]
    rules = write('mine.lua', LEAVE)
    assert plans('--policy', rules) == [True, True]
    (folder / 'policy.lua').write_text(LEAVE)
    assert plans() == [True, True]
    assert plans('--policy', write('other.lua', '')) == [False, False]
    (folder / 'policy.lua').unlink()
    for root, expected in ((folder, [True, False]), (folder / 'new', [False, True])):
        path = root / 'etc/stillboot/policy.d/mine.lua'
        path.parent.mkdir(parents=True)
        path.write_text(LEAVE)
        assert plans() == expected
        path.unlink()


def test_policy_test_when_something_is_wrong(folder, tmp_path):
    stillboot('policy', 'test', folder, '--update')
    (folder / 'broken.lspci').write_text('nonsense')
    (folder / 'broken.plan').write_text('')
    rc, out, err = stillboot('policy', 'test', folder)
    assert rc == 1 and 'broken: ' in err and out == '3 machines, 2 as expected\n'
    (folder / 'policy.lua').write_text('device { drivr = 1 }')
    rc, out, err = stillboot('policy', 'test', folder)
    assert rc == 1 and err.count('policy.lua:1') == 2 and out == '3 machines, 0 as expected\n'
    # Then nothing is written.
    before = (folder / 'old.plan').read_text()
    assert stillboot('policy', 'test', folder, '--update')[0] == 1
    assert (folder / 'old.plan').read_text() == before
    (tmp_path / 'empty').mkdir()
    for path in (tmp_path / 'empty', tmp_path / 'none', DUMP):
        rc, out, err = stillboot('policy', 'test', path)
        assert rc == 1 and not out and str(path) in err and len(err.splitlines()) == 1


def test_expected_plans_that_cannot_be_written(folder):
    os.mkdir(folder / 'old.plan')
    rc, out, err = stillboot('policy', 'test', folder, '--update')
    assert rc == 1 and f'write {folder}/old.plan' in err and 'old.plan/' not in out
