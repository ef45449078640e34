"""What bots build: free cells found, things placed, and what a client sees of them."""

import collections

from services import ProcessTest, wait_until

REACH_CELLS = 31  # of reach_px = 1000
CHUNKS = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1)]
CORNERS = [(0, 0), (64, 0), (64, 64), (0, 64)]  # of chunk (0, 0): near all nine
FROM_EACH = 50
RUNNER = {"speed_px_s": 640, "tick_hz": 60}  # fast, in steps short enough to go around trees


def free_cells(client, count, skip=(), step=1):
    """So many cells near the client where a thing can be placed, nearest first."""
    here_x, here_y = client.cell()
    near = [
        (here_x + x, here_y + y)
        for x in range(-REACH_CELLS, REACH_CELLS + 1, step)
        for y in range(-REACH_CELLS, REACH_CELLS + 1, step)
        if max(abs(x), abs(y)) > 1
    ]
    near.sort(key=lambda cell: abs(cell[0] - here_x) + abs(cell[1] - here_y))
    found = []
    for x, y in near:
        if len(found) == count:
            return found
        seen = client.ask(f"cell {x} {y}")
        is_free = seen["ok"] and not seen["entities"] and seen["terrain"] != "water"
        if is_free and (x, y) not in skip:
            found.append((x, y))
    raise AssertionError(f"only {len(found)} of {count} free cells around {here_x}, {here_y}")


def build(client, cells, kind="wood_block"):
    """Places a thing in every cell and waits until all of them are confirmed."""
    refused = len(client.events("refused"))
    client.ask_all([f"place {kind} {x} {y}" for x, y in cells])
    client.do("settle")
    for event in client.events("refused")[refused:]:
        raise AssertionError(f"{client.name}: {event}")


LOOK = '{"size": 40, "fixedScreenAngle": 0, "drawOffsetX": 0, "drawOffsetY": 0}'


def make_everything(server, client):
    """One of everything that lasts: signs, a look, a bag, a skill, a structure and a pile. Returns
    the cells of the signs and that of the structure; all of it is in the database then."""
    cells = free_cells(client, 3)
    build(client, cells, "sign")
    x, y = cells[0]
    for line in (
        f"give {client.name} wood_block 5",
        f"skill {client.name} woodcutting 3",
        f"image {x} {y} {LOOK}",
    ):
        server.must(line)
    tried = ((x, 12) for x in range(-24, 24))
    site = next(at for at in tried if is_built(server, *at))
    client.do("drop 0 1")
    client.do("settle")
    server.must("save")
    return cells, site


def is_built(server, x, y):
    """By the console, if there is room."""
    return server.console(f"structure place building {x} {y}").code == 0


def spread(cells, count):
    """So many of the cells, in turn from every chunk that they are in."""
    by_chunk = collections.defaultdict(list)
    for x, y in cells:
        by_chunk[x // 64, y // 64].append((x, y))
    rounds = max(map(len, by_chunk.values()))
    turns = [own[i] for i in range(rounds) for own in by_chunk.values() if i < len(own)]
    return turns[:count]


def placed_in_view(client, chunks):
    """(cell, type) of every placed thing in these chunks, as the client sees them."""
    return sorted(
        (tuple(entity["cell"]), entity["type"])
        for x, y in chunks
        for entity in client.do(f"chunk {x} {y}")["entities"]
    )


class KeepingTest(ProcessTest):
    """Places 200 things over 9 chunks, negative ones among them, and counts them afterwards."""

    def setUp(self):
        super().setUp()
        self.server = self.make_server(reach_px=1000, view_cells=80, **RUNNER)
        self.placed = []

    def place(self, corners=CORNERS):
        """A bot walks from corner to corner and builds around each, in all chunks it can reach."""
        bot = self.join(self.server, "bot")
        for corner in corners:
            bot.do(f"goto {corner[0]} {corner[1]}")
            taken = {cell for cell, _ in self.placed}
            cells = spread(free_cells(bot, 4 * FROM_EACH, skip=taken, step=3), FROM_EACH)
            build(bot, cells, "floor_tile")
            self.placed += [(cell, "floor_tile") for cell in cells]
        self.assertEqual(bot.quit(), 0)

    def check(self):
        """All are there, once: in the database, and in the view of a new client."""
        self.placed.sort()
        self.assertEqual({(x // 64, y // 64) for (x, y), _ in self.placed}, set(CHUNKS))
        self.assertEqual(self.server.ask("save").keys(), {"applied_seq"})
        rows = self.sql("SELECT cell_x, cell_y, type FROM cell_entities_view ORDER BY 1, 2")
        kept = [((int(row["cell_x"]), int(row["cell_y"])), row["type"]) for row in rows]
        self.assertEqual(kept, self.placed)
        self.assertEqual(len(kept), 200)
        self.assertEqual(self.sql_value("SELECT count(DISTINCT id) FROM cell_entities"), "200")
        looker = self.join(self.server, "looker")
        looker.do("goto 32 32")
        wait_until(
            lambda: all(looker.ask(f"chunk {x} {y}")["ok"] for x, y in CHUNKS), "nine chunks"
        )
        self.assertEqual(placed_in_view(looker, CHUNKS), self.placed)
        self.assertEqual(looker.quit(), 0)
        self.assertEqual(self.server.stop(), 0)
