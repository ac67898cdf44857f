# SPDX-License-Identifier: GPL-2.0-or-later
"""The menu's screens as text: tests/screens/cases/*.script, each played at three sizes, against
tests/screens/expected; lines-*.script to a console of lines. After a change that is meant, UPDATE=1 in the
environment writes them, for `git diff` to be looked at."""

import os
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
SCREENS = TOP / 'tests/screens'
ONLY_PLAYED_BY_OTHERS = ('machine.script',)
SCRIPTS = sorted(path for path in (SCREENS / 'cases').glob('*.script')
                 if path.name not in ONLY_PLAYED_BY_OTHERS)
SIZES = ((40, 10), (80, 24), (160, 50))


def mode():
    """That of the build that is tested."""
    stillboot = Path(os.environ.get('STILLBOOT', 'build/stillboot'))
    return stillboot.parent.name if stillboot.parent.name != 'build' else 'release'


@pytest.fixture(scope='session')
def player():
    subprocess.run(['make', '-s', f'MODE={mode()}', 'player'], cwd=TOP, check=True)
    return TOP / 'build' / mode() / 'tests/screens/player'


def expected(script, width, height):
    return SCREENS / 'expected' / f'{script.stem}.{width}x{height}.txt'


@pytest.mark.parametrize('width,height', SIZES)
@pytest.mark.parametrize('script', SCRIPTS, ids=lambda path: path.stem)
def test_screen(player, script, width, height):
    kind = ['-l'] if script.stem.startswith('lines-') else []
    shown = subprocess.run([player, *kind, str(width), str(height), script], check=True,
                           capture_output=True, text=True, encoding='utf-8')
    assert not shown.stderr
    golden = expected(script, width, height)
    if os.environ.get('UPDATE'):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown.stdout, encoding='utf-8')
    assert shown.stdout == golden.read_text(encoding='utf-8')


def test_every_text_has_its_script():
    """No text is left over from a script that is gone."""
    assert {path.name for path in (SCREENS / 'expected').glob('*.txt')} == \
        {expected(script, *size).name for script in SCRIPTS for size in SIZES}
