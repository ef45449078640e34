/* The commands about structures. */
#include "commands_parts.h"

enum outcome commands_build(struct commands *commands)
{
    struct tilth_error error;
    int32_t x = 0, y = 0;
    if (!commands_cell(commands, 2, &x, &y))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    commands_touch(commands, x, y);
    uint32_t number = tilth_client_build(commands->client, commands->words[1], x, y, &error);
    return commands_asked(commands, number, &error);
}

enum outcome commands_unbuild(struct commands *commands)
{
    struct tilth_error error;
    int32_t x = 0, y = 0;
    if (!commands_cell(commands, 1, &x, &y))
        return OUTCOME_FAILED;
    if (commands_must_wait(commands))
        return OUTCOME_RUNNING;
    commands_touch(commands, x, y);
    return commands_asked(commands, tilth_client_unbuild(commands->client, x, y, &error), &error);
}
