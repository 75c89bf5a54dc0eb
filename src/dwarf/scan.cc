#include "dwarf/scan.h"

#include "dwarf/findings.h"
#include "dwarf/hash.h"
#include "dwarf/spec.h"

namespace abiscope::dwarf {

namespace {

constexpr std::size_t most_frames = 1024;   // namespaces and records in each other; deeper ones are walked over

// The place an entry's DW_AT_sibling names, when it lies ahead.
const std::byte* sibling_of(const Unit& unit, const Bytes& bytes, const std::byte* at, const Attributes& attributes) {
    if (!attributes.has(Slot::sibling) || !is_reference_in_unit(attributes.form_of(Slot::sibling))) return nullptr;
    std::uint64_t distance = attributes.number(Slot::sibling);
    if (distance > unit.end - unit.header || unit.header + distance < bytes.offset_of(at)) return nullptr;
    return bytes.begin + unit.header + distance;
}

}  // namespace

void Scanner::walk(const Unit& unit, ScanVisitor& visitor, Scopes& scopes, finding::Sink& sink) {
    if (!unit.usable || unit.entries == unit.end) return;
    visitor_ = &visitor;
    scopes_ = &scopes;
    frames_.clear();
    specified_.clear();
    hasher_.start_unit(unit);
    auto table = hasher_.reader().table(unit);
    if (!table) {
        auto again =
            AbbreviationTable::compile(debug_.sections(unit).at(SectionId::abbrev), unit.abbreviations, unit.encoding, structure_slots);
        sink.add(unit_damaged(debug_.sections(unit), unit.section, unit.header, again ? "its abbreviations" : again.error().describe()));
        return;
    }
    entries(unit, *table, sink);
    while (!frames_.empty()) close(unit, unit.end);
    for (auto& [met, specification] : specified_) {
        if (unit.holds(specification)) {
            met.scope = scope_around(scopes, specification - unit.header);
            // The members were read in the unit's own scope.
            if (options_.structures) met.key = mix(met.key, hash_text(scope_prefix(hasher_.reader(), unit, scopes, met.scope)));
        }
        visitor.record(unit, met);
    }
}

void Scanner::entries(const Unit& unit, const AbbreviationTable& table, finding::Sink& sink) {
    auto damaged = [&](std::uint64_t offset, std::string_view why) {
        sink.add(unit_damaged(debug_.sections(unit), unit.section, offset, why));
    };
    Bytes bytes = debug_.bytes(unit);
    const std::byte* at = bytes.begin + unit.entries;
    Attributes attributes;
    while (at < bytes.end) {
        std::uint64_t offset = bytes.offset_of(at);
        std::uint64_t code = 0;
        if (!read_uleb(at, bytes.end, code)) return damaged(offset, "an abbreviation code runs past the end of the unit");
        if (code == 0) {
            if (frames_.empty()) return;   // padding, no unit entry
            close(unit, bytes.offset_of(at));
            if (frames_.empty()) return;
            continue;
        }
        const Abbreviation* abbreviation = table.find(code);
        if (abbreviation == nullptr || abbreviation->tag == 0)
            return damaged(offset, "the abbreviation code of an entry is not in the unit's table");
        at = decode(table, *abbreviation, unit.encoding, bytes, at, attributes);
        if (at == nullptr) return damaged(offset, "the attributes of an entry run past the end of the unit");
        if (abbreviation->roles != 0 && !frames_.empty()) entry(unit, offset, *abbreviation, attributes);
        if (!abbreviation->children) {
            if (frames_.empty()) return;
        } else if (frames_.empty() ||
                   (((abbreviation->roles & role::inner) != 0 || options_.local_types) && frames_.size() < most_frames)) {
            open(unit, offset, *abbreviation, attributes);
        } else if (const std::byte* sibling = sibling_of(unit, bytes, at, attributes)) {
            at = sibling;
        } else {
            at = skip_children(unit, table, bytes, at);
            if (at == nullptr) return damaged(offset, "the children of an entry cannot be read");
        }
    }
}

const std::byte* Scanner::skip_children(const Unit& unit, const AbbreviationTable& table, const Bytes& bytes, const std::byte* at) const {
    Attributes attributes;
    for (std::uint64_t depth = 1; depth != 0;) {
        std::uint64_t code = 0;
        if (!read_uleb(at, bytes.end, code)) return nullptr;
        if (code == 0) {
            --depth;
            continue;
        }
        const Abbreviation* abbreviation = table.find(code);
        if (abbreviation == nullptr) return nullptr;
        at = decode(table, *abbreviation, unit.encoding, bytes, at, attributes);
        if (at == nullptr) return nullptr;
        if (!abbreviation->children) continue;
        if (const std::byte* sibling = sibling_of(unit, bytes, at, attributes)) {
            at = sibling;
        } else {
            ++depth;
        }
    }
    return at;
}

void Scanner::entry(const Unit& unit, std::uint64_t offset, const Abbreviation& abbreviation, const Attributes& attributes) {
    std::uint16_t tag = abbreviation.tag;
    Roles roles = abbreviation.roles;
    if ((roles & role::type) != 0) {
        if (options_.scopes || options_.structures) static_cast<void>(scope_of_top(unit));
        if (options_.names) visitor_->named(unit, offset, tag, attributes);
    } else if ((options_.functions && (roles & role::function) != 0) || (options_.variables && (roles & role::variable) != 0)) {
        if (options_.scopes) static_cast<void>(scope_of_top(unit));
        visitor_->named(unit, offset, tag, attributes);
    }
    if (!options_.structures) return;
    if ((roles & role::part) != 0) {
        Frame& frame = frames_[frames_.back().structure_frame];
        if (frame.record) frame.structure = hasher_.with_child(frame.structure, unit, tag, attributes);
    } else if ((roles & role::alias) != 0) {
        alias(unit, offset, attributes);
    } else if ((roles & role::record) != 0 && !abbreviation.children) {
        // A record without members has no children to open a frame for.
        open(unit, offset, abbreviation, attributes);
        close(unit, offset);
    }
}

void Scanner::alias(const Unit& unit, std::uint64_t offset, const Attributes& attributes) {
    EntryRef target = debug_.reference(unit, attributes, Slot::type);
    Entry record;
    if (!target || !hasher_.reader().read(target, record) || !is_record_tag(record.tag) || record.has(Slot::name) ||
        record.flag(Slot::declaration) || record.has(Slot::specification)) {
        return;
    }
    Met met{.offset = offset, .key = 0, .scope = scope_of_top(unit), .tag = tag::typedef_};
    met.key =
        mix(frames_.back().scope_hash, hasher_.text(unit, attributes, Slot::name), hasher_.type(target), record.number(Slot::byte_size));
    visitor_->record(unit, met);
}

void Scanner::open(const Unit& unit, std::uint64_t offset, const Abbreviation& abbreviation, const Attributes& attributes) {
    std::uint16_t tag = abbreviation.tag;
    Frame frame{.offset = offset, .structure_frame = static_cast<std::uint32_t>(frames_.size()), .tag = tag};
    if (frames_.empty()) {
        frames_.push_back(frame);
        return;
    }
    const Frame& outer = frames_.back();
    frame.outer = outer.scope != Scope::none ? outer.scope : outer.outer;
    frame.scope_hash = outer.scope_hash;
    if (tag == tag::variant_part || tag == tag::variant) frame.structure_frame = outer.structure_frame;
    frame.named = (abbreviation.roles & role::scope) != 0;
    if (options_.structures && frame.named) {
        std::uint64_t name = hasher_.text(unit, attributes, Slot::name);
        if ((abbreviation.roles & role::record) != 0) {
            frame.record = true;
            // Of what GCC puts into a type unit, the declaration in its namespace says where it belongs, also where the definition has a
            // name.
            if (attributes.has(Slot::specification)) {
                if (!attributes.has(Slot::name)) name = hasher_.type({&unit, offset});
                EntryRef named = debug_.reference(unit, attributes, Slot::specification);
                frame.specification = named.unit == &unit ? named.offset : ~std::uint64_t{0};
            }
            frame.complete = !attributes.flag(Slot::declaration) && (attributes.has(Slot::name) || frame.specification != 0);
            frame.structure = hasher_.start_record(tag, attributes, outer.scope_hash, name);
        }
        frame.scope_hash = mix(outer.scope_hash, name);
    }
    frames_.push_back(frame);
}

std::uint32_t Scanner::scope_of_top(const Unit& unit) {
    // The frames without a place are the innermost ones, below the unit's own: each gets its place now, the outermost first.
    std::size_t first = frames_.size();
    while (first > 1 && frames_[first - 1].scope == Scope::none) --first;
    for (std::size_t i = first; i < frames_.size(); ++i) {
        Frame& frame = frames_[i];
        if (i == 0) continue;
        frame.outer = frames_[i - 1].scope != Scope::none ? frames_[i - 1].scope : frames_[i - 1].outer;
        if (!frame.named) continue;
        frame.scope = static_cast<std::uint32_t>(scopes_->size());
        scopes_->push_back({frame.offset - unit.header, unit.end - unit.header, frame.outer});
    }
    const Frame& top = frames_.back();
    return top.scope != Scope::none ? top.scope : top.outer;
}

void Scanner::close(const Unit& unit, std::uint64_t end) {
    Frame frame = frames_.back();
    frames_.pop_back();
    if (frame.scope != Scope::none) (*scopes_)[frame.scope].end = end - unit.header;
    if (!frame.record || !frame.complete || frames_.empty()) return;
    Met met{.offset = frame.offset, .key = frame.structure, .scope = frame.outer, .tag = frame.tag};
    if (frame.specification != 0) {
        specified_.emplace_back(met, frame.specification);
    } else {
        visitor_->record(unit, met);
    }
}

}  // namespace abiscope::dwarf
