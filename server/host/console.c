#include "host/console.h"

#include <string.h>

#include "base/ensure.h"
#include "base/log.h"
#include "base/memory.h"
#include "host/console_tell.h"
#include "host/console_wait.h"
#include "host/host.h"

void console_init(struct console *console)
{
    *console = (struct console){.holder = CONSOLE_CALLS_MAX};
    console->held = memory_reserve("console", CONSOLE_ANSWER_BYTES, 1);
    console->bytes =
        memory_reserve("console", 1, sizeof(struct console_answer) + CONSOLE_ANSWER_BYTES);
}

void console_finish(struct console *console)
{
    memory_release(console->bytes);
    memory_release(console->held);
    console->bytes = NULL;
    console->held = NULL;
}

static struct console_call *free_call(const struct host *host)
{
    const struct console *console = &host->console;
    for (uint32_t i = 0; i < CONSOLE_CALLS_MAX; i++) {
        if (!console->calls[i].is_used)
            return (struct console_call *)&console->calls[i];
    }
    return NULL;
}

bool console_has_room(const struct host *host)
{
    return free_call(host) != NULL;
}

/* The last word that there is room for is all the rest: what is said may have many. */
static void split_words(struct console_call *call)
{
    char *at = call->line;
    call->word_count = 0;
    while (call->word_count < CONSOLE_WORDS_MAX) {
        at += strspn(at, " \t");
        if (*at == '\0')
            return;
        call->words[call->word_count++] = at;
        if (call->word_count == CONSOLE_WORDS_MAX)
            return;
        at += strcspn(at, " \t");
        if (*at != '\0')
            *at++ = '\0';
    }
}

/* Is the command's name what the line begins with? Its words so used, or 0. */
static uint32_t match_words(const struct console_command *command, const struct console_call *call)
{
    char name[2 * CONSOLE_LINE_BYTES];
    struct text text;
    for (uint32_t count = 1; count <= 2 && count <= call->word_count; count++) {
        text_init(&text, name, sizeof name);
        text_add(&text, "%s", call->words[0]);
        if (count == 2)
            text_add(&text, " %s", call->words[1]);
        if (strcmp(name, command->name) == 0)
            return count;
    }
    return 0;
}

const char *console_suggest(const char *name)
{
    const char *best = NULL;
    uint32_t least = UINT32_MAX;
    for (const struct console_command *command = console_commands(); command->name != NULL;
         command++) {
        uint32_t away = text_misspelt(name, command->name);
        if (away < least)
            best = command->name;
        least = away < least ? away : least;
    }
    return best;
}

/* The command that was probably meant, by the first two words or the first, or NULL. */
static const char *suggest_for(const struct console_call *call)
{
    char name[CONSOLE_LINE_BYTES + 1];
    struct text text;
    if (call->word_count == 0)
        return NULL;
    text_init(&text, name, sizeof name);
    text_add(&text, "%s %s", call->words[0], call->word_count > 1 ? call->words[1] : "");
    const char *found = call->word_count > 1 ? console_suggest(name) : NULL;
    return found != NULL ? found : console_suggest(call->words[0]);
}

static const struct console_command *find_command(struct console_call *call)
{
    const struct console_command *command = console_commands();
    for (; command->name != NULL; command++) {
        uint32_t words = match_words(command, call);
        if (words == 0)
            continue;
        for (uint32_t i = words; i < call->word_count; i++)
            call->words[i - words + 1] = call->words[i];
        call->word_count -= words - 1;
        return command;
    }
    return NULL;
}

/* Sends what is in the text. CONSOLE_PENDING: as progress, the answer is still to come. */
static void answer(struct host *host, struct console_call *call, enum console_result result)
{
    struct console *console = &host->console;
    bool is_last = result != CONSOLE_PENDING;
    struct console_answer head = {
        .client = call->client,
        .exit_code = is_last ? (uint32_t)result : 0,
        .size_bytes = (uint32_t)console->text.size_bytes,
        .is_last = is_last,
    };
    memcpy(console->bytes, &head, sizeof head);
    if (!ring_write(host->options.answers, console->bytes,
                    (uint32_t)(sizeof head + head.size_bytes)))
        console->answers_lost++;
    call->is_used = !is_last;
    if (is_last)
        console_unpin(host, call);
}

/* What an operator did stands in the log, as it was given. */
static void log_deed(const struct console_call *call)
{
    char line[CONSOLE_LINE_BYTES + 1];
    struct text text;
    text_init(&text, line, sizeof line);
    text_add(&text, "%s", call->command->name);
    for (uint32_t i = 1; i < call->word_count; i++)
        text_add(&text, " %s", call->words[i]);
    log_info("console", "done for the operator: %s", line);
}

static void tell(struct console_call *call, const char *words, const char *suggestion)
{
    char line[512];
    struct text text;
    text_init(&text, line, sizeof line);
    text_add(&text, "%s", words);
    if (suggestion != NULL)
        text_add(&text, " Did you mean '%s'?", suggestion);
    if (!call->is_json) {
        text_add(call->text, "%s\n", line);
        return;
    }
    text_json_open(call->text, NULL, '{');
    text_json_string(call->text, "error", line);
    text_json_close(call->text, '}');
    text_add(call->text, "\n");
}

static void tell_usage(struct console_call *call)
{
    char line[512];
    struct text text;
    text_init(&text, line, sizeof line);
    text_add(&text, "usage: %s%s%s", call->command->name,
             call->command->arguments[0] != '\0' ? " " : "", call->command->arguments);
    tell(call, line, NULL);
}

static void begin_text(struct console *console, struct console_call *call)
{
    text_init(&console->text, console->bytes + sizeof(struct console_answer), CONSOLE_ANSWER_BYTES);
    call->text = &console->text;
}

/* Answers with the text that is there. */
static void end(struct host *host, struct console_call *call, enum console_result result)
{
    if (result == CONSOLE_DONE && call->command->is_deed && !call->has_only_looked)
        log_deed(call);
    answer(host, call, result);
}

/* Another answers. */
static void hand_over(struct host *host, struct console_call *call)
{
    call->is_used = false;
    console_unpin(host, call);
}

static void end_unsaved(struct host *host, struct console_call *call)
{
    begin_text(&host->console, call);
    end(host, call, console_tell_unsaved(call));
}

/* Keeps the text until what it shows is durable. Where another has the place, the command is looked
 * at again. */
static void hold(struct host *host, struct console_call *call, enum console_result result)
{
    struct console *console = &host->console;
    if (console->holder != CONSOLE_CALLS_MAX) {
        if (console_is_too_late(host, call))
            end_unsaved(host, call);
        return;
    }
    console->holder = (uint32_t)(call - console->calls);
    console->held_bytes = (uint32_t)console->text.size_bytes;
    console->held_result = result;
    memcpy(console->held, console->text.bytes, console->text.size_bytes);
}

/* Looks at the call whose text is kept. */
static void look_at_held(struct host *host, struct console_call *call)
{
    struct console *console = &host->console;
    bool is_durable = console_is_durable(host, call);
    if (!is_durable && !console_is_too_late(host, call))
        return;
    console->holder = CONSOLE_CALLS_MAX;
    if (!is_durable) {
        end_unsaved(host, call);
        return;
    }
    begin_text(console, call);
    text_add(&console->text, "%.*s", (int)console->held_bytes, console->held);
    end(host, call, console->held_result);
}

/* Looks at a call: runs its command, and answers unless it has to wait. */
static void look(struct host *host, struct console_call *call)
{
    struct console *console = &host->console;
    begin_text(console, call);
    call->shown_seq = 0;
    bool takes_nothing = call->command->arguments[0] == '\0';
    enum console_result result =
        takes_nothing && call->word_count > 1 ? CONSOLE_USAGE : call->command->run(host, call);
    call->is_begun = true;
    if (result == CONSOLE_PENDING && console->text.size_bytes == 0)
        return;
    if (result == CONSOLE_HANDED_OVER) {
        hand_over(host, call);
        return;
    }
    if (console->text.is_cut) { /* half a list is worse than none, and half a JSON text is none */
        text_clear(&console->text);
        tell(call, "The answer is too long.", NULL);
        result = CONSOLE_FAILED;
    }
    if (result == CONSOLE_USAGE && console->text.size_bytes == 0)
        tell_usage(call);
    if (result == CONSOLE_DONE && call->is_json && console->text.size_bytes == 0)
        text_add(&console->text, "{}");
    if (result != CONSOLE_PENDING && !console_is_durable(host, call))
        hold(host, call, result);
    else
        end(host, call, result);
}

static void refuse_unknown(struct host *host, struct console_call *call)
{
    struct console *console = &host->console;
    char line[512];
    struct text text;
    begin_text(console, call);
    text_init(&text, line, sizeof line);
    if (call->word_count == 0)
        text_add(&text, "No command. Try 'help'.");
    else
        text_add(&text, "There is no command '%s'.", call->words[0]);
    tell(call, line, suggest_for(call));
    answer(host, call, CONSOLE_USAGE);
}

void console_take(struct host *host, const void *record, uint32_t size_bytes)
{
    struct console_line head;
    struct console_call *call = free_call(host);
    ensure(call != NULL && size_bytes >= sizeof head);
    memcpy(&head, record, sizeof head);
    ensure(head.size_bytes <= CONSOLE_LINE_BYTES && head.look_bytes <= sizeof call->look);
    ensure(size_bytes >= sizeof head + head.size_bytes + head.look_bytes);
    *call = (struct console_call){
        .is_used = true,
        .is_json = head.is_json != 0,
        .client = head.client,
        .since = host->tick,
    };
    memcpy(call->line, (const uint8_t *)record + sizeof head, head.size_bytes);
    memcpy(&call->look, (const uint8_t *)record + sizeof head + head.size_bytes, head.look_bytes);
    split_words(call);
    call->command = find_command(call);
    if (call->command == NULL)
        refuse_unknown(host, call);
    else
        look(host, call);
}

void console_give_up(struct host *host)
{
    for (uint32_t i = 0; i < CONSOLE_CALLS_MAX; i++) {
        struct console_call *call = &host->console.calls[i];
        if (!call->is_used)
            continue;
        begin_text(&host->console, call);
        end(host, call, console_fail(call, "The world has gone back to an earlier time."));
    }
}

void console_step(struct host *host)
{
    for (uint32_t i = 0; i < CONSOLE_CALLS_MAX; i++) {
        struct console_call *call = &host->console.calls[i];
        if (i == host->console.holder)
            look_at_held(host, call);
        else if (call->is_used && call->is_begun)
            look(host, call);
    }
}
