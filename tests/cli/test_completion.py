# SPDX-License-Identifier: GPL-2.0-or-later
"""configs/completion/stillboot.bash knows the commands and options that the program knows."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from test_cli import STILLBOOT, TOP, stillboot

COMPLETION = TOP / 'configs/completion/stillboot.bash'
COMMANDS = re.findall(r'^  ([a-z]+) ', stillboot('--help')[1].split('Options')[0], re.M)


def complete(*words, path=None):
    """What Tab offers behind these words; the last is the one that is being typed."""
    script = (f'source {COMPLETION}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _stillboot; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(['bash', '--norc', '-c', script, 'bash', 'stillboot', *words],
                          capture_output=True, text=True, check=True, cwd=path,
                          env=os.environ | {'PATH': f'{path}/bin:{os.environ["PATH"]}'})
    assert not done.stderr
    return set(done.stdout.split())


def options_of(*command):
    return set(re.findall(r'(--[a-z-]+)(?: [][:A-Z]+)?  ', stillboot(*command, '--help')[1]))


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
        taking |= set(re.findall(r'(--[a-z-]+) [][:A-Z]+ ', stillboot(command, '--help')[1]))
    assert skipped == taking


def test_arguments(tmp_path):
    (tmp_path / 'mine.lua').write_text('')
    (tmp_path / 'machines').mkdir()
    assert complete('policy', '') == {'check', 'list', 'test'}
    assert complete('crash', '') == {'load', 'save', 'status', 'unload'}
    assert complete('crash', 'save', '--then', '') == {'poweroff', 'reboot', 'shell'}
    assert complete('policy', 'check', '', path=tmp_path) == {'mine.lua', 'machines'}
    assert complete('policy', 'test', '', path=tmp_path) == {'machines'}
    assert complete('plan', '--diff', 'm', path=tmp_path) == {'mine.lua', 'machines'}
    assert complete('exec', '--cmdline', '') == set()
    slots = Path('/sys/bus/pci/devices')
    assert complete('plan', '') == {slot.name for slot in slots.glob('*')}


def test_folders_behind_names(tmp_path):
    (tmp_path / 'mine').write_text('')
    (tmp_path / 'esp').mkdir()
    (tmp_path / 'esp/EFI').mkdir()
    for command in 'list', 'show':
        assert complete(command, '--dir', '', path=tmp_path) == {'esp'}
        assert complete(command, '--dir', 'UUID=1-2:', path=tmp_path) == {'UUID=1-2:esp'}
        assert complete(command, '--dir', 'LABEL=x,sda1:esp/', path=tmp_path) == {
            'LABEL=x,sda1:esp/EFI'}


def test_entries(tmp_path):
    """As `stillboot list` has them, submenus and all."""
    top = tmp_path / 'top'
    (top / 'boot/grub').mkdir(parents=True)
    (top / 'k').write_text('')
    (top / 'boot/grub/grub.cfg').write_text(
        'menuentry Debian --id debian { linux /k }\n'
        'submenu "Advanced options" --id adv {\nmenuentry Older --id debian-old { linux /k }\n}\n'
        'menuentry Fedora --id fedora { linux /gone }\n')
    program = tmp_path / 'bin/stillboot'
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {STILLBOOT} --root {top} "$@"\n')
    program.chmod(0o755)
    for words in ['keep', 'Title'], ['load'], ['exec', '-f'], ['show'], ['list', '--set-default'], [
            'list', '--set-oneshot']:
        assert complete(*words, '', path=tmp_path) == {'debian', 'debian-old', 'fedora'}
        assert complete(*words, 'deb', path=tmp_path) == {'debian', 'debian-old'}


def test_settings(tmp_path):
    known = {row['name']: row['choices'] for row in json.loads(
        stillboot('settings', '--json', '--dir', tmp_path)[1])['settings']}
    (tmp_path / 'bin').mkdir()
    (tmp_path / 'bin/stillboot').symlink_to('/bin/true')
    assert complete('settings', '', path=tmp_path) == set(known)
    assert complete('settings', 'timeout=5', 'la', path=tmp_path) == {'language'}
    for name, choices in known.items():
        offered = complete('settings', f'{name}=', path=tmp_path)
        assert offered == {f'{name}={choice}' for choice in choices or []} or name == 'password'


def test_own_entries(tmp_path):
    (tmp_path / 'bin').mkdir()
    program = tmp_path / 'bin/stillboot'
    program.write_text('#!/bin/sh\nprintf "* a  A\\n  stillboot-b  B\\n"\n')
    program.chmod(0o755)
    assert complete('keep', '', path=tmp_path) == set()
    assert complete('keep', '--remove', '', path=tmp_path) == {'stillboot-b'}
