#include "report/diff_view.h"
#include "report/finding_words.h"

namespace abiscope::report {

namespace {

Json change_json(const diff::Change& change, const DiffView& view) {
    const finding::Rule& rule = finding::rule(change.rule);
    Json json{{"rule", rule.name},
              {"class", to_string(change.weight)},
              {"about", to_string(change.about)},
              {"subject", change.subject},
              {"title", filled(rule.title, change.arguments)},
              {"reason", filled(rule.reason, change.arguments)}};
    if (!change.lowered.empty()) json["lowered"] = change.lowered;
    json["arguments"] = arguments_json(change.arguments);
    if (change.about == diff::About::type) {
        json["reached_by"] = change.reached_by;
        json["reached_count"] = change.reached_count;
    }
    if (change.suppression) {
        const diff::Suppression& by = view.suppressions[*change.suppression];
        json["suppressed"] = {{"owner", by.owner}, {"reason", by.reason}, {"expires", diff::to_string(by.expires)}};
    }
    return json;
}

Json file_json(const surface::Surface& surface) {
    Json json{{"subject", to_json(surface.subject)}, {"compared", surface.compared}, {"symbols", surface.symbols.size()}};
    if (!surface.soname.empty()) json["soname"] = surface.soname;
    if (!surface.profile.empty()) json["profile"] = surface.profile;
    if (!surface.missing.types.empty()) json["types_missing"] = surface.missing.types;
    return json;
}

}  // namespace

Json diff_json(const DiffView& view) {
    DiffCounts counts = count(view.comparison);
    Json json{
        {"subject", to_json(view.now.subject)}, {"old", file_json(view.old)}, {"new", file_json(view.now)}, {"verdict", verdict(counts)}};
    json["counts"] = {{"breaking", counts.breaking},
                      {"unknown", counts.unknown},
                      {"risky", counts.risky},
                      {"harmless", counts.harmless},
                      {"suppressed", counts.suppressed}};
    json["symbols_compared"] = view.comparison.symbols;
    json["types_compared"] = view.comparison.types;
    json["same_bytes"] = view.comparison.same_bytes;
    json["changes"] = Json::array();
    for (const diff::Change& change : view.comparison.changes) json["changes"].push_back(change_json(change, view));
    json["not_compared"] = Json::array();
    for (const diff::NotCompared& one : view.comparison.not_compared)
        json["not_compared"].push_back({{"type", one.type},
                                        {"declared_only_in",
                                         one.in_old && one.in_new ? "both"
                                             : one.in_old         ? "old"
                                                                  : "new"}});
    json["suppressions"] = Json::array();
    for (const diff::Suppression& one : view.suppressions) {
        json["suppressions"].push_back({{"line", one.line},
                                        {"rule", one.rule},
                                        {"symbol", one.symbol},
                                        {"type", one.type},
                                        {"owner", one.owner},
                                        {"reason", one.reason},
                                        {"expires", diff::to_string(one.expires)},
                                        {"expired", one.expired},
                                        {"hidden", one.hidden}});
    }
    return json;
}

}  // namespace abiscope::report
