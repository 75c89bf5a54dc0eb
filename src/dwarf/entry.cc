#include "dwarf/entry.h"

#include <algorithm>

#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::size_t most_steps = 4'000'000;   // of all tables in one cache: 50 MB

SlotMask every(std::uint16_t) { return every_slot; }

}  // namespace

TableCache::TableCache(const Debug& debug, SlotMask (*wanted)(std::uint16_t))
    : debug_(debug), wanted_(wanted), left_(table_work(debug.files())) {}

std::uint64_t table_work(std::span<const Sections> files) {
    std::uint64_t bytes = 0;
    for (const Sections& file : files) bytes += file.at(SectionId::abbrev).size();
    return (bytes << 6) + (1 << 20);
}

const std::shared_ptr<const AbbreviationTable>& TableCache::other_table(const Unit& unit) {
    Key key{unit.abbreviations, unit.file, unit.encoding};
    auto found = tables_.find(key);
    if (found == tables_.end()) {
        if (cost_ > most_steps) {
            tables_.clear();
            cost_ = 0;
        }
        View section = debug_.sections(unit).at(SectionId::abbrev);
        std::shared_ptr<const AbbreviationTable> table;
        if (left_ != 0) {
            auto compiled = AbbreviationTable::compile(section, unit.abbreviations, unit.encoding, wanted_);
            if (compiled) table = std::make_shared<const AbbreviationTable>(*std::move(compiled));
            std::uint64_t cost = table ? table->cost() : section.from(unit.abbreviations).size();
            if (table) cost_ += cost;
            left_ -= std::min(left_, cost);
        }
        found = tables_.emplace(key, std::move(table)).first;
    }
    last_unit_ = &unit;
    last_ = found->second;
    return last_;
}

EntryReader::EntryReader(const Debug& debug, SlotMask (*wanted)(std::uint16_t))
    : debug_(debug), tables_(debug, wanted == nullptr ? every : wanted) {}

bool EntryReader::enter(const Unit* unit) {
    if (unit == nullptr) return false;
    table_ = tables_.table(*unit);
    bytes_ = debug_.bytes(*unit);
    unit_ = unit;
    return true;
}

bool EntryReader::read(EntryRef ref, Entry& into) {
    if (ref.unit != unit_ && !enter(ref.unit)) return false;
    if (table_ == nullptr || !ref.unit->holds(ref.offset)) return false;
    const Bytes bytes = bytes_;
    const std::byte* at = bytes.begin + ref.offset;
    std::uint64_t code = 0;
    if (!read_uleb(at, bytes.end, code)) return false;
    into.ref = ref;
    into.attributes.present = 0;
    if (code == 0) {
        into.tag = 0;
        into.children = false;
        into.next = bytes.offset_of(at);
        return true;
    }
    const Abbreviation* abbreviation = table_->find(code);
    if (abbreviation == nullptr) return false;
    const std::byte* next = decode(*table_, *abbreviation, ref.unit->encoding, bytes, at, into.attributes);
    if (next == nullptr) return false;
    into.tag = abbreviation->tag;
    into.children = abbreviation->children;
    into.next = bytes.offset_of(next);
    return true;
}

std::optional<std::uint64_t> EntryReader::after(const Entry& entry) {
    if (!entry.children) return entry.next;
    if (entry.has(Slot::sibling)) {
        EntryRef sibling = debug_.reference(entry.unit(), entry.attributes, Slot::sibling);
        // A link backwards would never end.
        if (sibling.unit == entry.ref.unit && sibling.offset >= entry.next) return sibling.offset;
    }
    Entry inner;
    std::uint64_t at = entry.next;
    for (std::uint64_t depth = 1; depth != 0;) {
        if (!read({entry.ref.unit, at}, inner)) return std::nullopt;
        at = inner.next;
        if (inner.tag == 0) {
            --depth;
        } else if (inner.children) {
            EntryRef sibling = debug_.reference(inner.unit(), inner.attributes, Slot::sibling);
            if (sibling.unit == entry.ref.unit && sibling.offset >= inner.next) {
                at = sibling.offset;
            } else {
                ++depth;
            }
        }
    }
    return at;
}

}  // namespace abiscope::dwarf
