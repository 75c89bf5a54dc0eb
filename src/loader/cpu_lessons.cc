#include "loader/cpu_lessons.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/checked.h"
#include "bytes/reader.h"
#include "disasm/direct_calls.h"
#include "loader/data_words.h"

namespace abiscope::loader {

using disasm::KnownBits;

namespace {

constexpr std::size_t most_leaf = 96;           // instructions, what fills up included
constexpr unsigned most_size = 64;              // bytes that one instruction stores
constexpr std::uint64_t longest_setter = 512;   // bytes of functions that longer ones call to store what follows from a word
constexpr std::size_t most_setters = 8;         // of one word: what more functions store says nothing of the CPU
constexpr int most_rounds = 3;                  // of words that follow from words

// What the file holds at an address that can be written.
std::optional<KnownBits> initial_value(const elf::Image& image, std::uint64_t address, unsigned size) {
    const elf::Segment* segment = image.load_segment_at(address);
    if (segment == nullptr) return std::nullopt;
    Reader reader(image.view_at(address, size), Endian::little, "data");
    std::uint64_t value = 0;
    for (unsigned i = 0; i < size && reader.remaining() != 0; ++i) value |= std::uint64_t{reader.u8()} << i * 8;
    return KnownBits::of(value);
}

bool is_leaf(const disasm::Code& code, const disasm::Decoder& decoder, std::size_t index) {
    using disasm::BranchKind;
    disasm::AddressRange extent = code.extent(index);
    View body = code.bytes_at(extent.address);
    std::uint64_t offset = 0;
    for (std::size_t i = 0; i < most_leaf; ++i) {
        auto flow = decoder.flow(body.from(offset).bytes(), extent.address + offset);
        if (!flow) return false;
        bool jumps = flow->branch == BranchKind::conditional_jump || flow->branch == BranchKind::jump;
        bool inside = jumps && flow->target && range_contains(extent.address, extent.size, *flow->target);
        // What fills up to the next function may be INT3.
        bool ends = flow->branch == BranchKind::function_return || flow->branch == BranchKind::trap;
        if (flow->branch != BranchKind::none && !inside && !ends) return false;
        offset += flow->length;
        if (offset >= extent.size) return true;
    }
    return false;
}

void sort_unique(std::vector<std::uint64_t>& addresses) {
    std::ranges::sort(addresses);
    addresses.erase(std::ranges::unique(addresses).begin(), addresses.end());
}

// Those of `ranges` that are none of `known`.
std::vector<disasm::AddressRange> without(std::vector<disasm::AddressRange> ranges, const std::vector<disasm::AddressRange>& known) {
    std::erase_if(ranges, [&](const disasm::AddressRange& range) {
        return std::ranges::find(known, range.address, &disasm::AddressRange::address) != known.end();
    });
    return ranges;
}

struct Tellers {
    std::vector<std::uint64_t> watchers;
    std::vector<std::uint64_t> behind;      // that those call
};

// Functions that may store what follows from `words`: short enough to do little else.
Tellers tellers_of(const disasm::Code& code, const disasm::References& references, const std::vector<bool>& setters,
                   std::span<const disasm::Watched> words) {
    Tellers out;
    std::vector<disasm::Watcher> watchers = references.watching(words);
    auto same = std::ranges::unique(watchers, {}, &disasm::Watcher::function);
    watchers.erase(same.begin(), same.end());
    for (const disasm::Watcher& watcher : watchers) {
        disasm::AddressRange extent = code.extent(watcher.function);
        if (extent.size > longest_teller) continue;
        bool sets = setters[watcher.function];
        for (disasm::Reference reference : references.of(watcher.function)) {
            if (reference.inside != 0 || code.extent(reference.function).size > longest_setter) continue;
            if (!setters[reference.function]) continue;
            out.behind.push_back(code.functions()[reference.function].address);
            sets = true;
        }
        if (sets) out.watchers.push_back(extent.address);
    }
    sort_unique(out.behind);
    return out;
}

// Where something is stored, by what is walked on whatever CPU and on this one.
class Stores {
public:
    enum class Cpu : std::uint8_t { any, lacking };

    void add(Cpu cpu, std::uint64_t address, unsigned size, const KnownBits& value) {
        auto [known, added] = stores_.try_emplace(address, Store{.size = size, .values = {}});
        if (known->second.size != size) known->second.size = 0;
        std::optional<KnownBits>& so_far = known->second.values[static_cast<std::size_t>(cpu)];
        so_far = so_far ? so_far->met(value) : value;
    }

    // Of those that none overlaps: visit(address, size, on any CPU, on this one), either nothing where nothing is stored.
    template <typename Visit>
    void each(Visit visit) const {
        std::uint64_t end = 0;
        for (auto store = stores_.begin(); store != stores_.end(); ++store) {
            const auto& [address, found] = *store;
            auto next = std::next(store);
            unsigned size = found.size == 0 ? most_size : found.size;
            bool apart = address >= end && (next == stores_.end() || next->first - address >= size);
            end = std::max(end, address + size);
            if (apart && found.size != 0 && found.size <= sizeof(std::uint64_t))
                visit(address, found.size, found.values[0], found.values[1]);
        }
    }

private:
    struct Store {
        unsigned size = 0;      // 0: not always the same
        std::optional<KnownBits> values[2];
    };

    std::map<std::uint64_t, Store> stores_;
};

}  // namespace

std::vector<std::uint64_t> functions_with_cpuid(const disasm::Code& code, const disasm::Sweep& sweep) {
    std::vector<std::uint64_t> out;
    for (const disasm::Probe& probe : sweep.probes) {
        if (probe.function && probe.kind == disasm::Probe::Kind::cpuid && probe.trust != disasm::Trust::doubtful)
            out.push_back(code.functions()[*probe.function].address);
    }
    sort_unique(out);
    return out;
}

LeafAskers::LeafAskers(const disasm::Code& code, const disasm::Decoder& decoder, const disasm::Sweep& sweep) : code_(code) {
    for (const disasm::Probe& probe : sweep.probes) {
        if (!probe.function || probe.kind == disasm::Probe::Kind::rdssp || probe.trust == disasm::Trust::doubtful) continue;
        if (is_leaf(code, decoder, *probe.function)) functions_.push_back(code.functions()[*probe.function].address);
    }
    sort_unique(functions_);
}

std::vector<std::uint64_t> LeafAskers::callers() const {
    std::vector<std::uint64_t> out;
    for (std::uint64_t call : disasm::direct_calls(code_, functions_)) {
        if (auto caller = code_.function_at(call)) out.push_back(code_.functions()[*caller].address);
    }
    sort_unique(out);
    return out;
}

disasm::LackingWalkOptions LeafAskers::options() const {
    disasm::LackingWalkOptions options;
    if (functions_.empty()) return options;
    options.world.stack_word = code_.architecture() == disasm::Architecture::x86_64 ? 8 : 4;
    options.leaf = [this](std::uint64_t function) { return std::ranges::binary_search(functions_, function); };
    return options;
}

void Lessons::learn_words(const elf::Image& image, std::span<const std::uint64_t> askers) {
    disasm::LackingWalkOptions options = on_any_cpu();
    options.world.stored = [&](std::uint64_t address, unsigned size, const KnownBits& value) {
        words_.expect(address, size, initial_value(image, address, size), value);
    };
    static_cast<void>(disasm::walk_lacking(code_, decoder_, askers, options));
    options = on_this_cpu();
    options.world.stored = [&](std::uint64_t address, unsigned size, const KnownBits& value) { words_.learn(address, size, value); };
    if (!walk_twice(askers, options)) words_.unlearn();
    words_.drop_constants();
}

void Lessons::learn_derived(const elf::Image& image, const disasm::References& references, const DataPointers& pointers) {
    std::vector<bool> setters = references.setters(most_setters);
    std::vector<disasm::AddressRange> known;
    for (int round = 0; round < most_rounds; ++round) {
        std::vector<disasm::AddressRange> words = words_.ranges();
        // Who looks at what was learned last may put what follows from it somewhere else.
        Tellers tellers = tellers_of(code_, references, setters, pointers.objects.watched(without(words, known)));
        if (!derive(image, tellers.watchers, tellers.behind, pointers)) break;
        known = std::move(words);
    }
}

bool Lessons::derive(const elf::Image& image, std::span<const std::uint64_t> watchers, std::span<const std::uint64_t> behind,
                     const DataPointers& pointers) {
    Stores stores;
    std::set<std::uint64_t> addresses;
    auto walk = [&](Stores::Cpu cpu, disasm::LackingWalkOptions options) {
        options.entered = [&](std::uint64_t function) { return std::ranges::binary_search(behind, function); };
        options.world.stored = [&stores, cpu](std::uint64_t address, unsigned size, const KnownBits& value) {
            stores.add(cpu, address, size, value);
        };
        options.world.taken = [&addresses](std::uint64_t address) { addresses.insert(address); };
        return disasm::walk_lacking(code_, decoder_, watchers, options).whole;
    };
    if (!walk(Stores::Cpu::any, on_any_cpu()) || !walk(Stores::Cpu::lacking, on_this_cpu())) return false;
    // The variable may be written through a pointer.
    auto pointed = [&](std::uint64_t address) {
        std::uint64_t first = address - std::min(address, pointers.objects.before(address));
        auto held = std::ranges::lower_bound(pointers.addresses, first);
        auto taken = addresses.lower_bound(first);
        return (held != pointers.addresses.end() && *held <= address) || (taken != addresses.end() && *taken <= address);
    };
    bool some = false;
    stores.each([&](std::uint64_t address, unsigned size, const std::optional<KnownBits>& any, const std::optional<KnownBits>& here) {
        auto initial = initial_value(image, address, size);
        if (!initial || !any || pointed(address)) return;
        KnownBits on_this = here ? initial->met(*here) : *initial;
        if (on_this == initial->met(*any)) return;
        some |= words_.derive(address, size, on_this);
    });
    return some;
}

void Lessons::learn_results(std::span<const std::uint64_t> functions) {
    results_ = {};
    static_cast<void>(walk_twice(functions, on_this_cpu()));
}

KnownBits Lessons::result_of(std::uint64_t function) const {
    auto found = results_.find(function);
    return found == results_.end() ? KnownBits{} : found->second;
}

disasm::LackingWalkOptions Lessons::on_any_cpu() const {
    disasm::LackingWalkOptions options = leaves_.options();
    options.enter_calls = false;
    return options;
}

disasm::LackingWalkOptions Lessons::on_this_cpu() const {
    disasm::LackingWalkOptions options = on_any_cpu();
    options.world.lacking = lacking_;
    options.world.load = [this](std::uint64_t address, unsigned size) { return words_.load(address, size); };
    options.result = [this](std::uint64_t function) { return result_of(function); };
    return options;
}

// What is looked at first may depend on what is looked at later. False, and no results, when not every way was seen.
bool Lessons::walk_twice(std::span<const std::uint64_t> functions, disasm::LackingWalkOptions options) {
    bool whole = true;
    for (int i = 0; i < 2; ++i) {
        Results next;
        options.returned = [&](std::uint64_t function, const KnownBits& value) {
            auto [known, added] = next.try_emplace(function, value);
            if (!added) known->second = known->second.met(value);
        };
        whole &= disasm::walk_lacking(code_, decoder_, functions, options).whole;
        results_ = whole ? next : Results{};
    }
    return whole;
}

}  // namespace abiscope::loader
