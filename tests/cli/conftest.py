# SPDX-License-Identifier: GPL-2.0-or-later
"""The machines of tests/machines."""

import tarfile
from pathlib import Path

import pytest

MACHINES = Path(__file__).resolve().parents[1] / 'machines'


@pytest.fixture(scope='session')
def machines(tmp_path_factory):
    """The options that name each machine of tests/machines."""
    options = {}
    for path in MACHINES.iterdir():
        if path.name == 'README':
            continue
        root = tmp_path_factory.mktemp(path.name)
        options[path.name] = ('--root', root)
        if path.name.endswith('.tar.gz'):
            with tarfile.open(path) as tar:
                tar.extractall(root)
        else:
            options[path.name] += ('--pci-dump', path)
    return options
