#include "dwarf/symbols.h"

#include <tuple>
#include <unordered_map>

#include "dwarf/code_ranges.h"
#include "dwarf/pages.h"
#include "dwarf/parallel.h"
#include "dwarf/scan.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr int most_links = 3;   // an inlined copy, its abstract origin, the declaration in the class
constexpr std::uint32_t none = 0xffffffff;

SlotMask slots(std::uint16_t tag) {
    if (tag != tag::subprogram && tag != tag::variable && tag != tag::member) return structure_slots(tag);
    return mask_of(Slot::name, Slot::linkage_name, Slot::specification, Slot::abstract_origin, Slot::declaration, Slot::sibling,
                   Slot::external, Slot::low_pc);
}

// Names and addresses to places in the list that was asked for. Symbols of one name (versions) are told apart by their addresses.
class Wanted {
public:
    explicit Wanted(std::span<const SymbolName> names) : names_(names), next_(names.size(), none) {
        by_name_.reserve(names.size());
        for (std::uint32_t i = 0; i < names.size(); ++i) {
            auto [found, fresh] = by_name_.try_emplace(names[i].name, i);
            if (!fresh) next_[i] = std::exchange(found->second, i);
            if (names[i].address && *names[i].address != 0) by_address_.emplace(*names[i].address, i);
        }
    }

    template <typename Visit>
    void named(std::string_view name, std::optional<std::uint64_t> address, Visit visit) const {
        auto found = by_name_.find(name);
        if (found == by_name_.end()) return;
        bool several = next_[found->second] != none;
        for (std::uint32_t i = found->second; i != none; i = next_[i]) {
            if (!several || !address || !names_[i].address || *address == *names_[i].address) visit(i);
        }
    }
    template <typename Visit>
    void at(std::uint64_t address, Visit visit) const {
        auto range = by_address_.equal_range(address);
        for (auto found = range.first; found != range.second; ++found) visit(found->second);
    }

private:
    std::span<const SymbolName> names_;
    std::vector<std::uint32_t> next_;   // another of the same name
    std::unordered_map<std::string_view, std::uint32_t> by_name_;
    std::unordered_multimap<std::uint64_t, std::uint32_t> by_address_;
};

struct Best {
    std::uint32_t rank = none;   // 0: by name; 1: by address
    std::uint32_t unit = 0;
    std::uint64_t offset = 0;
    friend auto operator<=>(const Best&, const Best&) = default;
};

struct Matcher final : ScanVisitor {
    Matcher(const Wanted& symbols, std::size_t count, EntryReader& entries) : wanted(symbols), reader(entries), best(count) {}

    void named(const Unit& unit, std::uint64_t offset, std::uint16_t tag, const Attributes& attributes) override {
        if ((tag != tag::subprogram && tag != tag::variable) || attributes.flag(Slot::declaration)) return;
        auto note = [&](std::uint32_t symbol, std::uint32_t rank) {
            best[symbol] = std::min(best[symbol], Best{rank, unit.index, offset});
        };
        std::optional<std::uint64_t> address = address_of(reader.debug(), unit, attributes, Slot::low_pc);
        std::string_view name = symbol_name(unit, attributes);
        if (!name.empty()) wanted.named(name, address, [&](std::uint32_t symbol) { note(symbol, 0); });
        if (address) wanted.at(*address, [&](std::uint32_t symbol) { note(symbol, 1); });
    }

    // Empty for what no other unit can name.
    std::string_view symbol_name(const Unit& unit, const Attributes& attributes) {
        const Debug& debug = reader.debug();
        if (attributes.has(Slot::linkage_name)) return debug.text(unit, attributes, Slot::linkage_name);
        bool external = attributes.flag(Slot::external);
        if (attributes.has(Slot::name)) return external ? debug.text(unit, attributes, Slot::name) : std::string_view();
        const Unit* at = &unit;
        const Attributes* from = &attributes;
        for (int steps = 0; steps < most_links; ++steps) {
            EntryRef ref = debug.reference(*at, *from, from->has(Slot::specification) ? Slot::specification : Slot::abstract_origin);
            if (!ref || !reader.read(ref, entry)) return {};
            external = external || entry.flag(Slot::external);
            if (entry.has(Slot::linkage_name)) return reader.text(entry, Slot::linkage_name);
            if (entry.has(Slot::name)) return external ? reader.name(entry) : std::string_view();
            at = &entry.unit();
            from = &entry.attributes;
        }
        return {};
    }

    const Wanted& wanted;
    EntryReader& reader;
    std::vector<Best> best;
    Entry entry;
};

struct Worker {
    Worker(const Debug& debug, const Wanted& wanted, std::size_t count)
        : hasher(debug, StructureHasher::Names::by_place, slots),
          scanner(debug, ScanOptions{.functions = true, .variables = true}, hasher),
          matcher(wanted, count, hasher.reader()),
          sink(debug.limits()) {}

    StructureHasher hasher;
    Scanner scanner;
    Matcher matcher;
    finding::Sink sink;
};

}  // namespace

std::vector<EntryRef> find_symbols(const Debug& debug, std::span<const SymbolName> names, unsigned threads, finding::Sink& sink) {
    Wanted wanted(names);
    tbb::enumerable_thread_specific<Worker> workers([&] { return Worker(debug, wanted, names.size()); });
    PageReturn pages(debug);
    for_each_index(workers, debug.units().size(), threads, 1, [&](Worker& worker, std::size_t i) {
        Scopes unused;
        const Unit& unit = debug.units()[i];
        if (unit.places_only) return;
        worker.scanner.walk(unit, worker.matcher, unused, worker.sink);
        pages.have_read(unit.end - unit.entries);
    });
    std::vector<Best> best(names.size());
    for (Worker& worker : workers) {
        for (std::size_t i = 0; i < best.size(); ++i) best[i] = std::min(best[i], worker.matcher.best[i]);
    }
    collect_findings(workers, sink);
    std::vector<EntryRef> found(names.size());
    for (std::size_t i = 0; i < best.size(); ++i) {
        if (best[i].rank != none) found[i] = {&debug.units()[best[i].unit], best[i].offset};
    }
    return found;
}

}  // namespace abiscope::dwarf
