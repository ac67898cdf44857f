# SPDX-License-Identifier: GPL-2.0-or-later
"""Storage stacks, made in a guest: scripts for its shell. Where tests run there may be no
device-mapper."""

import machines

PASSPHRASE = 'open sesame'

# /bin/fill DEVICE TITLE [OPTIONS]: an ext4 with one entry; with options it has a kernel that boots, its
# boots are counted, and GRUB has a menu of its own, in which another entry was chosen for one boot.
FILL = '''#!/bin/sh -e
mkdir -p /mnt
/usr/sbin/mke2fs -q -t ext4 $1
mount -t ext4 $1 /mnt
mkdir -p /mnt/loader/entries
if [ "$3" ]; then cp /boot/vmlinuz /boot/initramfs /mnt; else echo none > /mnt/vmlinuz; fi
{
    printf 'title %s\\nlinux /vmlinuz\\n' $2
    [ -z "$3" ] || printf 'initrd /initramfs\\noptions %s\\n' "$3"
} > /mnt/loader/entries/$2${3:+"+3"}.conf
if [ "$3" ]; then
    mkdir /mnt/grub
    cat > /mnt/grub/grub.cfg <<END
load_env
if [ "\\${next_entry}" ]; then
    set default="\\${next_entry}"
    set next_entry=
    save_env next_entry
fi
menuentry usual --id usual { linux /vmlinuz }
menuentry once --id once { linux /vmlinuz $3; initrd /initramfs; }
END
    { printf '# GRUB Environment Block\\nnext_entry=once\\n'; head -c 983 /dev/zero | tr '\\0' '#'
    } > /mnt/grub/grubenv
fi
umount /mnt
'''

# The disks by what is on them; the number is their size in MiB.
DISKS = {
    'vda': 160,                      # LVM on LUKS2, to boot from
    'vdb': 48, 'vdc': 48,            # RAID1 with a bitmap
    'vdd': 48, 'vde': 48,            # RAID0
    'vdf': 48, 'vdg': 48, 'vdh': 48,  # RAID5, old metadata, the third disk is lost
    'vdi': 48, 'vdj': 48,            # LVM of all kinds
    'vdk': 48,                       # LUKS1
    'vdl': 64,                       # LUKS2 on LVM
    'vdm': 48,                       # one half of a RAID1, in use when it was left
    'vdn': 48, 'vdo': 48, 'vdp': 48,  # RAID5 with a journal
}

MAKE = r'''#!/bin/sh -ex
export DM_DISABLE_UDEV=1
modprobe md-mod
modprobe dm-mod
format='cryptsetup -q luksFormat --pbkdf-force-iterations 1000'
key() { printf '@PASSPHRASE@'; }

key | $format --type luks2 --pbkdf pbkdf2 /dev/vda -
key | cryptsetup open /dev/vda c0 -d -
lvm pvcreate /dev/mapper/c0
lvm vgcreate vgc /dev/mapper/c0
lvm lvcreate -y -n boot -l 100%FREE vgc
fill /dev/vgc/boot on-lvm-on-luks2 '@OPTIONS@'
lvm vgchange -an vgc
cryptsetup close c0

mdadm --create /dev/md1 --run -l1 -n2 --bitmap=internal --assume-clean /dev/vdb /dev/vdc
fill /dev/md1 on-raid1
mdadm --stop /dev/md1
mdadm --create /dev/md1 --run -l0 -n2 /dev/vdd /dev/vde
fill /dev/md1 on-raid0
mdadm --stop /dev/md1
mdadm --create /dev/md1 --run -l5 -n3 --metadata=0.90 --assume-clean /dev/vdf /dev/vdg /dev/vdh
fill /dev/md1 on-raid5
mdadm --stop /dev/md1
cat /dev/zero > /dev/vdh || :

lvm pvcreate /dev/vdi /dev/vdj
lvm vgcreate vg-x /dev/vdi /dev/vdj
lvm lvcreate -y -n root -l 4 vg-x
lvm lvcreate -y -n striped -i2 -l 4 vg-x
fill /dev/vg-x/root on-lvm
fill /dev/vg-x/striped on-stripes
lvm lvcreate -y -n base -l 2 vg-x
lvm lvcreate -y -s -n snap -l 1 vg-x/base
lvm lvcreate -y --type thin-pool --zero n -n pool -l 2 vg-x
lvm lvcreate -y -V 8M -T vg-x/pool -n thin
lvm vgchange -an vg-x

key | $format --type luks1 /dev/vdk -
key | cryptsetup open /dev/vdk c1 -d -
fill /dev/mapper/c1 on-luks1
cryptsetup close c1

lvm pvcreate /dev/vdl
lvm vgcreate vgl /dev/vdl
lvm lvcreate -y -n secret -l 100%FREE vgl
key | $format --type luks2 --pbkdf pbkdf2 --uuid @INNER@ /dev/vgl/secret -
key | cryptsetup open /dev/vgl/secret c2 -d -
fill /dev/mapper/c2 on-luks2-on-lvm
cryptsetup close c2
lvm vgchange -an vgl
# The first copy of its header is lost: the library would write it anew from the second.
lvm lvchange -ay vgl/secret
dd if=/dev/zero of=/dev/vgl/secret bs=512 count=8 conv=notrunc
lvm vgchange -an vgl

# One half of a mirror that was in use when the machine stopped: its superblock says dirty.
mdadm --create /dev/md1 --run -l1 -n2 --bitmap=internal --assume-clean /dev/vdm missing
fill /dev/md1 on-dirty-raid1
mount -t ext4 /dev/md1 /mnt
echo dirty > /mnt/dirty
sync /mnt/dirty
cat /dev/vdm > /tmp/dirty
umount /mnt
mdadm --stop /dev/md1
cat /tmp/dirty > /dev/vdm
rm /tmp/dirty

mdadm --create /dev/md1 --run -l5 -n2 --write-journal /dev/vdn --assume-clean /dev/vdo /dev/vdp
mdadm --stop /dev/md1
sync
'''

# UUID of the encrypted volume that lies on a logical one.
INNER = '7e1a2c7e-0b1d-4c59-9c5b-3f2f5a7a6d11'


def machine(folder):
    """A PC with the disks, empty, as files in a folder."""
    images = {folder / f'{name}.img': mebibytes for name, mebibytes in DISKS.items()}
    for image, mebibytes in images.items():
        with open(image, 'wb') as disk:
            disk.truncate(mebibytes << 20)
    return writable(images)


def writable(images):
    """A PC with disks on which what is written stays."""
    devices = []
    for image in images:
        devices += ['-drive', f'file={image},if=none,id={image.stem},format=raw,cache=unsafe',
                    *machines.device('virtio-blk-pci', drive=image.stem)]
    return machines.q35(*devices)


def make(guest, options):
    """Make the stacks; options are those of the kernel that boots."""
    text = MAKE
    for word, value in {'PASSPHRASE': PASSPHRASE, 'OPTIONS': options, 'INNER': INNER}.items():
        text = text.replace(f'@{word}@', value)
    guest.write_file('/bin/fill', FILL)
    guest.write_file('/bin/make-stacks', text)
    guest.run('chmod +x /bin/fill /bin/make-stacks')
    guest.run('make-stacks > /tmp/make.log 2>&1 || { tail -n 20 /tmp/make.log; false; }')
