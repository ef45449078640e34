/* A backup's manifest as it lies in a folder that anybody may have written to: what is read is
 * written, and read to the same. */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backup/manifest.h"
#include "base/ensure.h"

/* What a member may grow to when it is quoted. */
enum { TEXT_BYTES = 8 * MANIFEST_BYTES };

/* Reads the bytes as a file in memory. */
static bool load(const void *bytes, size_t size_bytes, struct manifest *out)
{
    static int file = -1;
    char path[64];
    struct error error = {""};
    if (file < 0)
        file = memfd_create("manifest.json", MFD_CLOEXEC);
    ensure(file >= 0 && ftruncate(file, 0) == 0);
    ensure(pwrite(file, bytes, size_bytes, 0) == (ssize_t)size_bytes);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    bool is_read = manifest_load(path, out, &error);
    ensure(is_read || strstr(error.text, path) != NULL);
    return is_read;
}

static void check_manifest(const struct manifest *manifest)
{
    static char bytes[TEXT_BYTES];
    struct manifest again;
    struct text text;
    text_init(&text, bytes, sizeof bytes);
    manifest_write(manifest, &text);
    ensure(!text.is_cut && load(bytes, text.size_bytes, &again));
    ensure(again.at_us == manifest->at_us && again.journal == manifest->journal);
    ensure(again.applied_seq == manifest->applied_seq && again.timeline == manifest->timeline);
    ensure(hash_is_equal(again.hash, manifest->hash) && again.count == manifest->count);
    ensure(memcmp(again.sha256, manifest->sha256, sizeof again.sha256) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    struct manifest manifest;
    if (load(bytes, size_bytes, &manifest))
        check_manifest(&manifest);
    return 0;
}
