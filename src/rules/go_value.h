// The value in a Go interface of a crashed process, as the runtime prints it in a panic.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/go_process.h"

namespace abiscope::rules {

struct GoValue {
    std::string type;                  // "string", "main.Problem"
    std::string text;                  // the value; of what the runtime prints no contents of either: its address
    std::uint64_t text_address = 0;    // of the bytes of a string; 0: it is none
    std::uint64_t text_size = 0;
};

// `place`: of an interface{} (runtime.eface). Nothing when the memory is not known, or its type is no descriptor.
[[nodiscard]] std::optional<GoValue> go_interface_value(const core::GoProcess& go, std::uint64_t place);

}  // namespace abiscope::rules
