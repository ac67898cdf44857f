# SPDX-License-Identifier: GPL-2.0-or-later
"""The boot entries as a user sees them: list, show, and choosing a default."""

import json
import os
import pty
import re
import signal
import subprocess
import unicodedata

import pytest

from images import bzimage, pe
from test_cli import STILLBOOT, TOP, Machine

VENDOR = '4a67b082-0a4c-41cf-b6c7-440b29bb8c4f'
UNLESS_ROOT = 'Only root may read everything.\n' if os.geteuid() else ''
UTF8 = os.environ | {'LC_ALL': 'C.UTF-8'}
MENUS = """
menuentry "First" --id first { linux /k root=x quiet
 initrd /i }
submenu "Advanced > options" --id adv {
  menuentry "Second" --id second { linux /k single }
  submenu Deeper { menuentry "Third" --id third { linux /gone } }
  menuentry "Fourth" --id fourth { linux /k }
}
menuentry "Fifth" --id fifth { linux /k }
"""


class Tree(Machine):
    """A directory as a machine (call it), or as a filesystem (tree.dir())."""

    def file(self, path, content):
        path = os.fsencode(self.root / path) if isinstance(path, str) else \
            os.path.join(os.fsencode(self.root), path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as f:
            f.write(content if isinstance(content, bytes) else content.encode())

    def variable(self, name, text):
        self.file(f'sys/firmware/efi/efivars/{name}-{VENDOR}',
                  b'\7\0\0\0' + (text + '\0').encode('utf-16-le'))

    def variable_now(self, name):
        path = self.root / f'sys/firmware/efi/efivars/{name}-{VENDOR}'
        return path.read_bytes()[4:].decode('utf-16-le').split('\0')[0] if path.exists() else None

    def block(self, path, *lines):
        text = ''.join(line + '\n' for line in ('# GRUB Environment Block', *lines))
        self.file(path, text.ljust(1024, '#'))

    def block_now(self, path):
        text = (self.root / path).read_text()
        assert len(text) == 1024
        return [line for line in text.splitlines() if '=' in line]

    def __call__(self, *args):
        return run('--root', self.root, *args)

    def dir(self, *args):
        return run(*args, '--dir', self.root)

    def entries(self, *args):
        return {e['id']: e for e in json.loads(self.dir('list', '--json', *args)[1])['entries']}


def run(*args, env=UTF8):
    done = subprocess.run([STILLBOOT, *args], capture_output=True, check=False, env=env)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def on_terminal(*args, **variables):
    """What it prints on a terminal."""
    here, there = pty.openpty()
    with subprocess.Popen([STILLBOOT, *args], stdout=there, stderr=there, stdin=there,
                          env=UTF8 | {'TERM': 'xterm'} | variables) as process:
        os.close(there)
        out = b''
        try:
            while chunk := os.read(here, 4096):
                out += chunk
        except OSError:  # its end
            pass
        os.close(here)
        assert process.wait() == 0
    return out.decode()


def bls(tree, name, text='', kernel='/k'):
    tree.file(f'loader/entries/{name}.conf', f'linux {kernel}\n{text}')


@pytest.fixture
def tree(tmp_path):
    t = Tree(tmp_path)
    t.file('k', bzimage())
    t.file('i', '')
    return t


# How it looks

def test_nothing(tree):
    rc, out, err = tree.dir('list')
    assert rc == 0 and out == 'No boot entries were found.\n' + UNLESS_ROOT and not err
    rc, out, err = tree.dir('list', '--json')
    found = json.loads(out)
    assert [v['root'] for v in found.pop('volumes')] == ['/']
    assert found == {'entries': [], 'choices': [], 'problems': []} and rc == 0
    rc, out, err = tree.dir('show')
    assert rc == 1 and err == 'stillboot: there are no boot entries\n' and not out


def test_what_may_not_be_read_is_told_once(tree):
    """Without root rights: a /boot of root's own, and in it what may be there or not."""
    bls(tree, 'a')
    tree.file('grub/grub.cfg', 'menuentry x { linux /k }')
    argv = [STILLBOOT, 'list', '--dir', tree.root]
    if os.geteuid() == 0:
        argv = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', *argv]

    def listed():
        done = subprocess.run(argv, capture_output=True, check=True, env=UTF8)
        return done.stdout.decode(), done.stderr.decode().splitlines()

    (tree.root / 'loader/entries').chmod(0)
    (tree.root / 'grub/grub.cfg').chmod(0)
    out, err = listed()
    assert out == 'No boot entries were found.\n' and len(err) == 2
    assert f'{tree.root}: not all of it may be read without root rights' in err[0] + err[1]
    assert f'open grub/grub.cfg on {tree.root}: Permission denied' in err[0] + err[1]
    (tree.root / 'grub').chmod(0)
    assert listed() == (out, [line for line in err if 'not all' in line])
    for name in ('loader/entries', 'grub'):
        (tree.root / name).chmod(0o755)


def test_without_standard_files(tree):
    """As a program with them closed starts it: no file of ours takes their numbers."""
    bls(tree, 'a')
    whole = tree('list')
    assert 'a' in whole[1]
    for closed in ([0], [2], [0, 2]):
        done = subprocess.run([STILLBOOT, '--root', tree.root, 'list'], check=False, env=UTF8,
                              stdout=subprocess.PIPE,
                              preexec_fn=lambda fds=closed: [os.close(fd) for fd in fds])
        assert (done.returncode, done.stdout.decode()) == whole[:2]


def test_tree(tree):
    tree.file('boot/grub/grub.cfg', MENUS)
    rc, out, err = tree.dir('list')
    lines = out.splitlines()
    assert rc == 0 and not err
    assert [line[:2].strip() for line in lines] == ['*'] + 6 * ['']
    assert [line[2:] for line in lines] == [
        'first   First',
        '        Advanced > options',
        'second    Second',
        '          Deeper',
        'third       Third  cannot be booted: kernel /gone is missing on '
        f'{tree.root}',
        'fourth    Fourth',
        'fifth   Fifth']


def test_verbose(tree):
    tree.file('boot/grub/grub.cfg', MENUS)
    out = tree.dir('list', '-v')[1]
    assert '      /k root=x quiet\n      initrd /i\n' in out
    assert '      /gone\n' in out


def test_hidden_and_changed(tree):
    tree.file('boot/grub/grub.cfg', MENUS)
    tree.file('mine.lua', 'entry { title = "F*", hide = true }\n'
                          'entry { title = "Second", options_add = "ro", '
                          'options_remove = "single" }\n')
    policy = ('--policy', tree.root / 'mine.lua')
    rc, out, _ = tree.dir('list', *policy)
    assert rc == 0 and 'First' not in out and '3 more are hidden by rules; -v shows them' in out
    assert re.search(r'^\* second ', out, re.MULTILINE)
    out = tree.dir('list', '-v', *policy)[1]
    assert out.count(f'hidden by {tree.root}/mine.lua:1\n') == 3 and '      /k ro\n' in out
    assert f'      changed by {tree.root}/mine.lua:2\n' in out
    entries = tree.entries(*policy)
    assert entries['first']['hidden_by'].endswith('mine.lua:1')
    assert entries['second']['options'] == 'ro'
    assert entries['second']['changed_by'].endswith('mine.lua:2')
    tree.file('mine.lua', 'entry { id = "fifth", hide = true }\n')
    assert '1 more is hidden by rules; -v shows it' in tree.dir('list', *policy)[1]


def test_remarks(tree):
    bls(tree, 'a+1-2', 'version 3')
    bls(tree, 'b+3', 'version 2')
    bls(tree, 'c+0-3', 'version 9')
    tree.file('proc/cmdline', 'root=x\n')
    tree.file('proc/sys/kernel/osrelease', '6.1\n')
    bls(tree, 'd', 'options root=x\nversion 6.1\n')
    lines = {line[2:].split()[0]: line for line in tree('list')[1].splitlines()}
    assert '  1 try left' in lines['a'] and '  3 tries left' in lines['b']
    assert '  0 tries left' in lines['c'] and lines['d'].endswith('  running')
    entry = json.loads(tree('show', '--json', 'a')[1])
    assert (entry['tries_left'], entry['tries_done'], entry['running']) == (1, 2, False)


def columns(text):
    """As a terminal counts them."""
    return sum(0 if unicodedata.combining(c) else
               2 if unicodedata.east_asian_width(c) in 'WF' else 1 for c in text)


def test_wide_characters_are_aligned(tree):
    tree.file('proc/self/mountinfo', '22 1 8:2 / / rw - ext4 /dev/sda2 rw\n')
    for name, title in (('a', 'plain'), ('日本語', 'テスト'), ('b', 'ü\u0301'), ('\x1b', 'e\x07')):
        bls(tree, name, f'title {title}\n')
    lines = tree('list')[1].splitlines()
    assert len(lines) == 4
    assert len({columns(line[:line.index('/dev/sda2')]) for line in lines}) == 1


@pytest.mark.parametrize('locale, dots', [('C.UTF-8', '\u2026'), ('C', '...')])
def test_what_is_very_long_is_cut(tree, locale, dots):
    """In the table; `show` and JSON have all of it, and it widens no column."""
    tree.file('boot/grub/grub.cfg', f'menuentry {5000 * "t"} --id {3000 * "i"} {{ linux /k }}\n'
              f'menuentry Good --id good {{ linux /k {9000 * "o"} }}\n')
    args = ('--dir', tree.root)
    out = run('list', *args, env=UTF8 | {'LC_ALL': locale})[1]
    long, good = out.splitlines()
    assert long == f'* {(200 - len(dots)) * "i"}{dots}  {(100 - len(dots)) * "t"}{dots}'
    assert good == '  good  Good'
    assert max(map(len, run('list', '-v', *args)[1].splitlines())) < 4200
    assert 3000 * 'i' in tree.dir('show')[1] and 5000 * 't' in tree.dir('show')[1]
    assert tree.entries()[3000 * 'i']['title'] == 5000 * 't'


@pytest.mark.parametrize('columns_there', [40, 60, 80, 100, 200])
def test_no_wider_than_the_terminal(tree, columns_there):
    tree.file('proc/self/mountinfo', '22 1 8:2 / / rw - ext4 /dev/sda2 rw\n')
    bls(tree, '0123456789abcdef-6.10.3', 'title A Linux (6.10.3.x86_64) 39 (Some Edition)\n')
    bls(tree, 'gone', 'title Another Linux\n', kernel='/gone')
    out = on_terminal('list', '--root', tree.root, COLUMNS=str(columns_there), NO_COLOR='1')
    lines = out.splitlines()
    assert max(map(len, lines)) <= columns_there and not [x for x in lines if x.endswith(' ')]
    assert len(lines) == 2 if columns_there == 200 else len(lines) > 2
    said = ' '.join(out.split())
    assert '* 0123456789abcdef-6.10.3 A Linux (6.10.3.x86_64) 39 (Some Edition) /dev/sda2 ' in said
    assert 'Another Linux /dev/sda2 cannot be booted: kernel /gone is missing on /dev/sda2' in said


def test_lines_do_not_end_in_blanks(tree):
    tree.file('boot/grub/grub.cfg', MENUS)
    for args in (['list'], ['list', '-v'], ['list', '--explain'], ['show']):
        assert not re.search(r' $', tree.dir(*args)[1], re.MULTILINE)


def test_colour_on_terminals_only(tree):
    tree.file('boot/grub/grub.cfg', MENUS)
    args = ('list', '--dir', tree.root)
    assert '\x1b[1mfirst' in on_terminal(*args)
    assert '\x1b' not in on_terminal(*args, NO_COLOR='1') + on_terminal(*args, TERM='dumb')
    assert '\x1b' not in run(*args)[1]


# Hostile names

NASTY = 'x\x1b[2J\x1b]0;t\x07%n%s\\\u202e\u2028\x9b"\'<'
NASTY_FILE = b'a\nb\x1b[31m\xff%s'


@pytest.fixture
def nasty(tree):
    def everywhere(text, name):
        tree.file(b'loader/entries/' + name + b'.conf', text)
    everywhere(f'title {NASTY}\nversion {NASTY}\nsort-key {NASTY}\nmachine-id {NASTY}\n'
               f'linux /k{NASTY}\ninitrd /i{NASTY}\ndevicetree /d{NASTY}\noptions {NASTY}\n'
               f'architecture {NASTY}\n', NASTY_FILE)
    tree.file('loader/loader.conf', f'default {NASTY}\n')
    tree.file('boot/grub/grub.cfg', f"submenu '{NASTY.replace(chr(39), '')}' {{\n"
              "menuentry A --id '\x1b[1ma' { linux /k }\n}\n")
    (tree.root / 'boot/grub2').mkdir()
    (tree.root / 'boot/grub2/grub.cfg').mkdir()
    return tree


def test_escapes_everywhere(nasty):
    """Nothing a disk says reaches the terminal but as text, and nothing makes a line."""
    for args in (['list'], ['list', '-v'], ['list', '--explain'], ['list', '-v', '--explain'],
                 ['show'], ['show', '*'], ['list', '--json'], ['show', '--json']):
        rc, out, err = nasty.dir(*args)
        assert rc == 0
        for text in (out, err):
            assert not re.search('[\0-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e]', text), (args, text)
    assert nasty.dir('list')[1].count('\n') == 3
    assert nasty.dir('show', 'no\x1b[1m\nbody')[2].count('\n') == 2  # and what cannot be read


def test_json_has_the_very_bytes(nasty):
    entry = next(e for e in json.loads(nasty.dir('list', '--json')[1])['entries']
                 if e['format'] == 'bls1')
    assert entry['title'] == entry['options'] == entry['version'] == NASTY
    assert entry['linux'] == '/k' + NASTY.replace('\\', '/')  # as EFI paths have them
    # What is no UTF-8 is written as text.
    assert entry['id'] == 'a\\x0ab\\x1b[31m\\xff%s'


def test_many(tree):
    for i in range(1000):
        bls(tree, f'e{i:03}')
    rc, out, err = tree.dir('list')
    assert rc == 0 and not err and len(out.splitlines()) == 1000


# JSON

def documented():
    page = (TOP / 'configs/man/stillboot.8').read_text()
    text = page[page.index('.Sh JSON'):].split('\n.Sh ')[0]
    top, fields = text.split('.Bl -tag')
    fields, choice = fields.split('.El')
    return (set(re.findall(r'^\.Va (\w+)', top, re.MULTILINE)),
            {name for line in re.findall(r'^\.It Va (.*)$', fields, re.MULTILINE)
             for name in line.split(' , ')},
            set(re.findall(r'^\.Va (\w+)', choice, re.MULTILINE)))


def test_json_is_what_the_manual_says(tree):
    tree.file('boot/grub/grub.cfg', MENUS)
    tree.file('b/loader/entries/b.conf', 'linux /k\n')
    rc, out, _ = run('list', '--json', '--dir', tree.root, '--dir', f'UUID=1-2:{tree.root}/b')
    found = json.loads(out)
    top, fields, choice = documented()
    assert rc == 0 and set(found) == top
    assert all(set(e) | {'device'} == fields for e in found['entries'])
    assert found['choices'] and all(set(c) == choice for c in found['choices'])
    assert set(json.loads(tree.dir('show', '--json')[1])) | {'device'} == fields


def test_json_of_an_entry(tree):
    tree.file('boot/grub/grub.cfg', MENUS)
    entries = tree.entries()
    assert list(entries) == ['first', 'second', 'third', 'fourth', 'fifth']
    first, third = entries['first'], entries['third']
    assert third['menu'] == ['Advanced > options', 'Deeper']
    assert first['menu'] == [] and first['default'] and first['bootable']
    assert first['linux'] == '/k' and first['initrd'] == ['/i']
    assert first['options'] == 'root=x quiet' and first['format'] == 'grub'
    assert first['source'] == {'device': None, 'file': 'boot/grub/grub.cfg', 'line': 2}
    assert [(f['what'], f['path'], f['device']) for f in first['files']] == [
        ('linux', '/k', str(tree.root)), ('initrd', '/i', str(tree.root))]
    for name in ('version', 'machine_id', 'sort_key', 'architecture', 'devicetree', 'efi',
                 'reason', 'tries_left', 'tries_done', 'changed_by', 'hidden_by'):
        assert first[name] is None
    assert not third['bootable'] and '/gone' in third['reason'] and not third['default']


# --dir

def test_trees_with_names(tree):
    tree.file('boot/grub/grub.cfg', """
        menuentry A --id a { search --fs-uuid --set=root 1A2B-3C4D
            linux /kernel
            search --label --set=root data
            initrd /initrd }
        menuentry B --id b { search --fs-uuid --set=root 5-6
            linux /kernel }""")
    tree.file('x/kernel', bzimage())
    tree.file('y/initrd', '')
    root = str(tree.root)
    rc, out, err = run('list', '--json', '--dir', f'sda1:{root}',
                       '--dir', f'UUID=1a2b-3c4d,sda2:{root}/x', '--dir', f'LABEL=data:{root}/y')
    a, b = json.loads(out)['entries']
    assert rc == 0 and not err and a['bootable'] and a['device'] == '/dev/sda2'
    assert a['source']['device'] == '/dev/sda1'
    assert not b['bootable'] and '5-6' in b['reason']
    assert tree.entries()['a']['reason']  # a tree without names has all of them
    rc, out, err = run('list', '--dir', '/nowhere')
    assert rc == 1 and '/nowhere' in err and not out
    rc, out, err = run('show', '--dir', f'sda1:{root}', 'nobody')
    assert rc == 1 and "'nobody'" in err and len(err.splitlines()) == 1
    rc, out, err = run('list', '--dir', f'FOO=1:{root}')
    assert rc == 1 and 'FOO=1' in err and 'UUID=' in err and len(err.splitlines()) == 1


def test_trees_know_nothing_of_the_machine(tree):
    """Neither its firmware nor its kernel has a say, and its rules have."""
    bls(tree, 'a')
    bls(tree, 'b')
    tree.variable('LoaderEntryDefault', 'a')
    args = ('--root', tree.root, '--dir', tree.root, 'list', '--json')
    assert [e['id'] for e in json.loads(run(*args)[1])['entries'] if e['default']] == ['b']
    tree.file('etc/stillboot/policy.d/x.lua', 'boot { default = "a" }\n')
    assert [e['id'] for e in json.loads(run(*args)[1])['entries'] if e['default']] == ['a']


def test_what_cannot_be_read_is_told(tree):
    bls(tree, 'good')
    (tree.root / 'boot/grub/grub.cfg').mkdir(parents=True)
    rc, out, err = tree.dir('list')
    assert rc == 0 and 'good' in out
    assert err == f'stillboot: boot/grub/grub.cfg on {tree.root} is a directory, not a file\n'
    rc, out, err = tree.dir('list', '--json')
    assert len(json.loads(out)['problems']) == 1 and err


def test_a_problem_is_told_once_and_very_many_are_counted(tree):
    (tree.root / 'boot/vmlinuz-x').mkdir(parents=True)  # what two patterns find
    assert len(tree.dir('list')[2].splitlines()) == 1
    for i in range(100):
        (tree.root / f'EFI/{i}/grub.cfg').mkdir(parents=True)
    _, out, err = tree.dir('list', '--json')
    assert len(json.loads(out)['problems']) == 101
    assert len(err.splitlines()) == 41 and '61 more problems' in err


# Where to look

@pytest.mark.parametrize('args', [
    ('list', '--watch', '--dir', '.'), ('list', '--watch', '--image', 'x'),
    ('list', '--watch', '--root', '/'), ('list', '--watch', '--set-default', 'x'),
    ('list', '--dir', '.', '--image', 'x'), ('show', '--dir', '.', '--all-disks'),
    ('list', '--image', 'x', '--all-disks'), ('show', '--image', 'x', '--root', '/'),
    ('list', '--image', 'x', '--set-oneshot', 'x'), ('list', '--json', '--set-default', 'x')])
def test_what_does_not_go_together(args):
    rc, _, err = run(*args)
    assert rc == 2 and len(err.splitlines()) == 1 and err.count('--') == 2


def test_image(tmp_path):
    """What needs no root; the rest is in tests/vm/test_filesystems.py."""
    rc, _, err = run('list', '--image', '')
    assert rc == 2 and err == 'stillboot: --image needs a name, and was given an empty one\n'
    for name, said in (('gone', 'No such file or directory'), ('', 'no regular file')):
        rc, out, err = run('list', '--image', tmp_path / name)
        assert rc == 1 and not out and f'{tmp_path / name}: {said}' in err


def watching(*args):
    """Begins to watch; its first list is there when the first line is."""
    return subprocess.Popen([STILLBOOT, 'list', '--watch', *args], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


@pytest.mark.parametrize('stop', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_watch_until_interrupted(stop):
    with watching('--json') as process:
        first = json.loads(process.stdout.readline())
        assert {'entries', 'volumes', 'ms'} <= set(first) and process.poll() is None
        process.send_signal(stop)
        assert process.communicate(timeout=30)[0] == b'' and process.returncode == 0


def test_watch_until_nobody_reads():
    with watching() as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 0
        assert b'could not be written' not in process.stderr.read()


# The default

def explained(out):
    """The lines below the list: (level, words, text), the chosen one's with a star."""
    lines = out.split('The default is what the first of these names and can be booted:\n')[1]
    return [(star.strip() + level, word.strip(), text) for star, level, word, text in
            re.findall(r'^(.) (\d)\. (.{16}) (.*)$', lines, re.MULTILINE)]


def test_explain(tree):
    tree.file('boot/grub/grub.cfg', 'set default=h\nmenuentry G --id g { linux /k }\n'
                                    'menuentry H --id h { linux /k }')
    bls(tree, 'a', 'sort-key a\n')
    bls(tree, 'b', 'sort-key b\n')
    bls(tree, 'broken', 'sort-key c\n', kernel='/gone')
    tree.variable('LoaderEntryOneShot', 'none*')
    tree.variable('LoaderEntryDefault', 'broken.conf')
    tree.file('mine.lua', '\nboot { default = "g" }\n')
    rc, out, _ = tree('list', '--explain', '--policy', tree.root / 'mine.lua')
    assert rc == 0
    assert explained(out) == [
        ('1', 'one-shot choice', "'none*', EFI variable LoaderEntryOneShot: no such entry"),
        ('2', 'saved choice',
         "'broken.conf', EFI variable LoaderEntryDefault: broken, which cannot be booted"),
        ('*3', 'policy', f"'g', {tree.root}/mine.lua:2: g"),
        ('4', 'configuration', 'loader/entries/a.conf on the root directory: a'),
        ('4', 'configuration', "'h', boot/grub/grub.cfg on the root directory: h"),
        ('5', 'newest version', 'not needed')]
    choices = json.loads(tree('list', '--json', '--policy', tree.root / 'mine.lua')[1])['choices']
    assert [c['choice'] for c in choices if c['chosen']] == ['policy']
    assert choices[0]['entry'] is None or choices[-1]['choice'] == 'policy'


def test_explain_hidden_tries_and_newest(tree):
    bls(tree, 'a+0-1', 'version 9\n')
    bls(tree, 'b', 'version 7\n', kernel='/gone')
    bls(tree, 'c', 'version 5\n')
    tree.variable('LoaderEntryDefault', 'a')
    tree.file('mine.lua', 'entry { id = "c", hide = true }\nboot { default = "newest" }\n')
    lines = explained(tree('list', '--explain', '--policy', tree.root / 'mine.lua')[1])
    assert lines[1][2].endswith(': a, which has no tries left')
    assert lines[3][2].endswith(': c, which a rule hides')
    assert ('*2', 'saved choice') == lines[1][:2]  # nothing else is left
    lines = explained(tree('list', '--explain')[1])
    assert lines[3][:2] == ('*4', 'configuration') and lines[4][2] == 'not needed'


def test_show(tree):
    tree.file('boot/grub/grub.cfg', MENUS)
    tree.variable('LoaderEntryOneShot', 'third')
    rc, out, err = tree('show', 'third')
    assert rc == 0 and not err
    fields = dict(re.findall(r'^  (\S+(?: \S+)*)  +(.*)$', out, re.MULTILINE))
    assert out.splitlines()[0] == 'Third'
    assert fields == {
        'id': 'third', 'menu': 'Advanced > options > Deeper', 'linux': '/gone on the root directory',
        'from': 'boot/grub/grub.cfg:6 on the root directory (grub)',
        'when booted': 'the EFI variable LoaderEntryOneShot is removed',
        'not bootable': 'kernel /gone is missing on the root directory'}
    assert tree('show')[1].splitlines()[0] == 'First'
    assert '  default       configuration\n' in tree('show', 'first')[1]
    for way in ('adv>second', '1>0', 'Second', 'second', 'sec*'):
        assert tree('show', way)[1].splitlines()[0] == 'Second'
    rc, out, err = tree('show', 'nobody')
    assert rc == 1 and not out and err == (
        "stillboot: there is no entry 'nobody'; `stillboot list` shows what there is\n")


# Choosing one

@pytest.fixture
def firmware(tree):
    """A machine that keeps EFI variables."""
    tree.variable('Other', 'x')
    bls(tree, 'a', 'sort-key a\n')
    bls(tree, 'b+3', 'sort-key b\ntitle Bee\n')
    return tree


def snapshot(tree):
    return {path: path.read_bytes() for path in tree.root.rglob('*') if path.is_file()}


@pytest.mark.parametrize('option, variable, words', [
    ('--set-default', 'LoaderEntryDefault', 'The default is now Bee.\n'),
    ('--set-oneshot', 'LoaderEntryOneShot', 'The default is now Bee, for one boot.\n')])
def test_variables_are_set_and_forgotten(firmware, option, variable, words):
    for name in ('b', 'Bee', 'b*', '1'):
        rc, out, err = firmware('list', option, name)
        assert (rc, out, err) == (0, words, '')
        assert firmware.variable_now(variable) == 'b.conf'
        rc, out, err = firmware('list', option, '')
        assert (rc, out, err) == (0, 'Forgotten.\n', '')
        assert firmware.variable_now(variable) is None
    assert firmware.variable_now('Other') == 'x'
    rc, out, _ = firmware('list', option, '')  # there is nothing any more
    assert rc == 0
    assert (firmware.root / 'loader/entries/b+3.conf').exists()  # listing counts nothing


def test_unified_images_are_remembered(firmware):
    """By their file's name, as systemd-boot knows them."""
    firmware.file('EFI/Linux/u+3.efi', pe([('.osrel', b'PRETTY_NAME=Yew\n'), ('.linux', bzimage())]))
    assert firmware('list', '--set-default', 'u.efi') == (0, 'The default is now Yew.\n', '')
    assert firmware.variable_now('LoaderEntryDefault') == 'u.efi'


def test_dry_runs_change_nothing(firmware):
    before = snapshot(firmware)
    rc, out, err = firmware('list', '--set-default', 'b', '--dry-run')
    assert rc == 0 and not err
    assert out == f'would write 18 bytes to /sys/firmware/efi/efivars/LoaderEntryDefault-{VENDOR}\n'
    firmware.variable('LoaderEntryDefault', 'a')
    before = snapshot(firmware)
    rc, out, err = firmware('list', '--set-default', '', '-n')
    assert rc == 0
    assert out == f'would remove /sys/firmware/efi/efivars/LoaderEntryDefault-{VENDOR}\n'
    assert snapshot(firmware) == before


def test_what_another_choice_overrides_is_told(firmware):
    firmware.variable('LoaderEntryOneShot', 'a')
    rc, out, err = firmware('list', '--set-default', 'b')
    assert rc == 1 and not out and '--explain' in err
    assert firmware.variable_now('LoaderEntryDefault') == 'b.conf'


@pytest.mark.parametrize('args, rc, word', [
    (['--set-default', 'nobody'], 1, "'nobody'"),
    (['--set-oneshot', 'lost'], 1, 'another entry'),
    (['--set-oneshot', 'br[a]cket'], 1, 'another entry'),
    (['--set-oneshot', 'p'], 1, 'grubenv'),
    (['--set-default', 'b', '--set-oneshot', 'b'], 2, 'does not go with'),
    (['--set-default', 'b', '--dir', '.'], 2, '--dir'),
    (['--set-oneshot', 'b', '--json'], 2, '--json'),
    (['--set-oneshot'], 2, 'argument'),
])
def test_refusals_write_nothing(firmware, args, rc, word):
    bls(firmware, 'lost+1')  # two of one name
    bls(firmware, 'lost+2')
    if 'lost' in args:
        args = ['--set-oneshot', 'lost#2']
    bls(firmware, 'br[a]cket')
    firmware.file('boot/grub/grub.cfg', 'menuentry P --id p { linux /k }\n')
    before = snapshot(firmware)
    code, out, err = firmware('list', *args)
    assert code == rc and word in err and len(err.splitlines()) == 1
    assert not out or '--json' in args
    assert snapshot(firmware) == before


def test_machines_without_variables(tree):
    bls(tree, 'a')
    rc, out, err = tree('list', '--set-oneshot', 'a')
    assert rc == 1 and not out and 'boot { default = "a" }' in err and len(err.splitlines()) == 1
    (tree.root / 'sys/firmware/efi/efivars').mkdir(parents=True)  # not mounted
    assert tree('list', '--set-oneshot', 'a')[0] == 1
    assert tree('list', '--set-oneshot', '')[0] == 0


@pytest.mark.parametrize('name', ['lost#2', 'br[a]cket', 'p'])
def test_what_no_loader_can_be_told_is_a_setting(firmware, name):
    bls(firmware, 'lost+1')
    bls(firmware, 'lost+2')
    bls(firmware, 'br[a]cket')
    firmware.file('boot/grub/grub.cfg', 'menuentry P --id p { linux /k }\n')
    rc, out, err = firmware('list', '--set-default', name)
    assert rc == 0 and not err and out.startswith('The default is now ')
    assert firmware.variable_now('LoaderEntryDefault') is None
    assert f'\ndefault {name}\n' in (firmware.root / 'loader/stillboot.conf').read_text()
    assert firmware('list', '--set-default', '')[0] == 0
    assert 'default' not in (firmware.root / 'loader/stillboot.conf').read_text()


# GRUB's environment block

GRUBENV = """
load_env
if [ "${next_entry}" ]; then
  set default="${next_entry}"
  set next_entry=
  save_env next_entry
else
  set default="${saved_entry}"
fi
"""


@pytest.fixture
def grubenv(tree):
    tree.file('boot/grub/grub.cfg', GRUBENV + MENUS)
    tree.block('boot/grub/grubenv', 'saved_entry=fifth', 'kept=1')
    if not tree.entries()['fifth']['default']:
        pytest.skip('this interpreter knows no load_env')
    return tree


@pytest.mark.parametrize('option, variable', [
    ('--set-default', 'saved_entry'), ('--set-oneshot', 'next_entry')])
@pytest.mark.parametrize('entry, value', [('first', 'first'), ('second', 'adv>second')])
def test_grubenv(grubenv, option, variable, entry, value):
    rc, out, err = grubenv('list', option, entry)
    assert rc == 0 and not err and out.startswith('The default is now ')
    lines = grubenv.block_now('boot/grub/grubenv')
    assert f'{variable}={value}' in lines and 'kept=1' in lines
    assert ('saved_entry=fifth' in lines) == (variable == 'next_entry')
    assert len(lines) == (3 if variable == 'next_entry' else 2)
    shown = explained(grubenv('list', '--explain')[1])
    level = 0 if variable == 'next_entry' else 1
    assert shown[level][0].startswith('*') and f"'{value}'" in shown[level][2]
    assert f'{variable}, ' in shown[level][2]
    assert grubenv('list', option, '')[:2] == (0, 'Forgotten.\n')
    assert grubenv.block_now('boot/grub/grubenv') == [
        line for line in lines if not line.startswith(variable)]


def test_grubenv_is_not_written_by_looking(grubenv):
    grubenv.block('boot/grub/grubenv', 'next_entry=first', 'saved_entry=fifth')
    before = snapshot(grubenv)
    for args in (['list'], ['list', '--explain'], ['list', '--json'], ['show'],
                 ['list', '--set-default', 'second', '-n'], ['list', '--set-oneshot', '', '-n'],
                 ['load', '-n', 'first']):
        grubenv(*args)
    assert snapshot(grubenv) == before
    assert re.search(r'when booted +next_entry (is taken out of|becomes \'\' in) ',
                     grubenv('show', 'first')[1])
    assert grubenv('show', 'third')[0] == 0


def test_what_the_block_names_in_vain(grubenv):
    """GRUB takes the first entry then, and nobody chose that."""
    grubenv.block('boot/grub/grubenv', 'next_entry=nobody', 'saved_entry=fifth')
    lines = explained(grubenv('list', '--explain')[1])
    assert lines[0][:2] == ('1', 'one-shot choice') and lines[0][2].endswith(': no such entry')
    assert lines[3][:2] == ('*4', 'configuration') and lines[3][2].endswith(': first')


def test_grubenv_without_room(grubenv):
    grubenv.block('boot/grub/grubenv', 'saved_entry=fifth', 'x=' + 960 * 'y')
    before = snapshot(grubenv)
    rc, out, err = grubenv('list', '--set-oneshot', 'adv>second')
    assert rc == 1 and not out and 'grubenv' in err and snapshot(grubenv) == before
