#include "macho/imports.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "macho/chained_fixups.h"
#include "macho/dyld_info.h"
#include "macho/spec.h"
#include "macho/strings.h"
#include "macho/symbols.h"

namespace abiscope::macho {

using finding::Evidence;
using finding::Finding;
using finding::RuleId;

namespace {

bool names_dylib(std::uint32_t command) {
    return command == lc_load_dylib || command == lc_load_weak_dylib || command == lc_reexport_dylib || command == lc_load_upward_dylib ||
        command == lc_lazy_load_dylib;
}

std::int32_t dylib_count(const Image& image) {
    std::int32_t count = 0;
    for (const LoadCommand& command : image.commands()) count += names_dylib(command.command) ? 1 : 0;
    return count;
}

Imports from_chained_fixups(const ChainedFixups& fixups) {
    Imports result{ImportSource::chained_fixups, {}};
    std::map<std::pair<std::string_view, std::int32_t>, std::size_t> seen;   // the same name with another addend is the same import
    for (const ChainedImport& import : fixups.imports) {
        if (!seen.emplace(std::pair(import.name, import.ordinal), result.imports.size()).second) continue;
        result.imports.push_back({import.name, import.ordinal, import.weak_import, false, import.file_offset});
    }
    return result;
}

// Numbers for names. Any number of binds may follow one name in the program, and comparing it with itself costs its length, so that
// a name is looked up once each time the program sets it.
class NameNumbers {
public:
    std::size_t number(std::string_view name) {
        if (name.data() != last_ || name.empty()) {
            last_ = name.data();
            number_ = numbers_.emplace(name, numbers_.size()).first->second;
        }
        return number_;
    }

private:
    std::map<std::string_view, std::size_t> numbers_;
    const char* last_ = nullptr;
    std::size_t number_ = 0;
};

// A weak bind coalesces copies of a definition, most often with the image's own; a name wanted from others is bound in another way too.
Imports from_binds(const Binds& binds) {
    Imports result{ImportSource::bind_opcodes, {}};
    NameNumbers names;
    std::map<std::pair<std::size_t, std::int32_t>, std::size_t> seen;
    for (const Bind& bind : binds.binds) {
        if (bind.kind == BindKind::weak) continue;
        auto [place, fresh] = seen.emplace(std::pair(names.number(bind.symbol), bind.ordinal), result.imports.size());
        if (fresh) {
            result.imports.push_back({bind.symbol, bind.ordinal, bind.weak_import(), bind.kind == BindKind::lazy, bind.file_offset});
            continue;
        }
        Import& import = result.imports[place->second];
        import.lazy = import.lazy && bind.kind == BindKind::lazy;
        import.weak = import.weak && bind.weak_import();
    }
    return result;
}

Imports from_symbols(const Image& image, const Symbols& symbols) {
    Imports result{ImportSource::symbol_table, {}};
    bool two_level = image.header().has(mh_twolevel);
    for (const Symbol& symbol : symbols.symbols) {
        if (!symbol.is_undefined() || symbol.name.empty()) continue;
        std::int32_t ordinal = two_level ? symbol.library_ordinal() : std::int32_t{ordinal_flat_lookup};
        bool lazy = (symbol.description & 0x7) == 1;   // REFERENCE_FLAG_UNDEFINED_LAZY
        result.imports.push_back({symbol.name, ordinal, symbol.is_weak_reference(), lazy, symbol.file_offset});
    }
    return result;
}

void check_ordinals(const Image& image, const Imports& imports, finding::Sink& sink) {
    if (imports.source == ImportSource::symbol_table && !image.header().has(mh_twolevel)) return;
    std::int32_t most = dylib_count(image);
    for (const Import& import : imports.imports) {
        if (import.ordinal >= ordinal_weak_lookup && import.ordinal <= most) continue;
        sink.add(
            Finding(RuleId::MACHO_IMPORT_ORDINAL_INVALID,
                    Evidence::value(fmt::format("macho/{}[{}]", to_string(imports.source), text::printable(name_for_finding(import.name))),
                                    import.file_offset, 1, fmt::format("library ordinal {}, {} dylibs", import.ordinal, most)))
                .with("symbol", name_for_finding(import.name))
                .with("ordinal", std::to_string(import.ordinal))
                .with("count", static_cast<std::uint64_t>(most)));
    }
}

}  // namespace

std::string_view to_string(ImportSource source) {
    switch (source) {
        case ImportSource::none: return "none";
        case ImportSource::chained_fixups: return "chained_fixups";
        case ImportSource::bind_opcodes: return "bind_opcodes";
        case ImportSource::symbol_table: return "symbol_table";
    }
    return "none";
}

Result<Imports> read_imports(const Image& image, finding::Sink& sink) {
    Imports imports;
    ABISCOPE_TRY(auto fixups, read_chained_fixups(image, sink));
    if (fixups) {
        imports = from_chained_fixups(*fixups);
    } else if (has_dyld_info(image)) {
        ABISCOPE_TRY(auto binds, read_binds(image, sink));
        imports = from_binds(binds);
    } else {
        ABISCOPE_TRY(auto symbols, read_symbols(image, sink));
        imports = from_symbols(image, symbols);
    }
    check_ordinals(image, imports, sink);
    if (imports.imports.empty()) imports.source = ImportSource::none;
    return imports;
}

}  // namespace abiscope::macho
