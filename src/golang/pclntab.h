// The function table of a Go program ("pclntab"): which function holds a pc, its file and line, the calls that were inlined there, and the
// tables the runtime unwinds by. Go 1.16 to 1.27; every lookup is a search in the bytes as they lie, without allocation.
// Source: runtime/symtab.go, runtime/runtime2.go (_func), internal/abi/symtab.go; "Go 1.2 Runtime Symbol Information".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bytes/endian.h"
#include "bytes/view.h"

namespace abiscope::golang {

// What the magic tells apart.
enum class PclnFormat : std::uint8_t {
    go1_16,   // 1.16 and 1.17: entries are addresses
    go1_18,   // 1.18 and 1.19: entries count from the start of the text
    go1_20,   // from 1.20 on: start lines, shorter inline trees
};

struct PclnHeader {
    PclnFormat format = PclnFormat::go1_20;
    Endian order = Endian::little;
    unsigned quantum = 1;             // bytes that every pc is a multiple of
    unsigned word = 8;                // bytes of a pointer
    std::uint64_t functions = 0;
    std::uint64_t files = 0;
    std::uint64_t text_start = 0;     // 0 before 1.18, and again from 1.26 on: the module data says it
    // Offsets from the start of the header.
    std::uint64_t names = 0, units = 0, file_names = 0, tables = 0, entries = 0;
};

// Errors: bad_magic; unsupported for the table of Go 1.15 and before; truncated; bad_value when the tables do not follow each other as
// every linker writes them, or the list of functions is not one. Does not look at more than the header and both ends of the list.
[[nodiscard]] Result<PclnHeader> read_pcln_header(View bytes);

// A part of the text, where the linker split it: functions count through all parts.
struct TextSection {
    std::uint64_t start = 0, end = 0;   // as functions count
    std::uint64_t address = 0;
};

// PCDATA_ and FUNCDATA_ of internal/abi.
enum class PcData : std::uint8_t { unsafe_point, stack_map_index, inline_tree_index, arg_live_index, panic_bounds };
enum class FuncData : std::uint8_t {
    args_pointer_maps,
    locals_pointer_maps,
    stack_objects,
    inline_tree,
    open_coded_defer_info,
    arg_info,
    arg_live_info,
    wrap_info,
};

// FuncFlag of internal/abi, from 1.17 on.
enum FuncFlag : std::uint8_t { func_flag_top_frame = 1, func_flag_sp_write = 2, func_flag_asm = 4 };

// One entry of the table, decoded. What names a place in the table counts from the start of its own part.
struct Function {
    std::uint32_t index = 0;
    std::uint64_t entry = 0;
    std::uint64_t end = 0;                    // where the next one starts
    std::uint64_t record = 0;                 // from the header's start
    std::int32_t name = 0;
    std::optional<std::int32_t> args;         // bytes of arguments, results and spill area; nothing when unknown
    std::uint32_t deferreturn = 0;            // from the entry; 0: there is none
    std::uint32_t pcsp = 0, pcfile = 0, pcln = 0;
    std::uint32_t pcdata_count = 0;
    std::uint32_t unit = 0;
    std::optional<std::int32_t> start_line;   // from 1.20 on
    std::uint8_t id = 0;                      // FuncID; release_data.h has the names of a release
    std::uint8_t flags = 0;                   // FuncFlag
    std::uint8_t funcdata_count = 0;
};

// A call as a person sees it. Texts point into the table.
struct SourceFrame {
    std::string_view function;
    std::string_view file;
    std::int32_t line = 0;
    std::int32_t start_line = 0;   // of the function; 0 when not known
    std::uint8_t id = 0;
    bool inlined = false;          // into the frame behind it
};

class PclnTable {
public:
    // `bytes` starts with the header, which lies at `address`; `text` is where functions count from, `funcdata` (1.18 and later) where
    // their data does. Errors: those of read_pcln_header().
    struct Place {
        std::uint64_t address = 0;
        std::uint64_t text = 0;
        std::uint64_t funcdata = 0;
        std::vector<TextSection> sections;   // empty, or at least two
    };
    [[nodiscard]] static Result<PclnTable> open(View bytes, Place place);

    [[nodiscard]] const PclnHeader& header() const { return header_; }
    [[nodiscard]] std::uint64_t address() const { return place_.address; }
    [[nodiscard]] View bytes() const { return bytes_; }

    // Functions by rising entry. Nothing when the index, or the entry's record, lies outside.
    [[nodiscard]] std::uint32_t size() const { return count_; }
    [[nodiscard]] std::optional<Function> at(std::uint32_t index) const;
    [[nodiscard]] std::optional<Function> find(std::uint64_t pc) const;
    // Where the last function ends.
    [[nodiscard]] std::uint64_t end() const { return entry_of(count_); }

    [[nodiscard]] std::string_view name(const Function& function) const { return name_at(function.name); }
    [[nodiscard]] std::string_view name_at(std::int32_t offset) const;
    [[nodiscard]] std::string_view file(const Function& function, std::uint64_t pc) const;
    [[nodiscard]] std::int32_t line(const Function& function, std::uint64_t pc) const;   // 0 when there is none

    // The value at `pc` of the table at `offset` (pcsp, pcfile, pcln, or one of pcdata); nothing when there is no table or it ends before.
    [[nodiscard]] std::optional<std::int32_t> value(const Function& function, std::uint32_t offset, std::uint64_t pc) const;
    // Bytes from the stack pointer at `pc` to where it was at the entry.
    [[nodiscard]] std::optional<std::int32_t> sp_delta(const Function& function, std::uint64_t pc) const {
        return value(function, function.pcsp, pc);
    }
    [[nodiscard]] std::optional<std::int32_t> pcdata(const Function& function, PcData which, std::uint64_t pc) const;
    // The highest value for any pc of the function; -1 when there is no table.
    [[nodiscard]] std::int32_t highest(const Function& function, PcData which) const;
    // Address of the data; nothing when the function has none of that kind.
    [[nodiscard]] std::optional<std::uint64_t> funcdata(const Function& function, FuncData which) const;

    // The lines of the function, of what was inlined there too.
    // Of the function's own file: what is inlined from others has other numbers.
    struct Lines {
        std::int32_t first = 0, last = 0;
        std::uint64_t steps = 0;  // of the table that were looked at
    };
    [[nodiscard]] Lines lines(const Function& function) const;

    // The calls at `pc`, innermost first; `tree` is the memory at funcdata(inline_tree). Fills `out` as far as it goes; the number of
    // frames filled, at least one when `out` has room.
    std::size_t frames(const Function& function, std::uint64_t pc, View tree, std::span<SourceFrame> out) const;

    struct InlinedCall {
        std::uint8_t id = 0;
        std::int32_t name = 0;
        std::int32_t parent_pc = 0;  // of the call, from the function's entry
        std::int32_t start_line = 0;  // 0 before 1.20
    };
    [[nodiscard]] std::optional<InlinedCall> inlined(View tree, std::int32_t index) const;

private:
    PclnTable(View bytes, const PclnHeader& header, Place place);

    [[nodiscard]] std::uint64_t entry_of(std::uint32_t index) const;
    [[nodiscard]] std::uint64_t address_of(std::uint64_t text_offset) const;
    [[nodiscard]] std::optional<std::uint64_t> text_offset(std::uint64_t pc) const;
    [[nodiscard]] std::uint32_t pcdata_table(const Function& function, PcData which) const;  // 0: there is none
    [[nodiscard]] std::optional<Function> decode(std::uint32_t index) const;

    View bytes_;
    View entries_;  // list of functions and their records
    View names_;
    View units_;
    View file_names_;
    View tables_;
    PclnHeader header_;
    Place place_;
    std::uint32_t count_ = 0;
};

}  // namespace abiscope::golang
