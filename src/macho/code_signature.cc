#include "macho/code_signature.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

constexpr std::uint64_t blob_header_size = 8;

bool is_directory_slot(std::uint32_t slot) {
    return slot == cs_slot_code_directory || (slot >= cs_slot_alternate_first && slot < cs_slot_alternate_end);
}

class SignatureReader {
public:
    SignatureReader(const Image& image, View bytes, finding::Sink& sink) : image_(image), bytes_(bytes), sink_(sink) {}

    CodeSignature read() {
        CodeSignature signature;
        Reader reader(bytes_, Endian::big, "the code signature");
        std::uint32_t magic = reader.u32();
        std::uint32_t length = reader.u32();
        std::uint32_t count = reader.u32();
        if (!reader.ok()) {
            malformed("superblob", 0, "its header does not fit");
            return signature;
        }
        if (magic != cs_magic_embedded_signature) {
            malformed("superblob.magic", 0, text::hex(magic) + " is not an embedded signature");
            return signature;
        }
        if (length > bytes_.size()) malformed("superblob.length", 4, fmt::format("{} bytes, {} are there", length, bytes_.size()));
        for (std::uint32_t i = 0; i < count; ++i) {
            std::uint64_t at = reader.position();
            std::uint32_t slot = reader.u32();
            std::uint32_t offset = reader.u32();
            if (!reader.ok()) {
                malformed("superblob.count", 8, fmt::format("{} blobs, the index ends after {}", count, i));
                break;
            }
            read_blob(signature, slot, offset, at);
        }
        std::ranges::sort(signature.directories, {}, [](const CodeDirectory& d) { return std::pair(d.slot, d.file_offset); });
        if (signature.directories.empty()) malformed("superblob", 0, "it has no code directory");
        return signature;
    }

private:
    void malformed(const std::string& part, std::uint64_t at, const std::string& reason) {
        sink_.add(
            Finding(RuleId::MACHO_SIGNATURE_MALFORMED, Evidence::bytes("macho/code_signature/" + part, bytes_.file_offset(at), 4, reason))
                .with("reason", reason));
    }

    void read_blob(CodeSignature& signature, std::uint32_t slot, std::uint32_t offset, std::uint64_t index_at) {
        std::string part = name_or_hex(names::signature_slots, slot);
        Reader reader(bytes_.from(offset), Endian::big, "a blob of the code signature");
        std::uint32_t magic = reader.u32();
        std::uint32_t length = reader.u32();
        auto content = reader.ok() ? bytes_.try_slice(offset, length) : std::nullopt;
        if (!content || length < blob_header_size) {
            return malformed(part, index_at, fmt::format("a blob at {:#x} of {} bytes does not fit", offset, length));
        }
        signature.blobs.push_back({slot, magic, *content});
        View payload = content->from(blob_header_size);
        if (is_directory_slot(slot)) {
            if (magic != cs_magic_code_directory) return malformed(part, index_at, text::hex(magic) + " is not a code directory");
            // There are six slots for one: a seventh could only repeat the work on another.
            if (std::ranges::find(signature.directories, slot, &CodeDirectory::slot) != signature.directories.end()) {
                return malformed(part, index_at, "a second code directory in the same slot");
            }
            read_directory(signature, slot, *content, part);
        } else if (slot == cs_slot_signature) {
            signature.has_cms = magic == cs_magic_blob_wrapper && !payload.empty();
        } else if (slot == cs_slot_entitlements && magic == cs_magic_entitlements) {
            signature.entitlements = payload;
        } else if (slot == cs_slot_entitlements_der) {
            signature.has_der_entitlements = magic == cs_magic_entitlements_der;
        } else if (slot == cs_slot_requirements) {
            signature.has_requirements = magic == cs_magic_requirements;
        }
    }

    void read_directory(CodeSignature& signature, std::uint32_t slot, View bytes, const std::string& part) {
        Reader reader(bytes, Endian::big, "the code directory");
        CodeDirectory directory;
        directory.slot = slot;
        directory.file_offset = bytes.file_offset();
        reader.skip(blob_header_size);
        directory.version = reader.u32();
        directory.flags = reader.u32();
        std::uint32_t hash_offset = reader.u32();
        std::uint32_t identifier_offset = reader.u32();
        directory.special_slot_count = reader.u32();
        directory.code_slot_count = reader.u32();
        directory.code_limit = reader.u32();
        directory.hash_size = reader.u8();
        directory.hash_type = reader.u8();
        reader.skip(1);   // platform
        std::uint8_t page_log2 = reader.u8();
        directory.page_size = page_log2 == 0 || page_log2 > 31 ? 0 : std::uint64_t{1} << page_log2;
        reader.skip(4);   // spare2
        std::uint32_t team_offset = 0;
        if (directory.version >= 0x20100) reader.skip(4);   // scatterOffset
        if (directory.version >= 0x20200) team_offset = reader.u32();
        if (directory.version >= 0x20300) {
            reader.skip(4);   // spare3
            if (std::uint64_t limit = reader.u64(); limit != 0) directory.code_limit = limit;
        }
        if (directory.version >= 0x20400) {
            reader.skip(16);   // execSegBase, execSegLimit
            directory.exec_segment_flags = reader.u64();
        }
        if (directory.version >= 0x20500) directory.runtime = reader.u32();
        std::uint64_t at = bytes.file_offset() - bytes_.file_offset();
        if (!reader.ok())
            return malformed(part, at, fmt::format("{} bytes are too few for version {:#x}", bytes.size(), directory.version));
        if (auto identifier = bytes.c_string(identifier_offset)) {
            directory.identifier = *identifier;
        } else {
            malformed(part + ".identOffset", at + 20, fmt::format("{:#x} lies outside its {} bytes", identifier_offset, bytes.size()));
        }
        if (team_offset != 0) directory.team_id = bytes.c_string(team_offset);
        check_hashes(directory, bytes, hash_offset, part, at);
        signature.directories.push_back(directory);
    }

    // Special slots lie before hashOffset, code slots after it.
    void check_hashes(const CodeDirectory& directory, View bytes, std::uint32_t hash_offset, const std::string& part, std::uint64_t at) {
        std::uint64_t before = std::uint64_t{directory.special_slot_count} * directory.hash_size;
        std::uint64_t after = std::uint64_t{directory.code_slot_count} * directory.hash_size;
        if (hash_offset < before || !range_fits(hash_offset, after, bytes.size())) {
            malformed(part + ".hashOffset", at + 16,
                      fmt::format("{} + {} hashes of {} bytes around {:#x} do not fit", directory.special_slot_count,
                                  directory.code_slot_count, directory.hash_size, hash_offset));
        }
        if (directory.code_limit > image_.bytes().size()) {
            malformed(part + ".codeLimit", at + 32,
                      fmt::format("{} bytes are signed, the image has {}", directory.code_limit, image_.bytes().size()));
        }
    }

    const Image& image_;
    View bytes_;
    finding::Sink& sink_;
};

}  // namespace

Result<std::optional<CodeSignature>> read_code_signature(const Image& image, finding::Sink& sink) {
    auto data = find_linkedit_data(image, lc_code_signature, sink);
    if (data) return SignatureReader(image, data->bytes, sink).read();
    if (image.header().is_arm64() && image.header().is_final_image() && image.find_command(lc_code_signature) == nullptr) {
        sink.add(Finding(RuleId::MACHO_SIGNATURE_MISSING,
                         Evidence::absence("macho/LC_CODE_SIGNATURE", fmt::format("{} load commands", image.commands().size())))
                     .with("arch", image.header().arch()));
    }
    return std::nullopt;
}

}  // namespace abiscope::macho
