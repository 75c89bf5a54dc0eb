// The sections DWARF is spread over, as one file holds them: the containers (ELF, PE, Mach-O) fill this in, so that the reader knows none
// of them. Bytes are decompressed, and relocated in an object file, before they come here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "bytes/decompress_stream.h"
#include "bytes/endian.h"
#include "bytes/source.h"
#include "bytes/view.h"

namespace abiscope::dwarf {

enum class SectionId : std::uint8_t {
    info,
    types,
    abbrev,
    str,
    line_str,
    str_offsets,
    addr,
    ranges,
    rnglists,
    line,
    cu_index,
    tu_index,
    // Read for questions about code only.
    aranges,
    loc,
    loclists,
};
inline constexpr std::size_t section_count = 15;

// ".debug_info"
[[nodiscard]] std::string_view section_name(SectionId id);

struct SectionData {
    SourcePtr source;   // keeps `view` alive
    View view;          // empty: the file has no such section
    std::shared_ptr<DecompressStream> stream;   // not null: unpacked as far as it is read (Sections::reach())
};

inline constexpr std::uint64_t most_unpacked = 32 << 20;

[[nodiscard]] constexpr bool is_read_in_parts(SectionId id) {
    return id == SectionId::info || id == SectionId::types || id == SectionId::line;
}

struct Sections {
    std::string file;                  // what a person calls the file; empty for the subject itself
    Endian order = Endian::little;
    std::uint8_t address_size = 8;     // of the container: where a damaged unit does not say
    bool split = false;                // a .dwo or .dwp file
    bool has_supplementary = false;    // refers to a file dwz made
    std::array<SectionData, section_count> data;

    [[nodiscard]] View at(SectionId id) const {
        const SectionData& section = data[static_cast<std::size_t>(id)];
        if (section.stream && !is_read_in_parts(id)) section.stream->reach(section.view.size());
        return section.view;
    }
    // Makes the first bytes of a section that is read in parts available; false when they are not to be had. What is asked for often
    // lies far behind: `most_unpacked` bytes are the end of it.
    [[nodiscard]] bool reach(SectionId id, std::uint64_t end) const {
        const SectionData& section = data[static_cast<std::size_t>(id)];
        if (end > section.view.size()) return false;
        return !section.stream || (end <= most_unpacked && section.stream->reach(end));
    }
    [[nodiscard]] SectionData& operator[](SectionId id) { return data[static_cast<std::size_t>(id)]; }
    [[nodiscard]] bool has(SectionId id) const { return !at(id).empty(); }
};

// Where the reader gets the other files a file refers to. Looking them up is the caller's business: it alone knows of paths.
class Companions {
public:
    Companions() = default;
    Companions(const Companions&) = delete;
    Companions& operator=(const Companions&) = delete;
    virtual ~Companions() = default;

    // The file that dwz moved shared parts to (.gnu_debugaltlink, .debug_sup).
    [[nodiscard]] virtual Result<Sections> supplementary() = 0;

    // The package (.dwp) that holds all split units; nothing when there is none.
    [[nodiscard]] virtual std::optional<Sections> package() = 0;

    // The .dwo file of one skeleton unit. `directory` is its DW_AT_comp_dir, `name` its DW_AT_dwo_name, `id` its dwo_id.
    [[nodiscard]] virtual Result<Sections> split(std::string_view directory, std::string_view name, std::uint64_t id) = 0;
};

}  // namespace abiscope::dwarf
