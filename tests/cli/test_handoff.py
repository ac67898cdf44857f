# SPDX-License-Identifier: GPL-2.0-or-later
"""Handoffs that are not as they should be, as `stillboot report` tells of them, and how one is named."""

import hashlib
import json
import re
import zlib

import pytest

from test_cli import Machine

BODY = json.dumps({'boot_id': 'b', 'kernel': '6.1', 'entry': 'Debian', 'duration_us': 1, 'hops': 2,
                   'steps': [], 'devices': []}).encode()


def record(version=2, body=BODY):
    return b'stillboot-handoff %d %d %08x\n%s' % (version, len(body), zlib.crc32(body), body)


class Next(Machine):
    """A machine that has been jumped into."""

    def left(self, content, named=None):
        """This is in its initramfs, and this record is what its command line names."""
        self.file('stillboot/handoff', content)
        word = f' stillboot.handoff={hashlib.sha256(named).hexdigest()[:32]}' if named else ''
        self.file('proc/cmdline', f'ro{word} quiet\n')
        return self('report')

    def reads(self, content, named=None):
        rc, out, err = self.left(content, named)
        return rc == 0 and not err and 'into: Debian' in out


@pytest.fixture
def machine(tmp_path):
    m = Next(tmp_path)
    m.function('0000:01:00.0', 0x00ff00, 'faulty', resets='bus')
    m.kernel('vmlinuz')
    m.file('initrd', 'an initrd')
    m.entry('good', 'title Good\nlinux /vmlinuz\ninitrd /initrd\noptions a=1 b\n')
    return m


def test_what_is_read(machine):
    assert machine.reads(record(), record())
    # What fills up the file is no part of it, and later versions are read as far as they are understood.
    assert machine.reads(record() + b'\n', record())
    assert machine.reads(record(77), record(77))
    # The first version had no tie.
    assert machine.reads(record(1))
    machine.file('run/stillboot/handoff', record())
    assert machine.reads(b'garbage', record())


@pytest.mark.parametrize('content, why', [
    (record()[:-9], 'it is truncated'),
    (record()[:20], 'it does not begin with a heading'),
    (b'', 'it does not begin with a heading'),
    (b'\0' * 4096, 'it does not begin with a heading'),
    (record().replace(b'Debian', b'Dobian'), 'its checksum does not match'),
    (record().replace(b'Debian', b'Deb\0an'), 'its checksum does not match'),
    (record() + b'\0' * (16 << 20), 'it is too large'),
    (record(body=b'[]'), 'its body is not a JSON object'),
    (record(body=b'{"baseline":"AAAA"}'), 'its baseline cannot be unpacked'),
], ids=['truncated', 'short', 'empty', 'zeros', 'damaged', 'nul', 'oversized', 'list', 'packed'])
def test_what_is_refused(machine, content, why):
    rc, out, err = machine.left(content, content)
    assert rc == 1 and not out and f'the handoff in /stillboot/handoff: {why}' in err


def test_of_another_jump(machine):
    for named in None, record(3):
        rc, out, err = machine.left(record(), named)
        assert rc == 1 and not out and 'it belongs to another jump' in err
    # One of the first version where the command line names another is as old.
    rc, out, err = machine.left(record(1), record())
    assert rc == 1 and not out and 'it belongs to another jump' in err
    # And nothing else minds it.
    assert machine('exec', '-n')[0] == 0


def loaded(machine, *args):
    """The command lines of a jump's loads, of long ones the beginning, and what it says."""
    rc, out, err = machine('exec', '-n', *args)
    assert rc == 0 and not err, err
    return re.findall(r'kexec_file_load\(kernel, initrd, "([^"\n]*)', out), out


def test_a_command_line_that_is_copied(machine):
    """The older word goes."""
    machine.file('proc/cmdline', 'BOOT_IMAGE=/v stillboot.handoff=' + '0' * 32 + ' ro -- x\n')
    for args in ('--reuse-cmdline',), ('--cmdline', 'stillboot.handoff=' + '0' * 32 + ' ro -- x'):
        lines, _ = loaded(machine, *args)
        assert len(lines) == 2 and lines[0] != lines[1]
        for line in lines:
            assert re.fullmatch('stillboot.handoff=[0-9a-f]{32} ro -- x', line)
            assert '0' * 32 not in line


def test_a_command_line_without_room(machine):
    """2016 bytes are what an x86 kernel takes."""
    lines, out = loaded(machine, '--cmdline', 'a' * (2016 - 51))
    assert len(lines) == 2 and all(line.startswith('stillboot.handoff=') for line in lines)
    lines, out = loaded(machine, '--cmdline', 'a' * (2016 - 50))
    assert len(lines) == 1 and lines[0].startswith('aaaaaa')
    assert 'no room in the command line to name the handoff' in out
    assert 'its command line has no room to name it' in out
