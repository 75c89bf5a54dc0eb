#include "core/fault.h"

#include <algorithm>
#include <array>

#include "base/checked.h"
#include "core/gather.h"
#include "core/spec.h"
#include "disasm/decoder.h"
#include "elf/spec.h"

namespace abiscope::core {

namespace {

constexpr std::size_t longest_instruction = 15;

std::optional<std::uint64_t> segment_base(const Process& process, const Registers& registers, std::string_view segment) {
    if (segment.empty() || segment == "ds" || segment == "ss" || segment == "cs" || segment == "es") return 0;
    // On i386 the base is in a descriptor, which no note holds.
    if (!process.wide()) return std::nullopt;
    return registers.get(segment == "fs" ? "fs_base" : "gs_base");
}

std::optional<Access> access_of(const Process& process, const Registers& registers, const disasm::Operand& operand) {
    const disasm::MemoryOperand& memory = operand.memory;
    Access access;
    access.size = operand.size;
    access.read = operand.read;
    access.write = operand.write;
    auto segment = segment_base(process, registers, memory.segment);
    if (!segment) return std::nullopt;
    access.segment_base = *segment;
    if (memory.address) {
        access.address = *memory.address + *segment;
        return access;
    }
    std::uint64_t address = static_cast<std::uint64_t>(memory.displacement);
    // An address-size prefix cuts the sum: "[eax]" in 64-bit code.
    bool narrow = false;
    if (!memory.base.empty()) {
        access.base = registers.get(memory.base);
        if (!access.base) return std::nullopt;
        address += *access.base;
        narrow = process.wide() && registers.whole(memory.base) != memory.base;
    }
    if (!memory.index.empty()) {
        access.index = registers.get(memory.index);
        if (!access.index) return std::nullopt;
        address += *access.index * memory.scale;
        // XLAT's index is a byte.
        narrow = narrow || (process.wide() && memory.index != "al" && registers.whole(memory.index) != memory.index);
    }
    std::string_view sp = process.layout->sp;
    if (operand.implicit && memory.base == sp) {
        access.stack = true;
        if (operand.write && !operand.read) address -= operand.size;   // PUSH and CALL store below the stack pointer
    }
    if (narrow) address &= 0xffffffff;
    address += *segment;
    access.address = process.wide() ? address : address & 0xffffffff;
    return access;
}

}  // namespace

Answer system_call_at(const Process& process, const Registers& registers) {
    auto pc = registers.pc();
    if (!pc || process.layout == nullptr) return Answer::unknown;
    struct Code {
        std::uint16_t machine;
        std::array<std::uint8_t, 4> bytes;
        std::uint8_t size;
    };
    static constexpr Code calls[] = {
        {elf::em_x86_64, {0x0f, 0x05}, 2},
        {elf::em_x86_64, {0xcd, 0x80}, 2},                 // syscall; int 0x80
        {elf::em_386, {0xcd, 0x80}, 2},
        {elf::em_386, {0x0f, 0x05}, 2},
        {elf::em_386, {0x0f, 0x34}, 2},   // sysenter too
        {elf::em_aarch64, {0x01, 0x00, 0x00, 0xd4}, 4},
        {elf::em_arm, {0x00, 0x00, 0x00, 0xef}, 4},
        {elf::em_arm, {0x00, 0xdf}, 2},   // svc 0
    };
    Answer answer = Answer::unknown;
    for (const Code& one : calls) {
        if (one.machine != process.layout->machine || *pc < one.size) continue;
        std::vector<std::byte> before = process.memory.read_some(*pc - one.size, one.size);
        if (before.size() != one.size) return Answer::unknown;
        bool same = std::equal(before.begin(), before.end(), one.bytes.begin(),
                               [](std::byte a, std::uint8_t b) { return std::to_integer<std::uint8_t>(a) == b; });
        if (same) return Answer::yes;
        answer = Answer::no;
    }
    return answer;
}

std::optional<std::uint64_t> system_call_number(const Registers& registers) {
    for (std::string_view name : {"orig_rax", "orig_eax", "x8", "r7"}) {
        if (auto number = registers.get(name)) return number;
    }
    return std::nullopt;
}

std::optional<disasm::Instruction> decode_at(const Process& process, std::uint64_t address) {
    if (process.layout == nullptr) return std::nullopt;
    std::vector<std::byte> code = process.memory.read_some(address, longest_instruction);
    if (code.empty()) return std::nullopt;
    auto decoder = disasm::Decoder::create(process.layout->architecture);
    return decoder ? decoder->decode(code, address) : std::nullopt;
}

namespace {

bool is_allowed(const Access& access, const Region* region) {
    return region != nullptr && (!access.write || region->writable()) && (!access.read || region->readable());
}

// What the kernel would have recorded (Linux, arch/x86/mm/fault.c: bad_area; arch/x86/kernel/traps.c: exc_general_protection).
void infer_signal(const Process& process, Fault& fault) {
    // SI_KERNEL at an instruction whose operand is a usual address that may not be used: setup_rt_frame() failed.
    bool undelivered = fault.signal.complete && fault.signal.code == si_kernel && process.layout->name == "x86-64";
    if (process.memory.regions().empty() || (fault.signal.complete && !undelivered)) return;
    Inferred inferred = undelivered ? Inferred::not_delivered : Inferred::without_note;
    if (fault.signal.number == sigfpe && !undelivered) {
        if (auto divisor = divisor_of(process, fault); divisor && divisor->value == 0) {
            fault.signal.code = fpe_intdiv;
            fault.signal.inferred = inferred;
        }
    }
    if (fault.signal.number != sigsegv) return;
    auto set = [&](std::uint64_t address, bool mapped) {
        bool general = process.layout->name == "x86-64" && !is_canonical(address);
        if (general && undelivered) return;
        fault.signal.code = general ? si_kernel : mapped ? segv_accerr : segv_maperr;
        fault.signal.address = general ? 0 : address;
        fault.signal.inferred = inferred;
    };
    if (!fault.pc_executable) {
        set(fault.pc, fault.pc_mapped);
        return;
    }
    if (!fault.instruction || !fault.every_access_known) return;
    const Access* guilty = nullptr;
    for (const Access& access : fault.accesses) {
        if (is_allowed(access, process.memory.region_at(access.address))) continue;
        if (guilty != nullptr) return;
        guilty = &access;
    }
    if (guilty != nullptr) set(guilty->address, process.memory.region_at(guilty->address) != nullptr);
}

Fault decode_fault(const Process& process, const SignalInfo& signal, const Registers& registers, View extended) {
    Fault fault;
    fault.signal = signal;
    fault.registers = registers;
    auto pc = registers.pc();
    if (!pc || process.layout == nullptr) return fault;
    fault.pc = *pc;
    const Region* region = process.memory.region_at(*pc);
    fault.pc_mapped = region != nullptr;
    fault.pc_executable = region != nullptr && region->executable();
    if (!fault.pc_executable) return fault;   // not code: never shown as an instruction
    fault.code_origin = process.memory.chunk(*pc).origin;
    fault.code = process.memory.read_some(*pc, longest_instruction);
    fault.instruction = decode_at(process, *pc);
    if (!fault.instruction) return fault;
    for (std::size_t i = 0; i < fault.instruction->operands.size(); ++i) {
        const disasm::Operand& operand = fault.instruction->operands[i];
        if (operand.kind != disasm::Operand::Kind::memory || !operand.memory.access) continue;
        if (auto elements = gather_accesses(registers, extended, *fault.instruction, i)) {
            fault.accesses.insert(fault.accesses.end(), elements->begin(), elements->end());
            continue;
        }
        auto access = access_of(process, registers, operand);
        if (!access) {
            fault.every_access_known = false;
            continue;
        }
        access->operand = i;
        fault.accesses.push_back(*access);
    }
    return fault;
}

}  // namespace

std::optional<Divisor> divisor_of(const Process& process, const Fault& fault) {
    if (!fault.instruction || (fault.instruction->mnemonic != "div" && fault.instruction->mnemonic != "idiv")) return std::nullopt;
    for (std::size_t i = 0; i < fault.instruction->operands.size(); ++i) {
        const disasm::Operand& operand = fault.instruction->operands[i];
        if (operand.implicit) continue;
        Divisor out{.operand = i, .value = 0, .size = operand.size, .address = 0};
        std::optional<std::uint64_t> value;
        if (operand.kind == disasm::Operand::Kind::reg) {
            value = fault.registers.get(operand.reg);
        } else if (auto access = std::ranges::find(fault.accesses, i, &Access::operand); access != fault.accesses.end()) {
            out.address = access->address;
            value = process.memory.number(access->address, static_cast<std::uint8_t>(access->size));
        }
        if (!value) return std::nullopt;
        out.value = *value;
        return out;
    }
    return std::nullopt;
}

void infer_exception(const Process& process, Fault& fault) {
    if (process.layout == nullptr || !disasm::is_x86(process.layout->architecture) || !fault.pc_executable) return;
    auto set = [&](std::int32_t code, std::uint64_t address) {
        fault.signal.code = code;
        fault.signal.address = address;
        fault.signal.inferred = Inferred::without_note;
    };
    switch (fault.signal.number) {
        case sigill: set(ill_illopn, fault.pc); break;
        case sigtrap:
            if (process.memory.number(fault.pc - 1, 1) == 0xcc) set(si_kernel, 0);
            break;
        case sigsegv:
            if (fault.instruction) set(si_kernel, 0);
            break;
        case sigbus:
            // Behind the last page of its file a mapping has no memory.
            for (const Access& access : fault.accesses) {
                const MappedFile* file = process.memory.file_at(access.address);
                auto size = file != nullptr && process.files ? process.files->size(file->path) : std::nullopt;
                constexpr std::uint64_t page = 4096;
                if (size && file->file_offset + (access.address - file->start) >= align_up(*size, page)) set(bus_adrerr, access.address);
            }
            break;
        default: break;
    }
}

bool must_fault_at(const Process& process, const Fault& fault, std::uint64_t address) {
    if (fault.pc == address) return !fault.pc_executable;
    return std::ranges::any_of(fault.accesses, [&](const Access& access) {
        return access.touches(address) && !is_allowed(access, process.memory.region_at(address));
    });
}

Fault read_fault(const Process& process, const SignalInfo& signal, const Registers& registers, View extended) {
    Fault fault = decode_fault(process, signal, registers, extended);
    if (registers.pc() && process.layout != nullptr) infer_signal(process, fault);
    return fault;
}

Fault read_fault(const Process& process, const SignalContext& context) {
    // fs_base and gs_base are not in a signal frame; a handler runs with those of its thread.
    Registers registers = context.registers;
    if (!process.notes.threads.empty()) {
        for (std::string_view name : {"fs_base", "gs_base"}) registers.set(name, process.notes.threads.front().registers.get(name));
    }
    Fault fault = read_fault(process, context.info, registers);
    fault.context = context.address;
    fault.trap = context.trap;
    fault.error_code = context.error_code;
    fault.fault_address = context.fault_address;
    return fault;
}

}  // namespace abiscope::core
