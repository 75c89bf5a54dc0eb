#include <array>

#include <fmt/format.h>

#include "bytes/reader.h"
#include "pe/image.h"
#include "pe/imports.h"
#include "pe/thunks.h"

namespace abiscope::pe {

namespace {

constexpr std::uint64_t descriptor_size = 32;

}  // namespace

Result<Imports> read_delay_imports(const Image& image, finding::Sink& sink) {
    Imports imports;
    auto directory = image.directory(Directory::delay_imports);
    if (!directory) return imports;
    ThunkReader thunks(image, sink);
    for (std::uint64_t index = 0;; ++index) {
        std::array<std::byte, descriptor_size> raw{};
        std::uint64_t rva = directory->rva + index * descriptor_size;
        auto offset = image.copy_rva(rva, raw);
        if (!offset) {
            ImportedLibrary missing{.delayed = true};
            thunks.unreadable(missing, fmt::format("pe/delay_import[{}]", index), directory->offset, 8, fmt::format("RVA {:#x}", rva),
                              "the delay import directory is not in the file, or has no end");
            imports.complete = false;
            return imports;
        }
        Reader reader(View(raw, *offset, true), Endian::little, "a delay import descriptor");
        ImportedLibrary library{.offset = *offset, .delayed = true};
        library.delay_attributes = reader.u32();
        bool virtual_addresses = (library.delay_attributes & 1) == 0;
        auto address = [&] {
            std::uint32_t value = reader.u32();
            return virtual_addresses && value != 0 ? image.rva_of(value).value_or(0) : value;
        };
        library.name_rva = address();
        library.module_handle_rva = address();
        library.address_rva = address();
        library.lookup_rva = address();
        library.bound_table_rva = address();
        library.unload_table_rva = address();
        library.timestamp = reader.u32();
        if (library.name_rva == 0) return imports;
        thunks.read_name(library, index);
        thunks.read(library, library.lookup_rva, virtual_addresses);
        imports.complete &= library.complete;
        imports.libraries.push_back(std::move(library));
    }
}

}  // namespace abiscope::pe
