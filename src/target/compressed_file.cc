#include "target/compressed_file.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "target/archive_library.h"
#include "target/sparse_file.h"

namespace abiscope::target {

namespace {

using namespace std::literals;
constexpr std::string_view magics[] = {"\x28\xb5\x2f\xfd"sv,
                                       "\xfd"
                                       "7zXZ\0"sv,
                                       "\x1f\x8b"sv, "\x04\x22\x4d\x18"sv, "BZh"sv};

}  // namespace

Result<SourcePtr> uncompressed(const SourcePtr& source, const Limits& limits) {
    bool compressed = std::ranges::any_of(magics, [&](std::string_view magic) { return source->view().starts_with(magic); });
    if (!compressed) return source;
    const Result<ArchiveLibrary>& loaded = archive_library();
    if (!loaded) return fail(loaded.error());
    const ArchiveLibrary& library = *loaded;
    std::unique_ptr<struct archive, decltype(library.read_free)> archive(library.read_new(), library.read_free);
    if (!archive) return fail(ErrorCode::unsupported, "libarchive gives no reader");
    library.read_support_filter_all(archive.get());
    library.read_support_format_raw(archive.get());
    struct archive_entry* entry = nullptr;
    View bytes = source->view();
    auto damaged = [&] {
        const char* words = library.error_string(archive.get());
        return fail(Error{.code = ErrorCode::bad_value,
                          .what = "cannot be decompressed",
                          .file = source->name(),
                          .wanted = {},
                          .had = words != nullptr ? words : ""});
    };
    if (library.read_open_memory(archive.get(), const_cast<std::byte*>(bytes.data()), bytes.size()) != ARCHIVE_OK ||
        library.read_next_header(archive.get(), &entry) != ARCHIVE_OK)
        return damaged();
    auto file = SparseFile::create();
    auto no_room = [&](Error error) {
        error.file = source->name();
        return fail(std::move(error));
    };
    if (!file) return no_room(file.error());
    for (;;) {
        const void* block = nullptr;
        std::size_t count = 0;
        la_int64_t offset = 0;
        int result = library.read_data_block(archive.get(), &block, &count, &offset);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
            if ((*file)->size() == 0) return damaged();
            break;   // a truncated stream: what it gave is a truncated dump
        }
        if ((*file)->size() + count > limits.stream_bytes)
            return fail(Error{.code = ErrorCode::limit_reached,
                              .what = "is longer than a stream may be when it is decompressed",
                              .file = source->name(),
                              .wanted = {},
                              .had = {}});
        if (!(*file)->append({static_cast<const std::byte*>(block), count})) break;
    }
    auto unpacked = (*file)->finish(source->name());
    if (!unpacked) return no_room(unpacked.error());
    return unpacked;
}

}  // namespace abiscope::target
