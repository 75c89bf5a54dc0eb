#include "macho/fat.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "macho/header.h"
#include "macho/spec.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

constexpr std::uint64_t fat_header_size = 8;
constexpr std::uint32_t first_java_major = 45;   // JDK 1.0.2; class file format, "The ClassFile Structure"

constexpr std::uint64_t fat_record_size(bool wide) { return wide ? 32 : 20; }

FatSlice read_slice(Reader& reader, bool wide, std::uint32_t index) {
    FatSlice slice;
    slice.index = index;
    slice.record_file_offset = reader.file_offset();
    slice.cpu_type = reader.u32();
    slice.cpu_subtype = reader.u32();
    slice.offset = reader.word(wide);
    slice.size = reader.word(wide);
    slice.align_log2 = reader.u32();
    if (wide) reader.skip(4);   // reserved
    return slice;
}

bool first_slice_makes_sense(View bytes) {
    Reader reader(bytes.from(fat_header_size), Endian::big, "a fat_arch");
    FatSlice slice = read_slice(reader, false, 0);
    return reader.ok() && find_name(names::cpu_types, slice.cpu_type) && slice.offset >= fat_header_size + fat_record_size(false) &&
        slice.size != 0 && range_fits(slice.offset, slice.size, bytes.size());
}

Evidence slice_evidence(const FatSlice& slice, bool wide, std::string_view field, std::string reading) {
    return Evidence::value(fmt::format("macho/fat_arch[{}]{}", slice.index, field), slice.record_file_offset, fat_record_size(wide),
                           std::move(reading));
}

std::string range_text(const FatSlice& slice) { return fmt::format("offset {:#x}, size {:#x}", slice.offset, slice.size); }

void check_slice(const FatFile& file, const FatSlice& slice, View bytes, finding::Sink& sink) {
    if (!range_fits(slice.offset, slice.size, bytes.size())) {
        sink.add(Finding(RuleId::MACHO_FAT_SLICE_OUTSIDE,
                         slice_evidence(slice, file.wide, ".offset",
                                        fmt::format("{}; the file has {:#x} bytes", range_text(slice), bytes.size())))
                     .with("arch", slice.arch())
                     .with("missing", slice.size - slice.bytes.size()));
    }
    // <mach-o/fat.h>: align is a power of two, the exponent being stored; lipo refuses more than 15.
    bool aligned = slice.align_log2 < 64 && slice.offset % (std::uint64_t{1} << slice.align_log2) == 0;
    if (!aligned) {
        sink.add(
            Finding(RuleId::MACHO_FAT_SLICE_MISALIGNED,
                    slice_evidence(slice, file.wide, ".align", fmt::format("offset {:#x}, align 2^{}", slice.offset, slice.align_log2)))
                .with("arch", slice.arch()));
    }
    auto header = read_header(slice.bytes);
    if (!header) return;   // an archive or bitcode, or nothing at all: not for the container to say
    if (header->cpu_type != slice.cpu_type || ((header->cpu_subtype ^ slice.cpu_subtype) & cpu_subtype_mask) != 0) {
        sink.add(Finding(RuleId::MACHO_FAT_ARCH_MISMATCH, slice_evidence(slice, file.wide, ".cputype", slice.arch()))
                     .with("arch", slice.arch())
                     .with("actual", header->arch())
                     .add(Evidence::value("macho/header.cputype", header->file_offset + 4, 8, header->arch())));
    }
}

void check_overlap(const FatFile& file, finding::Sink& sink) {
    std::vector<const FatSlice*> order;
    for (const FatSlice& slice : file.slices) {
        if (slice.size != 0) order.push_back(&slice);
    }
    std::ranges::sort(order, {}, [](const FatSlice* slice) { return std::pair(slice->offset, slice->index); });
    auto last = [](const FatSlice& slice) { return slice.offset + std::min(slice.size - 1, ~slice.offset); };
    std::uint64_t table_end = fat_header_size + file.slices.size() * fat_record_size(file.wide);
    const FatSlice* reaching = nullptr;
    for (const FatSlice* slice : order) {
        if (slice->offset < table_end || (reaching != nullptr && last(*reaching) >= slice->offset)) {
            Finding finding(RuleId::MACHO_FAT_SLICE_OVERLAP, slice_evidence(*slice, file.wide, ".offset", range_text(*slice)));
            finding.with("arch", slice->arch());
            if (slice->offset < table_end) {
                finding.with("other", std::string("the fat header"));
            } else {
                finding.with("other", reaching->arch()).add(slice_evidence(*reaching, file.wide, ".offset", range_text(*reaching)));
            }
            sink.add(std::move(finding));
        }
        if (reaching == nullptr || last(*slice) > last(*reaching)) reaching = slice;
    }
}

void check_duplicates(const FatFile& file, finding::Sink& sink) {
    std::map<std::pair<std::uint32_t, std::uint32_t>, const FatSlice*> first;
    for (const FatSlice& slice : file.slices) {
        auto [place, fresh] = first.emplace(std::pair(slice.cpu_type, slice.cpu_subtype & cpu_subtype_mask), &slice);
        if (fresh) continue;
        sink.add(Finding(RuleId::MACHO_FAT_ARCH_DUPLICATE, slice_evidence(slice, file.wide, ".cputype", slice.arch()))
                     .with("arch", slice.arch())
                     .add(slice_evidence(*place->second, file.wide, ".cputype", slice.arch())));
    }
}

}  // namespace

std::string FatSlice::arch() const { return arch_name(cpu_type, cpu_subtype); }

FatKind fat_kind(View bytes) {
    Reader reader(bytes, Endian::big, "the fat header");
    std::uint32_t magic = reader.u32();
    std::uint32_t count = reader.u32();
    if (!reader.ok()) return FatKind::not_fat;
    if (magic == fat_magic_64) return FatKind::fat;
    if (magic != fat_magic) return FatKind::not_fat;
    if (count < first_java_major || first_slice_makes_sense(bytes)) return FatKind::fat;
    return (count & 0xffff) >= first_java_major ? FatKind::java_class : FatKind::fat;
}

Result<FatFile> read_fat(const SourcePtr& source, View bytes, finding::Sink& sink) {
    FatKind kind = fat_kind(bytes);
    if (kind != FatKind::fat) {
        return fail({.code = ErrorCode::bad_magic,
                     .what = "not a fat Mach-O file",
                     .file = source->name(),
                     .offset = bytes.file_offset(),
                     .wanted = "0xcafebabe or 0xcafebabf and a slice count",
                     .had = kind == FatKind::java_class   ? "a Java class file"
                         : bytes.size() < fat_header_size ? "fewer than 8 bytes"
                                                          : text::hex_bytes(bytes.bytes().first(4))});
    }
    Reader reader(bytes, Endian::big, "the fat header");
    FatFile file;
    file.wide = reader.u32() == fat_magic_64;
    file.claimed = reader.u32();
    std::uint64_t fit = reader.remaining() / fat_record_size(file.wide);
    if (file.claimed != 0 && fit == 0) {
        return fail({.code = ErrorCode::truncated,
                     .what = "the table of slices runs past the end",
                     .file = source->name(),
                     .offset = reader.file_offset(),
                     .wanted = fmt::format("{} records of {} bytes", file.claimed, fat_record_size(file.wide)),
                     .had = fmt::format("{} bytes", reader.remaining())});
    }
    if (file.claimed > fit) {
        sink.add(Finding(RuleId::MACHO_FAT_TABLE_TRUNCATED,
                         Evidence::value("macho/fat_header.nfat_arch", bytes.file_offset(4), 4,
                                         fmt::format("{} slices, {} records fit", file.claimed, fit)))
                     .with("claimed", std::uint64_t{file.claimed})
                     .with("present", fit));
    }
    for (std::uint32_t index = 0; index < file.claimed && index < fit; ++index) {
        FatSlice slice = read_slice(reader, file.wide, index);
        slice.bytes = bytes.clamped(slice.offset, slice.size);
        file.slices.push_back(slice);
    }
    for (const FatSlice& slice : file.slices) check_slice(file, slice, bytes, sink);
    check_overlap(file, sink);
    check_duplicates(file, sink);
    return file;
}

}  // namespace abiscope::macho
