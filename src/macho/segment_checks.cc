// How segments and sections lie: in the file, in memory, in each other.
#include <algorithm>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "macho/segments.h"
#include "macho/spec.h"

namespace abiscope::macho {

using finding::Address;
using finding::Evidence;
using finding::EvidenceRole;
using finding::Finding;
using finding::RuleId;

namespace {

// Offsets of the fields within segment_command and segment_command_64, for evidence.
struct FieldPlace {
    std::uint64_t offset;
    std::uint64_t size;
};
FieldPlace address_field(bool wide) { return {24, wide ? 8U : 4U}; }
FieldPlace file_range_field(bool wide) { return wide ? FieldPlace{40, 16} : FieldPlace{32, 8}; }
FieldPlace protection_field(bool wide) { return {wide ? 60U : 44U, 4}; }

Evidence segment_evidence(const Segment& segment, FieldPlace place, std::string_view field, std::string reading) {
    return Evidence::value(fmt::format("{}.{}", segment.path(), field), segment.command_file_offset + place.offset, place.size,
                           std::move(reading))
        .at_address(segment.address);
}

void check_range(const Header& header, const Segment& segment, std::uint64_t size, finding::Sink& sink) {
    std::string name = text::printable(segment.name);
    if (!range_fits(segment.offset, segment.file_size, size)) {
        std::uint64_t left = segment.offset < size ? size - segment.offset : 0;
        sink.add(Finding(RuleId::MACHO_SEGMENT_TRUNCATED,
                         segment_evidence(segment, file_range_field(header.wide), "fileoff",
                                          fmt::format("fileoff {:#x}, filesize {:#x}; the image has {:#x} bytes", segment.offset,
                                                      segment.file_size, size)))
                     .with("segment", name)
                     .with("missing", segment.file_size - std::min(left, segment.file_size)));
    }
    std::string reason;
    // A segment that is not mapped at all may hold bytes for tools: Go keeps __DWARF so, and dyld lets it pass.
    bool mapped = segment.memory_size != 0 || segment.initial_protection != 0;
    if (mapped && header.file_type != mh_object && segment.file_size > segment.memory_size) {
        reason = fmt::format("filesize {:#x} is larger than vmsize {:#x}", segment.file_size, segment.memory_size);
    } else if (!checked_add(segment.address, segment.memory_size)) {
        reason = fmt::format("vmaddr {:#x} plus vmsize {:#x} does not fit 64 bits", segment.address, segment.memory_size);
    }
    if (reason.empty()) return;
    sink.add(Finding(RuleId::MACHO_SEGMENT_RANGE_INVALID, segment_evidence(segment, address_field(header.wide), "vmaddr", reason))
                 .with("segment", name)
                 .with("reason", reason));
}

void check_protection(const Header& header, const Segment& segment, finding::Sink& sink) {
    constexpr std::uint32_t both = vm_prot_write | vm_prot_execute;
    if (header.file_type == mh_object || (segment.initial_protection & both) != both) return;
    sink.add(Finding(RuleId::MACHO_SEGMENT_WRITABLE_EXECUTABLE,
                     segment_evidence(segment, protection_field(header.wide), "initprot", protection_text(segment.initial_protection)))
                 .with("segment", text::printable(segment.name)));
}

void check_overlap(const Header& header, const std::vector<Segment>& segments, finding::Sink& sink) {
    std::vector<const Segment*> order;
    for (const Segment& segment : segments) {
        if (segment.memory_size != 0) order.push_back(&segment);
    }
    std::ranges::sort(order, {}, [](const Segment* segment) { return std::pair(segment->address, segment->index); });
    const Segment* reaching = nullptr;   // the one that ends last so far
    for (const Segment* segment : order) {
        if (reaching != nullptr && reaching->contains_address(segment->address)) {
            auto range = [](const Segment& s) { return fmt::format("vmaddr {:#x}, vmsize {:#x}", s.address, s.memory_size); };
            sink.add(
                Finding(RuleId::MACHO_SEGMENT_OVERLAP, segment_evidence(*segment, address_field(header.wide), "vmaddr", range(*segment)))
                    .with("segment", text::printable(segment->name))
                    .with("other", text::printable(reaching->name))
                    .add(segment_evidence(*reaching, address_field(header.wide), "vmaddr", range(*reaching))));
        }
        if (reaching == nullptr || segment->address + (segment->memory_size - 1) > reaching->address + (reaching->memory_size - 1)) {
            reaching = segment;
        }
    }
}

std::optional<std::string> section_problem(const Header& header, const Section& section, const Segment& segment) {
    if (header.file_type == mh_dylib_stub) return std::nullopt;   // a library without its content, to link against
    std::uint64_t before = section.address - segment.address;
    bool mapped = segment.memory_size != 0 || segment.initial_protection != 0;
    if (mapped && (section.address < segment.address || !range_fits(before, section.size, segment.memory_size))) {
        return fmt::format("addresses {:#x} + {:#x}, the segment has {:#x} + {:#x}", section.address, section.size, segment.address,
                           segment.memory_size);
    }
    // A dSYM keeps the addresses of segments whose content is not in it: offset and filesize are zero.
    if (section.is_zero_fill() || section.size == 0 || segment.file_size == 0) return std::nullopt;
    if (section.offset < segment.offset || !range_fits(section.offset - segment.offset, section.size, segment.file_size)) {
        return fmt::format("file bytes {:#x} + {:#x}, the segment has {:#x} + {:#x}", section.offset, section.size, segment.offset,
                           segment.file_size);
    }
    return std::nullopt;
}

}  // namespace

void check_segments(const Header& header, const SegmentTable& table, std::uint64_t size, finding::Sink& sink) {
    if (header.is_final_image() && std::ranges::find(table.segments, "__TEXT", &Segment::name) == table.segments.end()) {
        sink.add(Finding(RuleId::MACHO_TEXT_MISSING,
                         Evidence::absence("macho/segment[__TEXT]", fmt::format("{} segments", table.segments.size()))));
    }
    for (const Segment& segment : table.segments) {
        check_range(header, segment, size, sink);
        check_protection(header, segment, sink);
    }
    check_overlap(header, table.segments, sink);
    for (const Section& section : table.sections) {
        const Segment& segment = table.segments[section.segment_index];
        auto problem = section_problem(header, section, segment);
        if (!problem) continue;
        sink.add(Finding(RuleId::MACHO_SECTION_OUTSIDE_SEGMENT,
                         Evidence::value(section.path(), section.header_file_offset, section_record_size(header.wide), *problem)
                             .at_address(section.address))
                     .with("section", section.full_name())
                     .with("segment", text::printable(segment.name)));
    }
}

}  // namespace abiscope::macho
