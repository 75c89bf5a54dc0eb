// Notes (gABI chapter 5, "Note Section") and the GNU properties within them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "elf/image.h"
#include "elf/sections.h"

namespace abiscope::elf {

struct Note {
    std::string_view name;             // without its NUL
    std::uint32_t type = 0;
    View descriptor;
    std::uint64_t record_offset = 0;   // file offset on disk
};

// Every note of every PT_NOTE; of SHT_NOTE sections when there are no segments. Stops quietly at a note that leaves its segment.
[[nodiscard]] std::vector<Note> read_notes(const Image& image, const std::vector<Section>* sections = nullptr);

struct Property {
    std::uint32_t type = 0;
    View data;
};
// The properties of an NT_GNU_PROPERTY_TYPE_0 note. `whole` is false when one leaves the note.
struct PropertyList {
    std::vector<Property> entries;
    bool whole = true;
};
[[nodiscard]] PropertyList read_properties(const Note& note, Encoding encoding);

struct AbiTag {
    std::uint32_t os = 0;              // 0 Linux, 1 Hurd, 2 Solaris, 3 FreeBSD
    std::array<std::uint32_t, 3> version{};
    std::uint64_t record_offset = 0;
};

// The notes that answer questions.
struct KnownNotes {
    std::optional<AbiTag> abi_tag;                         // NT_GNU_ABI_TAG
    View build_id;                                         // NT_GNU_BUILD_ID, empty when absent
    View go_build_id;                                      // name "Go", type 4
    std::uint32_t x86_features = 0;                        // GNU_PROPERTY_X86_FEATURE_1_AND: bit 0 IBT, bit 1 SHSTK
    std::optional<std::uint32_t> x86_isa_needed;           // GNU_PROPERTY_X86_ISA_1_NEEDED
    std::optional<std::uint32_t> x86_isa_used;             // GNU_PROPERTY_X86_ISA_1_USED
    std::uint64_t x86_isa_offset = 0;                      // file offset of the NEEDED word
    std::uint32_t aarch64_features = 0;                    // bit 0 BTI, bit 1 PAC
};
[[nodiscard]] KnownNotes known_notes(const Image& image, const std::vector<Note>& notes);

}  // namespace abiscope::elf
