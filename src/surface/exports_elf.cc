#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "elf/image.h"
#include "elf/sections.h"
#include "elf/symbols.h"
#include "elf/versions.h"
#include "surface/exports.h"

namespace abiscope::surface {

namespace {

// Made by linkers and start-up files, for nobody outside: one linker exports them, the next does not.
constexpr std::array linker_names = {
    std::string_view("_init"),       std::string_view("_fini"), std::string_view("__bss_start"), std::string_view("__bss_start__"),
    std::string_view("_edata"),      std::string_view("edata"), std::string_view("_end"),        std::string_view("end"),
    std::string_view("__end__"),     std::string_view("etext"), std::string_view("_etext"),      std::string_view("_bss_end__"),
    std::string_view("__bss_end__"),
};

SymbolKind kind_of(const elf::Symbol& symbol) {
    switch (symbol.type()) {
        case elf::stt_func: return SymbolKind::function;
        case elf::stt_gnu_ifunc: return SymbolKind::indirect_function;
        case elf::stt_object:
        case elf::stt_common: return SymbolKind::object;
        case elf::stt_tls: return SymbolKind::thread_local_;
        default: return SymbolKind::other;
    }
}

bool is_exported(const elf::Symbol& symbol) {
    if (!symbol.defined() || symbol.name.empty()) return false;
    if (symbol.type() == elf::stt_section || symbol.type() == elf::stt_file) return false;
    if (symbol.binding() != elf::stb_global && symbol.binding() != elf::stb_weak && symbol.binding() != elf::stb_gnu_unique) return false;
    if (symbol.visibility() != elf::stv_default && symbol.visibility() != elf::stv_protected) return false;
    return std::ranges::find(linker_names, symbol.name) == linker_names.end();
}

class Exports {
public:
    Exports(const elf::Image& image, Surface& into) : image_(image), into_(into) {}

    void add(const elf::SymbolTable& table, const elf::Versions* versions) {
        for (std::uint64_t i = 1; i < table.size(); ++i) {
            elf::Symbol read = table.at(i);
            if (!is_exported(read)) continue;
            Symbol symbol{.name = std::string(read.name), .version = {}, .kind = kind_of(read), .size = read.size, .forwarder = {}};
            symbol.binding = read.binding() == elf::stb_weak ? Binding::weak
                : read.binding() == elf::stb_gnu_unique      ? Binding::unique
                                                             : Binding::global;
            symbol.visibility = read.visibility() == elf::stv_protected ? Visibility::protected_ : Visibility::default_;
            if (versions != nullptr && versions->has_versym && !set_version(symbol, *versions, i)) continue;
            // The symbol that stands for a version node itself.
            if (read.section == elf::shn_abs && symbol.name == symbol.version) continue;
            into_.symbols.push_back(std::move(symbol));
            bool function = kind_of(read) == SymbolKind::function;
            bool linked = image_.header().type != elf::et_rel;
            addresses.of_symbol.push_back(function && linked ? std::optional(address_of(read)) : std::nullopt);
            // In an object file values count from the start of a section.
            std::uint64_t section = linked ? 0 : std::uint64_t{read.section} << 48;
            addresses.places.push_back(function ? std::optional(section ^ address_of(read)) : std::nullopt);
        }
    }

    Addresses addresses;

private:
    // False for what is no export: a local version, or a copy of another library's variable.
    static bool set_version(Symbol& symbol, const elf::Versions& versions, std::uint64_t number) {
        std::uint16_t stored = versions.index_of(number);
        std::uint16_t index = stored & elf::versym_index;
        if (index == elf::ver_ndx_local) return false;
        symbol.default_version = (stored & elf::versym_hidden) == 0;
        const elf::DefinedVersion* defined = versions.defined(index);
        if (defined != nullptr && (defined->flags & elf::ver_flg_base) == 0) symbol.version = std::string(defined->name);
        return index == elf::ver_ndx_global || defined != nullptr || versions.needed(index) == nullptr;
    }

    // "ELF for the Arm Architecture": bit 0 of a function's value says that it is Thumb code.
    [[nodiscard]] std::uint64_t address_of(const elf::Symbol& symbol) const {
        return image_.header().machine == elf::em_arm ? symbol.value & ~std::uint64_t{1} : symbol.value;
    }

    const elf::Image& image_;
    Surface& into_;
};

// "RISC-V ELF psABI", e_flags: EF_RISCV_FLOAT_ABI, EF_RISCV_RVE.
std::string variant_of(const elf::Header& header, bool wide) {
    if (header.machine != elf::em_riscv) return {};
    constexpr std::uint32_t float_abi = 0x6, embedded = 0x8;
    constexpr std::string_view suffixes[] = {"", "f", "d", "q"};
    return fmt::format("{}{}{}", wide ? "lp64" : "ilp32", suffixes[(header.flags & float_abi) >> 1],
                       (header.flags & embedded) != 0 ? "e" : "");
}

// Weak ones may stay without a definition.
std::vector<std::string> undefined_names(const elf::SymbolTable& table, const elf::Versions& versions) {
    std::vector<std::string> out;
    for (std::uint64_t i = 1; i < table.size(); ++i) {
        elf::Symbol symbol = table.at(i);
        if (symbol.defined() || symbol.name.empty() || symbol.binding() != elf::stb_global) continue;
        std::string& name = out.emplace_back(symbol.name);
        const auto* needed = versions.has_versym ? versions.needed(versions.index_of(i) & elf::versym_index) : nullptr;
        if (needed != nullptr) name += "@" + std::string(needed->name);
    }
    std::ranges::sort(out);
    auto rest = std::ranges::unique(out);
    out.erase(rest.begin(), rest.end());
    return out;
}

}  // namespace

Result<Addresses> read_elf_exports(const SourcePtr& source, View bytes, Surface& into) {
    ABISCOPE_TRY(auto image, elf::Image::parse(source, bytes));
    Exports exports(image, into);
    into.variant = variant_of(image.header(), image.encoding().wide);
    if (const auto& dynamic = image.dynamic()) {
        if (auto name = dynamic->string(elf::dt_soname)) into.soname = std::string(name->text);
        for (const elf::DynamicString& needed : dynamic->strings_of(elf::dt_needed)) into.needed.emplace_back(needed.text);
        elf::Versions versions = elf::read_versions(image);
        for (const elf::DefinedVersion& version : versions.definitions) {
            if ((version.flags & elf::ver_flg_base) == 0) into.versions.emplace_back(version.name);
        }
        std::ranges::sort(into.versions);
        exports.add(elf::dynamic_symbols(image), &versions);
        into.undefined = undefined_names(elf::dynamic_symbols(image), versions);
        into.compared = "dynamic symbols";
    }
    bool library = into.subject.kind == "shared library";
    bool functions = std::ranges::any_of(into.symbols, [](const Symbol& symbol) { return symbol.kind == SymbolKind::function; });
    if (!library && !functions) {
        finding::Sink unheard;
        elf::SymbolTable table = elf::static_symbols(image, elf::read_sections(image, unheard));
        if (table.size() > 1) {
            into.symbols.clear();
            exports.addresses = {};
            exports.add(table, nullptr);
            into.compared = image.header().type == elf::et_rel ? "global symbols" : "global symbols of .symtab: it exports no functions";
        }
    }
    if (into.compared.empty()) into.compared = "no symbols";
    return std::move(exports.addresses);
}

}  // namespace abiscope::surface
