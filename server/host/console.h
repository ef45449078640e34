/* console.h - the operator's commands, run on the tick thread.
 *
 * A line comes in through a ring as struct console_line and its bytes; a const table of commands
 * runs it; the answer goes out through a ring as struct console_answer and its bytes. A command
 * that must wait (for a chunk, for the database) stays pending and is looked at once a tick: it
 * never blocks. An answer that shows more than is durable waits too, as it was written; one at a
 * time, others are looked at again. Adding one: docs/howto/add-a-console-command.md. Owner: the
 * tick. Memory: reserved at init. */
#ifndef TILTH_HOST_CONSOLE_H
#define TILTH_HOST_CONSOLE_H

#include "base/console_wire.h"
#include "base/ring.h"
#include "base/text.h"
#include "world/change.h"

struct host;

enum {
    CONSOLE_LINE_BYTES = 1024,
    CONSOLE_ANSWER_BYTES = CONSOLE_WIRE_BODY_BYTES,
    CONSOLE_CALLS_MAX = 8,
    CONSOLE_WORDS_MAX = 16,
    CONSOLE_WRONG_BYTES = 256,
};

/* In the ring of lines, followed by size_bytes of text and then, when there is JSON in it, by
 * look_bytes of struct console_look; made by console_line.h. */
struct console_line {
    uint32_t client; /* whose answer it is: opaque here */
    uint32_t is_json;
    uint32_t size_bytes;
    uint32_t look_bytes;
};

/* What became of JSON in a line: it is read where memory may be taken. */
enum console_look_state { CONSOLE_LOOK_NONE, CONSOLE_LOOK_READ, CONSOLE_LOOK_WRONG };

struct console_look {
    uint32_t state;      /* enum console_look_state */
    uint32_t is_brought; /* its picture came with the line: the tick may have it a moment later */
    struct change_image_config value; /* READ: how something shall be drawn; id 0 */
    char wrong[CONSOLE_WRONG_BYTES];  /* WRONG: what is, in words */
};

/* In the ring of answers, followed by size_bytes of text. */
struct console_answer {
    uint32_t client;
    uint32_t exit_code; /* as console_wire.h has them */
    uint32_t size_bytes;
    uint32_t is_last; /* 0: progress, more follows */
};

/* How a look at a command ended: the exit code of its answer, or none yet. What is written while
 * it is pending goes out as progress. CONSOLE_USAGE without a text tells the command's usage. */
enum console_result {
    CONSOLE_DONE = CONSOLE_WIRE_OK,
    CONSOLE_FAILED = CONSOLE_WIRE_FAILED,
    CONSOLE_USAGE = CONSOLE_WIRE_USAGE,
    CONSOLE_PENDING = 256,
    CONSOLE_HANDED_OVER, /* to the keeper, who answers */
};

/* `check`: the chunks in memory that were looked at. */
struct console_swept {
    uint32_t next; /* in the pool */
    uint32_t chunks, wrong;
    struct chunk_pos wrong_chunk; /* one of those */
};

/* One command under way. */
struct console_call {
    bool is_used;
    bool is_begun; /* false at the first look */
    bool is_json;
    uint32_t client;
    const struct console_command *command;
    char line[CONSOLE_LINE_BYTES + 1];
    const char *words[CONSOLE_WORDS_MAX]; /* of the line; words[0] is the command */
    uint32_t word_count;
    struct text *text;    /* where the answer is written */
    uint64_t since;       /* tick */
    uint64_t seq;         /* for commands that wait for one */
    uint64_t shown_seq;   /* what the answer shows is durable with this record */
    bool has_told;        /* that it waits */
    bool has_only_looked; /* nothing was done: not for the log */
    struct cell_pos cell;
    struct chunk_pos pinned[CHANGE_CHUNKS_MAX]; /* until it is answered */
    uint32_t pinned_count;
    struct console_look look;
    struct console_swept swept;
};

struct console_command {
    const char *name;      /* one word, or two: "cache stats" */
    const char *arguments; /* "X Y"; "": words behind the name are a wrong call */
    const char *help;      /* one line, then more */
    enum console_result (*run)(struct host *host, struct console_call *call);
    bool is_deed; /* it stands in the log when it is done, unless has_only_looked */
};

struct console {
    struct console_call calls[CONSOLE_CALLS_MAX];
    struct text text;
    char *bytes;     /* answer head and text */
    char *held;      /* the text of one answer that waits until what it shows is durable */
    uint32_t holder; /* the index of its call, CONSOLE_CALLS_MAX: of none */
    uint32_t held_bytes;
    enum console_result held_result;
    uint64_t answers_lost;
};

/* Reserves the answer's memory. */
void console_init(struct console *console);
void console_finish(struct console *console); /* Gives it back. */

/* May console_take be called? */
bool console_has_room(const struct host *host);

/* Runs a line from the ring (struct console_line and text). */
void console_take(struct host *host, const void *record, uint32_t size_bytes);

/* Once a tick: looks at the pending commands. */
void console_step(struct host *host);

/* The world is no more that the pending commands are about: answers them so. */
void console_give_up(struct host *host);

/* The table, ended by a command without a name; and the nearest name to a wrong one, or NULL. */
const struct console_command *console_commands(void);
const char *console_suggest(const char *name); /* The nearest name. */

#endif
