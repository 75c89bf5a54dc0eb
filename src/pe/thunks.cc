#include "pe/thunks.h"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "bytes/reader.h"
#include "pe/image.h"

namespace abiscope::pe {

namespace {

std::string path_of(const ImportedLibrary& library, std::uint64_t index) {
    return fmt::format("pe/{}[{}].thunk[{}]", library.delayed ? "delay_import" : "import", text::printable(library.name), index);
}

}  // namespace

ThunkReader::ThunkReader(const Image& image, finding::Sink& sink)
    : image_(image), sink_(sink), names_(image.bytes()), entries_left_(image.bytes().size() / (image.wide() ? 8 : 4)) {}

void ThunkReader::unreadable(ImportedLibrary& library, std::string path, std::uint64_t offset, std::uint64_t size, std::string reading,
                             std::string problem) {
    library.complete = false;
    sink_.add(
        finding::Finding(finding::RuleId::PE_IMPORT_UNREADABLE, finding::Evidence::value(std::move(path), offset, size, std::move(reading)))
            .with("library", library.name.empty() ? std::string("a library without name") : text::printable(library.name))
            .with("problem", std::move(problem)));
}

void ThunkReader::read_name(ImportedLibrary& library, std::uint64_t index) {
    auto name = names_.first(image_.from_rva(library.name_rva));
    if (name) {
        library.name = *name;
        return;
    }
    unreadable(library, fmt::format("pe/{}[{}].Name", library.delayed ? "delay_import" : "import", index), library.offset, 0,
               fmt::format("RVA {:#x}", library.name_rva), "the name is not in the file");
}

bool ThunkReader::read_entry(ImportedLibrary& library, std::uint64_t value, std::uint64_t offset, std::uint64_t index,
                             bool virtual_addresses) {
    bool wide = image_.wide();
    std::uint64_t by_ordinal = wide ? std::uint64_t{1} << 63 : std::uint64_t{1} << 31;
    std::uint64_t slot = library.address_rva + index * (wide ? 8 : 4);
    ImportedSymbol symbol{.offset = offset, .slot_rva = static_cast<std::uint32_t>(slot)};
    if ((value & by_ordinal) != 0) {
        symbol.ordinal = static_cast<std::uint16_t>(value);
        library.symbols.push_back(symbol);
        return true;
    }
    auto rva = virtual_addresses ? image_.rva_of(value).value_or(0) : value;
    View record = image_.from_rva(rva);
    Reader reader(record, Endian::little, "an import name");
    symbol.hint = reader.u16();
    auto name = reader.ok() ? names_.first(record.from(2)) : std::nullopt;
    if (!name) {
        unreadable(library, path_of(library, index), offset, wide ? 8 : 4, text::hex(value), "the name of a symbol is not in the file");
        return false;
    }
    symbol.name = *name;
    library.symbols.push_back(symbol);
    return true;
}

void ThunkReader::read(ImportedLibrary& library, std::uint32_t table_rva, bool virtual_addresses) {
    bool wide = image_.wide();
    std::uint64_t width = wide ? 8 : 4;
    for (std::uint64_t index = 0;; ++index) {
        std::array<std::byte, 8> raw{};
        std::uint64_t rva = table_rva + index * width;
        auto offset = image_.copy_rva(rva, std::span(raw).first(width));
        if (!offset) {
            unreadable(library, path_of(library, index), library.offset, 0, fmt::format("RVA {:#x}", rva),
                       "its lookup table is not in the file, or has no end");
            return;
        }
        std::uint64_t value = wide ? load<std::uint64_t>(raw.data(), Endian::little) : load<std::uint32_t>(raw.data(), Endian::little);
        if (value == 0) return;
        if (entries_left_ == 0) {
            unreadable(library, path_of(library, index), *offset, width, text::hex(value),
                       "the lookup tables hold more entries than the file has room for");
            return;
        }
        --entries_left_;
        if (!read_entry(library, value, *offset, index, virtual_addresses)) return;
    }
}

}  // namespace abiscope::pe
