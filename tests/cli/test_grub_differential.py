# SPDX-License-Identifier: GPL-2.0-or-later
"""The script interpreter of boot/grub against GRUB's own: grub-script-check and grub-emu."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pexpect
import pytest

TOP = Path(__file__).resolve().parents[2]
CORPUS = sorted((TOP / 'tests/fuzz/corpus/grub').iterdir())

needs = pytest.mark.skipif
HAS_CHECK = shutil.which('grub-script-check')
HAS_EMU = shutil.which('grub-emu')


@pytest.fixture(scope='session')
def evaluate():
    """The program that runs a script as we do, from the build that is tested."""
    stillboot = Path(os.environ.get('STILLBOOT', 'build/stillboot'))
    mode = stillboot.parent.name if stillboot.parent.name != 'build' else 'release'
    subprocess.run(['make', '-s', f'MODE={mode}', 'grub-eval'], cwd=TOP, check=True)
    return TOP / 'build' / mode / 'tests/grub/eval'


# What GRUB's grammar takes, and what it refuses; the second must be told.
GOOD = [
    'true\n',
    'true',
    'if true; then echo a; fi\n',
    'if true\nthen\necho a\n\nelif false\nthen echo b\nelse echo c\nfi\n',
    'if a; b; then c; fi\n',
    'while false; do true; done\n',
    'until true; do true; done\n',
    'for i in 1 2 3; do echo $i; done\n',
    'for i in; do echo $i; done\n',
    'for i in 1 2\ndo\necho $i\ndone\n',
    'function f {\n  echo $1\n}\nf x\n',
    'function f { echo $1; }\nf\n',
    "menuentry 'a' { linux /k; }\n",
    "menuentry 'a' {\n linux /k\n}\n",
    "menuentry 'a' {linux /k}\n",
    "submenu a {\n menuentry b {\n linux /k\n }\n}\n",
    "echo 'it'\\''s'\n",
    'echo "a \\" b"\n',
    'echo "two\nlines"\n',
    "echo 'two\nlines'\n",
    'echo a \\\n b\n',
    'echo $"text"\n',
    'echo if then else fi for while do done in case function\n',
    'linux /k time=1 time\n',
    'set a=b\n',
    '[ a = b ]\n',
    '[ "$a" = "b" -o ! -f /x ]\n',
    'echo ${a}b$c$1${2}$?$#$@$*\n',
    'echo a#b\n',
    'echo \\$a \\\\ \\"\n',
    '! true\n',
    'echo a=b=c\n',
    'echo ~ @ % ^ - + = : , . / [ ]\n',
    'if ! [ -f /x ]; then echo a; fi\n',
]

BAD = [
    'if true; then echo a\n',
    'if true; echo a; fi\n',
    'fi\n',
    'done\n',
    'in a\n',
    'then\n',
    '}\n',
    '{ echo a; }\n',
    'menuentry a { }\n',
    'menuentry a {\n',
    'menuentry a\n{\n echo a\n}\n',
    'echo a && echo b\n',
    'echo a || echo b\n',
    'echo a | echo b\n',
    'echo a & echo b\n',
    'echo a < b\n',
    'echo a > b\n',
    "echo 'a\n",
    'echo "a\n',
    'echo a;; echo b\n',
    'for i; do echo $i; done\n',
    'for 1 in a; do echo a; done\n',
    'while true; echo a; done\n',
    'function f\necho a\n',
    'function { echo a; }\n',
    'function 1f { echo a; }\n',
    'echo ${a\n',
    'echo $(a)\n',
    'if; then echo a; fi\n',
    'if true; then; fi\n',
    'case a in\n',
    'menuentry a { echo a; } b\n',
    'echo a; ; echo b\n',
    '; echo a\n',
]


def grub_accepts(script, tmp_path):
    path = tmp_path / 'script.cfg'
    path.write_bytes(script)
    return subprocess.run(['grub-script-check', path], capture_output=True, check=False).returncode == 0


def we_accept(evaluate, script, tmp_path):
    path = tmp_path / 'script.cfg'
    path.write_bytes(script)
    result = subprocess.run([evaluate, '--check', path], capture_output=True, check=False)
    assert result.returncode in (0, 1), result.stderr
    return result.returncode == 0


@needs(not HAS_CHECK, reason='there is no grub-script-check')
@pytest.mark.parametrize('script', [s.encode() for s in GOOD + BAD] + [p.read_bytes() for p in CORPUS],
                         ids=lambda s: repr(s[:30]))
def test_accepts_what_grub_accepts(evaluate, script, tmp_path):
    assert we_accept(evaluate, script, tmp_path) == grub_accepts(script, tmp_path)


@needs(not HAS_CHECK, reason='there is no grub-script-check')
@pytest.mark.parametrize('script', GOOD, ids=repr)
def test_good_is_good(script, tmp_path):
    assert grub_accepts(script.encode(), tmp_path)


@needs(not HAS_CHECK, reason='there is no grub-script-check')
@pytest.mark.parametrize('script', BAD, ids=repr)
def test_bad_is_bad(script, tmp_path):
    assert not grub_accepts(script.encode(), tmp_path)


# Scripts that print; DIR is a directory with some files.
RUNS = Path(__file__).parent / 'grub_scripts'


def clean(output):
    """The lines that a script printed in a terminal."""
    output = re.sub(r'\x1b\[[0-9;?]*[A-Za-z]', '', output).replace('\r', '')
    _, _, output = output.partition('<<begin>>\n')
    output, _, _ = output.partition('<<end>>')
    lines = [line.rstrip() for line in output.split('\n')]
    return [line for line in lines if line and not line.startswith('error: ')]


def emulate(script, work):
    (work / 'grub.cfg').write_text(script)
    child = pexpect.spawn('grub-emu', ['-d', str(work), '-m', '/dev/null'],
                          env={'TERM': 'dumb', 'PATH': os.environ['PATH']},
                          timeout=30, dimensions=(2000, 500), encoding='utf-8', codec_errors='replace')
    child.expect(pexpect.EOF)
    child.close()
    return clean(child.before)


@pytest.fixture(scope='session')
def files(tmp_path_factory):
    """What the scripts look for."""
    path = tmp_path_factory.mktemp('files')
    (path / 'dir').mkdir()
    (path / 'empty').touch()
    (path / 'full').write_text('x')
    (path / 'sourced.cfg').write_text('echo sourced\nsourced=yes\n')
    for i in (1, 2, 11):
        (path / f'vmlinuz-{i}').write_text('x')
    os.utime(path / 'empty', (1000, 1000))
    os.utime(path / 'full', (2000, 2000))
    (path / 'grubenv').write_bytes(
        b'# GRUB Environment Block\nsaved_entry=a b\nother=x\\\\y\n'.ljust(1024, b'#'))
    return path


def split(text):
    """The scripts of a file: each begins with a line "### NAME"."""
    parts = re.split(r'^### (.*)\n', text, flags=re.M)[1:]
    return list(zip(parts[::2], parts[1::2]))


SCRIPTS = [pytest.param(script, id=f'{path.stem}: {name}')
           for path in sorted(RUNS.glob('*.cfg')) for name, script in split(path.read_text())]


@needs(not HAS_EMU, reason='there is no grub-emu')
@pytest.mark.parametrize('script', SCRIPTS)
def test_prints_what_grub_prints(evaluate, files, script, tmp_path):
    script = f'echo "<<begin>>"\n{script}\necho "<<end>>"\n'.replace('DIR', str(files))
    expected = emulate(script + 'exit\n', tmp_path)
    path = tmp_path / 'script.cfg'
    path.write_text(script)
    result = subprocess.run([evaluate, path], capture_output=True, check=False, text=True)
    assert clean(result.stdout) == expected
    assert expected, 'the script prints nothing: it tests nothing'
