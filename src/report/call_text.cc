#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "abi/convention.h"
#include "abi/type_name.h"
#include "base/text.h"
#include "report/call_view.h"

namespace abiscope::report {

namespace {

// "rdi", "[sp+8]"; of several pieces also which bytes of the value.
std::string place_text(const abi::Location& location) {
    return location.kind == abi::LocationKind::stack ? fmt::format("[sp+{}]", location.stack_offset) : location.name;
}

std::string places_text(const abi::Travels& travels) {
    std::string out;
    for (const abi::Location& location : travels.locations) {
        if (!out.empty()) out += location.also ? " and " : " + ";
        out += place_text(location);
    }
    switch (travels.passed) {
        case abi::Passed::directly: return out.empty() ? "nothing" : out;
        case abi::Passed::ignored: return "nothing";
        case abi::Passed::by_pointer_to_copy:
        case abi::Passed::by_hidden_reference: return "&" + out;
        case abi::Passed::through_result_pointer: return out.empty() ? "*(result)" : fmt::format("*(result), {}", out);
    }
    return out;
}

bool is_hidden(const abi::Travels& travels) { return travels.name == "(result)" || travels.name == "this"; }

// The values of all profiles, joined: hidden arguments and parameters are not at the same place of the list everywhere.
struct Row {
    std::string key;
    std::string label;
    std::vector<const abi::Travels*> cells;
};

std::vector<Row> rows_of(const FunctionCalls& function) {
    std::vector<Row> rows;
    auto put = [&](std::size_t column, std::string key, std::string label, const abi::Travels& travels) {
        auto at = std::ranges::find(rows, key, &Row::key);
        if (at == rows.end()) {
            rows.push_back({std::move(key), std::move(label), std::vector<const abi::Travels*>(function.profiles.size())});
            at = rows.end() - 1;
        }
        at->cells[column] = &travels;
    };
    for (bool hidden : {true, false}) {
        for (std::size_t column = 0; column < function.profiles.size(); ++column) {
            const ProfileCall& one = function.profiles[column];
            if (!one.call) continue;
            std::size_t index = 0;
            for (const abi::Travels& travels : one.call->arguments) {
                if (!is_hidden(travels)) ++index;
                if (is_hidden(travels) != hidden) continue;
                std::string label = hidden ? travels.name : abi::declaration(one.declared->types, travels.type, travels.name);
                if (travels.variadic) label += "  (for ...)";
                put(column, hidden ? travels.name : fmt::format("argument {}", index), text::printable(label), travels);
            }
        }
    }
    for (std::size_t column = 0; column < function.profiles.size(); ++column) {
        const ProfileCall& one = function.profiles[column];
        if (!one.call) continue;
        for (std::size_t i = 0; i < one.call->results.size(); ++i) {
            const abi::Travels& travels = one.call->results[i];
            std::string label = travels.name.empty() ? std::string("result") : "result " + travels.name;
            if (travels.name.empty() && one.call->results.size() > 1) label += fmt::format(" {}", i + 1);
            put(column, fmt::format("result {}", i),
                text::printable(label + ": " + abi::declaration(one.declared->types, travels.type, {})), travels);
        }
    }
    return rows;
}

std::string facts(const ProfileCall& one, std::string_view which) {
    const abi::Call& call = *one.call;
    if (which == "convention") return one.signature.convention ? std::string(abi::to_string(call.convention)) : "-";
    if (which == "stack arguments") return call.stack_arguments == 0 ? "-" : fmt::format("{} bytes", call.stack_arguments);
    if (which == "stack aligned to") return fmt::format("{}", call.stack_alignment);
    if (which == "shadow space") return call.shadow_space == 0 ? "-" : fmt::format("{} bytes", call.shadow_space);
    if (which == "red zone") return call.red_zone == 0 ? "-" : fmt::format("{} bytes", call.red_zone);
    if (which == "spill space") return call.spill_space == 0 ? "-" : fmt::format("{} bytes", call.spill_space);
    if (which == "popped by the callee") return call.callee_pops_bytes == 0 ? "-" : fmt::format("{} bytes", call.callee_pops_bytes);
    return return_address(*one.profile);
}

class Table {
public:
    Table(const FunctionCalls& function, const Style& style) : function_(function), style_(style), rows_(rows_of(function)) {
        for (const char* fact : {"convention", "stack arguments", "shadow space", "spill space", "red zone", "popped by the callee",
                                 "stack aligned to", "return address"}) {
            if (std::ranges::any_of(function.profiles, [&](const ProfileCall& one) { return one.call && facts(one, fact) != "-"; }))
                facts_.emplace_back(fact);
        }
        for (const Row& row : rows_) first_ = std::max(first_, columns(row.label));
        for (const std::string& fact : facts_) first_ = std::max(first_, columns(fact));
        for (const ProfileCall& one : function.profiles) {
            std::size_t width = columns(one.profile->name);
            std::size_t column = widths_.size();
            for (const Row& row : rows_) width = std::max(width, columns(cell(row, column)));
            widths_.push_back(width);
        }
    }

    // As many columns as the terminal has room for, the rest below.
    [[nodiscard]] std::string text() const {
        std::string out;
        for (std::size_t from = 0; from < widths_.size();) {
            std::size_t used = 4 + first_, to = from;
            while (to < widths_.size() && (to == from || used + 2 + widths_[to] <= static_cast<std::size_t>(style_.width)))
                used += 2 + widths_[to++];
            out += part(from, to);
            from = to;
        }
        return out;
    }

private:
    [[nodiscard]] std::string cell(const Row& row, std::size_t column) const {
        if (row.cells[column] != nullptr) return places_text(*row.cells[column]);
        return function_.profiles[column].call ? "-" : "?";
    }

    template <typename Of>
    [[nodiscard]] std::string line(const std::string& label, std::size_t from, std::size_t to, Tone tone, Of&& of) const {
        std::string out = "    " + padded(label, first_);
        for (std::size_t column = from; column < to; ++column)
            out += "  " + (column + 1 < to ? padded(of(column), widths_[column]) : of(column));
        while (out.ends_with(' ')) out.pop_back();
        return style_.paint(tone, out) + "\n";
    }

    [[nodiscard]] std::string part(std::size_t from, std::size_t to) const {
        std::string out = line("", from, to, Tone::strong, [&](std::size_t column) { return function_.profiles[column].profile->name; });
        for (const Row& row : rows_) out += line(row.label, from, to, Tone::plain, [&](std::size_t column) { return cell(row, column); });
        for (const std::string& fact : facts_) {
            out += line(fact, from, to, Tone::faint, [&](std::size_t column) {
                const ProfileCall& one = function_.profiles[column];
                return one.call ? facts(one, fact) : std::string("?");
            });
        }
        return out;
    }

    const FunctionCalls& function_;
    const Style& style_;
    std::vector<Row> rows_;
    std::vector<std::string> facts_;
    std::size_t first_ = 0;
    std::vector<std::size_t> widths_;
};

std::string how_passed(const abi::Travels& travels) {
    switch (travels.passed) {
        case abi::Passed::directly: return {};
        case abi::Passed::by_pointer_to_copy: return "; the caller makes a copy, and a pointer to it travels";
        case abi::Passed::by_hidden_reference: return "; it may not be copied bitwise, so a reference to the caller's object travels";
        case abi::Passed::through_result_pointer: return "; the callee writes it where the caller's hidden pointer says";
        case abi::Passed::ignored: return "; it is empty, and nothing travels";
    }
    return {};
}

std::string steps_text(const std::vector<abi::Step>& steps, const Style& style, std::size_t indent) {
    std::string out;
    for (const abi::Step& step : steps) {
        std::string line = step.what;
        if (!step.rule.empty()) line += fmt::format(" [{}]", step.rule);
        out += std::string(indent, ' ') + "- " +
            wrapped(line, static_cast<std::size_t>(std::max(40, style.width)) - indent - 2, indent + 2) + "\n";
    }
    return out;
}

std::string explained(const ProfileCall& one, const Style& style) {
    auto value = [&](const abi::Travels& travels, std::string_view kind, std::size_t index) {
        std::string name = travels.name.empty() ? fmt::format("{} {}", kind, index + 1) : travels.name;
        std::string out = fmt::format("      {}: {}: {}{}\n", style.paint(Tone::strong, text::printable(name)), travels.class_name,
                                      places_text(travels), how_passed(travels));
        if (travels.locations.size() > 1) {
            for (const abi::Location& location : travels.locations)
                out += fmt::format("        {}: bytes {} to {}\n", place_text(location), location.byte_offset,
                                   location.byte_offset + location.size - 1);
        }
        return out + style.paint(Tone::faint, steps_text(travels.steps, style, 8));
    };
    std::string out;
    for (std::size_t i = 0; i < one.call->arguments.size(); ++i) out += value(one.call->arguments[i], "argument", i);
    for (std::size_t i = 0; i < one.call->results.size(); ++i) out += value(one.call->results[i], "result", i);
    if (!one.call->callee_saved.empty())
        out += "      " +
            wrapped("the callee keeps " + text::join(one.call->callee_saved, ", "), static_cast<std::size_t>(style.width) - 8, 8) + "\n";
    else out += "      the callee keeps no register\n";
    return out + style.paint(Tone::faint, steps_text(one.call->notes, style, 6));
}

std::string condition_text(const source::Condition& condition, const Style& style) {
    std::size_t width = static_cast<std::size_t>(std::max(60, style.width)) - 10;
    std::string out = style.paint(Tone::bad, "    only if") + " " +
        wrapped(fmt::format("{}; otherwise {}", condition.only_if, condition.otherwise), width, 10) + "\n";
    for (const std::string& one : condition.evidence) out += "          - " + wrapped(one, width - 2, 12) + "\n";
    return out;
}

std::string frame_text(const ProfileCall& one, const Style& style) {
    std::string out = style.paint(Tone::faint, "      at the call  at entry  bytes") + "\n";
    auto place = [](std::int64_t offset) { return fmt::format("sp{}{}", offset < 0 ? "-" : "+", offset < 0 ? -offset : offset); };
    std::vector<StackRun> runs = stack_runs(one);
    for (const StackRun& run : runs)
        out += fmt::format("      {:<11}  {:<8}  {:>5}  {}\n", place(run.at_call), place(run.at_entry), run.size, run.what);
    if (return_address(*one.profile) != "on the stack")
        out += fmt::format("      the return address is in {} at entry\n", return_address(*one.profile));
    return out;
}

}  // namespace

const ProfileCall* FunctionCalls::first() const {
    auto at = std::ranges::find_if(profiles, [](const ProfileCall& one) { return one.call.has_value(); });
    return at == profiles.end() ? nullptr : &*at;
}

std::string signature_text(const abi::TypeTable& types, const abi::Signature& signature) {
    bool go = signature.language == abi::Language::go;
    std::string parameters;
    std::size_t named = signature.named.value_or(static_cast<std::uint32_t>(signature.parameters.size()));
    for (std::size_t i = 0; i < signature.parameters.size() && i < named; ++i)
        parameters += (i == 0 ? "" : ", ") + abi::declaration(types, signature.parameters[i].type, signature.parameters[i].name);
    if (signature.named) parameters += parameters.empty() ? "..." : ", ...";
    if (!go) {
        std::string inner = fmt::format("{}({})", signature.name, parameters);
        return signature.results.empty() ? "void " + inner : abi::declaration(types, signature.results.front().type, inner);
    }
    std::string results;
    for (const abi::Parameter& result : signature.results)
        results += (results.empty() ? "" : ", ") + abi::declaration(types, result.type, result.name);
    bool brackets = signature.results.size() > 1 || (signature.results.size() == 1 && !signature.results.front().name.empty());
    if (brackets) results = "(" + results + ")";
    std::string receiver = signature.receiver ? fmt::format("({}) ", abi::declaration(types, *signature.receiver, {})) : std::string();
    // A method is named T.F, and written (T) F.
    std::string name = signature.receiver ? signature.name.substr(signature.name.rfind('.') + 1) : signature.name;
    return fmt::format("func {}{}({}){}{}", receiver, name, parameters, results.empty() ? "" : " ", results);
}

std::string call_text(const FunctionCalls& function, const CallOptions& options, const Style& style) {
    const ProfileCall* first = function.first();
    std::string out = style.paint(Tone::strong,
                                  first == nullptr ? text::printable(function.name)
                                                   : text::printable(signature_text(first->declared->types, first->signature))) +
        "\n";
    if (first != nullptr) out += Table(function, style).text();
    bool several = std::ranges::count_if(function.profiles, [](const ProfileCall& one) { return one.call.has_value(); }) > 1;
    bool pointer = false;
    for (const ProfileCall& one : function.profiles) {
        if (!one.call) continue;
        for (const abi::Travels& travels : one.call->arguments)
            pointer = pointer || travels.passed == abi::Passed::by_pointer_to_copy || travels.passed == abi::Passed::by_hidden_reference;
        if (!options.explain && !options.frame) continue;
        if (several) out += fmt::format("    {}\n", style.paint(Tone::strong, one.profile->name));
        if (options.explain) out += explained(one, style);
        if (options.frame) out += frame_text(one, style);
    }
    // One source, one condition: it does not depend on the profile.
    if (first != nullptr && first->condition) out += condition_text(*first->condition, style);
    if (pointer) out += style.paint(Tone::faint, "    &: a pointer to the value travels, not the value") + "\n";
    std::map<std::string, std::string> refused;
    for (const ProfileCall& one : function.profiles) {
        if (!one.error) continue;
        std::string& who = refused[one.error->describe()];
        who += (who.empty() ? "" : ", ") + one.profile->name;
    }
    std::size_t width = static_cast<std::size_t>(std::max(60, style.width)) - 10;
    for (const auto& [why, who] : refused)
        out += style.paint(Tone::bad, "    cannot tell") + " " + wrapped(fmt::format("under {}: {}", who, why), width, 10) + "\n";
    return out;
}

}  // namespace abiscope::report
