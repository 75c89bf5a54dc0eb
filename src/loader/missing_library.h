// How sure it is that a library which no searched place held is not on the target.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "finding/trace.h"
#include "target/target.h"

namespace abiscope::loader {

struct MissingLibrary {
    enum class Certainty : std::uint8_t {
        certain,     // every folder that was searched is known
        likely,      // a base system is without it; somebody may have installed it
        unknown,     // a folder was searched of which the target says nothing
    };
    Certainty certainty = Certainty::certain;
    std::string folder;          // the one nothing is known of
};

// `search`: the places a loader tried. The target tells what it knows of each folder.
[[nodiscard]] MissingLibrary how_missing(const finding::Trace& search, const target::Target& target);

// "what lies in /opt/app/lib of debian:12/amd64 is not known, and libx.so.1 may be there".
[[nodiscard]] std::string unknown_folder_text(const MissingLibrary& missing, std::string_view library, const target::Target& target);

// Of a library that was found: what is taken for granted where a folder that was searched before may hold another of the name. "no
// libx.so.1 lies in /opt/app/lib, of which debian:12/amd64 says nothing"; nothing when every such folder is known.
[[nodiscard]] std::optional<std::string> assumed_absent(const finding::Trace& search, std::string_view library,
                                                        const target::Target& target);

}  // namespace abiscope::loader
