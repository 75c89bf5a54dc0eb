#include "cli/layout_fix.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "abi/better_order.h"
#include "abi/layout.h"
#include "abi/type_name.h"
#include "cli/subjects.h"
#include "report/unified_diff.h"
#include "source/reorder.h"

namespace abiscope::cli {

namespace {

void reorder(abi::Record& record, const std::vector<std::uint32_t>& order) {
    std::vector<abi::Field> fields = record.fields;
    for (std::size_t i = 0; i < order.size(); ++i) record.fields[i] = fields[order[i]];
}

// Types as they would be with other orders of members.
class Trials {
public:
    // Bytes of the type with its members in that order; nothing where it has no layout.
    std::optional<std::uint64_t> size(const report::ProfileLayout& one, const std::vector<std::uint32_t>& order) {
        auto [at, fresh] = tables_.try_emplace(one.declared.get());
        if (fresh) at->second = one.declared->types;
        abi::TypeTable& types = at->second;
        abi::Record* record = types.record(types.resolve(one.type));
        if (record == nullptr || record->fields.size() != order.size()) return std::nullopt;
        std::vector<abi::Field> fields = record->fields;
        reorder(*record, order);
        auto layout = abi::lay_out(types, one.type, *one.profile);
        record->fields = std::move(fields);
        return layout ? std::optional(layout->size) : std::nullopt;
    }

private:
    std::map<const source::Declarations*, abi::TypeTable> tables_;
};

// A path as `patch` takes it: it refuses one from the root.
std::string name_in_patch(const std::string& file) {
    std::error_code failed;
    std::filesystem::path near = std::filesystem::proximate(file, failed);
    bool below = !failed && !near.empty() && *near.begin() != ".." && !near.is_absolute();
    return below ? near.string() : file;
}

// Why a type that could be smaller stays as it is; empty when it need not.
std::string worse_elsewhere(Trials& trials, const report::TypeLayouts& type, const abi::BetterOrder& better) {
    for (const report::ProfileLayout& one : type.profiles) {
        if (!one.layout) continue;
        auto size = trials.size(one, better.fields);
        if (size && *size > one.layout->size)
            return fmt::format("it would take {} bytes instead of {} under {}", *size, one.layout->size, one.profile->name);
    }
    return {};
}

}  // namespace

Result<LayoutFix> fix_layouts(const LayoutAnswer& answer, const NamedSource& from, const std::string& file) {
    bool known = from.language == abi::Language::c || from.language == abi::Language::go;
    if (from.program != nullptr || file.empty() || file == "-" || !known)
        return fail(Error{.code = ErrorCode::bad_usage, .what = "layout: --fix changes files in C and Go", .file = from.name});
    ABISCOPE_TRY(SourcePtr source, open_subject(file));
    std::string_view text = source->view().as_text();
    LayoutFix out;
    if (answer.types.empty() || !answer.types.front().profiles.front().declared) return out;
    Trials trials;
    std::vector<source::MemberOrder> orders;
    std::vector<const report::TypeLayouts*> changed;
    std::set<const report::TypeLayouts*> decided;
    // The types as they become: what holds a struct that got smaller has another best order than before.
    abi::TypeTable types = answer.types.front().profiles.front().declared->types;
    auto text_of = [&](const report::TypeLayouts& type) {
        const report::ProfileLayout& first = type.profiles.front();
        auto at = std::ranges::find(first.declared->texts, types.resolve(first.type), &source::RecordText::type);
        return at == first.declared->texts.end() ? nullptr : &*at;
    };
    auto why_fixed = [&](const report::TypeLayouts& type, const abi::BetterOrder& better) {
        source::MemberOrder wanted{text_of(type), better.fields};
        if (wanted.record == nullptr) return std::string("another file declares it");
        std::string because = worse_elsewhere(trials, type, better);
        return because.empty() ? source::reorder_members(text, from.language, {&wanted, 1}).refused.front() : because;
    };
    // Adds what has to have the same order; says why that is not possible.
    auto find_alike = [&](const report::TypeLayouts& type, const abi::BetterOrder& better,
                          std::vector<const report::TypeLayouts*>& together) {
        for (abi::TypeId id : text_of(type)->alike) {
            std::string other = abi::title(types, id);
            auto at = std::ranges::find_if(answer.types, [&](const report::TypeLayouts& one) {
                return one.profiles.front().layout && types.resolve(one.profiles.front().type) == id;
            });
            std::string because = at == answer.types.end() ? std::string("it is not asked about") : why_fixed(*at, better);
            if (!because.empty()) return fmt::format("it is converted from or to {}, which has to stay: {}", other, because);
            together.push_back(&*at);
        }
        return std::string();
    };
    auto decide = [&](const report::TypeLayouts& type) {
        const report::ProfileLayout& first = type.profiles.front();
        auto layout = abi::lay_out(types, first.type, *first.profile);
        if (!layout) return false;
        abi::BetterOrder better = abi::better_order(types, first.type, *layout);
        if (better.saved == 0) return false;
        decided.insert(&type);
        std::vector<const report::TypeLayouts*> together{&type};
        std::string because = why_fixed(type, better);
        if (because.empty()) because = find_alike(type, better, together);
        if (!because.empty()) {
            out.kept.push_back({abi::title(types, first.type), types.at(types.resolve(first.type)).declared.line, std::move(because)});
            return false;
        }
        for (const report::TypeLayouts* one : together) {
            decided.insert(one);
            orders.push_back({text_of(*one), better.fields});
            changed.push_back(one);
            reorder(*types.record(types.resolve(one->profiles.front().type)), better.fields);
        }
        return true;
    };
    for (bool again = true; again;) {
        again = false;
        for (const report::TypeLayouts& type : answer.types) {
            if (type.profiles.front().layout && !decided.contains(&type)) again = decide(type) || again;
        }
    }
    for (const report::TypeLayouts* type : changed) {
        const report::ProfileLayout& first = type->profiles.front();
        auto layout = abi::lay_out(types, first.type, *first.profile);
        out.changed.push_back(
            {abi::title(types, first.type), first.profile->name, first.layout->size, layout ? layout->size : first.better.size});
    }
    out.patch = report::unified_diff(name_in_patch(file), text, source::reorder_members(text, from.language, orders).text);
    return out;
}

}  // namespace abiscope::cli
