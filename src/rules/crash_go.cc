// Go's own ends: a panic that nobody recovered from, and errors the runtime cannot go on after.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "core/spec.h"
#include "rules/crash_builder.h"
#include "rules/crash_variable.h"
#include "rules/go_value.h"

namespace abiscope::rules {

namespace {

// No part of the runtime, nor of what the standard library has of it (sync.fatal).
bool is_program_code(std::string_view function) {
    for (std::string_view package : {"runtime.", "sync.", "internal/"}) {
        if (function.starts_with(package)) return false;
    }
    return !function.empty();
}

// A call as its author wrote it: an inlined one too.
struct Call {
    std::string_view function, file;
    std::uint32_t line = 0;
};

// The first of the frame's calls, innermost first, that stands in the program's own code.
std::optional<Call> program_call(core::Crash& crash, std::size_t index) {
    const core::Location& location = crash.symbols.at(crash.stack.items[index].frame.lookup_pc());
    for (const core::Location::Inlined& one : location.inlined) {
        if (is_program_code(one.function)) return Call{one.function, one.file, one.line};
    }
    if (is_program_code(location.function)) return Call{location.function, location.file, location.line};
    return std::nullopt;
}

// The first one behind `from`, in words.
std::optional<std::string> program_place(core::Crash& crash, std::size_t from) {
    for (std::size_t i = from; i < crash.stack.items.size(); ++i) {
        auto call = program_call(crash, i);
        if (call)
            return call->file.empty() ? std::string(call->function) : fmt::format("{} at {}:{}", call->function, call->file, call->line);
    }
    return std::nullopt;
}

struct Panic {
    std::uint64_t address = 0;         // of the runtime._panic
    std::uint64_t value_place = 0;
    std::optional<GoValue> value;
    bool exits = false;                // none, but runtime.Goexit()
};

// Those of the goroutine, the last first: a panic in a deferred function comes on top of the one it was called for.
std::vector<Panic> panics_of(const core::Crash& crash, const golang::Goroutine& goroutine) {
    constexpr std::size_t most = 16;
    std::vector<Panic> out;
    auto list = crash.go->field("runtime.g", "_panic");
    auto arg = crash.go->field("runtime._panic", "arg"), link = crash.go->field("runtime._panic", "link");
    auto goexit = crash.go->field("runtime._panic", "goexit");
    if (!list || !arg || !link) return out;
    const core::Memory& memory = crash.process.memory;
    auto at = memory.word(goroutine.address + list->offset);
    while (at && *at != 0 && out.size() < most) {
        bool exits = goexit && memory.number(*at + goexit->offset, 1).value_or(0) != 0;
        out.push_back(
            {.address = *at, .value_place = *at + arg->offset, .value = go_interface_value(*crash.go, *at + arg->offset), .exits = exits});
        at = memory.word(*at + link->offset);
    }
    return out;
}

std::string value_words(const GoValue& value) {
    if (value.type.empty() || value.text_address != 0) return value.text;
    return fmt::format("{}({})", value.type, value.text);
}

struct GoFault {
    std::uint64_t address = 0;
    std::uint64_t signal = 0;
    std::uint64_t code = 0;            // si_code
};

// Names the address of the fault that runtime.sigpanic was called for, where the goroutine still has it.
std::optional<GoFault> add_fault_address(CauseBuilder& builder, const core::Crash& crash) {
    const auto& thread = crash.go_frames->thread();
    auto field = crash.go->field("runtime.g", "sigcode1"), number = crash.go->field("runtime.g", "sig");
    auto code = crash.go->field("runtime.g", "sigcode0");
    if (!thread || !thread->current || !field || !number || !code) return std::nullopt;
    // In C code the thread's own goroutine, g0, is the one that the signal met.
    for (std::uint64_t g : {thread->current->address, thread->system.address}) {
        auto signal = g == 0 ? std::nullopt : crash.process.memory.number(g + number->offset, 4);
        if (!signal || *signal == 0) continue;
        std::uint64_t place = g + field->offset;
        auto value = crash.process.memory.word(place);
        auto reason = crash.process.memory.word(g + code->offset);
        if (!value || !reason) return std::nullopt;
        builder.memory(place, crash.process.wide() ? 8 : 4, fmt::format("the address of the fault: {}", hexadecimal(*value)));
        return GoFault{.address = *value, .signal = *signal, .code = *reason};
    }
    return std::nullopt;
}

// The compiler's own test of a pointer, whose result nobody looks at: TESTB AX, (AX), MOVB (R0), R27 (cmd/compile, OpAMD64LoweredNilCheck
// and its like).
bool is_nil_check(const disasm::Instruction& instruction) {
    const auto& operands = instruction.operands;
    if (operands.size() < 2) return false;
    if (instruction.mnemonic == "test") return true;
    return instruction.mnemonic == "ldrb" && operands[0].kind == disasm::Operand::Kind::reg &&
        (operands[0].reg == "w27" || operands[0].reg == "r11");
}

// The one operand in memory.
const disasm::Operand* memory_operand(const disasm::Instruction& instruction) {
    const disasm::Operand* found = nullptr;
    for (const disasm::Operand& operand : instruction.operands) {
        if (operand.kind != disasm::Operand::Kind::memory || !operand.memory.access) continue;
        if (found != nullptr) return nullptr;
        found = &operand;
    }
    return found == nullptr || found->memory.base.empty() || !found->memory.index.empty() ? nullptr : found;
}

// The variable behind the pointer of the instruction that runtime.sigpanic was called for. What its operand held follows from the address
// of the fault; the other registers are gone.
GuiltyVariable faulting_variable(core::Crash& crash, std::size_t index, std::uint64_t address) {
    const core::Frame& frame = crash.stack.items[index].frame;
    auto instruction = core::decode_at(crash.process, frame.pc);
    const disasm::Operand* guilty = instruction ? memory_operand(*instruction) : nullptr;
    if (guilty == nullptr) return {};
    core::Registers known(crash.process.layout);
    known.set(crash.process.layout->pc, frame.pc);
    known.set(crash.process.layout->sp, frame.sp);
    known.set(known.whole(guilty->memory.base), address - static_cast<std::uint64_t>(guilty->memory.displacement));
    FaultMoment moment{.pc = frame.pc, .registers = known, .frame = index};
    if (!is_nil_check(*instruction)) return guilty_variable(crash, moment, guilty->memory, guilty->size);
    // The member is what comes behind the test.
    auto next = core::decode_at(crash.process, frame.pc + instruction->length());
    const disasm::Operand* behind = next ? memory_operand(*next) : nullptr;
    if (behind != nullptr && behind->memory.base == guilty->memory.base)
        return guilty_variable(crash, moment, behind->memory, behind->size);
    return guilty_variable(crash, moment, guilty->memory, 0);
}

// Without NT_SIGINFO nothing says who sent the signal; a thread that stands in the function that sends it has just done so.
bool raises_it(core::Crash& crash) { return !crash.signal.complete && crash.find_frame("runtime.raise") == 0; }

void reject_outside(CauseBuilder& builder, core::Crash& crash) {
    if (crash.signal.complete) {
        builder.reject("a signal from outside", "the process sent it to itself");
    } else {
        builder.reject("a signal from outside", "the thread was sending it to itself (runtime.raise)");
        builder.confidence(Confidence::likely, "there is no NT_SIGINFO note to say who sent the signal");
    }
}

std::optional<Cause> panicked(Ask ask, std::size_t gopanic) {
    core::Crash& crash = ask.crash;
    const auto& thread = crash.go_frames->thread();
    CauseBuilder builder(RuleId::CRASH_GO_PANIC, crash);
    builder.signal().derived(fmt::format("{} is on the stack", crash.function(gopanic)));
    std::string where = program_place(crash, gopanic).value_or("an unknown function");
    builder.with("function", where);
    std::vector<Panic> panics = thread && thread->current ? panics_of(crash, *thread->current) : std::vector<Panic>{};
    if (panics.empty() || !panics.front().value) {
        builder.with("value", std::string());
        builder.confidence(Confidence::likely, "the value of the panic was not found: the goroutine's structure is not known");
    } else {
        const Panic& last = panics.front();
        builder.memory(last.value_place, 16,
                       fmt::format("the panic's value is of type {}", last.value->type.empty() ? "nil" : last.value->type));
        if (last.value->text_address != 0 && last.value->text_size != 0)
            builder.memory(last.value->text_address, last.value->text_size, fmt::format("the text: {}", last.value->text));
        builder.with("value", ": " + value_words(*last.value));
        for (std::size_t i = 1; i < panics.size(); ++i) {
            if (panics[i].exits) builder.derived("it came in a function that was deferred, while runtime.Goexit() ended the goroutine");
            else if (panics[i].value)
                builder.derived(fmt::format("it came while this panic was under way: {}", value_words(*panics[i].value)));
        }
    }
    auto signal = crash.find_frame("runtime.sigpanic", gopanic);
    if (signal && *signal + 1 < crash.stack.items.size()) {
        const core::Frame& frame = crash.stack.items[*signal + 1].frame;
        builder.derived(fmt::format("a fault of the instruction at {} became the panic (runtime.sigpanic)", hexadecimal(frame.pc)));
        if (auto fault = add_fault_address(builder, crash)) {
            GuiltyVariable guilty = faulting_variable(crash, *signal + 1, fault->address);
            if (!guilty.words.empty()) builder.derived(guilty.words);
            std::string pointer = guilty.pointer.empty() ? std::string("the pointer") : fmt::format("`{}`", guilty.pointer);
            // A deferred function may have panicked again: the fault was where sigpanic seems to be called.
            builder.help(fmt::format("{} was {}; look at what is loaded in {}", pointer, fault->address < 4096 ? "nil" : "not valid",
                                     program_place(crash, *signal + 1).value_or(where)));
        }
    }
    reject_outside(builder, crash);
    builder.reject("a fault in C", "no hardware fault interrupted C code");
    return builder.build();
}

// A Go string in a frame: a pointer into the program's constants, and its length.
std::vector<GoValue> constant_texts(const core::Crash& crash, std::uint64_t from, std::uint64_t to) {
    constexpr std::uint64_t most_frame = 1 << 12;
    constexpr std::uint64_t shortest = 4, longest = 400;
    const core::Memory& memory = crash.process.memory;
    std::uint64_t word = crash.process.wide() ? 8 : 4;
    std::vector<GoValue> out, captured;
    // What a closure has captured lies behind the address of its function; what is spilled, behind the return address.
    auto follows_function = [&](std::uint64_t slot) {
        auto function = slot + 2 * word < to ? memory.word(slot - word) : std::nullopt;
        const core::Region* region = function ? memory.region_at(*function) : nullptr;
        return region != nullptr && region->executable();
    };
    for (std::uint64_t slot = from; slot + 2 * word <= to && slot - from < most_frame; slot += word) {
        auto start = memory.word(slot), size = memory.word(slot + word);
        if (!start || !size || *size < shortest || *size > longest) continue;
        const core::Region* region = memory.region_at(*start);
        const core::Module* module = crash.process.module_at(*start);
        if (region == nullptr || region->writable() || region->executable() || module != &crash.go->module()) continue;
        std::vector<std::byte> bytes = memory.read_some(*start, *size);
        std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        bool sentence = text.find(' ') != std::string::npos || text == "fault";
        if (bytes.size() != *size || text::printable(text) != text || !sentence) continue;
        bool known = std::ranges::any_of(out, [&](const GoValue& one) { return one.text == text; });
        GoValue value{.type = "string", .text = text, .text_address = *start, .text_size = *size};
        if (follows_function(slot)) captured.push_back(value);
        if (!known) out.push_back(std::move(value));
    }
    // Of a spilled argument only the pointer may have been written, and what is behind it is no length.
    return captured.size() == 1 ? captured : out;
}

struct KnownText {
    std::string_view text, help;
};

// runtime/proc.go, map.go, stack.go, malloc.go: what the runtime gives up with, and what it usually means.
constexpr KnownText known_texts[] = {
    {"all goroutines are asleep - deadlock!",
     "every goroutine waits for another: look at what each of them waits for (abiscope core --goroutines)"},
    {"concurrent map writes", "two goroutines wrote to one map: guard it with a sync.Mutex; `go run -race` finds both places"},
    {"concurrent map read and map write",
     "a goroutine read a map that another wrote to: guard it with a sync.RWMutex; `go run -race` finds both places"},
    {"concurrent map iteration and map write",
     "a map was written to while it was walked through: guard it; `go run -race` finds both places"},
    {"fault",
     "the code used an address that no Go value has: look for unsafe.Pointer, a slice header made by hand, or memory that was unmapped"},
    {"stack overflow", "a recursion does not end, or is deeper than runtime/debug.SetMaxStack allows: the backtrace shows its cycle"},
    {"sync: unlock of unlocked mutex", "Unlock was called twice, or on a copy of the mutex"},
};

// What the kernel said of it; empty where the text alone says all.
std::string fault_help(const core::Crash& crash, const GoFault& fault) {
    const core::MappedFile* file = crash.process.memory.file_at(fault.address);
    if (fault.signal == core::sigbus && file != nullptr)
        return fmt::format(
            "SIGBUS: a file is mapped there, {}, and has no such page: it was shortened while it was mapped, or its file system is full",
            text::printable(file->path));
    if (fault.signal == core::sigbus)
        return "SIGBUS: the page could not be had: a mapped file that was shortened, or huge pages that ran out";
    constexpr std::uint64_t accerr = 2;
    if (fault.signal == core::sigsegv && fault.code == accerr)
        return "what is mapped there may not be used so: constants, strings of the program and mappings without PROT_WRITE cannot be written to";
    return {};
}

std::optional<Cause> gave_up(Ask ask, std::size_t thrower) {
    core::Crash& crash = ask.crash;
    CauseBuilder builder(RuleId::CRASH_GO_FATAL, crash);
    builder.signal().derived(fmt::format("{} is on the stack", crash.function(thrower)));
    const core::Frame& frame = crash.stack.items[thrower].frame;
    // The text is the function's one argument: kept in its frame for the closure that prints it, or spilled behind its return address.
    std::uint64_t end = frame.cfa.value_or(frame.sp) + (crash.process.wide() ? 16 : 8);
    std::vector<GoValue> texts = constant_texts(crash, frame.sp, end);
    builder.with("function", program_place(crash, thrower).value_or("the runtime itself"));
    // "unexpected signal during runtime execution": a fault in C, or in the runtime itself.
    std::optional<GoFault> fault;
    if (crash.find_frame("runtime.sigpanic", thrower)) fault = add_fault_address(builder, crash);
    if (texts.size() == 1) {
        const GoValue& text = texts.front();
        builder.memory(text.text_address, text.text_size, fmt::format("the text in its frame: {}", text.text))
            .with("value", ": " + text.text);
        for (const KnownText& known : known_texts) {
            if (known.text != text.text) continue;
            std::string help = text.text == "fault" && fault ? fault_help(crash, *fault) : std::string();
            builder.help(help.empty() ? std::string(known.help) : help);
        }
    } else {
        builder.with("value", std::string());
        builder.confidence(Confidence::likely,
                           texts.empty() ? "the text of the error was not found in its frame" : "several texts are in its frame");
    }
    builder.reject("a panic", "runtime.gopanic is not on the stack: nothing could have recovered from it");
    reject_outside(builder, crash);
    return builder.build();
}

}  // namespace

std::optional<Cause> go_abort(Ask ask) {
    core::Crash& crash = ask.crash;
    if (!crash.go || crash.behind || crash.signal.number != core::sigabrt) return std::nullopt;
    if (!crash.sent_by_itself(crash.signal) && !raises_it(crash)) return std::nullopt;
    // What the runtime throws then names no cause: go_asked_to_dump() says who sent the signal.
    if (crash.kept && core::is_sent(crash.kept->info.code)) return std::nullopt;
    if (auto panic = crash.find_frame("runtime.gopanic")) return panicked(ask, *panic);
    for (std::string_view name : {"runtime.throw", "runtime.fatal"}) {
        if (auto thrower = crash.find_frame(name)) return gave_up(ask, *thrower);
    }
    return std::nullopt;
}

}  // namespace abiscope::rules
