# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel images and unified kernel images that are as small as their formats allow."""

import re
import struct
import zlib

SECTOR = 512


def bzimage(version='6.1.0-18-amd64'):
    """A 64-bit x86 kernel (Documentation/arch/x86/boot.rst, "The Linux/x86 Boot Protocol"): a
    header that is right, and no code."""
    head = bytearray(4 * SECTOR)
    body = bytes(2 * SECTOR)

    def put(form, offset, value):
        struct.pack_into(form, head, offset, value)

    put('<B', 0x1f1, len(head) // SECTOR - 1)                # setup_sects
    put('<I', 0x1f4, len(body) // 16)                        # syssize
    put('<H', 0x1fe, 0xaa55)                                 # boot_flag
    put('<H', 0x200, 0x66eb)                                 # jump
    put('<4s', 0x202, b'HdrS')
    put('<H', 0x206, 0x020f)                                 # protocol 2.15
    put('<H', 0x20e, 0x300 - 0x200)                          # kernel_version
    put('<B', 0x211, 1)                                      # loadflags: LOADED_HIGH
    put('<I', 0x22c, 0x7fffffff)                             # initrd_addr_max
    put('<I', 0x230, 0x200000)                               # kernel_alignment
    put('<B', 0x234, 1)                                      # relocatable_kernel
    put('<H', 0x236, 0x3f)                                   # xloadflags: XLF_KERNEL_64 and more
    put('<I', 0x238, 2047)                                   # cmdline_size
    put('<Q', 0x258, 0x1000000)                              # pref_address
    put('<I', 0x260, 0x100000)                               # init_size
    text = f'{version} (root@build) #1 SMP'.encode()
    head[0x300:0x300 + len(text)] = text
    image = bytes(head) + body[:-4]
    # The last four bytes make the CRC of the whole a constant, up to Linux 6.14.
    return image + struct.pack('<I', zlib.crc32(image) ^ 0xffffffff)


def version_in(path):
    """What a kernel's file name says of its version."""
    found = re.search(r'\d+\.\d+.*', path.rsplit('/', 1)[-1])
    return found[0] if found else '6.1.0-18-amd64'


def pe(sections, machine=0x8664):
    """A PE32+ file with these (name, bytes): the Microsoft PE/COFF specification, and UAPI.5."""
    optional, alignment = 240, SECTOR
    start = 64 + 24 + optional + 40 * len(sections)
    at = -(-start // alignment) * alignment
    headers, bodies, address = b'', b'', 0x1000
    for name, body in sections:
        size = -(-len(body) // alignment) * alignment
        headers += struct.pack('<8s6I2HI', name.encode(), len(body), address, size, at, 0, 0, 0, 0,
                               0x40000040)
        bodies += body.ljust(size, b'\0')
        at += size
        address += -(-max(size, 1) // 0x1000) * 0x1000
    dos = b'MZ'.ljust(0x3c, b'\0') + struct.pack('<I', 64)
    coff = struct.pack('<4s2H3I2H', b'PE\0\0', machine, len(sections), 0, 0, 0, optional, 0x22e)
    opt = struct.pack('<HBBIIIII', 0x20b, 0, 0, 0, 0, 0, 0, 0) + struct.pack(
        '<QIIHHHHHHIIIIHHQQQQII', 0, 0x1000, alignment, 0, 0, 0, 0, 0, 0, 0, address,
        -(-start // alignment) * alignment, 0, 10, 0, 0, 0, 0, 0, 0, 16)
    head = (dos + coff + opt.ljust(optional, b'\0') + headers)
    return head.ljust(-(-start // alignment) * alignment, b'\0') + bodies
