#include "report/finding_words.h"

#include <fmt/format.h>

#include "base/text.h"
#include "report/demangle.h"

namespace abiscope::report {

std::string to_text(const finding::Argument& argument) {
    if (const auto* text = std::get_if<std::string>(&argument)) return text::printable(*text);
    if (const auto* number = std::get_if<std::uint64_t>(&argument)) return fmt::format("{}", *number);
    return text::hex(std::get<finding::Address>(argument).value);
}

namespace {

template <typename Words>
std::string fill(std::string_view form, const std::vector<finding::NamedArgument>& arguments, Words&& words) {
    std::string out;
    while (!form.empty()) {
        std::size_t open = form.find('{');
        std::size_t close = open == std::string_view::npos ? open : form.find('}', open);
        if (close == std::string_view::npos) break;
        std::string_view name = form.substr(open + 1, close - open - 1);
        out += form.substr(0, open);
        bool found = false;
        for (const finding::NamedArgument& argument : arguments) {
            if (argument.name != name) continue;
            out += words(argument);
            found = true;
            break;
        }
        if (!found) out += form.substr(open, close - open + 1);
        form.remove_prefix(close + 1);
    }
    out += form;
    return out;
}

// "std::f(int)@V1" of "_ZSt1fi@V1".
std::string subject_for_people(const std::string& name) {
    std::size_t at = name.find('@', 1);
    if (at == std::string::npos) return demangled(name);
    return demangled(name.substr(0, at)) + text::printable(name.substr(at));
}

}  // namespace

std::string filled(std::string_view form, const std::vector<finding::NamedArgument>& arguments) {
    return fill(form, arguments, [](const finding::NamedArgument& argument) { return to_text(argument.value); });
}

std::string filled_for_people(std::string_view form, const std::vector<finding::NamedArgument>& arguments) {
    return fill(form, arguments, [](const finding::NamedArgument& argument) {
        const auto* name = std::get_if<std::string>(&argument.value);
        return argument.name == "subject" && name != nullptr ? subject_for_people(*name) : to_text(argument.value);
    });
}

std::string title(const finding::Finding& finding) { return filled(finding::rule(finding.rule()).title, finding.arguments()); }

std::string title_for_people(const finding::Finding& finding) {
    return filled_for_people(finding::rule(finding.rule()).title, finding.arguments());
}

std::string describe(const finding::Evidence& evidence) {
    std::string line;
    if (!evidence.file.empty()) line += text::printable(evidence.file) + ": ";
    if (evidence.offset) {
        line += fmt::format("offset {:#x}", *evidence.offset);
        if (evidence.size.value_or(0) != 0) line += fmt::format(", {} bytes", *evidence.size);
        line += ": ";
    }
    if (evidence.address) line += fmt::format("address {:#x}: ", *evidence.address);
    line += text::printable(evidence.path);
    if (!evidence.reading.empty()) {
        line += evidence.kind == finding::EvidenceKind::absence ? " not found: "
            : evidence.kind == finding::EvidenceKind::derived   ? ": "
                                                                : " = ";
        line += text::printable(evidence.reading);
    }
    return line;
}

}  // namespace abiscope::report
