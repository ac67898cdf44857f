# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of an image, in memory: what is put in, and the archive that comes out. Made of the same
files it is the same archive, byte for byte, whoever makes it."""

import os
import re
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

PROGRAM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
# One tree, the old names being links, as distributions have it.
MERGED = ('bin', 'sbin', 'lib', 'lib64')


class ImageError(Exception):
    """The image cannot be made; the text says what is missing and what to do."""


def program(name, roots):
    """Where it is: below one of these folders first, then on this machine."""
    for root in roots:
        for folder in PROGRAM_PATH.split(':'):
            if (place := Path(f'{root}{folder}/{name}')).exists():
                return place
    if found := shutil.which(name, path=PROGRAM_PATH):
        return Path(found)
    raise ImageError(f'{name} is not here: install it, or name a folder that has it with FROM=')


def needed(binary):
    """Every shared object that it maps, the loader included."""
    done = subprocess.run(['ldd', binary], capture_output=True, text=True, check=False)
    if 'not found' in done.stdout:
        raise ImageError(f'{binary} needs what is not installed:\n{done.stdout}')
    return [Path(p) for p in re.findall(r'(/\S+) \(0x', done.stdout)]


def library(name):
    """The one that the loader would take."""
    listing = subprocess.run(['/sbin/ldconfig', '-p'], capture_output=True, text=True, check=True)
    for line in listing.stdout.splitlines():
        if line.split()[:1] == [name]:  # of several architectures this machine's own stands first
            return Path(line.split()[-1])
    raise ImageError(f'{name} is not installed')


def stripped(binary):
    """Without what only a debugger reads."""
    with tempfile.NamedTemporaryFile() as out:
        done = subprocess.run(['strip', '-o', out.name, binary], capture_output=True, text=True,
                              check=False)
        if done.returncode:
            raise ImageError(f'strip {binary}: {done.stderr.strip()}')
        return Path(out.name).read_bytes()


class Tree:
    """Paths without a leading slash; of each its mode, and bytes, the target of a link, or the
    numbers of a device."""

    def __init__(self):
        self.entries = {}
        for name in MERGED:
            self.directory(f'usr/{name}')
            self.link(name, f'usr/{name}')

    def place(self, path):
        path = str(path).lstrip('/')
        first, _, rest = path.partition('/')
        return f'usr/{path}' if first in MERGED and rest else path

    def put(self, path, mode, content):
        path = self.place(path)
        if '/' in path:
            self.directory(path.rpartition('/')[0])
        self.entries[path] = (mode, content)

    def directory(self, path, mode=0o755):
        path = self.place(path)
        if path in self.entries:
            return
        if '/' in path:
            self.directory(path.rpartition('/')[0])
        self.entries[path] = (stat.S_IFDIR | mode, b'')

    def file(self, path, content, mode=0o644):
        self.put(path, stat.S_IFREG | mode, content)

    def link(self, path, target):
        self.put(path, stat.S_IFLNK | 0o777, target.encode())

    def device(self, path, major, minor, mode=0o600):
        self.put(path, stat.S_IFCHR | mode, (major, minor))

    def has(self, path):
        return self.place(path) in self.entries

    def libraries(self, binary):
        for shared in needed(binary):
            if not self.has(shared):
                self.file(shared, shared.read_bytes(), 0o755)

    def library(self, name):
        """With what it needs itself: one that is loaded on use."""
        found = library(name)
        self.file(found, found.read_bytes(), 0o755)
        self.libraries(found)

    def program(self, source, target):
        self.file(target, stripped(source), 0o755)
        self.libraries(source)

    def copy(self, folder):
        """All that is below a folder, over what is there already."""
        if not Path(folder).is_dir():
            raise ImageError(f'{folder} is no folder')
        for path in sorted(Path(folder).rglob('*')):
            name, info = path.relative_to(folder), path.lstat()
            if path.is_symlink():
                self.link(name, os.readlink(path))
            elif path.is_dir():
                self.directory(name, stat.S_IMODE(info.st_mode))
            elif path.is_file():
                self.file(name, path.read_bytes(), stat.S_IMODE(info.st_mode))

    def archive(self, seconds):
        """In the newc format (Documentation/driver-api/early-userspace/buffer-format.rst), all of it
        root's and of this time."""
        out = bytearray()
        for number, path in enumerate(sorted(self.entries), 1):
            mode, content = self.entries[path]
            out += record(number, path, mode, content, seconds)
        out += record(0, 'TRAILER!!!', 0, b'', 0)
        return bytes(out.ljust(-(-len(out) // 512) * 512, b'\0'))


def record(number, path, mode, content, seconds):
    major, minor = content if isinstance(content, tuple) else (0, 0)
    data = b'' if isinstance(content, tuple) else content
    name = path.encode() + b'\0'
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (number, mode, 0, 0, links, seconds, len(data), 0, 0, major, minor, len(name), 0)
    head = b'070701' + b''.join(b'%08X' % field for field in fields) + name
    return head.ljust(-(-len(head) // 4) * 4, b'\0') + data.ljust(-(-len(data) // 4) * 4, b'\0')
