# SPDX-License-Identifier: GPL-2.0-or-later
"""The orderly ways of an installed Debian with systemd, its root on an NVMe disk: what systemd's own
`systemctl kexec` does (the controls), and what it does with the package installed. Guests end when they
restart through the firmware, so whoever comes back came by kexec.

Each start costs, so one guest proves several things, one jump behind the other. `make soak` runs them with
the systemd of another suite, too."""

import re

import debian
import pytest
from guest import STRAY

ASSERTED = 'faulty.asserted=1'

# The stock way, as kexec-tools has it.
# The stock way, in which nothing of ours looks at the next kernel's devices either: preinit would reset the
# faulty one, and the control would come back.
STOCK_LOAD = ('kexec -s -l /boot/vmlinuz-$(uname -r) --initrd=/boot/initrd.img-$(uname -r) '
              '--reuse-cmdline "--append=faulty.fragile=1 stillboot.preinit=off"')

# What is on the disk, mounted and loaded. Left out is what systemd and dpkg keep for themselves.
STATE = ('find / -xdev -not -path "/var/log/*" -not -path "/var/lib/systemd/*" '
         '-not -path "/var/lib/dpkg/*" -not -path "/tmp/*" -not -path "/var/tmp/*" | sort; '
         'find /run/initramfs 2>&1; cut -d" " -f2,3 /proc/mounts; cat /sys/kernel/kexec_loaded')
# What the package has on the disk, the documentation aside.
OURS = 'find / -xdev -name "*stillboot*" -not -path "/var/lib/dpkg/*" -not -path "/root/*" | sort'


@pytest.fixture
def start(lab, request):
    """start(faulty) boots the Debian and returns it with its shell ready; options go to QEMU."""
    guests = []
    with lab.lock():
        debian.make()

    def start_one(faulty=False, seconds=900, options=()):
        count = f'-{len(guests) + 1}' if guests else ''
        guest = debian.start([*debian.machine(faulty), *options], lab.LOGS / f'{request.node.name}{count}.log',
                             seconds, ASSERTED if faulty else '')
        guests.append(guest)
        guest.prompt()
        return guest

    yield start_one
    for guest in guests:
        guest.close()


def stock_kexec(guest):
    """The stock way; returns the text of the next kernel's panic or None."""
    guest.run(STOCK_LOAD)
    return guest.leave('systemctl kexec')[1]


def test_control_stock_kexec_comes_back(start):
    """Where no device is faulty."""
    guest = start()
    before = guest.boot_id()
    assert stock_kexec(guest) is None
    assert guest.stage == 2 and guest.boot_id() != before


def jump(guest, command, root='nvme0n1', slots=(debian.ROOT_DISK, debian.FAULTY)):
    """Have it jump by this command; everything has to be as it should, in the next kernel. root is the
    block device that its filesystem lies on."""
    before, stage = guest.boot_id(), guest.stage
    baseline = guest.run('cat /run/stillboot/baseline | sha256sum')
    said, panic = guest.leave(command)
    assert panic is None
    assert 'faulty: no stray interrupt' in said
    assert guest.stage == stage + 1
    report = guest.json('stillboot report --json')
    assert report['boot_id'] == before != guest.boot_id()
    # The root disk's controllers, too, were let go of and reset.
    done = {(step['slot'], step['step']) for step in report['steps'] if step['result'] == 'ok'}
    verdicts = {device['slot']: device['verdict'] for device in report['devices']}
    for slot in slots:
        assert verdicts[slot] == 'still'
        assert {(slot, 'unbind'), (slot, 'bus')} <= done
    # The next kernel had a look of its own, before its first driver, and has what the firmware left.
    preinit = guest.json('cat /run/stillboot/preinit')
    assert preinit['boot'] == 'kexec' and not {'off', 'handoff'} & set(preinit)
    log = guest.run('dmesg --color=never')
    assert log.index('stillboot: kexec: ') < log.index('faulty: ')
    assert guest.run('cat /run/stillboot/baseline | sha256sum') == baseline
    # Its filesystem is clean.
    log = guest.run('dmesg --color=never | grep EXT4')
    assert f'EXT4-fs ({root}): mounted filesystem' in log
    assert not re.search(r'EXT4-fs.*(recover|orphan|error)', log)
    told = guest.run('journalctl -b -o cat -u stillboot-report')
    assert 'stillboot brought this machine' in told and 'From the request to the login: about' in told
    check_way(guest, report)


def check_way(guest, report):
    """All that happens on the way is known, and in order; the history has it once."""
    times = report['times']
    for moment in ('request', 'services_down', 'quiesce_begin', 'quiesce_end', 'jump', 'kernel', 'userspace',
                   'login'):
        assert times[f'{moment}_us'], moment
    known = [at for at in times.values() if at]
    assert known == sorted(known) and not report['clocks_disagree']
    assert all(part['duration_us'] >= 0 for part in report['parts'])
    assert sum(part['duration_us'] for part in report['parts']) == known[-1] - known[0]
    jumps = guest.json('stillboot report --history --json')['jumps']
    assert [jump['boot_id'] for jump in jumps].count(guest.boot_id()) == 1
    assert len(jumps) == report['hops']
    assert abs(jumps[0]['times']['jump_us'] - times['jump_us']) < 1000
    assert guest.run('stat -c "%a %U" /var/lib/stillboot/history') == '600 root'


def upgrade(guest, number):
    """Another kernel, as its package and update-grub would have it: it is the default now, and its
    menu entry and command line tell it."""
    guest.run(f'cd /boot && cp vmlinuz-$(uname -r) vmlinuz-{number} && '
              f'cp initrd.img-$(uname -r) initrd.img-{number} && '
              f'sed -i -E "s,(/boot/(vmlinuz|initrd.img))-[^ ]*,\\1-{number},; '
              f's,(lab.number=[0-9]+ )?faulty,lab.number={number} faulty,; '
              f"s,'(Debian GNU/Linux)( [0-9]+)?','\\\\1 {number}'," '" grub/grub.cfg')


def test_every_way_of_stillboot_comes_back(start):
    """With the faulty device all the time, with which the stock way does not."""
    control = start(faulty=True)
    panic = stock_kexec(control)
    assert panic and STRAY in panic
    control.close()

    guest = start(faulty=True)
    jump(guest, 'stillboot reboot')

    # Nothing was enabled by that.
    assert guest.run('cat /sys/kernel/kexec_loaded') == '0'
    guest.run('stillboot enable')
    assert guest.run('cat /sys/kernel/kexec_loaded') == '1'
    # A package's hook has the preload renewed; without one, the newest choice is made at the end.
    upgrade(guest, 98)
    guest.run('/etc/kernel/postinst.d/zzz-stillboot 98 /boot/vmlinuz-98')
    guest.run('until stillboot status | grep "Debian GNU/Linux 98"; do sleep 0.5; done')
    upgrade(guest, 99)
    jump(guest, 'systemctl kexec')
    assert 'lab.number=99' in guest.run('cat /proc/cmdline').split()

    # It is still enabled. What is preloaded boots although its files are gone.
    guest.run('until stillboot status | grep "Debian GNU/Linux 99"; do sleep 0.5; done')
    guest.run('stillboot enable --reboot=kexec && rm /boot/vmlinuz-* /boot/initrd.img-*')
    jump(guest, 'systemctl reboot')
    assert 'vmlinuz' not in guest.run('ls /boot')

    assert guest.ends_by('poweroff') == 'guest-shutdown'


def test_enabled_disabled_and_removed(start):
    """A firmware reboot stays one; whatever is taken away is away."""
    guest = start()
    before = guest.run(STATE)
    installed = guest.run(OURS)
    guest.run('systemd-analyze verify --man=no /lib/systemd/system/stillboot*.service')
    guest.run('stillboot enable --reboot=kexec')
    assert guest.run(STATE) != before
    guest.run('stillboot disable')
    assert guest.run(STATE) == before

    guest.run('stillboot enable')
    guest.run('dpkg --no-triggers --purge stillboot')
    assert guest.run(OURS) == ''
    assert guest.run('cat /sys/kernel/kexec_loaded; findmnt /run/initramfs || :') == '0'
    guest.run('dpkg --no-triggers -i /root/stillboot.deb')
    assert guest.run(OURS) == installed
    assert guest.run('cat /sys/kernel/kexec_loaded') == '0'

    guest.run('stillboot enable')
    # Without it systemd 255 and later go by kexec (soak_systemd.py).
    assert guest.ends_by('SYSTEMCTL_SKIP_AUTO_KEXEC=1 systemctl reboot') == 'guest-reset'
