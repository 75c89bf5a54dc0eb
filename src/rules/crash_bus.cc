// SIGBUS, and the codes of SIGSEGV that say their reason themselves.
#include <fmt/format.h>

#include "core/spec.h"
#include "rules/crash_builder.h"

namespace abiscope::rules {

namespace {

constexpr std::uint64_t page = 4096;

std::optional<Cause> behind_the_end(Ask ask, std::uint64_t address) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    const core::MappedFile* file = crash.process.memory.file_at(address);
    if (file == nullptr) {
        ask.missing.push_back(
            fmt::format("BUS_ADRERR at {}, and NT_FILE names no file there: huge pages that ran out, or a device", hexadecimal(address)));
        return std::nullopt;
    }
    std::uint64_t offset = file->file_offset + (address - file->start);
    if (file->path.starts_with("/anon_hugepage")) {
        ask.missing.push_back(
            fmt::format("BUS_ADRERR at {} in huge pages: none was left when it was touched (HugePages_Free in /proc/meminfo, "
                        "vm.nr_hugepages), or the limit of a control group",
                        hexadecimal(address)));
        return std::nullopt;
    }
    std::optional<std::uint64_t> size;
    if (crash.process.files) size = crash.process.files->size(file->path);
    CauseBuilder builder(RuleId::CRASH_FILE_TRUNCATED, crash);
    builder.signal().instruction().mapping(address, fmt::format("{} is byte {:#x} of {}", hexadecimal(address), offset, file->path));
    if (const core::Access* access = guilty_access(fault); access != nullptr) builder.operand(access->operand);
    builder.with("file", file->path).with("offset", offset);
    std::uint64_t last_page_end = (size.value_or(0) + page - 1) / page * page;
    if (size && offset >= last_page_end) {
        builder.with("where", "past the end of the file").with("size", fmt::format("the file has {} bytes now", *size));
        builder.derived(fmt::format("the file has {} bytes on this machine now: its last page ends at {:#x}", *size, last_page_end));
    } else if (size) {
        builder.with("where", "where no page could be had").with("size", fmt::format("the file has {} bytes", *size));
        builder.confidence(
            Confidence::likely,
            "a full file system (tmpfs, /dev/shm), an I/O error or a lost network file; a file that has grown since would look the same");
        builder.help(
            "df on the file's file system: pages of a tmpfs or of a file with holes are taken when they are touched; posix_fallocate() takes them before");
    } else {
        builder.with("where", "past the end of the file").with("size", "its size is not known");
        builder.confidence(Confidence::likely,
                           "the file is not on this machine; a full tmpfs, an I/O error or a lost network file would look the same");
    }
    builder.reject("an address that is not mapped", "that is SIGSEGV: here the mapping is there, and the file behind it is not");
    builder.reject("a misaligned access", "the code is BUS_ADRERR, not BUS_ADRALN");
    if (size && offset >= last_page_end)
        builder.help("if the mapping was always longer than the file: extend the file first (ftruncate), or map no more than it has");
    builder.help(
        "another process shortened the file while it was mapped: write a new file and rename it over the old one instead of truncating it");
    return builder.build();
}

struct Reason {
    std::int32_t signal;
    std::int32_t code;
    std::string_view what;
    std::string_view help;
    bool later = false;                // reported when it was noticed: the instruction has nothing to do with it
};

constexpr Reason reasons[] = {
    {core::sigsegv, 3, "a bound check of MPX failed", "look at the array access at this line"},
    {core::sigsegv, 4, "the protection key of the page forbids it", "pkey_set() or pkey_mprotect() took the right away"},
    {core::sigsegv, 8, "a memory tag did not match (MTE, asynchronous)",
     "a pointer was used past its object or after it was freed; PR_MTE_TCF_SYNC makes the signal come at the access itself", true},
    {core::sigsegv, 9, "a memory tag did not match (MTE)", "a pointer was used past its object or after it was freed"},
    {core::sigsegv, 10, "control flow left its track (CET: shadow stack or ENDBR)",
     "a return address was changed, or an indirect branch led to no ENDBR"},
    {core::sigbus, core::bus_adraln, "a misaligned access on a machine that checks (the AC flag on x86)",
     "align the object, or copy it with memcpy()"},
    {core::sigbus, 3, "a hardware error of the object", "look at the kernel's log"},
    {core::sigbus, 4, "the memory is broken (machine check)", "look at the kernel's log (mcelog, rasdaemon), and change the module"},
    {core::sigbus, 5, "the memory is broken, as was noticed before it was used (machine check)",
     "look at the kernel's log (mcelog, rasdaemon), and change the module", true},
};

bool is_alignment_check(const core::SignalInfo& signal) { return signal.number == core::sigbus && signal.code == core::bus_adraln; }

const core::Access* misaligned_access(const core::Fault& fault) {
    for (const core::Access& access : fault.accesses) {
        if (access.size > 1 && access.address % access.size != 0) return &access;
    }
    return nullptr;
}

}  // namespace

std::optional<Cause> bus_error(Ask ask) {
    const core::Fault& fault = ask.crash.fault;
    bool known = fault.signal.complete || fault.signal.inferred != core::Inferred::no;
    if (!known || core::is_sent(fault.signal.code) || !fault.signal.address) return std::nullopt;
    if (fault.signal.number == core::sigbus && fault.signal.code == core::bus_adrerr) return behind_the_end(ask, *fault.signal.address);
    for (const Reason& reason : reasons) {
        if (reason.signal != fault.signal.number || reason.code != fault.signal.code) continue;
        CauseBuilder builder(RuleId::CRASH_HARDWARE_CHECK, ask.crash);
        builder.signal();
        if (!reason.later) builder.instruction();
        std::uint64_t address = *fault.signal.address;
        // x86 does not say where (do_trap() with a null address): the operand does.
        const core::Access* access = reason.later ? nullptr : guilty_access(fault);
        if (is_alignment_check(fault.signal) && access == nullptr) access = misaligned_access(fault);
        if (access != nullptr) {
            if (address == 0) address = access->address;
            builder.operand(access->operand);
            const disasm::MemoryOperand& memory = fault.instruction->operands[access->operand].memory;
            if (!memory.base.empty() && !memory.address) builder.reg(memory.base);
            if (is_alignment_check(fault.signal))
                builder.derived(fmt::format("{} mod {} = {}", hexadecimal(address), access->size, address % access->size));
        }
        builder.with("what", std::string(reason.what)).with_address("address", address);
        if (fault.signal.protection_key)
            builder.signal_field("protection_key", *fault.signal.protection_key,
                                 fmt::format("protection key {}", *fault.signal.protection_key));
        builder.mapping(address);
        if (reason.later)
            builder.derived("the signal came when the damage was noticed: the instruction that was being executed is not to blame");
        builder.reject("a pointer to memory that is not there or may not be used", "the signal's code says another reason");
        builder.help(std::string(reason.help));
        return builder.build();
    }
    return std::nullopt;
}

}  // namespace abiscope::rules
