#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"
#include "diff/type_changes.h"

namespace abiscope::diff {

using finding::RuleId;

namespace {

// Whether the name says that it stands for the number, the last or the end of the others.
bool is_count(std::string_view name) {
    std::string lower = text::lower(name);
    constexpr std::string_view words[] = {"max", "last", "count", "num", "end", "sentinel", "size", "total", "nr", "number", "cnt", "len"};
    for (std::string_view part : text::split(lower, "_")) {
        if (std::ranges::find(words, part) != std::end(words)) return true;
    }
    for (std::string_view word : {std::string_view("Max"), std::string_view("Last"), std::string_view("Count"), std::string_view("Num")}) {
        if (name.ends_with(word) || name.starts_with("k" + std::string(word))) return true;
    }
    return false;
}

}  // namespace

void compare_enumerations(const Relations& relations, std::uint32_t number, TypeChanges& into) {
    const Pair& pair = relations.pairs()[number];
    const abi::Type& old_type = relations.old_types().at(pair.old);
    const abi::Type& new_type = relations.new_types().at(pair.now);
    const abi::Enumeration& old = *relations.old_types().enumeration(pair.old);
    const abi::Enumeration& now = *relations.new_types().enumeration(pair.now);
    std::string subject = subject_of(relations, pair);
    if (old_type.observed.size && new_type.observed.size && *old_type.observed.size != *new_type.observed.size) {
        into.passing = true;
        into.changes.push_back(Change(RuleId::DIFF_TYPE_SIZE_CHANGED, About::type, subject)
                                   .with("old", *old_type.observed.size)
                                   .with("new", *new_type.observed.size)
                                   .with("why", std::string("members, parameters and variables of it have another size")));
    }
    // Only declared, or compiled without them: nothing to compare.
    if (old.enumerators.empty() || now.enumerators.empty()) return;
    std::unordered_map<std::string_view, std::int64_t> before, after;
    for (const abi::Enumerator& one : old.enumerators) before.emplace(one.name, one.value);
    for (const abi::Enumerator& one : now.enumerators) after.emplace(one.name, one.value);
    std::unordered_map<std::int64_t, const abi::Enumerator*> added;
    for (const abi::Enumerator& one : now.enumerators) {
        if (!before.contains(one.name)) added.emplace(one.value, &one);
    }
    std::unordered_map<std::string_view, bool> renamed;
    for (const abi::Enumerator& one : old.enumerators) {
        auto same = after.find(one.name);
        if (same == after.end()) {
            auto other = added.find(one.value);
            if (other != added.end() && renamed.emplace(other->second->name, true).second) {
                into.changes.push_back(Change(RuleId::DIFF_ENUMERATOR_RENAMED, About::type, subject)
                                           .with("old", one.name)
                                           .with("name", other->second->name)
                                           .with("value", fmt::format("{}", one.value)));
            } else {
                into.changes.push_back(Change(RuleId::DIFF_ENUMERATOR_REMOVED, About::type, subject)
                                           .with("name", one.name)
                                           .with("old", fmt::format("{}", one.value)));
            }
        } else if (same->second != one.value) {
            bool counts = is_count(one.name) && same->second > one.value && !added.empty();
            into.changes.push_back(
                Change(counts ? RuleId::DIFF_ENUMERATOR_COUNT_CHANGED : RuleId::DIFF_ENUMERATOR_VALUE_CHANGED, About::type, subject)
                    .with("name", one.name)
                    .with("old", fmt::format("{}", one.value))
                    .with("new", fmt::format("{}", same->second)));
        }
    }
    for (const abi::Enumerator& one : now.enumerators) {
        if (before.contains(one.name) || renamed.contains(one.name)) continue;
        into.changes.push_back(
            Change(RuleId::DIFF_ENUMERATOR_ADDED, About::type, subject).with("name", one.name).with("new", fmt::format("{}", one.value)));
    }
}

}  // namespace abiscope::diff
