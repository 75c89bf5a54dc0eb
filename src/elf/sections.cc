#include "elf/sections.h"

#include <algorithm>

#include <fmt/format.h>

#include "bytes/decompress.h"
#include "bytes/reader.h"
#include "elf/image.h"

namespace abiscope::elf {

using finding::Address;
using finding::Evidence;
using finding::Finding;
using finding::RuleId;

SectionTableShape section_table_shape(View file, const Header& header, Encoding encoding) {
    SectionTableShape shape{.count = header.shnum, .string_index = header.shstrndx};
    if (header.shoff == 0) return {};
    if (header.shnum != 0 && header.shstrndx != shn_xindex) return shape;
    Reader zero(file.from(header.shoff), encoding.order, "section header 0");
    zero.skip(encoding.wide ? 32 : 20);
    std::uint64_t size = zero.word(encoding.wide);
    std::uint32_t link = zero.u32();
    if (!zero.ok()) return shape;
    if (header.shnum == 0) shape.count = size;
    if (header.shstrndx == shn_xindex) shape.string_index = link;
    return shape;
}

namespace {

Section read_section(Reader& reader, bool wide) {
    Section section;
    section.record_offset = reader.file_offset();
    section.name_offset = reader.u32();
    section.type = reader.u32();
    section.flags = reader.word(wide);
    section.addr = reader.word(wide);
    section.offset = reader.word(wide);
    section.size = reader.word(wide);
    section.link = reader.u32();
    section.info = reader.u32();
    section.addralign = reader.word(wide);
    section.entsize = reader.word(wide);
    return section;
}

}  // namespace

std::vector<Section> read_sections(const Image& image, finding::Sink& sink) {
    const Header& header = image.header();
    SectionTableShape shape = section_table_shape(image.bytes(), header, image.encoding());
    std::uint64_t record = image.encoding().wide ? 64 : 40;
    std::vector<Section> sections;
    if (shape.count == 0 || header.shentsize < record) return sections;

    View records = image.bytes().from(header.shoff);
    std::uint64_t fit = records.size() < record ? 0 : 1 + (records.size() - record) / header.shentsize;
    std::uint64_t count = std::min(shape.count, fit);
    if (count < shape.count) {
        FieldPlace place = place_of(HeaderField::shoff, image.encoding());
        sink.add(Finding(RuleId::ELF_SECTIONS_TRUNCATED,
                         Evidence::value("elf/header.e_shoff", image.bytes().file_offset(place.offset), place.size,
                                         fmt::format("{} section headers of {} bytes at offset {:#x}; the file is {:#x} bytes", shape.count,
                                                     header.shentsize, header.shoff, image.bytes().size())))
                     .with("claimed", shape.count)
                     .with("present", count));
    }
    sections.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        Reader reader(records.from(i * header.shentsize), image.encoding().order, "section header");
        sections.push_back(read_section(reader, image.encoding().wide));
    }
    if (shape.string_index < sections.size()) {
        View names = section_bytes(image, sections[shape.string_index]);
        for (Section& section : sections) section.name = names.clamped(section.name_offset, 4096).c_string(0).value_or(std::string_view());
    }
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const Section& section = sections[i];
        if (section.type == sht_nobits || section.type == sht_null || range_fits(section.offset, section.size, image.bytes().size()))
            continue;
        sink.add(Finding(RuleId::ELF_SECTION_PAST_END,
                         Evidence::value(fmt::format("elf/section[{}].sh_offset", i),
                                         section.record_offset + (image.encoding().wide ? 24 : 16), image.encoding().wide ? 16 : 8,
                                         fmt::format("{:#x} bytes at offset {:#x}; the file is {:#x} bytes", section.size, section.offset,
                                                     image.bytes().size())))
                     .with("section", section.name.empty() ? fmt::format("#{}", i) : std::string(section.name)));
    }
    return sections;
}

bool is_debug_file(const std::vector<Section>& sections) {
    constexpr std::uint64_t code_flags = shf_alloc | shf_execinstr;
    bool code = false, kept = false;
    for (const Section& section : sections) {
        if ((section.flags & code_flags) == code_flags) {
            if (section.type != sht_nobits) return false;
            code = code || section.size != 0;
        }
        bool debug = section.name.starts_with(".debug_") || section.name.starts_with(".zdebug_");
        kept = kept || (section.type != sht_nobits && (debug || section.type == sht_symtab));
    }
    return code && kept;
}

const Section* find_section(const std::vector<Section>& sections, std::string_view name) {
    for (const Section& section : sections) {
        if (section.name == name) return &section;
    }
    return nullptr;
}

const Section* section_at(const std::vector<Section>& sections, std::uint64_t address) {
    for (const Section& section : sections) {
        // .tbss occupies no addresses of its own: those it names belong to the section after it.
        bool thread_zeroes = (section.flags & shf_tls) != 0 && section.type == sht_nobits;
        if ((section.flags & shf_alloc) != 0 && !thread_zeroes && range_contains(section.addr, section.size, address)) return &section;
    }
    return nullptr;
}

View section_bytes(const Image& image, const Section& section) {
    if (section.type == sht_nobits) return {};
    return image.bytes().clamped(section.offset, section.size);
}

namespace {

SectionContents made_from(const Image& image, std::uint64_t offset, std::vector<std::byte> bytes) {
    SourcePtr child = Source::from_parent(image.source(), offset, std::move(bytes));
    View view = child->view();
    return {std::move(child), view};
}

}  // namespace

Result<std::optional<CompressedSection>> compressed_section(const Image& image, const Section& section) {
    View raw = section_bytes(image, section);
    if ((section.flags & shf_compressed) != 0) {
        Reader reader(raw, image.encoding().order, "compression header");
        std::uint32_t type = reader.u32();
        if (image.encoding().wide) reader.skip(4);
        std::uint64_t size = reader.word(image.encoding().wide);
        static_cast<void>(reader.word(image.encoding().wide));
        if (!reader.ok()) return fail(reader.error());
        if (type != elfcompress_zlib && type != elfcompress_zstd) {
            return fail(Error{.code = ErrorCode::unsupported,
                              .what = "compression type of a section",
                              .file = image.name(),
                              .offset = raw.file_offset(),
                              .wanted = "1 (zlib) or 2 (zstd)",
                              .had = fmt::format("{}", type)});
        }
        auto method = type == elfcompress_zlib ? Compression::zlib : Compression::zstd;
        return CompressedSection{raw.from(reader.position()), method, size};
    }
    if (section.name.starts_with(".zdebug_") && raw.starts_with("ZLIB")) {
        Reader reader(raw, Endian::big, "compressed section header");
        reader.skip(4);
        std::uint64_t size = reader.u64();
        if (!reader.ok()) return fail(reader.error());
        return CompressedSection{raw.from(reader.position()), Compression::zlib, size};
    }
    return std::nullopt;
}

Result<SectionContents> section_contents(const Image& image, const Section& section, const Limits& limits) {
    ABISCOPE_TRY(auto compressed, compressed_section(image, section));
    View raw = section_bytes(image, section);
    if (!compressed) return SectionContents{image.source(), raw};
    ABISCOPE_TRY(auto bytes, decompress(compressed->bytes, compressed->method, compressed->size, limits));
    return made_from(image, raw.file_offset() - image.source()->view().file_offset(), std::move(bytes));
}

}  // namespace abiscope::elf
