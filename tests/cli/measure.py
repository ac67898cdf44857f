# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run of the program takes."""

import subprocess
import sys
from dataclasses import dataclass

# A process's peak counts from before its exec, so a small one starts the program.
MEASURE = '''
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:])
_, status, usage = os.wait4(child.pid, 0)
print(f"\\n{os.waitstatus_to_exitcode(status)} {usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}",
      file=sys.stderr)
'''


@dataclass
class Run:
    code: int
    out: str
    err: str
    seconds: float  # of processor time
    peak_kib: int


def measured(*argv, wall_seconds):
    """Run it to its end; its children count too."""
    run = subprocess.run([sys.executable, '-I', '-S', '-c', MEASURE, *argv],
                         capture_output=True, timeout=wall_seconds, check=True)
    err, _, figures = run.stderr.rstrip(b'\n').rpartition(b'\n')
    code, seconds, peak = figures.split()
    return Run(int(code), run.stdout.decode(), err.decode(), float(seconds), int(peak))
