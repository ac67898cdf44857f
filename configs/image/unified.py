# SPDX-License-Identifier: GPL-2.0-or-later
"""One file for the firmware: systemd's stub, a kernel, its command line and initrd (UAPI.5, Unified
Kernel Image)."""

import struct
import subprocess
import tempfile
from pathlib import Path

from tree import ImageError

PAGE = 4096
STUB = Path('/usr/lib/systemd/boot/efi/linuxx64.efi.stub')


def layout(stub):
    """Where its last section ends, and how sections are aligned (PE Format, "Optional Header"): at pages
    at least, which firmware that protects memory wants."""
    header = struct.unpack_from('<I', stub, 0x3c)[0]
    count, optional_size = struct.unpack_from('<H12xH', stub, header + 6)
    optional = header + 24
    base, align = struct.unpack_from('<QI', stub, optional + 24)
    end = 0
    for i in range(count):
        size, address = struct.unpack_from('<8xII', stub, optional + optional_size + 40 * i)
        end = max(end, base + address + size)
    return end, max(align, PAGE)


def build(out, stub, sections, seconds):
    """Sections are names with their bytes, in their order. The file is of this time."""
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
    image = bytearray(out.read_bytes())
    header = struct.unpack_from('<I', image, 0x3c)[0]
    # TimeDateStamp, where objcopy has put the time of day, and CheckSum, which firmware does not look at.
    struct.pack_into('<I', image, header + 8, seconds)
    struct.pack_into('<I', image, header + 24 + 64, 0)
    out.write_bytes(image)
