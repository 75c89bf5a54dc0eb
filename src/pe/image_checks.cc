#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

using finding::Address;
using finding::Confidence;
using finding::Evidence;
using finding::Finding;
using finding::RuleId;

std::string shown(const Section& section) { return section.name.empty() ? "without name" : text::printable(section.name); }

// Offsets of fields within the optional header, for evidence.
struct FieldPlace {
    std::uint64_t offset;
    std::uint64_t size;
};
constexpr FieldPlace entry_field{16, 4};
constexpr FieldPlace section_alignment_field{32, 4};
constexpr FieldPlace file_alignment_field{36, 4};
constexpr FieldPlace image_size_field{56, 4};
constexpr FieldPlace headers_size_field{60, 4};
constexpr FieldPlace dll_characteristics_field{70, 2};

FieldPlace image_base_field(const OptionalHeader& header) { return header.wide() ? FieldPlace{24, 8} : FieldPlace{28, 4}; }

Evidence field(const OptionalHeader& header, std::string_view name, FieldPlace place, std::uint64_t value) {
    return Evidence::value(fmt::format("pe/optional_header.{}", name), header.offset + place.offset, place.size, text::hex(value));
}

Evidence section_field(const Image& image, std::size_t index, std::string_view name, std::uint64_t offset, std::uint64_t value) {
    return Evidence::value(fmt::format("pe/section[{}].{}", index, name), image.sections()[index].offset + offset, 4, text::hex(value));
}
Evidence section_rva(const Image& image, std::size_t index) {
    return section_field(image, index, "VirtualAddress", 12, image.sections()[index].rva);
}
Evidence section_size(const Image& image, std::size_t index) {
    return section_field(image, index, "VirtualSize", 8, image.sections()[index].virtual_size);
}

void check_machine(const Image& image, finding::Sink& sink) {
    const OptionalHeader& header = *image.optional();
    auto expected = expected_magic(image.machine());
    if (!expected || *expected == header.magic) return;
    sink.add(Finding(RuleId::PE_MACHINE_MAGIC_MISMATCH,
                     Evidence::value("pe/coff_header.Machine", image.coff().offset, 2, name_or_hex(machine_names, image.machine())))
                 .add(field(header, "Magic", {0, 2}, header.magic))
                 .with("machine", name_or_hex(machine_names, image.machine()))
                 .with("magic", name_or_hex(magic_names, header.magic)));
}

void check_alignment(const Image& image, finding::Sink& sink) {
    const OptionalHeader& header = *image.optional();
    std::uint32_t page = page_size(image.machine());
    auto bad = [&](std::string problem) {
        sink.add(Finding(RuleId::PE_BAD_ALIGNMENT, field(header, "SectionAlignment", section_alignment_field, header.section_alignment))
                     .add(field(header, "FileAlignment", file_alignment_field, header.file_alignment))
                     .with("problem", std::move(problem)));
    };
    if (!is_power_of_two(header.section_alignment) || !is_power_of_two(header.file_alignment)) {
        bad("the alignments are not powers of two");
    } else if (header.file_alignment > header.section_alignment) {
        bad("FileAlignment is larger than SectionAlignment");
    } else if (header.section_alignment < page && header.section_alignment != header.file_alignment) {
        bad("SectionAlignment is less than a page and differs from FileAlignment");
    } else if (header.section_alignment >= page && header.file_alignment < 512) {
        bad("FileAlignment is less than 512 bytes");
    }
    if (header.image_base % 0x10000 != 0) {
        sink.add(Finding(RuleId::PE_IMAGE_BASE_UNALIGNED, field(header, "ImageBase", image_base_field(header), header.image_base))
                     .with("base", Address{header.image_base}));
    }
}

void check_truncation(const Image& image, finding::Sink& sink) {
    if (image.optional()->headers_size > image.bytes().size()) {
        sink.add(
            Finding(RuleId::PE_TRUNCATED, field(*image.optional(), "SizeOfHeaders", headers_size_field, image.optional()->headers_size))
                .with("part", std::string("the headers"))
                .with("end", Address{image.optional()->headers_size})
                .with("size", Address{image.bytes().size()}));
    }
    for (std::size_t i = 0; i < image.sections().size(); ++i) {
        const Section& section = image.sections()[i];
        if (section.raw_offset == 0 || section.raw_size == 0) continue;
        std::uint64_t end = std::uint64_t{section.raw_offset} + section.raw_size;
        if (end <= image.bytes().size()) continue;
        sink.add(Finding(RuleId::PE_TRUNCATED, section_field(image, i, "SizeOfRawData", 16, section.raw_size))
                     .add(section_field(image, i, "PointerToRawData", 20, section.raw_offset))
                     .with("part", fmt::format("section {}", shown(section)))
                     .with("end", Address{end})
                     .with("size", Address{image.bytes().size()}));
    }
}

// The kernel maps sections one behind the other and refuses an image with a hole, an overlap or sections out of order.
void check_section_order(const Image& image, finding::Sink& sink) {
    const OptionalHeader& header = *image.optional();
    if (image.mapping().flat() || !is_power_of_two(header.section_alignment) || is_uefi_subsystem(header.subsystem)) return;
    std::uint64_t next = align_up(header.headers_size, header.section_alignment);
    for (std::size_t i = 0; i < image.sections().size(); ++i) {
        const Section& section = image.sections()[i];
        if (section.rva < next) {
            Finding overlap(RuleId::PE_SECTION_OVERLAP, section_rva(image, i));
            if (i > 0) overlap.add(section_rva(image, i - 1)).add(section_size(image, i - 1));
            sink.add(std::move(overlap)
                         .with("section", shown(section))
                         .with("other", i > 0 ? "section " + shown(image.sections()[i - 1]) : std::string("the headers"))
                         .with("rva", Address{section.rva})
                         .with("end", Address{next}));
            return;
        }
        if (section.rva > next) {
            sink.add(Finding(RuleId::PE_SECTION_GAP, section_rva(image, i))
                         .with("section", shown(section))
                         .with("rva", Address{section.rva})
                         .with("expected", Address{next})
                         .confidence(Confidence::likely, "read from the source of the kernel's loader, not run on Windows here"));
            return;
        }
        next = align_up(std::uint64_t{section.rva} + section.memory_size(), header.section_alignment);
    }
    if (next > header.image_size) {
        sink.add(Finding(RuleId::PE_IMAGE_SIZE, field(header, "SizeOfImage", image_size_field, header.image_size))
                     .with("size", Address{header.image_size})
                     .with("end", Address{next}));
    }
}

void check_file_overlap(const Image& image, finding::Sink& sink) {
    if (image.mapping().flat()) return;
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < image.sections().size(); ++i) {
        if (image.sections()[i].raw_offset != 0 && image.sections()[i].raw_size != 0) order.push_back(i);
    }
    std::ranges::sort(order, {}, [&image](std::size_t i) { return image.sections()[i].raw_offset; });
    for (std::size_t k = 1; k < order.size(); ++k) {
        const Section& before = image.sections()[order[k - 1]];
        const Section& section = image.sections()[order[k]];
        if (std::uint64_t{before.raw_offset} + before.raw_size <= section.raw_offset) continue;
        sink.add(Finding(RuleId::PE_SECTION_FILE_OVERLAP, section_field(image, order[k], "PointerToRawData", 20, section.raw_offset))
                     .add(section_field(image, order[k - 1], "PointerToRawData", 20, before.raw_offset))
                     .add(section_field(image, order[k - 1], "SizeOfRawData", 16, before.raw_size))
                     .with("section", shown(section))
                     .with("other", shown(before)));
        return;
    }
}

void check_write_execute(const Image& image, finding::Sink& sink) {
    for (std::size_t i = 0; i < image.sections().size(); ++i) {
        const Section& section = image.sections()[i];
        if (!section.writable() || !section.executable()) continue;
        sink.add(Finding(RuleId::PE_SECTION_WRITE_EXECUTE,
                         Evidence::value(fmt::format("pe/section[{}].Characteristics", i), section.offset + 36, 4,
                                         flag_names(section_flag_names, section.characteristics)))
                     .with("section", shown(section)));
    }
}

void check_entry(const Image& image, finding::Sink& sink) {
    const OptionalHeader& header = *image.optional();
    Evidence entry = field(header, "AddressOfEntryPoint", entry_field, header.entry_rva);
    if (header.entry_rva == 0) {
        if (!image.is_dll() && !image.is_dotnet()) sink.add(Finding(RuleId::PE_ENTRY_ZERO, std::move(entry)));
        return;
    }
    auto index = image.section_at(header.entry_rva);
    entry = std::move(entry).at_address(header.image_base + header.entry_rva);
    if (!index) {
        sink.add(Finding(RuleId::PE_ENTRY_OUTSIDE_SECTIONS, std::move(entry)).with("rva", Address{header.entry_rva}));
        return;
    }
    const Section& section = image.sections()[*index];
    if (section.executable() || image.mapping().flat()) return;
    Finding finding(RuleId::PE_ENTRY_NOT_EXECUTABLE, std::move(entry));
    finding.add(Evidence::value(fmt::format("pe/section[{}].Characteristics", *index), section.offset + 36, 4,
                                flag_names(section_flag_names, section.characteristics)));
    finding.with("rva", Address{header.entry_rva}).with("section", shown(section));
    if (!header.wide() && (header.dll_characteristics & dll_characteristic::nx_compat) == 0) {
        finding.confidence(Confidence::likely, "a 32-bit program without NX_COMPAT may run with data execution prevention off");
    }
    sink.add(std::move(finding));
}

void check_directory(const Image& image, std::size_t index, finding::Sink& sink) {
    auto which = static_cast<Directory>(index);
    auto entry = image.directory(which);
    // The global pointer is an address alone; the last entry and the one for architecture data must be zero and mean nothing.
    if (!entry || which == Directory::global_pointer || which == Directory::architecture || which == Directory::reserved) return;
    std::uint64_t available = 0;
    if (which == Directory::certificates) {
        available = image.bytes().from(entry->rva).size();
    } else if (auto mapped = image.mapping().at(entry->rva)) {
        available = mapped->bytes.size() + (mapped->bytes.empty() ? 0 : mapped->zeros);
    }
    if (available != 0 && available >= entry->size) return;
    std::string_view where = which == Directory::certificates ? "offset" : "RVA";
    sink.add(Finding(RuleId::PE_DIRECTORY_OUTSIDE_FILE,
                     Evidence::value(fmt::format("pe/optional_header.DataDirectory[{}]", index), entry->offset, 8,
                                     fmt::format("{} {:#x}, size {:#x}", where, entry->rva, entry->size)))
                 .with("directory", name_or_hex(directory_names, index))
                 .with("start", Address{entry->rva})
                 .with("claimed", std::uint64_t{entry->size})
                 .with("available", available));
}

void check_relocations(const Image& image, finding::Sink& sink) {
    const OptionalHeader& header = *image.optional();
    bool stripped = (image.coff().characteristics & characteristic::relocs_stripped) != 0;
    if (!stripped || (header.dll_characteristics & dll_characteristic::dynamic_base) == 0) return;
    sink.add(Finding(RuleId::PE_RELOCATIONS_STRIPPED,
                     Evidence::value("pe/coff_header.Characteristics", image.coff().offset + 18, 2,
                                     flag_names(characteristic_names, image.coff().characteristics)))
                 .add(Evidence::value("pe/optional_header.DllCharacteristics", header.offset + dll_characteristics_field.offset, 2,
                                      flag_names(dll_characteristic_names, header.dll_characteristics)))
                 .with("base", Address{header.image_base}));
}

}  // namespace

void check_headers(const Image& image, finding::Sink& sink) {
    check_machine(image, sink);
    check_alignment(image, sink);
    check_truncation(image, sink);
    check_section_order(image, sink);
    check_file_overlap(image, sink);
    check_write_execute(image, sink);
    check_entry(image, sink);
    for (std::size_t i = 0; i < image.optional()->directories.size(); ++i) check_directory(image, i, sink);
    check_relocations(image, sink);
}

}  // namespace abiscope::pe
