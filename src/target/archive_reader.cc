#include "target/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <memory>

namespace abiscope::target {

namespace {

constexpr std::uint64_t most_members = 1'000'000;

struct Free {
    void operator()(archive* handle) const { archive_read_free(handle); }
};

std::string absolute(const char* name) {
    std::string_view rest = name != nullptr ? name : "";
    while (rest.starts_with("./")) rest.remove_prefix(2);
    while (rest.starts_with('/')) rest.remove_prefix(1);
    if (rest == ".") rest = {};
    while (rest.ends_with('/')) rest.remove_suffix(1);
    return "/" + std::string(rest);
}

std::unexpected<Error> problem(archive* handle, const SourcePtr& source, ErrorCode code) {
    const char* words = archive_error_string(handle);
    return fail(Error{.code = code,
                      .what = code == ErrorCode::unsupported ? "is not an archive that can be read" : "the archive is damaged",
                      .file = source->name(),
                      .wanted = {},
                      .had = words != nullptr ? words : ""});
}

Result<std::vector<std::byte>> read_data(archive* handle, const SourcePtr& source, const Limits& limits, std::uint64_t& total) {
    std::vector<std::byte> bytes;
    const void* block = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
        int status = archive_read_data_block(handle, &block, &size, &offset);
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

ArchiveMember member_of(archive_entry* entry) {
    ArchiveMember member;
    member.path = absolute(archive_entry_pathname(entry));
    member.attributes = {static_cast<std::uint32_t>(archive_entry_perm(entry)) & 07777,
                         static_cast<std::uint32_t>(archive_entry_uid(entry)), static_cast<std::uint32_t>(archive_entry_gid(entry)),
                         static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_mtime(entry), 0))};
    if (const char* hard = archive_entry_hardlink(entry)) {
        member.kind = MemberKind::hard_link;
        member.link = absolute(hard);
        return member;
    }
    switch (archive_entry_filetype(entry)) {
        case AE_IFREG: member.kind = MemberKind::file; break;
        case AE_IFDIR: member.kind = MemberKind::folder; break;
        case AE_IFLNK: {
            member.kind = MemberKind::link;
            const char* text = archive_entry_symlink(entry);
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
    std::unique_ptr<archive, Free> handle(archive_read_new());
    if (!handle) return fail(ErrorCode::internal, "libarchive cannot start");
    archive_read_support_filter_all(handle.get());
    archive_read_support_format_tar(handle.get());
    archive_read_support_format_ar(handle.get());
    View all = source->view();
    if (archive_read_open_memory(handle.get(), all.data(), all.size()) != ARCHIVE_OK)
        return problem(handle.get(), source, ErrorCode::unsupported);
    std::uint64_t total = 0;
    for (std::uint64_t count = 0;; ++count) {
        archive_entry* entry = nullptr;
        int status = archive_read_next_header(handle.get(), &entry);
        if (status == ARCHIVE_EOF) return {};
        if (status < ARCHIVE_WARN) return problem(handle.get(), source, count == 0 ? ErrorCode::unsupported : ErrorCode::bad_value);
        bool too_much = count >= most_members ||
            static_cast<std::uint64_t>(std::max<la_int64_t>(archive_filter_bytes(handle.get(), 0), 0)) > 64 * limits.decompressed_bytes;
        if (too_much)
            return fail(Error{.code = ErrorCode::limit_reached,
                              .what = "holds more than an archive may",
                              .file = source->name(),
                              .wanted = {},
                              .had = {}});
        ArchiveMember member = member_of(entry);
        member.read = [&] { return read_data(handle.get(), source, limits, total); };
        ABISCOPE_CHECK(visit(member));
    }
}

}  // namespace abiscope::target
