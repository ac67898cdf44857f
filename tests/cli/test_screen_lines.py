# SPDX-License-Identifier: GPL-2.0-or-later
"""Consoles of lines: tests/screens/cases/lines-*.script, each played at three widths, against
tests/screens/expected. After a change that is meant, UPDATE=1 in the environment writes them."""

import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
SCREENS = TOP / 'tests/screens'
SCRIPTS = sorted((SCREENS / 'cases').glob('lines-*.script'))
SIZES = ((40, 10), (80, 24), (160, 50))


@pytest.fixture(scope='session')
def player():
    stillboot = Path(os.environ.get('STILLBOOT', 'build/stillboot'))
    mode = stillboot.parent.name if stillboot.parent.name != 'build' else 'release'
    subprocess.run(['make', '-s', f'MODE={mode}', 'player'], cwd=TOP, check=True)
    return TOP / 'build' / mode / 'tests/screens/player'


@pytest.mark.parametrize('width,height', SIZES)
@pytest.mark.parametrize('script', SCRIPTS, ids=lambda path: path.stem)
def test_lines(player, script, width, height):
    shown = subprocess.run([player, '-l', str(width), str(height), script], check=True,
                           capture_output=True, text=True, encoding='utf-8')
    assert not shown.stderr
    golden = SCREENS / 'expected' / f'{script.stem}.{width}x{height}.txt'
    if os.environ.get('UPDATE'):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown.stdout, encoding='utf-8')
    assert shown.stdout == golden.read_text(encoding='utf-8')
