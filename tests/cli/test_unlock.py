# SPDX-License-Identifier: GPL-2.0-or-later
"""stillboot unlock, as far as it goes without device-mapper; tests/vm/test_stacks.py has the rest."""

import os
import stat

import pytest

from test_cli import stillboot

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason='unlock needs root rights')


def unlock(*argv):
    return stillboot('unlock', *argv)


def test_usage():
    rc, out, err = unlock()
    assert rc == 2 and not out and 'name the encrypted volume' in err
    assert unlock('/dev/a', '/dev/b')[0] == 2
    rc, _, err = unlock('--root', '/tmp', '/dev/sda')
    assert rc == 2 and '--dry-run' in err


@pytest.mark.parametrize('name', ['/dev/no-such-device', 'UUID=no-such-uuid', 'sda', '/etc/passwd'])
def test_not_there(name):
    rc, out, err = unlock(name)
    assert rc == 1 and not out
    assert err.count('\n') == 1 and f'no locked volume {name};' in err and '--all-disks' in err


def test_of_another_machine(tmp_path):
    """A device of a tree is not this machine's device of the same name."""
    (tmp_path / 'dev').mkdir()
    os.mknod(tmp_path / 'dev/loop0', stat.S_IFBLK, os.makedev(7, 0))
    rc, out, err = unlock('--root', tmp_path, '--dry-run', '/dev/loop0')
    assert rc == 1 and not out and 'a device of another machine' in err


def test_nothing_to_close():
    assert unlock('--close')[:2] == (0, 'nothing was open\n')
    assert unlock('--close', '/dev/sda')[:2] == (0, 'nothing was open\n')
