#include "target/compressed_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target/archive_library.h"

namespace abiscope::target {

namespace {

using namespace std::literals;
constexpr std::string_view magics[] = {"\x28\xb5\x2f\xfd"sv,
                                       "\xfd"
                                       "7zXZ\0"sv,
                                       "\x1f\x8b"sv, "\x04\x22\x4d\x18"sv, "BZh"sv};

struct Descriptor {
    int number = -1;
    ~Descriptor() {
        if (number >= 0) ::close(number);
    }
};

int temporary_file() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = folder != nullptr && *folder != '\0' ? folder : "/tmp";
    int descriptor = ::open(path.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor >= 0) return descriptor;
    // A file system without O_TMPFILE.
    path += "/abiscope-XXXXXX";
    descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor >= 0) ::unlink(path.c_str());
    return descriptor;
}

bool all_zero(const char* bytes, std::size_t size) {
    return std::all_of(bytes, bytes + size, [](char c) { return c == 0; });
}

// Blocks of zeros become holes.
bool write_block(int descriptor, const char* bytes, std::size_t size, std::uint64_t offset) {
    constexpr std::size_t step = 4096;
    while (size > 0) {
        std::size_t count = std::min(size, step - static_cast<std::size_t>(offset % step));
        if (!all_zero(bytes, count)) {
            ssize_t written = ::pwrite(descriptor, bytes, count, static_cast<off_t>(offset));
            if (written <= 0) return false;
            count = static_cast<std::size_t>(written);
        }
        bytes += count;
        size -= count;
        offset += count;
    }
    return true;
}

std::unexpected<Error> no_room(const SourcePtr& source) {
    return fail(Error{.code = ErrorCode::cannot_open,
                      .what = "cannot be decompressed into a temporary file (TMPDIR)",
                      .file = source->name(),
                      .wanted = {},
                      .had = std::strerror(errno)});
}

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
    Descriptor file{temporary_file()};
    if (file.number < 0) return no_room(source);
    std::uint64_t size = 0;
    for (;;) {
        const void* block = nullptr;
        std::size_t count = 0;
        la_int64_t offset = 0;
        int result = library.read_data_block(archive.get(), &block, &count, &offset);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) {
            if (size == 0) return damaged();
            break;   // a truncated stream: what it gave is a truncated dump
        }
        if (offset < 0 || static_cast<std::uint64_t>(offset) + count > limits.stream_bytes)
            return fail(Error{.code = ErrorCode::limit_reached,
                              .what = "is longer than a stream may be when it is decompressed",
                              .file = source->name(),
                              .wanted = {},
                              .had = {}});
        if (!write_block(file.number, static_cast<const char*>(block), count, static_cast<std::uint64_t>(offset))) return no_room(source);
        size = std::max(size, static_cast<std::uint64_t>(offset) + count);
    }
    if (size == 0) return Source::from_memory(source->name(), {});
    if (::ftruncate(file.number, static_cast<off_t>(size)) != 0) return no_room(source);
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
    if (address == MAP_FAILED) return no_room(source);
    return Source::from_foreign(source->name(), {static_cast<const std::byte*>(address), size},
                                [address, size] { ::munmap(address, size); });
}

}  // namespace abiscope::target
