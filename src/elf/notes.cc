#include "elf/notes.h"

#include "bytes/reader.h"
#include "elf/spec.h"

namespace abiscope::elf {

namespace {

constexpr std::uint64_t least_note = 12;

// `most`: as many notes as fit the file side by side. A hostile file may name the same ones in each of 65,535 segments.
void collect(View bytes, std::uint64_t alignment, Endian order, std::uint64_t most, std::vector<Note>& out) {
    // Notes are padded to 4 bytes; only GNU property notes in 64-bit files use 8 (Linux Extensions to gABI, ".note.gnu.property").
    std::uint64_t step = alignment == 8 ? 8 : 4;
    for (std::uint64_t at = 0; bytes.size() >= least_note && at <= bytes.size() - least_note && out.size() < most;) {
        Reader reader(bytes.from(at), order, "note");
        Note note;
        note.record_offset = reader.file_offset();
        std::uint32_t name_size = reader.u32();
        std::uint32_t descriptor_size = reader.u32();
        note.type = reader.u32();
        auto name = bytes.try_slice(at + 12, name_size);
        std::uint64_t descriptor_at = at + align_up(std::uint64_t{12} + name_size, step);
        auto descriptor = bytes.try_slice(descriptor_at, descriptor_size);
        if (!name || !descriptor) return;
        note.name = name->as_text();
        while (note.name.ends_with('\0')) note.name.remove_suffix(1);
        note.descriptor = *descriptor;
        out.push_back(note);
        at = align_up(descriptor_at + descriptor_size, step);
    }
}

}  // namespace

std::vector<Note> read_notes(const Image& image, const std::vector<Section>* sections) {
    std::vector<Note> out;
    std::uint64_t most = image.bytes().size() / least_note;
    bool any_segment = false;
    for (const Segment& segment : image.segments()) {
        if (segment.type != pt_note) continue;
        any_segment = true;
        collect(image.bytes().clamped(segment.offset, segment.filesz), segment.align, image.encoding().order, most, out);
    }
    if (!any_segment && sections != nullptr) {
        for (const Section& section : *sections) {
            if (section.type == sht_note) collect(section_bytes(image, section), section.addralign, image.encoding().order, most, out);
        }
    }
    return out;
}

PropertyList read_properties(const Note& note, Encoding encoding) {
    PropertyList list;
    std::uint64_t step = encoding.wide ? 8 : 4;
    for (std::uint64_t at = 0; at < note.descriptor.size();) {
        Reader reader(note.descriptor.from(at), encoding.order, "GNU property");
        Property property;
        property.type = reader.u32();
        std::uint32_t size = reader.u32();
        property.data = reader.bytes(size);
        if (!reader.ok()) {
            list.whole = false;
            break;
        }
        list.entries.push_back(property);
        at += align_up(std::uint64_t{8} + size, step);
    }
    return list;
}

namespace {

void take_property(const Property& property, const Image& image, KnownNotes& out) {
    if (property.data.size() < 4) return;
    std::uint32_t word = load<std::uint32_t>(property.data.data(), image.encoding().order);
    std::uint16_t machine = image.header().machine;
    if (machine == em_x86_64 || machine == em_386) {
        if (property.type == gnu_property_x86_feature_1_and) out.x86_features |= word;
        if (property.type == gnu_property_x86_isa_1_used) out.x86_isa_used = word;
        if (property.type == gnu_property_x86_isa_1_needed) {
            out.x86_isa_needed = word;
            out.x86_isa_offset = property.data.file_offset();
        }
    }
    if (machine == em_aarch64 && property.type == gnu_property_aarch64_feature_1_and) out.aarch64_features |= word;
}

}  // namespace

KnownNotes known_notes(const Image& image, const std::vector<Note>& notes) {
    KnownNotes out;
    Endian order = image.encoding().order;
    for (const Note& note : notes) {
        if (note.name == "Go" && note.type == 4) out.go_build_id = note.descriptor;
        if (note.name != "GNU") continue;
        if (note.type == nt_gnu_build_id && out.build_id.empty()) out.build_id = note.descriptor;
        if (note.type == nt_gnu_abi_tag && note.descriptor.size() >= 16 && !out.abi_tag) {
            auto word = [&](std::uint64_t i) { return load<std::uint32_t>(note.descriptor.data() + 4 * i, order); };
            out.abi_tag = AbiTag{.os = word(0), .version = {word(1), word(2), word(3)}, .record_offset = note.record_offset};
        }
        if (note.type == nt_gnu_property_type_0) {
            for (const Property& property : read_properties(note, image.encoding()).entries) take_property(property, image, out);
        }
    }
    return out;
}

}  // namespace abiscope::elf
