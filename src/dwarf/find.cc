#include <algorithm>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "dwarf/hash.h"
#include "dwarf/index.h"
#include "dwarf/name_budget.h"
#include "dwarf/parallel.h"
#include "dwarf/scan.h"
#include "dwarf/scope_cache.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::string_view glob_characters = "*?[";

// "f<a::b>" of "n::f<a::b>": what stands behind the last "::" outside of brackets.
std::string_view last_component(std::string_view name) {
    int depth = 0;
    for (std::size_t i = name.size(); i-- > 1;) {
        if (name[i] == '>') ++depth;
        if (name[i] == '<') --depth;
        if (depth == 0 && name[i] == ':' && name[i - 1] == ':') return name.substr(i + 1);
    }
    return name;
}

struct Place {
    std::uint64_t offset = 0;
    std::uint32_t unit = 0;
    std::uint16_t tag = 0;
    bool declaration = false;
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

    [[nodiscard]] bool matches(const Unit& unit, const Attributes& attributes, Slot slot) const {
        if (!attributes.has(slot)) return false;
        if (literal_ && attributes.form_of(slot) == form::strp)
            return std::ranges::binary_search(places_[unit.file], attributes.number(slot));
        std::string_view name = debug_.text(unit, attributes, slot);
        return name == component_ || (!literal_ && text::glob_match(component_, name));
    }

private:
    const Debug& debug_;
    std::string_view component_;
    bool literal_;
    std::vector<std::vector<std::uint64_t>> places_;   // by file
};

struct Matcher final : ScanVisitor {
    explicit Matcher(const NameTest& names) : test(names) {}

    void record(const Unit&, const Met&) override {}
    void named(const Unit& unit, std::uint64_t offset, std::uint16_t tag, const Attributes& attributes) override {
        if (tag == tag::subprogram) {
            function(unit, offset, attributes);
            return;
        }
        // A name of its own, or that of the entry it completes, which is met too: then its unit is looked at more closely.
        bool through = !attributes.has(Slot::name) && attributes.has(Slot::specification);
        if (!through && !test.matches(unit, attributes, Slot::name)) return;
        found.push_back({.offset = offset, .unit = unit.index, .tag = tag, .declaration = attributes.flag(Slot::declaration)});
    }
    void function(const Unit& unit, std::uint64_t offset, const Attributes& attributes) {
        bool through = attributes.has(Slot::specification) || attributes.has(Slot::abstract_origin);
        if (!through && !test.matches(unit, attributes, Slot::name) && !test.matches(unit, attributes, Slot::linkage_name)) return;
        found.push_back({.offset = offset, .unit = unit.index, .tag = tag::subprogram, .declaration = attributes.flag(Slot::declaration)});
    }

    const NameTest& test;
    std::vector<Place> found;
};

SlotMask function_slots(std::uint16_t tag) {
    if (tag != tag::subprogram) return structure_slots(tag);
    return mask_of(Slot::name, Slot::linkage_name, Slot::specification, Slot::abstract_origin, Slot::declaration, Slot::sibling,
                   Slot::type);
}

struct Worker {
    Worker(const Debug& debug, const NameTest& test, bool functions)
        : hasher(debug, StructureHasher::Names::by_content, functions ? function_slots : structure_slots),
          scanner(debug, ScanOptions{.names = true, .functions = functions}, hasher),
          matcher(test),
          sink(debug.limits()) {}

    StructureHasher hasher;
    Scanner scanner;
    Matcher matcher;
    finding::Sink sink;
};

std::vector<Place> search(const Debug& debug, const NameTest& test, bool functions, unsigned threads, finding::Sink& sink) {
    tbb::enumerable_thread_specific<Worker> workers([&] { return Worker(debug, test, functions); });
    for_each_index(workers, debug.units().size(), threads, 1, [&](Worker& worker, std::size_t i) {
        Scopes none;
        worker.scanner.walk(debug.units()[i], worker.matcher, none, worker.sink);
    });
    std::vector<Place> all;
    for (Worker& worker : workers) all.insert(all.end(), worker.matcher.found.begin(), worker.matcher.found.end());
    collect_findings(workers, sink);
    std::ranges::sort(all, {}, [](const Place& place) { return std::tuple(place.unit, place.offset); });
    return all;
}

bool name_matches(std::string_view pattern, std::string_view qualified) {
    if (pattern.find("::") != std::string_view::npos && last_component(pattern) != pattern)
        return text::glob_match(pattern, qualified) || pattern == qualified;
    std::string_view own = last_component(qualified);
    return pattern == own || pattern == qualified || text::glob_match(pattern, own) || text::glob_match(pattern, qualified);
}

// What is declared and nowhere complete stays; the same thing seen from many units stays once.
std::vector<FoundType> complete_ones(std::vector<FoundType> found, const std::vector<bool>& declared) {
    std::unordered_set<std::string_view> complete;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (!declared[i]) complete.insert(found[i].name);
    }
    std::unordered_set<std::uint64_t> seen;
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (declared[i] && complete.contains(found[i].name)) continue;
        if (seen.insert(mix(hash_text(found[i].name), found[i].key)).second) kept.push_back(i);
    }
    std::vector<FoundType> result;
    result.reserve(kept.size());
    for (std::size_t i : kept) result.push_back(std::move(found[i]));
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

std::vector<FoundType> find(const Debug& debug, std::string_view pattern, bool functions, unsigned threads, finding::Sink& sink) {
    NameTest test(debug, pattern);
    std::vector<FoundType> found;
    std::vector<bool> declared;
    StructureHasher hasher(debug, StructureHasher::Names::by_content, functions ? function_slots : structure_slots);
    EntryReader reader(debug);
    ScopeCache scopes(debug);
    NameBudget budget(debug);
    std::uint32_t last = ~0U;
    for (const Place& place : search(debug, test, functions, threads, sink)) {
        const Unit& unit = debug.units()[place.unit];
        if (place.unit != last) hasher.start_unit(unit);
        last = place.unit;
        Entry entry;
        if (!reader.read({&unit, place.offset}, entry)) continue;
        std::string name = scopes.qualified_name(reader, entry);
        bool by_linkage = functions && linkage_name(reader, entry) == pattern;
        if (name.empty() || (!by_linkage && !name_matches(pattern, name))) continue;
        if (!budget.take(name.size())) break;
        found.push_back({.ref = entry.ref, .tag = entry.tag, .name = std::move(name), .key = key_of(hasher, reader, entry)});
        declared.push_back(place.declaration);
    }
    return complete_ones(std::move(found), declared);
}

}  // namespace

std::vector<FoundType> find_types(const Debug& debug, std::string_view pattern, unsigned threads, finding::Sink& sink) {
    return find(debug, pattern, false, threads, sink);
}

std::vector<FoundType> find_functions(const Debug& debug, std::string_view pattern, unsigned threads, finding::Sink& sink) {
    return find(debug, pattern, true, threads, sink);
}

}  // namespace abiscope::dwarf
