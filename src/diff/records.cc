#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "abi/call_class.h"
#include "abi/layout.h"
#include "abi/type_name.h"
#include "diff/arrays.h"
#include "diff/fields.h"
#include "diff/type_changes.h"
#include "diff/type_names.h"

namespace abiscope::diff {

using finding::RuleId;

namespace {

class RecordComparison {
public:
    RecordComparison(Relations& relations, std::uint32_t number, TypeChanges& into)
        : relations_(relations),
          number_(number),
          pair_(relations.pairs()[number]),
          old_types_(relations.old_types()),
          new_types_(relations.new_types()),
          old_(*old_types_.record(pair_.old)),
          now_(*new_types_.record(pair_.now)),
          subject_(subject_of(relations, pair_)),
          into_(into) {}

    void run(bool alignments) {
        kind();
        if (alignments) alignment();
        bases();
        template_arguments();
        compare_virtual_functions(relations_, number_, subject_, into_);
        before_ = members_of(old_types_, old_);
        after_ = members_of(new_types_, now_);
        match_by_name(before_, after_);
        for (const Member& member : before_) {
            if (member.other) matched(member, after_[*member.other]);
        }
        for (Member& member : before_) {
            if (!member.other) gone(member);
        }
        for (const Member& member : after_) {
            if (!member.other && !renamed_.contains(member)) added(member);
        }
        size();
        into_.passing = into_.passing || special_members_differ() || !into_.changes.empty();
    }

private:
    struct Renamed {
        std::vector<const abi::Field*> fields;
        [[nodiscard]] bool contains(const Member& member) const { return std::ranges::find(fields, member.field) != fields.end(); }
    };

    Change change(RuleId rule) const { return Change(rule, About::type, subject_); }
    Change change(RuleId rule, const Member& member) const { return Change(rule, About::type, subject_).with("field", member.name); }
    void add(Change made) { into_.changes.push_back(std::move(made)); }
    [[nodiscard]] bool is_union() const { return now_.kind == abi::RecordKind::union_; }

    void kind() {
        bool was = old_.kind == abi::RecordKind::union_;
        // One member lies at 0 either way.
        if (was == is_union() || (holds_one(old_) && holds_one(now_))) return;
        in_place_ = false;
        add(change(RuleId::DIFF_TYPE_KIND_CHANGED)
                .with("old", std::string(was ? "union" : "struct"))
                .with("new", std::string(was ? "struct" : "union")));
    }

    static bool holds_one(const abi::Record& record) {
        return record.fields.size() == 1 && record.bases.empty() && record.virtual_functions.empty();
    }

    // What the source asks for. Where nothing is asked for nothing is recorded.
    void alignment() {
        // GCC writes what a member asks for on the class as well, clang on the member alone.
        std::uint64_t before = asked_here(old_types_.at(pair_.old), old_), after = asked_here(new_types_.at(pair_.now), now_);
        if (before == after || asked_alignment(old_types_, pair_.old) == asked_alignment(new_types_, pair_.now)) return;
        if (same_alignment()) return;
        auto words = [](std::uint64_t bytes) { return bytes == 0 ? std::string("its members' number of") : fmt::format("{}", bytes); };
        add(change(RuleId::DIFF_TYPE_ALIGNMENT_CHANGED).with("old", words(before)).with("new", words(after)));
    }

    // What is asked for may be what the members ask for anyhow.
    [[nodiscard]] bool same_alignment() const {
        const Machine& machine = relations_.machine();
        if (machine.old == nullptr || machine.now == nullptr) return false;
        auto was = abi::lay_out(old_types_, pair_.old, *machine.old), is = abi::lay_out(new_types_, pair_.now, *machine.now);
        return was && is && was->alignment == is->alignment;
    }

    static std::uint64_t asked_here(const abi::Type& type, const abi::Record& record) {
        std::uint64_t most = type.observed.alignment.value_or(0);
        for (const abi::Field& field : record.fields) most = std::max<std::uint64_t>(most, field.observed.alignment.value_or(0));
        return most;
    }

    static std::uint64_t asked_alignment(const abi::TypeTable& types, abi::TypeId id, unsigned depth = 0) {
        constexpr unsigned most_depth = 32;
        id = types.resolve(id);
        if (!types.contains(id) || depth > most_depth) return 0;
        const abi::Type& type = types.at(id);
        if (type.kind == abi::Kind::array)
            return std::max<std::uint64_t>(type.observed.alignment.value_or(0), asked_alignment(types, type.target, depth + 1));
        const abi::Record* record = types.record(id);
        if (record == nullptr) return type.observed.alignment.value_or(0);
        std::uint64_t most = asked_here(type, *record);
        for (const abi::Base& base : record->bases) most = std::max(most, asked_alignment(types, base.type, depth + 1));
        for (const abi::Field& field : record->fields) most = std::max(most, asked_alignment(types, field.type, depth + 1));
        return most;
    }

    static std::string name_of(const abi::TypeTable& types, abi::TypeId id) { return abi::declaration(types, id, {}); }

    void bases() {
        auto changed = [&](const std::string& base, std::string what) {
            in_place_ = false;
            add(change(RuleId::DIFF_BASE_CHANGED).with("base", base).with("what", std::move(what)));
        };
        std::vector<bool> met(now_.bases.size());
        for (const abi::Base& base : old_.bases) {
            std::string name = name_of(old_types_, base.type);
            std::size_t i = 0;
            while (i < now_.bases.size() && (met[i] || !same_type_name(name_of(new_types_, now_.bases[i].type), name))) ++i;
            if (i == now_.bases.size()) i = under_another_name(base, met);
            if (i == now_.bases.size()) {
                if (!takes_no_room(old_types_, base)) changed(name, "is gone");
                continue;
            }
            met[i] = true;
            const abi::Base& other = now_.bases[i];
            static_cast<void>(relations_.relate(base.type, other.type, Site::pair(number_)));
            if (base.is_virtual != other.is_virtual) {
                changed(name, other.is_virtual ? "is virtual now" : "is no longer virtual");
            } else if (!base.is_virtual && base.observed.bit_offset && other.observed.bit_offset &&
                       *base.observed.bit_offset != *other.observed.bit_offset) {
                changed(name,
                        fmt::format("lies at {}, and lay at {}", place_words(*other.observed.bit_offset),
                                    place_words(*base.observed.bit_offset)));
            }
        }
        for (std::size_t i = 0; i < met.size(); ++i) {
            if (!met[i] && !takes_no_room(new_types_, now_.bases[i])) changed(name_of(new_types_, now_.bases[i].type), "is new");
        }
        if (!compare_virtual_bases(relations_, number_, subject_, into_)) in_place_ = false;
    }

    // Types that no member has, but that users of the class meet: what a std::map<int, P> allocates, what a member function returns.
    void template_arguments() {
        if (old_.template_arguments.size() != now_.template_arguments.size()) return;
        for (std::size_t i = 0; i < old_.template_arguments.size(); ++i) {
            static_cast<void>(
                relations_.relate(old_.template_arguments[i], now_.template_arguments[i], Site::pair(number_).behind_pointer()));
        }
    }

    // B<8> of one compiler is B<8UL> of another; a base may also have been renamed. The number of bases where there is none.
    std::size_t under_another_name(const abi::Base& base, const std::vector<bool>& met) {
        std::size_t i = 0;
        for (; i < now_.bases.size(); ++i) {
            const abi::Base& other = now_.bases[i];
            if (met[i] || other.is_virtual != base.is_virtual || other.observed.bit_offset != base.observed.bit_offset) continue;
            bool named_too = std::ranges::any_of(old_.bases, [&](const abi::Base& one) {
                return same_type_name(name_of(old_types_, one.type), name_of(new_types_, other.type));
            });
            if (!named_too && relations_.relate(base.type, other.type, Site::pair(number_)).kin <= Kin::respelled) break;
        }
        return i;
    }

    // Nothing of the object moves with it: whether it is there is between the source and its compiler.
    static bool takes_no_room(const abi::TypeTable& types, const abi::Base& base) {
        const abi::Record* record = types.record(types.resolve(base.type));
        return record != nullptr && record->complete && !base.is_virtual && record->fields.empty() && record->virtual_functions.empty() &&
            std::ranges::all_of(record->bases, [&](const abi::Base& one) { return takes_no_room(types, one); });
    }

    Relation relate(const Member& before, const Member& after) {
        std::string place;
        if (!new_types_.at(pair_.now).name.empty()) place = new_types_.at(pair_.now).name + "::" + after.name;
        else place = (pair_.place.empty() ? std::string("(unnamed)") : pair_.place) + "::" + after.name;
        Site site = Site::pair(number_).named(place);
        const std::optional<std::uint32_t>& width = before.field->bit_width;
        bool same_bits = width && width == after.field->bit_width && before.begin == after.begin;
        return same_bits ? relations_.relate_bit_fields(before.field->type, after.field->type, *width, site)
                         : relations_.relate(before.field->type, after.field->type, site);
    }

    void matched(const Member& before, const Member& after) {
        Relation relation = relate(before, after);
        // Reserved room that was partly used: what is left of it may move within what it was.
        if (before.reserved && before.begin <= after.begin && after.end <= before.end) return;
        if (before.field->bit_width != after.field->bit_width || (before.field->bit_width && before.begin != after.begin)) {
            in_place_ = false;
            auto words = [](const Member& member) {
                std::string width =
                    member.field->bit_width ? fmt::format("{} bits wide", *member.field->bit_width) : std::string("a whole member");
                return fmt::format("{}, at {}", width, place_words(member.begin));
            };
            add(change(RuleId::DIFF_BIT_FIELD_CHANGED, before).with("old", words(before)).with("new", words(after)));
        } else if (before.begin != after.begin) {
            in_place_ = false;
            add(change(RuleId::DIFF_FIELD_MOVED, before).with("old", place_words(before.begin)).with("new", place_words(after.begin)));
        }
        retyped(before, after, std::move(relation));
    }

    void retyped(const Member& before, const Member& after, Relation relation) {
        if (relation.kin == Kin::same) return;
        open_end_ = open_end_ || is_open_end(old_types_, before.field->type, new_types_, after.field->type);
        if (relation.kin == Kin::changed) in_place_ = false;
        RuleId rule = relation.kin == Kin::changed ? RuleId::DIFF_FIELD_TYPE_CHANGED
            : relation.kin == Kin::retyped         ? RuleId::DIFF_FIELD_RETYPED
                                                   : RuleId::DIFF_FIELD_RESPELLED;
        add(change(rule, after)
                .with("old", abi::declaration(old_types_, before.field->type, {}))
                .with("new", abi::declaration(new_types_, after.field->type, {}))
                .with("why", std::move(relation.why)));
    }

    // Another name in the same place, the members of reserved room, or really gone.
    void gone(Member& before) {
        const Member* same = nullptr;
        for (const Member& after : after_) {
            if (after.other || after.begin != before.begin || after.end != before.end || after.field->bit_width != before.field->bit_width)
                continue;
            if (renamed_.contains(after) || relate(before, after).kin > Kin::respelled) continue;
            same = &after;
            break;
        }
        if (before.reserved && (same == nullptr || !same->reserved)) return;   // what lies there now is said of the new members
        if (same != nullptr) {
            renamed_.fields.push_back(same->field);
            add(change(RuleId::DIFF_FIELD_RENAMED, *same).with("old", before.name).with("place", place_words(before.begin)));
            return;
        }
        in_place_ = false;
        add(change(RuleId::DIFF_FIELD_REMOVED, before).with("old", place_words(before.begin)));
    }

    void added(const Member& after) {
        std::string place = place_words(after.begin);
        bool shares = after.in_union && in_place_ && overlaps(before_, after.begin, after.end) &&
            after.end <= old_types_.at(pair_.old).observed.size.value_or(0) * 8;
        if (is_union() || shares) {
            add(change(RuleId::DIFF_UNION_MEMBER_ADDED, after));
            return;
        }
        if (!in_place_) {
            add(change(RuleId::DIFF_FIELD_INSERTED, after).with("new", place));
            return;
        }
        if (const Member* reserved = reserved_around(before_, after.begin, after.end)) {
            add(change(RuleId::DIFF_RESERVED_FIELD_USED, after).with("old", reserved->name).with("new", place));
            return;
        }
        std::uint64_t size = old_types_.at(pair_.old).observed.size.value_or(0);
        bool behind = std::ranges::all_of(before_, [&](const Member& one) { return one.end <= after.begin; });
        bool inside = after.end <= size * 8;
        if (overlaps(before_, after.begin, after.end) || (!behind && !inside)) {
            add(change(RuleId::DIFF_FIELD_INSERTED, after).with("new", place));
        } else if (inside) {
            add(change(in_tail(after) ? RuleId::DIFF_FIELD_IN_TAIL : RuleId::DIFF_FIELD_IN_PADDING, after).with("new", place));
        } else {
            std::uint64_t grown = new_types_.at(pair_.now).observed.size.value_or(size);
            add(change(RuleId::DIFF_FIELD_APPENDED, after).with("new", place).with("short", grown > size ? grown - size : 0));
        }
    }

    // Itanium C++ ABI, 2.4: derived classes begin at nvsize.
    [[nodiscard]] bool in_tail(const Member& after) const {
        const abi::Profile* profile = relations_.machine().old;
        if (profile == nullptr || old_types_.at(pair_.old).language != abi::Language::cxx) return false;
        auto layout = abi::lay_out(old_types_, pair_.old, *profile);
        auto traits = abi::class_traits(old_types_, pair_.old, profile->compiler);
        return layout && traits && traits->is_polymorphic && after.begin >= layout->nonvirtual_size * 8;
    }

    void size() {
        auto before = old_types_.at(pair_.old).observed.size, after = new_types_.at(pair_.now).observed.size;
        if (!before || !after || *before == *after) return;
        into_.old_size = *before;
        into_.new_size = *after;
        bool appended = std::ranges::any_of(into_.changes, [](const Change& one) { return one.rule == RuleId::DIFF_FIELD_APPENDED; });
        if (in_place_ && appended && *after > *before) {
            into_.grown = true;
            return;
        }
        if (in_place_ && open_end_) into_.size_of_pointed = "its last member stands for any number of elements either way";
        if (in_place_ && is_union() && *after > *before) into_.size_of_pointed = "what it held lies where it lay";
        add(change(RuleId::DIFF_TYPE_SIZE_CHANGED)
                .with("old", *before)
                .with("new", *after)
                .with("why", std::string("objects, arrays and copies made by code built against OLD have the old size")));
    }

    [[nodiscard]] bool special_members_differ() const {
        auto key = [](const abi::SpecialMembers& one) {
            auto given = [](abi::Declared how) {
                return how == abi::Declared::user_provided || how == abi::Declared::deleted ? how : abi::Declared::implicit;
            };
            return std::tuple(given(one.copy_constructor), given(one.move_constructor), given(one.destructor));
        };
        if (old_.passed_by_value && now_.passed_by_value && *old_.passed_by_value != *now_.passed_by_value) return true;
        return key(old_.special) != key(now_.special);
    }

    Relations& relations_;
    std::uint32_t number_;
    Pair pair_;
    const abi::TypeTable& old_types_;
    const abi::TypeTable& new_types_;
    const abi::Record& old_;
    const abi::Record& now_;
    std::string subject_;
    TypeChanges& into_;
    std::vector<Member> before_, after_;
    Renamed renamed_;
    bool open_end_ = false;
    bool in_place_ = true;   // nothing that OLD has moved, went away or is something else
};

}  // namespace

void compare_records(Relations& relations, std::uint32_t number, bool alignments, TypeChanges& into) {
    const Pair& pair = relations.pairs()[number];
    into.declared_in_old = !relations.old_types().record(pair.old)->complete;
    into.declared_in_new = !relations.new_types().record(pair.now)->complete;
    if (into.declared_in_old || into.declared_in_new) return;
    RecordComparison(relations, number, into).run(alignments);
}

}  // namespace abiscope::diff
