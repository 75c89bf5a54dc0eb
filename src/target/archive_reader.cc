#include "target/archive_reader.h"

#include <algorithm>
#include <memory>

#include "target/archive_library.h"

namespace abiscope::target {

namespace {

constexpr std::uint64_t most_members = 1'000'000;

struct Free {
    const ArchiveLibrary* library;
    void operator()(archive* handle) const { library->read_free(handle); }
};
using Handle = std::unique_ptr<archive, Free>;

std::string absolute(const char* name) {
    std::string_view rest = name != nullptr ? name : "";
    while (rest.starts_with("./")) rest.remove_prefix(2);
    while (rest.starts_with('/')) rest.remove_prefix(1);
    if (rest == ".") rest = {};
    while (rest.ends_with('/')) rest.remove_suffix(1);
    return "/" + std::string(rest);
}

std::unexpected<Error> problem(const Handle& handle, const SourcePtr& source, ErrorCode code) {
    const char* words = handle.get_deleter().library->error_string(handle.get());
    return fail(Error{.code = code,
                      .what = code == ErrorCode::unsupported ? "is not an archive that can be read" : "the archive is damaged",
                      .file = source->name(),
                      .wanted = {},
                      .had = words != nullptr ? words : ""});
}

Result<std::vector<std::byte>> read_data(const Handle& handle, const SourcePtr& source, const Limits& limits, std::uint64_t& total) {
    std::vector<std::byte> bytes;
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
        int status = handle.get_deleter().library->read_data_block(handle.get(), &block, &size, &offset);
        if (status == ARCHIVE_EOF) return bytes;
        if (status < ARCHIVE_WARN) return problem(handle, source, ErrorCode::bad_value);
        // Sparse members: what was skipped are zeros, and zeros are work as well.
        std::uint64_t end = static_cast<std::uint64_t>(offset) + size;
        std::uint64_t more = end > bytes.size() ? end - bytes.size() : 0;
        if (offset < 0 || end > limits.decompressed_bytes || (total += more) > 8 * limits.decompressed_bytes) {
            return fail(Error{.code = ErrorCode::limit_reached,
                              .what = "holds more than an archive may",
                              .file = source->name(),
                              .wanted = {},
                              .had = {}});
        }
        if (more != 0) bytes.resize(end);
        std::copy_n(static_cast<const std::byte*>(block), size, bytes.begin() + offset);
    }
}

ArchiveMember member_of(const ArchiveLibrary& library, archive_entry* entry) {
    ArchiveMember member;
    member.path = absolute(library.entry_pathname(entry));
    member.attributes = {static_cast<std::uint32_t>(library.entry_perm(entry)) & 07777,
                         static_cast<std::uint32_t>(library.entry_uid(entry)), static_cast<std::uint32_t>(library.entry_gid(entry)),
                         static_cast<std::uint64_t>(std::max<la_int64_t>(library.entry_mtime(entry), 0))};
    if (const char* hard = library.entry_hardlink(entry)) {
        member.kind = MemberKind::hard_link;
        member.link = absolute(hard);
        return member;
    }
    switch (library.entry_filetype(entry)) {
        case AE_IFREG: member.kind = MemberKind::file; break;
        case AE_IFDIR: member.kind = MemberKind::folder; break;
        case AE_IFLNK: {
            member.kind = MemberKind::link;
            const char* text = library.entry_symlink(entry);
            member.link = text != nullptr ? text : "";
            break;
        }
        // Members of `ar` have no type.
        case 0: member.kind = MemberKind::file; break;
        default: member.kind = MemberKind::other; break;
    }
    return member;
}

}  // namespace

Result<void> for_each_member(const SourcePtr& source, const Limits& limits, const std::function<Result<void>(ArchiveMember&)>& visit) {
    const Result<ArchiveLibrary>& loaded = archive_library();
    if (!loaded) return std::unexpected(loaded.error());
    const ArchiveLibrary& library = *loaded;
    Handle handle(library.read_new(), Free{&library});
    if (!handle) return fail(ErrorCode::internal, "libarchive cannot start");
    library.read_support_filter_all(handle.get());
    library.read_support_format_tar(handle.get());
    library.read_support_format_ar(handle.get());
    View all = source->view();
    if (library.read_open_memory(handle.get(), all.data(), all.size()) != ARCHIVE_OK)
        return problem(handle, source, ErrorCode::unsupported);
    std::uint64_t total = 0;
    for (std::uint64_t count = 0;; ++count) {
        archive_entry* entry = nullptr;
        int status = library.read_next_header(handle.get(), &entry);
        if (status == ARCHIVE_EOF) return {};
        if (status < ARCHIVE_WARN) return problem(handle, source, count == 0 ? ErrorCode::unsupported : ErrorCode::bad_value);
        bool too_much = count >= most_members ||
            static_cast<std::uint64_t>(std::max<la_int64_t>(library.filter_bytes(handle.get(), 0), 0)) > 64 * limits.decompressed_bytes;
        if (too_much)
            return fail(Error{.code = ErrorCode::limit_reached,
                              .what = "holds more than an archive may",
                              .file = source->name(),
                              .wanted = {},
                              .had = {}});
        ArchiveMember member = member_of(library, entry);
        member.read = [&] { return read_data(handle, source, limits, total); };
        ABISCOPE_CHECK(visit(member));
    }
}

}  // namespace abiscope::target
