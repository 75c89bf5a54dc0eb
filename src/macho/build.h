// What the file says of its making: UUID, platform, minimum system, SDK, tools, source version.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"
#include "macho/versions.h"

namespace abiscope::macho {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    [[nodiscard]] std::string to_string() const;   // "1B4E28BA-2FA1-11D2-883F-0016D3CCA427"
};

struct BuildTool {
    std::uint32_t tool = 0;   // TOOL_*
    PackedVersion version;
};

// LC_BUILD_VERSION, or one of the older LC_VERSION_MIN_ commands, which imply the platform.
struct BuildVersion {
    std::uint32_t platform = 0;   // PLATFORM_*
    PackedVersion minimum_os;
    PackedVersion sdk;            // zero: not recorded
    std::vector<BuildTool> tools;
    std::uint32_t command = 0;
    std::uint32_t command_index = 0;
    std::uint64_t file_offset = 0;   // of the command, in the file on disk
};

struct Build {
    std::optional<Uuid> uuid;
    std::vector<BuildVersion> versions;    // a zippered library has two: macOS and Mac Catalyst
    std::optional<SourceVersion> source;
    std::optional<std::string_view> target_triple;   // LC_TARGET_TRIPLE
};

// Findings: MACHO-UUID-MISSING (linked images), MACHO-COMMAND-MALFORMED.
[[nodiscard]] Result<Build> read_build(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
