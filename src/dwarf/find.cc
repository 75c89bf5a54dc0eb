#include <algorithm>
#include <iterator>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "dwarf/hash.h"
#include "dwarf/index.h"
#include "dwarf/name_budget.h"
#include "dwarf/name_match.h"
#include "dwarf/parallel.h"
#include "dwarf/scan.h"
#include "dwarf/scope_cache.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::string_view glob_characters = "*?[";

// What was found out about names of .debug_str: one place for each of many names, the last one that came there.
class NameMemo {
public:
    NameMemo() : known_(size) {}
    [[nodiscard]] std::optional<bool> find(std::uint32_t file, std::uint64_t offset) const {
        std::uint64_t found = known_[slot(offset)];
        if (found >> 1 != key(file, offset)) return std::nullopt;
        return (found & 1) != 0;
    }
    void note(std::uint32_t file, std::uint64_t offset, bool match) { known_[slot(offset)] = key(file, offset) << 1 | (match ? 1 : 0); }

private:
    static constexpr std::size_t size = 1 << 14;
    static constexpr std::uint64_t most_offset = (std::uint64_t{1} << 40) - 1;
    static std::size_t slot(std::uint64_t offset) { return (offset ^ offset >> 14) & (size - 1); }
    // Never 0. A section of 2^40 bytes would have to be in memory.
    static std::uint64_t key(std::uint32_t file, std::uint64_t offset) {
        return ((file + std::uint64_t{1}) << 40 | (offset & most_offset));
    }

    std::vector<std::uint64_t> known_;
};

// Compares names where they lie: a name without glob characters is looked for in .debug_str once, after that its places are compared.
class NameTest {
public:
    NameTest(const Debug& debug, std::string_view pattern)
        : debug_(debug), component_(last_component(pattern)), literal_(pattern.find_first_of(glob_characters) == std::string_view::npos) {
        if (!literal_) return;
        places_.resize(debug.files().size());
        for (std::size_t i = 0; i < places_.size(); ++i) {
            std::string_view text = debug.files()[i].at(SectionId::str).as_text();
            std::string wanted = std::string(component_) + '\0';
            for (std::size_t at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) places_[i].push_back(at);
        }
    }

    [[nodiscard]] bool matches(const Unit& unit, const Attributes& attributes, Slot slot, NameMemo& memo) const {
        if (!attributes.has(slot)) return false;
        bool shared = attributes.form_of(slot) == form::strp;
        std::uint64_t place = attributes.number(slot);
        if (literal_ && shared) return std::ranges::binary_search(places_[unit.file], place);
        if (shared) {
            if (auto known = memo.find(unit.file, place)) return *known;
        }
        std::string_view name = debug_.text(unit, attributes, slot);
        bool match = name == component_ || (!literal_ && text::glob_match(component_, name));
        if (shared) memo.note(unit.file, place, match);
        return match;
    }

private:
    const Debug& debug_;
    std::string_view component_;
    bool literal_;
    std::vector<std::vector<std::uint64_t>> places_;   // by file
};

// Notes the entries of one unit whose own name is the one looked for. What the scopes around them are is known when the unit is read.
struct Matcher final : ScanVisitor {
    Matcher(const NameTest& names, EntryReader& entries, bool only_functions) : test(names), reader(entries), functions(only_functions) {}

    void named(const Unit& unit, std::uint64_t offset, std::uint16_t tag, const Attributes& attributes) override {
        // A scan for functions meets the types on its way too.
        if (functions && tag != tag::subprogram) return;
        if (matches(unit, attributes, tag == tag::subprogram)) found.push_back(offset);
    }

    // By a name of its own, or by that of the entry it completes.
    bool matches(const Unit& unit, const Attributes& attributes, bool function) {
        if (test.matches(unit, attributes, Slot::name, memo) || (function && test.matches(unit, attributes, Slot::linkage_name, memo)))
            return true;
        if (attributes.has(Slot::name)) return false;
        Entry other;
        for (Slot link : {Slot::specification, Slot::abstract_origin}) {
            EntryRef ref = debug().reference(unit, attributes, link);
            for (int steps = 0; ref && steps < most_links && reader.read(ref, other); ++steps) {
                if (test.matches(other.unit(), other.attributes, Slot::name, memo) ||
                    (function && test.matches(other.unit(), other.attributes, Slot::linkage_name, memo))) {
                    return true;
                }
                ref = debug().reference(other.unit(), other.attributes, Slot::specification);
            }
        }
        return false;
    }
    [[nodiscard]] const Debug& debug() const { return reader.debug(); }

    static constexpr int most_links = 2;   // an inlined copy, its abstract origin, the declaration in the class

    const NameTest& test;
    EntryReader& reader;
    bool functions;
    NameMemo memo;
    std::vector<std::uint64_t> found;
};

SlotMask function_slots(std::uint16_t tag) {
    if (tag != tag::subprogram) return structure_slots(tag);
    return mask_of(Slot::name, Slot::linkage_name, Slot::specification, Slot::abstract_origin, Slot::declaration, Slot::sibling, Slot::type,
                   Slot::low_pc);
}

struct Found {
    FoundType type;
    bool declaration = false;
};

struct Worker {
    Worker(const Debug& debug, const NameTest& test, bool functions)
        : hasher(debug, StructureHasher::Names::by_content, functions ? function_slots : structure_slots),
          scanner(debug, ScanOptions{.scopes = true, .names = true, .functions = functions}, hasher),
          matcher(test, hasher.reader(), functions),
          scopes(debug),
          sink(debug.limits()) {}

    StructureHasher hasher;
    Scanner scanner;
    Matcher matcher;
    ScopeCache scopes;
    finding::Sink sink;
    std::vector<Found> found;
};

// What is declared and nowhere complete stays; the same thing seen from many units stays once.
std::vector<FoundType> complete_ones(std::vector<Found> found) {
    std::unordered_set<std::string_view> complete;
    for (const Found& one : found) {
        if (!one.declaration) complete.insert(one.type.name);
    }
    std::unordered_set<std::uint64_t> seen;
    std::vector<FoundType*> kept;
    for (Found& one : found) {
        if (one.declaration && complete.contains(one.type.name)) continue;
        if (seen.insert(mix(hash_text(one.type.name), one.type.key)).second) kept.push_back(&one.type);
    }
    std::vector<FoundType> result;
    result.reserve(kept.size());
    for (FoundType* one : kept) result.push_back(std::move(*one));
    return result;
}

std::uint64_t key_of(StructureHasher& hasher, EntryReader& reader, const Entry& entry) {
    if (is_record_tag(entry.tag)) return hasher.record(entry, 0);
    if (entry.tag != tag::subprogram) return hasher.type(entry.ref);
    // A definition outside its class leaves the types to the declaration.
    Entry declared;
    bool through = reader.follow(entry, Slot::specification, declared) || reader.follow(entry, Slot::abstract_origin, declared);
    return mix(hash_text(linkage_name(reader, entry)), hasher.signature(through ? declared : entry));
}

void search_unit(Worker& worker, const Unit& unit, std::string_view pattern, bool functions, NameBudget& budget) {
    if (functions && unit.places_only) return;
    Scopes around;
    worker.matcher.found.clear();
    worker.scanner.walk(unit, worker.matcher, around, worker.sink);
    if (worker.matcher.found.empty()) return;
    worker.scopes.give(unit, std::move(around));
    EntryReader& reader = worker.hasher.reader();
    worker.hasher.start_unit(unit);
    Entry entry;
    for (std::uint64_t offset : worker.matcher.found) {
        if (!reader.read({&unit, offset}, entry)) continue;
        std::string name = worker.scopes.qualified_name(reader, entry);
        bool by_linkage = functions && linkage_name(reader, entry) == pattern;
        if (name.empty() || (!by_linkage && !name_matches(pattern, name))) continue;
        if (!budget.take(name.size())) break;
        bool declaration = entry.flag(Slot::declaration);
        // Of a function of Go the record for inlined copies leaves parameters out.
        if (functions && !entry.has(Slot::low_pc) && language_of(unit) == abi::Language::go) declaration = true;
        // Of a declaration of a type there is nothing but the name; functions of one name differ in what they take.
        std::uint64_t key = declaration && !functions ? std::uint64_t{entry.tag} : key_of(worker.hasher, reader, entry);
        worker.found.push_back({{.ref = entry.ref, .tag = entry.tag, .name = std::move(name), .key = key}, declaration});
    }
    worker.scopes.forget(unit);
}

std::vector<FoundType> find(const Debug& debug, std::string_view pattern, bool functions, unsigned threads, finding::Sink& sink) {
    NameTest test(debug, pattern);
    NameBudget budget(debug);
    tbb::enumerable_thread_specific<Worker> workers([&] { return Worker(debug, test, functions); });
    for_each_index(workers, debug.units().size(), threads, 1,
                   [&](Worker& worker, std::size_t i) { search_unit(worker, debug.units()[i], pattern, functions, budget); });
    std::vector<Found> all;
    for (Worker& worker : workers) std::ranges::move(worker.found, std::back_inserter(all));
    collect_findings(workers, sink);
    std::ranges::sort(all, {}, [](const Found& found) { return std::tuple(found.type.ref.unit->index, found.type.ref.offset); });
    return complete_ones(std::move(all));
}

}  // namespace

std::vector<FoundType> find_types(const Debug& debug, std::string_view pattern, unsigned threads, finding::Sink& sink) {
    return find(debug, pattern, false, threads, sink);
}

std::vector<FoundType> find_functions(const Debug& debug, std::string_view pattern, unsigned threads, finding::Sink& sink) {
    return find(debug, pattern, true, threads, sink);
}

}  // namespace abiscope::dwarf
