// What one module asks of the others and gives to them, prepared once for every program that binds it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "elf/exports.h"
#include "elf/relocations.h"
#include "loader/glibc_open_verify.h"
#include "loader/module.h"

namespace abiscope::loader {

// An entry of the table the loader makes of DT_VERNEED and DT_VERDEF (struct r_found_version).
struct FoundVersion {
    std::string_view name;
    std::string_view file;             // the library that should have it; empty for the module's own versions
    std::uint32_t hash = 0;            // 0: no version
    bool hidden = false;
    bool needed = false;               // of DT_VERNEED: `file` counts even when empty
};

inline constexpr std::uint32_t x86_64_pc32 = 2, x86_64_32 = 10;   // R_X86_64_PC32, R_X86_64_32

enum class LookupClass : std::uint8_t { data, plt, copy };   // ELF_RTYPE_CLASS_*

struct Reference {
    enum class Kind : std::uint8_t {
        lookup,
        bad_type,              // a type the loader does not know
        read_only_place,       // writes where nothing is writable, and DT_TEXTREL does not say so
        not_lazy,              // a type in DT_JMPREL that lazy binding does not know; bound at once it is like any other
        not_relative,          // another type among the DT_RELACOUNT relative ones
        unreadable,            // symbol or table lies outside the file
    };
    Kind kind = Kind::lookup;
    LookupClass lookup_class = LookupClass::data;
    elf::RelocationRole role = elf::RelocationRole::none;
    bool in_plt = false;               // of DT_JMPREL: bound lazily unless the object or the user says otherwise
    bool weak = false;
    bool defined = false;              // the module itself defines it
    bool may_be_far = false;           // 32 bits are too few for an address far away
    std::uint8_t visibility = 0;
    std::uint16_t version = 0;         // index into GlibcFacts::versions; 0 none
    std::uint32_t type = 0;
    std::uint32_t symbol = 0;          // index into the dynamic symbol table
    std::uint64_t symbol_size = 0;     // bytes
    std::uint64_t symbol_value = 0;    // of an undefined function: where a program that is not PIE takes its address
    std::uint64_t record_offset = 0;   // of the relocation, in the file
    elf::HashedName name;
};

struct GlibcFacts {
    GlibcFacts(const Module& module, const VerifyRules& rules);

    std::vector<FoundVersion> versions;    // by index
    bool has_version_table = false;        // DT_VERSYM counts (only when there is a version at all)
    bool bind_now = false;
    bool symbolic = false;
    bool has_tls = false;                  // PT_TLS with a size
    bool has_relr = false;
    bool has_android_relocations = false;  // packed for bionic's loader: glibc knows nothing of them
    bool undefined_stubs = false;          // of MIPS: undefined functions have the address of a stub
    bool has_ifunc = false;                // defines an STT_GNU_IFUNC
    bool whole = true;                     // every table lies inside the file
    std::optional<std::string_view> symbol_damage, start_damage;   // glibc_damaged_tables.h
    std::vector<Reference> references;     // in the order the loader meets them, each symbol once per way of looking it up

    // A symbol of that name as the loader would take it from this module, for a reference that asks for `version` (null: none) in this
    // way (elf/dl-lookup.c, check_match and do_lookup_x).
    struct Definition {
        bool found = false;
        bool without_versions = false;     // a version was asked for and the module has no version table at all
        std::uint64_t index = 0;
        elf::Symbol symbol;
    };
    [[nodiscard]] Definition find(const elf::HashedName& name, const FoundVersion* version, LookupClass lookup_class,
                                  const GlibcRules& rules) const {
        return may_hold(name) ? look_up(name, version, lookup_class, rules) : Definition{};
    }
    // Most modules that are asked have no such name: told without a call. False: find() would find nothing.
    [[nodiscard]] bool may_hold(const elf::HashedName& name) const { return exports_->may_hold(name); }

private:
    [[nodiscard]] Definition look_up(const elf::HashedName& name, const FoundVersion* version, LookupClass lookup_class,
                                     const GlibcRules& rules) const;
    const elf::ExportTable* exports_;      // the module's, which outlives this
    const elf::Versions* version_table_;

    void read_versions();
    void read_relocations(const Module& module, const VerifyRules& rules);
    void add_imports(const Module& module);
};

}  // namespace abiscope::loader
