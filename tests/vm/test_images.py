# SPDX-License-Identifier: GPL-2.0-or-later
"""Images that the kernel itself does not load."""

import lzma
import struct

import machines
import pytest
from lab import EXEC


def payload(bzimage):
    """The ELF file in a bzImage: payload_offset and payload_length of the boot protocol, counted
    from the end of the setup sectors."""
    setup_sectors = bzimage[0x1f1] or 4
    offset, length = struct.unpack_from('<II', bzimage, 0x248)
    begin = (setup_sectors + 1) * 512 + offset
    packed = bzimage[begin:begin + length]
    if not packed.startswith(b'\xfd7zXZ'):
        pytest.skip('this Debian kernel is not packed with xz')
    # The last four bytes are the size of what comes out.
    return lzma.LZMADecompressor().decompress(packed[:-4])


def test_kexec_tools_load_what_the_kernel_cannot(start, lab, tmp_path):
    """An ELF vmlinux: kexec_file_load on x86 takes bzImages only."""
    elf = payload(lab.kernel().read_bytes())
    disk = tmp_path / 'elf.img'
    disk.write_bytes(elf + bytes(-len(elf) % 512))
    machine = machines.q35(*machines.root_port('rp1', 1), *machines.nvme(disk, 'rp1'))
    guest = start(machine, 'lab.modules=nvme')
    guest.run('cat /dev/nvme0n1 > /vmlinux')
    rc, said = guest.status('kexec -s -l /vmlinux')
    assert rc != 0, 'the control: the kernel itself must refuse it'
    guest.send(EXEC.replace('/boot/vmlinuz', '/vmlinux'))
    said, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    # It was preloaded and not reloaded: the report says where it comes from, and why there is no more.
    said = guest.run('stillboot report')
    assert 'The image has no journal: ' in said and 'only kexec-tools can load it' in said
