// Processors by name: the x86-64 levels of the psABI, the least processor of each architecture, and the models qemu knows.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "target/target.h"

namespace abiscope::target {

// x86-64-v1 .. -v4 (or v1 .. v4), i586, i686, armv8.0-a, a model of qemu such as Nehalem or qemu64; case is ignored. Nothing when unknown.
[[nodiscard]] std::optional<Cpu> find_cpu(std::string_view name);
[[nodiscard]] std::vector<std::string_view> cpu_names();

// The least processor that programs of the architecture may expect.
[[nodiscard]] Cpu baseline_cpu(Architecture architecture);

// "Haswell,+avx512f,-bmi2", "x86-64-v3" or "+avx2" (on top of `base`). Errors: bad_usage with the nearest name.
[[nodiscard]] Result<Cpu> parse_cpu(std::string_view words, const Cpu& base);

}  // namespace abiscope::target
