#include "core/live_slots.h"

#include <algorithm>

#include "elf/spec.h"
#include "golang/stack_map.h"

namespace abiscope::core {

namespace {

// Where the arguments and the local variables of a frame lie (runtime/traceback.go, unwinder.resolveInternal).
struct Bases {
    std::uint64_t arguments = 0;   // runtime.stkframe.argp
    std::uint64_t locals = 0;      // varp
};

Bases bases_of(const Process& process, std::uint64_t sp, std::uint64_t frame_end) {
    std::uint64_t word = process.wide() ? 8 : 4;
    std::uint16_t machine = process.layout->machine;
    bool links = !process.layout->return_address.empty();
    Bases out{.arguments = frame_end + (links ? word : 0), .locals = frame_end - (links ? 0 : word)};
    bool frame_pointer = machine == elf::em_x86_64 || machine == elf::em_aarch64;
    if (frame_pointer && out.locals > sp) out.locals -= word;
    return out;
}

// A variable whose address was taken.
struct Variable {
    std::size_t frame = 0;
    std::uint64_t start = 0, end = 0;
    std::vector<LiveSlot> slots;
    bool reached = false;
};

class Reader {
public:
    Reader(const Crash& crash, const Stack& stack)
        : go_(*crash.go), process_(crash.process), stack_(stack), word_(crash.process.wide() ? 8 : 4) {}

    [[nodiscard]] std::vector<FrameSlots> read(const std::optional<golang::Goroutine>& goroutine) {
        std::vector<FrameSlots> out;
        out.reserve(stack_.items.size());
        for (std::size_t i = 0; i < stack_.items.size(); ++i) out.push_back(read_frame(i));
        reach(out, goroutine);
        for (Variable& variable : variables_) {
            std::vector<LiveSlot>& slots = out[variable.frame].slots;
            for (const LiveSlot& one : variable.slots) {
                if (variable.reached && std::ranges::find(slots, one.address, &LiveSlot::address) == slots.end()) slots.push_back(one);
            }
        }
        for (FrameSlots& frame : out) std::ranges::sort(frame.slots, {}, &LiveSlot::address);
        return out;
    }

private:
    [[nodiscard]] FrameSlots read_frame(std::size_t index) {
        FrameSlots out;
        const Frame& frame = stack_.items[index].frame;
        const golang::FoundModule* module = go_.program().module_at(frame.lookup_pc());
        auto function = module != nullptr ? module->table.find(frame.lookup_pc()) : std::nullopt;
        if (!function || !frame.cfa || frame.signal) return out;
        std::uint64_t pc = frame.pc;
        std::string_view callee = index == 0 ? std::string_view() : special_at(stack_.items[index - 1].frame);
        if (callee == "sigpanic") {
            // It goes on, if at all, where its deferred calls have returned.
            if (function->deferreturn == 0) {
                out.why_not = "it faulted and defers nothing: it will not go on, and nothing of it is alive";
                return out;
            }
            pc = function->entry + function->deferreturn + 1;
        } else if (is_preempted(index)) {
            out.why_not = "it was stopped between two calls, where there is no map: any word may be a pointer";
            return out;
        } else if (frame.exact && pc != function->entry) {
            out.why_not = "it did not stop at a call, and only calls have maps: any word may be a pointer";
            return out;
        }
        out.known = true;
        Bases bases = bases_of(process_, frame.sp, *frame.cfa);
        const golang::Memory& memory = go_.program().memory();
        if (auto map = golang::pointer_map(memory, module->table, *function, golang::FuncData::args_pointer_maps, pc))
            add(out, SlotKind::argument, *map, bases.arguments);
        bool has_locals = bases.locals > frame.sp && bases.locals - frame.sp > least_locals();
        if (auto map = golang::pointer_map(memory, module->table, *function, golang::FuncData::locals_pointer_maps, pc); map && has_locals)
            add(out, SlotKind::local, *map, bases.locals - map->words * word_);
        add_variables(index, *module, *function, bases);
        return out;
    }

    // A frame of that size has room for what the machine asks for, and no variables.
    [[nodiscard]] std::uint64_t least_locals() const {
        return process_.layout->machine == elf::em_aarch64 ? 16 : process_.layout->return_address.empty() ? 0 : word_;
    }

    [[nodiscard]] std::string_view special_at(const Frame& frame) const {
        const golang::FoundModule* module = go_.program().module_at(frame.lookup_pc());
        auto function = module != nullptr ? module->table.find(frame.lookup_pc()) : std::nullopt;
        return function ? go_.special(*function) : std::string_view();
    }

    // A goroutine that was stopped at any instruction: that frame has no map at its pc, and its caller's arguments may be in use.
    [[nodiscard]] bool is_preempted(std::size_t index) const {
        for (std::size_t back = 1; back <= 2 && back <= index; ++back) {
            std::string_view special = special_at(stack_.items[index - back].frame);
            if (special == "asyncPreempt" || special.starts_with("debugCall")) return true;
        }
        return false;
    }

    [[nodiscard]] LiveSlot slot(SlotKind kind, std::uint64_t address) const {
        return {.kind = kind, .address = address, .value = process_.memory.word(address)};
    }

    void add(FrameSlots& out, SlotKind kind, const golang::PointerMap& map, std::uint64_t start) const {
        for (std::uint32_t i = 0; i < map.words; ++i) {
            if (map.holds_pointer(i)) out.slots.push_back(slot(kind, start + i * word_));
        }
    }

    void add_variables(std::size_t frame, const golang::FoundModule& module, const golang::Function& function, const Bases& bases) {
        const golang::Memory& memory = go_.program().memory();
        golang::StackObjects objects(memory, module.table, module.module, go_.program().release(), function);
        for (std::uint64_t i = 0; i < objects.size(); ++i) {
            auto object = objects.at(i);
            if (!object || object->mask == 0) continue;
            Variable variable;
            variable.frame = frame;
            variable.start =
                (object->offset < 0 ? bases.locals : bases.arguments) + static_cast<std::uint64_t>(std::int64_t{object->offset});
            variable.end = variable.start + object->size;
            for (std::uint64_t word = 0; word * word_ < object->pointer_bytes; ++word) {
                auto bits = memory.integer<std::uint8_t>(object->mask + word / 8);
                if (!bits) break;
                if ((*bits >> (word % 8) & 1) != 0) variable.slots.push_back(slot(SlotKind::object, variable.start + word * word_));
            }
            variables_.push_back(std::move(variable));
        }
    }

    // Marks the variables that something alive points at, as the collector does when it scans a stack.
    void reach(const std::vector<FrameSlots>& frames, const std::optional<golang::Goroutine>& goroutine) {
        std::ranges::sort(variables_, {}, &Variable::start);
        std::vector<std::uint64_t> pointers;
        for (std::size_t i = 0; i < frames.size(); ++i) {
            for (const LiveSlot& one : frames[i].slots) pointers.push_back(one.value.value_or(0));
            const Frame& frame = stack_.items[i].frame;
            if (frames[i].why_not.empty() || !frame.cfa || *frame.cfa - frame.sp > most_frame) continue;
            for (std::uint64_t at = frame.sp; at < *frame.cfa; at += word_) pointers.push_back(process_.memory.word(at).value_or(0));
        }
        // Deferred calls and panics are kept on the stack, and known to the goroutine alone.
        for (std::string_view name : {"_panic", "_defer"}) {
            auto field = go_.field("runtime.g", name);
            if (goroutine && field) pointers.push_back(process_.memory.word(goroutine->address + field->offset).value_or(0));
        }
        while (!pointers.empty()) {
            std::uint64_t pointer = pointers.back();
            pointers.pop_back();
            auto behind = std::ranges::upper_bound(variables_, pointer, {}, &Variable::start);
            if (behind == variables_.begin()) continue;
            Variable& variable = *std::prev(behind);
            if (pointer >= variable.end || variable.reached) continue;
            variable.reached = true;
            for (const LiveSlot& one : variable.slots) pointers.push_back(one.value.value_or(0));
        }
    }

    static constexpr std::uint64_t most_frame = 1 << 20;

    const GoProcess& go_;
    const Process& process_;
    const Stack& stack_;
    std::uint64_t word_;
    std::vector<Variable> variables_;
};

}  // namespace

std::string_view to_string(SlotKind kind) {
    switch (kind) {
        case SlotKind::argument: return "argument";
        case SlotKind::local: return "local";
        case SlotKind::object: return "object";
    }
    return "local";
}

std::vector<FrameSlots> live_slots(const Crash& crash, const Stack& stack, const std::optional<golang::Goroutine>& goroutine) {
    return Reader(crash, stack).read(goroutine);
}

}  // namespace abiscope::core
