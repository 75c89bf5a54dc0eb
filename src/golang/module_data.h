// runtime.moduledata: where a linked Go program (or plugin) says its text, types and tables lie. Found without symbols and sections: a
// table of functions is looked for, then the word that points at it whose neighbours point at the table's parts. Source: runtime/symtab.go
// (moduledata), cmd/link/internal/ld/symtab.go; field offsets by release in data/go/structs.tsv.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "finding/sink.h"
#include "golang/memory.h"
#include "golang/pclntab.h"
#include "golang/release.h"

namespace abiscope::golang {

struct AddressRange {
    std::uint64_t start = 0, end = 0;
    [[nodiscard]] bool contains(std::uint64_t address) const { return address >= start && address < end; }
    [[nodiscard]] std::uint64_t size() const { return end > start ? end - start : 0; }
};

// A Go slice's header.
struct Slice {
    std::uint64_t data = 0, length = 0, capacity = 0;
};

struct Module {
    std::uint64_t address = 0;       // of the module data
    std::uint64_t table_address = 0; // of the table of functions
    std::optional<std::uint64_t> file_offset;
    ReleaseRange fits;               // the releases whose layout the bytes agree with
    bool shape_known = false;        // `fits` is not empty; else only what all releases share is filled: down to bss
    AddressRange text, data, bss, noptrdata, noptrbss, types;
    std::uint64_t end = 0;
    std::uint64_t gcdata = 0, gcbss = 0;
    std::uint64_t rodata = 0;                     // from 1.18 on; 0 before
    std::uint64_t funcdata = 0;                   // go:func.*, from 1.18 on
    std::uint64_t findfunctab = 0;
    std::optional<std::uint64_t> descriptors;     // bytes of type descriptors from types.start on; from 1.27 on
    AddressRange itabs;                           // from 1.27 on
    Slice typelinks, itablinks;                   // up to 1.26
    std::vector<TextSection> sections;            // at least two, or none
    std::string plugin_path, name;
    bool has_main = false;
    std::uint64_t next = 0;
};

struct FoundModule {
    Module module;
    PclnTable table;
};

// Every module in memory. `known`: the release, where something else has told it; a layout that the bytes contradict is not used all the
// same. Findings: GO-FUNCTION-TABLE-ALONE, GO-MODULE-DATA-UNKNOWN, GO-VERSION-CONTRADICTED.
[[nodiscard]] std::vector<FoundModule> find_modules(const Memory& memory, std::optional<Release> known, finding::Sink& sink);

// The releases whose layout the words at `address` agree with, and the module as the first of them, or `known` if it is among them, reads
// it.
[[nodiscard]] Module read_module(const Memory& memory, std::uint64_t address, const PclnHeader& header, std::optional<Release> known);

// Addresses of what looks like the header of a function table, and is one as far as its own bytes say.
[[nodiscard]] std::vector<std::uint64_t> find_function_tables(const Memory& memory);

}  // namespace abiscope::golang
