// Memory that was taken away while it was in use: a part of a program's own image, or what the last munmap() covers.
#include <algorithm>

#include <fmt/format.h>

#include "core/spec.h"
#include "elf/spec.h"
#include "rules/crash_builder.h"

namespace abiscope::rules {

namespace {

constexpr std::uint64_t page = 4096;

struct LastUnmap {
    std::uint64_t instruction = 0;     // that sets the number of the call
    std::uint64_t size = 0;            // up to the end of SYSCALL
    std::uint64_t start = 0, length = 0;
};

// SYSCALL leaves the address behind it in rcx, and the kernel the arguments where they were.
std::optional<LastUnmap> last_unmap(const core::Crash& crash) {
    const core::Registers& registers = crash.fault.registers;
    if (crash.process.layout->name != "x86-64") return std::nullopt;
    auto behind = registers.get("rcx"), start = registers.get("rdi"), length = registers.get("rsi"), result = registers.get("rax");
    constexpr std::byte call[] = {std::byte{0xb8}, std::byte{11},   std::byte{0},   std::byte{0},
                                  std::byte{0},    std::byte{0x0f}, std::byte{0x05}};
    if (!behind || !start || !length || result != 0 || *start % page != 0 || *length == 0 || *behind < sizeof call) return std::nullopt;
    std::uint64_t at = *behind - sizeof call;   // mov eax, 11; syscall
    if (!std::ranges::equal(crash.process.memory.read_some(at, sizeof call), call)) return std::nullopt;
    return LastUnmap{at, sizeof call, *start, *length};
}

}  // namespace

std::optional<ImagePart> image_part(const core::Process& process, std::uint64_t address) {
    for (const core::Module& module : process.modules) {
        if (!module.image) continue;
        for (const elf::Segment& segment : module.image->segments()) {
            if (segment.type != elf::pt_load || segment.memsz == 0) continue;
            std::uint64_t start = align_down(segment.vaddr, page) + module.bias;
            std::uint64_t end = segment.vaddr + module.bias + segment.memsz;
            if (address >= start && address < align_up(end, page)) return ImagePart{&module, &segment};
        }
    }
    return std::nullopt;
}

std::optional<Cause> unmapped_memory(Ask ask) {
    core::Crash& crash = ask.crash;
    const core::Fault& fault = crash.fault;
    // Only the kernel's word proves that a mapping is not merely left out of the dump.
    if (!is_page_fault(fault) || !fault.signal.complete || fault.signal.code != core::segv_maperr) return std::nullopt;
    std::uint64_t address = *fault.signal.address;
    if (crash.process.memory.region_at(address) != nullptr) return std::nullopt;
    bool fetched = !fault.pc_executable && address == fault.pc;
    const core::Access* access = fetched ? nullptr : guilty_access(fault);
    if (!fetched && access == nullptr) return std::nullopt;
    auto unmap = last_unmap(crash);
    if (unmap && (address < unmap->start || address - unmap->start >= align_up(unmap->length, page))) unmap.reset();
    auto part = image_part(crash.process, address);
    // Of other data the call may have been right: a loop that runs on, or a pointer that is used too long, comes there as well.
    if (!part && (!unmap || (!fetched && !access->stack))) return std::nullopt;

    CauseBuilder builder(RuleId::CRASH_UNMAPPED, crash);
    if (access != nullptr) builder.operand(access->operand);
    builder.signal();
    if (fetched) builder.reg(fault.registers.layout()->pc);
    else builder.instruction();
    builder.unmapped(address);
    std::string call = unmap ? fmt::format("munmap({}, {})", hexadecimal(unmap->start), unmap->length) : std::string();
    if (part) {
        const elf::Segment& segment = *part->segment;
        core::Region there;
        there.flags = segment.flags;
        builder.said(std::string(part->module->name()),
                     fmt::format("its program header puts {} to {} ({}) here", hexadecimal(segment.vaddr + part->module->bias),
                                 hexadecimal(segment.vaddr + part->module->bias + segment.memsz), there.permissions()));
    }
    if (unmap) {
        builder.memory(unmap->instruction, unmap->size, "\"mov eax, 11; syscall\": the number of munmap()");
        builder.reg("rcx", "the last call of the kernel came back there").reg("rdi", "its address").reg("rsi", "its length");
    } else if (!part->module->is_program) {
        builder.confidence(Confidence::likely, "a loader of the program's own that leaves a part of a library out would look the same");
    }
    builder.with("action", fetched ? std::string("control went to") : access_words(*access) + " at").with_address("address", address);
    builder.with(
        "place",
        fmt::format("{}{}", part ? fmt::format("in a part of {} that was unmapped", part->module->name()) : "in memory that was unmapped",
                    unmap ? fmt::format(" by {}", call) : ""));
    if (fetched) {
        builder.reject("a call of a wild pointer, or a smashed return address",
                       part ? "code lies at that address in the file" : "the range of that munmap() holds the address");
    } else {
        builder.reject("a wild pointer", part ? "the file has this memory there" : "the range of that munmap() holds the address");
    }
    builder.help(
        unmap ? fmt::format("look at who calls munmap() with {} and {}: the address or the length is wrong, or it comes too early",
                            hexadecimal(unmap->start), unmap->length)
              : "look for munmap(), mremap() or mmap(MAP_FIXED) with a wrong address or length (strace -e trace=munmap,mremap,mmap)");
    return builder.build();
}

}  // namespace abiscope::rules
