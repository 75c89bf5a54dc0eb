// The symbols an image offers: the exports trie, or the symbol table of an image that has none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"
#include "macho/spec.h"

namespace abiscope::macho {

enum class ExportSource : std::uint8_t { none, exports_trie, symbol_table };

[[nodiscard]] std::string_view to_string(ExportSource source);

struct Export {
    std::string name;
    std::uint64_t flags = 0;               // ExportFlag
    std::uint64_t address = 0;             // not slid; the value itself of an absolute symbol; zero for a re-export
    std::optional<std::uint64_t> resolver; // address of the function that picks the implementation
    std::int32_t ordinal = 0;              // of a re-export: the dylib
    std::string_view import_name;          // of a re-export: its name there; empty when it is the same
    std::uint64_t file_offset = 0;         // of the record, in the file on disk

    [[nodiscard]] bool reexport() const { return (flags & export_reexport) != 0; }
    [[nodiscard]] bool weak_definition() const { return (flags & export_weak_definition) != 0; }
    [[nodiscard]] std::uint64_t kind() const { return flags & export_kind_mask; }
};

struct Exports {
    ExportSource source = ExportSource::none;
    std::vector<Export> exports;   // in the order of the trie, which for linkers is that of the names
    bool complete = true;          // false: a part of the trie makes no sense, which is a finding
};

// Findings: MACHO-EXPORTS-MALFORMED, MACHO-TABLE-TRUNCATED, those of the symbol table where that is the source.
[[nodiscard]] Result<Exports> read_exports(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
