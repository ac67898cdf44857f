# SPDX-License-Identifier: GPL-2.0-or-later
"""What systemd does otherwise from 255 on: a plain reboot is a kexec where a kernel is loaded, and one of
the userspace alone where a system is mounted on /run/nextroot. `make soak` runs it; it takes too long for
`make test`, whose Debian has 252."""

from test_debian import jump, start  # pylint: disable=unused-import

# Debian's package ovmf: with variables that are forgotten.
FIRMWARE = '/usr/share/ovmf/OVMF.fd'


def status(guest):
    """A machine that is not ready has exit status 1."""
    return guest.json('stillboot status --json || [ $? = 1 ]')


def is_ready(guest):
    """When the service has loaded its kernel."""
    guest.run('systemctl start stillboot.service')
    assert status(guest)['ready'] and status(guest)['reboot'] == 'kexec'


def soft_reboot(guest, command):
    """Have the userspace restart, into the system that is there; the kernel stays."""
    before, stage = guest.boot_id(), guest.stage
    guest.run('mount --mkdir --bind / /run/nextroot')
    assert status(guest)['reboot'] == 'soft-reboot'
    guest.send(command)
    while guest.stage == stage:
        guest.prompt()
    assert guest.boot_id() == before


def test_a_plain_reboot_is_a_kexec(start):
    """And none of it needs kexec-tools."""
    guest = start(faulty=True, seconds=2400)
    assert status(guest)['systemd'] >= 255
    guest.run('rm /usr/sbin/kexec')
    guest.run('stillboot enable')
    is_ready(guest)
    jump(guest, 'systemctl reboot')
    # Somebody objects.
    guest.run('systemd-inhibit --what=shutdown --mode=block sleep infinity & '
              'until ls /run/systemd/inhibit/[0-9]*; do sleep 0.2; done')
    assert guest.status('stillboot reboot')[0] == 3
    jump(guest, 'stillboot reboot --force')
    # All that systemd would stop first is left out.
    is_ready(guest)
    jump(guest, 'systemctl kexec --force')

    # What was loaded was the old userspace's; the new one loads its own.
    soft_reboot(guest, 'systemctl reboot')
    is_ready(guest)
    guest.run('mount --mkdir --bind / /run/nextroot')
    jump(guest, 'systemctl kexec')
    is_ready(guest)
    jump(guest, 'reboot')
    # Past logind systemd looks at neither.
    is_ready(guest)
    assert guest.ends_by('systemctl reboot --force') == 'guest-reset'


def test_a_firmware_setup_is_no_kexec(start):
    """systemd itself would jump, and the setup would come some other time."""
    guest = start(options=['-bios', FIRMWARE])
    guest.run('modprobe efivarfs && mount -t efivarfs none /sys/firmware/efi/efivars')
    guest.run('stillboot enable --reboot=kexec')
    is_ready(guest)
    assert guest.ends_by('systemctl reboot --firmware-setup') == 'guest-reset'
