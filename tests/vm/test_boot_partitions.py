# SPDX-License-Identifier: GPL-2.0-or-later
"""An installed system whose ESP and XBOOTLDR are not mounted. Its root filesystem lies on LVM on a
partition of the first disk; what is run there by chroot has that as its root, in mountinfo too."""

import shutil

import disks
import lab
import machines
import pytest
from filesystems import run

ESP_SIZE, XBOOTLDR_SIZE, ROOT_SIZE, DATA_SIZE = 80, 16, 160, 16
MODULES = 'lab.modules=nvme,ext4,vfat,loop,dm-mod'

# The program and all that it needs; it finds the machine where it is.
INSTALL = '''#!/bin/sh -ex
export DM_DISABLE_UDEV=1
lvm pvcreate {root}
lvm vgcreate system {root}
lvm lvcreate -y -n root -l 100%FREE system
/usr/sbin/mke2fs -q -t ext4 /dev/system/root
mkdir -p /system
mount -t ext4 /dev/system/root /system
cp -a /usr /bin /sbin /lib /lib64 /etc /system
mkdir /system/boot
for d in proc sys dev run; do
    mkdir /system/$d
    mount --bind /$d /system/$d
done
mkdir /system/grub
echo 'load_env; set default="${{next_entry}}"; menuentry once --id once {{ linux /none }}' \\
    > /tmp/grub.cfg
{{ echo '# GRUB Environment Block'; head -c 999 /dev/zero | tr '\\0' '#'; }} > /tmp/grubenv
'''


def entry_tree(root, title, words):
    (root / 'loader/entries').mkdir(parents=True)
    (root / f'loader/entries/{title}+3.conf').write_text(f'title {title}\n{words}')
    return root


def write_esp(image, root):
    """On the first partition."""
    run('mkfs.vfat', '--offset', str(disks.MIB // 512), '-n', 'ESP', image, str(ESP_SIZE * 1024))
    run('mcopy', '-s', '-i', f'{image}@@{disks.MIB}', *root.iterdir(), '::')


def own_disk(image, folder):
    """With an entry that boots, and one in a partition that is none for boot loaders."""
    esp = entry_tree(folder / 'esp', 'esp', f'linux /linux\ninitrd /initrd\noptions {lab.NEXT}\n')
    (esp / 'loader/loader.conf').write_text('default esp*\n')
    shutil.copy(lab.kernel(), esp / 'linux')
    shutil.copy(lab.NEXT_INITRAMFS, esp / 'initrd')
    disks.create(image, ESP_SIZE + XBOOTLDR_SIZE + ROOT_SIZE + DATA_SIZE + 2)
    write_esp(image, esp)
    for title, size, after in (('xbootldr', XBOOTLDR_SIZE, ESP_SIZE),
                               ('data', DATA_SIZE, ESP_SIZE + XBOOTLDR_SIZE + ROOT_SIZE)):
        tree = entry_tree(folder / title, title, 'linux /linux\n')
        shutil.copy(lab.kernel(), tree / 'linux')
        disks.format_ext4(image, tree, size, offset=(after + 1) * disks.MIB)
    disks.write_gpt(image, (disks.ESP, ESP_SIZE), (disks.XBOOTLDR, XBOOTLDR_SIZE),
                    (disks.LINUX, ROOT_SIZE), (disks.LINUX, DATA_SIZE))


def other_disk(image, folder):
    disks.create(image, ESP_SIZE + 2)
    write_esp(image, entry_tree(folder / 'other', 'other', 'linux /linux\n'))
    disks.write_gpt(image, (disks.ESP, ESP_SIZE))


@pytest.fixture
def guest(start, tmp_path):
    own, other = tmp_path / 'own.img', tmp_path / 'other.img'
    own_disk(own, tmp_path)
    other_disk(other, tmp_path)
    ports = [[*machines.root_port(disk.stem, number), *machines.nvme(disk, disk.stem)]
             for number, disk in enumerate((own, other), 1)]
    return start(machines.q35(*sum(ports, [])), MODULES, seconds=480, initrd=lab.STORAGE_INITRAMFS)


def own(guest):
    """The first disk, once all partitions are there. The kernel numbers disks as they come."""
    guest.run('until [ "$(ls /dev/nvme?n1p* | wc -l)" = 5 ]; do usleep 20000; done')
    return guest.run('for c in /sys/class/nvme/nvme?; do [ $(cat $c/serial) != own ] || '
                     'echo /dev/${c##*/}n1; done')


def install(guest, disk):
    guest.write_file('/bin/install-system', INSTALL.format(root=f'{disk}p3'))
    guest.run('chmod +x /bin/install-system')
    guest.run('install-system > /tmp/make.log 2>&1 || { tail -n 20 /tmp/make.log; false; }')


def listed(guest, command='stillboot list --json'):
    """Titles, the default with a star; and nothing is complained of."""
    found = guest.json(f'chroot /system {command} 2>/tmp/said')
    assert guest.run('cat /tmp/said') == ''
    return [entry['title'] + '*' * entry['default'] for entry in found['entries']]


def state(guest):
    """What is mounted, and which devices are read-only."""
    return guest.run('cat /proc/mounts /sys/block/nvme*/nvme*/ro')


def test_own_boot_partitions_need_not_be_mounted(guest):
    disk = own(guest)
    install(guest, disk)
    before = state(guest)
    root = guest.run('chroot /system cat /proc/self/mountinfo | head -n 1')
    assert ' / / ' in root and root.split()[-2] == '/dev/system/root'

    assert listed(guest) == ['xbootldr', 'esp*']
    assert state(guest) == before
    # Nobody else's.
    assert set(listed(guest, 'stillboot list --all-disks --json')) == {
        'esp*', 'xbootldr', 'data', 'other'}

    # A virtual machine may have one open, and udev may know what it is.
    guest.run(f'(exec 3<>{disk}p1; exec sleep 1000) & echo $! > /tmp/writer')
    guest.run(f'until ls -l /proc/$(cat /tmp/writer)/fd | grep -q {disk}p1; do usleep 20000; done')
    assert listed(guest) == ['xbootldr*']
    guest.run('kill $(cat /tmp/writer)')
    guest.run(f'mkdir -p /run/udev/data; echo E:ID_PART_ENTRY_TYPE={disks.LINUX} > '
              f'/run/udev/data/b$(cat /sys/class/block/{disk[5:]}p2/dev)')
    assert listed(guest) == ['esp*']
    guest.run('rm -r /run/udev')

    check_mounted(guest, disk)
    check_watching(guest)
    check_choices(guest, disk)


def check_mounted(guest, disk):
    """What is mounted is looked at there, and is all that one sees without root's rights."""
    guest.run(f'mount -t ext4 {disk}p2 /system/boot')
    before = state(guest)
    found = guest.json('chroot /system stillboot list --json')
    assert [v['mounted'] for v in found['volumes']] == ['/boot', '/', None]
    assert listed(guest) == ['xbootldr', 'esp*']
    assert listed(guest, "su -s /bin/sh nobody -c 'stillboot list --json'") == ['xbootldr*']
    assert state(guest) == before


def check_watching(guest):
    """Somebody who looks on for long would keep others from mounting them."""
    guest.run('(chroot /system stillboot list --watch --json > /watched 2>&1 & '
              'echo $! > /watcher; wait $!; echo $? > /ended) & :')
    guest.run("until tail -n 1 /watched | grep -q xbootldr; do usleep 50000; done")
    assert '"title":"esp"' not in guest.run('cat /watched')
    guest.run('kill -INT $(cat /watcher); until [ -s /ended ]; do usleep 50000; done')


def check_choices(guest, disk):
    """GRUB could not use up a choice on LVM. There are no EFI variables here; and a boot is counted
    on what is not mounted."""
    guest.run('mv /tmp/grub.cfg /tmp/grubenv /system/grub')
    rc, said = guest.status('chroot /system stillboot list --set-oneshot once')
    assert '/grub/grubenv lies on LVM, RAID or LUKS, where GRUB cannot write' in said
    assert 'next_entry=once' in guest.run('cat /system/grub/grubenv')
    assert guest.run("chroot /system stillboot list --set-oneshot ''") == 'Forgotten.'
    assert 'next_entry' not in guest.run('cat /system/grub/grubenv')
    guest.run('rm -r /system/grub')
    rc, said = guest.status('chroot /system stillboot list --set-oneshot esp')
    assert rc == 1 and 'would be remembered in an EFI variable' in said and '\n' not in said
    guest.run('umount /system/boot && mount -o remount,ro /system')
    guest.send('chroot /system stillboot exec esp')
    _, panic = guest.next_kernel()
    assert panic is None and guest.stage == 2
    guest.run('modprobe nvme; modprobe vfat')
    disk = own(guest)
    names = guest.run(f'mount -t vfat -o ro {disk}p1 /mnt && ls /mnt/loader/entries; umount /mnt')
    assert names == 'esp+2-1.conf'
