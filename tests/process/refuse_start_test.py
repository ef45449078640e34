"""What keeps a server from starting, said in words with what to do; and nothing is lost by it."""

import json
import shutil
import unittest

from building import build, free_cells
from services import SOURCE, ProcessTest

FAILED, UNAVAILABLE, CONFIG = 1, 69, 78
RECORD_MAGIC_SKIP = 4096  # bytes of a segment's header


class RefuseStartTest(ProcessTest):
    with_redis = False

    def make_server(self, name="server", **settings):
        return super().make_server(name, **{"redis_url": "none", "database_wait_s": 5, **settings})

    def refuses(self, server, code, *words, **settings):
        """The start ends with this code, and what it says has all of these words."""
        server.launch(**settings)
        self.assertEqual(server.program.wait(), code, server.words())
        said = server.words().splitlines()[-1]
        for word in words:
            self.assertIn(word, said)

    def played_world(self):
        """A server with one thing built by one player, still running."""
        server = self.make_server().start()
        bot = self.join(server, "bot")
        self.cell = free_cells(bot, 1)[0]
        build(bot, [self.cell], "sign")
        bot.quit()
        return server

    def sees_the_sign(self, server):
        looker = self.join(server, "looker")
        x, y = self.cell
        looker.until(f"cell {x} {y}", lambda seen: seen["entities"] == ["sign"])
        looker.quit()
        self.assertEqual(server.stop(), 0)

    def test_wrong_setting(self):
        server = self.make_server()
        self.refuses(server, CONFIG, "command line", "tick_hz", '"7"', "10 to 60", tick_hz=7)
        self.refuses(server, CONFIG, "database_url", "did you mean", database_urk="x")
        self.refuses(server, CONFIG, "udp_address", '"everywhere"', udp_address="everywhere")

    def test_settings_file(self):
        server = self.make_server()
        file = server.folder / "settings"
        file.write_text("# comment\ntick_hz = 20\nview_cells = many\n")
        self.refuses(server, CONFIG, f"{file}:3", "view_cells", '"many"', settings=file)
        file.write_text("tick_hz 20\n")
        self.refuses(server, CONFIG, f"{file}:1", "tick_hz 20", settings=file)
        missing = server.folder / "missing"
        self.refuses(server, CONFIG, str(missing), "No such file", settings=missing)

    def test_content(self):
        server = self.make_server()
        content = server.folder / "content"
        shutil.copytree(SOURCE / "shared/content", content)
        file = content / "entities.json"
        good = file.read_text()
        file.write_text(good.replace('"solid": true', '"solid": "yes"', 1))
        self.refuses(server, CONFIG, "entities.json", "tree", "solid", content_dir=content)
        file.write_text(good.replace('"solid"', '"sollid"', 1))
        self.refuses(server, CONFIG, "entities.json", "tree", "sollid", content_dir=content)
        file.write_text(good[: len(good) // 2])
        self.refuses(server, CONFIG, "entities.json", content_dir=content)
        file.unlink()
        self.refuses(server, CONFIG, "entities.json", "No such file", content_dir=content)

    def test_urls(self):
        """What is wrong in itself is refused at once: nobody waits for a database."""
        server = self.make_server(database_wait_s=1000)
        url = "mysql://root:secret@localhost/tilth"
        self.refuses(server, CONFIG, "mysql://root:***@", "postgresql://", database_url=url)
        self.refuses(server, CONFIG, "redis://", redis_url="http://localhost")
        self.refuses(server, CONFIG, "/nowhere", content_dir="/nowhere")
        self.assertNotIn("secret", server.words())

    def test_type_missing_from_content(self):
        server = self.played_world()
        server.stop()
        content = server.folder / "content"
        shutil.copytree(SOURCE / "shared/content", content)
        (content / "kit.json").unlink()  # it names a sign
        file = content / "entities.json"
        entities = json.loads(file.read_text())["entities"]
        file.write_text(json.dumps({"entities": [e for e in entities if e["name"] != "sign"]}))
        self.refuses(server, CONFIG, "sign", content_dir=content)
        self.sees_the_sign(server.start())

    def test_postgresql_absent(self):
        absent = f"host={self.folder}/nowhere user=tilth dbname=tilth"
        server = self.make_server(database_url=absent, database_wait_s=1)
        self.refuses(server, UNAVAILABLE, "nowhere")
        self.assertIn("waiting up to 1 s for PostgreSQL", server.words())

    def test_newer_database(self):
        self.make_server().start().stop()
        columns = self.sql("SELECT * FROM schema_migrations")[0]
        later = len(list((SOURCE / "migrations").iterdir())) + 1
        name = f"{later:04}_later.sql"
        row = {**columns, "version": later, "number": later, "name": name}
        values = ", ".join(f"'{row[column]}'" for column in columns)
        self.sql(f"INSERT INTO schema_migrations VALUES ({values})")
        self.refuses(self.make_server(), FAILED, "newer", name)

    def test_changed_migration(self):
        server = self.make_server().start()
        server.stop()
        migrations = server.folder / "migrations"
        shutil.copytree(SOURCE / "migrations", migrations)
        first = min(migrations.iterdir())
        first.write_text(first.read_text() + "-- changed\n")
        self.refuses(server, FAILED, first.name, "was changed", migrations_dir=migrations)

    def test_two_servers_on_a_world(self):
        first = self.played_world()
        second = self.make_server("second")
        self.refuses(second, FAILED, str(first.settings["journal_dir"]), str(first.program.pid))
        self.sees_the_sign(first)

    def test_two_servers_on_a_journal(self):
        first = self.played_world()
        second = self.make_server("second", journal_dir=first.settings["journal_dir"])
        self.refuses(second, FAILED, str(first.settings["journal_dir"]), "in use")
        self.sees_the_sign(first)

    def test_two_servers_on_a_socket(self):
        first = self.played_world()
        second = self.make_server(
            "second", world="other", console_socket=first.settings["console_socket"]
        )
        self.refuses(second, FAILED, "console socket", "another server")
        self.sees_the_sign(first)

    def test_journal_of_another_world(self):
        first = self.played_world()
        first.stop()
        journal = first.settings["journal_dir"]
        other = self.make_server("other", world="other", journal_dir=journal)
        self.refuses(other, FAILED, "journal")
        self.sees_the_sign(first.start())

    def test_unclean_world(self):
        """Without its journal a killed server's world starts only if told to abandon it."""
        first = self.played_world()
        first.ask("save")
        first.kill()
        second = self.make_server("second")
        folder = str(first.settings["journal_dir"])
        self.refuses(second, FAILED, folder, "--abandon-journal", self.owner_host())
        self.sees_the_sign(second.start(abandon_journal="true"))
        self.sees_the_sign(second.start())

    def owner_host(self):
        return self.sql_value("SELECT owner_host FROM world_stream")

    def test_corrupt_journal(self):
        """A byte of a confirmed record is turned: no start; with the old file it goes on."""
        server = self.played_world()
        server.ask("save")
        server.kill()
        segment = min(server.settings["journal_dir"].glob("*.segment"))
        good = segment.read_bytes()
        at = RECORD_MAGIC_SKIP + 100
        self.assertTrue(any(good[at : at + 200]))
        segment.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        self.refuses(server, FAILED, segment.name, "damaged at byte", "--abandon-journal")
        segment.write_bytes(good)
        self.sees_the_sign(server.start())


if __name__ == "__main__":
    unittest.main()
