// Call frame information and debug files of a module, read when first asked for.
#include "base/text.h"
#include "core/module.h"
#include "elf/notes.h"
#include "elf/spec.h"
#include "finding/sink.h"

namespace abiscope::core {

struct Module::Cache {
    std::optional<std::vector<elf::Section>> sections;
    bool frames_read = false;
    std::optional<dwarf::CallFrames> eh_frames;
    std::optional<dwarf::CallFrames> debug_frames;
    std::vector<elf::SectionContents> kept;   // decompressed sections
    bool debug_looked_for = false;
    std::optional<elf::Image> debug;
    std::string debug_path;
};

Module::Cache& Module::cache() const {
    if (!cache_) cache_ = std::make_shared<Cache>();
    return *cache_;
}

const std::vector<elf::Section>& Module::sections() const {
    Cache& own = cache();
    if (!own.sections) {
        finding::Sink unheard;
        own.sections = image ? elf::read_sections(*image, unheard) : std::vector<elf::Section>();
    }
    return *own.sections;
}

namespace {

std::optional<dwarf::CallFrames> eh_frames_of(const elf::Image& image, const std::vector<elf::Section>& sections) {
    std::uint8_t address_size = image.encoding().wide ? 8 : 4;
    Endian order = image.encoding().order;
    const elf::Segment* header = image.segment(elf::pt_gnu_eh_frame);
    const elf::Section* section = elf::find_section(sections, ".eh_frame");
    if (section != nullptr && section->type != elf::sht_nobits) {
        View head = header ? image.bytes().clamped(header->offset, header->filesz) : View();
        return dwarf::CallFrames({elf::section_bytes(image, *section), section->addr, true}, head, header ? header->vaddr : 0, address_size,
                                 order);
    }
    if (header == nullptr || header->filesz < 8) return std::nullopt;
    // Without section headers (vDSO, sstripped): .eh_frame is what the header points to, up to the end of the segment.
    View head = image.bytes().clamped(header->offset, header->filesz);
    if (head.size() < 8 || head.data()[1] != std::byte{0x1b}) return std::nullopt;   // DW_EH_PE_pcrel | DW_EH_PE_sdata4
    std::uint64_t address = header->vaddr + 4 + static_cast<std::uint64_t>(std::int64_t{load<std::int32_t>(head.data() + 4, order)});
    View bytes = image.view_at(address);
    if (bytes.empty()) return std::nullopt;
    return dwarf::CallFrames({bytes, address, true}, head, header->vaddr, address_size, order);
}

std::optional<elf::SectionContents> debug_frame_of(const elf::Image& image, const std::vector<elf::Section>& sections) {
    const elf::Section* section = elf::find_section(sections, ".debug_frame");
    if (section == nullptr) section = elf::find_section(sections, ".zdebug_frame");
    if (section == nullptr || section->type == elf::sht_nobits) return std::nullopt;
    auto contents = elf::section_contents(image, *section);
    return contents ? std::optional(std::move(*contents)) : std::nullopt;
}

}  // namespace

const elf::Image* Module::debug_image(debuginfo::FileFinder* files) const {
    Cache& own = cache();
    if (own.debug_looked_for || files == nullptr || !image) return own.debug ? &*own.debug : nullptr;
    own.debug_looked_for = true;
    debuginfo::Links links;
    links.build_id = file_build_id;
    if (const elf::Section* section = elf::find_section(sections(), ".gnu_debuglink"))
        links.debug_link = elf::section_bytes(*image, *section).c_string(0).value_or("");
    if (links.build_id.empty()) return nullptr;   // nothing to prove a debug file with
    for (const std::string& candidate : debuginfo::debug_file_paths(opened, links, {})) {
        auto source = files->open(candidate);
        if (!source) continue;
        auto other = elf::Image::parse(*source);
        if (!other) continue;
        finding::Sink unheard;
        std::vector<elf::Section> others = elf::read_sections(*other, unheard);
        for (const elf::Note& note : elf::read_notes(*other, &others)) {
            if (note.name != "GNU" || note.type != elf::nt_gnu_build_id) continue;
            if (text::hex_bytes(note.descriptor.bytes(), "") == links.build_id) own.debug.emplace(std::move(*other));
            break;
        }
        own.debug_path = candidate;
        if (own.debug) break;
    }
    return own.debug ? &*own.debug : nullptr;
}

std::optional<debuginfo::DebugFile> Module::debug_file(debuginfo::FileFinder* files) const {
    if (!image) return std::nullopt;
    for (const elf::Section& section : sections()) {
        if (section.type != elf::sht_nobits && (section.name == ".debug_info" || section.name == ".zdebug_info"))
            return debuginfo::DebugFile{image->source(), opened, opened};
    }
    const elf::Image* separate = debug_image(files);
    if (separate == nullptr) return std::nullopt;
    return debuginfo::DebugFile{separate->source(), cache().debug_path, opened};
}

std::optional<Module::Unwinding> Module::unwinding_at(std::uint64_t file_address, debuginfo::FileFinder* files) const {
    if (!image) return std::nullopt;
    Cache& own = cache();
    if (!own.frames_read) {
        own.frames_read = true;
        own.eh_frames = eh_frames_of(*image, sections());
        auto contents = debug_frame_of(*image, sections());
        if (!contents) {
            if (const elf::Image* debug = debug_image(files)) {
                finding::Sink unheard;
                contents = debug_frame_of(*debug, elf::read_sections(*debug, unheard));
            }
        }
        if (contents) {
            own.kept.push_back(*contents);
            own.debug_frames.emplace(dwarf::FrameSection{contents->view, 0, false}, View(), 0,
                                     static_cast<std::uint8_t>(image->encoding().wide ? 8 : 4), image->encoding().order);
        }
    }
    for (const auto* frames : {&own.eh_frames, &own.debug_frames}) {
        if (!*frames) continue;
        if (auto entry = (*frames)->find(file_address)) return Unwinding{&**frames, *entry};
    }
    return std::nullopt;
}

}  // namespace abiscope::core
