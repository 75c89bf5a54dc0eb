#include "macho/dylibs.h"
#include "macho/exports.h"
#include "macho/fat.h"
#include "macho/image.h"
#include "surface/exports.h"

namespace abiscope::surface {

Result<Addresses> read_macho_exports(const SourcePtr& source, View bytes, Surface& into, finding::Sink& sink) {
    if (macho::fat_kind(bytes) == macho::FatKind::fat) {
        ABISCOPE_TRY(auto fat, macho::read_fat(source, bytes, sink));
        if (fat.slices.empty()) return fail(ErrorCode::bad_value, "a fat file without slices");
        bytes = fat.slices.front().bytes;
        if (fat.slices.size() > 1) into.compared = "exports of the first slice, " + fat.slices.front().arch();
    }
    ABISCOPE_TRY(auto image, macho::Image::parse(source, bytes, sink));
    if (into.compared.empty()) into.compared = "exports";
    ABISCOPE_TRY(auto linkage, macho::read_linkage(image, sink));
    if (linkage.id) into.soname = std::string(linkage.id->name);
    for (const macho::Dylib& dylib : linkage.dylibs) into.needed.emplace_back(dylib.name);
    ABISCOPE_TRY(auto exports, macho::read_exports(image, sink));
    for (const macho::Export& read : exports.exports) {
        Symbol symbol{.name = read.name, .version = {}, .forwarder = {}};
        if (read.weak_definition()) symbol.binding = Binding::weak;
        const macho::Segment* segment = image.segment_at(read.address);
        if (read.reexport()) symbol.forwarder = read.import_name.empty() ? read.name : read.import_name;
        else if (read.kind() == macho::export_kind_thread_local) symbol.kind = SymbolKind::thread_local_;
        else if (const macho::Section* section = image.section_at(read.address); section != nullptr && section->name == "__text")
            symbol.kind = SymbolKind::function;
        else if (segment != nullptr) symbol.kind = SymbolKind::object;
        into.symbols.push_back(std::move(symbol));
    }
    Addresses addresses;
    addresses.of_symbol.resize(into.symbols.size());
    addresses.places.resize(into.symbols.size());
    return addresses;
}

}  // namespace abiscope::surface
