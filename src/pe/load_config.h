// The load configuration: security cookie, safe exception handlers, Control Flow Guard, and the hybrid code of ARM64EC.
// Source: PE Format, "The Load Configuration Structure (Image Only)"; winnt.h for what came later.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "bytes/view.h"
#include "finding/sink.h"
#include "pe/load_config_fields.h"

namespace abiscope::pe {

class Image;

struct LoadConfig {
    std::uint64_t offset = 0;       // in the file on disk
    std::uint32_t size = 0;         // as the structure itself states it
    std::uint64_t held = 0;         // bytes of it that are in the file

    // Nothing when the image's version of the structure ends before the field. Addresses are virtual, for the preferred base.
    [[nodiscard]] std::optional<std::uint64_t> get(LoadConfigField field) const { return values[static_cast<std::size_t>(field)]; }

    std::array<std::optional<std::uint64_t>, load_config_fields.size()> values{};
};

// Nothing when the image has none.
[[nodiscard]] Result<std::optional<LoadConfig>> read_load_config(const Image& image, finding::Sink& sink);

// RVAs of the exception handlers that a 32-bit x86 image vouches for (SafeSEH).
[[nodiscard]] std::vector<std::uint32_t> read_safe_handlers(const Image& image, const LoadConfig& config, finding::Sink& sink);

// One entry of a guard table: call targets, long-jump targets, address-taken imports, exception continuations.
struct GuardEntry {
    std::uint64_t offset = 0;       // in the file on disk
    std::uint32_t rva = 0;
    View extra;                     // what GuardFlags says follows each RVA; the first byte holds flags
};

// `table` and `count` name the two fields of one table, e.g. guard_cf_function_table and guard_cf_function_count.
[[nodiscard]] std::vector<GuardEntry> read_guard_table(const Image& image, const LoadConfig& config, LoadConfigField table,
                                                       LoadConfigField count, finding::Sink& sink);

// Hybrid images: which ranges hold code of which instruction set.
enum class ChpeCode : std::uint8_t { arm64, arm64ec, amd64, x86, unknown };

struct ChpeRange {
    std::uint32_t rva = 0;
    std::uint32_t size = 0;
    ChpeCode code = ChpeCode::unknown;
};

struct Chpe {
    std::uint64_t offset = 0;       // of the metadata in the file on disk
    std::uint32_t version = 0;
    std::vector<ChpeRange> ranges;
};

// Nothing when the image is not hybrid. An AMD64 image with this is ARM64EC, an ARM64 one ARM64X, an I386 one CHPE.
[[nodiscard]] Result<std::optional<Chpe>> read_chpe(const Image& image, const LoadConfig& config, finding::Sink& sink);

}  // namespace abiscope::pe
