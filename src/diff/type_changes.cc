#include "diff/type_changes.h"

#include <fmt/format.h>

#include "abi/type_name.h"

namespace abiscope::diff {

using finding::RuleId;

std::string place_words(std::uint64_t bits) { return bits % 8 == 0 ? fmt::format("byte {}", bits / 8) : fmt::format("bit {}", bits); }

std::string subject_of(const Relations& relations, const Pair& pair) {
    const abi::TypeTable& types = relations.new_types();
    const abi::Type& type = types.at(pair.now);
    if (!type.name.empty() || type.kind != abi::Kind::record) return abi::title(types, pair.now);
    if (pair.place.empty()) return abi::title(types, pair.now);
    bool is_union = types.record(pair.now)->kind == abi::RecordKind::union_;
    return pair.place.find("::") == std::string::npos ? pair.place : (is_union ? "union " : "struct ") + pair.place;
}

namespace {

void compare_typedefs(Relations& relations, std::uint32_t number, TypeChanges& into) {
    Pair pair = relations.pairs()[number];
    const abi::TypeTable& old = relations.old_types();
    const abi::TypeTable& now = relations.new_types();
    Relation relation = relations.relate(old.at(pair.old).target, now.at(pair.now).target, Site::pair(number));
    if (relation.kin == Kin::same) return;
    RuleId rule = relation.kin == Kin::changed ? RuleId::DIFF_TYPEDEF_CHANGED
        : relation.kin == Kin::retyped         ? RuleId::DIFF_TYPEDEF_RETYPED
                                               : RuleId::DIFF_TYPEDEF_RESPELLED;
    into.passing = relation.kin > Kin::respelled;
    into.changes.push_back(Change(rule, About::type, now.at(pair.now).name)
                               .with("old", abi::declaration(old, old.at(pair.old).target, {}))
                               .with("new", abi::declaration(now, now.at(pair.now).target, {}))
                               .with("why", std::move(relation.why)));
}

}  // namespace

TypeChanges compare_pair(Relations& relations, std::uint32_t number, bool alignments) {
    TypeChanges out;
    switch (relations.old_types().at(relations.pairs()[number].old).kind) {
        case abi::Kind::record: compare_records(relations, number, alignments, out); break;
        case abi::Kind::enumeration: compare_enumerations(relations, number, out); break;
        default: compare_typedefs(relations, number, out); break;
    }
    return out;
}

}  // namespace abiscope::diff
