# SPDX-License-Identifier: GPL-2.0-or-later
"""One file for the firmware: systemd's stub, a kernel, its command line and initrd (UAPI.5, Unified
Kernel Image)."""

import struct
import subprocess
import tempfile
from pathlib import Path

from tree import ImageError

STUB = Path('/usr/lib/systemd/boot/efi/linuxx64.efi.stub')


def layout(stub):
    """Where its last section ends, and how sections are aligned (PE Format, "Optional Header")."""
    header = struct.unpack_from('<I', stub, 0x3c)[0]
    count, optional_size = struct.unpack_from('<H12xH', stub, header + 6)
    optional = header + 24
    base, align = struct.unpack_from('<QI', stub, optional + 24)
    end = 0
    for i in range(count):
        size, address = struct.unpack_from('<8xII', stub, optional + optional_size + 40 * i)
        end = max(end, base + address + size)
    return end, align


def build(out, stub, sections):
    """Sections are names with their bytes, in their order."""
    if not stub.exists():
        raise ImageError(f'{stub} is not there: install systemd-boot-efi, or name one with STUB=')
    end, align = layout(stub.read_bytes())
    argv = ['objcopy']
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, data) in enumerate(sections):
            file = Path(folder) / str(number)
            file.write_bytes(data)
            start = -(-end // align) * align
            argv += ['--add-section', f'{name}={file}', '--change-section-vma', f'{name}={start:#x}']
            end = start + len(data)
        done = subprocess.run([*argv, stub, out], capture_output=True, text=True, check=False)
    if done.returncode:
        raise ImageError(f'objcopy: {done.stderr.strip()}')
