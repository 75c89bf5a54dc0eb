#include "dwarf/code_functions.h"

#include <algorithm>
#include <utility>

#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr int most_links = 4;          // an inlined copy, its abstract origin, the declaration in the class
constexpr std::size_t most_inlined = 256;

// Entries no function can be in are jumped over by DW_AT_sibling. One can be in a record: GCC leaves the code of a lambda in its class.
SlotMask scan_slots(std::uint16_t tag) {
    switch (tag) {
        case tag::subprogram: return mask_of(Slot::low_pc, Slot::high_pc, Slot::ranges);
        case tag::enumeration_type:
        case tag::array_type:
        case tag::subroutine_type:
        case tag::inlined_subroutine: return mask_of(Slot::sibling);
        default: return 0;
    }
}

struct Candidate {
    std::uint64_t offset = 0;          // of the entry; 0: none
    CodeRange range;
};

// The innermost function around each address: functions may be nested, and a nested one comes later.
std::vector<Candidate> scan(const Debug& debug, const Unit& unit, std::span<const std::uint64_t> addresses) {
    std::vector<Candidate> found(addresses.size());
    auto table = AbbreviationTable::compile(debug.sections(unit).at(SectionId::abbrev), unit.abbreviations, unit.encoding, scan_slots);
    if (!table) return found;
    Bytes bytes = debug.bytes(unit);
    std::uint64_t base = base_address(debug, unit);
    std::vector<CodeRange> ranges;
    Attributes attributes;
    const std::byte* at = bytes.begin + unit.entries;
    std::uint64_t code = 0;
    while (at < bytes.end) {
        std::uint64_t offset = bytes.offset_of(at);
        if (!read_uleb(at, bytes.end, code)) break;
        if (code == 0) continue;
        const Abbreviation* abbreviation = table->find(code);
        const std::byte* next = abbreviation == nullptr ? nullptr : decode(*table, *abbreviation, unit.encoding, bytes, at, attributes);
        if (next == nullptr) break;
        at = next;
        if (attributes.present == 0) continue;
        if (abbreviation->tag != tag::subprogram) {
            EntryRef sibling = debug.reference(unit, attributes, Slot::sibling);
            if (abbreviation->children && sibling.unit == &unit && sibling.offset >= bytes.offset_of(at)) at = bytes.begin + sibling.offset;
            continue;
        }
        ranges.clear();
        read_code_ranges(debug, unit, attributes, base, ranges);
        for (const CodeRange& range : ranges) {
            auto first = std::ranges::lower_bound(addresses, range.low);
            for (; first != addresses.end() && *first < range.high; ++first)
                found[static_cast<std::size_t>(first - addresses.begin())] = {offset, range};
        }
    }
    return found;
}

std::uint32_t small(std::uint64_t number) { return static_cast<std::uint32_t>(std::min<std::uint64_t>(number, 0xffffffff)); }

class CallTree {
public:
    CallTree(EntryReader& reader, const Unit& unit, std::uint64_t address)
        : reader_(reader), unit_(unit), address_(address), base_(base_address(reader.debug(), unit)) {}

    // Outermost first.
    std::vector<InlinedCall> read(const Entry& function) {
        descend(function, 0);
        return std::move(calls_);
    }

private:
    void descend(const Entry& parent, unsigned depth) {
        if (depth > reader_.debug().limits().depth * 4 || calls_.size() >= most_inlined) return;
        std::size_t before = calls_.size();
        reader_.children(parent, [&](const Entry& child) {
            switch (child.tag) {
                case tag::inlined_subroutine:
                    if (!holds(child)) return true;
                    note(child);
                    descend(Entry(child), depth + 1);
                    return false;
                case tag::lexical_block:
                case tag::try_block:
                case tag::catch_block:
                    // A block of an inlined call may have no range of its own.
                    if (child.children && (!has_range(child) || holds(child))) descend(Entry(child), depth + 1);
                    return calls_.size() == before;
                default: return true;
            }
        });
    }

    static bool has_range(const Entry& entry) { return entry.has(Slot::low_pc) || entry.has(Slot::ranges); }

    bool holds(const Entry& entry) {
        ranges_.clear();
        read_code_ranges(reader_.debug(), unit_, entry.attributes, base_, ranges_);
        return std::ranges::any_of(ranges_, [&](const CodeRange& range) { return range.holds(address_); });
    }

    void note(const Entry& call) {
        InlinedCall made{.entry = call.ref,
                         .function = {},
                         .file = small(call.number(Slot::call_file)),
                         .line = small(call.number(Slot::call_line)),
                         .column = small(call.number(Slot::call_column))};
        made.function = function_name(reader_, call);
        calls_.push_back(made);
    }

    EntryReader& reader_;
    const Unit& unit_;
    std::uint64_t address_;
    std::uint64_t base_;
    std::vector<CodeRange> ranges_;
    std::vector<InlinedCall> calls_;
};

}  // namespace

bool follow_origin(EntryReader& reader, const Entry& from, Entry& into) {
    return reader.follow(from, Slot::abstract_origin, into) || reader.follow(from, Slot::specification, into);
}

std::string_view function_name(EntryReader& reader, const Entry& function) {
    Entry entry = function;
    Entry next;
    std::string_view plain;
    for (int steps = 0; steps < most_links; ++steps) {
        if (entry.has(Slot::linkage_name)) return reader.text(entry, Slot::linkage_name);
        if (plain.empty() && entry.has(Slot::name)) plain = reader.name(entry);
        if (!follow_origin(reader, entry, next)) break;
        entry = next;
    }
    return plain;
}

std::vector<CodeFunction> find_functions_at(EntryReader& reader, const Unit& unit, std::span<const std::uint64_t> addresses) {
    std::vector<Candidate> candidates = scan(reader.debug(), unit, addresses);
    std::vector<CodeFunction> functions(addresses.size());
    Entry entry;
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        const Candidate& candidate = candidates[i];
        if (candidate.offset == 0 || !reader.read({&unit, candidate.offset}, entry)) continue;
        functions[i] = {.entry = entry.ref, .name = function_name(reader, entry), .low = candidate.range.low, .inlined = {}};
        functions[i].inlined = CallTree(reader, unit, addresses[i]).read(entry);
        std::ranges::reverse(functions[i].inlined);
    }
    return functions;
}

}  // namespace abiscope::dwarf
