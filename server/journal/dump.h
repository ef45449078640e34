/* dump.h - tick records as JSON lines, for people and their tools.
 *
 * A record is a line of its own, and so is each of its changes, by schema_print (world/schema.h):
 *
 *   {"seq":7,"tick":140,"time":"2026-11-29T06:00:00.000000Z","hash":"...",
 *    "durable_seq":6,"bytes":31}   (all in one line)
 *   {"seq":7,"tick":140,"change":{"record":"skill","character":9,"skill":1,"points":3}}
 *
 * Reads only; no memory of its own. See host/journal_command.c. */
#ifndef TILTH_JOURNAL_DUMP_H
#define TILTH_JOURNAL_DUMP_H

#include "base/error.h"
#include "base/text.h"
#include "journal/tail.h"

/* Room for the longest line, with its end. */
enum { DUMP_LINE_BYTES = 16 << 10 };

/* Appends the line of the record itself. */
void dump_record(const struct record_header *header, struct text *text);

enum dump_result { DUMP_CHANGE, DUMP_END, DUMP_MALFORMED };

/* Appends the line of the change at *offset (0 at first) of the record's payload, and moves the
 * offset behind it. DUMP_END behind the last one; DUMP_MALFORMED, in words that name record, byte
 * and kind, for what is damaged or unknown to this version: the CRC has been checked before. */
enum dump_result dump_change(const struct tail_record *record, size_t *offset, struct text *text,
                             struct error *error);

#endif
