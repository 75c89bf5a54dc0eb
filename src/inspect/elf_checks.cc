#include "inspect/elf_checks.h"

#include <fmt/format.h>

#include "base/text.h"

namespace abiscope::inspect {

using finding::Address;
using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

Evidence header_value(const elf::Image& image, elf::HeaderField field, std::string path, std::string reading) {
    elf::FieldPlace place = elf::place_of(field, image.encoding());
    return Evidence::value(std::move(path), image.bytes().file_offset(place.offset), place.size, std::move(reading));
}

Evidence segment_value(const elf::Image& image, std::size_t index, std::string field, std::string reading) {
    const elf::Segment& segment = image.segments()[index];
    return Evidence::value(fmt::format("elf/segment[{}].{}", index, field), segment.record_offset, image.encoding().wide ? 56 : 32,
                           std::move(reading));
}

void check_program_headers(const elf::Image& image, finding::Sink& sink) {
    const elf::SegmentTable& table = image.segment_table();
    if (table.whole) return;
    sink.add(Finding(RuleId::ELF_PROGRAM_HEADERS_TRUNCATED,
                     header_value(image, elf::HeaderField::phoff, "elf/header.e_phoff",
                                  fmt::format("{} program headers of {} bytes at offset {:#x}; the file is {:#x} bytes", table.claimed,
                                              image.header().phentsize, image.header().phoff, image.bytes().size())))
                 .with("claimed", table.claimed)
                 .with("present", std::uint64_t{table.entries.size()}));
}

void check_segments(const elf::Image& image, finding::Sink& sink) {
    std::uint64_t size = image.bytes().size();
    for (std::size_t i = 0; i < image.segments().size(); ++i) {
        const elf::Segment& segment = image.segments()[i];
        if (segment.type == elf::pt_load && !range_fits(segment.offset, segment.filesz, size)) {
            std::uint64_t missing = segment.offset < size ? segment.filesz - (size - segment.offset) : segment.filesz;
            sink.add(Finding(RuleId::ELF_SEGMENT_PAST_END,
                             segment_value(
                                 image, i, "p_filesz",
                                 fmt::format("{:#x} bytes at offset {:#x}; the file is {:#x} bytes", segment.filesz, segment.offset, size)))
                         .with("segment", std::uint64_t{i})
                         .with("missing", missing));
        }
        if (segment.type == elf::pt_load && segment.filesz > segment.memsz) {
            sink.add(
                Finding(RuleId::ELF_SEGMENT_LARGER_IN_FILE,
                        segment_value(image, i, "p_filesz", fmt::format("p_filesz {:#x}, p_memsz {:#x}", segment.filesz, segment.memsz)))
                    .with("segment", std::uint64_t{i}));
        }
        if (segment.type == elf::pt_load && segment.writable() && segment.executable()) {
            sink.add(Finding(RuleId::ELF_SEGMENT_WRITABLE_EXECUTABLE, segment_value(image, i, "p_flags", "rwx"))
                         .with("segment", std::uint64_t{i}));
        }
        // Congruence modulo the alignment is what every loader needs to map the segment at all (gABI chapter 5, "p_align").
        if (segment.type == elf::pt_load && is_power_of_two(segment.align) && segment.align > 1 &&
            (segment.vaddr - segment.offset) % segment.align != 0) {
            sink.add(Finding(RuleId::ELF_SEGMENT_MISALIGNED,
                             segment_value(
                                 image, i, "p_offset",
                                 fmt::format("p_offset {:#x}, p_vaddr {:#x}, p_align {:#x}", segment.offset, segment.vaddr, segment.align)))
                         .with("segment", std::uint64_t{i}));
        }
    }
}

void check_dynamic(const elf::Image& image, finding::Sink& sink) {
    if (!image.dynamic()) return;
    const elf::Dynamic& dynamic = *image.dynamic();
    if (!dynamic.terminated) {
        sink.add(Finding(RuleId::ELF_DYNAMIC_UNTERMINATED,
                         Evidence::bytes("elf/dynamic", dynamic.file_offset, dynamic.entries.size() * dynamic.entry_size,
                                         "no DT_NULL before the segment ends")));
    }
    for (std::size_t i = 0; i < dynamic.entries.size(); ++i) {
        const elf::DynamicEntry& entry = dynamic.entries[i];
        bool names_a_string =
            entry.tag == elf::dt_needed || entry.tag == elf::dt_soname || entry.tag == elf::dt_rpath || entry.tag == elf::dt_runpath;
        if (!names_a_string || dynamic.strings.c_string(entry.value)) continue;
        sink.add(Finding(RuleId::ELF_DYNAMIC_STRING_OUTSIDE,
                         Evidence::value(fmt::format("elf/dynamic[{}].d_val", i), dynamic.value_offset(i), dynamic.entry_size / 2,
                                         fmt::format("offset {:#x} of a string table of {:#x} bytes", entry.value, dynamic.strings.size())))
                     .with("tag", name_or_hex(elf::dynamic_tags(), entry.tag)));
    }
    if (dynamic.has(elf::dt_rpath) && dynamic.has(elf::dt_runpath)) {
        auto rpath = dynamic.string(elf::dt_rpath);
        sink.add(Finding(RuleId::ELF_RPATH_AND_RUNPATH,
                         Evidence::value("elf/dynamic", dynamic.value_offset(rpath ? rpath->entry : 0), dynamic.entry_size / 2,
                                         rpath ? text::printable(rpath->text) : std::string("DT_RPATH"))));
    }
}

}  // namespace

void check_elf(const elf::Image& image, const elf::Versions& versions, finding::Sink& sink) {
    check_program_headers(image, sink);
    check_segments(image, sink);
    check_dynamic(image, sink);
    if (!versions.whole) {
        std::uint64_t at = versions.needs.empty() ? image.dynamic()->file_offset : versions.needs.front().record_offset;
        sink.add(Finding(RuleId::ELF_VERSIONS_UNREADABLE,
                         Evidence::bytes("elf/versions", at, 0, "a record of the version tables leaves the file")));
    }
}

}  // namespace abiscope::inspect
