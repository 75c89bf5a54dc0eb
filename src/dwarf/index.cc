#include "dwarf/index.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "dwarf/hash.h"
#include "dwarf/name_budget.h"
#include "dwarf/name_match.h"
#include "dwarf/pages.h"
#include "dwarf/parallel.h"
#include "dwarf/scan.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

struct Candidate {
    std::uint64_t key = 0;
    std::uint64_t offset = 0;
    std::uint32_t unit = 0;
    std::uint32_t scope = Scope::none;
    std::uint16_t tag = 0;

    [[nodiscard]] auto place() const { return std::tuple(unit, offset); }
};

// One candidate for each key, the first by place. Open addressing: most of what is met is there already.
class Candidates {
public:
    void add(const Candidate& candidate) {
        if (entries_.size() * 2 >= places_.size()) grow();
        std::size_t at = candidate.key & (places_.size() - 1);
        for (; places_[at] != 0; at = (at + 1) & (places_.size() - 1)) {
            Candidate& known = entries_[places_[at] - 1];
            if (known.key != candidate.key) continue;
            if (candidate.place() < known.place()) known = candidate;
            return;
        }
        entries_.push_back(candidate);
        places_[at] = static_cast<std::uint32_t>(entries_.size());
    }
    [[nodiscard]] std::vector<Candidate> take() { return std::move(entries_); }

private:
    void grow() {
        places_.assign(std::max<std::size_t>(1024, places_.size() * 2), 0);
        for (std::size_t i = 0; i < entries_.size(); ++i) {
            std::size_t at = entries_[i].key & (places_.size() - 1);
            while (places_[at] != 0) at = (at + 1) & (places_.size() - 1);
            places_[at] = static_cast<std::uint32_t>(i + 1);
        }
    }

    std::vector<Candidate> entries_;
    std::vector<std::uint32_t> places_;   // index into entries_ plus one
};

struct Collector final : ScanVisitor {
    void record(const Unit& unit, const Met& met) override {
        candidates.add({.key = met.key, .offset = met.offset, .unit = unit.index, .scope = met.scope, .tag = met.tag});
    }
    void named(const Unit&, std::uint64_t, std::uint16_t, const Attributes&) override {}

    Candidates candidates;
};

struct Worker {
    Worker(const Debug& debug, StructureHasher::Names names)
        : hasher(debug, names), scanner(debug, ScanOptions{.structures = true}, hasher), sink(debug.limits()) {}

    StructureHasher hasher;
    Scanner scanner;
    Collector collector;
    finding::Sink sink;
};

void sort_unique(std::vector<Candidate>& candidates) {
    std::ranges::sort(candidates, {}, [](const Candidate& one) { return std::tuple(one.key, one.unit, one.offset); });
    auto rest = std::ranges::unique(candidates, {}, &Candidate::key);
    candidates.erase(rest.begin(), rest.end());
}

// Groups of candidates of the same unit: where each starts.
std::vector<std::size_t> unit_starts(const std::vector<Candidate>& candidates) {
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (i == 0 || candidates[i].unit != candidates[i - 1].unit) starts.push_back(i);
    }
    return starts;
}

}  // namespace

TypeIndex TypeIndex::build(const Debug& debug, unsigned threads, finding::Sink& sink) {
    TypeIndex index;
    index.scopes_.resize(debug.units().size());
    // In one linked file a name has one place. Many files have many string sections.
    tbb::enumerable_thread_specific<Worker> workers([&] { return Worker(debug, StructureHasher::Names::by_place); });
    PageReturn pages(debug);
    for_each_index(workers, debug.units().size(), threads, 1, [&](Worker& worker, std::size_t i) {
        const Unit& unit = debug.units()[i];
        worker.scanner.walk(unit, worker.collector, index.scopes_[i], worker.sink);
        index.scopes_[i].shrink_to_fit();
        pages.have_read(unit.end - unit.entries);
    });
    std::vector<Candidate> candidates;
    for (Worker& worker : workers) {
        auto part = worker.collector.candidates.take();
        candidates.insert(candidates.end(), part.begin(), part.end());
    }
    collect_findings(workers, sink);
    sort_unique(candidates);

    // What is left is few: now names count by what they say, so that two places of one name are one.
    std::ranges::sort(candidates, {}, &Candidate::place);
    std::vector<IndexedType> found(candidates.size());
    std::vector<std::size_t> starts = unit_starts(candidates);
    NameBudget budget(debug);
    tbb::enumerable_thread_specific<Worker> namers([&] { return Worker(debug, StructureHasher::Names::by_content); });
    for_each_index(namers, starts.size(), threads, 1, [&](Worker& worker, std::size_t group) {
        std::size_t end = group + 1 < starts.size() ? starts[group + 1] : candidates.size();
        const Unit& unit = debug.units()[candidates[starts[group]].unit];
        worker.hasher.start_unit(unit);
        std::uint32_t last_scope = Scope::none;
        std::string prefix;
        Entry entry;
        for (std::size_t i = starts[group]; i < end; ++i) {
            const Candidate& candidate = candidates[i];
            if (!worker.hasher.reader().read({&unit, candidate.offset}, entry)) continue;
            if (candidate.scope != last_scope)
                prefix = scope_prefix(worker.hasher.reader(), unit, index.scopes_[unit.index], candidate.scope);
            last_scope = candidate.scope;
            std::string name = own_name(worker.hasher.reader(), entry);
            if (name.empty()) continue;   // what it completes has no name either
            name.insert(0, prefix);
            if (!budget.take(name.size())) continue;
            std::uint64_t structure = candidate.tag == tag::typedef_ ? worker.hasher.type(entry.ref) : worker.hasher.record(entry, 0);
            found[i] = {.ref = entry.ref,
                        .name = hash_text(name),
                        .key = mix(hash_text(name), structure),
                        .scope = candidate.scope,
                        .tag = candidate.tag};
        }
        pages.have_read(unit.end - unit.entries);
    });
    candidates = {};
    std::erase_if(found, [](const IndexedType& one) { return !one.ref; });
    auto place = [](const IndexedType& one) { return std::tuple(one.ref.unit->index, one.ref.offset); };
    std::ranges::sort(found, {}, [&](const IndexedType& one) { return std::tuple_cat(std::tuple(one.key), place(one)); });
    auto rest = std::ranges::unique(found, {}, &IndexedType::key);
    found.erase(rest.begin(), rest.end());
    std::ranges::sort(found, {}, place);
    found.shrink_to_fit();
    index.types_ = std::move(found);
    index.by_name_.resize(index.types_.size());
    for (std::uint32_t i = 0; i < index.by_name_.size(); ++i) index.by_name_[i] = i;
    std::ranges::sort(index.by_name_, {}, [&](std::uint32_t i) { return std::pair(index.types_[i].name, i); });
    return index;
}

std::string TypeIndex::name(EntryReader& reader, const IndexedType& type) const {
    Entry entry;
    if (!reader.read(type.ref, entry)) return {};
    const Unit& unit = *type.ref.unit;
    return scope_prefix(reader, unit, scopes(unit), type.scope) + own_name(reader, entry);
}

std::vector<const IndexedType*> TypeIndex::matching(EntryReader& reader, std::string_view pattern) const {
    std::vector<const IndexedType*> all;
    for (const IndexedType& type : types_) {
        if (pattern == "*" || name_matches(pattern, name(reader, type))) all.push_back(&type);
    }
    return all;
}

std::vector<const IndexedType*> TypeIndex::named(EntryReader& reader, std::string_view qualified) const {
    std::vector<const IndexedType*> all;
    auto range = std::ranges::equal_range(by_name_, hash_text(qualified), {}, [&](std::uint32_t i) { return types_[i].name; });
    for (std::uint32_t i : range) {
        if (name(reader, types_[i]) == qualified) all.push_back(&types_[i]);
    }
    return all;
}

}  // namespace abiscope::dwarf
