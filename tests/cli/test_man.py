# SPDX-License-Identifier: GPL-2.0-or-later
"""What the manual pages say, against the program.

The lists of fields in stillboot-policy(5) are looked at by tests/unit/test_man.c.
"""

import re

import pytest

from test_cli import TOP, stillboot
from test_configs import plan

MAN = TOP / 'configs/man'


def lua_of(page):
    blocks = re.findall(r'^\.Bd -literal.*?\n(.*?)^\.Ed', page, re.MULTILINE | re.DOTALL)
    return [b for b in blocks if re.match(r'(-- |(local|device|entry|machine|boot|arrange)\b)', b)]


def test_manual_examples_load(machines, tmp_path):
    chunks = lua_of((MAN / 'stillboot-policy.5').read_text())
    assert len(chunks) >= 8
    for chunk in chunks:
        policy = tmp_path / 'page.lua'
        policy.write_text(chunk)
        assert plan(machines['q35-tree.tar.gz'], policy) == '', chunk


def test_manual_diagnostics(machines, tmp_path):
    """The errors it shows are those of the program."""
    page = (MAN / 'stillboot-policy.5').read_text()
    shown = page[page.index('.Sh DIAGNOSTICS'):]
    shown = re.search(r'\.Bd.*?\n(.*?)\.Ed', shown, re.DOTALL)[1].replace(',\nnot', ', not')
    for line, declaration in zip(shown.splitlines(), [
            'device { driverr = "nvme", leave = true }', 'device { place = "slot", leave = true }']):
        policy = tmp_path / '50-mine.lua'
        policy.write_text('\n' * (int(line.split(':')[1]) - 1) + declaration)
        assert f'{tmp_path}/{line}\n' in plan(machines['q35-tree.tar.gz'], policy)


def documented_keys(page):
    """Of the tables that functions see, by what they are of."""
    text = page[page.index('.Sh WHAT FUNCTIONS SEE'):page.index('.Sh FUNCTIONS AND LIMITS')]
    text, machine = text.split('.Ss A machine\n')
    text, other = text.split('A device on another bus also has:\n')
    common, pci = text.split('A PCI function also has:\n')
    keys = {name: {key for line in re.findall(r'^\.It Li (.*)$', part, re.MULTILINE)
                   for key in line.split(' , ')}
            for name, part in (('', common), ('pci', pci), ('other', other), ('machine', machine))}
    return {'pci': keys['pci'] | keys[''], 'other': keys['other'] | keys[''],
            'machine': keys['machine']}


@pytest.mark.parametrize('kind, tables', [
    ('pci', 'm.devices'), ('other', 'm.devices'), ('machine', '{ m }')])
def test_manual_tables(machines, tmp_path, kind, tables):
    """Each key that functions see on some machine is documented, and the other way round."""
    policy = tmp_path / 'keys.lua'
    policy.write_text(f"""
        machine {{ settle = 1, when = function(m)
            local seen = {{}}
            for _, d in ipairs({tables}) do
                if (d.bus == nil and "machine" or d.bus == "pci" and "pci" or "other") == "{kind}" then
                    for key in pairs(d) do seen[key] = true end
                end
            end
            local list = {{}}
            for key in pairs(seen) do table.insert(list, key) end
            error("seen " .. table.concat(list, " ") .. " end")
        end }}""")
    seen = set()
    for machine in machines.values():
        seen |= set(re.search(r'seen (.*) end', plan(machine, policy))[1].split())
    assert seen == documented_keys((MAN / 'stillboot-policy.5').read_text())[kind]


# stillboot(8) and --help. An option is ("--name", "ARGUMENT" or "").

NAMES = r'(?:Oo Ar NAMES : Oc Ns )?'  # of --dir

def help_options(*args):
    _, out, _ = stillboot(*args, '--help')
    return set(re.findall(r'^ .{5}(--[a-z-]+) ?(?:\[NAMES:\])?([A-Z]*) ', out, re.MULTILINE))


def help_commands():
    _, out, _ = stillboot('--help')
    return set(re.findall(r'^  ([a-z]+) ', out[out.index('Commands:'):out.index('\nOptions')],
                          re.MULTILINE))


def page_options(text):
    return {(f'-{name}', argument) for name, argument in
            re.findall(rf'\bFl (-[a-z-]+)(?: {NAMES}Ar ([A-Z]+))?', text)}


def section(name):
    page = (MAN / 'stillboot.8').read_text()
    return page[page.index(f'.Sh {name}\n'):].split('\n.Sh ')[0]


def page_commands():
    """The options of each; one with words of its own (policy) stands there several times."""
    options = {}
    for line in re.findall(r'^\.It Cm (.*)$', section('COMMANDS'), re.MULTILINE):
        options.setdefault(line.split()[0], set()).update(page_options(line))
    return options


def test_manual_commands():
    assert set(page_commands()) == help_commands()


@pytest.mark.parametrize('command', sorted(help_commands()))
def test_manual_options_of(command):
    everywhere = {name for name, _ in page_options(section('COMMANDS').split('.Ss ')[0])}
    theirs = {option for option in help_options(command) if option[0] not in everywhere}
    assert page_commands().get(command) == theirs
    assert everywhere <= {name for name, _ in help_options(command)}


def test_manual_options():
    lines = re.findall(rf'^\.It Fl (-[a-z-]+)(?: {NAMES}Ar ([A-Z]+))?(?: , ([a-zA-Z]))?$',
                       section('OPTIONS'), re.MULTILINE)
    assert {(f'-{name}', argument) for name, argument, _ in lines} == help_options().union(
        *(help_options(command) for command in help_commands()))
    _, out, _ = stillboot('--help')
    for name, _, letter in lines:
        assert not letter or f'-{letter}, -{name} ' in out + stillboot('exec', '--help')[1]


def test_manual_formats():
    """Where each format is looked for, by the names of its files."""
    text = section('ENTRIES').lower()
    table = (TOP / 'boot/format.c').read_text().split('const struct format formats[]')[1]
    names = re.findall(r'\.name = "(\w+)"', table)
    files = {path.split('/')[-1] for path in re.findall(r'\{(?:\.pattern = )?"([^"]+)"', table)}
    assert len(names) >= 2 and len(files) >= 3
    for name in names:
        assert re.search(rf'^\.it li .*\b{name}\b', text, re.MULTILINE), name
    for file in files:
        assert file.lower() in text or file.lower().rstrip('*-') in text, file
