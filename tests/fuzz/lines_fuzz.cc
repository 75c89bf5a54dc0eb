// Questions about code, to the debug information of any program: lines, inlined calls and variables at a handful of addresses.
#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "bytes/source.h"
#include "debuginfo/program_lines.h"
#include "dwarf/code_variables.h"

namespace {

using namespace abiscope;

// Any path is the program itself: split units and supplementary files are read from the same bytes.
class Itself final : public debuginfo::FileFinder {
public:
    explicit Itself(SourcePtr source) : source_(std::move(source)) {}
    Result<SourcePtr> open(const std::string&) override { return source_; }

private:
    SourcePtr source_;
};

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Limits limits;
    limits.decompressed_bytes = 1 << 22;
    limits.steps = 1 << 16;
    auto source = Source::from_foreign("fuzz", std::as_bytes(std::span(data, size)), {});
    Itself finder(source);
    auto lines = debuginfo::ProgramLines::open({source, "fuzz", "fuzz"}, &finder, limits);
    if (!lines) {
        static_cast<void>(lines.error().describe());
        return 0;
    }
    std::set<std::uint64_t> asked{0, 1, 4, 0x10, 0x40, 0x400, 0x1000, 0x1010, 0x1100, 0x2000, 0x401000, 0xffffffff, ~std::uint64_t{0}};
    std::vector<std::uint64_t> addresses(asked.begin(), asked.end());
    std::size_t known = 0;
    for (const debuginfo::CodePlace& place : lines->find(addresses)) known += place.inlined.size() + place.source.file.size();
    dwarf::EntryReader reader(lines->debug());
    for (std::uint64_t address : addresses) {
        const dwarf::Unit* unit = lines->unit_at(address);
        if (unit == nullptr) continue;
        dwarf::EntryRef function = dwarf::find_functions_at(reader, *unit, std::span(&address, 1)).front().entry;
        known += dwarf::find_variables_at(reader, function, address).variables.size();
        known += dwarf::find_global_at(reader, *unit, address).has_value();
    }
    static_cast<void>(known);
    return 0;
}
