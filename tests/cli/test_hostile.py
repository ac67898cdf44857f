# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile policies (tests/hostile): whatever a policy does, it ends soon, takes little memory, and is
one error that names its file. Those called ok-*.lua are strange but harmless, and load."""

import os
import shutil
import sys
import tarfile
from pathlib import Path

import pytest

from measure import measured

TOP = Path(__file__).resolve().parents[2]
STILLBOOT = Path(os.environ.get('STILLBOOT', TOP / 'build/stillboot')).resolve()
HOSTILE = sorted((TOP / 'tests/hostile').glob('*.lua'))
HARMLESS = [p for p in HOSTILE if p.name.startswith('ok-')]
HARMFUL = [p for p in HOSTILE if p not in HARMLESS]
SECONDS = 2       # of processor time, for all of a command
WALL_SECONDS = 20  # where others have the processor
PEAK_KIB = 64 << 10
INSTRUMENTED = STILLBOOT.parent.name in ('asan', 'coverage')


def run(*args):
    """Exit code, standard output, lines of standard error, and what it took, children included."""
    run = measured(STILLBOOT, *args, wall_seconds=WALL_SECONDS)
    assert run.seconds < SECONDS
    assert INSTRUMENTED or run.peak_kib < PEAK_KIB
    return run.code, run.out, run.err.splitlines()


@pytest.fixture(scope='module')
def root(tmp_path_factory):
    path = tmp_path_factory.mktemp('q35')
    with tarfile.open(TOP / 'tests/machines/q35-tree.tar.gz') as tar:
        tar.extractall(path, **({'filter': 'fully_trusted'} if sys.version_info >= (3, 12) else {}))
    shutil.rmtree(path / 'etc')  # the machine's own rules
    return path


@pytest.fixture(scope='module')
def builtin(root):
    """The plan of the built-in policy."""
    rc, out, err = run('plan', '--root', root)
    assert (rc, err) == (0, [])
    return out


def names(path):
    return [p.stem for p in path]


@pytest.mark.parametrize('policy', HARMFUL, ids=names(HARMFUL))
def test_it_is_one_error_and_the_plan_is_the_built_in_one(policy, root, builtin):
    rc, out, err = run('plan', '--root', root, '--policy', policy)
    assert rc == 0 and len(err) == 1
    assert f': {policy}:' in err[0]
    assert err[0].isprintable()
    assert builtin in out


@pytest.mark.parametrize('policy', HARMFUL, ids=names(HARMFUL))
def test_nothing_is_stilled_by_it(policy, root):
    rc, _, err = run('quiesce', '--dry-run', '--root', root, '--policy', policy)
    assert rc == 3
    assert any(f'{policy}:' in line for line in err)


@pytest.mark.parametrize('policy', HARMLESS, ids=names(HARMLESS))
def test_it_loads_and_changes_nothing(policy, root, builtin):
    assert run('plan', '--root', root, '--policy', policy) == (0, builtin, [])
    assert run('quiesce', '--dry-run', '--force', '--root', root, '--policy', policy)[0] == 0


def test_exec_refuses_too(root):
    rc, _, err = run('exec', '--dry-run', '--root', root, '--policy',
                     TOP / 'tests/hostile/loop-top.lua')
    assert rc == 3 and 'endless loop' in err[0]


def test_a_pipe_as_policy_does_not_block(root, tmp_path):
    os.mkfifo(tmp_path / 'fifo.lua')
    rc, _, err = run('plan', '--root', root, '--policy', tmp_path / 'fifo.lua')
    assert rc == 0 and 'is not a regular file' in err[0]


def test_there_are_enough():
    assert len(HOSTILE) >= 45 and HARMLESS
