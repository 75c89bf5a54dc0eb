// Fat ("universal") files: one container, one slice per processor. <mach-o/fat.h>: fat_header, fat_arch, fat_arch_64; big-endian.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "bytes/source.h"
#include "bytes/view.h"
#include "finding/sink.h"

namespace abiscope::macho {

struct FatSlice {
    std::uint32_t index = 0;
    std::uint32_t cpu_type = 0;
    std::uint32_t cpu_subtype = 0;      // with capability bits
    std::uint64_t offset = 0;           // from the start of the fat file, as claimed
    std::uint64_t size = 0;             // bytes, as claimed
    std::uint32_t align_log2 = 0;
    std::uint64_t record_file_offset = 0;   // of the fat_arch, in the file on disk
    View bytes;                         // cut where the file ends; a Mach-O image, an archive or bitcode

    [[nodiscard]] std::string arch() const;   // "arm64e"
};

struct FatFile {
    bool wide = false;                  // 0xcafebabf: 64 bit offsets
    std::uint32_t claimed = 0;          // nfat_arch
    std::vector<FatSlice> slices;
};

enum class FatKind : std::uint8_t { not_fat, fat, java_class };

// 0xcafebabe is also the magic of Java class files, where the next four bytes are the minor and major version: as a number 45 or more,
// while no fat file has 45 slices. What looks like a class file by that count is still taken as fat when its first record names a known
// processor and a slice that lies in the file.
[[nodiscard]] FatKind fat_kind(View bytes);

// Errors: bad_magic (a Java class among them), truncated (no room for one record). Findings: MACHO-FAT-SLICE-OUTSIDE,
// MACHO-FAT-SLICE-OVERLAP, MACHO-FAT-SLICE-MISALIGNED, MACHO-FAT-ARCH-DUPLICATE, MACHO-FAT-ARCH-MISMATCH, MACHO-FAT-TABLE-TRUNCATED.
[[nodiscard]] Result<FatFile> read_fat(const SourcePtr& source, View bytes, finding::Sink& sink);

}  // namespace abiscope::macho
