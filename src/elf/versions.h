// Symbol versions (LSB core, "Symbol Versioning"): DT_VERSYM, DT_VERDEF, DT_VERNEED, as the loader reads them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "bytes/view.h"
#include "elf/image.h"

namespace abiscope::elf {

// One Vernaux.
struct NeededVersion {
    std::string_view name;             // GLIBC_2.34
    std::uint32_t hash = 0;            // as stored
    std::uint16_t flags = 0;           // VER_FLG_WEAK
    std::uint16_t index = 0;           // the value in DT_VERSYM, hidden bit as stored
    std::uint64_t record_offset = 0;   // file offset of the record on disk
};

// One Verneed: what is asked of one library.
struct VersionNeed {
    std::string_view library;          // vn_file: a soname
    std::uint16_t version = 0;         // vn_version, 1 in every known file
    std::uint64_t record_offset = 0;
    std::vector<NeededVersion> versions;
};

struct DefinedVersion {
    std::string_view name;
    std::vector<std::string_view> parents;
    std::uint32_t hash = 0;
    std::uint16_t version = 0;         // vd_version
    std::uint16_t flags = 0;           // VER_FLG_BASE, VER_FLG_WEAK
    std::uint16_t index = 0;
    std::uint64_t record_offset = 0;
};

struct Versions {
    std::vector<VersionNeed> needs;
    std::vector<DefinedVersion> definitions;
    View symbol_versions;              // DT_VERSYM: one u16 per dynamic symbol, as far as the file holds them
    bool has_versym = false;
    bool whole = true;                 // false when a chain left the file or went round
    Encoding encoding;

    // DT_VERSYM of a dynamic symbol, hidden bit included; VER_NDX_GLOBAL when there is no table.
    [[nodiscard]] std::uint16_t index_of(std::uint64_t symbol) const {
        if (!has_versym || symbol >= symbol_versions.size() / 2) return ver_ndx_global;
        return load<std::uint16_t>(symbol_versions.data() + symbol * 2, encoding.order);
    }
    // The highest of the first `symbols` of them, hidden bits left out.
    [[nodiscard]] std::uint16_t highest_index(std::uint64_t symbols) const;
    // The version a needed index stands for, or null. `library` is set to the Verneed's.
    [[nodiscard]] const NeededVersion* needed(std::uint16_t index, std::string_view* library = nullptr) const;
    [[nodiscard]] const DefinedVersion* defined(std::uint16_t index) const;
    [[nodiscard]] const DefinedVersion* find_definition(std::string_view name) const;

    // Where the first record of each index lies, so that asking for every symbol costs no walk each. To be called once the lists are full.
    void index_records();

private:
    struct Place {
        std::uint32_t list = none;  // into `needs`
        std::uint32_t record = none;  // into its `versions`, or into `definitions`
        static constexpr std::uint32_t none = ~std::uint32_t{0};
    };
    std::vector<Place> needed_at_;  // by index without the hidden bit
    std::vector<Place> defined_at_;
};

[[nodiscard]] Versions read_versions(const Image& image);

// The System V hash of a name (gABI chapter 5, "Hash Table"), used by DT_HASH and by version records.
[[nodiscard]] std::uint32_t sysv_hash(std::string_view name);

}  // namespace abiscope::elf
