// Executable code as the caller found it: what sweep.h and guards.h work on.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "bytes/view.h"
#include "disasm/architecture.h"

namespace abiscope::disasm {

struct CodeRange {
    View bytes;
    std::uint64_t address = 0;      // of the first byte, as loaded (without load bias)
};

// A function symbol, an FDE of .eh_frame, a row of .pdata or pclntab: any place where an instruction is known to start. `size` 0: not
// known. `name` may be empty and must outlive the Code.
struct Function {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::string_view name;
};

struct AddressRange {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
};

// Ranges and functions may come in any order. An address that several ranges hold belongs to the one that starts last (so sections of an
// object file, which all start at zero, need a Code each). Functions outside every range are ignored, and of several at one address the
// one with a name, then the one with a size, is kept.
class Code {
public:
    Code(Architecture architecture, std::vector<CodeRange> ranges, std::vector<Function> functions = {},
         std::vector<AddressRange> data = {});
    Code(Architecture architecture, Endian order, std::vector<CodeRange> ranges, std::vector<Function> functions,
         std::vector<AddressRange> data);

    [[nodiscard]] Architecture architecture() const { return architecture_; }
    [[nodiscard]] Endian order() const { return order_; }
    [[nodiscard]] std::span<const CodeRange> ranges() const { return ranges_; }            // sorted by address
    [[nodiscard]] std::span<const Function> functions() const { return functions_; }    // sorted by address
    [[nodiscard]] std::span<const AddressRange> data() const { return data_; }          // sorted, known not to be code

    // The last function that starts at or before `address` in the same range, unless its known size ends before it. Nothing when
    // there is none.
    [[nodiscard]] std::optional<std::size_t> function_at(std::uint64_t address) const;

    // From the start of function `index` to its known end, else to the next function or the end of its range.
    [[nodiscard]] AddressRange extent(std::size_t index) const;

    [[nodiscard]] const CodeRange* range_at(std::uint64_t address) const;

    // The bytes from `address` to the end of its range; empty when no range holds it.
    [[nodiscard]] View bytes_at(std::uint64_t address) const;

private:
    Architecture architecture_;
    Endian order_;
    std::vector<CodeRange> ranges_;
    std::vector<Function> functions_;
    std::vector<AddressRange> data_;
};

}  // namespace abiscope::disasm
