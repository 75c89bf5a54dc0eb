// The expressions of DWARF (version 5, section 2.5) as far as call frame information uses them: numbers, registers and memory.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "bytes/endian.h"
#include "bytes/view.h"

namespace abiscope::dwarf {

// What an expression may ask for. Nothing as an answer: not known, and neither is the result.
struct Machine {
    std::function<std::optional<std::uint64_t>(std::uint64_t number)> register_value;
    std::function<std::optional<std::uint64_t>(std::uint64_t address, std::uint8_t size)> memory;
    std::uint8_t address_size = 8;
    Endian order = Endian::little;
};

// The top of the stack in the end. `initial` is pushed first, where there is one. Nothing for an operation that call frame information may
// not use (section 6.4.2), an empty stack, or an answer that was not to be had; bounded steps.
[[nodiscard]] std::optional<std::uint64_t> evaluate(View expression, const Machine& machine, std::optional<std::uint64_t> initial = {});

}  // namespace abiscope::dwarf
