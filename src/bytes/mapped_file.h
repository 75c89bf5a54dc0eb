// A file of the file system as a Source. The one place where bytes/ meets the operating system; a port to a machine without mmap
// replaces mapped_file_posix.cc.
#pragma once

#include <string>

#include "base/result.h"
#include "bytes/limits.h"
#include "bytes/source.h"

namespace abiscope {

// Maps a regular file read-only. Pipes, devices that end, and files whose size the system does not tell (procfs) are read into
// memory, up to limits.stream_bytes. Errors: cannot_open with the system's reason; not_a_file for a directory.
// A file that another process truncates while it is mapped raises SIGBUS, as with every program that maps files.
[[nodiscard]] Result<SourcePtr> open_file(const std::string& path, const Limits& limits = default_limits);

// Everything that can be read from an open descriptor, which stays open.
[[nodiscard]] Result<SourcePtr> read_descriptor(int descriptor, std::string name, const Limits& limits = default_limits);

// `part` of a mapped file is not needed soon, and its bytes stay readable: around every page that is read the kernel maps those beside it,
// so that a word read here and there takes as much memory as all of it. Nothing is done to bytes that are no mapped file's.
void give_back_pages(View part);

}  // namespace abiscope
