// Names for addresses: from symbol tables, of the file itself or its separate debug file; and where somebody asks for it, what debug
// information knows of them. An address that neither covers has no name.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/go_process.h"
#include "core/process.h"
#include "debuginfo/program_lines.h"

namespace abiscope::core {

struct Location {
    const Module* module = nullptr;
    std::string function;              // as in the symbol table; empty: not known
    std::uint64_t function_start = 0;  // in memory; where only call frame information knows it, the function has no name
    std::uint64_t offset = 0;          // from there
    std::string file;                  // source
    std::uint32_t line = 0;            // 0: not known
    // Calls that the compiler put into `function`, innermost first: the address belongs to the first of them.
    struct Inlined {
        std::string function, file;
        std::uint32_t line = 0;
    };
    std::vector<Inlined> inlined;
};

// Not for two threads at once.
class Symbolizer {
public:
    // `go` may be null: then Go's functions have the names of symbol tables, if they have any.
    explicit Symbolizer(const Process& process, const GoProcess* go = nullptr) : process_(process), go_(go) {}

    // Many at once: one pass over each symbol table.
    void prepare(std::span<const std::uint64_t> addresses);
    [[nodiscard]] const Location& at(std::uint64_t address);

    // The same with file, line and inlined calls, and the function where no symbol covers the address: opens debug information. What at()
    // says does not depend on it.
    void describe(std::span<const std::uint64_t> addresses);
    [[nodiscard]] const Location& described(std::uint64_t address);
    // The debug information of a module; null when there is none.
    [[nodiscard]] debuginfo::ProgramLines* lines(const Module& module);

    // Source files of whatever was described so far.
    [[nodiscard]] std::set<std::string> files() const;

    // Address in memory of a symbol of the dynamic table of `module`; 0: it has none.
    [[nodiscard]] std::uint64_t dynamic_symbol(const Module& module, std::string_view name) const;

private:
    [[nodiscard]] bool resolve_go(std::uint64_t address, Location& location) const;
    void resolve(const Module& module, std::vector<std::uint64_t>& addresses);

    const Process& process_;
    const GoProcess* go_;
    std::unordered_map<std::uint64_t, Location> known_, described_;
    std::unordered_map<const Module*, std::unique_ptr<debuginfo::ProgramLines>> lines_;
};

}  // namespace abiscope::core
