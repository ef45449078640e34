/* The tick and the journal take nothing from the heap once they run, pictures neither. */
#include "allocations.h"

#include "base/crypto.h"
#include "base/memory.h"
#include "bottle/crew.h"
#include "bottle/operator.h"
#include "host/picture.h"

/* One red pixel as a PNG. */
static const uint8_t red_dot[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48,
    0x44, 0x52, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00,
    0x00, 0x90, 0x77, 0x53, 0xde, 0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78,
    0xda, 0x63, 0xf8, 0xcf, 0xc0, 0x00, 0x00, 0x03, 0x01, 0x01, 0x00, 0xf7, 0x03, 0x41,
    0x43, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

START_TEST(the_count_counts)
{
    memory_seal();
    void *volatile memory = malloc(8);
    free(memory);
    memory_unseal();
    ck_assert_uint_eq(allocations_count(), 2);
}
END_TEST

START_TEST(tick_and_journal_allocate_nothing)
{
    struct bottle *bottle = bottle_create(1);
    struct crew crew;
    crew_prepare(bottle);
    bottle->settings.chunk_idle_s = 1;
    BOTTLE_HOLDS(bottle, bottle_start(bottle) && crew_assemble(&crew, bottle));
    bottle->is_sealed = true;
    uint64_t before = allocations_count();
    crew_work(&crew, 5000, 200000);
    (void)operator_read(bottle, "image 0 9 reset", CONSOLE_WIRE_FAILED);
    (void)operator_read(bottle, "entity 0 9", CONSOLE_WIRE_OK);
    (void)operator_read(bottle, "content reload", CONSOLE_WIRE_OK);
    player_head_for(crew.members[1], 0, 0);
    struct player *late = player_join(bottle, "late");
    BOTTLE_HOLDS(bottle, player_await_ready(late));
    sim_network_cut(crew.members[2]->address, true);
    crew_work(&crew, 20000, 200000);
    sim_network_cut(crew.members[2]->address, false);
    ck_assert_uint_eq(allocations_count(), before);
    bottle->is_sealed = false;
    BOTTLE_HOLDS(bottle, bottle_check(bottle));
    bottle_destroy(&bottle);
}
END_TEST

START_TEST(pictures_allocate_nothing)
{
    struct picture_limits limits = {.file_bytes_max = 256, .side_px_max = 8};
    limits.canonical_bytes_max = 256;
    struct picture_codec *codec = picture_codec_create(&limits);
    struct picture picture;
    ck_assert(crypto_start(NULL));
    memory_seal();
    uint64_t before = allocations_count();
    for (size_t size = 0; size <= sizeof red_dot; size++)
        ck_assert(picture_make(codec, red_dot, size, &picture, NULL) == (size == sizeof red_dot));
    uint64_t after = allocations_count();
    memory_unseal();
    ck_assert_uint_eq(after, before);
    picture_codec_destroy(&codec);
}
END_TEST

TESTING_MAIN("allocations", the_count_counts, tick_and_journal_allocate_nothing,
             pictures_allocate_nothing)
