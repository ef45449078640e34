#include "net/held.h"

#include "testing.h"

static struct held_item item_of(uint64_t release_seq, uint32_t session)
{
    return (struct held_item){
        .kind = HELD_ENVELOPE,
        .session = session,
        .release_seq = release_seq,
        .packet = link_packet_create("x", 1, CHANNEL_WORLD),
        .size_bytes = 1,
    };
}

static void push(struct held *held, uint64_t release_seq, uint32_t session)
{
    struct held_item item = item_of(release_seq, session);
    ck_assert(held_push(held, &item));
}

/* Pops what may leave; the sessions in order, as one number. */
static uint32_t pop_all(struct held *held, uint64_t durable_seq)
{
    struct held_item item;
    uint32_t sessions = 0;
    while (held_pop(held, durable_seq, &item)) {
        sessions = sessions * 10 + item.session;
        link_packet_release(&item.packet);
    }
    return sessions;
}

START_TEST(nothing_leaves_before_it_is_durable)
{
    struct held held;
    held_init(&held, 1000);
    push(&held, 5, 1);
    push(&held, 6, 2);
    ck_assert_uint_eq(pop_all(&held, 4), 0);
    ck_assert_uint_eq(pop_all(&held, 5), 1);
    ck_assert_uint_eq(pop_all(&held, 9), 2);
    held_finish(&held);
}
END_TEST

START_TEST(a_refusal_waits_behind_an_earlier_result)
{
    struct held held;
    held_init(&held, 1000);
    push(&held, 5, 1);
    push(&held, 0, 2);
    ck_assert_uint_eq(pop_all(&held, 4), 0);
    ck_assert_uint_eq(pop_all(&held, 5), 12);
    held_finish(&held);
}
END_TEST

START_TEST(the_queue_is_bounded_in_bytes)
{
    struct held held;
    held_init(&held, 2);
    push(&held, 5, 1);
    push(&held, 5, 2);
    struct held_item item = item_of(5, 3);
    ck_assert(!held_push(&held, &item));
    link_packet_release(&item.packet);
    ck_assert_uint_eq(pop_all(&held, 5), 12);
    push(&held, 6, 4);
    held_finish(&held);
}
END_TEST

TESTING_MAIN("held", nothing_leaves_before_it_is_durable, a_refusal_waits_behind_an_earlier_result,
             the_queue_is_bounded_in_bytes)
