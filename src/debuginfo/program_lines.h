// From addresses of a program's code to functions, inlined calls, files and lines, out of whatever debug information it has.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "debuginfo/open_debug.h"
#include "dwarf/code_functions.h"
#include "dwarf/code_units.h"
#include "dwarf/line_table.h"

namespace abiscope::debuginfo {

struct SourcePlace {
    std::string file;                  // empty: not known
    std::uint32_t line = 0;            // 0: not known
    std::uint32_t column = 0;
    bool is_statement = false;
};

struct CodePlace {
    std::string function;              // as the debug information names it, mangled where it is; empty: not known
    std::uint64_t function_start = 0;  // of the part that holds the address
    SourcePlace source;                // in `function`: of the outermost inlined call where there is one
    struct Call {
        std::string function;
        SourcePlace source;
    };
    std::vector<Call> inlined;         // innermost first: the address belongs to the first
};

// Reads a unit when an address is in it. Not for two threads at once.
class ProgramLines {
public:
    // Parameters and errors as open_debug_lazily().
    [[nodiscard]] static Result<ProgramLines> open(const DebugFile& file, FileFinder* finder, const Limits& limits);

    // For each of the sorted addresses of the program's file. Each unit is read once in a call.
    [[nodiscard]] std::vector<CodePlace> find(std::span<const std::uint64_t> addresses);

    // The unit with the entries of the code at an address, or null.
    [[nodiscard]] const dwarf::Unit* unit_at(std::uint64_t address);
    [[nodiscard]] dwarf::Debug& debug() { return *debug_; }

private:
    explicit ProgramLines(dwarf::Debug debug);
    void find_in(const dwarf::Unit& unit, std::span<const std::uint64_t> addresses, std::span<CodePlace> places);

    std::unique_ptr<dwarf::Debug> debug_;
    std::unique_ptr<dwarf::CodeUnits> units_;
};

}  // namespace abiscope::debuginfo
