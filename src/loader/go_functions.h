// What the table of functions, which Go's runtime walks stacks by, tells of a program's code.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "disasm/code.h"
#include "elf/image.h"
#include "elf/sections.h"

namespace abiscope::loader {

// Whether it is worth looking for the table. A file without section headers may be anything.
[[nodiscard]] bool may_be_go(const std::vector<elf::Section>& sections);

// Empty for what is no Go program. Searches the whole file for the table's header. The names stay valid as long as the image.
[[nodiscard]] std::vector<disasm::Function> go_functions(const elf::Image& image);

// The code of Go's runtime and standard library. Whatever it uses beyond the GOAMD64 level that the program was built for, which is tested
// at its start, it uses behind tests of its own (https://go.dev/wiki/MinimumRequirements, "Architectures"), not all of which the code
// shows: methods behind an interface, lengths that are bounded by what the CPU can do. On arm64 the same holds for builds for GOARM64=v8.0.
class GoStandardCode {
public:
    // Empty for what is no Go program, for other machines, and for builds that the start does not test. The functions are known by their
    // files: those beside the runtime's own, or, with -trimpath, those whose path starts with a standard package.
    GoStandardCode(const elf::Image& image, const std::vector<elf::Section>& sections);

    [[nodiscard]] bool empty() const { return ranges_.empty(); }
    [[nodiscard]] bool contains(std::uint64_t address) const;

private:
    std::vector<disasm::AddressRange> ranges_;  // sorted
};

// A function of the runtime that ends in a panic or in the end of the program.
[[nodiscard]] bool go_never_returns(std::string_view function);

}  // namespace abiscope::loader
