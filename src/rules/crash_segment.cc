// Accesses through fs and gs: thread-local storage, and Windows' thread block where there is none.
#include <fmt/format.h>

#include "core/spec.h"
#include "rules/crash_builder.h"
#include "rules/windows_thread_block.h"

namespace abiscope::rules {

namespace {

void tell_windows(CauseBuilder& builder, const core::Crash& crash) {
    bool windows_image = false;
    for (const core::MappedFile& file : crash.process.notes.files)
        windows_image = windows_image || file.path.ends_with(".dll") || file.path.ends_with(".exe");
    if (windows_image) builder.derived("a .dll or .exe is mapped in the process");
}

// On i386 a segment register selects a descriptor; the first one may be selected and not used (Intel SDM volume 3, 3.4.2).
std::optional<Cause> null_selector(Ask ask) {
    const core::Fault& fault = ask.crash.fault;
    if (fault.signal.number != core::sigsegv || fault.signal.code != core::si_kernel || !fault.signal.complete || !fault.instruction ||
        ask.crash.process.layout->name != "i386")
        return std::nullopt;
    constexpr std::uint64_t privilege = 3;
    for (std::size_t i = 0; i < fault.instruction->operands.size(); ++i) {
        const disasm::Operand& operand = fault.instruction->operands[i];
        const disasm::MemoryOperand& memory = operand.memory;
        if (operand.kind != disasm::Operand::Kind::memory || !memory.access || (memory.segment != "fs" && memory.segment != "gs")) continue;
        auto selector = fault.registers.get(memory.segment);
        if (!selector || (*selector & 0xffff & ~privilege) != 0) continue;
        std::uint64_t offset = memory.address.value_or(static_cast<std::uint64_t>(memory.displacement)) & 0xffffffff;
        bool no_register = memory.base.empty() && memory.index.empty();
        std::string_view field = memory.segment == "fs" && no_register ? thread_block_field(offset, false) : "";
        CauseBuilder builder(field.empty() ? RuleId::CRASH_SEGMENT_BASE_LOST : RuleId::CRASH_WINDOWS_THREAD_BLOCK, ask.crash);
        builder.operand(i).signal().instruction().reg(memory.segment, "the null selector: nothing can be reached through it");
        builder.reject("a null pointer", fmt::format("the operand is relative to {}, which selects no segment", memory.segment));
        if (field.empty()) {
            builder.with("segment", std::string(memory.segment)).with_address("address", offset).with("value", "none (its selector is 0)");
            builder.help(
                "thread-local storage of this thread is not set up: code ran before the C library, or on a thread it did not make (clone() "
                "without CLONE_SETTLS), or something loaded the register");
        } else {
            builder.with("operand", fmt::format("fs:[{:#x}]", offset)).with("field", std::string(field));
            tell_windows(builder, ask.crash);
            builder.help("this is code for Windows (or compiled for it): run it with wine, or set fs to a thread block before it runs");
        }
        return builder.build();
    }
    return std::nullopt;
}

}  // namespace

std::optional<Cause> segment_access(Ask ask) {
    if (auto cause = null_selector(ask)) return cause;
    const core::Fault& fault = ask.crash.fault;
    if (!is_page_fault(fault) || !fault.instruction || !ask.crash.process.wide()) return std::nullopt;
    const core::Access* access = guilty_access(fault);
    if (access == nullptr) return std::nullopt;
    const disasm::MemoryOperand& memory = fault.instruction->operands[access->operand].memory;
    if (memory.segment != "fs" && memory.segment != "gs") return std::nullopt;
    std::string base_name = fmt::format("{}_base", memory.segment);
    auto base = fault.registers.get(base_name);
    if (!base) {
        ask.missing.push_back(fmt::format("the base of {} is not in the dump", memory.segment));
        return std::nullopt;
    }
    // What the operand says without the segment.
    std::uint64_t offset = access->address - access->segment_base;
    if (memory.segment == "gs" && *base == 0) {
        std::string_view field = thread_block_field(offset);
        bool no_register = memory.base.empty() && memory.index.empty();
        if (!field.empty() && no_register) {
            CauseBuilder builder(RuleId::CRASH_WINDOWS_THREAD_BLOCK, ask.crash);
            builder.operand(access->operand).signal().instruction().reg("gs_base", "Linux does not use gs");
            builder.with("operand", fmt::format("gs:[{:#x}]", offset)).with("field", std::string(field));
            builder.derived(fmt::format("gs base 0 + {:#x} = the address of the fault", offset));
            tell_windows(builder, ask.crash);
            builder.reject("a null pointer", "the operand has no base register; its segment gs has base 0");
            builder.help("this is code for Windows (or compiled for it): run it with wine, or set gs to a thread block before it runs");
            return builder.build();
        }
    }
    // A base that leads nowhere is wrong; where it leads to something, what was added to it is.
    bool lost = *base == 0 || (memory.base.empty() && memory.index.empty() && ask.crash.process.memory.region_at(*base) == nullptr);
    if (!lost) return std::nullopt;
    std::string value = *base == 0 ? "0" : hexadecimal(*base);
    CauseBuilder builder(RuleId::CRASH_SEGMENT_BASE_LOST, ask.crash);
    builder.operand(access->operand).signal().instruction().reg(base_name);
    builder.with("segment", std::string(memory.segment)).with_address("address", *fault.signal.address).with("value", value);
    builder.derived(fmt::format("{} base {} + {} = the address of the fault", memory.segment, value, hexadecimal(offset)));
    if (*base != 0) builder.unmapped(*base);
    builder.reject("a null pointer", fmt::format("the operand is relative to {}, whose base is {}", memory.segment, value));
    builder.help(
        "thread-local storage of this thread is not set up: code ran before the C library, or on a thread it did not make (clone()), or "
        "something set the base (arch_prctl(), a context switch of the program's own)");
    return builder.build();
}

}  // namespace abiscope::rules
