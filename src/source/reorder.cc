#include "source/reorder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/result.h"

namespace abiscope::source {

namespace {

struct Range {
    std::size_t begin = 0, end = 0;   // bytes of the text
};

// Comments and white space of C and Go; nothing in front of a declaration is a literal.
class Blanks {
public:
    explicit Blanks(std::string_view text) : text_(text) {}

    // Behind one comment at `at`, the end of its line not included; `at` itself where there is none.
    [[nodiscard]] std::size_t behind_comment(std::size_t at, std::size_t end) const {
        std::string_view rest = text_.substr(at, end - at);
        if (rest.starts_with("//")) return std::min(text_.find('\n', at), end);
        if (!rest.starts_with("/*")) return at;
        std::size_t close = text_.find("*/", at + 2);
        return close == std::string_view::npos ? end : std::min(close + 2, end);
    }

    // The first byte that is neither comment nor white space.
    [[nodiscard]] std::size_t skip(std::size_t at, std::size_t end) const {
        while (at < end) {
            if (is_space(text_[at])) {
                ++at;
                continue;
            }
            std::size_t behind = behind_comment(at, end);
            if (behind == at) break;
            at = behind;
        }
        return at;
    }
    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }

private:
    std::string_view text_;
};

struct Declaration {
    Range range;                          // from its first token; in C with its semicolon
    std::vector<std::uint32_t> members;
    Range block;                          // what moves
    Range blank_lines;                    // at the beginning of the block
};

// A body in its new order, as ranges of the text it is made of.
struct Plan {
    Range replaced;
    std::vector<Range> pieces;
};

class Planner {
public:
    Planner(std::string_view text, abi::Language language, const MemberOrder& wanted)
        : text_(text), go_(language == abi::Language::go), wanted_(wanted), record_(*wanted.record), blanks_(text) {}

    Result<Plan> plan() {
        if (!record_.fixed_because.empty()) return refuse(record_.fixed_because);
        if (record_.body_begin > record_.body_end || record_.body_end > text_.size()) return refuse("its text is not understood");
        ABISCOPE_CHECK(find_declarations());
        ABISCOPE_CHECK(check_between());
        ABISCOPE_TRY(std::vector<std::size_t> order, order_of_declarations());
        std::string_view body = text_.substr(record_.body_begin, record_.body_end - record_.body_begin);
        return body.find('\n') == std::string_view::npos ? in_one_line(order) : in_lines(order);
    }

private:
    static std::unexpected<Error> refuse(std::string why) { return fail(ErrorCode::unsupported, std::move(why)); }
    [[nodiscard]] std::size_t line_of(std::size_t at) const {
        return 1 + static_cast<std::size_t>(std::ranges::count(text_.substr(0, at), '\n'));
    }

    Result<void> find_declarations() {
        for (std::uint32_t i = 0; i < record_.members.size(); ++i) {
            const MemberText& member = record_.members[i];
            if (member.begin < record_.body_begin || member.end > record_.body_end || member.begin >= member.end)
                return refuse("its members do not stand in its own text");
            if (!all_.empty() && all_.back().range.begin == member.begin) {
                all_.back().range.end = std::max(all_.back().range.end, member.end);
                all_.back().members.push_back(i);
            } else if (!all_.empty() && member.begin < all_.back().range.end) {
                return refuse(fmt::format("line {}: its members do not stand one behind the other", line_of(member.begin)));
            } else {
                all_.push_back({.range = {member.begin, member.end}, .members = {i}, .block = {}, .blank_lines = {}});
            }
        }
        if (all_.size() < 2) return refuse("one declaration declares all its members");
        if (go_) return {};
        for (Declaration& one : all_) {
            std::size_t semicolon = behind_attributes(one.range.end);
            if (semicolon >= record_.body_end || text_[semicolon] != ';')
                return refuse(fmt::format("line {}: what stands behind the member is not understood", line_of(one.range.end)));
            one.range.end = semicolon + 1;
        }
        return {};
    }

    // Attributes stand between a declarator and its semicolon, or macros that stand for them.
    [[nodiscard]] std::size_t behind_attributes(std::size_t at) const {
        auto in_word = [](char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
        for (;;) {
            at = blanks_.skip(at, record_.body_end);
            std::size_t end = at;
            while (end < record_.body_end && in_word(text_[end])) ++end;
            if (end < record_.body_end && text_[end] == '(' && end != at) end = behind_brackets(end);
            if (end == at) return at;
            at = end;
        }
    }
    [[nodiscard]] std::size_t behind_brackets(std::size_t at) const {
        std::size_t depth = 0;
        for (; at < record_.body_end; ++at) {
            if (text_[at] == '(') ++depth;
            if (text_[at] == ')' && --depth == 0) return at + 1;
        }
        return at;
    }

    // Nothing but comments, white space and the semicolons of Go.
    Result<void> check_between() const {
        std::size_t from = record_.body_begin;
        for (std::size_t i = 0; i <= all_.size(); ++i) {
            std::size_t to = i < all_.size() ? all_[i].range.begin : record_.body_end;
            if (to < from) return refuse(fmt::format("line {}: its members do not stand one behind the other", line_of(to)));
            std::size_t at = blanks_.skip(from, to);
            while (go_ && at < to && text_[at] == ';') at = blanks_.skip(at + 1, to);
            if (at < to && text_[at] == '#')
                return refuse(fmt::format("line {}: a preprocessor directive stands between its members", line_of(at)));
            if (at < to) return refuse(fmt::format("line {}: what stands between its members is not understood", line_of(at)));
            if (i < all_.size()) from = all_[i].range.end;
        }
        return {};
    }

    // What is declared together must stay together, and in its order.
    Result<std::vector<std::size_t>> order_of_declarations() const {
        std::vector<std::size_t> of_member(record_.members.size());
        for (std::size_t i = 0; i < all_.size(); ++i) {
            for (std::uint32_t member : all_[i].members) of_member[member] = i;
        }
        std::vector<std::size_t> order;
        std::vector<std::uint32_t> members;
        for (std::uint32_t member : wanted_.order) {
            if (member >= of_member.size()) return refuse("its text is not understood");
            std::size_t declaration = of_member[member];
            if (std::ranges::find(order, declaration) != order.end()) continue;
            order.push_back(declaration);
            members.insert(members.end(), all_[declaration].members.begin(), all_[declaration].members.end());
        }
        if (members == wanted_.order && members.size() == record_.members.size()) return order;
        auto several = std::ranges::find_if(all_, [](const Declaration& one) { return one.members.size() > 1; });
        if (several == all_.end()) return refuse("its text is not understood");
        return refuse(
            fmt::format("line {} declares members that would part: give each a declaration of its own", line_of(several->range.begin)));
    }

    [[nodiscard]] Plan in_one_line(const std::vector<std::size_t>& order) const {
        Plan plan{.replaced = {all_.front().range.begin, all_.back().range.end}, .pieces = {}};
        for (std::size_t i = 0; i < order.size(); ++i) {
            if (i != 0) plan.pieces.push_back({all_[i - 1].range.end, all_[i].range.begin});
            plan.pieces.push_back(all_[order[i]].range);
        }
        return plan;
    }

    [[nodiscard]] std::size_t behind_line(std::size_t at) const {
        std::size_t end = text_.find('\n', at);
        return end == std::string_view::npos ? text_.size() : end + 1;
    }
    [[nodiscard]] std::size_t line_begin(std::size_t at) const {
        std::size_t before = at == 0 ? std::string_view::npos : text_.rfind('\n', at - 1);
        return before == std::string_view::npos ? 0 : before + 1;
    }
    [[nodiscard]] std::size_t indent_of(std::size_t line) const { return text_.find_first_not_of(" \t", line) - line; }

    // The end of the lines of a declaration: a comment behind it may go on below.
    [[nodiscard]] std::size_t behind_declaration(const Declaration& one) const {
        std::size_t at = one.range.end;
        std::size_t comment = 0;
        while (at < record_.body_end && text_[at] != '\n') {
            std::size_t behind = blanks_.behind_comment(at, record_.body_end);
            if (behind != at) comment = at;
            at = behind == at ? at + 1 : behind;
        }
        std::size_t end = behind_line(at);
        if (comment == 0 || !text_.substr(comment).starts_with("//")) return end;
        std::size_t column = comment - line_begin(comment);
        if (column == indent_of(line_begin(one.range.begin))) return end;
        while (end < record_.body_end && text_.substr(end + std::min(indent_of(end), column)).starts_with("//") && indent_of(end) == column)
            end = behind_line(end);
        return end;
    }

    Result<Plan> in_lines(const std::vector<std::size_t>& order) {
        std::size_t from = behind_line(record_.body_begin);
        for (Declaration& one : all_) {
            if (one.range.begin < from)
                return refuse(fmt::format("line {}: its members, or its braces, share a line", line_of(one.range.begin)));
            std::size_t end = behind_declaration(one);
            if (end > record_.body_end) return refuse(fmt::format("line {}: its closing brace shares a line", line_of(record_.body_end)));
            one.block = {from, end};
            std::size_t content = from;
            while (content < one.range.begin && text_.find_first_not_of(" \t\r", content) == text_.find('\n', content))
                content = behind_line(content);
            one.blank_lines = {from, content};
            from = end;
        }
        Plan plan{.replaced = {all_.front().block.begin, all_.back().block.end}, .pieces = {}};
        for (std::size_t i = 0; i < order.size(); ++i) {
            const Declaration& one = all_[order[i]];
            // Nothing is set apart from the brace.
            plan.pieces.push_back(i == 0 ? Range{one.blank_lines.end, one.block.end} : one.block);
        }
        return plan;
    }

    std::string_view text_;
    bool go_;
    const MemberOrder& wanted_;
    const RecordText& record_;
    Blanks blanks_;
    std::vector<Declaration> all_;
};

// A struct may stand within a member of another: the inner one changes where the outer one puts it.
class Writer {
public:
    Writer(std::string_view text, std::vector<Plan> plans) : text_(text), plans_(std::move(plans)) {
        std::ranges::sort(plans_, [](const Plan& a, const Plan& b) {
            return std::pair(a.replaced.begin, b.replaced.end) < std::pair(b.replaced.begin, a.replaced.end);
        });
    }

    [[nodiscard]] std::string write() const { return write({0, text_.size()}, plans_.size()); }

private:
    // `within`: the plan whose piece this is.
    [[nodiscard]] std::string write(Range range, std::size_t within) const {
        std::string out;
        std::size_t at = range.begin;
        for (std::size_t i = 0; i < plans_.size(); ++i) {
            const Range& replaced = plans_[i].replaced;
            bool inside = replaced.begin >= at && replaced.end <= range.end && i != within && (within == plans_.size() || i > within);
            if (!inside) continue;
            out += text_.substr(at, replaced.begin - at);
            for (const Range& piece : plans_[i].pieces) out += write(piece, i);
            at = replaced.end;
        }
        return out + std::string(text_.substr(at, range.end - at));
    }

    std::string_view text_;
    std::vector<Plan> plans_;
};

}  // namespace

Reordered reorder_members(std::string_view text, abi::Language language, std::span<const MemberOrder> wanted) {
    Reordered out;
    std::vector<Plan> plans;
    for (const MemberOrder& one : wanted) {
        auto plan = Planner(text, language, one).plan();
        out.refused.push_back(plan ? std::string() : plan.error().what);
        if (plan) plans.push_back(*std::move(plan));
    }
    out.text = Writer(text, std::move(plans)).write();
    return out;
}

}  // namespace abiscope::source
