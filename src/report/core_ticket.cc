// The answer in a dozen lines that can be pasted into a ticket: no columns, no colour, no column of addresses.
#include <fmt/format.h>

#include "base/text.h"
#include "report/core_view.h"
#include "report/demangle.h"
#include "report/finding_words.h"

namespace abiscope::report {

namespace {

constexpr std::size_t most_frames = 8;
constexpr std::size_t most_facts = 6;

std::string source_words(const std::string& file, std::uint32_t line) {
    if (file.empty()) return {};
    std::string name = text::printable(text::base_name(file));
    return line == 0 ? fmt::format(" ({})", name) : fmt::format(" ({}:{})", name, line);
}

std::string frame_words(core::Crash& crash, const core::StackItem& item) {
    if (item.frame.signal) return fmt::format("<{}>", signal_words(item.frame.signal->info));
    const core::Location& location = crash.symbols.described(item.frame.lookup_pc());
    std::string out;
    for (const core::Location::Inlined& one : location.inlined)
        out += fmt::format("{}{} < ", demangled(one.function), source_words(one.file, one.line));
    if (!location.function.empty()) out += demangled(location.function);
    else if (location.module != nullptr)
        out += fmt::format("{}+{:#x}", text::printable(location.module->name()), item.frame.pc - location.module->start);
    else out += "?";
    out += source_words(location.file, location.line);
    if (item.repeats != 0) out += fmt::format(" [{} rounds more]", item.repeats);
    return out;
}

}  // namespace

std::string core_ticket(const CoreAnswer& answer) {
    core::Crash& crash = *answer.crash;
    const core::Process& process = crash.process;
    std::string out;
    if (const auto& cause = answer.diagnosis.cause) {
        const finding::Finding& finding = cause->finding;
        out += fmt::format("{} ({}): {}\n", finding::rule(finding.rule()).name, finding::to_string(finding.confidence()),
                           cause_headline(finding));
        std::string facts;
        std::size_t count = 0;
        for (const rules::Fact& fact : cause->facts) {
            if (count++ == most_facts) break;
            facts += fmt::format("{}{}", facts.empty() ? "" : "; ", text::printable(fact.reading));
        }
        out += fmt::format("facts: {}\n", facts);
        for (const auto& rejected : finding.rejected())
            out += fmt::format("not {} because {}\n", text::printable(rejected.lookalike), text::printable(rejected.because));
    } else {
        out +=
            fmt::format("cause unknown: {}\n",
                        answer.diagnosis.missing.empty() ? signal_words(crash.signal) : text::printable(answer.diagnosis.missing.front()));
    }
    std::string stack;
    // What ends a program is on top of the stack; what led to it is behind.
    std::size_t first = answer.bucket ? answer.bucket->first_item : 0;
    std::size_t last = first;
    bool started = false;
    for (std::size_t i = first; i < crash.stack.items.size() && i < first + most_frames && !started; ++i) {
        stack += fmt::format("{}{}", stack.empty() ? "" : " < ", frame_words(crash, crash.stack.items[i]));
        last = i;
        // How the program was started is the same for all.
        started = crash.function(i) == "main" || crash.function(i) == "main.main";
    }
    if (!started && crash.stack.items.size() > last + 1) stack += " < ...";
    if (!stack.empty()) out += fmt::format("stack: {}\n", stack);
    if (const core::Module* program = process.program())
        out += fmt::format("program: {}{}{}, {} thread{}\n", text::printable(program->name()),
                           program->build_id.empty() ? "" : ", build-id " + program->build_id,
                           process.layout == nullptr ? "" : fmt::format(", {}", process.layout->name), process.notes.threads.size(),
                           process.notes.threads.size() == 1 ? "" : "s");
    if (answer.bucket) out += fmt::format("bucket: {}\n", answer.bucket->id);
    return out;
}

}  // namespace abiscope::report
