# SPDX-License-Identifier: GPL-2.0-or-later
"""The audit of module files: Debian's kernel as `make setup` fetched it, and files that lie."""

import gzip
import json
import lzma
import shutil
import subprocess

import pytest

from test_cli import TOP, stillboot

MODULES = TOP / 'build/lab/kernel/lib/modules'


def audit(directory):
    rc, out, err = stillboot('audit', '--json', '--modules', directory)
    assert rc == 0 and not err
    return json.loads(out)


def find(name):
    path, = MODULES.rglob(f'{name}.ko')
    return path


def test_debian_6_1():
    """603 drivers, 522 of them with remove(), 118 with shutdown(), as somebody else counted; what
    cannot be told is named."""
    said = audit(MODULES)
    unknown = [d for d in said['drivers'] if d['shutdown'] == 'unknown']
    assert all(d['why'] and d['module'] for d in unknown) and len(unknown) <= 5
    assert abs(said['known'] + said['unknown'] - 603) <= 5
    assert abs(said['shutdown'] - 118) <= 5
    assert said['remove'] <= 522 + 5 and said['remove'] + said['unknown'] >= 522 - 5
    drivers = {d['driver']: d for d in said['drivers']}
    assert (drivers['nvme']['remove'], drivers['nvme']['shutdown']) == ('yes', 'yes')
    assert (drivers['8139cp']['remove'], drivers['8139cp']['shutdown']) == ('yes', 'no')
    _, text, _ = stillboot('audit', '--modules', MODULES)
    assert 'have shutdown()' in text.splitlines()[-1]


def test_packed_modules(tmp_path):
    data = find('8139cp').read_bytes()
    (tmp_path / 'a.ko.gz').write_bytes(gzip.compress(data))
    (tmp_path / 'b.ko.xz').write_bytes(lzma.compress(data, check=lzma.CHECK_CRC32))
    (tmp_path / 'c.ko').write_bytes(data)
    if shutil.which('zstd'):
        subprocess.run(['zstd', '-q', tmp_path / 'c.ko', '-o', tmp_path / 'd.ko.zst'], check=True)
    drivers = audit(tmp_path)['drivers']
    assert len(drivers) == len(list(tmp_path.iterdir()))
    assert {(d['driver'], d['remove'], d['shutdown']) for d in drivers} == {('8139cp', 'yes', 'no')}


@pytest.mark.parametrize('suffix', ['ko', 'ko.gz', 'ko.xz', 'ko.zst'])
def test_damaged_modules(tmp_path, suffix):
    """Cut off anywhere, empty, or not a module at all: unknown, with a reason, and no crash."""
    data = find('8139cp').read_bytes()
    for n in range(0, len(data), len(data) // 40):
        (tmp_path / f'cut{n}.{suffix}').write_bytes(data[:n])
    for n in range(64, len(data), len(data) // 40):
        lies = bytearray(data)
        lies[n:n + 16] = b'\xff' * 16
        (tmp_path / f'lies{n}.{suffix}').write_bytes(bytes(lies))
    for driver in audit(tmp_path)['drivers']:
        assert driver['shutdown'] != 'unknown' or driver['why']


def test_no_directory(tmp_path):
    rc, out, err = stillboot('audit', '--modules', tmp_path / 'nowhere')
    assert rc == 1 and not out and 'nowhere' in err
