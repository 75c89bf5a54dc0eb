#include "dwarf/symbols.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "dwarf/code_ranges.h"
#include "dwarf/hash.h"
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

// Numbers by hashes. Open addressing.
class Hashed {
public:
    explicit Hashed(std::size_t count) : slots_(std::bit_ceil(count * 2 + 2)) {}

    void add(std::uint64_t hash, std::uint32_t number) {
        std::size_t at = hash & mask();
        while (slots_[at].number != none) at = (at + 1) & mask();
        slots_[at] = {static_cast<std::uint32_t>(hash >> 32), number};
    }

    // The first of which `is_it` holds among those of hashes that look the same, or none.
    template <typename Is>
    [[nodiscard]] std::uint32_t find(std::uint64_t hash, Is is_it) const {
        for (std::size_t at = hash & mask(); slots_[at].number != none; at = (at + 1) & mask()) {
            if (slots_[at].hash == static_cast<std::uint32_t>(hash >> 32) && is_it(slots_[at].number)) return slots_[at].number;
        }
        return none;
    }

private:
    struct Slot {
        std::uint32_t hash = 0;     // its upper half
        std::uint32_t number = none;
    };
    [[nodiscard]] std::size_t mask() const { return slots_.size() - 1; }

    std::vector<Slot> slots_;
};

// Names and addresses to places in the list that was asked for. Symbols of one name (versions) are told apart by their addresses.
class Wanted {
public:
    explicit Wanted(std::span<const SymbolName> names)
        : names_(names), next_(names.size(), none), next_at_(names.size(), none), by_name_(names.size()), by_address_(names.size()) {
        for (std::uint32_t i = 0; i < names.size(); ++i) {
            std::uint32_t known = first(names[i].name);
            if (known != none) next_[i] = std::exchange(next_[known], i);
            else by_name_.add(hash_text(names[i].name), i);
            if (!names[i].address || *names[i].address == 0) continue;
            known = first_at(*names[i].address);
            if (known != none) next_at_[i] = std::exchange(next_at_[known], i);
            else by_address_.add(hash_of(*names[i].address), i);
        }
    }

    [[nodiscard]] std::size_t size() const { return names_.size(); }

    // The first of that name, or none.
    [[nodiscard]] std::uint32_t first(std::string_view name) const {
        return by_name_.find(hash_text(name), [&](std::uint32_t i) { return names_[i].name == name; });
    }
    template <typename Visit>
    void named(std::uint32_t first, std::optional<std::uint64_t> address, Visit visit) const {
        bool several = first != none && next_[first] != none;
        for (std::uint32_t i = first; i != none; i = next_[i]) {
            if (!several || !address || !names_[i].address || *address == *names_[i].address) visit(i);
        }
    }
    template <typename Visit>
    void at(std::uint64_t address, Visit visit) const {
        for (std::uint32_t i = first_at(address); i != none; i = next_at_[i]) visit(i);
    }

private:
    [[nodiscard]] static std::uint64_t hash_of(std::uint64_t address) { return mix(address, 1); }

    [[nodiscard]] std::uint32_t first_at(std::uint64_t address) const {
        return by_address_.find(hash_of(address), [&](std::uint32_t i) { return names_[i].address == address; });
    }

    std::span<const SymbolName> names_;
    std::vector<std::uint32_t> next_, next_at_;     // another of the same name, at the same address
    Hashed by_name_, by_address_;
};

// Remembers for names in sections of strings, where each stands once for all units that say it, what was found: to look at the text again
// takes longer than all the rest. Of places that share a slot the last is remembered.
class PlacedNames {
public:
    explicit PlacedNames(const Wanted& wanted)
        : wanted_(wanted), slots_(std::bit_ceil(std::clamp(wanted.size(), fewest_slots, most_slots))) {}

    std::uint32_t first(const Debug& debug, const Unit& unit, const TextPlace& place) {
        Placed key{.offset = place.offset, .file = unit.file, .section = place.section, .supplementary = place.supplementary};
        Placed& slot = slots_[mix(place.offset, 1) & (slots_.size() - 1)];
        if (slot.offset != key.offset || slot.file != key.file || slot.section != key.section || slot.supplementary != key.supplementary) {
            slot = key;
            std::string_view name = debug.strings(unit).text(place);
            slot.first = name.empty() ? none : wanted_.first(name);
        }
        return slot.first;
    }

private:
    static constexpr std::size_t fewest_slots = 64, most_slots = std::size_t{1} << 17;

    struct Placed {
        std::uint64_t offset = ~std::uint64_t{0};
        std::uint32_t file = 0;
        SectionId section = SectionId::str;
        bool supplementary = false;
        std::uint32_t first = none;
    };

    const Wanted& wanted_;
    std::vector<Placed> slots_;
};

struct Best {
    std::uint32_t rank = none;   // 0: by name; 1: by address
    std::uint32_t unit = 0;
    std::uint64_t offset = 0;
    friend auto operator<=>(const Best&, const Best&) = default;
};

struct Matcher final : ScanVisitor {
    Matcher(const Wanted& symbols, EntryReader& entries) : wanted(symbols), names(symbols), reader(entries), best(symbols.size()) {}

    void named(const Unit& unit, std::uint64_t offset, std::uint16_t tag, const Attributes& attributes) override {
        if ((tag != tag::subprogram && tag != tag::variable) || attributes.flag(Slot::declaration)) return;
        auto note = [&](std::uint32_t symbol, std::uint32_t rank) {
            best[symbol] = std::min(best[symbol], Best{rank, unit.index, offset});
        };
        std::optional<std::uint64_t> address = address_of(reader.debug(), unit, attributes, Slot::low_pc);
        wanted.named(symbol_of(unit, attributes), address, [&](std::uint32_t symbol) { note(symbol, 0); });
        if (address) wanted.at(*address, [&](std::uint32_t symbol) { note(symbol, 1); });
    }

    // By the name that other units can say.
    std::uint32_t symbol_of(const Unit& unit, const Attributes& attributes) {
        if (attributes.has(Slot::linkage_name)) return first(unit, attributes, Slot::linkage_name);
        bool external = attributes.flag(Slot::external);
        if (attributes.has(Slot::name)) return external ? first(unit, attributes, Slot::name) : none;
        const Unit* at = &unit;
        const Attributes* from = &attributes;
        for (int steps = 0; steps < most_links; ++steps) {
            EntryRef ref =
                reader.debug().reference(*at, *from, from->has(Slot::specification) ? Slot::specification : Slot::abstract_origin);
            if (!ref || !reader.read(ref, entry)) return none;
            external = external || entry.flag(Slot::external);
            at = &entry.unit();
            from = &entry.attributes;
            if (entry.has(Slot::linkage_name)) return first(*at, *from, Slot::linkage_name);
            if (entry.has(Slot::name)) return external ? first(*at, *from, Slot::name) : none;
        }
        return none;
    }

    std::uint32_t first(const Unit& unit, const Attributes& attributes, Slot slot) {
        auto place = reader.debug().strings(unit).place(unit, attributes, slot);
        return place ? names.first(reader.debug(), unit, *place) : none;
    }

    const Wanted& wanted;
    PlacedNames names;
    EntryReader& reader;
    std::vector<Best> best;
    Entry entry;
};

struct Worker {
    Worker(const Debug& debug, const Wanted& wanted)
        : hasher(debug, StructureHasher::Names::by_place, slots),
          scanner(debug, ScanOptions{.functions = true, .variables = true}, hasher),
          matcher(wanted, hasher.reader()),
          sink(debug.limits()) {}

    StructureHasher hasher;
    Scanner scanner;
    Matcher matcher;
    finding::Sink sink;
};

}  // namespace

std::vector<EntryRef> find_symbols(const Debug& debug, std::span<const SymbolName> names, unsigned threads, finding::Sink& sink) {
    Wanted wanted(names);
    tbb::enumerable_thread_specific<Worker> workers([&] { return Worker(debug, wanted); });
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
