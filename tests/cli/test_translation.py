# SPDX-License-Identifier: GPL-2.0-or-later
"""The menu in other languages: the template and the catalogues are complete, and German as it looks:
tests/screens/expected/de. After a change that is meant, UPDATE=1 in the environment writes these texts."""

import os
import re
import shutil
import subprocess

import pytest

from screen import Screen
from test_cli import STILLBOOT, TOP
from test_menu_terminal import fixture_top, menu  # pylint: disable=unused-import
from test_screens import SCREENS, player  # pylint: disable=unused-import

LANGUAGES = sorted(path.stem for path in (TOP / 'ui/po').glob('*.po'))
LOCALES = TOP / 'build/locale'
SCRIPTS = ['entries', 'stillness', 'settings', 'facts', 'countdown', 'edit', 'lines-prompt']
SIZES = ((40, 10), (80, 24))


@pytest.fixture(scope='session', autouse=True)
def catalogues():
    subprocess.run(['make', '-s'] + [f'build/locale/{language}/LC_MESSAGES/stillboot.mo'
                                     for language in LANGUAGES], cwd=TOP, check=True)


def test_the_template_is_current(tmp_path):
    """`make pot` in a copy of the sources changes nothing: neither the template nor a catalogue."""
    shutil.copytree(TOP / 'ui', tmp_path / 'ui')
    shutil.copy(TOP / 'Makefile', tmp_path)
    subprocess.run(['make', '-s', 'pot'], cwd=tmp_path, check=True, capture_output=True)
    for path in (tmp_path / 'ui/po').iterdir():
        assert path.read_text(encoding='utf-8') == \
            (TOP / 'ui/po' / path.name).read_text(encoding='utf-8'), f'make pot changes {path.name}'


@pytest.mark.parametrize('language', LANGUAGES)
def test_a_catalogue_is_complete(language):
    done = subprocess.run(['msgfmt', '--check', '--statistics', '-o', os.devnull,
                           TOP / f'ui/po/{language}.po'], env=os.environ | {'LC_ALL': 'C'},
                          capture_output=True, text=True, check=True)
    assert re.fullmatch(r'\d+ translated messages\.\n', done.stderr)


def play(player, script, *options, width=80, height=24, language='de'):
    done = subprocess.run([player, '-L', language, *options, str(width), str(height), script],
                          env=os.environ | {'STILLBOOT_LOCALEDIR': str(LOCALES)}, check=True,
                          capture_output=True, text=True, encoding='utf-8')
    assert not done.stderr
    return done.stdout


@pytest.mark.parametrize('width,height', SIZES)
@pytest.mark.parametrize('name', SCRIPTS)
def test_screen(player, name, width, height):
    shown = play(player, SCREENS / f'cases/{name}.script',
                 *['-l'] * name.startswith('lines-'), width=width, height=height)
    golden = SCREENS / f'expected/de/{name}.{width}x{height}.txt'
    if os.environ.get('UPDATE'):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(shown, encoding='utf-8')
    assert shown == golden.read_text(encoding='utf-8')


def test_every_text_has_its_script():
    assert {path.name for path in (SCREENS / 'expected/de').iterdir()} == \
        {f'{name}.{width}x{height}.txt' for name in SCRIPTS for width, height in SIZES}


@pytest.mark.parametrize('language,key,is_done', [
    ('de', 'j', True), ('de', 'J', True), ('de', 'y', True), ('de', 'n', False), ('de', 'z', False),
    ('en', 'y', True), ('en', 'j', False)])
def test_yes(player, tmp_path, language, key, is_done):
    """In German also by the first letter of "ja"; keyboards may have y and z the other way round."""
    script = tmp_path / 'yes.script'
    script.write_text(f'clock 1000\nkey x\nshow\nkey Enter {key}\nasks\n')
    assert ('"reboot"' in play(player, script, language=language)) == is_done
    script.write_text(f'clock 1000\nhear {{"say": "listed"}}\nline\nline r\nline {key.lower()}\nasks\n')
    assert ('"reboot"' in play(player, script, '-l', language=language)) == is_done


@pytest.mark.parametrize('environment,title', [
    ({'LANGUAGE': 'de', 'LC_ALL': 'C.UTF-8'}, 'Boot-Einträge'),
    ({'LANG': 'de_DE.UTF-8'}, 'Boot-Einträge'),  # wherever it is installed or not
    ({'LC_MESSAGES': 'de_AT'}, 'Boot-Einträge'),
    ({'LANG': 'tlh_QO.UTF-8'}, 'Boot entries'),
    ({'LC_ALL': 'C', 'LANGUAGE': 'de'}, 'Boot entries'),
    ({}, 'Boot entries')])
def test_terminal(top, environment, title):
    with menu(top, env={'STILLBOOT_LOCALEDIR': str(LOCALES)} | environment) as s:
        s.wait_for('Debian GNU/Linux 9')
        assert title in s.lines()[0]


def test_language_is_set(top):
    """It counts before the environment's, for what the engine tells too."""
    (top / 'boot/loader').mkdir()
    (top / 'boot/loader/stillboot.conf').write_text('language de\n')
    with menu(top, env={'STILLBOOT_LOCALEDIR': str(LOCALES), 'LANG': 'C.UTF-8'}) as s:
        s.wait_for('Boot-Einträge')
        s.settle()
        s.press('y')
        s.wait_for('Arbeitsspeicher')


def test_no_utf8(top):
    """Letters without their marks, not question marks."""
    with menu(top, env={'STILLBOOT_LOCALEDIR': str(LOCALES), 'LC_CTYPE': 'C', 'LANG': 'de_DE'}) as s:
        s.wait_for('Boot-Eintrage')
        assert all(byte < 0x80 for byte in s.sent)


FUNCTIONS = '''
copy_file() { [ ! -e "$DESTDIR$2" ] || return 1; mkdir -p "$DESTDIR${2%/*}"; cp "$2" "$DESTDIR$2"; }
copy_exec() {
	mkdir -p "$DESTDIR${2%/*}"; cp "$1" "$DESTDIR$2"
	for library in $(ldd "$1" | grep -o '/[^ ]*'); do
		[ -e "$DESTDIR$library" ] || copy_file library "$library"
	done
}
'''


@pytest.mark.skipif(os.geteuid() != 0, reason='chroot is for root')
def test_in_an_initramfs(top, tmp_path):
    """What the hook copies is enough for German and its letters, and a second time is no error."""
    functions, hook, root = tmp_path / 'hook-functions', tmp_path / 'hook', tmp_path / 'root'
    functions.write_text(FUNCTIONS)
    shutil.copytree(LOCALES, tmp_path / 'locale')
    text = (TOP / 'configs/initramfs-tools/hook').read_text()
    for old, new in (('@sbindir@/stillboot', STILLBOOT), ('@localedir@', tmp_path / 'locale'),
                     ('/usr/share/initramfs-tools/hook-functions', functions)):
        assert old in text
        text = text.replace(old, str(new))
    hook.write_text(text)
    for _ in range(2):
        subprocess.run(['sh', hook], env=os.environ | {'DESTDIR': str(root)}, check=True)
    shutil.copytree(top / 'boot', root / 'tree/boot')
    done = subprocess.run(
        ['chroot', root, '/usr/sbin/stillboot', 'menu', '--dir', '/tree', '--dry-run',
         '--timeout', '-1'], input='?\nq\n', text=True, encoding='utf-8', capture_output=True,
        env={'PATH': os.environ['PATH'], 'LANGUAGE': 'de', 'TERM': 'dumb',
             'STILLBOOT_LOCALEDIR': str(tmp_path / 'locale')}, check=False)
    assert 'Eintrag mit dieser Nummer booten' in done.stdout
    assert 'verschlüsseltes Volume' in done.stdout
