# SPDX-License-Identifier: GPL-2.0-or-later
"""The cases of tests/boot: what is on a machine's filesystems, and which entries it therefore has.

A case is a text: some words on the machine, then sections, each begun by a line "=== WORD ...":

    tree [NAME,NAME...]   the files that follow lie on a filesystem with these names; the first
                          tree, without names, need not be begun
    file PATH             with the lines that follow
    escaped PATH          the same with Python's backslash escapes, and lines joined without newline
    grubenv PATH          lines NAME=VALUE, made a GRUB environment block of 1024 bytes
    uki PATH              a unified kernel image: lines "section NAME: TEXT"; .linux is a kernel
    kernel PATH...        small valid kernels
    empty PATH...         files that are there and say nothing
    dir PATH...
    link PATH TARGET
    expect                the entries: "* TITLE" is the default, "- TITLE" any other; submenus stand
                          before it, parted by " > ". A title that the program makes up is a glob
                          that begins and ends with a star. Below it, indented, "linux", "initrd" (a
                          line each), "devicetree" and "options"; "*" stands for anything. "reason
                          GLOB" says that it cannot be booted; then only what is named here is
                          compared. "id" and "version" are compared where they are named.
"""

import codecs
import difflib
import fnmatch
import json
import posixpath
import re
import subprocess
import textwrap
from dataclasses import dataclass, field

from images import bzimage, pe, version_in

ENTRY_KEYS = ('linux', 'initrd', 'devicetree', 'options')
NAMED_KEYS = ('id', 'version')


@dataclass
class Section:
    words: list
    lines: list = field(default_factory=list)


def sections(text):
    found = [Section(['about'])]
    for line in text.splitlines():
        if line.startswith('=== '):
            found.append(Section(line.split()[1:]))
        else:
            found[-1].lines.append(line)
    return found


def unescape(lines):
    return codecs.escape_decode(''.join(lines).encode())[0]


def grubenv(lines):
    text = '# GRUB Environment Block\n' + ''.join(line + '\n' for line in lines if line)
    return text.encode().ljust(1024, b'#')


def uki(lines):
    """A line without "section" goes on with the text of the one before."""
    found = []
    for line in lines:
        match = re.fullmatch(r'section (\.\w+): ?(.*)', line)
        if match:
            found.append([match[1], match[2]])
        elif line:
            found[-1][1] += '\n' + line
    return pe([(name, bzimage() if name == '.linux' else text.encode()) for name, text in found])


def plain(lines):
    return ''.join(line + '\n' for line in lines).encode(errors='surrogateescape')


CONTENT = {'file': plain, 'escaped': unescape, 'grubenv': grubenv, 'uki': uki}


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def put(root, section):
    """Make what a section says below the directory root."""
    verb, *paths = section.words
    if verb in CONTENT:
        write(root / paths[0], CONTENT[verb](section.lines))
    elif verb == 'kernel':
        for path in paths:
            write(root / path, bzimage(version_in(path)))
    elif verb == 'empty':
        for path in paths:
            write(root / path, b'')
    elif verb == 'dir':
        for path in paths:
            (root / path).mkdir(parents=True, exist_ok=True)
    elif verb == 'link':
        path = root / paths[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(paths[1])
    else:
        raise ValueError(f'what is "=== {verb}"?')


class Case:
    def __init__(self, path):
        self.sections = sections(path.read_text())
        self.expect = [s for s in self.sections if s.words == ['expect']]

    def build(self, directory):
        """Make its trees; returns what --dir is given for each."""
        self.names = {}
        trees, root = [], None
        for section in self.sections:
            if section.words[0] in ('about', 'expect'):
                continue
            if section.words[0] == 'tree' or not root:
                root = directory / f'tree{len(trees)}'
                root.mkdir()
                names = section.words[1:] if section.words[0] == 'tree' else []
                trees.append(':'.join([*names, str(root)]))
                self.remember(','.join(names).split(','))
            if section.words[0] != 'tree':
                put(root, section)
        return trees

    def remember(self, names):
        """A volume is called by the first of its names, whichever the program prefers."""
        for name in names:
            self.names[name] = self.names['/dev/' + name] = names[0]

    def expected(self):
        """A list of entries: a title line and (key, value) pairs."""
        entries = []
        for line in self.expect[0].lines:
            if re.match('[*-] ', line):
                entries.append((line, []))
            elif line.strip():
                key, _, value = line.strip().partition(' ')
                entries[-1][1].append((key, value if value == '*' else normal(key, value)))
        return entries


def normal(key, value):
    """Paths compare without "..", "." and doubled slashes."""
    if key not in ('linux', 'initrd', 'devicetree'):
        return value
    device, colon, path = value.rpartition(':')
    return device + colon + posixpath.normpath('/' + path.lstrip('/'))


def title_line(entry):
    mark = '* ' if entry['default'] else '- '
    return mark + ' > '.join([*entry.get('menu', []), entry['title']])


def pairs(entry, names):
    """An entry of `stillboot list --json` in the words of a case."""
    device = names.get(entry.get('device'), entry.get('device'))
    if entry['linux']:
        yield 'linux', (device + ':' if device else '') + entry['linux']
    yield from (('initrd', path) for path in entry['initrd'])
    if entry['devicetree']:
        yield 'devicetree', entry['devicetree']
    if entry['options']:
        yield 'options', entry['options']
    yield from ((key, entry[key] or '') for key in NAMED_KEYS)
    if entry['reason']:
        yield 'reason', entry['reason']


def compared_title(actual, expected):
    """A title that a program makes up itself is expected as a glob, "*6.1*"."""
    glob = re.fullmatch(r'([*-] )(\*.+\*)', expected)
    return expected if glob and fnmatch.fnmatch(actual, '[*-] ' + glob[2]) and \
        actual[:2] == glob[1] else actual


def compared(actual, expected):
    """What of an entry is to be compared with what is expected."""
    named = {key for key, _ in expected}
    wanted = {'reason'} | named | (set() if 'reason' in named else set(ENTRY_KEYS))
    globs = [value for key, value in expected if key == 'reason']
    taken = set()
    for key, value in actual:
        value = '*' if (key, '*') in expected else normal(key, value)
        if key == 'reason' and globs and fnmatch.fnmatch(value.lower(), globs[0].lower()):
            value = globs[0]
        if key in wanted and (value != '*' or (key, '*') not in taken):
            taken.add((key, value))
            yield key, value
    yield from (pair for pair in expected if pair[1] == '*' and pair not in taken)


def as_lines(title, found):
    order = [*ENTRY_KEYS, *NAMED_KEYS, 'reason']
    yield title
    found = sorted(found, key=lambda pair: order.index(pair[0]))
    yield from (f'    {key} {value}' for key, value in found)


def difference(entries, case):
    """A diff from what is expected to the entries that were found; empty if they agree."""
    expected = case.expected()
    want, have = [], []
    for title, found in expected:
        want += as_lines(title, found)
    for i, entry in enumerate(entries):
        title, found = expected[i] if i < len(expected) else ('', [])
        have += as_lines(compared_title(title_line(entry), title),
                         compared(pairs(entry, case.names), found))
    return '\n'.join(difflib.unified_diff(want, have, 'expected', 'found', n=99, lineterm=''))


def list_entries(program, root, trees):
    """Run `stillboot list` on the trees; the entries, and its standard error."""
    command = [program, 'list', '--root', root, '--json']
    for tree in trees:
        command += ['--dir', tree]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)['entries'], run.stderr


def about(case):
    return textwrap.fill(' '.join(case.sections[0].lines), 100)
