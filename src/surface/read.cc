#include "surface/read.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "bytes/mapped_file.h"
#include "debuginfo/program_abi.h"
#include "inspect/inspect.h"
#include "object/detect.h"
#include "surface/described_types.h"
#include "surface/exports.h"

namespace abiscope::surface {

namespace {

constexpr std::size_t most_damage = 20;   // lines of Missing::damaged

Result<Addresses> read_exports(const SourcePtr& program, Surface& into, finding::Sink& sink) {
    View bytes = program->view();
    object::Detected detected = object::detect(bytes);
    switch (detected.kind) {
        case object::FileKind::elf: return read_elf_exports(program, bytes, into);
        case object::FileKind::pe:
        case object::FileKind::coff: return read_pe_exports(program, bytes, into, sink);
        case object::FileKind::macho:
        case object::FileKind::macho_fat: return read_macho_exports(program, bytes, into, sink);
        default: break;
    }
    bool archive = detected.kind == object::FileKind::archive;
    return fail(
        Error{.code = ErrorCode::unsupported,
              .what = "is " + object::describe(detected) +
                  (archive ? ": take its members out with `ar x` and compare them one by one" : ": no program, library or baseline"),
              .file = program->name(),
              .wanted = {},
              .had = {}});
}

std::string damage(const finding::Finding& finding) {
    std::string line(finding::rule(finding.rule()).name);
    for (const finding::NamedArgument& argument : finding.arguments()) {
        if (const auto* text = std::get_if<std::string>(&argument.value)) line += (argument.name == "why" ? ": " : " ") + *text;
    }
    return line;
}

void read_types(const dwarf::Debug& debug, const debuginfo::ProgramAbi& own, const ReadOptions& options, const Addresses& addresses,
                Surface& into, finding::Sink& sink) {
    into.profile = own.profile;
    if (own.profile.empty()) into.missing.calls = "there is no ABI profile of its machine";
    read_described_types(debug, own, addresses, options.threads, into, sink);
    for (const finding::Finding& finding : sink.findings()) {
        std::string line = damage(finding);
        if (into.missing.damaged.size() == most_damage) break;
        if (std::ranges::find(into.missing.damaged, line) == into.missing.damaged.end()) into.missing.damaged.push_back(std::move(line));
    }
}

// The types, or why there are none.
void read_types(const SourcePtr& program, debuginfo::FileFinder& finder, const ReadOptions& options, const Addresses& addresses,
                Surface& into) {
    finding::Sink sink(options.limits);
    auto debug = debuginfo::open_debug(program, &finder, options.folders, options.limits, sink);
    if (!debug) {
        into.missing.types = debug.error().what;
        into.missing.calls = "types are not known";
        return;
    }
    auto read = debuginfo::program_abi(program, *debug, sink);
    read_types(*debug, read ? *read : debuginfo::ProgramAbi{}, options, addresses, into, sink);
}

// The symbols, sorted; of the types nothing yet.
Result<Addresses> read_symbols(const SourcePtr& program, const ReadOptions& options, Surface& into) {
    finding::Sink unheard(options.limits);   // `inspect` is the command that speaks of the file itself
    ABISCOPE_TRY(auto card,
                 inspect::inspect(program, {.symbols = false, .instructions = false, .sweep = false, .limits = options.limits}, unheard));
    into.subject = std::move(card.subject);
    ABISCOPE_TRY(Addresses addresses, read_exports(program, into, unheard));
    sort_symbols(into, addresses);
    give_back_pages(program->view());
    return addresses;
}

}  // namespace

void sort_symbols(Surface& surface, Addresses& addresses) {
    std::vector<std::size_t> order(surface.symbols.size());
    std::iota(order.begin(), order.end(), 0);
    auto key = [&](std::size_t i) {
        const Symbol& symbol = surface.symbols[i];
        return std::tuple(std::string_view(symbol.name), std::string_view(symbol.version), !symbol.default_version,
                          symbol.name.empty() ? symbol.ordinal.value_or(0) : 0);
    };
    std::ranges::stable_sort(order, {}, key);
    auto rest = std::ranges::unique(order, {}, key);
    order.erase(rest.begin(), rest.end());
    std::vector<Symbol> symbols;
    Addresses sorted;
    symbols.reserve(order.size());
    sorted.of_symbol.reserve(order.size());
    sorted.places.reserve(order.size());
    for (std::size_t i : order) {
        symbols.push_back(std::move(surface.symbols[i]));
        sorted.of_symbol.push_back(addresses.of_symbol[i]);
        sorted.places.push_back(addresses.places[i]);
    }
    surface.symbols = std::move(symbols);
    sorted.named_by_place = addresses.named_by_place;
    addresses = std::move(sorted);
}

Result<Surface> read_surface(const SourcePtr& program, debuginfo::FileFinder& finder, const ReadOptions& options) {
    Surface surface;
    ABISCOPE_TRY(Addresses addresses, read_symbols(program, options, surface));
    read_types(program, finder, options, addresses, surface);
    give_back_pages(program->view());
    return surface;
}

Result<Surface> read_surface(const SourcePtr& program, const dwarf::Debug& debug, const debuginfo::ProgramAbi& own,
                             const ReadOptions& options) {
    Surface surface;
    ABISCOPE_TRY(Addresses addresses, read_symbols(program, options, surface));
    finding::Sink sink(options.limits);
    read_types(debug, own, options, addresses, surface, sink);
    return surface;
}

}  // namespace abiscope::surface
