#include "pe/exports.h"
#include "pe/image.h"
#include "pe/imports.h"
#include "pe/symbols.h"
#include "surface/exports.h"

namespace abiscope::surface {

namespace {

constexpr std::uint8_t class_external = 2;   // "PE Format", IMAGE_SYM_CLASS_EXTERNAL

bool is_code(const pe::Image& image, std::optional<std::uint32_t> section) {
    return section && *section < image.sections().size() && image.sections()[*section].executable();
}

Result<void> add_object_symbols(const pe::Image& image, Surface& into, finding::Sink& sink) {
    ABISCOPE_TRY(auto table, pe::read_symbols(image, sink));
    for (const pe::Symbol& read : table.symbols) {
        if (read.storage_class != class_external || read.section <= 0 || read.name.empty()) continue;
        bool function = read.is_function() || is_code(image, static_cast<std::uint32_t>(read.section - 1));
        into.symbols.push_back(
            {.name = std::string(read.name), .version = {}, .kind = function ? SymbolKind::function : SymbolKind::object, .forwarder = {}});
    }
    into.compared = "external symbols";
    return {};
}

}  // namespace

Result<Addresses> read_pe_exports(const SourcePtr& source, View bytes, Surface& into, finding::Sink& sink) {
    ABISCOPE_TRY(auto image, pe::Image::parse(source, bytes, sink));
    into.compared = "exports";
    Addresses addresses;
    if (image.is_object()) {
        ABISCOPE_CHECK(add_object_symbols(image, into, sink));
    } else {
        ABISCOPE_TRY(auto exports, pe::read_exports(image, sink));
        if (exports) {
            into.soname = std::string(exports->library);
            for (const pe::Export& read : exports->exports) {
                Symbol symbol{
                    .name = std::string(read.name), .version = {}, .ordinal = read.ordinal, .forwarder = std::string(read.forwarder)};
                symbol.kind = !symbol.forwarder.empty()          ? SymbolKind::other
                    : is_code(image, image.section_at(read.rva)) ? SymbolKind::function
                                                                 : SymbolKind::object;
                // An export may have any name: what it is follows from where it is.
                bool placed = symbol.kind == SymbolKind::function && image.optional();
                addresses.of_symbol.push_back(placed ? std::optional(image.optional()->image_base + read.rva) : std::nullopt);
                addresses.places.push_back(placed ? std::optional<std::uint64_t>(read.rva) : std::nullopt);
                into.symbols.push_back(std::move(symbol));
            }
        }
        addresses.named_by_place = true;
        if (auto imports = pe::read_imports(image, sink)) {
            for (const auto& library : imports->libraries) into.needed.emplace_back(library.name);
        }
    }
    addresses.of_symbol.resize(into.symbols.size());
    addresses.places.resize(into.symbols.size());
    return addresses;
}

}  // namespace abiscope::surface
