# SPDX-License-Identifier: GPL-2.0-or-later
"""Broken and malicious boot configurations, each made by a function that is given a directory.

Each says which entries must be there all the same (beside the one that every tree has), and what
the program has to say on standard error, if anything."""

import lzma
import os
import socket
import struct
import zlib
from dataclasses import dataclass

from boot_case import grubenv, uki, write
from images import bzimage, pe

GOOD = 'loader/entries/good.conf', 'title Good\nlinux /vmlinuz\n'
MANY = 100_000
CASES = {}


@dataclass
class Hostile:
    make: object
    titles: tuple = ()
    says: str = ''        # a regular expression for a line of standard error
    silent_of: str = ''   # what must not be in any output: a secret from outside of the tree


def hostile(*titles, says='', silent_of=''):
    def add(make):
        CASES[make.__name__.replace('_', '-')] = Hostile(make, titles, says, silent_of)
        return make
    return add


def file(name, content, path, *titles, **expected):
    """A case that is one file of this content: text, or a function that makes it."""
    def make(root):
        content_now = content() if callable(content) else content
        if isinstance(content_now, str):
            content_now = content_now.encode('utf-8', 'surrogateescape')
        write(root / path, content_now)
    CASES[name] = Hostile(make, titles, **expected)


def grub(name, content, *titles, **expected):
    file('grub-' + name, content, 'boot/grub/grub.cfg', *titles, **expected)


AFTER = '\nmenuentry After { linux /vmlinuz }\n'
BEFORE = 'menuentry Before { linux /vmlinuz }\n'

# Scripts that do not end, or end late.
grub('recursion', BEFORE + 'function f { f }\nf' + AFTER, 'Before', says=r'grub\.cfg:\d+: ')
grub('mutual-recursion', BEFORE + 'function f { g $@ x }\nfunction g { f $@ y }\nf' + AFTER,
     'Before',
     says=r'grub\.cfg:\d+: ')
grub('recursion-in-entry', BEFORE + 'function f { f }\nmenuentry bad { f; linux /vmlinuz }' + AFTER,
     'Before', 'After')
grub('while-true', BEFORE + 'while true; do true; done' + AFTER, 'Before', says=r'grub\.cfg:\d+: ')
grub('until-false', BEFORE + 'until false; do x="$x"; done' + AFTER, 'Before',
     says=r'grub\.cfg:\d+: ')
grub('while-in-entry', BEFORE + 'menuentry bad { while true; do true; done }' + AFTER, 'Before',
     'After')
grub('while-entries', BEFORE + 'while true; do menuentry x { linux /vmlinuz }; done' + AFTER,
     'Before')
grub('doubling', BEFORE + 'a=0123456789\nfor i in ' + 'x ' * 64 + '; do a="$a$a"; done\n'
     'menuentry "$a" { linux /vmlinuz $a }' + AFTER, 'Before')
grub('doubling-words', BEFORE + 'a="a a"\nfor i in ' + 'x ' * 64 + '; do a="$a $a"; done\n'
     'menuentry x $a { linux /vmlinuz $@ }' + AFTER, 'Before')
grub('nested-loops', BEFORE + ''.join(f'for v{i} in {"x " * 100}; do ' for i in range(6)) +
     'true; ' +
     'done; ' * 6 + AFTER, 'Before', says=r'grub\.cfg:\d+: ')
grub('eval-eval', BEFORE + "e='eval \"$e\"'\neval \"$e\"" + AFTER, 'Before', says=r'grub\.cfg')
grub('eval-loop', BEFORE + "e='eval \"$e\"; eval \"$e\"'\neval \"$e\"" + AFTER, 'Before')
grub('regexp', BEFORE + "regexp '(((a{1,99}){1,99}){1,99})b' " + 'a' * 4000 +
     '\nregexp "(a*)*(a*)*b" ' +
     'a' * 4000 + "\nregexp '" + '(' * 5000 + "' x" + AFTER, 'Before', 'After')
grub('regexp-plus', BEFORE + "regexp 'a" + '+' * 40 + "b' aaa\nregexp '" + '(' * 20 + 'a' +
     '+)' * 20 + "' aaa" + AFTER, 'Before', 'After')
grub('glob', BEFORE + 'for f in /*/*/*/*/*/*/*/*/*/* /' + '*' * 3000 + 'x; do true; done' + AFTER,
     'Before',
     'After')


@hostile('After', says='too many files')
def grub_blscfg_loop(root):
    for i in range(3000):
        write(root / f'loader/entries/x{i}.conf', b'title X\nlinux /vmlinuz\n')
    write(root / 'boot/grub/grub.cfg', ('while true; do blscfg; done' + AFTER).encode())


# Scripts that are large or deep.
grub('entries', lambda: 'menuentry x { linux /vmlinuz }\n' * MANY, 'x')
grub('functions', lambda: BEFORE + ''.join(f'function f{i} {{ true; }}\n' for i in range(MANY)),
     'Before')
grub('ifs', BEFORE + 'if true; then ' * 20_000 + 'true; ' + 'fi; ' * 20_000 + AFTER, 'Before',
     says=r'grub\.cfg:\d+: ')
grub('braces', BEFORE + 'menuentry x { ' * 20_000 + '}' * 20_000 + AFTER, 'Before')
grub('braces-open', BEFORE + '{' * MANY, 'Before')
grub('submenus', BEFORE + 'submenu x { ' * 2_000 + 'menuentry deep { linux /vmlinuz }' +
     '}' * 2_000 +
     AFTER, 'Before')
grub('arguments', lambda: BEFORE + 'menuentry many { linux /vmlinuz ' + 'x ' * 500_000 + '}' +
     AFTER,
     'Before', 'After')
grub('title', lambda: 'menuentry "' + 'A' * 2_000_000 + '" { linux /vmlinuz }' + AFTER, 'After')
grub('quote-open', BEFORE + 'menuentry "open { linux /vmlinuz }' + AFTER, 'Before')
grub('variables', lambda: ''.join(f'v{i}=x\n' for i in range(MANY)) + AFTER, 'After')
grub('numbers', 'default=99999999999999999999999\nshift 99999999999999\nreturn 99999999999999999\n'
     'if [ 99999999999999999999 -gt -99999999999999999999 ]; then true; fi\nbreak 99999999' + AFTER,
     'After')
grub('big', lambda: BEFORE + '# ' + 'x' * (5 << 20), says=r'grub\.cfg')
grub('zeros', b'\0' * 70_000 + AFTER.encode() + b'\0')
grub('nul', (BEFORE + 'menuentry "a\0b" { linux /vmlinuz\0 }' + AFTER), 'Before', 'After')
grub('random', lambda: bytes((i * i * 31 + i // 7) & 0xff for i in range(200_000)))
# What a terminal or a printf would take amiss.
grub('format', 'menuentry "%s%n%x%08x" --id "%n%n" { linux /%s%n "%s %n" }' + AFTER, '%s%n%x%08x',
     'After')
grub('escapes', 'menuentry "\x1b[2J\x1b]0;title\x07\x9b31m\x7f\r\b" { linux /\x1b[2J \x1b[2J }' +
     AFTER,
     'After')
grub('utf8', 'menuentry "\udcff\udcc0\udc80\udced\udca0\udc80\udcf8" { linux /\udcff \udcff }' +
     AFTER,
     'After')
grub('newline', 'menuentry "one\n* two\n" { linux "/a\nb" "c\nd" }' + AFTER, 'After')
# Paths that lead out, and what is no file.
grub('escape', 'menuentry out { linux /../../../../../../etc/passwd; initrd ../../../etc/shadow }\n'
     'menuentry source { source /../../../../../etc/passwd }\n'
     'source /../../../../../../../etc/passwd\n'
     'search --file --set=root /../../../etc/passwd' + AFTER, 'After', silent_of='root:x:0')
grub('devices', 'menuentry x { linux (' + '(' * 1000 +
     'hd0)/vmlinuz }\nmenuentry y { linux ()/vmlinuz }\n'
     'menuentry z { linux (hd99999999999999,gpt99999999999999)/vmlinuz }' + AFTER, 'x', 'y', 'z',
     'After')
file('grubenv-broken', 'saved_entry=' + 'x' * 5000, 'boot/grub/grubenv')
file('grubenv-escapes', grubenv(['saved_entry=\x1b[2J%n', 'x' * 300 + '=', '=', '\\',
                                 'next_entry=\\']),
     'boot/grub/grubenv')
for _name in ('broken', 'escapes'):
    def _with_menu(root, make=CASES[f'grubenv-{_name}'].make):
        make(root)
        write(root / 'boot/grub/grub.cfg', b'load_env\nset default="$saved_entry"' + AFTER.encode())
    CASES[f'grubenv-{_name}'] = Hostile(_with_menu, ('After',))


def big(path, byte=b'x', size=100 << 20):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'wb') as f:
        for _ in range(size >> 20):
            f.write(byte * (1 << 20))


@hostile(says=r'boot/grub/grub\.cfg')
def grub_line_of_100_mb(root):
    big(root / 'boot/grub/grub.cfg')


@hostile(says=r'loader/entries/big\.conf')
def bls_line_of_100_mb(root):
    big(root / 'loader/entries/big.conf')


@hostile(says=r'extlinux\.conf')
def syslinux_line_of_100_mb(root):
    big(root / 'extlinux.conf')


@hostile(says=r'grub\.cfg')
def grub_sparse_terabyte(root):
    write(root / 'boot/grub/grub.cfg', BEFORE.encode())
    os.truncate(root / 'boot/grub/grub.cfg', 1 << 40)


def grub_files(root, **files):
    for name, text in files.items():
        write(root / 'boot/grub' / f'{name}.cfg', text.encode())


@hostile('Before', 'After')
def grub_source_itself(root):
    grub_files(root, grub=BEFORE + 'source /boot/grub/grub.cfg' + AFTER)


@hostile('Before')
def grub_source_cycle(root):
    grub_files(root, grub=BEFORE + 'source /boot/grub/a.cfg' + AFTER, a='source $prefix/b.cfg\n',
               b='. $prefix/a.cfg\nsource $prefix/grub.cfg\n')


@hostile('Before')
def grub_configfile_cycle(root):
    grub_files(root, grub=BEFORE + 'configfile /boot/grub/a.cfg' + AFTER,
               a='configfile /boot/grub/grub.cfg\n')


@hostile('Before')
def grub_source_tree(root):
    """Two files that source the other twice: 2**n readings."""
    grub_files(root, grub=BEFORE + 'source $prefix/a.cfg' + AFTER, a='source $prefix/b.cfg\n' * 2,
               b='source $prefix/a.cfg\n' * 2)


# Links, and what is no file.
@hostile('linked', silent_of='root:x:0')
def links_out(root):
    write(root / 'boot/grub/grub.cfg', b'menuentry linked { linux /k; initrd /i }\nsource /s' +
          AFTER.encode())
    for name, target in ('k', '/etc/passwd'), ('i', '../../../../etc/passwd'), ('s', '/etc/passwd'):
        (root / name).symlink_to(target)
    (root / 'loader/entries/x.conf').symlink_to('/etc/passwd')
    (root / 'etc').symlink_to('/etc')


@hostile()
def links_in_a_circle(root):
    (root / 'boot/grub').mkdir(parents=True)
    (root / 'boot/grub/grub.cfg').symlink_to('grub.cfg')
    (root / 'loader/entries/a.conf').symlink_to('b.conf')
    (root / 'loader/entries/b.conf').symlink_to('a.conf')
    (root / 'extlinux').symlink_to('extlinux/extlinux')


def fifo(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


@hostile('piped', says='FIFO|pipe|not a (regular )?file')
def fifos(root):
    for name in ('boot/grub/grub.cfg', 'loader/entries/f.conf', 'loader/loader.conf',
                 'extlinux.conf',
                 'EFI/Linux/x.efi', 'kernel', 'boot/grub/grubenv', 'boot/petitboot.conf'):
        fifo(root / name)
    write(root / 'loader/entries/k.conf', b'title piped\nlinux /kernel\n')


@hostile('a', 'b', 'c')
def directories_and_sockets(root):
    for name in ('boot/grub/grub.cfg', 'loader/entries/d.conf', 'loader/loader.conf',
                 'extlinux.conf',
                 'directory', 'EFI/Linux/x.efi'):
        (root / name).mkdir(parents=True)
    here = os.getcwd()
    os.chdir(root)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as s:
        s.bind('socket')
    os.chdir(here)
    for name, kernel in ('a', 'directory'), ('b', 'socket'), ('c', ''):
        write(root / f'loader/entries/{name}.conf', f'title {name}\nlinux /{kernel}\n'.encode())


@hostile('zero', 'tty')
def devices(root):
    if os.geteuid():
        return
    for name, minor in ('zero', 5), ('full', 7):
        os.mknod(root / name, 0o20666, os.makedev(1, minor))
    os.mknod(root / 'tty', 0o20666, os.makedev(5, 0))
    os.mknod(root / 'loader/loader.conf', 0o20666, os.makedev(1, 5))
    for name in 'zero', 'tty':
        write(root / f'loader/entries/{name}.conf',
              f'title {name}\nlinux /{name}\ninitrd /full\n'.encode())


# The Boot Loader Specification.
def bls(name, content, *titles, **expected):
    file('bls-' + name, content, 'loader/entries/bad.conf', *titles, **expected)


bls('options', lambda: 'title many\nlinux /vmlinuz\n' + 'options x\n' * 5000, 'many')
bls('initrds', 'title many\nlinux /vmlinuz\n' + 'initrd /i\n' * 5000, 'many')
bls('escapes', 'title \x1b[2J%n\x9b\udcff\nversion \x1b\nlinux /\x1b[31m\noptions \x07%s\n')
bls('escape', 'title out\nlinux /../../../etc/passwd\ninitrd ../../../../etc/shadow\n', 'out')
bls('nul', b'title a\0b\nlinux /vmlinuz\0\n\0\0\0')
bls('keys', 'title' * 10_000 + '\nlinux /vmlinuz\n')


@hostile('long')
def bls_glob(root):
    name = 'a' * 200
    write(root / f'loader/entries/{name}.conf', b'title long\nlinux /vmlinuz\n')
    write(root / 'loader/loader.conf', b'default ' + b'*a' * 400 + b'b\n' +
          b'timeout 99999999999999999999\n')


@hostile('counted')
def bls_counters(root):
    for i, count in enumerate(('+99999999999999999999-99999999999999', '+-1', '+1-', '+', '+3-x')):
        write(root / f'loader/entries/e{i}{count}.conf', b'title counted\nlinux /vmlinuz\n')


@hostile('named')
def bls_names(root):
    for name in (b'\x1b[2J', b'new\nline', b'\xff\xfe', b'%s%n', b'a' * 250, b'x' * 3 +
                 b'\xc2\x9b'):
        path = os.fsencode(root / 'loader/entries') + b'/' + name + b'.conf'
        with open(path, 'wb') as f:
            f.write(b'title named\nlinux /vmlinuz\n')


@hostile('many')
def bls_files(root):
    for i in range(3_000):
        with open(root / f'loader/entries/f{i:05}.conf', 'wb') as f:
            f.write(b'title many\nlinux /vmlinuz\n')


# Unified kernel images whose headers lie.
def lying(name, change, *titles):
    def make(root):
        image = bytearray(uki(['section .osrel: PRETTY_NAME="Lying"', 'section .cmdline: quiet',
                               'section .initrd: x', 'section .linux: kernel']))
        write(root / 'EFI/Linux/lying.efi', bytes(change(image) or image))
    CASES['pe-' + name] = Hostile(make, titles)


def poke(form, offset, value):
    def change(image):
        struct.pack_into(form, image, offset, value)
    return change


PE_AT, SECTIONS_AT = 64, 64 + 24 + 240
lying('header-offset', poke('<I', 0x3c, 0xfffffff0))
lying('header-in-itself', poke('<I', 0x3c, 0))
lying('sections-65535', poke('<H', PE_AT + 6, 0xffff))
lying('sections-none', poke('<H', PE_AT + 6, 0))
lying('optional-size', poke('<H', PE_AT + 20, 0xffff))
lying('section-size', poke('<I', SECTIONS_AT + 16, 0xffffffff))
lying('section-virtual-size', poke('<I', SECTIONS_AT + 8, 0xffffffff))
lying('section-offset', poke('<I', SECTIONS_AT + 20, 0xffffffff))
lying('linux-offset', poke('<I', SECTIONS_AT + 3 * 40 + 20, 0xfffff000))
lying('linux-size', poke('<I', SECTIONS_AT + 3 * 40 + 16, 0x7fffffff))
lying('cut', lambda image: image[:SECTIONS_AT + 60])
lying('cut-before-linux', lambda image: image[:-2000])
lying('names', lambda image: bytes(image).replace(b'.initrd\0', b'\x1b[2J%n\xff\xff'))
lying('magic', lambda image: b'MZ' + bytes(62) + b'\xff' * 4000)


@hostile()
def pe_profiles(root):
    body = [('.osrel', b'PRETTY_NAME="P"'), ('.linux', bzimage())]
    write(root / 'EFI/Linux/p.efi', pe(body + [('.profile', b'ID=%s%n')] * 3000))


@hostile()
def pe_osrel(root):
    write(root / 'EFI/Linux/o.efi', pe([('.osrel', b'PRETTY_NAME="' + b'\x1b[2J' * (1 << 20) +
                                         b'"'),
                                        ('.cmdline', b'\xff\x1b' * (1 << 20)), ('.linux',
                                                                                bzimage())]))


@hostile('Huge')
def pe_sparse(root):
    write(root / 'EFI/Linux/s.efi', bytes(uki(['section .osrel: PRETTY_NAME=Huge',
                                               'section .linux: k'])))
    os.truncate(root / 'EFI/Linux/s.efi', 1 << 40)


# Kernels.
def kernel(name, content):
    def make(root):
        content_now = content() if callable(content) else content
        write(root / 'bad', content_now)
        write(root / 'loader/entries/bad.conf', b'title packed\nlinux /bad\n')
    CASES['kernel-' + name] = Hostile(make, ('packed',))


def gzip_bomb():
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b''.join(packer.compress(bytes(1 << 20)) for _ in range(512)) + packer.flush()


def xz_bomb():
    packer = lzma.LZMACompressor(preset=0)
    return b''.join(packer.compress(bytes(1 << 20)) for _ in range(128)) + packer.flush()


def zstd_bomb():
    """RFC 8878: a frame of blocks that each repeat one byte 128 KiB times; its window is 2 GiB."""
    block = struct.pack('<I', 131072 << 3 | 1 << 1)[:3] + b'\0'
    last = struct.pack('<I', 131072 << 3 | 1 << 1 | 1)[:3] + b'\0'
    return struct.pack('<IBB', 0xfd2fb528, 0, 21 << 3) + block * 16_000 + last


def zboot(offset, size):
    """drivers/firmware/efi/libstub/zboot-header.S"""
    return struct.pack('<4s4sIII4s28s', b'MZ\0\0', b'zimg', offset, size, 0, b'',
                       b'gzip').ljust(4096, b'\0')


def lying_bzimage(form, offset, value):
    image = bytearray(bzimage())
    struct.pack_into(form, image, offset, value)
    return bytes(image)


kernel('gzip-bomb', gzip_bomb)
kernel('xz-bomb', xz_bomb)
kernel('zstd-bomb', zstd_bomb)
kernel('gzip-cut', lambda: gzip_bomb()[:100])
kernel('zboot', zboot(0xfffffff0, 0xffffffff))
kernel('zboot-itself', zboot(0, 4096))
kernel('setup-sects', lying_bzimage('<B', 0x1f1, 255))
kernel('syssize', lying_bzimage('<I', 0x1f4, 0xffffffff))
kernel('version', lying_bzimage('<H', 0x20e, 0xffff))
kernel('elf', b'\x7fELF\x02\x01\x01'.ljust(24, b'\0') + b'\xff' * 400)
kernel('empty', b'')


@hostile('sparse')
def kernel_sparse(root):
    write(root / 'bad', bzimage())
    os.truncate(root / 'bad', 1 << 40)
    write(root / 'loader/entries/bad.conf', b'title sparse\nlinux /bad\n')


# SYSLINUX.
def syslinux(name, content, *titles, **expected):
    file('syslinux-' + name, content, 'syslinux.cfg', *titles, **expected)


LAST = '\nLABEL last\nKERNEL /vmlinuz\n'
syslinux('include-itself',
         'LABEL first\nKERNEL /vmlinuz\nINCLUDE syslinux.cfg\nINCLUDE /syslinux.cfg' + LAST,
         'first')
syslinux('config-itself', 'DEFAULT a\nLABEL a\nCONFIG syslinux.cfg\nAPPEND /' + LAST, 'last')
syslinux('menus', 'LABEL first\nKERNEL /vmlinuz\n' + 'MENU BEGIN\n' * 50_000 + LAST, 'first')
syslinux('labels', lambda: ''.join(f'LABEL l{i}\nKERNEL /vmlinuz\n' for i in range(30_000)), 'l0')
syslinux('labels-too-many', lambda: 'LABEL l\nKERNEL /vmlinuz\n' * MANY, says=r'syslinux\.cfg')
syslinux('append', lambda: 'LABEL long\nKERNEL /vmlinuz\nAPPEND ' + 'x' * 900_000 + LAST, 'last')
syslinux('help', 'LABEL first\nKERNEL /vmlinuz\nTEXT HELP\n' + 'LABEL no\n' * 1000, 'first')
syslinux('escapes', 'LABEL \x1b[2J\nMENU LABEL \x9b%s%n\udcff^\nKERNEL /\x1b\nAPPEND \x07' + LAST,
         'last')
syslinux('escape',
         'LABEL out\nKERNEL ../../../../etc/passwd\nINITRD /../../etc/shadow\n'
         'INCLUDE ../../../../../etc/passwd' +
         LAST, 'out', 'last', silent_of='root:x:0')
syslinux('goto',
         'DEFAULT a\nLABEL a\nMENU GOTO b\nMENU BEGIN b\nLABEL c\nMENU DEFAULT\n'
         'MENU GOTO .top\nMENU END' + LAST, 'last')
syslinux('initrds', 'LABEL many\nKERNEL /vmlinuz\nINITRD ' + '/i,' * 20_000 + LAST, 'last')


@hostile('a')
def syslinux_include_tree(root):
    write(root / 'syslinux.cfg', b'LABEL a\nKERNEL /vmlinuz\nINCLUDE one\nINCLUDE one\n')
    for name, other in ('one', 'two'), ('two', 'one'):
        write(root / name, f'INCLUDE {other}\nINCLUDE {other}\n'.encode())


# POWER.
file('petitboot-names', lambda: 'name x\nimage /vmlinuz\n' * 10_000, 'boot/petitboot.conf', 'x')
file('petitboot-escapes', 'name \x1b[2J%n\udcff\nimage /../../etc/passwd\nargs \x07\n',
     'boot/petitboot.conf')
file('kboot-quotes', "a='/vmlinuz " + "'" * 5000 + '\nb="/vmlinuz \x1b[2J', 'etc/kboot.conf')
file('kboot-labels', lambda: ''.join(f"l{i}='/vmlinuz x'\n" for i in range(12_000)),
     'etc/kboot.conf')
file('yaboot-quote', 'image=/vmlinuz\nlabel=first\nappend="' + 'x\\\n' * 50_000, 'etc/yaboot.conf')
file('yaboot-images', lambda: 'image=/vmlinuz\nlabel=x\n' * 10_000, 'etc/yaboot.conf', 'x')


@hostile('b')
def bare_many(root):
    """Kernels without a configuration would be a last resort; here they must not matter."""
    (root / 'boot').mkdir()
    for i in range(5000):
        (root / f'boot/vmlinuz-{i}').symlink_to('../vmlinuz')
    write(root / 'loader/entries/b.conf', b'title b\nlinux /vmlinuz\n')


@hostile(says='more than 8 MiB')
def bls_long_options(root):
    for i in range(4090):
        write(root / f'loader/entries/x{i}.conf', b'linux /vmlinuz\noptions ' + b'x ' * 2000)
