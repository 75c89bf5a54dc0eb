// What the table of functions, which Go's runtime walks stacks by, tells of a program's code.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "disasm/code.h"
#include "elf/image.h"
#include "elf/sections.h"
#include "golang/memory.h"
#include "golang/module_data.h"

namespace abiscope::loader {

class GoTables;

// The code of Go's runtime and standard library. Whatever it uses beyond the GOAMD64 level that the program was built for, which is tested
// at its start, it uses behind tests of its own (https://go.dev/wiki/MinimumRequirements, "Architectures"), not all of which the code
// shows: methods behind an interface, lengths that are bounded by what the CPU can do. On arm64 the same holds for builds for GOARM64=v8.0.
class GoStandardCode {
public:
    // Empty for what is no Go program, for other machines, and for builds that the start does not test. The functions are known by their
    // files: those beside the runtime's own, or, with -trimpath, those whose path starts with a standard package.
    GoStandardCode(const elf::Image& image, GoTables& tables);

    [[nodiscard]] bool empty() const { return ranges_.empty(); }
    [[nodiscard]] bool contains(std::uint64_t address) const;

private:
    std::vector<disasm::AddressRange> ranges_;  // sorted
};

// The tables of an ELF file, for which the whole of it is searched: once, when they are first asked for.
class GoTables {
public:
    GoTables(const elf::Image& image, const std::vector<elf::Section>& sections);

    // Empty for what is no Go program. The names stay valid as long as the image.
    [[nodiscard]] std::vector<disasm::Function> functions();

    // Whether it is worth looking for the tables. A file without section headers may be anything.
    [[nodiscard]] bool worth_it() const { return worth_it_; }

    [[nodiscard]] const golang::RangeMemory& memory() { return found().memory; }
    [[nodiscard]] const std::vector<golang::FoundModule>& modules() { return found().modules; }

private:
    struct Found {
        golang::RangeMemory memory;  // holds the bytes of tables that are relocated
        std::vector<golang::FoundModule> modules;
    };
    [[nodiscard]] const Found& found();

    const elf::Image* image_;
    bool worth_it_;
    std::optional<Found> found_;
};

// A function of the runtime that ends in a panic or in the end of the program.
[[nodiscard]] bool go_never_returns(std::string_view function);

}  // namespace abiscope::loader
