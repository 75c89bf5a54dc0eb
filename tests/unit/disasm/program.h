// Code made of functions at offsets, for the tests of what looks at more than one instruction.
#pragma once

#include <string_view>
#include <vector>

#include "disasm/code.h"
#include "unit/disasm/bytes_of.h"

namespace abiscope::disasm {

inline constexpr std::uint64_t base = 0x401000;

struct Program {
    std::vector<std::byte> bytes;
    std::vector<Function> functions;
    Architecture architecture = Architecture::x86_64;

    // Puts a function at `offset`, nops before it.
    Program& at(std::size_t offset, std::string_view code, std::string_view name) {
        bytes.resize(std::max(bytes.size(), offset), std::byte{0x90});
        std::vector<std::byte> body = bytes_of(code);
        functions.push_back({base + offset, body.size(), name});
        bytes.insert(bytes.end(), body.begin(), body.end());
        return *this;
    }

    [[nodiscard]] Code code() const { return {architecture, {{View(bytes, 0), base}}, functions}; }
};

}  // namespace abiscope::disasm
