#include "dwarf/code_variables.h"

#include <algorithm>

#include "dwarf/code_functions.h"
#include "dwarf/code_ranges.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr unsigned deepest = 256;      // blocks and inlined calls in each other
constexpr int most_links = 4;
constexpr std::size_t most_globals = 1 << 20;

// Name and type, of the variable itself or of the one it is a copy or the definition of.
void describe(EntryReader& reader, const Entry& variable, CodeVariable& into) {
    Entry entry = variable;
    Entry next;
    for (int steps = 0; steps < most_links; ++steps) {
        if (into.name.empty() && entry.has(Slot::name)) into.name = std::string(reader.name(entry));
        if (!into.type && entry.has(Slot::type)) into.type = reader.debug().reference(entry.unit(), entry.attributes, Slot::type);
        if ((!into.name.empty() && into.type) || !follow_origin(reader, entry, next)) return;
        entry = next;
    }
}

class VariablesOf {
public:
    VariablesOf(EntryReader& reader, const Unit& unit, std::uint64_t address, std::vector<CodeVariable>& out)
        : reader_(reader), unit_(unit), address_(address), base_(base_address(reader.debug(), unit)), out_(out) {}

    void read(const Entry& parent, unsigned depth) {
        if (depth > deepest) return;
        std::vector<EntryRef> inner;
        reader_.children(parent, [&](const Entry& child) {
            if (child.tag == tag::formal_parameter || child.tag == tag::variable) {
                note(child);
            } else if (child.tag == tag::inlined_subroutine || child.tag == tag::lexical_block || child.tag == tag::try_block ||
                       child.tag == tag::catch_block) {
                if (child.children && holds(child)) inner.push_back(child.ref);
            }
            return true;
        });
        Entry entry;
        for (const EntryRef& ref : inner) {
            if (reader_.read(ref, entry)) read(Entry(entry), depth + 1);
        }
    }

private:
    void note(const Entry& variable) {
        auto location = location_at(reader_.debug(), unit_, variable.attributes, Slot::location, address_);
        if (!location) return;
        CodeVariable made{.name = {}, .type = {}, .location = *location};
        describe(reader_, variable, made);
        if (!made.name.empty()) out_.push_back(std::move(made));
    }

    bool holds(const Entry& entry) {
        if (!entry.has(Slot::low_pc) && !entry.has(Slot::ranges)) return true;
        ranges_.clear();
        read_code_ranges(reader_.debug(), unit_, entry.attributes, base_, ranges_);
        return std::ranges::any_of(ranges_, [&](const CodeRange& range) { return range.holds(address_); });
    }

    EntryReader& reader_;
    const Unit& unit_;
    std::uint64_t address_;
    std::uint64_t base_;
    std::vector<CodeVariable>& out_;
    std::vector<CodeRange> ranges_;
};

}  // namespace

CodeVariables find_variables_at(EntryReader& reader, EntryRef function, std::uint64_t address) {
    CodeVariables found;
    Entry entry;
    if (!function || !reader.read(function, entry)) return found;
    const Unit& unit = *function.unit;
    found.frame_base = location_at(reader.debug(), unit, entry.attributes, Slot::frame_base, address);
    VariablesOf(reader, unit, address, found.variables).read(entry, 0);
    return found;
}

std::optional<CodeVariable> find_global_at(EntryReader& reader, const Unit& unit, std::uint64_t address) {
    std::optional<CodeVariable> found;
    std::vector<std::uint64_t> scopes{unit.entries};
    Entry parent;
    std::size_t seen = 0;
    while (!scopes.empty() && !found) {
        std::uint64_t offset = scopes.back();
        scopes.pop_back();
        if (!reader.read({&unit, offset}, parent)) continue;
        reader.children(parent, [&](const Entry& child) {
            if (++seen > most_globals) return false;
            // Static variables of functions are among the functions' own.
            if (child.tag == tag::namespace_ || child.tag == tag::module) scopes.push_back(child.ref.offset);
            if (child.tag != tag::variable) return true;
            auto location = location_at(reader.debug(), unit, child.attributes, Slot::location, 0);
            if (!location || location->kind != Location::Kind::at_address || location->address != address) return true;
            found = CodeVariable{.name = {}, .type = {}, .location = *location};
            describe(reader, child, *found);
            return false;
        });
    }
    return found && !found->name.empty() ? found : std::nullopt;
}

}  // namespace abiscope::dwarf
