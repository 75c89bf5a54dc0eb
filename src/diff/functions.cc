#include "diff/functions.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "abi/type_name.h"

namespace abiscope::diff {

using finding::RuleId;

FunctionComparison::FunctionComparison(Relations& relations, std::uint32_t number, const Side& old, const abi::Signature& before,
                                       const Side& now, const abi::Signature& after, std::string subject)
    : relations_(relations), number_(number), old_(old), now_(now), before_(before), after_(after), subject_(std::move(subject)) {}

void FunctionComparison::relate() {
    Site site = Site::symbol(number_);
    if (before_.receiver && after_.receiver)
        static_cast<void>(relations_.relate(*before_.receiver, *after_.receiver, site.behind_pointer()));
    auto related = [&](std::size_t i, std::size_t j) {
        return relations_.relate(before_.parameters[i].type, after_.parameters[j].type, site);
    };
    std::size_t was = before_.parameters.size(), is = after_.parameters.size();
    std::size_t common = std::min(was, is);
    // `int f()` of C says nothing about parameters.
    bool silent = (!before_.prototyped && was == 0) || (!after_.prototyped && is == 0);
    if (!silent) {
        std::size_t first = 0, last = 0;
        if (was != is) {
            while (first < common && related(first, first).kin <= Kin::respelled) ++first;
            while (last < common - first && related(was - 1 - last, is - 1 - last).kin <= Kin::respelled) ++last;
        }
        // Those at the front and, where some are new or gone in between, those at the end belong together.
        std::size_t front = was == is ? was : common - last;
        for (std::size_t i = 0; i < front; ++i) kept_.push_back({i, i, related(i, i)});
        for (std::size_t i = front; i + last < was; ++i) gone_.push_back(i);
        for (std::size_t i = front; i + last < is; ++i) added_.push_back(i);
        for (std::size_t i = last; was != is && i > 0; --i) kept_.push_back({was - i, is - i, related(was - i, is - i)});
    }
    if (!before_.results.empty() && !after_.results.empty()) {
        result_ = relations_.relate(before_.results.front().type, after_.results.front().type, site);
    } else if (before_.results.size() != after_.results.size()) {
        result_ = {Kin::retyped, {}};
    }
}

void FunctionComparison::unusual(Unusual old, Unusual now) {
    unusual_before_ = std::move(old);
    unusual_after_ = std::move(now);
}

bool FunctionComparison::differs() const {
    // clang does not record its switches.
    auto clang = [](const Side& side) { return side.surface.profile.find("/clang") != std::string::npos; };
    bool switched = before_.switches != after_.switches && !clang(old_) && !clang(now_);
    return switched || unusual_before_ != unusual_after_ || before_.receiver.has_value() != after_.receiver.has_value() || !gone_.empty() ||
        !added_.empty() || result_.kin > Kin::same || before_.named.has_value() != after_.named.has_value() ||
        before_.prototyped != after_.prototyped || before_.convention != after_.convention || before_.no_return != after_.no_return ||
        std::ranges::any_of(kept_, [](const Kept& one) { return one.relation.kin > Kin::same; });
}

std::string FunctionComparison::spelled(const Side& side, abi::TypeId type) const { return abi::declaration(side.surface.types, type, {}); }

std::optional<Places> FunctionComparison::places(const Side& side, const abi::Signature& signature) const {
    bool unplaceable = !unusual_before_.call_unknown.empty() || !unusual_after_.call_unknown.empty();
    return unplaceable ? std::nullopt : call_places(side, signature);
}

// C17, 6.5.2.2 (6): where no prototype is in sight, `float` is passed as `double`. Narrow integers are as well passed as `int`, which
// callees that take less of it do not mind.
bool FunctionComparison::is_promoted(const Kept& kept) const {
    if (before_.prototyped == after_.prototyped) return false;
    auto is_float = [](const abi::TypeTable& types, abi::TypeId id) {
        id = types.resolve(id);
        return types.contains(id) && types.at(id).kind == abi::Kind::scalar && types.at(id).scalar == abi::Scalar::float_;
    };
    return is_float(old_.surface.types, before_.parameters[kept.old].type) &&
        is_float(now_.surface.types, after_.parameters[kept.now].type);
}

void FunctionComparison::report_parameter(const Kept& kept, const std::optional<Places>& before, const std::optional<Places>& after,
                                          std::vector<Change>& into) {
    bool known = before && after;
    bool moved = known && before->arguments[kept.old] != after->arguments[kept.now];
    if (kept.relation.kin == Kin::same && !moved && !is_promoted(kept)) return;
    std::string number = fmt::format("{}", kept.old + 1);
    if (kept.relation.kin == Kin::same && !is_promoted(kept)) {
        const std::string& name = after_.parameters[kept.now].name;
        into.push_back(change(RuleId::DIFF_ARGUMENT_MOVED)
                           .with("argument", "parameter " + number + (name.empty() ? "" : " `" + name + "`"))
                           .with("old", before->arguments[kept.old])
                           .with("new", after->arguments[kept.now]));
        return;
    }
    std::string why = kept.relation.why;
    bool promoted = is_promoted(kept);
    if (promoted) why = "callers of the one without a prototype pass `double`, and those of the other `float`";
    if (moved)
        why += fmt::format("{}it travels in {}, and did in {}", why.empty() ? "" : "; ", after->arguments[kept.now],
                           before->arguments[kept.old]);
    bool unclear = kept.relation.by_place && !known;
    RuleId rule = moved || promoted || unclear || kept.relation.kin == Kin::changed ? RuleId::DIFF_PARAMETER_TYPE_CHANGED
        : kept.relation.kin == Kin::retyped                                         ? RuleId::DIFF_PARAMETER_RETYPED
                                                                                    : RuleId::DIFF_PARAMETER_RESPELLED;
    into.push_back(change(rule)
                       .with("number", number)
                       .with("old", spelled(old_, before_.parameters[kept.old].type))
                       .with("new", spelled(now_, after_.parameters[kept.now].type))
                       .with("why", std::move(why)));
}

void FunctionComparison::report_result(const std::optional<Places>& before, const std::optional<Places>& after, std::vector<Change>& into) {
    bool moved = before && after && before->result != after->result;
    bool had = !before_.results.empty(), has = !after_.results.empty();
    if (!had && !has) return;
    std::string was = had ? spelled(old_, before_.results.front().type) : "void",
                is = has ? spelled(now_, after_.results.front().type) : "void";
    if (had && has && result_.kin == Kin::same) {
        if (moved)
            into.push_back(change(RuleId::DIFF_ARGUMENT_MOVED)
                               .with("argument", std::string("the result"))
                               .with("old", before->result)
                               .with("new", after->result));
        return;
    }
    std::string why = result_.why;
    RuleId rule = RuleId::DIFF_RESULT_TYPE_CHANGED;
    if (!had) {
        bool in_memory = after && before && after->hidden != before->hidden;
        if (!in_memory) rule = RuleId::DIFF_RESULT_ADDED;
        why = "callers built against OLD name no place for it: all arguments move";
    } else if (!has) {
        why = "callers built against OLD go on reading a result";
    } else if (moved) {
        why += fmt::format("{}it travels in {}, and did in {}", why.empty() ? "" : "; ", after->result, before->result);
    } else if (result_.kin != Kin::changed && (!result_.by_place || (before && after))) {
        rule = result_.kin == Kin::retyped ? RuleId::DIFF_RESULT_RETYPED : RuleId::DIFF_RESULT_RESPELLED;
    }
    into.push_back(change(rule).with("old", std::move(was)).with("new", std::move(is)).with("why", std::move(why)));
}

std::string FunctionComparison::why_unusual() const {
    if (unusual_before_.switches != unusual_after_.switches) {
        auto words = [](const std::string& switches) {
            return switches.empty() ? std::string("without such a switch") : "with " + switches;
        };
        return fmt::format("it was compiled {} and is compiled {} now, which changes calls or layouts, and no more is known of it",
                           words(unusual_before_.switches), words(unusual_after_.switches));
    }
    bool now = !unusual_after_.call_unknown.empty();
    return fmt::format("in {} {}", now ? "NEW" : "OLD", now ? unusual_after_.call_unknown : unusual_before_.call_unknown);
}

void FunctionComparison::report(bool types_moved, std::vector<Change>& into) {
    if (!differs() && !types_moved) return;
    std::optional<Places> before = places(old_, before_), after = places(now_, after_);
    bool calls_are_read = before_.language == abi::Language::c || before_.language == abi::Language::cxx;
    bool convention = before_.convention != after_.convention;
    bool takes_something = !before_.parameters.empty() || !before_.results.empty() || before_.receiver;
    if (unusual_before_ != unusual_after_ && calls_are_read && takes_something) {
        into.push_back(change(RuleId::DIFF_CALL_NOT_PLACED).with("why", why_unusual()));
    } else if ((types_moved || convention) && calls_are_read && !(before && after)) {
        into.push_back(change(RuleId::DIFF_CALL_NOT_PLACED)
                           .with("why",
                                 std::string(convention ? "it is called by another convention"
                                                        : "a type it takes or returns by value has another shape") +
                                     ", and where its arguments travel is not known for both sides"));
    }
    if (before_.receiver.has_value() != after_.receiver.has_value()) {
        std::string object = "the object (it is static " + std::string(after_.receiver ? "no longer" : "now") + ")";
        Change made = change(after_.receiver ? RuleId::DIFF_PARAMETER_ADDED : RuleId::DIFF_PARAMETER_REMOVED);
        into.push_back(std::move(made).with("number", std::string("`this`")).with("type", object).with("place", std::string("its place")));
    }
    for (const Kept& kept : kept_) report_parameter(kept, before, after, into);
    for (std::size_t i : added_) {
        into.push_back(change(RuleId::DIFF_PARAMETER_ADDED)
                           .with("number", fmt::format("{}", i + 1))
                           .with("type", "`" + spelled(now_, after_.parameters[i].type) + "`")
                           .with("place", after ? after->arguments[i] : std::string("its place")));
    }
    bool at_end = added_.empty() && (kept_.empty() || gone_.empty() || kept_.back().old < gone_.front());
    bool popped = before && after && before->popped != after->popped;
    for (std::size_t i : gone_) {
        into.push_back(change(at_end && !popped ? RuleId::DIFF_LAST_PARAMETER_REMOVED : RuleId::DIFF_PARAMETER_REMOVED)
                           .with("number", fmt::format("{}", i + 1))
                           .with("type", "`" + spelled(old_, before_.parameters[i].type) + "`"));
    }
    report_result(before, after, into);
    if (before_.named.has_value() != after_.named.has_value())
        into.push_back(
            change(RuleId::DIFF_VARIADIC_CHANGED).with("new", std::string(after_.named ? "takes `...` now" : "no longer takes `...`")));
    if (before_.no_return != after_.no_return)
        into.push_back(change(after_.no_return ? RuleId::DIFF_NORETURN_ADDED : RuleId::DIFF_NORETURN_REMOVED));
}

}  // namespace abiscope::diff
