#include "rules/crash_line.h"

#include <algorithm>

#include <fmt/format.h>

#include "rules/crash_line_rules.h"
#include "rules/crash_operand.h"
#include "rules/windows_thread_block.h"

namespace abiscope::rules {

namespace {

constexpr const char* source_name = "kernel line";

}  // namespace

Diagnosis LineRules::diagnose() {
    Diagnosis out;
    if (line_.kind == core::LineKind::x86_page_fault) out.cause = page_fault();
    else if (line_.kind == core::LineKind::x86_trap) out.cause = trap();
    else out.cause = arm64();
    if (!facts_.refused.empty()) missing(fmt::format("the file is not used: {}", facts_.refused));
    if (!out.cause && missing_.empty()) missing(fmt::format("no rule covers \"{}\"", line_.what));
    out.missing = std::move(missing_);
    return out;
}

void LineRules::missing(std::string words) { missing_.push_back(std::move(words)); }

std::string LineRules::place() { return place_words(crash_, *line_.pc); }

std::string LineRules::module_place() const {
    if (line_.module.empty()) return "no file is mapped there";
    if (line_.file_offset) return fmt::format("offset {:#x} of {}", *line_.file_offset, line_.module);
    return fmt::format("{:#x} bytes into the mapping of {}", *line_.pc - line_.module_start, line_.module);
}

CauseBuilder LineRules::begin(RuleId rule) {
    CauseBuilder builder(rule, crash_);
    builder.said(source_name, line_.what + (line_.address ? fmt::format(" at {:#x}", *line_.address) : ""));
    if (line_.kind == core::LineKind::x86_page_fault)
        builder.said(source_name, fmt::format("error {:#x}: {}", line_.error, core::page_fault_words(line_.error)));
    if (line_.pc) builder.said(source_name, fmt::format("the program counter was {:#x}: {}", *line_.pc, module_place()));
    if (instruction_ != nullptr) {
        std::string from = facts_.file == core::FileProof::none ? "the line's code" : line_.module;
        builder.said(std::move(from), instruction_->text);
        if (facts_.file == core::FileProof::code_agrees) builder.said(line_.module, "the line's code is that of the file");
    }
    return builder;
}

CauseBuilder& LineRules::judge(CauseBuilder& builder, finding::Confidence confidence, const std::string& because) {
    std::string trust = facts_.file == core::FileProof::unproven
        ? fmt::format("; that {} is the file that ran is taken on trust, as the line has no code to compare", line_.module)
        : std::string();
    return builder.confidence(confidence, because + trust);
}

std::optional<Cause> LineRules::page_fault() {
    if ((line_.error & core::pf_fetch) != 0) return fetch();
    std::uint64_t address = *line_.address;
    if (instruction_ == nullptr) {
        missing(line_.module.empty()
                    ? std::string("the bytes of the instruction: the line has no code")
                    : fmt::format("the bytes of the instruction: give the line with \"Code:\" behind it, or {} by --exe", line_.module));
        if (address < line_page) missing(first_page_words(address));
        return std::nullopt;
    }
    if (!facts_.operand) {
        missing(fmt::format("which of the operands of \"{}\" was accessed", instruction_->text));
        return std::nullopt;
    }
    const core::Access* access = nullptr;
    for (const core::Access& one : crash_.fault.accesses) {
        if (one.operand == *facts_.operand) access = &one;
    }
    const disasm::MemoryOperand& memory = instruction_->operands[*facts_.operand].memory;
    if (access == nullptr) {
        missing(
            fmt::format("the registers of \"{}\": the address {:#x} does not tell the base from the index", instruction_->text, address));
        return std::nullopt;
    }
    if (!access->touches(address)) {
        missing(fmt::format("\"{}\" does not reach {:#x}: the code is not the one that ran", instruction_->text, address));
        return std::nullopt;
    }
    if (!memory.segment.empty()) return segment(*access, memory);
    if (auto cause = pointer(*access, memory)) return cause;
    return std::nullopt;
}

std::string LineRules::first_page_words(std::uint64_t address) {
    return fmt::format(
        "which it was: null plus offset {:#x}, a small integer used as a pointer, or an access through fs or gs whose base is 0", address);
}

CauseBuilder LineRules::begin_access(RuleId rule, const core::Access& access) {
    CauseBuilder builder = begin(rule);
    builder.operand(access.operand).with("access", access_words(access)).with_address("address", *line_.address);
    if (!facts_.solved.empty()) {
        builder.derived(fmt::format("{} must have been {:#x}: nothing else leads to {:#x}", facts_.solved,
                                    crash_.fault.registers.get(facts_.solved).value_or(0), *line_.address));
    }
    return builder;
}

std::optional<Cause> LineRules::segment(const core::Access& access, const disasm::MemoryOperand& memory) {
    std::uint64_t offset = access.address - access.segment_base;
    if (access.segment_base != 0) {
        missing(fmt::format("the mappings: {} base + {:#x} is {:#x}, and why that cannot be used is not in the line", memory.segment,
                            offset, *line_.address));
        return std::nullopt;
    }
    std::string_view field = thread_block_field(offset);
    if (memory.segment == "gs" && !field.empty()) {
        CauseBuilder builder = begin_access(RuleId::CRASH_WINDOWS_THREAD_BLOCK, access);
        builder.with("operand", fmt::format("gs:[{:#x}]", offset)).with("field", std::string(field));
        builder.reject("a null pointer", "the operand has no base register; its segment gs has base 0");
        judge(builder, Confidence::likely, std::string(no_dump) + "that gs had base 0 follows from the address");
        builder.help("this is code for Windows (or compiled for it): run it with wine, or set gs to a thread block before it runs");
        return builder.build();
    }
    CauseBuilder builder = begin_access(RuleId::CRASH_SEGMENT_BASE_LOST, access);
    builder.with("segment", std::string(memory.segment));
    judge(builder, Confidence::likely, std::string(no_dump) + "that the base was 0 follows from the address");
    builder.help(
        "thread-local storage of this thread is not set up: code ran before the C library, or on a thread it did not make (clone())");
    return builder.build();
}

std::optional<Cause> LineRules::pointer(const core::Access& access, const disasm::MemoryOperand& memory) {
    std::uint64_t address = *line_.address;
    bool there = (line_.error & core::pf_protection) != 0;
    auto base = access.base;
    bool alone = memory.index.empty();
    // The kernel's half is always "there" for a program. A null pointer or a small number with a negative offset leads into it as well.
    // With a larger offset the register may as well be an index into memory at a fixed address.
    bool small = base && alone && *base < line_page && memory.displacement < lowest_mapping;
    if (address >> 63 != 0 && !small) return negative(access, memory);
    if (there && !small) {
        if ((line_.error & core::pf_write) == 0 || (line_.error & core::pf_key) != 0) {
            missing("what the mapping allows: the page is there, and was not to be read");
            return std::nullopt;
        }
        CauseBuilder builder = begin_access(RuleId::CRASH_READ_ONLY, access);
        builder.with("place", own_place(address));
        builder.reject("an address that is not mapped", "bit 0 of the error code is set: the page is there, and does not allow it");
        judge(builder, Confidence::likely, std::string(no_dump) + "what is mapped there is not in it");
        builder.help("string literals and const objects cannot be changed: copy them first (char s[] = \"...\" instead of char *s)");
        return builder.build();
    }
    if (memory.base.empty() && alone && address < line_page) {
        CauseBuilder builder = begin_access(RuleId::CRASH_NULL_FIELD, access);
        builder.with("offset", fmt::format("{}", address)).with("pointer", "a constant of the code");
        judge(builder, Confidence::likely, std::string(no_dump) + "the operand names no register");
        builder.help("find which pointer the compiler proved to be null at this line, and why it can be");
        return builder.build();
    }
    if (small && *base == 0) {
        CauseBuilder builder = begin_access(RuleId::CRASH_NULL_FIELD, access);
        builder.with("offset", fmt::format("{}", memory.displacement)).with("pointer", fmt::format("{} is 0", memory.base));
        builder.reject("a thread or segment access", "the operand has no segment override");
        judge(builder, Confidence::likely, std::string(no_dump) + fmt::format("that {} was 0 follows from the address", memory.base));
        builder.help(
            fmt::format("null plus offset {:#x}: test the pointer before it is used, or find why it was never set", memory.displacement));
        return builder.build();
    }
    if (small) {
        CauseBuilder builder = begin_access(RuleId::CRASH_SMALL_INTEGER_POINTER, access);
        builder.with("register", std::string(memory.base)).with_address("value", *base);
        builder.reject("a null pointer in this instruction", fmt::format("{} was {:#x}, not 0", memory.base, *base));
        judge(builder, Confidence::likely, std::string(no_dump) + fmt::format("the value of {} follows from the address", memory.base));
        builder.help(
            "a pointer to a member of a null pointer, computed before, looks like this; so does an integer passed where a pointer is expected");
        return builder.build();
    }
    if (auto cause = near_stack(access, memory)) return cause;
    std::string pattern = base && alone ? pattern_words(*base) : std::string();
    if (!pattern.empty()) {
        CauseBuilder builder = begin_access(RuleId::CRASH_WILD_POINTER, access);
        builder.with("register", std::string(memory.base)).derived(fmt::format("{} held {}", memory.base, pattern));
        judge(builder, Confidence::likely, std::string(no_dump) + "that nothing is mapped there follows from the pattern");
        builder.help("the pointer was overwritten, never set, or its memory was freed: a build with -fsanitize=address tells which");
        return builder.build();
    }
    missing(fmt::format(
        "the mappings: {:#x} is not there, or may not be used at all; behind the end of a mapping, in a guard page, and far from everything are "
        "the same in the line",
        address));
    return std::nullopt;
}

std::optional<Cause> LineRules::negative(const core::Access& access, const disasm::MemoryOperand& memory) {
    std::uint64_t value = access.base && memory.index.empty() ? *access.base : *line_.address;
    auto as_signed = static_cast<std::int64_t>(value);
    std::string meaning = as_signed == -1                        ? "-1, what mmap() returns when it fails (MAP_FAILED)"
        : as_signed < 0 && as_signed >= -4095                    ? fmt::format("{}, in the range of negative error numbers", as_signed)
        : as_signed < 0 && as_signed >= -(std::int64_t{1} << 32) ? fmt::format("the negative number {}", as_signed)
                                                                 : "an address of the kernel's half";
    CauseBuilder builder = begin_access(RuleId::CRASH_NEGATIVE_POINTER, access);
    bool known = access.base && memory.index.empty();
    builder.with("register", known ? std::string(memory.base) : "the operand").with("meaning", meaning);
    judge(builder, Confidence::likely, std::string(no_dump) + "no register is in it");
    builder.help("test what the call that made this pointer returned before it is used");
    return builder.build();
}

std::optional<Cause> LineRules::near_stack(const core::Access& access, const disasm::MemoryOperand& memory) {
    std::string_view sp = crash_.process.layout->sp, fp = crash_.process.layout->fp;
    bool of_frame = access.stack || memory.base == sp || memory.base == fp;
    std::uint64_t distance = std::max(*line_.address, *line_.sp) - std::min(*line_.address, *line_.sp);
    if (!of_frame || distance > 16 * line_page) return std::nullopt;
    // What RET and POP read was written before: the stack was there, and is gone.
    if (access.stack && access.read && !access.write) return std::nullopt;
    CauseBuilder builder = begin_access(RuleId::CRASH_STACK_OVERFLOW, access);
    builder.with("size", "a size that is not in the line");
    builder.said(source_name, fmt::format("the stack pointer was {:#x}, {} bytes from there", *line_.sp, distance));
    judge(builder, Confidence::likely,
          std::string(no_dump) +
              "whether by recursion, by one large frame, of which thread, or by a stack pointer that was overwritten is not in it");
    builder.help("look for recursion without an end, and for large arrays on the stack; a core dump names the functions");
    return builder.build();
}

std::string LineRules::own_place(std::uint64_t address) const {
    const core::Module* module = crash_.process.module_at(address);
    return module != nullptr ? std::string(module->name()) : "a mapping that the line does not name";
}

std::optional<Cause> LineRules::arm64() {
    bool translation = line_.what.find("translation fault") != std::string::npos;
    bool fetches = (line_.error >> 26 & 0x3f) == 0x20;
    if (!line_.address) {
        missing("the address: kernels of arm64 since 4.17 print it in no line");
        return std::nullopt;
    }
    if (!translation || fetches || *line_.address >= line_page) {
        missing("the registers and mappings: only accesses of the first page are explained from a line of arm64");
        return std::nullopt;
    }
    missing(fmt::format(
        "the registers: null plus offset {:#x}, a small integer used as a pointer, or thread-local storage without a base look the same",
        *line_.address));
    return std::nullopt;
}

Diagnosis diagnose_line(core::Crash& crash, const core::KernelLine& line, const core::LineFacts& facts) {
    return LineRules(crash, line, facts).diagnose();
}

}  // namespace abiscope::rules
