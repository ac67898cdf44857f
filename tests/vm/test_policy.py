# SPDX-License-Identifier: GPL-2.0-or-later
"""What policies do to a jump: steps that a function arranged, quirks that change the target's command
line, and what happens when the policy does not load or the kernel's command line opts out."""

import machines
from lab import BOOT_DISK, EXEC, NEXT

SLOT = '0000:01:00.0'
LOAD = EXEC.replace('exec', 'load', 1)
ATTRIBUTE = f'/sys/bus/pci/devices/{SLOT}/d3cold_allowed'

ARRANGE = f'''
arrange(function(machine, steps)
    local out = {{ {{ step = "write", path = "{ATTRIBUTE}", value = "0" }} }}
    for _, s in ipairs(steps) do
        out[#out + 1] = s
        if s.step == "unbind" and s.driver == "faulty" then
            out[#out + 1] = {{ step = "settle", seconds = 0.5 }}
            out[#out + 1] = {{ step = "unload", module = "faulty" }}
        end
    end
    return out
end)
'''

# Left by this file when it is whole; it does not load.
BROKEN = 'device { driver = "faulty", leave = true }\ndevcie { }\n'


def faulty_guest(start, append=''):
    guest = start(machines.faulty(), f'lab.modules=faulty {append}')
    assert guest.driver(SLOT) == 'faulty'
    return guest


def jump(guest, command):
    guest.send(command)
    _, panic = guest.next_kernel()
    assert panic is None
    assert guest.stage == 2
    return guest.json('stillboot report --json')


def verdict(report, slot=SLOT):
    return next(d for d in report['devices'] if d['slot'] == slot)


def test_arranged(start):
    guest = faulty_guest(start, 'faulty.remove=clean faulty.asserted=1')
    guest.write_file('/arrange.lua', ARRANGE)
    steps = jump(guest, f'{EXEC} --policy /arrange.lua')['steps']
    wanted = ['write', 'unbind', 'settle', 'unload', 'bus']
    told = [s for s in steps if s['step'] in wanted]
    assert [s['step'] for s in told] == wanted
    assert {s['result'] for s in told} == {'ok'}
    by_step = {s['step']: s for s in told}
    # Who asked for it, and about what.
    for step, slot in (('write', ATTRIBUTE[1:]), ('settle', 'machine'), ('unload', 'faulty')):
        assert by_step[step]['slot'] == slot
        assert by_step[step]['rule'] == '/arrange.lua:2'
    assert by_step['settle']['duration_us'] >= 500_000
    # One after another: an errand has the machine to itself.
    for before, after in zip(told, told[1:]):
        assert before['start_us'] + before['duration_us'] <= after['start_us']
    report = guest.run('stillboot report')
    assert 'unload' in report and ATTRIBUTE[1:] in report


def test_quirk_changes_the_command_line(start):
    """The built-in rule about Hyper-V, on a machine that says it is one."""
    guest = start(machines.hyper_v(BOOT_DISK), 'lab.modules=nvme,faulty')
    entry = guest.json('stillboot list --all-disks --json')['entries'][0]
    assert entry['options'] == f'{NEXT} video=efifb:off'
    assert entry['changed_by'].startswith('quirks.lua:')
    guest.send('stillboot exec --all-disks')
    guest.expect('video=efifb:off +[(]changed by quirks.lua:[0-9]+[)]')
    _, panic = guest.next_kernel()
    assert panic is None
    assert guest.cmdline() == f'{NEXT} video=efifb:off'


def test_quirk_leaves_other_machines_alone(start):
    guest = start(machines.q35(*machines.root_port('rp1', 1), *machines.nvme(BOOT_DISK, 'rp1')),
                  'lab.modules=nvme')
    entry = guest.json('stillboot list --all-disks --json')['entries'][0]
    assert entry['options'] == NEXT
    assert entry['changed_by'] is None


def test_broken_policy_unattended(start):
    """With somebody there it is a refusal. With nobody there the plan of when the kernel was loaded
    holds, which leaves what the broken file left."""
    guest = faulty_guest(start)
    policy = '/etc/stillboot/policy.d/mine.lua'
    guest.write_file(policy, BROKEN.replace('devcie { }', ''))
    guest.run(LOAD)
    guest.write_file(policy, BROKEN)
    rc, said = guest.status('stillboot exec --loaded')
    assert rc == 3
    assert f'{policy[1:]}:2: unknown name "devcie"; did you mean "device"?' in said
    assert guest.driver(SLOT) == 'faulty'
    rc, said = guest.status('stillboot exec --loaded --unattended --dry-run')
    assert rc == 0
    assert f'{SLOT}  left, faulty' in said
    assert f'{policy[1:]}:1' in said
    assert f'would write "{SLOT}"' not in said
    # Who can write a rule can have a disk unbound.
    guest.write_file(policy, BROKEN.replace('devcie { }', ''))
    guest.run(f'chown nobody {policy}')
    rc, said = guest.status('stillboot exec --loaded')
    assert rc == 3
    assert f'{policy[1:]}: belongs to user 65534, not to root' in said
    # Nothing was kept: nothing is stilled, and the machine jumps all the same.
    guest.run('rm /run/stillboot/decision')
    rc, said = guest.status('stillboot exec --loaded --unattended --dry-run')
    assert rc == 0
    assert '0 to be stilled' in said


def test_unattended_jump(start):
    guest = faulty_guest(start)
    guest.run(LOAD)
    guest.write_file('/etc/stillboot/policy.d/mine.lua', 'while true do end\n')
    guest.send('stillboot exec --loaded --unattended')
    guest.expect('the plan of when the kernel was loaded is used')
    guest.expect(f'{SLOT}  unbind')
    _, panic = guest.next_kernel()
    assert panic is None
    assert guest.driver(SLOT) == 'faulty'


def test_opted_out_on_the_command_line(start):
    """For a machine that gets stuck: by slot, by driver, altogether; whatever rules say."""
    for word in ('stillboot.leave=01:00.0', 'stillboot.leave=driver:faulty',
                 'stillboot.quiesce=off'):
        guest = faulty_guest(start, word)
        guest.write_file('/touch.lua', 'device { slot = "01:00.0", steps = { "unbind" } }\n'
                         'arrange(function(machine, steps)\n'
                         f'  steps[#steps + 1] = {{ step = "bus", slot = "{SLOT}" }}\n'
                         '  return steps\nend)\n')
        report = jump(guest, f'{EXEC} --policy /touch.lua')
        assert verdict(report)['verdict'] == 'left'
        assert not [s for s in report['steps'] if s['slot'] == SLOT]
        assert word.replace('=01:', '=0000:01:') in verdict(report)['why']


def test_require_still(start):
    """A device that stays loud: with the rule the machine restarts through the firmware. It is the SATA
    controller, whose bus master the firmware left on."""
    steps = 'device { slot = "00:1f.2", steps = { "unbind" } }\n'
    for rule in ('', 'boot { require_still = true }\n'):
        guest = faulty_guest(start)
        guest.write_file('/still.lua', steps + rule)
        guest.send(f'{EXEC} --policy /still.lua')
        guest.expect(', 1 loud, ')
        if rule:
            said = guest.end()
            assert '/still.lua:2 says require_still: restarting through the firmware' in said
            assert 'Linux version' not in said
        else:
            assert guest.next_kernel()[1] is None


def test_no_jump(start):
    guest = faulty_guest(start)
    guest.write_file('/no.lua', 'machine { jump = false, why = "ticket 4711" }\n')
    rc, said = guest.status(f'{EXEC} --policy /no.lua')
    assert rc == 3
    assert '/no.lua:1: no kexec on this machine: ticket 4711' in said
    assert guest.driver(SLOT) == 'faulty'
    assert guest.run('cat /sys/kernel/kexec_loaded') == '0'


# One of each errand; an e1000e whose interface is eth0, and the keyboard controller of the platform.
ERRANDS = '''
device { bus = "platform", driver = "i8042", steps = { "unbind" }, why = "nobody types here" }
machine { offline_cpus = true, settle = 0.2, why = "all of it once" }
arrange(function(machine, steps)
    table.insert(steps, 1, { step = "link_down", interface = "eth0" })
    table.insert(steps, 1, { step = "run", command = { "/bin/touch", "/run/was-here" } })
    table.insert(steps, 1, { step = "write", path = "/proc/sys/vm/swappiness", value = "17" })
    return steps
end)
'''
STEPS = ['write', 'run', 'link_down', 'settle', 'unbind', 'offline_cpus']


def test_every_errand_and_back(start):
    """Done in this kernel by `quiesce`, undone by `rebind`, and done again on the way into the next."""
    guest = start([*machines.q35(*machines.network('rp1', 1)), '-smp', '2'],
                  'lab.modules=e1000e')
    guest.write_file('/etc/stillboot/policy.d/errands.lua', ERRANDS)
    guest.run('ip link set eth0 up')
    looks = ('cat /proc/sys/vm/swappiness; cat /sys/devices/system/cpu/online; '
             'cat /sys/class/net/eth0/flags; readlink /sys/bus/platform/devices/i8042/driver; '
             f'readlink /sys/bus/pci/devices/{SLOT}/driver')
    before = guest.run(looks)
    rc, said = guest.status('stillboot quiesce')
    assert rc == 0, said
    assert guest.run('cat /proc/sys/vm/swappiness; cat /sys/devices/system/cpu/online') == '17\n0'
    assert guest.status('readlink /sys/bus/platform/devices/i8042/driver')[0] == 1
    guest.run('ls /run/was-here')
    rc, said = guest.status('stillboot rebind')
    assert rc == 0, said
    assert 'touch' in said      # what cannot be undone is told
    assert guest.run(looks) == before
    steps = jump(guest, EXEC)['steps']
    told = [s for s in steps if s['step'] in STEPS and s['slot'] != SLOT]
    assert [s['step'] for s in told] == STEPS
    assert {s['result'] for s in told} == {'ok'}
    assert told[STEPS.index('unbind')]['slot'] == 'platform:i8042'
