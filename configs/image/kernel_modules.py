# SPDX-License-Identifier: GPL-2.0-or-later
"""Which modules of a kernel go into an image, and their indexes."""

import fnmatch
import lzma
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

from tree import ImageError

# What depmod reads, and what libkmod does.
GIVEN = ('modules.builtin', 'modules.builtin.modinfo', 'modules.order')
MADE = ('modules.dep.bin', 'modules.alias.bin', 'modules.symbols.bin', 'modules.builtin.bin',
        'modules.builtin.alias.bin', 'modules.softdep', 'modules.devname')


def kernel_version(kernel):
    """Of a bzImage (Documentation/x86/boot.rst, kernel_version)."""
    head = Path(kernel).read_bytes()[:65536]
    if head[0x202:0x206] != b'HdrS' and head[0x1fe:0x200] != b'\x55\xaa':
        raise ImageError(f'{kernel} is no kernel for a PC')
    at = struct.unpack_from('<H', head, 0x20e)[0] + 0x200
    return head[at:head.index(b'\0', at)].decode().split()[0]


def folder_of(kernel):
    """The modules that belong to it: beside it, or of this machine."""
    version = kernel_version(kernel)
    for root in (Path(kernel).resolve().parent.parent, Path('/')):
        if (found := root / 'lib/modules' / version / 'modules.dep').exists():
            return found.parent
    raise ImageError(f'no modules of {version}: name their folder with MODULES=, '
                     'or MODULES=none where the kernel needs none')


def patterns(text, sets):
    """Of a list: lines in front of the first [SET], and those of these sets."""
    wanted, found = True, []
    for line in text.splitlines():
        line = line.partition('#')[0].strip()
        if line.startswith('['):
            wanted = line[1:-1] in sets
        elif line and wanted:
            found.append(line)
    return found


def unpacked(path):
    """The archive is packed as a whole, and better so."""
    data = path.read_bytes()
    if path.suffix == '.xz':
        return lzma.decompress(data)
    if path.suffix == '.zst':
        return subprocess.run(['zstd', '-dcq'], input=data, stdout=subprocess.PIPE,
                              check=True).stdout
    return data


def select(folder, wanted):
    """Paths below the folder, of what matches and of what that needs, soft dependencies too."""
    needs, chosen, names = {}, set(), {}
    for line in (folder / 'modules.dep').read_text().splitlines():
        path, _, rest = line.partition(':')
        needs[path] = rest.split()
        names[path.rpartition('/')[2].partition('.')[0].replace('-', '_')] = path
    soft = {}
    for line in (folder / 'modules.softdep').read_text().splitlines():
        words = line.split()
        if words and words[0] == 'softdep':
            soft[words[1].replace('-', '_')] = [w for w in words[2:] if not w.endswith(':')]

    def take(path):
        if path in chosen:
            return
        chosen.add(path)
        name = path.rpartition('/')[2].partition('.')[0].replace('-', '_')
        for other in needs[path] + [names.get(s.replace('-', '_')) for s in soft.get(name, [])]:
            if other:
                take(other)

    for path in needs:
        plain = path.partition('.ko')[0]
        if any(fnmatch.fnmatchcase(plain, pattern) for pattern in wanted):
            take(path)
    return sorted(chosen)


def add(tree, folder, wanted):
    """Put them into the tree, with the indexes that depmod makes."""
    version = folder.name
    with tempfile.TemporaryDirectory() as top:
        place = Path(top) / 'lib/modules' / version
        for path in select(folder, wanted):
            target = place / (path.partition('.ko')[0] + '.ko')
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(unpacked(folder / path))
        place.mkdir(parents=True, exist_ok=True)
        for name in GIVEN:
            if (folder / name).exists():
                shutil.copy(folder / name, place)
        subprocess.run(['/sbin/depmod', '-b', top, version], check=True)
        for path in sorted(place.rglob('*')):
            if path.suffix == '.ko' or path.name in MADE:
                tree.file(f'lib/modules/{version}/{path.relative_to(place)}', path.read_bytes())
