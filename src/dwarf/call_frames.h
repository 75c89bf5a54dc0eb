// Call frame information: how to get from a frame to its caller (DWARF 5, section 6.4; for .eh_frame and .eh_frame_hdr the Linux Standard
// Base Core Specification, chapter 10).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "bytes/endian.h"
#include "bytes/view.h"

namespace abiscope::dwarf {

// Addresses here are those of the file: without load bias.
struct FrameEntry {
    std::uint64_t start = 0;
    std::uint64_t size = 0;            // bytes of code
    View instructions;
    View initial_instructions;         // of the CIE
    std::uint64_t code_alignment = 1;
    std::int64_t data_alignment = 1;
    std::uint64_t return_register = 0;
    std::uint8_t pointer_encoding = 0;
    bool signal_frame = false;
    std::uint64_t file_offset = 0;     // of the entry, on disk

    [[nodiscard]] bool holds(std::uint64_t address) const { return address >= start && address - start < size; }
};

struct RegisterRule {
    enum class Kind : std::uint8_t { unspecified, undefined, same_value, offset, value_offset, in_register, expression, value_expression };
    Kind kind = Kind::unspecified;
    std::int64_t offset = 0;           // from the CFA
    std::uint64_t number = 0;          // of in_register
    View expression;
};

// The rules that hold at one address.
struct FrameRow {
    std::uint64_t cfa_register = 0;
    std::int64_t cfa_offset = 0;
    View cfa_expression;               // not empty: instead of the two above
    std::map<std::uint64_t, RegisterRule> registers;
};

struct FrameSection {
    View bytes;
    std::uint64_t address = 0;         // of the section, for pointers relative to themselves
    bool eh_frame = true;              // else .debug_frame
};

class CallFrames {
public:
    // `header` is .eh_frame_hdr, which may be empty: then an entry is found by reading from the start, once, into a table.
    CallFrames(FrameSection section, View header, std::uint64_t header_address, std::uint8_t address_size, Endian order);

    // The entry that holds `address`; nothing when there is none, or it is damaged. Not for two threads at once.
    [[nodiscard]] std::optional<FrameEntry> find(std::uint64_t address) const;

    // The rules at `address`, which the entry holds. Nothing when its instructions are damaged.
    [[nodiscard]] std::optional<FrameRow> row(const FrameEntry& entry, std::uint64_t address) const;

private:
    struct Row {
        std::uint64_t start;
        std::uint64_t size;
        std::uint64_t offset;          // of the entry, in the section
    };
    [[nodiscard]] std::optional<FrameEntry> entry_at(std::uint64_t offset) const;
    [[nodiscard]] std::optional<std::uint64_t> offset_by_header(std::uint64_t address) const;
    void index() const;

    FrameSection section_;
    View header_;
    std::uint64_t header_address_;
    std::uint8_t address_size_;
    Endian order_;
    mutable bool indexed_ = false;
    mutable std::vector<Row> rows_;
};

}  // namespace abiscope::dwarf
