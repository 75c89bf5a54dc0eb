#include "core/where.h"

#include <algorithm>
#include <utility>

#include "core/goroutine_stacks.h"
#include "elf/spec.h"
#include "elf/symbols.h"

namespace abiscope::core {

namespace {

constexpr std::uint64_t most_bytes_below = 1 << 20;

// Index of the item whose frame holds `address`; the size when none does.
std::size_t frame_holding(const Stack& stack, std::uint64_t address) {
    for (std::size_t i = 0; i < stack.items.size(); ++i) {
        const Frame& frame = stack.items[i].frame;
        if (frame.cfa && address >= frame.sp && address < *frame.cfa) return i;
    }
    return stack.items.size();
}

void fill_frame(StackPlace& out, const Stack& stack, std::uint64_t address) {
    std::size_t index = frame_holding(stack, address);
    if (index < stack.items.size()) {
        const Frame& frame = stack.items[index].frame;
        out.frame = index;
        out.pc = frame.pc;
        out.lookup_pc = frame.lookup_pc();
        out.offset = address - frame.sp;
        return;
    }
    std::uint64_t lowest = stack.items.empty() ? 0 : stack.items.front().frame.sp;
    if (address < lowest) out.below = "it is below the stack pointer: left over from calls that have returned, or not used yet";
    else out.below = stack.complete ? "it is above the outermost frame" : "the backtrace does not reach it";
}

std::optional<StackPlace> goroutine_place(Crash& crash, std::uint64_t address) {
    auto goroutine = goroutine_of_stack(crash, address);
    if (!goroutine) return std::nullopt;
    Stack stack = GoroutineStacks(crash).stack_of(*goroutine);
    StackPlace out{.goroutine = goroutine->id, .below = {}, .slot = {}, .slots_unknown = {}};
    fill_frame(out, stack, address);
    if (!out.below.empty()) return out;
    FrameSlots slots = std::move(live_slots(crash, stack, goroutine)[out.frame]);
    std::uint64_t word = address & ~std::uint64_t{crash.process.wide() ? 7U : 3U};
    auto slot = std::ranges::find(slots.slots, word, &LiveSlot::address);
    if (slot != slots.slots.end()) out.slot = slot->kind;
    out.slots_unknown = std::move(slots.why_not);
    return out;
}

std::optional<StackPlace> thread_place(Crash& crash, const Region& region, std::uint64_t address) {
    for (const ThreadStatus& thread : crash.process.notes.threads) {
        auto sp = thread.registers.sp();
        if (!sp || !region.holds(*sp)) continue;
        StackPlace out{.thread = thread.id, .goroutine = {}, .below = {}, .slot = {}, .slots_unknown = {}};
        fill_frame(out, crash.unwinder.unwind(thread.registers, thread.id), address);
        // Memory that only lies in the same mapping is not the thread's stack.
        if (!out.below.empty() && address < *sp && *sp - address > most_bytes_below && &region != crash.process.main_stack()) continue;
        return out;
    }
    return std::nullopt;
}

void fill_symbol(Place& out, const Module& module) {
    if (!module.image) return;
    std::uint64_t address = out.address - module.bias;
    if (const elf::Section* section = elf::section_at(module.sections(), address)) out.section = section->name;
    elf::SymbolTable tables[] = {elf::static_symbols(*module.image, module.sections()), elf::dynamic_symbols(*module.image)};
    for (const elf::SymbolTable& table : tables) {
        for (std::uint64_t i = 0; i < table.size() && out.symbol.empty(); ++i) {
            elf::Symbol symbol = table.unnamed_at(i);
            if (!symbol.defined() || symbol.size == 0 || address < symbol.value || address - symbol.value >= symbol.size) continue;
            if (symbol.type() > elf::stt_func) continue;
            std::string_view name = table.name_at(i);
            out.symbol = name.substr(0, name.find('@'));
            out.symbol_offset = address - symbol.value;
        }
    }
}

}  // namespace

Place find_place(Crash& crash, std::uint64_t address, const GoHeap* heap) {
    const Process& process = crash.process;
    Place out;
    out.address = address;
    out.canonical = process.layout == nullptr || process.layout->name != "x86-64" || is_canonical(address);
    out.region = process.memory.region_at(address);
    if (out.region == nullptr) {
        out.before = process.memory.region_before(address);
        out.after = process.memory.region_after(address);
    }
    out.name = process.place_name(address);
    Chunk chunk = process.memory.chunk(address);
    out.origin = chunk.origin;
    if (chunk.origin == Origin::dump) out.core_offset = chunk.bytes.file_offset();
    out.word = process.memory.word(address);
    out.file = process.memory.file_at(address);
    if (out.file != nullptr) out.file_offset = out.file->file_offset + (address - out.file->start);
    if (const Module* module = process.module_at(address)) fill_symbol(out, *module);
    if (out.region == nullptr) return out;
    if (crash.go) {
        out.stack = goroutine_place(crash, address);
        // Go's stacks and objects share mappings: that a thread's stack is in one says nothing of the rest.
        if (heap != nullptr && heap->uses(*out.region)) {
            out.go_heap = heap->at(address);
            out.go_unused = !out.go_heap && !out.stack;
            out.name = out.stack ? "[goroutine stack]" : "[Go heap]";
            return out;
        }
    }
    if (!out.stack && out.file == nullptr) out.stack = thread_place(crash, *out.region, address);
    return out;
}

}  // namespace abiscope::core
