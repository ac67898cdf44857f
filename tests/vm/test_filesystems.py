# SPDX-License-Identifier: GPL-2.0-or-later
"""Every filesystem that Debian's kernel can mount, clean and with a journal to replay: found, and
not changed by a bit. Disks that come late, go, or do not answer. One guest for all of it."""

import hashlib
import json

import pytest

import filesystems
import machines

GUEST_SECONDS = 600

# Words of the guests' shell. Disks are told apart by their serial number, the image's name.
WORDS = r'''
disk() {
	[ "$1" = iso9660 ] && echo /dev/sr0 && return # a CD drive has no such number
	for d in /sys/block/sd*; do
		[ "$(tail -c +5 $d/device/vpd_pg80 2>/dev/null)" = "$1" ] && echo /dev/${d##*/} && return
	done
	return 1
}
attach() {
	mkdir -p /mnt/$1 && mount -t $2 $(disk $1) /mnt/$1
}
fill() {
	mkdir -p $2/loader/entries
	{ head -c 497 /dev/zero; printf '\4'; head -c 16 /dev/zero; printf 'HdrS\17\2'
	head -c 46 /dev/zero; printf '\1'; head -c 1993 /dev/zero; } > $2/linux
	printf 'title %s\nlinux /linux\n' $1 > $2/loader/entries/lab.conf
}
fill_disk() {
	attach $1 $2 && fill $1 /mnt/$1 && umount /mnt/$1
}
# Files that are new, and one that is deleted and open, whose inode the next mount would free.
dirty() {
	attach $1 $2
	for i in 1 2 3 4 5; do
		echo $i > /mnt/$1/new$i
		dd if=/dev/urandom of=/mnt/$1/synced$i bs=4k count=3 conv=fsync 2>/dev/null
	done
	echo gone > /mnt/$1/orphan
	sync -f /mnt/$1
	sleep 10000 < /mnt/$1/orphan &
	rm /mnt/$1/orphan
	sync -f /mnt/$1
	# What was there before goes into the log alone, also that of btrfs.
	dd if=/dev/urandom of=/mnt/$1/synced1 bs=4k count=1 seek=3 conv=notrunc,fsync 2>/dev/null
}
# What openSUSE has: a default subvolume that is a snapshot. What Ubuntu has: @.
fill_subvolumes() {
	attach subvolumes btrfs && cd /mnt/subvolumes &&
	btrfs subvolume create @ && fill subvolumes @ && mkdir @/snapshots &&
	btrfs subvolume snapshot @ @/snapshots/1 && btrfs subvolume create @boot && fill boot @boot &&
	btrfs subvolume snapshot @ old &&
	printf 'title relative\nlinux /@boot/linux\n' > @/snapshots/1/loader/entries/lab.conf &&
	btrfs subvolume set-default @/snapshots/1 && cd / && umount /mnt/subvolumes
}
'''

# Several devices ask for the same modules at once, and busybox's modprobe is done with one as soon as
# another process begins to load it: as if it did nothing the first time, for drivers and for what
# these ask for.
FORGETFUL_MODPROBE = r'''#!/bin/sh
for name; do :; done
case $name in
fs-xfs | fs-udf | crypto-crc32 | nls_cp437) mkdir /forgotten/$name 2>/dev/null && exit 0 ;;
esac
exec /sbin/modprobe "$@"
'''


def fill_all(guest):
    guest.write_file('/words', WORDS)
    for name, kind in (('exfat', 'exfat'), ('udf', 'udf'), ('nilfs2', 'nilfs2'), ('jfs', 'jfs'),
                       ('nilfs2-dirty', 'nilfs2'), ('jfs-dirty', 'jfs')):
        guest.run(f'. /words; fill_disk {name} {kind}')
    guest.run('. /words; modprobe btrfs && btrfs device scan && fill_disk two btrfs')
    guest.run('. /words; fill_subvolumes')
    for name in [*filesystems.DIRTY, *filesystems.EMPTY_DIRTY]:
        stem = name.split('.')[0]
        guest.run(f'. /words; dirty {stem} {stem.split("-")[0]}')


def hash_of(image):
    return hashlib.sha256(image.read_bytes()).hexdigest()


@pytest.fixture(scope='module')
def images(lab):
    """All of them, made anew: paths by name."""
    folder = lab.LAB / 'filesystems'
    filesystems.make_all(folder)
    return {path.stem: path for path in sorted(folder.iterdir())}


def start_guest(start, lab, images):
    return start(machines.q35(*machines.scsi(*images)),
                 'lab.modules=virtio-pci,virtio-scsi,sd-mod,sr-mod,loop', GUEST_SECONDS,
                 lab.FILESYSTEM_INITRAMFS)


def entries_by_title(entries):
    return {entry['title']: entry for entry in entries}


def check_entries(entries):
    """What ought to be there is, and only files that are within their filesystem."""
    dirty = [*filesystems.DIRTY, *filesystems.EMPTY_DIRTY]
    for name in [*filesystems.FILLED, *dirty, *filesystems.EMPTY]:
        title = name.split('.')[0]
        if title != 'half':
            assert title in entries and not entries[title]['reason'], f'{title}: {entries.get(title)}'
    links = [title for title in entries if title.endswith(' out')]
    assert len(links) >= 12
    for title in links:
        assert 'missing' in entries[title]['reason'], entries[title]


def check_problems(problems):
    def of(word):
        said, = [line for line in problems if word in line]
        return said

    assert 'stillboot unlock /dev/' in of('locked')
    assert 'loses or corrupts' in of('hibernated')
    assert 'without them' in of('other disks of this btrfs')
    assert 'Bad message' in of('read the directory loader/entries')  # of the corrupt one
    assert len(problems) == 4, problems  # none of the ntfs, which no entry means


def test_everything_is_found_and_nothing_is_written(start, lab, images):
    maker = start_guest(start, lab, images.values())
    fill_all(maker)
    maker.close()
    before = {name: hash_of(path) for name, path in images.items()}

    guest = start_guest(start, lab, [p for name, p in images.items() if name != 'half-2'])
    guest.write_file('/words', WORDS)
    guest.write_file('/forgetful', FORGETFUL_MODPROBE)
    guest.run('modprobe btrfs')  # it measures its checksums for seconds: deadlines are for disks
    guest.run('mkdir /forgotten; chmod +x /forgetful; echo /forgetful > /proc/sys/kernel/modprobe')
    said = guest.json('stillboot list --all-disks --json 2>/problems')
    assert guest.run('ls /forgotten').split() == ['crypto-crc32', 'fs-udf', 'fs-xfs', 'nls_cp437']
    found = entries_by_title(said['entries'])
    problems = guest.run('cat /problems').splitlines()
    check_problems(problems)
    check_entries(found)
    # The same once more: nothing of ours is left behind that would hinder.
    assert guest.json('stillboot list --all-disks --json 2>/dev/null') == said
    assert not guest.run('cat /sys/block/sd*/ro | grep -v 0 || :')

    check_two(guest, said)
    check_killed(guest, said)

    volumes = said['volumes']
    # On a disk among them a system sleeps, which may have any of them open.
    assert all(v['sleeps'] for v in volumes)
    check_views([v for v in volumes if v['type'] == 'btrfs'], guest, found)
    copies = [v for v in volumes if v['type'] == 'xfs']
    assert len({v['uuid'] for v in copies}) == 2 and len(copies) == 3
    assert any(n.startswith('PARTUUID=') for v in volumes for n in v['names'])
    check_images(guest)
    check_hotplug(guest, lab)
    check_deadline(guest)
    assert {name: hash_of(path) for name, path in images.items()} == before
    check_control(guest, images, before)


def check_views(volumes, guest, found):
    device = guest.run('. /words; disk subvolumes')
    roots = [v['root'] for v in volumes if v['device'] == device]
    assert roots == ['/@/snapshots/1', '/', '/@', '/@boot'], roots
    # A path from the top of the filesystem, in a configuration of the default subvolume.
    assert not found['relative']['reason']
    assert not found['boot']['reason']
    assert len([v for v in volumes if v['device'] in guest.run(
        '. /words; disk two; disk two-2').split()]) == 1


def check_images(guest):
    for name, title in (('partition', 'partition'), ('ext4-dirty', 'ext4-dirty'), ('erofs', 'erofs'),
                        ('iso9660', 'iso9660')):
        guest.run(f'. /words; dd if=$(disk {name}) of=/image bs=1M 2>/dev/null')
        before = guest.run('sha256sum /image')
        found = guest.json('stillboot list --image /image --json')
        assert not entries_by_title(found['entries'])[title]['reason']
        assert guest.run('sha256sum /image') == before
        assert guest.run('cat /sys/block/loop*/loop/backing_file 2>/dev/null || :') == ''
    rc, said = guest.status('stillboot list --image /words')
    assert rc == 1 and 'no partition or filesystem' in said
    rc, said = guest.status('stillboot list --image /dev')
    assert rc == 1 and 'no regular file' in said


def check_two(guest, said):
    """Two at once wait for each other and find the same; one that does not end is named."""
    one, other = (f'stillboot list --all-disks --json > /{n} 2>/dev/null' for n in ('one', 'other'))
    guest.run(f'{one} & {other}; wait $!')
    assert json.loads(guest.run('cat /one')) == json.loads(guest.run('cat /other')) == said

    begin_to_watch(guest)
    wait_for(guest, 'tail -n 1 /watched | grep -q hibernated')
    third = guest.json('stillboot list --json 2>/said')
    assert not third['entries'] and len(third['problems']) == 1
    problem = guest.run('cat /said')
    assert 'another stillboot' in problem and '/run/stillboot/disks' in problem
    end_watching(guest)


def check_killed(guest, said):
    """Whenever it is killed, its devices are let go of and writable again."""
    for moment in (20, 60, 120, 250, 500, 900):
        guest.run('stillboot list --all-disks >/dev/null 2>&1 & '
                  f'usleep {moment}000; kill -9 $!; wait $!; :')
    wait_for(guest, '! pidof stillboot')
    assert not guest.run('cat /sys/block/sd*/ro | grep -v 0 || :')
    assert guest.run('cat /sys/block/loop*/loop/backing_file 2>/dev/null || :') == ''
    assert guest.json('stillboot list --all-disks --json 2>/dev/null') == said


def wait_for(guest, what):
    guest.run(f'until {what}; do usleep 50000; done')


def begin_to_watch(guest):
    guest.run('rm -f /ended; (stillboot list --watch --json > /watched 2>/problems & '
              'echo $! > /watcher; wait $!; echo $? > /ended) & :')


def end_watching(guest):
    """It ends as it should, and keeps nothing in use."""
    guest.run('kill -INT $(cat /watcher)')
    wait_for(guest, 'test -s /ended')
    assert guest.run('cat /ended') == '0'


def last_line(guest):
    return json.loads(guest.run('tail -n 1 /watched'))


def check_hotplug(guest, lab):
    """A disk that comes adds its entry, and takes it away when it goes."""
    late = lab.LAB / 'late.img'
    filesystems.ext('ext4')(late, lab.LAB / 'late')
    begin_to_watch(guest)
    wait_for(guest, 'tail -n 1 /watched | grep -q hibernated')
    assert 'late' not in entries_by_title(last_line(guest)['entries'])
    guest.monitor.command('blockdev-add', **{
        'driver': 'raw', 'node-name': 'late', 'file': {'driver': 'file', 'filename': str(late)}})
    guest.monitor.command('device_add', driver='scsi-hd', drive='late', id='late', bus='scsi.0',
                          serial='late')
    wait_for(guest, """tail -n 1 /watched | grep -q '"title":"late"'""")
    guest.monitor.command('device_del', id='late')
    wait_for(guest, """tail -n 1 /watched | grep -vq '"title":"late"'""")
    end_watching(guest)


def check_control(guest, images, before):
    """What a plain read-only mount does to a disk that is not clean: to show that these were not."""
    kinds = {'ext3-dirty': 'ext3', 'ext4-dirty': 'ext4', 'xfs-dirty': 'xfs', 'btrfs-dirty': 'btrfs',
             'f2fs-dirty': 'f2fs', 'nilfs2-dirty': 'nilfs2', 'broken': 'ext4'}
    for name, kind in kinds.items():
        more = ',errors=continue' if name == 'broken' else ''
        guest.run(f'. /words; mkdir -p /mnt/x && mount -t {kind} -o ro{more} $(disk {name}) /mnt/x && '
                  '{ ls /mnt/x/loader/entries; sync; umount /mnt/x; }')
        assert hash_of(images[name]) != before[name], f'{name} was not dirty'


def throttle(guest, disk, bytes_per_second):
    """0 for no limit."""
    guest.monitor.command('block_set_io_throttle', device=disk, bps=bytes_per_second, bps_rd=0,
                          bps_wr=0, iops=0, iops_rd=0, iops_wr=0)


def check_deadline(guest):
    """At a byte each second this disk does not answer. The others do not wait for it, and when it
    answers after all, it is there."""
    device = guest.run('. /words; disk ext4')
    throttle(guest, 'ext4', 1)
    begin_to_watch(guest)
    wait_for(guest, 'tail -n 1 /watched | grep -q "not answer in time"')
    throttle(guest, 'ext4', 0)
    wait_for(guest, """tail -n 1 /watched | grep -q '"title":"ext4"'""")
    end_watching(guest)
    lines = [json.loads(line) for line in guest.run('cat /watched').splitlines()]
    named, = [line for line in lines if any('in time' in p for p in line['problems'])][:1]
    before = [line for line in lines if line['ms'] < named['ms']][-1]
    assert f'{device}: it did not answer in time' in named['problems']
    assert 10000 <= named['ms'] < 20000
    assert before['ms'] < 9000, 'the others waited for it'
    del before['ms'], named['ms']
    assert any('locked' in problem for problem in before['problems'])
    assert before['entries'] == named['entries'] and 'ext4' not in entries_by_title(named['entries'])
