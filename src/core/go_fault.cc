#include "core/go_fault.h"

#include "core/spec.h"

namespace abiscope::core {

namespace {

bool is_page_fault(const SignalInfo& info) {
    bool of_memory = info.number == sigsegv && (info.code == segv_maperr || info.code == segv_accerr);
    return of_memory || (info.number == sigbus && info.code == bus_adrerr);
}

// The base register of the one operand in memory, where the frame of the call left it unknown.
void solve_base(const Fault& fault, std::uint64_t address, Registers& registers) {
    const disasm::MemoryOperand* only = nullptr;
    for (const disasm::Operand& operand : fault.instruction->operands) {
        if (operand.kind != disasm::Operand::Kind::memory || !operand.memory.access) continue;
        if (only != nullptr) return;
        only = &operand.memory;
    }
    // A fault at the start of a page may be that of an access which began in the page before.
    constexpr std::uint64_t page = 4096;
    bool straddling = address % page == 0 && address != 0;
    if (only == nullptr || straddling || only->base.empty() || !only->index.empty() || !only->segment.empty()) return;
    std::string_view whole = registers.whole(only->base);
    if (whole == only->base && !registers.get(whole)) registers.set(whole, address - static_cast<std::uint64_t>(only->displacement));
}

}  // namespace

std::optional<KeptSignal> kept_signal(const Process& process, const GoProcess& go, const GoFrames& frames, const Stack& stack) {
    auto number = go.field("runtime.g", "sig"), code = go.field("runtime.g", "sigcode0"), value = go.field("runtime.g", "sigcode1"),
         pc = go.field("runtime.g", "sigpc");
    const auto& thread = frames.thread();
    if (!thread || !number || !code || !value || !pc) return std::nullopt;
    std::size_t met = 0;
    for (std::size_t i = 0; met == 0 && i + 1 < stack.items.size(); ++i) {
        std::uint64_t place = stack.items[i].frame.lookup_pc();
        const golang::FoundModule* module = go.program().module_at(place);
        auto function = module != nullptr ? module->table.find(place) : std::nullopt;
        if (function && go.special(*function) == "sigpanic") met = i + 1;
    }
    if (met == 0) return std::nullopt;
    const Frame& frame = stack.items[met].frame;
    const golang::FoundModule* module = go.program().module_at(frame.pc);
    if (module != nullptr && module->table.find(frame.pc)) return std::nullopt;
    // C runs on the stack of g0, the thread's own goroutine.
    const Memory& memory = process.memory;
    std::uint64_t g = thread->system.address;
    auto met_pc = memory.word(g + pc->offset), met_code = memory.word(g + code->offset), met_value = memory.word(g + value->offset);
    auto met_number = memory.number(g + number->offset, 4);
    if (!met_number || !met_code || !met_value || met_pc != frame.pc) return std::nullopt;
    KeptSignal out{.place = g + number->offset, .frame = met};
    out.info.number = static_cast<std::int32_t>(*met_number);
    out.info.code = static_cast<std::int32_t>(*met_code);
    // si_pid and si_uid lie where si_addr does.
    if (is_sent(out.info.code)) {
        out.info.sender_pid = static_cast<std::int32_t>(*met_value);
        if (process.wide()) out.info.sender_uid = static_cast<std::uint32_t>(*met_value >> 32);
    } else {
        out.info.address = *met_value;
    }
    out.info.complete = true;
    return is_fault(out.info.number) ? std::optional(out) : std::nullopt;
}

std::optional<Fault> kept_fault(const Process& process, const KeptSignal& kept, const Frame& frame) {
    if (is_sent(kept.info.code)) return std::nullopt;
    SignalContext context{.info = kept.info, .registers = frame.registers};
    context.address = kept.place;
    context.registers.set(process.layout->pc, frame.pc);
    context.registers.set(process.layout->sp, frame.sp);
    Fault fault = read_fault(process, context);
    if (is_page_fault(kept.info) && fault.instruction) {
        solve_base(fault, *kept.info.address, context.registers);
        fault = read_fault(process, context);
    }
    bool left = fault.pc_executable ? fault.instruction && fault.every_access_known : kept.info.address == fault.pc;
    if (!left || (is_page_fault(kept.info) && kept.info.number == sigsegv && !must_fault_at(process, fault, *kept.info.address)))
        return std::nullopt;
    fault.of_goroutine = true;
    return fault;
}

}  // namespace abiscope::core
