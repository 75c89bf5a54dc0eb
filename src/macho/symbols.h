// The symbol table (LC_SYMTAB) and the groups LC_DYSYMTAB makes of it. struct nlist and nlist_64 of <mach-o/nlist.h>.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"
#include "macho/spec.h"

namespace abiscope::macho {

struct Symbol {
    std::string_view name;          // empty when the string table has none; not escaped
    std::uint32_t index = 0;
    std::uint32_t string_offset = 0;   // n_strx
    std::uint8_t type = 0;          // n_type, all bits
    std::uint8_t section = 0;       // n_sect: 1 is the first section, 0 none
    std::uint16_t description = 0;  // n_desc
    std::uint64_t value = 0;        // n_value: an address; the size of a common symbol; the string offset of an indirect one's target
    std::uint64_t file_offset = 0;  // of the record, in the file on disk

    [[nodiscard]] bool is_stab() const { return (type & n_stab) != 0; }
    [[nodiscard]] std::uint8_t kind() const { return type & n_type; }
    [[nodiscard]] bool is_external() const { return !is_stab() && (type & n_ext) != 0; }
    [[nodiscard]] bool is_private_external() const { return !is_stab() && (type & n_pext) != 0; }
    [[nodiscard]] bool is_undefined() const;
    [[nodiscard]] bool is_common() const;
    [[nodiscard]] bool is_defined() const;   // has an address or absolute value of its own
    [[nodiscard]] bool is_weak_reference() const { return is_undefined() && (description & n_weak_ref) != 0; }
    [[nodiscard]] bool is_weak_definition() const { return is_defined() && (description & n_weak_def) != 0; }

    // For undefined symbols of images with MH_TWOLEVEL: the dylib by its ordinal, or a SpecialOrdinal.
    [[nodiscard]] std::int32_t library_ordinal() const;
};

// struct dysymtab_command: ranges of the symbol table, and tables of its own.
struct Dysymtab {
    std::uint32_t local_first = 0, local_count = 0;
    std::uint32_t defined_first = 0, defined_count = 0;
    std::uint32_t undefined_first = 0, undefined_count = 0;
    std::uint32_t toc_offset = 0, toc_count = 0;
    std::uint32_t module_offset = 0, module_count = 0;
    std::uint32_t reference_offset = 0, reference_count = 0;
    std::uint32_t indirect_offset = 0, indirect_count = 0;
    std::uint32_t external_relocation_offset = 0, external_relocation_count = 0;
    std::uint32_t local_relocation_offset = 0, local_relocation_count = 0;
};

struct Symbols {
    std::vector<Symbol> symbols;      // as many as the file holds
    std::uint32_t claimed = 0;        // nsyms
    View strings;
    std::optional<Dysymtab> dysymtab;

    [[nodiscard]] bool present() const { return claimed != 0 || !strings.empty(); }
};

// An image without LC_SYMTAB has no symbols, which is no error. Findings: MACHO-TABLE-TRUNCATED, MACHO-SYMBOL-NAME-INVALID,
// MACHO-SYMBOL-SECTION-INVALID, MACHO-DYSYMTAB-RANGE-INVALID, MACHO-COMMAND-MALFORMED.
[[nodiscard]] Result<Symbols> read_symbols(const Image& image, finding::Sink& sink);

// The indirect symbol table: one symbol index for each pointer and stub of the sections whose reserved1 names a first entry. The two
// top bits mark entries without a symbol.
inline constexpr std::uint32_t indirect_symbol_local = 0x80000000;
inline constexpr std::uint32_t indirect_symbol_absolute = 0x40000000;
[[nodiscard]] Result<std::vector<std::uint32_t>> read_indirect_symbols(const Image& image, finding::Sink& sink);

// The defined symbol nearest below `address` in the same section; stabs and private labels ("L...", "l...") do not count.
[[nodiscard]] const Symbol* nearest_symbol(std::span<const Symbol> symbols, const Image& image, std::uint64_t address);

}  // namespace abiscope::macho
