# SPDX-License-Identifier: GPL-2.0-or-later
"""What the menu keeps: `stillboot settings`, and entries of one's own: `stillboot keep`."""

import json
import re
import subprocess

import pytest

from images import bzimage
from test_cli import STILLBOOT, TOP
from test_list import UTF8, Tree, run, snapshot

NAMES = ['timeout', 'default', 'order', 'hidden', 'language', 'consoles', 'password']
FILE = 'boot/loader/stillboot.conf'
HEADER = "# What was set in stillboot's menu. `stillboot settings` changes it.\n"
HERE = f'{FILE} on the root directory'
HASH = '$6$abc$def'


@pytest.fixture
def tree(tmp_path):
    tree = Tree(tmp_path)
    tree.file('k', bzimage())
    tree.file('i', 'initrd')
    tree.file('boot/grub/grub.cfg',
              'menuentry "Debian" --id deb { linux /k root=x\n initrd /i }\n'
              'menuentry "Older" --id old { linux /k root=x single\n initrd /i }\n')
    return tree


def settings(tree, *args):
    rc, out, err = tree('settings', '--json', *args)
    assert rc == 0 and not err
    return {row['name']: (row['value'], row['stored']) for row in json.loads(out)['settings']}


def default(tree):
    name, = [e['id'] for e in json.loads(tree('list', '--json')[1])['entries'] if e['default']]
    return name


def keep_text(tree):
    return (tree.root / FILE).read_text()


def test_nothing_is_set(tree):
    assert settings(tree) == {name: (None, None) for name in NAMES}
    rc, out, err = tree('settings')
    assert (rc, err) == (0, '') and out.splitlines() == [f'{name:10} not set' for name in NAMES]
    assert tree('settings', 'timeout') == (0, '\n', '')
    assert not (tree.root / FILE).exists()


def test_set_get_forget(tree):
    rc, out, err = tree('settings', 'timeout=7', 'language=de', 'consoles=tty0 ttyS0,ascii')
    assert (rc, err) == (0, '')
    assert out.splitlines() == [f'timeout    {"7":24}  {HERE}', f'language   {"de":24}  {HERE}',
                                f'consoles   {"tty0 ttyS0,ascii":24}  {HERE}']
    assert keep_text(tree) == HEADER + 'timeout 7\nlanguage de\nconsoles tty0 ttyS0,ascii\n'
    assert (tree.root / FILE).stat().st_mode & 0o777 == 0o600
    assert tree('settings', 'timeout', 'language') == (0, '7\nde\n', '')
    assert settings(tree, 'language') == {'language': ('de', HERE)}
    assert tree('settings', 'timeout=')[:2] == (0, 'timeout    not set\n')
    assert settings(tree, 'timeout=', 'language=never') == {
        'timeout': (None, None), 'language': ('never', HERE)}
    assert keep_text(tree) == HEADER + 'language never\nconsoles tty0 ttyS0,ascii\n'


def test_what_others_wrote_stays(tree):
    tree.file(FILE, '# mine\nfuture  x y\ntimeout 3\r\nlanguage d?\n')
    rc, _, err = tree('settings', 'timeout=4')
    assert rc == 0 and len(set(err.splitlines())) == 1 and f'{HERE}:4: language is not used' in err
    assert keep_text(tree) == '# mine\nfuture  x y\ntimeout 4\nlanguage d?\n'
    tree('settings', 'language=')
    assert keep_text(tree) == '# mine\nfuture  x y\ntimeout 4\n'


def test_dry_runs_change_nothing(tree):
    before = snapshot(tree)
    rc, out, err = tree('settings', '-n', 'timeout=4')
    assert (rc, out, err) == (0, f'would write {len(HEADER) + 10} bytes to {FILE} on /\n', '')
    rc, out, err = tree('keep', '-n', 'Mine')
    assert (rc, err) == (0, '')
    assert re.fullmatch(r'would write \d+ bytes to loader/entries/stillboot-mine.conf on /\n', out)
    assert snapshot(tree) == before


@pytest.mark.parametrize('args, rc, word', [
    (['timeout=soon'], 1, 'number of seconds'),
    (['timeout=5', 'timeout'], 2, 'not both'),
    (['colour=red'], 1, "'colour'"),
    (['colour'], 1, "'colour'"),
    (['=x'], 1, "''"),
    (['default=nobody'], 1, "'nobody'"),
    (['default=newest', 'hidden=x'], 1, 'show'),
    (['password=secret'], 1, 'password=-'),
    (['timeout=5', '--dir', '.'], 2, '--dir'),
    (['timeout=5', '--image', 'x'], 2, '--image'),
    (['order=' + 'x' * 600], 1, 'too long'),
])
def test_refusals_write_nothing(tree, args, rc, word):
    before = snapshot(tree)
    code, out, err = tree('settings', *args) if '--image' not in args else run('settings', *args)
    assert code == rc and not out and word in err and len(err.splitlines()) == 1
    assert snapshot(tree) == before


def test_without_a_boot_disk(tmp_path):
    tree = Tree(tmp_path)
    rc, out, err = tree('settings', 'language=de')
    assert rc == 1 and not out and 'no boot disk' in err and len(err.splitlines()) == 1
    assert tree('settings', 'language=')[0] == 0  # there is nothing to forget


def test_defaults(tree):
    assert default(tree) == 'deb'
    tree('settings', 'default=Older')
    assert keep_text(tree) == HEADER + 'default old\n'  # by its id
    assert default(tree) == 'old'
    assert f"saved choice     'old', {HERE}" in tree('list', '--explain')[1]
    tree('settings', 'default=last')
    assert default(tree) == 'deb'
    assert re.search(rf"when booted +last becomes 'old' in {FILE}\n", tree('show', 'old')[1])
    tree.file(FILE, 'default last\nlast old\n')
    assert default(tree) == 'old'
    assert 'when booted' not in tree('show', 'old')[1]
    tree('settings', 'default=')
    assert default(tree) == 'deb' and keep_text(tree) == ''


def test_a_loader_that_remembers_has_the_last_word(tree):
    """What is chosen last counts, whichever way it is chosen."""
    tree.file('boot/grub/grub.cfg', 'load_env\nset default="${saved_entry}"\n'
              'menuentry "A" --id a { linux /k }\nmenuentry "B" --id b { linux /k }\n')
    tree.block('boot/grub/grubenv', 'saved_entry=a')
    tree('settings', 'default=b')
    assert default(tree) == 'b'
    assert tree('list', '--set-default', 'a')[:2] == (0, 'The default is now A.\n')
    assert default(tree) == 'a' and 'default' not in keep_text(tree)
    tree('settings', 'default=b')
    assert tree('list', '--set-default', '')[0] == 0
    assert default(tree) == 'a' and 'default' not in keep_text(tree)


def test_loaders_that_remember_nothing(tree):
    """On such machines the choice is a setting."""
    assert tree('list', '--set-default', 'old') == (0, 'The default is now Older.\n', '')
    assert settings(tree)['default'] == ('old', HERE)
    rc, _, err = tree('list', '--set-oneshot', 'deb')
    assert rc == 1 and 'grubenv' in err


def test_firmware_keeps_the_timeout(tree):
    tree.variable('Other', 'x')
    where = 'EFI variable LoaderConfigTimeout'
    assert settings(tree, 'timeout=8') == {'timeout': ('8', where)}
    assert tree.variable_now('LoaderConfigTimeout') == '8' and not (tree.root / FILE).exists()
    assert settings(tree, 'timeout=never') == {'timeout': ('never', where)}
    assert tree.variable_now('LoaderConfigTimeout') == 'menu-force'
    tree.file(FILE, 'timeout 3\n')
    assert settings(tree, 'timeout') == {'timeout': ('never', where)}
    assert settings(tree, 'timeout=') == {'timeout': (None, None)}
    assert tree.variable_now('LoaderConfigTimeout') is None and keep_text(tree) == ''


def test_password(tree):
    done = subprocess.run([STILLBOOT, '--root', tree.root, 'settings', 'password=-'],
                          input='secret\n', capture_output=True, text=True, check=True, env=UTF8)
    assert done.stdout == f'password   {"(hashed)":24}  {HERE}\n'
    value = settings(tree)['password'][0]
    assert re.fullmatch(r'\$(y|6)\$[./0-9A-Za-z$]+', value) and 'secret' not in keep_text(tree)
    assert settings(tree, f'password={HASH}')['password'][0] == HASH
    assert settings(tree, 'password=') == {'password': (None, None)}
    tree.file('etc/stillboot/menu.conf', f'password {HASH}\nlanguage de\n')
    assert settings(tree)['password'] == (HASH, '/etc/stillboot/menu.conf')
    for value in HASH, '':
        rc, out, err = tree('settings', f'password={value}')
        assert rc == 1 and not out and err.endswith('and is changed there\n')
    assert settings(tree, 'language=en') == {'language': ('en', HERE)}
    assert settings(tree, 'language=') == {'language': ('de', '/etc/stillboot/menu.conf')}


def two_disks(tmp_path):
    for name in 'one', 'two':
        tree = Tree(tmp_path / name)
        tree.file('k', bzimage())
        tree.file('grub/grub.cfg', f'menuentry {name} --id {name} {{ linux /k }}\n')
    return ['--dir', f'UUID=1-1,sda1:{tmp_path}/one', '--dir', f'UUID=2-2,sdb1:{tmp_path}/two']


def ids(*args):
    return [(e['id'], e['default']) for e in json.loads(run('list', '--json', *args)[1])['entries']]


def test_order_of_devices(tmp_path):
    disks = two_disks(tmp_path)
    conf = tmp_path / 'one/loader/stillboot.conf'
    conf.parent.mkdir()
    assert ids(*disks) == [('one', True), ('two', False)]
    for order in 'UUID=2-2', '/dev/sdb1', 'sdb1', 'sdx UUID=2-2 UUID=1-1', 'UUID=2-2   sda1':
        conf.write_text(f'order {order}\n')
        assert ids(*disks) == [('two', True), ('one', False)], order
    for order in 'UUID=1-1', 'sda1 sdb1', 'LABEL=x', 'FILE=/k':
        conf.write_text(f'order {order}\n')
        assert ids(*disks) == [('one', True), ('two', False)], order


def test_the_boot_disk_has_the_file(tmp_path):
    """That of the first menu, whatever the user's order; the other disk's does not count."""
    disks = two_disks(tmp_path)
    for name, text in ('one', 'order UUID=2-2\ntimeout 1\n'), ('two', 'timeout 2\nlanguage de\n'):
        conf = tmp_path / name / 'loader/stillboot.conf'
        conf.parent.mkdir()
        conf.write_text(text)
    rows = json.loads(run('settings', '--json', *disks)[1])['settings']
    assert {row['name']: row['value'] for row in rows if row['value']} == {
        'order': 'UUID=2-2', 'timeout': '1'}
    (tmp_path / 'one/grub/grub.cfg').write_text('')
    rows = json.loads(run('settings', '--json', *disks)[1])['settings']
    assert {row['name']: row['value'] for row in rows if row['value']} == {
        'timeout': '2', 'language': 'de'}


def test_hostile_files(tree):
    for text in b'\xff\xfe\0t\0', b'timeout ' + b'9' * 4000, b'\0' * 16384, b'x' * 20000, b'\n' * 9000:
        tree.file(FILE, text)
        rc, out, _ = tree('settings', '--json')
        assert rc == 0 and all(row['value'] is None for row in json.loads(out)['settings'])
        assert default(tree) == 'deb'


# Entries of one's own

def entries(tree):
    return {e['id']: e for e in json.loads(tree('list', '--json')[1])['entries']}


def test_keep(tree):
    where = 'loader/entries/stillboot-loud-debian'
    rc, out, err = tree('keep', 'Loud Debian', 'deb', '--cmdline', 'root=x debug')
    assert (rc, out, err) == (
        0, f'Kept as stillboot-loud-debian: {where}.conf on the root directory.\n', '')
    assert (tree.root / f'{where}.conf').read_text() == (
        'title Loud Debian\nsort-key zz-stillboot\nlinux /k\ninitrd /i\noptions root=x debug\n')
    assert tree('keep', 'Loud Debian')[0] == 0
    assert list(entries(tree)) == [
        'deb', 'old', 'stillboot-loud-debian-2', 'stillboot-loud-debian']
    e = entries(tree)['stillboot-loud-debian']
    assert e['title'] == 'Loud Debian' and e['options'] == 'root=x debug' and not e['reason']
    assert default(tree) == 'deb'
    assert tree('settings', 'default=stillboot-loud-debian')[0] == 0
    assert default(tree) == 'stillboot-loud-debian'
    assert tree('keep', '--remove', 'stillboot-loud-debian') == (0, 'Removed.\n', '')
    assert list(entries(tree)) == ['deb', 'old', 'stillboot-loud-debian-2']
    assert default(tree) == 'deb'


def test_keep_files(tree):
    rc, _, err = tree('keep', 'x', '--kernel', '/k', '--initrd', '/i', '--initrd', '/i',
                      '--cmdline', ' a "b" ')
    assert (rc, err) == (0, '')
    assert (tree.root / 'loader/entries/stillboot-x.conf').read_text() == (
        'title x\nsort-key zz-stillboot\nlinux /k\ninitrd /i\ninitrd /i\noptions a "b"\n')


@pytest.mark.parametrize('args, rc, word', [
    ([], 2, 'title'),
    (['x', 'deb', 'y'], 2, "'y'"),
    (['x', 'deb', '--kernel', '/k'], 2, 'not both'),
    (['x', '--initrd', '/i'], 2, '--kernel'),
    (['--remove', 'x', 'y'], 2, 'nothing else'),
    (['--remove', 'x', '--cmdline', 'y'], 2, 'nothing else'),
    (['--remove', 'deb'], 1, 'left alone'),
    (['--remove', 'nobody'], 1, "'nobody'"),
    (['x', 'nobody'], 1, 'no such entry'),
    ([' ', 'deb'], 1, 'needs a title'),
    (['x', '--kernel', 'k'], 1, 'path from the root'),
    (['x', '--kernel', '/none'], 1, '/none'),
    (['x', '--kernel', '/k', '--initrd', 'i'], 1, 'one filesystem'),
    (['x', 'deb', '--cmdline', 'a\nb'], 1, 'cannot say'),
    (['x\ny', 'deb'], 1, 'cannot say'),
])
def test_keep_refuses(tree, args, rc, word):
    before = snapshot(tree)
    code, out, err = tree('keep', *args)
    assert code == rc and not out and word in err and len(err.splitlines()) == 1
    assert snapshot(tree) == before


def test_read_only_places(tree):
    """A directory in the way stands for a filesystem on which nothing can be written."""
    tree.file('boot/loader', 'a file')
    rc, out, err = tree('settings', 'timeout=5')
    assert rc == 1 and not out and len(err.splitlines()) == 1 and FILE in err


def test_manual_names_all_settings():
    page = (TOP / 'configs/man/stillboot.8').read_text()
    section = page[page.index('.Sh SETTINGS\n'):].split('\n.Sh ')[0]
    assert re.findall(r'^\.It Li (\w+)$', section, re.MULTILINE) == NAMES
