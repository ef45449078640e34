"""Hostile datagrams: the server stays, and players notice nothing."""

import random
import socket
import unittest

from building import build, free_cells
from services import ProcessTest

DATAGRAMS = 20_000
HEAD_BYTES_MAX = 64
DATAGRAM_BYTES_MAX = 60_000


def hostile_datagrams(dice, address):
    """Random bytes of all sizes, and real datagrams cut off, stretched and with bits turned."""
    real = real_datagrams(address)
    for i in range(DATAGRAMS):
        kind = i % 5
        if kind == 0:
            yield dice.randbytes(dice.randrange(HEAD_BYTES_MAX))
        elif kind == 1:
            yield dice.choice(real)[: dice.randrange(HEAD_BYTES_MAX)]
        elif kind == 2:
            yield dice.choice(real) + dice.randbytes(dice.randrange(1400))
        elif kind == 3:
            bent = bytearray(dice.choice(real))
            for _ in range(dice.randrange(1, 4)):
                bent[dice.randrange(len(bent))] ^= 1 << dice.randrange(8)
            yield bytes(bent)
        else:
            yield dice.randbytes(dice.choice([0, 1, 1400, 9000, DATAGRAM_BYTES_MAX]))


def real_datagrams(address):
    """What a server and a client say first, as far as it can be had without a key."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.settimeout(0.2)
        found = [b"\x8f\xff" + bytes(46), b"\x81\x00" + bytes(46), b"tilth" + bytes(43)]
        for datagram in list(found):
            wire.sendto(datagram, address)
            try:
                found.append(wire.recv(65536))
            except TimeoutError:
                pass
        return found


class HostileTest(ProcessTest):
    with_redis = False

    def setUp(self):
        super().setUp()
        self.server = self.start_server(reach_px=1000, redis_url="none", intents_s_max=200)
        self.address = (self.server.settings["udp_address"], self.server.settings["udp_port"])

    def check_play(self, ada, bob):
        """Both are still connected, walk, build and see each other."""
        for walker, watcher in ((ada, bob), (bob, ada)):
            walker.do("move 2 0" if walker.cell()[0] < 2 else "move -2 0")
            (cell,) = free_cells(walker, 1)
            build(walker, [cell], "floor_tile")
            see = f"cell {cell[0]} {cell[1]}"
            watcher.until(see, lambda seen: seen["entities"] == ["floor_tile"])
            self.assertEqual(watcher.events("disconnected"), [])

    def test_datagrams(self):
        ada, bob = self.join(self.server, "ada"), self.join(self.server, "bob")
        dice = random.Random(8)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
            for number, datagram in enumerate(hostile_datagrams(dice, self.address)):
                wire.sendto(datagram, self.address)
                if number % 4000 == 0:
                    self.check_play(ada, bob)
        self.check_play(ada, bob)
        late = self.join(self.server, "carol")
        self.assertEqual([ada.quit(), bob.quit(), late.quit()], [0, 0, 0])
        self.assertEqual(self.server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
