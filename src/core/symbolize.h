// Names for addresses: from symbol tables, of the file itself or its separate debug file. An address that no symbol covers has no name.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>

#include "core/process.h"

namespace abiscope::core {

struct Location {
    const Module* module = nullptr;
    std::string function;              // as in the symbol table; empty: not known
    std::uint64_t function_start = 0;  // in memory; where only call frame information knows it, the function has no name
    std::uint64_t offset = 0;          // from there
    std::string file;                  // source
    std::uint32_t line = 0;
};

// Not for two threads at once.
class Symbolizer {
public:
    explicit Symbolizer(const Process& process) : process_(process) {}

    // Many at once: one pass over each symbol table.
    void prepare(std::span<const std::uint64_t> addresses);
    [[nodiscard]] const Location& at(std::uint64_t address);

    // Address in memory of a symbol of the dynamic table of `module`; 0: it has none.
    [[nodiscard]] std::uint64_t dynamic_symbol(const Module& module, std::string_view name) const;

private:
    void resolve(const Module& module, std::vector<std::uint64_t>& addresses);

    const Process& process_;
    std::unordered_map<std::uint64_t, Location> known_;
};

}  // namespace abiscope::core
