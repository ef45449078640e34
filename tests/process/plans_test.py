"""How PostgreSQL goes about what a running server asks: by index, and only to the rows that are
meant. The plans are those of the statements themselves (auto_explain), not of copies."""

import json
import re
import unittest

from building import build, free_cells, make_everything
from services import ProcessTest

# Tables that grow with the world.
HOT = {
    "accounts",
    "cell_changes",
    "cell_entities",
    "cell_piles",
    "character_skills",
    "characters",
    "chunks",
    "inventory_entities",
    "multi_cell_entities",
    "multi_cell_entity_cells",
}
COLUMNS = {"account_id", "cell", "character_id", "chunk_x", "entity_id", "id", "lower"}
# A world that has grown, far away from where the player is.
FAR = "FROM worlds w, generate_series(1, 20000) n"
PLACE = "w.id, 1001 + n / 100, 1001 + n % 100, 7"
STACK = "1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0"
GROW = [
    f"INSERT INTO chunks SELECT w.id, 1001 + n / 100, 1001 + n % 100, 1, '{'x' * 16}', now() {FAR}",
    "INSERT INTO cell_changes (world_id, chunk_x, chunk_y, cell, replaced, tick, changed_at)"
    f" SELECT {PLACE}, 0, 1, now() {FAR}",
    "INSERT INTO cell_entities (world_id, chunk_x, chunk_y, cell, id, type, image_config_id,"
    f" placer_id, tick, changed_at) SELECT {PLACE}, n, 1, 0, 0, 1, now() {FAR}",
    "INSERT INTO cell_piles (world_id, chunk_x, chunk_y, cell, id, type, quantity,"
    " image_config_id, wear, source_type, source_cell_x, source_cell_y, source_tick,"
    " source_time_s, source_tool, source_pos_x, source_pos_y, source_skill, source_level,"
    f" until_tick, tick, changed_at) SELECT {PLACE}, n, {STACK}, 0, 1, now() {FAR}",
    f"INSERT INTO multi_cell_entities SELECT w.id, n, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, now()"
    f" {FAR}",
    f"INSERT INTO multi_cell_entity_cells SELECT {PLACE}, n {FAR}",
    "INSERT INTO accounts (id, name, public_key, created_at, changed_at) SELECT n, 'a' || n,"
    f" '{'x' * 32}', now(), now() {FAR}",
    f"INSERT INTO characters SELECT w.id, n, n, 0, 0, 0, 0, 1, now() {FAR}",
    f"INSERT INTO inventory_entities SELECT w.id, n, 0, {STACK}, 1, now() {FAR}",
    f"INSERT INTO character_skills SELECT w.id, n, 1, 1, 1, now() {FAR}",
]
OTHER = (
    "INSERT INTO worlds (name, terrain_seed, rule_seed, generator_version)"
    " VALUES ('other', 1, 1, 1)"
)
EXPLAIN = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "log",
}


def nodes(plan):
    """The plan's node, and all below it."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def plans_in(log):
    """Of what auto_explain wrote: lines behind "plan:" that begin with a tab."""
    lines = iter(log.splitlines())
    for line in lines:
        if not line.endswith("plan:"):
            continue
        text = []
        for more in lines:
            text.append(more)
            if more == "\t}":
                break
        yield json.loads("\n".join(text))


class PlansTest(ProcessTest):
    with_redis = False

    def setUp(self):
        super().setUp()
        self.read, self.written = set(), set()

    def plans(self, since):
        return list(plans_in(self.postgres.program.words()[since:]))

    def play(self, server):
        """One of everything that lasts is made, changed and loaded again."""
        bot = self.join(server, "bot")
        cells, (x, y) = make_everything(server, bot)
        server.must(f"structure remove {x} {y}")
        server.must(f"structure place building {x} {y}")
        bot.do(f"remove {cells[1][0]} {cells[1][1]}")
        bot.do("settle")
        bot.quit()

    def come_back(self, server):
        """From the database: it has been started again, and nothing is in a cache."""
        bot = self.join(server, "bot")
        bot.do("settle")
        bot.quit()

    def explain(self):
        for name, value in EXPLAIN.items():
            sql = f"ALTER DATABASE {self.database} SET {name} = '{value}'"
            self.postgres.query(sql, "postgres")

    def take_down(self, server):
        """Many things in one go: some of them are gone with one statement."""
        bot = self.join(server, "mason")
        cells = free_cells(bot, 40)
        build(bot, cells, "floor_tile")
        bot.ask_all([f"remove {x} {y}" for x, y in cells])
        bot.do("settle")
        bot.quit()
        server.must("save")

    def test_beside_a_large_world(self):
        """What PostgreSQL knows of its tables is about another world: of this one it expects no
        row at all, and there are many by now."""
        self.explain()
        server = self.make_server(redis_url="none", reach_px=1000).start()
        self.postgres.query(OTHER, self.database)
        for sql in GROW:
            self.postgres.query(f"{sql} WHERE w.name = 'other'", self.database)
        self.postgres.query("ANALYZE", self.database)
        since = len(self.postgres.program.words())
        self.play(server)
        self.take_down(server)
        self.judge(self.plans(since))
        self.assertEqual(self.written, HOT)
        server.kill()
        server.start()
        since = len(self.postgres.program.words())
        self.come_back(server)
        self.judge(self.plans(since))
        self.assertEqual(self.read, HOT)
        server.kill()

    def test_hot_paths(self):
        self.explain()
        server = self.make_server(redis_url="none").start()
        for sql in GROW:
            self.postgres.query(sql, self.database)
        since = len(self.postgres.program.words())
        self.play(server)
        self.judge(self.plans(since))
        self.assertEqual(self.written, HOT)
        server.kill()
        self.postgres.query("ANALYZE", self.database)
        server.start()
        since = len(self.postgres.program.words())
        self.come_back(server)
        self.judge(self.plans(since))
        self.assertEqual(self.read, HOT)
        server.kill()

    def goes_by_more_than_the_world(self, node, query):
        """All keys begin with the world: an index that is gone by no further is read whole."""
        columns = set(re.findall(r"[a-z_]+", node.get("Index Cond", ""))) & COLUMNS
        self.assertTrue(columns, f"{query}\n{node}")

    def judge(self, plans):
        for plan in plans:
            for node in nodes(plan["Plan"]):
                table, kind = node.get("Relation Name"), node["Node Type"]
                if table not in HOT:
                    continue
                self.assertNotEqual(kind, "Seq Scan", plan["Query Text"])
                if kind == "ModifyTable":
                    self.written.add(table)
                if kind.startswith("Index"):
                    self.read.add(table)
                    self.goes_by_more_than_the_world(node, plan["Query Text"])


if __name__ == "__main__":
    unittest.main()
