// Entries one at a time, anywhere in the file. One reader belongs to one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "dwarf/debug.h"

namespace abiscope::dwarf {

// Abbreviation tables by unit, made when first asked for. Units that share a table share it here too.
class TableCache {
public:
    TableCache(const Debug& debug, SlotMask (*wanted)(std::uint16_t));

    // Null for a unit whose table cannot be read, or when the tables read so far are many times what the file holds: units of a hostile
    // file may each name another place in one long table. Tables may be dropped when another unit is asked for: who needs two keeps the
    // pointer.
    [[nodiscard]] const std::shared_ptr<const AbbreviationTable>& table(const Unit& unit) {
        return &unit == last_unit_ ? last_ : other_table(unit);
    }

private:
    const std::shared_ptr<const AbbreviationTable>& other_table(const Unit& unit);

    struct Key {
        std::uint64_t offset = 0;
        std::uint32_t file = 0;
        Encoding encoding;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return key.offset * 0x9e3779b97f4a7c15 ^ key.file ^ static_cast<std::size_t>(key.encoding.address_size) << 40 ^
                std::size_t{key.encoding.version} << 48;
        }
    };

    const Debug& debug_;
    SlotMask (*wanted_)(std::uint16_t);
    std::unordered_map<Key, std::shared_ptr<const AbbreviationTable>, Hash> tables_;
    std::size_t cost_ = 0;  // of the tables kept
    std::uint64_t left_ = 0;  // of the work allowed
    const Unit* last_unit_ = nullptr;
    std::shared_ptr<const AbbreviationTable> last_;
};

struct Entry {
    EntryRef ref;
    std::uint16_t tag = 0;
    bool children = false;
    std::uint64_t next = 0;  // offset of the first child, or of what follows
    Attributes attributes;

    [[nodiscard]] const Unit& unit() const { return *ref.unit; }
    [[nodiscard]] bool has(Slot slot) const { return attributes.has(slot); }
    [[nodiscard]] std::uint64_t number(Slot slot, std::uint64_t otherwise = 0) const { return attributes.number(slot, otherwise); }
    [[nodiscard]] bool flag(Slot slot) const { return attributes.flag(slot); }
};

class EntryReader {
public:
    explicit EntryReader(const Debug& debug, SlotMask (*wanted)(std::uint16_t) = nullptr);

    [[nodiscard]] const Debug& debug() const { return debug_; }
    [[nodiscard]] std::shared_ptr<const AbbreviationTable> table(const Unit& unit) { return tables_.table(unit); }

    // False when there is no whole entry at that place; the mark that ends a row of siblings reads as tag 0.
    [[nodiscard]] bool read(EntryRef ref, Entry& into);

    // The offset behind an entry and all its children; nothing when they are damaged.
    [[nodiscard]] std::optional<std::uint64_t> after(const Entry& entry);

    // Calls `visit(const Entry&)` for each child in order, until it says false. False when the children are damaged: what was visited
    // before counts all the same. A child may be visited with the entry reused afterwards.
    template <typename Visit>
    bool children(const Entry& parent, Visit visit) {
        if (!parent.children) return true;
        Entry child;
        std::uint64_t at = parent.next;
        for (;;) {
            if (!read({parent.ref.unit, at}, child)) return false;
            if (child.tag == 0) return true;
            if (!visit(static_cast<const Entry&>(child))) return true;
            auto next = after(child);
            if (!next) return false;
            at = *next;
        }
    }

    // The entry an attribute refers to.
    [[nodiscard]] bool follow(const Entry& from, Slot slot, Entry& into) {
        EntryRef ref = debug_.reference(from.unit(), from.attributes, slot);
        return ref && read(ref, into) && into.tag != 0;
    }
    // Of a parameter of a copy of a function (section 3.3.8.2) most is left to the one it is a copy of: the entry that has that attribute,
    // which is `copy` itself, or `origin`, where the other one is read into.
    [[nodiscard]] const Entry& with(Slot attribute, const Entry& copy, Entry& origin) {
        return copy.has(attribute) || !follow(copy, Slot::abstract_origin, origin) ? copy : origin;
    }
    [[nodiscard]] std::string_view text(const Entry& entry, Slot slot) const { return debug_.text(entry.unit(), entry.attributes, slot); }
    [[nodiscard]] std::string_view name(const Entry& entry) const { return text(entry, Slot::name); }

private:
    bool enter(const Unit* unit);

    const Debug& debug_;
    TableCache tables_;
    // Of the unit read last.
    const Unit* unit_ = nullptr;
    std::shared_ptr<const AbbreviationTable> table_;
    Bytes bytes_;
};

}  // namespace abiscope::dwarf
