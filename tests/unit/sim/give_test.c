#include "sim/give.h"

#include <string.h>

#include "testing.h"

#include "sim_sample.h"

enum { ADA, BOB, CAT, HZ = 20, OFFER_TICKS = 30 * HZ + 1 };

/* Three who stand side by side; Ada has 50 blocks in slot 0. */
static void begin(struct sim_sample *sample)
{
    sim_sample_make(sample);
    struct character *ada = world_find_character(&sample->world, (struct character_id){1});
    (void)snprintf(ada->name, sizeof ada->name, "Ada");
    sim_sample_join(sample, BOB, (struct cell_pos){1, 0}, "Bob");
    sim_sample_join(sample, CAT, (struct cell_pos){0, 1}, "Cat");
    sim_sample_stock(sample, ADA, SAMPLE_BLOCK, 50);
    sim_sample_next_tick(sample);
}

static struct span text(const char *name)
{
    return (struct span){(const uint8_t *)name, (uint32_t)strlen(name)};
}

static enum refusal give(struct sim_sample *sample, uint32_t actor, const char *name,
                         struct bag_wish wish)
{
    struct intent intent = {.kind = INTENT_GIVE};
    intent.give = (struct intent_give){wish.slot, wish.quantity, text(name)};
    return sim_sample_decide(sample, actor, &intent);
}

static enum refusal answer(struct sim_sample *sample, uint32_t actor, const char *name,
                           bool is_accepted)
{
    struct intent intent = {.kind = INTENT_ANSWER};
    intent.answer = (struct intent_answer){text(name), is_accepted};
    return sim_sample_decide(sample, actor, &intent);
}

/* One tick more, in which the giver waits. */
static enum refusal wait(struct sim_sample *sample, uint32_t actor)
{
    sim_sample_next_tick(sample);
    return rules_go_on(&sample->sim, actor);
}

/* The last thing in the log is an offer of so many to the character, from Ada. */
static void expect_offer(const struct sim_sample *sample, uint64_t to, uint32_t quantity)
{
    ck_assert_uint_gt(sample->sim.log_count, 0);
    const struct change *last = &sample->sim.log[sample->sim.log_count - 1];
    ck_assert_int_eq(last->kind, CHANGE_OFFER);
    ck_assert_uint_eq(last->offer.to.value, to);
    ck_assert_uint_eq(last->offer.stack.quantity, quantity);
    ck_assert_uint_eq(last->offer.name.size_bytes, 3);
    ck_assert_mem_eq(last->offer.name.bytes, "Ada", 3);
}

START_TEST(what_is_accepted_changes_hands_in_one_record)
{
    struct sim_sample sample;
    begin(&sample);
    struct stack stack = {.type = SAMPLE_SIGN, .quantity = 9, .image = 5, .time_s = 77};
    bag_put(&sample.sim, bag_owner(&sample.sim, ADA), 7, &stack);
    ck_assert_int_eq(give(&sample, ADA, "bOB", (struct bag_wish){7, 4}), SIM_UNDER_WAY);
    expect_offer(&sample, 2, 4);
    ck_assert_int_eq(wait(&sample, ADA), SIM_UNDER_WAY);
    sim_sample_next_tick(&sample);
    ck_assert_int_eq(answer(&sample, BOB, "aDA", true), REFUSAL_NONE);
    ck_assert_int_eq(rules_go_on(&sample.sim, ADA), REFUSAL_NONE);
    ck_assert_uint_eq(sample.sim.log_count, 2); /* and no OFFER: he knows */
    ck_assert_int_eq(sample.sim.log[0].kind, CHANGE_SLOT);
    ck_assert_uint_eq(sample.sim.log[0].slot.character.value, 1);
    ck_assert_uint_eq(sample.sim.log[1].slot.character.value, 2);
    ck_assert_uint_eq(sim_sample_slot(&sample, ADA, 7)->quantity, 5);
    stack.quantity = 4;
    ck_assert(schema_is_equal(&stack_schema, sim_sample_slot(&sample, BOB, 0), &stack));
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){7, 0}), SIM_UNDER_WAY);
    expect_offer(&sample, 2, 5);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(what_is_declined_stays)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
    ck_assert_int_eq(give(&sample, ADA, "Cat", (struct bag_wish){0, 0}), REFUSAL_BUSY);
    ck_assert_int_eq(answer(&sample, CAT, "Ada", true), REFUSAL_NO_OFFER); /* not hers */
    sim_sample_next_tick(&sample);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", false), REFUSAL_NONE);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER); /* too late */
    ck_assert_int_eq(rules_go_on(&sample.sim, ADA), REFUSAL_DECLINED);
    expect_offer(&sample, 2, 0);
    ck_assert_uint_eq(sim_sample_has(&sample, ADA, SAMPLE_BLOCK), 50);
    ck_assert_uint_eq(sim_sample_has(&sample, BOB, SAMPLE_BLOCK), 0);
    ck_assert_int_eq(sample.sim.works[ADA].kind, WORK_NONE);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(nobody_answers_in_time)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 1}), SIM_UNDER_WAY);
    for (uint32_t tick = 1; tick < OFFER_TICKS; tick++)
        ck_assert_int_eq(wait(&sample, ADA), SIM_UNDER_WAY);
    ck_assert_int_eq(wait(&sample, ADA), REFUSAL_DECLINED);
    expect_offer(&sample, 2, 0);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 1}), SIM_UNDER_WAY);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(refusals_by_name)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){10, 0}), REFUSAL_SLOT_UNKNOWN);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){1, 0}), REFUSAL_SLOT_EMPTY);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 51}), REFUSAL_NO_SUCH_ITEM);
    ck_assert_int_eq(give(&sample, ADA, "Ada", (struct bag_wish){0, 0}), REFUSAL_NO_SUCH_PLAYER);
    ck_assert_int_eq(give(&sample, ADA, "Bo", (struct bag_wish){0, 0}), REFUSAL_NO_SUCH_PLAYER);
    ck_assert_int_eq(give(&sample, ADA, "Bobo", (struct bag_wish){0, 0}), REFUSAL_NO_SUCH_PLAYER);
    sample.world.actors[BOB].pos = grid_cell_middle((struct cell_pos){3, 0});
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), REFUSAL_NO_SUCH_PLAYER);
    sample.world.actors[CAT].is_present = false;
    ck_assert_int_eq(give(&sample, ADA, "Cat", (struct bag_wish){0, 0}), REFUSAL_NO_SUCH_PLAYER);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER);
    ck_assert_int_eq(answer(&sample, BOB, "Eve", true), REFUSAL_NO_OFFER);
    ck_assert_int_eq(answer(&sample, BOB, "Bob", true), REFUSAL_NO_OFFER);
    sim_sample_finish(&sample);
}
END_TEST

/* Whoever of the two goes too far away: before the answer, and before the giver's turn. */
START_TEST(out_of_reach_at_any_time)
{
    struct sim_sample sample;
    for (uint32_t who = ADA; who <= BOB; who++) {
        begin(&sample);
        ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
        sample.world.actors[who].pos = grid_cell_middle((struct cell_pos){30, 30});
        sim_sample_next_tick(&sample);
        ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER);
        ck_assert_int_eq(rules_go_on(&sample.sim, ADA), REFUSAL_NO_SUCH_PLAYER);
        expect_offer(&sample, 2, 0);
        ck_assert_uint_eq(sim_sample_has(&sample, ADA, SAMPLE_BLOCK), 50);
        sim_sample_finish(&sample);
    }
}
END_TEST

/* It must be in its slot still, when it is taken and at every tick; more of it does not matter. */
START_TEST(the_slot_changes_meanwhile)
{
    struct sim_sample sample;
    begin(&sample);
    const struct character *ada = bag_owner(&sample.sim, ADA);
    struct stack more = {.type = SAMPLE_BLOCK, .quantity = 60};
    struct stack other = {.type = SAMPLE_BLOCK, .quantity = 60, .image = 3};
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 50}), SIM_UNDER_WAY);
    bag_put(&sample.sim, ada, 0, &more);
    ck_assert_int_eq(wait(&sample, ADA), SIM_UNDER_WAY);
    bag_put(&sample.sim, ada, 0, &other);
    sim_sample_next_tick(&sample);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER);
    ck_assert_int_eq(rules_go_on(&sample.sim, ADA), REFUSAL_SLOT_EMPTY);
    expect_offer(&sample, 2, 0);
    bag_put(&sample.sim, ada, 0, &more);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 50}), SIM_UNDER_WAY);
    bag_take(&sample.sim, ada, 0, 11);
    ck_assert_int_eq(wait(&sample, ADA), REFUSAL_SLOT_EMPTY);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 49}), SIM_UNDER_WAY);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NONE); /* in the same tick */
    ck_assert_int_eq(rules_go_on(&sample.sim, ADA), REFUSAL_NONE);
    ck_assert(stack_is_empty(sim_sample_slot(&sample, ADA, 0)));
    ck_assert_uint_eq(sim_sample_has(&sample, BOB, SAMPLE_BLOCK), 49);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(a_full_bag_may_still_say_yes_later)
{
    struct sim_sample sample;
    begin(&sample);
    sim_sample_stock(&sample, BOB, SAMPLE_ROCK, 10 * 99);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_BAG_FULL);
    ck_assert_int_eq(wait(&sample, ADA), SIM_UNDER_WAY);
    bag_take(&sample.sim, bag_owner(&sample.sim, BOB), 3, 99);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NONE);
    ck_assert_int_eq(rules_go_on(&sample.sim, ADA), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, BOB, SAMPLE_BLOCK), 50);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(who_leaves_takes_the_offer_along)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
    rules_stop(&sample.sim, ADA); /* the giver */
    expect_offer(&sample, 2, 0);
    sample.world.actors[ADA].is_present = false;
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER);
    sample.world.actors[ADA].is_present = true;
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
    sample.world.actors[BOB].is_present = false; /* the taker */
    uint32_t before = sample.sim.log_count;
    ck_assert_int_eq(rules_go_on(&sample.sim, ADA), REFUSAL_NO_SUCH_PLAYER);
    ck_assert_uint_eq(sample.sim.log_count, before); /* nobody is there to be told */
    sim_sample_finish(&sample);
}
END_TEST

/* Somebody else plays in the taker's place, at the same spot, before the giver's turn. */
START_TEST(the_offer_is_to_a_player_not_to_a_place)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
    sample.world.actors[CAT].is_present = false;
    sample.world.actors[BOB].character = sample.world.actors[CAT].character;
    uint32_t before = sample.sim.log_count;
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NO_OFFER);
    ck_assert_int_eq(rules_go_on(&sample.sim, ADA), REFUSAL_NO_SUCH_PLAYER);
    ck_assert_uint_eq(sample.sim.log_count, before);
    ck_assert_uint_eq(sim_sample_has(&sample, CAT, SAMPLE_BLOCK), 0);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(what_is_offered_to_whom)
{
    struct sim_sample sample;
    struct change offer;
    begin(&sample);
    ck_assert(!give_find(&sample.sim, ADA, BOB, &offer));
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 7}), SIM_UNDER_WAY);
    ck_assert(!give_find(&sample.sim, ADA, CAT, &offer) &&
              !give_find(&sample.sim, BOB, ADA, &offer));
    ck_assert(give_find(&sample.sim, ADA, BOB, &offer));
    ck_assert_uint_eq(offer.offer.stack.quantity, 7);
    ck_assert_mem_eq(offer.offer.name.bytes, "Ada", 3);
    ck_assert_uint_eq(change_owner(&offer).value, bag_owner(&sample.sim, BOB)->id.value);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", false), REFUSAL_NONE);
    ck_assert(!give_find(&sample.sim, ADA, BOB, &offer));
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(two_give_to_one)
{
    struct sim_sample sample;
    begin(&sample);
    sim_sample_stock(&sample, CAT, SAMPLE_SIGN, 8);
    sim_sample_stock(&sample, BOB, SAMPLE_ROCK, 9 * 99);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
    ck_assert_int_eq(give(&sample, CAT, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
    sim_sample_next_tick(&sample);
    ck_assert_int_eq(answer(&sample, BOB, "Cat", true), REFUSAL_NONE);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_BAG_FULL); /* the last slot */
    ck_assert_int_eq(rules_go_on(&sample.sim, ADA), SIM_UNDER_WAY);
    ck_assert_int_eq(rules_go_on(&sample.sim, CAT), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, BOB, SAMPLE_SIGN), 8);
    ck_assert_uint_eq(sim_sample_has(&sample, CAT, SAMPLE_SIGN), 0);
    /* and all three in a circle */
    ck_assert_int_eq(give(&sample, BOB, "Cat", (struct bag_wish){9, 0}), SIM_UNDER_WAY);
    ck_assert_int_eq(answer(&sample, CAT, "Bob", true), REFUSAL_NONE);
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_NONE);
    ck_assert_uint_eq(sim_sample_has(&sample, BOB, SAMPLE_BLOCK), 50);
    ck_assert_uint_eq(sim_sample_has(&sample, CAT, SAMPLE_SIGN), 8);
    sim_sample_finish(&sample);
}
END_TEST

START_TEST(nothing_changes_hands_while_nothing_can_be_saved)
{
    struct sim_sample sample;
    begin(&sample);
    ck_assert_int_eq(give(&sample, ADA, "Bob", (struct bag_wish){0, 0}), SIM_UNDER_WAY);
    sample.sim.is_read_only = true;
    ck_assert_int_eq(answer(&sample, BOB, "Ada", true), REFUSAL_WORLD_READ_ONLY);
    ck_assert_int_eq(wait(&sample, ADA), REFUSAL_WORLD_READ_ONLY);
    expect_offer(&sample, 2, 0);
    ck_assert_int_eq(sample.sim.works[ADA].kind, WORK_NONE);
    sim_sample_finish(&sample);
}
END_TEST

TESTING_MAIN("give", what_is_accepted_changes_hands_in_one_record, what_is_declined_stays,
             nobody_answers_in_time, refusals_by_name, out_of_reach_at_any_time,
             the_slot_changes_meanwhile, a_full_bag_may_still_say_yes_later,
             who_leaves_takes_the_offer_along, the_offer_is_to_a_player_not_to_a_place,
             what_is_offered_to_whom, two_give_to_one,
             nothing_changes_hands_while_nothing_can_be_saved)
