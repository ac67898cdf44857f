# SPDX-License-Identifier: GPL-2.0-or-later
"""configs/completion/stillboot.bash knows the commands and options that the program knows."""

import re
import subprocess

import pytest

from test_cli import TOP, stillboot

COMPLETION = TOP / 'configs/completion/stillboot.bash'
COMMANDS = re.findall(r'^  ([a-z]+) ', stillboot('--help')[1].split('Options')[0], re.M)


def complete(*words, path=None):
    """What Tab offers behind these words; the last is the one that is being typed."""
    script = (f'source {COMPLETION}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _stillboot; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(['bash', '--norc', '-c', script, 'bash', 'stillboot', *words],
                          capture_output=True, text=True, check=True, cwd=path)
    assert not done.stderr
    return set(done.stdout.split())


def options_of(*command):
    return set(re.findall(r'(--[a-z-]+)(?: [A-Z]+)?  ', stillboot(*command, '--help')[1]))


def test_commands():
    assert len(COMMANDS) > 10 and complete('') == set(COMMANDS)
    assert complete('un') == {'unload', 'unlock'}
    assert complete('--') == options_of()


@pytest.mark.parametrize('command', COMMANDS)
def test_options(command):
    assert complete(command, '--') == options_of(command)
    assert complete('--root', 'exec', command, '--') == options_of(command)


def test_arguments_of_options_are_skipped():
    """Else what stands behind them would be taken for the command."""
    script = COMPLETION.read_text(encoding='utf-8')
    skipped = set(re.findall(r'--[a-z-]+', script.split('case $word in')[1].split('skip=1')[0]))
    taking = set()
    for command in COMMANDS:
        taking |= set(re.findall(r'(--[a-z-]+) [A-Z]+ ', stillboot(command, '--help')[1]))
    assert skipped == taking


def test_arguments(tmp_path):
    (tmp_path / 'mine.lua').write_text('')
    (tmp_path / 'machines').mkdir()
    assert complete('policy', '') == {'check', 'list', 'test'}
    assert complete('policy', 'check', '', path=tmp_path) == {'mine.lua', 'machines'}
    assert complete('policy', 'test', '', path=tmp_path) == {'machines'}
    assert complete('plan', '--diff', 'm', path=tmp_path) == {'mine.lua', 'machines'}
    assert complete('plan', '') == complete('exec', '--cmdline', '') == set()
