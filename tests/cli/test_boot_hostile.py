# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile boot configurations (hostile_boot.py): whatever lies on a disk, listing it ends soon,
takes little memory, prints nothing that a terminal would obey, and other entries are there."""

import json
import os
import re
import unicodedata
from pathlib import Path

import pytest

from boot_case import write
from hostile_boot import CASES, GOOD
from images import bzimage
from measure import measured

TOP = Path(__file__).resolve().parents[2]
STILLBOOT = Path(os.environ.get('STILLBOOT', TOP / 'build/stillboot')).resolve()
INSTRUMENTED = STILLBOOT.parent.name in ('asan', 'coverage', 'debug')
SECONDS = 1        # of processor time
PEAK_KIB = 64 << 10
WALL_SECONDS = 30  # where others have the processor


@pytest.fixture(scope='session')
def machine(tmp_path_factory):
    root = tmp_path_factory.mktemp('machine')
    (root / 'sys/bus/pci/devices').mkdir(parents=True)
    (root / 'proc').mkdir()
    return root


def run(*args):
    """Standard output and standard error of the program, which ended well and within its limits."""
    run = measured(STILLBOOT, *args, wall_seconds=WALL_SECONDS)
    assert run.code == 0, run.err
    if not INSTRUMENTED:
        assert run.seconds < SECONDS
        assert run.peak_kib < PEAK_KIB
    return run.out, run.err


def harmless(text):
    """No character that a terminal obeys."""
    bad = {c for c in text if c != '\n' and unicodedata.category(c) == 'Cc'}
    assert not bad


@pytest.mark.parametrize('name', CASES)
def test_it_does_no_harm(name, machine, tmp_path):
    case = CASES[name]
    path, text = GOOD
    write(tmp_path / path, text.encode())
    write(tmp_path / 'vmlinuz', bzimage())
    case.make(tmp_path)
    args = ('list', '--root', machine, '--dir', tmp_path)

    out, err = run(*args)
    harmless(out + err)
    if case.says:
        assert any(re.search(case.says, line) for line in err.splitlines()), err
    assert not case.silent_of or case.silent_of not in out + err
    assert max(map(len, (out + err).splitlines())) < 2000

    out, err = run(*args, '--json')
    harmless(out + err)
    entries = json.loads(out)['entries']
    assert not case.silent_of or case.silent_of not in out
    titles = [entry['title'] for entry in entries]
    assert {'Good', *case.titles} <= set(titles)
    assert next(entry for entry in entries if entry['title'] == 'Good')['bootable']
    assert sum(entry['default'] for entry in entries) == 1


def test_there_are_enough():
    assert len(CASES) >= 45
