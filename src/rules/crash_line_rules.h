// The rules of a line of the kernel's log: page faults in crash_line.cc, control and other exceptions in crash_line_trap.cc.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/spec.h"
#include "rules/crash_builder.h"
#include "rules/crash_line.h"

namespace abiscope::rules {

inline constexpr std::uint64_t line_page = 4096;
inline constexpr const char* no_dump = "a line of the log is no dump: ";

class LineRules {
public:
    LineRules(core::Crash& crash, const core::KernelLine& line, const core::LineFacts& facts) : crash_(crash), line_(line), facts_(facts) {
        if (crash.fault.instruction) instruction_ = &*crash.fault.instruction;
    }

    Diagnosis diagnose();

private:
    void missing(std::string words);

    [[nodiscard]] std::string place();

    // "app+0x1699": where to look without a file.
    [[nodiscard]] std::string module_place() const;

    // What every answer starts with.
    CauseBuilder begin(RuleId rule);
    CauseBuilder& judge(CauseBuilder& builder, finding::Confidence confidence, const std::string& because);

    // --- page faults of x86 ---
    std::optional<Cause> page_fault();

    // What lies there alone does not tell them apart.
    static std::string first_page_words(std::uint64_t address);
    CauseBuilder begin_access(RuleId rule, const core::Access& access);
    std::optional<Cause> segment(const core::Access& access, const disasm::MemoryOperand& memory);
    std::optional<Cause> pointer(const core::Access& access, const disasm::MemoryOperand& memory);
    std::optional<Cause> negative(const core::Access& access, const disasm::MemoryOperand& memory);

    // PUSH, CALL and locals at the stack pointer, in a page that is not there.
    std::optional<Cause> near_stack(const core::Access& access, const disasm::MemoryOperand& memory);
    [[nodiscard]] std::string own_place(std::uint64_t address) const;

    // --- control ---
    std::optional<Cause> fetch();

    // --- other exceptions of x86 ---
    std::optional<Cause> trap();
    std::optional<Cause> invalid_opcode();
    std::optional<Cause> division();
    std::optional<Cause> protection(bool stack_segment);

    // --- arm64 ---
    std::optional<Cause> arm64();

    core::Crash& crash_;
    const core::KernelLine& line_;
    const core::LineFacts& facts_;
    const disasm::Instruction* instruction_ = nullptr;
    std::vector<std::string> missing_;
};

}  // namespace abiscope::rules
