// What is called of libarchive. It is loaded when an archive is first read: with its own libraries (libxml2, ICU) it took a fifth of every
// start.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include "base/result.h"

namespace abiscope::target {

struct ArchiveLibrary {
    decltype(&archive_error_string) error_string = nullptr;
    decltype(&archive_filter_bytes) filter_bytes = nullptr;
    decltype(&archive_read_new) read_new = nullptr;
    decltype(&archive_read_free) read_free = nullptr;
    decltype(&archive_read_support_filter_all) read_support_filter_all = nullptr;
    decltype(&archive_read_support_format_tar) read_support_format_tar = nullptr;
    decltype(&archive_read_support_format_ar) read_support_format_ar = nullptr;
    decltype(&archive_read_support_format_raw) read_support_format_raw = nullptr;
    decltype(&archive_read_open_memory) read_open_memory = nullptr;
    decltype(&archive_read_next_header) read_next_header = nullptr;
    decltype(&archive_read_data_block) read_data_block = nullptr;
    decltype(&archive_entry_filetype) entry_filetype = nullptr;
    decltype(&archive_entry_gid) entry_gid = nullptr;
    decltype(&archive_entry_hardlink) entry_hardlink = nullptr;
    decltype(&archive_entry_mtime) entry_mtime = nullptr;
    decltype(&archive_entry_pathname) entry_pathname = nullptr;
    decltype(&archive_entry_perm) entry_perm = nullptr;
    decltype(&archive_entry_symlink) entry_symlink = nullptr;
    decltype(&archive_entry_uid) entry_uid = nullptr;
};

// Loaded once. Error: unsupported, with the loader's words.
[[nodiscard]] const Result<ArchiveLibrary>& archive_library();

}  // namespace abiscope::target
