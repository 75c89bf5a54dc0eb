// What the rules of crashes share: collecting facts with their sources.
#pragma once

#include <string>
#include <utility>

#include "finding/rule.h"
#include "rules/crash.h"

namespace abiscope::rules {

using finding::Confidence;
using finding::RuleId;

class CauseBuilder {
public:
    CauseBuilder(RuleId rule, core::Crash& crash) : rule_(rule), crash_(crash) {}

    // Number and code, and the address where the signal has one. Every cause starts with it.
    CauseBuilder& signal();
    CauseBuilder& signal_field(std::string_view name, std::uint64_t value, std::string reading);
    CauseBuilder& reg(std::string_view name, const std::string& more = {});
    CauseBuilder& instruction();
    CauseBuilder& memory(std::uint64_t address, std::size_t size, std::string reading);
    CauseBuilder& mapping(std::uint64_t address, std::string reading = {});
    CauseBuilder& unmapped(std::uint64_t address, std::string reading = {});
    CauseBuilder& derived(std::string reading);
    // What a log says, or the code beside it: nothing in a dump that it could be checked against.
    CauseBuilder& said(std::string source, std::string reading);
    CauseBuilder& operand(std::size_t index) {
        operand_ = index;
        return *this;
    }

    CauseBuilder& with(std::string name, std::string value) {
        arguments_.push_back({std::move(name), std::move(value)});
        return *this;
    }
    CauseBuilder& with(std::string name, std::uint64_t value) {
        arguments_.push_back({std::move(name), value});
        return *this;
    }
    CauseBuilder& with_address(std::string name, std::uint64_t value) {
        arguments_.push_back({std::move(name), finding::Address{value}});
        return *this;
    }
    CauseBuilder& confidence(Confidence confidence, std::string because) {
        confidence_ = confidence;
        because_ = std::move(because);
        return *this;
    }
    CauseBuilder& reject(std::string what, std::string because) {
        rejected_.push_back({std::move(what), std::move(because)});
        return *this;
    }
    CauseBuilder& help(std::string text, finding::FixKind kind = finding::FixKind::source);

    [[nodiscard]] Cause build();

private:
    CauseBuilder& add(Fact fact);

    RuleId rule_;
    core::Crash& crash_;
    std::vector<Fact> facts_;
    std::vector<finding::NamedArgument> arguments_;
    std::vector<std::pair<std::string, std::string>> rejected_;
    std::vector<finding::Fix> fixes_;
    std::optional<std::size_t> operand_;
    Confidence confidence_ = Confidence::proven;
    std::string because_;
};

// A rule looks at the crash and says its cause, or nothing. `missing` takes what it would have needed.
struct Ask {
    core::Crash& crash;
    std::vector<std::string>& missing;
};
using CrashRule = std::optional<Cause> (*)(Ask);

// One file for each family. The order of diagnose() is that of the questions, most decisive first.
[[nodiscard]] std::optional<Cause> outside_signal(Ask ask);
[[nodiscard]] std::optional<Cause> seccomp_violation(Ask ask);
[[nodiscard]] std::optional<Cause> library_abort(Ask ask);
[[nodiscard]] std::optional<Cause> language_abort(Ask ask);
[[nodiscard]] std::optional<Cause> go_abort(Ask ask);
[[nodiscard]] std::optional<Cause> go_asked_to_dump(Ask ask);
[[nodiscard]] std::optional<Cause> bad_jump_buffer(Ask ask);
[[nodiscard]] std::optional<Cause> bad_signal_frame(Ask ask);
[[nodiscard]] std::optional<Cause> bad_handler(Ask ask);
[[nodiscard]] std::optional<Cause> unmapped_memory(Ask ask);
[[nodiscard]] std::optional<Cause> bad_control_transfer(Ask ask);
[[nodiscard]] std::optional<Cause> general_protection(Ask ask);
[[nodiscard]] std::optional<Cause> stack_exhausted(Ask ask);
[[nodiscard]] std::optional<Cause> segment_access(Ask ask);
[[nodiscard]] std::optional<Cause> bad_pointer(Ask ask);
[[nodiscard]] std::optional<Cause> bus_error(Ask ask);
[[nodiscard]] std::optional<Cause> illegal_instruction(Ask ask);
[[nodiscard]] std::optional<Cause> arithmetic_trap(Ask ask);

// --- what several families ask ---

// Of a SIGSEGV without an address, whose instruction raises no such exception.
[[nodiscard]] std::optional<Cause> bad_vector_state(Ask ask);
[[nodiscard]] std::optional<Cause> no_room_for_handler(Ask ask);

// The module in whose file a segment lies at the address, whatever is mapped there.
struct ImagePart {
    const core::Module* module = nullptr;
    const elf::Segment* segment = nullptr;
};
[[nodiscard]] std::optional<ImagePart> image_part(const core::Process& process, std::uint64_t address);

// Whether the signal is a SIGSEGV of a page fault (an address was recorded), and the access at that address.
[[nodiscard]] bool is_page_fault(const core::Fault& fault);
[[nodiscard]] const core::Access* guilty_access(const core::Fault& fault);
// "reads 8 bytes", "writes 4 bytes"
[[nodiscard]] std::string access_words(const core::Access& access);
// "the byte 0xe5, repeated", "the text \"hello\"", empty where nothing is remarkable.
[[nodiscard]] std::string pattern_words(std::uint64_t value);
// "main+0x13", or the module and offset where no symbol covers it.
[[nodiscard]] std::string place_words(core::Crash& crash, std::uint64_t pc);
[[nodiscard]] std::string hexadecimal(std::uint64_t value);

}  // namespace abiscope::rules
