# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make install` puts where, and that `make uninstall` takes all of it away; and the scripts among it
that other programs call, as far as they can be called here."""

import os
import subprocess
from pathlib import Path

import pytest

from test_cli import TOP

# Nothing that an outer make says is for this one.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith('MAKE')}


def make(target, root, prefix):
    subprocess.run(['make', '-s', target, f'DESTDIR={root}', f'prefix={prefix}'], cwd=TOP, check=True,
                   env=ENVIRONMENT, stdout=subprocess.DEVNULL)


def files(root):
    return {str(path.relative_to(root)) for path in root.rglob('*') if path.is_file()}


@pytest.fixture(scope='module')
def installed(tmp_path_factory):
    root = tmp_path_factory.mktemp('installed')
    make('install', root, '/usr')
    return root


def test_everything_is_installed_and_taken_away(tmp_path):
    make('install', tmp_path, '/opt/still')
    there = files(tmp_path)
    assert {'opt/still/sbin/stillboot', 'opt/still/lib/systemd/system/stillboot.service',
            'usr/lib/systemd/system-shutdown/stillboot', 'etc/kernel/postinst.d/zzz-stillboot',
            'etc/initramfs-tools/hooks/stillboot'} <= there
    # Each unit and page is found by its place.
    for folder in ('systemd', 'man'):
        for source in (TOP / 'configs' / folder).iterdir():
            assert any(Path(name).name == source.name for name in there) or source.suffix == '.shutdown'
    # Whatever calls the program calls it where it is.
    for name in there:
        text = (tmp_path / name).read_bytes()
        assert b'@sbindir@' not in text and b'@docdir@' not in text, name
        if not name.startswith(('etc/initramfs-tools', 'opt/still/sbin', 'opt/still/share/man')):
            assert b'/usr/sbin/stillboot' not in text, name
    make('uninstall', tmp_path, '/opt/still')
    assert not files(tmp_path)


def test_scripts_are_shell(installed):
    count = 0
    for name in files(installed):
        if (installed / name).read_bytes().startswith(b'#!/bin/'):
            subprocess.run(['bash', '-n', installed / name], check=True)
            count += 1
    assert count >= 12


@pytest.mark.parametrize('action, loaded, last, others, code, called', [
    ('poweroff', True, '', False, 0, ''),
    ('kexec', False, '', False, 0, ''),  # a kernel of somebody else's
    ('kexec', True, '', True, 1, ''),  # something is still to be taken apart
    ('kexec', True, 'final', True, 0, 'stillboot exec --loaded --unattended; reboot -f -n; '),
    ('kexec', True, '', False, 0, 'stillboot exec --loaded --unattended; reboot -f -n; '),
])
def test_end_of_dracut(installed, tmp_path, action, loaded, last, others, code, called):
    """The hook jumps when it is the last one, and restarts where that comes back."""
    hooks = tmp_path / 'hooks/shutdown'
    hooks.mkdir(parents=True)
    source = installed / 'usr/lib/dracut/modules.d/95stillboot/stillboot-shutdown.sh'
    hook = hooks / '99-stillboot-shutdown.sh'
    hook.write_text(source.read_text().replace('/usr/sbin/stillboot', 'stillboot')
                    .replace('/run/stillboot/preloaded', str(tmp_path / 'preloaded')))
    if others:
        (hooks / '10-dm-shutdown.sh').write_text('')
    if loaded:
        (tmp_path / 'preloaded').write_text('')
    # As dracut's shutdown.sh calls it.
    script = ('stillboot() { printf "stillboot $*; "; }; reboot() { printf "reboot $*; "; }; warn() { :; }; '
              f'ACTION={action} hookdir={tmp_path}/hooks; (final={last} . {hook} {last})')
    done = subprocess.run(['bash', '-c', script], stdout=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, called)
