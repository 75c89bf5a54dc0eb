#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/size_words.h"
#include "base/text.h"
#include "core/spec.h"
#include "report/core_view.h"
#include "report/demangle.h"
#include "report/finding_words.h"
#include "report/place_view.h"

namespace abiscope::report {

std::string signal_words(const core::SignalInfo& signal) {
    if (signal.number == 0) return "no signal";
    std::string out(core::signal_name(signal.number));
    if (out.empty()) out = fmt::format("signal {}", signal.number);
    std::string_view code = core::code_name(signal.number, signal.code);
    if (!code.empty() && signal.complete) out += fmt::format(" {}", code);
    if (signal.complete && signal.address && core::is_fault(signal.number)) out += fmt::format(" addr {:#x}", *signal.address);
    return out;
}

namespace {

// The mangled names among the words, as a person reads them; "function+0x12" too.
std::string demangled_within(std::string_view words) {
    auto of_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$' || c == '.'; };
    std::string out;
    for (std::size_t at = 0; at < words.size();) {
        std::size_t end = at;
        while (end < words.size() && of_name(words[end])) ++end;
        std::string_view word = words.substr(at, end - at);
        if (word.starts_with("_Z") || word.starts_with("_R")) {
            std::string name = demangled(std::string(word));
            constexpr std::string_view type_info = "typeinfo for ";
            out += name.starts_with(type_info) ? name.substr(type_info.size()) : name;
        } else {
            out += word;
        }
        if (end < words.size() && end == at) ++end, out += words[at];
        at = end;
    }
    return out;
}

}  // namespace

std::string cause_headline(const finding::Finding& finding) {
    // Names are mangled in arguments, and "function+0x12" too.
    std::vector<finding::NamedArgument> arguments = finding.arguments();
    for (finding::NamedArgument& argument : arguments) {
        auto* value = std::get_if<std::string>(&argument.value);
        if (value == nullptr) continue;
        *value = demangled_within(*value);
    }
    return filled(finding::rule(finding.rule()).title, arguments);
}

namespace {

std::string place_of(core::Crash& crash, std::uint64_t pc, std::uint64_t lookup) {
    const core::Location& location = crash.symbols.described(lookup);
    if (!location.function.empty()) return fmt::format("{}+{:#x}", demangled(location.function), pc - location.function_start);
    if (location.module != nullptr) return fmt::format("{}+{:#x}", text::printable(location.module->name()), pc - location.module->start);
    return fmt::format("{:#x}", pc);
}

// The operands as they stand in the text: start and size of each.
std::vector<std::pair<std::size_t, std::size_t>> written_operands(std::string_view text) {
    std::vector<std::pair<std::size_t, std::size_t>> out;
    std::size_t begin = text.find(' ');
    if (begin == std::string_view::npos) return out;
    ++begin;
    std::size_t depth = 0;
    for (std::size_t i = begin; i <= text.size(); ++i) {
        char c = i < text.size() ? text[i] : ',';
        if (c == '[') ++depth;
        if (c == ']' && depth > 0) --depth;
        if (c != ',' || depth != 0) continue;
        out.emplace_back(begin, i - begin);
        begin = i + 2;
    }
    return out;
}

// The operand as it stands in the text. Decoders list operands that nobody writes (the mask k0 of AVX-512), so the memory operands are
// counted apart from the others.
std::pair<std::size_t, std::size_t> operand_span(const disasm::Instruction& instruction, std::size_t operand) {
    std::pair<std::size_t, std::size_t> whole{0, instruction.text.size()};
    if (operand >= instruction.operands.size() || instruction.operands[operand].implicit) return whole;
    auto is_memory = [](const disasm::Operand& one) { return one.kind == disasm::Operand::Kind::memory; };
    bool wanted = is_memory(instruction.operands[operand]);
    std::size_t before = 0;
    for (std::size_t i = 0; i < operand; ++i) {
        const disasm::Operand& one = instruction.operands[i];
        before += !one.implicit && is_memory(one) == wanted ? 1 : 0;
    }
    for (auto [start, size] : written_operands(instruction.text)) {
        bool memory = std::string_view(instruction.text).substr(start, size).find('[') != std::string_view::npos;
        if (memory != wanted) continue;
        if (before == 0) return {start, size};
        --before;
    }
    return whole;
}

// The instruction, and under its guilty operand what its registers held.
std::string instruction_lines(const CoreAnswer& answer, const Style& style) {
    core::Crash& crash = *answer.crash;
    const core::Fault& fault = crash.fault;
    if (!fault.instruction || !core::is_fault(fault.signal.number) || core::is_sent(fault.signal.code)) return {};
    const disasm::Instruction& instruction = *fault.instruction;
    std::string place = place_of(crash, fault.pc, fault.pc);
    std::string out = fmt::format("  {} {} {}\n", place, style.paint(Tone::accent, "|"), instruction.text);
    if (!answer.diagnosis.cause || !answer.diagnosis.cause->operand) return out;
    std::size_t index = *answer.diagnosis.cause->operand;
    auto [start, size] = operand_span(instruction, index);
    std::string values;
    auto add = [&](std::string_view name) {
        std::string_view whole = fault.registers.whole(name);
        auto value = fault.registers.get(whole);
        if (!whole.empty() && value) values += fmt::format("{}{} = {:#x}", values.empty() ? "" : ", ", whole, *value);
    };
    if (index < instruction.operands.size()) {
        const disasm::Operand& operand = instruction.operands[index];
        if (operand.kind == disasm::Operand::Kind::reg) add(operand.reg);
        else {
            add(operand.memory.base);
            add(operand.memory.index);
        }
        // Of a gather's elements the one that faulted.
        bool several = std::ranges::count(fault.accesses, index, &core::Access::operand) > 1;
        for (const core::Access& access : fault.accesses) {
            if (access.operand == index && (!several || access.touches(fault.signal.address.value_or(0))))
                values += fmt::format("{}address {:#x}", values.empty() ? "" : ", ", access.address);
        }
    }
    out += fmt::format("  {:{}} {} {:{}}{} {}\n", "", columns(place), style.paint(Tone::accent, "|"), "", start,
                       style.paint(Tone::bad, std::string(std::max<std::size_t>(size, 1), '^')), values);
    return out;
}

std::string source_words(const std::string& file, std::uint32_t line) {
    if (file.empty()) return {};
    return line == 0 ? fmt::format(" at {}", text::printable(file)) : fmt::format(" at {}:{}", text::printable(file), line);
}

std::string frame_line(core::Crash& crash, std::uint64_t number, const core::StackItem& item, const Style& style) {
    const core::Frame& frame = item.frame;
    if (frame.signal)
        return fmt::format(
            "  #{:<4} {}\n", number,
            style.paint(Tone::warning,
                        fmt::format("<{} delivered here>",
                                    frame.signal->info.number == 0 ? "a signal that is not recorded" : signal_words(frame.signal->info))));
    const core::Location& location = crash.symbols.described(frame.lookup_pc());
    std::string out;
    for (const core::Location::Inlined& one : location.inlined)
        out += fmt::format("  {:<5} {:18} {}{}{}\n", "", "", one.function.empty() ? "?" : demangled(one.function),
                           source_words(one.file, one.line), style.paint(Tone::faint, "  [inlined]"));
    std::string place = location.module == nullptr ? "?" : place_of(crash, frame.pc, frame.lookup_pc());
    out += fmt::format("  #{:<4} {:#018x} {}", number, frame.pc, place);
    out += source_words(location.file, location.line);
    if (location.module != nullptr && !location.function.empty()) out += fmt::format(" ({})", text::printable(location.module->name()));
    if (frame.trust != core::Trust::cfi && frame.trust != core::Trust::context && frame.trust != core::Trust::language) {
        std::string trust(core::to_string(frame.trust));
        std::ranges::replace(trust, '_', ' ');
        out += style.paint(Tone::faint, fmt::format("  [{}]", trust));
    }
    return out + "\n";
}

// How much of a stack is printed, and what with it.
struct Listing {
    const Style& style;
    std::size_t most;
    const core::GoHeap* heap = nullptr;
};

std::string live_lines(core::Crash& crash, const std::vector<core::FrameSlots>& slots, std::size_t frame, const Listing& listing) {
    return frame < slots.size() ? slots_text(crash, slots[frame], listing.heap, listing.style) : std::string();
}

std::string backtrace(core::Crash& crash, const core::Stack& stack, const std::vector<core::FrameSlots>& slots, const Listing& listing) {
    const Style& style = listing.style;
    if (stack.items.empty()) return fmt::format("  no backtrace: {}\n", text::printable(stack.end));
    std::vector<std::uint64_t> printed;
    for (std::size_t i = 0; i < std::min(stack.items.size(), listing.most); ++i) printed.push_back(stack.items[i].frame.lookup_pc());
    crash.symbols.describe(printed);
    std::string out;
    std::uint64_t number = 0;
    std::size_t fold_until = 0;
    std::uint64_t folded = 0;
    std::uint64_t bytes = 0;
    std::uint32_t cycle = 0;
    for (std::size_t i = 0; i < stack.items.size(); ++i) {
        const core::StackItem& item = stack.items[i];
        if (i >= listing.most) {
            out += fmt::format("  ... and {} more frames\n", stack.frames - number);
            break;
        }
        out += frame_line(crash, number++, item, style);
        out += live_lines(crash, slots, i, listing);
        if (item.repeats != 0) {
            fold_until = i + item.cycle;
            folded = item.repeats;
            bytes = item.bytes;
            cycle = item.cycle;
        }
        if (folded != 0 && i + 1 == fold_until) {
            out += style.paint(Tone::faint,
                               fmt::format("        ... {} more rounds of {} frame{}, {} bytes of stack each: {}\n", folded, cycle,
                                           cycle == 1 ? "" : "s", bytes, text::size_words(folded * bytes)));
            number += folded * cycle;
            folded = 0;
        }
    }
    if (!stack.complete)
        out += fmt::format("  {} {}\n", style.paint(Tone::warning, "the backtrace ends here:"), text::printable(stack.end));
    return out;
}

std::string ids_text(const std::vector<std::uint64_t>& ids) {
    constexpr std::size_t most = 8;
    std::string out;
    for (std::size_t i = 0; i < std::min(ids.size(), most); ++i) out += fmt::format("{}{}", i == 0 ? "" : ", ", ids[i]);
    return ids.size() > most ? out + fmt::format(" and {} more", ids.size() - most) : out;
}

std::string backtraces(const CoreAnswer& answer, const Listing& listing) {
    core::Crash& crash = *answer.crash;
    auto title = [&](std::string_view of, std::uint64_t frames) {
        return fmt::format("{}{} ({} frame{})\n", listing.style.paint(Tone::strong, "backtrace"), of, frames, frames == 1 ? "" : "s");
    };
    std::string out;
    if (!crash.stack.items.empty()) out += title("", crash.stack.frames);
    out += backtrace(crash, crash.stack, answer.slots, listing);
    for (std::size_t i = 0; i < answer.thread_stacks.size(); ++i) {
        if (i == crash.thread_index) continue;
        const core::Stack& stack = answer.thread_stacks[i];
        out += title(fmt::format(" of thread {}", crash.process.notes.threads[i].id), stack.frames);
        out += backtrace(crash, stack, {}, listing);
    }
    return out;
}

std::string waiting_words(const core::GoroutineGroup& group) {
    std::uint64_t seconds = group.waiting_for / 1'000'000'000;
    if (seconds == 0) return {};
    if (seconds < 120) return fmt::format(", for at least {} s", seconds);
    return fmt::format(", for at least {} minutes", seconds / 60);
}

std::string group_text(const CoreAnswer& answer, std::size_t index, const Listing& listing) {
    core::Crash& crash = *answer.crash;
    const Style& style = listing.style;
    const core::GoroutineGroup& group = answer.goroutines->groups[index];
    std::string state(group.first.status_name.empty() ? "in a state that is not known" : group.first.status_name);
    if (!group.first.wait_reason.empty()) state += fmt::format(" ({})", group.first.wait_reason);
    if (group.first.syscall_sp != 0 && group.first.wait_reason.empty()) state += " (system call or C)";
    state += waiting_words(group);
    std::string out =
        fmt::format("  {} {}: {}\n", style.paint(Tone::accent, fmt::format("{}x", group.ids.size())), state, ids_text(group.ids));
    std::size_t number = 0;
    static const std::vector<core::FrameSlots> none;
    const auto& slots = index < answer.goroutine_slots.size() ? answer.goroutine_slots[index] : none;
    for (const core::StackItem& item : group.stack.items) {
        if (number >= listing.most) {
            out += fmt::format("  ... and {} more frames\n", group.stack.frames - number);
            break;
        }
        out += frame_line(crash, number, item, style) + live_lines(crash, slots, number, listing);
        ++number;
    }
    if (!group.stack.complete)
        out += fmt::format("  {} {}\n", style.paint(Tone::warning, "it ends here:"), text::printable(group.stack.end));
    if (std::uint64_t created_at = core::created_at(group.first); created_at != 0) {
        const core::Location& location = crash.symbols.at(created_at - 1);
        out += fmt::format("        created by {} at {}:{}\n", text::printable(location.function), text::printable(location.file),
                           location.line);
    }
    return out;
}

std::string files_text(const core::Process& process, const Style& style) {
    std::string out;
    for (const core::Module& module : process.modules) {
        if (module.state == core::FileState::other_build_id) {
            out +=
                fmt::format("  {} {}: the file here is another build and is not used (the dump has build-id {}, the file {})\n",
                            style.paint(Tone::warning, "refused"), text::printable(module.opened), module.build_id, module.file_build_id);
        } else if (module.state == core::FileState::other_header) {
            out += fmt::format("  {} {}: the file here is another one and is not used (what is in the dump of it differs)\n",
                               style.paint(Tone::warning, "refused"), text::printable(module.opened));
        } else if (module.state == core::FileState::unproven) {
            out += fmt::format("  {} {}: the dump has nothing to prove the file with (no build-id, first page not dumped)\n",
                               style.paint(Tone::warning, "not used"), text::printable(module.opened));
        } else if (module.state == core::FileState::not_found) {
            out += fmt::format("  {} {} (--sysroot and --exe say where to look){}\n", style.paint(Tone::warning, "not found"),
                               text::printable(module.path), module.build_id.empty() ? "" : fmt::format(", build-id {}", module.build_id));
        }
    }
    for (const std::string& lost : process.lost)
        out += fmt::format("  {} {}\n", style.paint(Tone::warning, "missing"), text::printable(lost));
    return out;
}

// Lines whose last word was left out end in a blank.
std::string without_trailing_blanks(std::string_view out) {
    std::string clean;
    for (std::string_view line : text::split(out, "\n")) {
        while (line.ends_with(' ')) line.remove_suffix(1);
        clean += line;
        clean += '\n';
    }
    clean.pop_back();
    return clean;
}

}  // namespace

std::string goroutines_text(const CoreAnswer& answer, const Style& style, const CoreTextOptions& options) {
    const core::Goroutines& goroutines = *answer.goroutines;
    Listing listing{.style = style, .most = options.most_frames, .heap = answer.heap ? &*answer.heap : nullptr};
    std::string out = fmt::format("{} ({} in {} place{})\n", style.paint(Tone::strong, "goroutines"), goroutines.count,
                                  goroutines.groups.size(), goroutines.groups.size() == 1 ? "" : "s");
    if (!goroutines.found) out += "  their list was not found in the dump\n";
    for (std::size_t i = 0; i < goroutines.groups.size(); ++i) out += group_text(answer, i, listing);
    return without_trailing_blanks(out);
}

std::string core_text(const CoreAnswer& answer, const Style& style, const CoreTextOptions& options) {
    core::Crash& crash = *answer.crash;
    const core::Process& process = crash.process;
    std::string out = style.paint(Tone::strong, text::printable(answer.path)) + ":";
    if (process.notes.process)
        out += fmt::format(
            " {} (process {})",
            text::printable(process.notes.process->arguments.empty() ? process.notes.process->name : process.notes.process->arguments),
            process.notes.process->pid);
    if (process.layout != nullptr) out += fmt::format(" {},", process.layout->name);
    out += fmt::format(" {} thread{}, {}\n", process.notes.threads.size(), process.notes.threads.size() == 1 ? "" : "s",
                       signal_words(crash.signal));
    if (const auto& cause = answer.diagnosis.cause) {
        const finding::Finding& finding = cause->finding;
        const finding::Rule& rule = finding::rule(finding.rule());
        out +=
            fmt::format("{} {}\n", style.paint(Tone::bad, fmt::format("{}[{}]:", finding::to_string(rule.severity), style.rule(rule.name))),
                        style.paint(Tone::strong, cause_headline(finding)));
        out += instruction_lines(answer, style);
        for (const rules::Fact& fact : cause->facts)
            out += fmt::format("  {} {} {}\n", style.paint(Tone::accent, "-->"), text::printable(demangled_within(fact.reading)),
                               style.paint(Tone::faint, fact.source == "derived" ? "" : "(" + text::printable(fact.source) + ")"));
        if (finding.confidence() != finding::Confidence::proven)
            out += fmt::format("  {} {}: {}\n", style.paint(Tone::accent, "  ="), finding::to_string(finding.confidence()),
                               text::printable(demangled_within(finding.confidence_reason())));
        for (const auto& rejected : finding.rejected())
            out += fmt::format("  {} not {} because {}\n", style.paint(Tone::accent, "  ="),
                               text::printable(demangled_within(rejected.lookalike)), text::printable(demangled_within(rejected.because)));
        for (const finding::Fix& fix : finding.fixes())
            out += fmt::format("  {} {}\n", style.paint(Tone::good, "help:"), text::printable(demangled_within(fix.text)));
    } else {
        out += fmt::format("{} {}\n", style.paint(Tone::warning, "cannot tell:"),
                           style.paint(Tone::strong, "the evidence does not name one cause"));
        out += instruction_lines(answer, style);
        for (const std::string& missing : answer.diagnosis.missing)
            out += fmt::format("  {} {}\n", style.paint(Tone::accent, "-->"), text::printable(missing));
    }
    out += backtraces(answer, {.style = style, .most = options.most_frames, .heap = answer.heap ? &*answer.heap : nullptr});
    if (answer.goroutines) out += goroutines_text(answer, style, options);
    if (answer.bucket) out += fmt::format("{} {}\n", style.paint(Tone::strong, "bucket"), answer.bucket->id);
    out += files_text(process, style);
    return without_trailing_blanks(out);
}

}  // namespace abiscope::report
