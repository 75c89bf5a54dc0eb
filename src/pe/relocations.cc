#include "pe/relocations.h"

#include <fmt/format.h>

#include "bytes/reader.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

constexpr std::uint64_t block_header = 8;

void report_block(const RelocationBlock& block, std::uint32_t size, std::string problem, finding::Sink& sink) {
    sink.add(finding::Finding(finding::RuleId::PE_RELOCATION_DAMAGED,
                              finding::Evidence::value("pe/relocation_block", block.offset, block_header,
                                                       fmt::format("page RVA {:#x}, block of {} bytes", block.page_rva, size)))
                 .with("problem", std::move(problem)));
}

}  // namespace

std::uint64_t Relocations::count() const {
    std::uint64_t total = 0;
    for (std::size_t type = 1; type < count_by_type.size(); ++type) total += count_by_type[type];
    return total;
}

Result<Relocations> read_relocations(const Image& image, finding::Sink& sink) {
    Relocations relocations;
    if (!image.directory(Directory::base_relocations)) return relocations;
    ABISCOPE_TRY(View table, image.directory_bytes(Directory::base_relocations, "base relocation directory"));
    relocations.complete = table.size() == image.directory(Directory::base_relocations)->size;
    std::uint64_t at = 0;
    while (table.size() - at >= block_header) {
        Reader reader(table.from(at), Endian::little, "a block of base relocations");
        RelocationBlock block{.offset = reader.file_offset()};
        block.page_rva = reader.u32();
        std::uint32_t size = reader.u32();
        // A block of zeros: linkers pad with it and the loader stops at it.
        if (size == 0) break;
        if (size < block_header || size % 2 != 0 || size > table.size() - at) {
            report_block(block, size,
                         size < block_header ? "a block is smaller than its header"
                             : size % 2 != 0 ? "a block has an odd size"
                                             : "a block runs past the end of the directory",
                         sink);
            relocations.complete = false;
            break;
        }
        block.entry_count = static_cast<std::uint32_t>((size - block_header) / 2);
        for (std::uint32_t i = 0; i < block.entry_count; ++i) ++relocations.count_by_type[reader.u16() >> 12];
        relocations.blocks.push_back(block);
        at += size;
    }
    return relocations;
}

void visit_relocations(const Image& image, const Relocations& relocations, const std::function<bool(const Relocation&)>& visit) {
    auto table = image.directory_bytes(Directory::base_relocations, "base relocation directory");
    if (!table) return;
    std::uint64_t at = 0;
    for (const RelocationBlock& block : relocations.blocks) {
        Reader reader(table->from(at + block_header), Endian::little, "a block of base relocations");
        for (std::uint32_t i = 0; i < block.entry_count; ++i) {
            Relocation entry{.offset = reader.file_offset()};
            std::uint16_t value = reader.u16();
            entry.rva = block.page_rva + (value & 0xfffU);
            entry.type = static_cast<std::uint8_t>(value >> 12);
            if (!visit(entry)) return;
        }
        at += block_header + block.entry_count * std::uint64_t{2};
    }
}

}  // namespace abiscope::pe
