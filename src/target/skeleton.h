// An ELF file reduced to the bytes that decide about loading it; everything else is zero, so that it compresses to almost nothing and the
// same reader and the same simulation give the same answers.
//
// Kept: ELF header, program headers, section header 0, the first instructions at the entry, PT_INTERP, PT_DYNAMIC, PT_NOTE,
// PT_GNU_PROPERTY; the dynamic string and symbol tables, both hash tables, DT_VERSYM, DT_VERDEF, DT_VERNEED, DT_REL(A), DT_JMPREL and
// DT_RELR. The addends of relative relocations become zero. Of a file that is not ELF its first bytes are kept.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "bytes/source.h"

namespace abiscope::target {

struct KeptRange {
    std::uint64_t offset = 0;          // in the file
    std::vector<std::byte> bytes;
};

struct Skeleton {
    std::uint64_t size = 0;            // of the whole file
    std::vector<KeptRange> ranges;     // ascending, apart from each other
};

[[nodiscard]] Skeleton make_skeleton(const SourcePtr& file);

// Ranges within one large block, as a profile holds them.
struct PlacedRange {
    std::uint64_t offset = 0;          // in the file
    View bytes;
};

// The file again, zeros where nothing was kept. Zeros cost address space only. The ranges fit `size`. Errors: limit_reached when there is
// no address space for it.
[[nodiscard]] Result<SourcePtr> restore(std::string name, std::uint64_t size, const std::vector<PlacedRange>& ranges);

}  // namespace abiscope::target
