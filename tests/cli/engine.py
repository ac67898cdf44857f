# SPDX-License-Identifier: GPL-2.0-or-later
"""The menu's engine, asked as the menu asks it."""

import json
import os
import select
import subprocess
from pathlib import Path

from test_cli import STILLBOOT, TOP

BUILD = TOP / 'build/release' if STILLBOOT.parent.name == 'build' else STILLBOOT.parent
PLAYER = BUILD / 'tests/engine/engine_player'
SECONDS = 60


class Engine:
    """A context. Steps are answered as they come, unless deaf. What was heard meanwhile, and is not what
    was waited for, is in .heard."""

    def __init__(self, *options, deaf=False, log=subprocess.DEVNULL):
        self.deaf, self.heard, self.rest = deaf, [], b''
        self.process = subprocess.Popen([PLAYER, *map(str, options)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(SECONDS)
        finally:
            self.process.kill()
            self.process.stdout.close()

    @property
    def pid(self):
        """Of the engine itself."""
        pid = self.process.pid
        return int(Path(f'/proc/{pid}/task/{pid}/children').read_text().split()[0])

    def send(self, **request):
        self.process.stdin.write(json.dumps(request).encode() + b'\n')
        self.process.stdin.flush()

    def hear(self, seconds=SECONDS):
        """The next message; None when the engine has ended."""
        while b'\n' not in self.rest:
            assert select.select([self.process.stdout], [], [], seconds)[0], self.heard
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return None
            self.rest += more
        line, self.rest = self.rest.split(b'\n', 1)
        message = json.loads(line)
        if message['say'] == 'step' and not self.deaf:
            self.send(ask='heard')
        return message

    def until(self, say, seconds=SECONDS):
        """The next message that says this; those before it are heard."""
        while (message := self.hear(seconds)) is not None:
            if message['say'] == say:
                return message
            self.heard.append(message)
        raise AssertionError(f'the engine has ended: {self.heard}')

    def ask(self, ask, **request):
        """The answer to it: (done, text, messages that came with it)."""
        self.send(ask=ask, **request)
        self.heard = []
        while (message := self.hear()) is not None:
            if message.get('ask') == ask:
                return message['say'] == 'done', message['text'], self.heard
            self.heard.append(message)
        return None, None, self.heard

    def rows(self, what, **request):
        done, text, said = self.ask(what, **request)
        assert done, text
        return next(m for m in said if m['say'] == what)['rows']

    def look(self):
        """All entries by their ids, and what goes with them."""
        assert self.ask('look')[0]
        return self.entries()

    def entries(self):
        self.heard = []
        listed = self.until('listed')
        self.volumes = next(m for m in self.heard if m['say'] == 'volumes')['volumes']
        return {m['id']: m for m in self.heard if m['say'] == 'entry'}, listed
