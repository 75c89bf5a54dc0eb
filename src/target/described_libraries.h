// What a catalogue entry says of its base system's libraries.
#pragma once

#include <memory>
#include <vector>

#include "target/target.h"

namespace abiscope::target {

// The libraries in the loader's folders of which only facts are known, each once, sorted by soname. Empty for a target with real files.
[[nodiscard]] std::vector<std::shared_ptr<const DescribedLibrary>> described_libraries(const Target& target);

}  // namespace abiscope::target
