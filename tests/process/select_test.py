"""SELECT in psql shows what players changed, in columns that a person understands."""

import unittest

from building import build, free_cells
from services import ProcessTest

CELL_CHANGES = "world_id chunk_x chunk_y cell cell_x cell_y replaced tick changed_at"
CELL_ENTITIES = (
    "world_id chunk_x chunk_y cell id cell_x cell_y type image_config_id placer_id tick"
    " changed_at metadata until_tick"
)
CHANGES_VIEW = "world chunk_x chunk_y cell_x cell_y world_x world_y replaced tick changed_at"
ENTITIES_VIEW = (
    "world id chunk_x chunk_y cell_x cell_y world_x world_y type image_config_id placer_id"
    " placer tick changed_at metadata"
)


class SelectTest(ProcessTest):
    def test_select(self):
        server = self.start_server(reach_px=1000, world="orchard")
        ada = self.join(server, "ada")
        placed = self.negative_cell(ada)
        build(ada, [placed], "sign")
        removed, natural = self.natural_cell(ada)
        ada.do(f"remove {removed[0]} {removed[1]}")
        ada.do("settle")
        server.ask("save")
        self.check_tables(placed, removed)
        self.check_views(placed, removed, natural)
        self.check_characters(ada)
        self.assertEqual(ada.quit(), 0)
        self.assertEqual(server.stop(), 0)

    @staticmethod
    def negative_cell(client):
        return next(cell for cell in free_cells(client, 200) if cell[0] < 0 and cell[1] < 0)

    @staticmethod
    def natural_cell(client):
        """A cell with something that grew there, and its type."""
        for x in range(-15, 15):
            for y in range(-15, 15):
                entities = client.do(f"cell {x} {y}")["entities"]
                if entities and entities[0] in ("tree", "rock", "grass"):
                    return (x, y), entities[0]
        raise AssertionError("nothing grows here")

    def row_of(self, table, cell, columns):
        """The row of the cell; its columns are exactly these, in this order."""
        where = f"WHERE cell_x = {cell[0]} AND cell_y = {cell[1]}"
        (row,) = self.sql(f"SELECT * FROM {table} {where}")
        self.assertEqual(list(row), columns.split())
        return row

    def expect(self, row, **values):
        for name, value in values.items():
            self.assertEqual(row[name], str(value), name)

    def type_id(self, name):
        return self.sql_value(f"SELECT id FROM entity_types WHERE name = '{name}'")

    def check_tables(self, placed, removed):
        x, y = placed
        place = {"chunk_x": x // 64, "chunk_y": y // 64, "cell": x % 64 + y % 64 * 64}
        change = self.row_of("cell_changes", placed, CELL_CHANGES)
        self.expect(change, replaced=0, cell_x=x, cell_y=y, **place)
        entity = self.row_of("cell_entities", placed, CELL_ENTITIES)
        self.expect(entity, type=self.type_id("sign"), cell_x=x, cell_y=y, **place)
        self.expect(entity, image_config_id=0, metadata="")
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_entities"), "1")
        self.assertEqual(self.sql_value("SELECT count(*) FROM cell_changes"), "2")
        self.assertEqual(
            self.sql_value("SELECT count(*) FROM cell_changes WHERE changed_at > now()"), "0"
        )
        x, y = removed
        change = self.row_of("cell_changes", removed, CELL_CHANGES)
        self.expect(change, chunk_x=x // 64, chunk_y=y // 64, cell=x % 64 + y % 64 * 64)

    def check_views(self, placed, removed, natural):
        x, y = placed
        where = {"cell_x": x, "cell_y": y, "world_x": x * 32, "world_y": y * 32}
        change = self.row_of("cell_changes_view", placed, CHANGES_VIEW)
        self.expect(change, world="orchard", replaced="", **where)
        entity = self.row_of("cell_entities_view", placed, ENTITIES_VIEW)
        self.expect(entity, world="orchard", type="sign", placer="ada", **where)
        change = self.row_of("cell_changes_view", removed, CHANGES_VIEW)
        self.expect(change, replaced=natural)

    def check_characters(self, client):
        (row,) = self.sql("SELECT * FROM characters_view")
        x, y = client.cell()
        self.expect(row, world="orchard", name="ada", cell_x=x, cell_y=y)


if __name__ == "__main__":
    unittest.main()
