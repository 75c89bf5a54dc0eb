#include "diff/suppressions.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"

namespace abiscope::diff {

namespace {

constexpr std::size_t most_text = 1 << 20;   // bytes of a file
constexpr std::size_t most_depth = 16;       // brackets in each other: the parser of YAML calls itself for each

class FileReader {
public:
    explicit FileReader(const std::string& name) : name_(name) {}

    Result<std::vector<Suppression>> read(std::string_view text) {
        if (text.size() > most_text || too_deep(text)) return failed(1, "is too long, or nested too deeply, for a file of suppressions");
        YAML::Node root;
        try {
            root = YAML::Load(std::string(text));
        } catch (const YAML::Exception& problem) {
            return failed(line_of(problem.mark), "is not YAML: " + problem.msg);
        }
        std::vector<Suppression> all;
        if (!root.IsMap() || !root["suppressions"] || !root["suppressions"].IsSequence() || root.size() != 1)
            return failed(1, "is no list under the one key `suppressions:`");
        for (const YAML::Node& node : root["suppressions"]) {
            ABISCOPE_TRY(Suppression one, entry(node));
            all.push_back(std::move(one));
        }
        return all;
    }

private:
    static std::size_t line_of(const YAML::Mark& mark) { return mark.line < 0 ? 1 : static_cast<std::size_t>(mark.line) + 1; }

    static bool too_deep(std::string_view text) {
        std::size_t open = 0, deepest = 0, indent = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '[' || text[i] == '{') deepest = std::max(deepest, ++open);
            if ((text[i] == ']' || text[i] == '}') && open > 0) --open;
            // `- - - -` opens a list each.
            if (text[i] == '\n') indent = 0;
            else if (text[i] == '-' || text[i] == '?' || text[i] == ':')
                deepest = std::max(deepest, i > 0 && text[i - 1] == ' ' ? ++indent : indent);
            else if (text[i] != ' ') indent = 0;
        }
        return deepest > most_depth;
    }

    std::unexpected<Error> failed(std::size_t line, std::string what) const {
        return fail(
            Error{.code = ErrorCode::bad_value, .what = fmt::format("line {}: {}", line, what), .file = name_, .wanted = {}, .had = {}});
    }

    Result<Suppression> entry(const YAML::Node& node) const {
        Suppression out;
        out.line = line_of(node.Mark());
        if (!node.IsMap()) return failed(out.line, "a suppression is a list of `key: value`");
        std::string expires;
        const std::pair<const char*, std::string*> keys[] = {{"rule", &out.rule},   {"symbol", &out.symbol}, {"type", &out.type},
                                                             {"owner", &out.owner}, {"reason", &out.reason}, {"expires", &expires}};
        for (const auto& item : node) {
            std::size_t line = line_of(item.first.Mark());
            std::string key = item.first.IsScalar() ? item.first.Scalar() : std::string();
            const auto* known = std::ranges::find_if(keys, [&](const auto& one) { return key == one.first; });
            if (known == std::end(keys))
                return failed(line,
                              fmt::format("`{}` is not known; keys are rule, symbol, type, owner, reason, expires", text::printable(key)));
            if (!item.second.IsScalar()) return failed(line, fmt::format("the value of `{}` is no text", key));
            *known->second = std::string(text::trim(item.second.Scalar()));
        }
        if (out.owner.empty()) return failed(out.line, "the suppression has no owner: who answers for it?");
        if (out.reason.empty()) return failed(out.line, "the suppression has no reason");
        if (expires.empty()) return failed(out.line, "the suppression has no date on which it expires (expires: 2027-01-31)");
        if (out.rule.empty() && out.symbol.empty() && out.type.empty())
            return failed(out.line, "the suppression names no rule, symbol or type, and would hide everything");
        auto day = date(expires);
        if (!day) return failed(out.line, fmt::format("`{}` is no date like 2027-01-31", text::printable(expires)));
        out.expires = *day;
        return out;
    }

    static std::optional<std::chrono::year_month_day> date(std::string_view text) {
        std::vector<std::string_view> parts = text::split(text, "-");
        if (parts.size() != 3 || parts[0].size() != 4 || parts[1].size() != 2 || parts[2].size() != 2) return std::nullopt;
        std::uint64_t numbers[3] = {};
        for (std::size_t i = 0; i < 3; ++i) {
            if (parts[i].find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
            numbers[i] = text::parse_unsigned(parts[i]).value_or(0);
        }
        std::chrono::year_month_day day{std::chrono::year(static_cast<int>(numbers[0])),
                                        std::chrono::month(static_cast<unsigned>(numbers[1])),
                                        std::chrono::day(static_cast<unsigned>(numbers[2]))};
        return day.ok() ? std::optional(day) : std::nullopt;
    }

    const std::string& name_;
};

bool covers(const Suppression& suppression, const Change& change) {
    if (!suppression.rule.empty() && !text::glob_match(suppression.rule, finding::rule(change.rule).name)) return false;
    auto names = [&](const std::string& pattern, About about) {
        if (change.about != about) return false;
        if (text::glob_match(pattern, change.subject)) return true;
        // "point" for "struct point", "foo" for "foo@V1".
        std::size_t space = change.subject.find(' '), at = change.subject.find('@');
        if (about == About::type) return space != std::string::npos && text::glob_match(pattern, change.subject.substr(space + 1));
        return at != std::string::npos && at != 0 && text::glob_match(pattern, change.subject.substr(0, at));
    };
    if (!suppression.symbol.empty() && !suppression.type.empty())
        return names(suppression.symbol, About::symbol) || names(suppression.type, About::type);
    if (!suppression.symbol.empty()) return names(suppression.symbol, About::symbol);
    if (!suppression.type.empty()) return names(suppression.type, About::type);
    return true;
}

}  // namespace

Result<std::vector<Suppression>> read_suppressions(std::string_view text, const std::string& name) { return FileReader(name).read(text); }

void apply_suppressions(std::vector<Suppression>& suppressions, std::chrono::year_month_day today, std::vector<Change>& changes) {
    for (Suppression& suppression : suppressions) suppression.expired = suppression.expires < today;
    for (Change& change : changes) {
        for (std::size_t i = 0; i < suppressions.size() && !change.suppression; ++i) {
            if (suppressions[i].expired || !covers(suppressions[i], change)) continue;
            change.suppression = i;
            ++suppressions[i].hidden;
        }
    }
}

std::string to_string(std::chrono::year_month_day day) {
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

}  // namespace abiscope::diff
