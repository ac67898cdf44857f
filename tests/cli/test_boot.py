# SPDX-License-Identifier: GPL-2.0-or-later
"""The machines of tests/boot: each has the entries and the default that its case says."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from boot_case import Case, about, difference, list_entries

TOP = Path(__file__).resolve().parents[2]
STILLBOOT = Path(os.environ.get('STILLBOOT', TOP / 'build/stillboot')).resolve()
CASES = sorted((TOP / 'tests/boot').glob('*/*.case'))
# Each format has at least so many.
AT_LEAST = {'grub': 65, 'bls': 20, 'syslinux': 25, 'power': 15, 'bare': 6}


def name(path):
    return f'{path.parent.name}/{path.stem}'


@pytest.fixture(scope='session')
def machine(tmp_path_factory):
    """A machine that has nothing: none of the host's rules and devices."""
    root = tmp_path_factory.mktemp('machine')
    (root / 'sys/bus/pci/devices').mkdir(parents=True)
    (root / 'proc').mkdir()
    return root


@pytest.mark.parametrize('path', CASES, ids=map(name, CASES))
def test_it_has_these_entries(path, machine, tmp_path):
    case = Case(path)
    entries, err = list_entries(STILLBOOT, machine, case.build(tmp_path))
    diff = difference(entries, case)
    assert not diff, f'\n{about(case)}\n\n{diff}\n{err}'


def scripts(path):
    """GRUB's scripts in a case."""
    for section in Case(path).sections:
        if section.words[0] == 'file' and section.words[1].endswith('.cfg'):
            text = ''.join(line + '\n' for line in section.lines)
            yield section.words[1], text


@pytest.mark.skipif(not shutil.which('grub-script-check'), reason='grub-common is not installed')
@pytest.mark.parametrize('path', [c for c in CASES if c.parent.name == 'grub'], ids=name)
def test_grub_takes_them_too(path):
    """But for those that are broken on purpose, which say so."""
    wrong = []
    for file, text in scripts(path):
        run = subprocess.run(['grub-script-check'], input=text, capture_output=True, text=True,
                             check=False)
        wrong += [file + ': ' + run.stderr] if run.returncode else []
    assert bool(wrong) == path.stem.startswith('broken-'), wrong


def test_there_are_enough():
    for kind, count in AT_LEAST.items():
        assert sum(path.parent.name == kind for path in CASES) >= count, kind
