// Abbreviation tables (DWARF 5, section 7.5.3), each declaration compiled once into the shortest program that reads an entry of it:
// neighbouring attributes of fixed size that nobody asks for become one step over all their bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "bytes/endian.h"
#include "bytes/view.h"
#include "dwarf/attributes.h"
#include "dwarf/roles.h"

namespace abiscope::dwarf {

// What the forms of a unit's attributes depend on.
struct Encoding {
    Endian order = Endian::little;
    std::uint16_t version = 0;
    std::uint8_t address_size = 8;
    bool wide = false;   // 64-bit DWARF: offsets are 8 bytes

    [[nodiscard]] std::uint8_t offset_size() const { return wide ? 8 : 4; }
    friend bool operator==(const Encoding&, const Encoding&) = default;
};

enum class Op : std::uint8_t {
    end,
    fixed1,
    fixed2,
    fixed3,
    fixed4,
    fixed8,
    fixed16,
    uleb,
    sleb,
    constant,
    text,
    block1,
    block2,
    block4,
    block,
    indirect
};

struct Step {
    std::uint32_t constant = 0;   // of Op::constant, an index for AbbreviationTable::constant()
    std::uint16_t skip = 0;       // bytes before
    Op op = Op::end;
    Slot slot = Slot::ignored;
    FormCode form = 0;
    std::uint8_t width = 0;       // bytes the operation needs at least
};

struct Abbreviation {
    std::uint16_t tag = 0;        // 0: no such code
    bool children = false;
    Roles roles = 0;
    std::uint32_t program = 0;    // index of its first Step
};

class AbbreviationTable {
public:
    // The table at `offset` of .debug_abbrev, up to its end mark, or up to the declaration of `last` when that is not 0. `wanted` says
    // which slots an entry of a tag is read into. Errors: truncated, bad_value (a form that is not known: its size is not either).
    [[nodiscard]] static Result<AbbreviationTable> compile(View section, std::uint64_t offset, const Encoding& encoding,
                                                           SlotMask (*wanted)(std::uint16_t tag), std::uint64_t last = 0);

    // Null when the table has no such code.
    [[nodiscard]] const Abbreviation* find(std::uint64_t code) const {
        if (code - 1 < dense_.size()) return &dense_[code - 1];
        if (sparse_.empty()) return nullptr;
        auto found = sparse_.find(code);
        return found == sparse_.end() ? nullptr : &found->second;
    }
    [[nodiscard]] const Step* program(const Abbreviation& abbreviation) const { return steps_.data() + abbreviation.program; }
    [[nodiscard]] std::int64_t constant(std::uint32_t index) const { return constants_[index]; }
    [[nodiscard]] std::size_t cost() const { return steps_.size() + dense_.size() + sparse_.size(); }

private:
    friend class AbbreviationCompiler;

    std::vector<Abbreviation> dense_;   // code minus one
    std::unordered_map<std::uint64_t, Abbreviation> sparse_;
    std::vector<Step> steps_;
    std::vector<std::int64_t> constants_;
};

// How a form is stored; width 0 and Op::end for one that is not known.
struct Storage {
    Op op = Op::end;
    std::uint8_t width = 0;
};
[[nodiscard]] Storage storage_of(std::uint64_t form, const Encoding& encoding);

}  // namespace abiscope::dwarf
