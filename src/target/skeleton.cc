#include "target/skeleton.h"

#include <algorithm>
#include <cstring>
#include <span>

#include <sys/mman.h>

#include "bytes/reader.h"
#include "elf/exports.h"
#include "elf/image.h"
#include "elf/relocations.h"
#include "elf/spec.h"

namespace abiscope::target {

namespace {

constexpr std::uint64_t head_of_other_files = 512;
constexpr std::uint64_t gap_worth_cutting = 64;
constexpr std::uint64_t code_at_entry = 128;   // more than the kernel's simulation looks at
constexpr std::uint64_t largest_page = 65536;

struct Span {
    std::uint64_t start = 0;
    std::uint64_t end = 0;
};

class Keeper {
public:
    explicit Keeper(const elf::Image& image) : image_(image), size_(image.bytes().size()) {}

    void keep(std::uint64_t offset, std::uint64_t size) {
        if (offset >= size_ || size == 0) return;
        spans_.push_back({offset, offset + std::min(size, size_ - offset)});
    }
    void keep_at(std::uint64_t address, std::uint64_t size) {
        if (auto offset = image_.offset_of(address)) keep(*offset, size);
    }
    // A view into the file.
    void keep(const View& view) {
        if (!view.empty()) keep(static_cast<std::uint64_t>(view.data() - image_.bytes().data()), view.size());
    }
    [[nodiscard]] std::vector<Span> merged() {
        std::ranges::sort(spans_, {}, &Span::start);
        std::vector<Span> result;
        for (const Span& span : spans_) {
            if (!result.empty() && span.start <= result.back().end + gap_worth_cutting)
                result.back().end = std::max(result.back().end, span.end);
            else result.push_back(span);
        }
        return result;
    }

private:
    const elf::Image& image_;
    std::uint64_t size_;
    std::vector<Span> spans_;
};

// Verdef and Verneed are chains of records with chains of auxiliary records; both sorts link by distances. The extent is what the chains
// reach. Shapes of LSB core, "Symbol Versioning".
struct ChainShape {
    std::uint64_t record;          // bytes
    std::uint64_t count_at;        // u16: number of auxiliary records
    std::uint64_t first_at;        // u32: distance to the first of them
    std::uint64_t next_at;         // u32: distance to the next record
    std::uint64_t auxiliary;       // bytes
    std::uint64_t auxiliary_next;  // u32
};
constexpr ChainShape verdef_shape{20, 6, 12, 16, 8, 4};
constexpr ChainShape verneed_shape{16, 2, 8, 12, 16, 12};

std::uint64_t chain_extent(View table, Endian order, const ChainShape& shape) {
    std::uint64_t end = 0;
    std::uint64_t left = table.size() / 8;
    auto half = [&](std::uint64_t at) { return load<std::uint16_t>(table.data() + at, order); };
    auto word = [&](std::uint64_t at) { return load<std::uint32_t>(table.data() + at, order); };
    for (std::uint64_t at = 0; range_fits(at, shape.record, table.size()) && left > 0; --left) {
        end = std::max(end, at + shape.record);
        std::uint64_t entry = at + word(at + shape.first_at);
        for (std::uint16_t i = half(at + shape.count_at); i > 0 && left > 0 && range_fits(entry, shape.auxiliary, table.size());
             --i, --left) {
            end = std::max(end, entry + shape.auxiliary);
            std::uint32_t step = word(entry + shape.auxiliary_next);
            if (step == 0) break;
            entry += step;
        }
        std::uint32_t next = word(at + shape.next_at);
        if (next == 0) break;
        at += next;
    }
    return end;
}

void keep_hash_tables(const elf::Image& image, Keeper& keeper, std::uint64_t symbols) {
    Endian order = image.encoding().order;
    if (auto address = image.dynamic()->value(elf::dt_hash)) {
        View table = image.view_at(*address);
        Reader reader(table, order, "hash table");
        std::uint64_t buckets = reader.u32(), chains = reader.u32();
        keeper.keep_at(*address, 8 + 4 * (buckets + chains));
    }
    if (auto address = image.dynamic()->value(elf::dt_gnu_hash)) {
        View table = image.view_at(*address);
        Reader reader(table, order, "GNU hash table");
        std::uint64_t buckets = reader.u32(), first = reader.u32(), bloom = reader.u32();
        keeper.keep_at(*address, 16 + bloom * (image.encoding().wide ? 8 : 4) + 4 * (buckets + (symbols > first ? symbols - first : 0)));
    }
}

void keep_dynamic_tables(const elf::Image& image, Keeper& keeper) {
    const elf::Dynamic& dynamic = *image.dynamic();
    Endian order = image.encoding().order;
    keeper.keep(dynamic.strings);
    elf::SymbolTable symbols = elf::dynamic_symbols(image);
    if (auto address = dynamic.value(elf::dt_symtab)) keeper.keep_at(*address, symbols.size() * symbols.record_size());
    keep_hash_tables(image, keeper, symbols.size());
    if (auto address = dynamic.value(elf::dt_versym)) keeper.keep_at(*address, 2 * symbols.size());
    if (auto address = dynamic.value(elf::dt_verdef)) keeper.keep_at(*address, chain_extent(image.view_at(*address), order, verdef_shape));
    if (auto address = dynamic.value(elf::dt_verneed))
        keeper.keep_at(*address, chain_extent(image.view_at(*address), order, verneed_shape));
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) keeper.keep(range.records);
    if (auto address = dynamic.value(elf::dt_relr)) keeper.keep_at(*address, dynamic.value(elf::dt_relrsz).value_or(0));
    // Where the hash tables do not tell how many symbols there are, the reader counts them by the section headers.
    if (!elf::symbol_count_by_hash(image))
        keeper.keep(image.header().shoff, std::uint64_t{image.header().shnum} * image.header().shentsize);
}

// Relative relocations say by how much the file is moved: nobody asks for their addends, and they compress badly.
void clear_relative_addends(const elf::Image& image, std::vector<std::byte>& bytes, const Span& span) {
    if (!image.dynamic()) return;
    for (const elf::RelocationRange& range : elf::relocation_ranges(image)) {
        if (!range.with_addend) continue;
        std::uint64_t start = static_cast<std::uint64_t>(range.records.data() - image.bytes().data());
        std::uint64_t addend_size = image.encoding().wide ? 8 : 4;
        for (std::uint64_t i = 0; i < range.size(); ++i) {
            std::uint64_t end = start + (i + 1) * range.record_size;
            if (start + i * range.record_size < span.start || end > span.end) continue;
            elf::Relocation relocation = elf::relocation_at(image, range, i);
            if (elf::role_of(image.header().machine, relocation.type) != elf::RelocationRole::relative) continue;
            std::memset(bytes.data() + (end - addend_size - span.start), 0, addend_size);
        }
    }
}

std::vector<std::byte> copy_of(View view) { return {view.bytes().begin(), view.bytes().end()}; }

}  // namespace

Skeleton make_skeleton(const SourcePtr& file) {
    Skeleton skeleton{.size = file->size(), .ranges = {}};
    auto image = elf::Image::parse(file);
    if (!image) {
        View head = file->view().clamped(0, head_of_other_files);
        if (!head.empty()) skeleton.ranges.push_back({0, copy_of(head)});
        return skeleton;
    }
    Keeper keeper(*image);
    const elf::Header& header = image->header();
    keeper.keep(0, image->encoding().wide ? elf::header_size_64 : elf::header_size_32);
    keeper.keep(header.phoff, image->segment_table().claimed * header.phentsize);
    keeper.keep(header.shoff, header.shentsize);
    for (const elf::Segment& segment : image->segments()) {
        // Where the pages of several segments hold the entry, the last mapped one shows; pages reach beyond what the segment claims.
        bool holds_entry = segment.type == elf::pt_load && header.entry + largest_page >= segment.vaddr &&
            header.entry < segment.vaddr + segment.filesz + largest_page;
        if (holds_entry) keeper.keep(segment.offset + (header.entry - segment.vaddr), code_at_entry);
        bool wanted = segment.type == elf::pt_interp || segment.type == elf::pt_dynamic || segment.type == elf::pt_note ||
            segment.type == elf::pt_gnu_property;
        if (wanted) keeper.keep(segment.offset, segment.filesz);
    }
    if (image->dynamic()) keep_dynamic_tables(*image, keeper);
    for (const Span& span : keeper.merged()) {
        std::vector<std::byte> bytes = copy_of(image->bytes().clamped(span.start, span.end - span.start));
        clear_relative_addends(*image, bytes, span);
        skeleton.ranges.push_back({span.start, std::move(bytes)});
    }
    return skeleton;
}

Result<SourcePtr> restore(std::string name, std::uint64_t size, const std::vector<PlacedRange>& ranges) {
    if (size == 0) return Source::from_memory(std::move(name), {});
    void* address = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (address == MAP_FAILED) return fail(ErrorCode::limit_reached, "no address space for " + name);
    std::span<std::byte> bytes(static_cast<std::byte*>(address), size);
    for (const PlacedRange& range : ranges) std::memcpy(bytes.data() + range.offset, range.bytes.data(), range.bytes.size());
    return Source::from_foreign(std::move(name), bytes, [address, size] { ::munmap(address, size); });
}

}  // namespace abiscope::target
