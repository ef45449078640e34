"""A journal on a small disk that gets full and is emptied again: the world turns read-only, says
so, goes on ticking, heals by itself, and nothing that was confirmed is missing."""

import base64
import json
import random
import struct
import subprocess
import unittest
import zlib

from building import LOOK, build, free_cells
from services import ProcessTest, wait_until

DISK_BYTES = 16 << 20
SEGMENT_BYTES = 4 << 20
SPARE_BYTES = 256 << 10  # beyond the first segment
SIDE_PX = 120  # of pictures of noise, which fill a journal fast
PICTURES_MAX = 200


def noise_png(seed):
    """A picture that does not get smaller."""
    noise = random.Random(seed).randbytes(SIDE_PX * SIDE_PX * 4)
    stride = SIDE_PX * 4
    rows = b"".join(b"\0" + noise[at : at + stride] for at in range(0, len(noise), stride))

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", SIDE_PX, SIDE_PX, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


class FullDiskTest(ProcessTest):
    with_redis = False

    def make_disk(self):
        """A folder that is a file system of its own, gone with the test."""
        folder = self.folder / f"{self.database}-disk"
        folder.mkdir()
        options = ["-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)]
        done = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            self.skipTest(f"only who may mount can run it: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)], check=True)
        return folder

    def make_world(self):
        """A running server whose disk has room for its first segment only, and a player."""
        self.disk = self.make_disk()
        self.ballast = self.disk / "ballast"
        self.ballast.write_bytes(bytes(DISK_BYTES - SEGMENT_BYTES - SPARE_BYTES))
        server = self.make_server(
            redis_url="none",
            journal_dir=self.disk / "journal",
            journal_segment_bytes=SEGMENT_BYTES,
            journal_keep_s=0,
        ).start()
        bot = self.join(server, "bot")
        cells = free_cells(bot, 2)
        build(bot, cells[:1], "sign")
        self.sign, self.free = cells
        return server, bot

    def fill(self, server):
        """Draws the sign anew again and again; returns the last picture that was confirmed, and
        whether one more was taken, which is not on the disk: what fills it may be a picture, or
        that it is drawn."""
        x, y = self.sign
        last = None
        for number in range(PICTURES_MAX):
            data = "data:image/png;base64," + base64.b64encode(noise_png(number)).decode()
            look = json.dumps({**json.loads(LOOK), "customImageData": data})
            said = server.console(f"image {x} {y} {look}")
            if said.code != 0:
                is_taken = "not yet on the disk" in said.text
                if not is_taken:
                    self.assertIn("cannot be changed right now", said.text)
                return last, is_taken
            last = server.ask(f"image {x} {y}")["custom_image"]
        raise AssertionError(f"{PICTURES_MAX} pictures did not fill the disk")

    def is_writable(self, server):
        return server.ask("status")["changes_taken"] == "yes"

    def test_full_and_emptied(self):
        server, bot = self.make_world()
        confirmed, one_more_is_taken = self.fill(server)
        self.assertIsNotNone(confirmed)
        self.tells_everybody(server, bot)
        x, y = self.free
        bot.ask(f"place sign {x} {y}")
        bot.do("settle")
        self.assertEqual(bot.events("refused")[-1]["refusal"], "WORLD_READ_ONLY")
        before = server.ask("status")["tick"]
        here = bot.cell()
        ways = ("1 0", "-1 0", "0 1", "0 -1")
        self.assertTrue(any(bot.ask(f"move {way}") and bot.cell() != here for way in ways))
        self.assertGreater(server.ask("status")["tick"], before)
        self.ballast.unlink()
        wait_until(lambda: self.is_writable(server), "the world heals")
        bot.wait_event("said", lambda said: "can be changed again" in said["text"])
        picture = server.ask("image {} {}".format(*self.sign))["custom_image"]
        if not one_more_is_taken:
            self.assertEqual(picture, confirmed)
        bot.quit()
        server.kill()
        server.start()
        looker = self.join(server, "looker")
        sx, sy = self.sign
        looker.until(f"image {sx} {sy}", lambda seen: self.has_picture(seen, picture))
        looker.quit()
        self.assertEqual(server.stop(), 0)

    @staticmethod
    def has_picture(seen, picture):
        return seen["ok"] and seen["image"]["custom_image"] == picture

    def tells_everybody(self, server, bot):
        """Players, console and log."""
        bot.wait_event("said", lambda said: "cannot be changed for now" in said["text"])
        status = server.ask("status")
        self.assertEqual(status["changes_taken"], "no: the journal cannot be written")
        self.assertIn("No space left on device", status["journal_trouble"])
        self.assertIn("the world is read-only", server.words())


if __name__ == "__main__":
    unittest.main()
