#include "host/console_content.h"

#include "host/console_tell.h"
#include "host/host.h"
#include "host/renew.h"

enum console_result console_content_reload(struct host *host, struct console_call *call)
{
    const struct host_renewed *renewed = &host->renewed;
    if (!call->is_begun) {
        call->seq = renewed->count + 1;
        return renew_ask(host) ? CONSOLE_PENDING
                               : console_fail(call, "The content is being read already.");
    }
    if (renewed->count < call->seq)
        return CONSOLE_PENDING;
    if (renewed->is_refused)
        return console_fail(call, "%s", renewed->words);
    console_tell_begin(call);
    if (call->is_json) {
        text_json_string(call->text, "done", renewed->words);
        text_json_number(call->text, "types", host->world.catalog->type_count);
    } else {
        text_add(call->text, "%s\n", renewed->words);
    }
    console_tell_end(call);
    return CONSOLE_DONE;
}
