#include "target/archive_library.h"

#include "bytes/shared_library.h"

namespace abiscope::target {

namespace {

Result<ArchiveLibrary> load() {
    ABISCOPE_TRY(SharedLibrary library, SharedLibrary::open(ABISCOPE_LIBARCHIVE));
    ArchiveLibrary out;
    bool whole = library.bind(out.error_string, "archive_error_string") && library.bind(out.filter_bytes, "archive_filter_bytes") &&
        library.bind(out.read_new, "archive_read_new") && library.bind(out.read_free, "archive_read_free") &&
        library.bind(out.read_support_filter_all, "archive_read_support_filter_all") &&
        library.bind(out.read_support_format_tar, "archive_read_support_format_tar") &&
        library.bind(out.read_support_format_ar, "archive_read_support_format_ar") &&
        library.bind(out.read_support_format_raw, "archive_read_support_format_raw") &&
        library.bind(out.read_open_memory, "archive_read_open_memory") && library.bind(out.read_next_header, "archive_read_next_header") &&
        library.bind(out.read_data_block, "archive_read_data_block") && library.bind(out.entry_filetype, "archive_entry_filetype") &&
        library.bind(out.entry_gid, "archive_entry_gid") && library.bind(out.entry_hardlink, "archive_entry_hardlink") &&
        library.bind(out.entry_mtime, "archive_entry_mtime") && library.bind(out.entry_pathname, "archive_entry_pathname") &&
        library.bind(out.entry_perm, "archive_entry_perm") && library.bind(out.entry_symlink, "archive_entry_symlink") &&
        library.bind(out.entry_uid, "archive_entry_uid");
    if (!whole) return fail(ErrorCode::unsupported, ABISCOPE_LIBARCHIVE " lacks a function of libarchive 3");
    return out;
}

}  // namespace

const Result<ArchiveLibrary>& archive_library() {
    static const Result<ArchiveLibrary> loaded = load();
    return loaded;
}

}  // namespace abiscope::target
