#include "tilth.h"

#include <string.h>

#include "base/memory.h"
#include "client.h"
#include "stage.h"
#include "testing.h"

static struct tilth_client *create(const char *name, struct tilth_error *error)
{
    struct tilth_options options;
    memset(&options, 0, sizeof options);
    options.name = name;
    options.port = 9;
    return tilth_client_create(&options, error);
}

START_TEST(a_bad_option_is_told_in_words)
{
    struct tilth_error error;
    ck_assert_ptr_null(create("ann lee", &error));
    ck_assert_ptr_nonnull(strstr(error.text, "ann lee"));
    ck_assert_ptr_null(create("", &error));
    ck_assert_ptr_null(create(NULL, NULL));
    ck_assert_ptr_null(create("abcdefghijklmnopqrstuvwxyz", &error));

    struct tilth_options options = {.name = "ann", .key_path = "/nowhere/at/all/key"};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "/nowhere/at/all/key"));
    options = (struct tilth_options){.name = "ann", .entities_max = UINT32_MAX};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    options = (struct tilth_options){.name = "ann", .delay_ms = 10001};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "delay_ms 10001"));
    options = (struct tilth_options){.name = "ann", .pictures_bytes = WORLD_IMAGE_BYTES - 1};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "pictures_bytes 65535: 65536 to"));
    options = (struct tilth_options){.name = "ann", .pictures_path_mib = 1048577};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "pictures_path_mib 1048577: at most 1048576"));
    options = (struct tilth_options){.name = "ann", .address = "localhost"};
    ck_assert_ptr_null(tilth_client_create(&options, &error));
    ck_assert_ptr_nonnull(strstr(error.text, "localhost"));
    options.address = "127.0.0.1.1";
    ck_assert_ptr_null(tilth_client_create(&options, &error));
}
END_TEST

START_TEST(before_the_welcome_there_is_nothing_to_see)
{
    struct tilth_error error;
    struct tilth_client *client = create("ann", &error);
    struct tilth_facts facts;
    struct tilth_position position;
    struct tilth_cell cell;
    struct tilth_chunk chunk;
    struct tilth_entity entity;
    struct tilth_structure structure;
    struct tilth_pile pile;
    struct tilth_actor actor;
    struct tilth_stats stats;
    struct tilth_event event;
    ck_assert_ptr_nonnull(client);
    tilth_client_move(client, -100, 100);
    ck_assert(!tilth_client_facts(client, &facts) && !tilth_client_position(client, &position));
    ck_assert(!tilth_client_cell(client, 0, 0, &cell) && tilth_client_is_solid(client, 0, 0));
    ck_assert(!tilth_client_chunk(client, INT32_MIN, INT32_MAX, &chunk));
    ck_assert_uint_eq(tilth_client_entities(client, 0, 0, &entity, 1), 0);
    ck_assert_uint_eq(tilth_client_structures(client, 0, 0, &structure, 1), 0);
    ck_assert_uint_eq(tilth_client_piles(client, 0, 0, &pile, 1), 0);
    ck_assert_int_eq(tilth_client_is_occupied(client, 0, 0), -1);
    ck_assert_uint_eq(tilth_client_actors(client, &actor, 1), 0);
    ck_assert_ptr_null(tilth_client_type(client, 0));
    struct tilth_type type;
    struct tilth_offer offer;
    ck_assert(!tilth_client_type_facts(client, "tree", &type));
    ck_assert_uint_eq(tilth_client_offers(client, &offer, 1), 0);
    ck_assert(!tilth_client_is_connected(client) && !tilth_client_is_ready(client));
    ck_assert(!tilth_client_next(client, &event));
    ck_assert_int_eq(tilth_client_fd(client), -1);
    tilth_client_stats(client, &stats);
    ck_assert_uint_eq(stats.snapshots, 0);
    tilth_client_destroy(&client);
    ck_assert_ptr_null(client);
    tilth_client_destroy(&client);
    tilth_client_destroy(NULL);
}
END_TEST

START_TEST(asking_before_the_welcome_is_refused_in_words)
{
    struct tilth_error error;
    struct tilth_client *client = create("ann", &error);
    char text[300];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = 0;
    ck_assert_uint_eq(tilth_client_place(client, "tree", 0, 0, &error), 0);
    ck_assert_str_eq(error.text, "not connected");
    ck_assert_uint_eq(tilth_client_remove(client, INT32_MAX, 0, &error), 0);
    ck_assert_ptr_nonnull(strstr(error.text, "outside of the world"));
    ck_assert_uint_eq(tilth_client_say(client, text, &error), 0);
    ck_assert_ptr_nonnull(strstr(error.text, "256"));
    ck_assert_uint_eq(tilth_client_say(client, "", NULL), 0);
    ck_assert_uint_eq(tilth_client_say(client, NULL, NULL), 0);
    ck_assert_uint_eq(tilth_client_say(client, "a\nb", &error), 0);
    ck_assert_uint_eq(tilth_client_say(client, "ab", &error), 0);
    ck_assert_str_eq(error.text, "not connected");
    ck_assert_uint_eq(tilth_client_place_from(client, 0, 0, 0, &error), 0);
    ck_assert_str_eq(error.text, "not connected");
    const struct tilth_drop drop = {0, 0, 0, 0};
    ck_assert_uint_eq(tilth_client_drop(client, &drop, &error), 0);
    ck_assert_str_eq(error.text, "not connected");
    ck_assert_uint_eq(tilth_client_build(client, "building", 0, 0, &error), 0);
    ck_assert_str_eq(error.text, "not connected");
    ck_assert_uint_eq(tilth_client_pending(client), 0);
    tilth_client_destroy(&client);
}
END_TEST

/* --- playing on a stage ----------------------------------------------------------------------- */

struct rig {
    struct stage stage;
    struct tilth_client *client;
};

static struct rig *rig_join(void)
{
    struct rig *rig = memory_reserve("rig", 1, sizeof *rig);
    struct tilth_error error;
    stage_init(&rig->stage);
    rig->client = create("ann", &error);
    ck_assert_ptr_nonnull(rig->client);
    ck_assert(stage_join(&rig->stage, &rig->client->session, 1000000));
    return rig;
}

static void rig_destroy(struct rig *rig)
{
    tilth_client_destroy(&rig->client);
    stage_finish(&rig->stage);
    memory_release(rig);
}

static void carry(struct rig *rig)
{
    stage_carry(&rig->stage, &rig->client->session, 1000000);
}

/* It was not asked, and these words say why. */
static void expect_words(uint32_t number, const struct tilth_error *error, const char *words)
{
    ck_assert_uint_eq(number, 0);
    ck_assert_msg(strstr(error->text, words) != NULL, "%s", error->text);
}

START_TEST(wrong_arguments_are_refused_in_words)
{
    struct rig *rig = rig_join();
    struct tilth_client *client = rig->client;
    struct tilth_error error;
    const struct tilth_drop drops[] = {{8, 1, 0, 0}, {0, 70000, 0, 0}, {0, 1, INT32_MIN, 0}};
    static const char *const whys[] = {"0 to 7", "1 to 65535", "outside of the world"};
    for (int i = 0; i < 3; i++)
        expect_words(tilth_client_drop(client, &drops[i], &error), &error, whys[i]);
    expect_words(tilth_client_move_stack(client, 0, 8, 0, &error), &error, "0 to 7");
    expect_words(tilth_client_pick_up(client, 0, INT32_MAX, &error), &error, "outside");
    expect_words(tilth_client_give(client, 8, 1, "bob", &error), &error, "0 to 7");
    expect_words(tilth_client_give(client, 0, 1, "bob lee", &error), &error, "\"bob lee\" is no");
    expect_words(tilth_client_give(client, 0, 1, NULL, &error), &error, "1 to 24 letters");
    expect_words(tilth_client_answer(client, "", 1, &error), &error, "1 to 24 letters");
    expect_words(tilth_client_unbuild(client, INT32_MAX, 0, &error), &error, "outside");
    expect_words(tilth_client_reset(client, INT32_MAX, 0, &error), &error, "outside");
    ck_assert_uint_eq(tilth_client_reset(client, INT32_MAX, 0, NULL), 0);
    ck_assert_uint_eq(tilth_client_pending(client), 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_type_of_another_kind_is_refused_in_words)
{
    struct rig *rig = rig_join();
    struct tilth_client *client = rig->client;
    struct tilth_error error;
    expect_words(tilth_client_place(client, "building", 0, 0, &error), &error, "it is built");
    expect_words(tilth_client_place(client, "axe", 0, 0, &error), &error, "is an item");
    expect_words(tilth_client_place(client, "wood_blok", 0, 0, &error), &error, "\"wood_block\"?");
    expect_words(tilth_client_place(client, "qwertz", 0, 0, &error), &error, "no \"qwertz\" in");
    expect_words(tilth_client_build(client, "tree", 0, 0, &error), &error, "no structure");
    expect_words(tilth_client_build(client, "axe", 0, 0, &error), &error, "is an item");
    expect_words(tilth_client_build(client, "biulding", 0, 0, &error), &error, "\"building\"?");
    expect_words(tilth_client_build(client, "wood_blok", 0, 0, &error), &error,
                 "no structure \"wood_blok\" in this world");
    expect_words(tilth_client_build(client, NULL, 0, 0, &error), &error, "no structure \"\"");
    expect_words(tilth_client_build(client, "building", INT32_MIN, 0, &error), &error, "outside");
    rig_destroy(rig);
}
END_TEST

START_TEST(a_look_beyond_its_ranges_is_refused_in_words)
{
    struct rig *rig = rig_join();
    const struct tilth_image fine = {.size_units = 512};
    struct tilth_error error;
    for (int i = 0; i < 8; i++) {
        static const char *const whys[] = {
            "size_units is 0; it may be 1 to 65535",
            "size_units is 65536;",
            "angle_units is 62833; it may be -62832 to 62832",
            "angle_units is -62833;",
            "offset_x_units is 16385; it may be -16384 to 16384",
            "offset_y_units is -16385;",
            "custom is \"12\"",
            "custom is \"zz000000000000000000000000000000\"",
        };
        struct tilth_image image = fine;
        if (i < 2)
            image.size_units = i == 0 ? 0 : 65536;
        if (i == 2 || i == 3)
            image.angle_units = i == 2 ? 62833 : -62833;
        if (i == 4)
            image.offset_x_units = 16385;
        if (i == 5)
            image.offset_y_units = -16385;
        if (i == 6)
            memcpy(image.custom, "12", 3);
        if (i == 7)
            memcpy(image.custom, "zz000000000000000000000000000000", 33);
        expect_words(tilth_client_modify(rig->client, 0, 0, &image, &error), &error, whys[i]);
    }
    expect_words(tilth_client_modify(rig->client, 0, INT32_MAX, &fine, &error), &error, "outside");
    rig_destroy(rig);
}
END_TEST

/* The intent that was sent last. */
static struct intent sent(struct rig *rig)
{
    enum wire_channel channel;
    struct span packet;
    struct message message = {.kind = MESSAGE_HELLO};
    static struct intent intent;
    while (tilth_session_take_packet(&rig->client->session, &channel, &packet)) {
        size_t offset = 0;
        bool is_malformed;
        ck_assert(message_next(packet.bytes, packet.size_bytes, &offset, &message, &is_malformed));
        if (message.kind != MESSAGE_ASK)
            continue;
        intent.kind = (enum intent_kind)message.ask.kind;
        ck_assert(codec_decode_body(message.ask.body.bytes, message.ask.body.size_bytes,
                                    intent_schema(intent.kind), intent_record_of(&intent)));
    }
    return intent;
}

START_TEST(a_look_is_sent_as_it_is)
{
    struct rig *rig = rig_join();
    struct tilth_image image = {
        .size_units = 65535, .angle_units = -62832, .offset_x_units = 16384};
    image.offset_y_units = -1;
    memcpy(image.custom, "0123456789abcdef0123456789ABCDEF", 33);
    ck_assert_uint_eq(tilth_client_modify(rig->client, -5, 7, &image, NULL), 1);
    struct intent_modify modify = sent(rig).modify;
    ck_assert(modify.cell.x == -5 && modify.cell.y == 7 && modify.size == 65535);
    ck_assert(modify.turns == 0 && modify.angle == 0);
    ck_assert(modify.offset_x == 2 * 16384 && modify.offset_y == 16383);
    ck_assert(modify.custom.high == 0x0123456789abcdef && modify.custom.low == modify.custom.high);
    image = (struct tilth_image){.size_units = 1, .turns = 7, .angle_units = INT32_MAX};
    ck_assert_uint_eq(tilth_client_modify(rig->client, -5, 7, &image, NULL), 2);
    modify = sent(rig).modify;
    ck_assert(modify.size == 1 && modify.turns == 1 && modify.angle == 0);
    ck_assert(modify.custom.high == 0 && modify.custom.low == 0);
    rig_destroy(rig);
}
END_TEST

START_TEST(the_others_are_sent_as_they_are)
{
    struct rig *rig = rig_join();
    struct tilth_client *client = rig->client;
    const struct tilth_drop drop = {3, 0, -9, 4};
    ck_assert_uint_eq(tilth_client_drop(client, &drop, NULL), 1);
    struct intent intent = sent(rig);
    ck_assert(intent.kind == INTENT_DROP && intent.drop.slot == 3 && intent.drop.cell.x == -9);
    ck_assert_uint_eq(tilth_client_pick_up(client, -9, 4, NULL), 2);
    intent = sent(rig);
    ck_assert(intent.kind == INTENT_PICK_UP && intent.pick_up.cell.y == 4);
    ck_assert_uint_eq(tilth_client_give(client, 3, 65535, "bob", NULL), 3);
    intent = sent(rig);
    ck_assert(intent.kind == INTENT_GIVE && intent.give.quantity == 65535);
    ck_assert_uint_eq(intent.give.name.size_bytes, 3);
    for (int is_accepted = 0; is_accepted < 2; is_accepted++) {
        ck_assert_uint_ne(tilth_client_answer(client, "bob", is_accepted * 5, NULL), 0);
        intent = sent(rig);
        ck_assert(intent.kind == INTENT_ANSWER && (int)intent.answer.is_accepted == is_accepted);
    }
    ck_assert_uint_ne(tilth_client_build(client, "building", 1, 2, NULL), 0);
    intent = sent(rig);
    ck_assert(intent.kind == INTENT_BUILD && intent.build.cell.x == 1);
    ck_assert_uint_ne(tilth_client_unbuild(client, 1, 2, NULL), 0);
    ck_assert(sent(rig).kind == INTENT_UNBUILD);
    ck_assert_uint_ne(tilth_client_reset(client, 1, 2, NULL), 0);
    ck_assert(sent(rig).kind == INTENT_RESET);
    rig_destroy(rig);
}
END_TEST

START_TEST(a_pile_or_a_slot_can_be_named)
{
    struct rig *rig = rig_join();
    struct tilth_client *client = rig->client;
    struct tilth_error error;
    struct tilth_pile pile = {.id = 70, .x = -9, .y = 4};
    ck_assert_uint_eq(tilth_client_pick_up_pile(client, &pile, NULL), 1);
    struct intent intent = sent(rig);
    ck_assert(intent.kind == INTENT_PICK_UP && intent.pick_up.pile == 70);
    ck_assert(intent.pick_up.cell.x == -9 && intent.pick_up.cell.y == 4);
    pile.y = INT32_MAX;
    expect_words(tilth_client_pick_up_pile(client, &pile, &error), &error, "outside");
    pile = (struct tilth_pile){.id = 0};
    expect_words(tilth_client_pick_up_pile(client, &pile, &error), &error, "no pile has the id 0");

    const char *const things[] = {"sign", "axe"};
    for (uint32_t slot = 3; slot < 5; slot++) {
        struct change change = {.kind = CHANGE_SLOT};
        change.slot = (struct change_slot){{5}, slot, {.quantity = 1}};
        change.slot.stack.type = catalog_find_name(rig->stage.catalog, things[slot - 3])->type;
        stage_own(&rig->stage, &change, false);
    }
    carry(rig);
    expect_words(tilth_client_place_from(client, 8, 1, 2, &error), &error, "0 to 7");
    expect_words(tilth_client_place_from(client, 2, 1, 2, &error), &error, "nothing is in slot 2");
    expect_words(tilth_client_place_from(client, 4, 1, 2, &error), &error, "\"axe\" is an item");
    expect_words(tilth_client_place_from(client, 3, INT32_MAX, 2, &error), &error, "outside");
    ck_assert_uint_ne(tilth_client_place_from(client, 3, 1, 2, &error), 0);
    intent = sent(rig);
    ck_assert(intent.kind == INTENT_PLACE && intent.place.slot == 4 && intent.place.cell.x == 1);
    ck_assert_uint_eq(intent.place.type, catalog_find_name(rig->stage.catalog, "sign")->type);
    rig_destroy(rig);
}
END_TEST

START_TEST(types_are_known_by_name)
{
    struct rig *rig = rig_join();
    struct tilth_type type;
    ck_assert(!tilth_client_type_facts(rig->client, "bilding", &type));
    ck_assert(!tilth_client_type_facts(rig->client, NULL, &type));
    ck_assert(tilth_client_type_facts(rig->client, "building", &type));
    ck_assert(type.kind == TILTH_KIND_STRUCTURE && type.is_placeable && type.is_removable);
    ck_assert(type.width == 3 && type.height == 2 && type.primary_x == 1 && type.primary_y == 0);
    ck_assert(type.cost_count == 1 && type.costs[0].count == 20 && type.harvest_ms == 0);
    ck_assert_str_eq(type.costs[0].type, "wood_block");
    ck_assert_str_eq(type.harvest_skill, "");
    ck_assert_uint_eq(type.image.size_units, 96 * 16);
    ck_assert(tilth_client_type_facts(rig->client, "large_tree", &type));
    ck_assert(type.harvest_ms == 6000 && type.yield_count == 2 && !type.is_placeable);
    ck_assert_str_eq(type.harvest_tool, "axe");
    ck_assert_str_eq(type.harvest_skill, "woodcutting");
    ck_assert_str_eq(type.yields[1].type, "tree_sapling");
    ck_assert(type.yields[1].count == 1 && type.yields[1].chance_ppm == 500000);
    ck_assert(tilth_client_type_facts(rig->client, "axe", &type));
    ck_assert(type.kind == TILTH_KIND_ITEM && type.width == 1 && type.durability > 0);
    ck_assert_str_eq(type.tool, "axe");
    rig_destroy(rig);
}
END_TEST

/* Bob or another offers so many stones, 0: not any more. */
static void offer(struct rig *rig, const char *name, uint32_t quantity)
{
    struct change change = {.kind = CHANGE_OFFER};
    change.offer = (struct change_offer){
        {5}, {(const uint8_t *)name, (uint32_t)strlen(name)}, {.quantity = quantity}};
    if (quantity > 0)
        change.offer.stack.type = catalog_find_name(rig->stage.catalog, "stone")->type;
    stage_own(&rig->stage, &change, false);
    carry(rig);
}

START_TEST(offers_are_listed_until_they_are_over)
{
    struct rig *rig = rig_join();
    struct tilth_offer offers[TILTH_OFFERS_MAX];
    struct message resync = {.kind = MESSAGE_RESYNC};
    offer(rig, "bob", 3);
    offer(rig, "eve", 1);
    offer(rig, "bob", 5);
    ck_assert_uint_eq(tilth_client_offers(rig->client, offers, TILTH_OFFERS_MAX), 2);
    ck_assert_str_eq(offers[0].name, "eve");
    ck_assert_str_eq(offers[1].name, "bob");
    ck_assert_str_eq(offers[1].type, "stone");
    ck_assert_uint_eq(offers[1].quantity, 5);
    ck_assert_uint_eq(tilth_client_offers(rig->client, offers, 1), 1);
    offer(rig, "eve", 0);
    ck_assert_uint_eq(tilth_client_offers(rig->client, offers, TILTH_OFFERS_MAX), 1);
    ck_assert_str_eq(offers[0].name, "bob");
    for (char name[] = "anna"; name[3] < 'a' + TILTH_OFFERS_MAX; name[3]++)
        offer(rig, name, 1); /* and bob's is forgotten */
    ck_assert_uint_eq(tilth_client_offers(rig->client, offers, TILTH_OFFERS_MAX), TILTH_OFFERS_MAX);
    ck_assert_str_eq(offers[0].name, "anna");

    struct tilth_event event;
    while (tilth_client_next(rig->client, &event))
        continue;
    stage_send(&rig->stage, &resync);
    carry(rig);
    ck_assert_uint_eq(tilth_client_offers(rig->client, offers, TILTH_OFFERS_MAX), 0);
    uint32_t over = 0;
    while (tilth_client_next(rig->client, &event))
        over += event.kind == TILTH_EVENT_OFFERED && event.x == 0;
    ck_assert_uint_eq(over, TILTH_OFFERS_MAX);
    rig_destroy(rig);
}
END_TEST

START_TEST(structures_and_piles_are_listed_by_chunk)
{
    struct rig *rig = rig_join();
    struct tilth_client *client = rig->client;
    struct tilth_structure structures[4];
    struct tilth_pile piles[4];
    struct tilth_chunk chunk;
    struct tilth_cell cell;
    for (int32_t i = 0; i < 6; i++) /* a place at the edge of two chunks */
        stage_put(&rig->stage, (struct cell_pos){62 + i % 3, 10 + i / 3}, 0);
    carry(rig);
    ck_assert_int_eq(tilth_client_is_occupied(client, 64, 10), 0);
    ck_assert_uint_eq(tilth_client_build(client, "building", 63, 10, NULL), 1);
    struct change pile = {.kind = CHANGE_PILE};
    pile.pile = (struct change_pile){.id = {70}, .cell = {3, 3}, .until = 9};
    pile.pile.stack.type = catalog_find_name(rig->stage.catalog, "stone")->type;
    pile.pile.stack.quantity = 12;
    pile.pile.stack.image = 4;
    carry(rig);
    int was_occupied = tilth_client_is_occupied(client, 3, 3);
    stage_change(&rig->stage, &pile);
    carry(rig);

    for (int32_t x = 0; x < 2; x++) {
        ck_assert_uint_eq(tilth_client_structures(client, x, 0, structures, 4), 1);
        ck_assert_uint_eq(tilth_client_structures(client, x, 0, structures, 0), 0);
        ck_assert_str_eq(structures[0].type, "building");
        ck_assert(structures[0].x == 63 && structures[0].y == 10 && structures[0].image == 0);
        ck_assert(structures[0].west == 62 && structures[0].north == 10);
        ck_assert(structures[0].width == 3 && structures[0].height == 2);
        ck_assert(tilth_client_chunk(client, x, 0, &chunk));
        ck_assert(chunk.structure_count == 1 && chunk.pile_count == (x == 0));
        ck_assert_int_eq(tilth_client_is_occupied(client, 63 + x, 11), 1);
        ck_assert(tilth_client_cell(client, 63 + x, 11, &cell));
        ck_assert_uint_eq(cell.type_count, 1);
        ck_assert_str_eq(cell.types[0], "building");
    }
    ck_assert_uint_eq(tilth_client_piles(client, 0, 0, piles, 4), 1);
    ck_assert_uint_eq(tilth_client_piles(client, 1, 0, piles + 1, 3), 0);
    ck_assert_str_eq(piles[0].type, "stone");
    ck_assert(piles[0].id == 70 && piles[0].x == 3 && piles[0].y == 3);
    ck_assert(piles[0].quantity == 12 && piles[0].image == 4);
    ck_assert_int_eq(tilth_client_is_occupied(client, 3, 3), was_occupied);
    ck_assert_int_eq(tilth_client_is_occupied(client, 64000, 3), -1);
    rig_destroy(rig);
}
END_TEST

TESTING_MAIN("tilth", a_bad_option_is_told_in_words, before_the_welcome_there_is_nothing_to_see,
             asking_before_the_welcome_is_refused_in_words, wrong_arguments_are_refused_in_words,
             a_type_of_another_kind_is_refused_in_words,
             a_look_beyond_its_ranges_is_refused_in_words, a_look_is_sent_as_it_is,
             the_others_are_sent_as_they_are, a_pile_or_a_slot_can_be_named,
             types_are_known_by_name, offers_are_listed_until_they_are_over,
             structures_and_piles_are_listed_by_chunk)
