/* commands.h - the commands of tilth-client: one line in, one JSON object per line out.
 *
 * A const table names each command with its help. A command that takes time (move, goto, wait,
 * settle) runs until it is done; then the next line may start. What is asked of the server (place,
 * give, say, ...) is asked at once, and its outcome is printed as an event when it comes; settle
 * waits for all of them. */
#ifndef TILTH_APPS_COMMANDS_H
#define TILTH_APPS_COMMANDS_H

#include "base/text.h"
#include "walker.h"

enum {
    COMMANDS_LINE_BYTES = 512,
    COMMANDS_WORDS_MAX = 6,
    COMMANDS_ASKED_MAX = 128, /* lines remembered for their outcome */
    COMMANDS_OUTPUT_BYTES = 1 << 20,
    COMMANDS_SETTLE_MS = 60000,
    COMMANDS_PAUSE_MS = 12, /* between intents: below the 100 a second that servers take */
};

struct commands {
    struct tilth_client *client;
    bool has_failed; /* a command or an intent did */
    bool is_quitting;
    bool is_running;                 /* the line below is not done yet */
    char line[COMMANDS_LINE_BYTES];  /* as it was given */
    char split[COMMANDS_LINE_BYTES]; /* cut into words */
    const char *words[COMMANDS_WORDS_MAX];
    uint32_t word_count;
    uint32_t command; /* its number in the table */
    uint64_t now_ms, until_ms, asked_ms;
    uint32_t upload;                    /* that image-file waits for, 0 none */
    char upload_text[TILTH_TEXT_BYTES]; /* how it ended: the picture's id, or why not */
    bool is_upload_done, is_upload_kept;
    bool has_latest;
    struct walker_cell latest; /* that a command changed */
    struct walker walker;
    uint32_t numbers[COMMANDS_ASKED_MAX];                /* of intents without an answer, or 0 */
    char asked[COMMANDS_ASKED_MAX][COMMANDS_LINE_BYTES]; /* by intent number */
    struct text output;
    char output_bytes[COMMANDS_OUTPUT_BYTES];
};

/* Lays the commands over a client. */
void commands_init(struct commands *commands, struct tilth_client *client);

/* Starts a line; it may be done at once. Empty lines and those that begin with # do nothing. */
void commands_start(struct commands *commands, const char *line, uint64_t now_ms);

/* Goes on with the line that is running. */
void commands_run(struct commands *commands, uint64_t now_ms);

/* It is over, in these words: what runs has failed, and what was asked and not answered is told.
 * Nothing that was asked ends in silence. */
void commands_give_up(struct commands *commands, const char *words);

/* Prints that a line was not run, and why. */
void commands_skip(struct commands *commands, const char *line, const char *words);

/* Prints an event, if it is of interest. */
void commands_tell(struct commands *commands, const struct tilth_event *event);

/* Prints what the commands are, for people. */
void commands_help(void);

#endif
