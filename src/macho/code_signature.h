// The code signature (LC_CODE_SIGNATURE): a SuperBlob of big-endian blobs, whatever the byte order of the image. <kern/cs_blobs.h>.
// Reads what is claimed; whether hashes and certificates hold is not checked here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "finding/sink.h"
#include "macho/image.h"
#include "macho/spec.h"

namespace abiscope::macho {

// struct CS_CodeDirectory. Fields that came with a later version than the directory's own are absent.
struct CodeDirectory {
    std::uint32_t slot = 0;                    // CSSLOT_CODEDIRECTORY, or an alternate one with another hash
    std::uint32_t version = 0;                 // 0x20400 and so on
    std::uint32_t flags = 0;                   // CS_*
    std::string_view identifier;
    std::optional<std::string_view> team_id;   // version 0x20200
    std::uint8_t hash_type = 0;
    std::uint8_t hash_size = 0;                // bytes
    std::uint64_t page_size = 0;               // bytes; 0: one hash for the whole file
    std::uint32_t special_slot_count = 0;
    std::uint32_t code_slot_count = 0;
    std::uint64_t code_limit = 0;              // bytes of the image that are hashed
    std::optional<std::uint64_t> exec_segment_flags;   // version 0x20400
    std::optional<std::uint32_t> runtime;      // version 0x20500: hardened runtime version, packed
    std::uint64_t file_offset = 0;

    [[nodiscard]] bool has(std::uint32_t flag) const { return (flags & flag) != 0; }
};

struct SignatureBlob {
    std::uint32_t slot = 0;    // CSSLOT_*
    std::uint32_t magic = 0;   // CSMAGIC_*
    View bytes;                // magic and length included
};

struct CodeSignature {
    std::vector<SignatureBlob> blobs;
    std::vector<CodeDirectory> directories;    // the main one first
    bool has_cms = false;                      // a certificate signs it: the CMS blob is there and not empty
    std::optional<View> entitlements;          // the XML property list, without the blob header
    bool has_der_entitlements = false;
    bool has_requirements = false;

    [[nodiscard]] const CodeDirectory* directory() const { return directories.empty() ? nullptr : &directories.front(); }
};

// Nothing for an image without the command. Findings: MACHO-SIGNATURE-MISSING (arm64), MACHO-SIGNATURE-MALFORMED, MACHO-TABLE-TRUNCATED.
[[nodiscard]] Result<std::optional<CodeSignature>> read_code_signature(const Image& image, finding::Sink& sink);

}  // namespace abiscope::macho
