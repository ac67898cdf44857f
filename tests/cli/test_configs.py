# SPDX-License-Identifier: GPL-2.0-or-later
"""The policies that are shipped: the built-in quirks, and the examples."""

import re

import pytest

from test_cli import TOP, stillboot

CONFIGS = [TOP / 'configs/default.lua', TOP / 'configs/quirks.lua']
EXAMPLES = sorted((TOP / 'configs/examples').glob('*.lua'))


def plan(machine, policy):
    """What is wrong with the policy, as plan says on standard error."""
    rc, _, err = stillboot('plan', *machine, '--policy', policy)
    assert rc == 0
    # Some dumps have less in them than there could be.
    return ''.join(line for line in err.splitlines(True) if '.lspci ' not in line)


def test_quirks_name_each_report_once():
    text = (TOP / 'configs/quirks.lua').read_text()
    numbers = [int(n) for n in re.findall(r'^-- #(\d+)  ', text, re.MULTILINE)]
    assert sorted(numbers) == list(range(1, 46))


@pytest.mark.parametrize('policy', EXAMPLES, ids=lambda p: p.name)
def test_examples_load_on_every_machine(machines, policy):
    assert len(machines) >= 8
    for name, machine in machines.items():
        assert plan(machine, policy) == '', name


@pytest.mark.parametrize('path', [*CONFIGS, *EXAMPLES], ids=lambda p: p.name)
def test_rules_in_comments_load(machines, tmp_path, path):
    """They are set in by five blanks, for somebody to copy."""
    blocks = re.findall(r'(?:^--     .*\n)+', path.read_text(), re.MULTILINE)
    for block in blocks:
        text = re.sub('^--', '', block, flags=re.MULTILINE)
        if text.split()[0] != 'stillboot':
            policy = tmp_path / 'comment.lua'
            policy.write_text(text)
            assert plan(machines['q35-tree.tar.gz'], policy) == '', text


# (machine, what its steps must have: (field, value) of one and the same)
SHOWS = [
    ('storage-megaraid.lspci', {'driver': 'megaraid_sas', 'deadline': 240}),
    ('storage-megaraid.lspci', {'driver': 'mlx5_core', 'deadline': 180}),
    ('storage-megaraid.lspci', {'driver': 'nvme', 'deadline': 120}),
    ('dell-tree.tar.gz', {'driver': 'nvme', 'deadline': 600}),
    ('ec2-tree.tar.gz', {'step': 'offline_cpus'}),
    ('ec2-tree.tar.gz', {'driver': 'ena', 'deadline': 30}),
]


@pytest.mark.parametrize('name, fields', SHOWS, ids=str)
def test_quirks_show(machines, tmp_path, name, fields):
    """An arrange function sees what the built-in rules asked for."""
    agrees = ' and '.join(f's.{field} == {value!r}' for field, value in fields.items())
    policy = tmp_path / 'look.lua'
    policy.write_text(f"""
        arrange(function(machine, steps)
            for _, s in ipairs(steps) do
                if {agrees} then return steps end
            end
            error("not there")
        end)""")
    assert plan(machines[name], policy) == ''
