// Exceptions that have no address in the log, and control that went astray.
#include <fmt/format.h>

#include "base/text.h"
#include "rules/crash_line_rules.h"
#include "rules/crash_retpoline.h"
#include "rules/x86_alignment.h"

namespace abiscope::rules {

std::optional<Cause> LineRules::fetch() {
    std::uint64_t target = *line_.address;
    if ((line_.error & core::pf_protection) != 0 && target >> 63 == 0) {
        CauseBuilder builder = begin(RuleId::CRASH_NOT_EXECUTABLE);
        builder.with_address("target", target).with("place", line_.module.empty() ? "memory of no file" : line_.module);
        judge(builder, Confidence::likely, std::string(no_dump) + "by which jump, call or return control got there only the stack tells");
        builder.help("a function pointer or return address leads into data");
        return builder.build();
    }
    if (target == 0) {
        CauseBuilder builder = begin(RuleId::CRASH_CALL_NULL);
        builder.with("from", "code that is not in the line").with("what", "a pointer that is 0x0");
        judge(builder, Confidence::likely,
              std::string(no_dump) + "a return address that was overwritten with 0 looks the same; the caller is on the stack");
        builder.help("find the function pointer, virtual table or weak symbol that was never set: a core dump names the caller");
        return builder.build();
    }
    missing(fmt::format(
        "how control got to {:#x}, where there is no code: by a function pointer, a jump table or a return address. The stack tells, which only a dump has",
        target));
    return std::nullopt;
}

std::optional<Cause> LineRules::trap() {
    std::string_view what = line_.what;
    if (what == "trap int3") {
        CauseBuilder builder = begin(RuleId::CRASH_BREAKPOINT);
        builder.with("function", place_words(crash_, *line_.pc - 1));
        judge(builder, Confidence::likely, std::string(no_dump) + "the exception is that of the instruction");
        builder.help("it is in the code on purpose (__debugbreak, Rust and Go runtime traps), or a debugger left it behind");
        return builder.build();
    }
    if (crash_.fault.code.empty()) {
        missing(line_.module.empty() ? std::string("the bytes of the instruction")
                                     : fmt::format("the bytes of the instruction: give {} by --exe", line_.module));
        return std::nullopt;
    }
    if (what == "trap invalid opcode") return invalid_opcode();
    if (instruction_ == nullptr) {
        missing("the bytes at the program counter are no instruction, and the exception is not that of one");
        return std::nullopt;
    }
    if (what == "trap divide error") return division();
    if (what.starts_with("general protection") || what == "trap stack segment") return protection(what == "trap stack segment");
    return std::nullopt;
}

std::optional<Cause> LineRules::invalid_opcode() {
    if (instruction_ == nullptr) {
        std::string bytes = text::hex_bytes(std::span(crash_.fault.code).first(std::min<std::size_t>(crash_.fault.code.size(), 8)), " ");
        CauseBuilder builder = begin(RuleId::CRASH_NOT_AN_INSTRUCTION);
        builder.with("bytes", bytes).with("function", place());
        judge(builder, Confidence::likely, "that no processor knows these bytes is the decoder's word");
        builder.help("a jump table, a function pointer or a return address is wrong, or code was overwritten");
        return builder.build();
    }
    const std::string& name = instruction_->mnemonic;
    if (name == "ud2" || name == "ud1" || name == "ud0") {
        CauseBuilder builder = begin(RuleId::CRASH_DELIBERATE_TRAP);
        builder.with("instruction", name).with("function", place());
        builder.reject("an instruction the processor lacks", fmt::format("{} is undefined on every processor, by definition", name));
        judge(builder, Confidence::likely, std::string(no_dump) + "the instruction is the whole evidence");
        builder.help(
            "the compiler put it where control must not come: __builtin_trap(), __builtin_unreachable() in a debug build, or a null pointer it could prove");
        return builder.build();
    }
    if (!instruction_->needs.nothing())
        missing(fmt::format("which processor it was: \"{}\" needs {}", instruction_->text, disasm::info(instruction_->needs.first).name));
    else missing(fmt::format("every processor of the architecture knows \"{}\"", instruction_->text));
    return std::nullopt;
}

std::optional<Cause> LineRules::division() {
    bool is_signed = instruction_->mnemonic == "idiv";
    missing(fmt::format("the divisor of \"{}\": 0, or {}", instruction_->text,
                        is_signed ? "-1 with the smallest number" : "too small for the dividend, which compilers do not make of C"));
    return std::nullopt;
}

std::optional<Cause> LineRules::protection(bool stack_segment) {
    if (!stack_segment && is_privileged(*instruction_)) {
        CauseBuilder builder = begin(RuleId::CRASH_PRIVILEGED_INSTRUCTION);
        builder.with("instruction", instruction_->text);
        judge(builder, Confidence::likely, std::string(no_dump) + "the instruction is the whole evidence");
        builder.help("code for a kernel or firmware, or control that landed where no code of this program is");
        return builder.build();
    }
    if (!stack_segment && instruction_->flow.branch == disasm::BranchKind::function_return) {
        if (auto reg = returns_to_register(crash_, crash_.fault.pc)) {
            CauseBuilder builder = begin(RuleId::CRASH_CALL_WILD);
            builder.with("target", "an address no x86-64 processor takes").with("from", "the caller of " + place());
            builder.derived(
                fmt::format("{} was stored over the return address just before: a call through it, made as a return (a retpoline)", *reg));
            builder.reject("a return address that was overwritten", "the code has put it there itself");
            judge(builder, Confidence::likely, std::string(no_dump) + "the pointer itself is in a register");
            builder.help("the function pointer or object was overwritten, freed or never set");
            return builder.build();
        }
        CauseBuilder builder = begin(RuleId::CRASH_RETURN_SMASHED);
        builder.with("target", "an address no x86-64 processor takes").with("function", place());
        builder.reject("a null pointer", "the only operand of the instruction is the return address");
        judge(builder, Confidence::likely, std::string(no_dump) + "the return address itself is on the stack");
        builder.help("a local array was written past its end: build with -fstack-protector-strong or -fsanitize=address");
        return builder.build();
    }
    bool aligned = false, memory = false;
    std::size_t operand = 0;
    for (std::size_t i = 0; i < instruction_->operands.size(); ++i) {
        const disasm::Operand& one = instruction_->operands[i];
        if (one.kind != disasm::Operand::Kind::memory || !one.memory.access) continue;
        aligned = aligned || required_alignment(*instruction_, i) != 0;
        if (!memory || !one.implicit) operand = i;
        memory = true;
    }
    if (!memory || aligned || !crash_.process.wide()) {
        missing(aligned ? fmt::format("the address that \"{}\" used: misaligned, or one that no processor takes", instruction_->text)
                        : fmt::format("why \"{}\" was refused: its registers are not in the line", instruction_->text));
        return std::nullopt;
    }
    if (instruction_->flow.branch == disasm::BranchKind::indirect_call || instruction_->flow.branch == disasm::BranchKind::indirect_jump) {
        missing(
            fmt::format("whether the pointer that \"{}\" loads its target from, or the target itself, is no address", instruction_->text));
        return std::nullopt;
    }
    const disasm::Operand& guilty = instruction_->operands[operand];
    CauseBuilder builder = begin(RuleId::CRASH_NON_CANONICAL);
    builder.operand(operand).with("access",
                                  fmt::format("{} {} byte{}", guilty.write ? "writes" : "reads", guilty.size, guilty.size == 1 ? "" : "s"));
    builder.with("address", "an address that is not in the line")
        .with("what", guilty.memory.base.empty() ? "no user address" : fmt::format("see {}", guilty.memory.base));
    builder.reject("a null pointer", "that is a page fault, and has an address in the log");
    builder.reject("a misaligned access", fmt::format("{} takes any address", instruction_->mnemonic));
    judge(builder, Confidence::likely, std::string(no_dump) + "the register itself is not in it");
    builder.help("memory that was freed and filled with a pattern, text over a pointer, a tagged pointer: a core dump shows which");
    return builder.build();
}

}  // namespace abiscope::rules
