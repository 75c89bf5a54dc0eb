#include "pe/imports.h"

#include <array>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "pe/damage.h"
#include "pe/image.h"
#include "pe/thunks.h"

namespace abiscope::pe {

namespace {

constexpr std::uint64_t descriptor_size = 20;

// A linker of the 1990s left other things in OriginalFirstThunk: ntdll (LdrpSnapIAT) then takes the address table for names.
std::uint32_t lookup_table(const Image& image, const ImportedLibrary& library) {
    bool usable = library.lookup_rva >= image.optional()->headers_size && library.lookup_rva < image.optional()->image_size;
    return usable ? library.lookup_rva : library.address_rva;
}

}  // namespace

Result<Imports> read_imports(const Image& image, finding::Sink& sink) {
    Imports imports;
    auto directory = image.directory(Directory::imports);
    if (!directory) return imports;
    ThunkReader thunks(image, sink);
    for (std::uint64_t index = 0;; ++index) {
        std::array<std::byte, descriptor_size> raw{};
        std::uint64_t rva = directory->rva + index * descriptor_size;
        auto offset = image.copy_rva(rva, raw);
        if (!offset) {
            ImportedLibrary missing;
            thunks.unreadable(missing, fmt::format("pe/import[{}]", index), directory->offset, 8, fmt::format("RVA {:#x}", rva),
                              "the import directory is not in the file, or has no end");
            imports.complete = false;
            return imports;
        }
        Reader reader(View(raw, *offset, true), Endian::little, "an import descriptor");
        ImportedLibrary library{.offset = *offset};
        library.lookup_rva = reader.u32();
        library.timestamp = reader.u32();
        library.forwarder_chain = reader.u32();
        library.name_rva = reader.u32();
        library.address_rva = reader.u32();
        // The loader stops at the first of these two that is zero; the directory's Size plays no part.
        if (library.name_rva == 0 || library.address_rva == 0) return imports;
        thunks.read_name(library, index);
        thunks.read(library, lookup_table(image, library), false);
        imports.complete &= library.complete;
        imports.libraries.push_back(std::move(library));
    }
}

namespace {

std::optional<BoundImport> read_bound_import(View table, std::uint64_t at, std::uint16_t& forwarders) {
    Reader reader(table.from(at), Endian::little, "a bound import");
    BoundImport bound{.offset = reader.file_offset()};
    bound.timestamp = reader.u32();
    std::uint16_t name = reader.u16();
    forwarders = reader.u16();
    auto found = reader.ok() ? table.c_string(name) : std::nullopt;
    if (!found) return std::nullopt;
    bound.name = *found;
    return bound;
}

}  // namespace

Result<std::vector<BoundImport>> read_bound_imports(const Image& image, finding::Sink& sink) {
    std::vector<BoundImport> imports;
    auto directory = image.directory(Directory::bound_imports);
    if (!directory) return imports;
    View table = image.from_rva(directory->rva);
    // A name is at a 16-bit offset from the directory: no scan for its end leaves these bytes.
    table = table.clamped(0, 0x10000 + 4096);
    constexpr std::uint64_t size = 8;
    std::uint64_t at = 0;
    auto damaged = [&] {
        report_damage(sink, "bound import directory",
                      finding::Evidence::value("pe/bound_imports", table.file_offset(at), size, fmt::format("entry {}", at / size)),
                      "an entry or its name is not in the file");
    };
    for (;;) {
        Reader reader(table.from(at), Endian::little, "a bound import");
        std::uint64_t first = reader.u64();
        if (reader.ok() && first == 0) return imports;
        std::uint16_t forwarders = 0;
        auto bound = read_bound_import(table, at, forwarders);
        if (!bound) {
            damaged();
            return imports;
        }
        at += size;
        for (std::uint16_t i = 0; i < forwarders; ++i, at += size) {
            std::uint16_t reserved = 0;
            auto forwarder = read_bound_import(table, at, reserved);
            if (!forwarder) {
                damaged();
                imports.push_back(*std::move(bound));
                return imports;
            }
            bound->forwarders.push_back(*std::move(forwarder));
        }
        imports.push_back(*std::move(bound));
    }
}

}  // namespace abiscope::pe
