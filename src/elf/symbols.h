// Symbol tables, without a copy: entries are decoded when asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "bytes/view.h"
#include "elf/header.h"
#include "elf/sections.h"

namespace abiscope::elf {

struct Symbol {
    std::string_view name;         // empty when the name's offset is not a string
    std::uint64_t value = 0;
    std::uint64_t size = 0;        // bytes
    std::uint16_t section = 0;     // st_shndx as stored
    std::uint8_t info = 0;
    std::uint8_t other = 0;

    [[nodiscard]] std::uint8_t binding() const { return info >> 4; }
    [[nodiscard]] std::uint8_t type() const { return info & 0xf; }
    [[nodiscard]] std::uint8_t visibility() const { return other & 3; }
    [[nodiscard]] bool defined() const { return section != 0; }
};

class SymbolTable {
public:
    SymbolTable() = default;
    SymbolTable(View records, View strings, Encoding encoding);

    [[nodiscard]] std::uint64_t size() const { return count_; }
    [[nodiscard]] Symbol at(std::uint64_t index) const;           // index < size(); an empty Symbol otherwise
    [[nodiscard]] std::string_view name_at(std::uint64_t index) const;
    // The same without looking for the name, which is left empty.
    [[nodiscard]] Symbol unnamed_at(std::uint64_t index) const {
        Symbol symbol;
        if (index >= count_) return symbol;
        const std::byte* at = records_.data() + index * record_size();
        Endian order = encoding_.order;
        if (encoding_.wide) {
            symbol.info = static_cast<std::uint8_t>(at[4]);
            symbol.other = static_cast<std::uint8_t>(at[5]);
            symbol.section = load<std::uint16_t>(at + 6, order);
            symbol.value = load<std::uint64_t>(at + 8, order);
            symbol.size = load<std::uint64_t>(at + 16, order);
        } else {
            symbol.value = load<std::uint32_t>(at + 4, order);
            symbol.size = load<std::uint32_t>(at + 8, order);
            symbol.info = static_cast<std::uint8_t>(at[12]);
            symbol.other = static_cast<std::uint8_t>(at[13]);
            symbol.section = load<std::uint16_t>(at + 14, order);
        }
        return symbol;
    }
    // Whether name_at(index) is `text`, without looking for its end.
    [[nodiscard]] bool is_named(std::uint64_t index, std::string_view text) const;
    // Its type, without decoding the rest; index < size().
    [[nodiscard]] std::uint8_t type_at(std::uint64_t index) const {
        return static_cast<std::uint8_t>(records_.data()[index * record_size() + (encoding_.wide ? 4 : 12)]) & 0xf;
    }
    // What one pass over all of them tells.
    struct Survey {
        bool names_fit = true;              // every name starts inside the string table
        std::uint32_t types = 0;            // a bit for each STT_* there is
        std::uint32_t defined_types = 0;    // the same of those with a section
    };
    [[nodiscard]] Survey survey() const;
    [[nodiscard]] std::uint64_t record_offset(std::uint64_t index) const { return records_.file_offset(index * record_size()); }
    [[nodiscard]] std::uint64_t record_size() const { return encoding_.wide ? 24 : 16; }

private:
    View records_;
    View strings_;
    Encoding encoding_;
    std::uint64_t count_ = 0;
};

// The dynamic symbol table as the loader sees it (DT_SYMTAB, DT_STRTAB). Its length is not stored anywhere: it is taken from DT_HASH, else
// from DT_GNU_HASH's last chain, else from the section header of SHT_DYNSYM, else from where DT_STRTAB starts when that follows the
// symbols; always bounded by the file.
[[nodiscard]] SymbolTable dynamic_symbols(const Image& image);

// .symtab (SHT_SYMTAB) of the section table; empty when stripped.
[[nodiscard]] SymbolTable static_symbols(const Image& image, const std::vector<Section>& sections);

// Functions with an address, from .symtab or else the dynamic table, sorted by address; mapping symbols ($a, $x) left out.
struct Function {
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::string_view name;
};
[[nodiscard]] std::vector<Function> functions(const Image& image, const std::vector<Section>& sections);

}  // namespace abiscope::elf
