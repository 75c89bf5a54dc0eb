// An operand's address that is not there, or may not be used so: taxonomy of pointers.
#include <fmt/format.h>

#include "base/text.h"
#include "core/spec.h"
#include "elf/sections.h"
#include "rules/c_library_names.h"
#include "rules/crash_builder.h"
#include "rules/crash_heap.h"
#include "rules/crash_operand.h"
#include "rules/crash_pointer_source.h"
#include "rules/crash_trace.h"
#include "rules/crash_variable.h"

namespace abiscope::rules {

namespace {

constexpr std::uint64_t page = 4096;

// Too large for the bytes of an array, and not negative.
bool is_no_index(std::uint64_t value) { return value >= std::uint64_t{1} << 32 && value >> 63 == 0; }

struct Pointer {
    core::Crash& crash;
    const core::Fault& fault;
    const core::Access& access;
    const disasm::MemoryOperand& memory;
    std::uint64_t address;             // si_addr
};

CauseBuilder begin(RuleId rule, const Pointer& p) {
    CauseBuilder builder(rule, p.crash);
    builder.operand(p.access.operand).signal().instruction();
    if (!p.memory.base.empty() && !p.memory.address) builder.reg(p.memory.base);
    if (!p.memory.index.empty()) builder.reg(p.memory.index);
    builder.with("access", access_words(p.access)).with_address("address", p.address);
    const core::Location& location = p.crash.symbols.at(p.fault.pc);
    bool of_libc = location.module != nullptr && (location.module->is_program || location.module->name().starts_with("libc."));
    if (of_libc && is_c_function(location.function, takes_block)) {
        builder.derived(
            fmt::format("{} looks in front of the pointer that it is given for malloc's header: that pointer is most likely not one that "
                        "malloc() returned, {}",
                        location.function,
                        p.crash.process.memory.region_at(p.address) == nullptr
                            ? "or one of a large block that was freed before, and whose memory went back to the kernel"
                            : "or what lies in front of it was overwritten"));
        builder.help(
            "look at the pointer that its caller passes: on the stack, a constant, in the middle of a block, of another allocator?");
    }
    tell_own_records(builder, p.crash);
    return builder;
}

std::string how_loaded(const Pointer& p, std::string_view reg) {
    Definition definition = last_definition(p.crash, reg);
    return definition.words;
}

// Whether debug information names the variable.
bool tell_origin(CauseBuilder& builder, const Pointer& p, std::string_view reg) {
    std::string variable = guilty_variable(p.crash, p.memory, p.access.size).words;
    if (!variable.empty()) builder.derived(variable);
    if (std::string words = how_loaded(p, reg); !words.empty()) builder.derived(words);
    return !variable.empty();
}

PointerUse use_of(const Pointer& p) {
    PointerUse use{.value = *p.access.base,
                   .slot = {},
                   .reg = std::string(p.memory.base),
                   .what = access_words(p.access) + " through",
                   .operand = p.access.operand,
                   .call = {}};
    use.from(p.crash, loaded_from(p.crash, p.fault.pc, p.memory.base));
    return use;
}

bool has_pointer(const Pointer& p) { return p.access.base && !p.memory.base.empty() && !p.memory.address && p.memory.segment.empty(); }

void reject_segment(CauseBuilder& builder, const Pointer& p) {
    if (!is_of_thread(p.memory)) builder.reject("a thread or segment access", "the operand has no segment override");
}

// A base or index register that is 0.
std::optional<Cause> null_pointer(const Pointer& p) {
    const disasm::MemoryOperand& memory = p.memory;
    bool base_null = p.access.base && *p.access.base == 0;
    bool constant = memory.base.empty() && memory.index.empty() && p.access.address < page;
    if (constant) {
        CauseBuilder builder = begin(RuleId::CRASH_NULL_FIELD, p);
        builder.with("offset", signed_words(static_cast<std::int64_t>(p.access.address))).with("pointer", "a constant of the code");
        builder.derived("the operand names no register: the compiler knew the pointer was null");
        reject_segment(builder, p);
        builder.help("find which pointer the compiler proved to be null at this line, and why it can be");
        return builder.build();
    }
    if (base_null && memory.index.empty() && p.access.stack) {
        CauseBuilder builder = begin(RuleId::CRASH_NULL_FIELD, p);
        builder.with("offset", signed_words(static_cast<std::int64_t>(p.access.address)));
        builder.with("pointer", fmt::format("the stack pointer {} itself is 0", memory.base));
        builder.reject("a null pointer of the program", "the instruction pushes or pops: it uses nothing but the stack pointer");
        builder.help(
            "what sets the stack pointer is wrong: assembly, a switch to a coroutine's or a signal's stack, a frame that was overwritten");
        return builder.build();
    }
    if (base_null && memory.index.empty()) {
        std::int64_t offset = memory.displacement;
        CauseBuilder builder = begin(RuleId::CRASH_NULL_FIELD, p);
        builder.with("offset", signed_words(offset)).with("pointer", fmt::format("{} is 0", memory.base));
        bool named = tell_origin(builder, p, memory.base);
        if (!named && offset >= lowest_mapping)
            builder.confidence(Confidence::likely,
                               fmt::format("an index of 0 into memory that the code takes for granted at {} would look the same",
                                           hexadecimal(p.access.address)));
        reject_segment(builder, p);
        builder.reject("a wild pointer",
                       fmt::format("{} is exactly 0, and the address is the operand's own offset {}", memory.base, signed_words(offset)));
        builder.help(offset == 0 ? "test the pointer before it is used, or find why it was never set"
                                 : fmt::format("test the pointer before its member at offset {} is used, or find why it was never set",
                                               signed_words(offset)));
        return builder.build();
    }
    // Of base and index either may be the pointer where the scale is 1.
    bool index_is_pointer = memory.scale == 1 && p.access.index && is_no_index(*p.access.index);
    if (base_null && p.access.index && !index_is_pointer) {
        std::uint64_t scaled = *p.access.index * memory.scale;
        CauseBuilder builder = begin(RuleId::CRASH_NULL_INDEX, p);
        builder.with("pointer", fmt::format("{} is 0", memory.base));
        builder.with("index",
                     fmt::format("{} * {}{}", signed_words(as_signed(p.crash, *p.access.index)), memory.scale,
                                 memory.displacement != 0 ? fmt::format(" + {}", signed_words(memory.displacement)) : ""));
        builder.derived(
            fmt::format("the address is the index alone: {} * {} = {}", hexadecimal(*p.access.index), memory.scale, hexadecimal(scaled)));
        tell_origin(builder, p, memory.base);
        reject_segment(builder, p);
        builder.reject("a wild pointer", fmt::format("the base register {} is exactly 0", memory.base));
        builder.help("the array pointer is null: test it before it is indexed");
        return builder.build();
    }
    return std::nullopt;
}

// The register was made of a null pointer and an index by the instruction before.
std::optional<Cause> null_before(const Pointer& p) {
    if (!p.access.base || p.access.index || p.memory.base.empty()) return std::nullopt;
    Definition definition = last_definition(p.crash, p.memory.base);
    if (definition.null_register.empty() || is_no_index(*p.access.base)) return std::nullopt;
    // -1 is what functions fail with; in front of a null pointer it is one byte.
    if (p.access.size > 1 && as_signed(p.crash, *p.access.base) == -1) return std::nullopt;
    CauseBuilder builder = begin(RuleId::CRASH_NULL_INDEX, p);
    builder.with("pointer", definition.null_register)
        .with("index", signed_words(as_signed(p.crash, *p.access.base)) + " bytes")
        .derived(definition.words)
        .confidence(Confidence::likely,
                    "that the instruction before was executed is concluded from its place in front of the one that faulted");
    reject_segment(builder, p);
    builder.reject("a wild pointer", "what was added to the index was exactly 0");
    builder.help("the array pointer is null: test it before it is indexed");
    return builder.build();
}

std::optional<Cause> small_integer(const Pointer& p) {
    if (!p.access.base || p.access.index || *p.access.base == 0 || *p.access.base >= page) return std::nullopt;
    CauseBuilder builder = begin(RuleId::CRASH_SMALL_INTEGER_POINTER, p);
    builder.with("register", std::string(p.memory.base)).with_address("value", *p.access.base);
    tell_origin(builder, p, p.memory.base);
    reject_segment(builder, p);
    builder.reject("a null pointer in this instruction", fmt::format("{} is {}, not 0", p.memory.base, hexadecimal(*p.access.base)));
    builder.help(
        fmt::format("a pointer to a member at offset {} of a null pointer, computed before, looks like this; so does an integer "
                    "passed where a pointer is expected",
                    *p.access.base));
    return builder.build();
}

// Kernel half: what a small negative number is when it is used as a pointer.
std::optional<Cause> negative_pointer(const Pointer& p) {
    // From an array low in memory a negative index leads below 0: the index is wrong.
    if (p.access.base && p.access.index && p.crash.process.memory.region_at(*p.access.base) != nullptr) return std::nullopt;
    // Of a base and an index the sum is what is negative.
    std::uint64_t value = p.access.index ? p.access.address : p.access.base.value_or(p.access.address);
    std::int64_t number = as_signed(p.crash, value);
    // With a member's offset the sum may lie above 0 again.
    bool error_number = p.access.base && !p.access.index && number < 0 && number >= -4095;
    if (p.address >> 63 == 0 && !error_number) return std::nullopt;
    // A small number with a negative offset behind it: the number is wrong.
    if (p.access.base && !p.access.index && *p.access.base < page) return std::nullopt;
    std::string meaning;
    if (number == -1) meaning = "-1, what mmap() returns when it fails (MAP_FAILED)";
    else if (number < 0 && number >= -4095) meaning = fmt::format("{}, in the range of negative error numbers", number);
    else if (number < 0 && number >= -(std::int64_t{1} << 32)) meaning = fmt::format("the negative number {}", number);
    else meaning = "an address of the kernel's half";
    CauseBuilder builder = begin(RuleId::CRASH_NEGATIVE_POINTER, p);
    std::string who = p.access.base && !p.access.index ? std::string(p.memory.base) : std::string("the operand");
    builder.with("register", who).with("meaning", meaning);
    if (!p.memory.base.empty()) tell_origin(builder, p, p.memory.base);
    reject_segment(builder, p);
    builder.reject("a null pointer", "no register of the operand is 0");
    builder.help("test what the call that made this pointer returned before it is used");
    constexpr std::int64_t word = 4, most_in_front = 4095;
    if (number < -1 && number >= -most_in_front && number % word == 0)
        builder.help("or test that the container is not empty: where it has no element, the last one lies in front of a null pointer");
    return builder.build();
}

std::string section_words(core::Crash& crash, std::uint64_t address) {
    const core::Module* module = crash.process.module_at(address);
    if (module == nullptr || !module->image) return {};
    const elf::Section* section = elf::section_at(module->sections(), address - module->bias);
    return section == nullptr ? std::string() : fmt::format("{} of {}", section->name, module->name());
}

// Why it may not be written depends on what lies there.
void tell_read_only(CauseBuilder& builder, const Pointer& p, const core::Region& region) {
    const core::Region* below = p.crash.process.memory.region_at(region.start - 1);
    constexpr std::uint64_t widest_access = 64;
    if (p.address - region.start < widest_access && p.access.base && below != nullptr && below->end == region.start && below->writable())
        builder.derived(fmt::format("{} ends right below it, and may be written: a copy or loop that runs on comes here",
                                    p.crash.process.place_name(below->start)));
    if (p.crash.process.module_at(p.address) != nullptr) {
        builder.help("string literals and const objects cannot be changed: copy them first (char s[] = \"...\" instead of char *s)");
    } else if (p.crash.process.memory.file_at(p.address) != nullptr) {
        builder.help("the file was mapped without PROT_WRITE: map it for writing, or write to a copy");
    } else {
        builder.help(
            "the memory was made read-only, by mmap() or mprotect() without PROT_WRITE: look at who did, or at what led the write there");
    }
}

std::optional<Cause> permission(const Pointer& p, std::vector<std::string>& missing) {
    const core::Region* region = p.crash.process.memory.region_at(p.address);
    if (region == nullptr) {
        missing.push_back(fmt::format("SEGV_ACCERR says that {} is mapped, but the dump has no mapping there", hexadecimal(p.address)));
        return std::nullopt;
    }
    if ((region->flags & 7) == 0) {
        CauseBuilder builder = begin(RuleId::CRASH_NO_ACCESS, p);
        builder.mapping(p.address);
        const core::Region* below = p.crash.process.memory.region_at(region->start - 1);
        if (below != nullptr && below->end == region->start)
            builder.derived(fmt::format("{} ends right below it", p.crash.process.place_name(below->start)));
        reject_segment(builder, p);
        builder.reject("a thread's stack overflow", "the stack pointer is not near this guard");
        builder.help(
            "such pages are guards, or memory an allocator has taken back: look for an overrun or a pointer that is used too long");
        return builder.build();
    }
    if (p.access.write && !region->writable()) {
        CauseBuilder builder = begin(RuleId::CRASH_READ_ONLY, p);
        std::string place = section_words(p.crash, p.address);
        builder.with("place", place.empty() ? p.crash.process.place_name(p.address) : place).mapping(p.address);
        reject_segment(builder, p);
        builder.reject("an address that is not mapped", "the code is SEGV_ACCERR: the mapping is there, and does not allow it");
        tell_read_only(builder, p, *region);
        return builder.build();
    }
    missing.push_back(
        fmt::format("SEGV_ACCERR at {}, but the mapping ({}) allows what the instruction does; it may have been changed since",
                    hexadecimal(p.address), region->permissions()));
    return std::nullopt;
}

std::optional<Cause> past_end(const Pointer& p) {
    const core::Memory& memory = p.crash.process.memory;
    const core::Region* before = memory.region_before(p.address);
    if (before == nullptr || p.address - before->end >= page) return std::nullopt;
    bool straddles = p.access.address < before->end;
    bool from_inside = p.access.base && before->holds(*p.access.base);
    bool at_end = p.address == before->end;
    if (!straddles && !from_inside && !at_end) return std::nullopt;
    CauseBuilder builder = begin(RuleId::CRASH_PAST_END, p);
    std::string place = p.crash.process.place_name(before->end - 1);
    builder.with("place", place).with("distance", p.address - before->end);
    builder.mapping(before->end - 1, fmt::format("{} ends at {}", place, hexadecimal(before->end)));
    builder.unmapped(p.address);
    if (!straddles && !from_inside)
        builder.confidence(Confidence::likely,
                           "the first byte behind the mapping is where running on leads; a wild pointer could hit it by chance");
    reject_segment(builder, p);
    builder.reject("a null pointer", "no register of the operand is 0");
    builder.help("check the bounds of the loop or copy; a build with -fsanitize=address names the object");
    return builder.build();
}

Cause wild(const Pointer& p) {
    CauseBuilder builder = begin(RuleId::CRASH_WILD_POINTER, p);
    const core::Memory& memory = p.crash.process.memory;
    GuiltyPart guilty = guilty_part(p.crash, p.access, p.memory);
    builder.with("register", register_words(guilty.reg)).with("reason", guilty.words);
    bool base_null = p.access.base && *p.access.base == 0;
    if (!guilty.certain)
        builder.confidence(Confidence::likely,
                           base_null ? fmt::format("{} is 0, and {} may be a large index of a null pointer", p.memory.base, p.memory.index)
                                     : fmt::format("the index {} may be what is wrong: neither register's value is mapped",
                                                   guilty.reg == p.memory.index ? p.memory.base : p.memory.index));
    // What was added to it may be an index as well as a pointer.
    std::string zero =
        p.access.base && !p.access.index && !p.memory.base.empty() ? last_definition(p.crash, p.memory.base).null_register : std::string();
    if (!zero.empty())
        builder.confidence(Confidence::likely, fmt::format("{}: what was added to it may be a large index of a null pointer", zero));
    builder.unmapped(p.address);
    std::string pattern = p.access.base ? pattern_words(*p.access.base) : std::string();
    if (!pattern.empty()) builder.derived(fmt::format("{} holds {}", p.memory.base, pattern));
    if (!p.memory.base.empty() && !p.memory.address) tell_origin(builder, p, p.memory.base);
    if (has_pointer(p)) {
        PointerUse use = use_of(p);
        std::string beside = neighbour_words(p.crash, use);
        std::string words = beside.empty() ? leftover_words(p.crash, use) : beside;
        if (words.empty()) words = last_link_words(p.crash, use);
        if (!words.empty()) builder.derived(words);
        if (std::string returned = returned_words(p.crash, use.value); !returned.empty()) {
            builder.derived(returned);
            builder.help("look for free(), delete or realloc() of that block before: valgrind PROGRAM, or a build with -fsanitize=address");
        }
    }
    const core::Region* before = memory.region_before(p.address);
    const core::Region* after = memory.region_after(p.address);
    if (before != nullptr && p.address - before->end < (std::uint64_t{1} << 32)) {
        builder.derived(
            fmt::format("{:#x} bytes past the end of {}", p.address - before->end, p.crash.process.place_name(before->end - 1)));
    }
    if (after != nullptr && after->start - p.address < (std::uint64_t{1} << 32))
        builder.derived(fmt::format("{:#x} bytes before {}", after->start - p.address, p.crash.process.place_name(after->start)));
    reject_segment(builder, p);
    if (!base_null && zero.empty()) builder.reject("a null pointer", "no register of the operand is 0");
    // An address right below the stack is no overflow where the stack pointer is far from it.
    auto sp = p.fault.registers.sp();
    if (sp && after != nullptr && after->holds(*sp) && after->start - p.address <= page)
        builder.reject(
            "a stack overflow",
            fmt::format("the stack pointer is {:#x} bytes above the end of the stack: an access ran down over it", *sp - after->start));
    else builder.reject("a stack overflow", "the address is not just below the stack the thread uses");
    if (guilty.is_pointer)
        builder.help("the pointer was overwritten, never set, or its memory was unmapped: a build with -fsanitize=address tells which");
    else builder.help("test the index against the size of the array; a build with -fsanitize=address names the array");
    return builder.build();
}

}  // namespace

std::optional<Cause> bad_pointer(Ask ask) {
    const core::Fault& fault = ask.crash.fault;
    if (!is_page_fault(fault)) return std::nullopt;
    std::uint64_t address = *fault.signal.address;
    if (!fault.instruction) {
        ask.missing.push_back(fault.pc_executable
                                  ? fmt::format("the bytes of the instruction at {} are neither in the dump nor in a file that is "
                                                "proved to be the one that was mapped",
                                                hexadecimal(fault.pc))
                                  : fmt::format("{} is not code", hexadecimal(fault.pc)));
        return std::nullopt;
    }
    const core::Access* access = guilty_access(fault);
    if (access == nullptr) {
        ask.missing.push_back(fmt::format("no operand of \"{}\" reaches {}{}", fault.instruction->text, hexadecimal(address),
                                          fault.every_access_known ? "" : "; the address of one could not be computed"));
        return std::nullopt;
    }
    const disasm::MemoryOperand& memory = fault.instruction->operands[access->operand].memory;
    Pointer p{ask.crash, fault, *access, memory, address};
    if (fault.signal.code == core::segv_accerr) return permission(p, ask.missing);
    const core::Region* region = ask.crash.process.memory.region_at(address);
    if (region != nullptr) {
        ask.missing.push_back(
            fmt::format("SEGV_MAPERR says that nothing was mapped at {}, but the dump has {} there: a guard made by "
                        "madvise(MADV_GUARD_INSTALL) looks like this, and what was mapped after the fault",
                        hexadecimal(address), ask.crash.process.place_name(address)));
        return std::nullopt;
    }
    if (has_pointer(p)) {
        if (auto cause = pointer_source(ask.crash, use_of(p))) return cause;
    }
    // Behind fs and gs a register is no pointer, but an offset.
    if (!is_of_thread(memory)) {
        if (auto cause = null_pointer(p)) return cause;
        if (auto cause = null_before(p)) return cause;
    }
    if (auto cause = negative_pointer(p)) return cause;
    if (auto cause = small_integer(p)) return cause;
    if (auto cause = past_end(p)) return cause;
    return wild(p);
}

}  // namespace abiscope::rules
