#include "core/go_process.h"

#include <utility>

#include "elf/spec.h"
#include "golang/buildinfo.h"

namespace abiscope::core {

namespace {

// Where a thread's goroutine is: the register that Go's own code keeps it in, and the slot before the thread pointer that the linker gives
// executables for Linux (cmd/link, runtime.tlsg).
struct GoMachine {
    std::uint16_t machine = 0;
    std::string_view architecture;     // GOARCH
    std::string_view goroutine;        // register; empty: none
    std::string_view thread_pointer;   // register; empty: not in the dump's general registers
    std::int64_t slot = 0;             // from the thread pointer
};

constexpr GoMachine machines[] = {
    {elf::em_x86_64, "amd64", "r14", "fs_base", -8},
    {elf::em_aarch64, "arm64", "x28", {}, 0},
    {elf::em_386, "386", {}, {}, 0},
    {elf::em_arm, "arm", "r10", {}, 0},
};

const GoMachine* machine_of(const Process& process) {
    for (const GoMachine& one : machines) {
        if (one.machine == process.layout->machine) return &one;
    }
    return nullptr;
}

std::optional<golang::BuildInfo> build_info(const GoMemory& memory) {
    std::vector<golang::DataRange> writable;
    for (const golang::MemoryRange& range : memory.ranges()) {
        if (range.writable) writable.push_back({range.bytes, range.address});
    }
    return golang::read_build_info(writable, memory.word() == 8, [&](std::uint64_t address) { return memory.at(address); });
}

}  // namespace

GoMemory::GoMemory(const Process& process, const Module& program)
    : golang::Memory(process.order(), process.wide() ? 8 : 4), process_(process) {
    // Variables that start as zero follow the mappings of the file.
    std::uint64_t end = program.end;
    if (const Region* zeros = process.memory.region_at(end); zeros != nullptr && zeros->start == end && zeros->writable()) end = zeros->end;
    for (const Region& region : process.memory.regions()) {
        if (region.end <= program.start || region.start >= end) continue;
        std::uint64_t size = region.end - region.start;
        View bytes = process.memory.chunk(region.start).bytes.clamped(0, size);
        ranges_.push_back(
            {.address = region.start, .size = size, .bytes = bytes, .writable = region.writable(), .executable = region.executable()});
    }
}

View GoMemory::at(std::uint64_t address) const { return process_.memory.chunk(address).bytes; }

std::unique_ptr<GoProcess> GoProcess::open(const Process& process, finding::Sink& sink) {
    const Module* program = process.program();
    if (program == nullptr || process.layout == nullptr) return nullptr;
    const GoMachine* machine = machine_of(process);
    if (machine == nullptr) return nullptr;
    std::unique_ptr<GoProcess> out(new GoProcess(process));
    out->memory_ = std::make_unique<GoMemory>(process, *program);
    auto opened = golang::Program::open(*out->memory_, build_info(*out->memory_), sink);
    if (!opened) return nullptr;
    out->program_.emplace(*std::move(opened));
    out->architecture_ = machine->architecture;
    out->offsets_ = offsets_of(out->program_->release(), out->architecture_);
    return out;
}

std::optional<GoProcess::Offsets> GoProcess::offsets_of(golang::Release release, std::string_view architecture) {
    auto g = golang::struct_layout("runtime.g", release, architecture);
    auto m = golang::struct_layout("runtime.m", release, architecture);
    auto gobuf = golang::struct_layout("runtime.gobuf", release, architecture);
    if (!g || !m || !gobuf) return std::nullopt;
    bool complete = true;
    auto offset = [&](const golang::StructLayout& layout, std::string_view field) {
        auto place = layout.field(field);
        complete = complete && place.has_value();
        return place ? place->offset : 0;
    };
    Offsets out{.stack = offset(*g, "stack"),
                .m = offset(*g, "m"),
                .sched = offset(*g, "sched"),
                .g0 = offset(*m, "g0"),
                .gsignal = offset(*m, "gsignal"),
                .curg = offset(*m, "curg"),
                .procid = offset(*m, "procid"),
                .sp = offset(*gobuf, "sp"),
                .pc = offset(*gobuf, "pc")};
    return complete ? std::optional(out) : std::nullopt;
}

std::optional<Goroutine> GoProcess::goroutine(std::uint64_t address) const {
    const Memory& memory = process_.memory;
    std::uint64_t word = process_.wide() ? 8 : 4;
    if (!offsets_ || address == 0 || address % word != 0) return std::nullopt;
    auto low = memory.word(address + offsets_->stack), high = memory.word(address + offsets_->stack + word);
    auto thread = memory.word(address + offsets_->m);
    auto sp = memory.word(address + offsets_->sched + offsets_->sp), pc = memory.word(address + offsets_->sched + offsets_->pc);
    if (!low || !high || !thread || !sp || !pc || *low >= *high) return std::nullopt;
    return Goroutine{.address = address, .stack_low = *low, .stack_high = *high, .thread = *thread, .saved_sp = *sp, .saved_pc = *pc};
}

std::optional<GoThread> GoProcess::thread(const Registers& registers, std::uint32_t number) const {
    if (!offsets_) return std::nullopt;
    const GoMachine& machine = *machine_of(process_);
    std::vector<std::uint64_t> candidates;
    if (auto value = registers.get(machine.goroutine)) candidates.push_back(*value);
    if (auto base = registers.get(machine.thread_pointer); base && *base != 0) {
        if (auto value = process_.memory.word(*base + static_cast<std::uint64_t>(machine.slot))) candidates.push_back(*value);
    }
    for (std::uint64_t candidate : candidates) {
        auto g = goroutine(candidate);
        if (!g || g->thread == 0) continue;
        auto id = process_.memory.number(g->thread + offsets_->procid, 8);
        auto g0 = process_.memory.word(g->thread + offsets_->g0);
        if (!id || *id != number || !g0) continue;
        auto system = goroutine(*g0);
        if (!system || system->thread != g->thread) continue;
        GoThread out{.address = g->thread, .system = *system, .signal = {}, .current = {}};
        if (auto signal = process_.memory.word(g->thread + offsets_->gsignal)) out.signal = goroutine(*signal);
        if (auto current = process_.memory.word(g->thread + offsets_->curg)) out.current = goroutine(*current);
        if (out.current && out.current->thread != out.address) out.current.reset();
        return out;
    }
    return std::nullopt;
}

bool GoProcess::starts_function(std::uint64_t pc) const {
    const golang::FoundModule* module = program_->module_at(pc);
    auto function = module != nullptr ? module->table.find(pc) : std::nullopt;
    return function && function->entry == pc;
}

std::optional<golang::FieldPlace> GoProcess::field(std::string_view type, std::string_view name) const {
    auto layout = golang::struct_layout(type, program_->release(), architecture_);
    return layout ? layout->field(name) : std::nullopt;
}

std::string_view GoProcess::special(const golang::Function& function) const {
    if (function.id == 0) return {};
    return golang::name_of(golang::NameKind::function_id, program_->release(), function.id).value_or(std::string_view());
}

}  // namespace abiscope::core
