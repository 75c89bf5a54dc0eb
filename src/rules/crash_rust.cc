// Rust: panics that end in abort(), by the names of their frames or, where there are none, by what they leave on the stack.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "base/text.h"
#include "rules/crash_builder.h"
#include "rules/crash_language.h"

namespace abiscope::rules {

namespace {

// "core::panicking::panic_fmt" in either of Rust's ways of mangling.
bool is_panic(std::string_view name) {
    // std::panicking::try, which newer ones call catch_unwind, is what stops a panic: below every thread.
    if (name.find("9panicking3try") != std::string_view::npos || name.find("9panicking12catch_unwind") != std::string_view::npos)
        return false;
    return name == "rust_begin_unwind" || name == "rust_panic" || name.find("9panicking") != std::string_view::npos ||
        name.find("rust_panic_with_hook") != std::string_view::npos;
}

// A function of Rust's own libraries, or a trait of theirs for one of their types: who called it is to blame.
bool is_of_library(std::string_view name) {
    auto starts = [](std::string_view text, auto& parts) {
        return std::ranges::any_of(parts, [&](std::string_view part) { return text.starts_with(part); });
    };
    constexpr std::string_view crates[] = {"4core", "5alloc", "3std"};
    constexpr std::string_view types[] = {"core..", "alloc..", "std..", "usize", "str", "$u5b$"};
    if (name.starts_with("_ZN")) {
        name.remove_prefix(3);
        if (starts(name, crates)) return true;
        name.remove_prefix(std::min(name.find_first_not_of("0123456789"), name.size()));
        constexpr std::string_view of_type = "_$LT$";
        return name.starts_with(of_type) && starts(name.substr(of_type.size()), types);
    }
    // Rust's own mangling (v0): the crate of the path, behind its disambiguator.
    std::size_t root = name.starts_with("_R") ? name.find("Cs") : std::string_view::npos;
    std::size_t end = root != std::string_view::npos ? name.find('_', root) : root;
    return end != std::string_view::npos && starts(name.substr(end + 1), crates);
}

struct RustPlace {
    std::string file;
    std::uint32_t line = 0;
    std::uint32_t column = 0;
    std::uint64_t address = 0;
    std::uint64_t slot = 0;

    [[nodiscard]] std::string words() const { return fmt::format("{}:{}:{}", file, line, column); }
};

// core::panic::Location: { file: &str, line: u32, column: u32 }.
std::optional<RustPlace> location_at(const core::Memory& memory, std::uint64_t slot) {
    auto address = memory.word(slot);
    const core::Region* region = address ? memory.region_at(*address) : nullptr;
    if (region == nullptr || region->executable()) return std::nullopt;
    auto text = memory.word(*address);
    auto length = memory.word(*address + 8);
    auto line = memory.number(*address + 16, 4);
    auto column = memory.number(*address + 20, 4);
    if (!text || !length || !line || !column || *length < 4 || *length > 4096 || *line == 0 || *line > 10'000'000 || *column == 0 ||
        *column > 100'000)
        return std::nullopt;
    std::vector<std::byte> bytes = memory.read_some(*text, *length);
    std::string_view file(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (bytes.size() != *length || !file.ends_with(".rs") || text::printable(file) != file) return std::nullopt;
    return RustPlace{std::string(file), static_cast<std::uint32_t>(*line), static_cast<std::uint32_t>(*column), *address, slot};
}

constexpr std::uint64_t most_stack = 1 << 16;

// A reference to it is passed down all frames of the panic.
std::optional<RustPlace> rust_place(const core::Crash& crash, std::uint64_t from, std::uint64_t to) {
    std::optional<RustPlace> found;
    for (std::uint64_t slot = from; slot < to && slot - from < most_stack; slot += 8) {
        auto place = location_at(crash.process.memory, slot);
        if (!place) continue;
        if (found && found->address != place->address) return std::nullopt;   // which of them is not known
        if (!found) found = place;
    }
    return found;
}

// The table of a `dyn`: { drop_in_place or null, size, alignment, methods... }.
bool is_table(const core::Memory& memory, std::optional<std::uint64_t> address) {
    if (!address || *address % 8 != 0) return false;
    auto is_code = [&](std::optional<std::uint64_t> word) {
        const core::Region* region = word ? memory.region_at(*word) : nullptr;
        return region != nullptr && region->executable();
    };
    auto drop = memory.word(*address);
    auto size = memory.word(*address + 8);
    auto alignment = memory.word(*address + 16);
    return drop && (*drop == 0 || is_code(drop)) && size && *size < (1 << 20) && alignment && std::has_single_bit(*alignment) &&
        *alignment <= 4096 && is_code(memory.word(*address + 24));
}

// What the panic's hook is called with, in the frame that calls it: PanicHookInfo { payload: &dyn Any, location: &Location, can_unwind:
// bool, force_no_backtrace: bool } (library/std/src/panic.rs); before Rust 1.81 with the message in front of the location, and in 1.63
// without the second of the flags. A Location by itself proves nothing: every call that may panic leaves one on the stack.
std::optional<RustPlace> hook_place(const core::Crash& crash, std::uint64_t from, std::uint64_t to) {
    const core::Memory& memory = crash.process.memory;
    for (std::uint64_t slot = from + 16; slot < to && slot - from < most_stack; slot += 8) {
        auto flags = memory.number(slot + 8, 2);
        auto is_flag = [](std::uint64_t byte) { return byte <= 1; };
        if (!flags || !is_flag(*flags & 0xff)) continue;
        auto place = location_at(memory, slot);
        if (!place) continue;
        if (is_table(memory, memory.word(slot - 16)) || (is_flag(*flags >> 8) && is_table(memory, memory.word(slot - 8)))) return place;
    }
    return std::nullopt;
}

}  // namespace

std::size_t behind_rust(core::Crash& crash, std::size_t abort, bool& allocation) {
    constexpr std::string_view aborting[] = {"14abort_internal", "7process5abort", "2rt12___rust_abort", "__rust_abort"};
    constexpr std::string_view allocating[] = {"rust_oom", "18handle_alloc_error", "__rust_alloc_error_handler",   "__rdl_oom",
                                               "__rg_oom", "5alloc7raw_vec",       "26___rust_alloc_error_handler"};
    constexpr std::string_view between[] = {"__rust_end_short_backtrace"};
    // In Rust 1.63 (library/alloc/src/alloc.rs, handle_alloc_error()) both lie between what fails and what says so.
    constexpr std::string_view selecting[] = {"17const_eval_select", "6FnOnce9call_once"};
    auto any = [&](std::size_t frame, auto& parts) {
        return std::ranges::any_of(parts, [&](std::string_view part) { return crash.function(frame).find(part) != std::string::npos; });
    };
    std::size_t last = abort;
    for (std::size_t i = abort + 1; i + 1 < crash.stack.items.size(); ++i) {
        bool fails = any(i, allocating);
        if (!fails && !any(i, aborting) && !any(i, between) && !(allocation && any(i, selecting))) break;
        allocation = allocation || fails;
        last = i;
    }
    return last;
}

std::optional<Cause> panicked(Ask ask) {
    core::Crash& crash = ask.crash;
    std::optional<std::size_t> last;
    for (std::size_t i = 0; i < crash.stack.items.size() && i < 128; ++i) {
        if (is_panic(crash.function(i))) last = i;
    }
    if (!last) return std::nullopt;
    CauseBuilder builder(RuleId::CRASH_RUST_PANIC, crash);
    builder.signal().derived(fmt::format("{} is on the stack", crash.function(*last)));
    std::size_t guilty = *last + 1;
    while (guilty < crash.stack.items.size() && is_of_library(crash.function(guilty))) ++guilty;
    // What a thread was started with may be inlined in the library's own function, and behind that is the C library.
    auto module_of = [&](std::size_t frame) { return crash.process.module_at(crash.stack.items[frame].frame.lookup_pc()); };
    bool inlined = guilty >= crash.stack.items.size() || module_of(guilty) != module_of(*last);
    if (inlined && *last + 1 < crash.stack.items.size())
        builder.derived(
            "no function but those of Rust's libraries is between the panic and the start of the thread: what panicked is inlined in them");
    builder.with("function", frame_words(crash, inlined ? *last + 1 : guilty));
    // library/core/src/panicking.rs: panic_cannot_unwind(), panic_in_cleanup().
    if (crash.function(*last).find("19panic_cannot_unwind") != std::string::npos)
        builder.derived("a panic had come to a function that lets none out (extern \"C\"): the frames that panicked first are gone");
    if (crash.function(*last).find("16panic_in_cleanup") != std::string::npos)
        builder.derived("a destructor panicked while another panic was being handled");
    // The innermost functions of the panic hold it in their frames or saved registers.
    std::uint64_t from = crash.stack.items.front().frame.sp;
    std::uint64_t to = *last + 1 < crash.stack.items.size() ? crash.stack.items[*last + 1].frame.sp : from;
    auto place = hook_place(crash, from, to);
    if (!place) place = rust_place(crash, from, to);
    if (place) {
        std::string words = place->words();
        builder.memory(place->address, 24, fmt::format("the panic's Location: {}", words)).with("place", " at " + words);
    } else {
        builder.with("place", std::string());
        builder.derived("the panic's Location was not found on the stack");
    }
    builder.reject("a signal from outside", "the process sent it to itself, in the panic's frames");
    builder.help("RUST_BACKTRACE=1 PROGRAM", finding::FixKind::environment);
    return builder.build();
}

// A stripped program: the frames behind abort() have no names, but the panic's Location is in them.
std::optional<Cause> panicked_without_names(Ask ask, std::size_t abort) {
    core::Crash& crash = ask.crash;
    if (abort + 2 >= crash.stack.items.size() || !crash.function(abort + 1).empty()) return std::nullopt;
    // abort(), what leads to it, and the function that calls the hook.
    constexpr std::size_t most_frames = 8;
    std::size_t last = std::min(abort + most_frames, crash.stack.items.size() - 1);
    auto place = hook_place(crash, crash.stack.items[abort + 1].frame.sp, crash.stack.items[last].frame.sp);
    const core::Module* module = crash.process.module_at(crash.stack.items[abort + 1].frame.lookup_pc());
    if (!place || module == nullptr) return std::nullopt;
    std::string words = place->words();
    CauseBuilder builder(RuleId::CRASH_RUST_PANIC, crash);
    builder.signal().memory(place->address, 24, fmt::format("the Location in what the panic's hook is called with: {}", words));
    builder.with("function", fmt::format("a function of {}, which has no names,", module->name())).with("place", " at " + words);
    builder.confidence(Confidence::likely, "the frames between it and abort() have no names");
    builder.reject("a signal from outside", "the process sent it to itself, in abort()");
    builder.help("RUST_BACKTRACE=1 PROGRAM", finding::FixKind::environment);
    return builder.build();
}

}  // namespace abiscope::rules
